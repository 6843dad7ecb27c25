"""Votes until they are counted: one a phone, poll and day, by tokens that die at midnight; no row of a vote, ever.

A vote adds to a count in Redis, which keeps nothing on disk; the counts come to the database in batches of ten and
more, or when the poll has closed. Who pressed again the same day changes nothing: to change a vote it would have to
be kept what it was. Redis wiped loses the votes of the batch, and lets a phone vote once more.
"""

import logging
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from redis import Redis
from sqlalchemy.orm import Session

from campaigns.listening import polls
from campaigns.people.numbers import Number
from campaigns.storage.engine import Database
from gateway.webhooks.limits import day_token
from gateway.webhooks.volatile import TROUBLE, VOTED, VOTES

log = logging.getLogger("paigham.votes")


class Votes:
    """What Redis holds of polls."""

    def __init__(self, redis: Redis) -> None:
        """Take a client; in a webhook one that does not wait long."""
        self._redis = redis

    def cast(self, number: Number, poll_id: int, option: str, *, zone: str, now: datetime) -> bool:
        """Count one vote; False when this phone voted today already, or while Redis is away.

        The caller has seen that the poll is open and has this option. A repeated webhook is a second press.
        """
        try:
            token, lives = day_token(self._redis, number, f"poll {poll_id}", now.astimezone(ZoneInfo(zone)))
            if not self._redis.set(token, b"", ex=lives, nx=True):
                return False
            adding = self._redis.pipeline()
            adding.hincrby(f"{VOTES}{poll_id}", option, 1)
            adding.sadd(VOTED, poll_id)
            adding.execute()
        except TROUBLE:
            return False
        return True

    def polls(self) -> list[int]:
        """The polls that votes wait for."""
        members = self._redis.smembers(VOTED)
        return sorted(int(member) for member in members) if isinstance(members, set) else []

    def waiting(self, poll_id: int) -> int:
        """How many votes of a poll wait to be counted."""
        counts = self._redis.hvals(f"{VOTES}{poll_id}")
        return sum(int(count) for count in counts) if isinstance(counts, list) else 0

    def take(self, poll_id: int) -> dict[str, int]:
        """Take out what waits, at once: nobody else gets it too."""
        taking = self._redis.pipeline()
        taking.hgetall(f"{VOTES}{poll_id}")
        taking.delete(f"{VOTES}{poll_id}")
        taking.srem(VOTED, poll_id)
        counts: dict[bytes, bytes] = taking.execute()[0]
        return {option.decode(): int(count) for option, count in counts.items()}

    def put_back(self, poll_id: int, votes: Mapping[str, int]) -> None:
        """What was taken could not be counted: let it wait again."""
        adding = self._redis.pipeline()
        for option, count in votes.items():
            adding.hincrby(f"{VOTES}{poll_id}", option, count)
        adding.sadd(VOTED, poll_id)
        adding.execute()


def due_polls(session: Session, votes: Votes, *, now: datetime) -> list[int]:
    """The polls with a batch of ten or more, or whose last votes wait after their end."""
    return [
        poll_id
        for poll_id in votes.polls()
        if votes.waiting(poll_id) >= polls.LEAST_BATCH or not polls.open_poll(session, poll_id, now=now)
    ]


def count_votes(database: Database, redis: Redis, *, now: datetime) -> int:
    """Bring every due batch to the database; returns how many votes. Commits a batch at a time.

    A crash between taking and committing loses one batch, and never counts it twice.
    """
    votes, counted = Votes(redis), 0
    with database.reading() as session:
        due = due_polls(session, votes, now=now)
    for poll_id in due:
        batch = votes.take(poll_id)
        committed = False
        try:
            with database.writing() as session:
                added = polls.add_batch(session, poll_id, batch)
            committed = True
        finally:
            if not committed:
                votes.put_back(poll_id, batch)
        counted += added
        log.info("votes.counted", extra={"poll": poll_id, "votes": added})
    return counted
