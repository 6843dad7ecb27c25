"""Which keys a prompt's words name, and whether each comes after what it is for (voice.md R3).

People wake on the thing and have forgotten a digit that they heard before it: "for poems, press 2", never "press 2
for poems". In each language we know the words for pressing, for keys, and those that say what a key is for; where
we know none, only digits are read.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from campaigns.language.folding import fold

Words = tuple[str, ...]


@dataclass(frozen=True)
class Speech:
    """How one language speaks of keys. `purposes` are phrases such as "for"; `between` may stand beside a key."""

    presses: frozenset[str]
    press_comes_first: bool
    between: frozenset[str]
    purposes: tuple[Words, ...]
    keys: dict[str, str] = field(hash=False)


def _speech(presses: str, between: str, purposes: str, keys: str, *, press_comes_first: bool) -> Speech:
    """Made of folded words: `purposes` and `keys` are parted by commas, the keys are those of 0 to 9, * and #."""
    named = [fold(key) for key in keys.split(",")]
    return Speech(
        presses=frozenset(fold(presses).split()),
        press_comes_first=press_comes_first,
        between=frozenset(fold(between).split()),
        purposes=tuple(tuple(fold(phrase).split()) for phrase in purposes.split(",")),
        keys={word: key for words, key in zip(named, "0123456789*#", strict=True) for word in words.split()},
    )


SPEECHES = {
    "en": _speech(
        "press push dial hit key number button choose",
        "the a on key number button",
        "for, to, if, when",
        "zero, one, two, three, four, five, six, seven, eight, nine, star, hash pound",
        press_comes_first=True,
    ),
    "ur": _speech(
        "دبائیں دبائیے دبائیں۔ دبا دبائے دباؤ دباو ملائیں ملائیے",
        "نمبر کا کی کے کو پر بٹن والا",
        "کے لیے, کے لئے, کیلئے, کیلیے, کے واسطے, کی خاطر, تو",
        "صفر, ایک, دو, تین, چار, پانچ, چھ, سات, آٹھ, نو, ستارہ, ہیش",
        press_comes_first=False,
    ),
    "ps": _speech(
        "کېکاږئ کیکاږئ کېښکاږئ کښېکاږئ کېکاږی ووهئ وهئ فشار زور وټاکئ",
        "نمبر شمېره د تڼۍ ته باندې",
        "لپاره, دپاره, د پاره, له پاره, که",
        "صفر, یو, دوه, درې, څلور, پنځه, شپږ, اووه, اته, نهه, ستوری, هېش",
        press_comes_first=False,
    ),
}
_UNKNOWN = Speech(frozenset(), True, frozenset(), (), {})
_SENTENCE_END = re.compile(r"[.!?۔؟;؛:\n]+")
_SIGNS = str.maketrans({"*": " star ", "#": " hash "})  # folding would drop them


def keys_named(text: str, language: str) -> frozenset[str]:
    """The keys that the words tell somebody to press, and digits that stand where a key would."""
    return frozenset(event for events in _sentences(text, language) for event in events if event is not None)


def is_key_before_thing(text: str, language: str) -> bool:
    """Whether some key is named before what it is for ("press 2 for poems", "2: poems")."""
    return any(_is_backwards(events) for events in _sentences(text, language)) or bool(_list_like(text))


def _is_backwards(events: Sequence[str | None]) -> bool:
    """A key (a string) that a purpose (None) follows, and none went before since the last key."""
    for at, event in enumerate(events):
        went_before = at > 0 and events[at - 1] is None
        follows = at + 1 < len(events) and events[at + 1] is None
        if event is not None and follows and not went_before:
            return True
    return False


def _list_like(text: str) -> re.Match[str] | None:
    return re.search(r"(?:^|[.!?۔؟;؛\n]|[,،]\s)\s*[0-9۰-۹٠-٩]\s*[:=\-–—]\s*\w", text)


@lru_cache(maxsize=1_024)  # the words of one line's prompts, which every look at its page judges anew
def _sentences(text: str, language: str) -> tuple[tuple[str | None, ...], ...]:
    speech = SPEECHES.get(language, _UNKNOWN)
    sentences = _SENTENCE_END.split(text.translate(_SIGNS))
    return tuple(tuple(_events(fold(sentence).split(), speech)) for sentence in sentences)


def _events(tokens: list[str], speech: Speech) -> Iterator[str | None]:
    """Keys and purposes (None) of one sentence, in the order in which they are heard."""
    at = 0
    while at < len(tokens):
        length = _purpose_at(tokens, at, speech)
        key = None if length else _key_at(tokens, at, speech)
        if length:
            yield None
        elif key is not None:
            yield key
        at += length or 1


def _purpose_at(tokens: list[str], at: int, speech: Speech) -> int:
    """How many words a phrase that says what a key is for has here; 0 for none."""
    return max(
        (len(phrase) for phrase in speech.purposes if tuple(tokens[at : at + len(phrase)]) == phrase),
        default=0,
    )


def _key_at(tokens: list[str], at: int, speech: Speech) -> str | None:
    """The key named here, if the words about it say that it is one to press."""
    token = tokens[at]
    is_digit = len(token) == 1 and token.isdigit()
    key = token if is_digit else speech.keys.get(token) or {"star": "*", "hash": "#"}.get(token)
    if key is None or not (
        _is_pressed(tokens, at, speech) or (is_digit and _stands_alone(tokens, at, speech))
    ):
        return None
    return key


def _is_pressed(tokens: list[str], at: int, speech: Speech) -> bool:
    step = -1 if speech.press_comes_first else 1
    beside = at + step
    while 0 <= beside < len(tokens):
        if tokens[beside] in speech.presses:
            return True
        if tokens[beside] not in speech.between:
            return False
        beside += step
    return False


def _stands_alone(tokens: list[str], at: int, speech: Speech) -> bool:
    """A digit without a verb: the last word, after a purpose ("for poems 2"), or the first one ("2 for poems")."""
    purposes = [n for n in range(len(tokens)) if _purpose_at(tokens, n, speech)]
    is_last = at == len(tokens) - 1 and any(n < at for n in purposes)
    follows = any(n + _purpose_at(tokens, n, speech) == at for n in purposes)
    is_first = (
        at == 0
        and (speech.press_comes_first is False or at + 1 in purposes)
        and any(n > at for n in purposes)
    )
    return is_last or follows or is_first
