"""The moderators' keys: the server knows public halves only; feedback is sealed to them, and opened elsewhere."""

import base64
import hashlib
import json
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from campaigns.listening.sealing import KEY_ID_BYTES, Kind, ModeratorKey
from campaigns.listening.shelf import Shelf, ShelfKey, ShelfRun
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission

KEY_FILE_KIND = "paigham moderator key"
PUBLIC_BYTES = 32
LABEL_LENGTH = 60


class KeyMalformed(Exception):
    """What was given is not the public half of an X25519 key."""


class KeyKnown(Exception):
    """This key was registered before; each month has its own."""


class KeyInUse(Exception):
    """What is being gathered now is sealed to this key: register another, and wait for the next shelving."""


def key_id_of(public: bytes) -> bytes:
    """The eight bytes by which boxes and key files name a key."""
    return hashlib.sha256(public).digest()[:KEY_ID_BYTES]


def register_key(session: Session, actor: Actor, public: bytes, label: str, now: datetime) -> ShelfKey:
    """Seal feedback to this key from the next gathering on (from now, if it is the first key).

    Not at once: the few items of a running gathering that were sealed to a new key would stand out on the shelf.
    Raises NotPermitted, KeyMalformed, KeyKnown.
    """
    actor.require(Permission.READ_FEEDBACK)
    _must_be_usable(public)
    key_id = key_id_of(public)
    if session.get(ShelfKey, key_id) is not None:
        raise KeyKnown
    key = ShelfKey(key_id=key_id, public=public, from_at=now, label=label.strip()[:LABEL_LENGTH])
    session.add(key)
    session.flush()
    audit.record(session, actor, "moderator key registered", f"shelf_key:{key_id.hex()}", now=now)
    return key


def newest_key(session: Session) -> ModeratorKey | None:
    """The key registered last that is not retired; None when the moderators have none."""
    statement = select(ShelfKey.key_id, ShelfKey.public).where(ShelfKey.to_at.is_(None))
    row = session.execute(statement.order_by(ShelfKey.from_at.desc(), ShelfKey.key_id).limit(1)).first()
    return ModeratorKey(*row) if row else None


def sealing_key(session: Session, now: datetime, kind: Kind = Kind.TEXT) -> ModeratorKey | None:
    """The one key that a kind's open gathering is sealed to: the newest when it began, else the first made since."""
    is_open = (ShelfRun.closed.is_(False), ShelfRun.kind == kind)
    opened = select(ShelfRun.opened).where(*is_open).scalar_subquery()
    usable = select(ShelfKey.key_id, ShelfKey.public).where(ShelfKey.to_at.is_(None) | (ShelfKey.to_at > now))
    before = usable.where(ShelfKey.from_at <= opened).order_by(ShelfKey.from_at.desc(), ShelfKey.key_id)
    row = session.execute(before.limit(1)).first()
    if row is None:
        row = session.execute(usable.order_by(ShelfKey.from_at, ShelfKey.key_id).limit(1)).first()
    return ModeratorKey(*row) if row else None


def keys_in_use(session: Session, now: datetime) -> set[bytes]:
    """The ids of the keys that what is being gathered now is sealed to."""
    found = (sealing_key(session, now, kind) for kind in Kind)
    return {key.key_id for key in found if key is not None}


def list_keys(session: Session) -> list[ShelfKey]:
    """Every key, newest first, the retired ones too."""
    return list(session.scalars(select(ShelfKey).order_by(ShelfKey.from_at.desc(), ShelfKey.key_id)))


def letters_under(session: Session) -> dict[bytes, int]:
    """How many items lie on the shelf under each key."""
    statement = select(Shelf.key_id, func.count()).group_by(Shelf.key_id)
    return dict(session.execute(statement).all())


def retire(session: Session, actor: Actor, key_id: bytes, *, now: datetime) -> int:
    """Take a key and everything sealed to it off the shelf; how many items went.

    The moderators destroy their own half at the same time: then no backup holds a readable copy either.
    Raises NotPermitted, KeyInUse; a key that is unknown or retired already takes nothing away.
    """
    actor.require(Permission.READ_FEEDBACK)
    if key_id in keys_in_use(session, now):
        raise KeyInUse
    statement = update(ShelfKey).where(ShelfKey.key_id == key_id, ShelfKey.to_at.is_(None)).values(to_at=now)
    if not session.execute(statement.returning(ShelfKey.key_id)).first():
        return 0
    gone = session.execute(delete(Shelf).where(Shelf.key_id == key_id).returning(Shelf.rid)).all()
    audit.record(session, actor, "moderator key retired", f"shelf_key:{key_id.hex()}", now=now)
    return len(gone)


def make_key_file(label: str) -> tuple[bytes, str]:
    """A new key: its public half, and the text of the file that a moderator keeps (JSON, base64).

    For training and for machines without a browser; the moderators' room makes one without the server seeing it.
    """
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    content = {
        "kind": KEY_FILE_KIND,
        "label": label,
        "public": base64.b64encode(public).decode(),
        "private": base64.b64encode(private.private_bytes_raw()).decode(),
    }
    return public, json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _must_be_usable(public: bytes) -> None:
    if len(public) != PUBLIC_BYTES:
        raise KeyMalformed
    try:
        # A point of low order makes every shared secret zero, and every box an open one.
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise KeyMalformed from None
