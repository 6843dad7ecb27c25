"""How the room names languages, purposes, where a phone stands, months, and hours of the week."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from babel.dates import get_day_names, get_month_names
from flask_babel import get_locale

from campaigns.consent.events import Purpose
from campaigns.consent.listing import Stands
from campaigns.language.catalogue import NoSuchLanguage, catalogue
from campaigns.programme.calendars import WeeklyHours
from gateway.console.i18n import language_now
from gateway.console.words import _

A_MONDAY = date(2026, 11, 16)
DAYS = 7
MOST_DAYS = 4  # from so many equal days on, the others are the exceptions


@dataclass(frozen=True)
class PurposeWords:
    """One purpose: its mark on the pages, and its name."""

    purpose: Purpose
    icon: str
    words: str


@dataclass(frozen=True)
class StandWords:
    """A stand as a chip: its key in addresses, words, icon and tint."""

    key: str
    words: str
    icon: str
    tint: str | None


@dataclass(frozen=True)
class HoursLine:
    """Days of the week and when they are open; no stretch at all means never on them."""

    days: str
    stretches: tuple[str, ...]


def language_words(tag: str) -> str:
    """What a language is called in the page's language."""
    locale = get_locale()
    return str(locale.languages.get(tag, tag)) if locale else tag


def own_name(tag: str) -> str:
    """What a language calls itself."""
    try:
        return catalogue(tag).own_name
    except NoSuchLanguage:
        return tag


def purposes() -> list[PurposeWords]:
    """The six, in the order in which pages show them."""
    return [
        PurposeWords(Purpose.PEACE, "message", _("peace messages")),
        PurposeWords(Purpose.INVITATIONS, "calendar", _("invitations")),
        PurposeWords(Purpose.RADIO, "radio", _("radio alerts")),
        PurposeWords(Purpose.CALLS, "phone", _("calls")),
        PurposeWords(Purpose.BROADCAST_VOICE, "mic", _("her voice on air")),
        PurposeWords(Purpose.RESEARCH, "figures", _("questions and surveys")),
    ]


def purpose_list(those: Purpose) -> str:
    """Several purposes in one line."""
    return _(", ").join(known.words for known in purposes() if known.purpose in those)


def stands_words(stands: Stands) -> StandWords:
    """What a stand is called."""
    return {
        Stands.AGREED: StandWords("agreed", _("Agreed"), "check", "willow"),
        Stands.ASKED: StandWords("asked", _("Asked, waiting"), "clock", "lapis"),
        Stands.STOPPED: StandWords("stopped", _("Said STOP"), "stop", "madder"),
        Stands.NEVER_CONFIRMED: StandWords("never", _("Never confirmed"), "minus", None),
    }[stands]


def month_words(month: str) -> str:
    """ "2026-11" as "November 2026"."""
    year, _dash, number = month.partition("-")
    return f"{get_month_names('wide', 'format', locale=language_now())[int(number)]} {year}"


def hours_lines(hours: WeeklyHours) -> list[HoursLine]:
    """When a phone may be reached: the usual day first, then the days that differ."""
    days_by_hours: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for weekday in range(DAYS):
        stretches = hours.on_day(A_MONDAY + timedelta(days=weekday))
        days_by_hours[tuple(_stretch(*stretch) for stretch in stretches)].append(weekday)
    if list(days_by_hours) == [()]:
        return []
    by_size = sorted(days_by_hours.items(), key=lambda item: -len(item[1]))
    return [HoursLine(_days_words(days), stretches) for stretches, days in by_size]


def _stretch(first: time, end: time | None) -> str:
    return f"{first:%H:%M}–{f'{end:%H:%M}' if end else '24:00'}"


def _days_words(days: list[int]) -> str:
    if len(days) == DAYS:
        return _("Every day")
    if len(days) >= MOST_DAYS:
        return _("Every day but %(days)s", days=_named(set(range(DAYS)).difference(days)))
    return _named(days)


def _named(days: Iterable[int]) -> str:
    names = get_day_names("wide", "format", locale=language_now())
    return _(", ").join(names[day] for day in sorted(days))
