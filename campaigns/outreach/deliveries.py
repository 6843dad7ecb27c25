"""Deliveries: one contact's copy of a campaign, the states it goes through, and what a carrier said of it."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.outreach.campaigns import Campaign
from campaigns.people.contacts import Contact
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant


class DeliveryState(IntEnum):
    """What is known of a delivery. Waiting is `queued` with a due time; pauses are facts of campaigns, not of rows."""

    QUEUED = 0
    CLAIMED = 1
    ACCEPTED = 2
    SENT = 3
    DELIVERED = 4
    UNDELIVERED = 5
    FAILED = 6
    UNKNOWN = 7
    MISSED = 8
    WITHHELD = 9
    CANCELLED = 10


ATTEMPT = 10  # stage = 10 × attempt + rank: one integer that only grows
RANK_CLAIMED, RANK_UNKNOWN, RANK_ACCEPTED, RANK_SENT, RANK_FINAL = 1, 2, 3, 4, 5
STAGE_DELIVERED = 1_000  # above every attempt: a late "delivered" of the first stops the second

FINAL_STATES = (
    DeliveryState.DELIVERED,
    DeliveryState.UNDELIVERED,
    DeliveryState.FAILED,
    DeliveryState.MISSED,
    DeliveryState.WITHHELD,
    DeliveryState.CANCELLED,
)

RANKS = {
    DeliveryState.QUEUED: 0,
    DeliveryState.CLAIMED: RANK_CLAIMED,
    DeliveryState.UNKNOWN: RANK_UNKNOWN,
    DeliveryState.ACCEPTED: RANK_ACCEPTED,
    DeliveryState.SENT: RANK_SENT,
    **dict.fromkeys(FINAL_STATES, RANK_FINAL),
}


def stage_of(state: DeliveryState, attempt: int) -> int:
    """The one growing integer of a state within an attempt; `delivered` stands above all attempts."""
    return STAGE_DELIVERED if state is DeliveryState.DELIVERED else ATTEMPT * attempt + RANKS[state]


class Delivery(Base):
    """One contact's copy of a campaign. At most one row for each contact and step, for ever."""

    __tablename__ = "delivery"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(BigId, ForeignKey(Campaign.id))
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey(Contact.id, ondelete="CASCADE"))
    step: Mapped[int] = mapped_column(BigId)
    line_id: Mapped[int] = mapped_column(BigId)
    wording_id: Mapped[int] = mapped_column(BigId)
    language: Mapped[str] = mapped_column(String(12))
    parts: Mapped[int]
    state: Mapped[int]
    stage: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Instant)
    claim_id: Mapped[int | None] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    # Claimed, unknown: when the sweep may doubt it. Accepted, sent: when a lost receipt is asked for.
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    absent_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    sid: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[int | None]
    rings: Mapped[int] = mapped_column(default=0)  # calls: attempts that rang, of those the plan allows
    seconds: Mapped[int | None]  # calls: how long the last one was on
    training: Mapped[bool] = mapped_column(Boolean)
    __table_args__ = (
        UniqueConstraint("campaign_id", "contact_id", "step"),
        Index(
            "ix_delivery_due",
            "campaign_id",
            "due_at",
            "id",
            sqlite_where=text("state = 0"),
            postgresql_where=text("state = 0"),
        ),
        Index(
            "ix_delivery_lease",
            "lease_until",
            sqlite_where=text("state IN (1, 2, 3, 7)"),
            postgresql_where=text("state IN (1, 2, 3, 7)"),
        ),
        Index(None, "contact_id"),
        # An id is never given twice: a late receipt must not reach another row.
        {"sqlite_autoincrement": True},
    )


class Receipt(Base):
    """A carrier's word on a delivery, stored at once and applied in batches: never From, To or Body."""

    __tablename__ = "receipt"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(BigId)
    stage: Mapped[int]
    state: Mapped[int]
    error: Mapped[int | None]
    sid: Mapped[str | None] = mapped_column(String(64))
    seconds: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        Index(
            "ix_receipt_waiting",
            "id",
            sqlite_where=text("applied_at IS NULL"),
            postgresql_where=text("applied_at IS NULL"),
        ),
    )
