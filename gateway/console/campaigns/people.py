"""Step 1: what it is for, whom it is for, and by which line; who falls out is counted as the choice changes."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns.consent.events import Purpose, bits
from campaigns.outreach import audience as audiences
from campaigns.outreach.audience import Audience, Sieve, agreed_to, languages_wanted, sieve
from campaigns.outreach.campaigns import Campaign, wordings_of
from campaigns.outreach.drafting import NAME_LENGTH, NameMissing, create_campaign, set_people
from campaigns.outreach.wayout import national
from campaigns.programme.lines import Can, Line, NoSuchLine, lines_that, way_out_address
from campaigns.programme.places import Place, PlaceKind
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import UNPROCESSABLE, Foot, editable, foot_of, head_of, tightest
from gateway.console.campaigns.names import (
    BY_TEXT,
    audience_words,
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
    audience: Audience

    @classmethod
    def from_form(cls, form: MultiDict[str, str]) -> Self:
        """Read a form."""
        purpose = form.get("purpose", 0, type=int)
        return cls(
            form.get("name", ""),
            Purpose(purpose) if purpose in list(BY_TEXT) else Purpose.PEACE,
            form.get("line", 0, type=int),
            Audience(
                tuple(form.getlist("groups", type=int)),
                tuple(form.getlist("places", type=int)),
                tuple(form.getlist("languages")),
            ),
        )

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """What is saved."""
        return cls(
            campaign.name, Purpose(campaign.purpose), campaign.line_id, Audience.load(campaign.audience)
        )


@dataclass(frozen=True)
class LineChoice:
    """A line one may send by, and what to know of it."""

    id: int
    name: str
    words: str
    off: bool


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


@pages.get("/new")
@requires(Permission.WRITE_CAMPAIGNS)
def new() -> Response:
    """Step 1 of a campaign that is not saved yet."""
    with the_house().database.reading() as session:
        lines = [line for line in _lines(session) if not line.off]
        chosen = Chosen("", Purpose.PEACE, lines[0].id if lines else 0, Audience())
        return _page(session, None, chosen)


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
    house, chosen = the_house(), Chosen.from_form(request.form)
    try:
        with house.database.writing() as session:
            now, actor = house.now(), current_actor()
            if campaign_id is None:
                campaign_id = create_campaign(session, actor, chosen.name, chosen.line_id, now=now).id
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
        return _again(campaign_id, chosen, {"line": _("Choose the line it goes out by.")})
    return make_response(redirect(url_for("campaigns.wording", campaign_id=campaign_id), 303))


def _again(campaign_id: int | None, chosen: Chosen, errors: dict[str, str]) -> Response:
    with the_house().database.reading() as session:
        saved = session.get(Campaign, campaign_id) if campaign_id is not None else None
        return make_response(_page(session, saved, chosen, errors), UNPROCESSABLE)


def _count(campaign_id: int | None) -> Response:
    chosen = Chosen.from_form(request.form)
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id) if campaign_id is not None else None
        reached = _reached(session, campaign, chosen)
        return make_response(render_template("campaigns/people_counted.html", reached=reached))


def _page(
    session: Session, campaign: Campaign | None, chosen: Chosen, errors: dict[str, str] | None = None
) -> Response:
    agreed = agreed_to(session, BY_TEXT)
    held = the_programme(session).language_tags
    return make_response(
        render_template(
            "campaigns/people.html",
            head=head_of(session, campaign, "people"),
            chosen=chosen,
            errors=errors or {},
            longest_name=NAME_LENGTH,
            purposes=[(p, purpose_title(p), purpose_words(p), agreed[p]) for p in BY_TEXT],
            lines=_lines(session),
            groups=audiences.groups(session),
            places=_places(session),
            tongues=[language_name(tag) for tag in held],
            reached=_reached(session, campaign, chosen),
        )
    )


def _reached(session: Session, campaign: Campaign | None, chosen: Chosen) -> Reached:
    now = the_house().now()
    tried = _as_if(campaign, chosen)
    has_words = campaign is not None and bool(wordings_of(session, campaign.id))
    found = sieve(session, tried)
    by_language = found.by_language if has_words else languages_wanted(session, tried)
    if not has_words:
        found = replace(found, no_wording=0)
    kept = sum(by_language.values())
    foot = foot_of(session, tried, now=now) if has_words else Foot(kept, tightest=tightest(session, now=now))
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
    )


def _as_if(campaign: Campaign | None, chosen: Chosen) -> Campaign:
    """A campaign as it would be with this choice; it belongs to no session and is never saved."""
    return Campaign(
        id=campaign.id if campaign else 0,
        need=bits(chosen.purpose),
        purpose=int(chosen.purpose),
        line_id=chosen.line_id,
        audience=chosen.audience.dump(),
    )


def _lines(session: Session) -> list[LineChoice]:
    return [_line_choice(session, line) for line in lines_that(session, Can.SMS_OUT)]


def _line_choice(session: Session, line: Line) -> LineChoice:
    address = way_out_address(session, line)
    if address is None:
        return LineChoice(
            line.id, line.name, _("No number hears STOP for it, so nothing may go out by it."), True
        )
    number = national(address)
    if Can.SMS_IN in line.abilities:
        words = _("People can answer it. STOP reaches us at %(number)s.", number=number)
    else:
        words = _("One way. STOP reaches us at %(number)s.", number=number)
    if line.paused_at is not None:
        words = _("%(said)s It is paused now: what is sent by it waits.", said=words)
    return LineChoice(line.id, line.name, words, False)


def _places(session: Session) -> list[Place]:
    """Places that people are counted by, or that hold such places; a whole country is everybody."""
    statement = select(Place).where(Place.kind != int(PlaceKind.COUNTRY)).order_by(Place.kind, Place.name)
    return list(session.scalars(statement))
