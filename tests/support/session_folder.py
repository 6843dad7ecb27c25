"""One folder per test run, shared by its workers, and the clearing away of runs that were killed."""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

VARIABLE = "TESTS_SESSION_FOLDER"


def base_folder() -> Path:
    """Where the folders of this user's test runs lie; short, as unix sockets live in them."""
    return Path(tempfile.gettempdir()) / f"paigham-tests-{os.getuid()}"


def open_folder() -> Path:
    """The folder of this run: the first process makes it, workers find it in their environment."""
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    base = base_folder()
    base.mkdir(exist_ok=True)
    base.chmod(0o711)  # the database server may run as another user and has to walk through
    for stale in base.iterdir():
        if stale.name.isdigit() and not _is_alive(int(stale.name)):
            close_folder(stale)
    folder = base / str(os.getpid())
    folder.mkdir()
    folder.chmod(0o711)
    os.environ[VARIABLE] = str(folder)
    return folder


def close_folder(folder: Path) -> None:
    """End the servers that left their process id in the folder, and remove it."""
    for pid_file in folder.glob("**/postmaster.pid"):
        _end(int(pid_file.read_text().splitlines()[0]), folder, signal.SIGQUIT)
    for pid_file in folder.glob("*.pid"):
        _end(int(pid_file.read_text()), folder, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes on this file; it ends with the process that holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end(pid: int, folder: Path, how: signal.Signals) -> None:
    """End the server that works in this folder; its id may be somebody else's by now."""
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        process = psutil.Process(pid)
        if any(f"{folder}{os.sep}" in word for word in process.cmdline()):
            process.send_signal(how)
