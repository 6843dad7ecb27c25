"""Residue: what a carrier still holds of what people told us, until it is deleted there and seen to be gone.

One uniform row for every inbound thing, so that having one says nothing of what it was: sealed, of one length, due
at a full hour. It is written in a transaction of its own after the answer's, alike for keywords and for feedback.
What is to be done with a recording before it is deleted is sealed in the row too: no column, and no job, tells a
letter that nobody shall trace from a clip or from a call that only listened. The row's name is made from the carrier's
id with a secret key, so that what a caller decides later is written over what she said first.

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

from pydantic import ConfigDict, TypeAdapter
from sqlalchemy import LargeBinary, bindparam, func, select, text, update
from sqlalchemy import delete as delete_from
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.listening.shelf import UNORDERED
from campaigns.programme.programme import Programme, the_programme
from campaigns.storage.base import Base
from campaigns.storage.columns import EPOCH, RID_BYTES, Instant, Rid
from campaigns.storage.vault import BoxContext, Vault

# When a row comes due: at a full hour that is some minutes off, as a call in which something was recorded may still
# be going on. In training at a full minute, so that a learner sees it happen.
HOUR, GRACE = timedelta(hours=1), timedelta(minutes=10)
MINUTE, TRAINING_GRACE = timedelta(minutes=1), timedelta(minutes=1)
BOX_BYTES = (
    640  # of what is sealed: a carrier's name has at most 20, an id at most 64, and what is to be done
)
LONGEST_WAIT_HOURS = 24
# The carrier may need so long until a message is final and can be deleted; after it, somebody should look.
STUCK_TRIES = 18  # tries after which fourteen days have passed
_BETWEEN = "\x1f"  # JSON writes it otherwise


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
    CALL = "call"
    RECORDING = "recording"


class Use(StrEnum):
    """What a recording is for; everything else is only deleted."""

    NONE = "none"
    FEEDBACK = "feedback"
    CLIP = "clip"
    STUDIO = "studio"


@dataclass(frozen=True)
class Wanted:
    """What is to be done with a thing before it is deleted, in words that the rooms above read: `consents` and
    `speaker` are the radio's, `note` the studio's. `final`: she was asked everything; only taking it back comes after.
    """

    __pydantic_config__ = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    use: Use = Use.NONE
    language: str = ""
    seconds: int = 0
    show: str | None = None
    question: int | None = None
    consents: int = 0
    speaker: int = 0
    wording: bytes | None = None
    code: str | None = field(default=None, repr=False)
    note: str = field(default="", repr=False)
    final: bool = False


ONLY_DELETE = Wanted()
_JSON = TypeAdapter(Wanted)


@dataclass(frozen=True)
class HeldThing:
    """An opened residue row: what lies where, what it is for, and that it is to be deleted."""

    rid: bytes
    carrier: str
    kind: Held
    carrier_id: str = field(repr=False)
    tries: int
    wanted: Wanted = ONLY_DELETE


class TooMuchToSeal(Exception):
    """What is to be done does not fit into a box that looks like all others."""


# One statement, so that two words on a recording at once make one row, whichever comes first.
_LEFT = text(
    "INSERT INTO residue (rid, box, due_hour, tries) VALUES (:rid, :box, :due, 0) "
    "ON CONFLICT (rid) DO NOTHING RETURNING rid"
).bindparams(bindparam("due", type_=Instant))


def residue_context(rid: bytes) -> BoxContext:
    """Where a residue row's sealed value lies."""
    return BoxContext("residue", "box", rid)


def residue_rid(vault: Vault, carrier: str, kind: Held, carrier_id: str) -> bytes:
    """The name of a thing's row; without the key it leads nowhere, and to no other mark of the same id."""
    return vault.source("residue", _BETWEEN.join((carrier, kind, carrier_id)))[:RID_BYTES]


def leave_residue(
    session: Session,
    vault: Vault,
    carrier: str,
    kind: Held,
    carrier_id: str,
    *,
    now: datetime,
    wanted: Wanted = ONLY_DELETE,
) -> bool:
    """Remember, sealed, that the carrier holds this, and what it is for; whether that is new.

    What is remembered already stays as it is. What staff keep for a menu is due at once. Raises TooMuchToSeal.
    """
    rid = residue_rid(vault, carrier, kind, carrier_id)
    box = _sealed(vault, HeldThing(rid, carrier, kind, carrier_id, 0, wanted))
    row = {"rid": rid, "box": box, "due": _due(session, wanted, now)}
    return session.execute(_LEFT, row).first() is not None


def want(
    session: Session, vault: Vault, carrier: str, carrier_id: str, wanted: Wanted, *, now: datetime
) -> Wanted | None:
    """Let a recording be used for this from now on; what it was for before, None when nobody had said.

    What is only to be deleted stays so, whatever is said afterwards: she took it back, or it is done. A final word is
    not changed by one that was said before it and comes late. Raises TooMuchToSeal, BoxDamaged.
    """
    if leave_residue(session, vault, carrier, Held.RECORDING, carrier_id, now=now, wanted=wanted):
        return None
    rid = residue_rid(vault, carrier, Held.RECORDING, carrier_id)
    row = session.scalars(select(Residue).where(Residue.rid == rid).with_for_update()).one()
    before = _opened(vault, row)
    is_late = before.wanted.final and not wanted.final and wanted.use is not Use.NONE
    if before.wanted.use is not Use.NONE and not is_late:
        row.box = _sealed(vault, HeldThing(rid, carrier, Held.RECORDING, carrier_id, row.tries, wanted))
        row.due_hour = _due(session, wanted, now)
    return before.wanted


def wanted_now(session: Session, vault: Vault, thing: HeldThing) -> Wanted | None:
    """What a thing is for at this moment, its row locked until the end; None when it has none. Raises BoxDamaged."""
    row = session.scalars(select(Residue).where(Residue.rid == thing.rid).with_for_update()).one_or_none()
    return _opened(vault, row).wanted if row is not None else None


def only_delete(session: Session, vault: Vault, thing: HeldThing) -> None:
    """What it was for is done: from the commit on it is only to be deleted, now."""
    done = HeldThing(thing.rid, thing.carrier, thing.kind, thing.carrier_id, thing.tries)
    session.execute(update(Residue).where(Residue.rid == thing.rid).values(box=_sealed(vault, done)))


def due_residue(session: Session, vault: Vault, *, now: datetime, limit: int = 500) -> list[HeldThing]:
    """What is to be seen to at carriers now, in no order. Raises BoxDamaged."""
    rows = session.scalars(select(Residue).where(Residue.due_hour <= now).limit(limit))
    return [_opened(vault, row) for row in rows]


def has_due_residue(session: Session, *, now: datetime) -> bool:
    """Whether something is to be seen to at a carrier now."""
    return session.scalars(select(Residue.rid).where(Residue.due_hour <= now).limit(1)).first() is not None


def cleared(session: Session, rids: list[bytes]) -> None:
    """Forget rows whose things are seen to be gone."""
    session.execute(delete_from(Residue).where(Residue.rid.in_(rids)))


def try_again(session: Session, things: list[HeldThing], *, now: datetime) -> None:
    """Put off rows whose things could not be deleted: one hour, two, four, at most a day. In training minutes."""
    step = MINUTE if the_programme(session).training else HOUR
    for thing in things:
        wait = min(2**thing.tries, LONGEST_WAIT_HOURS)
        session.execute(
            update(Residue)
            .where(Residue.rid == thing.rid)
            .values(due_hour=_full(now, step) + wait * step, tries=thing.tries + 1)
        )


def count_stuck(session: Session) -> int:
    """How many things a carrier has not let go of for fourteen days."""
    return session.scalars(
        select(func.count()).select_from(Residue).where(Residue.tries >= STUCK_TRIES)
    ).one()


def _sealed(vault: Vault, thing: HeldThing) -> bytes:
    told = _JSON.dump_json(thing.wanted, exclude_defaults=True).decode()
    plain = _BETWEEN.join((thing.carrier, thing.kind, thing.carrier_id, told)).encode()
    if len(plain) > BOX_BYTES:
        raise TooMuchToSeal
    return vault.seal(plain.ljust(BOX_BYTES, b"\x00"), residue_context(thing.rid))


def _opened(vault: Vault, row: Residue) -> HeldThing:
    plain = vault.unseal(row.box, residue_context(row.rid)).rstrip(b"\x00").decode()
    carrier, kind, carrier_id, told = plain.split(_BETWEEN)
    wanted = _JSON.validate_json(told)
    return HeldThing(row.rid, carrier, Held(kind), carrier_id, row.tries, wanted)


_TRAINING = select(Programme.training)


def _due(session: Session, wanted: Wanted, now: datetime) -> datetime:
    if wanted.use is Use.STUDIO and wanted.note:
        return now
    training = session.execute(_TRAINING).scalar_one()
    step, grace = (MINUTE, TRAINING_GRACE) if training else (HOUR, GRACE)
    return _full(now + grace, step) + step


def _full(moment: datetime, step: timedelta) -> datetime:
    return moment - (moment - EPOCH) % step
