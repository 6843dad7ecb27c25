"""The training programme that a new installation starts with: small, invented, and true to how a real one is kept.

Everything is made by the functions that staff's own acts go through; nothing is written past them.
"""

import json
import logging
import secrets
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from campaigns.consent.events import Act, Channel, Purpose, keep_wording
from campaigns.consent.standing import STANDS, grant_attested, withdraw
from campaigns.listening.keys import make_key_file, register_key
from campaigns.listening.shelving import open_first_run
from campaigns.outreach.answers import open_answers
from campaigns.outreach.budget import CALL_BACKS, EACH, open_budget
from campaigns.outreach.campaigns import Means
from campaigns.outreach.drafting import create_campaign, set_wordings
from campaigns.people.contacts import Contact, remember_contact
from campaigns.people.groups import Membership, Tolana
from campaigns.people.numbers import Number
from campaigns.programme.calendars import WeeklyHours, rhythm_for
from campaigns.programme.lines import Can, Line, Price, line_by_address
from campaigns.programme.places import Place, PlaceKind
from campaigns.programme.programme import Programme
from campaigns.staff import audit
from campaigns.staff.actor import ROLES, Actor, Permission, add_staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing, Vault
from campaigns.voice.ways import set_way
from gateway.commands import starter
from gateway.commands.simulated import write_private
from gateway.commands.starter import HandsetPlan, History
from gateway.commands.starter_line import DraftVoice, make_line
from gateway.commands.starter_radio import make_radio
from gateway.console.signin.accounts import create_account
from gateway.house import Clock
from gateway.settings import Settings

log = logging.getLogger("paigham.commands")

TRAINEES = "trainees.json"
FOR_THE_MODERATOR, KEY_FILE, KEY_LABEL = "for-the-moderator", "moderator-key.json", "Training"
PASSWORD_BYTES = 4
PAPER = "paper form"
EVERYTHING_BUT_VOICE = Purpose.PEACE | Purpose.RADIO | Purpose.INVITATIONS | Purpose.CALLS


def make_programme(settings: Settings, database: Database, keyring: KeyRing) -> None:
    """Make the starter programme in one transaction, and the files that a learner needs before it commits."""
    now = Clock(settings.clock_file).now()
    with database.writing() as session:
        vault = keyring.vault(session)
        session.add(_programme())
        places = _places(session)
        lines = _lines(session, now)
        groups = _groups(session, places)
        actors = _staff(session, now)
        coordinator = actors["coordinator"]
        _people(session, vault, places, groups, coordinator, now)
        open_budget(session, "day", EACH, starter.DAY_CAP_MICROS)
        open_budget(session, "month", EACH, starter.MONTH_CAP_MICROS)
        for line in lines:
            open_answers(session, line.id, now=now)
        _voice(session, actors["producer"], now)
        _draft(session, coordinator, lines[-1], now)
        key_file = _moderators_key(session, actors["moderator"], settings.data_dir, now)
        open_first_run(session, settings.runtime_path, now)
        trainees = _accounts(session, actors, now)
        audit.record(session, None, "prepared for training", "programme:1", now=now)
        _write_trainees(settings, trainees, key_file)
    log.info("programme.prepared", extra={"training": True, "phones": len(starter.HANDSETS)})


def _programme() -> Programme:
    return Programme(
        id=1,
        name=starter.NAME,
        own_names=starter.OWN_NAMES,
        zone=starter.ZONE,
        region=starter.REGION,
        currency=starter.CURRENCY,
        languages=starter.LANGUAGES,
        training=True,
        shelve_every_seconds=starter.SHELVE_EVERY_SECONDS,
        shelve_least=starter.SHELVE_LEAST,
    )


def _places(session: Session) -> dict[str, Place]:
    """Country, province and districts, by name."""
    country = _place(session, "Pakistan", PlaceKind.COUNTRY, None)
    province = _place(session, starter.PROVINCE, PlaceKind.PROVINCE, country)
    return {name: _place(session, name, PlaceKind.DISTRICT, province) for name in starter.DISTRICTS}


def _place(session: Session, name: str, kind: PlaceKind, parent: Place | None) -> Place:
    place = Place(
        name=name,
        kind=int(kind),
        parent_id=parent.id if parent else None,
        country=starter.REGION,
        zone=starter.ZONE,
    )
    session.add(place)
    session.flush()
    return place


def _lines(session: Session, now: datetime) -> list[Line]:
    """The two lines, the one that hears first, each with its price."""
    made: dict[str, Line] = {}
    for plan in starter.LINES:
        can = Can.SMS_OUT | Can.RECEIPTS | Can.ASKED | (Can.SMS_IN if plan.two_way else Can(0))
        line = Line(
            name=plan.name,
            carrier="twilio",
            address=plan.address,
            can=int(can),
            parts_per_second=plan.parts_per_second,
            reply_line_id=made[plan.replies_to].id if plan.replies_to else None,
            free_at=now,
        )
        session.add(line)
        session.flush()
        session.add(Price(line_id=line.id, prefix="", since=now, micros=starter.PRICE_MICROS))
        made[plan.address] = line
    return list(made.values())


def _voice(session: Session, producer: Actor, now: datetime) -> None:
    """The lines of calls, and what is heard on them: shows, a question of the week, a published menu."""
    open_budget(session, CALL_BACKS, EACH, starter.CALL_BACKS_CAP_MICROS)
    for plan in starter.VOICE_LINES:
        hears_stop = line_by_address(session, "twilio", plan.replies_to)
        line = Line(
            name=plan.name,
            carrier="twilio",
            address=plan.address,
            can=int(Can.VOICE_IN | Can.VOICE_OUT | Can.RECEIPTS | Can.ASKED),
            parts_per_second=1,
            calls_per_second=starter.CALLS_PER_SECOND,
            calls_at_once=starter.CALLS_AT_ONCE,
            reply_line_id=hears_stop.id if hears_stop else None,
            free_at=now,
        )
        session.add(line)
        session.flush()
        session.add(Price(line_id=line.id, prefix="", since=now, micros=starter.MINUTE_MICROS))
        open_answers(session, line.id, means=Means.CALL, now=now)
        set_way(session, line.id, plan.way)
    make_radio(session, producer, DraftVoice(session), now)
    make_line(session, producer, now)


def _groups(session: Session, places: dict[str, Place]) -> dict[str, Tolana]:
    groups = {
        plan.name: Tolana(
            name=plan.name, kind=int(plan.kind), place_id=places[plan.district].id, code=plan.code
        )
        for plan in starter.GROUPS
    }
    session.add_all(groups.values())
    session.flush()
    return groups


def _staff(session: Session, now: datetime) -> dict[str, Actor]:
    """The trainees by role."""
    actors = {}
    for plan in starter.STAFF:
        permissions = ROLES[plan.role] | (Permission.HEAR_WOMEN if plan.hears_women else Permission(0))
        staff = add_staff(session, plan.name, permissions, now=now)
        actors[plan.role] = Actor(staff.rid, staff.name, permissions)
    return actors


def _people(
    session: Session,
    vault: Vault,
    places: dict[str, Place],
    groups: dict[str, Tolana],
    recorder: Actor,
    now: datetime,
) -> None:
    rhythms = {
        name: rhythm_for(session, place.id, WeeklyHours.default()).id for name, place in places.items()
    }
    forms = {
        language: keep_wording(session, language, Channel.PAPER, words)
        for language, words in starter.PAPER_FORM.items()
    }
    for plan in starter.HANDSETS:
        if plan.history is History.NEW:
            continue
        number = Number(plan.number)
        contact = remember_contact(
            session,
            vault,
            number,
            language=plan.language,
            place_id=places[plan.district].id,
            rhythm_id=rhythms[plan.district],
            now=now,
        )
        if plan.group:
            session.add(Membership(tolana_id=groups[plan.group].id, contact_id=contact.id, joined_at=now))
        _consent(session, vault, plan, contact, forms[plan.language], recorder, now)


def _consent(
    session: Session,
    vault: Vault,
    plan: HandsetPlan,
    contact: Contact,
    form: bytes,
    recorder: Actor,
    now: datetime,
) -> None:
    number = Number(plan.number)
    stands = plan.history is not History.UNCONFIRMED
    paper = Act(
        Channel.PAPER,
        PAPER + STANDS if stands else PAPER,
        language=plan.language,
        wording=form,
        recorded_by=recorder.staff,
        witness=recorder.name,
    )
    purposes = Purpose.PEACE if plan.history is History.TEXTS_ONLY else EVERYTHING_BUT_VOICE
    grant_attested(session, vault, contact, number, purposes, paper, now=now, stands=stands)
    if plan.history is History.STOPPED:
        withdraw(session, vault, number, Act(Channel.SMS, "STOP", language=plan.language), now=now)


def _draft(session: Session, coordinator: Actor, line: Line, now: datetime) -> None:
    """One campaign in three languages, for a learner to read, change and submit."""
    campaign = create_campaign(session, coordinator, starter.DRAFT_NAME, line.id, now=now)
    set_wordings(session, coordinator, campaign.id, starter.DRAFT, now=now)


def _moderators_key(session: Session, moderator: Actor, data_dir: Path, now: datetime) -> Path:
    """The key that opens feedback. In training it is made here; the moderator takes the file away in earnest."""
    public, content = make_key_file(KEY_LABEL)
    register_key(session, moderator, public, KEY_LABEL, now)
    path = data_dir / FOR_THE_MODERATOR / KEY_FILE
    write_private(path, content)
    return path


def _accounts(session: Session, actors: dict[str, Actor], now: datetime) -> list[dict[str, str]]:
    """An account for each trainee, with a password that is easy to copy from a screen."""
    trainees = []
    for plan in starter.STAFF:
        password = secrets.token_hex(PASSWORD_BYTES)
        create_account(
            session, sign_in=plan.sign_in, password=password, staff=actors[plan.role].staff, now=now
        )
        trainees.append({"name": plan.name, "role": plan.role, "sign_in": plan.sign_in, "password": password})
    return trainees


def _write_trainees(settings: Settings, trainees: list[dict[str, str]], key_file: Path) -> None:
    document = {
        "trainees": trainees,
        "moderator_key": str(key_file),
        "handsets": settings.handsets_url or settings.carrier_url,
    }
    write_private(settings.data_dir / TRAINEES, json.dumps(document, ensure_ascii=False, indent=1))
