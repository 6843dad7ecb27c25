"""Starting programs of ours as forks of a process that has loaded already what they all need.

Loading the same thousand modules in five programs costs a small machine more than all the rest of a start.
"""

import gc
import importlib
import logging
import os
import runpy
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import IO, NoReturn

from gateway.commands.processes import die_with_parent

_CAUGHT = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # by a supervisor
_DESCRIPTORS = 4096  # more than a supervisor ever has open


class Fork:
    """A program in a fork, for its parent: what `subprocess.Popen` offers, as far as a supervisor asks for it."""

    def __init__(self, pid: int, stdout: IO[bytes]) -> None:
        """Take the child's id, and the end of the pipe at which what it prints arrives."""
        self.pid, self.stdout = pid, stdout
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._collect(os.WNOHANG)

    def wait(self) -> int | None:
        """The exit code, once there is one."""
        return self._collect(0)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _collect(self, options: int) -> int | None:
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self._exit_code = os.waitstatus_to_exitcode(status)
        return self._exit_code


def may_fork() -> bool:
    """Whether a fork of this process can go on without another program taking its place.

    On macOS the system's libraries forbid it; and what another thread has locked would stay locked for ever.
    """
    return sys.platform.startswith("linux") and threading.active_count() == 1


def load(modules: Sequence[str]) -> None:
    """Import these for the forks to come; does nothing where there can be none."""
    if not may_fork():
        return
    # None of it is ever garbage, and the collector would look through all of it again and again.
    gc.disable()
    try:
        for name in modules:
            importlib.import_module(name)
    finally:
        gc.freeze()  # so that no fork copies all of it by looking
        gc.enable()


def fork(command: Sequence[str], environment: Mapping[str, str]) -> Fork:
    """Run `python -m module words…` in a fork of this process, in a session of its own that dies with this process.

    It has this environment, nothing to read, its output in the pipe, and no other file that is open here.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    reads, writes = os.pipe()
    parent = os.getpid()
    # Until the fork has left our handlers behind no signal may reach it: it would be lost.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _CAUGHT)
    pid = os.fork()
    if pid == 0:
        _be_a_program(command, environment, writes, parent, mask)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    os.close(writes)
    return Fork(pid, os.fdopen(reads, "rb"))


def _be_a_program(
    command: Sequence[str], environment: Mapping[str, str], output: int, parent: int, mask: set[int]
) -> NoReturn:
    """Run it to the end of this process: none of the parent's frames ever goes on in the fork."""
    code = 1
    try:
        _leave_behind(parent, output)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.environ.clear()
        os.environ.update(environment)
        code = _exit_code_of(command)
        logging.shutdown()
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - told and ended with, as the end of any Python program
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _leave_behind(parent: int, output: int) -> None:
    """Part with the parent's session, files and handlers of signals."""
    os.setsid()
    if dies_too := die_with_parent(parent):
        dies_too()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, _DESCRIPTORS)
    for number in _CAUGHT:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


def _exit_code_of(command: Sequence[str]) -> int:
    """Do what `python -m` does."""
    _python, _m, module, *words = command
    sys.argv = [module, *words]
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is the interpreter's own
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        sys.stderr.write(f"{ending.code}\n")
        return 1
    return 0
