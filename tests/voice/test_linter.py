"""The linter: a good menu has no findings; each rule broken once is found, by its name, where it is broken."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from campaigns.voice.linter import lint
from campaigns.voice.menu import MAIN, Menu, NodeKind, Option, prompts_of
from campaigns.voice.rules import Rule, Severity
from campaigns.voice.spoken_keys import is_key_before_thing, keys_named
from campaigns.voice.versions import Prompt, SpokenBy
from campaigns.voice.written import read_menu, read_texts

STARTER = Path("campaigns/voice/starter")
MENU = read_menu((STARTER / "menu.yaml").read_text(encoding="utf-8"))
TEXTS = read_texts((STARTER / "prompts.yaml").read_text(encoding="utf-8"))
SHOWS = ("gudar", "poems")


@dataclass
class Draft:
    """A menu with everything recorded well, for a test to spoil."""

    menu: Menu = MENU
    prompts: dict[tuple[str, str], Prompt] = field(default_factory=dict)
    training: bool = False

    def __post_init__(self) -> None:
        self.prompts = {
            (name, language): Prompt(
                name=name,
                language=language,
                text=text,
                blob=b"a recording",
                spoken_by=int(SpokenBy.PERSON),
                level_db=-22.0,
                milliseconds=2_000 if name.endswith("_short") else 3_000,
                words_changed=False,
            )
            for (name, language), text in TEXTS.items()
        }

    def lasts(self, name: str, seconds: float, language: str = "ur") -> None:
        self.prompts[name, language].milliseconds = int(seconds * 1_000)

    def says(self, name: str, text: str, language: str = "en") -> None:
        self.prompts[name, language].text = text

    def node(self, name: str, **changes: object) -> None:
        changed = replace(self.menu.nodes[name], **changes)  # type: ignore[arg-type]
        self.menu = replace(self.menu, nodes={**self.menu.nodes, name: changed})

    def option(self, node: str, *options: tuple[str, str]) -> None:
        self.node(node, options=tuple(Option(key, go, go) for key, go in options))

    def found(self) -> set[tuple[Rule, Severity, str]]:
        findings = lint(self.menu, self.prompts, training=self.training, shows=SHOWS)
        return {(finding.rule, finding.severity, str(finding.where)) for finding in findings}


Spoil = Callable[[Draft], object]
MEND, LOOK = Severity.MEND, Severity.LOOK
# rule, how it is broken, how much it matters, where it is found
BROKEN: list[tuple[Rule, Spoil, Severity, str]] = [
    (Rule.WORDS_MISSING, lambda draft: draft.says("goodbye", "  "), MEND, "goodbye, en"),
    (Rule.RECORDING_MISSING, lambda draft: setattr(draft.prompts["hint", "ps"], "blob", None), MEND, "hint, ps"),
    (Rule.RECORDING_MISSING, lambda draft: draft.prompts.pop(("hint", "ps")), MEND, "hint, ps"),
    (Rule.GREETING_LONG, lambda draft: draft.lasts("greeting", 8.1), MEND, "greeting, ur"),
    (Rule.PROMPT_LONG, lambda draft: draft.lasts("which_keys", 12.1), MEND, "which_keys, ur"),
    (Rule.CONSENT_LONG, lambda draft: draft.lasts("join_ask", 30.1), MEND, "join_ask, ur"),
    (Rule.MENU_LONG, lambda draft: draft.lasts("main", 25.1), MEND, "main, ur"),
    (
        Rule.LANGUAGES_LONG,
        lambda draft: long_languages(draft),
        MEND,
        "this_language",
    ),
    (Rule.CONTENT_LONG, lambda draft: draft.lasts("cover", 61), MEND, "cover, ur"),
    (Rule.SHORT_NOT_SHORTER, lambda draft: draft.lasts("main_short", 3), LOOK, "main_short, ur"),
    (
        Rule.TOO_MANY_OPTIONS,
        lambda draft: draft.option("word", *zip("1231", ["feedback", "join", "week_question", "newest"], strict=True)),
        MEND,
        "word",
    ),
    (
        Rule.TOO_MANY_LANGUAGES,
        lambda draft: setattr(draft, "menu", replace(MENU, languages=("ps", "ur", "en", "fa", "bn"))),
        MEND,
        "this_language",
    ),
    (Rule.TOO_DEEP, lambda draft: deeper(draft), MEND, "deepest"),
    (Rule.RESERVED_KEY, lambda draft: draft.option("word", ("7", "feedback")), MEND, "word"),
    (Rule.KEY_TWICE, lambda draft: draft.option("word", ("1", "feedback"), ("1", "join")), MEND, "word"),
    (Rule.NO_MAIN, lambda draft: draft.node(MAIN, kind=NodeKind.MESSAGE), MEND, "main"),
    (Rule.DEAD_LINK, lambda draft: draft.option("word", ("1", "gone")), MEND, "word"),
    (Rule.DEAD_LINK, lambda draft: setattr(draft, "menu", replace(MENU, cover="weather")), MEND, "cover"),
    (Rule.LOOP, lambda draft: draft.option("word", ("1", MAIN)), MEND, "word"),
    (Rule.UNREACHABLE, lambda draft: draft.option("word", ("1", "feedback")), LOOK, "join"),
    (Rule.LEADS_NOWHERE, lambda draft: draft.option("word"), MEND, "word"),
    (Rule.LEADS_NOWHERE, lambda draft: draft.node("newest", show=None), MEND, "newest"),
    (Rule.NO_SUCH_SHOW, lambda draft: draft.node("newest", show="drama"), MEND, "newest"),
    (Rule.KEY_FIRST, lambda draft: draft.says("recorded", "Press 1 to send it."), LOOK, "recorded, en"),
    (
        Rule.KEYS_DO_NOT_FIT,
        lambda draft: draft.says("main", "For the newest episode, press 1. For poems, press 3."),
        MEND,
        "main, en",
    ),
    (Rule.KEYS_DO_NOT_FIT, lambda draft: draft.says("this_language", "English: press 2."), MEND, "this_language, en"),
    (Rule.JARGON, lambda draft: draft.says("hint", "Welcome to our IVR."), LOOK, "hint, en"),
    (Rule.NOT_NEUTRAL, lambda draft: draft.says("greeting", "We work against extremism."), MEND, "greeting, en"),
    (Rule.NOT_NEUTRAL, lambda draft: draft.says("sent", "دہشت گردی نہیں۔", "ur"), LOOK, "sent, ur"),
    (Rule.TOO_LOUD, lambda draft: setattr(draft.prompts["sent", "ur"], "level_db", -18.5), MEND, "sent, ur"),
    (Rule.TOO_QUIET, lambda draft: setattr(draft.prompts["sent", "ur"], "level_db", -25.5), MEND, "sent, ur"),
    (Rule.LOUDNESS_JUMPS, lambda draft: uneven(draft), LOOK, "sent, ur"),
    (Rule.TONE, lambda draft: speaks(draft, SpokenBy.TONE), MEND, "sent, ur"),
    (Rule.MACHINE_VOICE, lambda draft: speaks(draft, SpokenBy.MACHINE), LOOK, "sent, ur"),
    (Rule.WORDS_CHANGED, lambda draft: setattr(draft.prompts["sent", "ur"], "words_changed", True), LOOK, "sent, ur"),
]  # fmt: skip


def long_languages(draft: Draft) -> None:
    for language in MENU.languages:
        draft.lasts("this_language", 9, language)


def deeper(draft: Draft) -> None:
    """A third menu below the language: join offers one more choice."""
    draft.node("join", kind=NodeKind.MENU, options=(Option("1", "deepest", "Too deep"),))
    deepest = replace(draft.menu.nodes["feedback"], name="deepest")
    draft.menu = replace(draft.menu, nodes={**draft.menu.nodes, "deepest": deepest})


def uneven(draft: Draft) -> None:
    """Everything a little loud, one prompt a little faint: each within the limits."""
    for (name, language), prompt in draft.prompts.items():
        if language == "ur":
            prompt.level_db = -24.5 if name == "sent" else -20.0


def speaks(draft: Draft, who: SpokenBy) -> None:
    draft.prompts["sent", "ur"].spoken_by = int(who)


def test_a_good_menu_has_no_findings() -> None:
    assert Draft().found() == set()


@pytest.mark.parametrize(
    ("rule", "spoil", "severity", "where"), BROKEN, ids=[f"{rule}-{where}" for rule, _, _, where in BROKEN]
)
def test_a_broken_rule_is_found_where_it_is_broken(
    rule: Rule, spoil: Spoil, severity: Severity, where: str
) -> None:
    draft = Draft()
    spoil(draft)

    assert (rule, severity, where) in draft.found()


def test_every_rule_has_its_bad_menu_its_source_and_its_words() -> None:
    assert {rule for rule, *_ in BROKEN} == set(Rule)
    assert all(rule.source.startswith("R") and rule.says.endswith(".") for rule in Rule)


def test_what_must_be_mended_comes_first_and_every_finding_can_be_said() -> None:
    draft = Draft()
    for _, spoil, _, _ in BROKEN:
        spoil(draft)
    findings = lint(draft.menu, draft.prompts, training=False, shows=SHOWS)

    severities = [finding.severity for finding in findings]
    assert severities == sorted(severities, key=lambda severity: severity is LOOK)
    assert all("%(" not in finding.says for finding in findings)


def test_one_broken_rule_is_one_finding() -> None:
    draft = Draft()
    draft.lasts("main", 27)

    (finding,) = lint(draft.menu, draft.prompts, training=False, shows=SHOWS)

    assert finding.says == "It lasts 27 s. The limit is 25. Say each choice shorter."
    assert finding.rule.source == "R2"


def test_tones_may_be_heard_by_learners() -> None:
    draft = Draft(training=True)
    speaks(draft, SpokenBy.TONE)

    assert draft.found() == {(Rule.TONE, LOOK, "sent, ur")}


def test_every_prompt_that_a_menu_needs_is_asked_for_in_every_language() -> None:
    findings = lint(MENU, {}, training=True)

    for rule in (Rule.WORDS_MISSING, Rule.RECORDING_MISSING):
        named = {(found.where.prompt, found.where.language) for found in findings if found.rule is rule}
        assert named == {(name, language) for name in prompts_of(MENU) for language in MENU.languages}


@pytest.mark.parametrize(
    ("language", "text", "keys", "backwards"),
    [
        ("en", "For the newest episode, press 1. For poems, press 2.", "12", False),
        ("en", "To send it, press 1; again, 2.", "1", False),
        ("en", "To stop, press 7 once more.", "7", False),
        ("en", "When you are done, press the hash key.", "#", False),
        ("en", "Find the 1, and press 1 now.", "1", False),
        ("en", "We come in 2 minutes. There are 3 poems for peace.", "", False),
        ("en", "Press 1 for poems.", "1", True),
        ("en", "Press one to send it.", "1", True),
        ("en", "1 for poems, 2 for songs", "1", True),
        ("en", "1: poems. 2: songs.", "", True),
        ("ur", "تازہ قسط کے لیے 1 دبائیں۔ شعروں کے لیے 2۔", "12", False),
        ("ur", "بھیجنا ہو تو ۱ دبائیں۔", "1", False),
        ("ur", "ابھی 1 دبائیں", "1", False),
        ("ur", "1 دبائیں تازہ قسط کے لیے", "1", True),
        ("ur", "ایک دبائیں تازہ قسط کیلئے", "1", True),
        ("ps", "د نوې خپرونې لپاره 1 کېکاږئ. د شعرونو لپاره 2.", "12", False),
        ("ps", "که راضي یئ، 1 کېکاږئ.", "1", False),
        ("ps", "1 کېکاږئ د شعرونو لپاره", "1", True),
        ("ps", "یو کېکاږئ د شعرونو لپاره", "1", True),
        ("fr", "Pour les poèmes, tapez 2.", "", False),
        ("fr", "2: poèmes", "", True),
    ],
)
def test_a_key_belongs_behind_the_thing(language: str, text: str, keys: str, backwards: bool) -> None:
    assert keys_named(text, language) == frozenset(keys)
    assert is_key_before_thing(text, language) is backwards
