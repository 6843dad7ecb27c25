"""The house as a person starts it: from an empty folder to pages that answer, and back to nothing."""

import os
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.support.house import RealHouse
from tests.support.session_folder import open_folder
from tests.support.waiting import until


@contextmanager
def started(data: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """`paigham up` in a process of its own, and the file with what it prints."""
    output = data.with_name("output")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PAIGHAM_")}
    runtime = open_folder() / f"u-{port}"
    with output.open("w") as file:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "gateway.commands.up",
                "--no-browser",
                "--port",
                str(port),
                "--data",
                str(data),
            ],
            env={**environment, "PAIGHAM_RUNTIME_DIR": str(runtime)},
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        until(lambda: "Paigham is running" in output.read_text() or process.poll() is not None, seconds=90)
        assert process.poll() is None, output.read_text()
        yield process, output
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def everybody_under(process: subprocess.Popen[str]) -> list[psutil.Process]:
    children: list[psutil.Process] = psutil.Process(process.pid).children(recursive=True)
    return children


def is_over(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@pytest.mark.timeout(240)
def test_from_an_empty_folder_to_pages_that_answer_and_back_to_nothing(
    tmp_path: Path, free_port: int
) -> None:
    data = tmp_path / "var"
    with started(data, free_port) as (process, output):
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        assert "coordinator" in output.read_text()
        for port in (free_port, free_port + 1):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                assert answer.status == 200
        children = everybody_under(process)
        assert len(children) >= 6
        accounts = (data / "trainees.json").read_text()

        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=30) == 0
        assert all(is_over(child) for child in children)

    # A second start finds what the first one made, and what dies with it leaves nothing behind either.
    with started(data, free_port) as (process, _):
        assert (data / "trainees.json").read_text() == accounts
        if sys.platform.startswith("linux"):  # elsewhere nothing ends children with their parent
            children = everybody_under(process)

            process.kill()

            until(lambda: all(is_over(child) for child in children), what="the end of every process")


@pytest.mark.timeout(240)
def test_after_redis_was_lost_each_process_still_answers_and_stops_well(prepared_house: RealHouse) -> None:
    running_house = prepared_house
    running_house.each_loads_for_itself = True  # as each does where the machine's own supervisor starts it
    running_house.start()
    running_house.restart("redis")
    for name in running_house.names:
        running_house.wait_for(name)

    endings = {name: running_house.stop(name) for name in reversed(running_house.names)}

    assert endings == dict.fromkeys(running_house.names, 0)
