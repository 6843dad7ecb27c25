"""Contacts: a phone, sealed; how it may be reached; and the short code that stands for it on pages."""

from datetime import datetime
from enum import IntFlag

from sqlalchemy import Boolean, ForeignKey, Index, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.people.numbers import Number
from campaigns.programme.calendars import Rhythm
from campaigns.programme.places import Place
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid, new_rid
from campaigns.storage.vault import BoxContext, Vault

# Letters and digits that nobody mistakes for one another when read aloud.
CODE_ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH = 4


class Reach(IntFlag):
    """By which channel a phone may be reached at all, whatever was consented to."""

    SMS = 1
    VOICE = 2


class Contact(Base):
    """One phone. `lookup` finds it, `mark` meets suppressions, `number_box` opens only with the vault's keys."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rid: Mapped[bytes] = mapped_column(Rid(), unique=True)
    number_box: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    language: Mapped[str] = mapped_column(String(12))
    place_id: Mapped[int] = mapped_column(BigId, ForeignKey(Place.id))
    rhythm_id: Mapped[int] = mapped_column(BigId, ForeignKey(Rhythm.id))
    reach: Mapped[int]
    quiet: Mapped[bool] = mapped_column(Boolean, default=False)
    heard_month: Mapped[str | None] = mapped_column(String(7))
    since: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index(None, "place_id", "language"), {"sqlite_autoincrement": True})

    @property
    def code(self) -> str:
        """Four letters and digits that stand for this phone on pages; they carry no order and lead nowhere."""
        value = int.from_bytes(self.rid[:8], "big")
        return "".join(
            CODE_ALPHABET[value // len(CODE_ALPHABET) ** place % len(CODE_ALPHABET)]
            for place in range(CODE_LENGTH)
        )


def box_context(rid: bytes) -> BoxContext:
    """Where a contact's sealed number lies."""
    return BoxContext("contact", "number", rid)


def find_contact(session: Session, vault: Vault, number: Number) -> Contact | None:
    """The contact with this number, if we hold one."""
    return session.scalars(select(Contact).where(Contact.lookup == vault.lookup(number.e164))).one_or_none()


def remember_contact(
    session: Session,
    vault: Vault,
    number: Number,
    *,
    language: str,
    place_id: int,
    rhythm_id: int,
    now: datetime,
    expires_at: datetime | None = None,
    reach: Reach = Reach.SMS | Reach.VOICE,
) -> Contact:
    """The contact with this number, made when new. Means no consent: that is the ledger's to say."""
    contact = find_contact(session, vault, number)
    if contact is None:
        rid = new_rid()
        contact = Contact(
            rid=rid,
            number_box=vault.seal(number.e164.encode(), box_context(rid)),
            lookup=vault.lookup(number.e164),
            mark=vault.mark(number.e164),
            language=language,
            place_id=place_id,
            rhythm_id=rhythm_id,
            reach=int(reach),
            since=now,
            expires_at=expires_at,
        )
        session.add(contact)
        session.flush()
    return contact


def number_of(vault: Vault, contact: Contact) -> Number:
    """Open one contact's number: for the sender and for acts of the person herself, nowhere else."""
    return Number(vault.unseal(contact.number_box, box_context(contact.rid)).decode())


def heard_from(contact: Contact, *, now: datetime) -> None:
    """Note the month in which the phone last said something that is not feedback."""
    contact.heard_month = now.strftime("%Y-%m")


def forget_unconfirmed(session: Session, *, now: datetime) -> int:
    """Delete phones that were only asked and never said YES in their 24 hours; returns how many."""
    expired = delete(Contact).where(Contact.expires_at <= now).returning(Contact.id)
    return len(session.execute(expired.execution_options(synchronize_session=False)).all())


def count_contacts(session: Session) -> int:
    """How many phones are held."""
    return session.scalars(select(func.count()).select_from(Contact)).one()
