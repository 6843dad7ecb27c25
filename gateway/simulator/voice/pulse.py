"""A call's own time: how its seconds pass on the shown clock, and what may interrupt them."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any, TypeVar

from gateway.simulator.clock import ShownClock
from gateway.simulator.timeline import Timeline
from gateway.simulator.voice.people import Key, Person, PersonsAct, PutDown

T = TypeVar("T")


class HungUp(Exception):
    """The other side is gone: she put the telephone down, or the network cut the line."""

    def __init__(self, *, is_cut: bool = False) -> None:
        self.is_cut = is_cut
        super().__init__("cut off" if is_cut else "hung up")


class Stopped(Exception):
    """The gateway ended the call through the API, or its time ran out."""


class SentElsewhere(Exception):
    """The gateway gave the call another answer through the API."""

    def __init__(self, url: str, method: str, twiml: str | None) -> None:
        self.url, self.method, self.twiml = url, method, twiml
        super().__init__("sent elsewhere")


@dataclass(frozen=True)
class Stop:
    """The gateway ends the call."""


@dataclass(frozen=True, repr=False)
class SendElsewhere:
    """The gateway redirects the call."""

    url: str
    method: str = "POST"
    twiml: str | None = None


Act = PersonsAct | Stop | SendElsewhere


class Pulse:
    """Seconds since the call began. With a `pace` of 0 they pass at once, in their order."""

    def __init__(self, clock: ShownClock, timeline: Timeline, pace: float, person: Person) -> None:
        self._clock, self._timeline, self._pace, self._person = clock, timeline, pace, person
        self._began = clock.now()
        self._acts: deque[Act] = deque()
        self._bell: asyncio.Event = asyncio.Event()
        self._alarms: list[tuple[float, Callable[[], None]]] = []
        self.now = 0.0
        self.ends_at: float | None = None
        self.cut_at: float | None = None

    def put(self, act: Act) -> None:
        """Something happens to the call from outside its own course."""
        self._acts.append(act)
        self._bell.set()

    def at(self, moment: float, act: Callable[[], None]) -> None:
        """Do something at a moment of the call, if it is still going on then."""
        self._alarms.append((moment, act))

    def shown(self, moment: float) -> float:
        """The shown time of a moment of the call."""
        return self._began + moment * self._pace

    def moment(self, shown: float) -> float:
        """The moment of the call at a shown time."""
        return (shown - self._began) / self._pace if self._pace else self.now

    async def wait(self, until: float | None) -> PersonsAct | None:
        """Let the time pass to `until`, or to what she does before that.

        Raises `HungUp`, `Stopped` and `SentElsewhere` when the call does not go on from here.
        """
        while True:
            if self._acts:
                self._catch_up()
                return _ordinary(self._acts.popleft())
            due = self._person.due
            alarm = min(self._alarms, key=itemgetter(0)) if self._alarms else None
            known = (until, due, self.ends_at, self.cut_at, alarm and alarm[0])
            ends = [moment for moment in known if moment is not None]
            if not ends:
                await self._rung()
                continue
            target = max(min(ends), self.now)
            if not await self._reached(target):
                continue
            self.now = target
            if alarm is not None and target >= alarm[0]:
                self._alarms.remove(alarm)
                alarm[1]()
                continue
            if self.cut_at is not None and target >= self.cut_at:
                raise HungUp(is_cut=True)
            if self.ends_at is not None and target >= self.ends_at:
                raise Stopped
            if due is not None and target >= due:
                return _ordinary(self._person.act())
            return None

    async def pass_until(self, moment: float) -> None:
        """Let the time pass whatever she does; the call may end meanwhile, as in `wait`."""
        while await self.wait(moment) is not None:
            pass

    async def during(self, work: Coroutine[Any, Any, T]) -> tuple[T, list[Key]]:
        """What the work gives, and the keys that were pressed in vain meanwhile. The call may end before the work:
        it goes on then, and nobody looks at what it gives."""
        task = asyncio.ensure_future(work)
        lost: list[Key] = []
        try:
            while not task.done():
                await self._first_of(task)
                self._take_during(lost)
        except BaseException:
            task.add_done_callback(_look_away)
            raise
        self._catch_up()
        return task.result(), lost

    def _take_during(self, lost: list[Key]) -> None:
        while self._acts:
            act = _ordinary(self._acts.popleft())
            if isinstance(act, Key):
                lost.append(act)
        self._bell.clear()
        due = self._person.due
        if self._pace and due is not None and self.shown(due) <= self._clock.now():
            self.now = max(self.now, due)
            act = _ordinary(self._person.act())
            if isinstance(act, Key):
                lost.append(act)

    async def _first_of(self, task: asyncio.Future[T]) -> None:
        """Until the work is done, something happens, or she acts."""
        due = self._person.due
        if self._pace and due is not None:
            self._timeline.at(self.shown(due), self._bell.set)
        task.add_done_callback(self._ring)
        await self._bell.wait()
        task.remove_done_callback(self._ring)

    def _ring(self, _: object) -> None:
        self._bell.set()

    async def _reached(self, target: float) -> bool:
        """Whether the time came, rather than something that happens."""
        if not self._pace or self.shown(target) <= self._clock.now():
            return True
        self._bell.clear()
        reached = asyncio.Event()
        self._timeline.at(self.shown(target), partial(_ring_both, reached, self._bell))
        await self._bell.wait()
        return reached.is_set() and not self._acts

    async def _rung(self) -> None:
        self._bell.clear()
        await self._bell.wait()

    def _catch_up(self) -> None:
        """Real time has passed; the call's own time is not behind it."""
        if self._pace:
            self.now = max(self.now, (self._clock.now() - self._began) / self._pace)


def _ring_both(reached: asyncio.Event, bell: asyncio.Event) -> None:
    reached.set()
    bell.set()


def _look_away(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()


def _ordinary(act: Act) -> PersonsAct:
    match act:
        case PutDown():
            raise HungUp
        case Stop():
            raise Stopped
        case SendElsewhere(url, method, twiml):
            raise SentElsewhere(url, method, twiml)
    return act
