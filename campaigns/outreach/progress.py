"""Progress: how a campaign stands, from tallies, cheap at a million rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Tally
from campaigns.outreach.deliveries import Delivery, DeliveryState


@dataclass(frozen=True)
class Progress:
    """Counts of deliveries; they sum to `total`."""

    counts: dict[DeliveryState, int]

    def of(self, *states: DeliveryState) -> int:
        """How many are in any of these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """All deliveries."""
        return sum(self.counts.values())

    @property
    def delivered(self) -> int:
        """Reached the phone."""
        return self.of(DeliveryState.DELIVERED)

    @property
    def on_the_way(self) -> int:
        """Claimed, or with the carrier."""
        return self.of(DeliveryState.CLAIMED, DeliveryState.ACCEPTED, DeliveryState.SENT)

    @property
    def to_go(self) -> int:
        """Waiting for their turn or their hour."""
        return self.of(DeliveryState.QUEUED)

    @property
    def not_reached(self) -> int:
        """The carrier or the phone refused them, or their last window passed."""
        return self.of(DeliveryState.UNDELIVERED, DeliveryState.FAILED, DeliveryState.MISSED)

    @property
    def unknown(self) -> int:
        """What became of them is being asked."""
        return self.of(DeliveryState.UNKNOWN)

    @property
    def left_out(self) -> int:
        """The consent went away, or the campaign was stopped."""
        return self.of(DeliveryState.WITHHELD, DeliveryState.CANCELLED)

    @property
    def settled(self) -> int:
        """Nothing more will happen to them."""
        return self.delivered + self.not_reached + self.left_out


def progress_of(session: Session, campaign_id: int) -> Progress:
    """How a campaign stands now."""
    rows = session.execute(
        select(Tally.state, func.sum(Tally.n)).where(Tally.campaign_id == campaign_id).group_by(Tally.state)
    )
    return Progress({DeliveryState(state): int(n) for state, n in rows if n})


def waiting_for_hours(session: Session, campaign_id: int, *, now: datetime) -> int:
    """How many of those to go wait for an hour of their own."""
    statement = select(func.count()).where(
        Delivery.campaign_id == campaign_id,
        Delivery.state == int(DeliveryState.QUEUED),
        Delivery.due_at > now,
    )
    return session.scalars(statement).one()


def by_language(session: Session, campaign_id: int) -> dict[str, Progress]:
    """How a campaign stands in each language; counts rows, so for one campaign's page only."""
    rows = session.execute(
        select(Delivery.language, Delivery.state, func.count())
        .where(Delivery.campaign_id == campaign_id)
        .group_by(Delivery.language, Delivery.state)
    )
    counts: dict[str, dict[DeliveryState, int]] = {}
    for language, state, n in rows:
        counts.setdefault(language, {})[DeliveryState(state)] = n
    return {language: Progress(states) for language, states in sorted(counts.items())}


def failures(session: Session, campaign_id: int) -> list[tuple[int | None, int]]:
    """The carrier's codes of what was not reached, with counts, most frequent first."""
    n = func.count()
    rows = session.execute(
        select(Delivery.error, n)
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.state.in_((int(DeliveryState.UNDELIVERED), int(DeliveryState.FAILED))),
        )
        .group_by(Delivery.error)
        .order_by(n.desc())
    )
    return list(rows.all())
