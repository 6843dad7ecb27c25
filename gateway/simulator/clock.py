"""The shown clock: the time that this machine plays, and the file through which every other process reads it."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Karachi")
FASTEST = 1000.0
# A training day starts in hours in which messages may go out, so that the first campaign does not wait for morning.
DAY_BEGINS, DAY_ENDS = (9, 30), (19, 0)
MORNING = "10:00"
FRIDAY, AFTER_PRAYER = 4, "14:30"


class ClockRefused(Exception):
    """The clock was asked for something it never does; the text says what."""


@dataclass(frozen=True)
class _Anchor:
    """The shown time is `shown + (real time - real) * speed`; all are Unix seconds."""

    real: float
    shown: float
    speed: float

    def at(self, real: float) -> float:
        return self.shown + (real - self.real) * self.speed


class ShownClock:
    """A clock that runs at a chosen speed and only forward; without a file it starts as the real time."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._listeners: list[Callable[[], None]] = []
        now = time.time()
        self._anchor = _Anchor(now, now, 1.0)
        if path is not None:
            self._anchor = _read(path) or self._anchor
            if not _is_daytime(self.now()):
                self._move(self.next_local(MORNING), self.speed)
            else:
                self._move(self.now(), self.speed)

    @property
    def speed(self) -> float:
        return self._anchor.speed

    def now(self) -> float:
        return self._anchor.at(time.time())

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def real_seconds_until(self, shown: float) -> float | None:
        """How long to wait in real seconds; None while the clock stands still and `shown` lies ahead."""
        ahead = shown - self.now()
        if ahead <= 0:
            return 0.0
        return ahead / self.speed if self.speed else None

    def run_at(self, speed: float) -> None:
        """Raises `ClockRefused` for a speed below 0 or above 1000."""
        if not 0 <= speed <= FASTEST:
            raise ClockRefused(f"The clock runs at 0 to {FASTEST:.0f} times.")
        self._move(self.now(), speed)

    def go_to(self, shown: float) -> None:
        """Jump forward. Raises `ClockRefused` when `shown` lies in the past of the clock."""
        if shown < self.now():
            raise ClockRefused("The clock never goes backwards.")
        self._move(shown, self.speed)

    def not_before(self, shown: float) -> None:
        """Make sure that the clock is not behind what it has already shown."""
        if shown > self.now():
            self._move(shown, self.speed)

    def next_local(self, hour_minute: str) -> float:
        """The next moment at which the local wall clock shows `HH:MM`. Raises `ClockRefused` for other text."""
        try:
            hour, minute = (int(part) for part in hour_minute.split(":"))
            now = datetime.fromtimestamp(self.now(), ZONE)
            then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        except ValueError:
            raise ClockRefused("A time of day is written HH:MM.") from None
        return (then if then > now else then + timedelta(days=1)).timestamp()

    def next_opening(self) -> tuple[str, str]:
        """What the jump button says, and the `HH:MM` it jumps to."""
        now = datetime.fromtimestamp(self.now(), ZONE)
        time_of_day = f"{now:%H:%M}"
        if time_of_day < MORNING:
            return f"to {MORNING}", MORNING
        if now.weekday() == FRIDAY and time_of_day < AFTER_PRAYER:
            return f"to {AFTER_PRAYER}", AFTER_PRAYER
        return f"to {MORNING} tomorrow", MORNING

    def rest(self) -> None:
        """Back to real speed, so that a clock left fast does not run through the night unwatched."""
        self._move(self.now(), 1.0)

    def _move(self, shown: float, speed: float) -> None:
        self._anchor = _Anchor(time.time(), shown, speed)
        if self._path is not None:
            _write(self._path, self._anchor)
        for listener in self._listeners:
            listener()


def _is_daytime(shown: float) -> bool:
    local = datetime.fromtimestamp(shown, ZONE)
    return DAY_BEGINS <= (local.hour, local.minute) < DAY_ENDS


def _read(path: Path) -> _Anchor | None:
    try:
        held = json.loads(path.read_text(encoding="ascii"))
        return _Anchor(float(held["real"]), float(held["shown"]), float(held["speed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, anchor: _Anchor) -> None:
    """Readers see the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    text = json.dumps({"real": anchor.real, "shown": anchor.shown, "speed": anchor.speed})
    beside.write_text(text, encoding="ascii")
    os.replace(beside, path)
