"""Calendars: when a phone may be reached. A rhythm is a distinct set of weekly hours in a place.

Hours are kept by half-hours, because Pakistan's own are 09:30 to 20:00 and Friday prayer 12:30 to 14:30
(`reference` figures of the operators' guides; staff can change them).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.programme.places import Place
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId

SLOTS_A_DAY = 48
SLOTS_A_WEEK = 7 * SLOTS_A_DAY
SLOT = timedelta(minutes=30)
FRIDAY = 4  # as date.weekday() counts

DEFAULT_OPEN, DEFAULT_CLOSE = time(9, 30), time(20, 0)
PRAYER_FROM, PRAYER_TO = time(12, 30), time(14, 30)


class Rhythm(Base):
    """One distinct set of weekly hours in a place; contacts point at it, so a campaign has some hundreds at most."""

    __tablename__ = "rhythm"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place_id: Mapped[int] = mapped_column(BigId, ForeignKey("place.id"))
    hours: Mapped[bytes] = mapped_column(LargeBinary(SLOTS_A_WEEK // 8))
    __table_args__ = (UniqueConstraint("place_id", "hours"),)


class ClosedDay(Base):
    """Days on which nothing goes to a place (or to all, without one): mourning, holidays."""

    __tablename__ = "closed_day"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    place_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("place.id"))
    from_day: Mapped[date] = mapped_column(Date)
    to_day: Mapped[date] = mapped_column(Date)
    why: Mapped[str] = mapped_column(String(120))


@dataclass(frozen=True)
class Window:
    """A stretch of time in which sending is allowed: from `opens` up to, not including, `closes` (UTC)."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class WeeklyHours:
    """The half-hours of a week that are open, Monday first; immutable."""

    slots: frozenset[int]

    @classmethod
    def default(cls) -> "WeeklyHours":
        """Every day 09:30 to 20:00, Friday without 12:30 to 14:30."""
        day = range(_slot_of(DEFAULT_OPEN), _slot_of(DEFAULT_CLOSE))
        prayer = range(_slot_of(PRAYER_FROM), _slot_of(PRAYER_TO))
        slots = {weekday * SLOTS_A_DAY + slot for weekday in range(7) for slot in day}
        return cls(frozenset(slots - {FRIDAY * SLOTS_A_DAY + slot for slot in prayer}))

    @classmethod
    def unpack(cls, packed: bytes) -> "WeeklyHours":
        """Read the 336 bits kept in the database."""
        bits = int.from_bytes(packed, "big")
        return cls(frozenset(slot for slot in range(SLOTS_A_WEEK) if bits >> slot & 1))

    def pack(self) -> bytes:
        """The 336 bits as 42 bytes."""
        return sum(1 << slot for slot in self.slots).to_bytes(SLOTS_A_WEEK // 8, "big")

    def on_day(self, day: date) -> list[tuple[time, time | None]]:
        """The open stretches of a day as local times; an end of None is midnight."""
        open_slots = [slot for slot in range(SLOTS_A_DAY) if day.weekday() * SLOTS_A_DAY + slot in self.slots]
        stretches: list[list[int]] = []
        for slot in open_slots:
            if stretches and stretches[-1][1] == slot:
                stretches[-1][1] = slot + 1
            else:
                stretches.append([slot, slot + 1])
        return [(_time_of(first), None if end == SLOTS_A_DAY else _time_of(end)) for first, end in stretches]


def windows(
    hours: WeeklyHours, zone: ZoneInfo, start: datetime, end: datetime, closed: list[ClosedDay] | None = None
) -> list[Window]:
    """Every open window that overlaps [start, end), in order, cut to it; local hours of `zone`, results in UTC."""
    found = []
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        if not any(row.from_day <= day <= row.to_day for row in closed or ()):
            found += [window for window in _windows_of_day(hours, zone, day) if window.closes > start]
        day += timedelta(days=1)
    cut = [
        Window(max(window.opens, start), min(window.closes, end)) for window in found if window.opens < end
    ]
    return [window for window in cut if window.opens < window.closes]


def windows_of_rhythm(session: Session, rhythm_id: int, start: datetime, end: datetime) -> list[Window]:
    """The open windows of one rhythm: its hours, its place's zone, without the days closed there or everywhere."""
    rhythm = session.get_one(Rhythm, rhythm_id)
    place = session.get_one(Place, rhythm.place_id)
    lineage = _lineage(session, place)
    closed = session.scalars(
        select(ClosedDay).where(ClosedDay.place_id.is_(None) | ClosedDay.place_id.in_(lineage))
    )
    return windows(WeeklyHours.unpack(rhythm.hours), ZoneInfo(place.zone), start, end, list(closed))


def rhythm_for(session: Session, place_id: int, hours: WeeklyHours) -> Rhythm:
    """The rhythm with these hours in this place, made when new."""
    packed = hours.pack()
    rhythm = session.scalars(
        select(Rhythm).where(Rhythm.place_id == place_id, Rhythm.hours == packed)
    ).one_or_none()
    if rhythm is None:
        rhythm = Rhythm(place_id=place_id, hours=packed)
        session.add(rhythm)
        session.flush()
    return rhythm


def _windows_of_day(hours: WeeklyHours, zone: ZoneInfo, day: date) -> Iterator[Window]:
    for first, end in hours.on_day(day):
        closes = (
            datetime.combine(day + timedelta(days=1), time(0), zone) if end is None else _at(day, end, zone)
        )
        yield Window(_at(day, first, zone).astimezone(UTC), closes.astimezone(UTC))


def _at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, zone)


def _lineage(session: Session, place: Place) -> list[int]:
    lineage = [place.id]
    while place.parent_id is not None:
        place = session.get_one(Place, place.parent_id)
        lineage.append(place.id)
    return lineage


def _slot_of(moment: time) -> int:
    return moment.hour * 2 + moment.minute // 30


def _time_of(slot: int) -> time:
    return time(slot // 2, slot % 2 * 30)
