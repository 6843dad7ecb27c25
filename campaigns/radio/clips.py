"""Clips: what listeners leave for a show, from the beep until it is withdrawn or its time is over.

A clip carries no number, no contact and no time finer than its week. Its sound lies here sealed by the vault, and
nowhere else, until it is approved and its maker lets other callers hear it; then the approved cut alone is a blob.
"""

import json
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import IntEnum, IntFlag
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, ColumnElement, Date, ForeignKey, Index, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.audio.blobs import forget_blob
from campaigns.programme.programme import the_programme
from campaigns.radio.questions import Question
from campaigns.radio.shows import Show, day_of, show_of, week_of
from campaigns.staff import audit
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Rid, new_rid
from campaigns.storage.vault import BoxContext, Vault

# SQLite's hidden row number would keep the order of arrival within a week.
UNORDERED = {"sqlite_with_rowid": False}
CODE_DIGITS = 6
LONGEST_NAME, LONGEST_THEME = 80, 80


class MayBe(IntFlag):
    """What the maker of a clip agreed to, by key; each is separate (voice.md R24)."""

    KEPT = 1
    PLAYED = 2
    BROADCAST = 4


class Speaker(IntEnum):
    """Whose voice it is, as she said herself or as a moderator heard."""

    UNKNOWN = 0
    WOMAN = 1
    MAN = 2


class ClipState(IntEnum):
    """Where a clip stands on the moderation desk."""

    PENDING = 0
    SECOND_EARS = 1
    APPROVED = 2
    REJECTED = 3
    WITHDRAWN = 4


class Reason(IntEnum):
    """Why a clip is not used."""

    NOT_UNDERSTOOD = 1
    NOT_FOR_THE_SHOW = 2
    NAMES_SOMEBODY = 3
    INSULTS = 4
    INCITES = 5
    TOO_PRIVATE = 6
    NOTHING_TO_HEAR = 7


class Screened(IntFlag):
    """What listening by machine found when the clip came."""

    SHORT = 1
    BLANK = 2
    NOISE = 4
    CLIPPED = 8


NOTHING_FOUND = Screened(0)


class Mentions(IntFlag):
    """Of what a moderator heard something in it."""

    PERSON = 1
    PLACE = 2
    SECT_OR_TRIBE = 4
    ARMED_GROUP = 8
    POLICE = 16


@dataclass(frozen=True)
class Span:
    """From one millisecond of a clip as it was left to another."""

    begins_ms: int
    ends_ms: int


class Clip(Base):
    """One clip. `box` is the sound as it was left; `blob` is the approved cut, for callers."""

    __tablename__ = "clip"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    show_id: Mapped[int] = mapped_column(BigId, ForeignKey(Show.id))
    question_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(Question.id))
    language: Mapped[str] = mapped_column(String(12))
    week: Mapped[str] = mapped_column(String(8))
    state: Mapped[int] = mapped_column(default=int(ClipState.PENDING))
    reason: Mapped[int | None]
    speaker: Mapped[int]
    consents: Mapped[int]
    wording_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    code_mark: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    milliseconds: Mapped[int]
    screened: Mapped[int] = mapped_column(default=0)
    cuts: Mapped[str] = mapped_column(Text, default="[]")
    beeps: Mapped[str] = mapped_column(Text, default="[]")
    disguised: Mapped[bool] = mapped_column(Boolean, default=False)
    mentions: Mapped[int] = mapped_column(default=0)
    theme: Mapped[str] = mapped_column(String(LONGEST_THEME), default="")
    on_air_name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    blob: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    cut_milliseconds: Mapped[int | None]
    decided_on: Mapped[date | None] = mapped_column(Date)
    packed_on: Mapped[date | None] = mapped_column(Date)
    # Last: SQLite reads past what is long to get at what stands behind it.
    transcript: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    box: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    __table_args__ = (Index(None, "state", "show_id", "language"), UNORDERED)

    @property
    def label(self) -> str:
        """How the clip is called on pages, in the pack and in the audit trail."""
        return self.rid.hex()[:8]

    @property
    def cut_out(self) -> tuple[Span, ...]:
        """The stretches that are left out."""
        return spans_from(self.cuts)

    @property
    def beeped(self) -> tuple[Span, ...]:
        """The stretches that a tone lies over."""
        return spans_from(self.beeps)


@dataclass(frozen=True)
class NewClip:
    """What a listener left. `audio` is a file that campaigns.audio can read; `code` is what she was told to keep."""

    show: str
    language: str
    audio: bytes = field(repr=False)
    milliseconds: int
    consents: MayBe
    code: str = field(repr=False)
    speaker: Speaker = Speaker.UNKNOWN
    question_id: int | None = None
    wording_hash: bytes | None = None
    screened: Screened = NOTHING_FOUND


@dataclass(frozen=True)
class Withdrawn:
    """What a withdrawal took away: how many clips, and how many of them the studio had been given already."""

    clips: int
    packed: int


class NotAllowedToKeep(Exception):
    """Its maker did not agree that the clip is kept."""


def agreed_to(what: MayBe) -> ColumnElement[bool]:
    """That the maker of a clip agreed to all of this, for a statement."""
    return Clip.consents.bitwise_and(int(what)) == int(what)


def sound_context(rid: bytes) -> BoxContext:
    """Where a clip's sound lies."""
    return BoxContext("clip", "box", rid)


def transcript_context(rid: bytes) -> BoxContext:
    """Where a clip's transcript lies."""
    return BoxContext("clip", "transcript", rid)


def spans_from(written: str) -> tuple[Span, ...]:
    """The spans of a JSON list of pairs."""
    return tuple(Span(begin, end) for begin, end in json.loads(written))


def spans_written(spans: Sequence[Span]) -> str:
    """The JSON list of pairs, in order."""
    return json.dumps(sorted([span.begins_ms, span.ends_ms] for span in spans))


def new_code(session: Session, vault: Vault) -> str:
    """Six digits to take a clip back with, that no clip has now; a reading session is enough.

    Whoever guesses hits one of some hundreds of clips in a million codes, and has a few tries a day.
    """
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        if session.scalars(select(Clip.rid).where(Clip.code_mark == code_mark(vault, code))).first() is None:
            return code


def code_mark(vault: Vault, code: str) -> bytes:
    """What is kept of a code: a keyed mark, of its digits alone, in whatever script they were written."""
    digits = "".join(str(unicodedata.digit(sign)) for sign in code if sign.isdigit())
    return vault.source("clip code", digits)


def keep_clip(session: Session, vault: Vault, clip: NewClip, *, now: datetime) -> bytes:
    """Keep a clip, sealed, for the moderators; returns its rid. Does not commit.

    Raises NotAllowedToKeep (the consent to keep it is not there), NoSuchShow.
    """
    if MayBe.KEPT not in clip.consents:
        raise NotAllowedToKeep
    rid = new_rid()
    row = Clip(
        rid=rid,
        show_id=show_of(session, clip.show).id,
        question_id=clip.question_id,
        language=clip.language,
        week=week_of(session, now),
        speaker=int(clip.speaker),
        consents=int(clip.consents),
        wording_hash=clip.wording_hash,
        code_mark=code_mark(vault, clip.code),
        milliseconds=clip.milliseconds,
        screened=int(clip.screened),
        box=vault.seal(clip.audio, sound_context(rid)),
    )
    session.add(row)
    session.flush()
    return rid


def withdraw_by_code(session: Session, vault: Vault, code: str, *, now: datetime) -> Withdrawn:
    """Take away what was left under this code: its sound, words and name are gone with the commit, callers no longer
    hear it, no pack takes it; a row that says so stays for two years.

    `clips` is 0 when nobody left anything under it. What the studio has already cannot be fetched back: `packed` counts
    those, for staff to tell it. The caller of this function limits how often a phone may try. The trail says
    the show and the day: more would lead from a call to a clip. Does not commit.
    """
    found = session.scalars(
        select(Clip).where(Clip.code_mark == code_mark(vault, code)).with_for_update()
    ).all()
    local_day, zone = day_of(session, now), ZoneInfo(the_programme(session).zone)
    day = datetime.combine(local_day, time(), zone)
    packed = sum(clip.packed_on is not None for clip in found)
    for clip in found:
        strip(session, clip)
        clip.state, clip.code_mark = int(ClipState.WITHDRAWN), None
        audit.record(session, None, "clip withdrawn", f"show:{clip.show_id}", now=day)
    session.flush()
    return Withdrawn(len(found), packed)


def strip(session: Session, clip: Clip) -> None:
    """Delete everything of a clip that was said in it or about it; what is left counts it."""
    clip.box = clip.transcript = None
    clip.cuts = clip.beeps = "[]"
    clip.theme = clip.on_air_name = ""
    take_from_callers(session, clip)


def take_from_callers(session: Session, clip: Clip) -> None:
    """No caller hears it from the commit on, and its sound leaves the blobs; a carrier may hold a copy for a while."""
    approved_cut, clip.blob, clip.cut_milliseconds = clip.blob, None, None
    session.flush()
    others = select(Clip.rid).where(Clip.blob == approved_cut).limit(1)
    if approved_cut is not None and session.scalars(others).first() is None:
        forget_blob(session, approved_cut)
