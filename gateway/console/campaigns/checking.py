"""Step 4: exactly what goes, to whom, when, by which line, at what cost; what must be mended; submitting."""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from campaigns.outreach.approval import NotReady, submit
from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.checks import Finding, Found
from campaigns.outreach.drafting import delete_draft
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import UNPROCESSABLE, broadcast, editable, foot_of, head_of
from gateway.console.campaigns.content import content_of, found_in, who_may_approve
from gateway.console.campaigns.names import language_name
from gateway.console.words import _, ngettext


@dataclass(frozen=True)
class ToMend:
    """One finding in words, and the step that mends it."""

    words: str
    step: str


@pages.get("/<int:campaign_id>/check")
@requires(Permission.WRITE_CAMPAIGNS)
def check(campaign_id: int) -> Response:
    """Step 4."""
    with the_house().database.reading() as session:
        return _page(session, editable(session, campaign_id))


@pages.post("/<int:campaign_id>/submit")
@requires(Permission.WRITE_CAMPAIGNS)
def send_for_approval(campaign_id: int) -> Response:
    """Ask a second person, when nothing is left to mend."""
    house = the_house()
    try:
        with house.database.writing() as session:
            asked = who_may_approve(session, current_actor())
            submit(session, current_actor(), broadcast(session, campaign_id).id, now=house.now())
    except NotReady:
        with house.database.reading() as session:
            return make_response(_page(session, editable(session, campaign_id)), UNPROCESSABLE)
    names = _(", ").join(asked)
    flash(
        _("Submitted. %(names)s can approve it; until then nothing goes out.", names=names or "–"), "happened"
    )
    return make_response(redirect(url_for("campaigns.page", campaign_id=campaign_id), 303))


@pages.get("/<int:campaign_id>/delete")
@requires(Permission.WRITE_CAMPAIGNS)
def ask_to_delete(campaign_id: int) -> Response:
    """Ask once more."""
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id)
        return make_response(render_template("campaigns/delete.html", campaign=campaign))


@pages.post("/<int:campaign_id>/delete")
@requires(Permission.WRITE_CAMPAIGNS)
def delete(campaign_id: int) -> Response:
    """Remove a draft."""
    house = the_house()
    with house.database.writing() as session:
        name = broadcast(session, campaign_id).name
        delete_draft(session, current_actor(), campaign_id, now=house.now())
    flash(_("The draft “%(name)s” was deleted.", name=name), "happened")
    return make_response(redirect(url_for("campaigns.index"), 303))


def _page(session: Session, campaign: Campaign) -> Response:
    now = the_house().now()
    return make_response(
        render_template(
            "campaigns/check.html",
            head=head_of(session, campaign, "check"),
            state=campaign.state,
            content=content_of(session, campaign, now=now),
            to_mend=[to_mend(found) for found in found_in(session, campaign, now=now)],
            asked=who_may_approve(session, current_actor()),
            foot=foot_of(session, campaign, now=now),
            most_parts=campaign.max_parts,
        )
    )


def to_mend(found: Found) -> ToMend:
    """A finding in plain words, with the step on which it is mended."""
    language = language_name(found.language).here if found.language else ""
    if found.finding is Finding.NO_WORDING:
        return ToMend(_("Nothing is written yet."), "wording")
    if found.finding is Finding.WORDING_MISSING:
        words = ngettext(
            "%(num)s person reads %(language)s, and there is no text for them.",
            "%(num)s people read %(language)s, and there is no text for them.",
            found.count,
            language=language,
        )
        return ToMend(words, "wording")
    if found.finding is Finding.TOO_MANY_PARTS:
        words = ngettext(
            "The text in %(language)s is %(num)s part long: too long.",
            "The text in %(language)s is %(num)s parts long: too long.",
            found.count,
            language=language,
        )
        return ToMend(words, "wording")
    if found.finding is Finding.NOBODY:
        return ToMend(_("Nobody would get it."), "people")
    if found.finding is Finding.NO_TIMES:
        return ToMend(_("It has no start and no end yet."), "when")
    if found.finding is Finding.STARTS_IN_THE_PAST:
        return ToMend(_("Its end has passed."), "when")
    return ToMend(_("Some people have no safe hour between start and end."), "when")
