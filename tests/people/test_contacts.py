"""A contact is a phone: found by a keyed mark, its number sealed, remembered once."""

from datetime import datetime
from itertools import islice

import pytest
from sqlalchemy import text, update

from campaigns.people.contacts import (
    CODE_LENGTH,
    Contact,
    count_contacts,
    find_contact,
    heard_from,
    number_of,
    remember_contact,
)
from campaigns.people.groups import Membership
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import BoxDamaged, KeyRing
from tests.support.programme import TrainingProgramme, training_programme

NUMBER = Number("+923990000123")
OTHER = Number("+923990000124")


@pytest.fixture
def there(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    return training_programme(database, keyring, now)


def remembered(
    database: Database, keyring: KeyRing, there: TrainingProgramme, number: Number, now: datetime
) -> Contact:
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


def test_a_phone_is_remembered_once_and_found_again(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    first = remembered(database, keyring, there, NUMBER, now)
    again = remembered(database, keyring, there, NUMBER, now)

    with database.reading() as session:
        vault = keyring.vault(session)
        found = find_contact(session, vault, NUMBER)
        assert found is not None
        assert found.id == first.id == again.id
        assert number_of(vault, found) == NUMBER
        assert find_contact(session, vault, OTHER) is None
        assert count_contacts(session) == 1


def test_the_number_is_nowhere_in_clear(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    remembered(database, keyring, there, NUMBER, now)

    with database.reading() as session:
        row = session.execute(text("SELECT * FROM contact")).one()

    digits = NUMBER.e164.removeprefix("+92").encode()
    assert all(digits not in bytes(value) for value in row if isinstance(value, bytes | memoryview))
    assert all(
        digits.decode() not in str(value) for value in row if not isinstance(value, bytes | memoryview)
    )


def test_a_sealed_number_moved_to_another_phone_does_not_open(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    one, other = (remembered(database, keyring, there, number, now) for number in (NUMBER, OTHER))
    with database.writing() as session:
        session.execute(update(Contact).where(Contact.id == other.id).values(number_box=one.number_box))

    with database.reading() as session, pytest.raises(BoxDamaged):
        number_of(keyring.vault(session), session.get_one(Contact, other.id))


def test_a_phone_that_is_forgotten_leaves_its_groups(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    contact = remembered(database, keyring, there, NUMBER, now)
    with database.writing() as session:
        session.add(Membership(tolana_id=there.groups["Zarghuna"], contact_id=contact.id, joined_at=now))
    with database.writing() as session:
        session.delete(session.get_one(Contact, contact.id))

    with database.reading() as session:
        assert session.get(Membership, (there.groups["Zarghuna"], contact.id)) is None


def test_an_id_is_never_given_twice(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    first = remembered(database, keyring, there, NUMBER, now)
    with database.writing() as session:
        session.delete(session.get_one(Contact, first.id))

    assert remembered(database, keyring, there, OTHER, now).id > first.id


def test_when_a_phone_was_heard_is_kept_by_month(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    contact = remembered(database, keyring, there, NUMBER, now)
    heard_from(contact, now=now)

    assert contact.heard_month == "2026-11"


def test_codes_for_pages_are_short_and_lead_nowhere(
    database: Database, keyring: KeyRing, there: TrainingProgramme, now: datetime
) -> None:
    numbers = (Number(f"+92399{position:07d}") for position in range(200, 1_000))
    codes = [remembered(database, keyring, there, number, now).code for number in islice(numbers, 20)]

    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert codes != sorted(codes)
