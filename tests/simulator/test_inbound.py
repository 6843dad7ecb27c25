"""A text from a handset: told to the gateway, and its answer sent back."""

import pytest

from tests.simulator.conftest import SimulatedClient
from tests.simulator.receiver import Receiver, Reply
from tests.support.carrier import ALPHA, LINE, WOMAN, SimulatedCarrier, a_config
from tests.support.ports import free_ports
from tests.support.waiting import until


def codes(carrier: SimulatedCarrier) -> list[int]:
    return [event["code"] for event in carrier.get("events")["events"]]


def answers(carrier: SimulatedCarrier) -> list[str]:
    return [text["text"] for text in carrier.inbox() if not text["hers"]]


def test_the_gateway_is_told_every_field(carrier: SimulatedCarrier, receiver: Receiver) -> None:
    sid = carrier.text("شامل")

    fields = receiver.wait_for("/messages")[0].fields

    assert fields["MessageSid"] == fields["SmsSid"] == fields["SmsMessageSid"] == sid
    assert (fields["From"], fields["To"], fields["Body"]) == (WOMAN, LINE, "شامل")
    assert (fields["SmsStatus"], fields["NumMedia"], fields["NumSegments"]) == ("received", "0", "1")
    assert fields["FromCountry"] == fields["ToCity"] == ""
    assert "OptOutType" not in fields


def test_the_answer_lands_in_her_inbox(carrier: SimulatedCarrier, receiver: Receiver) -> None:
    receiver.says("/messages", "که راضي یئ &#171;هو&#187; ولېږئ", "second")

    carrier.text("JOIN")

    until(lambda: answers(carrier) == ["که راضي یئ «هو» ولېږئ", "second"])
    assert [text["line"] for text in carrier.inbox()] == [LINE, LINE, LINE]


def test_an_answer_is_kept_as_a_message_without_receipts(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    receiver.says("/messages", "Thank you")
    carrier.text("hello")

    until(lambda: [m.status for m in client.messages.list(from_=LINE)] == ["delivered"])

    assert client.messages.list(from_=LINE)[0].direction == "outbound-reply"
    assert carrier.get("stats")["receipts"]["sent"] == 0


@pytest.mark.parametrize("reply", [Reply(), Reply(204, b"", ""), Reply(200, b"", "text/plain")])
def test_an_empty_answer_sends_nothing(reply: Reply, carrier: SimulatedCarrier, receiver: Receiver) -> None:
    receiver.will("/messages", reply)

    carrier.text("hello")

    until(lambda: "taken without an answer" in carrier.get("state?since=0")["handsets"][0]["note"])
    assert codes(carrier) == []
    assert answers(carrier) == []


UNUSABLE = {
    "not XML": (b"<Response><Message>x</Response>", "text/xml", 12100),
    "a control character": (b"<Response><Message>a\x07b</Message></Response>", "text/xml", 12100),
    "a document type": (b"<!DOCTYPE Response><Response/>", "text/xml", 12100),
    "an entity of its own": (
        b'<!DOCTYPE r [<!ENTITY x "y">]><Response><Message>&x;</Message></Response>',
        "text/xml",
        12100,
    ),
    "another root": (b"<Reply><Message>x</Message></Reply>", "text/xml", 12200),
    "an unknown verb": (b"<Response><Sms>x</Sms></Response>", "text/xml", 12200),
    "an attribute": (b'<Response><Message to="+1">x</Message></Response>', "text/xml", 12200),
    "loose words": (b"<Response>hello</Response>", "text/xml", 12200),
    "an empty message": (b"<Response><Message> </Message></Response>", "text/xml", 12200),
    "a page": (b"<html></html>", "text/html", 12300),
    "eleven messages": (
        b"<Response>" + b"<Message>x</Message>" * 11 + b"</Response>",
        "application/xml",
        14109,
    ),
    "64 kB and more": (b"<Response>" + b" " * 65536 + b"</Response>", "text/xml", 11750),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_an_unusable_answer_is_an_event_and_sends_nothing(
    what: str, carrier: SimulatedCarrier, receiver: Receiver
) -> None:
    body, content_type, code = UNUSABLE[what]
    receiver.will("/messages", Reply(200, body, content_type))

    carrier.text("hello")

    until(lambda: codes(carrier) == [code])
    assert answers(carrier) == []


def test_a_gateway_that_fails_is_an_event_and_is_not_asked_again(
    carrier: SimulatedCarrier, receiver: Receiver
) -> None:
    receiver.will("/messages", Reply(500, b"", "text/plain"))

    carrier.text("hello")

    until(lambda: codes(carrier) == [11200])
    assert len(receiver.on("/messages")) == 1


def test_the_address_may_ask_for_retries_with_the_same_token(
    carrier: SimulatedCarrier, receiver: Receiver
) -> None:
    carrier.post("config", **a_config(f"{receiver.url}/messages#rc=3&rp=5xx"))
    receiver.will("/messages", Reply(503), Reply(503))
    receiver.says("/messages", "Thank you")

    carrier.text("hello")

    until(lambda: answers(carrier) == ["Thank you"])
    taken = receiver.on("/messages")
    assert len(taken) == 3
    assert len({webhook.token for webhook in taken}) == 1
    assert codes(carrier) == []


def test_the_fallback_is_asked_with_the_reason(carrier: SimulatedCarrier, receiver: Receiver) -> None:
    config = a_config(f"{receiver.url}/messages")
    config["lines"][0]["sms_fallback_url"] = f"{receiver.url}/fallback"
    carrier.post("config", **config)
    receiver.will("/messages", Reply(404))
    receiver.says("/fallback", "We are back soon")

    carrier.text("hello")

    until(lambda: answers(carrier) == ["We are back soon"])
    fields = receiver.on("/fallback")[0].fields
    assert (fields["ErrorCode"], fields["ErrorUrl"]) == ("11200", f"{receiver.url}/messages")


def test_a_redirect_is_followed_by_a_get_that_lost_the_fields(
    carrier: SimulatedCarrier, receiver: Receiver
) -> None:
    receiver.will("/messages", Reply(302, b"", "text/plain", "/elsewhere?x=1"))

    carrier.text("hello")

    followed = receiver.wait_for("/elsewhere")[0]
    assert (followed.method, followed.fields) == ("GET", {})


def test_a_gateway_that_is_away_is_an_event_and_the_text_is_still_listed(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    carrier.post("config", **a_config(f"http://127.0.0.1:{free_ports()}/messages"))

    carrier.text("hello")

    until(lambda: codes(carrier) == [11205])
    assert [message.body for message in client.messages.list(to=LINE)] == ["hello"]


def test_a_gateway_that_is_silent_too_long_is_an_event(carrier: SimulatedCarrier, receiver: Receiver) -> None:
    carrier.post("config", **a_config(f"{receiver.url}/messages#rt=200&tt=300"))
    receiver.gate.clear()

    carrier.text("hello")

    until(lambda: codes(carrier) == [11205])
    receiver.gate.set()


def test_the_carriers_own_stop_blocks_answers_itself_and_still_tells_the_gateway(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    config = a_config(f"{receiver.url}/messages")
    config["lines"][0]["carrier_stop"] = True
    carrier.post("config", **config)

    carrier.text(" stop ")

    until(lambda: len(answers(carrier)) == 1)
    assert receiver.wait_for("/messages")[0].fields["OptOutType"] == "STOP"
    with pytest.raises(Exception, match="unsubscribed"):
        client.messages.create(to=WOMAN, from_=LINE, body="x")
    assert client.messages.create(to=WOMAN, from_=ALPHA, body="x").sid
    carrier.text("START")
    until(lambda: len(answers(carrier)) == 3)
    assert client.messages.create(to=WOMAN, from_=LINE, body="x").sid


def test_stop_please_means_nothing_to_the_carrier(carrier: SimulatedCarrier, receiver: Receiver) -> None:
    config = a_config(f"{receiver.url}/messages")
    config["lines"][0]["carrier_stop"] = True
    carrier.post("config", **config)

    carrier.text("STOP please")

    assert "OptOutType" not in receiver.wait_for("/messages")[0].fields


def test_a_lost_webhook_leaves_the_text_in_the_list(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", lost_inbound=1)
    carrier.text("lost")
    carrier.post("faults", lost_inbound=0)
    carrier.text("told")

    receiver.wait_for("/messages")

    assert [taken.fields["Body"] for taken in receiver.on("/messages")] == ["told"]
    assert [message.body for message in client.messages.list(to=LINE)] == ["told", "lost"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"from": WOMAN, "to": "+923990000555", "body": "x"}, "There is no such line."),
        ({"from": WOMAN, "to": LINE, "body": " "}, "There is nothing to send."),
        ({"from": WOMAN, "to": LINE, "body": "x" * 1601}, "A text has 1600 characters at most."),
        ({"from": WOMAN, "to": LINE, "body": "\ud800"}, "body is not valid text."),
        ({"from": WOMAN, "to": LINE}, "body is missing."),
    ],
)
def test_a_text_that_cannot_go_is_refused_in_plain_words(
    fields: dict[str, str], words: str, carrier: SimulatedCarrier
) -> None:
    assert carrier.refusal("text", **fields) == words
