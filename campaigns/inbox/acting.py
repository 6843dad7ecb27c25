"""Doing what was decided, in one transaction with the answer; feedback never comes through here."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent.events import Act, Channel, Event, event_from_source, keep_wording
from campaigns.consent.standing import (
    ASK_HOLDS,
    confirm,
    decline,
    request_opt_in,
    waiting_question,
    withdraw,
)
from campaigns.inbox.decision import Decision, Heard, Step
from campaigns.inbox.kept import keep
from campaigns.inbox.replies import REPLY_TO_EVENT, Reply, first_spoken, reply_in
from campaigns.people.contacts import Contact, find_contact, remember_contact
from campaigns.people.groups import Membership, Tolana
from campaigns.programme.calendars import WeeklyHours, rhythm_for
from campaigns.programme.places import Place
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import gate_exclusive
from campaigns.storage.vault import Vault


class FeedbackGoesElsewhere(Exception):
    """Feedback is accepted without its sender; it must not reach a function that has one."""


def act(session: Session, vault: Vault, decision: Decision, text: Heard, *, now: datetime) -> Reply:
    """Do what was decided and return what to answer; does not commit: the answer is written with the act.

    Two copies of one message at the same moment come to one event and one answer: whoever is second finds, under the
    gate, what the first did. Raises FeedbackGoesElsewhere.
    """
    if decision.step is Step.FEEDBACK:
        raise FeedbackGoesElsewhere
    doing = _STEPS.get(decision.step)
    return doing(session, vault, decision, text, now) if doing else decision.reply


def _stop(session: Session, vault: Vault, decision: Decision, text: Heard, now: datetime) -> Reply:
    withdraw(session, vault, text.sender, _evidence(decision, text), now=now)
    return decision.reply


def _confirm(session: Session, vault: Vault, decision: Decision, text: Heard, now: datetime) -> Reply:
    return _answer_question(confirm, session, vault, decision, text, now)


def _decline(session: Session, vault: Vault, decision: Decision, text: Heard, now: datetime) -> Reply:
    return _answer_question(decline, session, vault, decision, text, now)


def _answer_question(
    answer: Callable[..., bool],
    session: Session,
    vault: Vault,
    decision: Decision,
    text: Heard,
    now: datetime,
) -> Reply:
    gate_exclusive(session)
    if (before := _answered_before(session, decision, text)) is not None:
        return before
    contact = find_contact(session, vault, text.sender)
    asked = waiting_question(session, contact, now=now)
    if contact is None or asked is None:
        return _instead(session, decision, "yes_without_question")
    evidence = _evidence(decision, text, wording=asked.wording)
    answer(session, vault, contact, text.sender, evidence, now=now)
    return decision.reply


def _ask(session: Session, vault: Vault, decision: Decision, text: Heard, now: datetime) -> Reply:
    """JOIN: ask her with words that are kept. Everybody is asked, whether we know the phone or not: the answer tells
    whoever holds it nothing."""
    gate_exclusive(session)
    if (before := _answered_before(session, decision, text)) is not None:
        return before
    language = decision.reply.language
    group = _group_with(session, decision.argument)
    contact = _newcomer(session, vault, group, language, text, now)
    if group is not None:
        _into_group(session, group, contact, now)
    question = reply_in(the_programme(session), "ask_to_join", language).text or ""
    wording = keep_wording(session, language, Channel.SMS, question)
    evidence = _evidence(decision, text, wording=wording)
    request_opt_in(session, vault, contact, text.sender, evidence, now=now)
    return decision.reply


def _newcomer(
    session: Session, vault: Vault, group: Tolana | None, language: str, text: Heard, now: datetime
) -> Contact:
    """The contact, made for a day when new; while she has not confirmed, her latest language is hers."""
    contact = find_contact(session, vault, text.sender)
    if contact is None:
        place_id = (
            group.place_id if group else session.scalars(select(Place.id).order_by(Place.id).limit(1)).one()
        )
        contact = remember_contact(
            session,
            vault,
            text.sender,
            language=language,
            place_id=place_id,
            rhythm_id=rhythm_for(session, place_id, WeeklyHours.default()).id,
            now=now,
            expires_at=now + ASK_HOLDS,
        )
    elif contact.expires_at is not None:
        contact.expires_at, contact.language = now + ASK_HOLDS, language
    return contact


def _group_with(session: Session, code: str) -> Tolana | None:
    return session.scalars(select(Tolana).where(Tolana.code == code)).one_or_none() if code else None


def _into_group(session: Session, group: Tolana, contact: Contact, now: datetime) -> None:
    member = session.get(Membership, (group.id, contact.id))
    if member is None:
        session.add(Membership(tolana_id=group.id, contact_id=contact.id, joined_at=now))
    elif member.left_at is not None:
        member.joined_at, member.left_at = now, None


def _choose_language(session: Session, vault: Vault, decision: Decision, text: Heard, now: datetime) -> Reply:
    contact = find_contact(session, vault, text.sender)
    if contact is not None:
        contact.language = decision.argument
    return decision.reply


def _keep(session: Session, vault: Vault, decision: Decision, text: Heard, now: datetime) -> Reply:
    contact = find_contact(session, vault, text.sender)
    if contact is not None and decision.line_id is not None:
        keep(session, vault, contact.id, decision.line_id, decision.words, now=now)
    return decision.reply


def _evidence(decision: Decision, text: Heard, *, wording: bytes | None = None) -> Act:
    return Act(
        channel=Channel.SMS,
        what=decision.act,
        line_id=decision.line_id,
        language=decision.reply.language,
        wording=wording,
        source=text.source,
    )


def _answered_before(session: Session, decision: Decision, text: Heard) -> Reply | None:
    event = event_from_source(session, text.source)
    if event is None:
        return None
    language = first_spoken(event.language, decision.reply.language)
    key = REPLY_TO_EVENT.get(Event(event.event)) if decision.reply.key else None
    return reply_in(the_programme(session), key, language)


def _instead(session: Session, decision: Decision, key: str) -> Reply:
    return reply_in(the_programme(session), key if decision.reply.key else None, decision.reply.language)


_STEPS: dict[Step, Callable[[Session, Vault, Decision, Heard, datetime], Reply]] = {
    Step.STOP: _stop,
    Step.CONFIRM: _confirm,
    Step.DECLINE: _decline,
    Step.ASK: _ask,
    Step.CHOOSE_LANGUAGE: _choose_language,
    Step.KEEP: _keep,
}
