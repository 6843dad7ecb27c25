"""The processes that serve the queues: sender and worker, as the Procfile starts them."""

import logging
import threading
import time
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.serializers import JSONSerializer

from gateway.carriers.registry import make_all
from gateway.house import House
from gateway.work import jobs, queues

log = logging.getLogger("paigham.work")
BEAT_SECONDS = 2.0


class Sending(SimpleWorker):
    """The worker of the sender's queue: does not fork, so that one event loop and its connections can live."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """End after what is in flight, not after the whole twenty seconds."""
        jobs.stopping.set()
        SimpleWorker.request_stop(self, signum, frame)


def run_sender(house: House) -> None:
    """Serve the sender's queue until told to stop."""
    _serve(house, Sending, queues.SEND, "sender")


def run_bulk(house: House) -> None:
    """Serve the queue of launches, receipts and sweeps until told to stop; forks for each job."""
    house.database.dispose()
    make_all(house)  # once, instead of in every fork
    _serve(house, Worker, queues.BULK, "worker")


def _serve(house: House, kind: type[Worker] | type[SimpleWorker], queue: str, name: str) -> None:
    queues.wait_for_redis(house.redis)
    threading.Thread(target=_beat_forever, args=(house, name), daemon=True).start()
    # Of its own and unused: RQ lengthens the time that a new connection waits, which an open one would not notice.
    connection = Redis.from_url(house.settings.redis_address)
    worker = kind(
        [queues.queue_of(connection, queue)],
        connection=connection,
        serializer=JSONSerializer,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)


def _beat_forever(house: House, name: str) -> None:
    while True:
        try:
            queues.beat(house.redis, name, time.time())
        except RedisError:
            log.warning("redis.away", extra={"of": name})
        time.sleep(BEAT_SECONDS)
