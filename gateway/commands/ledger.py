"""`paigham ledger`: what a trustee runs, and the head that two trustees keep on paper."""

import re
import sys

import click

from campaigns.consent import ledger
from campaigns.consent.ledger import Head
from gateway.commands.acting import the_house

HEAD = re.compile(r"(\d+):([0-9a-f]{64})")


class _HeadType(click.ParamType[Head]):
    name = "N:HASH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """Read what `paigham ledger head` printed."""
        if isinstance(value, Head):
            return value
        found = HEAD.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(
                "give the number, a colon and 64 letters and digits, as `paigham ledger head` prints", param
            )
        return Head(int(found[1]), bytes.fromhex(found[2]))


@click.group("ledger")
def ledger_group() -> None:
    """Verify the consent ledger; show its head."""


@ledger_group.command("head")
def head_command() -> None:
    """Print the last block's number and hash: what a trustee keeps outside of this machine."""
    with the_house().database.reading() as session:
        head = ledger.head(session)
    click.echo(f"{head.n}:{head.hash.hex()}" if head else "The ledger is empty.")


@ledger_group.command("verify")
@click.option("--head", "trusted", type=_HeadType(), help="What a trustee kept, as `ledger head` printed it.")
def verify_command(trusted: Head | None) -> None:
    """Check every consent event, every block and all that stands; ends with 1 when something was altered."""
    house = the_house()
    with house.database.reading() as session:
        verdict = ledger.verify(session, house.vault(session), trusted)
    waiting = f", {verdict.unsealed} wait for a block" if verdict.unsealed else ""
    click.echo(f"{verdict.events} events in {verdict.blocks} blocks{waiting}.")
    if verdict.fault:
        click.echo(f"✗ {verdict.fault}")
        sys.exit(1)
    click.echo("✓ nothing was altered")
    if trusted is None:
        click.echo("  (give a trustee's --head as well: without it a cut end would not show)")
