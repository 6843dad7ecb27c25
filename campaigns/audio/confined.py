"""Mending where it can do no harm: in a process of its own that knows nothing and may use little.

A file from outside is read by a great deal of C. The child has an empty environment, no connection, no more memory
and time than one file needs, and cannot write a file; whatever becomes of it, the caller gets a sound or a sentence.
"""

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from campaigns.audio.kept import Finding, Mended
from campaigns.audio.refusals import REFUSALS, AudioRefused, DamagedAudio, TooHeavy, Why

CPU_SECONDS = 60
WALL_SECONDS = 120  # the machine may have other things to do
MEMORY_BYTES = 512 * 1024 * 1024  # beyond what the process has when it starts
_ROOT = Path(__file__).resolve().parents[2]
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_LINE_END = b"\n"


class ReaderDied(DamagedAudio):
    """The child ended without an answer. `status` is how: minus the signal's number, or its exit status."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


def mend_confined(data: bytes, *, most_seconds: float, wall_seconds: float = WALL_SECONDS) -> Mended:
    """What `mend` gives, made by a child process with limits. A tenth of a second to start it.

    Raises what `mend` raises, TooHeavy when a limit was reached, and ReaderDied.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-m", __name__, str(most_seconds)],
            input=data,
            capture_output=True,
            timeout=wall_seconds,
            env={"PYTHONPATH": str(_ROOT)},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TooHeavy from None
    if child.returncode in _OUT_OF_TIME:
        raise TooHeavy
    head, _, telephone = child.stdout.partition(_LINE_END)
    if child.returncode != 0 or not head:
        raise ReaderDied(child.returncode)
    return _read(json.loads(head), telephone)


def _read(head: dict[str, object], telephone: bytes) -> Mended:
    if "why" in head:
        raise REFUSALS[Why(str(head["why"]))]
    findings = tuple(Finding(name) for name in str(head["findings"]).split())
    return Mended(telephone, int(str(head["milliseconds"])), float(str(head["level_db"])), findings)


def _confine() -> None:
    """Give away what a reader of one file does not need. What a system does not know to limit stays as it is."""
    used = _bytes_in_use()
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        *(((resource.RLIMIT_AS, used + MEMORY_BYTES),) if used else ()),
    ):
        resource.setrlimit(what, (most, most))


def _bytes_in_use() -> int:
    """The address space of this process; 0 where the system does not say (macOS, which cannot limit it either)."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except FileNotFoundError:
        return 0
    return int(pages) * resource.getpagesize()


def _child(most_seconds: float) -> NoReturn:
    from campaigns.audio.mending import mend  # the parent needs none of FFmpeg

    _confine()
    telephone, head = b"", {}
    try:
        mended = mend(sys.stdin.buffer.read(), most_seconds=most_seconds)
        telephone = mended.telephone
        head = {
            "milliseconds": mended.milliseconds,
            "level_db": mended.level_db,
            "findings": " ".join(mended.findings),
        }
    except AudioRefused as refusal:
        head = {"why": refusal.why}
    except MemoryError:
        head = {"why": TooHeavy.why}
    sys.stdout.buffer.write(json.dumps(head).encode() + _LINE_END + telephone)
    sys.stdout.buffer.flush()
    sys.exit(0)


if __name__ == "__main__":
    _child(float(sys.argv[1]))
