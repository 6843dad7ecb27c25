"""A table of what people write, and what holds for every STOP however it is dressed up."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.language.catalogue import catalogue, languages
from campaigns.language.entries import Action, Confidence
from campaigns.language.keywords import Recognised, recognise
from campaigns.language.reading import PlainLoader


@dataclasses.dataclass(frozen=True)
class Group:
    """Texts of which the same is to be made; `language` and `argument` only where the group says them."""

    number: int
    texts: tuple[str, ...]
    action: Action
    awaiting_yes: bool
    language: str | None
    argument: str | None

    def __str__(self) -> str:
        return f"{self.number} {self.action} {self.language or ''}"


def read_groups() -> list[Group]:
    file = Path(__file__).with_name("keyword_cases.yaml")
    rows = PlainLoader(file.read_text(encoding="utf-8")).get_single_data()
    return [
        Group(
            number=number,
            texts=tuple(row["texts"]),
            action=Action(row["action"]),
            awaiting_yes=row.get("awaiting_yes", False),
            language=row.get("language"),
            argument=row.get("argument"),
        )
        for number, row in enumerate(rows, 1)
    ]


GROUPS = read_groups()
HINTS = (None, *languages())


@pytest.mark.parametrize("hint", HINTS)
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_a_text_is_taken_for_what_it_asks_whatever_the_contacts_language(
    group: Group, hint: str | None
) -> None:
    found = {
        text: recognise(text, awaiting_yes=group.awaiting_yes, language_hint=hint) for text in group.texts
    }

    assert {text: f.because for text, f in found.items() if f.action is not group.action} == {}
    if group.argument is not None:
        assert {text: f.argument for text, f in found.items() if f.argument != group.argument} == {}


@pytest.mark.parametrize("group", [group for group in GROUPS if group.language], ids=str)
def test_the_language_is_that_of_the_word(group: Group) -> None:
    found = {text: recognise(text, awaiting_yes=group.awaiting_yes).language for text in group.texts}

    assert {text: language for text, language in found.items() if language != group.language} == {}


def test_the_table_is_large_and_has_as_many_sentences_as_it_needs() -> None:
    assert sum(len(group.texts) for group in GROUPS) >= 1500
    assert sum(len(group.texts) for group in GROUPS if group.action is Action.NONE) >= 500


@pytest.mark.parametrize("hint", ["ur", "ps", "ur-Latn"])
def test_a_word_that_all_languages_use_keeps_the_contacts_language(hint: str) -> None:
    assert recognise("STOP please", language_hint=hint).language == hint[:2]
    assert recognise("JOIN SWAT7", language_hint=hint).language == hint[:2]
    assert recognise("JOIN SWAT7").language == "en"
    assert recognise("JOIN English", language_hint=hint).language == "en"


def test_a_hint_nobody_speaks_is_no_hint() -> None:
    assert recognise("STOP", language_hint="xx").language == "en"


def test_a_word_of_two_languages_is_read_in_the_hinted_one() -> None:
    assert recognise("شکایت", language_hint="ps").language == "ps"
    assert recognise("شکایت", language_hint="ur").language == "ur"


def test_letters_of_one_language_tell_which_even_without_a_keyword() -> None:
    assert recognise("سوله غواړو").language == "ps"
    assert recognise("ہمیں امن چاہیے").language == "ur"
    assert recognise("we want peace").language is None


def test_the_reason_and_the_printed_form_never_quote_the_text() -> None:
    found = recognise("FEEDBACK the well at Matta is dry")

    assert found.argument == "the well at Matta is dry"
    assert "Matta" not in repr(found)
    assert "Matta" not in found.because


def test_a_very_long_text_is_somebodys_own_words() -> None:
    assert recognise("stop the water " * 400).action is Action.NONE
    assert recognise("stop please " * 400).action is Action.NONE


def test_feedback_keeps_every_letter_that_was_written() -> None:
    assert (
        recognise("Feedback:  “Stop!”, he said…\nthen  left 🙏").argument
        == "“Stop!”, he said…\nthen  left 🙏"
    )


DEFINITE_STOPS = sorted(
    {
        keyword.phrase
        for tag in languages()
        for keyword in catalogue(tag).keywords
        if keyword.action is Action.STOP
        and keyword.confidence is Confidence.HIGH
        and not keyword.about_messages
    }
)
POLITE = [
    *("please", "plz", "thanks", "sir", "ok", "meherbani", "03990000017"),
    *("براہ مہربانی", "شکریہ", "مهرباني وکړئ", "مننه"),
]
MARKS = ["", *"!.…؟۔،»'*\n\u200f\u202b\u2066\ufeff\u200b", " 🛑", "🙏🏽"]


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def on_an_arabic_keyboard(text: str) -> str:
    return text.translate(str.maketrans("یکہگ", "يكهګ"))


def with_direction_marks_inside(text: str) -> str:
    return "\u200f".join(text)


CLOTHES = [
    str.upper,
    str.title,
    full_width,
    on_an_arabic_keyboard,
    with_direction_marks_inside,
    lambda text: text,
]


@given(
    stop=st.sampled_from(DEFINITE_STOPS),
    before=st.lists(st.sampled_from(POLITE), max_size=2),
    after=st.lists(st.sampled_from(POLITE), max_size=2),
    clothes=st.sampled_from(CLOTHES),
    marks=st.tuples(st.sampled_from(MARKS), st.sampled_from(MARKS)),
    times=st.integers(1, 3),
    hint=st.sampled_from(HINTS),
    awaiting=st.booleans(),
)
def test_stop_stays_stop_however_it_is_dressed(
    stop: str,
    before: list[str],
    after: list[str],
    clothes: object,
    marks: tuple[str, str],
    times: int,
    hint: str | None,
    awaiting: bool,
) -> None:
    assert callable(clothes)
    text = " ".join([*before, *[marks[0] + clothes(stop) + marks[1]] * times, *after])

    assert recognise(text, awaiting_yes=awaiting, language_hint=hint).action is Action.STOP


@given(stop=st.sampled_from(DEFINITE_STOPS), place=st.integers(0, 30), times=st.integers(2, 6))
def test_a_stretched_letter_does_not_hide_a_stop(stop: str, place: int, times: int) -> None:
    at = place % len(stop)

    assert recognise(stop[:at] + stop[at] * times + stop[at + 1 :]).action is Action.STOP


SUBJECTS = [
    *("war", "violence", "crying", "the fighting", "school", "jang", "zulm", "school ko"),
    *("جنگ", "ظلم", "سکول", "لڑائی", "جګړه", "ښوونځی"),
]


@given(
    stop=st.sampled_from(DEFINITE_STOPS),
    subject=st.sampled_from(SUBJECTS),
    polite=st.sampled_from(["", *POLITE]),
    first=st.booleans(),
)
def test_a_stop_word_with_something_else_to_stop_is_a_sentence(
    stop: str, subject: str, polite: str, first: bool
) -> None:
    words = [stop, subject] if first else [subject, stop]

    assert recognise(" ".join([polite, *words])).action is not Action.STOP


@given(st.text(max_size=200), st.booleans(), st.sampled_from(HINTS))
def test_any_text_at_all_gets_an_answer(text: str, awaiting: bool, hint: str | None) -> None:
    assert isinstance(recognise(text, awaiting_yes=awaiting, language_hint=hint), Recognised)


@given(st.text(max_size=60))
def test_without_a_question_nothing_is_consent(text: str) -> None:
    assert recognise(text).action not in (Action.YES, Action.NO)


def test_every_keyword_of_a_catalogue_does_what_its_row_says() -> None:
    wrong = [
        (tag, keyword.phrase, found.action)
        for tag in languages()
        for keyword in catalogue(tag).keywords
        if not keyword.about_messages
        and (found := recognise(keyword.phrase, awaiting_yes=True, language_hint=tag)).action
        is not keyword.action
    ]

    assert wrong == []


def test_every_row_about_messages_stops_when_a_word_for_messages_is_there() -> None:
    wrong = [
        (tag, keyword.phrase)
        for tag in languages()
        for keyword in catalogue(tag).keywords
        if keyword.about_messages
        and recognise(f"{catalogue(tag).messages[0]} {keyword.phrase}").action is not Action.STOP
    ]

    assert wrong == []
