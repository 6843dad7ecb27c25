"""Forecast: when a campaign would reach its people, from their hours and its line's rate; a plan, not a promise."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from campaigns.outreach.audience import receivers
from campaigns.outreach.campaigns import Campaign, Means, wordings_of
from campaigns.programme.calendars import Window, windows_of_rhythm
from campaigns.programme.lines import Line

SECONDS_BESIDE = 40  # of a call, beside what it plays: it rings, somebody answers, is greeted, presses a key
LEAST = 1e-6  # people; less than this is a rounding error


@dataclass(frozen=True)
class Load:
    """So many people who may be reached in the same windows, with so many parts each."""

    people: int
    parts: int
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Stretch:
    """People reached between two instants; `late` of them could not be reached from the first opening on."""

    begins: datetime
    ends: datetime
    people: float
    late: float


@dataclass(frozen=True)
class Forecast:
    """Stretches in order of time; `missed` people have no hour of theirs left before the end."""

    stretches: tuple[Stretch, ...]
    missed: int

    @property
    def begins(self) -> datetime | None:
        """When the first person is reached."""
        return self.stretches[0].begins if self.stretches else None

    @property
    def ends(self) -> datetime | None:
        """When everybody who can be reached was."""
        return self.stretches[-1].ends if self.stretches else None

    @property
    def done_by(self) -> datetime | None:
        """The whole minute by which everybody who can be reached was."""
        if self.ends is None:
            return None
        over = timedelta(seconds=self.ends.second, microseconds=self.ends.microsecond)
        return self.ends + (timedelta(minutes=1) - over if over else over)


def forecast_of(session: Session, campaign: Campaign, starts_at: datetime, ends_at: datetime) -> Forecast:
    """What would happen if the campaign had its line for itself from `starts_at` to `ends_at`.

    A language without a wording yet counts as one part each.
    """
    parts_of = {wording.language: wording.parts for wording in wordings_of(session, campaign.id)}
    windows: dict[int, tuple[Window, ...]] = {}
    loads: dict[tuple[tuple[Window, ...], int], int] = {}
    for (rhythm, language), people in receivers(session, campaign).items():
        if rhythm not in windows:
            windows[rhythm] = tuple(windows_of_rhythm(session, rhythm, starts_at, ends_at))
        key = windows[rhythm], parts_of.get(language, 1)
        loads[key] = loads.get(key, 0) + people
    line = session.get_one(Line, campaign.line_id)
    if campaign.channel == Means.CALL:
        calls = [Load(people, 1, hours) for (hours, _), people in loads.items()]
        return forecast(calls, calls_a_second(session, campaign, line))
    return forecast(
        [Load(people, parts, hours) for (hours, parts), people in loads.items()], line.parts_per_second
    )


def calls_a_second(session: Session, campaign: Campaign, line: Line) -> float:
    """How many phones a line gets through: its rate, or fewer where its seats are taken for the whole of each call."""
    longest = max((each.milliseconds or 0 for each in wordings_of(session, campaign.id)), default=0)
    return min(line.calls_per_second, line.calls_at_once / (SECONDS_BESIDE + longest / 1000))


def forecast(loads: Iterable[Load], parts_per_second: float) -> Forecast:
    """Drain the loads through the line: whoever's window is open shares its rate. A rate of 0 has no limit."""
    loads = list(loads)
    left = [float(load.people) for load in loads]
    edges = sorted(
        {edge for load in loads for window in load.windows for edge in (window.opens, window.closes)}
    )
    first = edges[0] if edges else None
    late = [not load.windows or load.windows[0].opens != first for load in loads]
    stretches = []
    for begins, closes in pairwise(edges):
        turn = [n for n, load in enumerate(loads) if left[n] > LEAST and _is_open(load, begins)]
        waiting = sum(left[n] * loads[n].parts for n in turn)
        if not waiting:
            continue
        room = parts_per_second * (closes - begins).total_seconds()
        share = min(1.0, room / waiting) if parts_per_second else 1.0
        takes = timedelta(seconds=waiting * share / parts_per_second if parts_per_second else 0)
        gone = {n: left[n] * share for n in turn}
        for n, people in gone.items():
            left[n] -= people
        late_ones = sum(people for n, people in gone.items() if late[n])
        stretches.append(Stretch(begins, begins + takes, sum(gone.values()), late_ones))
    return Forecast(tuple(stretches), round(sum(left)))


def _is_open(load: Load, moment: datetime) -> bool:
    return any(window.opens <= moment < window.closes for window in load.windows)
