"""The languages we speak: one file each in `catalogues/`, read once, checked loudly, and the replies said from them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from campaigns.language.entries import REPLIES, SELF_FILLED, Catalogue, Direction
from campaigns.language.reading import CatalogueBroken, read_catalogue, refuse_collisions

__all__ = [
    "Catalogue",
    "CatalogueBroken",
    "NamesDoNotFit",
    "NoSuchLanguage",
    "NoSuchReply",
    "catalogue",
    "languages",
    "load",
    "say",
]

CATALOGUES = Path(__file__).parent / "catalogues"
# A word that belongs to several languages is read in this order when nothing else tells; others follow by tag.
FIRST_LANGUAGES = ("en", "ur", "ps")


class NoSuchLanguage(LookupError):
    """No catalogue has this tag; the message names those there are."""


class NoSuchReply(LookupError):
    """No reply has this key; the message names those there are."""


class NamesDoNotFit(TypeError):
    """A reply was given a name that it does not say, or not given one that it does."""


@cache
def load(folder: Path = CATALOGUES) -> Mapping[str, Catalogue]:
    """Return every catalogue of `folder` by its tag; raise CatalogueBroken at the first fault in any of them."""
    files = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    order = [tag for tag in FIRST_LANGUAGES if tag in files]
    order += [tag for tag in files if tag not in FIRST_LANGUAGES]
    catalogues = {tag: read_catalogue(files[tag]) for tag in order}
    refuse_collisions(files, catalogues)
    return MappingProxyType(catalogues)


def languages() -> tuple[str, ...]:
    """Return the tags of all languages, those most used first."""
    return tuple(load())


def catalogue(language: str) -> Catalogue:
    """Return the catalogue for a tag or one of its written variants (`ur-Latn` is Urdu); else NoSuchLanguage."""
    for known in load().values():
        if language == known.tag or any(language == variant.tag for variant in known.variants):
            return known
    raise NoSuchLanguage(f"There is no catalogue for {language}. There are: {', '.join(languages())}.")


def say(language: str, reply_key: str, **names: str) -> str:
    """Return a reply in `language` with its {placeholders} filled in.

    `names` must be exactly those of `entries.REPLIES`, save {languages}, which is filled in here.
    Raises NoSuchLanguage, NoSuchReply, NamesDoNotFit.
    """
    spoken = catalogue(language)
    if reply_key not in REPLIES:
        raise NoSuchReply(f"There is no reply {reply_key}. There are: {', '.join(REPLIES)}.")
    placeholders = REPLIES[reply_key].placeholders
    if set(names) != placeholders - SELF_FILLED:
        wanted = ", ".join(sorted(placeholders - SELF_FILLED)) or "no names"
        raise NamesDoNotFit(
            f"The reply {reply_key} takes {wanted}; it was given {', '.join(names) or 'none'}."
        )
    if "languages" in placeholders:
        names["languages"] = _languages_to_choose(spoken)
    text = spoken.replies[reply_key]
    pieces = text.split("{")
    filled = [names[key] + rest for key, _, rest in (piece.partition("}") for piece in pieces[1:])]
    return "".join([pieces[0], *filled])


def _languages_to_choose(spoken: Catalogue) -> str:
    """Name every language so that its reader knows it, without making a Latin text twice as dear."""
    if spoken.direction is Direction.LEFT_TO_RIGHT:
        return ", ".join(known.english_name for known in load().values())
    return "، ".join(known.own_name for known in load().values())
