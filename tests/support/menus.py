"""A voice line's menu for tests: the starter line's, with one short sound for everything."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from campaigns.audio.blobs import keep_blob
from campaigns.audio.kept import Audio
from campaigns.audio.sounds import audio_from, tone
from campaigns.staff.actor import Actor
from campaigns.voice.menu import Menu, prompts_of
from campaigns.voice.prompts import Recording, attach_all, set_words
from campaigns.voice.publishing import change_menu, publish
from campaigns.voice.versions import MenuVersion, SpokenBy
from campaigns.voice.written import read_menu, read_texts

STARTER = Path("campaigns/voice/starter")
SOUND: Audio = audio_from(tone(0.5, 440))


def starter_menu() -> Menu:
    """The menu of the starter line."""
    return read_menu((STARTER / "menu.yaml").read_text(encoding="utf-8"))


def drafted_menu(session: Session, actor: Actor, now: datetime, menu: Menu | None = None) -> MenuVersion:
    """A draft of a menu with the starter line's words, everything recorded by a person with the same short sound."""
    menu = menu or starter_menu()
    draft = change_menu(session, actor, menu, now=now)
    texts = read_texts((STARTER / "prompts.yaml").read_text(encoding="utf-8"))
    needed = {(name, language) for name in prompts_of(menu) for language in menu.languages}
    words = {place: texts.get(place, "Something is said here.") for place in sorted(needed)}
    set_words(session, actor, draft.id, words, now=now)
    sound = keep_blob(session, SOUND)
    recordings = {
        # Shorter for who knows the line, as the linter wants it.
        place: Recording(sound, SOUND.milliseconds - place[0].endswith("_short"), -22.0, SpokenBy.PERSON)
        for place in words
    }
    attach_all(session, draft.id, recordings, actor=actor)
    return draft


def published_menu(session: Session, actor: Actor, now: datetime, menu: Menu | None = None) -> MenuVersion:
    """The same, published."""
    return publish(session, actor, drafted_menu(session, actor, now, menu).id, now=now)
