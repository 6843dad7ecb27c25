"""The rules of a voice line: each with its name, where it comes from, its limit, and what it says when it is broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Seconds (voice.md R1, R2, R23). Content is not an instruction, and still not an episode.
MOST_GREETING, MOST_PROMPT, MOST_CONSENT, MOST_MENU, MOST_CONTENT = 8, 12, 30, 25, 60
MOST_OPTIONS, MOST_LANGUAGES, MOST_DEPTH = 3, 4, 2
SPEECH_LEVEL_DB, LEVEL_SPREAD_DB, MOST_JUMP_DB = -22.0, 3.0, 4.0  # R16: about −22 dBFS


class Severity(StrEnum):
    """`MEND` stands in the way of publishing; `LOOK` is for a person to judge."""

    MEND = "mend"
    LOOK = "look"


class Rule(StrEnum):
    """What can be wrong with a menu. The value is its name for pages and commands."""

    WORDS_MISSING = "words_missing"
    RECORDING_MISSING = "recording_missing"
    GREETING_LONG = "greeting_long"
    PROMPT_LONG = "prompt_long"
    CONSENT_LONG = "consent_long"
    MENU_LONG = "menu_long"
    LANGUAGES_LONG = "languages_long"
    CONTENT_LONG = "content_long"
    SHORT_NOT_SHORTER = "short_not_shorter"
    TOO_MANY_OPTIONS = "too_many_options"
    TOO_MANY_LANGUAGES = "too_many_languages"
    TOO_DEEP = "too_deep"
    RESERVED_KEY = "reserved_key"
    KEY_TWICE = "key_twice"
    NO_MAIN = "no_main"
    DEAD_LINK = "dead_link"
    LOOP = "loop"
    UNREACHABLE = "unreachable"
    LEADS_NOWHERE = "leads_nowhere"
    NO_SUCH_SHOW = "no_such_show"
    KEY_FIRST = "key_first"
    KEYS_DO_NOT_FIT = "keys_do_not_fit"
    JARGON = "jargon"
    NOT_NEUTRAL = "not_neutral"
    TOO_LOUD = "too_loud"
    TOO_QUIET = "too_quiet"
    LOUDNESS_JUMPS = "loudness_jumps"
    TONE = "tone"
    MACHINE_VOICE = "machine_voice"
    WORDS_CHANGED = "words_changed"

    @property
    def source(self) -> str:
        """The rule of voice.md that it comes from, such as "R2"."""
        return _RULES[self][0]

    @property
    def says(self) -> str:
        """One English sentence or two, with gaps that a finding's `facts` fill (`%(seconds)s`)."""
        return _RULES[self][1]


@dataclass(frozen=True)
class Where:
    """The place of a finding: a node, or a prompt in a language; None where it is about the whole."""

    node: str | None = None
    prompt: str | None = None
    language: str | None = None

    def __str__(self) -> str:
        """As a command prints it."""
        return ", ".join(part for part in (self.node or self.prompt, self.language) if part) or "menu"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be: which rule, how much it matters, where, and the facts that it names."""

    rule: Rule
    severity: Severity
    where: Where
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def says(self) -> str:
        """In English: what is wrong and how it is mended. Pages translate `rule.says` and fill in `facts`."""
        return self.rule.says % self.facts


_RULES: Mapping[Rule, tuple[str, str]] = {
    Rule.WORDS_MISSING: ("R12", "Nobody has written what is said here. Write it."),
    Rule.RECORDING_MISSING: ("R12", "Nothing is recorded here. Record it."),
    Rule.GREETING_LONG: (
        "R1",
        "It lasts %(seconds)s s. The limit is %(limit)s. Say who is calling and that it is free.",
    ),
    Rule.PROMPT_LONG: ("R2", "It lasts %(seconds)s s. The limit is %(limit)s. Say it shorter."),
    Rule.CONSENT_LONG: (
        "R23",
        "It lasts %(seconds)s s. The limit is %(limit)s, or nobody hears it to its end.",
    ),
    Rule.MENU_LONG: ("R2", "It lasts %(seconds)s s. The limit is %(limit)s. Say each choice shorter."),
    Rule.LANGUAGES_LONG: (
        "R2",
        "All languages together last %(seconds)s s. The limit is %(limit)s. Say each shorter.",
    ),
    Rule.CONTENT_LONG: ("R17", "It lasts %(seconds)s s. The limit is %(limit)s. Make an episode of it."),
    Rule.SHORT_NOT_SHORTER: (
        "R11",
        "It is not shorter than the long one, and is meant for who knows the line.",
    ),
    Rule.TOO_MANY_OPTIONS: ("R2", "It has %(count)s choices. The limit is %(limit)s."),
    Rule.TOO_MANY_LANGUAGES: ("R2", "It offers %(count)s languages. The limit is %(limit)s."),
    Rule.TOO_DEEP: ("R2", "It lies %(depth)s menus below the language. The limit is %(limit)s."),
    Rule.RESERVED_KEY: (
        "R5",
        "Key %(key)s means something else everywhere. Choices have the keys 1, 2 and 3.",
    ),
    Rule.KEY_TWICE: ("R5", "Key %(key)s stands for two choices."),
    Rule.NO_MAIN: ("R8", "There is no menu called main, with which a call begins."),
    Rule.DEAD_LINK: ("R8", "It leads to %(to)s, which is not there."),
    Rule.LOOP: ("R5", "It leads back to %(to)s. Keys 4 and 0 do that everywhere."),
    Rule.UNREACHABLE: ("R4", "No choice leads here."),
    Rule.LEADS_NOWHERE: ("R8", "Nothing follows here. Give it choices, or a show to play."),
    Rule.NO_SUCH_SHOW: ("R8", "There is no show called %(show)s."),
    Rule.KEY_FIRST: ("R3", "Say “For poems, press 2”: people listen for the thing, then for the key."),
    Rule.KEYS_DO_NOT_FIT: ("R3", "The words name the keys %(said)s. There are %(keys)s."),
    Rule.JARGON: ("R6", "“%(word)s” is a word of offices. Ask callers what they would call it."),
    Rule.NOT_NEUTRAL: ("R1", "“%(word)s” tells whoever holds the phone what this is about."),
    Rule.TOO_LOUD: ("R16", "It is loud: %(level)s dB, and speech should be near %(wanted)s."),
    Rule.TOO_QUIET: ("R16", "It is faint: %(level)s dB, and speech should be near %(wanted)s."),
    Rule.LOUDNESS_JUMPS: ("R16", "It is %(jump)s dB off the others of its language."),
    Rule.TONE: ("R14", "A tone marks the place. Record a person."),
    Rule.MACHINE_VOICE: ("R14", "A machine speaks. Record a person before many hear it."),
    Rule.WORDS_CHANGED: ("R24", "The words were changed after this was recorded. Record it again."),
}
