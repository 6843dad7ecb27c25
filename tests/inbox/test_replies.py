"""What is said back, and in which language."""

import pytest

from campaigns.consent.events import Event
from campaigns.inbox.replies import REPLY_TO_EVENT, Reply, first_spoken, guessed_by_script, reply_in
from campaigns.language.catalogue import languages
from campaigns.language.entries import REPLIES
from campaigns.programme.programme import Programme


def a_programme(help_lines: str = "") -> Programme:
    return Programme(
        id=1, name="Gudar", zone="Asia/Karachi", region="PK", currency="PKR", languages="ps ur en",
        help_lines=help_lines, training=True,
    )  # fmt: skip


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("key", [key for key in REPLIES if key != "way_out_two_way"])
def test_every_reply_can_be_said_with_what_the_programme_gives(key: str, language: str) -> None:
    assert reply_in(a_programme("1099, 1121"), key, language).text


def test_help_names_the_help_lines_only_where_there_are_some() -> None:
    assert reply_in(a_programme(), "help", "en").key == "help"
    told = reply_in(a_programme("1099 1121"), "help", "en")
    assert told.key == "help_with_lines"
    assert "1099, 1121" in (told.text or "")


def test_silence_has_no_words() -> None:
    assert Reply(None, "en").text is None
    assert reply_in(a_programme(), None, "ps").text is None


def test_every_event_of_a_text_has_the_reply_it_was_answered_with() -> None:
    assert set(REPLY_TO_EVENT) == {Event.REQUESTED, Event.CONFIRMED, Event.DECLINED, Event.WITHDRAWN}
    assert set(REPLY_TO_EVENT.values()) <= set(REPLIES)


def test_a_language_we_do_not_speak_is_passed_over_and_a_variant_is_its_language() -> None:
    assert first_spoken(None, "xx", "ur-Latn", "en") == "ur"
    assert first_spoken(None, "xx") == languages()[0]


def test_letters_choose_among_the_programme_s_languages_by_their_direction() -> None:
    assert guessed_by_script("سلام", ("ps", "ur", "en")) == "ps"
    assert guessed_by_script("salaam", ("ps", "ur", "en")) == "en"
    assert guessed_by_script("salaam", ("ps", "ur")) is None
    assert guessed_by_script("123 🙏", ("ps", "en")) is None
