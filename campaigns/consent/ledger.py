"""The ledger: events sealed into blocks by the clock, so that no writer waits for a chain, and none can be altered.

`hash_n = SHA-256(0x02 ‖ previous ‖ n ‖ count ‖ digests)`, `mac = HMAC(chain key, hash_n)`. Without the head known
outside, a cut tail would not show: two trustees keep (n, hash).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import cast

from sqlalchemy import LargeBinary, UniqueConstraint, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.consent.events import (
    ConsentDetail,
    ConsentEvent,
    ConsentUnsealed,
    Event,
    Standing,
    commitment,
    digest_of,
    number_in,
)
from campaigns.consent.standing import fold
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant
from campaigns.storage.vault import BoxDamaged, Vault

GENESIS = bytes(32)
BLOCK_EVENTS = 2_000
LATE = timedelta(minutes=1)


class LedgerBlock(Base):
    """One block: how many events, and the hash that ties it to all before."""

    __tablename__ = "ledger_block"
    n: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    count: Mapped[int]
    prev: Mapped[bytes] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerEntry(Base):
    """The seat of one event in a block."""

    __tablename__ = "ledger_entry"
    event_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigId)
    seat: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    __table_args__ = (UniqueConstraint("block", "seat"),)


@dataclass(frozen=True)
class Head:
    """The last block: what a trustee keeps outside."""

    n: int
    hash: bytes


@dataclass(frozen=True)
class Verdict:
    """What verification found; `fault` names the first bad event or block in plain words, None when all is well."""

    events: int
    blocks: int
    unsealed: int
    head: Head | None
    fault: str | None


def seal_events(session: Session, vault: Vault, *, now: datetime) -> int:
    """Put the events that wait into one block; returns how many. Two clocks collide on the block's number: one
    of them gets an IntegrityError and its transaction is to be rolled back."""
    waiting = list(
        session.scalars(
            select(ConsentEvent)
            .join(ConsentUnsealed, ConsentUnsealed.event_id == ConsentEvent.id)
            .order_by(ConsentEvent.id)
            .limit(BLOCK_EVENTS)
        )
    )
    if not waiting:
        return 0
    last = head(session)
    n, prev = (last.n + 1, last.hash) if last else (1, GENESIS)
    digests = [digest_of(event) for event in waiting]
    block_hash = hash_of_block(prev, n, digests)
    session.add(
        LedgerBlock(
            n=n, at=now, count=len(waiting), prev=prev, hash=block_hash, mac=vault.chain_mac(block_hash)
        )
    )
    session.add_all(
        LedgerEntry(event_id=event.id, block=n, seat=seat, digest=digest)
        for seat, (event, digest) in enumerate(zip(waiting, digests, strict=True))
    )
    session.flush()
    session.execute(
        delete(ConsentUnsealed).where(ConsentUnsealed.event_id.in_([event.id for event in waiting]))
    )
    return len(waiting)


def hash_of_block(prev: bytes, n: int, digests: list[bytes]) -> bytes:
    """SHA-256(0x02 ‖ prev ‖ n ‖ count ‖ digests), numbers as eight bytes."""
    return hashlib.sha256(
        b"\x02" + prev + n.to_bytes(8, "big") + len(digests).to_bytes(8, "big") + b"".join(digests)
    ).digest()


def head(session: Session) -> Head | None:
    """The newest block, or None when nothing was sealed yet."""
    row = session.execute(
        select(LedgerBlock.n, LedgerBlock.hash).order_by(LedgerBlock.n.desc()).limit(1)
    ).first()
    return Head(row.n, row.hash) if row else None


def has_unsealed(session: Session) -> bool:
    """Whether events wait for a block."""
    return session.scalars(select(ConsentUnsealed.event_id).limit(1)).first() is not None


def unsealed_too_long(session: Session, *, now: datetime) -> bool:
    """Whether some event has waited for a block over a minute: the clock is not at work."""
    oldest = session.scalars(
        select(func.min(ConsentEvent.at)).join(ConsentUnsealed, ConsentUnsealed.event_id == ConsentEvent.id)
    ).one()
    return oldest is not None and oldest < now - LATE


def verify(session: Session, vault: Vault, trusted: Head | None = None) -> Verdict:
    """Check every block, every event and every standing against each other, and the head a trustee kept."""
    last = head(session)
    count = session.scalars(select(func.count()).select_from(ConsentEvent)).one()
    unsealed = session.scalars(select(func.count()).select_from(ConsentUnsealed)).one()
    fault = next(_faults(session, vault, trusted), None)
    return Verdict(count, last.n if last else 0, unsealed, last, fault)


def _faults(session: Session, vault: Vault, trusted: Head | None) -> Iterator[str]:
    yield from _faults_in_blocks(session, vault, trusted)
    yield from _faults_in_events(session)
    yield from _faults_in_details(session, vault)
    yield from _faults_in_standing(session)


def _faults_in_blocks(session: Session, vault: Vault, trusted: Head | None) -> Iterator[str]:
    prev, number = GENESIS, 0
    for block in session.scalars(select(LedgerBlock).order_by(LedgerBlock.n)):
        number += 1
        seats = session.execute(
            select(LedgerEntry.seat, LedgerEntry.digest)
            .where(LedgerEntry.block == block.n)
            .order_by(LedgerEntry.seat)
        ).all()
        digests = [digest for _, digest in seats]
        if block.n != number:
            yield f"block {number} is missing"
        if (
            [seat for seat, _ in seats] != list(range(block.count))
            or block.prev != prev
            or hash_of_block(prev, block.n, digests) != block.hash
        ):
            yield f"block {block.n} does not follow from the blocks and events before it"
        if vault.chain_mac(block.hash) != block.mac:
            yield f"block {block.n} was not sealed with this installation's key"
        if trusted and trusted.n == block.n and trusted.hash != block.hash:
            yield f"block {block.n} is not the one that the trustees know"
        prev = block.hash
    if trusted and trusted.n > number:
        yield f"the ledger ends at block {number}, but the trustees know block {trusted.n}"


def _faults_in_events(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(ConsentEvent, LedgerEntry, ConsentUnsealed.event_id)
        .outerjoin(LedgerEntry, LedgerEntry.event_id == ConsentEvent.id)
        .outerjoin(ConsentUnsealed, ConsentUnsealed.event_id == ConsentEvent.id)
        .order_by(ConsentEvent.id)
        .execution_options(yield_per=1_000)
    )
    for event, seat, waiting in rows:
        # Outer joins: the types of the columns do not say that a row may be missing.
        entry, unsealed = cast(LedgerEntry | None, seat), cast(int | None, waiting)
        if entry is None and unsealed is None:
            yield f"event {event.id} is in no block"
        if entry is not None and entry.digest != digest_of(event):
            yield f"event {event.id} is not what was sealed in block {entry.block}, seat {entry.seat}"
        if entry is not None and unsealed is not None:
            yield f"event {event.id} is in block {entry.block} and waits for a block as well"
    orphan = session.execute(
        select(LedgerEntry.event_id, LedgerEntry.block, LedgerEntry.seat)
        .outerjoin(ConsentEvent, ConsentEvent.id == LedgerEntry.event_id)
        .where(ConsentEvent.id.is_(None))
        .order_by(LedgerEntry.event_id)
        .limit(1)
    ).first()
    if orphan is not None:
        yield f"event {orphan.event_id}, sealed in block {orphan.block}, seat {orphan.seat}, is gone"
    unknown = session.scalars(
        select(LedgerEntry.event_id)
        .outerjoin(LedgerBlock, LedgerBlock.n == LedgerEntry.block)
        .where(LedgerBlock.n.is_(None))
        .limit(1)
    ).first()
    if unknown is not None:
        yield f"event {unknown} sits in a block that is gone"


def _faults_in_details(session: Session, vault: Vault) -> Iterator[str]:
    """Each event has its sealed half, unless its subject was erased, and it is the half that the event commits to."""
    erased = select(ConsentEvent.subject).where(ConsentEvent.event == int(Event.ERASED))
    rows = session.execute(
        select(ConsentEvent.id, ConsentEvent.subject, ConsentEvent.commit, ConsentDetail)
        .outerjoin(ConsentDetail, ConsentDetail.event_id == ConsentEvent.id)
        .where(ConsentDetail.event_id.is_not(None) | ConsentEvent.subject.not_in(erased))
        .order_by(ConsentEvent.id)
        .execution_options(yield_per=1_000)
    )
    for event_id, subject, commit, half in rows:
        detail = cast(ConsentDetail | None, half)
        if detail is None:
            yield f"the sealed half of event {event_id} is gone"
        elif detail.subject != subject or not _opens_to(vault, detail, commit):
            yield f"the sealed half of event {event_id} is not the one it was written with"


def _opens_to(vault: Vault, detail: ConsentDetail, commit: bytes) -> bool:
    try:
        number = number_in(vault, detail)
    except BoxDamaged:
        return False
    return commitment(detail.salt, number) == commit


def _faults_in_standing(session: Session) -> Iterator[str]:
    """In one statement, so that nothing that happens meanwhile looks like a fault."""
    rows = session.execute(
        select(Standing, ConsentEvent)
        .outerjoin(ConsentEvent, ConsentEvent.subject == Standing.subject)
        .order_by(Standing.contact_id, ConsentEvent.id)
        .execution_options(yield_per=1_000)
    )
    for standing, group in groupby(rows, key=lambda row: row[0]):
        events = (event for _, event in group if event is not None)
        if fold(events) != standing.mask:
            yield f"the consent that stands for subject {standing.subject.hex()} is not what its events come to"
