"""Names of things in the page's language: languages, purposes, states, people of the audience."""

from dataclasses import dataclass

from flask_babel import get_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent.events import Purpose
from campaigns.language.catalogue import Catalogue, NoSuchLanguage, catalogue
from campaigns.outreach.audience import Audience
from campaigns.outreach.campaigns import Campaign, Means, State
from campaigns.people.groups import Tolana
from campaigns.programme.places import Place
from gateway.console.words import _

BY_TEXT = (Purpose.PEACE, Purpose.INVITATIONS, Purpose.RADIO, Purpose.RESEARCH)
CHIPS = {
    State.DRAFT: "draft",
    State.SUBMITTED: "waiting",
    State.SCHEDULED: "scheduled",
    State.RUNNING: "going-out",
    State.PAUSED: "paused",
    State.FINISHED: "finished",
    State.STOPPED: "stopped",
}
BY_A_PERSON = "person"  # why a campaign is paused, when somebody paused it


@dataclass(frozen=True)
class LanguageName:
    """A language: its tag, its own name, its name in the page's language, and which way it runs."""

    tag: str
    own: str
    here: str
    direction: str


def language_name(tag: str) -> LanguageName:
    """How a language is called. One without a catalogue is called by its tag."""
    locale = get_locale()
    here = locale.languages.get(tag, tag) if locale else tag
    try:
        known: Catalogue = catalogue(tag)
    except NoSuchLanguage:
        return LanguageName(tag, here, here, "auto")
    return LanguageName(tag, known.own_name, here, known.direction.value)


def is_call(campaign: Campaign) -> bool:
    """Whether it calls people, and does not text them."""
    return campaign.channel == Means.CALL


def chip_of(campaign: Campaign) -> str:
    """The name of a campaign's chip."""
    state = State(campaign.state)
    if state is State.PAUSED and campaign.paused_why not in (None, BY_A_PERSON):
        return "paused-itself"
    if state is State.RUNNING and is_call(campaign):
        return "calling"
    return CHIPS[state]


def purpose_title(purpose: Purpose) -> str:
    """What a purpose is called."""
    return {
        Purpose.PEACE: _("Peace messages"),
        Purpose.INVITATIONS: _("Invitations"),
        Purpose.RADIO: _("Radio alerts"),
        Purpose.RESEARCH: _("Questions and surveys"),
    }[purpose]


def purpose_words(purpose: Purpose, means: Means = Means.TEXT) -> str:
    """What belongs to a purpose."""
    if purpose is Purpose.RESEARCH and means is Means.CALL:
        return _("Short, to be answered by key")
    return {
        Purpose.PEACE: _("Verses, sayings and news that calm"),
        Purpose.INVITATIONS: _("Dialogues, theatre, health days"),
        Purpose.RADIO: _("“The new episode is here”"),
        Purpose.RESEARCH: _("Short, to be answered by text"),
    }[purpose]


def not_agreed_words(purpose: Purpose) -> str:
    """How those are called who did not agree to a purpose."""
    return {
        Purpose.PEACE: _("Did not agree to peace messages"),
        Purpose.INVITATIONS: _("Did not agree to invitations"),
        Purpose.RADIO: _("Did not agree to radio alerts"),
        Purpose.RESEARCH: _("Did not agree to questions"),
    }[purpose]


def audience_words(session: Session, audience: Audience) -> str:
    """Whom a rule means, in one line."""
    groups = session.scalars(select(Tolana.name).where(Tolana.id.in_(audience.groups)).order_by(Tolana.name))
    places = session.scalars(select(Place.name).where(Place.id.in_(audience.places)).order_by(Place.name))
    named = list(groups)
    where = list(places)
    between = _(", ")
    if named and where:
        who = _("%(groups)s, and all of %(places)s", groups=between.join(named), places=between.join(where))
    else:
        who = between.join(named or where) or _("Everybody")
    if audience.languages:
        spoken = between.join(language_name(tag).here for tag in audience.languages)
        return _("%(who)s; only in %(languages)s", who=who, languages=spoken)
    return who
