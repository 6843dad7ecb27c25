"""The frame round every page: rooms, what waits, the halt, the account; gathered in one short reading."""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from campaigns.outreach.drafting import ACT
from campaigns.programme.programme import the_programme
from campaigns.radio.moderation import waiting_at
from campaigns.radio.shows import shows
from campaigns.staff.actor import Actor, Permission
from campaigns.staff.second_person import SecondPerson
from gateway.console.i18n import LANGUAGES, direction_now, language_now
from gateway.console.words import _
from gateway.house import House

STATIC = Path(__file__).parent / "static"
HASH_LETTERS = 12


@dataclass(frozen=True)
class Page:
    """The page being made: its language, its direction, its room, and its path for the way back to it."""

    lang: str
    dir: str
    room: str | None
    path: str


@dataclass(frozen=True)
class Programme:
    """What the frame says of the programme."""

    name: str
    training: bool
    halted: bool


@dataclass(frozen=True)
class AccountMenu:
    """The account at the end of the bar."""

    initials: str
    name: str
    url: str
    sign_out_url: str


@dataclass(frozen=True)
class Room:
    """A room of the console: where it is, and who sees it."""

    key: str
    endpoint: str
    permission: Permission


ROOMS = (
    Room("today", "today.page", Permission.LOOK),
    Room("campaigns", "campaigns.index", Permission.LOOK),
    Room("people", "people.index", Permission.SEE_PEOPLE),
    Room("voice", "voice.index", Permission.PRODUCE_RADIO),
    Room("radio", "radio.index", Permission.PRODUCE_RADIO),
    Room("clips", "clips.first", Permission.HEAR_WOMEN),
    Room("listening", "listening.index", Permission.READ_FEEDBACK),
)


def build_frame(app: Flask, house: House) -> None:
    """Give every template its page, and those of signed-in people the frame."""
    app.jinja_env.globals["asset"] = asset

    @app.context_processor
    def frame() -> dict[str, Any]:
        blueprint = request.blueprint if request.endpoint else None
        path = request.path if request.method == "GET" else url_for("today.page")
        here = Page(language_now(), direction_now(), _room_of(blueprint), path)
        languages = [(language.code, language.own, url_for("language.choose")) for language in LANGUAGES]
        plain = {"page": here, "languages": languages}
        actor = g.get("actor")
        if not isinstance(actor, Actor) or g.get("failing"):
            return plain
        with house.database.reading() as session:
            return plain | _frame_of(session, house, actor)


def _room_of(blueprint: str | None) -> str | None:
    actor = g.get("actor")
    if blueprint == "clips" and isinstance(actor, Actor) and Permission.PRODUCE_RADIO in actor.permissions:
        return "radio"
    return blueprint


def clips_waiting(session: Session, actor: Actor) -> int:
    """How many listeners' clips wait that this person may hear."""
    hears_women = Permission.HEAR_WOMEN in actor.permissions
    if not hears_women and Permission.PRODUCE_RADIO not in actor.permissions:
        return 0
    waiting, womens = 0, 0
    for show in shows(session):
        found = waiting_at(session, show.id)
        waiting, womens = waiting + found.count, womens + found.for_women
    return waiting if hears_women else waiting - womens


def approvals_waiting(session: Session, actor: Actor) -> int:
    """How many campaigns wait for this person's yes: not her own, but in a training programme."""
    if Permission.APPROVE_CAMPAIGNS not in actor.permissions:
        return 0
    statement = select(func.count()).where(
        SecondPerson.act == ACT,
        SecondPerson.verdict.is_(None),
        SecondPerson.training | (SecondPerson.asked_by != actor.staff),
    )
    return session.scalars(statement).one()


def asset(name: str) -> str:
    """The address of a file in static/ with its content's hash, so that it may be kept for a year."""
    return url_for("static", filename=name, v=_hash_of(name))


@cache
def _hash_of(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:HASH_LETTERS]


def _frame_of(session: Session, house: House, actor: Actor) -> dict[str, Any]:
    programme = the_programme(session)
    g.zone = programme.zone
    labels = {
        "today": _("Today"),
        "campaigns": _("Campaigns"),
        "people": _("People"),
        "voice": _("Voice line"),
        "radio": _("Radio"),
        "clips": _("Clips"),
        "listening": _("Listening"),
    }
    clips = clips_waiting(session, actor)
    badges = {"campaigns": approvals_waiting(session, actor), "radio": clips, "clips": clips}
    rooms = [
        (room.key, labels[room.key], url_for(room.endpoint), badges.get(room.key, 0))
        for room in ROOMS
        if room.permission in actor.permissions
        # Clips are a part of Radio; only who has no other part of it finds them on the bar.
        and not (room.key == "clips" and Permission.PRODUCE_RADIO in actor.permissions)
    ]
    return {
        "programme": Programme(programme.name, programme.training, programme.halted_at is not None),
        "handsets_url": house.settings.handsets_url if programme.training else None,
        "rooms": rooms,
        "account": AccountMenu(
            initials_of(actor.name), actor.name, url_for("account.page"), url_for("signin.sign_out")
        ),
        "home_url": url_for("today.page"),
        "pause_url": url_for("halting.question"),
        "may": lambda name: Permission[name] in actor.permissions,
    }


def initials_of(name: str) -> str:
    """Two letters that stand for a name."""
    return "".join(word[0] for word in name.split()[:2]).upper()
