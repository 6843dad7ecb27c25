"""Consent events: what may be written into the ledger, and the one function that writes it."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.people.contacts import Contact
from campaigns.people.numbers import Number
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid, new_rid, to_micros
from campaigns.storage.vault import BoxContext, Vault

SALT_BYTES = 32
POLICY = "2026-11"  # the version of the consent policy that wordings were written under


class Purpose(IntFlag):
    """What a person may agree to; each is separate."""

    PEACE = 1
    RADIO = 2
    INVITATIONS = 4
    CALLS = 8
    BROADCAST_VOICE = 16
    RESEARCH = 32


EVERY_PURPOSE = Purpose(63)
JOINED_BY_TEXT = Purpose.PEACE | Purpose.RADIO | Purpose.INVITATIONS
JOINED_BY_KEYS = JOINED_BY_TEXT | Purpose.CALLS


class Channel(IntEnum):
    """By what means an act reached us."""

    SMS = 1
    IVR = 2
    MISSED_CALL = 3
    PAPER = 4
    FIELD = 5


class Event(IntEnum):
    """What happened to a consent."""

    REQUESTED = 1
    CONFIRMED = 2
    DECLINED = 3
    WITHDRAWN = 4
    RECONFIRM_ASKED = 5
    RECONFIRMED = 6
    EXPIRED = 7
    ERASED = 8
    IMPORTED_ATTESTED = 9


class ConsentEvent(Base):
    """One entry of the ledger: append-only, kept so by triggers; `subject` is random and leads nowhere by itself."""

    __tablename__ = "consent_event"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    subject: Mapped[bytes] = mapped_column(Rid())
    event: Mapped[int]
    purposes: Mapped[int]
    channel: Mapped[int]
    act: Mapped[str] = mapped_column(String(60))
    wording: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    language: Mapped[str | None] = mapped_column(String(12))
    line_id: Mapped[int | None] = mapped_column(BigId)
    recorded_by: Mapped[bytes | None] = mapped_column(Rid())
    policy: Mapped[str] = mapped_column(String(20))
    commit: Mapped[bytes] = mapped_column(LargeBinary(32))
    source: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    __table_args__ = (Index(None, "subject"),)


class ConsentDetail(Base):
    """The salt and the sealed number behind an event's commitment; erasure deletes this row and only this."""

    __tablename__ = "consent_detail"
    event_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("consent_event.id"), primary_key=True, autoincrement=False
    )
    subject: Mapped[bytes] = mapped_column(Rid(), index=True)
    rid: Mapped[bytes] = mapped_column(Rid())
    salt: Mapped[bytes] = mapped_column(LargeBinary(SALT_BYTES))
    box: Mapped[bytes] = mapped_column(LargeBinary)


class ConsentUnsealed(Base):
    """Events that the clock has not yet put into a block."""

    __tablename__ = "consent_unsealed"
    event_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("consent_event.id"), primary_key=True, autoincrement=False
    )


class ConsentWording(Base):
    """The exact words of a consent text, by content hash, so that a timeline can show them."""

    __tablename__ = "consent_wording"
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(12))
    channel: Mapped[int]
    body: Mapped[str] = mapped_column(Text)


class Standing(Base):
    """The consent that holds now: one row per contact, a bit for each purpose on each channel."""

    __tablename__ = "standing"
    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    subject: Mapped[bytes] = mapped_column(Rid(), unique=True)
    mask: Mapped[int] = mapped_column(BigInteger)
    reconfirm_by: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True)
class Act:
    """What a person (or a member of staff for her) did, as evidence: never the raw words of a text."""

    channel: Channel
    what: str
    line_id: int | None = None
    language: str | None = None
    wording: bytes | None = None
    source: bytes | None = None
    recorded_by: bytes | None = None
    witness: str | None = None


def wording_hash(language: str, body: str) -> bytes:
    """The content hash by which a consent text is known for ever."""
    return hashlib.sha256(f"{language}\x1f{body}".encode()).digest()


def keep_wording(session: Session, language: str, channel: Channel, body: str) -> bytes:
    """Keep the exact words of a consent text once, and return their hash."""
    digest = wording_hash(language, body)
    if session.get(ConsentWording, digest) is None:
        session.add(ConsentWording(hash=digest, language=language, channel=int(channel), body=body))
        session.flush()
    return digest


def detail_context(rid: bytes) -> BoxContext:
    """Where the sealed half of an event lies."""
    return BoxContext("consent_detail", "box", rid)


def commitment(salt: bytes, number: Number) -> bytes:
    """SHA-256(0x00 ‖ salt ‖ number): once the salt is gone, no dictionary of numbers finds it."""
    return hashlib.sha256(b"\x00" + salt + number.e164.encode()).digest()


def digest_of(event: ConsentEvent) -> bytes:
    """SHA-256(0x01 ‖ canonical public fields ‖ commit): what the ledger seals of an event."""
    public = {
        "at": to_micros(event.at),
        "subject": event.subject.hex(),
        "event": event.event,
        "purposes": event.purposes,
        "channel": event.channel,
        "act": event.act,
        "wording": event.wording.hex() if event.wording else None,
        "language": event.language,
        "line": event.line_id,
        "recorded_by": event.recorded_by.hex() if event.recorded_by else None,
        "policy": event.policy,
        "source": event.source.hex() if event.source else None,
        "id": event.id,
    }
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(b"\x01" + canonical + event.commit).digest()


def write_event(
    session: Session,
    vault: Vault,
    number: Number,
    subject: bytes,
    event: Event,
    purposes: Purpose,
    act: Act,
    *,
    now: datetime,
) -> ConsentEvent:
    """Append one event with its sealed detail, to be put into a block by the clock. Does not touch the standing.

    Raises sqlalchemy's IntegrityError when an event from the same source is there already.
    """
    salt, rid = secrets.token_bytes(SALT_BYTES), new_rid()
    row = ConsentEvent(
        at=now,
        subject=subject,
        event=int(event),
        purposes=int(purposes),
        channel=int(act.channel),
        act=act.what,
        wording=act.wording,
        language=act.language,
        line_id=act.line_id,
        recorded_by=act.recorded_by,
        policy=POLICY,
        commit=commitment(salt, number),
        source=act.source,
    )
    session.add(row)
    session.flush()
    detail = json.dumps({"number": number.e164, "witness": act.witness}, ensure_ascii=False).encode()
    session.add_all(
        (
            ConsentDetail(
                event_id=row.id,
                subject=subject,
                rid=rid,
                salt=salt,
                box=vault.seal(detail, detail_context(rid)),
            ),
            ConsentUnsealed(event_id=row.id),
        )
    )
    session.flush()
    return row


def number_in(vault: Vault, detail: ConsentDetail) -> Number:
    """The number sealed beside an event; for the ledger's own check and for the person's rights. Raises BoxDamaged."""
    return Number(json.loads(vault.unseal(detail.box, detail_context(detail.rid)))["number"])


def erase_details(session: Session, subject: bytes, act: Act, *, now: datetime) -> ConsentEvent:
    """Delete the sealed halves of a subject's events and append that they were erased: what stays leads nowhere.

    The event itself has no sealed half, and commits to nothing but chance.
    """
    session.execute(delete(ConsentDetail).where(ConsentDetail.subject == subject))
    row = ConsentEvent(
        at=now,
        subject=subject,
        event=int(Event.ERASED),
        purposes=int(EVERY_PURPOSE),
        channel=int(act.channel),
        act=act.what,
        recorded_by=act.recorded_by,
        policy=POLICY,
        commit=secrets.token_bytes(32),
    )
    session.add(row)
    session.flush()
    session.add(ConsentUnsealed(event_id=row.id))
    session.flush()
    return row


def event_from_source(session: Session, source: bytes) -> ConsentEvent | None:
    """The event that this very message of the carrier caused, if it was seen before."""
    return session.scalars(select(ConsentEvent).where(ConsentEvent.source == source)).one_or_none()


def bits(purposes: Purpose, *, voice: bool = False) -> int:
    """The mask of purposes on one channel: texts in the low 16 bits, calls above them."""
    return int(purposes) << (16 if voice else 0)


def granted(purposes: Purpose) -> int:
    """The mask that agreeing to these gives: texts for each, and calls for each where CALLS is among them."""
    return bits(purposes) | (bits(purposes, voice=True) if Purpose.CALLS in purposes else 0)
