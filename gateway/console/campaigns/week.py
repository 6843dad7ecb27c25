"""Seven days of a campaign as rows: safe hours, and who is reached when. Minutes of the programme's local day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, State
from campaigns.outreach.forecast import Forecast, Stretch, forecast_of
from campaigns.programme.calendars import ClosedDay
from gateway.console.today.ribbon import FIRST, LAST, Hours, day_of

DAYS = 7
SLOT = 5  # minutes in which people are counted on the chosen day
LEAST_WIDTH = 6  # minutes: a block that can be seen
OTHERS_SHOWN = 10
FULL = 100.0


@dataclass(frozen=True)
class HoursPiece:
    """A stretch of the day with its name, if it has one to show."""

    kind: str
    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Block:
    """People reached in some minutes; `height` in percent of the row; kind this, late or others."""

    kind: str
    start: float
    end: float
    height: float


@dataclass(frozen=True)
class Sum:
    """How many people one stretch of a day reaches, and in how many minutes."""

    start: int
    people: int
    minutes: int
    late: bool


@dataclass(frozen=True)
class DayRow:
    """One day of the seven. `starts` and `ends`: the campaign's own bounds on this day, in minutes."""

    day: date
    ahead: int
    hours: tuple[HoursPiece, ...]
    blocks: tuple[Block, ...]
    sums: tuple[Sum, ...]
    starts: int | None
    ends: int | None

    @property
    def is_chosen(self) -> bool:
        """The day on which it begins stands tall."""
        return self.starts is not None


@dataclass(frozen=True)
class Bounds:
    """When a campaign begins and ends, on the programme's clocks."""

    starts: datetime
    ends: datetime
    zone: ZoneInfo


def week_of(
    session: Session, bounds: Bounds, planned: Forecast, others: Iterable[Forecast], *, now: datetime
) -> list[DayRow]:
    """The seven days from the one on which it begins."""
    first = bounds.starts.astimezone(bounds.zone).date()
    others = list(others)
    return [_row(session, bounds, first + timedelta(days=n), planned, others, now=now) for n in range(DAYS)]


def others_on_line(session: Session, campaign: Campaign, *, now: datetime) -> list[Forecast]:
    """What else is planned on the same line, each as if it had the line for itself."""
    statement = (
        select(Campaign)
        .where(
            Campaign.line_id == campaign.line_id,
            Campaign.id != campaign.id,
            Campaign.state.in_((int(State.SUBMITTED), int(State.SCHEDULED))),
            Campaign.ends_at > now,
        )
        .order_by(Campaign.starts_at)
        .limit(OTHERS_SHOWN)
    )
    return [
        forecast_of(session, other, max(other.starts_at, now), other.ends_at)
        for other in session.scalars(statement)
        if other.starts_at and other.ends_at
    ]


def _row(
    session: Session, bounds: Bounds, day: date, planned: Forecast, others: list[Forecast], *, now: datetime
) -> DayRow:
    midnight = datetime.combine(day, time(0), bounds.zone)
    is_first = day == bounds.starts.astimezone(bounds.zone).date()
    is_last = day == bounds.ends.astimezone(bounds.zone).date()
    mine = [stretch for stretch in planned.stretches if stretch.begins.astimezone(bounds.zone).date() == day]
    elsewhere = [
        stretch
        for other in others
        for stretch in other.stretches
        if stretch.begins.astimezone(bounds.zone).date() == day
    ]
    tall = (
        _slots(mine, midnight)
        if is_first
        else [_flat(s, midnight, "late" if s.late else "this") for s in mine]
    )
    return DayRow(
        day=day,
        ahead=(day - now.astimezone(bounds.zone).date()).days,
        hours=tuple(_hours(session, bounds.zone, midnight)),
        blocks=tuple([_flat(stretch, midnight, "others") for stretch in elsewhere] + tall),
        sums=tuple(_sum(stretch, midnight) for stretch in mine),
        starts=_minute(bounds.starts, midnight) if is_first else None,
        ends=_minute(bounds.ends, midnight) if is_last else None,
    )


def _hours(session: Session, zone: ZoneInfo, midnight: datetime) -> list[HoursPiece]:
    day = midnight.date()
    closed = session.scalars(
        select(ClosedDay).where(
            ClosedDay.place_id.is_(None), ClosedDay.from_day <= day, ClosedDay.to_day >= day
        )
    ).first()
    stretches = day_of(session, zone, midnight + timedelta(hours=12)).stretches
    if closed is not None:
        return [HoursPiece(str(Hours.MOURNING), FIRST, LAST, closed.why)]
    return [HoursPiece(str(each.kind), each.start, each.end, "") for each in stretches]


def _slots(stretches: list[Stretch], midnight: datetime) -> list[Block]:
    """People per five minutes, as high as the fullest five."""
    counts: dict[int, float] = {}
    late: set[int] = set()
    for stretch in stretches:
        first, last = _exact(stretch.begins, midnight), _exact(stretch.ends, midnight)
        span = max(last - first, 1e-9)
        for slot in range(int(first // SLOT), int(last // SLOT) + 1):
            overlap = min(last, (slot + 1) * SLOT) - max(first, slot * SLOT)
            share = overlap / span if last > first else 1.0
            if share > 0:
                counts[slot] = counts.get(slot, 0.0) + stretch.people * share
                if stretch.late:
                    late.add(slot)
    top = max(counts.values(), default=1.0)
    return [
        Block("late" if slot in late else "this", slot * SLOT, (slot + 1) * SLOT, max(4.0, FULL * n / top))
        for slot, n in sorted(counts.items())
    ]


def _flat(stretch: Stretch, midnight: datetime, kind: str) -> Block:
    first, last = _exact(stretch.begins, midnight), _exact(stretch.ends, midnight)
    return Block(kind, first, max(last, first + LEAST_WIDTH), FULL)


def _sum(stretch: Stretch, midnight: datetime) -> Sum:
    minutes = -(-(stretch.ends - stretch.begins).total_seconds() // 60)
    start = _minute(stretch.begins, midnight)
    return Sum(
        start, round(stretch.people), max(1, int(minutes)), round(stretch.late) == round(stretch.people)
    )


def _exact(moment: datetime, midnight: datetime) -> float:
    return (moment - midnight).total_seconds() / 60


def _minute(moment: datetime, midnight: datetime) -> int:
    return int(_exact(moment, midnight))
