"""Blobs: sounds by the hash of their content, kept once however often they are used.

A sound's address for carriers is its hash with a keyed mark: only who was given it can ask for it, and a changed sound
has another address, so that everybody may keep what was fetched for ever. A sound that may be taken back has a mark of
another meaning (`passing`): from its name nobody can make one under which it would be kept.
"""

import base64
import binascii
import hashlib
import hmac

from sqlalchemy import Float, Integer, LargeBinary, String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.audio.kept import Audio
from campaigns.storage.base import Base
from campaigns.storage.engine import dialect_of
from campaigns.storage.vault import KeyRing

__all__ = [
    "HASH_BYTES",
    "Audio",
    "Blob",
    "NoSuchSound",
    "audio_of",
    "forget_blob",
    "hash_in_name",
    "is_kept",
    "keep_blob",
    "length_of",
    "media_name",
]

HASH_BYTES = 32
MARK_BYTES = 16
_ABOUT, _ABOUT_PASSING = b"audio name\x1f", b"passing audio name\x1f"


class Blob(Base):
    """One sound. Its bytes are read only where they are asked for."""

    __tablename__ = "blob"
    hash: Mapped[bytes] = mapped_column(LargeBinary(HASH_BYTES), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(40))
    milliseconds: Mapped[int] = mapped_column(Integer)
    level_db: Mapped[float] = mapped_column(Float)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class NoSuchSound(Exception):
    """No sound of this hash is kept."""


def keep_blob(session: Session, audio: Audio) -> bytes:
    """Keep a sound and give its hash; a second time changes nothing. Does not commit."""
    insert = sqlite.insert if dialect_of(session) == "sqlite" else postgresql.insert
    session.execute(
        insert(Blob)
        .values(
            hash=audio.hash,
            media_type=audio.media_type,
            milliseconds=audio.milliseconds,
            level_db=audio.level_db,
            data=audio.data,
        )
        .on_conflict_do_nothing()
    )
    return audio.hash


def audio_of(session: Session, hash: bytes) -> Audio:
    """The sound of this hash. Raises NoSuchSound."""
    columns = (Blob.data, Blob.milliseconds, Blob.level_db, Blob.media_type)
    found = session.execute(select(*columns).where(Blob.hash == hash)).first()
    if found is None:
        raise NoSuchSound
    return Audio(*found)


def is_kept(session: Session, hash: bytes) -> bool:
    """Whether there is a sound of this hash; reads none of it."""
    return session.scalars(select(Blob.hash).where(Blob.hash == hash)).first() is not None


def length_of(session: Session, hash: bytes) -> int:
    """How many milliseconds the sound of this hash lasts. Raises NoSuchSound."""
    found = session.scalars(select(Blob.milliseconds).where(Blob.hash == hash)).first()
    if found is None:
        raise NoSuchSound
    return found


def forget_blob(session: Session, hash: bytes) -> None:
    """Let a sound go; the caller knows that nothing else uses it. What carriers fetched of it they may still hold."""
    session.execute(delete(Blob).where(Blob.hash == hash))


def media_name(keyring: KeyRing, hash: bytes, *, passing: bool = False) -> str:
    """The sound's unguessable name in an address: letters, digits, `-` and `_`; always the same for a sound.

    `passing`: for the address of sounds that may be taken back, and for no other.
    """
    return base64.urlsafe_b64encode(hash + _mark(keyring, hash, passing)).decode().rstrip("=")


def hash_in_name(keyring: KeyRing, name: str, *, passing: bool = False) -> bytes:
    """The hash of the sound that a name was made for. Raises NoSuchSound for a name that we did not make."""
    try:
        raw = base64.b64decode(name.encode("ascii"), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise NoSuchSound from None
    hash = raw[:HASH_BYTES]
    # Compared as it is written, so that a sound has one name only.
    if not hmac.compare_digest(media_name(keyring, hash, passing=passing).encode(), name.encode()):
        raise NoSuchSound
    return hash


def _mark(keyring: KeyRing, hash: bytes, passing: bool) -> bytes:
    about = _ABOUT_PASSING if passing else _ABOUT
    return hmac.new(keyring.keys["source"], about + hash, hashlib.sha256).digest()[:MARK_BYTES]
