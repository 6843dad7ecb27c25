"""One programme, whose quick shelf is for training only; one halt that everybody may pull."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from campaigns.programme.programme import Programme, halt, resume, the_programme
from campaigns.staff import audit
from campaigns.staff.actor import Actor, NotPermitted, Permission
from campaigns.storage.engine import GATE_KEY, Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import TrainingProgramme, training_programme


@pytest.fixture
def there(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    return training_programme(database, keyring, now, training=False)


def test_halting_and_resuming_are_recorded_once(
    database: Database, there: TrainingProgramme, now: datetime
) -> None:
    for act in (halt, halt, resume, resume):
        with database.writing() as session:
            act(session, there.moderator, now=now)

    with database.reading() as session:
        assert the_programme(session).halted_at is None
        assert [row.act for row in audit.trail(session, "programme:1")] == ["resumed", "halted"]


def test_a_halt_says_since_when_and_by_whom(
    database: Database, there: TrainingProgramme, now: datetime
) -> None:
    with database.writing() as session:
        halt(session, there.approver, now=now)

    with database.reading() as session:
        programme = the_programme(session)
        assert (programme.halted_at, programme.halted_by) == (now, there.approver.staff)


@pytest.mark.parametrize("act", [halt, resume])
def test_nobody_halts_without_the_permission(
    database: Database, there: TrainingProgramme, now: datetime, act: Callable[..., None]
) -> None:
    stranger = Actor(there.approver.staff, "A stranger", Permission.LOOK)

    with pytest.raises(NotPermitted), database.writing() as session:
        act(session, stranger, now=now)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_no_claim_begins_while_a_halt_is_being_recorded(
    database: Database, there: TrainingProgramme, now: datetime
) -> None:
    with database.writing() as halting:
        halt(halting, there.operator, now=now)
        with database.writing() as claiming:
            asks = text("SELECT pg_try_advisory_xact_lock_shared(:gate)")
            assert claiming.execute(asks, {"gate": GATE_KEY}).scalar_one() is False


@pytest.mark.parametrize(("name", "value"), [("shelve_least", 1), ("shelve_every_seconds", 20)])
def test_a_small_pool_or_quick_shelf_is_refused_outside_of_training(
    database: Database, there: TrainingProgramme, name: str, value: int
) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        setattr(the_programme(session), name, value)


def test_there_is_one_programme_only(database: Database, there: TrainingProgramme) -> None:
    second = Programme(
        id=2, name="Another", zone="UTC", region="PK", currency="PKR", languages="en", training=True
    )

    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(second)
