"""Openings: when a campaign may reach each rhythm of its audience, worked out before it goes."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from campaigns.outreach.audience import rhythms_of
from campaigns.outreach.campaigns import Campaign, Opening
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.people.contacts import Contact
from campaigns.programme.calendars import windows_of_rhythm


class NeverOpen(Exception):
    """Between its start and its end the campaign could reach nobody: no safe hour lies there."""


class WithoutTimes(Exception):
    """The campaign has no start or no end yet."""


def compute_openings(session: Session, campaign: Campaign) -> int:
    """Work out every opening of a campaign anew; returns how many. Raises WithoutTimes."""
    if campaign.starts_at is None or campaign.ends_at is None:
        raise WithoutTimes
    session.execute(delete(Opening).where(Opening.campaign_id == campaign.id))
    openings = [
        Opening(campaign_id=campaign.id, rhythm_id=rhythm, opens_at=window.opens, closes_at=window.closes)
        for rhythm in rhythms_of(session, campaign)
        for window in windows_of_rhythm(session, rhythm, campaign.starts_at, campaign.ends_at)
    ]
    session.add_all(openings)
    session.flush()
    return len(openings)


def openings_of(session: Session, campaign_id: int) -> list[Opening]:
    """The openings of a campaign in order of time."""
    statement = select(Opening).where(Opening.campaign_id == campaign_id)
    return list(session.scalars(statement.order_by(Opening.opens_at, Opening.rhythm_id)))


def move_waiting(session: Session, campaign: Campaign, rhythm_id: int, *, now: datetime) -> int:
    """After a calendar changed: let waiting deliveries of one rhythm be looked at again now; the claim then gives
    each its next opening. Returns how many."""
    of_rhythm = select(Contact.id).where(Contact.id == Delivery.contact_id, Contact.rhythm_id == rhythm_id)
    statement = (
        update(Delivery)
        .where(
            Delivery.campaign_id == campaign.id,
            Delivery.state == int(DeliveryState.QUEUED),
            Delivery.due_at > now,
            of_rhythm.exists(),
        )
        .values(due_at=now)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(statement).all())
