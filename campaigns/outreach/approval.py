"""Approval: a second person says yes to exactly what was shown, up to a ceiling of people and money."""

import math
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.outreach.budget import WHOLE, campaign_scope, open_budget
from campaigns.outreach.campaigns import Campaign, State, require_state
from campaigns.outreach.checks import Found, cost_of, findings
from campaigns.outreach.drafting import ACT, content_hash
from campaigns.outreach.openings import NeverOpen, compute_openings
from campaigns.programme.programme import the_programme
from campaigns.staff import audit, second_person
from campaigns.staff.actor import Actor, Permission
from campaigns.staff.second_person import ContentChanged, Verdict
from campaigns.storage.engine import gate_exclusive

# People join between writing and sending: room for a tenth more, so that one JOIN does not void an approval, and
# an import of thousands does.
ROOM = 1.1


class NotReady(Exception):
    """The draft has findings that must be mended first."""

    def __init__(self, found: list[Found]) -> None:
        """Keep what was found, for the page."""
        super().__init__(", ".join(finding.finding for finding in found))
        self.found = found


def ceiling(count: int) -> int:
    """The most that an approval of `count` allows."""
    return math.ceil(count * ROOM)


def submit(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> Campaign:
    """Ask a second person. Fixes the ceilings of people and money. Raises NotReady, WrongState, NotPermitted."""
    actor.require(Permission.WRITE_CAMPAIGNS)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.DRAFT)
    found = findings(session, campaign, now=now)
    if found:
        raise NotReady(found)
    cost = cost_of(session, campaign, now=now)
    campaign.ceiling_people = ceiling(cost.people)
    campaign.ceiling_micros = ceiling(cost.micros)
    session.flush()
    campaign.content_hash = content_hash(session, campaign)
    campaign.state = int(State.SUBMITTED)
    training = the_programme(session).training
    second_person.ask(session, actor, ACT, campaign.id, campaign.content_hash, training=training, now=now)
    audit.record(session, actor, "campaign.submitted", f"campaign:{campaign.id}", now=now)
    session.flush()
    return campaign


def approve(session: Session, actor: Actor, campaign_id: int, seen_hash: bytes, *, now: datetime) -> Campaign:
    """Say yes to what was seen: from now on it is scheduled, and launches at its start.

    Raises ContentChanged (it is not what the person saw), SamePerson, NothingAsked, NeverOpen, WrongState.
    """
    actor.require(Permission.APPROVE_CAMPAIGNS)
    gate_exclusive(session)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.SUBMITTED)
    if content_hash(session, campaign) != seen_hash:
        raise ContentChanged
    second_person.decide(session, actor, ACT, campaign.id, seen_hash=seen_hash, verdict=Verdict.YES, now=now)
    if compute_openings(session, campaign) == 0:
        raise NeverOpen
    open_budget(session, campaign_scope(campaign.id), WHOLE, campaign.ceiling_micros or 0)
    campaign.approved_hash = campaign.content_hash
    campaign.state = int(State.SCHEDULED)
    audit.record(session, actor, "campaign.approved", f"campaign:{campaign.id}", now=now)
    session.flush()
    return campaign


def send_back(
    session: Session, actor: Actor, campaign_id: int, seen_hash: bytes, note: str, *, now: datetime
) -> Campaign:
    """Give it back to its writer with a note; it is a draft again. Raises as `approve` does."""
    actor.require(Permission.APPROVE_CAMPAIGNS)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.SUBMITTED)
    second_person.decide(
        session,
        actor,
        ACT,
        campaign.id,
        seen_hash=seen_hash,
        verdict=Verdict.SENT_BACK,
        now=now,
        note=note,
    )
    campaign.state = int(State.DRAFT)
    campaign.ceiling_people = campaign.ceiling_micros = None
    session.flush()
    campaign.content_hash = content_hash(session, campaign)
    audit.record(session, actor, "campaign.sent_back", f"campaign:{campaign.id}", now=now)
    session.flush()
    return campaign
