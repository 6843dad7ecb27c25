"""What a step of a call was answered with, for two minutes: a repeated webhook gets the same and does nothing again.

Not longer, as one of these answers speaks the code by which a clip is taken back, and whoever looks into Redis would
learn it. Not shorter: a carrier gives a webhook up after fifteen seconds and then repeats it, and a second answer would
speak another code than the one that is kept.
"""

import hashlib
import time
from collections.abc import Callable

from redis import Redis

from gateway.webhooks.volatile import ANSWERED, TROUBLE

KEPT_SECONDS = 120
WAITED_SECONDS, BETWEEN_SECONDS = 2.0, 0.05
_UNDER_WAY = b""


class AnsweredSteps:
    """Best effort: with Redis away every copy is a first one, and the acts themselves take care not to double."""

    def __init__(self, redis: Redis) -> None:
        """Take a client that does not wait long."""
        self._redis = redis

    def once(self, step: bytes, work: Callable[[], str]) -> str:
        """What `work` gives for the first copy of a step; another one waits for it, two seconds at most, and gets the
        same. A first one that fails leaves the step to the next."""
        name = ANSWERED + hashlib.sha256(step).hexdigest()[:32]
        before = self._before(name)
        if before is not None:
            return before
        done = False
        try:
            document = work()
            done = True
        finally:
            if not done:
                self._quietly(lambda: self._redis.delete(name))
        self._quietly(lambda: self._redis.set(name, document.encode(), ex=KEPT_SECONDS))
        return document

    def _before(self, name: str) -> str | None:
        try:
            if self._redis.set(name, _UNDER_WAY, ex=KEPT_SECONDS, nx=True):
                return None
            gives_up = time.monotonic() + WAITED_SECONDS
            while time.monotonic() < gives_up:
                kept = self._redis.get(name)
                if kept is None:
                    return None
                if isinstance(kept, bytes) and kept != _UNDER_WAY:
                    return kept.decode()
                time.sleep(BETWEEN_SECONDS)
        except TROUBLE:
            return None
        return None

    def _quietly(self, write: Callable[[], object]) -> None:
        try:
            write()
        except TROUBLE:
            return
