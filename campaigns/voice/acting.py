"""Doing what a step of a call decided, in one transaction; votes, recordings and quotas are not the database's."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.consent import events, standing
from campaigns.consent.events import Channel, event_from_source, keep_wording
from campaigns.people.contacts import Contact, find_contact, remember_contact
from campaigns.people.numbers import Number
from campaigns.programme.calendars import WeeklyHours, rhythm_for
from campaigns.programme.places import Place
from campaigns.storage.engine import gate_exclusive
from campaigns.storage.vault import Vault
from campaigns.voice import listeners
from campaigns.voice.call import Act, Bookmark, Call, Called, JoinByKeys, RememberLanguage, StopByKey
from campaigns.voice.state import Marked

JOINED, STOPPED = "keys 1 and 1", "key 7 twice"


def do(session: Session, vault: Vault, acts: Iterable[Act], call: Call) -> None:
    """Do those acts that the database keeps; does not commit: the answer is given when it has.

    Consent changes take the gate first. The same step asked for again by the carrier changes nothing more. Of a
    withheld number nothing is done. Votes, recordings, minutes and call-backs are left to who called.
    """
    ours = [(_DOING[type(act)], act) for act in acts if type(act) in _DOING]
    if call.caller is None or not ours:
        return
    if any(isinstance(act, JoinByKeys | StopByKey) for _, act in ours):
        gate_exclusive(session)
    for doing, act in ours:
        doing(session, vault, act, call.caller, call)


def _stop(session: Session, vault: Vault, act: StopByKey, caller: Number, call: Call) -> None:
    evidence = events.Act(
        Channel.IVR, STOPPED, line_id=call.line_id, language=act.language, source=_source(call, "stop")
    )
    standing.withdraw(session, vault, caller, evidence, now=call.now)


def _join(session: Session, vault: Vault, act: JoinByKeys, caller: Number, call: Call) -> None:
    source = _source(call, "join")
    if event_from_source(session, source) is not None:
        return
    evidence = events.Act(
        Channel.IVR,
        JOINED,
        line_id=call.line_id,
        language=act.language,
        wording=keep_wording(session, act.language, Channel.IVR, act.wording),
        source=source,
    )
    contact = find_contact(session, vault, caller) or _newcomer(session, vault, act, caller, call)
    standing.join_by_keys(session, vault, contact, caller, evidence, now=call.now)


def _newcomer(session: Session, vault: Vault, act: JoinByKeys, caller: Number, call: Call) -> Contact:
    place_id = session.scalars(select(Place.id).order_by(Place.id).limit(1)).one()
    return remember_contact(
        session,
        vault,
        caller,
        language=act.language,
        place_id=place_id,
        rhythm_id=rhythm_for(session, place_id, WeeklyHours.default()).id,
        now=call.now,
    )


def _language(session: Session, vault: Vault, act: RememberLanguage, caller: Number, call: Call) -> None:
    listeners.remember_language(session, vault, caller, act.language, now=call.now)


def _called(session: Session, vault: Vault, act: Called, caller: Number, call: Call) -> None:
    listeners.count_call(session, vault, caller, now=call.now)


def _bookmark(session: Session, vault: Vault, act: Bookmark, caller: Number, call: Call) -> None:
    if act.segment_place is None:
        listeners.unmark(session, vault, caller, now=call.now)
    else:
        place = Marked(act.show, act.episode_id, act.segment_place)
        listeners.mark(session, vault, caller, place, now=call.now)


def _source(call: Call, act: str) -> bytes:
    """The mark of one act of one call: joining and then stopping in the same call are two."""
    return hashlib.sha256(act.encode() + b"\x1f" + call.source).digest()


_DOING: dict[type[Act], Callable[[Session, Vault, Any, Number, Call], None]] = {
    StopByKey: _stop,
    JoinByKeys: _join,
    RememberLanguage: _language,
    Called: _called,
    Bookmark: _bookmark,
}
