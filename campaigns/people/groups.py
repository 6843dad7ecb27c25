"""Groups (Tolana, Pashto for "group"): women's, youth, mixed; members see only their own group's name."""

from datetime import datetime
from enum import IntEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.people.contacts import Contact
from campaigns.programme.places import Place
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant


class GroupKind(IntEnum):
    """Who a group is for."""

    WOMEN = 1
    YOUTH = 2
    MIXED = 3


class Tolana(Base):
    """One group, with the sign-up code that its mobilisers give out."""

    __tablename__ = "tolana"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[int]
    place_id: Mapped[int] = mapped_column(BigId, ForeignKey(Place.id))
    code: Mapped[str] = mapped_column(String(12), unique=True)


class Membership(Base):
    """A phone's place in a group."""

    __tablename__ = "membership"
    tolana_id: Mapped[int] = mapped_column(BigId, ForeignKey("tolana.id"), primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True
    )
    joined_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index(None, "contact_id"),)
