"""Nobody says yes to her own question, neither through our functions nor past them, save in training."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from campaigns.staff.actor import ROLES, Actor, add_staff
from campaigns.staff.second_person import (
    ContentChanged,
    NothingAsked,
    SamePerson,
    SecondPerson,
    Verdict,
    ask,
    decide,
    last_decided,
    open_question,
    void,
)
from campaigns.storage.engine import Database

SEND, SEEN, CHANGED = "send", b"s" * 32, b"c" * 32


@dataclass(frozen=True)
class Two:
    """Who writes, and who approves."""

    writer: Actor
    approver: Actor


@pytest.fixture
def two(database: Database, now: datetime) -> Two:
    with database.writing() as session:
        writer = add_staff(session, "Zarghuna K.", ROLES["coordinator"], now=now)
        approver = add_staff(session, "Shahid R.", ROLES["approver"], now=now)
        return Two(
            Actor(writer.rid, writer.name, ROLES["coordinator"]),
            Actor(approver.rid, approver.name, ROLES["approver"]),
        )


def asked(database: Database, two: Two, now: datetime, *, training: bool = False) -> None:
    with database.writing() as session:
        ask(session, two.writer, SEND, 1, SEEN, training=training, now=now)


def say_yes(database: Database, actor: Actor, now: datetime, *, seen: bytes = SEEN) -> None:
    with database.writing() as session:
        decide(session, actor, SEND, 1, seen_hash=seen, verdict=Verdict.YES, now=now)


def test_a_second_person_says_yes(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)

    say_yes(database, two.approver, now)

    with database.reading() as session:
        decided = last_decided(session, SEND, 1)
        assert decided is not None
        assert (decided.verdict, decided.decided_by) == (Verdict.YES, two.approver.staff)
        assert open_question(session, SEND, 1) is None


def test_the_same_person_may_not_say_yes(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)

    with pytest.raises(SamePerson):
        say_yes(database, two.writer, now)


def test_the_database_itself_refuses_one_person_with_two_hats(
    database: Database, two: Two, now: datetime
) -> None:
    asked(database, two, now)

    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(update(SecondPerson).values(decided_by=two.writer.staff, verdict=int(Verdict.YES)))


def test_in_training_one_person_may_play_both(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now, training=True)

    say_yes(database, two.writer, now)

    with database.reading() as session:
        assert open_question(session, SEND, 1) is None


def test_the_same_person_may_take_her_question_back(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)

    with database.writing() as session:
        decide(session, two.writer, SEND, 1, seen_hash=SEEN, verdict=Verdict.SENT_BACK, now=now)

    with database.reading() as session:
        assert open_question(session, SEND, 1) is None


def test_a_yes_holds_only_for_what_was_seen(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)

    with pytest.raises(ContentChanged):
        say_yes(database, two.approver, now, seen=CHANGED)


def test_asking_again_voids_the_question_before(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)
    with database.writing() as session:
        ask(session, two.writer, SEND, 1, CHANGED, training=False, now=now)

    with pytest.raises(ContentChanged):
        say_yes(database, two.approver, now, seen=SEEN)
    say_yes(database, two.approver, now, seen=CHANGED)


def test_a_voided_question_can_no_longer_be_answered(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)
    with database.writing() as session:
        void(session, SEND, 1, now=now)

    with pytest.raises(NothingAsked):
        say_yes(database, two.approver, now)


def test_an_answer_is_given_once(database: Database, two: Two, now: datetime) -> None:
    asked(database, two, now)
    say_yes(database, two.approver, now)

    with pytest.raises(NothingAsked):
        say_yes(database, two.approver, now)
