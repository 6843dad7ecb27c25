"""Places: district, tehsil, union council at most; each with a zone of its own."""

from enum import IntEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from campaigns.storage.base import Base
from campaigns.storage.columns import BigId


class PlaceKind(IntEnum):
    """How fine a place is."""

    COUNTRY = 1
    PROVINCE = 2
    DISTRICT = 3
    TEHSIL = 4
    UNION_COUNCIL = 5


class Place(Base):
    """A place that contacts are counted by; never an address."""

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("place.id"))
    kind: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    country: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(60))
    tension: Mapped[int] = mapped_column(default=0)
