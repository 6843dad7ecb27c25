"""Campaigns: one message to one audience; its wordings, its state, and what may be done in each state."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.programme.calendars import Rhythm
from campaigns.programme.lines import Line
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid


class Kind(IntEnum):
    """What a campaign is: one send to many, or a line's standing box for answers."""

    BROADCAST = 1
    ANSWERS = 3


class Means(IntEnum):
    """By what a campaign reaches people."""

    TEXT = 1
    CALL = 2


class State(IntEnum):
    """Where a campaign stands. Approved and scheduled are one: an approved campaign has a start."""

    DRAFT = 0
    SUBMITTED = 1
    SCHEDULED = 2
    RUNNING = 3
    PAUSED = 4
    FINISHED = 5
    STOPPED = 6


class Campaign(Base):
    """One message to one audience, or a line's answers."""

    __tablename__ = "campaign"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    channel: Mapped[int]
    purpose: Mapped[int]
    need: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[int]
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey(Line.id))
    audience: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    max_parts: Mapped[int] = mapped_column(default=2)
    max_rings: Mapped[int] = mapped_column(default=3)  # calls: how often a phone is rung in all
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    approved_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    ceiling_people: Mapped[int | None]
    ceiling_micros: Mapped[int | None] = mapped_column(BigInteger)
    created_by: Mapped[bytes | None] = mapped_column(Rid())
    created_at: Mapped[datetime] = mapped_column(Instant)
    launched_at: Mapped[datetime | None] = mapped_column(Instant)
    launch_after: Mapped[int] = mapped_column(BigId, default=0)
    launch_done: Mapped[bool] = mapped_column(Boolean, default=False)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_why: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (Index(None, "state", "line_id"), {"sqlite_autoincrement": True})


class Wording(Base):
    """A campaign's text in one language: as staff typed it, and the body that is sent, way out included.

    Of a call the text is the script of the recording, and `parts` are the minutes that it is charged for.
    A language without a text of its own gets a row that says whose text it falls back to.
    """

    __tablename__ = "wording"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(BigId, ForeignKey("campaign.id", ondelete="CASCADE"))
    step: Mapped[int] = mapped_column(BigId, default=0)
    language: Mapped[str] = mapped_column(String(12))
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    typed: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    parts: Mapped[int]
    fallback_to: Mapped[str | None] = mapped_column(String(12))
    blob: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # calls: what is played; `body` is its script
    milliseconds: Mapped[int | None]
    __table_args__ = (UniqueConstraint("campaign_id", "step", "language"),)


class Opening(Base):
    """When a campaign may reach the phones of one rhythm."""

    __tablename__ = "opening"
    campaign_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    rhythm_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Rhythm.id), primary_key=True, autoincrement=False
    )
    opens_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    closes_at: Mapped[datetime] = mapped_column(Instant)


class Tally(Base):
    """How many deliveries of a campaign are in each state; kept by the statements that move them."""

    __tablename__ = "tally"
    campaign_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    step: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    state: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int]


class Budget(Base):
    """A cap on money in a scope ("campaign:7", "day", "month") and period, charged in the claim's transaction."""

    __tablename__ = "budget"
    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    cap: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)


class WrongState(Exception):
    """The campaign is not in a state in which this can be done."""

    def __init__(self, state: State) -> None:
        """Keep the state it is in, for the page that says so."""
        super().__init__(f"the campaign is {state.name.lower()}")
        self.state = state


def require_state(campaign: Campaign, *allowed: State) -> None:
    """Return when the campaign is in one of the states. Raises WrongState."""
    if State(campaign.state) not in allowed:
        raise WrongState(State(campaign.state))


def wordings_of(session: Session, campaign_id: int) -> list[Wording]:
    """The texts of a campaign, by language."""
    statement = select(Wording).where(Wording.campaign_id == campaign_id, Wording.step == 0)
    return list(session.scalars(statement.order_by(Wording.language)))


def campaigns_in(session: Session, *states: State, limit: int = 200) -> list[Campaign]:
    """Campaigns in the given states, newest first; a line's answers are not among them."""
    statement = select(Campaign).where(Campaign.state.in_([int(state) for state in states]))
    statement = statement.where(Campaign.kind == int(Kind.BROADCAST)).order_by(Campaign.id.desc())
    return list(session.scalars(statement.limit(limit)))
