"""The carrier's own SDK, unmodified, makes calls, follows them and fetches what was recorded."""

import io
import wave
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import SimulatedClient, a_wav
from tests.simulator.receiver import Receiver, Taken
from tests.simulator.stories import heard
from tests.support.carrier import ACCOUNT, ALPHA, LINE, TOKEN, WOMAN, HttpAnswer, SimulatedCarrier, request
from tests.support.waiting import until

SOMEBODY = "+923990010200"
ALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


def ring(client: SimulatedClient, voice: Receiver, to: str = SOMEBODY, **more: Any) -> str:
    """Our call to somebody, told of at /status; its sid."""
    asked = {"url": f"{voice.url}/voice", "status_callback": f"{voice.url}/status", **more}
    return str(client.calls.create(to=to, from_=LINE, status_callback_event=ALL_EVENTS, **asked).sid)


def over(carrier: SimulatedCarrier, sid: str) -> dict[str, Any]:
    """The call when it is over."""
    return dict(carrier.get(f"calls/{sid}?wait=1"))


def told(voice: Receiver, how_many: int) -> list[Taken]:
    """The status callbacks in the order of their numbers."""
    return sorted(voice.wait_for("/status", how_many), key=lambda one: int(one.fields["SequenceNumber"]))


def test_a_call_is_made_with_the_carriers_own_field_types(client: SimulatedClient, voice: Receiver) -> None:
    made = client.calls.create_with_http_info(to=SOMEBODY, from_=LINE, url=f"{voice.url}/voice")

    call = made.data
    assert made.status_code == 201
    assert call.sid.startswith("CA")
    assert (call.status, call.direction) == ("queued", "outbound-api")
    assert (call.to, call._from) == (SOMEBODY, LINE)
    assert (call.duration, call.start_time, call.end_time, call.answered_by) == (None, None, None, None)
    assert call.date_created.tzinfo is not None
    assert call.queue_time.isdigit()
    assert set(call.subresource_uris) >= {"recordings", "notifications"}


def test_an_answered_call_runs_its_course_and_tells_each_stage(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Play>/a.wav</Play>")

    sid = ring(client, voice)
    call = over(carrier, sid)

    assert heard(call) == ["play /a.wav", "end the line"]
    stages = told(voice, 4)
    assert [one.fields["CallStatus"] for one in stages] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert {one.fields["Direction"] for one in stages} == {"outbound-api"}
    assert {(one.fields["From"], one.fields["To"]) for one in stages} == {(LINE, SOMEBODY)}
    assert stages[-1].fields["CallDuration"] == "7"
    asked = voice.on("/voice")[0].fields
    assert (asked["CallStatus"], asked["CallSid"]) == ("in-progress", sid)
    fetched = client.calls(sid).fetch()
    assert (fetched.status, fetched.duration) == ("completed", "7")
    assert fetched.end_time >= fetched.start_time


@pytest.mark.parametrize(
    ("to", "script", "status", "stages", "sip"),
    [
        ("+923990010486", None, "busy", ["initiated", "busy"], "486"),
        ("+923990010487", None, "no-answer", ["initiated", "ringing", "no-answer"], "487"),
        ("+923990010404", None, "failed", ["initiated", "failed"], "404"),
        (SOMEBODY, "decline 3", "busy", ["initiated", "ringing", "busy"], "486"),
        (SOMEBODY, "answer 50", "no-answer", ["initiated", "ringing", "no-answer"], "487"),
        (WOMAN, "no answer", "no-answer", ["initiated", "ringing", "no-answer"], "487"),
    ],
)
def test_a_call_that_nobody_takes_says_how(
    to: str,
    script: str | None,
    status: str,
    stages: list[str],
    sip: str,
    carrier: SimulatedCarrier,
    client: SimulatedClient,
    voice: Receiver,
) -> None:
    carrier.post("scripts", number=to, script=script)

    sid = ring(client, voice, to, timeout=40)
    call = over(carrier, sid)

    assert call["status"] == status
    events = told(voice, len(stages))
    assert [one.fields["CallStatus"] for one in events] == stages
    assert (events[-1].fields["SipResponseCode"], events[-1].fields["CallDuration"]) == (sip, "0")
    assert client.calls(sid).fetch().duration is None
    assert voice.on("/voice") == []


def test_only_the_events_that_were_asked_for_are_told(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    sid = client.calls.create(
        to=SOMEBODY, from_=LINE, url=f"{voice.url}/voice", status_callback=f"{voice.url}/status"
    ).sid

    over(carrier, sid)

    (end,) = voice.wait_for("/status")
    assert (end.fields["CallStatus"], end.fields["SequenceNumber"]) == ("completed", "0")


@pytest.mark.parametrize(
    ("machine", "asked", "answered_by"),
    [
        ("answer", {"machine_detection": "Enable"}, "human"),
        ("machine", {"machine_detection": "Enable"}, "machine_start"),
        ("machine", {"machine_detection": "DetectMessageEnd"}, "machine_end_beep"),
    ],
)
def test_a_machine_is_found_before_the_line_is_asked(
    machine: str,
    asked: dict[str, Any],
    answered_by: str,
    carrier: SimulatedCarrier,
    client: SimulatedClient,
    voice: Receiver,
) -> None:
    carrier.post("scripts", number=SOMEBODY, script=machine)

    sid = ring(client, voice, **asked)
    over(carrier, sid)

    assert voice.on("/voice")[0].fields["AnsweredBy"] == answered_by
    assert client.calls(sid).fetch().answered_by == answered_by


def test_a_machine_is_found_while_the_line_speaks(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    carrier.post("scripts", number=SOMEBODY, script="machine")
    voice.tells("/voice", "<Play>/a.wav</Play>")

    asked = {"machine_detection": "Enable", "async_amd": "true"}
    sid = ring(client, voice, async_amd_status_callback=f"{voice.url}/amd", **asked)
    over(carrier, sid)

    (found,) = voice.wait_for("/amd")
    assert (found.fields["AnsweredBy"], found.fields["CallSid"]) == ("machine_start", sid)
    assert int(found.fields["MachineDetectionDuration"]) > 0
    assert "AnsweredBy" not in voice.on("/voice")[0].fields


def test_a_call_waits_for_its_turn_and_is_taken_back(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    carrier.post("config", pace=1, calls_per_second=1)
    carrier.post("clock", speed=0)
    first, second = ring(client, voice), ring(client, voice, "+923990010201")
    carrier.post("clock", advance=0.9)
    until(lambda: client.calls(first).fetch().status == "ringing")

    assert client.calls(second).fetch().status == "queued"
    assert client.calls(second).update(status="canceled").status == "canceled"
    assert client.calls(first).update(status="completed").status == "canceled"

    with pytest.raises(TwilioRestException) as refusal:
        client.calls(second).update(status="canceled")
    assert refusal.value.code == 21220


def test_a_live_call_is_sent_elsewhere_and_hung_up(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    carrier.post("config", pace=1)
    voice.tells("/voice", "<Play>/a.wav</Play>")
    voice.tells("/other", "<Play>/b.wav</Play>")
    sid = ring(client, voice)
    carrier.post("clock", advance=0.9)
    carrier.post("clock", advance=5)
    until(lambda: client.calls(sid).fetch().status == "in-progress")

    client.calls(sid).update(url=f"{voice.url}/other")
    until(lambda: voice.on("/other"))
    with pytest.raises(TwilioRestException) as refusal:
        client.calls(sid).delete()
    assert client.calls(sid).update(status="completed").status == "completed"

    assert refusal.value.code == 21220
    assert heard(over(carrier, sid))[-1] == "end the gateway"
    assert client.calls(sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        client.calls(sid).fetch()
    assert gone.value.code == 20404


def test_words_given_with_the_order_are_carried_out(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    sid = client.calls.create(to=SOMEBODY, from_=LINE, twiml="<Response><Say>Salaam</Say></Response>").sid

    assert heard(over(carrier, sid)) == ["say Salaam", "end the line"]


def test_a_long_call_ends_at_its_limit(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Say loop='0'>hello</Say>")

    sid = ring(client, voice, time_limit=30)
    over(carrier, sid)

    assert client.calls(sid).fetch().duration == "30"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "0399"}, 21211),
        ({"to": "+923990011216"}, 21216),
        ({"to": "+15005550001"}, 21217),
        ({"to": "+15005550002"}, 21214),
        ({"to": "+15005550003"}, 21215),
        ({"to": "+15005550004"}, 21216),
        ({"from_": ""}, 21213),
        ({"from_": "+923990000099"}, 21210),
        ({"from_": ALPHA}, 21212),
        ({"from_": "+15005550001"}, 21212),
        ({"url": ""}, 21205),
        ({"url": "gateway/voice"}, 21205),
        ({"url": "", "twiml": "x" * 4001}, 32018),
        ({"status_callback": "ftp://gateway"}, 21609),
        ({"status_callback_event": ["hung-up"]}, 20001),
        ({"timeout": 601}, 21208),
        ({"method": "PUT"}, 21209),
        ({"send_digits": "abc"}, 21206),
        ({"machine_detection": "Perhaps"}, 20001),
        ({"record": True}, 20001),
        ({"to": "+923990010500"}, 20500),
        ({"to": "+923990010429"}, 20429),
    ],
)
def test_an_order_that_cannot_be_taken_is_refused_with_its_code(
    changes: dict[str, Any], code: int, client: SimulatedClient, voice: Receiver
) -> None:
    order = {"to": SOMEBODY, "from_": LINE, "url": f"{voice.url}/voice", **changes}

    with pytest.raises(TwilioRestException) as refusal:
        client.calls.create(**order)

    assert refusal.value.code == code
    assert client.calls.list() == []


def test_an_order_whose_answer_is_lost_is_carried_out(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    with pytest.raises(OSError):
        ring(client, voice, "+923990010777")

    until(lambda: [one.status for one in client.calls.list(to="+923990010777")] == ["completed"])


def test_calls_are_listed_newest_first_and_narrowed(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    made = []
    for to in (SOMEBODY, "+923990010486", SOMEBODY):
        made.append(ring(client, voice, to))
        over(carrier, made[-1])
    made.append(carrier.call("hang up")["sid"])
    since = datetime.now(UTC) - timedelta(hours=1)

    def sids(**narrowed: Any) -> list[str]:
        return [call.sid for call in client.calls.list(**narrowed)]

    assert sids(page_size=3) == made[::-1]
    assert sids(to=SOMEBODY) == [made[2], made[0]]
    assert sids(to=LINE) == [made[3]]
    assert sids(from_=WOMAN) == [made[3]]
    assert sids(status="busy") == [made[1]]
    assert sids(start_time_after=since) == made[::-1]
    assert sids(start_time_before=since) == []
    assert sids(start_time_after=since, to=SOMEBODY, status="completed") == [made[2], made[0]]


def audio(carrier: SimulatedCarrier, client: SimulatedClient, sid: str, suffix: str = "") -> HttpAnswer:
    """The sound of a recording, as the gateway fetches it."""
    name, secret = client.auth
    login = {"Authorization": basic(name, secret)}
    url = f"{carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}{suffix}"
    return request("GET", url, headers=login)


def basic(name: str, secret: str) -> str:
    """The header that the SDK sends too."""
    return "Basic " + b64encode(f"{name}:{secret}".encode()).decode()


def test_a_recording_is_told_fetched_and_deleted_for_good(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Record action='/one' recordingStatusCallback='/rec'/>")
    call = carrier.call("record 5, #")

    (ready,) = voice.wait_for("/rec")
    (recording,) = client.recordings.list(call_sid=call["sid"])

    assert ready.fields["RecordingSid"] == recording.sid
    assert (ready.fields["RecordingStatus"], ready.fields["RecordingDuration"]) == ("completed", "5")
    assert (recording.status, recording.duration, recording.channels) == ("completed", "5", 1)
    assert (recording.source, recording.call_sid) == ("RecordVerb", call["sid"])
    assert [one.sid for one in client.calls(call["sid"]).recordings.list()] == [recording.sid]
    plain, wav = audio(carrier, client, recording.sid), audio(carrier, client, recording.sid, ".wav")
    assert plain.body == wav.body
    assert plain.headers["content-type"] == "audio/x-wav"
    with wave.open(io.BytesIO(plain.body)) as reading:
        assert (reading.getframerate(), reading.getnframes()) == (8000, 40_000)

    assert client.recordings(recording.sid).delete()

    assert audio(carrier, client, recording.sid).status == 404
    with pytest.raises(TwilioRestException) as gone:
        client.recordings(recording.sid).fetch()
    assert gone.value.status == 404
    assert client.recordings.list() == []
    assert client.recordings(recording.sid).fetch(include_soft_deleted=True).status == "deleted"
    assert carrier.get("recordings")["recordings"][0]["is_kept"] is False


def test_sound_is_given_to_the_account_alone(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Record action='/one'/>")
    carrier.call("record 5")
    (recording,) = client.recordings.list()

    assert audio(carrier, SimulatedClient(carrier.url, token=TOKEN + "x"), recording.sid).status == 401
    assert audio(carrier, client, recording.sid, ".mp3").status == 404
    assert audio(carrier, client, "RE" + "0" * 32).status == 404


def test_a_given_voice_is_what_is_recorded(
    carrier: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Record action='/one'/>")
    given = a_wav(2)[:44] + bytes(range(250)) * 128
    request("POST", f"{carrier.url}/sim/voices?number={WOMAN}", given, {"Content-Type": "audio/wav"})

    carrier.call("record")

    (recording,) = client.recordings.list()
    assert recording.duration == "2"
    assert audio(carrier, client, recording.sid).body[44:] == given[44:]
