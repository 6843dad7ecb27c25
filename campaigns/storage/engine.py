"""How rooms reach the database: `reading()`, `writing()` and the gate, alike on SQLite and PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session

# Any constant will do; it must only be the same in every process.
GATE_KEY = 7_245_110_371
BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 16_384
ASK_AGAIN_MS = 2

Dialect = Literal["sqlite", "postgresql"]


class Database:
    """One database, SQLite or PostgreSQL, with the traps of both closed.

    Parameters never appear in errors or logs (`hide_parameters`). Connections are opened when first needed, so
    a process may fork before its first use; call `dispose()` in a child that forked later.
    """

    def __init__(self, url: str, *, pool_size: int = 8, lock_wait_ms: int = BUSY_TIMEOUT_MS) -> None:
        """Take `sqlite:///path` or `postgresql://…`; nothing is opened yet. Raises ValueError for another kind.

        `lock_wait_ms`: how long SQLite waits for another writer before it gives up.
        """
        self.url = make_url(url)
        backend = self.url.get_backend_name()
        if backend not in ("sqlite", "postgresql"):
            raise ValueError("the database must be sqlite or postgresql")
        self.dialect = cast(Dialect, backend)
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(
                self.url, pool_size, begin="BEGIN IMMEDIATE", query_only=False, lock_wait_ms=lock_wait_ms
            )
            self._reader = _sqlite_engine(
                self.url, pool_size, begin="BEGIN", query_only=True, lock_wait_ms=lock_wait_ms
            )
        else:
            self._writer = create_engine(
                self.url,
                hide_parameters=True,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_pre_ping=True,
            )
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    @property
    def engine(self) -> Engine:
        """The engine that may write; for migrations and bulk tools, not for rooms."""
        return self._writer

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only looks: deferred on SQLite, so that it never holds the writer's lock; it cannot write."""
        with Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session  # closing ends the transaction; rolling back would empty the objects that were read

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that changes something; commits when the block ends well, else nothing of it remains.

        On SQLite the write lock is taken by the first statement (`BEGIN IMMEDIATE`): a transaction that reads
        and then writes cannot lose another's update, and that lock is the gate.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def dispose(self, *, close: bool = True) -> None:
        """Forget pooled connections; with `close=False` (in a forked child) without touching the parent's sockets."""
        self._writer.dispose(close=close)
        if self._reader is not self._writer:
            self._reader.dispose(close=close)


def _sqlite_engine(url: Any, pool_size: int, *, begin: str, query_only: bool, lock_wait_ms: int) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_size=pool_size, max_overflow=pool_size)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own transaction handling begins too late and loses updates between processes.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {lock_wait_ms}",
            "journal_mode = WAL",
            "synchronous = NORMAL",
            "foreign_keys = ON",
            "secure_delete = ON",
            "trusted_schema = OFF",
            "temp_store = MEMORY",
            f"cache_size = -{CACHE_KIB}",
            f"query_only = {'ON' if query_only else 'OFF'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if query_only or not _takes_the_lock(connection, begin, lock_wait_ms):
            connection.exec_driver_sql(begin)

    return engine


def _takes_the_lock(connection: Connection, begin: str, lock_wait_ms: int) -> bool:
    """Wait for the write lock by asking every other millisecond; False when it was not to be had in time.

    Left to itself SQLite asks at ever longer intervals, up to a tenth of a second, and whoever writes piece after
    piece takes the lock again in between: a person's text then waits many times longer than any piece lasts.
    """
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    deadline = time.monotonic() + lock_wait_ms / 1000
    driver.execute(f"PRAGMA busy_timeout = {ASK_AGAIN_MS}")
    try:
        while True:
            try:
                driver.execute(begin)
                return True
            except sqlite3.OperationalError as trouble:
                if trouble.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    return False
    finally:
        driver.execute(f"PRAGMA busy_timeout = {lock_wait_ms}")


def dialect_of(session: Session) -> Dialect:
    """Which engine this session talks to; for the few statements that differ."""
    return cast(Dialect, session.get_bind().dialect.name)


def gate_shared(session: Session) -> None:
    """Let this transaction claim, as long as nobody who must stop sending is at work. Call it first.

    On PostgreSQL the lock is a statement of its own, so the snapshot of the next statement is newer than any
    STOP that held the gate; on SQLite the write lock of `writing()` is the gate already.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock_shared(:gate)"), {"gate": GATE_KEY})


def gate_exclusive(session: Session) -> None:
    """Keep every claim out until this transaction ends: for STOP, pause, halt and revoked approval, kept short."""
    if dialect_of(session) == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:gate)"), {"gate": GATE_KEY})
