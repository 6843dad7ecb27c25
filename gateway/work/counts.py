"""Bringing the counts of calls from Redis to the database, every few seconds."""

import logging
from datetime import date

from redis import Redis

from campaigns.voice import counts as kept
from campaigns.voice.call import Count
from campaigns.voice.counts import CountUnreadable, count_of
from gateway.house import House
from gateway.webhooks.volatile import COUNTS

log = logging.getLogger("paigham.counts")


def flush_counts(house: House) -> int:
    """Add what waits to each day's counts; returns how many. Commits day by day.

    A crash in between loses what was taken from figures, and never counts it twice.
    """
    flushed = 0
    for name in sorted(house.redis.scan_iter(f"{COUNTS}*")):
        counts = _taken(house.redis, name)
        with house.database.writing() as session:
            kept.add(session, date.fromisoformat(name.decode().removeprefix(COUNTS)), counts)
        flushed += len(counts)
    return flushed


def _taken(redis: Redis, name: bytes) -> list[Count]:
    taking = redis.pipeline()
    taking.hgetall(name)
    taking.delete(name)
    fields: dict[bytes, bytes] = taking.execute()[0]
    counts = []
    for field, n in fields.items():
        try:
            counts.append(count_of(field.decode(), int(n)))
        except CountUnreadable:
            log.warning("counts.unreadable")
    return counts
