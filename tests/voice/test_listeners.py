"""What a call remembers: a language, a bookmark, whether the keys are known; by a keyed mark, and not for long."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from campaigns.people.contacts import remember_contact
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing, Vault
from campaigns.voice.listeners import (
    Listener,
    Remembered,
    count_call,
    forget,
    forget_old_listeners,
    mark,
    rekey,
    remember_language,
    remembered,
    unmark,
)
from campaigns.voice.state import Marked
from tests.support.programme import training_programme

HERS, STRANGER = Number("+923990000131"), Number("+923990000132")
THERE = Marked("gudar", 41, 3)
DAY = timedelta(days=1)


def known(database: Database, vault: Vault, number: Number, now: datetime) -> Remembered | None:
    with database.reading() as session:
        return remembered(session, vault, number, now=now)


@pytest.fixture
def vault(database: Database, keyring: KeyRing) -> Vault:
    with database.reading() as session:
        return keyring.vault(session)


def test_a_phone_is_new_for_two_calls_and_keeps_its_latest_language(
    database: Database, vault: Vault, now: datetime
) -> None:
    assert known(database, vault, HERS, now) is None
    with database.writing() as session:
        count_call(session, vault, HERS, now=now)  # who is not known is not made known by calling
        remember_language(session, vault, HERS, "ur", now=now)
        remember_language(session, vault, HERS, "ps", now=now)
    assert known(database, vault, HERS, now) == Remembered("ps", True, None, now.date())

    for _ in range(5):
        with database.writing() as session:
            count_call(session, vault, HERS, now=now + DAY)
    assert known(database, vault, HERS, now) == Remembered("ps", False, None, (now + DAY).date())
    with database.reading() as session:
        assert session.scalars(select(Listener.calls)).one() == 3


def test_a_bookmark_is_the_only_one_and_holds_for_seven_days(
    database: Database, vault: Vault, now: datetime
) -> None:
    with database.writing() as session:
        mark(session, vault, HERS, Marked("poems", 7, 1), now=now - DAY)
        mark(session, vault, HERS, THERE, now=now)

    for later, marked in ((7 * DAY, THERE), (8 * DAY, None)):
        with database.writing() as session:
            count_call(session, vault, HERS, now=now + later)  # calling makes no bookmark younger
        found = known(database, vault, HERS, now + later)
        assert found is not None
        assert found.marked == marked


def test_what_was_heard_to_its_end_is_not_remembered(database: Database, vault: Vault, now: datetime) -> None:
    with database.writing() as session:
        mark(session, vault, HERS, THERE, now=now)
        unmark(session, vault, HERS, now=now)
        unmark(session, vault, STRANGER, now=now)

    assert known(database, vault, HERS, now) == Remembered(None, True, None, now.date())
    assert known(database, vault, STRANGER, now) is None


def test_after_ninety_days_or_on_her_word_nothing_is_left(
    database: Database, vault: Vault, now: datetime
) -> None:
    with database.writing() as session:
        for number, day in ((HERS, now - 90 * DAY), (STRANGER, now)):
            remember_language(session, vault, number, "ps", now=day)
        assert forget_old_listeners(session, now=now) == 1
    assert known(database, vault, HERS, now) is None

    with database.writing() as session:
        forget(session, vault, STRANGER)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Listener)) == 0


def test_with_fresh_keys_contacts_are_found_again_and_others_are_forgotten(
    database: Database, keyring: KeyRing, vault: Vault, now: datetime
) -> None:
    # Given a listener whose phone is a contact's, and one whose number we do not hold
    made = training_programme(database, keyring, now)
    place, rhythm = made.places["Swat"], made.rhythms["Swat"]
    with database.writing() as session:
        remember_contact(session, vault, HERS, language="ps", place_id=place, rhythm_id=rhythm, now=now)
        for number in (HERS, STRANGER):
            remember_language(session, vault, number, "ps", now=now)
        mark(session, vault, HERS, THERE, now=now)
    # When the keys are rotated
    fresh = keyring.add_epoch().at(2)
    with database.writing() as session:
        assert rekey(session, vault, fresh) == 1
    # Then she is known by the new ones alone
    assert known(database, fresh, HERS, now) == Remembered("ps", True, THERE, now.date())
    assert known(database, vault, HERS, now) is None
    assert known(database, fresh, STRANGER, now) is None
