"""What exactly a campaign is, as plain values: for who submits it and for who approves it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent.events import Purpose
from campaigns.outreach.approval import ceiling
from campaigns.outreach.audience import Audience, sharing_a_phone, sieve
from campaigns.outreach.budget import Room, rooms
from campaigns.outreach.campaigns import Campaign, wordings_of
from campaigns.outreach.checks import Cost, Found, cost_of, findings
from campaigns.outreach.forecast import forecast_of
from campaigns.outreach.progress import by_language
from campaigns.outreach.wayout import national
from campaigns.programme.lines import Can, Line, price_micros, way_out_address
from campaigns.programme.programme import the_programme
from campaigns.staff.actor import Actor, Permission, Staff
from gateway.console.campaigns.calls import Recorded, rings_words
from gateway.console.campaigns.names import (
    LanguageName,
    audience_words,
    is_call,
    language_name,
    purpose_title,
)


@dataclass(frozen=True)
class Text:
    """One text exactly as it goes, and who gets it; `also` are languages whose readers get it instead of their own.

    Of a call it is the script, `parts` are minutes, and `recorded` is what is heard.
    """

    language: LanguageName
    body: str
    parts: int
    people: int
    also: list[LanguageName]
    recorded: Recorded | None = None


@dataclass(frozen=True)
class Calling:
    """What a call has beside its recordings: how often it rings, how many share a phone, how many calls at a time."""

    rings: int
    sharing: int
    at_once: int

    @property
    def rings_words(self) -> str:
        """The plan in one sentence."""
        return rings_words(self.rings)


@dataclass(frozen=True)
class From:
    """By which line it goes."""

    name: str
    address: str
    is_two_way: bool
    stop_reaches: str | None


@dataclass(frozen=True)
class Content:
    """Everything that an approval is about, and what it comes to as of now."""

    texts: list[Text]
    purpose: str
    who: str
    said_stop: int
    cost: Cost
    starts_at: datetime | None
    ends_at: datetime | None
    done_at: datetime | None
    line: From
    most_people: int
    most_micros: int
    caps: list[Room]
    hash: str
    calling: Calling | None

    @property
    def has_length(self) -> bool:
        """Whether what it costs can be said: of a call, only when everything is recorded."""
        return self.calling is None or all(text.recorded for text in self.texts)


def content_of(session: Session, campaign: Campaign, *, now: datetime) -> Content:
    """What a campaign is, as saved. Once it began, people and cost are those that were written to."""
    if campaign.launched_at is None:
        found = sieve(session, campaign)
        people, said_stop, cost = found.by_language, found.said_stop, cost_of(session, campaign, now=now)
    else:
        people, said_stop = _written(session, campaign), 0
        cost = _cost_of_written(session, campaign, people, now)
    return Content(
        texts=_texts(session, campaign, people),
        purpose=purpose_title(Purpose(campaign.purpose)),
        who=audience_words(session, Audience.load(campaign.audience)),
        said_stop=said_stop,
        cost=cost,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        done_at=_done_at(session, campaign, now),
        line=_from(session, session.get_one(Line, campaign.line_id)),
        most_people=campaign.ceiling_people or ceiling(cost.people),
        most_micros=campaign.ceiling_micros or ceiling(cost.micros),
        caps=rooms(session, now=now),
        hash=campaign.content_hash.hex(),
        calling=_calling(session, campaign) if is_call(campaign) else None,
    )


def who_may_approve(session: Session, actor: Actor) -> list[str]:
    """The names of those who can say yes to what `actor` submits."""
    training = the_programme(session).training
    staff = session.scalars(select(Staff).where(Staff.active).order_by(Staff.name))
    return [
        row.name
        for row in staff
        if Permission.APPROVE_CAMPAIGNS in Permission(row.permissions)
        and (training or row.rid != actor.staff)
    ]


def found_in(session: Session, campaign: Campaign, *, now: datetime) -> list[Found]:
    """What must be mended before it can be submitted."""
    return findings(session, campaign, now=now)


def _texts(session: Session, campaign: Campaign, people: dict[str, int]) -> list[Text]:
    wordings = wordings_of(session, campaign.id)
    own = [wording for wording in wordings if not wording.fallback_to]
    order = list(the_programme(session).language_tags)
    own.sort(key=lambda wording: order.index(wording.language) if wording.language in order else len(order))
    found = []
    for wording in own:
        tags = [other.language for other in wordings if other.fallback_to == wording.language]
        readers = people.get(wording.language, 0) + sum(people.get(tag, 0) for tag in tags)
        also = [language_name(tag) for tag in tags]
        language, recorded = language_name(wording.language), Recorded.of(wording)
        found.append(Text(language, wording.body, wording.parts, readers, also, recorded))
    return found


def _written(session: Session, campaign: Campaign) -> dict[str, int]:
    return {language: progress.total for language, progress in by_language(session, campaign.id).items()}


def _cost_of_written(session: Session, campaign: Campaign, people: dict[str, int], now: datetime) -> Cost:
    parts_of = {wording.language: wording.parts for wording in wordings_of(session, campaign.id)}
    parts = sum(n * parts_of.get(language, 0) for language, n in people.items())
    return Cost(sum(people.values()), parts, parts * price_micros(session, campaign.line_id, now=now))


def _calling(session: Session, campaign: Campaign) -> Calling:
    line = session.get_one(Line, campaign.line_id)
    return Calling(campaign.max_rings, sharing_a_phone(session, campaign), line.calls_at_once)


def _from(session: Session, line: Line) -> From:
    address = way_out_address(session, line)
    return From(line.name, line.address, Can.SMS_IN in line.abilities, national(address) if address else None)


def _done_at(session: Session, campaign: Campaign, now: datetime) -> datetime | None:
    if campaign.starts_at is None or campaign.ends_at is None or campaign.launched_at is not None:
        return None
    begins = max(campaign.starts_at, now)
    return (
        forecast_of(session, campaign, begins, campaign.ends_at).done_by
        if begins < campaign.ends_at
        else None
    )
