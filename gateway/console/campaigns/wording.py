"""Step 2 of a text: the texts side by side; parts, cost and cleaning are counted by the server while she types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from campaigns.outreach.audience import languages_wanted
from campaigns.outreach.campaigns import Campaign, wordings_of
from campaigns.outreach.drafting import set_wordings
from campaigns.outreach.wayout import way_out_line
from campaigns.programme.lines import Line, price_micros
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.campaigns.blueprint import pages, the_house
from gateway.console.campaigns.composing import Foot, editable, head_of, tightest
from gateway.console.campaigns.counting import Counted, count_wording, whose_text
from gateway.console.campaigns.names import LanguageName, is_call, language_name
from gateway.console.campaigns.notes import Note, notes_of
from gateway.console.campaigns.script import save_script, script_page

LONGEST_TYPED = 2_000  # characters; far more than anybody may send


@dataclass(frozen=True)
class Typed:
    """What stands in the form: a text by language, whose text is used instead, and which phone is shown."""

    texts: Mapping[str, str]
    instead: Mapping[str, str]
    shown: str

    @classmethod
    def from_form(cls, form: MultiDict[str, str], languages: list[str]) -> Self:
        """Read a form for these languages."""
        return cls(
            {tag: form.get(f"text-{tag}", "")[:LONGEST_TYPED] for tag in languages},
            {tag: form.get(f"instead-{tag}", "") for tag in languages},
            form.get("shown", ""),
        )

    @classmethod
    def of(cls, session: Session, campaign: Campaign) -> Self:
        """What is saved."""
        wordings = wordings_of(session, campaign.id)
        return cls(
            {wording.language: wording.typed for wording in wordings if not wording.fallback_to},
            {wording.language: wording.fallback_to for wording in wordings if wording.fallback_to},
            "",
        )


@dataclass(frozen=True)
class Column:
    """One language's card."""

    language: LanguageName
    typed: str
    instead: str
    others: list[LanguageName]
    people: int
    way_out: str
    counted: Counted | None
    goes: Counted | None
    micros: int
    most_parts: int
    notes: list[Note]


@dataclass(frozen=True)
class Wordings:
    """All cards, the phone, and what it comes to."""

    columns: list[Column]
    shown: Column
    sender: str
    foot: Foot


@pages.get("/<int:campaign_id>/wording")
@requires(Permission.WRITE_CAMPAIGNS)
def wording(campaign_id: int) -> Response:
    """Step 2."""
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id)
        if is_call(campaign):
            return script_page(session, campaign)
        return make_response(
            render_template(
                "campaigns/wording.html",
                head=head_of(session, campaign, "wording"),
                words=_wordings(session, campaign, Typed.of(session, campaign)),
                longest=LONGEST_TYPED,
            )
        )


@pages.post("/<int:campaign_id>/wording")
@requires(Permission.WRITE_CAMPAIGNS)
def save_wording(campaign_id: int) -> Response:
    """Save step 2 as it stands, finished or not, and go on (or stay, when asked to)."""
    house = the_house()
    with house.database.reading() as session:
        saves_script = is_call(editable(session, campaign_id))
    if saves_script:
        return save_script(campaign_id)
    with house.database.writing() as session:
        typed = Typed.from_form(request.form, _languages(session, editable(session, campaign_id)))
        set_wordings(
            session,
            current_actor(),
            campaign_id,
            typed.texts,
            now=house.now(),
            fallbacks={tag: owner for tag, owner in typed.instead.items() if owner},
        )
    return make_response(redirect(url_for("campaigns.when", campaign_id=campaign_id), 303))


@pages.post("/<int:campaign_id>/wording/count")
@requires(Permission.WRITE_CAMPAIGNS)
def count_words(campaign_id: int) -> Response:
    """Count what is typed now, without saving it; the texts themselves are not sent back."""
    with the_house().database.reading() as session:
        campaign = editable(session, campaign_id)
        typed = Typed.from_form(request.form, _languages(session, campaign))
        return make_response(
            render_template("campaigns/wording_counted.html", words=_wordings(session, campaign, typed))
        )


def _wordings(session: Session, campaign: Campaign, typed: Typed) -> Wordings:
    now = the_house().now()
    line = session.get_one(Line, campaign.line_id)
    price = price_micros(session, line.id, now=now)
    wanted = languages_wanted(session, campaign)
    tags = _languages(session, campaign)
    ways_out = {tag: way_out_line(session, line, tag) for tag in tags}
    counted = {tag: count_wording(typed.texts.get(tag, ""), ways_out[tag]) for tag in tags}
    columns = []
    for tag in tags:
        owner = whose_text(tag, typed.texts, typed.instead)
        goes = counted[owner] if owner else None
        people = wanted.get(tag, 0)
        micros = people * goes.parts.parts * price if goes else 0
        columns.append(
            Column(
                language=language_name(tag),
                typed=typed.texts.get(tag, ""),
                instead=typed.instead.get(tag, ""),
                others=[language_name(other) for other in tags if other != tag and counted[other]],
                people=people,
                way_out=ways_out[tag],
                counted=counted[tag],
                goes=goes,
                micros=micros,
                most_parts=campaign.max_parts,
                notes=notes_of(counted[tag], people, price, campaign.max_parts),
            )
        )
    reached = [column for column in columns if column.goes]
    foot = Foot(
        sum(column.people for column in reached),
        sum(column.people * column.goes.parts.parts for column in reached if column.goes) or None,
        sum(column.micros for column in reached),
        tightest(session, now=now),
    )
    return Wordings(columns, _shown(columns, typed.shown), line.address, foot)


def _shown(columns: list[Column], asked: str) -> Column:
    """The column whose phone is shown: as asked, else the first that has a text."""
    by_tag = {column.language.tag: column for column in columns}
    return by_tag.get(asked) or next((column for column in columns if column.goes), columns[0])


def _languages(session: Session, campaign: Campaign) -> list[str]:
    """The programme's languages in their order, then any other that somebody of the audience reads."""
    own = list(the_programme(session).language_tags)
    return own + sorted(set(languages_wanted(session, campaign)) - set(own))
