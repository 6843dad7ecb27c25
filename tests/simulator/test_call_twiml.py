"""The carrier's own reading of TwiML: what is a call's answer, and what is not."""

import pytest
from twilio.twiml.voice_response import VoiceResponse

from gateway.simulator.config import Dialect
from gateway.simulator.voice.answer import AnswerWrong, read_answer
from gateway.simulator.voice.verbs import (
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Verb,
)

XML = "text/xml; charset=utf-8"
LONG = "x" * 4097


def read(inside: str, dialect: Dialect = Dialect.TWILIO) -> tuple[Verb, ...]:
    return read_answer(XML, f"<Response>{inside}</Response>".encode(), dialect)


def refusal(content_type: str, body: bytes, dialect: Dialect = Dialect.TWILIO) -> int:
    with pytest.raises(AnswerWrong) as wrong:
        read_answer(content_type, body, dialect)
    return wrong.value.code


@pytest.mark.parametrize(
    ("inside", "verb"),
    [
        ("<Say>  Salaam &amp; welcome </Say>", Say("Salaam & welcome")),
        ("<Say language='ur' voice='x' loop='0'>سلام</Say>", Say("سلام", "ur", "x", 1000)),
        ("<Play loop='2'>/a.wav</Play>", Play("/a.wav", 2)),
        ("<Pause/>", Pause(1)),
        ("<Redirect/>", Redirect("")),
        ("<Redirect method='GET'>/b?silent=1&amp;x=2</Redirect>", Redirect("/b?silent=1&x=2", "GET")),
        ("<Reject/>", Reject()),
        ("<Reject reason='busy'/>", Reject(is_busy=True)),
        ("<Hangup/>", Hangup()),
        ("<Gather/>", Gather()),
        (
            "<Gather input='dtmf' action='/s' numDigits='1' timeout='6' finishOnKey=''>"
            "<Play>/a.wav</Play><Say>one</Say></Gather>",
            Gather((Play("/a.wav"), Say("one")), "/s", "POST", 6, 1, ""),
        ),
        ("<Record/>", Record()),
        (
            "<Record maxLength='60' timeout='4' finishOnKey='#' playBeep='false' trim='do-not-trim' "
            "action='/r' recordingStatusCallback='/c' recordingStatusCallbackEvent='completed absent'/>",
            Record(
                "/r", "POST", 4, 60, "#", beeps=False, trims=False, callback="/c",
                callback_events=("completed", "absent"),
            ),
        ),
    ],
)  # fmt: skip
def test_a_verb_is_read_with_its_attributes_and_defaults(inside: str, verb: Verb) -> None:
    assert read(inside) == (verb,)


def test_what_the_carriers_sdk_writes_is_read() -> None:
    response = VoiceResponse()
    response.play("https://gateway.example/a.wav")
    gather = response.gather(num_digits=1, finish_on_key="", timeout=6, action="/step/x", method="POST")
    gather.say("For news & poems <press> 1")
    response.redirect("/step/x?silent", method="POST")

    verbs = read_answer(XML, str(response).encode())

    assert [type(verb) for verb in verbs] == [Play, Gather, Redirect]
    assert verbs[1] == Gather((Say("For news & poems <press> 1"),), "/step/x", "POST", 6, 1, "")


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<Dial>+923990000101</Dial>", 12200),
        ("<say>x</say>", 12200),
        ("<Say colour='red'>x</Say>", 12200),
        ("<Say/>", 12200),
        (f"<Say>{LONG}</Say>", 12200),
        ("<Say>a<Play>/a.wav</Play></Say>", 12200),
        ("<Play/>", 12200),
        ("<Play digits='1'/>", 12200),
        ("<Play loop='-1'>/a.wav</Play>", 12200),
        ("<Gather><Record/></Gather>", 12200),
        ("<Gather><Gather/></Gather>", 12200),
        ("<Gather>press one</Gather>", 12200),
        ("<Gather input='speech'/>", 12200),
        ("<Gather timeout='auto'/>", 12200),
        ("<Gather numDigits='0'/>", 12200),
        ("<Gather finishOnKey='##'/>", 12200),
        ("<Gather method='PUT'/>", 12200),
        ("<Record transcribe='true'/>", 12200),
        ("<Record maxLength='1'/>", 12200),
        ("<Record playBeep='no'/>", 12200),
        ("<Reject reason='rude'/>", 12200),
        ("<Say>x</Say><Reject/>", 12200),
        ("hello", 12200),
        ("<Say>x</Response>", 12100),
        ("<Say>\x07</Say>", 12100),
        ("<Say>&own;</Say>", 12100),
    ],
)
def test_anything_else_is_refused_with_the_carriers_code(inside: str, code: int) -> None:
    assert refusal(XML, f"<Response>{inside}</Response>".encode()) == code


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        (XML, b"", 12100),
        (XML, b"<Answer/>", 12200),
        (XML, b"<Response version='1'/>", 12200),
        (XML, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><Response><Say>&a;</Say></Response>', 12100),
        ("text/html", b"<Response/>", 12300),
        ("", b"<Response/>", 12300),
        (XML, b"<Response>" + b" " * 65536 + b"</Response>", 11750),
    ],
)
def test_an_answer_as_a_whole_may_be_refused(content_type: str, body: bytes, code: int) -> None:
    assert refusal(content_type, body) == code


def test_an_empty_answer_is_an_answer() -> None:
    assert read("") == ()


@pytest.mark.parametrize(
    "inside",
    [
        "<Pause/>",
        "<Gather><Pause/></Gather>",
        "<Gather input='dtmf'/>",
        "<Record trim='trim-silence'/>",
        "<Record recordingStatusCallbackEvent='completed'/>",
    ],
)
def test_somleng_refuses_what_it_does_not_know(inside: str) -> None:
    assert read(inside, Dialect.TWILIO)
    assert refusal(XML, f"<Response>{inside}</Response>".encode(), Dialect.SOMLENG) == 12200


def test_somleng_reads_the_seven_verbs() -> None:
    shared = (
        "<Say language='ur'>x</Say><Play loop='2'>/a.wav</Play><Redirect method='POST'>/b</Redirect><Hangup/>"
        "<Gather action='/s' method='POST' timeout='6' numDigits='1' finishOnKey=''><Play>/a.wav</Play></Gather>"
        "<Record action='/r' method='POST' maxLength='60' timeout='5' finishOnKey='#' playBeep='true' "
        "recordingStatusCallback='/c' recordingStatusCallbackMethod='POST'/>"
    )

    assert len(read(shared, Dialect.SOMLENG)) == 6
    assert read("<Reject reason='busy'/>", Dialect.SOMLENG) == (Reject(is_busy=True),)
