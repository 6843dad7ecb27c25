"""Rings: what became of the calls of a campaign, phone by phone; counts rows, so for one campaign's page only."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.calling import RANG
from campaigns.outreach.deliveries import Delivery, DeliveryState

WAITING = (DeliveryState.QUEUED, DeliveryState.CLAIMED, DeliveryState.ACCEPTED, DeliveryState.SENT)


@dataclass(frozen=True)
class LastRing:
    """How many phones came to nothing for one reason when last called: some are called again, the others are not."""

    why: int
    again: int
    over: int


@dataclass(frozen=True)
class Rings:
    """All rings so far, those that were heard included; how many heard it, and for how long in all."""

    rings: int
    heard: int
    seconds: int
    nothing: tuple[LastRing, ...]

    @property
    def seconds_each(self) -> int:
        """How long who heard it listened, on average; 0 when nobody did."""
        return round(self.seconds / self.heard) if self.heard else 0


def rings_of(session: Session, campaign_id: int) -> Rings:
    """Count a campaign's calls: by state and by the reason for which the last one came to nothing."""
    rows = session.execute(
        select(
            Delivery.state,
            Delivery.error,
            func.count(),
            func.coalesce(func.sum(Delivery.rings), 0),
            func.coalesce(func.sum(Delivery.seconds), 0),
        )
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.state, Delivery.error)
    ).all()
    heard = rings = seconds = 0
    nothing: dict[int, tuple[int, int]] = {}
    for state, why, phones, rang, on in rows:
        rings += int(rang)
        if state == DeliveryState.DELIVERED:
            heard, rings, seconds = heard + phones, rings + phones, seconds + int(on or 0)
        elif why in RANG:
            again, over = nothing.get(why, (0, 0))
            waits = state in WAITING
            nothing[why] = (again + phones * waits, over + phones * (not waits))
    return Rings(rings, heard, seconds, tuple(LastRing(why, *nothing[why]) for why in RANG if why in nothing))
