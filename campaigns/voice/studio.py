"""The studio by telephone: who may read prompts in, by which code, and what becomes of a prompt that was read in.

The code is six digits, good for half an hour, and kept as a keyed mark only. Half an hour of guessing on every line
there is comes to one chance in fifty thousand: after twenty wrong codes every open one is void.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.audio.blobs import keep_blob
from campaigns.audio.kept import Mended
from campaigns.staff import audit
from campaigns.staff.actor import Actor, NotPermitted, Permission, Staff, actor_of
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid, new_rid
from campaigns.storage.vault import Vault
from campaigns.voice.menu import prompts_of
from campaigns.voice.prompts import Recording, attach
from campaigns.voice.versions import (
    HASH_BYTES,
    MenuVersion,
    Prompt,
    SpokenBy,
    prompt_rows,
    require_draft,
    version_of,
)
from campaigns.voice.written import read_menu

CODE_DIGITS = 6
CODE_FOR = timedelta(minutes=30)
SESSION_FOR = timedelta(hours=3)  # whoever got in may finish
MOST_GUESSES = 20
_CODE = "studio code"


class StudioSession(Base):
    """A producer's leave to read prompts of one draft in, in one language."""

    __tablename__ = "studio"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    code_mark: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), unique=True)
    staff: Mapped[bytes] = mapped_column(Rid(), ForeignKey(Staff.rid))
    menu_id: Mapped[int] = mapped_column(BigId, ForeignKey(MenuVersion.id, ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(12))
    guesses: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class LanguageNotOffered(Exception):
    """The draft does not offer this language."""


@dataclass(frozen=True)
class ToRead:
    """A prompt that waits to be recorded by a person: its number on the page (from 1), its name, what it is for."""

    number: int
    name: str
    about: str


def open_studio(
    session: Session, vault: Vault, actor: Actor, menu_id: int, language: str, *, now: datetime
) -> str:
    """The code by which its holder may, for half an hour, begin to read this draft's prompts in by telephone.

    It is shown once; an older code of the same person is void. Raises NotPermitted, NoSuchVersion, NotADraft,
    LanguageNotOffered.
    """
    actor.require(Permission.PRODUCE_RADIO)
    if language not in read_menu(require_draft(session, menu_id).body).languages:
        raise LanguageNotOffered
    old = StudioSession.opened_at < now - SESSION_FOR
    session.execute(delete(StudioSession).where(old | (StudioSession.staff == actor.staff)))
    taken = set(session.scalars(select(StudioSession.code_mark)))
    code = _new_code()
    while vault.source(_CODE, code) in taken:
        code = _new_code()
    session.add(
        StudioSession(
            rid=new_rid(),
            code_mark=vault.source(_CODE, code),
            staff=actor.staff,
            menu_id=menu_id,
            language=language,
            guesses=0,
            opened_at=now,
        )
    )
    audit.record(session, actor, "studio opened", f"menu:{menu_id}", now=now)
    session.flush()
    return code


def enter(session: Session, vault: Vault, code: str, *, now: datetime) -> StudioSession | None:
    """The session of a code; None when there is none, and then every open code is one guess nearer to its end."""
    is_open = (StudioSession.opened_at > now - CODE_FOR) & (StudioSession.guesses < MOST_GUESSES)
    mark = vault.source(_CODE, code)
    found = session.scalars(
        select(StudioSession).where(StudioSession.code_mark == mark, is_open)
    ).one_or_none()
    if found is None:
        session.execute(update(StudioSession).where(is_open).values(guesses=StudioSession.guesses + 1))
    return found


def still_open(session: Session, rid: bytes, *, now: datetime) -> StudioSession | None:
    """The session of a call that has got in; None when it is over, its draft was published, or its holder has gone."""
    found = session.get(StudioSession, rid)
    if found is None or found.opened_at <= now - SESSION_FOR:
        return None
    actor = actor_of(session, found.staff)
    if actor is None or Permission.PRODUCE_RADIO not in actor.permissions:
        return None
    return found if version_of(session, found.menu_id).is_draft else None


def to_read(session: Session, menu_id: int, language: str) -> list[ToRead]:
    """The prompts that no person has recorded as they are worded now, in the order of the page.

    Raises NoSuchVersion.
    """
    rows = prompt_rows(session, menu_id)
    needed = prompts_of(read_menu(version_of(session, menu_id).body))
    return [
        ToRead(number, name, about)
        for number, (name, about) in enumerate(needed.items(), start=1)
        if _waits(rows.get((name, language)))
    ]


def note_for(found: StudioSession, name: str) -> str:
    """What is written beside a recording at the carrier, so that it finds its prompt: ids and a name of ours."""
    about = {"menu": found.menu_id, "name": name, "language": found.language, "staff": found.staff.hex()}
    return json.dumps(about, separators=(",", ":"))


def attach_read_in(session: Session, note: str, mended: Mended, *, now: datetime) -> None:
    """Let a recording that was fetched from the carrier and mended be what its prompt says. Does not commit.

    Raises NotPermitted, NoSuchVersion, NotADraft, NoSuchPrompt: then nobody wants it any more.
    """
    about = json.loads(note)
    actor = actor_of(session, bytes.fromhex(about["staff"]))
    if actor is None:
        raise NotPermitted(Permission.PRODUCE_RADIO)
    recording = Recording(
        keep_blob(session, mended.audio), mended.milliseconds, mended.level_db, SpokenBy.CALL
    )
    attach(session, about["menu"], about["name"], about["language"], recording, actor=actor, now=now)


def _waits(row: Prompt | None) -> bool:
    if row is None or row.blob is None or row.words_changed:
        return True
    return row.spoken_by in (SpokenBy.MACHINE, SpokenBy.TONE)


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
