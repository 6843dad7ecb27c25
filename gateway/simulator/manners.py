"""How the carrier answers what it is asked to take: at once, late, or not at all."""

import asyncio
from collections import Counter
from contextlib import suppress

from aiohttp import web

from gateway.simulator import wire
from gateway.simulator.errors import Refused
from gateway.simulator.faults import Chance
from gateway.simulator.outcomes import BUSY_TRIES, HANG_SECONDS, Answer
from gateway.simulator.receipts import Receipts


class Manners:
    """The same for texts and calls: the number's last digits choose first, then the faults."""

    def __init__(self, receipts: Receipts, chance: Chance) -> None:
        self._receipts, self._chance = receipts, chance
        self._tries: Counter[str] = Counter()
        self._released = asyncio.Event()

    def clear(self) -> None:
        """Answers that are held up are given."""
        self._tries.clear()
        self._released.set()
        self._released = asyncio.Event()

    def before(self, to: str, answer: Answer) -> None:
        """Raises `Refused` with 20429 or 20500 where nothing is taken."""
        if answer is Answer.BUSY_AT_FIRST:
            self._tries[to] += 1
        is_busy = answer is Answer.BUSY_AT_FIRST and self._tries[to] <= BUSY_TRIES
        if is_busy or self._chance.strikes(self._receipts.faults.too_many):
            raise Refused(20429)
        if answer is Answer.BROKEN or self._chance.strikes(self._receipts.faults.server_error):
            raise Refused(20500)

    def taken(self, request: web.Request, answer: Answer) -> None:
        """It was taken; the connection may drop before anybody hears of it."""
        if answer is Answer.DROP or self._chance.strikes(self._receipts.faults.drop):
            wire.drop(request)

    async def linger(self, answer: Answer) -> None:
        """Before the answer is sent."""
        if answer is Answer.HANG:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._released.wait(), HANG_SECONDS)
