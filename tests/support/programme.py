"""A small training programme for tests: three districts, two lines, three groups, a member of staff of each role."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaigns.people.groups import GroupKind, Tolana
from campaigns.programme.calendars import WeeklyHours, rhythm_for
from campaigns.programme.lines import Can, Line, Price
from campaigns.programme.places import Place, PlaceKind
from campaigns.programme.programme import Programme
from campaigns.staff.actor import ROLES, Actor, add_staff
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing

ZONE = "Asia/Karachi"
LONG_NUMBER = "+923990000017"
SENDER = "GUDAR"
PART_MICROS = 1_500_000
NAMES = {
    "coordinator": "Zarmina K.",
    "approver": "Palwasha M.",
    "producer": "Gulalai S.",
    "moderator": "Spogmai A.",
    "operator": "Nasreen B.",
}


@dataclass(frozen=True)
class TrainingProgramme:
    """What was made: ids of rows, and an actor of each role."""

    places: dict[str, int]
    rhythms: dict[str, int]
    two_way: int
    one_way: int
    groups: dict[str, int]
    actors: dict[str, Actor]

    @property
    def coordinator(self) -> Actor:
        """She who writes campaigns."""
        return self.actors["coordinator"]

    @property
    def approver(self) -> Actor:
        """She who approves them."""
        return self.actors["approver"]

    @property
    def moderator(self) -> Actor:
        """She who reads feedback."""
        return self.actors["moderator"]

    @property
    def operator(self) -> Actor:
        """She who keeps the machines well."""
        return self.actors["operator"]


def training_programme(
    database: Database, _keyring: KeyRing, now: datetime, *, training: bool = True
) -> TrainingProgramme:
    """Fill a migrated, empty database; no contacts, no campaigns. `training=False` makes a live programme."""
    with database.writing() as session:
        session.add(
            Programme(
                id=1,
                name="Gudar",
                zone=ZONE,
                region="PK",
                currency="PKR",
                languages="ps ur en",
                help_lines="1099",
                training=training,
            )
        )
        places = _add_places(session)
        rhythms = {name: rhythm_for(session, place, WeeklyHours.default()) for name, place in places.items()}
        two_way, one_way = _add_lines(session, now)
        groups = _add_groups(session, places)
        actors = {}
        for role, permissions in ROLES.items():
            staff = add_staff(session, NAMES[role], permissions, now=now)
            actors[role] = Actor(staff.rid, staff.name, permissions)
        return TrainingProgramme(
            places=places,
            rhythms={name: rhythm.id for name, rhythm in rhythms.items()},
            two_way=two_way,
            one_way=one_way,
            groups=groups,
            actors=actors,
        )


def _add_places(session: Session) -> dict[str, int]:
    country = Place(kind=PlaceKind.COUNTRY, name="Pakistan", country="PK", zone=ZONE)
    session.add(country)
    session.flush()
    places = [
        Place(kind=PlaceKind.DISTRICT, name=name, country="PK", zone=ZONE, parent_id=country.id)
        for name in ("Peshawar", "Swat", "Charsadda")
    ]
    session.add_all(places)
    session.flush()
    return {place.name: place.id for place in places}


def _add_lines(session: Session, now: datetime) -> tuple[int, int]:
    both = Can.SMS_OUT | Can.RECEIPTS | Can.ASKED
    two_way = Line(name="Gudar", address=LONG_NUMBER, can=int(both | Can.SMS_IN))
    one_way = Line(name="Gudar, one way", address=SENDER, can=int(both))
    for line in (two_way, one_way):
        line.carrier, line.parts_per_second, line.free_at = "twilio", 10, now
        session.add(line)
        session.flush()
        session.add(Price(line_id=line.id, prefix="", since=now, micros=PART_MICROS))
    one_way.reply_line_id = two_way.id
    return two_way.id, one_way.id


def _add_groups(session: Session, places: dict[str, int]) -> dict[str, int]:
    groups = [
        Tolana(name=name, kind=int(kind), place_id=places[place], code=name.upper())
        for name, kind, place in (
            ("Zarghuna", GroupKind.WOMEN, "Peshawar"),
            ("Bahadar", GroupKind.YOUTH, "Swat"),
            ("Rora", GroupKind.MIXED, "Charsadda"),
        )
    ]
    session.add_all(groups)
    session.flush()
    return {group.name: group.id for group in groups}
