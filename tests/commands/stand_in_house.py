"""A house of small stand-in programs under the real supervisor; run as a process so that tests can signal it.

Each program writes what happens to it into one file of events. Arguments: folder, then words that change a program:
`stubborn` ignores SIGTERM, `broken` ends before it answers, `parent` has a child in a process group of its own.
"""

import os
import sys
from pathlib import Path

from gateway.commands.supervisor import Child, ChildNeverAnswered, Interrupted, Supervisor

PROGRAM = """
import os, signal, subprocess, sys, time
name, events, habit = sys.argv[1:]
def tell(what):
    with open(events, "a") as file:
        file.write(f"{name} {what} {os.getpid()}\\n")
def stop(number, frame):
    tell("stops")
    sys.exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN if habit == "stubborn" else stop)
if habit == "broken":
    sys.exit(3)
if habit == "parent":
    grandchild = subprocess.Popen(["sleep", "600"], process_group=0)
    with open(events, "a") as file:
        file.write(f"grandchild starts {grandchild.pid}\\n")
print("hello from", name, flush=True)
tell("starts")
time.sleep(600)
"""


def main(folder: Path, habits: list[str]) -> int:
    """Run first (which the others wait for), second and third until signalled."""
    events = folder / "events"

    def has_started(name: str) -> bool:
        return events.exists() and f"{name} starts" in events.read_text()

    def stand_in(name: str, habit: str = "plain") -> Child:
        command = [sys.executable, "-S", "-c", PROGRAM, name, str(events), habit]
        return Child(name, command, os.environ, lambda: has_started(name), is_foundation=name == "first")

    children = [stand_in("first"), stand_in("second"), stand_in("third", *habits[:1])]
    supervisor = Supervisor(children, lambda name, line: print(f"{name}: {line}", flush=True))
    supervisor.handle_signals()
    try:
        supervisor.start()
        print("all answer", flush=True)
        supervisor.run()
    except ChildNeverAnswered as error:
        print(error, flush=True)
        return 1
    except Interrupted:
        return 0
    finally:
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
