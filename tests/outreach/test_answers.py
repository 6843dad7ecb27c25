"""Answers owed to somebody's own act: through the same outbox, without standing consent, never after STOP."""

from datetime import datetime, timedelta

import pytest

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.outreach.answers import OWED_FOR, open_answers, owe_answer
from campaigns.outreach.claim import claim_slice, claimable_campaigns
from campaigns.outreach.deliveries import DeliveryState
from campaigns.outreach.look import Sight, last_look
from campaigns.people.contacts import find_contact, remember_contact
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.outbox import launched_campaign, number, people_who_agreed, states
from tests.support.programme import TrainingProgramme, training_programme

LEASE = timedelta(seconds=60)
NIGHT = 19  # o'clock UTC: midnight in Peshawar
HERS = number(7_000)


@pytest.fixture
def made(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A training programme with one phone that agreed to nothing."""
    made = training_programme(database, keyring, now)
    with database.writing() as session:
        remember_contact(
            session,
            keyring.vault(session),
            HERS,
            language="ur",
            place_id=made.places["Swat"],
            rhythm_id=made.rhythms["Swat"],
            now=now,
        )
    return made


def owe(database: Database, keyring: KeyRing, made: TrainingProgramme, act: str, now: datetime) -> bool:
    """Owe her an answer to the act named so; whether it was queued."""
    with database.writing() as session:
        vault = keyring.vault(session)
        contact = find_contact(session, vault, HERS)
        assert contact is not None
        delivery = owe_answer(
            session,
            contact,
            line_id=made.two_way,
            language="ur",
            body="شکریہ۔",
            act_source=vault.source("message", act),
            acted_at=now,
            now=now,
        )
        return delivery is not None


def test_an_answer_needs_no_consent_and_waits_for_no_hour_but_goes_once_for_each_act(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    night = now.replace(hour=NIGHT)
    assert owe(database, keyring, made, "one", night)
    assert not owe(database, keyring, made, "one", night)
    assert owe(database, keyring, made, "two", night)

    with database.writing() as session:
        answers = open_answers(session, made.two_way, now=night).id
        taken = claim_slice(session, answers, now=night, lease=LEASE)

    assert taken is not None
    assert [row.expires_at for row in taken.rows] == [night + OWED_FOR] * 2
    with database.reading() as session:
        sights = last_look(session, taken.claim_id, [row.id for row in taken.rows], now=night)
    assert set(sights.values()) == {Sight.GO}


def test_after_her_stop_no_answer_is_sent(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    owe(database, keyring, made, "one", now)
    with database.writing() as session:
        withdraw(session, keyring.vault(session), HERS, Act(Channel.SMS, "stop"), now=now)

    with database.writing() as session:
        answers = open_answers(session, made.two_way, now=now).id
        claim_slice(session, answers, now=now, lease=LEASE)

    with database.reading() as session:
        assert states(session, answers) == {DeliveryState.WITHHELD: 1}


def test_a_day_after_the_act_the_answer_is_missed_not_sent(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    owe(database, keyring, made, "one", now)

    with database.writing() as session:
        answers = open_answers(session, made.two_way, now=now).id
        claim_slice(session, answers, now=now + OWED_FOR, lease=LEASE)

    with database.reading() as session:
        assert states(session, answers) == {DeliveryState.MISSED: 1}


def test_answers_go_before_campaigns(
    database: Database, keyring: KeyRing, made: TrainingProgramme, now: datetime
) -> None:
    people_who_agreed(database, keyring, made, 3, now=now)
    campaign = launched_campaign(database, made, now=now)
    owe(database, keyring, made, "one", now)

    with database.writing() as session:
        answers = open_answers(session, made.two_way, now=now).id
        assert claimable_campaigns(session, made.two_way, now=now) == [answers]
        claim_slice(session, answers, now=now, lease=LEASE)
        assert claimable_campaigns(session, made.two_way, now=now) == [campaign]
