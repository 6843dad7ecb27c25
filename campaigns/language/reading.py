"""Reading a catalogue file: everything wrong with it is said in plain words, with the file and the key."""

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from campaigns.language.entries import (
    PLACEHOLDERS,
    REPLIES,
    Action,
    Catalogue,
    Confidence,
    Direction,
    Keyword,
    Variant,
)
from campaigns.language.folding import fold, without_runs

# A row of words may be written short ("band/bnd karo/kro"); more spellings than this is a slip of the pen.
MOST_SPELLINGS_OF_A_ROW = 800
KEYWORD_ACTIONS = tuple(action for action in Action if action is not Action.NONE)
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class PlainLoader(yaml.SafeLoader):
    """YAML in which only true and false are truth values, so that yes and no stay words, and no key comes twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{key} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


_TRUTH = "tag:yaml.org,2002:bool"
PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TRUTH]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
PlainLoader.add_implicit_resolver(_TRUTH, re.compile(r"^(?:true|false)$"), list("tf"))


class CatalogueBroken(Exception):
    """A catalogue file cannot be used; the message names the file, the key and the cure."""

    def __init__(self, file: Path, key: str, trouble: str) -> None:
        super().__init__(f"{file.name}, {key}: {trouble}")


class Page:
    """One mapping of a catalogue file; asking it for a key gives the right kind of value or a plain error."""

    def __init__(self, file: Path, where: str, value: object) -> None:
        self.file, self.where = file, where
        if not isinstance(value, Mapping):
            raise CatalogueBroken(file, where or "the file", "should hold keys with values")
        self._rows: Mapping[Any, Any] = value

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads: most often they are misspelt."""
        for key in self._rows:
            if key not in known:
                raise CatalogueBroken(
                    self.file, self._name(key), f"is not known here; known: {', '.join(known)}"
                )

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str) or not value.strip():
            raise CatalogueBroken(self.file, self._name(key), 'should be some text (put it in "quotes")')
        return value.strip()

    def yes_or_no(self, key: str, *, absent: bool | None = None) -> bool:
        value = self._rows.get(key, absent)
        if not isinstance(value, bool):
            raise CatalogueBroken(self.file, self._name(key), "should be true or false")
        return value

    def one_of(self, key: str, choices: type[Confidence] | type[Direction]) -> str:
        value = self.text(key)
        known = [str(choice) for choice in choices]
        if value not in known:
            raise CatalogueBroken(self.file, self._name(key), f"should be one of {', '.join(known)}")
        return value

    def rows(self, key: str) -> list[Any]:
        value = self._get(key)
        if not isinstance(value, list):
            raise CatalogueBroken(self.file, self._name(key), "should be a list, one '- ' before each row")
        return value

    def page(self, key: str) -> "Page":
        return Page(self.file, self._name(key), self._get(key))

    def pages(self, key: str) -> list["Page"]:
        return [Page(self.file, f"{self._name(key)} row {n}", row) for n, row in enumerate(self.rows(key), 1)]

    def spellings(self, key: str) -> tuple[str, ...]:
        """Return all phrases of a list of rows, each written out."""
        found: list[str] = []
        for number, row in enumerate(self.rows(key), 1):
            if not isinstance(row, str):
                raise CatalogueBroken(self.file, f"{self._name(key)} row {number}", 'should be "quoted" text')
            found += self.written_out(row, f"{self._name(key)} row {number}")
        return tuple(dict.fromkeys(found))

    def written_out(self, row: str, where: str) -> list[str]:
        """Return every spelling of a short row: '/' between choices, '_' for a space, '-' for nothing."""
        slots = [slot.split("/") for slot in row.split()]
        phrases = []
        for choice in itertools.islice(itertools.product(*slots), MOST_SPELLINGS_OF_A_ROW + 1):
            phrase = " ".join(word.replace("_", " ") for word in choice if word != "-")
            if not any(character.isalpha() for character in phrase):
                raise CatalogueBroken(self.file, where, "one of its spellings has no letters at all")
            phrases.append(phrase)
        if not phrases or len(phrases) > MOST_SPELLINGS_OF_A_ROW:
            raise CatalogueBroken(self.file, where, f"should give 1 to {MOST_SPELLINGS_OF_A_ROW} spellings")
        return phrases

    def _get(self, key: str) -> Any:
        if key not in self._rows:
            raise CatalogueBroken(self.file, self._name(key), "is missing")
        return self._rows[key]

    def _name(self, key: object) -> str:
        return f"{self.where}.{key}" if self.where else str(key)


def read_catalogue(file: Path) -> Catalogue:
    """Return the language that `file` describes; raise CatalogueBroken at the first thing that is wrong."""
    try:
        content = PlainLoader(file.read_text(encoding="utf-8")).get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError) as trouble:
        raise CatalogueBroken(file, "the file", f"cannot be read as YAML: {trouble}") from trouble
    top = Page(file, "", content)
    top.only(
        "language", "own_name", "english_name", "direction", "needs_native_reader", "variants", "own_letters",
        "keywords", "called", "polite", "beside_stop", "replies",
    )  # fmt: skip
    tag = top.text("language")
    if tag != file.stem:
        raise CatalogueBroken(file, "language", "should be the same as the file's name")
    beside = top.page("beside_stop")
    beside.only("impatient", "messages", "small", "linking")
    return Catalogue(
        tag=tag,
        own_name=top.text("own_name"),
        english_name=top.text("english_name"),
        direction=Direction(top.one_of("direction", Direction)),
        needs_native_reader=top.yes_or_no("needs_native_reader"),
        variants=tuple(_variant(page, tag) for page in top.pages("variants")),
        own_letters=frozenset(letter for row in top.rows("own_letters") for letter in str(row)),
        keywords=tuple(_keywords(top.page("keywords"), tag)),
        called=top.spellings("called"),
        polite=top.spellings("polite"),
        impatient=beside.spellings("impatient"),
        messages=beside.spellings("messages"),
        small=beside.spellings("small"),
        linking=beside.spellings("linking"),
        replies=MappingProxyType(_replies(top.page("replies"))),
    )


def refuse_collisions(files: Mapping[str, Path], catalogues: Mapping[str, Catalogue]) -> None:
    """Raise CatalogueBroken where one phrase means two actions, in one language or between two.

    What counts only beside a word for our messages may mean something else by itself.
    """
    meanings: dict[str, Keyword] = {}
    for catalogue in catalogues.values():
        for keyword in catalogue.keywords:
            if keyword.about_messages:
                continue
            first = meanings.setdefault(without_runs(fold(keyword.phrase)), keyword)
            if first.action is not keyword.action:
                raise CatalogueBroken(
                    files[catalogue.tag],
                    f"keywords.{keyword.action}",
                    f"“{keyword.phrase}” already means {first.action} in {files[first.language].name}",
                )


def _variant(page: Page, tag: str) -> Variant:
    page.only("tag", "own_name", "direction")
    variant = Variant(page.text("tag"), page.text("own_name"), Direction(page.one_of("direction", Direction)))
    if variant.tag.split("-")[0] != tag:
        raise CatalogueBroken(page.file, f"{page.where}.tag", f"should begin with {tag}")
    return variant


def _keywords(page: Page, tag: str) -> Iterator[Keyword]:
    page.only(*KEYWORD_ACTIONS)
    for action in KEYWORD_ACTIONS:
        for row in page.pages(action):
            row.only("words", "confidence", "alone", "about_messages")
            confidence = Confidence(row.one_of("confidence", Confidence))
            alone = row.yes_or_no("alone", absent=False)
            about = row.yes_or_no("about_messages", absent=False)
            for phrase in dict.fromkeys(row.written_out(row.text("words"), row.where)):
                yield Keyword(action, phrase, tag, confidence, alone, about)


def _replies(page: Page) -> dict[str, str]:
    page.only(*REPLIES)
    texts = {}
    for key, rule in REPLIES.items():
        text = " ".join(page.text(key).split())
        used = set(_PLACEHOLDER.findall(text))
        where = f"replies.{key}"
        if "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
            raise CatalogueBroken(page.file, where, "has a { or } without its partner")
        if unknown := used - PLACEHOLDERS:
            known = ", ".join(sorted(PLACEHOLDERS))
            raise CatalogueBroken(page.file, where, f"uses {{{min(unknown)}}}; known are {known}")
        if extra := used - rule.placeholders:
            raise CatalogueBroken(page.file, where, f"must not use {{{min(extra)}}}: nobody fills it in here")
        if missing := rule.placeholders - used:
            raise CatalogueBroken(page.file, where, f"must say {{{min(missing)}}} somewhere")
        texts[key] = text
    return texts
