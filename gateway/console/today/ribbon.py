"""The day as one ribbon: when a text may go, what goes when, and now. Minutes of the programme's local day."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, Means, Opening, State, wordings_of
from campaigns.outreach.checks import most_parts
from campaigns.outreach.forecast import calls_a_second
from campaigns.outreach.progress import progress_of
from campaigns.programme.calendars import (
    FRIDAY,
    PRAYER_FROM,
    PRAYER_TO,
    ClosedDay,
    WeeklyHours,
    Window,
    windows,
)
from campaigns.programme.lines import Line

FIRST, LAST = 8 * 60, 21 * 60
LEAST_WIDTH = 20  # minutes: a bar that can be seen


class Hours(StrEnum):
    """What a stretch of the day is."""

    OPEN = "open"
    CLOSED = "closed"
    PRAYER = "prayer"
    MOURNING = "mourning"


class Bar(StrEnum):
    """How a campaign's stretch is drawn."""

    DONE = "done"
    FORECAST = "forecast"
    SCHEDULED = "scheduled"
    UNAPPROVED = "unapproved"


@dataclass(frozen=True)
class Stretch:
    """A part of the day, in minutes since midnight."""

    kind: Hours
    start: int
    end: int


@dataclass(frozen=True)
class CampaignBar:
    """One stretch of one campaign's row."""

    kind: Bar
    start: int
    end: int


@dataclass(frozen=True)
class Day:
    """Today: its bounds as instants, its stretches, and now in minutes."""

    starts: datetime
    ends: datetime
    stretches: tuple[Stretch, ...]
    windows: tuple[Window, ...]
    now: int

    def minute(self, moment: datetime) -> int:
        """An instant as a minute of this day; before and after are cut to its edges."""
        return max(0, min(24 * 60, int((moment - self.starts).total_seconds() // 60)))


def day_of(session: Session, zone: ZoneInfo, now: datetime) -> Day:
    """The programme's usual hours today: its default week without the days closed everywhere."""
    local = now.astimezone(zone)
    starts = datetime.combine(local.date(), time(0), zone)
    ends = starts + timedelta(days=1)
    closed = list(session.scalars(select(ClosedDay).where(ClosedDay.place_id.is_(None))))
    open_windows = tuple(
        windows(WeeklyHours.default(), zone, starts.astimezone(UTC), ends.astimezone(UTC), closed)
    )
    mourning = any(row.from_day <= local.date() <= row.to_day for row in closed)
    empty = Day(starts, ends, (), open_windows, local.hour * 60 + local.minute)
    return Day(starts, ends, tuple(_stretches(empty, mourning=mourning)), open_windows, empty.now)


def bars_of(session: Session, campaign: Campaign, day: Day, now: datetime) -> list[CampaignBar]:
    """What a campaign did and will do today; nothing when today is not its day."""
    state = State(campaign.state)
    starts = campaign.launched_at or campaign.starts_at
    if starts is None or starts >= day.ends:
        return []
    if state is State.SUBMITTED:
        return _within(day, Bar.UNAPPROVED, starts, starts + timedelta(minutes=30))
    ends = min(filter(None, (campaign.ends_at, campaign.finished_at, day.ends)))
    ahead = _openings(session, campaign, max(starts, now), ends)
    if state is State.SCHEDULED:
        return [bar for window in ahead for bar in _within(day, Bar.SCHEDULED, window.opens, window.closes)]
    done = _within(day, Bar.DONE, starts, min(now, ends))
    if state is not State.RUNNING:
        return done
    return done + _forecast(day, ahead, _time_left(session, campaign))


def _forecast(day: Day, ahead: list[Window], left: timedelta) -> list[CampaignBar]:
    """The windows ahead, as far as the texts that are left fill them."""
    bars: list[CampaignBar] = []
    for window in ahead:
        if left <= timedelta():
            break
        bars += _within(day, Bar.FORECAST, window.opens, min(window.closes, window.opens + left))
        left -= window.closes - window.opens
    return bars


def _time_left(session: Session, campaign: Campaign) -> timedelta:
    """How long the line takes for what is to go, if every text had the longest wording's parts; from tallies.

    Of a call: for one ring of everybody who is to be rung yet.
    """
    line, to_go = session.get_one(Line, campaign.line_id), progress_of(session, campaign.id).to_go
    if campaign.channel == Means.CALL:
        return timedelta(seconds=to_go / calls_a_second(session, campaign, line))
    rate = line.parts_per_second
    parts = to_go * max(1, most_parts(wordings_of(session, campaign.id)))
    return timedelta(seconds=parts / rate) if rate else timedelta(minutes=1 if parts else 0)


def _stretches(day: Day, *, mourning: bool) -> list[Stretch]:
    found: list[Stretch] = []
    at = FIRST
    for window in day.windows:
        opens, closes = max(FIRST, day.minute(window.opens)), min(LAST, day.minute(window.closes))
        if opens > at:
            found.append(Stretch(_shut(day, at, opens, mourning=mourning), at, opens))
        if closes > opens:
            found.append(Stretch(Hours.OPEN, opens, closes))
            at = closes
    if at < LAST:
        found.append(Stretch(_shut(day, at, LAST, mourning=mourning), at, LAST))
    return found


def _shut(day: Day, start: int, end: int, *, mourning: bool) -> Hours:
    if mourning:
        return Hours.MOURNING
    prayer = (PRAYER_FROM.hour * 60 + PRAYER_FROM.minute, PRAYER_TO.hour * 60 + PRAYER_TO.minute)
    return Hours.PRAYER if day.starts.weekday() == FRIDAY and (start, end) == prayer else Hours.CLOSED


def _openings(session: Session, campaign: Campaign, start: datetime, end: datetime) -> list[Window]:
    rows = session.execute(
        select(Opening.opens_at, Opening.closes_at)
        .where(Opening.campaign_id == campaign.id, Opening.closes_at > start, Opening.opens_at < end)
        .distinct()
        .order_by(Opening.opens_at)
    )
    joined: list[Window] = []
    for opens, closes in rows:
        opens, closes = max(opens, start), min(closes, end)
        if joined and opens <= joined[-1].closes:
            joined[-1] = Window(joined[-1].opens, max(closes, joined[-1].closes))
        else:
            joined.append(Window(opens, closes))
    return joined


def _within(day: Day, kind: Bar, start: datetime, end: datetime) -> list[CampaignBar]:
    if end <= day.starts or start >= day.ends or end < start:
        return []
    first, last = day.minute(start), day.minute(end)
    return [CampaignBar(kind, first, max(last, first + (LEAST_WIDTH if kind is not Bar.FORECAST else 0)))]
