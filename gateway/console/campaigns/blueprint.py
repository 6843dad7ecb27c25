"""The room's blueprint, the house behind it, and how its pages write days and zones in short."""

from datetime import date, datetime

from babel.dates import get_day_names, get_month_names, get_timezone_location
from flask import Blueprint, Response, current_app, flash, make_response, redirect, request, url_for

from campaigns.outreach.campaigns import WrongState
from gateway.console.i18n import in_zone, language_now
from gateway.console.words import _
from gateway.house import House

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")
CONFLICT = 409


def the_house() -> House:
    """The house of this application."""
    house = current_app.extensions["paigham"]
    assert isinstance(house, House)  # noqa: S101 - put there by `create_app`
    return house


@pages.app_template_filter("short_day")
def short_day(day: date) -> str:
    """Fri 27 Nov."""
    names = get_day_names("abbreviated", "stand-alone", locale=language_now())
    months = get_month_names("abbreviated", "format", locale=language_now())
    return f"{names[day.weekday()]} {day.day} {months[day.month]}"


@pages.app_template_filter("local_day")
def local_day(moment: datetime) -> date:
    """The day of an instant on the programme's calendar."""
    return in_zone(moment).date()


@pages.app_template_filter("zone_words")
def zone_words(zone: str) -> str:
    """The city by which a time zone is known."""
    return str(get_timezone_location(zone, locale=language_now(), return_city=True))


@pages.errorhandler(WrongState)
def not_now(error: WrongState) -> Response:
    """What was asked for cannot be done in the state that the campaign is in: say so on its page."""
    if request.headers.get("HX-Request"):
        return make_response("", CONFLICT)
    flash(
        _("That cannot be done any more: the campaign has gone on meanwhile. Nothing was changed."), "failed"
    )
    return make_response(redirect(url_for("campaigns.page", **(request.view_args or {})), 303))
