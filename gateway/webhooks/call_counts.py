"""Counts of calls on their way to the database: gathered by each process, added up in Redis, flushed by the clock
(gateway.work.counts).

By node and day, nobody's in particular. A step of a call waits for none of it, and whatever is lost on the way (a
second of a killed process, a wiped Redis) is lost from figures only.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import date

from redis import Redis

from campaigns.voice.call import Count
from campaigns.voice.counts import field_of
from gateway.webhooks.volatile import COUNTS, TROUBLE

log = logging.getLogger("paigham.counts")

EVERY_SECONDS = 1.0
KEPT_SECONDS = 48 * 3600


class CallCounts:
    """What this process has counted and not handed on yet."""

    def __init__(self, redis: Redis, every_seconds: float = EVERY_SECONDS) -> None:
        """Take a client that does not wait long; nothing runs until something is counted. With no seconds between,
        whatever is counted is handed on at once."""
        self._redis, self._every_seconds = redis, every_seconds
        self._lock = threading.Lock()
        self._waiting: Counter[tuple[date, str]] = Counter()

    def add(self, day: date, counts: Iterable[Count]) -> None:
        """Count; within a second it is in Redis."""
        with self._lock:
            was_empty = not self._waiting
            for count in counts:
                self._waiting[day, field_of(count)] += count.n
            is_first = was_empty and bool(self._waiting)
        if is_first and self._every_seconds:
            timer = threading.Timer(self._every_seconds, self.hand_on)
            timer.daemon = True
            timer.start()
        elif is_first:
            self.hand_on()

    def hand_on(self) -> None:
        """Add what was gathered to Redis; lost when Redis is away."""
        with self._lock:
            gathered, self._waiting = self._waiting, Counter()
        adding = self._redis.pipeline(transaction=False)
        for (day, field), n in gathered.items():
            adding.hincrby(f"{COUNTS}{day:%Y-%m-%d}", field, n)
        for day in {day for day, _ in gathered}:
            adding.expire(f"{COUNTS}{day:%Y-%m-%d}", KEPT_SECONDS)
        try:
            adding.execute()
        except TROUBLE:
            log.warning("counts.lost", extra={"fields": len(gathered)})
