"""`paigham prepare`: from an empty folder to an installation that can start; and again before every start."""

import os
from pathlib import Path

import click
from sqlalchemy import inspect, text

from campaigns.storage.engine import Database
from campaigns.storage.migrate import is_current, upgrade
from campaigns.storage.vault import KeyRing, KeysMissing, VaultEpoch, set_first_epoch
from gateway.commands.data_folder import open_folder
from gateway.settings import Settings


@click.command("prepare")
def prepare_command() -> None:
    """Make keys, database and programme ready; does nothing where that is done already."""
    if not prepare(Settings.from_env(os.environ)):
        click.echo("The database has no programme yet: make one with `paigham programme new --help`.")


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    database = Database(Settings.from_env(os.environ).database_address)
    upgrade(database)
    database.dispose()
    click.echo("The database has the newest schema.")


def prepare(settings: Settings) -> bool:
    """Make what is missing of data folder, keys, database and (with the simulator as carrier) training programme.

    Idempotent and quick when nothing is to do. Returns whether there is a programme. Raises FolderUnusable,
    KeysExposed, and KeysMissing when the database was made with keys that are not here: new ones would open
    nothing in it.
    """
    open_folder(settings.data_dir)
    database = Database(settings.database_address)
    try:
        keyring = _keys(settings.keys_path, database)
        if not is_current(database):
            upgrade(database)
        _record_epoch(database, keyring)
        return _programme(settings, database, keyring)
    finally:
        database.dispose()


def _keys(directory: Path, database: Database) -> KeyRing:
    has_none = not directory.is_dir() or not any(directory.glob("*.key"))
    if not has_none:
        return KeyRing.open(directory)
    if _epoch_of(database) is not None:
        raise KeysMissing(f"the database was made with keys that are not in {directory}")
    return KeyRing.create(directory)


def _epoch_of(database: Database) -> int | None:
    """The epoch that the database records; None for one that is new."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table(VaultEpoch.__tablename__):
            return None
        return connection.execute(text("SELECT epoch FROM vault_epoch")).scalar_one_or_none()


def _record_epoch(database: Database, keyring: KeyRing) -> None:
    with database.writing() as session:
        if session.get(VaultEpoch, 1) is None:
            set_first_epoch(session, keyring.newest_epoch)
        else:
            keyring.vault(session)


def _programme(settings: Settings, database: Database, keyring: KeyRing) -> bool:
    from campaigns.programme.programme import Programme

    with database.reading() as session:
        programme = session.get(Programme, 1)
    if programme is None and not settings.is_simulated:
        return False
    if programme is None:
        from gateway.commands.training import make_programme  # brings the console with it

        make_programme(settings, database, keyring)
    if programme is None or programme.training:
        from gateway.commands.simulated import write_config

        write_config(settings)
    return True
