"""Residue: rows that all look alike, and the last word of a caller holds until it is done."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from campaigns.listening.residue import (
    ONLY_DELETE,
    Held,
    HeldThing,
    Residue,
    TooMuchToSeal,
    Use,
    Wanted,
    due_residue,
    leave_residue,
    only_delete,
    want,
    wanted_now,
)
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import training_programme

TWILIO, RECORDING = "twilio", "RE" + "7" * 32
CLIP = Wanted(
    use=Use.CLIP,
    language="ps",
    seconds=60,
    show="peace-hour",
    question=2**40,
    consents=7,
    speaker=2,
    wording=bytes(range(32)),
    code="123456",
)
LATER = timedelta(hours=2)


@pytest.fixture
def live(database: Database, keyring: KeyRing, now: datetime) -> Database:
    """A live programme."""
    training_programme(database, keyring, now, training=False)
    return database


def rows(database: Database) -> list[Residue]:
    with database.reading() as session:
        return list(session.scalars(select(Residue)))


def due(database: Database, keyring: KeyRing, at: datetime) -> list[HeldThing]:
    with database.reading() as session:
        return due_residue(session, keyring.vault(session), now=at)


def say(database: Database, keyring: KeyRing, wanted: Wanted, now: datetime) -> Wanted | None:
    with database.writing() as session:
        return want(session, keyring.vault(session), TWILIO, RECORDING, wanted, now=now)


def test_whatever_the_carrier_holds_has_a_row_of_one_size_due_at_a_full_hour(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    moment = now + timedelta(minutes=13, seconds=7)
    with live.writing() as session:
        vault = keyring.vault(session)
        for kind, sid, wanted in (
            (Held.MESSAGE, "SM1", ONLY_DELETE),
            (Held.CALL, "CA" + "1" * 62, ONLY_DELETE),
            (Held.RECORDING, "RE1", Wanted(Use.FEEDBACK, "ps", 12)),
            (Held.RECORDING, "RE2", replace(CLIP, note="n" * 200)),
        ):
            assert leave_residue(session, vault, TWILIO, kind, sid, now=moment, wanted=wanted)
            assert not leave_residue(session, vault, TWILIO, kind, sid, now=moment)

    assert len({len(row.box) for row in rows(live)}) == 1
    assert {row.due_hour for row in rows(live)} == {now + timedelta(hours=1)}
    assert {(thing.kind, thing.carrier_id): thing.wanted for thing in due(live, keyring, now + LATER)}[
        Held.RECORDING, "RE1"
    ] == Wanted(Use.FEEDBACK, "ps", 12)
    with live.writing() as session, pytest.raises(TooMuchToSeal):
        too_much = replace(CLIP, note="n" * 600)
        leave_residue(
            session, keyring.vault(session), TWILIO, Held.RECORDING, "RE3", now=now, wanted=too_much
        )


def test_what_is_said_in_the_last_minutes_of_an_hour_is_due_an_hour_later(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    """She may still be in the call, and take it back."""
    say(live, keyring, CLIP, now + timedelta(minutes=49))
    assert [row.due_hour for row in rows(live)] == [now + timedelta(hours=1)]
    say(live, keyring, CLIP, now + timedelta(minutes=51))
    assert [row.due_hour for row in rows(live)] == [now + timedelta(hours=2)]


def test_in_training_it_is_due_at_the_next_minute_but_one(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    with live.writing() as session:
        the_programme(session).training = True
    say(live, keyring, CLIP, now + timedelta(seconds=5))
    assert [row.due_hour for row in rows(live)] == [now + timedelta(minutes=2)]
    with live.writing() as session:
        vault = keyring.vault(session)
        read_in = Wanted(Use.STUDIO, "ps", 9, note="1/greeting")
        leave_residue(session, vault, TWILIO, Held.RECORDING, "RE9", now=now, wanted=read_in)
    assert [thing.carrier_id for thing in due(live, keyring, now)] == ["RE9"]


def test_her_last_word_holds_and_what_she_deleted_stays_deleted(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    first = replace(CLIP, consents=1)
    assert say(live, keyring, first, now) is None
    assert say(live, keyring, CLIP, now) == first
    assert [thing.wanted for thing in due(live, keyring, now + LATER)] == [CLIP]
    assert say(live, keyring, ONLY_DELETE, now) == CLIP
    # A copy of an older request comes late
    assert say(live, keyring, first, now) == ONLY_DELETE
    assert [thing.wanted for thing in due(live, keyring, now + LATER)] == [ONLY_DELETE]


def test_a_final_word_is_not_changed_by_one_that_was_said_before_it(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    final = replace(CLIP, final=True)
    say(live, keyring, final, now)
    say(live, keyring, replace(CLIP, consents=1), now)
    assert [thing.wanted for thing in due(live, keyring, now + LATER)] == [final]
    say(live, keyring, ONLY_DELETE, now)
    assert [thing.wanted for thing in due(live, keyring, now + LATER)] == [ONLY_DELETE]


def test_what_is_done_is_only_deleted_whatever_is_said_later(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    say(live, keyring, CLIP, now)
    (thing,) = due(live, keyring, now + LATER)
    with live.writing() as session:
        vault = keyring.vault(session)
        assert wanted_now(session, vault, thing) == CLIP
        only_delete(session, vault, thing)
    say(live, keyring, CLIP, now)
    assert [one.wanted for one in due(live, keyring, now + LATER)] == [ONLY_DELETE]
    assert RECORDING not in repr(thing)


def test_the_name_of_a_row_is_no_mark_that_anything_else_has(
    live: Database, keyring: KeyRing, now: datetime
) -> None:
    """Or rows of residue could be matched with the ledger's events, and what is left over would be feedback."""
    with live.writing() as session:
        vault = keyring.vault(session)
        leave_residue(session, vault, TWILIO, Held.MESSAGE, "SM1", now=now)
        assert rows_of(session) != [vault.source("message", "SM1")[:16]]


def rows_of(session) -> list[bytes]:  # type: ignore[no-untyped-def]
    return list(session.scalars(select(Residue.rid)))
