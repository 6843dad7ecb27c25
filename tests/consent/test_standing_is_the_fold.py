"""Whatever she and others do, in whatever order: what stands is what her events come to, and STOP has the last word."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent import ledger
from campaigns.consent.events import Act, Channel, ConsentEvent, Purpose, Standing
from campaigns.consent.standing import (
    confirm,
    decline,
    fold,
    forget_unanswered,
    grant_attested,
    is_suppressed,
    join_by_keys,
    request_opt_in,
    withdraw,
)
from campaigns.people.contacts import Contact
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing, Vault
from tests.conftest import NOON_IN_PESHAWAR
from tests.consent.conftest import BY_TEXT, remembered
from tests.support.programme import TrainingProgramme

NUMBERS = tuple(Number(f"+92399000020{place}") for place in range(2))
WORDS = (
    "JOIN",
    "keys",
    "YES",
    "NO",
    "STOP",
    "a form that stands",
    "a form",
    "a day passes",
    "the clock seals",
)

words = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(0, len(NUMBERS) - 1), st.sampled_from(list(Purpose))),
    max_size=14,
)


class Town:
    """Two phones, and what is done with them."""

    def __init__(self, session: Session, vault: Vault, contacts: list[Contact]) -> None:
        self.session, self.vault, self.contacts = session, vault, contacts
        self.now = NOON_IN_PESHAWAR

    def do(self, word: str, which: int, purpose: Purpose) -> None:
        session, vault, contact, number = self.session, self.vault, self.contacts[which], NUMBERS[which]
        act = Act(Channel.SMS, word)
        self.now += timedelta(minutes=1)
        match word:
            case "JOIN":
                request_opt_in(session, vault, contact, number, BY_TEXT, now=self.now)
            case "keys":
                keys = Act(Channel.IVR, word, language=BY_TEXT.language, wording=BY_TEXT.wording)
                join_by_keys(session, vault, contact, number, keys, now=self.now)
            case "YES":
                confirm(session, vault, contact, number, act, now=self.now)
            case "NO":
                decline(session, vault, contact, number, act, now=self.now)
            case "STOP":
                withdraw(session, vault, number, act, now=self.now)
            case "a day passes":
                self.now += timedelta(days=1)
                forget_unanswered(session, now=self.now)
            case "the clock seals":
                ledger.seal_events(session, vault, now=self.now)
            case _:
                form = Act(Channel.PAPER, word)
                stands = word.endswith("stands")
                grant_attested(session, vault, contact, number, purpose, form, now=self.now, stands=stands)


@pytest.fixture
def contacts(database: Database, keyring: KeyRing, there: TrainingProgramme) -> list[int]:
    return [remembered(database, keyring, there, number, NOON_IN_PESHAWAR).id for number in NUMBERS]


@given(acts=words)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_stands_is_what_the_events_come_to(
    database: Database, keyring: KeyRing, contacts: list[int], acts: list[tuple[str, int, Purpose]]
) -> None:
    with database.writing() as session:
        vault = keyring.vault(session)
        town = Town(session, vault, [session.get_one(Contact, contact) for contact in contacts])
        for act in acts:
            town.do(*act)

        for standing in session.scalars(select(Standing)):
            events = session.scalars(
                select(ConsentEvent).where(ConsentEvent.subject == standing.subject).order_by(ConsentEvent.id)
            )
            assert fold(events) == standing.mask
        for contact in town.contacts:
            held = session.get(Standing, contact.id)
            assert held is None or held.mask == 0 or not is_suppressed(session, contact.mark)
        assert ledger.verify(session, vault).fault is None
        session.rollback()
