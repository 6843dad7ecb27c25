"""When something of ours breaks in a call: the caller hears a word, and nothing of her gets out."""

import logging
import threading
from datetime import datetime
from pathlib import Path

import pytest
from redis import Redis

from campaigns.storage.vault import KeyRing
from gateway.app import create_app
from tests.support.signing import call_fields
from tests.support.telephone import BEGIN, Telephone, VoiceLine, open_voice_line
from tests.support.twiml import Verb, read_call
from tests.webhooks.conftest import WOMAN, Door, house_on
from tests.webhooks.test_trouble import breaking

RECORDING = "RE" + "kwakiutl" * 4
on_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"])


@pytest.fixture
def line(door: Door) -> VoiceLine:
    """A voice line that is open."""
    with door.house.database.writing() as session:
        return open_voice_line(session, door.people, door.house.now())


def is_put_off(verbs: list[Verb]) -> bool:
    """Whether the carrier's own voice says something neutral, and hangs up: never a bare end."""
    return [verb.name for verb in verbs] == ["Say", "Hangup"] and "We cannot go on" in verbs[0].text


FAULTS = {
    "reading the state": "gateway.webhooks.calls.open_state",
    "deciding": "gateway.webhooks.calls.go_on",
    "stopping": "gateway.webhooks.call_acts.do",
    "noting her last word": "gateway.webhooks.call_acts.want",
    "limiting": "gateway.webhooks.limits.RedisDayLimits.left",
    "counting": "gateway.webhooks.call_counts.CallCounts.add",
    "remembering": "gateway.webhooks.answered.AnsweredSteps.once",
    "writing": "gateway.webhooks.call_answers.seal_state",
}


@on_sqlite
@pytest.mark.parametrize("step", FAULTS)
def test_a_fault_at_any_step_is_answered_with_a_word_and_lets_nothing_out(
    door: Door,
    line: VoiceLine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    step: str,
) -> None:
    # Given a caller at the beep, a fault whose text quotes whatever it was given, and logs down to the smallest
    caplog.set_level(logging.DEBUG)
    telephone = Telephone(door.knock, WOMAN).rings().presses("1", "1", "3", "2")
    monkeypatch.setattr(FAULTS[step], breaking(RuntimeError))
    # When she has spoken, and goes on
    telephone.says_nothing_new(RECORDING, 12, "#")
    for key in "77" if step == "stopping" else "32":
        if not telephone.is_over:
            telephone.presses(key)
    # Then she hears a word, and nobody else anything
    assert is_put_off(telephone.verbs)
    assert nothing_told(caplog, capfd)


@on_sqlite
@pytest.mark.parametrize("fault", ["gateway.webhooks.calls.begin", "campaigns.programme.lines.select"])
def test_a_fault_at_the_beginning_is_answered_with_a_word(
    door: Door, line: VoiceLine, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(fault, breaking(RuntimeError))
    assert is_put_off(Telephone(door.knock, WOMAN).rings().verbs)


def nothing_told(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> bool:
    told = "".join(repr(vars(one)) + one.getMessage() + str(one.exc_text) for one in caplog.records)
    streams = "".join(capfd.readouterr())
    return not any(piece in told + streams for piece in (WOMAN[1:], RECORDING))


def test_with_the_database_away_a_call_begins_and_goes_on_with_a_word(
    door: Door, line: VoiceLine, redis_url: str, keyring: KeyRing, tmp_path: Path, now: datetime
) -> None:
    # Given a call that is going on, and the same house whose database cannot be reached any more
    telephone = Telephone(door.knock, WOMAN).rings()
    postgres = door.house.database.dialect == "postgresql"
    nowhere = "postgresql://nobody@127.0.0.1:9/none" if postgres else f"sqlite:///{tmp_path}/no/folder/x.db"
    house = house_on(nowhere, redis_url, keyring, tmp_path, door.clock_file)
    away = Door(house, create_app(house.settings, {"webhooks"}, house=house), door.people, door.clock_file)
    away.show(now)
    # Then its next step, and another call, are answered with a word
    telephone.knock = away.knock
    assert is_put_off(telephone.presses("1").verbs)
    assert is_put_off(Telephone(away.knock, WOMAN).rings().verbs)


@on_sqlite
def test_a_writer_that_is_in_the_way_for_a_moment_is_waited_for(door: Door, line: VoiceLine) -> None:
    telephone = Telephone(door.knock, WOMAN).rings()
    with door.house.database.writing() as session:
        open_voice_line_again = session.connection()
        open_voice_line_again.exec_driver_sql("UPDATE line SET parts_per_second = 11")
        answered = threading.Thread(target=lambda: telephone.presses("1"))
        answered.start()
        answered.join(timeout=0.2)
    answered.join()
    assert not telephone.is_over
    assert len(telephone.answers) == 2


@on_sqlite
def test_with_redis_away_calls_go_on_without_limits_and_counts(
    door: Door, line: VoiceLine, keyring: KeyRing, tmp_path: Path, now: datetime
) -> None:
    url = door.house.settings.database_address
    house = house_on(url, f"unix://{tmp_path}/nobody.sock", keyring, tmp_path, door.clock_file)
    away = Door(house, create_app(house.settings, {"webhooks"}, house=house), door.people, door.clock_file)
    away.show(now)
    telephone = Telephone(away.knock, WOMAN).rings().presses("1", "1", "3", "2")
    telephone.speaks()
    assert not telephone.presses("1").is_over
    telephone.presses("0", "1", "6")
    assert telephone.played


@on_sqlite
def test_a_state_of_another_call_or_one_that_was_altered_opens_nothing(door: Door, line: VoiceLine) -> None:
    hers, other = (Telephone(door.knock, WOMAN).rings() for _ in range(2))
    other.verbs = hers.verbs
    assert is_put_off(other.presses("1").verbs)
    for token in ("x", "A" * 200, "-" * 900):
        fields = call_fields(caller=WOMAN, line=hers.line, sid=hers.sid, Digits="1")
        answer = door.knock(f"/carrier/twilio/calls/step/{token}", fields.items())
        assert answer.status_code == 200
        assert is_put_off(read_call(answer.get_data()))


@on_sqlite
def test_number_and_recording_are_in_no_log_no_redis_key_and_no_file_after_every_journey(
    door: Door,
    line: VoiceLine,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    # When a phone goes everywhere by keys, and a forger tries it too
    telephone = Telephone(door.knock, WOMAN).rings().presses("1", "1", "3", "2")
    telephone.says_nothing_new(RECORDING, 12, "#")
    for keys in ("180", "164580", "2130", "31110", "*3", "77"):
        for key in keys:
            telephone = telephone if not telephone.is_over else Telephone(door.knock, WOMAN).rings()
            telephone = telephone.presses(key) if not telephone.is_recording else telephone.keeps_silent()
    fields = call_fields(caller=WOMAN, line=telephone.line, sid=telephone.sid)
    assert door.knock(BEGIN, fields.items(), token="wrong").status_code == 403
    # Then nothing of it is in any log, in Redis, or in any file, the database and its log among them
    assert nothing_told(caplog, capfd)
    redis: Redis = door.house.redis
    kept = [key + (redis.dump(key) or b"") for key in redis.scan_iter("*")]
    kept += [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    for piece in (WOMAN[1:], RECORDING, telephone.sid):
        assert not [one for one in kept if piece.encode() in one], piece
