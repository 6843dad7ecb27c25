"""The question of the week: asked in each language of a show, for some days, with or without a poll."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.radio.episodes import Episode
from campaigns.radio.shows import Show
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant

MOST_CHARACTERS = 500


class Question(Base):
    """One question to listeners. `poll` is the id of a poll in campaigns.listening, when it is answered by key too."""

    __tablename__ = "question"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    show_id: Mapped[int] = mapped_column(BigId, ForeignKey(Show.id))
    episode_id: Mapped[int | None] = mapped_column(BigId, ForeignKey(Episode.id))
    poll: Mapped[int | None] = mapped_column(BigId)
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index(None, "show_id", "opens_at"),)


class QuestionWords(Base):
    """A question in one language: its words, and its recording once there is one."""

    __tablename__ = "question_words"
    question_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Question.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    words: Mapped[str] = mapped_column(Text)
    blob: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    milliseconds: Mapped[int | None]


@dataclass(frozen=True)
class OpenQuestion:
    """A question that may be answered now: by a clip, and by key when `poll` is there."""

    id: int
    poll: int | None
    closes_at: datetime
    words: Mapping[str, str]
    blobs: Mapping[str, bytes]


class QuestionIncomplete(Exception):
    """A question needs words in every language of its show, at most 500 characters, and must open before it closes."""


def ask_question(
    session: Session,
    actor: Actor,
    show_id: int,
    words: Mapping[str, str],
    *,
    opens_at: datetime,
    closes_at: datetime,
    episode_id: int | None = None,
    poll: int | None = None,
    now: datetime,
) -> Question:
    """Ask from `opens_at` until `closes_at`. Raises NotPermitted, QuestionIncomplete."""
    actor.require(Permission.PRODUCE_RADIO)
    said = {language: text.strip() for language, text in words.items()}
    asked_in = session.get_one(Show, show_id).language_tags
    if any(not 0 < len(said.get(tag, "")) <= MOST_CHARACTERS for tag in asked_in) or opens_at >= closes_at:
        raise QuestionIncomplete
    question = Question(
        show_id=show_id, episode_id=episode_id, poll=poll, opens_at=opens_at, closes_at=closes_at
    )
    session.add(question)
    session.flush()
    session.add_all(QuestionWords(question_id=question.id, language=tag, words=said[tag]) for tag in asked_in)
    audit.record(session, actor, "question asked", f"question:{question.id}", now=now)
    session.flush()
    return question


def attach_question_sound(
    session: Session, question_id: int, language: str, *, blob: bytes, milliseconds: int
) -> None:
    """Give a question its recording in one language, a blob of campaigns.audio."""
    words = session.get_one(QuestionWords, (question_id, language))
    words.blob, words.milliseconds = blob, milliseconds
    session.flush()


def close_question(session: Session, actor: Actor, question_id: int, *, now: datetime) -> None:
    """Take no more answers from now on. Closed already: nothing changes."""
    actor.require(Permission.PRODUCE_RADIO)
    question = session.get_one(Question, question_id)
    if question.closes_at > now:
        question.closes_at = now
        audit.record(session, actor, "question closed", f"question:{question_id}", now=now)
        session.flush()


def open_question(session: Session, show_key: str, *, now: datetime) -> OpenQuestion | None:
    """The show's question that may be answered now, the latest when there are two; a reading session is enough."""
    statement = (
        select(Question)
        .join(Show, Show.id == Question.show_id)
        .where(Show.key == show_key, Question.opens_at <= now, Question.closes_at > now)
        .order_by(Question.opens_at.desc(), Question.id.desc())
        .limit(1)
    )
    question = session.scalars(statement).first()
    if question is None:
        return None
    words = words_of(session, question.id)
    return OpenQuestion(
        question.id,
        question.poll,
        question.closes_at,
        {row.language: row.words for row in words},
        {row.language: row.blob for row in words if row.blob is not None},
    )


def questions_of(session: Session, show_id: int, limit: int = 20) -> list[Question]:
    """A show's questions, newest first."""
    newest_first = select(Question).order_by(Question.opens_at.desc(), Question.id.desc())
    return list(session.scalars(newest_first.where(Question.show_id == show_id).limit(limit)))


def words_of(session: Session, question_id: int) -> list[QuestionWords]:
    """A question in each of its languages."""
    statement = select(QuestionWords).where(QuestionWords.question_id == question_id)
    return list(session.scalars(statement.order_by(QuestionWords.language)))
