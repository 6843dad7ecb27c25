"""Uploads: files that staff gave, waiting to be read by a worker. What became of one stays to be asked for a day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import ColumnElement, Index, LargeBinary, String, Text, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.audio.blobs import HASH_BYTES
from campaigns.audio.kept import Finding
from campaigns.audio.purposes import MOST_BYTES, Purpose
from campaigns.audio.refusals import NotAudio, TooLarge, Why
from campaigns.storage.base import Base
from campaigns.storage.columns import Instant, Rid, new_rid

KEPT_FOR = timedelta(days=1)
TAKEN_FOR = timedelta(minutes=5)  # a worker that has not said anything by then is dead
MOST_TRIES = 2
_BETWEEN = ","


class UploadState(IntEnum):
    """Where an upload stands."""

    WAITING = 0
    DONE = 1
    REFUSED = 2


class Upload(Base):
    """One file; its bytes are gone as soon as it is done or refused."""

    __tablename__ = "upload"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(Text)
    state: Mapped[int]
    why: Mapped[str | None] = mapped_column(String(20))
    findings: Mapped[str] = mapped_column(String(120))
    blob: Mapped[bytes | None] = mapped_column(LargeBinary(HASH_BYTES))
    made_at: Mapped[datetime] = mapped_column(Instant)
    taken_until: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int]
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    __table_args__ = (
        Index(
            "ix_upload_waiting",
            "made_at",
            sqlite_where=text("state = 0"),
            postgresql_where=text("state = 0"),
        ),
    )


@dataclass(frozen=True)
class Taken:
    """An upload that a worker has taken: what it is for, what it is about (ids only), how often it was tried."""

    rid: bytes
    purpose: Purpose
    about: Mapping[str, int | str]
    tries: int


@dataclass(frozen=True)
class Outcome:
    """What became of an upload. `why` stands only with REFUSED, `blob` only with DONE."""

    state: UploadState
    why: Why | None
    blob: bytes | None
    findings: tuple[Finding, ...]


class NoSuchUpload(Exception):
    """There is no such upload, or it was forgotten after a day."""


def accept_upload(
    session: Session, purpose: Purpose, about: Mapping[str, int | str], data: bytes, now: datetime
) -> bytes:
    """Take a file in to be read by a worker, and give the rid by which its outcome is asked. Does not commit.

    `about` says what it is for in ids, never in words. Raises TooLarge, and NotAudio for an empty file.
    """
    if len(data) > MOST_BYTES:
        raise TooLarge
    if not data:
        raise NotAudio
    rid = new_rid()
    session.add(
        Upload(
            rid=rid,
            purpose=purpose,
            about=json.dumps(dict(about), sort_keys=True),
            state=UploadState.WAITING,
            why=None,
            findings="",
            blob=None,
            made_at=now,
            taken_until=None,
            tries=0,
            data=data,
        )
    )
    return rid


def outcome_of(session: Session, rid: bytes) -> Outcome:
    """What became of an upload so far. Raises NoSuchUpload."""
    row = session.get(Upload, rid)
    if row is None:
        raise NoSuchUpload
    findings = tuple(Finding(name) for name in row.findings.split(_BETWEEN) if name)
    return Outcome(UploadState(row.state), Why(row.why) if row.why else None, row.blob, findings)


def has_waiting(session: Session, *, now: datetime) -> bool:
    """Whether a worker has something to read."""
    return session.scalars(select(Upload.rid).where(_is_free(now)).limit(1)).first() is not None


def take_upload(session: Session, *, now: datetime) -> Taken | None:
    """The oldest waiting upload, which no other worker takes for five minutes; None when there is none.

    One statement claims it: on PostgreSQL a row that another worker is claiming is skipped, on SQLite there is one
    writer at a time.
    """
    oldest = (
        select(Upload.rid)
        .where(_is_free(now))
        .order_by(Upload.made_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = session.execute(
        update(Upload)
        .where(Upload.rid == oldest.scalar_subquery())
        .values(taken_until=now + TAKEN_FOR, tries=Upload.tries + 1)
        .returning(Upload.rid, Upload.purpose, Upload.about, Upload.tries)
    ).first()
    return None if row is None else Taken(row.rid, Purpose(row.purpose), json.loads(row.about), row.tries)


def bytes_of(session: Session, rid: bytes) -> bytes:
    """The file of a waiting upload. Raises NoSuchUpload when it was settled or forgotten."""
    data = session.scalars(select(Upload.data).where(Upload.rid == rid)).first()
    if data is None:
        raise NoSuchUpload
    return data


def finish_upload(session: Session, rid: bytes, blob: bytes, findings: tuple[Finding, ...]) -> bool:
    """Say that an upload became this sound; False when it was settled or forgotten meanwhile."""
    return _settle(session, rid, UploadState.DONE, blob=blob, findings=_BETWEEN.join(findings))


def refuse_upload(session: Session, rid: bytes, why: Why) -> bool:
    """Say why an upload is not taken; False when it was settled or forgotten meanwhile."""
    return _settle(session, rid, UploadState.REFUSED, why=str(why))


def forget_uploads(session: Session, *, now: datetime) -> int:
    """Forget what was given more than a day ago; how many there were. What became of it stays where it was put."""
    old = session.scalars(delete(Upload).where(Upload.made_at < now - KEPT_FOR).returning(Upload.rid))
    return len(old.all())


def _settle(session: Session, rid: bytes, state: UploadState, **values: object) -> bool:
    settled = session.scalars(
        update(Upload)
        .where(Upload.rid == rid, Upload.state == UploadState.WAITING)
        .values(state=state, data=None, **values)
        .returning(Upload.rid)
    )
    return settled.first() is not None


def _is_free(now: datetime) -> ColumnElement[bool]:
    free = (Upload.taken_until.is_(None)) | (Upload.taken_until < now)
    return (Upload.state == UploadState.WAITING) & free
