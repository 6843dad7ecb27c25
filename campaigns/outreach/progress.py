"""Progress: how a campaign stands, from tallies, cheap at a million rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, cast, func, select, type_coerce
from sqlalchemy.orm import Session

from campaigns.outreach.campaigns import Tally
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.storage.columns import EPOCH
from campaigns.storage.engine import dialect_of

MICROS_A_MINUTE = 60_000_000
# The claim dates every row it touches, also those that it does not take.
NOT_HANDED_OVER = (
    DeliveryState.QUEUED,
    DeliveryState.MISSED,
    DeliveryState.WITHHELD,
    DeliveryState.CANCELLED,
)


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


def progress_of_many(session: Session, campaign_ids: Sequence[int]) -> dict[int, Progress]:
    """How several campaigns stand now; one without deliveries has an empty progress."""
    counts: dict[int, dict[DeliveryState, int]] = {campaign_id: {} for campaign_id in campaign_ids}
    rows = session.execute(
        select(Tally.campaign_id, Tally.state, func.sum(Tally.n))
        .where(Tally.campaign_id.in_(campaign_ids))
        .group_by(Tally.campaign_id, Tally.state)
    )
    for campaign_id, state, n in rows:
        if n:
            counts[campaign_id][DeliveryState(state)] = int(n)
    return {campaign_id: Progress(states) for campaign_id, states in counts.items()}


def parts_by_minute(session: Session, campaign_id: int, *, since: datetime) -> dict[datetime, int]:
    """How many parts of a campaign were taken up to be handed over, by minute (UTC); counts rows."""
    if dialect_of(session) == "sqlite":
        minute = type_coerce(Delivery.claimed_at, BigInteger) // MICROS_A_MINUTE
    else:
        minute = cast(func.floor(func.extract("epoch", Delivery.claimed_at) / 60), BigInteger)
    rows = session.execute(
        select(minute.label("minute"), func.sum(Delivery.parts))
        .where(
            Delivery.campaign_id == campaign_id,
            Delivery.state.not_in([int(state) for state in NOT_HANDED_OVER]),
            Delivery.claimed_at >= since,
        )
        .group_by("minute")
    )
    return {EPOCH + timedelta(minutes=minute): int(parts) for minute, parts in rows}


def parts_to_go(session: Session, campaign_id: int, *, now: datetime) -> int:
    """How many parts of a campaign could go at once if its line had no limit; counts rows."""
    statement = select(func.coalesce(func.sum(Delivery.parts), 0)).where(
        Delivery.campaign_id == campaign_id,
        Delivery.state == int(DeliveryState.QUEUED),
        Delivery.due_at <= now,
    )
    return int(session.scalars(statement).one())


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
