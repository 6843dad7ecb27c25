"""Counts by node and day: added in pieces, read as what charts need."""

from datetime import date, timedelta

import pytest

from campaigns.storage.engine import Database
from campaigns.voice.call import Count, Counted
from campaigns.voice.counts import (
    CountUnreadable,
    NodeFigures,
    SegmentFigures,
    add,
    count_of,
    days_of_node,
    field_of,
    listening_minutes,
    node_figures,
    segment_figures,
)

MONDAY = date(2026, 11, 16)
TUESDAY = MONDAY + timedelta(days=1)


def test_counts_are_added_up_by_node_version_and_day(database: Database) -> None:
    for day, entered in ((MONDAY, 2), (MONDAY, 3), (TUESDAY, 1)):
        with database.writing() as session:
            counts = [Count(7, "main", Counted.ENTERED, entered), Count(7, "main", Counted.LEFT)]
            add(session, day, [*counts, Count(8, "main", Counted.ENTERED)])
            add(session, day, [Count(7, "episode:41.1", Counted.ENTERED, entered)])

    with database.reading() as session:
        of_seven = node_figures(session, MONDAY, TUESDAY, menu_id=7)
        assert of_seven == {"main": NodeFigures("main", 6, 3, 0, 0)}
        assert of_seven["main"].hung_up == 3
        assert node_figures(session, TUESDAY, TUESDAY)["main"].entered == 2
        days = [(one.day, one.entered) for one in days_of_node(session, "main", MONDAY, TUESDAY)]
        assert days == [(MONDAY, 7), (TUESDAY, 2)]


def test_segments_have_their_drop_off_and_their_minutes(database: Database) -> None:
    with database.writing() as session:
        for place, entered, left, seconds in ((1, 10, 8, 1_000), (2, 8, 3, 400), (10, 1, 1, 60)):
            node = f"episode:41.{place}"
            add(
                session,
                MONDAY,
                [Count(7, node, Counted.ENTERED, entered), Count(7, node, Counted.LEFT, left)],
            )
            add(session, TUESDAY, [Count(7, node, Counted.SECONDS, seconds)])
        add(session, MONDAY, [Count(7, "episode:4.1", Counted.ENTERED, 99)])

    with database.reading() as session:
        figures = segment_figures(session, [41])
        assert figures == [
            SegmentFigures(41, 1, 10, 8, 1_000),
            SegmentFigures(41, 2, 8, 3, 400),
            SegmentFigures(41, 10, 1, 1, 60),
        ]
        assert [(one.hung_up, one.minutes) for one in figures] == [(2, 16), (5, 6), (0, 1)]
        assert segment_figures(session, []) == []
        assert listening_minutes(session, MONDAY, TUESDAY) == {TUESDAY: 24}


def test_a_count_waits_under_a_name_that_is_read_back() -> None:
    count = Count(7, "episode:41.2", Counted.SECONDS, 90)

    assert count_of(field_of(count), 90) == count


@pytest.mark.parametrize("field", ["", "7", "7/entered", "x/entered/main", "7/danced/main"])
def test_a_name_that_is_none_of_ours_is_said_to_be(field: str) -> None:
    with pytest.raises(CountUnreadable):
        count_of(field, 1)
