"""A line knows what it can do, where STOP for it really goes, and what a part costs on it."""

from datetime import datetime, timedelta

import pytest

from campaigns.programme.lines import (
    Can,
    Line,
    Price,
    line_by_address,
    lines_that,
    pause_line,
    price_micros,
    unpause_line,
    way_out_address,
)
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import LONG_NUMBER, PART_MICROS, SENDER, TrainingProgramme, training_programme


@pytest.fixture
def there(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    return training_programme(database, keyring, now)


def test_stop_for_a_line_that_hears_goes_to_itself(database: Database, there: TrainingProgramme) -> None:
    with database.reading() as session:
        assert way_out_address(session, session.get_one(Line, there.two_way)) == LONG_NUMBER


def test_stop_for_a_one_way_sender_goes_to_its_reply_line(
    database: Database, there: TrainingProgramme
) -> None:
    with database.reading() as session:
        assert way_out_address(session, session.get_one(Line, there.one_way)) == LONG_NUMBER


def test_a_sender_whose_reply_line_hears_nothing_has_no_way_out(
    database: Database, there: TrainingProgramme
) -> None:
    with database.writing() as session:
        session.get_one(Line, there.two_way).can = int(Can.SMS_OUT)

    with database.reading() as session:
        assert way_out_address(session, session.get_one(Line, there.one_way)) is None


def test_lines_are_found_by_ability_and_by_address(database: Database, there: TrainingProgramme) -> None:
    with database.reading() as session:
        assert [line.address for line in lines_that(session, Can.SMS_OUT)] == [LONG_NUMBER, SENDER]
        assert [line.address for line in lines_that(session, Can.SMS_IN)] == [LONG_NUMBER]
        found = line_by_address(session, "twilio", SENDER)
        assert found is not None
        assert found.id == there.one_way
        assert line_by_address(session, "another", SENDER) is None


def test_a_price_holds_from_its_day_on(database: Database, there: TrainingProgramme, now: datetime) -> None:
    tomorrow = now + timedelta(days=1)
    with database.writing() as session:
        session.add(Price(line_id=there.two_way, prefix="", since=tomorrow, micros=2 * PART_MICROS))

    with database.reading() as session:
        assert price_micros(session, there.two_way, now=now) == PART_MICROS
        assert price_micros(session, there.two_way, now=tomorrow) == 2 * PART_MICROS


def test_the_longest_prefix_that_fits_sets_the_price(
    database: Database, there: TrainingProgramme, now: datetime
) -> None:
    with database.writing() as session:
        session.add_all(
            Price(line_id=there.two_way, prefix=prefix, since=now, micros=micros)
            for prefix, micros in (("+92", 2), ("+9234", 3))
        )

    with database.reading() as session:
        prices = [
            price_micros(session, there.two_way, now=now, prefix=prefix)
            for prefix in ("+92345", "+92300", "+93700")
        ]

    assert prices == [3, 2, PART_MICROS]


def test_a_paused_line_says_why_until_it_goes_on(
    database: Database, there: TrainingProgramme, now: datetime
) -> None:
    with database.writing() as session:
        pause_line(session, there.two_way, "no money", now=now)
        pause_line(session, there.two_way, "refused", now=now + timedelta(hours=1))
    with database.reading() as session:
        line = session.get_one(Line, there.two_way)
        assert (line.paused_at, line.paused_why) == (now, "no money")

    with database.writing() as session:
        unpause_line(session, there.two_way)
    with database.reading() as session:
        line = session.get_one(Line, there.two_way)
        assert (line.paused_at, line.paused_why) == (None, None)
