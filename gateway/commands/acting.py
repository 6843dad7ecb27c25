"""As whom a command acts: the house of this environment, and the member of staff named with `--as`."""

import os
from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.staff.actor import Actor, Permission, Staff
from gateway.commands.simulated import remembered_environment
from gateway.house import House
from gateway.settings import Settings


class NobodyOfThisName(Exception):
    """No active member of staff, or more than one, has the name given with `--as`."""


def the_house() -> House:
    """The house as this process's environment describes it. Raises SettingsInvalid.

    In a training programme whatever the environment leaves open is as at the last start.
    """
    settings = Settings.from_env(os.environ)
    remembered = remembered_environment(settings.data_dir)
    return House.from_settings(Settings.from_env({**remembered, **os.environ}) if remembered else settings)


def acts_as(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option `--as NAME`: whose name goes into the audit trail."""
    return click.option("--as", "acting", required=True, help="The member of staff who does this.")(command)


def actor_named(session: Session, name: str) -> Actor:
    """The one active member of staff with this name. Raises NobodyOfThisName."""
    found = session.scalars(select(Staff).where(Staff.name == name, Staff.active)).all()
    if len(found) != 1:
        how_many = "Nobody" if not found else "More than one person"
        raise NobodyOfThisName(f"{how_many} on the staff is called that: see `paigham staff list`.")
    return Actor(found[0].rid, found[0].name, Permission(found[0].permissions))
