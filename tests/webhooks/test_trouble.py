"""When something of ours breaks: the person has her answer, and neither number nor text gets out."""

import logging
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from redis import Redis

from campaigns.language.catalogue import say
from campaigns.listening.shelf import ShelfRun
from campaigns.storage.vault import KeyRing
from gateway.app import create_app
from gateway.webhooks.messages import Intake
from gateway.webhooks.volatile import MISSED
from tests.support.programme import LONG_NUMBER
from tests.support.signing import TEXTS, text_fields
from tests.webhooks.conftest import WOMAN, Door, answers_in, house_on, new_sid

CANARY = "kwakiutl canary wrote this"
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def door_without_database(
    door: Door, redis_url: str, keyring: KeyRing, tmp_path: Path, now: datetime
) -> Door:
    """The same house, whose database cannot be reached from here."""
    postgres = door.house.database.dialect == "postgresql"
    nowhere = (
        "postgresql://nobody@127.0.0.1:9/none" if postgres else f"sqlite:///{tmp_path}/no/such/folder/x.db"
    )
    house = house_on(nowhere, redis_url, keyring, tmp_path, door.clock_file)
    away = Door(house, create_app(house.settings, {"webhooks"}, house=house), door.people, door.clock_file)
    away.show(now)
    return away


@pytest.mark.parametrize(("body", "language"), [("STOP", "en"), ("ګډون", "ps"), (CANARY, "en")])
def test_with_the_database_away_she_still_has_an_answer_in_her_language(
    door_without_database: Door, body: str, language: str
) -> None:
    # When a text comes while the database is away
    sid = new_sid()
    assert door_without_database.text(body, sid=sid) == [say(language, "try_later")]
    # Then its mark, and nothing else, waits for the sweep
    house = door_without_database.house
    source = Intake(house, "twilio").source_of(sid)
    assert house.redis.smembers(MISSED) == {source}
    assert [key for key in house.redis.scan_iter("*") if key != MISSED.encode()] == []


@on_sqlite
def test_the_same_text_again_once_the_database_is_back_is_taken_in(
    door: Door, door_without_database: Door
) -> None:
    sid = new_sid()
    door_without_database.text("JOIN", sid=sid)
    assert door.text("JOIN", sid=sid) == [say("en", "ask_to_join", name="Gudar")]


@on_sqlite
def test_with_database_and_redis_away_she_still_has_an_answer(
    door: Door, keyring: KeyRing, tmp_path: Path, now: datetime
) -> None:
    house = house_on(
        f"sqlite:///{tmp_path}/no/x.db", f"unix://{tmp_path}/no.sock", keyring, tmp_path, door.clock_file
    )
    away = Door(house, create_app(house.settings, {"webhooks"}, house=house), door.people, door.clock_file)
    away.show(now)
    assert away.text("بند کرو") == [say("ur", "try_later")]


@on_sqlite
def test_with_redis_away_everything_goes_on(
    door: Door, keyring: KeyRing, tmp_path: Path, now: datetime
) -> None:
    url = str(door.house.database.url)
    house = house_on(url, f"unix://{tmp_path}/no.sock", keyring, tmp_path, door.clock_file)
    away = Door(house, create_app(house.settings, {"webhooks"}, house=house), door.people, door.clock_file)
    away.show(now)
    assert away.text("JOIN") == [say("en", "ask_to_join", name="Gudar")]
    assert away.text(CANARY, sender="+923990000150") == [say("en", "thanks_feedback")]
    assert away.staged() == 1


@on_sqlite
def test_feedback_that_cannot_be_kept_is_said_to_take_a_while_and_is_looked_for_again(door: Door) -> None:
    # Given a shelf without an open run
    with door.house.database.writing() as session:
        session.query(ShelfRun).update({"closed": True})
    # When feedback comes
    sid = new_sid()
    assert door.text(CANARY, sid=sid) == [say("en", "try_later")]
    # Then it is not taken for seen, and the sweep knows of it
    intake = Intake(door.house, "twilio")
    assert intake.seen.recall(intake.source_of(sid)) is None
    assert intake.seen.is_missed(intake.source_of(sid))


@on_sqlite
def test_feedback_that_cannot_be_kept_does_not_use_up_the_day(door: Door) -> None:
    # Given a shelf without an open run, and a phone that tries more often than it may write in a day
    with door.house.database.writing() as session:
        session.query(ShelfRun).update({"closed": True})
    assert [door.text(CANARY) for _ in range(5)] == [[say("en", "try_later")]] * 5
    # When the shelf is open again
    with door.house.database.writing() as session:
        session.query(ShelfRun).update({"closed": False})
    # Then what it writes is kept
    assert door.text(CANARY) == [say("en", "thanks_feedback")]
    assert door.staged() == 1


FAULTS = {
    "deciding": "gateway.webhooks.messages.decide",
    "acting": "gateway.webhooks.messages.act",
    "sealing": "gateway.webhooks.messages.accept",
    "limiting": "gateway.webhooks.limits.RedisDayLimits.allows",
    "remembering": "gateway.webhooks.seen.SeenMessages.remember",
    "recalling": "gateway.webhooks.seen.SeenMessages.recall",
    "reading": "gateway.carriers.twilio.read.is_phone",
    "saying": "campaigns.inbox.replies.say",
}


def breaking(kind: type[Exception]) -> Callable[..., None]:
    """What a fault looks like that quotes everything it was given."""

    def breaks(*given: object, **names: object) -> None:
        raise kind(f"{WOMAN} wrote {CANARY} {given} {names}")

    return breaks


@on_sqlite
@pytest.mark.parametrize("step", FAULTS)
@pytest.mark.parametrize("body", ["STOP", "JOIN", CANARY])
def test_a_fault_at_any_step_is_answered_with_200_and_lets_nothing_out(
    door: Door,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    step: str,
    body: str,
) -> None:
    # Given a fault whose text quotes number and words, and logs down to the smallest
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(FAULTS[step], breaking(RuntimeError))
    # When a text comes
    fields = text_fields(body, sender=WOMAN, to=LONG_NUMBER, sid=new_sid())
    response = door.knock(TEXTS, fields.items())
    # Then she has TwiML, and nobody else has anything
    assert response.status_code == 200
    answers_in(response)
    assert no_canary_in(caplog, capfd)


def no_canary_in(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> bool:
    """Whether neither log records (with all they carry) nor the streams hold the number or the text."""
    told = "".join(
        repr(vars(record)) + record.getMessage() + str(record.exc_text) for record in caplog.records
    )
    streams = "".join(capfd.readouterr())
    return not any(piece in told + streams for piece in (WOMAN, WOMAN[1:], CANARY, CANARY.split()[0]))


@on_sqlite
def test_number_and_text_are_in_no_log_no_redis_key_and_no_file_after_every_journey(
    door: Door,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    # Given logs down to the smallest
    caplog.set_level(logging.DEBUG)
    # When a phone goes through every journey by text, and a forger tries it too
    for body in ("JOIN", "YES", CANARY, f"FEEDBACK {CANARY}", "HELP", "اردو", "STOP", "stop the war"):
        door.text(body)
    door.receipt(7, 0, "delivered")
    fields = text_fields(CANARY, sender=WOMAN, to=LONG_NUMBER, sid=new_sid())
    assert door.knock(TEXTS, fields.items(), token="wrong").status_code == 403
    # Then nothing of it is in any log
    assert no_canary_in(caplog, capfd)
    # Nor in Redis
    redis: Redis = door.house.redis
    for key in redis.scan_iter("*"):
        held = redis.dump(key) or b""
        assert WOMAN[1:].encode() not in key + held
        assert b"kwakiutl" not in key + held
    # Nor in any file, the database and its log among them
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert WOMAN[1:].encode() not in content, file
            assert b"kwakiutl" not in content, file
    assert "kwakiutl" not in repr(sys.exc_info())
