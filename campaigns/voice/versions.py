"""Versions of the menu: one that callers hear, at most one draft, and those that were; never changed once heard."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Float, ForeignKey, Index, LargeBinary, String, Text, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid, SmallEnum
from campaigns.voice.menu import FIXED_PROMPTS, Menu, prompts_of
from campaigns.voice.sounds import Sound
from campaigns.voice.written import read_menu

HASH_BYTES = 32
MENUS_KEPT_READ = 8  # by each process: the published one, and those of calls that began before it


class VersionState(IntEnum):
    """Where a version of the menu stands."""

    DRAFT = 0
    PUBLISHED = 1
    RETIRED = 2


class SpokenBy(IntEnum):
    """Who or what is heard in a recording. A call is a person on a telephone line."""

    PERSON = 1
    MACHINE = 2
    TONE = 3
    CALL = 4


class MenuVersion(Base):
    """One version of the menu. A draft may be changed; from its publication on nothing of it is."""

    __tablename__ = "menu"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    state: Mapped[int] = mapped_column(SmallEnum)
    body: Mapped[str] = mapped_column(Text)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    made_by: Mapped[bytes | None] = mapped_column(Rid())
    made_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[bytes | None] = mapped_column(Rid())
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        # One draft and one published version: the database itself refuses a second of either.
        Index(
            "uq_menu_state",
            "state",
            unique=True,
            sqlite_where=text("state IN (0, 1)"),
            postgresql_where=text("state IN (0, 1)"),
        ),
        {"sqlite_autoincrement": True},
    )

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.state == VersionState.DRAFT


class Prompt(Base):
    """What one prompt says in one language of a version, and its recording once there is one."""

    __tablename__ = "prompt"
    menu_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(MenuVersion.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    blob: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    spoken_by: Mapped[int | None] = mapped_column(SmallEnum)
    level_db: Mapped[float | None] = mapped_column(Float)
    milliseconds: Mapped[int | None]
    recorded_by: Mapped[bytes | None] = mapped_column(Rid())
    words_changed: Mapped[bool] = mapped_column(default=False)


class NoSuchVersion(Exception):
    """There is no version of the menu with this id, or no version is published yet."""


class NotADraft(Exception):
    """This version was published: nothing of it changes any more."""


@dataclass(frozen=True)
class PublishedMenu:
    """A version as a call needs it: its menu, and what is heard for each prompt in each language.

    `id` is that of the version's row, `version` the number that staff know it by.
    """

    id: int
    version: int
    menu: Menu
    sounds: Mapping[tuple[str, str], Sound] = field(repr=False)

    def sound(self, prompt: str, language: str) -> Sound:
        """What is heard for a prompt. In a draft it may be nothing but what the prompt is for, without a recording."""
        found = self.sounds.get((prompt, language))
        return found or Sound(FIXED_PROMPTS.get(prompt, prompt.replace("_", " ")), language, None)


_read: dict[tuple[int, bytes], PublishedMenu] = {}
_heard: WeakKeyDictionary[Engine, dict[int, PublishedMenu]] = WeakKeyDictionary()


_PUBLISHED = select(MenuVersion.id, MenuVersion.hash).where(MenuVersion.state == int(VersionState.PUBLISHED))


def published(session: Session) -> PublishedMenu | None:
    """The version that callers hear; None before the first is published. One small SELECT when it was read before."""
    found = session.connection().execute(_PUBLISHED).one_or_none()
    return _remembered(session, found.id, found.hash) if found else None


def version_heard(session: Session, menu_id: int) -> PublishedMenu:
    """Any version by its id, for a call that began with it: published, retired since, or a draft that is tried.

    A draft is read anew each time; what was published never changes, and is not even asked for a second time.
    Raises NoSuchVersion.
    """
    known = _heard.setdefault(session.get_bind().engine, {})
    if menu_id in known:
        return known[menu_id]
    found = session.execute(
        select(MenuVersion.hash, MenuVersion.state).where(MenuVersion.id == menu_id)
    ).one_or_none()
    if found is None:
        raise NoSuchVersion
    if found.state == VersionState.DRAFT:
        return _from_rows(session, menu_id)
    known[menu_id] = _remembered(session, menu_id, found.hash)
    return known[menu_id]


def version_of(session: Session, menu_id: int) -> MenuVersion:
    """The row of a version. Raises NoSuchVersion."""
    found = session.get(MenuVersion, menu_id)
    if found is None:
        raise NoSuchVersion
    return found


def require_draft(session: Session, menu_id: int) -> MenuVersion:
    """The row of a version that may still be changed, kept from others until this transaction ends.

    Raises NoSuchVersion, NotADraft.
    """
    found = session.get(MenuVersion, menu_id, with_for_update=True)
    if found is None:
        raise NoSuchVersion
    if not found.is_draft:
        raise NotADraft
    return found


def versions(session: Session, limit: int = 20) -> list[MenuVersion]:
    """The newest versions, newest first."""
    return list(session.scalars(select(MenuVersion).order_by(MenuVersion.version.desc()).limit(limit)))


def prompt_rows(session: Session, menu_id: int) -> dict[tuple[str, str], Prompt]:
    """Every prompt of a version by name and language, also those that its menu does not need any more."""
    rows = session.scalars(select(Prompt).where(Prompt.menu_id == menu_id))
    return {(row.name, row.language): row for row in rows}


def content_hash(body: str, prompts: Mapping[tuple[str, str], Prompt]) -> bytes:
    """SHA-256 over the menu and, for each prompt that it needs in each language, its words and its recording."""
    menu = read_menu(body)
    digest = hashlib.sha256(_field(body.encode()))
    for name in sorted(prompts_of(menu)):
        for language in sorted(menu.languages):
            row = prompts.get((name, language))
            for part in (name, language, row.text if row else ""):
                digest.update(_field(part.encode()))
            digest.update(_field((row.blob if row else None) or b""))
    return digest.digest()


def _field(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def _remembered(session: Session, menu_id: int, digest: bytes) -> PublishedMenu:
    """What was published never changes, so that a version is read once by each process."""
    known = _read.get((menu_id, digest))
    if known is None:
        known = _from_rows(session, menu_id)
        if len(_read) >= MENUS_KEPT_READ:
            _read.pop(next(iter(_read)), None)
        _read[menu_id, digest] = known
    return known


def _from_rows(session: Session, menu_id: int) -> PublishedMenu:
    row = session.get_one(MenuVersion, menu_id)
    menu = read_menu(row.body)
    needed, prompts = prompts_of(menu), prompt_rows(session, menu_id)
    sounds = {
        (name, language): Sound(prompt.text, language, prompt.blob, prompt.milliseconds or 0)
        for (name, language), prompt in prompts.items()
        if name in needed and language in menu.languages
    }
    return PublishedMenu(row.id, row.version, menu, sounds)
