"""From the beep to where it belongs: what is recorded at the simulated carrier, fetched, used, deleted there."""

import asyncio
import io
import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from sqlalchemy import func, select
from werkzeug.serving import make_server

from campaigns.audio.confined import WALL_SECONDS
from campaigns.audio.decoding import decode
from campaigns.listening.keys import make_key_file, register_key
from campaigns.listening.residue import Residue
from campaigns.listening.sealing import FeedbackVoice, Kind, open_inner
from campaigns.listening.shelf import Shelf, ShelfKey, StagingVoice
from campaigns.listening.shelving import open_first_run, shelve
from campaigns.programme.programme import the_programme
from campaigns.radio.clips import Clip, MayBe, Speaker, sound_context
from campaigns.storage.engine import Database
from campaigns.storage.vault import KeyRing
from campaigns.voice.prompts import set_words
from campaigns.voice.studio import open_studio
from campaigns.voice.versions import Prompt, SpokenBy
from campaigns.voice.ways import Way, set_way
from gateway.app import create_app
from gateway.carriers.calls import CarrierCall
from gateway.carriers.registry import carrier_for
from gateway.house import House
from gateway.work import queues, recordings, residue
from gateway.work.residue import RECORDINGS_SECONDS, Cleared, clear_residue
from tests.support.carrier import SimulatedCarrier, a_config
from tests.support.menus import drafted_menu
from tests.support.ports import free_ports
from tests.support.programme import TrainingProgramme, training_programme
from tests.support.signing import TOKEN
from tests.support.telephone import open_voice_line
from tests.support.waiting import until
from tests.webhooks.conftest import house_on

HOUR = timedelta(hours=1)
HOME = "1, 1"  # Pashto, and a first try of the keys


@dataclass
class Line:
    """A line that the simulated carrier really calls, and the moderators' private key, which no house has."""

    house: House
    carrier: SimulatedCarrier
    people: TrainingProgramme
    private: bytes
    runtime: Path

    def call(self, script: str, sender: str = "+923990000101") -> dict[str, Any]:
        """A scripted call, when it is over; nothing of it may have been a fault."""
        told = self.carrier.call(script, sender=sender)
        assert [entry for entry in told["entries"] if entry["kind"] == "fault"] == []
        return told

    def clear(self) -> Cleared:
        """As if two days had passed for everything that the carrier holds."""
        with self.house.database.writing() as session:
            for row in session.scalars(select(Residue)):
                row.due_hour -= 48 * HOUR
        return asyncio.run(clear_residue(self.house))

    def rows(self) -> int:
        with self.house.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Residue)) or 0

    def staged(self) -> int:
        with self.house.database.reading() as session:
            return session.scalar(select(func.count()).select_from(StagingVoice)) or 0

    def at_the_carrier(self) -> list[str]:
        """The recordings that the carrier still has."""
        return [one["sid"] for one in self.carrier.get("recordings")["recordings"] if one["is_kept"]]

    async def calls_at_the_carrier(self) -> list[CarrierCall]:
        """What the carrier's API still tells of calls."""
        carrier, now = carrier_for(self.house, "twilio"), self.house.now()
        try:
            return await carrier.ask_calls(now - HOUR, now + HOUR)
        finally:
            await carrier.aclose()

    def heard(self) -> list[FeedbackVoice]:
        """What the moderators hear once it was mixed."""
        shelve(self.house.database, self.runtime, now=self.house.now(), kind=Kind.VOICE)
        with self.house.database.reading() as session:
            opened = [open_inner(box, self.private) for box in session.scalars(select(Shelf.box))]
        return [one for one in opened if isinstance(one, FeedbackVoice)]


@pytest.fixture(scope="module")
def _ringing_carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedCarrier]:
    folder = tmp_path_factory.mktemp("ringing")
    process = SimulatedCarrier(free_ports(), folder, a_config(auth_token=TOKEN), "--seed", "7")
    process.start()
    yield process
    process.kill()


@pytest.fixture
def line(
    database: Database,
    database_url: str,
    redis_url: str,
    keyring: KeyRing,
    tmp_path: Path,
    _ringing_carrier: SimulatedCarrier,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Line]:
    """A line with a menu, a shelf that one item fills, and the carrier that calls it."""
    monkeypatch.setattr("gateway.webhooks.call_counts.EVERY_SECONDS", 0.0)
    monkeypatch.setattr("gateway.webhooks.together.EVERY_SECONDS", 0.0)
    now = datetime.now(UTC)
    people = training_programme(database, keyring, now)
    public, content = make_key_file("November")
    with database.writing() as session:
        the_programme(session).shelve_least = 1
        register_key(session, people.moderator, public, "November", now)
        open_first_run(session, tmp_path / "runtime", now)
        open_voice_line(session, people, now)
    port = free_ports()
    url = f"http://127.0.0.1:{port}"
    house = house_on(
        database_url,
        redis_url,
        keyring,
        tmp_path,
        tmp_path / "no-clock",
        PAIGHAM_CARRIER_URL=_ringing_carrier.url,
        PAIGHAM_PUBLIC_URL=url,
    )
    server = make_server(
        "127.0.0.1", port, create_app(house.settings, {"webhooks"}, house=house), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    _ringing_carrier.post("reset")
    config = a_config(auth_token=TOKEN)
    config["lines"][0]["voice_url"] = f"{url}/carrier/twilio/calls/begin"
    _ringing_carrier.post("config", **config)
    private = b64decode(json.loads(content)["private"])
    yield Line(house, _ringing_carrier, people, private, tmp_path / "runtime")
    server.shutdown()
    thread.join()
    house.database.dispose()


def test_feedback_by_voice_comes_to_the_shelf_and_leaves_the_carrier(line: Line) -> None:
    # Given somebody who left feedback, and somebody else who thought better of it
    line.call(f"{HOME}, 3, 2, record 12, #, 1, hang up")
    line.call(f"{HOME}, 3, 2, record 9, #, 3, hang up", sender="+923990000102")
    assert len(line.at_the_carrier()) == 2
    # When nothing is due, nothing happens; once it is, everything does
    assert asyncio.run(clear_residue(line.house)) == Cleared(0, 0)
    assert line.clear() == Cleared(gone=4, put_off=0)
    # Then the carrier has neither voice nor call, no row is left, and one voice waits
    assert line.at_the_carrier() == []
    assert asyncio.run(line.calls_at_the_carrier()) == []
    assert line.staged() == 1
    # And the moderators hear half a minute, disguised, with nothing beside it
    (said,) = line.heard()
    assert said.language == "ps"
    assert decode(said.audio, rate=8_000, most_seconds=40).milliseconds == pytest.approx(30_000, abs=300)
    with av.open(io.BytesIO(said.audio)) as file:
        assert file.metadata == {}


def test_a_crash_between_sealing_and_writing_it_down_neither_loses_nor_doubles(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.call(f"{HOME}, 3, 2, record 8, #, 1, hang up")
    line.call(f"{HOME}, 2, 3, record 8, #, 1, 1, 1, 1, hang up", sender="+923990000102")
    monkeypatch.setattr(recordings, "only_delete", dies)
    for _ in range(2):
        with pytest.raises(KilledHere):
            line.clear()
    assert line.staged() <= 1
    monkeypatch.undo()
    line.clear()
    assert line.staged() == 1
    assert len(clips(line)) == 1
    assert line.at_the_carrier() == []
    line.clear()
    assert (line.staged(), len(clips(line))) == (1, 1)


class KilledHere(Exception):
    """The process ended at this very moment."""


def dies(*_: object, **__: object) -> None:
    raise KilledHere


def clips(line: Line) -> list[Clip]:
    with line.house.database.reading() as session:
        return list(session.scalars(select(Clip)))


def test_a_clip_is_kept_sealed_with_what_its_maker_agreed_to_and_she_can_take_it_back(line: Line) -> None:
    # Given her own poem: it may be played, not broadcast; a woman's voice
    line.call(f"{HOME}, 2, 3, record 20, #, 1, 1, 2, 1, wait, hang up")
    line.clear()
    # Then it is there without any number, its sound sealed
    (clip,) = clips(line)
    assert (MayBe(clip.consents), Speaker(clip.speaker)) == (MayBe.KEPT | MayBe.PLAYED, Speaker.WOMAN)
    assert (clip.language, clip.wording_hash is not None) == ("ps", True)
    assert clip.milliseconds == pytest.approx(20_000, abs=1_500)
    with line.house.database.reading() as session:
        row = session.get_one(Clip, clip.rid)
        sound = line.house.vault(session).unseal(row.box or b"", sound_context(row.rid))
    assert decode(sound, rate=8_000, most_seconds=60).milliseconds == clip.milliseconds
    assert line.at_the_carrier() == []
    assert line.staged() == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_hangs_up_while_speaking_is_heard_even_when_only_the_recording_tells_of_it(line: Line) -> None:
    line.carrier.post("faults", no_hangup_action=1.0)
    line.call(f"{HOME}, 3, 2, record 8, hang up")
    until(lambda: line.rows() == 2, what="the word on the recording")
    line.clear()
    assert line.staged() == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_same_line_is_answered_in_the_dialect_of_somleng(line: Line) -> None:
    line.carrier.post("config", dialect="somleng")
    line.call(f"{HOME}, 1, 6, silent 1, 0, 3, 2, record 8, #, 1, hang up")
    line.call("silent 12", sender="anonymous")
    line.clear()
    assert line.staged() == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_without_a_moderators_key_nobody_records_and_what_was_said_before_waits(line: Line) -> None:
    line.call(f"{HOME}, 3, 2, record 8, #, 1, hang up")
    without_a_key(line)
    told = line.call(f"{HOME}, 3, 2, wait, hang up", sender="+923990000102")
    assert "record" not in {entry["kind"] for entry in told["entries"]}
    assert line.clear() == Cleared(gone=2, put_off=1)
    assert len(line.at_the_carrier()) == 1
    with line.house.database.writing() as session:
        register_key(
            session, line.people.moderator, make_key_file("December")[0], "December", line.house.now()
        )
    assert line.clear() == Cleared(gone=1, put_off=0)
    assert (line.staged(), line.at_the_carrier()) == (1, [])


def without_a_key(line: Line) -> None:
    with line.house.database.writing() as session:
        for key in session.scalars(select(ShelfKey)):
            key.to_at = line.house.now() - HOUR


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_voice_that_nobody_can_seal_is_deleted_at_the_carrier_after_some_tries(line: Line) -> None:
    line.call(f"{HOME}, 3, 2, record 8, #, 1, hang up")
    without_a_key(line)
    rounds: list[Cleared] = []
    while line.rows() and len(rounds) < 10:
        rounds.append(line.clear())
    assert rounds == [Cleared(1, 1), *[Cleared(0, 1)] * (recordings.TRIES_FOR_A_KEY - 1), Cleared(1, 0)]
    assert (line.staged(), line.at_the_carrier()) == (0, [])


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_deletions_wait_for_no_recording_and_a_run_without_time_leaves_the_rest_due(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(residue, "RECORDINGS_SECONDS", 0.0)
    line.call(f"{HOME}, 3, 2, record 8, #, 1, hang up")
    line.call(f"{HOME}, 3, 2, record 8, #, 1, hang up", sender="+923990000102")
    # One at least, so that a run always gets on; what it did not come to is not put off
    assert line.clear() == Cleared(gone=3, put_off=0)
    assert asyncio.run(clear_residue(line.house)) == Cleared(gone=1, put_off=0)
    assert (line.staged(), line.at_the_carrier()) == (2, [])
    # The calls are gone even when the run dies at the first recording
    line.call(f"{HOME}, 3, 2, record 8, #, 1, hang up", sender="+923990000103")
    monkeypatch.setattr(recordings, "accept", dies)
    with pytest.raises(KilledHere):
        line.clear()
    assert line.rows() == 1
    assert queues.RESIDUE.timeout_seconds > RECORDINGS_SECONDS + WALL_SECONDS


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_staff_read_in_by_telephone_becomes_a_prompt_of_their_draft(line: Line) -> None:
    # Given a studio line, and a draft whose first prompt nobody has spoken yet
    now, producer = line.house.now(), line.people.actors["producer"]
    with line.house.database.writing() as session:
        set_way(session, line.people.two_way, Way.STUDIO)
        draft = drafted_menu(session, producer, now)
        set_words(session, producer, draft.id, {("greeting", "ps"): "other words"}, now=now)
        code = open_studio(session, line.house.vault(session), producer, draft.id, "ps", now=now)
    # When she calls, gives her code, reads it in, hears it again and keeps it
    told = line.call(", ".join((*code, "record 6", "#", "1", "wait")))
    again = [entry["seconds"] for entry in told["entries"] if entry["kind"] == "play"]
    assert again == [pytest.approx(6, abs=0.5)]
    asyncio.run(clear_residue(line.house))
    # Then it is the prompt's recording at once, spoken by a person on a telephone
    with line.house.database.reading() as session:
        prompt = session.get_one(Prompt, (draft.id, "greeting", "ps"))
    assert (prompt.spoken_by, prompt.words_changed) == (SpokenBy.CALL, False)
    assert prompt.milliseconds == pytest.approx(6_000, abs=1_000)
    assert line.at_the_carrier() == []
