"""Waiting for a condition, never for a while."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NeverHappened(AssertionError):
    """The condition did not come true before its deadline."""


def until(condition: Callable[[], T], *, seconds: float = 20.0, what: str = "", every: float = 0.02) -> T:
    """Ask again and again until the answer is truthy, and return it.

    Raises NeverHappened after `seconds`, naming `what` was awaited. Exceptions of `condition` are not swallowed.
    """
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise NeverHappened(f"{what or 'the awaited condition'} did not happen within {seconds:g} s")
        time.sleep(every)
    return answer
