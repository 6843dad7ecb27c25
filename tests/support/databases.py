"""Databases for tests: one migrated template per engine and run, copied for each test."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from campaigns.storage.engine import Database
from campaigns.storage.migrate import upgrade
from campaigns.storage.vault import set_first_epoch
from tests.support.postgres import Cluster
from tests.support.session_folder import locked

EngineName = Literal["sqlite", "postgresql"]
TEMPLATE = "template_paigham"


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
    """The address of a database with every table and no data, gone when the block ends."""
    if engine == "sqlite":
        copy = folder / "paigham.db"
        shutil.copyfile(_sqlite_template(session_folder), copy)
        yield f"sqlite:///{copy}"
        return
    server, name = cluster(session_folder), f"test_{secrets.token_hex(6)}"
    with locked(session_folder / "template.lock"):
        if not server.exists(TEMPLATE):
            server.create(f"{TEMPLATE}_half")
            migrate(server.url(f"{TEMPLATE}_half"))
            server.create(TEMPLATE, template=f"{TEMPLATE}_half")
    server.create(name, template=TEMPLATE)
    try:
        yield server.url(name)
    finally:
        server.drop(name)


def _sqlite_template(session_folder: Path) -> Path:
    template = session_folder / f"{TEMPLATE}.db"
    with locked(session_folder / "sqlite.lock"):
        if not template.exists():
            half_made = template.with_suffix(".half")
            migrate(f"sqlite:///{half_made}")
            half_made.rename(template)
    return template
