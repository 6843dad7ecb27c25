"""Rooms reach the database without lost updates, without writing by mistake, and without values in error texts."""

import multiprocessing
import sqlite3
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from campaigns.programme.places import Place
from campaigns.storage.engine import GATE_KEY, Database, gate_exclusive, gate_shared
from tests.support.databases import EngineName
from tests.support.waiting import until

PROCESSES, ROUNDS = 2, 50
CANARY = "canary-of-peshawar"


def a_place(**changes: object) -> Place:
    return Place(
        **{"kind": 1, "name": "Swat", "country": "PK", "zone": "Asia/Karachi", "tension": 0, **changes}
    )


def read_then_write(url: str) -> None:
    """Add one to a number that was read before, many times."""
    database = Database(url)
    for _ in range(ROUNDS):
        with database.writing() as session:
            place = session.get_one(Place, 1, with_for_update=True)
            place.tension += 1
    database.dispose()


def test_processes_that_read_and_then_write_lose_nothing(database: Database, database_url: str) -> None:
    with database.writing() as session:
        session.add(a_place(id=1))
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=read_then_write, args=(database_url,)) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    with database.reading() as session:
        assert session.get_one(Place, 1).tension == PROCESSES * ROUNDS


def test_a_session_that_only_looks_cannot_write(database: Database) -> None:
    with database.reading() as session:
        session.add(a_place())
        with pytest.raises(DBAPIError):
            session.flush()


def test_what_was_read_can_be_looked_at_afterwards(database: Database) -> None:
    with database.writing() as session:
        session.add(a_place(id=1))

    with database.reading() as session:
        place = session.get_one(Place, 1)

    assert place.name == "Swat"


def test_what_fails_in_the_middle_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.writing() as session:
            session.add(a_place(id=1))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with database.reading() as session:
        assert session.get(Place, 1) is None


def test_an_error_of_the_database_shows_no_value(database: Database) -> None:
    with database.writing() as session:
        session.add(a_place(id=1))

    with pytest.raises(IntegrityError) as caught, database.writing() as session:
        session.add(a_place(id=1, name=CANARY))

    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlite_is_opened_with_its_traps_closed(database: Database) -> None:
    with database.reading() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "secure_delete", "trusted_schema", "busy_timeout")
        }

    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "busy_timeout": 10_000,
    }


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_on_sqlite_a_writer_holds_the_lock_from_its_first_statement(
    database: Database, database_url: str
) -> None:
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=0, isolation_level=None)
    with database.writing() as session:
        session.get(Place, 1)

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_postgresql_claims_share_the_gate_and_stop_has_it_alone(database: Database) -> None:
    asks_alone = text("SELECT pg_try_advisory_xact_lock(:gate)")
    with database.writing() as first, database.writing() as second:
        gate_shared(first)
        gate_shared(second)
        with database.writing() as third:
            assert third.execute(asks_alone, {"gate": GATE_KEY}).scalar_one() is False
    with database.writing() as stopping:
        gate_exclusive(stopping)
        with database.writing() as claiming:
            asks_shared = text("SELECT pg_try_advisory_xact_lock_shared(:gate)")
            assert claiming.execute(asks_shared, {"gate": GATE_KEY}).scalar_one() is False


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="sqlite or postgresql"):
        Database("mysql://somewhere/paigham")


def test_a_process_that_was_forked_makes_connections_of_its_own(
    database: Database, engine_name: EngineName, now: datetime
) -> None:
    with database.writing() as session:
        session.add(a_place(id=1))
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=_read_after_fork, args=(database,))
    child.start()
    until(lambda: not child.is_alive(), what="the child's end")

    assert child.exitcode == 0
    with database.reading() as session:
        assert session.get_one(Place, 1).name == "Swat"


def _read_after_fork(database: Database) -> None:
    database.dispose(close=False)
    with database.reading() as session:
        assert session.get_one(Place, 1).name == "Swat"
