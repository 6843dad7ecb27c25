"""Many scripted callers at once, for load: so many calls, so many of them together."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from gateway.simulator.config import Line
from gateway.simulator.voice.desk import Desk
from gateway.simulator.voice.script import Script
from gateway.simulator.voice.switchboard import Switchboard


@dataclass(frozen=True)
class Callers:
    """`first` is the number of the first caller; the others follow it, `numbers` of them in turn."""

    line: Line
    scripts: tuple[Script, ...]
    count: int
    at_once: int
    first: str
    numbers: int


async def run(switchboard: Switchboard, desk: Desk, callers: Callers) -> dict[str, object]:
    """All calls, each with the next script; returns when the last one is over, with counts and milliseconds.

    `answered` counts calls whose line opened, `steps` the answers of the gateway, `faults` the calls that ended with
    the carrier's apology. The figures are of this run where nothing else calls meanwhile.
    """
    desk.speed.clear()
    ends: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    turns = iter(range(callers.count))
    first, width = int(callers.first[1:]), len(callers.first) - 1

    async def one_after_another() -> None:
        for turn in turns:
            number = f"+{first + turn % callers.numbers:0{width}d}"
            script = callers.scripts[turn % len(callers.scripts)]
            live = switchboard.call_in(number, callers.line, script)
            await live.over.wait()
            ends[live.call.status.value] += 1
            faults.update(str(entry.code) for entry in live.transcript.entries if entry.code is not None)

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(min(callers.at_once, callers.count))))
    seconds = time.perf_counter() - began
    return {
        "calls": callers.count,
        "by_status": dict(ends),
        "faults": dict(faults),
        "seconds": round(seconds, 3),
        "steps_per_second": round(desk.speed.steps / seconds, 1),
        **desk.speed.document(),
    }
