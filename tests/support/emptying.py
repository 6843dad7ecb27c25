"""PostgreSQL databases used again after they were emptied: a fifth of the work of copying a fresh one.

Emptied means: no rows but those of the migrated template, every identity from 1 again, nobody else connected. A test
that changed the schema itself gets noticed, and its database is thrown away.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.support.postgres import Cluster

FILLED_BY_THE_TEMPLATE = {"alembic_version", "vault_epoch"}
FIRST_EPOCH = "INSERT INTO vault_epoch (id, epoch) VALUES (1, 1)"
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
LARGEST = 1 << 20  # bytes of tables beyond an empty database's: what was deleted keeps its place in them
SIZE = """
SELECT sum(pg_table_size(oid))::bigint FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
LEAVE_ALONE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
FROM_ONE = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
  FROM pg_sequences WHERE last_value IS NOT NULL
"""


@dataclass
class _Reused:
    """A database of this process, the schema it was made with, and the bytes of its tables then."""

    cluster: Cluster
    name: str
    schema: str = ""
    size: int = 0
    connection: psycopg.Connection = field(init=False)

    def __post_init__(self) -> None:
        self.connect()

    def connect(self) -> None:
        self.connection = psycopg.connect(self.cluster.connection_words(self.name), autocommit=True)

    def ask(self, question: str) -> Any:
        row = self.connection.execute(question.encode()).fetchone()
        assert row is not None
        return row[0]


_free: list[_Reused] = []


@contextmanager
def emptied_database(cluster: Cluster, template: str) -> Iterator[str]:
    """The address of a database like `template`; this process keeps it for the next test."""
    database = _free.pop() if _free else _create(cluster, template)
    yield cluster.url(database.name)
    try:
        database.ask("SELECT 1")
    except psycopg.OperationalError:  # a test may throw everybody out
        database.connect()
    database.connection.execute(LEAVE_ALONE)
    if database.ask(SCHEMA) == database.schema and _empty(database):
        _free.append(database)
    else:
        database.connection.close()
        cluster.drop(database.name)


def _create(cluster: Cluster, template: str) -> _Reused:
    name = f"again_{secrets.token_hex(6)}"
    cluster.create(name, template=template)
    made = _Reused(cluster, name)
    filled = {table for table in _tables(made) if made.ask(f"SELECT count(*) FROM {table}")}
    assert filled == FILLED_BY_THE_TEMPLATE
    made.schema, made.size = made.ask(SCHEMA), made.ask(SIZE)
    return made


def _empty(database: _Reused) -> bool:
    """Delete every row but the template's; False when so much was deleted that the next test would feel it."""
    deletions = [f"DELETE FROM {table}" for table in _tables(database) if table != "alembic_version"]
    # As a replica does: no trigger of ours fires, and the ledger's refuse to let go of an event.
    words = ["SET session_replication_role = replica", *deletions, FIRST_EPOCH, FROM_ONE]
    database.connection.execute("; ".join(words).encode())
    size: int = database.ask(SIZE)
    return size - database.size < LARGEST


def _tables(database: _Reused) -> list[str]:
    found = database.connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in found.fetchall()]
