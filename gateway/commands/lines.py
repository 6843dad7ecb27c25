"""`paigham line` and `paigham place`: what a live programme sends by, and where its people are."""

import re
from datetime import datetime
from decimal import Decimal
from zoneinfo import available_timezones

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.outreach.answers import open_answers
from campaigns.outreach.campaigns import Means
from campaigns.programme.lines import Can, Line, Price, line_by_address, price_micros, way_out_address
from campaigns.programme.places import Place, PlaceKind
from campaigns.programme.programme import the_programme
from campaigns.staff import audit
from campaigns.staff.actor import Permission
from gateway.carriers.registry import CARRIERS
from gateway.commands.acting import actor_named, acts_as, the_house

MICROS = 1_000_000
INTERNATIONAL, SHORT_CODE = re.compile(r"\+[1-9][0-9]{6,14}"), re.compile(r"[0-9]{3,8}")
SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")  # a registered sender (3GPP TS 23.040)


@click.group("line")
def line_group() -> None:
    """Add and list the senders and numbers of the programme."""


@line_group.command("add")
@click.option("--name", required=True, help="How staff know it.")
@click.option("--address", required=True, help="The number, or the registered sender.")
@click.option("--carrier", type=click.Choice(CARRIERS), default=CARRIERS[0], show_default=True)
@click.option("--two-way", is_flag=True, help="People can text to it.")
@click.option("--reply-to", help="For a one-way sender: the address of the line that hears STOP.")
@click.option("--parts-per-second", type=click.IntRange(1, 1_000), default=1, show_default=True)
@click.option("--price", type=Decimal, required=True, help="Of one part, in the programme's currency.")
@acts_as
def add_line_command(
    name: str,
    address: str,
    carrier: str,
    two_way: bool,
    reply_to: str | None,
    parts_per_second: int,
    price: Decimal,
    acting: str,
) -> None:
    """Add a line, with its price and its box for answers. A sender to which nobody can text STOP is refused."""
    house = the_house()
    now = house.now()
    with house.database.writing() as session:
        actor = actor_named(session, acting)
        actor.require(Permission.OPERATE)
        if line_by_address(session, carrier, address) is not None:
            raise click.UsageError("There is a line of this address already.")
        line = Line(
            name=name,
            carrier=carrier,
            address=_address(address, two_way=two_way),
            can=int(Can.SMS_OUT | Can.RECEIPTS | Can.ASKED | (Can.SMS_IN if two_way else Can(0))),
            parts_per_second=parts_per_second,
            reply_line_id=_hearing_line(session, carrier, reply_to),
            free_at=now,
        )
        session.add(line)
        session.flush()
        _must_hear_stop(session, line)
        session.add(Price(line_id=line.id, prefix="", since=now, micros=int(price * MICROS)))
        open_answers(session, line.id, now=now)
        audit.record(session, actor, "line added", f"line:{line.id}", now=now)
    click.echo(f"The line {name} is added.")
    if two_way:
        click.echo(
            f"At the carrier, let its texts be posted to {house.settings.public_url}/carrier/{carrier}/messages"
        )


@line_group.command("add-voice")
@click.option("--name", required=True, help="How staff know it.")
@click.option("--address", required=True, help="The number that people ring.")
@click.option("--carrier", type=click.Choice(CARRIERS), default=CARRIERS[0], show_default=True)
@click.option("--calls-per-second", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--calls-at-once", type=click.IntRange(1, 1_000), default=20, show_default=True)
@click.option(
    "--price", type=Decimal, required=True, help="Of a started minute, in the programme's currency."
)
@acts_as
def add_voice_line_command(
    name: str,
    address: str,
    carrier: str,
    calls_per_second: int,
    calls_at_once: int,
    price: Decimal,
    acting: str,
) -> None:
    """Add a number that is rung and that rings, with the price of its minutes. Texts have lines of their own."""
    house = the_house()
    now = house.now()
    with house.database.writing() as session:
        actor = actor_named(session, acting)
        actor.require(Permission.OPERATE)
        if line_by_address(session, carrier, address) is not None:
            raise click.UsageError("There is a line of this address already.")
        line = Line(
            name=name,
            carrier=carrier,
            address=_address(address, two_way=True),
            can=int(Can.VOICE_IN | Can.VOICE_OUT | Can.RECEIPTS | Can.ASKED),
            parts_per_second=1,
            calls_per_second=calls_per_second,
            calls_at_once=calls_at_once,
            free_at=now,
        )
        session.add(line)
        session.flush()
        session.add(Price(line_id=line.id, prefix="", since=now, micros=int(price * MICROS)))
        open_answers(session, line.id, means=Means.CALL, now=now)
        audit.record(session, actor, "line added", f"line:{line.id}", now=now)
    click.echo(f"The voice line {name} is added.")
    click.echo(
        f"At the carrier, let its calls be posted to {house.settings.public_url}/carrier/{carrier}/calls/begin"
    )
    click.echo("Nobody is called back before a day's cap is set: `paigham programme caps --help`.")


@line_group.command("list")
def list_lines_command() -> None:
    """List every line: what it can do, how fast, and what a part costs."""
    house = the_house()
    now: datetime = house.now()
    with house.database.reading() as session:
        currency = the_programme(session).currency
        for line in session.scalars(select(Line).order_by(Line.id)):
            way = (
                "two-way"
                if Can.SMS_IN in line.abilities
                else f"STOP goes to {way_out_address(session, line)}"
            )
            if Can.VOICE_IN in line.abilities:
                way = f"voice, {line.calls_per_second} calls a second, {line.calls_at_once} at once"
            price = Decimal(price_micros(session, line.id, now=now)) / MICROS
            click.echo(
                f"{line.name:<20} {line.address:<16} {line.parts_per_second}/s {price} {currency} {way}"
            )


@click.group("place")
def place_group() -> None:
    """Add and list the places that people are counted by."""


@place_group.command("add")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice([kind.name.lower() for kind in PlaceKind]), required=True)
@click.option("--in", "within", required=True, help="The name of the place it lies in.")
@click.option("--zone", help="Its time zone, if it is not that of the place it lies in.")
@acts_as
def add_place_command(name: str, kind: str, within: str, zone: str | None, acting: str) -> None:
    """Add a place: a province, district, tehsil or union council; never finer."""
    if zone is not None and zone not in available_timezones():
        raise click.BadParameter("no such zone; an example is Asia/Karachi", param_hint="--zone")
    house = the_house()
    with house.database.writing() as session:
        actor = actor_named(session, acting)
        actor.require(Permission.OPERATE)
        parent = session.scalars(select(Place).where(Place.name == within).order_by(Place.id)).first()
        if parent is None:
            raise click.UsageError("There is no such place to lie in: see `paigham place list`.")
        place = Place(
            name=name,
            kind=int(PlaceKind[kind.upper()]),
            parent_id=parent.id,
            country=parent.country,
            zone=zone or parent.zone,
        )
        session.add(place)
        session.flush()
        audit.record(session, actor, "place added", f"place:{place.id}", now=house.now())
    click.echo(f"The place {name} is added.")


@place_group.command("list")
def list_places_command() -> None:
    """List every place with its kind and zone."""
    with the_house().database.reading() as session:
        for place in session.scalars(select(Place).order_by(Place.kind, Place.name)):
            click.echo(f"{place.name:<28} {PlaceKind(place.kind).name.lower():<14} {place.zone}")


def _address(address: str, *, two_way: bool) -> str:
    """The address as the carrier writes it: an international number, a short code, or a one-way sender."""
    if INTERNATIONAL.fullmatch(address) or SHORT_CODE.fullmatch(address):
        return address
    if not two_way and SENDER.fullmatch(address):
        return address
    says = "give an international number such as +923001234567, a short code, or (one-way only) a sender"
    raise click.BadParameter(says, param_hint="--address")


def _hearing_line(session: Session, carrier: str, address: str | None) -> int | None:
    if address is None:
        return None
    line = line_by_address(session, carrier, address)
    if line is None:
        raise click.BadParameter("there is no such line yet: add it first", param_hint="--reply-to")
    return line.id


def _must_hear_stop(session: Session, line: Line) -> None:
    if way_out_address(session, line) is None:
        raise click.UsageError(
            "Nobody could say STOP to it: name with --reply-to a line that people can text to."
        )
