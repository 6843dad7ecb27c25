"""Residue: what a carrier still holds of what people told us, until it is deleted there and seen to be gone.

One uniform row for every inbound thing, so that having one says nothing of what it was: sealed, of one length, due
at a full hour. It is written in a transaction of its own after the answer's, alike for keywords and for feedback.

Why a row beside the staging of feedback does not lead from an item to a person (promise 5). Whoever has the database,
its log and its backups sees from the order of commits that some residue row follows some staging row. Without the
vault's keys the residue row is noise: no number, no mark, no carrier's id can be read or compared. With the vault's
keys (which the promise does not count on, as they lie outside the database) and the carrier's records she learns that
a phone wrote feedback in that run; the staging row next to it stays closed by the run's outer key, which died with
the shelving, and shelving shuffled the run's items under fresh names in one transaction. So no item is told from
the n of its run, and the row itself is gone from the table within hours. What a residue row adds to the log is no
finer in time than the staging row's own commit.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import LargeBinary, func, select, update
from sqlalchemy import delete as delete_from
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.listening.shelf import UNORDERED
from campaigns.storage.base import Base
from campaigns.storage.columns import Instant, Rid, new_rid
from campaigns.storage.vault import BoxContext, Vault

HOUR = timedelta(hours=1)
BOX_BYTES = 128  # of what is sealed; a carrier's name has at most 20, an id at most 64
LONGEST_WAIT_HOURS = 24
# The carrier may need so long until a message is final and can be deleted; after it, somebody should look.
STUCK_TRIES = 18  # tries after which fourteen days have passed
_BETWEEN = "\x1f"


class Residue(Base):
    """One message, call or recording at the carrier; its id and kind lie sealed in the box."""

    __tablename__ = "residue"
    rid: Mapped[bytes] = mapped_column(Rid(), primary_key=True)
    box: Mapped[bytes] = mapped_column(LargeBinary)
    due_hour: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int]
    __table_args__ = (UNORDERED,)


class Held(StrEnum):
    """What kind of thing the carrier holds."""

    MESSAGE = "message"


@dataclass(frozen=True)
class HeldThing:
    """An opened residue row: what to delete, and where."""

    rid: bytes
    carrier: str
    kind: Held
    carrier_id: str = field(repr=False)
    tries: int


def residue_context(rid: bytes) -> BoxContext:
    """Where a residue row's sealed value lies."""
    return BoxContext("residue", "box", rid)


def leave_residue(
    session: Session, vault: Vault, carrier: str, kind: Held, carrier_id: str, *, now: datetime
) -> None:
    """Remember, sealed, that the carrier holds this; it is due for deletion at the next full hour."""
    rid = new_rid()
    plain = _BETWEEN.join((carrier, kind, carrier_id)).encode().ljust(BOX_BYTES, b"\x00")
    session.add(
        Residue(
            rid=rid, box=vault.seal(plain, residue_context(rid)), due_hour=_full_hour(now) + HOUR, tries=0
        )
    )


def due_residue(session: Session, vault: Vault, *, now: datetime, limit: int = 500) -> list[HeldThing]:
    """What is to be deleted at carriers now, in no order. Raises BoxDamaged."""
    rows = session.scalars(select(Residue).where(Residue.due_hour <= now).limit(limit))
    return [_opened(vault, row) for row in rows]


def has_due_residue(session: Session, *, now: datetime) -> bool:
    """Whether something is to be deleted at a carrier now."""
    return session.scalars(select(Residue.rid).where(Residue.due_hour <= now).limit(1)).first() is not None


def cleared(session: Session, rids: list[bytes]) -> None:
    """Forget rows whose things are seen to be gone."""
    session.execute(delete_from(Residue).where(Residue.rid.in_(rids)))


def try_again(session: Session, things: list[HeldThing], *, now: datetime) -> None:
    """Put off rows whose things could not be deleted: one hour, two, four, at most a day."""
    for thing in things:
        wait = min(2**thing.tries, LONGEST_WAIT_HOURS)
        session.execute(
            update(Residue)
            .where(Residue.rid == thing.rid)
            .values(due_hour=_full_hour(now) + wait * HOUR, tries=thing.tries + 1)
        )


def count_stuck(session: Session) -> int:
    """How many things a carrier has not let go of for fourteen days."""
    return session.scalars(
        select(func.count()).select_from(Residue).where(Residue.tries >= STUCK_TRIES)
    ).one()


def _opened(vault: Vault, row: Residue) -> HeldThing:
    plain = vault.unseal(row.box, residue_context(row.rid)).rstrip(b"\x00").decode()
    carrier, kind, carrier_id = plain.split(_BETWEEN)
    return HeldThing(row.rid, carrier, Held(kind), carrier_id, row.tries)


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
