"""What a call is told is what both carriers understand, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.webhooks import twiml
from gateway.webhooks.twiml import Played, Said
from tests.support.twiml import next_step, played, read_call, when_silent

ACTION = "https://gateway.example/carrier/twilio/calls/step/abc-_9"
STATUS = "https://gateway.example/carrier/twilio/recordings/abc-_9"
SOUND = Played("https://gateway.example/carrier/audio/1f.wav")
sounds = st.lists(st.one_of(st.text(max_size=200).map(Said), st.just(SOUND)), max_size=12)


@given(first=sounds, inside=sounds)
def test_whatever_is_asked_is_said_in_the_verbs_of_both_carriers(
    first: list[twiml.Heard], inside: list[twiml.Heard]
) -> None:
    verbs = read_call(twiml.asking(first, inside, action=ACTION, silent=ACTION, wait_seconds=6).encode())
    assert played(verbs) == [sound.url for sound in (*first, *inside) if isinstance(sound, Played)]
    assert (next_step(verbs), when_silent(verbs)) == (ACTION, ACTION)
    assert [verb.attributes.get("timeout") for verb in verbs if verb.name == "Gather"] == ["6"]


@given(first=sounds)
def test_recording_ending_and_refusing_are_said_in_the_verbs_of_both_carriers(
    first: list[twiml.Heard],
) -> None:
    told = twiml.recording(
        first,
        action=ACTION,
        status=STATUS,
        silent=ACTION,
        most_seconds=60,
        silence_seconds=5,
        finish_on="#",
    )
    (record,) = [verb for verb in read_call(told.encode()) if verb.name == "Record"]
    assert record.attributes["recordingStatusCallback"] == STATUS
    assert record.attributes["maxLength"] == "60"
    assert read_call(twiml.ending(first).encode())[-1].name == "Hangup"
    assert [verb.attributes for verb in read_call(twiml.busy().encode())] == [{"reason": "busy"}]


def test_what_xml_cannot_hold_is_left_out_and_nothing_of_a_text_becomes_a_verb() -> None:
    (said, _) = read_call(twiml.ending([Said('</Say><Dial>+92</Dial>\a\x00 & "ښه"')]).encode())
    assert said.text == '</Say><Dial>+92</Dial> & "ښه"'


def test_a_document_that_the_carrier_would_refuse_is_not_written() -> None:
    with pytest.raises(twiml.DocumentTooLong):
        twiml.ending([Said("ښ" * 4_000)] * 10)
