"""Fixtures for every room: databases on both engines, keys, Redis, ports, a browser, the time."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page

from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from tests.support import databases, session_folder
from tests.support.browser import LAPTOP, chromium, watched_page
from tests.support.compiled import compile_once
from tests.support.databases import EngineName
from tests.support.house import RealHouse, prepared_copy
from tests.support.order import longest_first, patience_with
from tests.support.ports import free_ports
from tests.support.valkey import RedisServer, worker_name

# A timing is never asserted in a test.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")
compile_once()

NOON_IN_PESHAWAR = datetime(2026, 11, 18, 7, 0, tzinfo=UTC)  # a Wednesday


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a machine without a browser run everything else."""
    parser.addoption("--no-browser", action="store_true", help="leave out the tests that need Chromium")


def pytest_configure(config: pytest.Config) -> None:
    """Open the run's folder in the first process, before any worker starts, and let what is compiled be kept.

    Whoever has forbidden it would have the same thousand modules compiled by every worker and every program of a test.
    """
    session_folder.open_folder()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def pytest_unconfigure(config: pytest.Config) -> None:
    """Clear everything away; only the process that opened the folder, and after its workers."""
    folder = session_folder.open_folder()
    if folder.name == str(os.getpid()):
        session_folder.close_folder(folder)
        del os.environ[session_folder.VARIABLE]


@pytest.hookimpl(trylast=True)  # after -k and -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out browser tests when asked to, never on our own; let several workers begin with the longest tests."""
    if config.getoption("--no-browser"):
        left_out = [item for item in items if _needs_browser(item)]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    if workers := getattr(config, "workerinput", {}).get("workercount"):
        items[:] = longest_first(items, workers, patience_with)


def _needs_browser(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("browser") is not None or "chromium_browser" in fixtures


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    """Each engine in turn: whatever uses a database is tested on both."""
    return cast(EngineName, request.param)


@pytest.fixture
def empty_database_url(engine_name: EngineName, tmp_path: Path) -> Iterator[str]:
    """A database without tables, for what makes them."""
    with databases.empty_database(engine_name, session_folder.open_folder(), tmp_path) as url:
        yield url


@pytest.fixture
def database_url(engine_name: EngineName, tmp_path: Path) -> Iterator[str]:
    """A migrated database without data, the first epoch of keys recorded in it."""
    with databases.migrated_database(engine_name, session_folder.open_folder(), tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The domain's handle on `database_url`."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def _keys_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return KeyRing.create(tmp_path_factory.mktemp("keys")).directory


@pytest.fixture
def keyring(_keys_of_worker: Path, tmp_path: Path) -> KeyRing:
    """Keys in a folder of the test's own, of the epoch that `database` records."""
    return KeyRing.open(shutil.copytree(_keys_of_worker, tmp_path / "keys"))


@pytest.fixture(scope="session")
def _redis_of_worker() -> Iterator[RedisServer]:
    server = RedisServer(session_folder.open_folder() / f"r-{worker_name()}")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(_redis_of_worker: RedisServer) -> RedisServer:
    """An empty Redis that runs, for tests that also kill it: whatever they did is mended for the next."""
    if not _redis_of_worker.answers():
        _redis_of_worker.kill()
        _redis_of_worker.start()
    _redis_of_worker.flush()
    return _redis_of_worker


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The address of an empty Redis."""
    return redis_server.url


@pytest.fixture
def free_port() -> int:
    """A port on 127.0.0.1 that nothing listens on, and its three neighbours neither."""
    return free_ports(4)


@pytest.fixture
def prepared_house(engine_name: EngineName, tmp_path: Path, free_port: int) -> Iterator[RealHouse]:
    """A training programme on each engine, ready to start; nothing of it runs yet."""
    with prepared_copy(engine_name, session_folder.open_folder(), tmp_path, free_port) as house:
        yield house


@pytest.fixture
def running_house(prepared_house: RealHouse) -> RealHouse:
    """A training programme on each engine, all of its processes running and answering."""
    prepared_house.start()
    return prepared_house


@pytest.fixture(scope="module")
def chromium_browser() -> Iterator[Browser]:
    """Chromium; a test that asks for it is left out by --no-browser.

    One per module and not per run: while it is open, no other event loop can run in this thread.
    """
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(chromium_browser: Browser) -> Iterator[Page]:
    """A laptop-sized page; the test fails when its scripts fail or its content policy is breached."""
    problems: list[str] = []
    context = chromium_browser.new_context(viewport=LAPTOP, locale="en-GB")
    yield watched_page(context, problems)
    context.close()
    assert problems == []


@pytest.fixture
def now() -> datetime:
    """A Wednesday, 12:00 in Peshawar: an hour at which anybody may be reached."""
    return NOON_IN_PESHAWAR
