"""Shelving: what was gathered is mixed, and comes to the shelf together or not at all.

The outer key of a run lies in a memory-backed folder of the clock's machine and nowhere else; it dies with the
shelving. After that staging, its pages, its log and its backups are noise, and the order of arrival is gone.
A run is never shelved with fewer than `programme.shelve_least` items (promise 5): a small pool waits, and once
it has waited for 14 days its label is the month instead of the week.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from campaigns.listening.run_keys import RunKeys
from campaigns.listening.sealing import BoxUnreadable, InnerBox, open_outer
from campaigns.listening.shelf import Shelf, ShelfRun, Staging
from campaigns.programme.programme import Programme, the_programme
from campaigns.staff import audit
from campaigns.storage.columns import new_rid
from campaigns.storage.engine import BUSY_TIMEOUT_MS, Database, dialect_of

WEEK_HOLDS = timedelta(days=14)
LOCK_NOT_AVAILABLE = "55P03"
LOG_WAIT_MS = 100


class RunState(Enum):
    """What this machine knows of the open run."""

    NONE = "none"
    HELD = "held"
    KEY_NOT_HERE = "key not here"


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
    """Open a gathering if none is open; whether it did. Idempotent, safe beside other clocks.

    Raises TableBusy.
    """
    _lock_staging(session)
    if _open_run(session) is not None:
        return False
    _open_next(session, the_programme(session), RunKeys(runtime), now)
    return True


def run_state(session: Session, runtime: Path) -> tuple[RunState, bytes]:
    """Whether a run is open and its key here, and the run's public key (empty when none is open). Cheap."""
    run = _open_run(session)
    if run is None:
        return RunState.NONE, b""
    return (RunState.HELD if RunKeys(runtime).holds(run.public) else RunState.KEY_NOT_HERE), run.public


def is_due(session: Session, runtime: Path, now: datetime) -> bool:
    """Whether `shelve` should look now: once a day from the programme's hour on; in training every so many seconds.

    Once a day whatever comes of it: shelving as soon as the pool is large enough would date its last item.
    """
    programme = the_programme(session)
    run = _open_run(session)
    if run is None:
        return True
    if programme.shelve_every_seconds is not None:
        ripe = now >= run.opened + timedelta(seconds=programme.shelve_every_seconds)
        return ripe and _gathered(session) >= programme.shelve_least
    local = now.astimezone(ZoneInfo(programme.zone))
    return local.hour >= programme.shelve_at_hour and not RunKeys(runtime).looked_on(local.date())


def destroy_stale_keys(database: Database, runtime: Path) -> None:
    """Destroy the keys of ended runs that a killed process left; the clock calls it when it starts."""
    with database.writing() as session:
        _lock_staging(session)
        run = _open_run(session)
        RunKeys(runtime).sweep(keep=run.public if run else b"")


def next_shelving(programme: Programme, now: datetime) -> datetime:
    """When the programme's fixed hour comes next, in its zone; for pages. In training quicker than that."""
    local = now.astimezone(ZoneInfo(programme.zone))
    today = datetime.combine(local.date(), time(programme.shelve_at_hour), local.tzinfo)
    return today if local < today else today + timedelta(days=1)


def shelve(database: Database, runtime: Path, *, now: datetime) -> Shelved:
    """Bring what was gathered to the shelf, mixed, in one transaction; open the next run; destroy the old key.

    Commits. If the open run's key is not in `runtime` the pool is lost: that is said (`lost`), written to the
    audit trail, and a new run is opened. Feedback that arrives meanwhile waits and is sealed to the new run.
    Raises TableBusy: nothing happened, try later.
    """
    keys = RunKeys(runtime)
    with database.writing() as session:
        outcome, ended = _shelve(session, keys, now)
        local_day = now.astimezone(ZoneInfo(the_programme(session).zone)).date()
    keys.mark_looked(local_day)
    if ended:
        keys.destroy(ended)
        if database.dialect == "sqlite":
            _empty_log(database)
    return outcome


def _shelve(session: Session, keys: RunKeys, now: datetime) -> tuple[Shelved, bytes | None]:
    """What came of it, and the public key of the run that ended."""
    _lock_staging(session)
    programme = the_programme(session)
    run = _open_run(session)
    if run is None:
        _open_next(session, programme, keys, now)
        return Shelved(), None
    private = keys.read(run.public)
    if private is None:
        return _give_up(session, programme, run, keys, now), run.public
    if _gathered(session) < programme.shelve_least:
        return Shelved(waiting=True), None
    items, unreadable = _opened(session, private)
    if len(items) < programme.shelve_least:
        return Shelved(waiting=True, unreadable=unreadable), None
    # Without this the shelf would keep the order of arrival: in its pages, and in the log of its inserts.
    secrets.SystemRandom().shuffle(items)
    label = _label(programme, run, now)
    session.execute(insert(Shelf), [_row(item, label) for item in items])
    _close(session, programme, run, keys, now)
    return Shelved(count=len(items), unreadable=unreadable), run.public


def _give_up(session: Session, programme: Programme, run: ShelfRun, keys: RunKeys, now: datetime) -> Shelved:
    lost = _gathered(session) > 0
    if lost:
        audit.record(session, None, "gathered feedback lost", f"shelf_run:{run.n}", now=_day(programme, now))
    _close(session, programme, run, keys, now)
    return Shelved(lost=lost)


def _close(session: Session, programme: Programme, run: ShelfRun, keys: RunKeys, now: datetime) -> None:
    _empty_staging(session)
    run.closed = True
    session.flush()
    _open_next(session, programme, keys, now)


def _open_next(session: Session, programme: Programme, keys: RunKeys, now: datetime) -> None:
    """Insert the next run, its private key on this machine before anybody can seal to the public one."""
    public = keys.make()
    number = (session.scalar(select(func.max(ShelfRun.n))) or 0) + 1
    opened = now if programme.shelve_every_seconds is not None else _day(programme, now)
    session.add(ShelfRun(n=number, public=public, opened=opened, closed=False))
    session.flush()


def _open_run(session: Session) -> ShelfRun | None:
    return session.scalars(select(ShelfRun).where(ShelfRun.closed.is_(False))).one_or_none()


def _gathered(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Staging)) or 0


def _opened(session: Session, private: X25519PrivateKey) -> tuple[list[InnerBox], int]:
    items: list[InnerBox] = []
    unreadable = 0
    for box in session.scalars(select(Staging.box)):
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


def _label(programme: Programme, run: ShelfRun, now: datetime) -> str:
    """The ISO week ("2026-W47") of the last day of gathering, or its month ("2026-11") after a long wait."""
    zone = ZoneInfo(programme.zone)
    last_day = max(run.opened.astimezone(zone).date(), now.astimezone(zone).date() - timedelta(days=1))
    if now - run.opened > WEEK_HOLDS:
        return last_day.strftime("%Y-%m")
    year, week, _ = last_day.isocalendar()
    return f"{year}-W{week:02}"


def _day(programme: Programme, now: datetime) -> datetime:
    """The start of the programme's day: times of this room are no finer."""
    local = now.astimezone(ZoneInfo(programme.zone))
    return datetime.combine(local.date(), time(), local.tzinfo)


def _lock_staging(session: Session) -> None:
    """Keep writers out of staging until the end; on SQLite the writer's lock already does.

    Before reading: what is inserted between a read and a TRUNCATE would be gone unread. Two seconds at most, as
    feedback queues up behind a waiting lock.
    """
    if dialect_of(session) != "postgresql":
        return
    session.execute(text("SET LOCAL lock_timeout = '2s'"))
    try:
        session.execute(text("LOCK TABLE staging IN ACCESS EXCLUSIVE MODE"))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise TableBusy from None
        raise


def _empty_staging(session: Session) -> None:
    if dialect_of(session) == "postgresql":
        session.execute(text("TRUNCATE staging"))  # deleted rows would stay readable on their pages
    else:
        session.execute(delete(Staging))  # zeroed by secure_delete


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
