"""What callers hear of the radio: the newest episode, one to be resumed, the clips that may be played."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from campaigns.radio.clips import Clip, ClipState, MayBe, agreed_to
from campaigns.radio.episodes import Episode, EpisodeState, Segment
from campaigns.radio.shows import Show

MOST_CLIPS = 5


@dataclass(frozen=True)
class SegmentToPlay:
    """One piece as it is played: `place` counts from 1, `blob` is the hash of its sound."""

    place: int
    title: str
    blob: bytes
    milliseconds: int


@dataclass(frozen=True)
class EpisodeToPlay:
    """An episode in one language: the pieces that have a sound, in order."""

    id: int
    title: str
    segments: tuple[SegmentToPlay, ...]


@dataclass(frozen=True)
class ClipToPlay:
    """A listener's clip as it was approved; of its maker only what she is called on air."""

    blob: bytes
    milliseconds: int
    on_air_name: str


def newest_episode(session: Session, show_key: str, language: str, *, now: datetime) -> EpisodeToPlay | None:
    """The show's newest episode whose hour has come and that has sound in this language; None when there is none.

    One statement; a reading session is enough.
    """
    newest = (
        select(Episode.id)
        .join(Show, Show.id == Episode.show_id)
        .where(Show.key == show_key, *_is_on(now))
        .where(
            select(Segment.place)
            .where(Segment.episode_id == Episode.id, Segment.language == language, Segment.blob.is_not(None))
            .exists()
        )
        .order_by(Episode.publish_at.desc(), Episode.id.desc())
        .limit(1)
    )
    return _playable(session, Episode.id == newest.scalar_subquery(), language)


def episode_to_play(
    session: Session, episode_id: int, language: str, *, now: datetime
) -> EpisodeToPlay | None:
    """One episode, to be gone on with; None when it was taken off since or has no sound in this language."""
    is_it = (Episode.id == episode_id) & Episode.id.in_(select(Episode.id).where(*_is_on(now)))
    return _playable(session, is_it, language)


def clips_to_play(
    session: Session, show_key: str, language: str, limit: int = MOST_CLIPS
) -> tuple[ClipToPlay, ...]:
    """Approved clips whose makers let other callers hear them, the newest weeks first."""
    statement = (
        select(Clip.blob, Clip.cut_milliseconds, Clip.on_air_name)
        .join(Show, Show.id == Clip.show_id)
        .where(Show.key == show_key, Clip.language == language)
        .where(Clip.state == int(ClipState.APPROVED), Clip.blob.is_not(None))
        .where(agreed_to(MayBe.PLAYED))
        .order_by(Clip.week.desc(), Clip.rid)
        .limit(limit)
    )
    return tuple(
        ClipToPlay(blob or b"", length or 0, name) for blob, length, name in session.execute(statement)
    )


def _is_on(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Episode.state == int(EpisodeState.READY), Episode.publish_at <= now


def _playable(session: Session, which: ColumnElement[bool], language: str) -> EpisodeToPlay | None:
    rows = session.execute(
        select(Episode.id, Episode.title, Segment.place, Segment.title, Segment.blob, Segment.milliseconds)
        .join(Segment, Segment.episode_id == Episode.id)
        .where(which, Segment.language == language, Segment.blob.is_not(None))
        .order_by(Segment.place)
    ).all()
    if not rows:
        return None
    pieces = tuple(SegmentToPlay(place, title, blob or b"", ms or 0) for _, _, place, title, blob, ms in rows)
    return EpisodeToPlay(rows[0][0], rows[0][1], pieces)
