"""What the operating system is asked about processes: to die with their parent, to end with their session."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int) -> Callable[[], None] | None:
    """What a child runs before its program, so that the kernel kills it when its parent dies, however that dies.

    Linux only; elsewhere there is nothing to run and a killed supervisor leaves its children behind.
    The child must be started by the parent's main thread: the kernel watches the thread, not the process.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def _before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return _before_exec


def end_session(leader: int) -> None:
    """Kill whatever is left of the session that `leader` opened, also what moved to a group of its own.

    RQ puts the process that runs a job into its own group, so killing the leader's group is not enough.
    """
    for pid in _all_processes():
        with suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


def _all_processes() -> list[int]:
    if os.path.isdir("/proc/self"):
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    listing = subprocess.run(["ps", "-A", "-o", "pid="], capture_output=True, text=True, check=False)
    return [int(word) for word in listing.stdout.split()]
