"""Patience with trouble that passes: a person waits, but only so long."""

import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

__all__ = ["PASSING", "patiently"]

T = TypeVar("T")
# The carrier waits 15 s; the person should not.
PATIENCE_SECONDS = 3.0
PAUSES_SECONDS = (0.05, 0.15, 0.4, 0.8, 1.2)
# The database is away or another writer was first; the same again may succeed, and does nothing twice.
PASSING = (OperationalError, InterfaceError, PoolExhausted, IntegrityError)


def patiently(work: Callable[[], T]) -> T:
    """Do it, and again within three seconds while the trouble is one that passes. Raises the last trouble."""
    gives_up = time.monotonic() + PATIENCE_SECONDS
    for pause in PAUSES_SECONDS:
        try:
            return work()
        except PASSING:
            if time.monotonic() + pause >= gives_up:
                raise
            time.sleep(pause)
    return work()
