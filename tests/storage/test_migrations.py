"""Migrations make the very schema that the models describe, on both engines, and go forward only."""

import importlib
import pkgutil

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import campaigns
from campaigns.storage.base import Base
from campaigns.storage.engine import Database
from campaigns.storage.migrate import config_for, is_current, upgrade

TRIGGERS = {
    "sqlite": ("SELECT name FROM sqlite_master WHERE type = 'trigger'", "consent_event_no_update"),
    "postgresql": ("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal", "consent_event_no_change"),
}


@pytest.fixture
def empty(empty_database_url: str) -> Database:
    return Database(empty_database_url)


def import_every_model() -> None:
    """Every module of the domain, and the accounts of the edge, so that each table is known."""
    importlib.import_module("gateway.console.signin.models")
    for module in pkgutil.walk_packages(campaigns.__path__, "campaigns."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)


def test_migrations_and_models_are_the_same(empty: Database) -> None:
    import_every_model()
    upgrade(empty)

    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    empty.dispose()

    assert differences == []


def triggers_of(connection: Connection) -> list[str]:
    return list(connection.execute(text(TRIGGERS[connection.dialect.name][0])).scalars())


def test_after_every_revision_the_ledger_still_refuses_changes(empty: Database) -> None:
    revisions = [
        script.revision for script in ScriptDirectory.from_config(config_for(empty)).walk_revisions()
    ]

    for revision in reversed(revisions):
        upgrade(empty, revision)
        with empty.engine.connect() as connection:
            assert TRIGGERS[empty.dialect][1] in triggers_of(connection)
    empty.dispose()


def test_migrating_twice_changes_nothing(empty: Database) -> None:
    assert not is_current(empty)
    upgrade(empty)
    upgrade(empty)

    assert is_current(empty)
    empty.dispose()


def test_there_is_no_way_back_that_would_lose_evidence(empty: Database) -> None:
    upgrade(empty)

    with pytest.raises((AttributeError, NotImplementedError)):
        command.downgrade(config_for(empty), "base")
    empty.dispose()
