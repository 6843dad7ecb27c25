"""A console over a training programme, and a browser for each member of staff."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support.console import Browser, WallClock, console_app, hash_quickly, sign_in_of, staff_accounts
from tests.support.programme import TrainingProgramme, training_programme


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least work, but where the work itself is what a test is about (`real_passwords`)."""
    if request.node.get_closest_marker("real_passwords") is None:
        hash_quickly(monkeypatch)


@pytest.fixture
def programme(database: Database, keyring: KeyRing, now: datetime) -> TrainingProgramme:
    """A small training programme whose staff have accounts."""
    made = training_programme(database, keyring, now)
    staff_accounts(database, made, now)
    return made


@pytest.fixture
def wall_clock() -> WallClock:
    """The real time by which sessions end and tries are counted."""
    return WallClock()


@pytest.fixture
def app(
    database: Database, keyring: KeyRing, programme: TrainingProgramme, wall_clock: WallClock, tmp_path: Path
) -> Flask:
    """The console."""
    made = console_app(database, keyring, tmp_path)
    sign_in_of(made).clock = wall_clock
    return made


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser that nobody has signed in with."""
    return Browser(app.test_client())


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """A browser in which the named member of staff is signed in."""

    def open_browser(role: str) -> Browser:
        browser = Browser(app.test_client())
        assert browser.sign_in(role).status_code == 303
        return browser

    return open_browser
