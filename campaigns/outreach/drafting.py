"""Drafting: writing a campaign. Every edit changes the content hash and so voids an approval."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from campaigns.consent.events import Purpose, bits
from campaigns.language.parts import clean, count
from campaigns.language.wording import with_way_out
from campaigns.outreach.audience import Audience
from campaigns.outreach.campaigns import (
    Budget,
    Campaign,
    Kind,
    Means,
    Opening,
    State,
    Wording,
    require_state,
    wordings_of,
)
from campaigns.outreach.wayout import way_out_line
from campaigns.programme.lines import Can, Line, NoSuchLine
from campaigns.staff import audit, second_person
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.columns import to_micros
from campaigns.storage.engine import gate_exclusive

ACT = "campaign"  # what the second person is asked about
LONGEST_RUN = timedelta(days=14)
NAME_LENGTH = 120
ABILITY = {Means.TEXT: Can.SMS_OUT, Means.CALL: Can.VOICE_OUT}


class NameMissing(Exception):
    """A campaign needs a name that staff know it by."""


class TimesWrong(Exception):
    """The end must lie after the start, and at most fourteen days after it."""


def create_campaign(
    session: Session,
    actor: Actor,
    name: str,
    line_id: int,
    *,
    means: Means = Means.TEXT,
    now: datetime,
) -> Campaign:
    """A new draft for everybody who agreed to peace messages, without wordings. Raises NameMissing, NoSuchLine."""
    actor.require(Permission.WRITE_CAMPAIGNS)
    campaign = Campaign(
        kind=int(Kind.BROADCAST),
        name=_name(name),
        channel=int(means),
        purpose=int(Purpose.PEACE),
        need=bits(Purpose.PEACE, voice=means is Means.CALL),
        state=int(State.DRAFT),
        line_id=_sending_line(session, line_id, means).id,
        audience=Audience().dump(),
        content_hash=b"",
        created_by=actor.staff,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    campaign.content_hash = content_hash(session, campaign)
    audit.record(session, actor, "campaign.created", f"campaign:{campaign.id}", now=now)
    return campaign


def set_people(
    session: Session,
    actor: Actor,
    campaign_id: int,
    *,
    name: str,
    purpose: Purpose,
    line_id: int,
    audience: Audience,
    now: datetime,
) -> Campaign:
    """Set what it is for, who it is for and by which line. Raises NameMissing, NoSuchLine, WrongState."""
    campaign = begin_edit(session, actor, campaign_id, now)
    campaign.name = _name(name)
    means = Means(campaign.channel)
    campaign.purpose, campaign.need = int(purpose), bits(purpose, voice=means is Means.CALL)
    campaign.line_id = _sending_line(session, line_id, means).id
    campaign.audience = audience.dump()
    if means is Means.CALL:
        return end_edit(session, campaign)  # what a call plays is the same on every line
    wordings = wordings_of(session, campaign_id)
    typed = {wording.language: wording.typed for wording in wordings if not wording.fallback_to}
    fallbacks = {wording.language: wording.fallback_to for wording in wordings if wording.fallback_to}
    _write_wordings(session, campaign, typed, fallbacks)
    return end_edit(session, campaign)


def set_wordings(
    session: Session,
    actor: Actor,
    campaign_id: int,
    typed: Mapping[str, str],
    *,
    now: datetime,
    fallbacks: Mapping[str, str] | None = None,
) -> Campaign:
    """Set the text of each language; an empty text removes the language. `fallbacks` says for a language without
    a text whose text its readers get. Raises WrongState."""
    campaign = begin_edit(session, actor, campaign_id, now)
    _write_wordings(session, campaign, typed, fallbacks or {})
    return end_edit(session, campaign)


def set_times(
    session: Session, actor: Actor, campaign_id: int, starts_at: datetime, ends_at: datetime, *, now: datetime
) -> Campaign:
    """Set when it may begin and when it ends. Raises TimesWrong, WrongState."""
    if not starts_at < ends_at <= starts_at + LONGEST_RUN:
        raise TimesWrong
    campaign = begin_edit(session, actor, campaign_id, now)
    campaign.starts_at, campaign.ends_at = starts_at, ends_at
    return end_edit(session, campaign)


def delete_draft(session: Session, actor: Actor, campaign_id: int, *, now: datetime) -> None:
    """Remove a draft that nobody approved. Raises WrongState."""
    actor.require(Permission.WRITE_CAMPAIGNS)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.DRAFT)
    session.execute(delete(Wording).where(Wording.campaign_id == campaign_id))
    session.execute(delete(Opening).where(Opening.campaign_id == campaign_id))
    audit.record(session, actor, "campaign.deleted", f"campaign:{campaign_id}", now=now)
    session.delete(campaign)
    session.flush()


def content_hash(session: Session, campaign: Campaign) -> bytes:
    """SHA-256 over everything that an approval is about: words, people, purpose, line, times and ceilings."""
    content = {
        "wordings": [
            [wording.language, wording.text_hash.hex(), wording.parts, wording.fallback_to]
            for wording in wordings_of(session, campaign.id)
        ],
        "name": campaign.name,
        "audience": campaign.audience,
        "purpose": campaign.purpose,
        "need": campaign.need,
        "line": campaign.line_id,
        "starts": to_micros(campaign.starts_at) if campaign.starts_at else None,
        "ends": to_micros(campaign.ends_at) if campaign.ends_at else None,
        "people": campaign.ceiling_people,
        "micros": campaign.ceiling_micros,
    }
    if campaign.channel != Means.TEXT:
        content |= {"means": campaign.channel, "rings": campaign.max_rings}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).digest()


def begin_edit(session: Session, actor: Actor, campaign_id: int, now: datetime) -> Campaign:
    """Hold a campaign to change its content: it is a draft again. End with `end_edit`. Raises WrongState."""
    actor.require(Permission.WRITE_CAMPAIGNS)
    gate_exclusive(session)
    campaign = session.get_one(Campaign, campaign_id)
    require_state(campaign, State.DRAFT, State.SUBMITTED, State.SCHEDULED)
    if campaign.state != State.DRAFT:
        audit.record(session, actor, "campaign.approval_voided", f"campaign:{campaign_id}", now=now)
        second_person.void(session, ACT, campaign_id, now=now)
        session.execute(delete(Budget).where(Budget.scope == f"campaign:{campaign_id}"))
    campaign.state = int(State.DRAFT)
    campaign.approved_hash = campaign.ceiling_people = campaign.ceiling_micros = None
    return campaign


def end_edit(session: Session, campaign: Campaign) -> Campaign:
    """Fix the hash of what was changed."""
    session.flush()
    campaign.content_hash = content_hash(session, campaign)
    session.flush()
    return campaign


def _write_wordings(
    session: Session, campaign: Campaign, typed: Mapping[str, str], fallbacks: Mapping[str, str]
) -> None:
    session.execute(delete(Wording).where(Wording.campaign_id == campaign.id, Wording.step == 0))
    line = session.get_one(Line, campaign.line_id)
    texts = {language: clean(text).text.strip() for language, text in typed.items()}
    texts = {language: text for language, text in texts.items() if text}
    owners: dict[str, str | None] = dict.fromkeys(texts) | {
        language: owner for language, owner in fallbacks.items() if language not in texts and owner in texts
    }
    for language, owner in sorted(owners.items()):
        cleaned = texts[owner or language]
        body = with_way_out(cleaned, way_out_line(session, line, owner or language))
        session.add(
            Wording(
                campaign_id=campaign.id,
                step=0,
                language=language,
                text_hash=hashlib.sha256(body.encode()).digest(),
                typed=cleaned,
                body=body,
                parts=count(body).parts,
                fallback_to=owner,
            )
        )
    session.flush()


def _sending_line(session: Session, line_id: int, means: Means) -> Line:
    line = session.get(Line, line_id)
    if line is None or ABILITY[means] not in line.abilities:
        raise NoSuchLine
    return line


def _name(name: str) -> str:
    plain = " ".join(name.split())[:NAME_LENGTH]
    if not plain:
        raise NameMissing
    return plain
