"""STOPs aimed at the head of the queue while others claim: how many were claimed after their STOP had committed."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from campaigns.consent.events import Act, Channel
from campaigns.consent.standing import withdraw
from campaigns.outreach.claim import claim_slice
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.people.contacts import Contact, number_of
from campaigns.programme.lines import Line
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing

ROWS_A_SLICE = 2
AIM_AHEAD = (
    60  # rows: near enough to the head that claims run into most STOPs, far enough that some come first
)


@dataclass(frozen=True)
class Storm:
    """What came of it. `in_time`: STOPs that found their delivery still queued; none of those may be claimed."""

    stops: int
    in_time: int
    claimed_after: int
    claimed: int


def storm(
    database: Database,
    keyring: KeyRing,
    campaign_id: int,
    line_id: int,
    stops: int,
    *,
    now: datetime,
    claimers: int = 2,
) -> Storm:
    """Let `claimers` claim as fast as they can while `stops` people at the head of the queue say STOP."""
    with database.writing() as session:
        session.execute(update(Line).where(Line.id == line_id).values(parts_per_second=ROWS_A_SLICE * 2))
    done = threading.Event()
    workers = [
        threading.Thread(target=_claim_until, args=(database, campaign_id, line_id, now, done))
        for _ in range(claimers)
    ]
    for worker in workers:
        worker.start()
    too_late_to_claim: list[int] = []
    said = 0
    try:
        while (
            said < stops
            and (delivery := _stop_the_head(database, keyring, campaign_id, said, now)) is not None
        ):
            said += 1
            too_late_to_claim += [delivery] if delivery else []
    finally:
        done.set()
        for worker in workers:
            worker.join()
    with database.reading() as session:
        taken = set(
            session.scalars(
                select(Delivery.id).where(
                    Delivery.campaign_id == campaign_id, Delivery.state == int(DeliveryState.CLAIMED)
                )
            )
        )
    return Storm(said, len(too_late_to_claim), len(taken & set(too_late_to_claim)), len(taken))


def _stop_the_head(
    database: Database, keyring: KeyRing, campaign_id: int, n: int, now: datetime
) -> int | None:
    """STOP for whoever is next; the delivery's id when it was still queued under the gate, 0 when not; None when
    the queue is empty."""
    with database.reading() as session:
        head = session.execute(
            select(Delivery.id, Contact)
            .join(Contact, Contact.id == Delivery.contact_id)
            .where(Delivery.campaign_id == campaign_id, Delivery.state == 0)
            .order_by(Delivery.due_at, Delivery.id)
            .offset(n % AIM_AHEAD)
            .limit(1)
        ).first()
    if head is None:
        return None
    delivery_id, contact = head
    with database.writing() as session:
        vault = keyring.vault(session)
        act = Act(Channel.SMS, "stop", source=vault.source("message", f"storm-{n}"))
        withdraw(session, vault, number_of(vault, contact), act, now=now)
        # The gate is held: nobody claims now, so this is the state at the commit.
        state = session.scalars(select(Delivery.state).where(Delivery.id == delivery_id)).one()
    return int(delivery_id) if state == DeliveryState.QUEUED else 0


def _claim_until(
    database: Database, campaign_id: int, line_id: int, now: datetime, done: threading.Event
) -> None:
    while not done.is_set():
        with database.writing() as session:
            claim_slice(session, campaign_id, now=now, lease=timedelta(hours=1))
        with database.writing() as session:
            session.execute(update(Line).where(Line.id == line_id).values(free_at=now))
