"""What of a call may be written once its answer is out: gathered for a moment, then written together.

Where she is in an episode, that she has called once more, what the carrier holds of a call. Each is a small row that a
caller need not wait for, and one by one they would keep the database's writers in each other's way. A process that is
killed loses a tenth of a second of them. Consent and recordings never come through here.
"""

import atexit
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy.orm import Session

from campaigns.storage.vault import Vault
from gateway.house import House
from gateway.webhooks.patience import patiently

log = logging.getLogger("paigham.webhooks")

EVERY_SECONDS = 0.1
MOST_AT_ONCE = 200
Work = Callable[[Session, Vault], object]


class Afterwards:
    """What this process still has to write."""

    def __init__(self, house: House, every_seconds: float = EVERY_SECONDS) -> None:
        """Take the house; nothing runs until there is something to write. With no seconds it is written at once."""
        self._house, self._every_seconds = house, every_seconds
        self._lock = threading.Lock()
        self._waiting: list[Work] = []

    def add(self, work: Work) -> None:
        """Have this done soon, in a transaction that others share."""
        with self._lock:
            self._waiting.append(work)
            is_first = len(self._waiting) == 1
        if not is_first:
            return
        if not self._every_seconds:
            self.write()
            return
        atexit.register(self.write)
        timer = threading.Timer(self._every_seconds, self.write)
        timer.daemon = True
        timer.start()

    def write(self) -> None:
        """Write what was gathered; what the database does not take is given up, and said."""
        with self._lock:
            gathered, self._waiting = self._waiting, []
        atexit.unregister(self.write)
        for start in range(0, len(gathered), MOST_AT_ONCE):
            self._together(gathered[start : start + MOST_AT_ONCE])

    def _together(self, works: Sequence[Work]) -> None:
        try:
            patiently(partial(self._written, works))
        except Exception as fault:  # noqa: BLE001 - nobody waits for it; it must not end the thread in a traceback
            if len(works) == 1:
                log.warning("afterwards.lost", extra={"fault": type(fault).__name__})
                return
            for work in works:
                self._together((work,))

    def _written(self, works: Sequence[Work]) -> None:
        with self._house.database.writing() as session:
            vault = self._house.vault(session)
            for work in works:
                work(session, vault)
