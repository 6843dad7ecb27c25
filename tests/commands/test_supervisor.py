"""The supervisor starts in order, restarts what dies, stops in reverse, and leaves no process behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.commands.supervisor import restart_delay_seconds
from tests.support.waiting import until


@dataclass(frozen=True)
class StandInHouse:
    """The running stand-in: its process, and what its programs wrote down."""

    process: subprocess.Popen[str]
    folder: Path

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    @property
    def events(self) -> list[list[str]]:
        return [line.split() for line in (self.folder / "events").read_text().splitlines()]

    def pids(self, name: str) -> list[int]:
        return [int(pid) for who, what, pid in self.events if who == name and what == "starts"]

    def order_of(self, what: str) -> list[str]:
        return [who for who, happened, _ in self.events if happened == what]

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def everybody(self) -> list[int]:
        return [int(pid) for _, what, pid in self.events if what == "starts"]


def is_running(pid: int) -> bool:
    """Whether the process still does anything; one that ended and waits to be collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self").exists():
        try:
            return stat.read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def nobody_is_left(house: StandInHouse) -> bool:
    return not any(is_running(pid) for pid in house.everybody())


@contextmanager
def running(folder: Path, habit: str = "plain") -> Iterator[StandInHouse]:
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands.stand_in_house", str(folder), habit],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    house = StandInHouse(process, folder)
    try:
        until(lambda: "all answer" in house.output or process.poll() is not None, what="the stand-in house")
        yield house
    finally:
        process.kill()
        process.wait()
        for pid in house.everybody():
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)


def test_the_foundation_answers_before_the_others_start(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        assert house.order_of("starts")[0] == "first"
        assert set(house.order_of("starts")) == {"first", "second", "third"}


def test_every_line_stands_under_its_program_s_name(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        until(lambda: "third: hello from third" in house.output)
        assert "second: hello from second" in house.output


def test_a_program_that_dies_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        os.kill(house.pids("second")[0], signal.SIGKILL)

        until(lambda: len(house.pids("second")) == 2, what="a second start")

        assert "second: ended with code -9, starts again in 0.5 s" in house.output
        assert len(house.pids("third")) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only on Linux a fork may go on as it is")
def test_a_loaded_program_is_a_fork_that_has_nothing_else_of_its_parent_and_starts_again_by_itself(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "loaded") as house:
        until(lambda: "third: holds" in house.output)
        assert "third: sees third, leads True, reads ''" in house.output
        assert "third: holds [], ends at once True" in house.output
        (fork,) = house.pids("third")
        assert "stand_in_house" in Path(f"/proc/{fork}/cmdline").read_text()

        os.kill(fork, signal.SIGKILL)

        until(lambda: len(house.pids("third")) == 2, what="a second start")
        assert "third: ended with code -9, starts again in 0.5 s" in house.output
        assert "stand_in_program" in Path(f"/proc/{house.pids('third')[1]}/cmdline").read_text()


def test_the_wait_before_a_restart_doubles_up_to_half_a_minute() -> None:
    delays = [restart_delay_seconds(failures) for failures in (1, 2, 3, 4, 5, 6, 7, 8, 500)]

    assert delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("habit", ["plain", "loaded"])
def test_asked_to_stop_it_stops_in_reverse_and_the_foundation_last(
    tmp_path: Path, number: signal.Signals, habit: str
) -> None:
    with running(tmp_path, habit) as house:
        house.signal(number)

        assert house.process.wait(timeout=30) == 0

        assert house.order_of("stops") == ["third", "second", "first"]
        assert nobody_is_left(house)


def test_what_moved_to_a_process_group_of_its_own_goes_too(tmp_path: Path) -> None:
    with running(tmp_path, "parent") as house:
        house.signal(signal.SIGINT)
        house.process.wait(timeout=30)

        assert house.pids("grandchild")
        until(lambda: nobody_is_left(house), what="the grandchild's end")


def test_a_second_ctrl_c_kills_who_does_not_stop(tmp_path: Path) -> None:
    with running(tmp_path, "stubborn") as house:
        house.signal(signal.SIGINT)
        until(lambda: "paigham: stops" in house.output)
        house.signal(signal.SIGINT)

        assert house.process.wait(timeout=20) == 0

        assert "third: killed" in house.output
        assert nobody_is_left(house)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children with their parent")
def test_a_killed_supervisor_takes_its_programs_with_it(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        house.signal(signal.SIGKILL)
        house.process.wait()

        until(lambda: nobody_is_left(house), what="the end of every program")


def test_a_program_that_ends_before_it_answers_is_named_and_the_rest_is_stopped(tmp_path: Path) -> None:
    with running(tmp_path, "broken") as house:
        assert house.process.wait(timeout=30) == 1

        assert "third ended with code 3" in house.output
        assert nobody_is_left(house)
