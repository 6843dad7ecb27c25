"""Where people stand, for pages: agreed, asked, stopped or never confirmed; and what each agreed to."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import TypeVarTuple

from sqlalchemy import Case, ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from campaigns.consent.events import EVERY_PURPOSE, ConsentEvent, Event, Purpose, Standing
from campaigns.consent.standing import Asked, Suppression
from campaigns.people.contacts import Contact
from campaigns.people.listing import Wanted
from campaigns.storage.columns import Instant

VOICE_SHIFT = 16  # of a standing's mask: calls lie above texts
TAKEN_BACK = (Event.DECLINED, Event.WITHDRAWN, Event.EXPIRED)

Columns = TypeVarTuple("Columns")


class Stands(IntEnum):
    """Where a phone stands. STOPPED wins over all: nothing is sent to it, whatever else was written down."""

    AGREED = 1
    ASKED = 2
    STOPPED = 3
    NEVER_CONFIRMED = 4


class Answer(IntEnum):
    """What is known of one purpose. NO was said by her, once at least; OPEN means that nobody asked her."""

    YES = 1
    NO = 2
    OPEN = 3


@dataclass(frozen=True)
class Listed:
    """One phone of a list."""

    contact: Contact
    stands: Stands
    answers: dict[Purpose, Answer]


def count_by_stand(session: Session, wanted: Wanted, *, now: datetime) -> dict[Stands, int]:
    """How many of those wanted stand where; every stand is in it."""
    statement = _joined(select(_stand(now).label("stands"), func.count()).select_from(Contact))
    grouped = statement.where(*wanted.conditions()).group_by("stands")
    counts = {Stands(value): count for value, count in session.execute(grouped)}
    return {stands: counts.get(stands, 0) for stands in Stands}


def list_people(
    session: Session, wanted: Wanted, stands: Stands | None, *, limit: int, offset: int, now: datetime
) -> list[Listed]:
    """One page of those wanted, in the order of their random ids, which says nothing about them and stays."""
    conditions: list[ColumnElement[bool]] = wanted.conditions()
    if stands is not None:
        conditions.append(_stand(now) == int(stands))
    statement = _joined(select(Contact, _stand(now))).where(*conditions)
    rows = session.execute(statement.order_by(Contact.rid).limit(limit).offset(offset)).all()
    answers = answers_of(session, {contact.id: Stands(value) for contact, value in rows})
    return [Listed(contact, Stands(value), answers[contact.id]) for contact, value in rows]


def listed(session: Session, contact: Contact, *, now: datetime) -> Listed:
    """One phone as a list would show it."""
    statement = _joined(select(_stand(now)).select_from(Contact)).where(Contact.id == contact.id)
    stands = Stands(session.scalars(statement).one())
    return Listed(contact, stands, answers_of(session, {contact.id: stands})[contact.id])


def answers_of(session: Session, stands: dict[int, Stands]) -> dict[int, dict[Purpose, Answer]]:
    """What each of these phones (by contact id) agrees to. Who said STOP has said no to everything."""
    rows = session.execute(
        select(Contact.id, Standing.mask, Standing.subject, Asked.subject.label("asked"))
        .outerjoin(Standing, Standing.contact_id == Contact.id)
        .outerjoin(Asked, Asked.contact_id == Contact.id)
        .where(Contact.id.in_(stands))
    ).all()
    refused = _taken_back(
        session, {subject for row in rows for subject in (row.subject, row.asked) if subject}
    )
    found = {}
    for row in rows:
        mask = row.mask or 0
        yes = Purpose((mask | mask >> VOICE_SHIFT) & EVERY_PURPOSE)
        no = EVERY_PURPOSE if stands[row.id] is Stands.STOPPED else refused[row.subject] | refused[row.asked]
        found[row.id] = {purpose: _answer(purpose, yes, no) for purpose in Purpose}
    return found


def _answer(purpose: Purpose, yes: Purpose, no: Purpose) -> Answer:
    if purpose in yes:
        return Answer.YES
    return Answer.NO if purpose in no else Answer.OPEN


def _taken_back(session: Session, subjects: set[bytes]) -> dict[bytes | None, Purpose]:
    """What each subject said no to at some time."""
    found: dict[bytes | None, Purpose] = defaultdict(lambda: Purpose(0))
    statement = select(ConsentEvent.subject, ConsentEvent.purposes).where(
        ConsentEvent.subject.in_(subjects), ConsentEvent.event.in_([int(event) for event in TAKEN_BACK])
    )
    for subject, purposes in session.execute(statement):
        found[subject] |= Purpose(purposes)
    return found


def _stand(now: datetime) -> Case[int]:
    """`Stands` of a row, over the joins of `_joined`."""
    moment = bindparam("stand_now", now, type_=Instant())
    return case(
        (Suppression.mark.is_not(None), int(Stands.STOPPED)),
        (Standing.mask > 0, int(Stands.AGREED)),
        (Asked.expires_at > moment, int(Stands.ASKED)),
        else_=int(Stands.NEVER_CONFIRMED),
    )


def _joined(statement: Select[*Columns]) -> Select[*Columns]:
    return (
        statement.outerjoin(Suppression, Suppression.mark == Contact.mark)
        .outerjoin(Standing, Standing.contact_id == Contact.id)
        .outerjoin(Asked, Asked.contact_id == Contact.id)
    )
