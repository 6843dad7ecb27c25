"""What callers hear of the radio: the newest episode, one to be resumed, the clips that may be played."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.orm import Session

from campaigns.radio.clips import Clip, ClipState, MayBe, agreed_to
from campaigns.radio.episodes import Episode, EpisodeState, Segment
from campaigns.radio.shows import Show
from campaigns.storage.columns import Instant

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


# Written out once: they are what a step of a call waits for, and putting one together takes longer than running it.
_IS_ON = (Episode.state == int(EpisodeState.READY), Episode.publish_at <= bindparam("now", type_=Instant))
_PIECES = (
    select(Episode.id, Episode.title, Segment.place, Segment.title, Segment.blob, Segment.milliseconds)
    .join(Segment, Segment.episode_id == Episode.id)
    .where(Segment.language == bindparam("language"), Segment.blob.is_not(None))
    .order_by(Segment.place)
)
_IN_THIS_LANGUAGE = (
    select(Segment.place)
    .where(
        Segment.episode_id == Episode.id, Segment.language == bindparam("language"), Segment.blob.is_not(None)
    )
    .exists()
)
_NEWEST_ID = (
    select(Episode.id)
    .join(Show, Show.id == Episode.show_id)
    .where(Show.key == bindparam("show"), *_IS_ON, _IN_THIS_LANGUAGE)
    .order_by(Episode.publish_at.desc(), Episode.id.desc())
    .limit(1)
)
_NEWEST = _PIECES.where(Episode.id == _NEWEST_ID.scalar_subquery())
_ONE = _PIECES.where(Episode.id == bindparam("episode"), *_IS_ON)


def newest_episode(session: Session, show_key: str, language: str, *, now: datetime) -> EpisodeToPlay | None:
    """The show's newest episode whose hour has come and that has sound in this language; None when there is none.

    One statement; a reading session is enough.
    """
    return _playable(session, _NEWEST, {"show": show_key, "language": language, "now": now})


def episode_to_play(
    session: Session, episode_id: int, language: str, *, now: datetime
) -> EpisodeToPlay | None:
    """One episode, to be gone on with; None when it was taken off since or has no sound in this language."""
    return _playable(session, _ONE, {"episode": episode_id, "language": language, "now": now})


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


def _playable(session: Session, pieces: Executable, named: dict[str, Any]) -> EpisodeToPlay | None:
    rows = session.connection().execute(pieces, named).all()
    if not rows:
        return None
    found = tuple(SegmentToPlay(place, title, blob or b"", ms or 0) for _, _, place, title, blob, ms in rows)
    return EpisodeToPlay(rows[0][0], rows[0][1], found)
