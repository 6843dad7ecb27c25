"""Listeners: what a call remembers for the next one. A language, a bookmark and whether the keys are known, no more.

The phone is there as a keyed mark alone; days, no times; gone after ninety days without a call. There is no list of
what somebody heard: a bookmark takes the place of the one before, and goes when the episode was heard to its end.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, LargeBinary, SmallInteger, String, bindparam, delete, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.people.contacts import Contact, box_context
from campaigns.people.numbers import Number
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId
from campaigns.storage.pieces import in_pieces
from campaigns.storage.vault import Vault
from campaigns.voice.state import Marked

KEPT_DAYS = 90
RESUMED_WITHIN_DAYS = 7  # R19
NEW_CALLS = 2  # of a phone get the long prompts and the practice (R11); more are not counted


class Listener(Base):
    """One phone that has called. `calls` is counted to three; `marked_on` is the bookmark's own day."""

    __tablename__ = "listener"
    lookup: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    language: Mapped[str | None] = mapped_column(String(12))
    calls: Mapped[int] = mapped_column(SmallInteger)
    show: Mapped[str | None] = mapped_column(String(40))
    episode_id: Mapped[int | None] = mapped_column(BigId)
    segment_place: Mapped[int | None]
    marked_on: Mapped[date | None] = mapped_column(Date)
    day: Mapped[date] = mapped_column(Date, index=True)


@dataclass(frozen=True)
class Remembered:
    """What is known of whoever calls. `marked` only while it may be resumed."""

    language: str | None
    is_new: bool
    marked: Marked | None
    day: date


_KNOWN = select(*Listener.__table__.columns).where(Listener.lookup == bindparam("of"))
_DAY = bindparam("day", type_=Date)
# Two calls of one phone at once must not fall over each other: each of these is one statement.
_CHOSE = text(
    "INSERT INTO listener (lookup, language, calls, day) VALUES (:lookup, :language, 1, :day) "
    "ON CONFLICT (lookup) DO UPDATE SET language = excluded.language, day = excluded.day"
).bindparams(_DAY)
_CALLED = text(
    "UPDATE listener SET calls = CASE WHEN calls > :new THEN calls ELSE calls + 1 END, day = :day "
    "WHERE lookup = :lookup"
).bindparams(_DAY)
_MARKED = text(
    "INSERT INTO listener (lookup, calls, show, episode_id, segment_place, marked_on, day) "
    "VALUES (:lookup, 1, :show, :episode, :place, :day, :day) "
    "ON CONFLICT (lookup) DO UPDATE SET show = excluded.show, episode_id = excluded.episode_id, "
    "segment_place = excluded.segment_place, marked_on = excluded.marked_on, day = excluded.day"
).bindparams(_DAY)
_HEARD_TO_ITS_END = text(
    "UPDATE listener SET show = NULL, episode_id = NULL, segment_place = NULL, marked_on = NULL, day = :day "
    "WHERE lookup = :lookup"
).bindparams(_DAY)


def remembered(session: Session, vault: Vault, number: Number, *, now: datetime) -> Remembered | None:
    """What is known of the phone that calls; None when it has not called within ninety days."""
    row = session.connection().execute(_KNOWN, {"of": vault.lookup(number.e164)}).one_or_none()
    if row is None:
        return None
    return Remembered(row.language, row.calls < NEW_CALLS, _bookmark(row, now), row.day)


def remember_language(
    session: Session, vault: Vault, number: Number, language: str, *, now: datetime
) -> None:
    """This language is hers from now on; a phone not known before has called once."""
    session.execute(_CHOSE, _of(vault, number, now) | {"language": language})


def count_call(session: Session, vault: Vault, number: Number, *, now: datetime) -> None:
    """One more call of a phone that is known; of one that is not, nothing is written."""
    session.execute(_CALLED, _of(vault, number, now) | {"new": NEW_CALLS})


def mark(session: Session, vault: Vault, number: Number, marked: Marked, *, now: datetime) -> None:
    """She is at this segment: the only one that is remembered."""
    place = {"show": marked.show, "episode": marked.episode_id, "place": marked.segment_place}
    session.execute(_MARKED, _of(vault, number, now) | place)


def unmark(session: Session, vault: Vault, number: Number, *, now: datetime) -> None:
    """She heard it to its end: nothing is to be resumed."""
    session.execute(_HEARD_TO_ITS_END, _of(vault, number, now))


def forget(session: Session, vault: Vault, number: Number) -> None:
    """Forget a phone, as its erasure asks."""
    session.execute(delete(Listener).where(Listener.lookup == vault.lookup(number.e164)))


def forget_old_listeners(session: Session, *, now: datetime) -> int:
    """Forget who has not called for ninety days; returns how many."""
    old = delete(Listener).where(Listener.day <= (now - timedelta(days=KEPT_DAYS)).date())
    return len(session.execute(old.returning(Listener.lookup)).all())


def rekey(session: Session, old: Vault, new: Vault) -> int:
    """Find listeners by the keys of the next epoch; returns how many. Raises BoxDamaged.

    A listener holds no number, so that only those whose phone is a contact's can be made anew. The others are
    forgotten: they are asked for their language once more.
    """
    kept = []
    for rows in in_pieces(session, Contact.id, Contact.rid, Contact.number_box):
        numbers = (old.unseal(box, box_context(rid)).decode() for _, rid, box in rows)
        renamed = {old.lookup(number): new.lookup(number) for number in numbers}
        found = session.execute(select(Listener.__table__).where(Listener.lookup.in_(renamed))).mappings()
        kept += [{**row, "lookup": renamed[row["lookup"]]} for row in found]
    session.execute(delete(Listener))
    if kept:
        session.execute(insert(Listener), kept)
    return len(kept)


def _bookmark(row: Any, now: datetime) -> Marked | None:
    if row.show is None or row.episode_id is None or row.segment_place is None or row.marked_on is None:
        return None
    if row.marked_on < (now - timedelta(days=RESUMED_WITHIN_DAYS)).date():
        return None
    return Marked(row.show, row.episode_id, row.segment_place)


def _of(vault: Vault, number: Number, now: datetime) -> dict[str, object]:
    return {"lookup": vault.lookup(number.e164), "day": now.date()}
