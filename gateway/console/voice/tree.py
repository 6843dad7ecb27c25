"""The menu as one reads it aloud: a row for each thing a caller hears, a recording for each language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import url_for

from campaigns.voice.menu import LANGUAGE_KEYS, Menu, NodeKind, Option, prompts_of
from campaigns.voice.menu import Node as MenuNode
from campaigns.voice.rules import Finding, Rule, Severity
from campaigns.voice.versions import Prompt, SpokenBy
from gateway.console.voice.words import fixed_words, kind_words
from gateway.console.words import _

MISSING = (Rule.RECORDING_MISSING, Rule.WORDS_MISSING)
DRAFTS = (SpokenBy.MACHINE, SpokenBy.TONE)


@dataclass(frozen=True)
class Cell:
    """One recording: its length, and whether it is there, wrong, or a draft. `state`: good bad draft missing."""

    language: str
    seconds: int | None
    state: str
    url: str
    key: str | None = None


@dataclass(frozen=True)
class Row:
    """One thing that is heard. `depth` of the tree; None outside it."""

    label: str
    hint: str
    icon: str | None
    cells: list[Cell]
    key: str | None = None
    depth: int = 0
    is_menu: bool = False


@dataclass(frozen=True)
class Tree:
    """The page's rows: those in the order of a call, the others below, and what there is in all."""

    rows: list[Row]
    others: list[Row]
    totals: list[tuple[str, int]]  # language, seconds
    prompts: int
    recorded: int
    drafts: int
    missing: int


def tree_of(
    menu: Menu, menu_id: int, prompts: Mapping[tuple[str, str], Prompt], findings: Iterable[Finding]
) -> Tree:
    """Lay a version out. Needs a menu that can be walked, as every stored one can."""
    cells = _Cells(menu, menu_id, prompts, list(findings))
    rows = [
        Row(fixed_words("greeting"), _("who is calling, that it is free"), "phone", cells.of("greeting")),
        Row(
            fixed_words("this_language"),
            _("each in its own voice; asked once, remembered"),
            "globe",
            cells.of("this_language", keys=True),
        ),
        *(_node_row(cells, depth, option, node) for depth, option, node in menu.walk()),
        *(Row(fixed_words(name), hint, ICONS[name], cells.of(name)) for name, hint in _after().items()),
    ]
    shown = {"greeting", "this_language", *_after(), *(node.prompt for node in menu.nodes.values())}
    others = [
        Row(fixed_words(name), what, None, cells.of(name))
        for name, what in prompts_of(menu).items()
        if name not in shown
    ]
    every = [cell for row in (*rows, *others) for cell in row.cells]
    return Tree(
        rows=rows,
        others=others,
        totals=[
            (tag, sum(cell.seconds or 0 for cell in every if cell.language == tag)) for tag in menu.languages
        ],
        prompts=len(every),
        recorded=sum(cell.state in ("good", "bad") for cell in every),
        drafts=sum(cell.state == "draft" for cell in every),
        missing=sum(cell.state == "missing" for cell in every),
    )


ICONS = {"nobody_pressed": "again", "which_keys": "info", "goodbye": "call-end"}


def _after() -> dict[str, str]:
    """What a caller meets often stands below the tree; numbers, thanks and the rest fold away."""
    return {
        "nobody_pressed": _("slower, then a hint, then the episode"),
        "which_keys": _("says which keys there are"),
        "goodbye": "",
    }


def _node_row(cells: "_Cells", depth: int, option: Option | None, node: MenuNode) -> Row:
    return Row(
        label=node.label,
        hint=kind_words(node),
        icon="layers" if option is None else None,
        cells=cells.of(node.prompt),
        key=option.key if option else None,
        depth=depth,
        is_menu=node.kind is NodeKind.MENU,
    )


@dataclass(frozen=True)
class _Cells:
    menu: Menu
    menu_id: int
    prompts: Mapping[tuple[str, str], Prompt]
    findings: list[Finding]

    def of(self, name: str, *, keys: bool = False) -> list[Cell]:
        return [
            self._cell(name, language, LANGUAGE_KEYS[place] if keys else None)
            for place, language in enumerate(self.menu.languages[: len(LANGUAGE_KEYS)])
        ]

    def _cell(self, name: str, language: str, key: str | None) -> Cell:
        prompt = self.prompts.get((name, language))
        has_sound = prompt is not None and prompt.blob is not None
        wrong = any(
            finding.severity is Severity.MEND
            and finding.rule not in MISSING
            and (finding.where.prompt, finding.where.language) == (name, language)
            for finding in self.findings
        )
        is_draft = prompt is not None and prompt.spoken_by in DRAFTS
        state = "missing" if not has_sound else "bad" if wrong else "draft" if is_draft else "good"
        seconds = -(-(prompt.milliseconds or 0) // 1000) if prompt is not None and has_sound else None
        url = url_for("voice.prompt", menu_id=self.menu_id, name=name, language=language)
        return Cell(language, seconds, state, url, key)
