"""The order in which several workers do the tests: none is to begin with minutes of work when the others are done."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")


def longest_first(items: Sequence[T], workers: int, patience: Callable[[T], float]) -> list[T]:
    """All of these, those with patience first, dealt out to the workers, and after them the rest as it was.

    `--dist worksteal` gives each worker a neighbouring share of what is collected, and lets whoever is done take from
    the end of another's.
    """
    long = sorted(filter(patience, items), key=patience, reverse=True)
    rest = [item for item in items if not patience(item)]
    ordered: list[T] = []
    for worker in range(workers):
        hand = long[worker::workers]
        share = (len(items) - len(ordered)) // (workers - worker)
        fill = max(share - len(hand), 0)
        ordered += [*hand, *rest[:fill]]
        rest = rest[fill:]
    return ordered


def patience_with(item: pytest.Item) -> float:
    """The seconds that a test is given by a mark of its own; 0 for all others."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark else 0.0
