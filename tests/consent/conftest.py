"""A programme, and one phone in it, for every test of consent."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from campaigns.consent.events import Act, Channel
from campaigns.people.contacts import Contact, remember_contact
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import TrainingProgramme, training_programme

HERS = Number("+923990000123")
BY_TEXT = Act(Channel.SMS, "JOIN", language="ps", wording=b"w" * 32)


@dataclass(frozen=True)
class Phone:
    """A contact's id and number."""

    id: int
    number: Number


@pytest.fixture
def there(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A training programme without people."""
    return training_programme(database, keyring, now)


def remembered(
    database: Database, keyring: KeyRing, there: TrainingProgramme, number: Number, now: datetime
) -> Contact:
    """A contact with this number."""
    with database.writing() as session:
        return remember_contact(
            session,
            keyring.vault(session),
            number,
            language="ps",
            place_id=there.places["Swat"],
            rhythm_id=there.rhythms["Swat"],
            now=now,
        )


@pytest.fixture
def phone(database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime) -> Phone:
    """A phone that nothing is known of."""
    return Phone(remembered(database, keyring, there, HERS, now).id, HERS)
