"""Pause everything: the question before, the halt itself, and starting again."""

from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, Kind, State, Tally
from campaigns.outreach.deliveries import DeliveryState
from campaigns.programme.programme import halt, resume, the_programme
from campaigns.staff.actor import Permission, names_of
from gateway.console.access import current_actor, requires
from gateway.console.words import _, ngettext
from gateway.house import House


@dataclass(frozen=True)
class AtStake:
    """What a halt stops, or holds now."""

    campaigns: int
    texts: int


def at_stake(session: Session) -> AtStake:
    """How many campaigns go out now, and how many of their texts still wait."""
    running = (Campaign.kind == int(Kind.BROADCAST), Campaign.state == int(State.RUNNING))
    count = session.scalars(select(func.count()).select_from(Campaign).where(*running)).one()
    waiting = session.scalars(
        select(func.coalesce(func.sum(Tally.n), 0))
        .join(Campaign, Campaign.id == Tally.campaign_id)
        .where(*running, Tally.state == int(DeliveryState.QUEUED))
    ).one()
    return AtStake(count, int(waiting))


def halting_pages(house: House) -> Blueprint:
    """The three addresses of the halt."""
    pages = Blueprint("halting", __name__)

    @pages.get("/pause")
    @requires(Permission.HALT)
    def question() -> Response:
        """Ask once more, with what stops and what goes on; or, while halted, ask whether to start again."""
        with house.database.reading() as session:
            programme = the_programme(session)
            names = names_of(session, {programme.halted_by}) if programme.halted_by else {}
            return make_response(
                render_template(
                    "halting/question.html",
                    stake=at_stake(session),
                    halted_at=programme.halted_at,
                    halted_by=names.get(programme.halted_by or b""),
                )
            )

    @pages.post("/halt")
    @requires(Permission.HALT)
    def stop() -> Response:
        """Pause everything; from the commit on nothing more is handed over."""
        with house.database.writing() as session:
            halt(session, current_actor(), now=house.now())
        with house.database.reading() as session:
            stake = at_stake(session)
        flash(
            ngettext(
                "Everything is paused. %(num)s text waits; none is lost, none is sent twice.",
                "Everything is paused. %(num)s texts wait; none is lost, none is sent twice.",
                stake.texts,
            ),
            "happened",
        )
        return make_response(redirect(url_for("today.page"), 303))

    @pages.post("/resume")
    @requires(Permission.HALT)
    def start_again() -> Response:
        """Let everything go on from where it stood."""
        with house.database.writing() as session:
            resume(session, current_actor(), now=house.now())
        flash(_("Everything goes on from where it stood."), "happened")
        return make_response(redirect(url_for("today.page"), 303))

    return pages
