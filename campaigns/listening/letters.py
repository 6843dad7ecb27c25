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
    """Up to 200 items sealed to one key, in the order of their random ids, from the one after `after`.

    Raises NotPermitted.
    """
    actor.require(Permission.READ_FEEDBACK)
    statement = select(Shelf.rid, Shelf.bucket, Shelf.kind, Shelf.box)
    statement = statement.where(Shelf.key_id == key_id, Shelf.rid > after).order_by(Shelf.rid)
    return [Letter(*row) for row in session.execute(statement.limit(MOST_AT_ONCE))]


def record_opening(session: Session, actor: Actor, *, now: datetime) -> None:
    """Write down that a moderator took the letters to open them; which, and what she reads, is not known here."""
    actor.require(Permission.READ_FEEDBACK)
    audit.record(session, actor, "letters taken", SHELF, now=now)


def last_opening(session: Session) -> Audit | None:
    """Who took the letters last, and when."""
    found = audit.trail(session, SHELF, limit=1)
    return found[0] if found else None
