"""Phones that agreed to be called, and a campaign that calls them, for tests of the outbox."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaigns.consent.events import JOINED_BY_TEXT, Standing, bits
from campaigns.outreach import approval, drafting, launch, scripts
from campaigns.outreach.campaigns import Means
from campaigns.outreach.deliveries import Delivery
from campaigns.programme.lines import Can, Line
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.outbox import LANGUAGES, people_who_agreed
from tests.support.programme import TrainingProgramme

SECONDS = 50  # of the recording: with the greeting two minutes are charged


def can_call(database: Database, made: TrainingProgramme, *, a_second: int = 5, at_once: int = 20) -> int:
    """Let the two-way line make calls; its id."""
    with database.writing() as session:
        line = session.get_one(Line, made.two_way)
        line.can |= int(Can.VOICE_OUT | Can.VOICE_IN)
        line.calls_per_second, line.calls_at_once = a_second, at_once
    return made.two_way


def people_to_call(
    database: Database, keyring: KeyRing, made: TrainingProgramme, count: int, *, now: datetime
) -> list[int]:
    """So many phones that agreed to texts and to calls; their ids."""
    ids = people_who_agreed(database, keyring, made, count, now=now)
    both = bits(JOINED_BY_TEXT) | bits(JOINED_BY_TEXT, voice=True)
    with database.writing() as session:
        session.execute(update(Standing).where(Standing.contact_id.in_(ids)).values(mask=both))
    return ids


def calling_campaign(
    database: Database, made: TrainingProgramme, *, now: datetime, name: str = "Call", days: int = 4
) -> int:
    """An approved campaign of calls whose deliveries are all written; its id."""
    with database.writing() as session:
        who = made.coordinator
        campaign = drafting.create_campaign(session, who, name, made.two_way, means=Means.CALL, now=now)
        said = {
            tag: scripts.Script(f"Gudar: the talk, in {tag}", secrets.token_bytes(32), SECONDS * 1000)
            for tag in LANGUAGES
        }
        scripts.set_scripts(session, who, campaign.id, said, now=now)
        drafting.set_times(session, who, campaign.id, now, now + timedelta(days=days), now=now)
        submitted = approval.submit(session, who, campaign.id, now=now)
        approval.approve(session, made.approver, campaign.id, submitted.content_hash, now=now)
        found = campaign.id
    with database.writing() as session:
        launch.start_due(session, now=now)
    while True:
        with database.writing() as session:
            if not launch.launch_piece(session, found, now=now):
                return found


def deliveries_of(session: Session, campaign_id: int) -> list[Delivery]:
    """The rows of a campaign, by id."""
    return list(
        session.scalars(select(Delivery).where(Delivery.campaign_id == campaign_id).order_by(Delivery.id))
    )
