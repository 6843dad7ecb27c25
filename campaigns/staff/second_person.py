"""The second person: an act that one asks for and another decides, bound to a hash of what was seen."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.staff.actor import Actor, Staff
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid


class Verdict(IntEnum):
    """What the second person said."""

    YES = 1
    SENT_BACK = 2
    VOIDED = 3


class SecondPerson(Base):
    """One question to a second person and its answer; rows are never deleted."""

    __tablename__ = "second_person"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    act: Mapped[str] = mapped_column(String(40))
    about: Mapped[int] = mapped_column(BigId)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    asked_by: Mapped[bytes] = mapped_column(Rid(), ForeignKey(Staff.rid))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[bytes | None] = mapped_column(Rid(), ForeignKey(Staff.rid))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    verdict: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    training: Mapped[bool]
    __table_args__ = (
        # The database itself refuses one person wearing two hats; only a training programme may.
        CheckConstraint("decided_by <> asked_by OR training OR verdict <> 1", name="two_people"),
        Index(None, "act", "about"),
    )


class SamePerson(Exception):
    """The one who asked may not be the one who says yes."""


class NothingAsked(Exception):
    """There is no open question of this kind about this thing."""


class ContentChanged(Exception):
    """What is to be decided is not what was asked: it changed after the person looked."""


def ask(
    session: Session,
    actor: Actor,
    act: str,
    about: int,
    content_hash: bytes,
    *,
    training: bool,
    now: datetime,
) -> SecondPerson:
    """Open a question; an older open one about the same thing is voided."""
    void(session, act, about, now=now)
    question = SecondPerson(
        act=act,
        about=about,
        content_hash=content_hash,
        asked_by=actor.staff,
        asked_at=now,
        training=training,
    )
    session.add(question)
    session.flush()
    return question


def open_question(session: Session, act: str, about: int) -> SecondPerson | None:
    """The question about this thing that still waits for an answer."""
    statement = select(SecondPerson).where(
        SecondPerson.act == act, SecondPerson.about == about, SecondPerson.verdict.is_(None)
    )
    return session.scalars(statement.order_by(SecondPerson.id.desc()).limit(1)).first()


def last_decided(session: Session, act: str, about: int) -> SecondPerson | None:
    """The newest answered question about this thing."""
    statement = select(SecondPerson).where(
        SecondPerson.act == act, SecondPerson.about == about, SecondPerson.verdict.is_not(None)
    )
    return session.scalars(statement.order_by(SecondPerson.id.desc()).limit(1)).first()


def decide(
    session: Session,
    actor: Actor,
    act: str,
    about: int,
    *,
    seen_hash: bytes,
    verdict: Verdict,
    now: datetime,
    note: str = "",
) -> SecondPerson:
    """Answer the open question about this thing, as it was seen.

    Raises NothingAsked, ContentChanged (the asked hash is not the one the person saw), SamePerson.
    """
    question = open_question(session, act, about)
    if question is None:
        raise NothingAsked
    if question.content_hash != seen_hash:
        raise ContentChanged
    if verdict is Verdict.YES and question.asked_by == actor.staff and not question.training:
        raise SamePerson
    question.decided_by = actor.staff
    question.decided_at = now
    question.verdict = int(verdict)
    question.note = note
    session.flush()
    return question


def void(session: Session, act: str, about: int, *, now: datetime) -> None:
    """Close an open question because the thing changed; nobody said yes."""
    question = open_question(session, act, about)
    if question is not None:
        question.verdict = int(Verdict.VOIDED)
        question.decided_at = now
