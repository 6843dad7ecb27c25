"""Runs: one gathering of each kind of feedback is open at any time; when it is due, and what it will be labelled."""

from datetime import datetime, time, timedelta
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.listening.keys import newest_key, sealing_key
from campaigns.listening.run_keys import RunKeys
from campaigns.listening.sealing import Kind
from campaigns.listening.shelf import STAGING, ShelfRun
from campaigns.programme.programme import Programme, the_programme

WEEK_HOLDS = timedelta(days=14)


class RunState(Enum):
    """What this machine knows of the open run of a kind."""

    NONE = "none"
    HELD = "held"
    KEY_NOT_HERE = "key not here"


def open_run(session: Session, kind: Kind) -> ShelfRun | None:
    """The run that gathers this kind."""
    statement = select(ShelfRun).where(ShelfRun.closed.is_(False), ShelfRun.kind == kind)
    return session.scalars(statement).one_or_none()


def gathered(session: Session, kind: Kind) -> int:
    """How many items of this kind wait."""
    return session.scalar(select(func.count()).select_from(STAGING[kind])) or 0


def has_older_key(session: Session, kind: Kind, now: datetime) -> bool:
    """Whether nobody waits and a newer key does: a new run takes it up, and the old key may be destroyed."""
    return gathered(session, kind) == 0 and sealing_key(session, now, kind) != newest_key(session)


def run_state(session: Session, runtime: Path, kind: Kind = Kind.TEXT) -> tuple[RunState, bytes]:
    """Whether a run is open and its key here, and the run's public key (empty when none is open). Cheap."""
    run = open_run(session, kind)
    if run is None:
        return RunState.NONE, b""
    return (RunState.HELD if RunKeys(runtime).holds(run.public) else RunState.KEY_NOT_HERE), run.public


def is_due(session: Session, runtime: Path, now: datetime, kind: Kind = Kind.TEXT) -> bool:
    """Whether `shelve` should look now: once a day from the programme's hour on; in training every so many seconds.

    Once a day whatever comes of it: shelving as soon as the pool is large enough would date its last item.
    """
    programme = the_programme(session)
    run = open_run(session, kind)
    if run is None:
        return True
    if programme.shelve_every_seconds is not None:
        ripe = now >= run.opened + timedelta(seconds=programme.shelve_every_seconds)
        enough = gathered(session, kind) >= programme.shelve_least
        return ripe and (enough or has_older_key(session, kind, now))
    local = now.astimezone(ZoneInfo(programme.zone))
    return local.hour >= programme.shelve_at_hour and not RunKeys(runtime).looked_on(local.date(), kind)


def next_shelving(programme: Programme, now: datetime) -> datetime:
    """When the programme's fixed hour comes next, in its zone; for pages. In training quicker than that."""
    local = now.astimezone(ZoneInfo(programme.zone))
    today = datetime.combine(local.date(), time(programme.shelve_at_hour), local.tzinfo)
    return today if local < today else today + timedelta(days=1)


def label_of(programme: Programme, run: ShelfRun, now: datetime) -> str:
    """The ISO week ("2026-W47") of the last day of gathering, or its month ("2026-11") after a long wait."""
    zone = ZoneInfo(programme.zone)
    last_day = max(run.opened.astimezone(zone).date(), now.astimezone(zone).date() - timedelta(days=1))
    if now - run.opened > WEEK_HOLDS:
        return last_day.strftime("%Y-%m")
    year, week, _ = last_day.isocalendar()
    return f"{year}-W{week:02}"


def day_of(programme: Programme, now: datetime) -> datetime:
    """The start of the programme's day: times of this room are no finer."""
    local = now.astimezone(ZoneInfo(programme.zone))
    return datetime.combine(local.date(), time(), local.tzinfo)
