"""Accounts as commands and the account page change them; each function does one thing in the caller's transaction."""

import re
import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from campaigns.programme.programme import the_programme
from gateway.console.signin.models import Account, OpenSession
from gateway.console.signin.passwords import check_length, hash_of

SIGN_IN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,38}")


class SignInNameUnusable(Exception):
    """A sign-in name has 2 to 39 small Latin letters, digits, dots or dashes."""


class SignInNameTaken(Exception):
    """Another account has this sign-in name."""


class NoSuchAccount(Exception):
    """No account has this sign-in name."""


def create_account(session: Session, *, sign_in: str, password: str, staff: bytes, now: datetime) -> Account:
    """Let a member of staff sign in; her permissions are what the domain says of `staff`.

    A live programme asks for 15 to 128 characters, a training one for 6.
    Raises SignInNameUnusable, SignInNameTaken, PasswordTooShort, PasswordTooLong.
    """
    name = normal_name(sign_in)
    if not SIGN_IN_NAME.fullmatch(name):
        raise SignInNameUnusable
    if _find(session, name) is not None:
        raise SignInNameTaken
    check_length(password, training=the_programme(session).training)
    account = Account(
        sign_in=name,
        staff=staff,
        password=hash_of(password),
        active=True,
        fs_uniquifier=_fresh_uniquifier(),
        recovery_codes="",
        since=now,
    )
    session.add(account)
    session.flush()
    return account


def account_by_name(session: Session, sign_in: str) -> Account:
    """The account with this sign-in name. Raises NoSuchAccount."""
    account = _find(session, normal_name(sign_in))
    if account is None:
        raise NoSuchAccount
    return account


def set_password(session: Session, account: Account, password: str) -> None:
    """Give the account another password and end all its sessions. Raises PasswordTooShort, PasswordTooLong."""
    check_length(password, training=the_programme(session).training)
    account.password = hash_of(password)
    end_all_sessions(session, account)


def reset_second_factor(session: Session, account: Account) -> None:
    """Forget the second factor and its recovery codes (a lost phone), and end all sessions."""
    account.tf_primary_method = account.tf_totp_secret = account.totp_counter = None
    account.recovery_codes = ""
    end_all_sessions(session, account)


def end_all_sessions(session: Session, account: Account) -> None:
    """Sign the account out everywhere: every cookie given out before is worth nothing from the commit on."""
    account.fs_uniquifier = _fresh_uniquifier()
    session.execute(delete(OpenSession).where(OpenSession.account_id == account.id))
    session.flush()


def close_account(session: Session, account: Account) -> None:
    """Let nobody sign in with this account any more; the row stays, so that its name is not given again."""
    account.active = False
    end_all_sessions(session, account)


def normal_name(sign_in: str) -> str:
    """A sign-in name as it is kept."""
    return sign_in.strip().lower()


def _find(session: Session, name: str) -> Account | None:
    return session.scalars(select(Account).where(Account.sign_in == name)).one_or_none()


def _fresh_uniquifier() -> str:
    return secrets.token_hex(32)
