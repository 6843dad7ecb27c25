"""Shows: their languages, the season that runs, when they are on air and when their episodes come to the phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.programme.programme import the_programme
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId

MINUTES_A_DAY = 24 * 60
DAYS_A_WEEK = 7
LONGEST_KEY, LONGEST_NAME, LONGEST_STATION = 40, 80, 80


class Show(Base):
    """One radio show. Menus name it by its `key`; `own_name` is its name in its people's script."""

    __tablename__ = "show"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    own_name: Mapped[str] = mapped_column(String(LONGEST_NAME), default="")
    languages: Mapped[str] = mapped_column(String(120))
    season: Mapped[int] = mapped_column(default=1)
    season_ends: Mapped[date | None] = mapped_column(Date)
    phone_weekday: Mapped[int | None]
    phone_minute: Mapped[int | None]

    @property
    def language_tags(self) -> tuple[str, ...]:
        """The languages in which each of its episodes is made."""
        return tuple(self.languages.split())


class AirTime(Base):
    """When a station broadcasts a show, in the programme's zone; `weekday` as date.weekday(), `minute` of the day."""

    __tablename__ = "air_time"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    show_id: Mapped[int] = mapped_column(BigId, ForeignKey(Show.id, ondelete="CASCADE"))
    weekday: Mapped[int]
    minute: Mapped[int]
    station: Mapped[str] = mapped_column(String(LONGEST_STATION))
    __table_args__ = (Index(None, "show_id"),)


@dataclass(frozen=True)
class OnAir:
    """One time a week at which a station broadcasts."""

    weekday: int
    minute: int
    station: str


class NoSuchShow(Exception):
    """No show has this key."""


class ShowKeyUnusable(Exception):
    """A show's key is 1 to 40 of a-z, 0-9 and the underscore, and no other show has it."""


class ShowIncomplete(Exception):
    """A show needs a name and at least one language."""


class TimeOutOfWeek(Exception):
    """A weekday is 0 (Monday) to 6, a minute of the day 0 to 1439."""


def create_show(
    session: Session,
    actor: Actor,
    key: str,
    name: str,
    languages: Sequence[str],
    *,
    own_name: str = "",
    now: datetime,
) -> Show:
    """A new show in its first season. Raises NotPermitted, ShowKeyUnusable, ShowIncomplete."""
    actor.require(Permission.PRODUCE_RADIO)
    usable = (
        key.isascii() and key.replace("_", "").isalnum() and key == key.lower() and len(key) <= LONGEST_KEY
    )
    if not usable or session.scalars(select(Show.id).where(Show.key == key)).first() is not None:
        raise ShowKeyUnusable
    if not name.strip() or not languages:
        raise ShowIncomplete
    show = Show(
        key=key,
        name=name.strip()[:LONGEST_NAME],
        own_name=own_name.strip()[:LONGEST_NAME],
        languages=" ".join(languages),
    )
    session.add(show)
    session.flush()
    audit.record(session, actor, "show created", f"show:{show.id}", now=now)
    return show


def show_of(session: Session, key: str) -> Show:
    """The show of this key. Raises NoSuchShow."""
    show = session.scalars(select(Show).where(Show.key == key)).first()
    if show is None:
        raise NoSuchShow
    return show


def shows(session: Session) -> list[Show]:
    """Every show, in the order they were made."""
    return list(session.scalars(select(Show).order_by(Show.id)))


def begin_season(
    session: Session, actor: Actor, show_id: int, season: int, ends: date | None, *, now: datetime
) -> None:
    """Set the season that new episodes belong to and, once known, its last day: clips are kept by it."""
    actor.require(Permission.PRODUCE_RADIO)
    show = session.get_one(Show, show_id)
    show.season, show.season_ends = season, ends
    audit.record(session, actor, f"season {season}", f"show:{show_id}", now=now)


def set_air_times(session: Session, actor: Actor, show_id: int, times: Sequence[OnAir]) -> None:
    """Replace the times at which stations broadcast it. Raises NotPermitted, TimeOutOfWeek."""
    actor.require(Permission.PRODUCE_RADIO)
    for on_air in times:
        _must_be_in_a_week(on_air.weekday, on_air.minute)
    session.execute(delete(AirTime).where(AirTime.show_id == show_id))
    session.add_all(
        AirTime(
            show_id=show_id,
            weekday=on_air.weekday,
            minute=on_air.minute,
            station=on_air.station.strip()[:LONGEST_STATION],
        )
        for on_air in times
    )
    session.flush()


def set_phone_time(session: Session, actor: Actor, show_id: int, weekday: int, minute: int) -> None:
    """Set when episodes usually come to the phone, in the programme's zone. Raises NotPermitted, TimeOutOfWeek."""
    actor.require(Permission.PRODUCE_RADIO)
    _must_be_in_a_week(weekday, minute)
    show = session.get_one(Show, show_id)
    show.phone_weekday, show.phone_minute = weekday, minute


def air_times(session: Session, show_id: int) -> list[AirTime]:
    """When it is on air, through the week."""
    ordered = select(AirTime).order_by(AirTime.weekday, AirTime.minute, AirTime.id)
    return list(session.scalars(ordered.where(AirTime.show_id == show_id)))


def next_phone_time(session: Session, show: Show, *, now: datetime) -> datetime | None:
    """The next moment after `now` at which an episode usually comes to the phone; None when none was set."""
    if show.phone_weekday is None or show.phone_minute is None:
        return None
    zone = ZoneInfo(the_programme(session).zone)
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=(show.phone_weekday - local.weekday()) % DAYS_A_WEEK)
    hour, minute = divmod(show.phone_minute, 60)
    moment = datetime.combine(day, time(hour, minute), zone)
    return moment if moment > local else datetime.combine(day + timedelta(days=7), time(hour, minute), zone)


def day_of(session: Session, now: datetime) -> date:
    """The programme's day."""
    return now.astimezone(ZoneInfo(the_programme(session).zone)).date()


def week_of(session: Session, now: datetime) -> str:
    """The ISO week of the programme's day ("2026-W47"): what comes from listeners is dated no finer."""
    year, week, _ = day_of(session, now).isocalendar()
    return f"{year}-W{week:02}"


def _must_be_in_a_week(weekday: int, minute: int) -> None:
    if not (0 <= weekday < DAYS_A_WEEK and 0 <= minute < MINUTES_A_DAY):
        raise TimeOutOfWeek
