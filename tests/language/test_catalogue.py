"""Every language says the same things, within its parts, and a slip in a file is named with its key."""

import re
from pathlib import Path

import pytest

from campaigns.language import catalogue as room
from campaigns.language.catalogue import (
    CATALOGUES,
    CatalogueBroken,
    NamesDoNotFit,
    NoSuchLanguage,
    NoSuchReply,
    catalogue,
    languages,
    say,
)
from campaigns.language.entries import REPLIES, SELF_FILLED, Action
from campaigns.language.keywords import recognise
from campaigns.language.parts import Encoding, clean, count
from campaigns.language.reading import read_catalogue
from campaigns.language.wording import with_way_out

LONGEST = {"name": "Khwendo Jirga", "number": "03990000017", "help_lines": "15, 1122, 080022227, 03117786264"}
EVERY_REPLY = [(tag, key) for tag in languages() for key in REPLIES]


def names_for(key: str) -> dict[str, str]:
    return {name: LONGEST[name] for name in REPLIES[key].placeholders - SELF_FILLED}


@pytest.mark.parametrize(("tag", "key"), EVERY_REPLY)
def test_every_reply_is_said_within_its_parts(tag: str, key: str) -> None:
    said = say(tag, key, **names_for(key))

    assert "{" not in said
    assert clean(said).changes == ()
    assert count(said).parts <= REPLIES[key].most_parts, (tag, key, count(said))


@pytest.mark.parametrize("key", REPLIES)
def test_english_replies_never_cost_as_ucs_2(key: str) -> None:
    assert count(say("en", key, **names_for(key))).encoding is Encoding.GSM_7


WORD_TO_SEND = re.compile(r"«([^»]+)»|\b([A-Z]{3,})\b")


@pytest.mark.parametrize(("tag", "key"), EVERY_REPLY)
def test_every_word_a_reply_tells_to_send_is_understood(tag: str, key: str) -> None:
    for quoted, capitals in WORD_TO_SEND.findall(catalogue(tag).replies[key]):
        found = recognise(quoted or capitals, awaiting_yes=key == "ask_to_join")
        assert found.action not in (Action.NONE, Action.UNSURE), (tag, key, quoted or capitals)


def test_a_choice_of_language_can_be_copied_from_the_question() -> None:
    for tag in languages():
        offered = re.split(r"[:,،]\s*", say(tag, "which_language"))[1:]
        assert [recognise(name).argument for name in offered] == list(languages())


def test_the_answer_to_a_probe_is_the_same_for_everybody() -> None:
    for tag in languages():
        assert REPLIES["yes_without_question"].placeholders == frozenset()
        assert say(tag, "yes_without_question") == say(tag, "yes_without_question")


def test_the_languages_of_this_house_and_how_they_run() -> None:
    assert languages() == ("en", "ur", "ps")
    assert [catalogue(tag).direction for tag in languages()] == ["ltr", "rtl", "rtl"]
    assert [catalogue(tag).needs_native_reader for tag in languages()] == [False, True, True]


@pytest.mark.parametrize(("tag", "language"), [("ur-Latn", "ur"), ("ps-Latn", "ps"), ("en", "en")])
def test_a_written_variant_belongs_to_its_language(tag: str, language: str) -> None:
    assert catalogue(tag).tag == language
    assert say(tag, "joined") == say(language, "joined")


@pytest.mark.parametrize("tag", languages())
def test_every_action_has_words_in_every_language_but_those_borrowed(tag: str) -> None:
    having = {keyword.action for keyword in catalogue(tag).keywords}

    assert having == set(Action) - {Action.NONE}


def test_a_language_or_a_reply_that_is_not_there_is_named() -> None:
    with pytest.raises(NoSuchLanguage, match=r"no catalogue for xx\. There are: en, ur, ps"):
        catalogue("xx")
    with pytest.raises(NoSuchReply, match="no reply greeting"):
        say("en", "greeting")


def test_names_must_be_exactly_those_the_reply_says() -> None:
    with pytest.raises(NamesDoNotFit, match="takes name; it was given none"):
        say("en", "ask_to_join")
    with pytest.raises(NamesDoNotFit, match="takes no names; it was given name"):
        say("en", "joined", name="Gudar")


def test_a_name_with_braces_is_said_as_it_is() -> None:
    assert say("en", "ask_to_join", name="{number}").startswith("{number}: ")


SLIPS = [
    ("replies:\n", "replies:\n  greeting: hello\n", "en.yaml, replies.greeting: is not known here"),
    ("send STOP to {number}", "send STOP", "en.yaml, replies.way_out_two_way: must say {number} somewhere"),
    (
        "send STOP to {number}",
        "send STOP to {nummer}",
        "en.yaml, replies.way_out_two_way: uses {nummer}; known are",
    ),
    (
        "send STOP to {number}",
        "{name}: send STOP to {number}",
        "en.yaml, replies.way_out_two_way: must not use {name}",
    ),
    ("send STOP to {number}", "send STOP to {number", "en.yaml, replies.way_out_two_way: has a { or }"),
    ("direction: ltr\nneeds", "direction: left\nneeds", "en.yaml, direction: should be one of ltr, rtl"),
    ("language: en\n", "language: eng\n", "en.yaml, language: should be the same as the file's name"),
    (
        "own_name: English\n",
        "own_name: English\nown_name: Inglish\n",
        "en.yaml, the file: cannot be read as YAML",
    ),
    ("english_name: English\n", "", "en.yaml, english_name: is missing"),
    (
        "needs_native_reader: false",
        "needs_native_reader: no",
        "en.yaml, needs_native_reader: should be true or false",
    ),
    (
        "{words: help me, confidence: M}",
        "{words: help me, confidence: X}",
        "keywords.help row 2.confidence: should be",
    ),
    (
        "{words: help me, confidence: M}",
        "{words: help me, certainty: M}",
        "keywords.help row 2.certainty: is not",
    ),
    (
        "{words: help me, confidence: M}",
        "{words: stop, confidence: M}",
        "“stop” already means stop in en.yaml",
    ),
    ("{words: help me, confidence: M}", "help me", "keywords.help row 2: should hold keys with values"),
    (
        "{words: help me, confidence: M}",
        "{words: '...', confidence: M}",
        "keywords.help row 2: one of its spellings",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "said"), SLIPS)
def test_a_slip_in_a_file_is_said_in_plain_words(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = (
        (CATALOGUES / "en.yaml").read_text(encoding="utf-8").replace('{words: "help me"', "{words: help me")
    )
    assert right in text
    (tmp_path / "en.yaml").write_text(text.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(CatalogueBroken) as trouble:
        room.load(tmp_path)

    assert said in str(trouble.value)


def test_a_row_written_short_gives_every_spelling() -> None:
    phrases = {keyword.phrase for keyword in read_catalogue(CATALOGUES / "ur.yaml").keywords}

    assert {"band karo", "bnd kr do", "بند کر دیں", "ان سبسکرائب"} <= phrases


def test_the_way_out_never_runs_into_an_unfinished_sentence() -> None:
    line = say("en", "way_out_two_way", number="03990000017")

    assert with_way_out("Come on Sunday.", line) == "Come on Sunday. To stop, send STOP to 03990000017"
    assert with_way_out("Come on Sunday ", line) == "Come on Sunday\nTo stop, send STOP to 03990000017"
    assert with_way_out("سب آئیے۔", "بند: STOP") == "سب آئیے۔ بند: STOP"
    assert with_way_out("  ", line) == line
