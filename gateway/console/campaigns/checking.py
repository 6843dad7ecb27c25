"""Step 4: exactly what goes, to whom, when, by which line, at what cost; what must be mended; submitting."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from campaigns.outreach.approval import NotReady, submit
from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.checks import Finding, Found
from campaigns.outreach.drafting import delete_draft
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.around import around_of
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.calls import short_plan_words
from gateway.console.campaigns.composing import UNPROCESSABLE, broadcast, editable, foot_of, head_of
from gateway.console.campaigns.content import content_of, found_in, who_may_approve
from gateway.console.campaigns.names import is_call, language_name
from gateway.console.words import _, ngettext

# What is said of these is said otherwise of a call.
SPOKEN = (Finding.NO_WORDING, Finding.NOT_RECORDED, Finding.TOO_LONG, Finding.WORDING_MISSING)


@dataclass(frozen=True)
class ToMend:
    """One finding in words, and the step that mends it; none where another person mends it, in another room."""

    words: str
    step: str | None


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
            campaign = broadcast(session, campaign_id)
            if _lacks_menu(session, campaign):
                raise NotReady([])
            submit(session, current_actor(), campaign.id, now=house.now())
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
        return make_response(
            render_template("campaigns/delete.html", campaign=campaign, in_call=is_call(campaign))
        )


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
            to_mend=_all_to_mend(session, campaign, now),
            asked=who_may_approve(session, current_actor()),
            foot=foot_of(session, campaign, now=now),
            most_parts=campaign.max_parts,
            short_plan=short_plan_words(campaign),
        )
    )


def _all_to_mend(session: Session, campaign: Campaign, now: datetime) -> list[ToMend]:
    found = [to_mend(found, campaign) for found in found_in(session, campaign, now=now)]
    if _lacks_menu(session, campaign):
        words = _(
            "The voice line has no published menu: whoever answers would only hear that it is not open."
        )
        found.append(ToMend(words, None))
    return found


def _lacks_menu(session: Session, campaign: Campaign) -> bool:
    """Calls are led through the voice line's menu; the outbox knows nothing of it, so it is asked here."""
    return is_call(campaign) and around_of(session) is None


def to_mend(found: Found, campaign: Campaign) -> ToMend:
    """A finding in plain words, with the step on which it is mended."""
    if is_call(campaign) and found.finding in SPOKEN:
        return ToMend(_spoken_words(found), "wording")
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
        words = _("Nobody would be called.") if is_call(campaign) else _("Nobody would get it.")
        return ToMend(words, "people")
    if found.finding is Finding.NO_TIMES:
        return ToMend(_("It has no start and no end yet."), "when")
    if found.finding is Finding.STARTS_IN_THE_PAST:
        return ToMend(_("Its end has passed."), "when")
    return ToMend(_("Some people have no safe hour between start and end."), "when")


def _spoken_words(found: Found) -> str:
    """What is wrong with what a call plays."""
    language = language_name(found.language).here if found.language else ""
    if found.finding is Finding.NO_WORDING:
        return _("Nothing is recorded yet.")
    if found.finding is Finding.NOT_RECORDED:
        return _("The words in %(language)s are not recorded yet.", language=language)
    if found.finding is Finding.TOO_LONG:
        return _("The recording in %(language)s is longer than three minutes.", language=language)
    return ngettext(
        "%(num)s person is to be called in %(language)s, and nothing is recorded in it.",
        "%(num)s people are to be called in %(language)s, and nothing is recorded in it.",
        found.count,
        language=language,
    )
