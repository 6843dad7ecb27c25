"""Folding makes spellings equal that people mean as the same, and only those."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.language.folding import LETTER_ROWS, fold, match_forms, without_runs

SAME = [
    ("ＳＴＯＰ", "stop", "full-width letters"),
    ("𝐒𝐓𝐎𝐏", "stop", "mathematical letters"),
    ("ﺷﺎﻣﻞ", "شامل", "presentation forms"),
    ("ﻻ", "لا", "the lam-alef form"),
    ("\u200fبند\u202c", "بند", "direction marks"),
    ("\ufeffJOIN", "join", "a byte-order mark"),
    ("don’t", "dont", "a curly apostrophe"),
    ("don´t", "dont", "an accent typed as an apostrophe"),
    ("ra'ayi", "raayi", "an apostrophe inside a word"),
    ("۱۲۳ ١٢٣ １２３ ১২৩", "123 123 123 123", "digits of four scripts"),
    ("كري", "کری", "Arabic kaf and yeh"),
    ("ہاں", "هان", "Urdu he and noon ghunna"),
    ("ګډون", "گڈون", "Pashto letters on an Urdu keyboard"),
    ("کړئ", "کڑی", "Pashto rreh and yeh"),
    ("آپ", "اپ", "alef with madda"),
    ("بَنْد", "بند", "vowel signs"),
    ("بنـــد", "بند", "the stretching stroke"),
    ("Café", "cafe", "Latin accents"),
    ("stop!!!🛑", "stop", "punctuation and emoji"),
    ("«بند»، ۔", "بند", "quotation marks and Urdu stops"),
    ("a\u00a0b\tc\nd", "a b c d", "odd spaces"),
]


@pytest.mark.parametrize(("written", "folded", "what"), SAME, ids=[what for _, _, what in SAME])
def test_spellings_become_equal(written: str, folded: str, what: str) -> None:
    assert fold(written) == folded == fold(folded)


NEVER_SAME = ["بپ", "کگ", "تٹ", "دڈ", "رڑ", "ژږ", "سش", "شښ", "حخ", "خڅ", "څځ"]


@pytest.mark.parametrize("pair", NEVER_SAME)
def test_letters_that_make_other_words_stay_apart(pair: str) -> None:
    assert fold(pair[0]) != fold(pair[1])


def test_a_bangla_friend_does_not_become_a_stop() -> None:
    assert fold("বন্ধু") != fold("বন্ধ")


def test_a_non_joiner_is_read_both_ways() -> None:
    assert match_forms("بند\u200cکرو") == ("بندکرو", "بند کرو")
    assert match_forms("بند کرو") == ("بند کرو",)


def test_runs_of_letters_are_taken_once_and_digits_stay() -> None:
    assert without_runs("stooop swat77") == "stop swat77"
    assert len({without_runs(fold(word)) for word in ("چاہیے", "چاہئے", "چاہیئے")}) == 1


def test_no_letter_stands_for_two() -> None:
    sources = [letter for _, letters, _ in LETTER_ROWS for letter in letters]

    assert len(sources) == len(set(sources))
    assert not set(sources) & {target for target, _, _ in LETTER_ROWS}


# Letters that change when taken apart, joined, lower-cased or folded, in every order.
AWKWARD = (
    "aA\u0301\u0345ßŉİΣ \u200c\u200d\u200f\u00ad'’´یيئۀۂهہةءـ\u0654\u0653آأؤ۰٣9ﻻ１🛑\ufe0f\u20e3\u0940\u09bc"
)
ANY_TEXT = st.text(max_size=80) | st.text(st.sampled_from(AWKWARD), max_size=30)


@given(ANY_TEXT, st.sampled_from(["", " "]))
def test_folding_twice_is_folding_once(text: str, zwnj: str) -> None:
    once = fold(text, zwnj=zwnj)

    assert fold(once, zwnj=zwnj) == once


@given(ANY_TEXT)
def test_a_folded_text_is_words_with_single_spaces(text: str) -> None:
    folded = fold(text)

    assert folded == " ".join(folded.split())
    assert all(c == " " or unicodedata.category(c)[0] in "LMN" for c in folded)


@given(ANY_TEXT)
def test_taking_runs_out_twice_is_taking_them_out_once(text: str) -> None:
    once = without_runs(text)

    assert without_runs(once) == once
