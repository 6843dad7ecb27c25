"""PostgreSQL databases used again after they were emptied: a fifth of the work of copying a fresh one.

Emptied means: no rows but those of the migrated template, every identity from 1 again, nobody else connected. A test
that changed the schema itself gets noticed, and its database is thrown away.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from tests.support.postgres import Cluster

FILLED_BY_THE_TEMPLATE = {"alembic_version", "vault_epoch"}
SCHEMA = """
SELECT md5(string_agg(fact, ',' ORDER BY fact)) FROM (
  SELECT concat_ws(':', c.relname, a.attname, a.atttypid, a.attnotnull)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
   WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
  UNION ALL SELECT concat_ws(':', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat_ws(':', conrelid::regclass, conname) FROM pg_constraint WHERE conrelid <> 0
  UNION ALL SELECT concat_ws(':', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS facts(fact)
"""
_free: list[tuple[str, Any]] = []


@contextmanager
def emptied_database(cluster: Cluster, template: str) -> Iterator[str]:
    """The address of a database like `template`; this process keeps it for the next test."""
    name, schema = _free.pop() if _free else _create(cluster, template)
    yield cluster.url(name)
    with psycopg.connect(cluster.connection_words(name), autocommit=True) as connection:
        unchanged = _schema(connection) == schema
        if unchanged:
            _empty(connection)
    if unchanged:
        _free.append((name, schema))
    else:
        cluster.drop(name)


def _create(cluster: Cluster, template: str) -> tuple[str, Any]:
    name = f"again_{secrets.token_hex(6)}"
    cluster.create(name, template=template)
    with psycopg.connect(cluster.connection_words(name), autocommit=True) as connection:
        assert set(_filled_tables(connection)) == FILLED_BY_THE_TEMPLATE
        return name, _schema(connection)


def _schema(connection: psycopg.Connection) -> Any:
    row = connection.execute(SCHEMA).fetchone()
    assert row is not None
    return row[0]


def _empty(connection: psycopg.Connection) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    # As a replica does: no trigger of ours fires, and the ledger's refuse to let go of an event.
    connection.execute("SET session_replication_role = replica")
    if filled := [name for name in _filled_tables(connection) if name != "alembic_version"]:
        names = sql.SQL(", ").join(map(sql.Identifier, filled))
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
    connection.execute("INSERT INTO vault_epoch (id, epoch) VALUES (1, 1)")
    used = connection.execute("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL").fetchall()
    for (sequence,) in used:
        connection.execute(sql.SQL("ALTER SEQUENCE {} RESTART").format(sql.Identifier(sequence)))


def _filled_tables(connection: psycopg.Connection) -> list[str]:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    asks = [
        sql.SQL("SELECT {} WHERE EXISTS (SELECT 1 FROM {})").format(sql.Literal(name), sql.Identifier(name))
        for (name,) in tables
    ]
    return [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(asks)).fetchall()]
