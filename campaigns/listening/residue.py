"""Residue: what a carrier still holds of what people told us, until it is deleted there and seen to be gone.

One uniform row for every inbound thing, so that having one says nothing of what it was.
"""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.listening.shelf import UNORDERED
from campaigns.storage.base import Base
from campaigns.storage.columns import Instant, Rid


class Residue(Base):
    """One message, call or recording at the carrier; its id and kind lie sealed in the box."""

    __tablename__ = "residue"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    due_hour: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int]
    __table_args__ = (UNORDERED,)
