"""One person: how she is reached, what she agrees to, and the record of how we know."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, make_response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent.events import Event
from campaigns.consent.listing import Stands, listed
from campaigns.consent.standing import Suppression, timeline, waiting_question
from campaigns.people.contacts import Contact, Reach
from campaigns.people.listing import contact_by_rid, groups_of, masked_number
from campaigns.programme.calendars import Rhythm, WeeklyHours
from campaigns.programme.places import Place
from campaigns.staff.actor import Permission
from gateway.console.access import current_actor, requires
from gateway.console.people.history import Moment, moments_of
from gateway.console.people.index import marks_of
from gateway.console.people.received import Received, last_received
from gateway.console.people.words import (
    HoursLine,
    StandWords,
    hours_lines,
    language_words,
    month_words,
    own_name,
    stands_words,
)
from gateway.console.words import _
from gateway.house import House

RID_BYTES = 16


@dataclass(frozen=True)
class Person:
    """Everything the page says of one phone."""

    rid: str
    code: str
    number: str
    stands: StandWords
    stopped_month: str | None
    stop_has_no_event: bool
    asked_until: datetime | None
    is_new: bool
    language: str
    own_language: str
    language_tag: str
    groups: list[str]
    place: str
    by: str
    shared: bool
    hours: list[HoursLine]
    heard: str | None
    marks: list[tuple[str, str, str]]
    moments: list[Moment]
    received: list[Received]
    may_stop: bool


def add_pages(pages: Blueprint, house: House) -> None:
    """The page of one person."""

    @pages.get("/<rid>")
    @requires(Permission.SEE_PEOPLE)
    def person(rid: str) -> Response:
        """One phone, by its random id."""
        with house.database.reading() as session:
            contact = contact_by_rid(session, rid_of(rid))
            number = masked_number(house.vault(session), contact)
            found = _person(session, contact, number, now=house.now())
        may_edit = Permission.EDIT_PEOPLE in current_actor().permissions
        return make_response(render_template("people/person.html", person=found, may_edit=may_edit))


def rid_of(text: str) -> bytes:
    """The random id in an address; a page that is not there (404) for anything else."""
    try:
        rid = bytes.fromhex(text)
    except ValueError:
        abort(404)
    if len(rid) != RID_BYTES or rid.hex() != text:
        abort(404)
    return rid


def _person(session: Session, contact: Contact, number: str, *, now: datetime) -> Person:
    one = listed(session, contact, now=now)
    asked = waiting_question(session, contact, now=now)
    suppression = session.get(Suppression, contact.mark)
    rhythm = session.get_one(Rhythm, contact.rhythm_id)
    is_stopped = one.stands is Stands.STOPPED
    return Person(
        rid=contact.rid.hex(),
        code=contact.code,
        number=number,
        stands=stands_words(one.stands),
        stopped_month=month_words(suppression.month) if suppression else None,
        stop_has_no_event=is_stopped and not _has_withdrawal(session, contact.id),
        asked_until=asked.expires_at if asked else None,
        is_new=contact.expires_at is not None,
        language=language_words(contact.language),
        own_language=own_name(contact.language),
        language_tag=contact.language,
        groups=groups_of(session, [contact.id]).get(contact.id, []),
        place=session.scalars(select(Place.name).where(Place.id == contact.place_id)).one(),
        by=_by(Reach(contact.reach)),
        shared=contact.quiet,
        hours=hours_lines(WeeklyHours.unpack(rhythm.hours)),
        heard=month_words(contact.heard_month) if contact.heard_month else None,
        marks=marks_of(one),
        moments=moments_of(session, contact.id),
        received=last_received(session, contact.id),
        may_stop=not is_stopped or asked is not None,
    )


def _has_withdrawal(session: Session, contact_id: int) -> bool:
    return any(event.event == Event.WITHDRAWN for event in timeline(session, contact_id))


def _by(reach: Reach) -> str:
    if reach == Reach.SMS | Reach.VOICE:
        return _("Texts and calls")
    return {Reach.SMS: _("Texts"), Reach.VOICE: _("Calls")}.get(reach, _("Nothing"))
