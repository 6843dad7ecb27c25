"""The folder in which an installation keeps its keys and its database: made, locked, recognised, emptied."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

MARK = ".paigham"
LOCK = ".lock"
DATABASE = "paigham.db"
MARK_TEXT = "Paigham keeps its keys and its database in this folder. Back it up; let nobody else read it.\n"


class FolderUnusable(Exception):
    """The data folder cannot be used; the message is one sentence that says what to do."""


def open_folder(folder: Path) -> None:
    """Make the folder if need be, readable by its owner alone. Raises FolderUnusable."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        holds_other_things = any(folder.iterdir()) and not (folder / MARK).exists()
        if holds_other_things:
            raise FolderUnusable(f"{folder} holds other things: choose an empty folder with --data.")
        folder.chmod(0o700)
        (folder / MARK).write_text(MARK_TEXT)
    except OSError as error:
        raise FolderUnusable(
            f"{folder} cannot be written to ({error.strerror}): choose another folder with --data, "
            "or make this one yours."
        ) from None


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second start out while the block runs. Raises FolderUnusable when one is inside already."""
    with (folder / LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderUnusable(
                f"Paigham runs already on {folder}: stop it with Ctrl-C in its window, or choose another --data."
            ) from None
        yield


def empty_training_folder(folder: Path, runtime: Path) -> None:
    """Remove everything that a training installation keeps, so that the next start makes a new one.

    Raises FolderUnusable when the folder is not ours or its programme is not a training one: nothing is removed.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARK).exists():
        raise FolderUnusable(
            f"{folder} holds other things than a training programme: --fresh leaves it alone."
        )
    if not _is_training(folder / DATABASE):
        raise FolderUnusable(f"{folder} holds a programme that is not for training: --fresh leaves it alone.")
    for path in folder.iterdir():
        if path.name in (MARK, LOCK):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    shutil.rmtree(runtime, ignore_errors=True)


def open_runtime(folder: Path) -> None:
    """Make the folder for what must not outlive the machine's power. Raises FolderUnusable when it is not ours.

    It may lie where everybody can write, so one that somebody else made is not trusted.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise FolderUnusable(
            f"{folder} belongs to somebody else: set PAIGHAM_RUNTIME_DIR to a folder of your own."
        )
    folder.chmod(0o700)


def _is_training(database: Path) -> bool:
    """Whether the programme in it is one for training; a database without a programme has nothing to lose."""
    if not database.exists():
        return True
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT training FROM programme WHERE id = 1").fetchone()
    except sqlite3.OperationalError as error:
        return "no such table" in str(error)
    return row is None or bool(row[0])
