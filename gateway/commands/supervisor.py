"""Keeping a handful of processes running: start in order, restart what dies, stop in reverse, leave nothing."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

from gateway.commands.forks import Fork, fork, may_fork
from gateway.commands.processes import die_with_parent, end_session

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 30.0  # a child that lived this long starts again with the first delay
STOP_WITHIN_SECONDS = 25.0  # all together; leaves 5 of the promised 30 for the last and for clearing up
LAST_STOP_SECONDS = 3.0
POLL_SECONDS = 0.02

Say = Callable[[str, str], None]
"""Takes a child's name and one line about it or from it."""


class ChildNeverAnswered(Exception):
    """A child did not answer in time, or ended before it answered."""

    def __init__(self, name: str, exit_code: int | None) -> None:
        """Name the child, and how it ended if it did."""
        self.name = name
        how = "did not answer in time" if exit_code is None else f"ended with code {exit_code}"
        super().__init__(f"{name} {how}")


class Interrupted(Exception):
    """Somebody asked to stop while the children were still starting."""


@dataclass(frozen=True)
class Child:
    """One program to keep running.

    A foundation is awaited before any later child starts, and stops last. Lines with a word of `chatter` are not shown.
    One that `is_loaded` is a command `python -m …` whose modules the supervisor has loaded: it starts as a fork of it,
    where that may be, and when it starts again, as any other.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    answers: Callable[[], bool]
    is_foundation: bool = False
    answers_within_seconds: float = 30.0
    chatter: tuple[str, ...] = ()
    is_loaded: bool = False


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | Fork
    since: float
    failures: int = 0
    start_again_at: float | None = None


@dataclass
class Supervisor:
    """Runs children until asked to stop by Ctrl-C, SIGTERM or `ask_to_stop`; a second signal kills them at once."""

    children: Sequence[Child]
    say: Say
    _running: list[_Running] = field(default_factory=list)
    _stop_asked: threading.Event = field(default_factory=threading.Event)
    _kill_asked: threading.Event = field(default_factory=threading.Event)

    def handle_signals(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal stop the children; call it once, in the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def ask_to_stop(self) -> None:
        """Let `run` come to an end."""
        self._stop_asked.set()

    def start(self) -> None:
        """Start every child in order and return when all answer.

        Raises ChildNeverAnswered, or Interrupted when asked to stop meanwhile; the caller stops what runs by then.
        """
        try:
            for child in self.children:
                running = _Running(child, _started(child), time.monotonic())
                self._running.append(running)
                if child.is_foundation:
                    self._await(running)
        finally:
            # Not sooner: with a thread of its own the supervisor may not fork any more.
            for running in self._running:
                self._listen(running)
        for running in self._running:
            if not running.child.is_foundation:
                self._await(running)

    def run(self) -> None:
        """Restart whatever ends, until asked to stop."""
        while not self._stop_asked.wait(POLL_SECONDS):
            for running in self._running:
                self._look_after(running)

    def stop(self) -> None:
        """End all children in reverse order, foundations last, within 30 s; no process of theirs remains."""
        self.say("paigham", "stops; once more Ctrl-C ends everything at once")
        in_reverse = list(reversed(self._running))
        deadline = time.monotonic() + STOP_WITHIN_SECONDS
        for running in in_reverse:
            if not running.child.is_foundation:
                self._end(running, deadline)
        for running in in_reverse:
            if running.child.is_foundation:
                self._end(running, time.monotonic() + LAST_STOP_SECONDS)
        self._running.clear()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stop_asked.is_set():
            self._kill_asked.set()
        self._stop_asked.set()

    def _listen(self, running: _Running) -> None:
        threading.Thread(target=self._relay, args=(running.child, running.process), daemon=True).start()

    def _relay(self, child: Child, process: subprocess.Popen[bytes] | Fork) -> None:
        assert process.stdout is not None  # noqa: S101 - made with PIPE a line above
        for line in process.stdout:
            shown = line.decode(errors="replace").rstrip()
            if shown and not any(word in shown for word in child.chatter):
                self.say(child.name, shown)

    def _await(self, running: _Running) -> None:
        deadline = time.monotonic() + running.child.answers_within_seconds
        while not running.child.answers():
            exit_code = running.process.poll()
            if exit_code is not None or time.monotonic() > deadline:
                raise ChildNeverAnswered(running.child.name, exit_code)
            if self._stop_asked.wait(POLL_SECONDS):
                raise Interrupted
        if self._stop_asked.is_set():
            raise Interrupted

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if running.start_again_at is not None:
            if now >= running.start_again_at:
                running.process = _started(running.child)
                running.since, running.start_again_at = now, None
                self._listen(running)
            return
        exit_code = running.process.poll()
        if exit_code is None:
            return
        end_session(running.process.pid)
        running.failures = 1 if now - running.since > HEALTHY_AFTER_SECONDS else running.failures + 1
        delay = restart_delay_seconds(running.failures)
        running.start_again_at = now + delay
        self.say(running.child.name, f"ended with code {exit_code}, starts again in {delay:g} s")

    def _end(self, running: _Running, deadline: float) -> None:
        process = running.process
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < deadline and not self._kill_asked.is_set():
            time.sleep(POLL_SECONDS)
        ended_itself = process.poll() is not None
        end_session(process.pid)
        process.wait()
        self.say(running.child.name, "stopped" if ended_itself else "killed")


def _started(child: Child) -> subprocess.Popen[bytes] | Fork:
    if child.is_loaded and may_fork():
        return fork(child.command, child.environment)
    return subprocess.Popen(
        child.command,
        env=dict(child.environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid()),
    )


def restart_delay_seconds(failures: int) -> float:
    """How long to wait before the next start after so many failures in a row: 0.5 s, doubling up to 30 s."""
    return float(min(FIRST_DELAY_SECONDS * 2 ** min(failures - 1, 10), LONGEST_DELAY_SECONDS))
