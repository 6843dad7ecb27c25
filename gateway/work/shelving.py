"""What the clock does for the shelf: open the first runs, shelve each when it is due, notice a lost key at once."""

import logging
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from campaigns.listening.runs import RunState, is_due, run_state
from campaigns.listening.sealing import Kind
from campaigns.listening.shelving import (
    Shelved,
    TableBusy,
    destroy_stale_keys,
    open_first_run,
    shelve,
)
from campaigns.programme.programme import Programme
from gateway.house import House

log = logging.getLogger("paigham.work.shelving")

BUSY_REST = timedelta(seconds=60)
MARK_NAMES = {Kind.TEXT: "shelf-run.mark", Kind.VOICE: "shelf-run-voice.mark"}


def shelve_when_due(house: House) -> list[Shelved]:
    """Do what is due for the shelf; what came of it, nothing when nothing was. Cheap enough for every tick."""
    now = house.now()
    outcomes = [keeper.tick(now) for keeper in _keepers(house)]
    return [outcome for outcome in outcomes if outcome is not None]


class ShelfKeeper:
    """One clock process's care for the gatherings of one kind. Call `tick` as often as you like; it is cheap when
    nothing is due.

    Only the machine whose runtime folder holds the open run's key can shelve it. A public mark of that run in the
    data folder outlives a reboot: a clock that finds the mark without the key knows that the pool is lost, while a
    clock on another machine (no mark) leaves the run alone instead of throwing it away.
    """

    def __init__(self, house: House, kind: Kind = Kind.TEXT) -> None:
        """Take the house of this process; nothing is opened yet."""
        self._house, self._kind = house, kind
        self._runtime = house.settings.runtime_path
        self._mark = house.settings.data_dir / MARK_NAMES[kind]
        self._swept = False
        self._rest_until: datetime | None = None
        self._said_elsewhere = False

    def tick(self, now: datetime) -> Shelved | None:
        """As `shelve_when_due`."""
        if self._rest_until is not None and now < self._rest_until:
            return None
        try:
            return self._tick(now)
        except TableBusy:
            self._rest_until = now + BUSY_REST
            return None

    def _tick(self, now: datetime) -> Shelved | None:
        with self._house.database.reading() as session:
            if session.get(Programme, 1) is None:
                return None
        if not self._swept:
            destroy_stale_keys(self._house.database, self._runtime)
            self._swept = True
        with self._house.database.reading() as session:
            state, public = run_state(session, self._runtime, self._kind)
            due = state is RunState.HELD and is_due(session, self._runtime, now, self._kind)
        if state is RunState.NONE:
            self._open(now)
            return None
        if state is RunState.HELD:
            self._remember(public)
        elif _read(self._mark) != public.hex():
            self._say_elsewhere()
            return None
        if state is RunState.HELD and not due:
            return None
        return self._shelve(now)

    def _open(self, now: datetime) -> None:
        with self._house.database.writing() as session:
            opened = open_first_run(session, self._runtime, now)
        if opened:
            log.info("shelf.opened")

    def _shelve(self, now: datetime) -> Shelved:
        outcome = shelve(self._house.database, self._runtime, now=now, kind=self._kind)
        with self._house.database.reading() as session:
            state, public = run_state(session, self._runtime, self._kind)
        if state is RunState.HELD:
            self._remember(public)
        # A pool that waits is not logged: how many wait would say on which day somebody wrote.
        if outcome.lost:
            log.error("shelf.lost", extra={"kind": self._kind.name.lower()})
        elif outcome.count:
            told = {"kind": self._kind.name.lower(), "count": outcome.count, "unreadable": outcome.unreadable}
            log.info("shelf.shelved", extra=told)
        return outcome

    def _remember(self, public: bytes) -> None:
        if _read(self._mark) != public.hex():
            self._mark.write_text(public.hex())

    def _say_elsewhere(self) -> None:
        if not self._said_elsewhere:
            self._said_elsewhere = True
            log.warning("shelf.key_elsewhere")


@lru_cache(maxsize=1)
def _keepers(house: House) -> list[ShelfKeeper]:
    return [ShelfKeeper(house, kind) for kind in Kind]


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
