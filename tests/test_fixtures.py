"""What the tests stand on does what it says."""

from playwright.sync_api import Page
from sqlalchemy import inspect

from campaigns.storage.engine import Database
from campaigns.storage.migrate import is_current
from campaigns.storage.vault import KeyRing
from tests.support.databases import EngineName


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
