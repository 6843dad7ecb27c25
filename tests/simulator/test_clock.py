"""The shown clock: written for every other process, forward only, and in daytime at the start."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.simulator.clock import ClockRefused, ShownClock
from tests.support.carrier import SimulatedCarrier, a_config
from tests.support.ports import free_ports

KARACHI = ZoneInfo("Asia/Karachi")


def local(shown: float) -> datetime:
    return datetime.fromtimestamp(shown, KARACHI)


def write(path: Path, when: str, speed: float = 1) -> float:
    shown = datetime.fromisoformat(when).replace(tzinfo=KARACHI).timestamp()
    path.write_text(json.dumps({"real": time.time(), "shown": shown, "speed": speed}))
    return shown


def read(path: Path) -> float:
    """What another process makes of the file."""
    held = json.loads(path.read_text())
    return float(held["shown"] + (time.time() - held["real"]) * held["speed"])


@pytest.mark.parametrize(
    ("left_at", "starts_at"),
    [
        ("2031-03-05 11:20", "2031-03-05 11:20"),
        ("2031-03-05 07:00", "2031-03-05 10:00"),
        ("2031-03-05 09:29", "2031-03-05 10:00"),
        ("2031-03-05 19:00", "2031-03-06 10:00"),
        ("2031-03-05 23:50", "2031-03-06 10:00"),
    ],
)
def test_a_start_goes_on_from_the_file_and_forward_to_daytime(
    left_at: str, starts_at: str, tmp_path: Path
) -> None:
    path = tmp_path / "clock.json"
    left = write(path, left_at)

    clock = ShownClock(path)

    assert f"{local(clock.now()):%Y-%m-%d %H:%M}" == starts_at
    assert clock.now() >= left
    assert abs(read(path) - clock.now()) < 1


def test_a_first_start_writes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "clock.json"

    clock = ShownClock(path)

    assert clock.now() >= time.time() - 1
    assert set(json.loads(path.read_text())) == {"real", "shown", "speed"}


def test_a_damaged_file_is_as_none(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    path.write_text("{}")

    assert ShownClock(path).now() >= time.time() - 1


def test_the_clock_never_goes_backwards(tmp_path: Path) -> None:
    clock = ShownClock(tmp_path / "clock.json")
    with pytest.raises(ClockRefused):
        clock.go_to(clock.now() - 60)
    for speed in (-1, 1001):
        with pytest.raises(ClockRefused):
            clock.run_at(speed)
    with pytest.raises(ClockRefused):
        clock.next_local("25:00")
    with pytest.raises(ClockRefused):
        clock.next_local("noon")


@pytest.mark.parametrize(
    ("now", "label", "target"),
    [
        ("2031-03-07 11:48", "to 14:30", "2031-03-07 14:30"),
        ("2031-03-07 13:00", "to 14:30", "2031-03-07 14:30"),
        ("2031-03-07 15:00", "to 10:00 tomorrow", "2031-03-08 10:00"),
        ("2031-03-05 11:48", "to 10:00 tomorrow", "2031-03-06 10:00"),
        ("2031-03-05 18:59", "to 10:00 tomorrow", "2031-03-06 10:00"),
    ],
)
def test_the_jump_leads_to_the_next_opening(now: str, label: str, target: str, tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write(path, now)
    clock = ShownClock(path)

    words, to = clock.next_opening()
    clock.go_to(clock.next_local(to))

    assert words == label
    assert f"{local(clock.now()):%Y-%m-%d %H:%M}" == target


def test_in_the_night_the_jump_leads_to_this_mornings_opening(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    write(path, "2031-03-05 18:00")
    clock = ShownClock(path)
    clock.go_to(clock.next_local("02:00"))

    assert clock.next_opening() == ("to 10:00", "10:00")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[SimulatedCarrier]:
    write(tmp_path / "clock.json", "2031-03-05 11:00")
    running = SimulatedCarrier(
        free_ports(), tmp_path, a_config(), "--clock-file", str(tmp_path / "clock.json")
    )
    running.start()
    yield running
    running.kill()


def test_every_move_of_the_clock_is_written_for_the_others(process: SimulatedCarrier, tmp_path: Path) -> None:
    path = tmp_path / "clock.json"

    process.post("clock", to="14:30")
    assert f"{local(read(path)):%H:%M}" == "14:30"

    before = read(path)
    process.post("clock", advance=600)
    assert read(path) >= before + 600

    process.post("clock", set=before + 86400)
    assert read(path) >= before + 86400

    assert process.post("clock", speed=10)["speed"] == 10
    assert json.loads(path.read_text())["speed"] == 10
    assert abs(read(path) - process.get("clock")["shown"]) < 10


def test_an_impossible_move_is_refused_in_words(process: SimulatedCarrier) -> None:
    assert process.refusal("clock", set=1) == "The clock never goes backwards."
    assert process.refusal("clock", advance=-5) == "The clock never goes backwards."
    assert process.refusal("clock", to="late") == "A time of day is written HH:MM."
    assert process.refusal("clock", speed="fast") == "A number is missing."
    assert process.refusal("clock", jump=1) == "The clock knows speed, to, advance and set."


def test_an_ordered_stop_leaves_the_clock_at_its_usual_speed(
    process: SimulatedCarrier, tmp_path: Path
) -> None:
    process.post("clock", speed=10)
    before = read(tmp_path / "clock.json")

    process.stop()

    held = json.loads((tmp_path / "clock.json").read_text())
    assert held["speed"] == 1
    assert held["shown"] >= before
