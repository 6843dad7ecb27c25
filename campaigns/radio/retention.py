"""How long clips are kept: seven days when they are not used, else until a month after the season, half a year at most.

Then sound, words and names go; a row without them counts the clip for two years.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.radio.clips import Clip, ClipState, strip
from campaigns.radio.shows import Show, day_of

REJECTED_FOR = timedelta(days=7)
AFTER_SEASON = timedelta(days=30)
AT_MOST = timedelta(days=182)
COUNTED_FOR = timedelta(days=730)


def last_day(clip: Clip, season_ends: date | None) -> date:
    """The last day on which the clip's sound may lie here."""
    came = date.fromisocalendar(int(clip.week[:4]), int(clip.week[-2:]), 7)
    longest = came + AT_MOST
    if clip.state == ClipState.REJECTED and clip.decided_on is not None:
        return min(longest, clip.decided_on + REJECTED_FOR)
    if season_ends is not None and came <= season_ends:
        return min(longest, season_ends + AFTER_SEASON)
    return longest


def has_old_clips(session: Session, *, now: datetime) -> bool:
    """Whether any clip's time is over; a reading session is enough."""
    today = day_of(session, now)
    return any(last_day(clip, ends) < today for clip, ends in _with_sound(session))


def forget_old_clips(session: Session, *, now: datetime) -> int:
    """Delete sound, words and names of clips whose time is over, and the rows of two years ago; returns how many."""
    today = day_of(session, now)
    over = [clip for clip, ends in _with_sound(session) if last_day(clip, ends) < today]
    for clip in over:
        strip(session, clip)
        clip.code_mark = None
    for clip in session.scalars(select(Clip).where(Clip.week < _week(today - COUNTED_FOR))):
        session.delete(clip)
    session.flush()
    return len(over)


def _with_sound(session: Session) -> list[tuple[Clip, date | None]]:
    statement = select(Clip, Show.season_ends).join(Show, Show.id == Clip.show_id)
    return [(clip, ends) for clip, ends in session.execute(statement.where(Clip.box.is_not(None)))]


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
