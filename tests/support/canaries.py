"""Canaries: a number and words that must be found nowhere, and the search for them in all that a house leaves."""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from redis import Redis
from sqlalchemy import inspect, text

from campaigns.storage.engine import Database

BETWEEN_DIGITS = rb"(?:[ \-.()/]|\xc2\xa0|%20|\+){0,2}"
HEX_OF_POSTGRES = re.compile(rb"\\\\x((?:[0-9a-f]{2})+)")


@dataclass(frozen=True)
class Canary:
    """Something to look for, in every form in which it could be read; `name` stands for it in a failure."""

    name: str
    pattern: re.Pattern[bytes] = field(repr=False)

    @classmethod
    def number(cls, name: str, e164: str, country: str) -> "Canary":
        """A telephone number: with and without its country, grouped in any way, in Latin or Arabic digits."""
        national = e164.removeprefix(f"+{country}")
        grouped = BETWEEN_DIGITS.join(re.escape(digit.encode()) for digit in national)
        arabic = (
            national.translate(str.maketrans("0123456789", digits)) for digits in ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
        )
        forms = [form for one in (national, *arabic) for form in _forms(one)]
        return cls(name, re.compile(b"|".join([grouped, *map(re.escape, forms)])))

    @classmethod
    def words(cls, name: str, *words: str) -> "Canary":
        """Words that stand in no dictionary; any one of them is a find."""
        forms = [form for word in words for form in _forms(word)]
        return cls(name, re.compile(b"|".join(map(re.escape, forms)), re.IGNORECASE))


@dataclass
class Search:
    """What was looked through, and what was found where; the finds themselves are never shown."""

    found: set[str] = field(default_factory=set)
    looked_at: int = 0

    def look(self, where: str, data: bytes, canaries: Iterable[Canary]) -> None:
        """Look through one thing, packed things unpacked."""
        for layer in _layers(data):
            self.looked_at += len(layer)
            self.found.update(
                f"{canary.name} in {where}" for canary in canaries if canary.pattern.search(layer)
            )

    def look_at_files(self, folder: Path, canaries: Iterable[Canary], *, but: Iterable[Path] = ()) -> None:
        """Names and contents of every file below a folder, but for some folders."""
        left_out = set(but)
        for path in sorted(folder.rglob("*")):
            if not left_out.isdisjoint([path, *path.parents]):
                continue
            where = str(path.relative_to(folder.parent))
            self.look(f"the name of {where}", where.encode(), canaries)
            if path.is_file():
                with suppress(FileNotFoundError):  # gone meanwhile
                    self.look(where, path.read_bytes(), canaries)

    def look_at_redis(self, address: str, canaries: Iterable[Canary]) -> None:
        """Every key and every value of every kind, what waits for clients, and the log of slow commands."""
        with Redis.from_url(address) as redis:
            for key in redis.scan_iter(count=1000):
                self.look(f"a Redis key like {key[:12]!r}", key, canaries)
                for value in _values(redis, key):
                    self.look(f"the value of a Redis key like {key[:12]!r}", value, canaries)
            for row in redis.slowlog_get(128):
                self.look("Redis' slow log", bytes(row["command"]), canaries)

    def look_at_database(self, database: Database, canaries: Iterable[Canary]) -> None:
        """Every value of every table; on SQLite the file and its write-ahead log as they lie on disk, too."""
        if database.dialect == "postgresql":
            for where, data in _dumped(database):
                self.look(where, data, canaries)
            return
        path = Path(database.url.database or "")
        for file in (path, path.with_name(f"{path.name}-wal")):
            if file.exists():
                self.look(file.name, file.read_bytes(), canaries)
        with database.engine.connect() as connection:
            for table in inspect(connection).get_table_names():
                for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                    for value in row:
                        data = value if isinstance(value, bytes) else str(value).encode()
                        self.look(f"table {table}", data, canaries)


def _dumped(database: Database) -> Iterator[tuple[str, bytes]]:
    """Each table as COPY writes it, and again with its bytes out of their hexadecimal digits."""
    with database.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    url = database.url.render_as_string(hide_password=False)
    with psycopg.connect(url) as plain:
        for table in tables:
            with plain.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                dump = b"".join(copy)
            yield f"table {table}", dump
            for box in HEX_OF_POSTGRES.finditer(dump):
                yield f"bytes in table {table}", bytes.fromhex(box.group(1).decode())


def _values(redis: Any, key: bytes) -> Iterator[bytes]:
    kind = redis.type(key)
    if kind == b"string":
        yield redis.get(key) or b""
    elif kind == b"list":
        yield from redis.lrange(key, 0, -1)
    elif kind == b"set":
        yield from redis.smembers(key)
    elif kind == b"zset":
        yield from redis.zrange(key, 0, -1)
    elif kind == b"hash":
        for name, value in redis.hgetall(key).items():
            yield from (name, value)
    elif kind == b"stream":
        for _, fields in redis.xrange(key):
            for name, value in fields.items():
                yield from (name, value)


def _layers(data: bytes) -> Iterator[bytes]:
    """The bytes as they are, and what they unpack to: RQ keeps tracebacks compressed, some of them in base64."""
    yield data
    with suppress(zlib.error):
        yield zlib.decompress(data)
    if len(data) < 1_000_000:
        with suppress(zlib.error, ValueError):
            yield zlib.decompress(base64.b64decode(data, validate=True))


def _forms(word: str) -> list[bytes]:
    """The forms in which programs write a text: as it is, wide, escaped, in hexadecimal and in base64."""
    plain = word.encode()
    quoted = quote(word, safe="")
    forms = {
        plain,
        word.encode("utf-16-le"),
        word.encode("utf-16-be"),
        quoted.encode(),
        quoted.lower().encode(),
    }
    forms |= {json.dumps(word)[1:-1].encode(), ascii(plain)[2:-1].encode(), plain.hex().encode()}
    return sorted(forms | set(_in_base64(plain)))


def _in_base64(plain: bytes) -> Iterator[bytes]:
    """What stands in a base64 text, whatever stood before and after these bytes."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + plain)
        core = whole[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")
