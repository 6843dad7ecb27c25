"""Calling out on the outbox: seats and rate, consent to calls, one call at a time, the plan of rings, the minutes."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from campaigns.consent.events import JOINED_BY_TEXT, Standing, bits
from campaigns.outreach.audience import sharing_a_phone
from campaigns.outreach.budget import WHOLE, campaign_scope
from campaigns.outreach.calling import (
    BUSY,
    CONGESTED,
    LEAST_GAP,
    MACHINE,
    MOST_TECHNICAL,
    NO_ANSWER,
    calls_in_progress,
    next_ring,
)
from campaigns.outreach.campaigns import Budget, Campaign, Kind, Means
from campaigns.outreach.claim import Slice, claim_slice
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.outreach.receipts import apply_receipts, store_receipt
from campaigns.outreach.rings import LastRing, rings_of
from campaigns.outreach.settle import Outcome, finish_done, settle
from campaigns.people.contacts import Contact
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.calls import calling_campaign, can_call, deliveries_of, people_to_call
from tests.support.outbox import states
from tests.support.programme import TrainingProgramme, training_programme

LEASE = timedelta(seconds=60)
PESHAWAR = ZoneInfo("Asia/Karachi")


@pytest.fixture
def made(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A training programme whose two-way line calls, ten at once."""
    made = training_programme(database, keyring, now)
    can_call(database, made, a_second=5, at_once=10)
    return made


def claim(database: Database, campaign: int, at: datetime) -> Slice | None:
    with database.writing() as session:
        return claim_slice(session, campaign, now=at, lease=LEASE)


def taken_by_carrier(database: Database, taken: Slice, at: datetime) -> None:
    with database.writing() as session:
        outcomes = [
            Outcome(row.id, row.attempt, DeliveryState.ACCEPTED, sid=f"CA{row.id}-{row.attempt}")
            for row in taken.rows
        ]
        settle(session, outcomes, now=at)


def told(
    database: Database, row: int, attempt: int, why: int | None, at: datetime, *, seconds: int | None = None
) -> None:
    """The carrier's word on a call, applied."""
    state = DeliveryState.DELIVERED if why is None else DeliveryState.UNDELIVERED
    with database.writing() as session:
        store_receipt(
            session,
            delivery_id=row,
            attempt=attempt,
            state=state,
            error=why,
            sid=None,
            seconds=seconds,
            now=at,
        )
        apply_receipts(session, now=at)


def the_row(database: Database, campaign: int) -> Delivery:
    with database.reading() as session:
        return deliveries_of(session, campaign)[0]


def spent(database: Database, campaign: int) -> int:
    with database.reading() as session:
        return session.get_one(Budget, (campaign_scope(campaign), WHOLE)).spent


def test_a_line_claims_its_calls_a_second_and_never_more_than_its_seats(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_to_call(database, keyring, made, 30, now=now)
    campaign = calling_campaign(database, made, now=now)

    slices = [claim(database, campaign, now + timedelta(seconds=second)) for second in range(4)]

    assert [len(taken.rows) if taken else 0 for taken in slices] == [5, 5, 0, 0]
    assert all(taken.means is Means.CALL and taken.rate == 5 for taken in slices if taken)
    assert slices[0] is not None
    told(database, slices[0].rows[0].id, 0, None, now, seconds=40)
    after = claim(database, campaign, now + timedelta(seconds=5))
    assert after is not None
    assert len(after.rows) == 1


def test_consent_to_texts_is_no_consent_to_calls(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    ids = people_to_call(database, keyring, made, 2, now=now)
    campaign = calling_campaign(database, made, now=now)
    with database.writing() as session:
        texts_only = update(Standing).where(Standing.contact_id == ids[0]).values(mask=bits(JOINED_BY_TEXT))
        session.execute(texts_only)

    taken = claim(database, campaign, now)

    assert taken is not None
    assert len(taken.rows) == 1
    with database.reading() as session:
        assert states(session, campaign) == {DeliveryState.WITHHELD: 1, DeliveryState.CLAIMED: 1}


def test_a_phone_in_a_call_of_ours_is_not_called_by_another_campaign(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_to_call(database, keyring, made, 1, now=now)
    first = calling_campaign(database, made, now=now, name="First")
    second = calling_campaign(database, made, now=now, name="Second")
    taken = claim(database, first, now)
    assert taken is not None

    meanwhile = claim(database, second, now + timedelta(seconds=2))
    told(database, taken.rows[0].id, 0, None, now, seconds=30)
    later = claim(database, second, now + timedelta(seconds=70))

    assert meanwhile is not None
    assert meanwhile.rows == ()
    assert later is not None
    assert len(later.rows) == 1


def test_a_phone_that_nobody_takes_rings_three_times_over_two_days_and_parts_of_the_day(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_to_call(database, keyring, made, 1, now=now)
    campaign = calling_campaign(database, made, now=now)
    rang, at = [], now
    for attempt, why in enumerate((NO_ANSWER, BUSY, MACHINE)):
        taken = claim(database, campaign, at)
        while taken is None or not taken.rows:  # a closed hour moves it to the next opening
            at = the_row(database, campaign).due_at
            taken = claim(database, campaign, at)
        rang.append(at.astimezone(PESHAWAR))
        taken_by_carrier(database, taken, at)
        told(database, taken.rows[0].id, attempt, why, at, seconds=0)
        at = the_row(database, campaign).due_at

    row = the_row(database, campaign)
    assert (row.state, row.rings, row.error) == (DeliveryState.UNDELIVERED, 3, MACHINE)
    assert len({moment.date() for moment in rang}) == 2
    assert all(later - earlier >= LEAST_GAP for earlier, later in itertools.pairwise(rang))
    assert spent(database, campaign) == 0
    with database.writing() as session:
        assert finish_done(session, now=at) == [campaign]


def test_a_campaign_is_not_over_while_a_phone_rings(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_to_call(database, keyring, made, 1, now=now)
    campaign = calling_campaign(database, made, now=now)
    taken = claim(database, campaign, now)
    assert taken is not None
    taken_by_carrier(database, taken, now)

    with database.writing() as session:
        assert finish_done(session, now=now) == []


def test_a_call_is_charged_for_the_minutes_that_it_took(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_to_call(database, keyring, made, 1, now=now)
    campaign = calling_campaign(database, made, now=now)
    taken = claim(database, campaign, now)
    assert taken is not None
    expected = spent(database, campaign)

    told(database, taken.rows[0].id, 0, None, now, seconds=241)

    assert taken.rows[0].parts == 2
    assert spent(database, campaign) == expected // 2 * 5


def test_rings_are_counted_by_what_came_of_them(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    ids = people_to_call(database, keyring, made, 5, now=now)
    with database.writing() as session:
        session.execute(update(Contact).where(Contact.id == ids[0]).values(quiet=True))
    campaign = calling_campaign(database, made, now=now)
    taken = claim(database, campaign, now)
    assert taken is not None
    first, second, third, fourth, _fifth = taken.rows
    told(database, first.id, 0, None, now, seconds=40)
    told(database, second.id, 0, None, now, seconds=81)
    told(database, third.id, 0, BUSY, now, seconds=0)
    told(database, fourth.id, 0, BUSY, now, seconds=0)

    with database.reading() as session:
        rings = rings_of(session, campaign)
        assert sharing_a_phone(session, session.get_one(Campaign, campaign)) == 1
        assert calls_in_progress(session, made.two_way, Kind.BROADCAST) == 1
        assert calls_in_progress(session, made.two_way, Kind.ANSWERS) == 0
    assert (rings.rings, rings.heard, rings.seconds_each) == (4, 2, 60)
    assert rings.nothing == (LastRing(BUSY, again=2, over=0),)


PLAN = Campaign(kind=int(Kind.BROADCAST), channel=int(Means.CALL), max_rings=3)
CALL_BACK = Campaign(kind=int(Kind.ANSWERS), channel=int(Means.CALL), max_rings=2)


@pytest.mark.parametrize("hour", [9, 11, 13, 16, 17, 20])
def test_rings_are_spread_whatever_the_hour_of_the_first(hour: int) -> None:
    first = datetime(2026, 11, 18, hour, 5, tzinfo=PESHAWAR)
    second = next_ring(PLAN, attempt=0, rings=1, why=NO_ANSWER, zone="Asia/Karachi", now=first)
    assert second is not None
    third = next_ring(PLAN, attempt=1, rings=2, why=BUSY, zone="Asia/Karachi", now=second)
    assert third is not None

    rang = [moment.astimezone(PESHAWAR) for moment in (first, second, third)]
    assert len({moment.date() for moment in rang}) == 2
    assert len({min(3, (moment.hour - 5) // 4) for moment in rang}) == 3
    assert next_ring(PLAN, attempt=2, rings=3, why=BUSY, zone="Asia/Karachi", now=third) is None


def test_a_network_that_failed_is_tried_again_five_times_and_is_no_ring() -> None:
    now = datetime(2026, 11, 18, 7, tzinfo=UTC)
    dues = [
        next_ring(PLAN, attempt=attempt, rings=0, why=CONGESTED, zone="Asia/Karachi", now=now)
        for attempt in range(MOST_TECHNICAL + 1)
    ]

    assert all(due is not None and due > now for due in dues[:MOST_TECHNICAL])
    assert dues[MOST_TECHNICAL] is None


def test_a_call_back_rings_once_more_after_five_minutes() -> None:
    now = datetime(2026, 11, 18, 7, tzinfo=UTC)
    again = next_ring(CALL_BACK, attempt=0, rings=1, why=NO_ANSWER, zone="Asia/Karachi", now=now)

    assert again == now + timedelta(minutes=5)
    assert next_ring(CALL_BACK, attempt=1, rings=2, why=BUSY, zone="Asia/Karachi", now=now) is None


def test_a_number_that_does_not_exist_is_not_rung_again() -> None:
    now = datetime(2026, 11, 18, 7, tzinfo=UTC)
    assert next_ring(PLAN, attempt=0, rings=0, why=6, zone="Asia/Karachi", now=now) is None
