"""Alembic's entry: runs migrations over the engine that `campaigns.storage.migrate` hands it."""

from alembic import context
from sqlalchemy import Connection, Engine

engine: Engine = context.config.attributes["engine"]


def run(connection: Connection) -> None:
    """Run all pending revisions in one transaction each."""
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


with engine.connect() as connection:
    run(connection)
    connection.commit()
