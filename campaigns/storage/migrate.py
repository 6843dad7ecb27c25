"""Bringing a database to the newest schema, on both engines."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from campaigns.storage.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def config_for(database: Database) -> Config:
    """Alembic's configuration for this database; the address (with its password) never goes through a file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Apply every migration up to `revision`; does nothing when the database is there already."""
    command.upgrade(config_for(database), revision)


def is_current(database: Database) -> bool:
    """Whether the database has every migration that this code knows."""
    with database.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_heads()
    return set(have) == set(ScriptDirectory.from_config(config_for(database)).get_heads())
