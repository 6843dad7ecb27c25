"""Episodes as they are made: segments in every language, what is still missing, and when they come to the phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import Boolean, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.radio.shows import Show
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant

# voice.md R17: what is listened to on a phone.
SHORTEST_MS, LONGEST_MS = 90_000, 180_000
MOST_SEGMENTS = 12  # as many as "message 2 of 5" can be said for
LONGEST_TITLE = 120


class EpisodeState(IntEnum):
    """Whether callers may hear an episode once its hour has come."""

    DRAFT = 0
    READY = 1
    TAKEN_OFF = 2


class Episode(Base):
    """One episode of a show's season; callers hear it from `publish_at` on when it is ready."""

    __tablename__ = "episode"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    show_id: Mapped[int] = mapped_column(BigId, ForeignKey(Show.id))
    season: Mapped[int]
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    publish_at: Mapped[datetime | None] = mapped_column(Instant)
    state: Mapped[int]
    adviser_heard: Mapped[date | None] = mapped_column(Date)
    __table_args__ = (
        UniqueConstraint("show_id", "season", "number"),
        Index(None, "show_id", "state", "publish_at"),
    )


class Segment(Base):
    """One piece of an episode in one language. `draft`: no person recorded it."""

    __tablename__ = "segment"
    episode_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Episode.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(12), primary_key=True)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    blob: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    milliseconds: Mapped[int | None]
    draft: Mapped[bool] = mapped_column(Boolean, default=False)


class Lack(StrEnum):
    """What an episode still lacks, or should be looked at for."""

    NO_SEGMENT = "no segment"
    NO_SOUND = "no sound"
    SHORT = "short"
    LONG = "long"
    DRAFT = "draft"
    ADVISER = "adviser"


@dataclass(frozen=True)
class EpisodeFinding:
    """One thing that an episode lacks. Without `place` it is about a whole language or the whole episode."""

    lack: Lack
    place: int | None = None
    language: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the episode may not come to the phone with it."""
        return self.lack in (Lack.NO_SEGMENT, Lack.NO_SOUND)


class EpisodeIncomplete(Exception):
    """An episode that lacks something cannot come to the phone."""

    def __init__(self, lacks: list[EpisodeFinding]) -> None:
        """Keep what is missing, for the page."""
        super().__init__(", ".join(f"{found.lack} {found.place} {found.language}" for found in lacks))
        self.lacks = lacks


class EpisodeOnThePhone(Exception):
    """The episode is ready or being heard: take it off first."""


class NoSuchPlace(Exception):
    """An episode has segments 1 to 12, in the languages of its show."""


def create_episode(session: Session, actor: Actor, show_id: int, title: str, *, now: datetime) -> Episode:
    """A draft with the next number of the show's season."""
    actor.require(Permission.PRODUCE_RADIO)
    show = session.get_one(Show, show_id)
    of_season = select(func.max(Episode.number)).where(
        Episode.show_id == show_id, Episode.season == show.season
    )
    episode = Episode(
        show_id=show_id,
        season=show.season,
        number=(session.scalar(of_season) or 0) + 1,
        title=title.strip()[:LONGEST_TITLE],
        state=int(EpisodeState.DRAFT),
    )
    session.add(episode)
    session.flush()
    audit.record(session, actor, "episode created", f"episode:{episode.id}", now=now)
    return episode


def set_segment(
    session: Session, actor: Actor, episode_id: int, place: int, language: str, title: str
) -> Segment:
    """Name the piece at `place` (from 1) in one language; its sound, if it has one, stays.

    Raises NotPermitted, NoSuchPlace, EpisodeOnThePhone.
    """
    actor.require(Permission.PRODUCE_RADIO)
    _must_be_a_draft(session, episode_id)
    segment = _segment_at(session, episode_id, place, language)
    segment.title = title.strip()[:LONGEST_TITLE]
    session.flush()
    return segment


def attach_sound(
    session: Session,
    episode_id: int,
    place: int,
    language: str,
    *,
    blob: bytes,
    milliseconds: int,
    draft: bool = False,
) -> None:
    """Give a piece its sound, a blob of campaigns.audio; a piece not yet named is made.

    No actor: who uploaded it was asked when the upload was accepted. Raises NoSuchPlace, EpisodeOnThePhone.
    """
    _must_be_a_draft(session, episode_id)
    segment = _segment_at(session, episode_id, place, language)
    segment.blob, segment.milliseconds, segment.draft = blob, milliseconds, draft
    session.flush()


def remove_segment(session: Session, actor: Actor, episode_id: int, place: int) -> None:
    """Take a piece out in every language; those after it move up. Raises NotPermitted, EpisodeOnThePhone."""
    actor.require(Permission.PRODUCE_RADIO)
    _must_be_a_draft(session, episode_id)
    for segment in segments_of(session, episode_id):
        if segment.place == place:
            session.delete(segment)
            session.flush()
        elif segment.place > place:  # in order of place, so that the one before has moved already
            segment.place -= 1
            session.flush()


def segments_of(session: Session, episode_id: int) -> list[Segment]:
    """Every piece in every language, by place."""
    statement = select(Segment).where(Segment.episode_id == episode_id)
    return list(session.scalars(statement.order_by(Segment.place, Segment.language)))


def episodes_of(session: Session, show_id: int, limit: int = 50) -> list[Episode]:
    """The show's episodes, newest first."""
    newest_first = select(Episode).order_by(Episode.season.desc(), Episode.number.desc())
    return list(session.scalars(newest_first.where(Episode.show_id == show_id).limit(limit)))


def lacks_of(session: Session, episode: Episode) -> list[EpisodeFinding]:
    """What is missing in any language of the show, and what should be looked at; the page's checklist."""
    languages = session.get_one(Show, episode.show_id).language_tags
    segments = {(row.place, row.language): row for row in segments_of(session, episode.id)}
    places = sorted({place for place, _ in segments})
    if not places:
        return [EpisodeFinding(Lack.NO_SEGMENT)]
    found = [
        EpisodeFinding(lack, place, language)
        for place in places
        for language in languages
        for lack in _lacks_of_segment(segments.get((place, language)))
    ]
    return found if episode.adviser_heard else [*found, EpisodeFinding(Lack.ADVISER)]


def make_ready(
    session: Session, actor: Actor, episode_id: int, publish_at: datetime, *, now: datetime
) -> None:
    """Let callers hear it from `publish_at` on. Raises NotPermitted, EpisodeIncomplete, EpisodeOnThePhone."""
    actor.require(Permission.PRODUCE_RADIO)
    episode = _must_be_a_draft(session, episode_id)
    blocking = [found for found in lacks_of(session, episode) if found.blocks]
    if blocking:
        raise EpisodeIncomplete(blocking)
    episode.state, episode.publish_at = int(EpisodeState.READY), publish_at
    audit.record(session, actor, "episode ready", f"episode:{episode_id}", now=now)
    session.flush()


def take_off(session: Session, actor: Actor, episode_id: int, *, now: datetime) -> None:
    """From the commit on no caller begins or resumes it; it may be changed and made ready again."""
    actor.require(Permission.PRODUCE_RADIO)
    session.get_one(Episode, episode_id).state = int(EpisodeState.TAKEN_OFF)
    audit.record(session, actor, "episode taken off", f"episode:{episode_id}", now=now)
    session.flush()


def adviser_heard(session: Session, actor: Actor, episode_id: int, on: date, *, now: datetime) -> None:
    """Note that the religious adviser has listened to it; who that is, is not kept."""
    actor.require(Permission.PRODUCE_RADIO)
    session.get_one(Episode, episode_id).adviser_heard = on
    audit.record(session, actor, "adviser listened", f"episode:{episode_id}", now=now)


def _lacks_of_segment(segment: Segment | None) -> Iterable[Lack]:
    if segment is None or segment.blob is None or segment.milliseconds is None:
        yield Lack.NO_SOUND
        return
    if segment.milliseconds < SHORTEST_MS:
        yield Lack.SHORT
    if segment.milliseconds > LONGEST_MS:
        yield Lack.LONG
    if segment.draft:
        yield Lack.DRAFT


def _must_be_a_draft(session: Session, episode_id: int) -> Episode:
    episode = session.get_one(Episode, episode_id)
    if episode.state == EpisodeState.READY:
        raise EpisodeOnThePhone
    return episode


def _segment_at(session: Session, episode_id: int, place: int, language: str) -> Segment:
    show_id = session.get_one(Episode, episode_id).show_id
    if not 1 <= place <= MOST_SEGMENTS or language not in session.get_one(Show, show_id).language_tags:
        raise NoSuchPlace
    segment = session.get(Segment, (episode_id, place, language))
    if segment is None:
        segment = Segment(episode_id=episode_id, place=place, language=language, title="", draft=False)
        session.add(segment)
    return segment
