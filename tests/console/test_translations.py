"""Catalogues of the console: compiled as committed, nothing fuzzy, whole where the pages must be."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "gateway" / "console"
LANGUAGES = ("ur", "ps")
METHODS = [("**.py", "python"), ("templates/components.html", "ignore"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "ngettext": (1, 2)}

# What is read every day and by everybody, and the composer; the rest may follow word by word.
WHOLE = (
    *("base.html", "plain.html", "error.html", "parts/", "signin/", "today/", "halting/"),
    *("access.py", "errors.py", "frame.py", "halting.py", "i18n.py"),
    "campaigns/",
)
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def catalogue(language: str) -> Catalog:
    with (CONSOLE / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(message: Message) -> tuple[str, ...]:
    """The translations of a message, one for each plural form."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


def english_forms(message: Message) -> tuple[str, ...]:
    """What each form says in English; these languages have the same two."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_one_that_is_read_by_people(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))

    kept = CONSOLE / "translations" / language / "LC_MESSAGES" / "messages.mo"
    assert kept.read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in catalogue(language) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_keeps_its_placeholders(language: str) -> None:
    wrong = [
        english
        for message in catalogue(language)
        if message.id and any(texts(message))
        for english, said in zip(english_forms(message), texts(message), strict=True)
        if sorted(PLACEHOLDER.findall(said)) != sorted(PLACEHOLDER.findall(english))
    ]

    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_every_day_and_the_composer_are_whole(language: str) -> None:
    known = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue(language)
        if message.id and all(texts(message))
    }
    missing = {
        (file, said[0] if isinstance(said, tuple) else said)
        for file, _line, said, _comments, _context in extract_from_dir(
            CONSOLE, METHODS, keywords=KEYWORDS, options_map={}
        )
        if any(part in file for part in WHOLE)
    }

    assert sorted(pair for pair in missing if pair[1] not in known) == []
