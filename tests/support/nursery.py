"""Programs of a house as forks of a process that has loaded what they need, as `paigham up` starts them.

Journeys start and kill some thirty programs, and loading the same modules in each costs more than all that they do.
The process that forks is not the test's own: that one has threads, and far more open.
"""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gateway.commands.children import MODULES
from gateway.commands.forks import Fork, fork, load
from gateway.commands.processes import die_with_parent
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]


class Nursling:
    """A program that the nursery started: what `subprocess.Popen` offers, as far as a house asks for it."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        """Take the id of a child of the nursery's."""
        self._nursery, self.pid = nursery, pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        code: int | None = self._nursery.ask(poll=self.pid)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        self._nursery.ask(send=number, to=self.pid)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(9)

    def wait(self, timeout: float = 20.0) -> int:
        """The exit code, once there is one; seconds."""
        until(lambda: self.poll() is not None, seconds=timeout, what=f"the end of process {self.pid}")
        code = self.poll()
        assert code is not None
        return code


class Nursery:
    """The process that forks, for as long as this one lives."""

    def __init__(self) -> None:
        """Start it; it loads while the first thing is asked of it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),
        )

    def start(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> Nursling:
        """Start a `python -m …` that writes on in `log`."""
        return Nursling(self, self.ask(start=[*command], environment={**environment}, log=str(log)))

    def ask(self, **question: Any) -> Any:
        """Ask and return what is answered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@cache
def nursery() -> Nursery:
    """The one of this process."""
    return Nursery()


def _serve() -> None:
    """Answer what is asked on standard input until it ends."""
    load(MODULES)
    children: dict[int, Fork] = {}
    for line in sys.stdin:
        answer: int | None = None
        match json.loads(line):
            case {"start": [python, _m, *words], "environment": environment, "log": log}:
                child = fork([python, "-m", __spec__.name, log, *words], environment)
                child.stdout.close()
                children[child.pid] = child
                answer = child.pid
            case {"send": number, "to": pid}:
                children[pid].send_signal(number)
            case {"poll": pid}:
                answer = children[pid].poll()
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _run(log: str, module: str, *words: str) -> None:
    """In a fork: be `python -m module words…`, with the log for its output."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for output in (1, 2):
        os.dup2(file, output)
    os.close(file)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _run(*sys.argv[1:]) if sys.argv[1:] else _serve()
