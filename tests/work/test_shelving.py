"""The clock's care for the shelf, machine by machine."""

import json
import shutil
from base64 import b64decode
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from campaigns.listening.keys import make_key_file, register_key
from campaigns.listening.sealing import FeedbackText, Kind, open_inner
from campaigns.listening.shelf import Shelf, ShelfRun
from campaigns.listening.staging import accept
from campaigns.programme.programme import the_programme
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from gateway.house import House
from gateway.settings import Settings
from gateway.work.shelving import ShelfKeeper, shelve_when_due
from tests.support.programme import training_programme


def machine(database_url: str, folder: Path) -> House:
    """A machine with a data folder and a memory-backed one of its own."""
    (folder / "data").mkdir(parents=True)
    return House.from_settings(
        Settings.from_env(
            {
                "PAIGHAM_DATABASE_URL": database_url,
                "PAIGHAM_DATA_DIR": str(folder / "data"),
                "PAIGHAM_RUNTIME_DIR": str(folder / "runtime"),
            }
        )
    )


@pytest.fixture
def private(database: Database, keyring: KeyRing, now: datetime) -> bytes:
    """A training programme that shelves two items a minute, and its moderators' private key."""
    people = training_programme(database, keyring, now)
    public, content = make_key_file("November")
    with database.writing() as session:
        programme = the_programme(session)
        programme.shelve_every_seconds, programme.shelve_least = 60, 2
        register_key(session, people.moderator, public, "November", now)
    return b64decode(json.loads(content)["private"])


def read(database: Database, private: bytes) -> list[str]:
    with database.reading() as session:
        letters = [open_inner(box, private) for box in session.scalars(select(Shelf.box))]
    return sorted(letter.body for letter in letters if isinstance(letter, FeedbackText))


def runs(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(ShelfRun)) or 0


def test_the_clock_opens_a_run_waits_and_shelves(
    database: Database, database_url: str, private: bytes, now: datetime, tmp_path: Path
) -> None:
    keeper = ShelfKeeper(machine(database_url, tmp_path / "a"))

    assert keeper.tick(now) is None
    for body in ("one", "two"):
        accept(database, FeedbackText(body, "en"), now=now)
    assert keeper.tick(now + timedelta(seconds=59)) is None
    shelved = keeper.tick(now + timedelta(seconds=61))

    assert shelved is not None
    assert shelved.count == 2
    assert read(database, private) == ["one", "two"]
    assert keeper.tick(now + timedelta(seconds=62)) is None


def test_a_clock_on_another_machine_leaves_the_run_alone(
    database: Database, database_url: str, private: bytes, now: datetime, tmp_path: Path
) -> None:
    first, second = (ShelfKeeper(machine(database_url, tmp_path / name)) for name in "ab")
    first.tick(now)
    for body in ("one", "two"):
        accept(database, FeedbackText(body, "en"), now=now)

    later = now + timedelta(seconds=61)
    assert second.tick(later) is None
    assert runs(database) == len(Kind)
    first.tick(later)
    assert second.tick(later + timedelta(seconds=90)) is None

    assert read(database, private) == ["one", "two"]


def test_after_a_reboot_the_clock_says_at_once_that_the_pool_is_lost(
    database: Database, database_url: str, private: bytes, now: datetime, tmp_path: Path
) -> None:
    house = machine(database_url, tmp_path / "a")
    ShelfKeeper(house).tick(now)
    keeper = ShelfKeeper(house)
    keeper.tick(now)
    accept(database, FeedbackText("gone", "en"), now=now)
    shutil.rmtree(tmp_path / "a" / "runtime")

    lost = ShelfKeeper(house).tick(now + timedelta(seconds=1))
    for body in ("one", "two"):
        accept(database, FeedbackText(body, "en"), now=now)
    ShelfKeeper(house).tick(now + timedelta(seconds=62))

    assert lost is not None
    assert lost.lost
    assert read(database, private) == ["one", "two"]


def test_one_process_keeps_one_keeper(
    database: Database, database_url: str, private: bytes, tmp_path: Path
) -> None:
    house = machine(database_url, tmp_path / "a")

    assert shelve_when_due(house) == []
    assert shelve_when_due(house) == []
    assert runs(database) == len(Kind)


def test_without_a_programme_the_clock_leaves_the_shelf_alone(
    database_url: str, now: datetime, tmp_path: Path
) -> None:
    assert ShelfKeeper(machine(database_url, tmp_path / "a")).tick(now) is None
