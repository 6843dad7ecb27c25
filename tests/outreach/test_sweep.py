"""The sweep: what is in doubt is settled by the carrier's word, and never sent again while it may have gone."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from campaigns.outreach import sweep
from campaigns.outreach.claim import Slice, claim_slice
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.outreach.settle import Outcome, settle
from campaigns.outreach.sweep import ABSENT_AFTER, Doubt, Seen
from campaigns.programme.lines import Line
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.outbox import launched_campaign, people_who_agreed, states
from tests.support.programme import TrainingProgramme, training_programme

LEASE = timedelta(seconds=60)


class Dead:
    """A campaign whose sender died with a slice in its hands."""

    def __init__(self, database: Database, keyring: KeyRing, now: datetime, people: int = 2) -> None:
        self.database, self.keyring, self.now = database, keyring, now
        self.made: TrainingProgramme = training_programme(database, keyring, now)
        people_who_agreed(database, keyring, self.made, people, now=now)
        self.campaign = launched_campaign(database, self.made, now=now)
        with database.writing() as session:
            session.execute(update(Line).values(parts_per_second=0))
        self.taken = self.claim(now)

    def claim(self, at: datetime) -> Slice | None:
        with self.database.writing() as session:
            return claim_slice(session, self.campaign, now=at, lease=LEASE)

    def doubts(self, at: datetime) -> list[Doubt]:
        with self.database.reading() as session:
            return sweep.doubts(session, self.keyring.vault(session), now=at)

    def asks(self, at: datetime, *listed: Seen) -> None:
        """The carrier is asked at `at`, and lists this."""
        found = self.doubts(at)
        with self.database.writing() as session:
            sweep.resolve(session, found, listed, now=at)

    def states(self) -> dict[DeliveryState, int]:
        with self.database.reading() as session:
            return states(session, self.campaign)

    def seen(self, doubt: Doubt, sid: str, state: DeliveryState = DeliveryState.SENT) -> Seen:
        return Seen(sid, doubt.e164, doubt.body_hash, doubt.claimed_at + timedelta(seconds=1), state, None)


@pytest.fixture
def dead(database: Database, keyring: KeyRing, now: datetime) -> Dead:
    """Two deliveries claimed; nobody knows whether they were handed over."""
    return Dead(database, keyring, now)


def test_nothing_is_doubted_before_its_lease_is_over(dead: Dead) -> None:
    assert dead.doubts(dead.now + LEASE - timedelta(seconds=1)) == []
    assert len(dead.doubts(dead.now + LEASE)) == 2


def test_what_the_carrier_has_is_settled_and_not_sent_again(dead: Dead) -> None:
    later = dead.now + LEASE
    first, second = dead.doubts(later)

    dead.asks(later, dead.seen(first, "SM1"), dead.seen(second, "SM2", DeliveryState.DELIVERED))

    assert dead.states() == {DeliveryState.SENT: 1, DeliveryState.DELIVERED: 1}
    with dead.database.reading() as session:
        assert set(session.scalars(select(Delivery.sid))) == {"SM1", "SM2"}


def test_what_is_absent_once_is_unknown_and_only_after_ten_minutes_tried_again(dead: Dead) -> None:
    later = dead.now + LEASE
    dead.asks(later)
    assert dead.states() == {DeliveryState.UNKNOWN: 2}
    assert dead.claim(later) is None

    dead.asks(later + ABSENT_AFTER - timedelta(seconds=1))
    assert dead.states() == {DeliveryState.UNKNOWN: 2}

    dead.asks(later + ABSENT_AFTER)
    again = dead.claim(later + ABSENT_AFTER)
    assert again is not None
    assert {row.attempt for row in again.rows} == {1}


def test_a_second_attempt_in_doubt_begins_its_own_ten_minutes(dead: Dead) -> None:
    later = dead.now + LEASE
    dead.asks(later)
    dead.asks(later + ABSENT_AFTER)
    at = later + ABSENT_AFTER
    dead.claim(at)

    dead.asks(at + LEASE)

    assert dead.states() == {DeliveryState.UNKNOWN: 2}


def test_a_message_that_shows_up_late_is_found(dead: Dead) -> None:
    later = dead.now + LEASE
    doubts = dead.doubts(later)
    dead.asks(later)

    dead.asks(later + ABSENT_AFTER, *(dead.seen(doubt, f"SM{doubt.delivery_id}") for doubt in doubts))

    assert dead.states() == {DeliveryState.SENT: 2}


def test_a_message_of_another_delivery_is_not_taken_for_this_one(dead: Dead) -> None:
    assert dead.taken is not None
    later = dead.now + LEASE
    first, second = dead.doubts(later)
    with dead.database.writing() as session:
        settle(session, [Outcome(first.delivery_id, 0, DeliveryState.ACCEPTED, sid="SM1")], now=dead.now)
    other_words = hashlib.sha256(b"other words").digest()
    old = Seen("SM3", second.e164, second.body_hash, dead.now - timedelta(hours=1), DeliveryState.SENT, None)
    others = Seen("SM4", second.e164, other_words, dead.now, DeliveryState.SENT, None)

    dead.asks(later, dead.seen(first, "SM1"), old, others)

    assert dead.states() == {DeliveryState.ACCEPTED: 1, DeliveryState.UNKNOWN: 1}


def test_with_a_carrier_that_cannot_be_asked_it_stays_unknown_for_a_person(dead: Dead) -> None:
    later = dead.now + LEASE
    doubts = dead.doubts(later)

    with dead.database.writing() as session:
        sweep.give_up_asking(session, doubts, now=later)

    assert dead.states() == {DeliveryState.UNKNOWN: 2}
    assert dead.doubts(later + timedelta(days=3)) == []
    assert dead.claim(later + timedelta(days=1)) is None


def test_a_receipt_that_never_came_is_asked_for(dead: Dead) -> None:
    assert dead.taken is not None
    taken = [Outcome(row.id, 0, DeliveryState.ACCEPTED, sid=f"SM{row.id}") for row in dead.taken.rows]
    with dead.database.writing() as session:
        settle(session, taken, now=dead.now)
    assert dead.doubts(dead.now + timedelta(minutes=1)) == []
    later = dead.now + timedelta(minutes=6)
    first, second = dead.doubts(later)

    delivered = dead.seen(first, first.sid or "", DeliveryState.DELIVERED)
    dead.asks(later, delivered, dead.seen(second, second.sid or "", DeliveryState.SENT))

    assert dead.states() == {DeliveryState.DELIVERED: 1, DeliveryState.SENT: 1}
    assert [doubt.delivery_id for doubt in dead.doubts(later + timedelta(hours=1))] == [second.delivery_id]
