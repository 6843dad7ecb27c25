"""Making the environment that both commands need, with nothing but Python's own library."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
BUILDER, WITHOUT_WHEEL = "setuptools", "flask-principal"
STAMP = VENV / "paigham-installed.json"


class CannotGoOn(Exception):
    """Something on this machine stands in the way; the message is one sentence that says what to do."""


def ensure_environment() -> None:
    """Make `.venv` and install what the lock names; does nothing when that was done. Raises CannotGoOn.

    The environment is made anew when the project or its Python moved, as both are written into its files.
    """
    done = _read_stamp()
    if done and done == _wanted():
        return
    if not os.access(ROOT, os.W_OK):
        raise CannotGoOn(
            f"{ROOT} cannot be written to: copy the project to a folder of your own and start there."
        )
    if done and any(done.get(name) != value for name, value in _foundations().items()):
        shutil.rmtree(VENV)
    if not PYTHON.exists():
        _make_venv()
    if done.get("lock") != _digest(LOCK):
        print("Installing what Paigham needs; the first time this takes a minute.", flush=True)
        _install_lock()
    _pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    STAMP.write_text(json.dumps(_wanted()))


def _wanted() -> dict[str, str]:
    return {**_foundations(), "lock": _digest(LOCK), "project": _digest(PROJECT)}


def _foundations() -> dict[str, str]:
    return {"root": str(ROOT), "python": os.path.realpath(PYTHON)}


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _make_venv() -> None:
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of python3
        import venv
    except ImportError:
        raise CannotGoOn(
            "Python's venv module is missing: install it with `sudo apt install python3-venv`, then start again."
        ) from None
    try:
        venv.create(VENV, with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotGoOn(
            f"The environment in {VENV} could not be made ({type(error).__name__}): see that the disk has room, "
            "and on Debian install python3-venv."
        ) from None


def _install_lock() -> None:
    """Install the lock by its hashes: wheels, and the one source package, built by what the lock names too.

    Left to itself pip would fetch whatever setuptools is newest to build it, without looking at any hash.
    """
    builder = VENV / "builder.lock"
    builder.write_text(entry_of(BUILDER))
    _pip("--require-hashes", "--only-binary", ":all:", "-r", str(builder))
    _pip(
        *("--require-hashes", "--only-binary", ":all:", "--no-binary", WITHOUT_WHEEL),
        *("--no-build-isolation", "--use-pep517", "-r", str(LOCK)),
    )


def entry_of(package: str) -> str:
    """One package's lines of the lock."""
    lines = LOCK.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    rest = takewhile(lambda line: line.startswith(" "), lines[first + 1 :])
    return "\n".join([lines[first], *rest]) + "\n"


def _pip(*words: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    log = VENV / "install.log"
    log.write_text(done.stdout + done.stderr)
    raise CannotGoOn(f"{reason_for(done.stderr)} ({log} has the details).")


def reason_for(errors: str) -> str:
    """What a failed installation asks of the person, from what pip wrote."""
    missing = [
        line.rpartition(" for ")[2].split()[0] for line in errors.splitlines() if "No matching dist" in line
    ]
    if any(
        word in errors
        for word in ("NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ProxyError")
    ):
        return "The packages could not be downloaded: check the network and start again"
    if missing:
        package = missing[0].split("==")[0]
        return (
            f"There is no ready-made wheel of {package} for this machine: use Linux with glibc 2.28 or newer, "
            "or macOS 14 or newer, with Python 3.11 to 3.14"
        )
    if "No space left" in errors:
        return "The disk is full: make room and start again"
    return "The packages could not be installed"


def explain(error: CannotGoOn) -> int:
    """Say what stands in the way; returns the exit code to end with."""
    print(error, file=sys.stderr)
    return 1
