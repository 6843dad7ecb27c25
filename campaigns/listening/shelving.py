"""Shelving: what was gathered of one kind is mixed, and comes to the shelf together or not at all.

The outer key of a run lies in a memory-backed folder of the clock's machine and nowhere else; it dies with the
shelving. After that staging, its pages, its log and its backups are noise, and the order of arrival is gone.
A run is never shelved with fewer than `programme.shelve_least` items (promise 5): a small pool waits, and once
it has waited for 14 days its label is the month instead of the week.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaigns.listening.run_keys import RunKeys
from campaigns.listening.runs import day_of, gathered, has_older_key, label_of, open_run
from campaigns.listening.sealing import BoxUnreadable, InnerBox, Kind, open_outer
from campaigns.listening.shelf import STAGING, Shelf, ShelfRun
from campaigns.programme.programme import Programme, the_programme
from campaigns.staff import audit
from campaigns.storage.columns import new_rid
from campaigns.storage.engine import BUSY_TIMEOUT_MS, Database, dialect_of

LOCK_NOT_AVAILABLE = "55P03"
LOG_WAIT_MS = 100


@dataclass(frozen=True)
class Shelved:
    """What came of one shelving.

    `count` items came to the shelf; `waiting`: the pool is too small yet and stays;
    `lost`: the run's key was gone, and with it what had been gathered; `unreadable`: boxes nobody had sealed.
    """

    count: int = 0
    waiting: bool = False
    lost: bool = False
    unreadable: int = 0


class TableBusy(Exception):
    """Something long, such as a dump, holds the staging table; trying again later does no harm."""


def open_first_run(session: Session, runtime: Path, now: datetime) -> bool:
    """Open a gathering of each kind that has none; whether it did. Idempotent, safe beside other clocks.

    Raises TableBusy.
    """
    _lock_staging(session, *Kind)
    missing = [kind for kind in Kind if open_run(session, kind) is None]
    for kind in missing:
        _open_next(session, kind, the_programme(session), RunKeys(runtime), now)
    return bool(missing)


def destroy_stale_keys(database: Database, runtime: Path) -> None:
    """Destroy the keys of ended runs that a killed process left; the clock calls it when it starts."""
    with database.writing() as session:
        _lock_staging(session, *Kind)
        runs = [open_run(session, kind) for kind in Kind]
        RunKeys(runtime).sweep(keep=[run.public for run in runs if run is not None])


def shelve(database: Database, runtime: Path, *, now: datetime, kind: Kind = Kind.TEXT) -> Shelved:
    """Bring what was gathered of a kind to the shelf, mixed, in one transaction; begin the next run; destroy the key.

    Commits. If the open run's key is not in `runtime` the pool is lost: that is said (`lost`), written to the
    audit trail, and a new run is opened. Feedback that arrives meanwhile waits and is sealed to the new run.
    Raises TableBusy: nothing happened, try later.
    """
    keys = RunKeys(runtime)
    with database.writing() as session:
        outcome, ended = _shelve(session, kind, keys, now)
        local_day = now.astimezone(ZoneInfo(the_programme(session).zone)).date()
    keys.mark_looked(local_day, kind)
    if ended:
        keys.destroy(ended)
        if database.dialect == "sqlite":
            _empty_log(database)
    return outcome


def _shelve(session: Session, kind: Kind, keys: RunKeys, now: datetime) -> tuple[Shelved, bytes | None]:
    """What came of it, and the public key of the run that ended."""
    _lock_staging(session, kind)
    programme = the_programme(session)
    run = open_run(session, kind)
    if run is None:
        _open_next(session, kind, programme, keys, now)
        return Shelved(), None
    private = keys.read(run.public)
    if private is None:
        return _give_up(session, programme, run, keys, now), run.public
    if has_older_key(session, kind, now):
        _close(session, programme, run, keys, now)
        return Shelved(), run.public
    if gathered(session, kind) < programme.shelve_least:
        return Shelved(waiting=True), None
    items, unreadable = _opened(session, kind, private)
    if len(items) < programme.shelve_least:
        return Shelved(waiting=True, unreadable=unreadable), None
    # Without this the shelf would keep the order of arrival: in its pages, and in the log of its inserts.
    secrets.SystemRandom().shuffle(items)
    label = label_of(programme, run, now)
    session.execute(insert(Shelf), [_row(item, label) for item in items])
    _close(session, programme, run, keys, now)
    return Shelved(count=len(items), unreadable=unreadable), run.public


def _give_up(session: Session, programme: Programme, run: ShelfRun, keys: RunKeys, now: datetime) -> Shelved:
    lost = gathered(session, Kind(run.kind)) > 0
    if lost:
        audit.record(
            session, None, "gathered feedback lost", f"shelf_run:{run.n}", now=day_of(programme, now)
        )
    _close(session, programme, run, keys, now)
    return Shelved(lost=lost)


def _close(session: Session, programme: Programme, run: ShelfRun, keys: RunKeys, now: datetime) -> None:
    kind = Kind(run.kind)
    _empty_staging(session, kind)
    run.closed = True
    session.flush()
    _open_next(session, kind, programme, keys, now)


def _open_next(session: Session, kind: Kind, programme: Programme, keys: RunKeys, now: datetime) -> None:
    """Insert the next run, its private key on this machine before anybody can seal to the public one."""
    public = keys.make()
    number = (session.scalar(select(func.max(ShelfRun.n))) or 0) + 1
    opened = now if programme.shelve_every_seconds is not None else day_of(programme, now)
    session.add(ShelfRun(n=number, kind=int(kind), public=public, opened=opened, closed=False))
    session.flush()


def _opened(session: Session, kind: Kind, private: X25519PrivateKey) -> tuple[list[InnerBox], int]:
    items: list[InnerBox] = []
    unreadable = 0
    for box in session.scalars(select(STAGING[kind].box)):
        try:
            items.append(open_outer(box, private))
        except BoxUnreadable:
            unreadable += 1
    return items, unreadable


def _row(item: InnerBox, label: str) -> dict[str, object]:
    return {
        "rid": new_rid(),
        "bucket": label,
        "kind": item.kind.name.lower(),
        "box": item.box,
        "key_id": item.key_id,
    }


def _lock_staging(session: Session, *kinds: Kind) -> None:
    """Keep writers out of the staging of these kinds until the end; on SQLite the writer's lock already does.

    Before reading: what is inserted between a read and a TRUNCATE would be gone unread. Two seconds at most, as
    feedback queues up behind a waiting lock.
    """
    if dialect_of(session) != "postgresql":
        return
    session.execute(text("SET LOCAL lock_timeout = '2s'"))
    tables = ", ".join(STAGING[kind].__tablename__ for kind in kinds)
    try:
        session.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise TableBusy from None
        raise


def _empty_staging(session: Session, kind: Kind) -> None:
    table = STAGING[kind]
    if dialect_of(session) == "postgresql":
        session.execute(
            text(f"TRUNCATE {table.__tablename__}")
        )  # deleted rows would stay readable on their pages
    else:
        session.execute(delete(table))  # zeroed by secure_delete


def _empty_log(database: Database) -> None:
    """Cut SQLite's write-ahead log to nothing; a reader may keep it until the next time, and it holds only noise.

    Waits for readers only briefly: while it waits, nobody can write.
    """
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {LOG_WAIT_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    finally:
        connection.close()
