"""What is due when, on the shown clock: one heap and one timer for the whole carrier."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

from gateway.simulator.clock import ShownClock

# As many acts as keep the API's answers waiting for a few milliseconds at most.
ACTS_PER_TURN = 100


class Timeline:
    """Runs acts in the order of their due time; acts due together run in the order they were put in."""

    def __init__(self, clock: ShownClock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._timer: asyncio.Handle | None = None
        clock.on_change(self._arm)

    def at(self, due: float, act: Callable[[], None]) -> None:
        """Run `act` once the shown clock has reached `due` (Unix seconds)."""
        is_first = not self._heap or due < self._heap[0][0]
        heapq.heappush(self._heap, (due, next(self._order), act))
        if is_first or self._timer is None:
            self._arm()

    def clear(self) -> None:
        self._heap.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._heap:
            return
        wait = self._clock.real_seconds_until(self._heap[0][0])
        if wait is not None:
            self._timer = asyncio.get_running_loop().call_later(wait, self._run_due)

    def _run_due(self) -> None:
        self._timer = None
        now = self._clock.now()
        try:
            for _ in range(ACTS_PER_TURN):
                if not self._heap or self._heap[0][0] > now:
                    break
                heapq.heappop(self._heap)[2]()
        finally:
            self._arm()
