"""Rotating keys: everything is found, opened and suppressed as before; a crash on the way changes nothing."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from campaigns.consent import ledger
from campaigns.consent.events import Act, Channel, ConsentDetail, Purpose, number_in
from campaigns.consent.standing import grant_attested, is_suppressed, standing_mask, withdraw
from campaigns.inbox.kept import keep, texts_of
from campaigns.listening.residue import Held, due_residue, leave_residue
from campaigns.people.contacts import Contact, find_contact, number_of, remember_contact
from campaigns.people.numbers import Number
from campaigns.programme.programme import halt, resume
from campaigns.staff.actor import NotPermitted
from campaigns.storage import pieces
from campaigns.storage.engine import Database
from campaigns.storage.vault import BoxDamaged, KeyRing, VaultEpoch
from gateway.commands import keys
from gateway.commands.keys import NotHalted, rotate
from gateway.house import House
from gateway.settings import Settings
from tests.support.programme import TrainingProgramme, training_programme
from tests.support.waiting import until

HERS, STOPPED, STRANGER = (Number(f"+92399000012{place}") for place in range(3))


@pytest.fixture
def there(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A halted programme: one phone that agreed, one that said STOP, a stranger that said STOP, a kept text."""
    there = training_programme(database, keyring, now)
    with database.writing() as session:
        vault = keyring.vault(session)
        for number in (HERS, STOPPED):
            contact = remember_contact(
                session,
                vault,
                number,
                language="ps",
                place_id=there.places["Swat"],
                rhythm_id=there.rhythms["Swat"],
                now=now,
            )
            form = Act(Channel.PAPER, "paper form")
            grant_attested(session, vault, contact, number, Purpose.PEACE, form, now=now, stands=True)
            keep(session, vault, contact.id, there.two_way, "salam", now=now)
        for number in (STOPPED, STRANGER):
            withdraw(session, vault, number, Act(Channel.SMS, "STOP"), now=now)
        leave_residue(session, vault, "twilio", Held.MESSAGE, "SM1", now=now)
        ledger.seal_events(session, vault, now=now)
        halt(session, there.operator, now=now)
    return there


@pytest.fixture
def house(database_url: str, database: Database, keyring: KeyRing, there: TrainingProgramme) -> House:
    return House.from_settings(
        Settings(database_url=SecretStr(database_url), keys_dir=keyring.directory, data_dir=Path("nowhere"))
    )


def everything_is_as_before(house: House, now: datetime) -> None:
    with house.database.reading() as session:
        vault = house.vault(session)
        contact = find_contact(session, vault, HERS)
        stopped = find_contact(session, vault, STOPPED)
        assert contact is not None
        assert stopped is not None
        assert number_of(vault, contact) == HERS
        assert standing_mask(session, contact.id) == Purpose.PEACE
        assert [words for _, words in texts_of(session, vault, contact.id)] == ["salam"]
        assert is_suppressed(session, stopped.mark)
        assert is_suppressed(session, vault.mark(STRANGER.e164))
        assert not is_suppressed(session, contact.mark)
        assert stopped.mark == vault.mark(STOPPED.e164)
        details = session.scalars(select(ConsentDetail).order_by(ConsentDetail.event_id))
        assert [number_in(vault, detail) for detail in details] == [HERS, STOPPED, STOPPED, STRANGER]
        later = now.replace(hour=23)
        assert [thing.carrier_id for thing in due_residue(session, vault, now=later)] == ["SM1"]
        assert ledger.verify(session, vault).fault is None


@pytest.mark.parametrize("piece", [1_000, 1])
def test_after_a_rotation_everything_is_found_as_before(
    house: House, there: TrainingProgramme, now: datetime, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr("campaigns.consent.rekey.PIECE_ROWS", piece)
    monkeypatch.setattr(pieces.in_pieces, "__kwdefaults__", {"size": piece})
    with house.database.reading() as session:
        before = session.execute(select(Contact.number_box, Contact.lookup, Contact.mark)).all()

    rotated = rotate(house, there.operator)

    everything_is_as_before(house, now)
    assert (rotated.epoch, rotated.rows) == (2, 2 + 4 + 2 + 1 + 2)
    with house.database.reading() as session:
        after = session.execute(select(Contact.number_box, Contact.lookup, Contact.mark)).all()
    assert not {value for row in before for value in row} & {value for row in after for value in row}


def test_keys_may_be_rotated_again(house: House, there: TrainingProgramme, now: datetime) -> None:
    rotate(house, there.operator)
    rotate(house, there.operator)

    everything_is_as_before(house, now)


def test_the_old_keys_open_nothing_any_more(house: House, there: TrainingProgramme) -> None:
    rotate(house, there.operator)
    directory = house.settings.keys_path
    for name in ("box", "index"):
        (directory / f"{name}.2.key").unlink()
    old = KeyRing.open(directory).at(1)

    with house.database.reading() as session:
        contact = session.get_one(Contact, 1)
        with pytest.raises(BoxDamaged):
            number_of(old, contact)
        assert find_contact(session, old, HERS) is None


def test_a_process_with_the_old_ring_goes_on(
    house: House, there: TrainingProgramme, keyring: KeyRing, now: datetime
) -> None:
    rotate(house, there.operator)

    with house.database.writing() as session:
        vault = keyring.vault(session)
        contact = find_contact(session, vault, HERS)
        assert contact is not None
        assert number_of(keyring.at(1), contact) == HERS
        withdraw(session, vault, HERS, Act(Channel.SMS, "STOP"), now=now)
        assert is_suppressed(session, contact.mark)


def test_what_was_begun_with_the_old_keys_is_waited_for(
    house: House, there: TrainingProgramme, now: datetime
) -> None:
    newcomer = Number("+923990000130")
    rotating = threading.Thread(target=rotate, args=(house, there.operator))
    with house.database.writing() as session:
        vault = house.vault(session)
        rotating.start()
        if house.database.dialect == "postgresql":
            until(lambda: somebody_waits(house.database), what="the rotation at the door")
        place, rhythm = there.places["Swat"], there.rhythms["Swat"]
        remember_contact(session, vault, newcomer, language="ps", place_id=place, rhythm_id=rhythm, now=now)
    rotating.join()

    with house.database.reading() as session:
        contact = find_contact(session, house.vault(session), newcomer)
        assert house.vault(session).epoch == 2
        assert contact is not None
        assert number_of(house.vault(session), contact) == newcomer


def somebody_waits(database: Database) -> bool:
    """Whether a transaction waits for another's lock (PostgreSQL)."""
    with database.reading() as session:
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(session.execute(waiting).scalar_one())


def test_a_crash_before_the_commit_changes_nothing_and_the_next_try_succeeds(
    house: House, there: TrainingProgramme, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keys, "ROOMS", (*keys.ROOMS, crash))
        with pytest.raises(KeyboardInterrupt):
            rotate(house, there.operator)
    everything_is_as_before(house, now)

    assert rotate(house, there.operator).epoch == 2
    everything_is_as_before(house, now)


def test_keys_are_not_rotated_while_campaigns_may_run(
    house: House, there: TrainingProgramme, now: datetime
) -> None:
    with house.database.writing() as session:
        resume(session, there.operator, now=now)

    with pytest.raises(NotHalted):
        rotate(house, there.operator)
    with house.database.reading() as session:
        assert session.get_one(VaultEpoch, 1).epoch == 1


def test_only_an_operator_rotates_keys(house: House, there: TrainingProgramme) -> None:
    with pytest.raises(NotPermitted):
        rotate(house, there.coordinator)
