"""What is said back: a reply's key and language, and the names that stand in it, which are the programme's alone."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.consent.events import Event
from campaigns.language.catalogue import NoSuchLanguage, catalogue, languages, say
from campaigns.language.entries import REPLIES, SELF_FILLED, Direction
from campaigns.programme.programme import Programme

# What each consent event was answered with: a repeated webhook hears the same again, also when Redis was wiped.
REPLY_TO_EVENT: Mapping[Event, str] = {
    Event.REQUESTED: "ask_to_join",
    Event.CONFIRMED: "joined",
    Event.DECLINED: "declined",
    Event.WITHDRAWN: "stopped",
}
TRY_LATER = "try_later"


@dataclass(frozen=True)
class Reply:
    """One reply in one language; without a key there is nothing to say."""

    key: str | None
    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str | None:
        """The words, from the language's catalogue."""
        return say(self.language, self.key, **self.names) if self.key else None


def reply_in(programme: Programme, key: str | None, language: str) -> Reply:
    """The reply with the programme's names in it; HELP gains the help lines where the programme has any."""
    if key is None:
        return Reply(None, language)
    help_lines = ", ".join(programme.help_lines.replace(",", " ").split())
    if key == "help" and help_lines:
        key = "help_with_lines"
    ours = {"name": programme.name_in(language), "help_lines": help_lines}
    wanted = REPLIES[key].placeholders - SELF_FILLED
    return Reply(key, language, {name: ours[name] for name in sorted(wanted)})


def first_spoken(*tags: str | None) -> str:
    """The first of these languages that we have a catalogue for, by the catalogue's own tag."""
    for tag in tags:
        if tag is None:
            continue
        try:
            return catalogue(tag).tag
        except NoSuchLanguage:
            continue
    return languages()[0]


def guessed_by_script(body: str, tags: Sequence[str]) -> str | None:
    """The first of these languages that runs as the text's letters run; None when it has no letters."""
    kinds = [unicodedata.bidirectional(letter) for letter in body if letter.isalpha()]
    if not kinds:
        return None
    leftwards = sum(kind in ("R", "AL") for kind in kinds)
    direction = Direction.RIGHT_TO_LEFT if 2 * leftwards > len(kinds) else Direction.LEFT_TO_RIGHT
    spoken = [tag for tag in tags if tag in languages()]
    return next((tag for tag in spoken if catalogue(tag).direction is direction), None)
