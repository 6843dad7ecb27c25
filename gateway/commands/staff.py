"""`paigham staff`: who works with this installation, and with which role; passwords are asked for, never arguments."""

from typing import TYPE_CHECKING

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaigns.staff import audit
from campaigns.staff.actor import ROLES, Actor, Permission, Staff, add_staff
from gateway.commands.acting import NobodyOfThisName, actor_named, the_house

if TYPE_CHECKING:  # the console's libraries take a second to load, and listing staff needs none of them
    from gateway.console.signin.models import Account

LONGEST_NAME = 80


@click.group("staff")
def staff_group() -> None:
    """Add, list and disable members of staff."""


@staff_group.command("add")
@click.option(
    "--name", required=True, help="How colleagues know the person; numbers or surnames are not needed."
)
@click.option("--role", required=True, type=click.Choice(sorted(ROLES)), help="What the person may do.")
@click.option("--hears-women", is_flag=True, help="A woman who may hear and decide on what women recorded.")
@click.option("--sign-in", required=True, help="The name to sign in with.")
@click.option("--as", "acting", help="The operator who adds; may be left out for the very first person.")
@click.password_option(help="Asked for when left out, so that it stays out of the shell's history.")
def add_command(
    name: str, role: str, hears_women: bool, sign_in: str, acting: str | None, password: str
) -> None:
    """Add a member of staff with an account."""
    from gateway.console.signin.accounts import SignInNameTaken, SignInNameUnusable, create_account
    from gateway.console.signin.passwords import PasswordTooLong, PasswordTooShort

    house = the_house()
    now = house.now()
    permissions = ROLES[role] | (Permission.HEAR_WOMEN if hears_women else Permission(0))
    try:
        with house.database.writing() as session:
            actor = _operator(session, acting)
            staff = add_staff(session, name.strip()[:LONGEST_NAME], permissions, now=now)
            create_account(session, sign_in=sign_in, password=password, staff=staff.rid, now=now)
            audit.record(session, actor, f"staff added as {role}", f"staff:{staff.rid.hex()}", now=now)
    except SignInNameTaken:
        raise click.UsageError("Somebody signs in with that name already: choose another.") from None
    except (SignInNameUnusable, PasswordTooShort, PasswordTooLong) as error:
        raise click.UsageError(str(error) or type(error).__doc__ or "") from None
    click.echo(f"{name} may sign in as {sign_in}; a second factor is set up at the first sign-in.")


@staff_group.command("list")
def list_command() -> None:
    """List everybody: name, role (* hears what women recorded), and whether active."""
    with the_house().database.reading() as session:
        for staff in session.scalars(select(Staff).order_by(Staff.name)):
            click.echo(f"{staff.name:<24} {_role_of(staff):<12} {'active' if staff.active else 'disabled'}")


@staff_group.command("disable")
@click.argument("name")
@click.option("--as", "acting", required=True, help="The operator who does this.")
def disable_command(name: str, acting: str) -> None:
    """Take all permissions away from NAME at once and end all sessions; what was done stays on record."""
    from gateway.console.signin.accounts import close_account

    house = the_house()
    with house.database.writing() as session:
        actor = _operator(session, acting)
        person = actor_named(session, name)
        session.get_one(Staff, person.staff).active = False
        if account := _account_of(session, person):
            close_account(session, account)
        audit.record(session, actor, "staff disabled", f"staff:{person.staff.hex()}", now=house.now())
    click.echo(f"{name} may do nothing any more.")


@staff_group.command("reset-second-factor")
@click.argument("name")
@click.option("--as", "acting", required=True, help="The operator who does this.")
def reset_command(name: str, acting: str) -> None:
    """Forget NAME's second factor (a lost phone): the next sign-in sets up a new one. Ends all sessions."""
    from gateway.console.signin.accounts import reset_second_factor

    house = the_house()
    with house.database.writing() as session:
        actor = _operator(session, acting)
        person = actor_named(session, name)
        account = _account_of(session, person)
        if account is None:
            raise click.UsageError("That person has no account.")
        reset_second_factor(session, account)
        audit.record(session, actor, "second factor reset", f"staff:{person.staff.hex()}", now=house.now())
    click.echo(f"{name} sets up a new second factor at the next sign-in.")


def _operator(session: Session, acting: str | None) -> Actor | None:
    """Who acts; nobody only while there is no staff at all. Raises NobodyOfThisName, NotPermitted."""
    if acting is None:
        if session.scalars(select(Staff.rid).limit(1)).first() is not None:
            raise NobodyOfThisName("Say who does this with --as: there is staff already.")
        return None
    actor = actor_named(session, acting)
    actor.require(Permission.OPERATE)
    return actor


def _account_of(session: Session, person: Actor) -> "Account | None":
    from gateway.console.signin.models import Account

    return session.scalars(select(Account).where(Account.staff == person.staff)).one_or_none()


def _role_of(staff: Staff) -> str:
    """Its name; with a star for whoever also hears what women recorded."""
    held = Permission(staff.permissions)
    of_role = held & ~Permission.HEAR_WOMEN
    role = next((role for role, permissions in ROLES.items() if permissions == of_role), "other")
    return f"{role} *" if Permission.HEAR_WOMEN in held else role
