"""The clock: looks at the database for what is due and gives wake-ups; seals the ledger; shelves feedback.

It holds nothing of its own: two clocks are safe, and one that starts late catches up.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from campaigns.audio import uploads
from campaigns.consent import ledger
from campaigns.listening.residue import has_due_residue
from campaigns.outreach import claim, control, launch, receipts, sweep
from campaigns.radio.cutting import waiting_for_callers
from gateway.house import House
from gateway.work import queues, shelving
from gateway.work.counts import flush_counts
from gateway.work.queues import WakeUp, wake
from gateway.work.votes import count_votes

log = logging.getLogger("paigham.clock")
TICK_SECONDS = 0.5
RARELY_SECONDS = 60.0
TIDY_SECONDS = 2.0


@dataclass
class Clock:
    """One clock process."""

    house: House
    _last: dict[str, float] = field(default_factory=dict)

    def run(self, stopping: Callable[[], bool]) -> None:
        """Tick until told to stop; a database or Redis that is away is waited for."""
        while not stopping():
            started = time.monotonic()
            try:
                self.tick()
            except (DBAPIError, RedisError) as trouble:
                log.warning("clock.waits", extra={"for": type(trouble).__name__})
            time.sleep(max(0.05, TICK_SECONDS - (time.monotonic() - started)))

    def tick(self) -> None:
        """Do and wake whatever is due now."""
        self._seal()
        if self._is_time("shelve", TIDY_SECONDS):
            shelving.shelve_when_due(self.house)
        self._begin_campaigns()
        if self._is_time("votes", TIDY_SECONDS):
            count_votes(self.house)
            flush_counts(self.house)
        queues.beat(self.house.redis, "clock", time.time())
        with self.house.database.reading() as session:
            due = self._due(session)
        for kind in due:
            wake(self.house.redis, kind)

    def _seal(self) -> None:
        with self.house.database.reading() as session:
            if not ledger.has_unsealed(session):
                return
        try:
            with self.house.database.writing() as session:
                ledger.seal_events(session, self.house.vault(session), now=self.house.now())
        except IntegrityError:
            log.info("ledger.sealed_by_another")

    def _begin_campaigns(self) -> None:
        with self.house.database.reading() as session:
            if not launch.has_due(session, now=self.house.now()):
                return
        with self.house.database.writing() as session:
            begun = launch.start_due(session, now=self.house.now())
        log.info("campaigns.begun", extra={"count": len(begun)})

    def _due(self, session: Session) -> list[WakeUp]:
        now = self.house.now()
        due = []
        if claim.lines_with_work(session, now=now):
            due.append(queues.DRAIN)
        if launch.to_launch(session):
            due.append(queues.LAUNCH)
        if receipts.has_waiting(session):
            due.append(queues.RECEIPTS)
        if sweep.has_doubts(session, now=now):
            due.append(queues.SWEEP)
        if uploads.has_waiting(session, now=now):
            due.append(queues.AUDIO)
        if self._is_time("clips", TIDY_SECONDS) and waiting_for_callers(session):
            due.append(queues.CLIPS)
        if self._is_time("tidy", TIDY_SECONDS) and self._has_to_tidy(session):
            due.append(queues.TIDY)
        if self._is_time("inbound", RARELY_SECONDS):
            due.append(queues.INBOUND)
        if self._is_time("residue", TIDY_SECONDS) and has_due_residue(session, now=now):
            due.append(queues.RESIDUE)
        return due

    def _has_to_tidy(self, session: Session) -> bool:
        return (
            bool(control.to_cancel(session))
            or launch.runs_any(session)
            or self._is_time("rarely", RARELY_SECONDS)
        )

    def _is_time(self, what: str, every_seconds: float) -> bool:
        if time.monotonic() - self._last.get(what, -every_seconds) < every_seconds:
            return False
        self._last[what] = time.monotonic()
        return True


def run_clock(house: House) -> None:
    """Tick until told to stop, as a process of its own."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    queues.wait_for_redis(house.redis)
    Clock(house).run(stopping.is_set)
