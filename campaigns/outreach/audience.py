"""The audience: a rule over plain columns, counted as a sieve before approval and read again at launch."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.orm import Session

from campaigns.consent.events import Standing
from campaigns.consent.standing import Suppression
from campaigns.outreach.campaigns import Campaign, Wording
from campaigns.people.contacts import Contact, Reach
from campaigns.people.groups import Membership, Tolana
from campaigns.programme.places import Place


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
    agreed = (
        select(Standing.contact_id)
        .where(Standing.contact_id == Contact.id, Standing.mask.op("&")(campaign.need) == campaign.need)
        .exists()
    )
    reachable = Contact.reach.op("&")(int(Reach.SMS)) != 0
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
    matched = Audience.load(campaign.audience).matches(session)
    agreed = (
        select(Standing.contact_id)
        .where(Standing.contact_id == Contact.id, Standing.mask.op("&")(campaign.need) == campaign.need)
        .exists()
    )
    statement = select(Contact.language, func.count()).where(
        matched, agreed, Contact.reach.op("&")(int(Reach.SMS)) != 0
    )
    return dict(session.execute(statement.group_by(Contact.language)).all())


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


def _with_places_below(session: Session, places: tuple[int, ...]) -> list[int]:
    known, fresh = set(places), set(places)
    while fresh:
        fresh = set(session.scalars(select(Place.id).where(Place.parent_id.in_(fresh)))) - known
        known |= fresh
    return sorted(known)
