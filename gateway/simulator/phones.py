"""The handsets: what lies in each inbox, and the line below each phone that says what happened last."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime

from gateway.simulator.clock import ZONE
from gateway.simulator.config import Handset
from gateway.simulator.journal import Journal, Record

MOST_BUBBLES = 200
# A page asks every second or sooner.
WATCHED_SECONDS = 10.0


class HandsetExists(Exception):
    """A handset with this number is already there."""


@dataclass(frozen=True, repr=False)
class Bubble:
    """One text in an inbox. `line` is the other side's address, `is_hers` what she wrote; `at` is shown time."""

    sid: str
    is_hers: bool
    line: str
    text: str
    at: float
    parts: int
    version: int = 0


@dataclass(repr=False)
class Phone:
    """A handset; `version` is that of its newest change."""

    id: int
    handset: Handset
    version: int
    note: str = ""
    texts: int = 0
    watched_at: float = float("-inf")
    bubbles: deque[Bubble] = field(default_factory=lambda: deque(maxlen=MOST_BUBBLES))


class Phones:
    """All handsets by number. Every change has a number of its own, so that a page can ask what is new."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._by_number: dict[str, Phone] = {}
        self.version = 0

    def __iter__(self) -> Iterator[Phone]:
        return iter(self._by_number.values())

    def get(self, number: str) -> Phone | None:
        return self._by_number.get(number)

    def add(self, handset: Handset) -> Phone:
        """Raises `HandsetExists` for a number that is there already."""
        if handset.number in self._by_number:
            raise HandsetExists
        phone = Phone(len(self._by_number) + 1, handset, self._next_version())
        self._by_number[handset.number] = phone
        return phone

    def remember(self, handset: Handset) -> Phone:
        """Add a handset for good: a restart knows it too."""
        phone = self.add(handset)
        self._journal.append({"kind": "handset", **handset.model_dump()})
        return phone

    def put(self, number: str, bubble: Bubble) -> None:
        """Into the inbox, if this number is a handset of ours."""
        if self._take_in(number, bubble):
            self._journal.append({"kind": "bubble", "number": number, **asdict(bubble)})

    def say(self, number: str, note: str) -> None:
        """Set the line below the phone."""
        phone = self._by_number.get(number)
        if phone is not None:
            phone.note, phone.version = note, self._next_version()

    def touch(self, number: str) -> None:
        """Something about this phone is new that is kept elsewhere."""
        phone = self._by_number.get(number)
        if phone is not None:
            phone.version = self._next_version()

    def watch(self, ids: set[int] | None) -> None:
        """A page shows these phones, or all of them."""
        for phone in self:
            if ids is None or phone.id in ids:
                phone.watched_at = time.monotonic()

    def is_watched(self, number: str) -> bool:
        """Whether a page has shown the phone lately."""
        phone = self._by_number.get(number)
        return phone is not None and time.monotonic() - phone.watched_at < WATCHED_SECONDS

    def clear(self) -> None:
        for phone in self:
            phone.bubbles.clear()
            phone.note, phone.texts, phone.version = "", 0, self._next_version()
            phone.watched_at = float("-inf")

    def replay(self, record: Record) -> None:
        """Take up one record of the journal; records of other kinds are none of its business."""
        if record.get("kind") == "handset":
            handset = Handset(number=record["number"], label=record["label"], language=record["language"])
            if handset.number not in self._by_number:
                self.add(handset)
        elif record.get("kind") == "bubble":
            held = {name: record[name] for name in ("sid", "is_hers", "line", "text", "at", "parts")}
            bubble = Bubble(**held)
            self._take_in(record["number"], bubble)
            self.say(record["number"], "" if bubble.is_hers else delivered(bubble.at, bubble.parts))

    def records(self) -> Iterator[Record]:
        for number, phone in self._by_number.items():
            yield {"kind": "handset", **phone.handset.model_dump()}
            for bubble in phone.bubbles:
                yield {"kind": "bubble", "number": number, **asdict(bubble)}

    def _take_in(self, number: str, bubble: Bubble) -> bool:
        phone = self._by_number.get(number)
        if phone is None:
            return False
        phone.version = self._next_version()
        phone.bubbles.append(Bubble(**{**asdict(bubble), "version": phone.version}))
        phone.texts += 1
        return True

    def _next_version(self) -> int:
        self.version += 1
        return self.version


def clock_time(at: float) -> str:
    """Hours and minutes in the programme's zone."""
    return f"{datetime.fromtimestamp(at, ZONE):%H:%M}"


def in_parts(parts: int) -> str:
    """The number of parts in words."""
    return "in 1 part" if parts == 1 else f"in {parts} parts"


def answered(at: float, parts: int) -> str:
    """What stands under an answer."""
    return f"Answered {clock_time(at)}, {in_parts(parts)}"


def delivered(at: float, parts: int) -> str:
    """What stands under a delivered message."""
    return f"Delivered {clock_time(at)}, {in_parts(parts)}"
