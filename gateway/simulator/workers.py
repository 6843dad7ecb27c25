"""Queues of webhooks to call, and the workers that empty them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

Job = Callable[[], Awaitable[None]]


class Workers:
    """Jobs begin in the order they were put in, up to `at_once` together, so they may overtake each other."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._running = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def unfinished(self) -> int:
        return self._queue.qsize() + self._running

    def put(self, job: Job) -> None:
        self._queue.put_nowait(job)

    def clear(self) -> None:
        """Forget what has not begun."""
        while not self._queue.empty():
            self._queue.get_nowait()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._at_once)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _work(self) -> None:
        while True:
            job = await self._queue.get()
            self._running += 1
            try:
                await job()
            finally:
                self._running -= 1
