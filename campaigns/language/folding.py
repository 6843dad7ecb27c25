"""Folding: a copy of a text, made only to compare it with keywords, in which spellings no longer differ.

The original is what is stored and shown. In Pashto the last yeh tells gender and number, in Urdu he and
do-chashmi he are two letters: nothing folded here may ever be sent, kept or searched.
Source of the order and of every table: reference/languages.md section 2.
"""

import re
import unicodedata
from collections.abc import Callable

ZWNJ = "\u200c"

# Each row: the letter compared, the letters that stand for it, and why.
LETTER_ROWS: tuple[tuple[str, str, str], ...] = (
    ("ی", "يىېۍئےۓێ", "yeh differs by keyboard: Arabic, Pashto, Urdu, Sorani"),
    ("ک", "كڪ", "kaf of the Arabic and the Sindhi keyboard"),
    ("گ", "ګ", "gaf of the Pashto keyboard"),
    ("ه", "ہھةەۀۂۃ", "he differs by keyboard, and do-chashmi is often typed for it"),
    ("ا", "أإآٱ", "hamza and madda are left out when typing fast"),
    ("و", "ؤۆ", "the same for waw"),
    ("ن", "ں", "noon ghunna"),
    ("ٹ", "ټ", "Pashto typed on an Urdu keyboard"),
    ("ڈ", "ډ", "Pashto typed on an Urdu keyboard"),
    ("ڑ", "ړ", "Pashto typed on an Urdu keyboard"),
    ("ر", "ڕ", "Sorani typed on an Arabic keyboard"),
    ("ل", "ڵ", "Sorani typed on an Arabic keyboard"),
    ("", "ء\u0640", "hamza by itself and the stretching stroke carry no sound"),
)
LETTERS = str.maketrans({source: target for target, sources, _ in LETTER_ROWS for source in sources})

# Marks of Arabic script, by range. Not every mark: Bangla vowel signs are marks too, and without them
# the word for friend would be the word for stop.
ARABIC_MARKS = ((0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670), (0x06D6, 0x06ED))
LATIN_MARKS = ((0x0300, 0x036F),)
APOSTROPHES = "'’‘‛ʼʻʹ′`"
ACUTE_ACCENT_TYPED_AS_APOSTROPHE = "\u00b4"


def fold(text: str, *, zwnj: str = "") -> str:
    """Return `text` as lower-case words with single spaces, spellings made equal; folding twice changes nothing.

    `zwnj` is what a zero-width non-joiner becomes: nothing, or a space. Runs of a letter are kept: see
    `without_runs`.
    """
    for step in _STEPS:
        text = step(text)
        if step is _plain_compatibility:
            text = text.replace(ZWNJ, zwnj)
    return text


def match_forms(text: str) -> tuple[str, ...]:
    """Return the folded readings of `text`, one or two: a non-joiner joins in some languages, parts in others."""
    joined = fold(text, zwnj="")
    return (joined,) if ZWNJ not in text else tuple(dict.fromkeys((joined, fold(text, zwnj=" "))))


def without_runs(text: str) -> str:
    """Return `text` with every run of one letter written once (stooop, چاہیئے); digits stay, they are codes."""
    return re.sub(r"([^\W\d_])\1+", r"\1", text)


def _plain_compatibility(text: str) -> str:
    """Full-width, mathematical and presentation forms become the plain letters; odd spaces become spaces."""
    return unicodedata.normalize("NFKC", text.replace(ACUTE_ACCENT_TYPED_AS_APOSTROPHE, "'"))


def _without_invisible(text: str) -> str:
    """Drop direction marks, byte-order marks, joiners, variation selectors and the rings round emoji keys."""
    return "".join(c for c in text if not _is_invisible(c))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in ("Cf", "Me") or "\ufe00" <= character <= "\ufe0f"


def _one_case(text: str) -> str:
    return unicodedata.normalize("NFKC", text.casefold())


def _without_apostrophes(text: str) -> str:
    return text.translate(_NO_APOSTROPHES)


def _latin_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text)


def _one_letter_per_sound(text: str) -> str:
    return text.translate(LETTERS)


def _without_marks(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not _is_dropped_mark(c))
    # Taking a letter apart may bare another form of it, as with the yeh under a hamza.
    return unicodedata.normalize("NFC", bare).translate(LETTERS)


def _is_dropped_mark(character: str) -> bool:
    if not unicodedata.category(character).startswith("M"):
        return False
    return any(low <= ord(character) <= high for low, high in ARABIC_MARKS + LATIN_MARKS)


def _words_only(text: str) -> str:
    """Punctuation, symbols and emoji become spaces; spaces become single."""
    return " ".join("".join(c if _belongs_to_a_word(c) else " " for c in text).split())


def _belongs_to_a_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


_NO_APOSTROPHES = str.maketrans("", "", APOSTROPHES)
_STEPS: tuple[Callable[[str], str], ...] = (
    _plain_compatibility,
    _without_invisible,
    _one_case,
    _without_apostrophes,
    _latin_digits,
    _one_letter_per_sound,
    _without_marks,
    _words_only,
)
