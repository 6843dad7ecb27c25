"""`paigham moderator-key`: a key for the moderators, made away from the server and only registered on it."""

import base64
from pathlib import Path

import click

from campaigns.listening.keys import KeyKnown, KeyMalformed, make_key_file, register_key
from gateway.commands.acting import actor_named, acts_as, the_house
from gateway.commands.simulated import write_private


@click.group("moderator-key")
def moderator_key_group() -> None:
    """Make a moderators' key; tell the server its public half."""


@moderator_key_group.command("new")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the key goes: a stick that leaves with the moderator.",
)
@click.option("--label", default="moderators", show_default=True, help="How the key is called on pages.")
def new_command(out: Path, label: str) -> None:
    """Make a key file. Run it on the moderator's own machine: the private half must never lie on the server."""
    if out.exists():
        raise click.UsageError("There is a file of that name already; it may be the only copy of a key.")
    public, content = make_key_file(label)
    write_private(out, content)
    click.echo(f"The key is in {out}: keep a second copy apart. Whoever has it can read feedback.")
    click.echo(f"On the server: paigham moderator-key register {base64.b64encode(public).decode()} --as NAME")


@moderator_key_group.command("register")
@click.argument("public")
@click.option("--label", default="moderators", show_default=True, help="How the key is called on pages.")
@acts_as
def register_command(public: str, label: str, acting: str) -> None:
    """Seal feedback to PUBLIC (what `new` printed) from the next gathering on."""
    house = the_house()
    try:
        with house.database.writing() as session:
            register_key(session, actor_named(session, acting), _bytes_of(public), label, house.now())
    except KeyKnown:
        raise click.UsageError("This key was registered before: each one is used once.") from None
    except KeyMalformed:
        raise click.UsageError("This is not the public half of a moderators' key.") from None
    click.echo("Feedback is sealed to this key from the next gathering on.")


def _bytes_of(public: str) -> bytes:
    try:
        return base64.b64decode(public, validate=True)
    except ValueError:
        raise KeyMalformed from None
