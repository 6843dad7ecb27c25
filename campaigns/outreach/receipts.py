"""Receipts: a carrier's word on a delivery, stored at once without any number, applied in batches."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from campaigns.outreach.budget import correct
from campaigns.outreach.calling import RANG, next_ring
from campaigns.outreach.campaigns import Campaign, Means, State
from campaigns.outreach.deliveries import ATTEMPT, STAGE_DELIVERED, DeliveryState, Receipt, stage_of
from campaigns.outreach.settle import RECEIPT_WAIT, Change, Locked, lock_deliveries, unchanged, write_changes
from campaigns.outreach.tallies import Move, move_tallies
from campaigns.people.contacts import Contact
from campaigns.programme.places import Place

BATCH = 2_000
CAME_TO_NOTHING = (DeliveryState.UNDELIVERED, DeliveryState.FAILED)
CALL_IS_OVER = (
    DeliveryState.QUEUED,
    DeliveryState.DELIVERED,
    DeliveryState.UNDELIVERED,
    DeliveryState.FAILED,
    DeliveryState.CANCELLED,
)
MOST_ATTEMPT = 99


class ReceiptNotOurs(Exception):
    """The address of the receipt names no attempt that can exist."""


def store_receipt(
    session: Session,
    *,
    delivery_id: int,
    attempt: int,
    state: DeliveryState,
    error: int | None,
    sid: str | None,
    seconds: int | None = None,
    now: datetime,
) -> None:
    """Keep a receipt for the next batch: one insert, nothing is looked up. `seconds`: how long a call was on.
    Raises ReceiptNotOurs."""
    if not (0 < delivery_id < 2**62 and 0 <= attempt <= MOST_ATTEMPT):
        raise ReceiptNotOurs
    session.execute(
        insert(Receipt).values(
            delivery_id=delivery_id,
            stage=stage_of(state, attempt),
            state=int(state),
            error=error,
            sid=sid,
            seconds=seconds,
            at=now,
        )
    )


def has_waiting(session: Session) -> bool:
    """Whether receipts wait to be applied."""
    return (
        session.scalars(select(Receipt.id).where(Receipt.applied_at.is_(None)).limit(1)).first() is not None
    )


def apply_receipts(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Apply stored receipts in one transaction; returns how many. A stage only grows, in whatever order they come.

    Two workers take different receipts (those that another holds are passed over); deliveries are locked in id
    order; a receipt of a delivery that is gone is applied to nothing.
    """
    receipts = list(
        session.scalars(
            select(Receipt)
            .where(Receipt.applied_at.is_(None))
            .order_by(Receipt.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    highest = _highest_stages(receipts)
    rows = lock_deliveries(session, set(highest))
    calls = _campaigns_of_calls(session, rows)
    changes = [_change(session, row, highest[row.id], calls.get(row.campaign_id), now) for row in rows]
    moves: list[Move] = [
        (row.campaign_id, row.step, DeliveryState(row.state), DeliveryState(change.to_state))
        for row, change in zip(rows, changes, strict=True)
        if change.to_state != row.state
    ]
    write_changes(session, changes)
    _charge_minutes(session, rows, changes, calls, now)
    if receipts:
        session.execute(
            update(Receipt)
            .where(Receipt.id.in_([receipt.id for receipt in receipts]))
            .values(applied_at=now)
            .execution_options(synchronize_session=False)
        )
    move_tallies(session, moves)
    return len(receipts)


def _highest_stages(receipts: list[Receipt]) -> dict[int, Receipt]:
    highest: dict[int, Receipt] = {}
    for receipt in receipts:
        known = highest.get(receipt.delivery_id)
        if known is None or receipt.stage > known.stage:
            highest[receipt.delivery_id] = receipt
    return highest


def _campaigns_of_calls(session: Session, rows: list[Locked]) -> dict[int, Campaign]:
    statement = select(Campaign).where(
        Campaign.id.in_({row.campaign_id for row in rows}), Campaign.channel == int(Means.CALL)
    )
    return {campaign.id: campaign for campaign in session.scalars(statement)}


def _change(
    session: Session, row: Locked, receipt: Receipt, campaign: Campaign | None, now: datetime
) -> Change:
    if receipt.stage <= row.stage:
        return unchanged(row, row.sid or receipt.sid)
    rings = row.rings + (campaign is not None and receipt.error in RANG)
    change = Change(
        row.id,
        receipt.state,
        receipt.stage,
        row.sid or receipt.sid,
        receipt.error,
        row.due_at,
        _next_doubt(receipt, now),
        rings,
        receipt.seconds,
    )
    return _rung_again(session, row, change, campaign, now) if campaign is not None else change


def _charge_minutes(
    session: Session, rows: list[Locked], changes: list[Change], calls: dict[int, Campaign], now: datetime
) -> None:
    """A call was charged for what it should take; once it is over, for what it took: nothing when nobody answered."""
    for row, change in zip(rows, changes, strict=True):
        if row.campaign_id in calls and change.to_stage > row.stage and change.to_state in CALL_IS_OVER:
            minutes = -(-(change.to_seconds or 0) // 60)
            correct(session, calls[row.campaign_id], minutes - row.parts, now=now)


def _rung_again(session: Session, row: Locked, change: Change, campaign: Campaign, now: datetime) -> Change:
    """A call that nobody took waits for its next ring, as a new attempt, while its campaign goes on."""
    attempt = change.to_stage // ATTEMPT
    if change.to_state not in CAME_TO_NOTHING or campaign.state not in (State.RUNNING, State.PAUSED):
        return change
    zone = session.scalars(
        select(Place.zone).join(Contact, Contact.place_id == Place.id).where(Contact.id == row.contact_id)
    ).one()
    due = next_ring(campaign, attempt=attempt, rings=change.to_rings, why=change.to_error, zone=zone, now=now)
    if due is None:
        return change
    queued = DeliveryState.QUEUED
    return replace(
        change,
        to_state=int(queued),
        to_stage=stage_of(queued, attempt + 1),
        to_sid=None,
        to_due_at=due,
        to_lease=None,
    )


def _next_doubt(receipt: Receipt, now: datetime) -> datetime | None:
    return (
        None
        if receipt.stage >= STAGE_DELIVERED or receipt.state != DeliveryState.SENT
        else now + RECEIPT_WAIT
    )
