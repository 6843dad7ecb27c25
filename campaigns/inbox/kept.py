"""Texts kept with the phone, sealed, for thirty days: only on lines marked *conversation*."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid


class Inbound(Base):
    """One text of a conversation line."""

    __tablename__ = "inbound"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rid: Mapped[bytes] = mapped_column(Rid(), unique=True)
    contact_id: Mapped[int] = mapped_column(BigId, ForeignKey("contact.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("line.id"))
    box: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)
    __table_args__ = (Index(None, "contact_id"),)
