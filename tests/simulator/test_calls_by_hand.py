"""A telephone in a person's hand: what she does comes when she does it, on the shown clock."""

from typing import Any

import pytest

from tests.simulator.conftest import SimulatedClient, a_wav
from tests.simulator.receiver import Receiver
from tests.simulator.stories import heard
from tests.support.carrier import LINE, WOMAN, SimulatedCarrier, request
from tests.support.waiting import until

ASK = "<Gather numDigits='1' timeout='6' finishOnKey='' action='/one'><Play>/a.wav</Play></Gather>"


@pytest.fixture
def phone(carrier: SimulatedCarrier, voice: Receiver) -> SimulatedCarrier:
    """The clock stands, so that a call waits for what is done next."""
    carrier.post("clock", speed=0)
    return carrier


def dial(phone: SimulatedCarrier, **more: Any) -> str:
    return str(phone.post("calls", **{"from": WOMAN, "to": LINE, **more})["sid"])


def entries(phone: SimulatedCarrier, sid: str) -> list[str]:
    return [entry["kind"] for entry in phone.get(f"calls/{sid}")["entries"]]


def until_it(phone: SimulatedCarrier, sid: str, kind: str, times: int = 1) -> None:
    until(lambda: entries(phone, sid).count(kind) >= times, what=f"{times} {kind}")


def until_over(phone: SimulatedCarrier, sid: str) -> dict[str, Any]:
    return dict(phone.get(f"calls/{sid}?wait=1"))


def speak(phone: SimulatedCarrier, sid: str, seconds: float, *, past: bool = False) -> None:
    url = f"{phone.url}/sim/calls/{sid}/speech" + ("?past=1" if past else "")
    answer = request("POST", url, a_wav(seconds), {"Content-Type": "audio/wav"})
    assert answer.status == 200, answer.body


def test_a_key_counts_when_it_is_pressed(phone: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", ASK)
    voice.tells("/one", "<Play>/b.wav</Play>")
    sid = dial(phone)
    until_it(phone, sid, "play")
    phone.post("clock", advance=3)

    phone.post(f"calls/{sid}", key="4")
    until_it(phone, sid, "play", 2)
    phone.post(f"calls/{sid}", key="5")
    until_it(phone, sid, "key", 2)
    phone.post("clock", advance=2)
    phone.post(f"calls/{sid}", act="hang up")

    call = until_over(phone, sid)
    assert heard(call) == ["play /a.wav", "key 4", "play /b.wav", "key 5 lost", "end her"]
    assert call["entries"][4]["until"] == pytest.approx(3, abs=0.5)
    assert call["seconds"] == pytest.approx(5, abs=0.5)
    assert voice.on("/one")[0].fields["Digits"] == "4"


def test_silence_passes_with_the_shown_clock(phone: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", ASK, "<Hangup/>")
    sid = dial(phone)
    until_it(phone, sid, "play")

    phone.post("clock", advance=7.1)
    assert entries(phone, sid)[-1] == "play"
    phone.post("clock", advance=6.1)

    assert heard(until_over(phone, sid)) == ["play /a.wav", "silence", "end the line"]


def test_she_hangs_up_while_the_gateway_thinks(phone: SimulatedCarrier, voice: Receiver) -> None:
    voice.gate.clear()
    sid = dial(phone)
    until(lambda: voice.on("/voice"))

    phone.post(f"calls/{sid}", act="hang up")

    assert until_over(phone, sid)["status"] == "no-answer"
    voice.gate.set()
    assert phone.refusal(f"calls/{sid}", key="1") == "This call is over."


def test_a_missed_call_rings_and_ends(phone: SimulatedCarrier, voice: Receiver) -> None:
    phone.post("config", pace=1)
    voice.gate.clear()
    sid = dial(phone, missed=True)
    until(lambda: voice.on("/voice"))
    assert phone.refusal("calls", **{"from": WOMAN, "to": LINE}) == "This telephone is in a call already."

    phone.post("clock", advance=2.1)

    assert until_over(phone, sid)["status"] == "no-answer"
    voice.gate.set()


def test_a_microphone_is_heard_until_it_is_closed(
    phone: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Record action='/one' timeout='5' maxLength='60' playBeep='false'/>")
    sid = dial(phone)
    until_it(phone, sid, "beep")

    # She speaks longer than the silence that would end it, then is silent.
    phone.post(f"calls/{sid}", act="microphone on")
    phone.post("clock", advance=20)
    assert entries(phone, sid)[-1] == "beep"
    speak(phone, sid, 20, past=True)
    phone.post("clock", advance=5.1)

    call = until_over(phone, sid)
    assert heard(call) == ["recorded 20", "end the line"]
    assert [one.duration for one in client.recordings.list()] == ["20"]


def test_a_file_is_spoken_from_now_on_and_a_key_ends_it(phone: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", "<Record action='/one' playBeep='false'/>")
    sid = dial(phone)
    until_it(phone, sid, "beep")

    speak(phone, sid, 30)
    phone.post("clock", advance=8)
    phone.post(f"calls/{sid}", key="#")

    call = until_over(phone, sid)
    assert call["entries"][-3]["seconds"] == pytest.approx(8, abs=0.5)
    assert voice.on("/one")[0].fields["Digits"] == "#"


@pytest.mark.parametrize(
    ("act", "status"), [("answer", "completed"), ("decline", "busy"), ("hang up", "busy")]
)
def test_a_ringing_handset_waits_for_her(
    act: str, status: str, phone: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    sid = client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/voice", timeout=40).sid
    phone.post("clock", advance=1)
    until_it(phone, sid, "ring")
    (screen,) = phone.get("state?since=0")["calls"]
    assert (screen["sid"], screen["status"], screen["name"], screen["handset"]) == (
        sid,
        "ringing",
        "Gudar line",
        1,
    )

    phone.post(f"calls/{sid}", act=act)

    assert until_over(phone, sid)["status"] == status
    assert phone.get("state?since=0")["calls"] == []


def test_a_telephone_is_not_answered_before_it_rings(
    phone: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    phone.post("config", pace=1)
    sid = client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/voice", timeout=40).sid
    assert phone.get("state?since=0")["calls"] == []

    phone.post(f"calls/{sid}", act="answer")
    phone.post("clock", advance=1)

    until_it(phone, sid, "ring")
    assert phone.get(f"calls/{sid}")["status"] == "ringing"


def test_a_handset_that_nobody_takes_up_rings_until_its_time_is_over(
    phone: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    sid = client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/voice", timeout=40).sid
    phone.post("clock", advance=1)
    until_it(phone, sid, "ring")

    phone.post("clock", advance=40.1)

    assert until_over(phone, sid)["status"] == "no-answer"
    note = phone.get("state?since=0")["handsets"][0]["note"]
    assert note.startswith("Was rung")


def test_a_call_back_shows_the_missed_call_it_answers(
    phone: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    voice.tells("/voice", "<Reject reason='busy'/>")
    until_over(phone, dial(phone, missed=True))
    phone.post("clock", advance=14)

    sid = client.calls.create(to=WOMAN, from_=LINE, url=f"{voice.url}/voice").sid
    phone.post("clock", advance=1)
    until_it(phone, sid, "ring")

    (screen,) = phone.get("state?since=0")["calls"]
    assert screen["created"] - screen["missed"] == pytest.approx(14, abs=0.5)


def test_handsets_that_no_page_shows_answer_by_themselves_when_told_so(
    phone: SimulatedCarrier, client: SimulatedClient, voice: Receiver
) -> None:
    phone.post("config", unwatched_answer=True, callee="answer 2, 1")
    voice.tells("/voice", ASK)

    unseen = client.calls.create(to="+923990000103", from_=LINE, url=f"{voice.url}/voice").sid
    assert heard(until_over(phone, unseen))[:2] == ["play /a.wav", "key 1"]

    phone.get("state?since=0&show=3")
    seen = client.calls.create(to="+923990000103", from_=LINE, url=f"{voice.url}/voice").sid
    phone.post("clock", advance=1)
    until_it(phone, seen, "ring")
    assert phone.get(f"calls/{seen}")["by_hand"] is True


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json", b"{}", "comes as WAV"),
        ("audio/wav", b"RIFF", "not WAV"),
        ("audio/wav", a_wav()[:24] + b"\x80>\x00\x00\x00}\x00\x00" + a_wav()[32:], "8000"),
    ],
)
def test_speech_that_is_no_telephones_is_refused(
    content_type: str, body: bytes, words: str, phone: SimulatedCarrier
) -> None:
    answer = request("POST", f"{phone.url}/sim/calls/CA/speech", body, {"Content-Type": content_type})

    assert answer.status == 400
    assert words in answer.body.decode()


def test_audio_that_was_played_is_given_to_the_page(phone: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", ASK)
    sid = dial(phone)
    until_it(phone, sid, "play")
    clip = phone.get(f"calls/{sid}")["entries"][-1]["clip"]

    answer = request("GET", f"{phone.url}/sim/clips/{clip}")

    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "audio/wav", a_wav())
    assert request("GET", f"{phone.url}/sim/clips/{clip}", headers={"Host": "evil.example"}).status == 403
    assert request("GET", f"{phone.url}/sim/clips/nothing").status == 400
