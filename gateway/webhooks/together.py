"""Small writes of calls, made together: one transaction for what several callers did at the same moment.

One by one they would keep the database's writers in each other's way. What the next call must find (her language, where
she is in an episode) is waited for; what nobody waits for (that the carrier holds a call) is gathered for a moment and
written once the answer is out, and a process that is killed loses a tenth of a second of it. Consent, and the last word
on a recording, never come through here.
"""

import atexit
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy.orm import Session

from campaigns.storage.vault import Vault
from gateway.house import House
from gateway.webhooks.patience import PASSING, patiently

log = logging.getLogger("paigham.webhooks")

EVERY_SECONDS = 0.1
MOST_AT_ONCE = 200
Work = Callable[[Session, Vault], object]


class _Waiting:
    """A write that a thread waits for; `trouble` is what became of it, when it was not made."""

    def __init__(self, work: Work) -> None:
        self.work, self.is_over = work, False
        self.trouble: Exception | None = None


class Together:
    """What this process has to write of calls."""

    def __init__(self, house: House, every_seconds: float = EVERY_SECONDS) -> None:
        """Take the house; nothing runs until there is something to write. With no seconds nothing is put off."""
        self._house, self._every_seconds = house, every_seconds
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._waited_for: list[_Waiting] = []
        self._put_off: list[Work] = []

    def now(self, work: Work) -> None:
        """Have this done, together with what other threads bring meanwhile; committed when it returns.

        Raises what the database raises.
        """
        mine = _Waiting(work)
        with self._lock:
            self._waited_for.append(mine)
        with self._writing:  # whoever gets in writes for all who wait
            if not mine.is_over:
                with self._lock:
                    batch, self._waited_for = self._waited_for, []
                self._write_batch(batch)
        if mine.trouble is not None:
            raise mine.trouble

    def soon(self, work: Work) -> None:
        """Have this done within a moment; nobody waits for it."""
        with self._lock:
            self._put_off.append(work)
            is_first = len(self._put_off) == 1
        if not is_first:
            return
        if not self._every_seconds:
            self.write_put_off()
            return
        atexit.register(self.write_put_off)
        timer = threading.Timer(self._every_seconds, self.write_put_off)
        timer.daemon = True
        timer.start()

    def write_put_off(self) -> None:
        """Write what was put off; what the database does not take is given up, and said."""
        with self._lock:
            gathered, self._put_off = self._put_off, []
        atexit.unregister(self.write_put_off)
        for start in range(0, len(gathered), MOST_AT_ONCE):
            self._give_up_single(gathered[start : start + MOST_AT_ONCE])

    def _write_batch(self, batch: Sequence[_Waiting]) -> None:
        """All in one transaction; where that fails, each in one of its own, and each thread learns its own trouble."""
        try:
            self._write([one.work for one in batch])
        except Exception as trouble:  # noqa: BLE001 - it is raised again, in the thread that it belongs to
            if len(batch) == 1 or isinstance(trouble, PASSING):
                for one in batch:
                    one.trouble = trouble
            else:
                for one in batch:
                    self._write_batch([one])
        for one in batch:
            one.is_over = True

    def _give_up_single(self, works: Sequence[Work]) -> None:
        try:
            patiently(partial(self._write, works))
        except Exception as fault:  # noqa: BLE001 - nobody waits for it; it must not end the thread in a traceback
            if len(works) == 1:
                log.warning("afterwards.lost", extra={"fault": type(fault).__name__})
                return
            for work in works:
                self._give_up_single((work,))

    def _write(self, works: Sequence[Work]) -> None:
        with self._house.database.writing() as session:
            vault = self._house.vault(session)
            for work in works:
                work(session, vault)
