"""What the product compiles once per process, and a test process would compile for each of its tests again.

A process of the product makes one app and one engine, and keeps what they compiled. A test makes its own, on a database
of its own: here all apps share compiled templates and rules, and all engines compiled statements.
"""

from collections.abc import Callable

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_statements: LRUCache[object, object] = LRUCache(4_000)
_addresses: dict[object, Callable[..., tuple[str, str]]] = {}


def compile_once() -> None:
    """Let every app and every engine of this process, made from now on, share what is compiled."""
    Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
    Flask.url_rule_class = SharedRule
    registry.register("sqlite", __name__, SharedSqlite.__name__)
    registry.register("postgresql", __name__, SharedPostgresql.__name__)


class CompiledTemplates(BytecodeCache):
    """Keeps what was compiled in memory; a template that changed since is compiled again."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, if it was compiled before."""
        if kept := self._kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what is in the bucket."""
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


class SharedRule(Rule):
    """A rule as it is; how an address is put together follows from the rule alone, and is compiled twice for each."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        named = (self.subdomain, self.host, self.rule, repr(self.defaults), append_unknown)
        if named not in _addresses:
            _addresses[named] = super()._compile_builder(append_unknown)
        return _addresses[named]


class _SharedStatements(Dialect):
    """A statement is found again by what it says and the dialect it was compiled for: all of one kind are the same."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_statements)


class SharedSqlite(_SharedStatements, SQLiteDialect_pysqlite):
    """SQLite as it is."""

    supports_statement_cache = True


class SharedPostgresql(_SharedStatements, PGDialect_psycopg):
    """PostgreSQL as it is."""

    supports_statement_cache = True
