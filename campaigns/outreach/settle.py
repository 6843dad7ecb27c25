"""Settling: what became of hand-overs, written in bulk; states and stages only grow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from campaigns.outreach.budget import give_back
from campaigns.outreach.campaigns import Campaign, Kind, Means, State
from campaigns.outreach.deliveries import (
    STAGE_DELIVERED,
    Delivery,
    DeliveryState,
    stage_of,
)
from campaigns.outreach.tallies import move_tallies

MOST_ATTEMPTS = 5
FIRST_WAIT = timedelta(minutes=1)  # before a second attempt; doubles with each further one
NOT_TAKEN = (DeliveryState.QUEUED, DeliveryState.WITHHELD, DeliveryState.FAILED)
RECEIPT_WAIT = timedelta(minutes=5)  # then the carrier is asked what became of it


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt.

    `state` is the delivery's new state. `QUEUED` with `again=True` is a next attempt (later), without it the same
    attempt goes back unused. `CLAIMED` is never an outcome.
    """

    delivery_id: int
    attempt: int
    state: DeliveryState
    sid: str | None = None
    error: int | None = None
    again: bool = False
    due_at: datetime | None = None


def settle(session: Session, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write what became of hand-overs. The carrier's id is always kept; a receipt that came first is not undone.

    Rows are locked in id order first, so that settling and receipts never wait for each other crosswise.
    """
    by_id = {outcome.delivery_id: outcome for outcome in outcomes}
    rows = lock_deliveries(session, by_id)
    changes, moves = [], []
    not_taken: Counter[int] = Counter()
    for row in rows:
        outcome = by_id[row.id]
        change = _change(row, outcome, now)
        changes.append(change)
        if change.to_state != row.state:
            if change.to_state in NOT_TAKEN and change.to_sid is None:
                not_taken[row.campaign_id] += row.parts
            moves.append(
                (row.campaign_id, row.step, DeliveryState(row.state), DeliveryState(change.to_state))
            )
    write_changes(session, changes)
    for campaign_id, parts in sorted(not_taken.items()):
        give_back(session, session.get_one(Campaign, campaign_id), parts, now=now)
    move_tallies(session, moves)


@dataclass(frozen=True)
class Change:
    """The columns of one delivery as they are to be."""

    row_id: int
    to_state: int
    to_stage: int
    to_sid: str | None
    to_error: int | None
    to_due_at: datetime
    to_lease: datetime | None
    to_rings: int
    to_seconds: int | None


@dataclass(frozen=True)
class Locked:
    """A delivery as it stands, held by this transaction."""

    id: int
    campaign_id: int
    step: int
    state: int
    stage: int
    sid: str | None
    error: int | None
    due_at: datetime
    lease_until: datetime | None
    parts: int
    contact_id: int
    rings: int
    seconds: int | None


def lock_deliveries(session: Session, ids: Sequence[int] | dict[int, Outcome] | set[int]) -> list[Locked]:
    """Hold these rows until the transaction ends, taken in id order."""
    statement = (
        select(
            Delivery.id,
            Delivery.campaign_id,
            Delivery.step,
            Delivery.state,
            Delivery.stage,
            Delivery.sid,
            Delivery.error,
            Delivery.due_at,
            Delivery.lease_until,
            Delivery.parts,
            Delivery.contact_id,
            Delivery.rings,
            Delivery.seconds,
        )
        .where(Delivery.id.in_(sorted(ids)))
        .order_by(Delivery.id)
        .with_for_update()
    )
    return [Locked(**row._mapping) for row in session.execute(statement)]


_CHANGE = (
    update(Delivery)
    .where(Delivery.id == bindparam("row_id"))
    .values(
        state=bindparam("to_state"),
        stage=bindparam("to_stage"),
        sid=bindparam("to_sid"),
        error=bindparam("to_error"),
        due_at=bindparam("to_due_at"),
        lease_until=bindparam("to_lease"),
        rings=bindparam("to_rings"),
        seconds=bindparam("to_seconds"),
    )
    .execution_options(synchronize_session=False)
)


def write_changes(session: Session, changes: Sequence[Change]) -> None:
    """Write rows that this transaction holds."""
    if changes:
        session.connection().execute(_CHANGE, [vars(change) for change in changes])


def _change(row: Locked, outcome: Outcome, now: datetime) -> Change:
    sid = outcome.sid or row.sid
    stage = stage_of(outcome.state, outcome.attempt + (1 if outcome.again else 0))
    goes_back = (
        outcome.state is DeliveryState.QUEUED and not outcome.again and row.state == DeliveryState.CLAIMED
    )
    if row.stage >= STAGE_DELIVERED or (stage <= row.stage and not goes_back):
        # Something later is known already.
        return unchanged(row, sid)
    return Change(
        row.id,
        int(outcome.state),
        max(stage, row.stage),
        sid,
        outcome.error,
        outcome.due_at or row.due_at,
        _doubt_at(outcome.state, now),
        row.rings,
        row.seconds,
    )


def unchanged(row: Locked, sid: str | None) -> Change:
    """A row that stays as it is; the carrier's id is kept all the same."""
    return Change(
        row.id, row.state, row.stage, sid, row.error, row.due_at, row.lease_until, row.rings, row.seconds
    )


def _doubt_at(state: DeliveryState, now: datetime) -> datetime | None:
    if state is DeliveryState.UNKNOWN:
        return now
    if state in (DeliveryState.ACCEPTED, DeliveryState.SENT):
        return now + RECEIPT_WAIT
    return None


def wait_before(attempt: int) -> timedelta:
    """How long the attempt after `attempt` (counted from 0) waits."""
    return FIRST_WAIT * (1 << attempt)


def may_try_again(attempt: int) -> bool:
    """Whether an attempt after this one (counted from 0) is allowed."""
    return attempt + 1 < MOST_ATTEMPTS


def finish_done(session: Session, *, now: datetime) -> list[int]:
    """Close running broadcasts that have nothing left to hand over; returns their ids. Receipts still count after."""
    waiting = (
        select(Delivery.id)
        .where(
            Delivery.campaign_id == Campaign.id,
            or_(
                Delivery.state.in_((DeliveryState.QUEUED, DeliveryState.CLAIMED)),
                # The carrier is being asked: it may yet get a next attempt.
                and_(Delivery.state == DeliveryState.UNKNOWN, Delivery.lease_until.is_not(None)),
                # A phone that rings may have to be rung once more.
                and_(
                    Campaign.channel == Means.CALL,
                    Delivery.state.in_((DeliveryState.ACCEPTED, DeliveryState.SENT)),
                    Delivery.lease_until.is_not(None),
                ),
            ),
        )
        .exists()
    )
    statement = (
        update(Campaign)
        .where(
            Campaign.state == State.RUNNING, Campaign.kind == Kind.BROADCAST, Campaign.launch_done, ~waiting
        )
        .values(state=int(State.FINISHED), finished_at=now)
        .returning(Campaign.id)
        .execution_options(synchronize_session=False)
    )
    return list(session.scalars(statement))
