"""The prompts of a draft: what is said, in each language, and the recording that says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.voice.menu import prompts_of
from campaigns.voice.versions import Prompt, SpokenBy, prompt_rows, require_draft
from campaigns.voice.written import read_menu

MOST_CHARACTERS = 2_000  # of one prompt's words; a minute of speech has about a thousand


@dataclass(frozen=True)
class Recording:
    """A recording that is kept already: its blob, how long it is, how loud its speech is (dBFS), and who speaks."""

    blob: bytes
    milliseconds: int
    level_db: float
    spoken_by: SpokenBy


class NoSuchPrompt(Exception):
    """The menu of this version needs no prompt of this name, or does not offer this language."""


class WordsTooLong(Exception):
    """The words of one prompt are longer than anything that should be said in one piece."""


def set_words(
    session: Session, actor: Actor, menu_id: int, words: Mapping[tuple[str, str], str], *, now: datetime
) -> int:
    """Write down what prompts of a draft say, and return how many changed; a recording that said something else
    stays and is marked so.

    Raises NotPermitted, NoSuchVersion, NotADraft, NoSuchPrompt, WordsTooLong; then nothing is changed.
    """
    actor.require(Permission.PRODUCE_RADIO)
    known = _prompts_that_may_be_said(session, menu_id)
    if not words.keys() <= known:
        raise NoSuchPrompt
    if any(len(text) > MOST_CHARACTERS for text in words.values()):
        raise WordsTooLong
    rows = prompt_rows(session, menu_id)
    changed = 0
    for (name, language), text in words.items():
        row = rows.get((name, language))
        if row is None:
            session.add(Prompt(menu_id=menu_id, name=name, language=language, text=text))
        elif row.text != text:
            row.text, row.words_changed = text, row.blob is not None
        else:
            continue
        changed += 1
    if changed:
        audit.record(session, actor, "prompts written", f"menu:{menu_id}", now=now)
    session.flush()
    return changed


def attach(
    session: Session,
    menu_id: int,
    name: str,
    language: str,
    recording: Recording,
    *,
    actor: Actor | None,
    now: datetime,
) -> None:
    """Let a recording be what a prompt of a draft says in one language, in place of any other.

    `actor` is who uploaded it or read it in; None for what the house itself puts there.
    Raises NotPermitted, NoSuchVersion, NotADraft, NoSuchPrompt.
    """
    attach_all(session, menu_id, {(name, language): recording}, actor=actor)
    if actor is not None:
        audit.record(session, actor, "prompt recorded", f"menu:{menu_id}:{name}:{language}", now=now)


def attach_all(
    session: Session,
    menu_id: int,
    recordings: Mapping[tuple[str, str], Recording],
    *,
    actor: Actor | None,
) -> None:
    """The same for many at once; whoever brings them all in says so in the trail.

    Raises NotPermitted, NoSuchVersion, NotADraft, NoSuchPrompt; then nothing is changed.
    """
    if actor is not None:
        actor.require(Permission.PRODUCE_RADIO)
    if not recordings.keys() <= _prompts_that_may_be_said(session, menu_id):
        raise NoSuchPrompt
    rows = prompt_rows(session, menu_id)
    for (name, language), recording in recordings.items():
        row = rows.get((name, language))
        if row is None:
            row = Prompt(menu_id=menu_id, name=name, language=language, text="")
            session.add(row)
        row.blob, row.spoken_by = recording.blob, int(recording.spoken_by)
        row.milliseconds, row.level_db = recording.milliseconds, recording.level_db
        row.recorded_by, row.words_changed = actor.staff if actor else None, False
    session.flush()


def detach(session: Session, actor: Actor, menu_id: int, name: str, language: str, *, now: datetime) -> None:
    """Take a recording out of a draft; its words stay. Raises NotPermitted, NoSuchVersion, NotADraft, NoSuchPrompt."""
    actor.require(Permission.PRODUCE_RADIO)
    require_draft(session, menu_id)
    row = session.get(Prompt, (menu_id, name, language))
    if row is None:
        raise NoSuchPrompt
    row.blob = row.spoken_by = row.level_db = row.milliseconds = row.recorded_by = None
    row.words_changed = False
    audit.record(session, actor, "recording taken out", f"menu:{menu_id}:{name}:{language}", now=now)


def _prompts_that_may_be_said(session: Session, menu_id: int) -> set[tuple[str, str]]:
    menu = read_menu(require_draft(session, menu_id).body)
    return {(name, language) for name in prompts_of(menu) for language in menu.languages}
