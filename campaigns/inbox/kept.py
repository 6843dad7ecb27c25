"""Texts kept with the phone, sealed, for thirty days: only on lines marked *conversation*."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.people.contacts import Contact
from campaigns.programme.lines import Line
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid, new_rid
from campaigns.storage.vault import BoxContext, Vault

KEPT_FOR = timedelta(days=30)


class Inbound(Base):
    """One text of a conversation line."""

    __tablename__ = "inbound"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rid: Mapped[bytes] = mapped_column(Rid(), unique=True)
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey(Contact.id, ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey(Line.id))
    box: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index(None, "contact_id"),)


def kept_context(rid: bytes) -> BoxContext:
    """Where a kept text lies."""
    return BoxContext("inbound", "box", rid)


def keep(session: Session, vault: Vault, contact_id: int, line_id: int, body: str, *, now: datetime) -> None:
    """Keep one text of a conversation, sealed. Only for lines whose people were told so."""
    rid = new_rid()
    box = vault.seal(body.encode(), kept_context(rid))
    session.add(Inbound(rid=rid, contact_id=contact_id, line_id=line_id, box=box, at=now))
    session.flush()


def texts_of(session: Session, vault: Vault, contact_id: int) -> list[tuple[datetime, str]]:
    """The kept texts of a phone with their times, newest first."""
    rows = session.scalars(
        select(Inbound).where(Inbound.contact_id == contact_id).order_by(Inbound.id.desc())
    )
    return [(row.at, vault.unseal(row.box, kept_context(row.rid)).decode()) for row in rows]


def forget_old_texts(session: Session, *, now: datetime) -> int:
    """Delete what was kept for thirty days; returns how many."""
    statement = delete(Inbound).where(Inbound.at <= now - KEPT_FOR).returning(Inbound.id)
    return len(session.execute(statement).all())
