"""The sweep: deliveries whose fate is in doubt are settled by what the carrier says, never by sending again blindly.

A row is in doubt when its lease ran out (the sender died, or no answer came) or when no receipt came for long.
Found at the carrier: settled. Absent twice over ten minutes: its next attempt. Cannot be asked: `unknown`, listed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Campaign, Means, Wording
from campaigns.outreach.deliveries import ATTEMPT, Delivery, DeliveryState
from campaigns.outreach.receipts import store_receipt
from campaigns.outreach.settle import RECEIPT_WAIT, Outcome, settle
from campaigns.people.contacts import Contact, number_of
from campaigns.programme.lines import Can, Line
from campaigns.storage.vault import Vault

BATCH = 1_000
NO_BODY = b""
ABSENT_AFTER = timedelta(minutes=10)  # between two looks that do not find it, before it is sent again
MOST_ABSENCES = 20  # attempts that came to nothing; then something else is wrong, and a person looks
BEFORE_CLAIM = timedelta(minutes=1)  # clocks differ: how much earlier than our claim the carrier may date it
RECEIPTS_FOR = timedelta(hours=24)  # afterwards a missing receipt is no longer asked for


@dataclass(frozen=True)
class Doubt:
    """One delivery in doubt, with what it takes to know it among the carrier's messages."""

    delivery_id: int
    attempt: int
    state: DeliveryState
    line_id: int
    claimed_at: datetime
    absent_at: datetime | None
    sid: str | None
    e164: str = field(repr=False)
    body_hash: bytes  # of a call: nothing
    means: Means = Means.TEXT


@dataclass(frozen=True)
class Seen:
    """One message or call as the carrier lists it."""

    sid: str
    e164: str = field(repr=False)
    body_hash: bytes
    at: datetime
    state: DeliveryState
    error: int | None
    seconds: int | None = None


def has_doubts(session: Session, *, now: datetime) -> bool:
    """Whether some lease ran out."""
    return session.scalars(_in_doubt(now).with_only_columns(Delivery.id).limit(1)).first() is not None


def doubts(session: Session, vault: Vault, *, now: datetime) -> list[Doubt]:
    """Deliveries whose lease ran out, oldest claim first; at most 1,000."""
    statement = (
        _in_doubt(now)
        .with_only_columns(Delivery, Contact, Wording.body, Campaign.channel)
        .join(Contact, Contact.id == Delivery.contact_id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Wording, Wording.id == Delivery.wording_id)
        .order_by(Delivery.claimed_at, Delivery.id)
        .limit(BATCH)
    )
    return [
        Doubt(
            row.id,
            row.stage // ATTEMPT,
            DeliveryState(row.state),
            row.line_id,
            row.claimed_at or now,
            row.absent_at,
            row.sid,
            number_of(vault, contact).e164,
            hashlib.sha256(body.encode()).digest() if channel == Means.TEXT else NO_BODY,
            Means(channel),
        )
        for row, contact, body, channel in session.execute(statement)
    ]


def resolve(
    session: Session,
    found_in_doubt: Iterable[Doubt],
    seen: Iterable[Seen],
    *,
    now: datetime,
    absent_after: timedelta = ABSENT_AFTER,
) -> None:
    """Settle what the carrier's list tells; put off, or give a next attempt to, what it does not show."""
    in_doubt = list(found_in_doubt)
    listed = list(seen)
    by_sid = {message.sid: message for message in listed}
    free = _unclaimed_messages(session, listed)
    outcomes = []
    for doubt in in_doubt:
        message = by_sid.get(doubt.sid) if doubt.sid else _first_fitting(free, doubt)
        if message is not None and doubt.means is Means.CALL:
            _tell_of_call(session, doubt, message, now)
        elif message is not None:
            outcomes.append(
                Outcome(doubt.delivery_id, doubt.attempt, message.state, sid=message.sid, error=message.error)
            )
        elif doubt.state in (DeliveryState.ACCEPTED, DeliveryState.SENT):
            _ask_again_later(session, doubt, now)
        elif doubt.absent_at is None or now < doubt.absent_at + absent_after:
            _note_absence(session, doubt, now, absent_after)
        else:
            outcomes.append(_next_attempt(doubt, now))
    settle(session, outcomes, now=now)
    for doubt in in_doubt:
        if doubt.sid and doubt.sid in by_sid:
            _ask_again_later(session, doubt, now)


def give_up_asking(session: Session, found_in_doubt: Iterable[Doubt], *, now: datetime) -> None:
    """For a carrier that cannot be asked: the deliveries are `unknown`, listed, and a person decides."""
    in_doubt = list(found_in_doubt)
    outcomes = [
        Outcome(doubt.delivery_id, doubt.attempt, DeliveryState.UNKNOWN)
        for doubt in in_doubt
        if doubt.state is DeliveryState.CLAIMED
    ]
    settle(session, outcomes, now=now)
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_([doubt.delivery_id for doubt in in_doubt]))
        .values(lease_until=None)
        .execution_options(synchronize_session=False)
    )


def can_be_asked(session: Session, line_id: int) -> bool:
    """Whether the carrier of a line says what became of a message."""
    return Can.ASKED in session.get_one(Line, line_id).abilities


def _in_doubt(now: datetime) -> Select[Delivery]:
    return select(Delivery).where(
        Delivery.state.in_((1, 2, 3, 7)), Delivery.lease_until.is_not(None), Delivery.lease_until <= now
    )


def _unclaimed_messages(session: Session, listed: list[Seen]) -> dict[tuple[str, bytes], list[Seen]]:
    known: set[str | None] = set()
    sids = [message.sid for message in listed]
    for start in range(0, len(sids), BATCH):
        known |= set(
            session.scalars(select(Delivery.sid).where(Delivery.sid.in_(sids[start : start + BATCH])))
        )
    free: dict[tuple[str, bytes], list[Seen]] = defaultdict(list)
    for message in sorted(listed, key=lambda message: message.at):
        if message.sid not in known:
            free[message.e164, message.body_hash].append(message)
    return free


def _first_fitting(free: dict[tuple[str, bytes], list[Seen]], doubt: Doubt) -> Seen | None:
    waiting = free.get((doubt.e164, doubt.body_hash), [])
    for message in waiting:
        if message.at >= doubt.claimed_at - BEFORE_CLAIM:
            waiting.remove(message)
            return message
    return None


def _tell_of_call(session: Session, doubt: Doubt, call: Seen, now: datetime) -> None:
    """As if the carrier's word had come by itself: what nobody answered gets its next ring where words are applied."""
    store_receipt(
        session,
        delivery_id=doubt.delivery_id,
        attempt=doubt.attempt,
        state=call.state,
        error=call.error,
        sid=call.sid,
        seconds=call.seconds,
        now=now,
    )
    _ask_again_later(session, doubt, now)


def _note_absence(session: Session, doubt: Doubt, now: datetime, absent_after: timedelta) -> None:
    if doubt.state is DeliveryState.CLAIMED:
        settle(session, [Outcome(doubt.delivery_id, doubt.attempt, DeliveryState.UNKNOWN)], now=now)
    first = doubt.absent_at or now
    _set(session, doubt, absent_at=first, lease_until=first + absent_after)


def _ask_again_later(session: Session, doubt: Doubt, now: datetime) -> None:
    age = now - doubt.claimed_at
    _set(session, doubt, lease_until=now + max(RECEIPT_WAIT, age) if age < RECEIPTS_FOR else None)


def _next_attempt(doubt: Doubt, now: datetime) -> Outcome:
    # The carrier says it never had it, so no number of these can give it to her twice.
    if doubt.attempt < MOST_ABSENCES:
        return Outcome(doubt.delivery_id, doubt.attempt, DeliveryState.QUEUED, again=True, due_at=now)
    return Outcome(doubt.delivery_id, doubt.attempt, DeliveryState.FAILED)


def _set(session: Session, doubt: Doubt, **values: datetime | None) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id == doubt.delivery_id, Delivery.stage // ATTEMPT == doubt.attempt)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
