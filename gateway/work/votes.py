"""Votes on their way to the database: they wait in Redis, which keeps nothing on disk, and are counted in batches.

Who voted is not here: that is known for a day, as tokens that lead nowhere (gateway.webhooks.votes).
"""

import logging
from collections.abc import Mapping

from redis import Redis
from sqlalchemy.orm import Session

from campaigns.listening import polls
from gateway.house import House

log = logging.getLogger("paigham.votes")

VOTES = "paigham:votes:"  # + poll → hash of option and how many votes of it are not counted yet
VOTED = "paigham:voted"  # set of the polls with such votes


class WaitingVotes:
    """What Redis holds of polls. Every method raises what the client raises."""

    def __init__(self, redis: Redis) -> None:
        """Take a client."""
        self._redis = redis

    def add(self, poll_id: int, votes: Mapping[str, int]) -> None:
        """Let votes wait, by option."""
        adding = self._redis.pipeline()
        for option, count in votes.items():
            adding.hincrby(f"{VOTES}{poll_id}", option, count)
        adding.sadd(VOTED, poll_id)
        adding.execute()

    def polls(self) -> list[int]:
        """The polls that votes wait for."""
        members = self._redis.smembers(VOTED)
        return sorted(int(member) for member in members) if isinstance(members, set) else []

    def count(self, poll_id: int) -> int:
        """How many votes of a poll wait."""
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


def count_votes(house: House) -> int:
    """Bring every due batch to the database; returns how many votes. Commits a batch at a time.

    A crash between taking and committing loses one batch, and never counts it twice.
    """
    waiting, counted = WaitingVotes(house.redis), 0
    for poll_id in _due(house, waiting):
        batch = waiting.take(poll_id)
        committed = False
        try:
            with house.database.writing() as session:
                added = polls.add_batch(session, poll_id, batch)
            committed = True
        finally:
            if not committed:
                waiting.add(poll_id, batch)
        counted += added
        log.info("votes.counted", extra={"poll": poll_id, "votes": added})
    return counted


def _due(house: House, waiting: WaitingVotes) -> list[int]:
    """The polls with a batch of ten or more, or whose last votes wait after their end."""
    ids = waiting.polls()
    if not ids:
        return []
    with house.database.reading() as session:
        return [poll_id for poll_id in ids if _is_due(session, waiting, poll_id, house)]


def _is_due(session: Session, waiting: WaitingVotes, poll_id: int, house: House) -> bool:
    enough = waiting.count(poll_id) >= polls.LEAST_BATCH
    return enough or not polls.open_poll(session, poll_id, now=house.now())
