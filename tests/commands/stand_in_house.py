"""A house of small stand-in programs under the real supervisor; run as a process so that tests can signal it.

Each program writes what happens to it into one file of events. Arguments: folder, then words that change a program:
`stubborn` ignores SIGTERM, `broken` ends before it answers, `parent` has a child in a process group of its own,
`loaded` is started as a fork of the supervisor.
"""

import os
import sys
from pathlib import Path

from gateway.commands.supervisor import Child, ChildNeverAnswered, Interrupted, Supervisor

PROGRAM = Path(__file__).with_name("stand_in_program.py").read_text()


def main(folder: Path, habits: list[str]) -> int:
    """Run first (which the others wait for), second and third until signalled."""
    events = folder / "events"

    def has_started(name: str) -> bool:
        return events.exists() and f"{name} starts" in events.read_text()

    def stand_in(name: str, habit: str = "plain") -> Child:
        loaded = habit == "loaded"
        program = ["-m", "tests.commands.stand_in_program"] if loaded else ["-S", "-c", PROGRAM]
        return Child(
            name,
            [sys.executable, *program, name, str(events), habit],
            {**os.environ, "STAND_IN": name},
            lambda: has_started(name),
            is_foundation=name == "first",
            is_loaded=loaded,
        )

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
