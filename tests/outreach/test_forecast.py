"""The forecast, and the counts that the pages of a campaign show."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.consent.events import Act, Channel, Purpose
from campaigns.consent.standing import withdraw
from campaigns.outreach.audience import agreed_to, left_out_at_launch, receivers
from campaigns.outreach.budget import EACH, Room, open_budget, rooms
from campaigns.outreach.claim import claim_slice
from campaigns.outreach.forecast import Load, forecast, forecast_of
from campaigns.outreach.progress import parts_by_minute, parts_to_go, progress_of_many
from campaigns.programme.calendars import Window
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.outbox import campaign_of, launched_campaign, number, people_who_agreed
from tests.support.programme import TrainingProgramme, training_programme

TEN = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture
def made(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A training programme."""
    return training_programme(database, keyring, now)


def hours(first: int, last: int) -> Window:
    """Open from one hour of the day to another."""
    return Window(TEN.replace(hour=first), TEN.replace(hour=last))


def test_two_parts_take_twice_as_long() -> None:
    planned = forecast([Load(600, 2, (hours(10, 12),))], parts_per_second=1)

    assert planned.begins == TEN
    assert planned.ends == TEN + timedelta(minutes=20)
    assert planned.missed == 0


def test_who_has_later_hours_is_reached_in_them_and_counted_as_late() -> None:
    everyday, evening = Load(60, 1, (hours(10, 12),)), Load(30, 1, (hours(17, 18),))

    planned = forecast([everyday, evening], parts_per_second=1)

    assert [(s.begins.hour, round(s.people), round(s.late)) for s in planned.stretches] == [
        (10, 60, 0),
        (17, 30, 30),
    ]


def test_what_does_not_fit_into_its_hours_goes_in_the_next_or_is_missed() -> None:
    planned = forecast([Load(9_000, 1, (hours(10, 11), hours(14, 15)))], parts_per_second=1)

    assert [round(stretch.people) for stretch in planned.stretches] == [3_600, 3_600]
    assert planned.missed == 1_800


def test_a_line_without_a_limit_takes_no_time() -> None:
    assert forecast([Load(5, 1, (hours(10, 11),))], parts_per_second=0).ends == TEN


def test_nobody_takes_no_time() -> None:
    assert forecast([], parts_per_second=1).stretches == ()


def test_the_counts_of_a_campaign_that_goes_out(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 12, now=now)
    with database.writing() as session:
        withdraw(session, keyring.vault(session), number(0), Act(Channel.SMS, "stop"), now=now)
    campaign_id = launched_campaign(database, made, now=now)
    with database.writing() as session:
        taken = claim_slice(session, campaign_id, now=now, lease=timedelta(minutes=1))

    with database.reading() as session:
        campaign = campaign_of(session, campaign_id)
        assert left_out_at_launch(session, campaign).said_stop == 1
        assert sum(receivers(session, campaign).values()) == 11
        assert agreed_to(session, [Purpose.PEACE, Purpose.RESEARCH]) == {
            Purpose.PEACE: 11,
            Purpose.RESEARCH: 0,
        }
        assert taken is not None
        parts = sum(row.parts for row in taken.rows)
        assert parts_by_minute(session, campaign_id, since=now) == {now: parts}
        assert parts_to_go(session, campaign_id, now=now) > 0
        assert progress_of_many(session, [campaign_id, 999])[campaign_id].total == 11
        planned = forecast_of(session, campaign, now, now + timedelta(days=1))
        assert sum(round(stretch.people) for stretch in planned.stretches) == 11


def test_what_the_day_still_allows(database: Database, made: TrainingProgramme, now: datetime) -> None:
    with database.writing() as session:
        open_budget(session, "day", EACH, 500)
        assert rooms(session, now=now) == [Room("day", 500, 0)]
        assert rooms(session, now=now)[0].left == 500
