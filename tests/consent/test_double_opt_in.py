"""She asks, she is asked back, she says yes: only then does anything stand; and STOP ends it at any point."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from campaigns.consent.events import (
    EVERY_PURPOSE,
    JOINED_BY_TEXT,
    Act,
    Channel,
    ConsentDetail,
    ConsentEvent,
    Event,
    Purpose,
    Standing,
    bits,
)
from campaigns.consent.standing import (
    ASK_HOLDS,
    STANDS,
    QuestionWithoutWords,
    confirm,
    decline,
    forget_unanswered,
    grant_attested,
    is_suppressed,
    request_opt_in,
    standing_mask,
    timeline,
    waiting_question,
    withdraw,
)
from campaigns.people.contacts import Contact
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing, Vault
from tests.consent.conftest import BY_TEXT, HERS, Phone

YES = Act(Channel.SMS, "YES", language="ps")
NO = Act(Channel.SMS, "NO", language="ps")
STOP = Act(Channel.SMS, "STOP", language="ps")
PAPER = Act(Channel.PAPER, "paper form")
PAPER_THAT_STANDS = Act(Channel.PAPER, f"paper form{STANDS}")
T = TypeVar("T")


class Her:
    """One phone's acts, each in a transaction of its own."""

    def __init__(self, database: Database, keyring: KeyRing, phone: Phone, now: datetime) -> None:
        self.database, self.keyring, self.phone, self.now = database, keyring, phone, now

    def asks(self) -> None:
        self._in_one(lambda s, v, c: request_opt_in(s, v, c, HERS, BY_TEXT, now=self.now))

    def says_yes(self) -> bool:
        return self._in_one(lambda s, v, c: confirm(s, v, c, HERS, YES, now=self.now))

    def says_no(self) -> bool:
        return self._in_one(lambda s, v, c: decline(s, v, c, HERS, NO, now=self.now))

    def says_stop(self, act: Act = STOP) -> ConsentEvent:
        return self._in_one(lambda s, v, _: withdraw(s, v, HERS, act, now=self.now))

    def signed_a_form(self, *, stands: bool) -> None:
        act = PAPER_THAT_STANDS if stands else PAPER
        self._in_one(
            lambda s, v, c: grant_attested(s, v, c, HERS, Purpose.PEACE, act, now=self.now, stands=stands)
        )

    @property
    def mask(self) -> int:
        with self.database.reading() as session:
            return standing_mask(session, self.phone.id)

    def is_suppressed(self) -> bool:
        with self.database.reading() as session:
            return is_suppressed(session, session.get_one(Contact, self.phone.id).mark)

    @property
    def events(self) -> list[Event]:
        with self.database.reading() as session:
            return [
                Event(event)
                for event in session.scalars(select(ConsentEvent.event).order_by(ConsentEvent.id))
            ]

    def _in_one(self, act: Callable[[Session, Vault, Contact], T]) -> T:
        with self.database.writing() as session:
            return act(session, self.keyring.vault(session), session.get_one(Contact, self.phone.id))


@pytest.fixture
def her(database: Database, keyring: KeyRing, phone: Phone, now: datetime) -> Her:
    return Her(database, keyring, phone, now)


def test_asking_alone_grants_nothing(her: Her) -> None:
    her.asks()

    assert her.mask == 0
    assert her.events == [Event.REQUESTED]


def test_yes_makes_the_asked_purposes_stand(her: Her) -> None:
    her.asks()

    assert her.says_yes()

    assert her.mask == bits(JOINED_BY_TEXT)
    assert her.events == [Event.REQUESTED, Event.CONFIRMED]


def test_a_yes_to_no_question_grants_nothing(her: Her) -> None:
    assert not her.says_yes()
    assert (her.mask, her.events) == (0, [])


def test_a_question_is_answered_once(her: Her) -> None:
    her.asks()
    her.says_yes()

    assert not her.says_yes()
    assert her.events == [Event.REQUESTED, Event.CONFIRMED]


def test_no_grants_nothing_and_ends_the_question(her: Her) -> None:
    her.asks()

    assert her.says_no()

    assert not her.says_yes()
    assert her.mask == 0


def test_after_a_day_of_silence_a_yes_comes_too_late(her: Her) -> None:
    her.asks()
    her.now += ASK_HOLDS

    assert not her.says_yes()
    assert her.mask == 0


def test_asking_again_renews_the_waiting(her: Her) -> None:
    her.asks()
    her.now += ASK_HOLDS - timedelta(minutes=1)
    her.asks()
    her.now += timedelta(hours=1)

    assert her.says_yes()


def test_an_unanswered_question_is_forgotten_after_a_day(her: Her, database: Database) -> None:
    her.asks()
    with database.writing() as session:
        assert forget_unanswered(session, now=her.now + ASK_HOLDS - timedelta(seconds=1)) == 0
        assert forget_unanswered(session, now=her.now + ASK_HOLDS) == 1

    with database.reading() as session:
        assert waiting_question(session, session.get(Contact, her.phone.id), now=her.now) is None
        assert session.scalars(select(ConsentDetail)).all() == []
    assert her.events == [Event.REQUESTED, Event.ERASED]


def test_an_unanswered_question_takes_nothing_from_a_consent_that_stood(her: Her, database: Database) -> None:
    her.signed_a_form(stands=True)
    her.asks()

    with database.writing() as session:
        forget_unanswered(session, now=her.now + ASK_HOLDS)

    with database.reading() as session:
        assert len(session.scalars(select(ConsentDetail)).all()) == 2
    assert her.mask == bits(Purpose.PEACE)


def test_a_question_needs_the_words_it_was_asked_with(her: Her, database: Database, keyring: KeyRing) -> None:
    wordless = Act(Channel.SMS, "JOIN")

    with database.writing() as session, pytest.raises(QuestionWithoutWords):
        contact = session.get_one(Contact, her.phone.id)
        request_opt_in(session, keyring.vault(session), contact, HERS, wordless, now=her.now)


def test_stop_ends_what_stands_and_suppresses(her: Her) -> None:
    her.asks()
    her.says_yes()

    her.says_stop()

    assert her.mask == 0
    assert her.is_suppressed()


def test_stop_ends_a_question_that_waits(her: Her) -> None:
    her.asks()
    her.says_stop()

    assert not her.says_yes()
    assert her.mask == 0


def test_only_her_own_double_opt_in_lifts_a_stop(her: Her) -> None:
    her.signed_a_form(stands=True)
    her.says_stop()
    her.signed_a_form(stands=True)
    assert (her.mask, her.is_suppressed()) == (0, True)
    her.asks()
    assert her.is_suppressed()

    her.says_yes()

    assert not her.is_suppressed()
    assert her.mask == bits(JOINED_BY_TEXT)


def test_a_second_stop_is_evidence_too(her: Her) -> None:
    her.says_stop()
    her.says_stop()

    assert her.events == [Event.WITHDRAWN, Event.WITHDRAWN]


def test_the_same_message_of_the_carrier_is_one_stop(her: Her, keyring: KeyRing) -> None:
    once = Act(Channel.SMS, "STOP", source=keyring.at(1).source("message", "SM1"))

    first, again = her.says_stop(once), her.says_stop(once)

    assert first.id == again.id
    assert her.events == [Event.WITHDRAWN]


def test_an_event_from_one_source_is_written_once(her: Her, keyring: KeyRing) -> None:
    source = keyring.at(1).source("message", "SM1")
    her.says_stop(Act(Channel.SMS, "STOP", source=source))

    with pytest.raises(IntegrityError):
        her._in_one(
            lambda s, v, c: request_opt_in(
                s,
                v,
                c,
                HERS,
                Act(Channel.SMS, "JOIN", language="ps", wording=b"w" * 32, source=source),
                now=her.now,
            )
        )


def test_a_number_never_seen_may_stop_and_stays_unknown(
    her: Her, database: Database, keyring: KeyRing
) -> None:
    stranger = Number("+923990000999")
    with database.writing() as session:
        vault = keyring.vault(session)
        event = withdraw(session, vault, stranger, STOP, now=her.now)
        assert is_suppressed(session, vault.mark(stranger.e164))

    assert event.purposes == int(EVERY_PURPOSE)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contact)) == 1


def test_a_form_stands_only_where_the_policy_says_so(her: Her) -> None:
    her.signed_a_form(stands=False)
    assert her.mask == 0

    her.signed_a_form(stands=True)
    assert her.mask == bits(Purpose.PEACE)


def test_a_form_that_waited_keeps_its_subject(her: Her, database: Database) -> None:
    her.signed_a_form(stands=False)
    her.signed_a_form(stands=True)

    with database.reading() as session:
        assert session.scalar(select(func.count(ConsentEvent.subject.distinct()))) == 1
        assert len(timeline(session, her.phone.id)) == 2


def test_what_she_did_is_in_her_timeline_even_when_nothing_stands(her: Her, database: Database) -> None:
    her.asks()
    her.says_stop()

    with database.reading() as session:
        events = [Event(event.event) for event in timeline(session, her.phone.id)]

    assert events == [Event.WITHDRAWN, Event.REQUESTED]


@pytest.mark.parametrize("stands", [True, False])
def test_the_event_of_a_form_says_itself_whether_it_stands(
    her: Her, database: Database, stands: bool
) -> None:
    her._in_one(
        lambda s, v, c: grant_attested(
            s, v, c, HERS, Purpose.PEACE, PAPER if stands else PAPER_THAT_STANDS, now=her.now, stands=stands
        )
    )

    with database.reading() as session:
        assert [event.act.endswith(STANDS) for event in timeline(session, her.phone.id)] == [stands]


def test_consent_is_to_be_renewed_after_a_year(her: Her, database: Database) -> None:
    her.asks()
    her.says_yes()

    with database.reading() as session:
        assert session.get_one(Standing, her.phone.id).reconfirm_by == her.now + timedelta(days=365)


def test_confirming_keeps_the_phone(her: Her, database: Database) -> None:
    with database.writing() as session:
        session.get_one(Contact, her.phone.id).expires_at = her.now + timedelta(hours=24)
    her.asks()
    her.says_yes()

    with database.reading() as session:
        contact = session.get_one(Contact, her.phone.id)
        assert (contact.expires_at, contact.heard_month) == (None, "2026-11")
