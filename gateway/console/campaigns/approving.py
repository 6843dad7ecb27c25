"""The approval: a second person reads every text, and says yes to exactly what she saw, or sends it back."""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.outreach.approval import approve, send_back
from campaigns.outreach.campaigns import Campaign
from campaigns.outreach.openings import NeverOpen
from campaigns.staff.actor import Permission
from campaigns.staff.second_person import ContentChanged, NothingAsked, SamePerson
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import UNPROCESSABLE, broadcast
from gateway.console.campaigns.content import Content, content_of
from gateway.console.campaigns.decisions import asked_of, decided_of
from gateway.console.campaigns.names import is_call, language_name
from gateway.console.words import _

LONGEST_NOTE = 500  # characters, as the record keeps


@dataclass(frozen=True)
class Acts:
    """The state of the two buttons: what was ticked as read, and what is still to be read."""

    read: list[str]
    unread: list[str]
    note: str = ""
    note_error: str | None = None
    refused: bool = False


def approval_page(session: Session, campaign: Campaign, acts: Acts | None = None) -> Response:
    """The page of a submitted campaign."""
    actor, house = current_actor(), the_house()
    content = content_of(session, campaign, now=house.now())
    return make_response(
        render_template(
            "campaigns/approval.html",
            campaign=campaign,
            content=content,
            asked=asked_of(session, campaign, actor),
            before=decided_of(session, campaign),
            acts=acts or _acts(content, []),
            longest_note=LONGEST_NOTE,
        )
    )


@pages.get("/<int:campaign_id>/approval/acts")
@requires(Permission.APPROVE_CAMPAIGNS)
def approval_acts(campaign_id: int) -> Response:
    """The buttons again, after a tick."""
    with the_house().database.reading() as session:
        campaign = broadcast(session, campaign_id)
        content = content_of(session, campaign, now=the_house().now())
        return make_response(
            render_template(
                "campaigns/approval_button.html",
                campaign=campaign,
                content=content,
                asked=asked_of(session, campaign, current_actor()),
                acts=_acts(content, request.args.getlist("read")),
            )
        )


@pages.post("/<int:campaign_id>/approve")
@requires(Permission.APPROVE_CAMPAIGNS)
def say_yes(campaign_id: int) -> Response:
    """Approve exactly what was seen; refused while a text is not ticked as read."""
    house = the_house()
    with house.database.reading() as session:
        campaign = broadcast(session, campaign_id)
        content = content_of(session, campaign, now=house.now())
        acts = _acts(content, request.form.getlist("read"), refused=True)
        if acts.unread:
            return make_response(approval_page(session, campaign, acts), UNPROCESSABLE)
    try:
        with house.database.writing() as session:
            approved = approve(session, current_actor(), campaign_id, _seen(), now=house.now())
            starts_at, calls = approved.starts_at, is_call(approved)
    except (ContentChanged, NothingAsked, SamePerson, NeverOpen) as error:
        flash(_refusal(error), "failed")
    else:
        is_now = starts_at is None or starts_at <= house.now()
        words = _("Approved. It begins now, by itself.") if is_now else _approved_words(calls)
        flash(words, "happened")
    return _to_campaign(campaign_id)


@pages.post("/<int:campaign_id>/send-back")
@requires(Permission.APPROVE_CAMPAIGNS)
def give_back(campaign_id: int) -> Response:
    """Give it back to its writer, with a note."""
    house, note = the_house(), request.form.get("note", "").strip()[:LONGEST_NOTE]
    if not note:
        with house.database.reading() as session:
            campaign = broadcast(session, campaign_id)
            content = content_of(session, campaign, now=house.now())
            acts = _acts(
                content,
                request.form.getlist("read"),
                note_error=_("Say what to mend: the note is all that the writer gets."),
            )
            return make_response(approval_page(session, campaign, acts), UNPROCESSABLE)
    try:
        with house.database.writing() as session:
            send_back(
                session, current_actor(), broadcast(session, campaign_id).id, _seen(), note, now=house.now()
            )
    except (ContentChanged, NothingAsked, SamePerson) as error:
        flash(_refusal(error), "failed")
        return _to_campaign(campaign_id)
    flash(_("Sent back with your note. It is a draft again; nothing goes out."), "happened")
    return make_response(redirect(url_for("campaigns.index"), 303))


def _acts(content: Content, read: list[str], *, note_error: str | None = None, refused: bool = False) -> Acts:
    tags = [text.language.tag for text in content.texts]
    unread = [language_name(tag).here for tag in tags if tag not in read]
    note = request.form.get("note", "") if request.method == "POST" else ""
    return Acts([tag for tag in tags if tag in read], unread, note, note_error, refused)


def _seen() -> bytes:
    try:
        return bytes.fromhex(request.form.get("seen", ""))
    except ValueError:
        return b""


def _approved_words(calls: bool) -> str:
    if calls:
        return _("Approved. It calls by itself from its start.")
    return _("Approved. It goes out by itself at its start.")


def _refusal(error: Exception) -> str:
    if isinstance(error, SamePerson):
        return _("You asked for this approval: another person has to say yes. Nothing was changed.")
    if isinstance(error, NeverOpen):
        return _("No safe hour is left between its start and its end. Send it back, to be given a later end.")
    return _("It was changed after you looked. Nothing was approved: read it again.")


def _to_campaign(campaign_id: int) -> Response:
    return make_response(redirect(url_for("campaigns.page", campaign_id=campaign_id), 303))
