"""Menus and their texts as YAML: read strictly, written so that what is read back is the same.

What a menu may not look like is refused here, with the place; what a menu should not be is the linter's.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import yaml

from campaigns.language.reading import PlainLoader
from campaigns.voice.menu import Menu, Node, NodeKind, Option

MENU_FILE, TEXTS_FILE = "menu.yaml", "prompts.yaml"
MOST_CHARACTERS = 300_000
MOST_NODES = 60  # far more than a caller finds her way in
WIDTH = 110

Texts = Mapping[tuple[str, str], str]  # (prompt, language) -> what is said

WITH_A_SHOW = (NodeKind.EPISODE, NodeKind.CLIPS, NodeKind.QUESTION, NodeKind.POLL)

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_KEY = re.compile(r"[0-9*#]")


class Unreadable(Exception):
    """A file of a menu cannot be used; the message names the file, the place in it and the cure."""

    def __init__(self, file: str, where: str, trouble: str) -> None:
        """Say it as one plain sentence."""
        super().__init__(f"{file}, {where}: {trouble}")
        self.where = where


@lru_cache(
    maxsize=16
)  # reading takes milliseconds, and pages and attached recordings read one menu many times
def read_menu(text: str, file: str = MENU_FILE) -> Menu:
    """The menu that a YAML text describes. Raises Unreadable at the first thing that is no menu at all.

    A node's prompt is called like the node, an option like the node it leads to, unless they say otherwise.
    Links, keys and lengths are not judged here: the linter names them all at once.
    """
    top = _Place(file, "", _load(text, file))
    top.only("name", "languages", "cover", "call_back", "nodes")
    nodes = top.place("nodes")
    labels = {name: nodes.place(name).text("label") for name in nodes.names()}
    if len(labels) > MOST_NODES:
        raise top.trouble("nodes", f"has more than {MOST_NODES} of them")
    return Menu(
        name=top.text("name"),
        languages=_languages(top),
        nodes=MappingProxyType({name: _node(nodes.place(name), name, labels) for name in labels}),
        cover=top.name("cover", "cover"),
        call_back=top.yes_or_no("call_back"),
    )


def write_menu(menu: Menu) -> str:
    """The YAML text that `read_menu` reads back as an equal menu."""
    nodes = {name: _node_rows(node) for name, node in menu.nodes.items()}
    rows: dict[str, Any] = {"name": menu.name, "languages": list(menu.languages), "cover": menu.cover}
    if menu.call_back:
        rows["call_back"] = True
    return dump_rows(rows | {"nodes": nodes})


def read_texts(text: str, file: str = TEXTS_FILE) -> dict[tuple[str, str], str]:
    """What is said for each prompt in each language. Raises Unreadable."""
    prompts = _Place(file, "", _load(text, file))
    texts: dict[tuple[str, str], str] = {}
    for name in prompts.names():
        prompt = prompts.place(name)
        for language in prompt.keys():  # noqa: SIM118 - a place is no mapping
            if not _LANGUAGE.fullmatch(language):
                raise prompt.trouble(language, "is no language tag; an example is ps")
            texts[name, language] = prompt.text(language)
    return texts


def write_texts(texts: Texts) -> str:
    """The YAML text that `read_texts` reads back as equal texts, in the order given."""
    rows: dict[str, dict[str, str]] = {}
    for (prompt, language), text in texts.items():
        rows.setdefault(prompt, {})[language] = text
    return dump_rows(rows)


def load_rows(text: str, file: str) -> Mapping[str, Any]:
    """The mapping that a YAML text holds, for files that lie beside a menu. Raises Unreadable."""
    return dict(_Place(file, "", _load(text, file)).rows)


def _load(text: str, file: str) -> Any:
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(file, "the file", f"is longer than {MOST_CHARACTERS} characters")
    try:
        return PlainLoader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unreadable(file, f"line {line}", f"is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:  # a character or a date that YAML does not have
        raise Unreadable(file, "the file", f"is not YAML: {error}") from None


def dump_rows(rows: Mapping[str, Any]) -> str:
    """A mapping as YAML, in its own order, in any script."""
    return yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=WIDTH)


class _Place:
    """One mapping in a file; asking it for a key gives the right kind of value or a plain error."""

    def __init__(self, file: str, where: str, rows: object) -> None:
        self.file, self.where = file, where
        if not isinstance(rows, Mapping):
            raise Unreadable(file, where or "the file", "should hold names with values")
        self.rows: Mapping[Any, Any] = rows

    def trouble(self, key: object, says: str) -> Unreadable:
        return Unreadable(self.file, self._path(key), says)

    def keys(self) -> list[str]:
        return [str(key) for key in self.rows]

    def names(self) -> list[str]:
        """Every key, each a name that a prompt or a node can have."""
        for key in self.rows:
            if not isinstance(key, str) or not _NAME.fullmatch(key):
                raise self.trouble(key, "should be a name of small Latin letters, digits and _")
        return self.keys()

    def only(self, *known: str) -> None:
        for key in self.rows:
            if key not in known:
                raise self.trouble(key, f"is not known here; known: {', '.join(known)}")

    def text(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.trouble(key, 'should be some text (put it in "quotes")')
        return value.strip()

    def name(self, key: str, absent: str | None = None) -> str:
        if absent is not None and key not in self.rows:
            return absent
        value = self.value(key)
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise self.trouble(key, "should be a name of small Latin letters, digits and _")
        return value

    def yes_or_no(self, key: str) -> bool:
        """False where nothing is said."""
        value = self.rows.get(key, False)
        if not isinstance(value, bool):
            raise self.trouble(key, "should be true or false")
        return value

    def place(self, key: str) -> "_Place":
        return _Place(self.file, self._path(key), self.value(key))

    def items(self, key: str) -> list[Any]:
        value = self.value(key)
        if not isinstance(value, list):
            raise self.trouble(key, "should be a list, one '- ' before each row")
        return value

    def value(self, key: str) -> Any:
        if key not in self.rows:
            raise self.trouble(key, "is missing")
        return self.rows[key]

    def _path(self, key: object) -> str:
        return f"{self.where}.{key}" if self.where else str(key)


def _languages(top: _Place) -> tuple[str, ...]:
    languages = top.items("languages")
    for language in languages:
        if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
            raise top.trouble("languages", f"{language} is no language tag; an example is ps")
    if not languages or len(set(languages)) != len(languages):
        raise top.trouble("languages", "should name each language once, and at least one")
    return tuple(languages)


def _node(place: _Place, name: str, labels: Mapping[str, str]) -> Node:
    place.only("kind", "label", "prompt", "show", "options")
    kinds = [str(kind) for kind in NodeKind]
    if place.text("kind") not in kinds:
        raise place.trouble("kind", f"should be one of {', '.join(kinds)}")
    options = []
    for key, is_for in (("options", (NodeKind.MENU,)), ("show", WITH_A_SHOW)):
        if key in place.rows and place.text("kind") not in is_for:
            raise place.trouble(key, f"belongs to a node of the kind {' or '.join(is_for)}")
    if "options" in place.rows:
        for number, row in enumerate(place.items("options"), 1):
            options.append(_option(_Place(place.file, f"{place.where}.options row {number}", row), labels))
    return Node(
        name=name,
        kind=NodeKind(place.text("kind")),
        prompt=place.name("prompt", name),
        label=place.text("label"),
        options=tuple(options),
        show=place.name("show") if "show" in place.rows else None,
    )


def _option(place: _Place, labels: Mapping[str, str]) -> Option:
    place.only("key", "go", "label")
    key = str(place.value("key"))
    if not _KEY.fullmatch(key):
        raise place.trouble("key", 'should be one key of a phone, such as "1"')
    go = place.name("go")
    label = place.text("label") if "label" in place.rows else labels.get(go, go)
    return Option(key=key, go=go, label=label)


def _node_rows(node: Node) -> dict[str, Any]:
    rows: dict[str, Any] = {"kind": str(node.kind), "label": node.label, "prompt": node.prompt}
    if node.show is not None:
        rows["show"] = node.show
    if node.options:
        rows["options"] = [
            {"key": option.key, "go": option.go, "label": option.label} for option in node.options
        ]
    return rows
