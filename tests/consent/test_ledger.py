"""The ledger: what was sealed stays as it was, and whatever is altered is found and named."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from campaigns.consent import ledger
from campaigns.consent.events import (
    Act,
    Channel,
    ConsentDetail,
    ConsentEvent,
    ConsentUnsealed,
    Event,
    Standing,
)
from campaigns.consent.ledger import Head, LedgerBlock, LedgerEntry
from campaigns.consent.standing import confirm, request_opt_in, withdraw
from campaigns.people.contacts import Contact
from campaigns.people.numbers import Number
from campaigns.storage.base import Base
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.consent.conftest import BY_TEXT, HERS, Phone
from tests.support.waiting import until

BLOCKS, EVENTS_A_BLOCK = 3, 4
EVENT, DETAIL, ENTRY, BLOCK, STANDING = (
    Base.metadata.tables[model.__tablename__]
    for model in (ConsentEvent, ConsentDetail, LedgerEntry, LedgerBlock, Standing)
)


@pytest.fixture
def sealed(database: Database, keyring: KeyRing, phone: Phone, now: datetime) -> Head:
    """A ledger of three blocks: one phone that joined, then strangers who said STOP."""
    with database.writing() as session:
        vault = keyring.vault(session)
        contact = session.get_one(Contact, phone.id)
        request_opt_in(session, vault, contact, HERS, BY_TEXT, now=now)
        confirm(session, vault, contact, HERS, Act(Channel.SMS, "YES", language="ps"), now=now)
        for place in range(BLOCKS * EVENTS_A_BLOCK - 2):
            stranger = Number(f"+92399{500 + place:07d}")
            act = Act(Channel.SMS, "STOP", source=vault.source("message", f"SM{place}"))
            withdraw(session, vault, stranger, act, now=now)
            if place % EVENTS_A_BLOCK == 1:
                ledger.seal_events(session, vault, now=now)
        head = ledger.head(session)
    assert head is not None
    assert head.n == BLOCKS
    return head


def fault(database: Database, keyring: KeyRing, trusted: Head | None = None) -> str | None:
    with database.reading() as session:
        return ledger.verify(session, keyring.vault(session), trusted).fault


@contextmanager
def as_an_intruder(database: Database) -> Iterator[Connection]:
    """The database in the hands of somebody whom neither triggers nor foreign keys hinder."""
    with database.engine.connect() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
                .scalars()
                .all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            connection.commit()
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()
        connection.invalidate()


def altered(column: str, value: Any) -> Any:
    """The smallest change of a value."""
    if value is None:
        return {"line_id": 7, "language": "ps", "wording": b"w" * 32}.get(column, b"r" * 16)
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    return value + 1 if isinstance(value, int) else value + "x"


def alter(connection: Connection, table: Table, column: str, row: int) -> None:
    """Change one column of the nth row."""
    key = next(iter(table.primary_key))
    which, value = connection.execute(select(key, table.c[column]).order_by(key).offset(row).limit(1)).one()
    connection.execute(table.update().where(key == which).values({column: altered(column, value)}))


def test_a_ledger_that_nobody_touched_is_whole(database: Database, keyring: KeyRing, sealed: Head) -> None:
    with database.reading() as session:
        verdict = ledger.verify(session, keyring.vault(session), sealed)

    assert verdict == ledger.Verdict(BLOCKS * EVENTS_A_BLOCK, BLOCKS, 0, sealed, None)


def test_an_empty_ledger_is_whole(database: Database, keyring: KeyRing) -> None:
    assert fault(database, keyring) is None


def what_is_said_of_each_column(
    database: Database, keyring: KeyRing, table: Table, columns: list[str]
) -> dict[str, str]:
    """Change each column of the last row in turn, and what verification says of it; nothing stays changed."""
    said = {}
    last = BLOCKS - 1 if table is BLOCK else BLOCKS * EVENTS_A_BLOCK - 1
    with as_an_intruder(database) as connection:
        for column in columns:
            change = connection.begin_nested()
            alter(connection, table, column, last)
            with Session(connection, join_transaction_mode="rollback_only") as session:
                said[column] = ledger.verify(session, keyring.vault(session)).fault or "nothing"
            change.rollback()
    return said


def columns_of(table: Table, *left_out: str) -> list[str]:
    return [column.name for column in table.columns if column.name not in left_out]


def test_a_change_in_any_column_of_an_event_is_found_and_named(
    database: Database, keyring: KeyRing, sealed: Head
) -> None:
    said = what_is_said_of_each_column(database, keyring, EVENT, columns_of(EVENT, "id"))

    last = BLOCKS * EVENTS_A_BLOCK
    assert said == dict.fromkeys(said, f"event {last} is not what was sealed in block 3, seat 3")


def test_an_event_under_another_id_is_found(database: Database, keyring: KeyRing, sealed: Head) -> None:
    said = what_is_said_of_each_column(database, keyring, EVENT, ["id"])

    assert said["id"] == f"event {BLOCKS * EVENTS_A_BLOCK + 1} is in no block"


def test_a_change_in_any_column_of_a_sealed_half_is_found_and_named(
    database: Database, keyring: KeyRing, sealed: Head
) -> None:
    said = what_is_said_of_each_column(database, keyring, DETAIL, columns_of(DETAIL))

    last = BLOCKS * EVENTS_A_BLOCK
    assert said.pop("event_id") == f"the sealed half of event {last} is gone"
    assert said == dict.fromkeys(said, f"the sealed half of event {last} is not the one it was written with")


def test_a_change_in_any_column_of_a_seat_is_found(
    database: Database, keyring: KeyRing, sealed: Head
) -> None:
    said = what_is_said_of_each_column(database, keyring, ENTRY, columns_of(ENTRY))

    assert "nothing" not in said.values()
    assert len(said) == len(columns_of(ENTRY))


def test_a_change_in_any_column_of_a_block_is_found_and_named(
    database: Database, keyring: KeyRing, sealed: Head
) -> None:
    # A block's time is for reading, not evidence: the hash has the times of its events in it.
    said = what_is_said_of_each_column(database, keyring, BLOCK, columns_of(BLOCK, "at"))

    assert all(f"block {BLOCKS}" in fault for fault in said.values()), said


@pytest.mark.parametrize("row", [0, 5, BLOCKS * EVENTS_A_BLOCK - 1])
def test_a_deleted_event_is_named(database: Database, keyring: KeyRing, sealed: Head, row: int) -> None:
    with as_an_intruder(database) as connection:
        connection.execute(EVENT.delete().where(EVENT.c.id == row + 1))

    assert (fault(database, keyring) or "").startswith(f"event {row + 1}, sealed in block")


def test_a_deleted_sealed_half_is_named(database: Database, keyring: KeyRing, sealed: Head) -> None:
    with as_an_intruder(database) as connection:
        connection.execute(DETAIL.delete().where(DETAIL.c.event_id == 3))

    assert fault(database, keyring) == "the sealed half of event 3 is gone"


def test_an_erased_person_has_no_sealed_half_and_that_is_right(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    with database.writing() as session:
        vault = keyring.vault(session)
        event = withdraw(session, vault, Number("+923990000999"), Act(Channel.FIELD, "asked"), now=now)
        session.execute(DETAIL.delete().where(DETAIL.c.subject == event.subject))
        session.add(
            ConsentEvent(
                at=now,
                subject=event.subject,
                event=int(Event.ERASED),
                purposes=63,
                channel=int(Channel.FIELD),
                act="erased",
                policy="2026-11",
                commit=b"c" * 32,
            )
        )
        session.flush()
        newest = session.scalars(select(func.max(ConsentEvent.id))).one()
        session.add(ConsentUnsealed(event_id=newest))
        session.flush()
        ledger.seal_events(session, vault, now=now)

    assert fault(database, keyring) is None


def test_two_events_that_changed_places_are_found(database: Database, keyring: KeyRing, sealed: Head) -> None:
    with as_an_intruder(database) as connection:
        for old, new in ((5, 1_000), (6, 5), (1_000, 6)):
            connection.execute(EVENT.update().where(EVENT.c.id == old).values(id=new))

    assert (fault(database, keyring) or "").startswith("event 5 is not what was sealed in block 2")


def test_two_seats_that_changed_places_are_found(database: Database, keyring: KeyRing, sealed: Head) -> None:
    with as_an_intruder(database) as connection:
        for event, seat in ((5, 99), (6, 0), (5, 1)):
            connection.execute(ENTRY.update().where(ENTRY.c.event_id == event).values(seat=seat))

    assert fault(database, keyring) == "block 2 does not follow from the blocks and events before it"


def test_an_event_slipped_in_is_found(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    with database.writing() as session:
        withdraw(session, keyring.vault(session), HERS, Act(Channel.SMS, "STOP"), now=now)
    with as_an_intruder(database) as connection:
        connection.execute(text("DELETE FROM consent_unsealed"))

    assert fault(database, keyring) == f"event {BLOCKS * EVENTS_A_BLOCK + 1} is in no block"


def cut_the_last_block(database: Database) -> None:
    with as_an_intruder(database) as connection:
        events = select(ENTRY.c.event_id).where(ENTRY.c.block == BLOCKS)
        connection.execute(DETAIL.delete().where(DETAIL.c.event_id.in_(events)))
        connection.execute(EVENT.delete().where(EVENT.c.id.in_(events)))
        connection.execute(ENTRY.delete().where(ENTRY.c.block == BLOCKS))
        connection.execute(BLOCK.delete().where(BLOCK.c.n == BLOCKS))


def test_a_cut_end_is_found_by_the_head_that_a_trustee_kept(
    database: Database, keyring: KeyRing, sealed: Head
) -> None:
    cut_the_last_block(database)

    assert fault(database, keyring) is None
    assert "the trustees know block 3" in (fault(database, keyring, sealed) or "")


def test_an_end_written_anew_is_found_by_the_head_that_a_trustee_kept(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    cut_the_last_block(database)
    with database.writing() as session:
        vault = keyring.vault(session)
        withdraw(session, vault, Number("+923990000998"), Act(Channel.SMS, "STOP"), now=now)
        ledger.seal_events(session, vault, now=now)

    assert fault(database, keyring) is None
    assert "not the one that the trustees know" in (fault(database, keyring, sealed) or "")


def test_a_ledger_written_anew_without_the_key_is_found(
    database: Database, keyring: KeyRing, sealed: Head, tmp_path_factory: pytest.TempPathFactory
) -> None:
    another = KeyRing.create(tmp_path_factory.mktemp("other") / "keys").at(1)
    with database.reading() as session:
        found = ledger.verify(session, another).fault

    assert found == "block 1 was not sealed with this installation's key"


def test_consent_that_was_made_to_stand_by_hand_is_found(
    database: Database, keyring: KeyRing, sealed: Head
) -> None:
    with as_an_intruder(database) as connection:
        connection.execute(STANDING.update().values(mask=63))

    assert "stands for subject" in (fault(database, keyring) or "")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE consent_event SET purposes = 1", "DELETE FROM consent_event", "TRUNCATE consent_event CASCADE"],
)
def test_the_database_itself_refuses_to_change_an_event(
    database: Database, sealed: Head, statement: str
) -> None:
    if statement.startswith("TRUNCATE") and database.dialect == "sqlite":
        statement = "REPLACE INTO consent_event SELECT * FROM consent_event LIMIT 1"

    with pytest.raises(DBAPIError, match="never changed"), database.writing() as session:
        session.execute(text(statement))


def test_two_clocks_never_seal_the_same_event(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    def seal_until_empty() -> None:
        while True:
            try:
                with database.writing() as session:
                    if not ledger.seal_events(session, keyring.vault(session), now=now):
                        return
            except IntegrityError:
                continue

    for place in range(10):
        with database.writing() as session:
            number = Number(f"+92399{700 + place:07d}")
            withdraw(session, keyring.vault(session), number, Act(Channel.SMS, "STOP"), now=now)
        clocks = [threading.Thread(target=seal_until_empty) for _ in range(2)]
        for clock in clocks:
            clock.start()
        for clock in clocks:
            clock.join()

    assert fault(database, keyring, sealed) is None
    with database.reading() as session:
        assert not ledger.has_unsealed(session)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_of_two_clocks_at_the_same_block_one_rolls_back(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    with database.writing() as session:
        withdraw(session, keyring.vault(session), HERS, Act(Channel.SMS, "STOP"), now=now)
    refused: list[IntegrityError] = []

    def second() -> None:
        try:
            with database.writing() as session:
                ledger.seal_events(session, keyring.vault(session), now=now)
        except IntegrityError as error:
            refused.append(error)

    other = threading.Thread(target=second)
    with database.writing() as session:
        assert ledger.seal_events(session, keyring.vault(session), now=now) == 1
        other.start()
        until(lambda: _somebody_waits(database), what="the second clock at the same block")
    other.join()

    assert len(refused) == 1
    assert fault(database, keyring, sealed) is None


def _somebody_waits(database: Database) -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with database.reading() as session:
        return bool(session.execute(waiting).scalar_one())


def test_an_event_that_waits_over_a_minute_is_an_alarm(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    with database.writing() as session:
        withdraw(session, keyring.vault(session), HERS, Act(Channel.SMS, "STOP"), now=now)

    with database.reading() as session:
        assert not ledger.unsealed_too_long(session, now=now + timedelta(seconds=59))
        assert ledger.unsealed_too_long(session, now=now + timedelta(seconds=61))
    with database.writing() as session:
        ledger.seal_events(session, keyring.vault(session), now=now)
    with database.reading() as session:
        assert not ledger.unsealed_too_long(session, now=now + timedelta(days=1))


def test_nothing_is_sealed_when_nothing_waits(
    database: Database, keyring: KeyRing, sealed: Head, now: datetime
) -> None:
    with database.writing() as session:
        assert ledger.seal_events(session, keyring.vault(session), now=now) == 0
        assert ledger.head(session) == sealed
