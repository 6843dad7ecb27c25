"""The shape of a catalogue: what one language knows, and which replies every language must have."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a text asks for. UNSURE is asked back once and never taken as consent; NONE is not a keyword at all."""

    JOIN = "join"
    STOP = "stop"
    HELP = "help"
    MENU = "menu"
    LANGUAGE = "language"
    FEEDBACK = "feedback"
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    NONE = "none"


class Confidence(StrEnum):
    """How sure we are of a word: seen in published use, likely, or a guess that a native reader must hear."""

    HIGH = "H"
    MEDIUM = "M"
    LOW = "L"


class Direction(StrEnum):
    """Which way the language's own script runs."""

    LEFT_TO_RIGHT = "ltr"
    RIGHT_TO_LEFT = "rtl"


@dataclass(frozen=True)
class Keyword:
    """One phrase that means one action in one language.

    `alone`: only by itself, with politeness, or with a word for our messages.
    `about_messages`: only together with a word for our messages.
    """

    action: Action
    phrase: str
    language: str
    confidence: Confidence
    alone: bool = False
    about_messages: bool = False


@dataclass(frozen=True)
class Variant:
    """One way the language is written: a BCP 47 tag such as `ur` or `ur-Latn`."""

    tag: str
    own_name: str
    direction: Direction


@dataclass(frozen=True)
class Catalogue:
    """Everything one file in `catalogues/` says."""

    tag: str
    own_name: str
    english_name: str
    direction: Direction
    needs_native_reader: bool
    variants: tuple[Variant, ...]
    own_letters: frozenset[str]
    keywords: tuple[Keyword, ...]
    called: tuple[str, ...]
    polite: tuple[str, ...]
    impatient: tuple[str, ...]
    messages: tuple[str, ...]
    small: tuple[str, ...]
    linking: tuple[str, ...]
    replies: Mapping[str, str]


@dataclass(frozen=True)
class ReplyRule:
    """What every language's text for one reply must keep to."""

    placeholders: frozenset[str]
    most_parts: int


# {name} is the programme's short name, {number} one run of Latin digits, {help_lines} numbers with commas,
# {languages} is filled in from the catalogues themselves.
PLACEHOLDERS = frozenset({"name", "number", "help_lines", "languages"})
SELF_FILLED = frozenset({"languages"})


def _rule(most_parts: int, *placeholders: str) -> ReplyRule:
    return ReplyRule(frozenset(placeholders), most_parts)


REPLIES: Mapping[str, ReplyRule] = {
    "ask_to_join": _rule(2, "name"),
    "joined": _rule(1),
    "already_joined": _rule(1),
    "declined": _rule(1),
    "stopped": _rule(2),
    "help": _rule(2, "name"),
    "help_with_lines": _rule(3, "name", "help_lines"),
    "thanks_feedback": _rule(1),
    "feedback_how": _rule(2),
    "language_chosen": _rule(1),
    "which_language": _rule(1, "languages"),
    "not_sure": _rule(2),
    "yes_without_question": _rule(2),
    "try_later": _rule(1),
    "limit_reached": _rule(1),
    "way_out_two_way": _rule(1, "number"),
}
