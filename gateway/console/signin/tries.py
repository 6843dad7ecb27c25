"""Counting tries: written down before anything is checked, so that a crash or a second process forgets none."""

import hashlib
import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from campaigns.storage.engine import Database
from gateway.console.signin.models import SignInTry

WINDOW = timedelta(minutes=1)
TRIES_OF_ONE = 5
TRIES_OF_ALL = 60
KEPT = timedelta(hours=1)


class TooManyTries(Exception):
    """Five tries for one name, or sixty for all, within a minute."""


def count_try(database: Database, key: bytes, kind: str, name: str, *, now: datetime) -> int:
    """Record one try and return its id while there are few. The name need not exist: the answer is the same.

    Writes in a transaction of its own and counts after its commit, so that of tries made at the same moment
    at most five pass. Raises TooManyTries.
    """
    mark = hmac.new(key, f"{kind}\x1f{name}".encode(), hashlib.sha256).digest()
    with database.writing() as session:
        row = SignInTry(mark=mark, at=now)
        session.add(row)
        session.flush()
        session.execute(delete(SignInTry).where(SignInTry.at < now - KEPT))
    with database.reading() as session:
        recent = select(func.count()).select_from(SignInTry).where(SignInTry.at > now - WINDOW)
        of_all = session.scalars(recent).one()
        of_one = session.scalars(recent.where(SignInTry.mark == mark)).one()
    if of_one > TRIES_OF_ONE or of_all > TRIES_OF_ALL:
        raise TooManyTries
    return row.id


def forgive_try(database: Database, number: int) -> None:
    """A try that was right does not count against her."""
    with database.writing() as session:
        session.execute(delete(SignInTry).where(SignInTry.id == number))
