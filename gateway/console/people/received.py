"""What was sent to a phone last: campaigns only. Answers are left out: they would say what she wrote about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, Kind
from campaigns.outreach.deliveries import Delivery, DeliveryState
from gateway.console.words import _

LAST = 5


@dataclass(frozen=True)
class Received:
    """One message: its campaign, when it was handed over (or is due), and what became of it."""

    campaign_id: int
    name: str
    at: datetime
    words: str
    icon: str
    tint: str | None


def last_received(session: Session, contact_id: int) -> list[Received]:
    """The last few messages of campaigns to this phone, newest first."""
    at = func.coalesce(Delivery.claimed_at, Delivery.due_at)
    rows = session.execute(
        select(Campaign.id, Campaign.name, Delivery.claimed_at, Delivery.due_at, Delivery.state)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.contact_id == contact_id, Campaign.kind == int(Kind.BROADCAST))
        .order_by(at.desc(), Delivery.id.desc())
        .limit(LAST)
    )
    return [
        Received(row.id, row.name, row.claimed_at or row.due_at, *_chip(DeliveryState(row.state)))
        for row in rows
    ]


def _chip(state: DeliveryState) -> tuple[str, str, str | None]:
    on_the_way = (_("on the way"), "send", "peacock")
    return {
        DeliveryState.QUEUED: (_("to go"), "clock", None),
        DeliveryState.CLAIMED: on_the_way,
        DeliveryState.ACCEPTED: on_the_way,
        DeliveryState.SENT: on_the_way,
        DeliveryState.DELIVERED: (_("her phone has it"), "check", "willow"),
        DeliveryState.UNDELIVERED: (_("did not reach her"), "warning", "madder"),
        DeliveryState.FAILED: (_("did not reach her"), "warning", "madder"),
        DeliveryState.UNKNOWN: (_("not known yet"), "info", "apricot"),
        DeliveryState.MISSED: (_("its hours passed"), "clock", "apricot"),
        DeliveryState.WITHHELD: (_("left out: she no longer agreed"), "minus", None),
        DeliveryState.CANCELLED: (_("cancelled"), "cross", None),
    }[state]
