"""The queues, and every Redis key that wake-ups use, named in one place.

Redis may be wiped at any moment: a lost wake-up is given again by the clock, a doubled one finds nothing to do.
"""

import logging
import time
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

log = logging.getLogger("paigham.work")

ALIVE_KEY = "paigham:alive:{name}"  # a heartbeat, seconds since 1970
ALIVE_SECONDS = 15

SEND, BULK = "send", "bulk"
WAITING_WAKE_UPS = 2  # more than these in a queue would only find the same work
WAKE_UP_TTL_SECONDS = 5
FAILURE_TTL_SECONDS = 60


@dataclass(frozen=True)
class WakeUp:
    """A kind of job: a fixed name, no arguments but ids, no result."""

    queue: str
    function: str
    timeout_seconds: int


DRAIN = WakeUp(SEND, "gateway.work.jobs.drain", 60)
LAUNCH = WakeUp(BULK, "gateway.work.jobs.launch", 300)
RECEIPTS = WakeUp(BULK, "gateway.work.jobs.apply_receipts", 120)
SWEEP = WakeUp(BULK, "gateway.work.jobs.sweep", 120)
TIDY = WakeUp(BULK, "gateway.work.jobs.tidy", 120)
INBOUND = WakeUp(BULK, "gateway.work.jobs.sweep_inbound", 120)
# A run uses recordings for a minute, and its last one may be a file that takes two (audio/confined.py).
RESIDUE = WakeUp(BULK, "gateway.work.jobs.clear_residue", 300)
AUDIO = WakeUp(BULK, "gateway.work.jobs.prepare_audio", 300)
CLIPS = WakeUp(BULK, "gateway.work.jobs.cut_clips", 120)


def queue_of(redis: Redis, name: str) -> Queue:
    """A queue of ours: JSON only, so that nothing planted in Redis is ever unpickled."""
    return Queue(name, connection=redis, serializer=JSONSerializer)


def wake(redis: Redis, kind: WakeUp) -> None:
    """Give one wake-up, unless the queue holds some of this kind already."""
    queue = queue_of(redis, kind.queue)
    if sum(job.func_name == kind.function for job in queue.get_jobs()) >= WAITING_WAKE_UPS:
        return
    queue.enqueue_call(
        func=kind.function,
        timeout=kind.timeout_seconds,
        ttl=WAKE_UP_TTL_SECONDS,
        result_ttl=0,
        failure_ttl=FAILURE_TTL_SECONDS,
        description=kind.function.rpartition(".")[2],
    )


def beat(redis: Redis, name: str, seconds: float) -> None:
    """Say that a process is at work."""
    redis.set(ALIVE_KEY.format(name=name), str(int(seconds)), ex=ALIVE_SECONDS)


def wait_for_redis(redis: Redis) -> None:
    """Return when it answers: whoever starts sooner waits, and says so."""
    while True:
        try:
            redis.ping()
            return
        except RedisError:
            log.warning("redis.waited_for")
            time.sleep(1)
