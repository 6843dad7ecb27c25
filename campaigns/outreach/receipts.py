"""Receipts: a carrier's word on a delivery, stored at once without any number, applied in batches."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from campaigns.outreach.deliveries import STAGE_DELIVERED, DeliveryState, Receipt, stage_of
from campaigns.outreach.settle import RECEIPT_WAIT, Change, lock_deliveries, write_changes
from campaigns.outreach.tallies import move_tallies

BATCH = 2_000
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
    now: datetime,
) -> None:
    """Keep a receipt for the next batch: one insert, nothing is looked up. Raises ReceiptNotOurs."""
    if not (0 < delivery_id < 2**62 and 0 <= attempt <= MOST_ATTEMPT):
        raise ReceiptNotOurs
    session.execute(
        insert(Receipt).values(
            delivery_id=delivery_id,
            stage=stage_of(state, attempt),
            state=int(state),
            error=error,
            sid=sid,
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
    changes, moves = [], []
    for row in lock_deliveries(session, set(highest)):
        receipt = highest[row.id]
        grows = receipt.stage > row.stage
        changes.append(
            Change(
                row.id,
                receipt.state if grows else row.state,
                max(receipt.stage, row.stage),
                row.sid or receipt.sid,
                receipt.error if grows else row.error,
                row.due_at,
                _next_doubt(receipt, now) if grows else row.lease_until,
            )
        )
        if grows and receipt.state != row.state:
            moves.append((row.campaign_id, row.step, DeliveryState(row.state), DeliveryState(receipt.state)))
    write_changes(session, changes)
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


def _next_doubt(receipt: Receipt, now: datetime) -> datetime | None:
    return (
        None
        if receipt.stage >= STAGE_DELIVERED or receipt.state != DeliveryState.SENT
        else now + RECEIPT_WAIT
    )
