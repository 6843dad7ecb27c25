"""Texts through the door, on both engines: what is answered, what is written, what is not."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from campaigns.consent.events import ConsentEvent, ConsentWording, Event
from campaigns.consent.standing import Suppression, standing_mask
from campaigns.inbox.kept import Inbound, texts_of
from campaigns.language.catalogue import say
from campaigns.listening.residue import Residue
from campaigns.people.contacts import Contact, find_contact
from campaigns.people.groups import Membership, Tolana
from campaigns.people.numbers import Number
from campaigns.programme.lines import Line
from tests.support.programme import SENDER
from tests.webhooks.conftest import WOMAN, Door, new_sid

STRANGER = "+923990000199"
# What is decided in Python alone need not be decided on both engines.
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])
FLOWS = {
    "en": ("JOIN", "YES", "en"),
    "ur": ("شامل", "ہاں", "ur"),
    "ps": ("ګډون", "هو", "ps"),
    "urdu in Latin letters": ("shamil", "han", "ur"),
}
FEEDBACK = "the water in our street is bad since monday"


def contact_of(door: Door, number: str = WOMAN) -> Contact | None:
    """The contact with this number."""
    with door.house.database.reading() as session:
        return find_contact(session, door.house.vault(session), Number(number))


def stands(door: Door, number: str = WOMAN) -> bool:
    """Whether any consent of this phone stands."""
    contact = contact_of(door, number)
    with door.house.database.reading() as session:
        return contact is not None and standing_mask(session, contact.id) != 0


def is_suppressed(door: Door, number: str = WOMAN) -> bool:
    """Whether this phone's STOP is kept."""
    with door.house.database.reading() as session:
        return session.get(Suppression, door.house.vault(session).mark(number)) is not None


@on_sqlite
@pytest.mark.parametrize("flow", FLOWS)
def test_join_asks_in_her_language_and_yes_confirms_in_it(door: Door, flow: str) -> None:
    # Given a phone that we have never heard of
    join, yes, language = FLOWS[flow]
    # When it joins
    question = say(language, "ask_to_join", name="Gudar")
    assert door.text(join) == [question]
    # Then it is asked, for a day, and nothing stands yet
    contact = contact_of(door)
    assert contact is not None
    assert contact.language == language
    assert contact.expires_at == door.house.now() + timedelta(hours=24)
    assert not stands(door)
    # And when it agrees, its consent stands, with the words it agreed to
    assert door.text(yes) == [say(language, "joined")]
    assert stands(door)
    assert [event.event for event in door.events()] == [Event.REQUESTED, Event.CONFIRMED]
    with door.house.database.reading() as session:
        wording = session.get(ConsentWording, door.events()[1].wording)
        assert wording is not None
        assert wording.body == question
    contact = contact_of(door)
    assert contact is not None
    assert contact.expires_at is None


def test_no_declines_and_nothing_stands(door: Door) -> None:
    door.text("JOIN")
    assert door.text("no") == [say("en", "declined")]
    assert not stands(door)
    assert door.events()[-1].event == Event.DECLINED


@on_sqlite
def test_yes_after_a_day_of_silence_confirms_nothing(door: Door) -> None:
    door.text("JOIN")
    door.show(door.house.now() + timedelta(hours=24, seconds=1))
    assert door.text("yes") == [say("en", "yes_without_question")]
    assert not stands(door)
    assert door.staged() == 0


def test_join_answers_a_phone_that_joined_long_ago_like_any_other(door: Door) -> None:
    # Given one phone that joined, and one that never did
    door.text("JOIN")
    door.text("YES")
    # Then whoever holds them learns nothing from JOIN
    assert door.text("JOIN") == door.text("JOIN", sender=STRANGER)
    # And the consent that stands goes on standing
    assert stands(door)


def test_a_sign_up_code_brings_her_into_its_group_and_place(door: Door) -> None:
    with door.house.database.writing() as session:
        session.get_one(Tolana, door.people.groups["Bahadar"]).code = "SWAT7"
    assert door.text("JOIN SWAT7") == [say("en", "ask_to_join", name="Gudar")]
    contact = contact_of(door)
    assert contact is not None
    assert contact.place_id == door.people.places["Swat"]
    with door.house.database.reading() as session:
        assert session.get(Membership, (door.people.groups["Bahadar"], contact.id)) is not None


@on_sqlite
def test_an_unknown_sign_up_code_is_a_plain_join(door: Door) -> None:
    assert door.text("JOIN SWAT9") == [say("en", "ask_to_join", name="Gudar")]
    with door.house.database.reading() as session:
        assert session.scalars(select(Membership)).all() == []


@pytest.mark.parametrize(("word", "language"), [("STOP please", "en"), ("بند کرو", "ur"), ("ودروه", "ps")])
def test_stop_from_a_number_never_seen_is_kept_and_answered(door: Door, word: str, language: str) -> None:
    assert door.text(word, sender=STRANGER) == [say(language, "stopped")]
    assert is_suppressed(door, STRANGER)
    assert contact_of(door, STRANGER) is None


@on_sqlite
def test_stop_wins_over_an_open_question_and_over_every_other_word(door: Door) -> None:
    door.text("JOIN")
    assert door.text("yes stop") == [say("en", "stopped")]
    assert not stands(door)
    assert is_suppressed(door)
    assert door.text("yes") == [say("en", "yes_without_question")]


def test_only_her_own_double_opt_in_lifts_her_stop(door: Door) -> None:
    door.text("STOP")
    door.text("JOIN")
    assert is_suppressed(door)
    door.text("YES")
    assert not is_suppressed(door)
    assert stands(door)


@on_sqlite
def test_stop_to_a_line_that_the_programme_does_not_know_still_counts(door: Door) -> None:
    assert door.text("STOP", to="+923990000099") == [say("en", "stopped")]
    assert is_suppressed(door)
    # And anything else there is taken without an answer
    assert door.text("JOIN", to="+923990000099", sender=STRANGER) == []
    assert contact_of(door, STRANGER) is None


@on_sqlite
def test_a_stop_that_the_carrier_answered_is_recorded_in_silence(door: Door) -> None:
    assert door.text("Stop!", OptOutType="STOP") == []
    assert is_suppressed(door)
    assert door.events()[0].event == Event.WITHDRAWN


@on_sqlite
def test_help_that_the_carrier_answered_is_not_answered_twice(door: Door) -> None:
    assert door.text("HELP", OptOutType="HELP") == []


@on_sqlite
def test_yes_counts_though_the_carrier_took_it_for_a_start(door: Door) -> None:
    door.text("JOIN")
    assert door.text("YES", OptOutType="START") == [say("en", "joined")]


@on_sqlite
@pytest.mark.parametrize("body", ["JOIN", "STOP", "HELP", "اردو", FEEDBACK, "yes", "language"])
def test_a_repeated_webhook_has_the_same_answer_and_makes_no_second_event(door: Door, body: str) -> None:
    # Given a text that was answered
    sid = new_sid()
    first = door.text(body, sid=sid)
    before = {name: rows for name, rows in door.rows().items() if name != "residue"}
    # When the carrier sends it again
    again = door.text(body, sid=sid)
    # Then nothing is said or written anew
    assert again == first
    assert {name: rows for name, rows in door.rows().items() if name != "residue"} == before


@pytest.mark.parametrize(
    ("texts", "events"), [(["JOIN"], 1), (["STOP"], 1), (["JOIN", "YES"], 2), (["JOIN", "NO"], 2)]
)
def test_a_repeated_webhook_is_recognised_by_the_ledger_when_redis_was_wiped(
    door: Door, texts: list[str], events: int
) -> None:
    sids = [new_sid() for _ in texts]
    answers = [door.text(body, sid=sid) for body, sid in zip(texts, sids, strict=True)]
    door.house.redis.flushall()
    assert door.text(texts[-1], sid=sids[-1]) == answers[-1]
    assert len(door.events()) == events


@pytest.mark.parametrize("body", ["JOIN", "STOP", FEEDBACK])
def test_two_copies_at_the_same_moment_make_one_event_and_one_answer(door: Door, body: str) -> None:
    # Given one message, twice on the wire
    sid, answers = new_sid(), []
    start = threading.Barrier(2)

    def knock() -> None:
        start.wait()
        answers.append(door.text(body, sid=sid))

    copies = [threading.Thread(target=knock) for _ in range(2)]
    # When both arrive
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join()
    # Then one thing happened
    assert answers[0] == answers[1]
    assert len(door.events()) + door.staged() == 1


@on_sqlite
def test_help_tells_the_help_lines_and_writes_nothing(door: Door) -> None:
    before = door.rows()
    assert door.text("HELP") == [say("en", "help_with_lines", name="Gudar", help_lines="1099")]
    after = door.rows()
    assert {name for name in after if after[name] != before[name]} == {"residue"}


@on_sqlite
def test_a_language_is_chosen_and_the_answer_is_the_same_for_a_stranger(door: Door) -> None:
    door.text("JOIN")
    assert door.text("اردو") == [say("ur", "language_chosen")] == door.text("اردو", sender=STRANGER)
    contact = contact_of(door)
    assert contact is not None
    assert contact.language == "ur"
    assert contact_of(door, STRANGER) is None


@on_sqlite
def test_the_answer_is_in_the_word_s_language_else_the_phone_s_else_the_letters(door: Door) -> None:
    assert door.text(FEEDBACK, sender=STRANGER) == [say("en", "thanks_feedback")]
    assert door.text("ګډون") == [say("ps", "ask_to_join", name="Gudar")]
    assert door.text("the road is closed") == [say("ps", "thanks_feedback")]
    assert door.text("شامل") == [say("ur", "ask_to_join", name="Gudar")]


@on_sqlite
def test_feedback_alone_is_asked_for_and_nothing_is_sealed(door: Door) -> None:
    assert door.text("FEEDBACK") == [say("en", "feedback_how")]
    assert door.text("🙏") == [say("ps", "feedback_how")]
    assert door.staged() == 0


def test_feedback_leaves_one_staged_row_and_the_uniform_residue_and_nothing_else(door: Door) -> None:
    # Given a phone that is known and confirmed
    door.text("JOIN")
    door.text("YES")
    before = door.rows()
    # When it gives feedback
    assert door.text(FEEDBACK) == [say("en", "thanks_feedback")]
    # Then every table is as it was, but for staging and residue
    after = door.rows()
    assert {name for name in after if after[name] != before[name]} == {"staging", "residue"}
    assert len(after["staging"]) == len(before["staging"]) + 1
    # And residue cannot tell it from a keyword
    assert len({(len(row[1]), row[2], row[3]) for row in after["residue"]}) == 1  # type: ignore[arg-type]


@on_sqlite
def test_the_fourth_feedback_of_a_day_is_not_kept_and_the_next_day_is_free(door: Door) -> None:
    for _ in range(3):
        assert door.text(FEEDBACK) == [say("en", "thanks_feedback")]
    assert door.text(FEEDBACK) == [say("en", "limit_reached")]
    assert door.staged() == 3
    # And another phone is not held up by it
    assert door.text(FEEDBACK, sender=STRANGER) == [say("en", "thanks_feedback")]
    door.show(door.house.now() + timedelta(days=1))
    assert door.text(FEEDBACK) == [say("en", "thanks_feedback")]


def test_a_conversation_line_keeps_free_text_with_a_phone_it_knows(door: Door) -> None:
    # Given a line marked conversation, and a phone that joined on it
    with door.house.database.writing() as session:
        session.get_one(Line, door.people.two_way).conversation = True
    door.text("JOIN")
    # When it writes
    assert door.text("when is the meeting?") == [say("en", "try_later")]
    # Then its words are kept, sealed
    contact = contact_of(door)
    assert contact is not None
    with door.house.database.reading() as session:
        kept = texts_of(session, door.house.vault(session), contact.id)
        assert [words for _, words in kept] == ["when is the meeting?"]
        assert b"meeting" not in session.scalars(select(Inbound.box)).one()
    # But what a phone writes that we hold no number for is sealed as feedback, and so is what FEEDBACK announces
    door.text("when is the meeting?", sender=STRANGER)
    door.text("FEEDBACK the meeting was late")
    assert door.staged() == 2


@on_sqlite
def test_a_doubtful_word_is_asked_back_and_changes_nothing(door: Door) -> None:
    door.text("JOIN")
    door.text("YES")
    assert door.text("leave me alone") == [say("en", "not_sure")]
    assert stands(door)


@on_sqlite
def test_a_text_from_an_operator_s_sender_name_is_taken_in_silence(door: Door) -> None:
    assert door.text("Your package expires", sender="Jazz") == []
    assert door.staged() == 0


@on_sqlite
def test_every_answer_of_ours_is_in_the_ledger_with_its_line_and_source(door: Door) -> None:
    door.text("JOIN")
    with door.house.database.reading() as session:
        event = session.scalars(select(ConsentEvent)).one()
    assert (event.line_id, event.act, event.language) == (door.people.two_way, "JOIN", "en")
    assert event.source is not None


@on_sqlite
def test_residue_is_left_for_every_text_alike(door: Door) -> None:
    for body in ("JOIN", FEEDBACK, "HELP", "STOP"):
        door.text(body)
    with door.house.database.reading() as session:
        rows = session.scalars(select(Residue)).all()
    assert len(rows) == 4
    assert len({len(row.box) for row in rows}) == 1
    assert {row.due_hour for row in rows} == {door.house.now() + timedelta(minutes=2)}  # in training


@on_sqlite
def test_the_one_way_sender_s_name_is_no_line_to_write_to(door: Door) -> None:
    assert door.text("STOP", to=SENDER) == [say("en", "stopped")]
    assert is_suppressed(door)
