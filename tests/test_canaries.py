"""The search that journeys rely on finds a canary in every form in which it could be read."""

import base64
import json
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest
from redis import Redis

from tests.support.canaries import Canary, Search

NUMBER = Canary.number("number", "+923997654321", "92")
WORDS = Canary.words("words", "zarqandelwa", "ګلپاڼیزوړ")
PASHTO = "په ګلپاڼیزوړ کې"


@pytest.mark.parametrize(
    "written",
    [
        "To=+923997654321",
        "To=%2B923997654321",
        "00923997654321",
        "0399-7654321",
        "(0399) 765 43 21",
        "+92 399 765 4321",
        "٠٣٩٩٧٦٥٤٣٢١",
        "۰۳۹۹۷۶۵۴۳۲۱",
        b"+923997654321".hex(),
        base64.b64encode(b"number: +923997654321.").decode(),
    ],
)
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    assert found(f"something {written} more".encode()) == {"number"}


@pytest.mark.parametrize(
    "written",
    [
        "at ZarqanDelwa again",
        PASHTO,
        json.dumps(PASHTO),
        quote(PASHTO),
        quote(PASHTO).lower(),
        repr(PASHTO.encode()),
        PASHTO.encode().hex(),
        base64.b64encode(PASHTO.encode()).decode(),
    ],
)
def test_words_are_found_however_they_are_written(written: str) -> None:
    assert found(f"something {written} more".encode()) == {"words"}


def test_other_numbers_and_words_are_not_found() -> None:
    assert found("+923997654312 3997654 zarqand ګلپاڼی".encode()) == set()


def test_packed_values_of_every_kind_of_redis_key_are_unpacked(redis_url: str) -> None:
    packed = zlib.compress(b"Traceback: +923997654321")
    with Redis.from_url(redis_url) as redis:
        redis.set("a:string", packed)
        redis.rpush("b:list", packed)
        redis.sadd("c:set", packed)
        redis.zadd("d:sorted", {packed: 1})
        redis.hset("e:hash", "exc_info", base64.b64encode(packed).decode())
        redis.xadd("f:stream", {"exc_string": base64.b64encode(packed).decode()})
        redis.set("g:+923997654321", "")
    search = Search()

    search.look_at_redis(redis_url, [NUMBER])

    assert len(search.found) == 7


def test_names_of_files_are_looked_at_and_folders_left_out(tmp_path: Path) -> None:
    (tmp_path / "var" / "simulator").mkdir(parents=True)
    (tmp_path / "var" / "simulator" / "store").write_text("+923997654321")
    (tmp_path / "var" / "export-03997654321.csv").write_text("")
    search = Search()

    search.look_at_files(tmp_path / "var", [NUMBER], but=[tmp_path / "var" / "simulator"])

    assert search.found == {"number in the name of var/export-03997654321.csv"}


def found(data: bytes) -> set[str]:
    search = Search()
    search.look("here", data, (NUMBER, WORDS))
    return {find.partition(" in ")[0] for find in search.found}
