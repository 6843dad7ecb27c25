"""Calling out: how many calls a line has on, what a ring that nobody answered leads to, and when it rings next.

A phone is rung at most `max_rings` times in the plan of a campaign, by default three times over two days and three
parts of the day (voice.md R25: of those who answer at all, three rings reach three quarters). A network that was
busy or failed is tried again sooner and is not counted as a ring, five times at most.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, Kind, Means, Wording
from campaigns.outreach.deliveries import Delivery, DeliveryState

BUSY_FOR = timedelta(minutes=1)  # a phone with a call of ours on is not called by another campaign
RING_SECONDS = 40
LONGEST_CALL_SECONDS = 20 * 60  # voice.md R17: what one call may cost, whoever holds the phone
LEAST_GAP = timedelta(minutes=30)
PARTS_OF_DAY = (time(9), time(13), time(17))  # in the phone's place; the safe hours decide within them
MOST_TECHNICAL = 5
CALL_BACK_AGAIN = timedelta(minutes=5)
# Why a call came to nothing, as `error` of a delivery; the carrier's own codes are five digits long.
BUSY, NO_ANSWER, MACHINE, CONGESTED, HARDLY_HEARD = 1, 2, 3, 4, 5
RANG = (BUSY, NO_ANSWER, MACHINE, HARDLY_HEARD)
ON_THE_WAY = (DeliveryState.CLAIMED, DeliveryState.ACCEPTED, DeliveryState.SENT)


@dataclass(frozen=True)
class CallMessage:
    """What a call of ours says: its recording, none in a call-back, and the script of it."""

    language: str
    text: str = field(repr=False)
    blob: bytes | None
    milliseconds: int


def what_is_said(session: Session, delivery_id: int) -> CallMessage | None:
    """What the call of this delivery says once it is answered; None when there is no such delivery any more."""
    row = session.execute(
        select(Delivery.language, Wording.body, Wording.blob, Wording.milliseconds)
        .join(Wording, Wording.id == Delivery.wording_id)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    return CallMessage(row.language, row.body, row.blob, row.milliseconds or 0) if row else None


def calls_in_progress(session: Session, line_id: int, kind: Kind | None = None) -> int:
    """How many calls of ours a line has on or is about to make: all, or of one kind (call-backs are answers)."""
    statement = (
        select(func.count())
        .select_from(Delivery)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Campaign.line_id == line_id,
            Campaign.channel == int(Means.CALL),
            Delivery.state.in_([int(state) for state in ON_THE_WAY]),
            Delivery.lease_until.is_not(None),
        )
    )
    if kind is not None:
        statement = statement.where(Campaign.kind == int(kind))
    return session.scalars(statement).one()


def next_ring(
    campaign: Campaign, *, attempt: int, rings: int, why: int | None, zone: str, now: datetime
) -> datetime | None:
    """When a phone is rung again after this attempt (counted from 0) came to nothing; None when it is not.

    `rings` counts the ones that rang, this one included. A call-back has one more ring after five minutes: later
    another may hold the phone (voice.md R29). The claim moves what is due at a closed hour to the next opening.
    """
    if why not in RANG:
        if why != CONGESTED or attempt + 1 - rings > MOST_TECHNICAL:
            return None
        return now + CALL_BACK_AGAIN * (attempt + 1 - rings)
    if rings >= campaign.max_rings:
        return None
    if campaign.kind == Kind.ANSWERS:
        return now + CALL_BACK_AGAIN
    return _later_part_of_day(now.astimezone(ZoneInfo(zone)), rings)


def _later_part_of_day(local: datetime, rings: int) -> datetime:
    """The next part of the day, at least half an hour away; after two rings on one day, on the next day."""
    begins = [
        datetime.combine(local.date() + timedelta(days=day), part, local.tzinfo)
        for day in range(3)
        for part in PARTS_OF_DAY
    ]
    place = next(n for n, moment in enumerate(begins) if moment >= local + LEAST_GAP)
    rang_before_today = local.time() < PARTS_OF_DAY[1]
    if rings >= 2 and begins[place].date() == local.date() and not rang_before_today:
        place += len(PARTS_OF_DAY)
    spread = timedelta(minutes=random.uniform(0, 60))  # noqa: S311 - spreads load, hides nothing
    return begins[place] + spread
