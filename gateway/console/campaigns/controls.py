"""Pausing, going on and stopping for good: what it does stands before it is done, with numbers."""

from flask import Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from campaigns.outreach import control
from campaigns.outreach.campaigns import Campaign, State, require_state
from campaigns.outreach.checks import cost_of
from campaigns.outreach.progress import progress_of
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import broadcast
from gateway.console.campaigns.names import is_call
from gateway.console.words import _, ngettext


@pages.post("/<int:campaign_id>/pause")
@requires(Permission.HALT)
def pause(campaign_id: int) -> Response:
    """Hold it; nothing is lost, so nothing is asked before."""
    house = the_house()
    with house.database.writing() as session:
        campaign = broadcast(session, campaign_id)
        control.pause(session, current_actor(), campaign_id, now=house.now())
        waiting = _waiting(session, campaign)
        words = _paused_words(campaign, waiting)
    flash(words, "happened")
    return _to_campaign(campaign_id)


@pages.get("/<int:campaign_id>/go-on")
@requires(Permission.WRITE_CAMPAIGNS)
def ask_to_go_on(campaign_id: int) -> Response:
    """Ask once more before texts go to many."""
    return _question(campaign_id, "campaigns/go_on.html", State.PAUSED)


@pages.post("/<int:campaign_id>/go-on")
@requires(Permission.WRITE_CAMPAIGNS)
def go_on(campaign_id: int) -> Response:
    """Let it go on from where it stood."""
    house = the_house()
    with house.database.writing() as session:
        broadcast(session, campaign_id)
        control.go_on(session, current_actor(), campaign_id, now=house.now())
    flash(_("It goes on from where it stood."), "happened")
    return _to_campaign(campaign_id)


@pages.get("/<int:campaign_id>/stop")
@requires(Permission.HALT)
def ask_to_stop(campaign_id: int) -> Response:
    """Ask once more before it ends for good."""
    return _question(campaign_id, "campaigns/stop.html", State.SCHEDULED, State.RUNNING, State.PAUSED)


@pages.post("/<int:campaign_id>/stop")
@requires(Permission.HALT)
def stop(campaign_id: int) -> Response:
    """End it for good."""
    house = the_house()
    with house.database.writing() as session:
        campaign = broadcast(session, campaign_id)
        waiting = _waiting(session, campaign)
        control.stop(session, current_actor(), campaign_id, now=house.now())
        words = _stopped_words(campaign, waiting)
    flash(words, "happened")
    return _to_campaign(campaign_id)


def _paused_words(campaign: Campaign, waiting: int) -> str:
    if is_call(campaign):
        return ngettext(
            "Paused. %(num)s person is not called for now; calls that are on go on to their end.",
            "Paused. %(num)s people are not called for now; calls that are on go on to their end.",
            waiting,
        )
    return ngettext(
        "Paused. %(num)s text waits; none is lost, none is sent twice.",
        "Paused. %(num)s texts wait; none is lost, none is sent twice.",
        waiting,
    )


def _stopped_words(campaign: Campaign, waiting: int) -> str:
    if is_call(campaign):
        return ngettext(
            "Stopped for good. %(num)s person is not called any more.",
            "Stopped for good. %(num)s people are not called any more.",
            waiting,
        )
    return ngettext(
        "Stopped for good. %(num)s person does not get it.",
        "Stopped for good. %(num)s people do not get it.",
        waiting,
    )


def _question(campaign_id: int, template: str, *states: State) -> Response:
    with the_house().database.reading() as session:
        campaign = broadcast(session, campaign_id)
        require_state(campaign, *states)
        progress = progress_of(session, campaign_id)
        return make_response(
            render_template(
                template,
                campaign=campaign,
                progress=progress,
                waiting=_waiting(session, campaign),
                in_call=is_call(campaign),
            )
        )


def _waiting(session: Session, campaign: Campaign) -> int:
    """How many have not gone: of those written, or of everybody where nothing is written yet."""
    if campaign.launched_at is None:
        return cost_of(session, campaign, now=the_house().now()).people
    return progress_of(session, campaign.id).to_go


def _to_campaign(campaign_id: int) -> Response:
    return make_response(redirect(url_for("campaigns.page", campaign_id=campaign_id), 303))
