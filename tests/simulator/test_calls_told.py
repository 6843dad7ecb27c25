"""Every webhook about a call is signed, befallen by the faults, and true after a restart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.request_validator import RequestValidator

from tests.simulator.conftest import SimulatedClient, a_wav
from tests.simulator.receiver import Receiver, Taken
from tests.support.carrier import LINE, TOKEN, WOMAN, SimulatedCarrier, a_config, request
from tests.support.ports import free_ports
from tests.support.waiting import until

VALIDATOR = RequestValidator(TOKEN)
SOMEBODY = "+923990010200"
EVENTS = ["initiated", "ringing", "answered", "completed"]


def order(client: SimulatedClient, voice: Receiver) -> str:
    asked = {"url": f"{voice.url}/voice", "status_callback": f"{voice.url}/status?d=1"}
    return str(client.calls.create(to=SOMEBODY, from_=LINE, status_callback_event=EVENTS, **asked).sid)


def stages(voice: Receiver) -> list[str]:
    return [one.fields["CallStatus"] for one in voice.on("/status")]


def test_the_carriers_validator_accepts_every_voice_webhook_and_no_other(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    carrier.post("faults", extra_field=1)
    carrier.post("scripts", number=SOMEBODY, script="1, record 5, hang up")
    voice.tells("/voice", "<Gather numDigits='1' action='/keys?t=a%20b'/>")
    voice.tells("/keys", "<Record action='/kept' recordingStatusCallback='/rec?x=1#rc=2'/>")

    order(client, voice)
    voice.wait_for("/status", 4)
    voice.wait_for("/rec")
    voice.wait_for("/kept")

    posted = [taken for taken in voice.taken if taken.method == "POST"]
    assert len(posted) == 8
    for taken in posted:
        assert VALIDATOR.validate(taken.url, taken.fields, taken.signature), taken.path
        for name, value in taken.fields.items():
            assert not VALIDATOR.validate(taken.url, {**taken.fields, name: value + "x"}, taken.signature)
        assert not VALIDATOR.validate(taken.url + "0", taken.fields, taken.signature)


def test_a_voice_webhook_by_get_carries_its_fields_in_its_signed_address(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.tells("/voice", "<Redirect method='GET'>/next?a=1</Redirect>")

    carrier.call("listen")

    (taken,) = voice.wait_for("/next")
    assert (taken.method, taken.fields) == ("GET", {})
    assert "a=1&" in taken.url
    assert "CallSid=CA" in taken.url
    assert VALIDATOR.validate(taken.url, {}, taken.signature)


def test_status_callbacks_are_lost_late_and_told_twice(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    def told_of_a_call() -> list[Taken]:
        voice.taken.clear()
        carrier.get(f"calls/{order(client, voice)}?wait=1")
        until(lambda: carrier.get("stats?totals=1")["unfinished_webhooks"] == 0)
        return voice.on("/status")

    carrier.post("faults", lost=1)
    assert told_of_a_call() == []
    carrier.post("faults", lost=0, duplicate=1)
    twice = told_of_a_call()
    assert len(twice) == 8
    assert len({one.token for one in twice}) == 4
    carrier.post("faults", duplicate=0, late=1, late_seconds=40)
    carrier.post("clock", speed=0)
    assert told_of_a_call() == []
    carrier.post("clock", advance=41)
    assert len(voice.wait_for("/status", 4)) == 4
    carrier.post("clock", speed=1)
    carrier.post("faults", late=0, reorder=1)
    told_of_a_call()
    voice.wait_for("/status", 4)
    assert set(stages(voice)[-2:]) == {"completed", "in-progress"}


def test_a_silent_ending_tells_nothing_of_a_call(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    sid = client.calls.create(
        to="+923990010599", from_=LINE, url=f"{voice.url}/voice", status_callback=f"{voice.url}/status"
    ).sid

    assert carrier.get(f"calls/{sid}?wait=1")["status"] == "completed"
    until(lambda: carrier.get("stats?totals=1")["unfinished_webhooks"] == 0)
    assert voice.on("/status") == []


def test_shares_of_numbers_that_do_not_answer_are_a_fault(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    carrier.post("faults", pickups={"busy": 0.5, "no answer": 0.5})

    sids = [
        client.calls.create(to=f"+9239900102{n:02}", from_=LINE, url=f"{voice.url}/voice").sid
        for n in range(20)
    ]
    for sid in sids:
        carrier.get(f"calls/{sid}?wait=1")

    assert set(carrier.get("stats")["calls"]["by_status"]) == {"busy", "no-answer"}
    assert "answering" in carrier.refusal("faults", pickups={"answering": 1})


def test_the_action_of_a_recording_that_ended_with_the_call_may_be_missing(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    carrier.post("faults", no_hangup_action=1)
    voice.tells("/voice", "<Record action='/kept' recordingStatusCallback='/rec'/>")

    carrier.call("record 5, hang up")

    voice.wait_for("/rec")
    assert voice.on("/kept") == []


@pytest.fixture
def lasting(tmp_path: Path, receiver: Receiver) -> Iterator[SimulatedCarrier]:
    config = a_config()
    config["lines"][0]["voice_url"] = f"{receiver.url}/voice"
    process = SimulatedCarrier(free_ports(), tmp_path, config, "--data", str(tmp_path / "data"))
    process.start()
    yield process
    process.kill()


def test_calls_that_a_kill_cut_off_have_failed_and_recordings_are_still_there(
    lasting: SimulatedCarrier, receiver: Receiver, tmp_path: Path
) -> None:
    client = SimulatedClient(lasting.url)
    receiver.tells("/voice", "<Record action='/one'/>")
    voice_url = f"{lasting.url}/sim/voices?number={WOMAN}"
    request("POST", voice_url, a_wav(3)[:44] + bytes(range(240)) * 200, {"Content-Type": "audio/wav"})
    lasting.call("record")
    (recording,) = client.recordings.list()
    lasting.post("clock", speed=0)
    hanging = client.calls.create(
        to=WOMAN, from_=LINE, url=f"{receiver.url}/voice", status_callback=f"{receiver.url}/status"
    ).sid
    before = [call.sid for call in client.calls.list()]

    lasting.kill()
    lasting.start()

    assert client.calls(hanging).fetch().status == "failed"
    (told,) = receiver.wait_for("/status")
    assert told.fields["CallStatus"] == "failed"
    assert [call.sid for call in client.calls.list()] == before
    assert client.recordings(recording.sid).fetch().duration == "3"
    assert list(tmp_path.glob("data/recordings/*")) != []

    assert client.recordings(recording.sid).delete()
    lasting.kill()
    lasting.start()

    assert list(tmp_path.glob("data/recordings/*")) == []
    assert client.recordings.list() == []


def test_a_reset_forgets_calls_and_deletes_what_was_recorded(
    lasting: SimulatedCarrier, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.tells("/voice", "<Record action='/one'/>")
    voice_url = f"{lasting.url}/sim/voices?number={WOMAN}"
    request("POST", voice_url, a_wav(3), {"Content-Type": "audio/wav"})
    lasting.call("record")
    lasting.post("calls", **{"from": WOMAN, "to": LINE})

    lasting.post("reset")

    assert list(tmp_path.glob("data/recordings/*")) == []
    assert lasting.get("calls") == {"calls": []}
    assert lasting.get("stats")["calls"]["live"] == 0
