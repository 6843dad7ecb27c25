"""Votes: one a phone, poll and day, by tokens that die at midnight. There is no row of a vote, ever.

A vote adds to a count that waits in Redis until ten are counted together (gateway.work.votes). Whoever presses again
on the same day changes nothing: to change a vote, it would have to be kept what it was. Redis wiped loses the votes
of a batch, and lets a phone vote once more.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from redis import Redis

from campaigns.people.numbers import Number
from gateway.webhooks.limits import day_token
from gateway.webhooks.volatile import TROUBLE
from gateway.work.votes import WaitingVotes


class Votes:
    """Takes votes; best effort, as all that is volatile."""

    def __init__(self, redis: Redis) -> None:
        """Take a client that does not wait long."""
        self._redis = redis
        self._waiting = WaitingVotes(redis)

    def cast(self, number: Number, poll_id: int, option: str, *, zone: str, now: datetime) -> bool:
        """Count one vote; False when this phone voted today already, or while Redis is away.

        The caller has seen that the poll is open and has this option. A repeated webhook is a second press.
        """
        try:
            token, lives = day_token(self._redis, number, f"poll {poll_id}", now.astimezone(ZoneInfo(zone)))
            if not self._redis.set(token, b"", ex=lives, nx=True):
                return False
            self._waiting.add(poll_id, {option: 1})
        except TROUBLE:
            return False
        return True
