"""Databases for tests: one migrated template per engine and run, copied for each test."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from campaigns.storage.engine import Database
from campaigns.storage.migrate import upgrade
from campaigns.storage.vault import set_first_epoch
from tests.support.emptying import emptied_database
from tests.support.postgres import Cluster
from tests.support.session_folder import locked

EngineName = Literal["sqlite", "postgresql"]
MIGRATED = "migrated"
_known: set[tuple[EngineName, str]] = set()  # templates that this process saw whole


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema and record that its rows are made with the first keys."""
    database = Database(url)
    try:
        upgrade(database)
        with database.writing() as session:
            set_first_epoch(session)
    finally:
        database.dispose()


def cluster(session_folder: Path) -> Cluster:
    """The run's PostgreSQL; whichever worker asks first starts it."""
    found = Cluster(session_folder / "pg")
    with locked(session_folder / "pg.lock"):
        if not found.folder.exists():
            found.start()
    return found


@contextmanager
def empty_database(engine: EngineName, session_folder: Path, folder: Path) -> Iterator[str]:
    """The address of a database without tables, gone when the block ends."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'empty.db'}"
        return
    server, name = cluster(session_folder), f"test_{secrets.token_hex(6)}"
    server.create(name)
    try:
        yield server.url(name)
    finally:
        server.drop(name)


@contextmanager
def migrated_database(engine: EngineName, session_folder: Path, folder: Path) -> Iterator[str]:
    """The address of a database with every table and no data; nobody else's while the block runs."""
    if engine == "postgresql":
        _ensure_template(engine, session_folder, MIGRATED, migrate)
        with emptied_database(cluster(session_folder), MIGRATED) as url:
            yield url
        return
    with copied_database(engine, session_folder, folder, MIGRATED, migrate) as url:
        yield url


@contextmanager
def copied_database(
    engine: EngineName, session_folder: Path, folder: Path, template: str, make: Callable[[str], None]
) -> Iterator[str]:
    """The address of a copy of `template`, which `make` fills once per run; the copy is gone when the block ends."""
    _ensure_template(engine, session_folder, template, make)
    if engine == "sqlite":
        shutil.copyfile(session_folder / f"{template}.db", folder / "paigham.db")
        yield f"sqlite:///{folder / 'paigham.db'}"
        return
    server, name = cluster(session_folder), f"test_{secrets.token_hex(6)}"
    server.create(name, template=template)
    try:
        yield server.url(name)
    finally:
        server.drop(name)


def _ensure_template(
    engine: EngineName, session_folder: Path, template: str, make: Callable[[str], None]
) -> None:
    """Let whichever process asks first fill the template; the others wait for it."""
    if (engine, template) not in _known:
        with locked(session_folder / f"{template}-{engine}.lock"):
            _fill_template(engine, session_folder, template, make)
        _known.add((engine, template))


def _fill_template(
    engine: EngineName, session_folder: Path, template: str, make: Callable[[str], None]
) -> None:
    """Fill the template under another name and rename it when it is whole."""
    if engine == "sqlite":
        whole = session_folder / f"{template}.db"
        if not whole.exists():
            half_made = whole.with_suffix(".half")
            half_made.unlink(missing_ok=True)
            make(f"sqlite:///{half_made}")
            half_made.rename(whole)
        return
    server = cluster(session_folder)
    if not server.exists(template):
        server.drop(f"{template}_half")
        server.create(f"{template}_half")
        make(server.url(f"{template}_half"))
        server.create(template, template=f"{template}_half")
