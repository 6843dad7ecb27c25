"""`paigham keys`: moving everything that is sealed or marked to fresh keys, while campaigns are paused."""

import logging
from dataclasses import dataclass

import click
from sqlalchemy.orm import Session

from campaigns.consent import rekey as consent
from campaigns.inbox import rekey as inbox
from campaigns.listening import rekey as listening
from campaigns.people import rekey as people
from campaigns.programme.programme import the_programme
from campaigns.radio import rekey as radio
from campaigns.staff import audit
from campaigns.staff.actor import Actor, Permission
from campaigns.storage.engine import gate_exclusive
from campaigns.storage.vault import Vault, keep_epoch, move_to_epoch
from campaigns.voice import listeners
from gateway.commands.acting import actor_named, acts_as, the_house
from gateway.house import House

log = logging.getLogger("paigham.commands")

ROOMS = (people.rekey, consent.rekey, radio.rekey, listening.rekey, inbox.rekey, listeners.rekey)


class NotHalted(Exception):
    """Keys are rotated only while everything is paused."""


@dataclass(frozen=True)
class Rotated:
    """What a rotation did."""

    epoch: int
    rows: int


@click.group("keys")
def keys_group() -> None:
    """Rotate the keys of the vault."""


@keys_group.command("rotate")
@acts_as
def rotate_command(acting: str) -> None:
    """Make new keys and move everything to them. Pause everything first; texts that come in wait meanwhile."""
    house = the_house()
    with house.database.reading() as session:
        actor = actor_named(session, acting)
    try:
        rotated = rotate(house, actor)
    except NotHalted:
        raise click.UsageError(
            f'Keys are rotated only while everything is paused: run `paigham halt --as "{acting}"` first.'
        ) from None
    click.echo(f"{rotated.rows} rows are sealed with the keys of epoch {rotated.epoch}.")
    click.echo("Back up the key files now. Keep every suppression key for ever: the marks of those who said")
    click.echo(
        "STOP are made from all of them. Older box and index keys open older backups, and nothing else."
    )


def rotate(house: House, actor: Actor) -> Rotated:
    """Move every sealed value and mark to the keys of the next epoch, in one transaction.

    A crash before its commit leaves everything as it was, readable with the old keys; the next rotation uses the
    key files that this one wrote. Raises NotPermitted, NotHalted, BoxDamaged.
    """
    actor.require(Permission.OPERATE)
    with house.database.writing() as session:
        keep_epoch(session)
        gate_exclusive(session)
        if the_programme(session).halted_at is None:
            raise NotHalted
        old, new = _epochs(house, session)
        rows = sum(rekey(session, old, new) for rekey in ROOMS)
        move_to_epoch(session, new.epoch)
        audit.record(session, actor, "keys rotated", f"epoch:{new.epoch}", now=house.now())
    log.info("keys.rotated", extra={"epoch": new.epoch, "rows": rows})
    return Rotated(new.epoch, rows)


def _epochs(house: House, session: Session) -> tuple[Vault, Vault]:
    """The vault as it is, and as it will be."""
    old = house.keyring.vault(session)
    ring = old.ring
    if ring.newest_epoch == old.epoch:
        ring = ring.add_epoch()
    return old, ring.at(old.epoch + 1)
