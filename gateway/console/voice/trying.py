"""Trying a draft: the next calls from one phone hear it, for half an hour, and nobody else does."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.people.numbers import NumberInvalid, NumberNotMobile, NumberUnparseable, parse_number
from campaigns.programme.lines import Can, Line, lines_that
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import requires
from gateway.console.words import _
from gateway.house import House
from gateway.webhooks.trying import TRIED_FOR, Trying
from gateway.webhooks.volatile import volatile


def add_pages(pages: Blueprint, house: House) -> None:
    """The question which phone, and the answer."""

    @pages.get("/<int:menu_id>/try")
    @requires(Permission.PRODUCE_RADIO)
    def ask_try(menu_id: int) -> Response:
        """Ask from which phone the draft shall be heard."""
        with house.database.reading() as session:
            return make_response(
                render_template(
                    "voice/try.html",
                    menu_id=menu_id,
                    line=_line(session),
                    training=the_programme(session).training,
                    minutes=int(TRIED_FOR.total_seconds() // 60),
                )
            )

    @pages.post("/<int:menu_id>/try")
    @requires(Permission.PRODUCE_RADIO)
    def begin_try(menu_id: int) -> Response:
        """Let this phone hear the draft; its number is kept nowhere but as a keyed mark that dies by itself."""
        with house.database.reading() as session:
            programme, line = the_programme(session), _line(session)
        try:
            number = parse_number(
                request.form.get("number", ""), programme.region, training=programme.training
            )
        except (NumberUnparseable, NumberInvalid, NumberNotMobile):
            flash(_("This is not a mobile number we can read; nothing was changed."), "failed")
            return make_response(redirect(url_for("voice.index"), 303))
        if Trying(volatile(house.settings.redis_address), house.keyring).begin(number, menu_id):
            flash(
                _(
                    "Call %(line)s from that phone: for half an hour it hears this draft. Nothing it does is kept.",
                    line=line.address if line else "",
                ),
                "happened",
            )
        else:
            flash(_("This cannot be tried now: Redis is away. Nothing was changed."), "failed")
        return make_response(redirect(url_for("voice.index"), 303))


def _line(session: Session) -> Line | None:
    return next(iter(lines_that(session, Can.VOICE_IN)), None)
