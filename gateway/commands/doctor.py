"""`paigham doctor`: looks at everything this installation depends on, and says what to mend."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click
from sqlalchemy.exc import DBAPIError

from campaigns.programme.programme import Programme
from gateway.commands import checks_of_machine as machine
from gateway.commands import checks_of_services as services
from gateway.commands.acting import the_house
from gateway.commands.findings import Finding, Grade, well, wrong
from gateway.house import House
from gateway.settings import SettingsInvalid


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For a program to read.")
def doctor_command(as_json: bool) -> None:
    """Check settings, keys, database, Redis, carrier, addresses and clock; ends with 1 when something is wrong."""
    found = []
    for finding in examine():
        found.append(finding)
        if not as_json:
            click.echo(finding.line())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1))
    if any(finding.grade is Grade.WRONG for finding in found):
        sys.exit(1)


def examine() -> Iterator[Finding]:
    """Everything that is found in this environment, in the order in which it should be mended."""
    try:
        house = the_house()
    except SettingsInvalid as error:
        yield wrong("settings", str(error), "mend or unset these names")
        return
    yield well("settings", "all names and values can be used")
    yield from machine.check_folders(house.settings)
    yield from machine.check_keys(house.settings)
    yield from machine.check_secrets(house.settings)
    yield from services.check_database(house)
    yield from services.check_redis(house)
    yield from services.check_carrier(house)
    yield from machine.check_addresses(house.settings, training=_is_training(house))
    yield from services.check_programs(house)
    yield from services.check_ledger(house)
    yield from machine.check_memory(house.settings)


def _is_training(house: House) -> bool:
    try:
        with house.database.reading() as session:
            programme = session.get(Programme, 1)
    except DBAPIError:
        return False
    return programme is not None and programme.training
