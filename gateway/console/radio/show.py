"""What every page of a show has: the show, its tabs, and the words under its name."""

from dataclasses import dataclass
from datetime import datetime, time

from flask import abort, url_for
from sqlalchemy.orm import Session

from campaigns.radio.moderation import waiting_at
from campaigns.radio.shows import AirTime, NoSuchShow, Show, air_times, show_of
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor
from gateway.console.i18n import weekday_words
from gateway.console.people.words import language_words
from gateway.console.words import _

Tab = tuple[str, str, bool, int]


@dataclass(frozen=True)
class Frame:
    """A show as its pages show it."""

    show: Show
    tabs: list[Tab]
    when: list[str]
    languages: list[str]


def frame_of(session: Session, key: str, tab: str) -> Frame:
    """The frame of a show's page; 404 for a show that there is not."""
    try:
        show = show_of(session, key)
    except NoSuchShow:
        abort(404)
    waiting = waiting_at(session, show.id).count
    pages = [
        ("episodes", _("Episodes"), "radio.episodes", 0),
        ("question", _("Question of the week"), "radio.question", 0),
        ("clips", _("Clips"), "clips.index", waiting),
        ("stations", _("Stations"), "radio.stations", 0),
    ]
    produces = Permission.PRODUCE_RADIO in current_actor().permissions
    tabs = [
        (words, url_for(page, key=key), name == tab, count)
        for name, words, page, count in pages
        if produces or name == "clips"
    ]
    when = [air_words(one) for one in air_times(session, show.id)]
    return Frame(show, tabs, when, [language_words(tag) for tag in show.language_tags])


def air_words(one: AirTime) -> str:
    """When a station broadcasts, in words."""
    return _(
        "%(day)s at %(time)s on %(station)s",
        day=weekday_words(one.weekday),
        time=minute_words(one.minute),
        station=one.station,
    )


def minute_words(minute: int) -> str:
    """A minute of the day as a clock shows it."""
    return time(minute // 60, minute % 60).strftime("%H:%M")


def length_words(milliseconds: int | None) -> str:
    """Minutes and seconds."""
    seconds = round((milliseconds or 0) / 1000)
    return f"{seconds // 60}:{seconds % 60:02}"


def local_from_form(text: str) -> datetime | None:
    """What a date-and-time field holds, without a zone; None when it holds none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
