"""The moderation desk: who hears a clip, how it is cut, and the decision; where somebody is named, by two people.

Clips of women, and of voices that nobody has told yet, are heard by women alone (Permission.HEAR_WOMEN). Whoever may
hear a clip may decide on it. Nothing leaves this desk before it is approved.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, not_, select
from sqlalchemy.orm import Session, undefer

from campaigns.programme.programme import the_programme
from campaigns.radio.clips import (
    LONGEST_NAME,
    LONGEST_THEME,
    Clip,
    ClipState,
    Mentions,
    Reason,
    Span,
    Speaker,
    sound_context,
    spans_written,
    take_from_callers,
    transcript_context,
)
from campaigns.radio.screening import is_set_aside
from campaigns.radio.shows import day_of
from campaigns.staff import audit, second_person
from campaigns.staff.actor import Actor, NotPermitted, Permission
from campaigns.staff.second_person import ContentChanged, Verdict
from campaigns.storage.vault import Vault

ACT = "clip"
# voice.md R31: whoever could come to harm by being named has two people listen.
SECOND_EARS_FOR = Mentions.PERSON | Mentions.SECT_OR_TRIBE | Mentions.ARMED_GROUP
LEAST_LEFT_MS = 1_000
OPEN_STATES = (ClipState.PENDING, ClipState.SECOND_EARS)


@dataclass(frozen=True)
class ClipEdit:
    """What a moderator set: all of it, each time."""

    speaker: Speaker
    cuts: Sequence[Span] = ()
    beeps: Sequence[Span] = ()
    disguised: bool = False
    mentions: Mentions = Mentions(0)  # noqa: RUF009 - a flag of nothing, which never changes
    theme: str = ""
    on_air_name: str = ""
    transcript: str = field(default="", repr=False)


@dataclass(frozen=True)
class Waiting:
    """How many clips wait, how many of them only women may hear, and the week of the oldest: no finer time is kept."""

    count: int
    for_women: int
    oldest_week: str | None


class NotForTheseEars(NotPermitted):
    """The clip is of a woman, or of somebody not yet told: women alone hear it."""

    def __init__(self) -> None:
        """Name the permission that is missing."""
        super().__init__(Permission.HEAR_WOMEN)


class WrongClipState(Exception):
    """This cannot be done to a clip in its state."""

    def __init__(self, state: ClipState) -> None:
        """Keep the state it is in, for the page that says so."""
        super().__init__(f"the clip is {state.name.lower()}")
        self.state = state


class SpanOutside(Exception):
    """A stretch to cut or beep lies outside the clip, or a second at most would be left."""


class NothingLeft(Exception):
    """The clip's sound is gone: withdrawn, or kept for its time."""


def may_hear(actor: Actor, clip: Clip) -> bool:
    """Whether this person may hear the clip, read its words and decide on it."""
    if Permission.HEAR_WOMEN in actor.permissions:
        return True
    return Permission.PRODUCE_RADIO in actor.permissions and clip.speaker == Speaker.MAN


def clips_in(
    session: Session, actor: Actor, show_id: int, *states: ClipState, limit: int = 100
) -> list[Clip]:
    """The clips of a show in these states that this person may hear, the oldest week first; no sound is read.

    Those that were set aside by machine are not among them.
    """
    in_states = Clip.state.in_([int(state) for state in states])
    return _listed(session, actor, show_id, and_(in_states, not_(is_set_aside())), limit)


def set_aside_in(session: Session, actor: Actor, show_id: int, *, limit: int = 100) -> list[Clip]:
    """The clips of a show that were set aside by machine, of those that this person may hear, likewise."""
    return _listed(session, actor, show_id, is_set_aside(), limit)


def _listed(
    session: Session, actor: Actor, show_id: int, which: ColumnElement[bool], limit: int
) -> list[Clip]:
    statement = select(Clip).where(Clip.show_id == show_id, which)
    if Permission.HEAR_WOMEN not in actor.permissions:
        actor.require(Permission.PRODUCE_RADIO)
        statement = statement.where(Clip.speaker == int(Speaker.MAN))
    return list(session.scalars(statement.order_by(Clip.week, Clip.rid).limit(limit)))


def waiting_at(session: Session, show_id: int) -> Waiting:
    """What waits to be decided on, without what was set aside; anybody on the staff may know it."""
    for_women = case((Clip.speaker != int(Speaker.MAN), 1), else_=0)
    statement = select(func.count(), func.coalesce(func.sum(for_women), 0), func.min(Clip.week)).where(
        Clip.show_id == show_id,
        Clip.state.in_([int(state) for state in OPEN_STATES]),
        not_(is_set_aside()),
    )
    return Waiting(*session.execute(statement).one())


def hear(session: Session, vault: Vault, actor: Actor, rid: bytes) -> bytes:
    """The sound as it was left, as WAV. Raises NotForTheseEars, NothingLeft, BoxDamaged."""
    clip = session.get_one(Clip, rid, options=[undefer(Clip.box)])
    _must_hear(actor, clip)
    if clip.box is None:
        raise NothingLeft
    return vault.unseal(clip.box, sound_context(rid))


def words_of(vault: Vault, clip: Clip) -> str:
    """What a moderator wrote down, for who asked `may_hear` already; empty when nobody did. Raises BoxDamaged."""
    return vault.unseal(clip.transcript, transcript_context(clip.rid)).decode() if clip.transcript else ""


def edit_clip(
    session: Session, vault: Vault, actor: Actor, rid: bytes, edit: ClipEdit, *, now: datetime
) -> None:
    """Set cuts, beeps, names and words. Whoever was asked for a second ear is no longer: it is another clip now.

    Raises NotForTheseEars, WrongClipState, SpanOutside.
    """
    clip = _to_decide(session, actor, rid)
    _must_lie_inside(edit, clip.milliseconds)
    clip.speaker, clip.mentions = int(edit.speaker), int(edit.mentions)
    clip.cuts, clip.beeps = spans_written(edit.cuts), spans_written(edit.beeps)
    clip.disguised = edit.disguised
    clip.theme = edit.theme.strip()[:LONGEST_THEME]
    clip.on_air_name = edit.on_air_name.strip()[:LONGEST_NAME]
    words = edit.transcript.strip()
    if words != words_of(vault, clip):  # a fresh seal of the same words would void what others saw
        clip.transcript = vault.seal(words.encode(), transcript_context(rid)) if words else None
    clip.state = int(ClipState.PENDING)
    second_person.void(session, ACT, about_number(rid), now=now)
    session.flush()


def approve(session: Session, actor: Actor, rid: bytes, seen_hash: bytes, *, now: datetime) -> ClipState:
    """Say yes to the clip as it was seen and heard; returns where it stands then.

    Where a person, a sect or an armed group is named, the first yes asks for a second pair of ears, and the clip
    is approved by another person's. Callers hear it, if its maker lets them, once its cut is made (`cutting`).
    Raises NotForTheseEars, WrongClipState, ContentChanged, SamePerson, NothingLeft.
    """
    clip = _to_decide(session, actor, rid)
    if decision_hash(clip) != seen_hash:
        raise ContentChanged
    about = about_number(rid)
    if clip.state == ClipState.SECOND_EARS:
        second_person.decide(session, actor, ACT, about, seen_hash=seen_hash, verdict=Verdict.YES, now=now)
    elif Mentions(clip.mentions) & SECOND_EARS_FOR:
        clip.state = int(ClipState.SECOND_EARS)
        training = the_programme(session).training
        second_person.ask(session, actor, ACT, about, seen_hash, training=training, now=now)
        audit.record(session, actor, "clip to second ears", f"clip:{clip.label}", now=now)
        session.flush()
        return ClipState.SECOND_EARS
    _decided(session, actor, clip, ClipState.APPROVED, now)
    return ClipState.APPROVED


def reject(session: Session, actor: Actor, rid: bytes, reason: Reason, *, now: datetime) -> None:
    """Do not use it: its sound and words are gone in seven days. Raises NotForTheseEars, WrongClipState."""
    clip = _to_decide(session, actor, rid)
    second_person.void(session, ACT, about_number(rid), now=now)
    clip.reason = int(reason)
    _decided(session, actor, clip, ClipState.REJECTED, now)


def reopen(session: Session, actor: Actor, rid: bytes, *, now: datetime) -> None:
    """Take a decision back: no caller hears it from the commit on, and it waits on the desk again.

    Raises NotForTheseEars, WrongClipState, NothingLeft.
    """
    clip = session.get_one(Clip, rid, with_for_update=True)
    _must_hear(actor, clip)
    _must_be(clip, ClipState.APPROVED, ClipState.REJECTED)
    if not _has_sound(session, rid):
        raise NothingLeft
    take_from_callers(session, clip)
    clip.state, clip.reason, clip.decided_on = int(ClipState.PENDING), None, None
    audit.record(session, actor, "clip reopened", f"clip:{clip.label}", now=now)
    session.flush()


def decision_hash(clip: Clip) -> bytes:
    """What a yes is bound to: everything that would be heard or said of the clip. A page shows it with the clip."""
    seen = [
        clip.rid.hex(),
        clip.language,
        clip.speaker,
        clip.consents,
        clip.cuts,
        clip.beeps,
        clip.disguised,
        clip.mentions,
        clip.theme,
        clip.on_air_name,
        hashlib.sha256(clip.transcript or b"").hexdigest(),
    ]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).digest()


def about_number(rid: bytes) -> int:
    """How a question to a second person names the clip: 63 bits of its rid."""
    return int.from_bytes(rid[:8], "big") >> 1


def _decided(session: Session, actor: Actor, clip: Clip, state: ClipState, now: datetime) -> None:
    clip.state, clip.decided_on = int(state), day_of(session, now)
    audit.record(session, actor, f"clip {state.name.lower()}", f"clip:{clip.label}", now=now)
    session.flush()


def _to_decide(session: Session, actor: Actor, rid: bytes) -> Clip:
    """Locked: what was seen stays as it is until this transaction ends, against another's edit or a withdrawal."""
    clip = session.get_one(Clip, rid, options=[undefer(Clip.transcript)], with_for_update=True)
    _must_hear(actor, clip)
    _must_be(clip, *OPEN_STATES)
    if not _has_sound(session, rid):
        raise NothingLeft
    return clip


def _must_hear(actor: Actor, clip: Clip) -> None:
    if not may_hear(actor, clip):
        actor.require(Permission.PRODUCE_RADIO)
        raise NotForTheseEars


def _must_be(clip: Clip, *states: ClipState) -> None:
    if ClipState(clip.state) not in states:
        raise WrongClipState(ClipState(clip.state))


def _has_sound(session: Session, rid: bytes) -> bool:
    """Whether the box is there; reads none of it."""
    return bool(session.scalars(select(Clip.box.is_not(None)).where(Clip.rid == rid)).one())


def _must_lie_inside(edit: ClipEdit, milliseconds: int) -> None:
    if any(not 0 <= span.begins_ms < span.ends_ms <= milliseconds for span in (*edit.cuts, *edit.beeps)):
        raise SpanOutside
    kept, reached = 0, 0
    for span in sorted(edit.cuts, key=lambda span: span.begins_ms):
        kept += max(0, span.begins_ms - reached)
        reached = max(reached, span.ends_ms)
    if kept + milliseconds - reached < LEAST_LEFT_MS:
        raise SpanOutside
