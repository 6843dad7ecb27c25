"""Letters: what a moderator's page takes from the shelf. Boxes leave it sealed; nothing here could open one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.listening.shelf import Shelf, ShelfKey
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.staff.audit import Audit

SHELF = "shelf"
MOST_AT_ONCE = 200
MOST_BYTES_AT_ONCE = 4 * 1024 * 1024  # voices are long, and moderators' lines slow


@dataclass(frozen=True)
class Letter:
    """One sealed item: its random id, the week (or month) it came to the shelf with, its kind, and its box."""

    rid: bytes
    bucket: str
    kind: str
    box: bytes


@dataclass(frozen=True)
class Board:
    """The items that came to the shelf with one label, and which keys open them."""

    bucket: str
    count: int
    keys: tuple[str, ...]


def boards(session: Session) -> list[Board]:
    """What lies on the shelf, the newest label first."""
    statement = (
        select(Shelf.bucket, ShelfKey.label, func.count())
        .join(ShelfKey, ShelfKey.key_id == Shelf.key_id)
        .group_by(Shelf.bucket, ShelfKey.label)
        .order_by(Shelf.bucket.desc(), ShelfKey.label)
    )
    found: dict[str, Board] = {}
    for bucket, label, count in session.execute(statement):
        before = found.get(bucket, Board(bucket, 0, ()))
        found[bucket] = Board(bucket, before.count + count, (*before.keys, label))
    return list(found.values())


def letters_of_key(session: Session, actor: Actor, key_id: bytes, *, after: bytes = b"") -> list[Letter]:
    """Up to 200 items or four megabytes sealed to one key, in the order of their random ids, after `after`.

    Raises NotPermitted.
    """
    actor.require(Permission.READ_FEEDBACK)
    statement = select(Shelf.rid, Shelf.bucket, Shelf.kind, Shelf.box)
    statement = statement.where(Shelf.key_id == key_id, Shelf.rid > after).order_by(Shelf.rid)
    return [Letter(*row) for row in session.execute(statement.limit(_how_many(session, key_id, after)))]


def has_more(session: Session, key_id: bytes, after: bytes) -> bool:
    """Whether items of this key lie behind this one."""
    statement = select(Shelf.rid).where(Shelf.key_id == key_id, Shelf.rid > after).limit(1)
    return session.scalars(statement).first() is not None


def record_opening(session: Session, actor: Actor, *, now: datetime) -> None:
    """Write down that a moderator took the letters to open them; which, and what she reads, is not known here."""
    actor.require(Permission.READ_FEEDBACK)
    audit.record(session, actor, "letters taken", SHELF, now=now)


def last_opening(session: Session) -> Audit | None:
    """Who took the letters last, and when."""
    found = audit.trail(session, SHELF, limit=1)
    return found[0] if found else None


def _how_many(session: Session, key_id: bytes, after: bytes) -> int:
    """How many of the next items fit into one piece: one at least."""
    sizes = select(func.length(Shelf.box)).where(Shelf.key_id == key_id, Shelf.rid > after)
    room, fitting = MOST_BYTES_AT_ONCE, 0
    for size in session.scalars(sizes.order_by(Shelf.rid).limit(MOST_AT_ONCE)):
        room -= size
        if room < 0 and fitting:
            break
        fitting += 1
    return fitting
