"""One program of the stand-in house; arguments: its name, the file of events, its habit."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

name, events, habit = sys.argv[1:]


def tell(what: str) -> None:
    """Write down what happens, with who it happens to."""
    with open(events, "a") as file:
        file.write(f"{name} {what} {os.getpid()}\n")


def stop(number: int, frame: FrameType | None) -> None:
    """End as one who was asked to."""
    tell("stops")
    sys.exit(0)


def others_files() -> list[int]:
    """Open files that this program did not open."""
    found = []
    for number in range(3, 256):
        with suppress(OSError):
            os.fstat(number)
            found.append(number)
    return found


print("hello from", name)
if habit == "loaded":
    print(f"sees {os.environ['STAND_IN']}, leads {os.getsid(0) == os.getpid()}, reads {sys.stdin.read()!r}")
    print(f"holds {others_files()}, ends at once {signal.getsignal(signal.SIGTERM) == signal.SIG_DFL}")
signal.signal(signal.SIGTERM, signal.SIG_IGN if habit == "stubborn" else stop)
if habit == "broken":
    sys.exit(3)
if habit == "parent":
    grandchild = subprocess.Popen(["sleep", "600"], process_group=0)
    with open(events, "a") as file:
        file.write(f"grandchild starts {grandchild.pid}\n")
sys.stdout.flush()
tell("starts")
time.sleep(600)
