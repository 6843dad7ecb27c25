"""The inbox by itself, on a database without any web: deciding looks only, acting is one transaction."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from campaigns.consent.events import ConsentEvent
from campaigns.inbox.acting import FeedbackGoesElsewhere, act
from campaigns.inbox.decision import Decision, Heard, Step, decide
from campaigns.inbox.kept import KEPT_FOR, Inbound, forget_old_texts, keep
from campaigns.inbox.replies import Reply
from campaigns.people.contacts import Contact, remember_contact
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.programme import LONG_NUMBER, TrainingProgramme, training_programme

WOMAN = Number("+923990000101")


@pytest.fixture
def people(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    return training_programme(database, keyring, now)


def a_text(body: str, source: int = 1, sender: Number = WOMAN, **more: bool) -> Heard:
    return Heard("twilio", LONG_NUMBER, sender, body, source.to_bytes(32, "big"), **more)


def decided(database: Database, keyring: KeyRing, text: Heard, now: datetime) -> Decision:
    with database.reading() as session:
        return decide(session, keyring.vault(session), text, now=now)


def done(database: Database, keyring: KeyRing, text: Heard, now: datetime) -> Reply:
    decision = decided(database, keyring, text, now)
    with database.writing() as session:
        return act(session, keyring.vault(session), decision, text, now=now)


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("body", "step", "reply"),
    [
        ("JOIN", Step.ASK, "ask_to_join"),
        ("STOP!!", Step.STOP, "stopped"),
        ("stop the war", Step.FEEDBACK, "thanks_feedback"),
        ("HELP", Step.ONLY_ANSWER, "help_with_lines"),
        ("language", Step.ONLY_ANSWER, "which_language"),
        ("پښتو", Step.CHOOSE_LANGUAGE, "language_chosen"),
        ("feedback", Step.ONLY_ANSWER, "feedback_how"),
        ("feedback the lamp is out", Step.FEEDBACK, "thanks_feedback"),
        ("yes", Step.ONLY_ANSWER, "yes_without_question"),
        ("نه", Step.ONLY_ANSWER, "yes_without_question"),
        ("no more", Step.ONLY_ANSWER, "not_sure"),
        ("", Step.ONLY_ANSWER, "feedback_how"),
    ],
)
def test_each_text_has_its_step_and_its_reply(
    database: Database,
    keyring: KeyRing,
    people: TrainingProgramme,
    now: datetime,
    body: str,
    step: Step,
    reply: str,
) -> None:
    decision = decided(database, keyring, a_text(body), now)
    assert (decision.step, decision.reply.key) == (step, reply)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_her_own_words_are_carried_and_never_shown(
    database: Database, keyring: KeyRing, people: TrainingProgramme, now: datetime
) -> None:
    decision = decided(database, keyring, a_text("FEEDBACK: the lamp is out"), now)
    assert decision.words == "the lamp is out"
    assert "lamp" not in repr(decision)
    assert decided(database, keyring, a_text("JOIN"), now).words == ""
    assert "JOIN me" not in repr(a_text("JOIN me"))


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_feedback_cannot_be_done_where_its_sender_is_known(
    database: Database, keyring: KeyRing, people: TrainingProgramme, now: datetime
) -> None:
    with pytest.raises(FeedbackGoesElsewhere):
        done(database, keyring, a_text("the lamp is out"), now)


def test_the_act_and_its_answer_are_one_transaction(
    database: Database, keyring: KeyRing, people: TrainingProgramme, now: datetime
) -> None:
    # Given a STOP that is decided
    text = a_text("STOP")
    decision = decided(database, keyring, text, now)
    # When its transaction does not come to its end
    with pytest.raises(RuntimeError), database.writing() as session:
        act(session, keyring.vault(session), decision, text, now=now)
        raise RuntimeError
    # Then nothing of it is there
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ConsentEvent)) == 0


def test_a_yes_whose_question_ran_out_meanwhile_confirms_nothing(
    database: Database, keyring: KeyRing, people: TrainingProgramme, now: datetime
) -> None:
    # Given a YES decided at the last moment
    done(database, keyring, a_text("JOIN", 1), now)
    yes = a_text("YES", 2)
    decision = decided(database, keyring, yes, now + timedelta(hours=23))
    # When it is done after the question's day
    with database.writing() as session:
        reply = act(session, keyring.vault(session), decision, yes, now=now + timedelta(hours=25))
    # Then she is told neutrally
    assert reply.key == "yes_without_question"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_newcomer_lives_where_the_programme_begins_and_a_second_join_renews_her_day(
    database: Database, keyring: KeyRing, people: TrainingProgramme, now: datetime
) -> None:
    done(database, keyring, a_text("JOIN", 1), now)
    done(database, keyring, a_text("ګډون", 2), now + timedelta(hours=5))
    with database.reading() as session:
        contact = session.scalars(select(Contact)).one()
    assert contact.place_id == min(people.places.values()) - 1  # the country, made first
    assert contact.language == "ps"
    assert contact.expires_at == now + timedelta(hours=29)


def test_kept_texts_are_forgotten_after_thirty_days(
    database: Database, keyring: KeyRing, people: TrainingProgramme, now: datetime
) -> None:
    # Given a text kept on a conversation line
    with database.writing() as session:
        vault = keyring.vault(session)
        swat = people.places["Swat"]
        contact = remember_contact(
            session, vault, WOMAN, language="ps", place_id=swat, rhythm_id=people.rhythms["Swat"], now=now
        )
        keep(session, vault, contact.id, people.two_way, "salam", now=now)
    # When a month passes, then it is gone, and not before
    with database.writing() as session:
        assert forget_old_texts(session, now=now + KEPT_FOR - timedelta(seconds=1)) == 0
        assert forget_old_texts(session, now=now + KEPT_FOR) == 1
        assert session.scalars(select(Inbound)).all() == []
