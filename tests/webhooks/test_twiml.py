"""The only writer of TwiML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.simulator.twiml import read_messages
from gateway.webhooks import twiml


@given(st.lists(st.text(max_size=300), max_size=10))
def test_whatever_is_said_the_carrier_s_strict_reader_understands_it(texts: list[str]) -> None:
    # Given any texts at all, when they are written, then a parser that shares nothing with the writer reads them
    document = twiml.messages(texts)
    assert len(read_messages("text/xml", document.encode())) <= len(texts)


def test_a_text_comes_back_letter_for_letter_without_what_xml_cannot_hold() -> None:
    said = 'a < b & "c" </Message><Dial>\a\x00 ښه دی\u200c'
    assert read_messages("text/xml", twiml.messages([said]).encode()) == [
        said.replace("\a", "").replace("\x00", "")
    ]


def test_nothing_to_say_is_an_empty_response() -> None:
    response = twiml.answer(None)
    assert response.get_data(as_text=True).endswith("<Response></Response>")
    assert response.content_type == "text/xml; charset=utf-8"


def test_ten_texts_are_the_most() -> None:
    assert len(read_messages("text/xml", twiml.messages(["x"] * 10).encode())) == 10
    with pytest.raises(twiml.TooManyMessages):
        twiml.messages(["x"] * 11)
