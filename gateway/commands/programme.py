"""`paigham programme`, `halt` and `resume`: the one row of settings, and the button that pauses everything."""

import re
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import click
import phonenumbers
from sqlalchemy.orm import Session

from campaigns.language.catalogue import languages as spoken_languages
from campaigns.outreach.budget import CALL_BACKS, set_cap
from campaigns.programme import programme as rooms
from campaigns.programme.places import Place, PlaceKind
from campaigns.programme.programme import Programme
from campaigns.staff import audit
from campaigns.staff.actor import Permission
from gateway.commands.acting import actor_named, acts_as, the_house

MICROS = 1_000_000
BEGINNING = re.compile(r"\+[1-9][0-9]{1,11}")


@click.group("programme")
def programme_group() -> None:
    """Make and show the programme of this installation."""


@programme_group.command("new")
@click.option("--name", required=True, help="How people know it.")
@click.option(
    "--own-name",
    "own_names",
    multiple=True,
    metavar="TAG=NAME",
    help="The name in a language's script, such as ps=ګودر.",
)
@click.option("--zone", required=True, help="Its time zone, such as Asia/Karachi.")
@click.option("--region", required=True, help="Its country's two letters, such as PK.")
@click.option("--currency", default="USD", show_default=True, help="What prices are in, three letters.")
@click.option("--languages", default="ur ps en", show_default=True, help="What staff write in, by tag.")
@click.option("--help-lines", default="", help="Numbers of help lines that HELP may name.")
def new_command(
    name: str,
    own_names: tuple[str, ...],
    zone: str,
    region: str,
    currency: str,
    languages: str,
    help_lines: str,
) -> None:
    """Make the live programme of a database that has none; it stays live for ever."""
    _check(zone, region, languages)
    house = the_house()
    with house.database.writing() as session:
        if session.get(Programme, 1) is not None:
            raise click.UsageError("This database has a programme already, and one is all it may have.")
        session.add(
            Programme(
                id=1,
                name=name,
                own_names=_own_names(own_names),
                zone=zone,
                region=region,
                currency=currency,
                languages=languages,
                help_lines=help_lines,
                training=False,
            )
        )
        _country(session, zone, region)
        audit.record(session, None, "programme made", "programme:1", now=house.now())
    click.echo(f"The programme {name} is made. Next: `paigham staff add --help`.")


def _own_names(pairs: tuple[str, ...]) -> str:
    for pair in pairs:
        tag, _, own = pair.partition("=")
        if tag not in spoken_languages() or not own.strip() or ";" in own:
            raise click.UsageError(
                f"An own name reads like ps=ګودر, for one of {', '.join(spoken_languages())}."
            )
    return ";".join(pairs)


@programme_group.command("show")
def show_command() -> None:
    """Show the programme: its name, its mode and whether it is paused."""
    house = the_house()
    with house.database.reading() as session:
        programme = rooms.the_programme(session)
        click.echo(f"{programme.name} · {'training' if programme.training else 'live'} · {programme.zone}")
        click.echo(f"languages {programme.languages} · region {programme.region}")
        if programme.halted_at:
            since = programme.halted_at.astimezone(ZoneInfo(programme.zone))
            click.echo(f"everything is paused since {since:%A %d %B %Y, %H:%M}")


@programme_group.command("caps")
@click.option("--day", type=Decimal, help="What all sending and calling may cost in a day.")
@click.option("--month", type=Decimal, help="And in a month.")
@click.option(
    "--call-backs", type=Decimal, help="What calling people back may cost in a day; 0 calls nobody."
)
@click.option("--bar", "barred", help="Beginnings of numbers never called back, such as '+92900 +92339'.")
@acts_as
def caps_command(
    day: Decimal | None, month: Decimal | None, call_backs: Decimal | None, barred: str | None, acting: str
) -> None:
    """Set what may be spent, in the programme's currency: at a cap, sending and calling stop by themselves."""
    house = the_house()
    given = {"day": day, "month": month, CALL_BACKS: call_backs}
    caps = {scope: cap for scope, cap in given.items() if cap is not None}
    if (not caps and barred is None) or any(cap < 0 for cap in caps.values()):
        raise click.UsageError("Give one cap at least, 0 or more.")
    if barred is not None and not all(BEGINNING.fullmatch(one) for one in barred.split()):
        raise click.BadParameter("each beginning reads like +92900", param_hint="--bar")
    with house.database.writing() as session:
        actor = actor_named(session, acting)
        actor.require(Permission.OPERATE)
        for scope, cap in caps.items():
            set_cap(session, scope, int(cap * MICROS), now=house.now())
        if barred is not None:
            rooms.the_programme(session).barred_prefixes = " ".join(barred.split())
        audit.record(session, actor, "caps set", "programme:1", now=house.now())
    click.echo("The caps are set.")


@click.command("halt")
@acts_as
def halt_command(acting: str) -> None:
    """Pause everything: nothing is handed over until `paigham resume`. STOP and JOIN are still answered."""
    house = the_house()
    with house.database.writing() as session:
        rooms.halt(session, actor_named(session, acting), now=house.now())
    click.echo("Everything is paused.")


@click.command("resume")
@acts_as
def resume_command(acting: str) -> None:
    """Let campaigns go on from where they stood."""
    house = the_house()
    with house.database.writing() as session:
        rooms.resume(session, actor_named(session, acting), now=house.now())
    click.echo("Campaigns go on.")


def _check(zone: str, region: str, languages: str) -> None:
    if zone not in available_timezones():
        raise click.BadParameter("no such zone; an example is Asia/Karachi", param_hint="--zone")
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise click.BadParameter("no such country; an example is PK", param_hint="--region")
    unknown = sorted(set(languages.split()) - set(spoken_languages()))
    if unknown or not languages.split():
        known = " ".join(spoken_languages())
        raise click.BadParameter(f"choose among {known}", param_hint="--languages")


def _country(session: Session, zone: str, region: str) -> None:
    """The place that all others will lie in."""
    session.add(Place(kind=int(PlaceKind.COUNTRY), name=region, country=region, zone=zone))
