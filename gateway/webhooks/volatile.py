"""What may be lost at any moment: the webhooks' few keys in Redis, every one of them named here but the votes'.

Votes that wait to be counted lie under the keys of gateway.work.votes, which counts them (`VOTES`, `VOTED`); that a
phone has voted today is a token under `DAY`. All of it is best effort: without Redis a text is answered all the same.
"""

from functools import lru_cache

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["ANSWERED", "COUNTS", "DAY", "MISSED", "SEEN", "TRIES", "TROUBLE", "volatile"]

SEEN = "paigham:seen:"  # + mark of the carrier's id → reply key and language, for a day
MISSED = "paigham:missed"  # set of marks of texts that could not be taken in, for the inbound sweep
ANSWERED = "paigham:answered:"  # + mark of a step of a call → what it was answered with, for two minutes
COUNTS = (
    "paigham:counts:"  # + day → hash of what is counted of calls and how often, until it is in the database
)
TRIES = (
    "paigham:tries:"  # + keyed mark of a phone → the draft of the menu that its calls hear, for half an hour
)
DAY = "paigham:day:"  # + date + what it counts, gone at the local midnight

TROUBLE = (RedisError, OSError)
# A person waits for her answer meanwhile; the client's own habits would hold it up for many seconds.
PATIENCE_SECONDS = 0.3


@lru_cache(maxsize=8)
def volatile(address: str) -> Redis:
    """A client that gives up at once; one of its pooled connections may be stale, so it tries twice."""
    return Redis.from_url(
        address,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
