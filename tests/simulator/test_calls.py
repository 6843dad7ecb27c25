"""A call to a line: each verb is carried out as the carrier does it, in the call's own time."""

import pytest

from tests.simulator.conftest import a_sound
from tests.simulator.receiver import Receiver, Reply
from tests.simulator.stories import heard, story
from tests.support.carrier import ALPHA, LINE, WOMAN, SimulatedCarrier
from tests.support.waiting import until

ASK = "<Gather numDigits='1' timeout='6' finishOnKey='' action='/one'><Say>press one</Say></Gather>"
BYE = "<Say>bye</Say>"


def test_a_whole_call_happens_in_its_order_and_in_its_seconds(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.tells("/voice", "<Play>/a.wav</Play>", ASK, "<Redirect>/voice</Redirect>")
    voice.tells("/one", "<Record maxLength='60' timeout='5' action='/kept'/>")
    voice.tells("/kept", "<Play>/b.wav</Play><Hangup/>")

    call = carrier.call("wait 2, wait, 1, record 5, #")

    assert story(call) == [
        "0 ring",
        "0 ask /voice",
        "0 answer",
        "0 play /a.wav",
        "7 listen",
        "7 say press one",
        "8.4 key 1",
        "8.4 ask /one 1",
        "8.9 beep",
        "14.3 key #",
        "14.3 recorded 5",
        "14.3 ask /kept #",
        "14.3 play /b.wav",
        "21.3 end the line",
    ]
    assert (call["status"], call["seconds"]) == ("completed", 21.3)


@pytest.mark.parametrize(
    ("verbs", "script", "expected"),
    [
        # A key cuts the sounds of a Gather; sounds before it are heard whole, and keys in them are lost.
        (ASK, "1", ["say press one", "key 1", "play /b.wav", "end the line"]),
        ("<Play>/a.wav</Play>" + ASK, "now 5, 1",
         ["play /a.wav", "key 5 lost", "say press one", "key 1", "play /b.wav", "end the line"]),
        # Silence falls through to the next verb; with actionOnEmptyResult the action hears of it.
        (ASK + BYE, "listen", ["say press one", "silence", "say bye", "end the line"]),
        (ASK.replace("<Gather", "<Gather actionOnEmptyResult='true'"), "silent",
         ["say press one", "silence", "play /b.wav", "end the line"]),
        # Several digits, the pause between them, the finishing key.
        ("<Gather numDigits='4' action='/one'/>", "1234",
         ["key 1", "key 2", "key 3", "key 4", "play /b.wav", "end the line"]),
        ("<Gather action='/one'/>", "12#", ["key 1", "key 2", "key #", "play /b.wav", "end the line"]),
        ("<Gather action='/one' timeout='4'/>", "7", ["key 7", "play /b.wav", "end the line"]),
        ("<Gather action='/one'/>" + BYE, "#", ["key #", "say bye", "end the line"]),
        ("<Gather action='/one' finishOnKey='' numDigits='1'/>", "#", ["key #", "play /b.wav", "end the line"]),
        # Recording: nothing said, too long, another key, silence.
        ("<Record action='/one'/>" + BYE, "listen", ["say bye", "end the line"]),
        ("<Record action='/one' maxLength='10'/>", "record 30", ["recorded 9.6", "play /b.wav", "end the line"]),
        ("<Record action='/one' finishOnKey='#'/>", "record 3, 5, #",
         ["key 5 lost", "key #", "recorded 3", "play /b.wav", "end the line"]),
        ("<Record action='/one' timeout='3'/>", "record 4", ["recorded 4", "play /b.wav", "end the line"]),
        # Loops, pauses, the end of the answer.
        ("<Say loop='3'>hey</Say><Pause length='2'/><Hangup/>", "listen", ["say hey", "end the line"]),
        ("", "listen", ["end the line"]),
        # She hangs up.
        ("<Play>/a.wav</Play><Play>/b.wav</Play>", "hang up in play 2 at 3", ["play /a.wav", "play /b.wav", "end her"]),
        (ASK, "wait 3, hang up", ["say press one", "end her"]),
        ("<Record action='/one'/>", "record 5, hang up", ["recorded 5", "end her"]),
        # Nothing waits for ever: the line ends a call after four hours.
        ("<Say loop='0'>" + "long " * 100 + "</Say>", "listen", ["say " + ("long " * 100).strip(), "end the gateway"]),
    ],
)  # fmt: skip
def test_each_verb_is_carried_out_as_the_carrier_does(
    verbs: str, script: str, expected: list[str], carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.tells("/voice", verbs)
    voice.tells("/one", "<Play>/b.wav</Play>")

    call = carrier.call(script)

    assert heard(call) == expected


@pytest.mark.parametrize(
    ("verbs", "script", "fields"),
    [
        ("<Gather numDigits='2' action='/one'/>", "12", {"Digits": "12", "FinishedOnKey": "", "msg": "Gather End"}),
        ("<Gather action='/one'/>", "12#", {"Digits": "12", "FinishedOnKey": "#"}),
        ("<Gather action='/one' actionOnEmptyResult='true'/>", "silent", {"Digits": ""}),
        ("<Record action='/one'/>", "record 5, *", {"Digits": "*", "RecordingDuration": "5"}),
        ("<Record action='/one'/>", "record 5", {"Digits": "", "RecordingDuration": "5"}),
        ("<Record action='/one'/>", "record 5, hang up", {"Digits": "hangup", "CallStatus": "completed"}),
        ("<Record action='/one' trim='do-not-trim'/>", "record 5", {"RecordingDuration": "10"}),
    ],
)  # fmt: skip
def test_an_action_is_told_what_was_pressed_and_recorded(
    verbs: str, script: str, fields: dict[str, str], carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.tells("/voice", verbs)

    call = carrier.call(script)

    (asked,) = voice.wait_for("/one")
    assert {name: asked.fields[name] for name in fields} == fields
    assert asked.fields["CallSid"] == call["sid"]
    if "Recording" in verbs or "Record" in verbs:
        assert asked.fields["RecordingUrl"].endswith(asked.fields["RecordingSid"])


def test_the_line_is_asked_with_the_fields_of_the_carrier(carrier: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", ASK)

    carrier.call("1", sender="anonymous")

    first, (second,) = voice.on("/voice")[0].fields, voice.on("/one")
    sides, parts = ("From", "To", "Caller", "Called"), ("City", "State", "Zip", "Country")
    places = {side + part for side in sides for part in parts}
    assert {name: value for name, value in first.items() if name not in places | {"CallSid"}} == {
        "From": "anonymous",
        "Caller": "anonymous",
        "To": LINE,
        "Called": LINE,
        "AccountSid": "AC" + "5" * 32,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    assert all(first[place] == "" for place in places)
    assert second.fields["CallStatus"] == "in-progress"


@pytest.mark.parametrize(
    ("verbs", "status"), [("<Reject reason='busy'/>", "busy"), ("<Reject/>", "no-answer")]
)
def test_a_rejected_call_was_never_answered(
    verbs: str, status: str, carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.tells("/voice", verbs)

    call = carrier.post("calls", **{"from": WOMAN, "to": LINE, "missed": True, "wait": True})

    assert (call["status"], call["seconds"]) == (status, None)
    assert "answer" not in [entry["kind"] for entry in call["entries"]]
    (ended,) = voice.wait_for("/ended")
    assert (ended.fields["CallStatus"], ended.fields["CallDuration"]) == (status, "0")


def test_the_end_of_a_call_is_told_with_its_length(carrier: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", *["<Play>/a.wav</Play>"] * 10)

    carrier.call("listen")

    (ended,) = voice.wait_for("/ended")
    told = {"CallStatus": "completed", "CallDuration": "70", "Duration": "2", "SipResponseCode": "200"}
    assert {name: ended.fields[name] for name in told} == told
    assert (ended.fields["SequenceNumber"], ended.fields["CallbackSource"]) == ("0", "call-progress-events")
    assert ended.fields["Timestamp"].endswith("+0000")


@pytest.mark.parametrize(
    ("replies", "code"),
    [
        ({"/voice": Reply(body=b"<Response><Dial/></Response>")}, 12200),
        ({"/voice": Reply(body=b"<Response>")}, 12100),
        ({"/voice": Reply(content_type="text/html")}, 12300),
        ({"/voice": Reply(body=b"<Response>" + b" " * 65536 + b"</Response>")}, 11750),
        ({"/voice": Reply(status=500)}, 11200),
        ({"/voice": Reply(body=b"<Response><Play>/x</Play></Response>"), "/x": Reply(status=404)}, 11200),
        ({"/voice": Reply(body=b"<Response><Play>/x</Play></Response>"), "/x": Reply()}, 13420),
        ({"/voice": Reply(body=b"<Response><Play>/x</Play></Response>"),
          "/x": Reply(body=b"<html>", content_type="audio/wav")}, 13420),
        ({"/voice": Reply(body=b"<Response><Redirect>/voice</Redirect></Response>")}, 12400),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_out_ends_the_call_with_an_apology(
    replies: dict[str, Reply], code: int, carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.always.update(replies)

    call = carrier.call("listen")

    assert heard(call)[-3:] == [
        f"fault {code}",
        "say We are sorry, an application error has occurred. Goodbye.",
        "end the line",
    ]
    assert call["status"] == "completed"
    assert carrier.get("events")["events"][-1]["code"] == code
    assert carrier.get("events")["events"][-1]["subject"] == call["sid"]


def test_a_fallback_is_asked_when_the_line_does_not_answer(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    lines = carrier.get("config")["lines"]
    lines[0]["voice_fallback_url"] = f"{voice.url}/fallback"
    carrier.post("config", lines=lines)
    voice.always["/voice"] = Reply(status=500)
    voice.tells("/fallback", BYE)

    assert heard(carrier.call("listen")) == ["say bye", "end the line"]
    assert voice.on("/fallback")[0].fields["ErrorCode"] == "11200"


def test_audio_is_fetched_once_and_again_when_its_time_is_over(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.tells("/voice", *["<Play>/a.wav</Play>", "<Play>/once.wav</Play>"] * 2)
    voice.always["/once.wav"] = Reply(body=a_sound(2).body, content_type="audio/wav")

    carrier.call("listen")
    carrier.call("listen")

    assert (len(voice.on("/a.wav")), len(voice.on("/once.wav"))) == (1, 4)
    assert "x-twilio-signature" not in voice.on("/a.wav")[0].headers
    carrier.post("clock", advance=601)
    carrier.call("listen")
    assert len(voice.on("/a.wav")) == 2


def test_words_of_a_training_programme_stand_in_the_transcript(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    voice.always["/a.wav"] = a_sound(
        7, ("X-Training-Words", "%D8%B3%D9%84%D8%A7%D9%85"), ("X-Training-Language", "ps")
    )
    voice.tells("/voice", "<Play>/a.wav</Play>")

    played = next(entry for entry in carrier.call("listen")["entries"] if entry["kind"] == "play")

    assert (played["text"], played["language"], played["seconds"]) == ("سلام", "ps", 7.0)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (LINE, "This line takes no calls."),
        (ALPHA, "This line takes no calls."),
        ("+923990000099", "There is no such line."),
    ],
)
def test_a_line_without_a_voice_takes_no_calls(line: str, words: str, carrier: SimulatedCarrier) -> None:
    assert carrier.refusal("calls", **{"from": WOMAN, "to": line}) == words


def test_a_script_that_nobody_can_follow_is_refused(carrier: SimulatedCarrier, voice: Receiver) -> None:
    assert "shout" in carrier.refusal("calls", **{"from": WOMAN, "to": LINE, "script": "1, shout"})
    assert carrier.get("stats")["calls"]["made"] == 0


def test_a_fault_cuts_calls_off_and_keeps_what_was_said(carrier: SimulatedCarrier, voice: Receiver) -> None:
    carrier.post("faults", drop_call=1)
    voice.tells("/voice", "<Record action='/one' recordingStatusCallback='/rec' maxLength='3600'/>")

    call = carrier.call("record 300")

    assert heard(call)[-1] == "end the network"
    (recording,) = carrier.get("recordings")["recordings"]
    assert recording["seconds"] == pytest.approx(call["seconds"], abs=2)
    assert len(voice.wait_for("/rec")) == 1


def test_somlengs_record_calls_its_action_whatever_was_said(
    carrier: SimulatedCarrier, voice: Receiver
) -> None:
    carrier.post("config", dialect="somleng")
    voice.tells("/voice", "<Record action='/one'/>")

    call = carrier.call("listen")

    told = voice.on("/one")[0].fields
    assert {"RecordingUrl", "RecordingDuration"} <= told.keys()
    assert told.keys().isdisjoint({"Digits", "RecordingSid"})
    assert len(call["sid"]) == 36


def test_many_callers_at_once_are_all_carried_through(carrier: SimulatedCarrier, voice: Receiver) -> None:
    voice.tells("/voice", ASK, "<Record maxLength='10' timeout='3' action='/voice'/>", BYE)
    voice.tells("/one", "<Redirect>/voice</Redirect>")

    told = carrier.post(
        "callers", to=LINE, first="+923991000000", count=60, at_once=20, script="random 5, hang up"
    )

    assert (told["calls"], told["faults"]) == (60, {})
    assert told["steps"] >= 60
    until(lambda: carrier.get("stats")["calls"]["live"] == 0)
    assert carrier.get("stats")["calls"]["most_at_once"] == 20
