"""Lines: senders and numbers, what each can do, what a part costs on it, and whether it is paused."""

from datetime import datetime
from enum import IntFlag

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant


class Can(IntFlag):
    """What a line can do. In Pakistan a registered sender is one-way: the line that sends often cannot hear."""

    SMS_OUT = 1
    SMS_IN = 2
    VOICE_IN = 4
    VOICE_OUT = 8
    RECEIPTS = 16
    ASKED = 32  # its carrier can be asked what became of a message


class Line(Base):
    """A sender or number with its carrier. `free_at` is when its granted time ends: pacing lies here, not in Redis.

    Calls have a rate and a granted time of their own, and so many may be on at once. A line's price is for a part
    of a text, or for a started minute of a call; a line that does both is two lines with one address each.
    """

    __tablename__ = "line"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    carrier: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(20))
    can: Mapped[int]
    conversation: Mapped[bool] = mapped_column(default=False)
    parts_per_second: Mapped[int]
    reply_line_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("line.id"))
    free_at: Mapped[datetime] = mapped_column(Instant)
    calls_per_second: Mapped[int] = mapped_column(default=1)
    calls_at_once: Mapped[int] = mapped_column(default=20)
    calls_free_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_at: Mapped[datetime | None] = mapped_column(Instant)
    paused_why: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (UniqueConstraint("carrier", "address"),)

    @property
    def abilities(self) -> Can:
        """The capability flags."""
        return Can(self.can)


class Price(Base):
    """What one part costs on a line, in millionths of the programme's currency, from a day on."""

    __tablename__ = "price"
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("line.id"), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    micros: Mapped[int] = mapped_column(BigInteger)


class NoSuchLine(Exception):
    """No line has this address, or it cannot do what is asked of it."""


def line_by_address(session: Session, carrier: str, address: str) -> Line | None:
    """The line that a carrier means by an address."""
    return session.scalars(select(Line).where(Line.carrier == carrier, Line.address == address)).one_or_none()


def lines_that(session: Session, ability: Can) -> list[Line]:
    """Every line with all bits of `ability`, oldest first."""
    every = session.scalars(select(Line).order_by(Line.id))
    return [line for line in every if ability in line.abilities]


def way_out_address(session: Session, line: Line) -> str | None:
    """The address to which STOP really can be sent for what this line sends; None when there is none."""
    if Can.SMS_IN in line.abilities:
        return line.address
    reply = session.get(Line, line.reply_line_id) if line.reply_line_id else None
    return reply.address if reply is not None and Can.SMS_IN in reply.abilities else None


def price_micros(session: Session, line_id: int, *, now: datetime, prefix: str = "") -> int:
    """The price of one part now: of the longest prefix that fits, newest first; 0 when none is set."""
    prices = session.scalars(
        select(Price).where(Price.line_id == line_id, Price.since <= now).order_by(Price.since.desc())
    )
    fitting = [price for price in prices if prefix.startswith(price.prefix)]
    if not fitting:
        return 0
    longest = max(len(price.prefix) for price in fitting)
    return next(price.micros for price in fitting if len(price.prefix) == longest)


def pause_line(session: Session, line_id: int, why: str, *, now: datetime) -> None:
    """Stop claims on a line because its carrier refuses it; `why` is a word of ours, shown on Today."""
    line = session.get_one(Line, line_id)
    if line.paused_at is None:
        line.paused_at, line.paused_why = now, why


def unpause_line(session: Session, line_id: int) -> None:
    """Let a paused line send again."""
    line = session.get_one(Line, line_id)
    line.paused_at = line.paused_why = None
