"""The audience: a rule over plain columns, counted as a sieve before approval and read again at launch."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from campaigns.consent.events import Purpose, Standing, bits
from campaigns.consent.standing import Suppression
from campaigns.outreach.campaigns import Campaign, Means, Wording
from campaigns.outreach.deliveries import Delivery
from campaigns.people.contacts import Contact, Reach
from campaigns.people.groups import Membership, Tolana
from campaigns.programme.places import Place

REACH = {Means.TEXT: Reach.SMS, Means.CALL: Reach.VOICE}


class AudienceUnreadable(Exception):
    """A stored or given audience rule is not one."""


@dataclass(frozen=True)
class Audience:
    """Whom a campaign is for: everyone, or phones in any of these groups or places; and of these languages.

    Feedback is never part of a rule.
    """

    groups: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()

    def dump(self) -> str:
        """The rule as canonical JSON: equal rules are equal text."""
        return json.dumps(
            {
                "groups": sorted(self.groups),
                "places": sorted(self.places),
                "languages": sorted(self.languages),
            },
            separators=(",", ":"),
        )

    @classmethod
    def load(cls, text: str) -> Self:
        """Read a stored rule. Raises AudienceUnreadable."""
        try:
            rule = json.loads(text)
            return cls(tuple(rule["groups"]), tuple(rule["places"]), tuple(rule["languages"]))
        except (ValueError, KeyError, TypeError):
            raise AudienceUnreadable from None

    def matches(self, session: Session) -> ColumnElement[bool]:
        """The rule as a condition over `contact`; a place takes in all places below it."""
        conditions: list[ColumnElement[bool]] = []
        where: list[ColumnElement[bool]] = []
        if self.groups:
            member = select(Membership.contact_id).where(
                Membership.contact_id == Contact.id,
                Membership.tolana_id.in_(self.groups),
                Membership.left_at.is_(None),
            )
            where.append(member.exists())
        if self.places:
            where.append(Contact.place_id.in_(_with_places_below(session, self.places)))
        if where:
            conditions.append(or_(*where))
        if self.languages:
            conditions.append(Contact.language.in_(self.languages))
        return and_(true(), *conditions)


@dataclass(frozen=True)
class Sieve:
    """Who falls out of an audience, and why; each phone is counted once, at the first reason that holds."""

    matched: int
    said_stop: int
    not_agreed: int
    no_texts: int
    no_wording: int
    by_language: dict[str, int] = field(default_factory=dict)

    @property
    def receive(self) -> int:
        """How many will get it."""
        return sum(self.by_language.values())


def sieve(session: Session, campaign: Campaign) -> Sieve:
    """Count a campaign's audience as of now."""
    matched = Audience.load(campaign.audience).matches(session)
    stopped = select(Suppression.mark).where(Suppression.mark == Contact.mark).exists()
    agreed = _agreed(campaign)
    reachable = _reachable(campaign)
    spoken = (
        select(Wording.id)
        .where(Wording.campaign_id == campaign.id, Wording.step == 0, Wording.language == Contact.language)
        .exists()
    )

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalars(select(func.count()).select_from(Contact).where(matched, *conditions)).one()

    by_language = session.execute(
        select(Contact.language, func.count())
        .where(matched, ~stopped, agreed, reachable, spoken)
        .group_by(Contact.language)
    )
    return Sieve(
        matched=count(),
        said_stop=count(stopped),
        not_agreed=count(~stopped, ~agreed),
        no_texts=count(~stopped, agreed, ~reachable),
        no_wording=count(~stopped, agreed, reachable, ~spoken),
        by_language=dict(by_language.all()),
    )


def languages_wanted(session: Session, campaign: Campaign) -> dict[str, int]:
    """How many of the audience would get it in each language, whether or not there is a wording yet."""
    statement = select(Contact.language, func.count()).where(*_may_be_texted(session, campaign))
    return dict(session.execute(statement.group_by(Contact.language)).all())


def receivers(session: Session, campaign: Campaign) -> dict[tuple[int, str], int]:
    """How many of the audience would get it, by rhythm and language, whether or not there is a wording yet."""
    statement = select(Contact.rhythm_id, Contact.language, func.count()).where(
        *_may_be_texted(session, campaign)
    )
    rows = session.execute(statement.group_by(Contact.rhythm_id, Contact.language))
    return {(rhythm, language): n for rhythm, language, n in rows}


def agreed_to(
    session: Session, purposes: Iterable[Purpose], *, means: Means = Means.TEXT
) -> dict[Purpose, int]:
    """How many phones may be texted or called for each purpose now, whatever group or place they are of."""
    needs = {purpose: bits(purpose, voice=means is Means.CALL) for purpose in purposes}
    counts = [func.count().filter(Standing.mask.op("&")(need) == need) for need in needs.values()]
    return dict(zip(needs, session.execute(select(*counts)).one(), strict=True))


@dataclass(frozen=True)
class LeftOut:
    """Who of an audience was not written to when the campaign began, and why."""

    said_stop: int
    not_agreed: int


def left_out_at_launch(session: Session, campaign: Campaign) -> LeftOut:
    """Who fell out before anything was written: they have no delivery. Counts contacts, so for one campaign's page.

    Who says STOP later has a delivery, which is withheld, and is not counted here.
    """
    if campaign.launched_at is None:
        return LeftOut(0, 0)
    written = select(Delivery.id).where(
        Delivery.campaign_id == campaign.id, Delivery.contact_id == Contact.id
    )
    stopped = select(Suppression.mark).where(Suppression.mark == Contact.mark).exists()
    without = [
        Audience.load(campaign.audience).matches(session),
        since_launch(campaign.launched_at),
        ~written.exists(),
    ]

    def count(*conditions: ColumnElement[bool]) -> int:
        return session.scalars(select(func.count()).select_from(Contact).where(*without, *conditions)).one()

    return LeftOut(count(stopped), count(~stopped, ~_agreed(campaign)))


def sharing_a_phone(session: Session, campaign: Campaign) -> int:
    """How many who would get it share their phone: a call to it says nothing of itself before a key (R21)."""
    statement = select(func.count()).select_from(Contact)
    return session.scalars(statement.where(Contact.quiet, *_may_be_texted(session, campaign))).one()


def rhythms_of(session: Session, campaign: Campaign) -> list[int]:
    """The distinct rhythms of a campaign's audience."""
    matched = Audience.load(campaign.audience).matches(session)
    return list(session.scalars(select(Contact.rhythm_id).where(matched).distinct()))


def groups(session: Session) -> list[tuple[Tolana, int]]:
    """Every group with how many phones are in it now."""
    statement = (
        select(Tolana, func.count(Membership.contact_id))
        .outerjoin(Membership, and_(Membership.tolana_id == Tolana.id, Membership.left_at.is_(None)))
        .group_by(Tolana.id)
        .order_by(Tolana.name)
    )
    return list(session.execute(statement).all())


def since_launch(launched_at: datetime) -> ColumnElement[bool]:
    """Only phones that were held when the campaign began: later ones do not slip in."""
    return Contact.since <= launched_at


def _reachable(campaign: Campaign) -> ColumnElement[bool]:
    return Contact.reach.op("&")(int(REACH[Means(campaign.channel)])) != 0


def _agreed(campaign: Campaign) -> ColumnElement[bool]:
    return (
        select(Standing.contact_id)
        .where(Standing.contact_id == Contact.id, Standing.mask.op("&")(campaign.need) == campaign.need)
        .exists()
    )


def _may_be_texted(session: Session, campaign: Campaign) -> list[ColumnElement[bool]]:
    matched = Audience.load(campaign.audience).matches(session)
    return [matched, _agreed(campaign), _reachable(campaign)]


def _with_places_below(session: Session, places: tuple[int, ...]) -> list[int]:
    known, fresh = set(places), set(places)
    while fresh:
        fresh = set(session.scalars(select(Place.id).where(Place.parent_id.in_(fresh)))) - known
        known |= fresh
    return sorted(known)
