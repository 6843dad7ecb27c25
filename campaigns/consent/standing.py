"""Standing consent: how events change what may be sent, and suppression, which outlives everything."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from campaigns.consent.events import (
    EVERY_PURPOSE,
    JOINED_BY_KEYS,
    JOINED_BY_TEXT,
    Act,
    Channel,
    ConsentEvent,
    Event,
    Purpose,
    Standing,
    erase_details,
    event_from_source,
    granted,
    write_event,
)
from campaigns.people.contacts import Contact, find_contact, heard_from
from campaigns.people.numbers import Number
from campaigns.storage.base import Base
from campaigns.storage.columns import BigId, Instant, Rid, new_rid
from campaigns.storage.engine import gate_exclusive
from campaigns.storage.vault import Vault

ASK_HOLDS = timedelta(hours=24)
STANDS = ", stands"  # how the act of an attested import ends that the programme's policy lets stand
RECONFIRM_AFTER = timedelta(days=365)


class Asked(Base):
    """A double opt-in that waits for her YES; gone after 24 hours of silence, and nothing else is kept of it."""

    __tablename__ = "asked"
    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey(Contact.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    subject: Mapped[bytes] = mapped_column(Rid())
    purposes: Mapped[int]
    wording: Mapped[bytes] = mapped_column(LargeBinary(32))
    language: Mapped[str] = mapped_column(String(12))
    line_id: Mapped[int | None] = mapped_column(BigId)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class Suppression(Base):
    """A keyed mark of a number that said STOP. It holds for ever; only she herself lifts it, by double opt-in."""

    __tablename__ = "suppression"
    mark: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    month: Mapped[str] = mapped_column(String(7))


class QuestionWithoutWords(Exception):
    """A double opt-in was asked for without saying with which words, in which language."""


def request_opt_in(
    session: Session, vault: Vault, contact: Contact, number: Number, act: Act, *, now: datetime
) -> ConsentEvent:
    """Record that she asked to join, and wait 24 hours for her confirmation. Grants nothing yet.

    `act` names the wording she is asked with (its hash). A second request renews the waiting.
    """
    if act.wording is None or act.language is None:
        raise QuestionWithoutWords
    gate_exclusive(session)
    standing = session.get(Standing, contact.id)
    waiting = session.get(Asked, contact.id)
    subject = standing.subject if standing else waiting.subject if waiting else new_rid()
    event = write_event(session, vault, number, subject, Event.REQUESTED, JOINED_BY_TEXT, act, now=now)
    if waiting is not None:
        session.delete(waiting)
        session.flush()
    session.add(
        Asked(
            contact_id=contact.id,
            subject=subject,
            purposes=int(JOINED_BY_TEXT),
            wording=act.wording,
            language=act.language,
            line_id=act.line_id,
            expires_at=now + ASK_HOLDS,
        )
    )
    session.flush()
    return event


def waiting_question(session: Session, contact: Contact | None, *, now: datetime) -> Asked | None:
    """The double opt-in that this phone may answer now."""
    asked = session.get(Asked, contact.id) if contact else None
    return asked if asked is not None and asked.expires_at > now else None


def confirm(
    session: Session, vault: Vault, contact: Contact, number: Number, act: Act, *, now: datetime
) -> bool:
    """Make the asked-for consent stand and lift her suppression; False when no question waits for her answer."""
    gate_exclusive(session)
    asked = waiting_question(session, contact, now=now)
    if asked is None:
        return False
    purposes = Purpose(asked.purposes)
    write_event(session, vault, number, asked.subject, Event.CONFIRMED, purposes, act, now=now)
    session.execute(delete(Suppression).where(Suppression.mark == contact.mark))
    session.delete(asked)
    _grant(session, contact.id, asked.subject, granted(purposes), now)
    contact.expires_at = None
    heard_from(contact, now=now)
    session.flush()
    return True


def join_by_keys(
    session: Session, vault: Vault, contact: Contact, number: Number, act: Act, *, now: datetime
) -> ConsentEvent:
    """Make what she agreed to twice in one call stand, texts and calls, and lift her suppression.

    Both questions were put in that call: `act` names their words, and its source the call, which joins once.
    Raises QuestionWithoutWords.
    """
    if act.wording is None or act.language is None:
        raise QuestionWithoutWords
    gate_exclusive(session)
    if act.source is not None and (seen := event_from_source(session, act.source)) is not None:
        return seen
    standing, asked = session.get(Standing, contact.id), session.get(Asked, contact.id)
    subject = standing.subject if standing else asked.subject if asked else new_rid()
    event = write_event(session, vault, number, subject, Event.CONFIRMED, JOINED_BY_KEYS, act, now=now)
    session.execute(delete(Suppression).where(Suppression.mark == contact.mark))
    _grant(session, contact.id, subject, granted(JOINED_BY_KEYS), now)
    contact.expires_at = None
    heard_from(contact, now=now)
    session.flush()
    return event


def decline(
    session: Session, vault: Vault, contact: Contact, number: Number, act: Act, *, now: datetime
) -> bool:
    """Record her NO to the waiting question; False when none waits."""
    asked = waiting_question(session, contact, now=now)
    if asked is None:
        return False
    write_event(session, vault, number, asked.subject, Event.DECLINED, Purpose(asked.purposes), act, now=now)
    session.delete(asked)
    session.flush()
    return True


def withdraw(session: Session, vault: Vault, number: Number, act: Act, *, now: datetime) -> ConsentEvent:
    """Record that whoever holds `number` stops everything; from the commit on, nothing is claimed for it.

    Works for a number never seen before: the suppression mark is kept without a contact. A second STOP is
    recorded too (it is evidence) and changes nothing; the same message of the carrier again records nothing.
    Takes the gate exclusively; does not commit: the caller answers the person in the same transaction.
    """
    gate_exclusive(session)
    if act.source is not None and (seen := event_from_source(session, act.source)) is not None:
        return seen
    contact = find_contact(session, vault, number)
    standing = session.get(Standing, contact.id) if contact else None
    asked = session.get(Asked, contact.id) if contact else None
    subject = standing.subject if standing else asked.subject if asked else new_rid()
    event = write_event(session, vault, number, subject, Event.WITHDRAWN, EVERY_PURPOSE, act, now=now)
    if contact is not None:
        standing = _standing_of(session, contact.id, subject)
        standing.mask = 0
        standing.reconfirm_by = None
    if asked is not None:
        session.delete(asked)
    _suppress(session, vault.mark(number.e164), now)
    session.flush()
    return event


def grant_attested(
    session: Session,
    vault: Vault,
    contact: Contact,
    number: Number,
    purposes: Purpose,
    act: Act,
    *,
    now: datetime,
    stands: bool,
) -> ConsentEvent:
    """Record consent that a field worker attests (paper, voice). With `stands` it holds without her own YES:
    only the programme's stated policy may say so. A suppressed number gets the event, never the standing.

    Whether it stands is written into the event: its act ends with `STANDS`, whatever the caller's ended with.
    """
    gate_exclusive(session)
    stands = stands and not is_suppressed(session, contact.mark)
    act = replace(act, what=act.what.removesuffix(STANDS) + (STANDS if stands else ""))
    standing = session.get(Standing, contact.id)
    asked = session.get(Asked, contact.id)
    subject = standing.subject if standing else asked.subject if asked else new_rid()
    event = write_event(session, vault, number, subject, Event.IMPORTED_ATTESTED, purposes, act, now=now)
    if stands:
        _grant(session, contact.id, subject, granted(purposes), now)
    else:
        _standing_of(session, contact.id, subject)
    return event


def is_suppressed(session: Session, mark: bytes) -> bool:
    """Whether the phone with this mark has said STOP."""
    return session.get(Suppression, mark) is not None


def standing_mask(session: Session, contact_id: int) -> int:
    """The purposes that stand now, as bits; 0 when none."""
    standing = session.get(Standing, contact_id)
    return standing.mask if standing else 0


def fold(events: Iterable[ConsentEvent]) -> int:
    """What one subject's events, in order, come to: the mask that must stand. Attested imports count when they
    were allowed to stand, which their act says (`…, stands`)."""
    mask = 0
    for event in events:
        if event.event in (Event.CONFIRMED, Event.RECONFIRMED) or (
            event.event == Event.IMPORTED_ATTESTED and event.act.endswith(STANDS)
        ):
            mask |= granted(Purpose(event.purposes))
        elif event.event in (Event.WITHDRAWN, Event.EXPIRED, Event.ERASED):
            mask = 0
    return mask


def timeline(session: Session, contact_id: int) -> list[ConsentEvent]:
    """Every event of this phone's consent, newest first."""
    standing = session.get(Standing, contact_id)
    asked = session.get(Asked, contact_id)
    subjects = {row.subject for row in (standing, asked) if row is not None}
    statement = select(ConsentEvent).where(ConsentEvent.subject.in_(subjects))
    return list(session.scalars(statement.order_by(ConsentEvent.id.desc())))


def forget_unanswered(session: Session, *, now: datetime) -> int:
    """Delete questions that stayed unanswered for 24 hours; returns how many.

    Of a phone without any consent the sealed number of the request goes too: silence leaves events that lead
    nowhere, as a count. The contact itself is `people`'s to forget.
    """
    unanswered = list(session.scalars(select(Asked).where(Asked.expires_at <= now)))
    for asked in unanswered:
        if session.get(Standing, asked.contact_id) is None:
            erase_details(session, asked.subject, Act(Channel.SMS, "nobody answered"), now=now)
        session.delete(asked)
    session.flush()
    return len(unanswered)


def _grant(session: Session, contact_id: int, subject: bytes, mask: int, now: datetime) -> None:
    standing = _standing_of(session, contact_id, subject)
    standing.mask |= mask
    standing.reconfirm_by = now + RECONFIRM_AFTER
    session.flush()


def _standing_of(session: Session, contact_id: int, subject: bytes) -> Standing:
    """What stands for a contact, made when new: nothing (0), which still leads from the contact to its events."""
    standing = session.get(Standing, contact_id)
    if standing is None:
        standing = Standing(contact_id=contact_id, subject=subject, mask=0)
        session.add(standing)
        session.flush()
    return standing


def _suppress(session: Session, mark: bytes, now: datetime) -> None:
    if session.get(Suppression, mark) is None:
        session.add(Suppression(mark=mark, month=now.strftime("%Y-%m")))
