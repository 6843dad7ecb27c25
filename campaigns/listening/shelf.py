"""The tables of sealed feedback. Nothing here names a phone, a time finer than a week, or an order of arrival.

Texts and voices are gathered apart, each kind in a table and a run of its own: their boxes cannot have one size, and
a single voice among twenty texts would be known again on the shelf. Each kind is mixed with its own.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Boolean, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.listening.sealing import Kind
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid

# SQLite's hidden row number would keep the order of arrival.
UNORDERED = {"sqlite_with_rowid": False}


class ShelfKey(Base):
    """A public key of the moderators; the private half never reaches the server."""

    __tablename__ = "shelf_key"
    key_id: Mapped[bytes] = mapped_column(LargeBinary(8), primary_key=True)
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    from_at: Mapped[datetime] = mapped_column(Instant)
    to_at: Mapped[datetime | None] = mapped_column(Instant)
    label: Mapped[str] = mapped_column(String(60))


class ShelfRun(Base):
    """One gathering of one kind of feedback, under an outer key that dies with its shelving. No time of it is kept but
    `opened`, the day on which it began, for the rule of fourteen days."""

    __tablename__ = "shelf_run"
    n: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[int] = mapped_column(SmallInteger, default=int(Kind.TEXT))
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    opened: Mapped[datetime] = mapped_column(Instant)
    closed: Mapped[bool] = mapped_column(Boolean)


class Staging(Base):
    """Texts of the run that is open, under two seals."""

    __tablename__ = "staging"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UNORDERED,)


class StagingVoice(Base):
    """Voices of the run that is open, under two seals."""

    __tablename__ = "staging_voice"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (UNORDERED,)


STAGING: Mapping[Kind, type[Staging] | type[StagingVoice]] = {Kind.TEXT: Staging, Kind.VOICE: StagingVoice}


class Shelf(Base):
    """Feedback on the shelf: mixed, under the moderators' seal, with its week and nothing else."""

    __tablename__ = "shelf"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    bucket: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(8))
    box: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[bytes] = mapped_column(LargeBinary(8))
    __table_args__ = (UNORDERED,)


class Response(Base):
    """What we say publicly to feedback: "you said, we did". It leads to no item."""

    __tablename__ = "response"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    said: Mapped[str] = mapped_column(Text)
    did: Mapped[str] = mapped_column(Text)
    month: Mapped[str] = mapped_column(String(7))
    by: Mapped[bytes] = mapped_column(Rid())
