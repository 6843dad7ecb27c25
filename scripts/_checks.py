"""Every check in turn, and one line at the end that says how it went."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

from _bootstrap import PYTHON, ROOT, CannotGoOn

sys.path.insert(0, str(ROOT))
from tests.support.chromium import find_chromium

BIN = PYTHON.parent
CHECKS: Sequence[tuple[str, Sequence[str]]] = (
    ("lint", (str(BIN / "ruff"), "check", "--quiet")),
    ("formatting", (str(BIN / "ruff"), "format", "--check", "--quiet")),
    ("arrows between rooms", (str(BIN / "lint-imports"), "--no-logo")),
)
TYPES = (str(BIN / "mypy"), "--no-error-summary")
# Three for two cores: whoever runs a journey mostly waits.
PYTEST = (str(PYTHON), "-m", "pytest", "-n", "3", "--dist", "worksteal")
COUNT = re.compile(r"(\d+) (passed|failed|errors?)\b")


def run_everything(words: list[str]) -> int:
    """Run all checks, also after one failed, and say in one line how it went; the exit code to end with."""
    began = time.monotonic()
    if "--no-browser" not in words:
        _ensure_browser()
    types = subprocess.Popen(TYPES, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    failed = [name for name, command in CHECKS if _fails(name, command)]
    exit_code, counts = _pytest(words)
    print("── types", flush=True)
    said, _ = types.communicate()  # it began before the tests: the first time it takes as long as a journey
    sys.stdout.buffer.write(said)
    sys.stdout.flush()
    if types.returncode != 0:
        failed.append("types")
    seconds = round(time.monotonic() - began)
    wrong = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    if exit_code != 0:
        failed.append(f"{wrong} tests" if wrong else f"pytest (exit code {exit_code})")
    if failed:
        print(f"Red: {', '.join(failed)}; {seconds} seconds")
        return 1
    print(f"All green: {counts['passed']} tests, {seconds} seconds")
    return 0


def _fails(name: str, command: Sequence[str]) -> bool:
    print(f"── {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode != 0


def _pytest(words: list[str]) -> tuple[int, dict[str, int]]:
    """Run pytest, showing what it prints while it prints it; its exit code and the counts of its closing line."""
    print("── tests", flush=True)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    process = subprocess.Popen([*PYTEST, *colour, *words], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101 - made with PIPE a line above
    tail = b""
    while piece := os.read(process.stdout.fileno(), 65536):
        sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        tail = (tail + piece)[-4096:]
    closing_line = tail.decode(errors="replace").strip().rpartition("\n")[2]
    return process.wait(), {what: int(count) for count, what in COUNT.findall(closing_line)}


def _ensure_browser() -> None:
    """Find Chromium, or install it where that is allowed. Raises CannotGoOn."""
    if find_chromium():
        return
    if shutil.which("apt-get") and os.getuid() == 0:
        print("Installing Chromium for the browser tests.", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "chromium"]):
            subprocess.run(
                ["apt-get", "--quiet", *words], env=environment, stdout=subprocess.DEVNULL, check=False
            )
    if not find_chromium():
        raise CannotGoOn(
            "Chromium is missing and the browser tests need it: install it (`sudo apt install chromium`, or Chrome "
            "on macOS), or leave those tests out with --no-browser."
        )
