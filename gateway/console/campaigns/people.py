"""Step 1: what it is for, whom it is for, and by which line; who falls out is counted as the choice changes."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns.consent.events import Purpose, bits
from campaigns.outreach import audience as audiences
from campaigns.outreach.audience import (
    Audience,
    Sieve,
    agreed_to,
    languages_wanted,
    sharing_a_phone,
    sieve,
)
from campaigns.outreach.campaigns import Campaign, Means, wordings_of
from campaigns.outreach.drafting import NAME_LENGTH, NameMissing, create_campaign, set_people
from campaigns.programme.lines import Can, NoSuchLine, lines_that
from campaigns.programme.places import Place, PlaceKind
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import (
    UNPROCESSABLE,
    Foot,
    broadcast,
    editable,
    foot_of,
    head_of,
    tightest,
)
from gateway.console.campaigns.lines import first_line, lines_for
from gateway.console.campaigns.names import (
    BY_TEXT,
    audience_words,
    is_call,
    language_name,
    not_agreed_words,
    purpose_title,
    purpose_words,
)
from gateway.console.words import _


@dataclass(frozen=True)
class Chosen:
    """What the form says; unreadable numbers in it are left out."""

    name: str
    purpose: Purpose
    line_id: int
    audience: Audience = field(default_factory=Audience)
    means: Means = Means.TEXT

    @classmethod
    def from_form(cls, form: MultiDict[str, str], campaign: Campaign | None) -> Self:
        """Read a form; a campaign that is saved stays what it is, a text or a call."""
        purpose = form.get("purpose", 0, type=int)
        is_call = form.get("means", 0, type=int) == Means.CALL
        return cls(
            form.get("name", ""),
            Purpose(purpose) if purpose in list(BY_TEXT) else Purpose.PEACE,
            form.get("line", 0, type=int),
            Audience(
                tuple(form.getlist("groups", type=int)),
                tuple(form.getlist("places", type=int)),
                tuple(form.getlist("languages")),
            ),
            Means(campaign.channel) if campaign else Means.CALL if is_call else Means.TEXT,
        )

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """What is saved."""
        return cls(
            campaign.name,
            Purpose(campaign.purpose),
            campaign.line_id,
            Audience.load(campaign.audience),
            Means(campaign.channel),
        )


@dataclass(frozen=True)
class Reached:
    """Who gets it and who falls out, as of now."""

    who: str
    total_words: str
    sieve: Sieve
    not_agreed: str
    kept: int
    by_language: list[tuple[str, int]]
    counted_at: datetime
    foot: Foot
    is_call: bool
    sharing: int


@pages.get("/new")
@requires(Permission.WRITE_CAMPAIGNS)
def new() -> Response:
    """Step 1 of a campaign that is not saved yet."""
    with the_house().database.reading() as session:
        return _page(session, None, Chosen("", Purpose.PEACE, first_line(session, Means.TEXT)))


@pages.post("/new")
@requires(Permission.WRITE_CAMPAIGNS)
def create() -> Response:
    """Save a new campaign and go on to its wording."""
    return _save(None)


@pages.post("/new/count")
@requires(Permission.WRITE_CAMPAIGNS)
def count_new() -> Response:
    """Count the audience of a campaign that is not saved yet."""
    return _count(None)


@pages.get("/<int:campaign_id>/people")
@requires(Permission.WRITE_CAMPAIGNS)
def people(campaign_id: int) -> Response:
    """Step 1 of a saved campaign."""
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id)
        return _page(session, campaign, Chosen.of(campaign))


@pages.post("/<int:campaign_id>/people")
@requires(Permission.WRITE_CAMPAIGNS)
def save_people(campaign_id: int) -> Response:
    """Save step 1 and go on."""
    return _save(campaign_id)


@pages.post("/<int:campaign_id>/people/count")
@requires(Permission.WRITE_CAMPAIGNS)
def count_people(campaign_id: int) -> Response:
    """Count the audience as chosen, without saving it."""
    return _count(campaign_id)


def _save(campaign_id: int | None) -> Response:
    house, chosen = the_house(), _chosen(campaign_id)
    try:
        with house.database.writing() as session:
            now, actor = house.now(), current_actor()
            if campaign_id is None:
                made = create_campaign(
                    session, actor, chosen.name, chosen.line_id, means=chosen.means, now=now
                )
                campaign_id = made.id
            set_people(
                session,
                actor,
                campaign_id,
                name=chosen.name,
                purpose=chosen.purpose,
                line_id=chosen.line_id,
                audience=chosen.audience,
                now=now,
            )
    except NameMissing:
        return _again(campaign_id, chosen, {"name": _("Give it a name that staff will know it by.")})
    except NoSuchLine:
        words = (
            _("Choose the line it calls by.")
            if chosen.means is Means.CALL
            else _("Choose the line it goes out by.")
        )
        return _again(campaign_id, chosen, {"line": words})
    return make_response(redirect(url_for("campaigns.wording", campaign_id=campaign_id), 303))


def _again(campaign_id: int | None, chosen: Chosen, errors: dict[str, str]) -> Response:
    with the_house().database.reading() as session:
        saved = session.get(Campaign, campaign_id) if campaign_id is not None else None
        return make_response(_page(session, saved, chosen, errors), UNPROCESSABLE)


def _count(campaign_id: int | None) -> Response:
    """Counts; and when she went over from texts to calls or back, the lists that are others for them."""
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id) if campaign_id is not None else None
        chosen = Chosen.from_form(request.form, campaign)
        lists: dict[str, object] = {}
        if campaign is None and request.form.get("listed", int(chosen.means), type=int) != chosen.means:
            chosen = replace(chosen, line_id=first_line(session, chosen.means))
            lists = _lists(session, chosen)
        reached = _reached(session, campaign, chosen)
        return make_response(
            render_template("campaigns/people_counted.html", reached=reached, chosen=chosen, **lists)
        )


def _chosen(campaign_id: int | None) -> Chosen:
    with the_house().database.reading() as session:
        saved = broadcast(session, campaign_id) if campaign_id is not None else None
        return Chosen.from_form(request.form, saved)


def _page(
    session: Session, campaign: Campaign | None, chosen: Chosen, errors: dict[str, str] | None = None
) -> Response:
    held = the_programme(session).language_tags
    return make_response(
        render_template(
            "campaigns/people.html",
            head=head_of(session, campaign, "people"),
            chosen=chosen,
            errors=errors or {},
            longest_name=NAME_LENGTH,
            may_call=bool(lines_that(session, Can.VOICE_OUT)),
            **_lists(session, chosen),
            groups=audiences.groups(session),
            places=_places(session),
            tongues=[language_name(tag) for tag in held],
            reached=_reached(session, campaign, chosen),
        )
    )


def _lists(session: Session, chosen: Chosen) -> dict[str, object]:
    """Purposes with how many agreed to them, and the lines: others for a call than for a text."""
    agreed = agreed_to(session, BY_TEXT, means=chosen.means)
    purposes = [(p, purpose_title(p), purpose_words(p, chosen.means), agreed[p]) for p in BY_TEXT]
    return {"purposes": purposes, "lines": lines_for(session, chosen.means)}


def _reached(session: Session, campaign: Campaign | None, chosen: Chosen) -> Reached:
    now = the_house().now()
    tried = _as_if(campaign, chosen)
    has_words = campaign is not None and bool(wordings_of(session, campaign.id))
    found = sieve(session, tried)
    by_language = found.by_language if has_words else languages_wanted(session, tried)
    if not has_words:
        found = replace(found, no_wording=0)
    kept = sum(by_language.values())
    before = Foot(kept, tightest=tightest(session, now=now), is_call=is_call(tried))
    foot = foot_of(session, tried, now=now) if has_words else before
    ordered = sorted(by_language.items(), key=lambda item: -item[1])
    is_all = not (chosen.audience.groups or chosen.audience.places or chosen.audience.languages)
    return Reached(
        who=audience_words(session, chosen.audience),
        total_words=_("All phones we hold") if is_all else _("In this choice"),
        sieve=found,
        not_agreed=not_agreed_words(chosen.purpose),
        kept=kept,
        by_language=[(language_name(tag).here, people) for tag, people in ordered],
        counted_at=now,
        foot=foot,
        is_call=is_call(tried),
        sharing=sharing_a_phone(session, tried) if is_call(tried) else 0,
    )


def _as_if(campaign: Campaign | None, chosen: Chosen) -> Campaign:
    """A campaign as it would be with this choice; it belongs to no session and is never saved."""
    return Campaign(
        id=campaign.id if campaign else 0,
        channel=int(chosen.means),
        need=bits(chosen.purpose, voice=chosen.means is Means.CALL),
        purpose=int(chosen.purpose),
        line_id=chosen.line_id,
        audience=chosen.audience.dump(),
    )


def _places(session: Session) -> list[Place]:
    """Places that people are counted by, or that hold such places; a whole country is everybody."""
    statement = select(Place).where(Place.kind != int(PlaceKind.COUNTRY)).order_by(Place.kind, Place.name)
    return list(session.scalars(statement))
