"""The audit trail: who did what to which thing, and why; never a number, never a text of a person."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.staff.actor import Actor
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid


class Audit(Base):
    """One act of one member of staff (or of the system, when `staff` is empty)."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    staff: Mapped[bytes | None] = mapped_column(Rid())
    act: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(120))
    why_box: Mapped[bytes | None] = mapped_column(LargeBinary)
    __table_args__ = (Index(None, "about"),)


def record(session: Session, actor: Actor | None, act: str, about: str, *, now: datetime) -> None:
    """Append one line to the trail, in the transaction of the act itself. `about` is a kind and an id."""
    session.add(Audit(at=now, staff=actor.staff if actor else None, act=act, about=about))


def trail(session: Session, about: str, limit: int = 50) -> list[Audit]:
    """The newest acts upon one thing."""
    return list(
        session.scalars(select(Audit).where(Audit.about == about).order_by(Audit.id.desc()).limit(limit))
    )
