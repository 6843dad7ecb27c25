"""The linter: every rule of a good voice line that a menu, its words or its recordings break, all named at once.

Pure: it is given a menu and what there is for its prompts, and neither asks nor changes anything.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from statistics import median

from campaigns.voice import jargon, rules
from campaigns.voice.menu import LANGUAGE_KEYS, OPTION_KEYS, Menu, NodeKind, prompts_of
from campaigns.voice.rules import Finding, Rule, Severity, Where
from campaigns.voice.shape import lint_shape
from campaigns.voice.spoken_keys import is_key_before_thing, keys_named
from campaigns.voice.versions import Prompt, SpokenBy

# Heard before she has chosen anything, so also by whoever else holds the phone.
HEARD_FIRST = frozenset({"greeting", "this_language", "press_any_key"})
CONSENTS = frozenset({"warning", "feedback_warning", "join_ask", "join_confirm"})
CONTENT = frozenset({"help_lines"})

Prompts = Mapping[tuple[str, str], Prompt]


def lint(
    menu: Menu, prompts: Prompts, *, training: bool, shows: Collection[str] | None = None
) -> list[Finding]:
    """Everything that is wrong: what must be mended first, each group in the order of the page.

    In a training programme drafts (a machine's voice, tones) may be heard by callers; in a live one tones may not.
    `shows` are the keys of the shows there are, None when that is not to be looked at.
    """
    found = [*lint_shape(menu, shows), *_lint_prompts(_Look(menu, prompts, training))]
    return sorted(found, key=lambda finding: finding.severity is Severity.LOOK)


@dataclass(frozen=True)
class _Look:
    """One look at a menu with what there is for its prompts."""

    menu: Menu
    prompts: Prompts
    training: bool

    def needed(self) -> Iterator[tuple[str, str, Prompt | None]]:
        for name in prompts_of(self.menu):
            for language in self.menu.languages:
                yield name, language, self.prompts.get((name, language))


def _lint_prompts(look: _Look) -> Iterator[Finding]:
    limits, middle, keys = _limits(look.menu), _middle_levels(look), _keys(look.menu)
    for name, language, prompt in look.needed():
        where = Where(prompt=name, language=language)
        if prompt is None or not prompt.text.strip():
            yield Finding(Rule.WORDS_MISSING, Severity.MEND, where)
        else:
            yield from _lint_words(look.menu, prompt.text, where, keys)
        if prompt is None or prompt.blob is None:
            yield Finding(Rule.RECORDING_MISSING, Severity.MEND, where)
            continue
        yield from _lint_length(prompt, where, *limits.get(name, (Rule.PROMPT_LONG, rules.MOST_PROMPT)))
        yield from _lint_voice(prompt, where, look.training)
        yield from _lint_level(prompt, where, middle.get(language))
    yield from _lint_short(look)
    yield from _lint_language_menu(look)


def _lint_words(menu: Menu, text: str, where: Where, keys: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    name, language = where.prompt or "", where.language or ""
    if is_key_before_thing(text, language):
        yield Finding(Rule.KEY_FIRST, Severity.LOOK, where)
    there, can_be = keys.get(name), frozenset(OPTION_KEYS)
    if name == "this_language":
        there, can_be = (
            frozenset(LANGUAGE_KEYS[menu.languages.index(language) :][:1]),
            frozenset(LANGUAGE_KEYS),
        )
    said = keys_named(text, language) & can_be
    if there is not None and said and said != there:
        facts = {"said": _listed(said), "keys": _listed(there)}
        yield Finding(Rule.KEYS_DO_NOT_FIT, Severity.MEND, where, facts)
    for word in jargon.found_in(text, jargon.OFFICE_WORDS, language):
        yield Finding(Rule.JARGON, Severity.LOOK, where, {"word": word})
    severity = Severity.MEND if name in HEARD_FIRST or name == menu.cover else Severity.LOOK
    for word in jargon.found_in(text, jargon.TELLING_WORDS, language):
        yield Finding(Rule.NOT_NEUTRAL, severity, where, {"word": word})


def _listed(keys: Collection[str]) -> str:
    return ", ".join(sorted(keys)) or "none"


def _keys(menu: Menu) -> dict[str, frozenset[str]]:
    """For each prompt that reads out choices, the keys that there are."""
    found = {}
    for node in menu.nodes.values():
        if node.kind is NodeKind.MENU:
            keys = frozenset(option.key for option in node.options) & frozenset(OPTION_KEYS)
            found[node.prompt] = found[f"{node.prompt}_short"] = keys
    return found


def _limits(menu: Menu) -> dict[str, tuple[Rule, int]]:
    """Which rule limits a prompt's seconds, for those that are no ordinary instruction."""
    limits = {"greeting": (Rule.GREETING_LONG, rules.MOST_GREETING)}
    limits |= dict.fromkeys(CONSENTS, (Rule.CONSENT_LONG, rules.MOST_CONSENT))
    content = {node.prompt for node in menu.nodes.values() if node.kind is NodeKind.MESSAGE}
    limits |= dict.fromkeys({menu.cover, *CONTENT, *content}, (Rule.CONTENT_LONG, rules.MOST_CONTENT))
    limits |= dict.fromkeys(_keys(menu), (Rule.MENU_LONG, rules.MOST_MENU))
    return limits


def _lint_length(prompt: Prompt, where: Where, rule: Rule, limit: int) -> Iterator[Finding]:
    if (prompt.milliseconds or 0) > limit * 1_000:
        yield _too_long(rule, where, prompt.milliseconds or 0, limit)


def _too_long(rule: Rule, where: Where, milliseconds: int, limit: int) -> Finding:
    # Rounded up: "it lasts 12 s, the limit is 12" helps nobody.
    return Finding(
        rule, Severity.MEND, where, {"seconds": str(-(-milliseconds // 1_000)), "limit": str(limit)}
    )


def _lint_voice(prompt: Prompt, where: Where, training: bool) -> Iterator[Finding]:
    if prompt.spoken_by == SpokenBy.TONE:
        yield Finding(Rule.TONE, Severity.LOOK if training else Severity.MEND, where)
    if prompt.spoken_by == SpokenBy.MACHINE:
        yield Finding(Rule.MACHINE_VOICE, Severity.LOOK, where)
    if prompt.words_changed:
        yield Finding(Rule.WORDS_CHANGED, Severity.LOOK, where)


def _lint_level(prompt: Prompt, where: Where, middle: float | None) -> Iterator[Finding]:
    level = prompt.level_db
    if level is None or prompt.spoken_by == SpokenBy.TONE:
        return
    off = level - rules.SPEECH_LEVEL_DB
    if abs(off) > rules.LEVEL_SPREAD_DB:
        facts = {"level": f"{level:.0f}", "wanted": f"{rules.SPEECH_LEVEL_DB:.0f}"}
        yield Finding(Rule.TOO_LOUD if off > 0 else Rule.TOO_QUIET, Severity.MEND, where, facts)
    elif middle is not None and abs(level - middle) > rules.MOST_JUMP_DB:
        yield Finding(Rule.LOUDNESS_JUMPS, Severity.LOOK, where, {"jump": f"{abs(level - middle):.0f}"})


def _middle_levels(look: _Look) -> dict[str, float]:
    """For each language, the level that half of its recordings lie above."""
    levels: dict[str, list[float]] = {}
    for _, language, prompt in look.needed():
        if prompt is not None and prompt.level_db is not None and prompt.spoken_by != SpokenBy.TONE:
            levels.setdefault(language, []).append(prompt.level_db)
    return {language: median(found) for language, found in levels.items()}


def _lint_short(look: _Look) -> Iterator[Finding]:
    for node in look.menu.nodes.values():
        for language in look.menu.languages if node.kind is NodeKind.MENU else ():
            long = look.prompts.get((node.prompt, language))
            short = look.prompts.get((f"{node.prompt}_short", language))
            if long is None or short is None or SpokenBy.TONE in (long.spoken_by, short.spoken_by):
                continue
            if long.milliseconds and short.milliseconds and short.milliseconds >= long.milliseconds:
                where = Where(prompt=f"{node.prompt}_short", language=language)
                yield Finding(Rule.SHORT_NOT_SHORTER, Severity.LOOK, where)


def _lint_language_menu(look: _Look) -> Iterator[Finding]:
    said = (look.prompts.get(("this_language", language)) for language in look.menu.languages)
    milliseconds = sum(prompt.milliseconds or 0 for prompt in said if prompt is not None)
    if milliseconds > rules.MOST_MENU * 1_000:
        where = Where(prompt="this_language")
        yield _too_long(Rule.LANGUAGES_LONG, where, milliseconds, rules.MOST_MENU)
