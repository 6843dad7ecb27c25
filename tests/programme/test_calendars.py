"""Hours are local, Friday prayer is kept, closed days are closed, and a window is cut to what was asked."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.programme.calendars import (
    SLOTS_A_DAY,
    SLOTS_A_WEEK,
    ClosedDay,
    WeeklyHours,
    rhythm_for,
    windows,
    windows_of_rhythm,
)
from campaigns.programme.places import Place, PlaceKind
from campaigns.storage.engine import Database

PESHAWAR = ZoneInfo("Asia/Karachi")
WEDNESDAY, THURSDAY, FRIDAY = date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), PESHAWAR).astimezone(UTC)


def midnight_after(day: date) -> datetime:
    return local(day + timedelta(days=1), 0)


def open_times(hours: WeeklyHours, day: date, closed: list[ClosedDay] | None = None) -> list[str]:
    """The day's windows as local times."""
    found = windows(hours, PESHAWAR, local(day, 0), midnight_after(day), closed)
    return [
        f"{window.opens.astimezone(PESHAWAR):%H:%M}-{window.closes.astimezone(PESHAWAR):%H:%M}"
        for window in found
    ]


def closed(first: date, last: date, place: int | None = None) -> ClosedDay:
    return ClosedDay(place_id=place, from_day=first, to_day=last, why="mourning")


def test_an_ordinary_day_is_open_from_half_past_nine_to_eight() -> None:
    assert open_times(WeeklyHours.default(), WEDNESDAY) == ["09:30-20:00"]


def test_friday_prayer_is_kept() -> None:
    assert open_times(WeeklyHours.default(), FRIDAY) == ["09:30-12:30", "14:30-20:00"]


def test_a_closed_day_has_no_window() -> None:
    assert open_times(WeeklyHours.default(), THURSDAY, [closed(WEDNESDAY, FRIDAY)]) == []


def test_the_day_after_a_closed_one_is_open() -> None:
    assert open_times(WeeklyHours.default(), FRIDAY, [closed(WEDNESDAY, THURSDAY)]) != []


def test_hours_until_midnight_end_at_midnight() -> None:
    evening = WeeklyHours(frozenset({2 * SLOTS_A_DAY + slot for slot in range(44, SLOTS_A_DAY)}))

    found = windows(evening, PESHAWAR, local(WEDNESDAY, 0), local(THURSDAY, 12))

    assert [(window.opens, window.closes) for window in found] == [
        (local(WEDNESDAY, 22), midnight_after(WEDNESDAY))
    ]


def test_half_hours_are_kept() -> None:
    wednesday = 2 * SLOTS_A_DAY
    hours = WeeklyHours(frozenset({wednesday + 19, wednesday + 20, wednesday + 25}))

    assert open_times(hours, WEDNESDAY) == ["09:30-10:30", "12:30-13:00"]


def test_windows_are_cut_to_what_was_asked() -> None:
    found = windows(WeeklyHours.default(), PESHAWAR, local(WEDNESDAY, 19), local(THURSDAY, 10))

    assert [(window.opens, window.closes) for window in found] == [
        (local(WEDNESDAY, 19), local(WEDNESDAY, 20)),
        (local(THURSDAY, 9, 30), local(THURSDAY, 10)),
    ]


def test_nothing_is_open_in_an_empty_stretch() -> None:
    assert windows(WeeklyHours.default(), PESHAWAR, local(WEDNESDAY, 12), local(WEDNESDAY, 12)) == []


def test_a_zone_with_summer_time_is_still_read_in_local_hours() -> None:
    london = ZoneInfo("Europe/London")
    start = datetime(2026, 10, 24, tzinfo=UTC)  # clocks go back on the 25th

    found = windows(WeeklyHours.default(), london, start, start + timedelta(days=2))

    assert [f"{window.opens.astimezone(london):%d %H:%M}" for window in found] == ["24 09:30", "25 09:30"]


slots = st.frozensets(st.integers(0, SLOTS_A_WEEK - 1))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(slots)
def test_hours_come_back_from_the_database_as_they_were(chosen: frozenset[int]) -> None:
    assert WeeklyHours.unpack(WeeklyHours(chosen).pack()).slots == chosen


@given(slots, moments, st.integers(0, 20 * 24 * 60))
def test_windows_are_in_order_apart_and_open_all_through(
    chosen: frozenset[int], start: datetime, minutes: int
) -> None:
    hours, end = WeeklyHours(chosen), start + timedelta(minutes=minutes)

    found = windows(hours, PESHAWAR, start, end)

    assert all(start <= window.opens < window.closes <= end for window in found)
    assert all(one.closes <= other.opens for one, other in pairwise(found))
    open_at = [_slot(window.opens) in chosen for window in found]
    assert all(open_at)
    shut = [moment for moment in (window.closes for window in found) if moment < end]
    assert all(_slot(moment) not in chosen or _is_midnight(moment) for moment in shut)


def _slot(moment: datetime) -> int:
    there = moment.astimezone(PESHAWAR)
    return there.weekday() * SLOTS_A_DAY + there.hour * 2 + there.minute // 30


def _is_midnight(moment: datetime) -> bool:
    there = moment.astimezone(PESHAWAR)
    return (there.hour, there.minute, there.second) == (0, 0, 0)


@pytest.mark.parametrize(
    ("of", "is_open"),
    [("everywhere", False), ("the province", False), ("the district", False), ("another", True)],
)
def test_a_closed_day_holds_for_the_place_and_all_within_it(
    database: Database, of: str, is_open: bool
) -> None:
    with database.writing() as session:
        province = Place(kind=PlaceKind.PROVINCE, name="KP", country="PK", zone="Asia/Karachi")
        session.add(province)
        session.flush()
        district, other = (
            Place(
                kind=PlaceKind.DISTRICT,
                name=name,
                country="PK",
                zone="Asia/Karachi",
                parent_id=province.id,
            )
            for name in ("Swat", "Charsadda")
        )
        session.add_all((district, other))
        session.flush()
        places = {
            "everywhere": None,
            "the province": province.id,
            "the district": district.id,
            "another": other.id,
        }
        session.add(closed(WEDNESDAY, WEDNESDAY, places[of]))
        rhythm = rhythm_for(session, district.id, WeeklyHours.default())

    with database.reading() as session:
        found = windows_of_rhythm(session, rhythm.id, local(WEDNESDAY, 0), midnight_after(WEDNESDAY))

    assert bool(found) is is_open


def test_the_same_hours_in_the_same_place_are_one_rhythm(database: Database) -> None:
    with database.writing() as session:
        place = Place(kind=PlaceKind.DISTRICT, name="Swat", country="PK", zone="Asia/Karachi")
        session.add(place)
        session.flush()
        first = rhythm_for(session, place.id, WeeklyHours.default())
        again = rhythm_for(session, place.id, WeeklyHours.default())
        other = rhythm_for(session, place.id, WeeklyHours(frozenset({1})))

    assert first.id == again.id
    assert first.id != other.id
