"""Answers: messages owed to somebody's own act, riding the same outbox as campaigns.

Each sending line has one standing campaign of answers. It needs no standing consent and no opening, only that the
act was within 24 hours and that she has not said STOP since.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.language.parts import count
from campaigns.outreach import tallies
from campaigns.outreach.campaigns import Campaign, Kind, Means, State, Wording
from campaigns.outreach.deliveries import Delivery, DeliveryState
from campaigns.people.contacts import Contact
from campaigns.programme.programme import the_programme

OWED_FOR = timedelta(hours=24)
CALL_BACK_RINGS = 2  # voice.md R29: one more ring after five minutes, then no more
STEP_BYTES = 7  # of a mark: fits a signed 64-bit column


def open_answers(session: Session, line_id: int, *, means: Means = Means.TEXT, now: datetime) -> Campaign:
    """The standing campaign of a line's answers by text, or of its call-backs; made when there is none."""
    statement = select(Campaign).where(
        Campaign.line_id == line_id, Campaign.kind == int(Kind.ANSWERS), Campaign.channel == int(means)
    )
    campaign = session.scalars(statement).one_or_none()
    if campaign is None:
        fixed = hashlib.sha256(f"answers:{line_id}:{means.name}".encode()).digest()
        campaign = Campaign(
            kind=int(Kind.ANSWERS),
            name="answers",
            channel=int(means),
            max_rings=CALL_BACK_RINGS,
            purpose=0,
            need=0,
            state=int(State.RUNNING),
            line_id=line_id,
            audience="{}",
            content_hash=fixed,
            approved_hash=fixed,
            created_at=now,
            launch_done=True,
        )
        session.add(campaign)
        session.flush()
    return campaign


def owe_answer(
    session: Session,
    contact: Contact,
    *,
    line_id: int,
    language: str,
    body: str,
    act_source: bytes,
    acted_at: datetime,
    now: datetime,
) -> Delivery | None:
    """Queue an answer to her act, once per act, due at once and gone 24 hours after the act; None when it was
    queued before or is too late."""
    if now >= acted_at + OWED_FOR:
        return None
    campaign = open_answers(session, line_id, now=now)
    wording = _wording_for(session, campaign, language, body)
    return _queue(session, campaign, contact, act_source, wording, due_at=now, expires_at=acted_at + OWED_FOR)


def owe_call(
    session: Session,
    contact: Contact,
    *,
    line_id: int,
    minutes: int,
    act_source: bytes,
    due_at: datetime,
    expires_at: datetime,
) -> Delivery | None:
    """Queue a call-back to her missed call, once per call of hers; None when it was queued before.

    `minutes` are charged when it is claimed. What she hears is the voice line, so its wording has no words.
    """
    campaign = open_answers(session, line_id, means=Means.CALL, now=due_at)
    return _queue(
        session,
        campaign,
        contact,
        act_source,
        _call_wording(session, campaign, contact, minutes),
        due_at=due_at,
        expires_at=expires_at,
    )


def _queue(
    session: Session,
    campaign: Campaign,
    contact: Contact,
    act_source: bytes,
    wording: Wording,
    *,
    due_at: datetime,
    expires_at: datetime,
) -> Delivery | None:
    step = int.from_bytes(act_source[:STEP_BYTES], "big")
    known = select(Delivery.id).where(
        Delivery.campaign_id == campaign.id, Delivery.contact_id == contact.id, Delivery.step == step
    )
    if session.scalars(known).first() is not None:
        return None
    delivery = Delivery(
        campaign_id=campaign.id,
        contact_id=contact.id,
        step=step,
        line_id=campaign.line_id,
        wording_id=wording.id,
        language=wording.language,
        parts=wording.parts,
        state=int(DeliveryState.QUEUED),
        stage=0,
        due_at=due_at,
        expires_at=expires_at,
        training=the_programme(session).training,
    )
    session.add(delivery)
    session.flush()
    tallies.add_new(session, campaign.id, step, 1)
    return delivery


def _call_wording(session: Session, campaign: Campaign, contact: Contact, minutes: int) -> Wording:
    wording = _wording_for(session, campaign, contact.language, "")
    wording.parts = minutes
    return wording


def _wording_for(session: Session, campaign: Campaign, language: str, body: str) -> Wording:
    digest = hashlib.sha256(body.encode()).digest()
    step = int.from_bytes(digest[:STEP_BYTES], "big")
    statement = select(Wording).where(
        Wording.campaign_id == campaign.id, Wording.step == step, Wording.language == language
    )
    wording = session.scalars(statement).one_or_none()
    if wording is None:
        wording = Wording(
            campaign_id=campaign.id,
            step=step,
            language=language,
            text_hash=digest,
            typed=body,
            body=body,
            parts=count(body).parts,
        )
        session.add(wording)
        session.flush()
    return wording
