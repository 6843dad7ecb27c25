"""Tallies: counts of deliveries by state, moved by whoever moves rows, so that pages never count a million rows."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaigns.outreach.deliveries import DeliveryState

MOVE = text(
    "INSERT INTO tally (campaign_id, step, state, n) VALUES (:campaign, :step, :state, :n) "
    "ON CONFLICT (campaign_id, step, state) DO UPDATE SET n = tally.n + excluded.n"
)

Move = tuple[int, int, DeliveryState | None, DeliveryState]  # campaign, step, from (None: new), to


def move_tallies(session: Session, moves: Iterable[Move]) -> None:
    """Count each move out of its old state and into its new one. Touched last in a transaction and in key order,
    so that two bulk updates never wait for each other."""
    differences: Counter[tuple[int, int, int]] = Counter()
    for campaign, step, old, new in moves:
        if old is not None:
            differences[campaign, step, int(old)] -= 1
        differences[campaign, step, int(new)] += 1
    rows = [
        {"campaign": campaign, "step": step, "state": state, "n": n}
        for (campaign, step, state), n in sorted(differences.items())
        if n
    ]
    if rows:
        session.execute(MOVE, rows)


def add_new(session: Session, campaign_id: int, step: int, n: int) -> None:
    """Count so many new queued deliveries."""
    if n:
        session.execute(
            MOVE, {"campaign": campaign_id, "step": step, "state": int(DeliveryState.QUEUED), "n": n}
        )
