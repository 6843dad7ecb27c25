"""Step 2 of a call: what is said in each language and its recording, how often it rings, what is heard around it."""

from contextlib import suppress
from dataclasses import dataclass

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from campaigns.outreach.audience import languages_wanted, sharing_a_phone
from campaigns.outreach.campaigns import Campaign, wordings_of
from campaigns.outreach.scripts import MOST_RINGS, RingsWrong, set_rings, set_script_words
from campaigns.programme.lines import price_micros
from campaigns.programme.programme import the_programme
from gateway.console.access import current_actor
from gateway.console.campaigns.around import Around, around_of
from gateway.console.campaigns.blueprint import the_house
from gateway.console.campaigns.calls import Recorded, rings_words
from gateway.console.campaigns.composing import editable, foot_of, head_of
from gateway.console.campaigns.names import LanguageName, language_name
from gateway.console.campaigns.notes import Note, script_notes

LONGEST_SCRIPT = 4_000  # characters; three minutes of speech are about half of that


@dataclass(frozen=True)
class Spoken:
    """One language's card."""

    language: LanguageName
    words: str
    people: int
    recorded: Recorded | None
    micros: int
    notes: list[Note]


def script_page(session: Session, campaign: Campaign) -> Response:
    """Step 2, as it is saved."""
    now = the_house().now()
    around = around_of(session)
    columns = spoken_of(session, campaign, around)
    page = render_template(
        "campaigns/script.html",
        head=head_of(session, campaign, "wording"),
        columns=columns,
        around=around,
        neutral=around.neutral_in([column.language.tag for column in columns]) if around else [],
        sharing=sharing_a_phone(session, campaign),
        rings=campaign.max_rings,
        plans=[(n, rings_words(n)) for n in range(1, MOST_RINGS + 1)],
        foot=foot_of(session, campaign, now=now),
        longest=LONGEST_SCRIPT,
    )
    return make_response(page)


def save_script(campaign_id: int) -> Response:
    """Save the words and the plan of rings as they stand, finished or not; go on, or to one language's recording."""
    house = the_house()
    with house.database.writing() as session:
        campaign = editable(session, campaign_id)
        tags = spoken_languages(session, campaign)
        words = {tag: request.form.get(f"text-{tag}", "")[:LONGEST_SCRIPT] for tag in tags}
        now, actor = house.now(), current_actor()
        set_script_words(session, actor, campaign_id, words, now=now)
        with suppress(RingsWrong):  # no page of ours sends it; the plan stays as it was
            set_rings(session, actor, campaign_id, request.form.get("rings", 0, type=int), now=now)
    then = request.form.get("record", "")
    if then in tags:
        return make_response(
            redirect(url_for("campaigns.recording", campaign_id=campaign_id, language=then), 303)
        )
    return make_response(redirect(url_for("campaigns.when", campaign_id=campaign_id), 303))


def spoken_of(session: Session, campaign: Campaign, around: Around | None) -> list[Spoken]:
    """Every language's words and recording, with what is to be said of each."""
    price = price_micros(session, campaign.line_id, now=the_house().now())
    wanted = languages_wanted(session, campaign)
    by_tag = {wording.language: wording for wording in wordings_of(session, campaign.id)}
    found = []
    for tag in spoken_languages(session, campaign):
        wording, people = by_tag.get(tag), wanted.get(tag, 0)
        recorded = Recorded.of(wording)
        words = wording.typed if wording else ""
        found.append(
            Spoken(
                language=language_name(tag),
                words=words,
                people=people,
                recorded=recorded,
                micros=people * recorded.minutes * price if recorded else 0,
                notes=script_notes(
                    words, people, is_recorded=recorded is not None, unspoken=_unspoken(around, tag)
                ),
            )
        )
    return found


def spoken_languages(session: Session, campaign: Campaign) -> list[str]:
    """The programme's languages in their order, then any other that somebody of the audience speaks."""
    own = list(the_programme(session).language_tags)
    return own + sorted(set(languages_wanted(session, campaign)) - set(own))


def _unspoken(around: Around | None, tag: str) -> str | None:
    """The language's name, where the voice line does not speak it."""
    return language_name(tag).here if around is not None and not around.speaks(tag) else None
