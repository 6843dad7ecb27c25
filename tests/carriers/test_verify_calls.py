"""Webhooks of calls: only the carrier's, and only what can be read in one way."""

from collections.abc import Iterable

import pytest
from twilio.request_validator import RequestValidator

from gateway.carriers.calls import AnsweredBy, CallStage
from gateway.carriers.carrier import Forged, Form, Malformed, RawRequest
from gateway.carriers.twilio.read import read_call, read_call_status, read_recording
from gateway.carriers.twilio.verify import CALL, CALL_STATUS, RECORDING, Kind, Verifier
from tests.support.signing import (
    ACCOUNT,
    PUBLIC_URL,
    TOKEN,
    call_fields,
    call_status_fields,
    recording_fields,
    signature,
)

WOMAN, LINE = "+923990000101", "+923990000017"
SID, RECORDING_SID = "CA" + "0a" * 16, "RE" + "0b" * 16
URL = f"{PUBLIC_URL}/carrier/twilio/calls/step/token"


def a_step(**more: str) -> dict[str, str]:
    return call_fields(caller=WOMAN, line=LINE, sid=SID, **more)


def check(pairs: Iterable[tuple[str, str]], kind: Kind = CALL, signed: str | None = None) -> Form:
    pairs = list(pairs)
    request = RawRequest(URL, pairs, signed or signature(URL, pairs))
    return Verifier(ACCOUNT, (TOKEN,)).fields(request, kind)


GENUINE: dict[str, tuple[Kind, dict[str, str]]] = {
    "a beginning": (CALL, call_fields(caller=WOMAN, line=LINE, sid=SID, status="ringing")),
    "a key": (CALL, a_step(Digits="1", FinishedOnKey="", msg="Gather End")),
    "a star": (CALL, a_step(Digits="*")),
    "an empty result": (CALL, a_step(Digits="")),
    "a recording": (
        CALL,
        a_step(
            Digits="hangup",
            RecordingSid=RECORDING_SID,
            RecordingUrl=f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING_SID}",
            RecordingDuration="12",
        ),
    ),
    "a withheld number": (CALL, call_fields(caller="anonymous", line=LINE, sid=SID)),
    "a forwarded call": (CALL, a_step(ForwardedFrom="+923990000102", CallerName="AYESHA KHAN")),
    "a network's long token": (
        CALL,
        a_step(CallToken='{"parentCallInfoToken":"eyJhbGciOiJFUzI1NiJ9.To5FromCity0To9xDigits1_-"}'),
    ),
    "a trunk's header": (CALL, {**a_step(), "SipHeader_X-Trunk": "peshawar 1"}),
    "a field added one day": (CALL, a_step(TrafficClass="voice")),
    "a recording that is there": (
        RECORDING,
        recording_fields("completed", sid=SID, recording=RECORDING_SID, seconds=7),
    ),
    "an answered call": (CALL_STATUS, call_status_fields("in-progress", sid=SID, to=WOMAN, line=LINE)),
    "a call that is over": (
        CALL_STATUS,
        call_status_fields(
            "completed", sid=SID, to=WOMAN, line=LINE, CallDuration="31", Duration="1", SipResponseCode="200"
        ),
    ),
    "a machine": (
        CALL_STATUS,
        {
            "AccountSid": ACCOUNT,
            "CallSid": SID,
            "AnsweredBy": "machine_start",
            "MachineDetectionDuration": "2310",
        },
    ),
}


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_requests_pass_and_the_same_ones_forged_do_not(name: str) -> None:
    kind, fields = GENUINE[name]
    assert dict(check(fields.items(), kind)) == fields
    assert RequestValidator(TOKEN).validate(URL, fields, signature(URL, fields.items()))
    with pytest.raises(Forged):
        check(fields.items(), kind, signed=signature(URL, fields.items(), "another token"))
    with pytest.raises(Forged):
        check({**fields, "AccountSid": "AC" + "6" * 32}.items(), kind)
    for missing in kind.required:
        with pytest.raises(Malformed):
            check([pair for pair in fields.items() if pair[0] != missing], kind)


RECUT = {
    "a key is hidden in its name": ({"Digits": "7"}, {"Digits7": ""}, ("Digits",)),
    "of two keys one is taken": ({"Digits": "71"}, {"Digits7": "1"}, ("Digits",)),
    "a key is swallowed": ({"Digits": "1"}, {"CalledZip": "Digits1"}, ("Digits",)),
    "the call's id swallows its status": ({}, {"CallSid": f"{SID}CallStatusin-progress"}, ("CallStatus",)),
    "a caller is carved out of a name": (
        {"CallerName": "x From+923990000200"},
        {"CallerName": "x ", "From": "+923990000200", f"From{WOMAN}": ""},
        (),
    ),
    "a recording is hidden": (
        {"RecordingDuration": "12", "RecordingSid": RECORDING_SID},
        {"RecordingDuration": f"12RecordingSid{RECORDING_SID}"},
        ("RecordingSid",),
    ),
}


@pytest.mark.parametrize("case", RECUT)
def test_a_caught_request_cut_at_other_places_is_refused(case: str) -> None:
    change, forgery, gone = RECUT[case]
    forged = {name: value for name, value in {**a_step(**change), **forgery}.items() if name not in gone}
    with pytest.raises(Malformed):
        check(forged.items())


def test_a_step_is_read_into_line_caller_and_key() -> None:
    step = read_call(a_step(Digits="#"))
    assert (step.line, step.caller and step.caller.e164, step.key) == (LINE, WOMAN, "#")
    assert not step.is_outbound
    assert (step.recording, step.is_over) == (None, False)


def test_in_a_call_of_ours_the_line_is_the_one_that_calls() -> None:
    ours = read_call(call_status_fields("in-progress", sid=SID, to=WOMAN, line=LINE))
    assert (ours.line, ours.caller and ours.caller.e164, ours.is_outbound) == (LINE, WOMAN, True)


@pytest.mark.parametrize("caller", ["anonymous", "Restricted", "+266696687", "+7378742833", "8888", "sip:x"])
def test_a_withheld_number_is_nobody(caller: str) -> None:
    assert read_call(call_fields(caller=caller, line=LINE, sid=SID)).caller is None


def test_a_recording_is_known_by_its_id_or_by_the_end_of_its_address() -> None:
    address = f"https://switch.example/accounts/x/Recordings/{RECORDING_SID}"
    of_twilio = read_call(a_step(RecordingSid=RECORDING_SID, RecordingDuration="4", Digits="#")).recording
    of_somleng = read_call(a_step(RecordingUrl=address, RecordingDuration="4")).recording
    assert of_twilio == of_somleng
    assert of_twilio is not None
    assert (of_twilio.carrier_id, of_twilio.seconds, of_twilio.hung_up) == (RECORDING_SID, 4, False)
    ended = read_call({**a_step(RecordingSid=RECORDING_SID), "CallStatus": "completed"}).recording
    assert ended is not None
    assert ended.hung_up


def test_the_word_on_a_recording_and_on_a_call_is_read() -> None:
    there = read_recording(recording_fields("completed", sid=SID, recording=RECORDING_SID, seconds=7))
    assert (there.carrier_id, there.is_ready, there.seconds) == (RECORDING_SID, True, 7)
    absent = read_recording(recording_fields("absent", sid=SID, recording=RECORDING_SID, seconds=-1))
    assert (absent.is_ready, absent.seconds) == (False, 0)
    over = read_call_status(GENUINE["a call that is over"][1])
    assert (over.stage, over.seconds, over.sip_code) == (CallStage.COMPLETED, 31, 200)
    machine = read_call_status(GENUINE["a machine"][1])
    assert (machine.stage, machine.answered_by) == (None, AnsweredBy.MACHINE)
    with pytest.raises(Malformed):
        read_call_status({"AccountSid": ACCOUNT, "CallSid": SID})


def test_nothing_read_shows_number_or_ids_of_a_person() -> None:
    step = read_call(a_step(Digits="7", RecordingSid=RECORDING_SID))
    assert WOMAN not in repr(step)
    assert SID not in repr(step)
    assert RECORDING_SID not in repr(step)
