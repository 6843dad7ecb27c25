"""What the tests stand on does what it says."""

import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page
from sqlalchemy import inspect

from campaigns.storage.engine import Database
from campaigns.storage.migrate import is_current
from campaigns.storage.vault import KeyRing
from tests.support.databases import EngineName, migrated_database
from tests.support.order import longest_first
from tests.support.session_folder import close_folder, open_folder


def test_a_database_is_migrated_and_of_the_engine_asked_for(
    database: Database, engine_name: EngineName
) -> None:
    assert database.dialect == engine_name
    assert is_current(database)


def test_the_keys_fit_the_database(database: Database, keyring: KeyRing) -> None:
    with database.reading() as session:
        assert keyring.vault(session).epoch == keyring.newest_epoch


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    try:
        assert inspect(database.engine).get_table_names() == []
    finally:
        database.dispose()


def test_a_page_opens_in_a_real_browser(page: Page) -> None:
    page.set_content("<h1 dir=auto>پیغام</h1>")

    assert page.get_by_role("heading").inner_text() == "پیغام"


@pytest.mark.parametrize(
    ("left_behind", "is_used_again"),
    [
        ("INSERT INTO price (line_id, prefix, since, micros) SELECT 1, '+92', now(), 5", True),
        ("SELECT nextval(pg_get_serial_sequence('place', 'id'))", True),
        ("ALTER TABLE consent_event DISABLE TRIGGER USER", False),
        ("DROP TABLE price", False),
    ],
)
def test_what_a_test_leaves_in_postgresql_is_gone_for_the_next(left_behind: str, is_used_again: bool) -> None:
    folder = open_folder()
    with migrated_database("postgresql", folder, folder) as first, psycopg.connect(first) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(left_behind)

    with migrated_database("postgresql", folder, folder) as second, psycopg.connect(second) as connection:
        assert connection.execute("SELECT count(*) FROM price").fetchone() == (0,)
        assert connection.execute("SELECT nextval(pg_get_serial_sequence('place', 'id'))").fetchone() == (1,)
        assert connection.execute("SELECT epoch FROM vault_epoch").fetchone() == (1,)
    assert (first == second) == is_used_again


@pytest.mark.parametrize("workers", range(1, 6))
@pytest.mark.parametrize("how_many", [0, 1, 7, 100])
def test_each_worker_begins_with_its_part_of_the_longest_and_none_is_left_out(
    how_many: int, workers: int
) -> None:
    items = list(range(how_many))
    long = {item: 100.0 + item for item in items[40:47]}

    ordered = longest_first(items, workers, lambda item: long.get(item, 0.0))

    assert sorted(ordered) == items
    if long:
        firsts = {ordered[worker * how_many // workers] for worker in range(workers)}
        assert firsts == set(sorted(long, reverse=True)[:workers])


def test_clearing_up_after_a_killed_run_ends_its_servers_and_nobody_else(tmp_path: Path) -> None:
    def sleeper(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", *words])

    with sleeper(str(tmp_path / "redis.sock")) as server, sleeper() as somebody_else:
        for name, process in (("r-gw0", server), ("r-gw1", somebody_else)):
            (tmp_path / f"{name}.pid").write_text(str(process.pid))

        close_folder(tmp_path)

        assert server.wait(timeout=20) == -signal.SIGKILL
        assert somebody_else.poll() is None
        somebody_else.kill()
