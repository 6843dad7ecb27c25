"""Column types that mean the same on SQLite and PostgreSQL."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, SmallInteger
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
RID_BYTES = 16

# SQLite gives an automatic number only to a column that is exactly INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
SmallEnum = SmallInteger


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` on PostgreSQL, whole microseconds since 1970 on SQLite.

    SQLite has no time type and hands back naive values for one; integers compare, sort and index exactly.
    Raises ValueError for a naive datetime: a time without a zone is a mistake waiting for Peshawar.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the storage of the dialect at hand."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Give the database an aware UTC value, or microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return to_micros(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC datetime."""
        if value is None:
            return None
        return from_micros(value) if dialect.name == "sqlite" else value.astimezone(UTC)


def to_micros(value: datetime) -> int:
    """Whole microseconds since 1970 UTC; exact, no floating point."""
    return (value - EPOCH) // MICROSECOND


def from_micros(value: int) -> datetime:
    """The aware UTC datetime of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=value)


def Rid() -> LargeBinary:
    """A column of 16 random bytes made by us before the insert (associated data needs it then)."""
    return LargeBinary(RID_BYTES)


def new_rid() -> bytes:
    """Sixteen random bytes: they carry no order and no time."""
    return secrets.token_bytes(RID_BYTES)
