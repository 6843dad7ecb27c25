"""Calling back: free for her, and never beyond her day's share, the line's cap, or a STOP."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.outreach.answers import open_answers
from campaigns.outreach.budget import CALL_BACKS, EACH, BudgetSpent, open_budget
from campaigns.outreach.calling import NO_ANSWER
from campaigns.outreach.campaigns import Means
from campaigns.outreach.claim import Slice, claim_slice, claimable_campaigns
from campaigns.outreach.control import answers_without_money
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.outreach.receipts import apply_receipts, store_receipt
from campaigns.people.contacts import find_contact
from campaigns.people.numbers import Number, is_callable
from campaigns.programme.lines import Line
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice import callbacks
from campaigns.voice.callbacks import Asked
from tests.support.calls import can_call
from tests.support.outbox import number
from tests.support.programme import PART_MICROS, TrainingProgramme, training_programme

LEASE = timedelta(seconds=60)
HERS = number(1)


class Ringing:
    """A line that calls back whoever rings it and hangs up."""

    def __init__(self, database: Database, keyring: KeyRing, now: datetime) -> None:
        self.database, self.keyring, self.now = database, keyring, now
        self.made: TrainingProgramme = training_programme(database, keyring, now)
        self.line = can_call(database, self.made, a_second=1000, at_once=1000)
        self.calls = 0

    def may_spend(self, minutes: int) -> None:
        with self.database.writing() as session:
            open_budget(session, CALL_BACKS, EACH, minutes * PART_MICROS)

    def rings(
        self, who: Number | None = HERS, *, at: datetime | None = None, call: str | None = None
    ) -> Asked:
        """One missed call; what became of it. Another call may have made the same phone first: then once more."""
        self.calls += 1
        call = call or f"CA{self.calls}"
        try:
            return self._asks(who, at or self.now, call)
        except IntegrityError:
            return self.rings(who, at=at, call=call)

    def _asks(self, who: Number | None, at: datetime, call: str) -> Asked:
        with self.database.writing() as session:
            vault = self.keyring.vault(session)
            return callbacks.ask(
                session,
                vault,
                session.get_one(Line, self.line),
                who,
                source=vault.source("call", call),
                language="ur",
                now=at,
            )

    def claim(self, at: datetime) -> Slice | None:
        with self.database.writing() as session:
            campaign = open_answers(session, self.line, means=Means.CALL, now=at)
            return claim_slice(session, campaign.id, now=at, lease=LEASE)

    def took(self, taken: Slice | None, seconds: int, at: datetime) -> None:
        """She took the call and stayed so long."""
        assert taken is not None
        with self.database.writing() as session:
            for row in taken.rows:
                store_receipt(
                    session,
                    delivery_id=row.id,
                    attempt=row.attempt,
                    state=DeliveryState.DELIVERED,
                    error=None,
                    sid=None,
                    seconds=seconds,
                    now=at,
                )
            apply_receipts(session, now=at)

    def queued(self) -> int:
        with self.database.reading() as session:
            waiting = select(Delivery.id).where(Delivery.state == int(DeliveryState.QUEUED))
            return len(session.scalars(waiting).all())


@pytest.fixture
def ringing(database: Database, keyring: KeyRing, now: datetime) -> Ringing:
    """A line with money for a thousand minutes."""
    ringing = Ringing(database, keyring, now)
    ringing.may_spend(1000)
    return ringing


def test_a_missed_call_is_called_back_within_seconds_also_at_night(ringing: Ringing) -> None:
    midnight = ringing.now.replace(hour=19)

    assert ringing.rings(at=midnight) is Asked.CALLED_BACK
    assert ringing.claim(midnight + timedelta(seconds=4)) is None
    taken = ringing.claim(midnight + timedelta(seconds=20))
    assert taken is not None
    assert [row.parts for row in taken.rows] == [callbacks.EXPECTED_MINUTES]


def test_the_same_call_told_twice_and_two_calls_at_once_make_one_call_back(ringing: Ringing) -> None:
    ringing.rings(call="CA-one")

    assert ringing.rings(call="CA-one") is Asked.ON_THE_WAY
    assert ringing.rings(call="CA-two") is Asked.ON_THE_WAY
    assert ringing.queued() == 1


def test_three_a_day_with_two_minutes_between_and_again_tomorrow(ringing: Ringing) -> None:
    at, answers = ringing.now, []
    for _ in range(4):
        answers.append(ringing.rings(at=at))
        if answers[-1] is Asked.CALLED_BACK:
            ringing.took(ringing.claim(at + timedelta(seconds=21)), 60, at)
            answers.append(ringing.rings(at=at + timedelta(seconds=100)))
        at += timedelta(minutes=10)

    called = [Asked.CALLED_BACK, Asked.TOO_SOON]
    assert answers == [*called, *called, Asked.CALLED_BACK, Asked.ENOUGH, Asked.ENOUGH]
    assert ringing.rings(at=at + timedelta(days=1)) is Asked.CALLED_BACK


def test_half_an_hour_of_listening_is_enough_for_a_day(ringing: Ringing) -> None:
    ringing.rings()
    ringing.took(ringing.claim(ringing.now + timedelta(seconds=21)), 1800, ringing.now)

    assert ringing.rings(at=ringing.now + timedelta(hours=1)) is Asked.ENOUGH


def test_a_stopped_number_is_never_called_back(ringing: Ringing) -> None:
    with ringing.database.writing() as session:
        vault = ringing.keyring.vault(session)
        withdraw(session, vault, HERS, Act(Channel.SMS, "STOP", language="ur"), now=ringing.now)

    assert ringing.rings() is Asked.STOPPED
    assert ringing.queued() == 0


def test_a_stop_after_the_missed_call_keeps_the_phone_from_ringing(ringing: Ringing) -> None:
    ringing.rings()
    with ringing.database.writing() as session:
        vault = ringing.keyring.vault(session)
        withdraw(session, vault, HERS, Act(Channel.SMS, "STOP", language="ur"), now=ringing.now)

    taken = ringing.claim(ringing.now + timedelta(seconds=21))

    assert taken is not None
    assert taken.rows == ()


def test_nobody_is_called_back_after_half_an_hour_or_a_second_silence(ringing: Ringing) -> None:
    ringing.rings(HERS)
    for attempt, at in enumerate((ringing.now + timedelta(seconds=21), ringing.now + timedelta(minutes=6))):
        taken = ringing.claim(at)
        assert taken is not None
        with ringing.database.writing() as session:
            store_receipt(
                session,
                delivery_id=taken.rows[0].id,
                attempt=attempt,
                state=DeliveryState.UNDELIVERED,
                error=NO_ANSWER,
                sid=None,
                seconds=0,
                now=at,
            )
            apply_receipts(session, now=at)
    assert ringing.claim(ringing.now + timedelta(minutes=20)) is None

    ringing.rings(number(2))
    too_late = ringing.claim(ringing.now + timedelta(minutes=31))
    assert too_late is not None
    assert too_late.rows == ()


def test_a_storm_makes_no_more_than_each_phone_s_share_and_spending_stops_at_the_cap(
    ringing: Ringing,
) -> None:
    ringing.may_spend(30 * callbacks.EXPECTED_MINUTES)
    callers = [HERS] * 50 + [number(100 + n // 2) for n in range(120)]
    lock, answers = threading.Lock(), []

    def one(place: int) -> None:
        answer = ringing.rings(callers[place], call=f"CA-storm-{place}")
        with lock:
            answers.append((callers[place], answer))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(one, range(len(callers))))

    called = [who for who, answer in answers if answer is Asked.CALLED_BACK]
    assert len(called) == len(set(called)) == 61
    rang, at = 0, ringing.now + timedelta(seconds=21)
    with pytest.raises(BudgetSpent) as spent:
        while True:
            taken = ringing.claim(at)
            assert taken is not None
            rang += len(taken.rows)
            at += timedelta(seconds=1)
    assert spent.value.scope == CALL_BACKS
    assert rang == 30


def test_what_cannot_be_paid_is_not_made_and_holds_up_nothing_else(ringing: Ringing) -> None:
    ringing.may_spend(2 * callbacks.EXPECTED_MINUTES)
    answers = [ringing.rings(number(n)) for n in range(10, 15)]
    at = ringing.now + timedelta(seconds=21)

    rang = [len(taken.rows) for n in range(2) if (taken := ringing.claim(at + timedelta(seconds=n)))]
    with pytest.raises(BudgetSpent):
        ringing.claim(at + timedelta(seconds=2))
    with ringing.database.writing() as session:
        campaign = open_answers(session, ringing.line, means=Means.CALL, now=at)
        answers_without_money(session, campaign.id, now=at)

    assert answers == [Asked.CALLED_BACK] * 5
    assert rang == [1, 1]
    assert ringing.queued() == 0
    with ringing.database.reading() as session:
        assert claimable_campaigns(session, ringing.line, now=at + timedelta(seconds=3)) == []
    assert ringing.rings(number(99)) is Asked.NO_MONEY


def test_without_a_cap_nobody_is_called_back(database: Database, keyring: KeyRing, now: datetime) -> None:
    ringing = Ringing(database, keyring, now)

    assert ringing.rings() is Asked.NO_MONEY
    with database.reading() as session:
        assert find_contact(session, keyring.vault(session), HERS) is None


@pytest.mark.parametrize(
    ("e164", "is_called"),
    [
        ("+923001234567", True),  # a mobile
        ("+92915701234", True),  # a landline in Peshawar
        ("+9290012345", False),  # premium
        ("+92111222333", False),  # a company's number
        ("+447700900123", False),  # abroad
        ("+881612345678", False),  # a satellite
        ("+923990000101", False),  # invented, outside training
        ("+92", False),
    ],
)
def test_only_ordinary_phones_of_the_country_are_called_back(e164: str, is_called: bool) -> None:
    assert is_callable(Number(e164), "PK") is is_called


def test_a_barred_beginning_is_not_called_back() -> None:
    assert not is_callable(Number("+923001234567"), "PK", barred=("+92300",))


def test_a_withheld_number_is_not_called_back(ringing: Ringing) -> None:
    assert ringing.rings(None) is Asked.BARRED
