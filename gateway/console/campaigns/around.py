"""What is heard around the recording of a call: the voice line's own words, from the menu that is published."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from campaigns.voice.versions import PublishedMenu, published
from gateway.console.campaigns.names import LanguageName, language_name


@dataclass(frozen=True)
class Neutral:
    """What a shared phone hears first, in one language: nothing of who calls (R21)."""

    language: LanguageName
    words: str


@dataclass(frozen=True)
class Around:
    """The voice line as a call of ours meets it."""

    greetings: dict[str, str]
    neutral: dict[str, str]

    def speaks(self, language: str) -> bool:
        """Whether its greeting is heard in this language."""
        return language in self.greetings

    def neutral_in(self, tags: list[str]) -> list[Neutral]:
        """What a shared phone hears first, in those of the languages that the line speaks."""
        return [Neutral(language_name(tag), self.neutral[tag]) for tag in tags if tag in self.neutral]


def around_of(session: Session) -> Around | None:
    """The published menu's words; None when nothing is published, and a call would say that the line is not open."""
    menu = published(session)
    if menu is None:
        return None
    tags = menu.menu.languages
    return Around(
        {tag: _said(menu, tag, "greeting") for tag in tags},
        {tag: _said(menu, tag, "press_any_key", menu.menu.cover) for tag in tags},
    )


def _said(menu: PublishedMenu, language: str, *prompts: str) -> str:
    return " ".join(menu.sound(prompt, language).text for prompt in prompts)
