"""Granting a line's time: how many parts or calls of its present second one claim may take.

It lies in the database and is taken in the claim's own transaction, so that a wiped Redis is no burst.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.calling import calls_in_progress
from campaigns.outreach.campaigns import Campaign, Kind, Means, Wording
from campaigns.programme.lines import Line

SECOND = timedelta(seconds=1)
LARGEST_SLICE = 500  # rows; a line without a limit of its own is still claimed in slices that can be stopped
ROUNDING = 1e-6  # parts; ten tenths of a second are a second
NO_LIMIT = 0


@dataclass(frozen=True)
class Grant:
    """How many rows may be claimed of a line's present second, and from when they are spread."""

    rows: int
    starts_at: datetime
    rate: int


def grant_of_line(session: Session, campaign: Campaign, now: datetime) -> Grant | None:
    """What may be claimed of the campaign's line now; None when it is paused or has no time left. Holds the line."""
    statement = select(Line).where(Line.id == campaign.line_id, Line.paused_at.is_(None))
    line = session.scalars(
        statement.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if line is None:
        return None
    if campaign.channel == Means.CALL:
        return _grant_of_calls(session, line, campaign, now)
    if line.parts_per_second == NO_LIMIT:
        return Grant(LARGEST_SLICE, now, NO_LIMIT)
    starts_at = max(now, line.free_at)
    parts_left = int((now + SECOND - starts_at) / SECOND * line.parts_per_second + ROUNDING)
    longest = session.scalars(
        select(func.max(Wording.parts)).where(Wording.campaign_id == campaign.id)
    ).one_or_none()
    rows = parts_left // max(longest or 1, 1)
    if rows < 1 and line.free_at > now:
        return None
    return Grant(min(max(rows, 1), LARGEST_SLICE), starts_at, line.parts_per_second)


def _grant_of_calls(session: Session, line: Line, campaign: Campaign, now: datetime) -> Grant | None:
    """The line is held by this transaction, so no other claim counts the same free seats. Call-backs go one by one:
    the last money of a day is spent, and what is too much is not claimed."""
    starts_at = max(now, line.calls_free_at or now)
    left = int((now + SECOND - starts_at) / SECOND * line.calls_per_second + ROUNDING)
    rows = min(left, line.calls_at_once - calls_in_progress(session, line.id))
    if campaign.kind == Kind.ANSWERS:
        rows = min(rows, 1)
    return Grant(rows, starts_at, line.calls_per_second) if rows > 0 else None


def use_up(line: Line, campaign: Campaign, grant: Grant, load: int) -> None:
    """Take so many parts or calls of the granted time."""
    if grant.rate == NO_LIMIT:
        return
    ends = grant.starts_at + load * SECOND / grant.rate
    if campaign.channel == Means.CALL:
        line.calls_free_at = ends
    else:
        line.free_at = ends
