"""Calling back whoever rang and hung up: free for her, and within quotas, as it is our money and her choice of when.

A call-back is an answer to her own act and rides the outbox like every other (voice.md R29): rung some seconds after
she hung up, once more after five minutes, gone after half an hour, as then another may hold the phone. Each line's
call-backs have a cap for the day, charged at the claim; without a cap there are none.
"""

import random
from datetime import datetime, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.consent.standing import is_suppressed
from campaigns.outreach.answers import owe_call
from campaigns.outreach.budget import has_room_for_call_back
from campaigns.outreach.campaigns import Campaign, Kind, Means
from campaigns.outreach.deliveries import FINAL_STATES, Delivery, DeliveryState
from campaigns.people.contacts import Contact, find_contact, remember_contact
from campaigns.people.numbers import Number, is_callable
from campaigns.programme.calendars import WeeklyHours, rhythm_for
from campaigns.programme.lines import Can, Line
from campaigns.programme.places import Place
from campaigns.programme.programme import the_programme
from campaigns.storage.vault import Vault

SOONEST, LATEST = timedelta(seconds=5), timedelta(seconds=20)
OWED_FOR = timedelta(minutes=30)
A_DAY = 3
HELD_FOR = timedelta(hours=24)
SECONDS_A_DAY = 30 * 60
COOL_DOWN = timedelta(minutes=2)
EXPECTED_MINUTES = 4  # charged at the claim, and corrected once the call is over


class Asked(Enum):
    """What became of a missed call. Whoever rang hears the same busy tone whichever it was."""

    CALLED_BACK = auto()  # queued
    ON_THE_WAY = auto()  # she is being called already
    STOPPED = auto()  # she said STOP: never called
    BARRED = auto()  # withheld, foreign, premium, or a beginning that staff barred
    ENOUGH = auto()  # her calls or minutes of the day are used up
    TOO_SOON = auto()  # within the cool-down
    NO_MONEY = auto()  # the day's cap is spent, or none was set
    NOT_BY_THIS_LINE = auto()


def ask(
    session: Session,
    vault: Vault,
    line: Line,
    number: Number | None,
    *,
    source: bytes,
    language: str,
    now: datetime,
) -> Asked:
    """Queue a call-back for a missed call, or say why there is none. Idempotent for a call (`source`).

    `language` is for a phone that we do not hold yet: it is held for a day, and forgotten unless it joins. Two
    missed calls at once make one call-back: the contact's row is locked while her day is counted. Does not commit.
    """
    programme = the_programme(session)
    if Can.VOICE_OUT not in line.abilities:
        return Asked.NOT_BY_THIS_LINE
    if number is None or not is_callable(
        number, programme.region, barred=programme.barred, training=programme.training
    ):
        return Asked.BARRED
    if is_suppressed(session, vault.mark(number.e164)):
        return Asked.STOPPED
    if not has_room_for_call_back(session, line.id, EXPECTED_MINUTES, now=now):
        return Asked.NO_MONEY
    contact = find_contact(session, vault, number) or _stranger(session, vault, number, language, now)
    session.execute(select(Contact.id).where(Contact.id == contact.id).with_for_update())
    refusal = _used_up(session, contact, programme.zone, now)
    if refusal is not None:
        return refusal
    owed = owe_call(
        session,
        contact,
        line_id=line.id,
        minutes=EXPECTED_MINUTES,
        act_source=source,
        due_at=now + random.uniform(0, 1) * (LATEST - SOONEST) + SOONEST,  # noqa: S311 - spreads load
        expires_at=now + OWED_FOR,
    )
    return Asked.CALLED_BACK if owed is not None else Asked.ON_THE_WAY


def _used_up(session: Session, contact: Contact, zone: str, now: datetime) -> Asked | None:
    """Why this phone is not called back now: by what the outbox says of her day."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    of_today = [
        Delivery.contact_id == contact.id,
        Delivery.campaign_id == Campaign.id,
        Campaign.channel == int(Means.CALL),
    ]
    under_way = select(Delivery.id).where(
        *of_today,
        Delivery.state.not_in([*map(int, FINAL_STATES), int(DeliveryState.UNKNOWN)]),
        Delivery.expires_at > now,
    )
    if session.scalars(under_way.limit(1)).first() is not None:
        return Asked.ON_THE_WAY
    calls, seconds, last = session.execute(
        select(func.count(), func.coalesce(func.sum(Delivery.seconds), 0), func.max(Delivery.due_at)).where(
            *of_today, Campaign.kind == int(Kind.ANSWERS), Delivery.due_at >= midnight
        )
    ).one()
    if calls >= A_DAY or (seconds or 0) >= SECONDS_A_DAY:
        return Asked.ENOUGH
    return Asked.TOO_SOON if last is not None and now < last + COOL_DOWN else None


def _stranger(session: Session, vault: Vault, number: Number, language: str, now: datetime) -> Contact:
    place_id = session.scalars(select(Place.id).order_by(Place.id).limit(1)).one()
    return remember_contact(
        session,
        vault,
        number,
        language=language,
        place_id=place_id,
        rhythm_id=rhythm_for(session, place_id, WeeklyHours.default()).id,
        now=now,
        expires_at=now + HELD_FOR,
    )
