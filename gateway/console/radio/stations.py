"""Stations: when a show is on air, when its episodes come to the phone, and its season."""

from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for

from campaigns.radio.shows import (
    OnAir,
    TimeOutOfWeek,
    air_times,
    begin_season,
    set_air_times,
    set_phone_time,
    show_of,
)
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.i18n import weekday_words
from gateway.console.radio.show import frame_of, minute_words
from gateway.console.words import _
from gateway.house import House

ROWS = 4  # times a week that the form has room for


def add_pages(pages: Blueprint, house: House) -> None:
    """The times of a show."""

    @pages.get("/<key>/stations")
    @requires(Permission.PRODUCE_RADIO)
    def stations(key: str) -> Response:
        """When it is on air and on the phone."""
        with house.database.reading() as session:
            frame = frame_of(session, key, "stations")
            times = [
                (str(one.weekday), minute_words(one.minute), one.station)
                for one in air_times(session, frame.show.id)
            ]
        days = [("", _("Not used")), *((str(day), weekday_words(day)) for day in range(7))]
        rows = [*times, *[("", "", "")] * ROWS][: max(ROWS, len(times) + 1)]
        phone = frame.show.phone_minute
        return make_response(
            render_template(
                "radio/stations.html",
                frame=frame,
                days=days,
                rows=rows,
                phone_time=minute_words(phone) if phone is not None else "",
            )
        )

    @pages.post("/<key>/stations")
    @requires(Permission.PRODUCE_RADIO)
    def set_stations(key: str) -> Response:
        """Set the times on air and on the phone."""
        try:
            times = [
                OnAir(int(day), _minute(at), station.strip())
                for day, at, station in zip(*(request.form.getlist(name) for name in FIELDS), strict=True)
                if day
            ]
            with house.database.writing() as session:
                show = show_of(session, key)
                set_air_times(session, current_actor(), show.id, times)
                if day := request.form.get("phone_day", ""):
                    at = _minute(request.form.get("phone_at", ""))
                    set_phone_time(session, current_actor(), show.id, int(day), at)
        except (TimeOutOfWeek, ValueError):
            flash(_("A time reads like 17:00. Nothing was changed."), "failed")
        else:
            flash(_("The times are kept."), "happened")
        return make_response(redirect(url_for("radio.stations", key=key), 303))

    @pages.post("/<key>/season")
    @requires(Permission.PRODUCE_RADIO)
    def set_season(key: str) -> Response:
        """Set the season that new episodes belong to, and its last day."""
        try:
            number = int(request.form.get("season", ""))
            ends = request.form.get("ends", "")
            last = date.fromisoformat(ends) if ends else None
            with house.database.writing() as session:
                show = show_of(session, key)
                begin_season(session, current_actor(), show.id, number, last, now=house.now())
        except ValueError:
            flash(_("A season has a number, and a last day or none. Nothing was changed."), "failed")
        else:
            flash(_("New episodes belong to this season."), "happened")
        return make_response(redirect(url_for("radio.stations", key=key), 303))


FIELDS = ("day", "at", "station")


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
