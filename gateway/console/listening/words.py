"""How the room names weeks and months, and its tabs."""

from datetime import date, datetime

from babel.dates import get_month_names
from flask import url_for

from gateway.console.i18n import in_zone, language_now
from gateway.console.words import _


def label_words(bucket: str) -> str:
    """ "2026-W47" as "the week of 16 November", "2026-11" as "November 2026"."""
    year, _dash, rest = bucket.partition("-")
    if rest.startswith("W"):
        monday = date.fromisocalendar(int(year), int(rest[1:]), 1)
        return _("the week of %(day)s", day=f"{monday.day} {_month(monday.month)}")
    return f"{_month(int(rest))} {year}"


def short_day(moment: datetime) -> str:
    """18 November 2026, in the programme's zone."""
    local = in_zone(moment)
    return f"{local.day} {_month(local.month)} {local.year}"


def tab_items(current: str) -> list[tuple[str, str, bool]]:
    """The tabs of the room, one of them current."""
    tabs = (
        ("shelf", _("Shelf"), "listening.index"),
        ("responses", _("You said, we did"), "listening.responses_page"),
        ("keys", _("Keys"), "listening.keys_page"),
    )
    return [(words, url_for(endpoint), key == current) for key, words, endpoint in tabs]


def _month(number: int) -> str:
    return str(get_month_names("wide", "format", locale=language_now())[number])
