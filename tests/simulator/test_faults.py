"""Each fault on demand."""

import pytest
import requests

from tests.simulator.conftest import SimulatedClient
from tests.simulator.receiver import Receiver
from tests.support.carrier import LINE, WOMAN, SimulatedCarrier
from tests.support.waiting import until


def send(client: SimulatedClient, receiver: Receiver, body: str = "Salaam") -> str:
    callback = f"{receiver.url}/receipts"
    sid = client.messages.create(to=WOMAN, from_=LINE, body=body, status_callback=callback).sid
    return str(sid)


def note(carrier: SimulatedCarrier) -> str:
    return str(carrier.get("state?since=0")["handsets"][0]["note"])


def test_without_faults_each_stage_is_told_once(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    sid = send(client, receiver)

    receiver.wait_for("/receipts", 2)

    assert sorted(receiver.stages()) == ["delivered", "sent"]
    assert {taken.fields["MessageSid"] for taken in receiver.taken} == {sid}
    assert {taken.fields["SmsStatus"] for taken in receiver.taken} == {"sent", "delivered"}
    assert carrier.get("stats")["receipts"] == {
        "sent": 2,
        "lost": 0,
        "late": 0,
        "duplicates": 0,
        "reordered": 0,
    }


def test_a_duplicate_comes_a_second_time_with_the_same_token(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", duplicate=1)

    send(client, receiver)

    receiver.wait_for("/receipts", 4)
    tokens = [(taken.fields["MessageStatus"], taken.token) for taken in receiver.on("/receipts")]
    assert len(set(tokens)) == 2
    assert carrier.get("stats")["receipts"]["duplicates"] == 2
    assert "receipt sent twice" in note(carrier)


def test_an_inbound_text_that_comes_twice_is_answered_once(
    carrier: SimulatedCarrier, receiver: Receiver
) -> None:
    carrier.post("faults", duplicate=1)
    receiver.says("/messages", "Thank you")
    receiver.says("/messages", "Thank you")

    carrier.text("hello")

    until(lambda: len(carrier.inbox()) == 2)
    receiver.wait_for("/messages", 2)
    until(lambda: carrier.get("stats")["unfinished_webhooks"] == 0)
    assert len({taken.token for taken in receiver.on("/messages")}) == 1
    assert len(carrier.inbox()) == 2


def test_two_copies_come_at_the_same_moment(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", concurrent=1)
    receiver.gate.clear()

    carrier.text("hello")

    until(lambda: receiver.most_at_once == 2)
    receiver.gate.set()
    assert len({taken.token for taken in receiver.taken}) == 1


def test_a_reordered_receipt_says_sent_after_delivered(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", reorder=1)

    send(client, receiver)

    receiver.wait_for("/receipts", 2)
    assert receiver.stages() == ["delivered", "sent"]
    assert carrier.get("stats")["receipts"]["reordered"] == 1


def test_a_late_receipt_waits_on_the_shown_clock(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", late=1, late_seconds=7200)
    sid = send(client, receiver)
    until(lambda: client.messages(sid).fetch().status == "delivered")
    assert receiver.stages() == []

    carrier.post("clock", advance=7201)

    receiver.wait_for("/receipts", 2)
    assert "receipt 7200 s late" in note(carrier)


def test_a_lost_receipt_never_comes_and_the_record_knows(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", lost=1)
    lost = send(client, receiver)
    until(lambda: client.messages(lost).fetch().status == "delivered")
    carrier.post("faults", lost=0)

    told = send(client, receiver)

    receiver.wait_for("/receipts", 2)
    assert {taken.fields["MessageSid"] for taken in receiver.on("/receipts")} == {told}
    assert carrier.get("stats")["receipts"]["lost"] == 2


def test_a_dropped_line_has_taken_the_message(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", drop=1)

    with pytest.raises(requests.ConnectionError):
        send(client, receiver)

    receiver.wait_for("/receipts", 2)
    assert carrier.get("stats")["created"] == 1


@pytest.mark.parametrize(("fault", "status"), [("too_many", 429), ("server_error", 500)])
def test_a_refusal_by_chance_has_taken_nothing(
    fault: str, status: int, carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", **{fault: 1})

    with pytest.raises(Exception, match=f"HTTP {status}"):
        send(client, receiver)

    assert carrier.get("stats")["created"] == 0


def test_a_receipt_may_come_before_the_answer_to_the_create(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", early=1)

    sid = send(client, receiver)

    assert "sent" in receiver.stages()
    assert receiver.on("/receipts")[0].fields["MessageSid"] == sid
    receiver.wait_for("/receipts", 2)
    assert sorted(receiver.stages()) == ["delivered", "sent"]


def test_a_field_nobody_knows_may_come_along(carrier: SimulatedCarrier, receiver: Receiver) -> None:
    carrier.post("faults", extra_field=1)

    carrier.text("hello")

    assert "ChannelHint" in receiver.wait_for("/messages")[0].fields


def test_a_network_without_receipts_ends_at_sent(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", no_receipt=1)

    sid = send(client, receiver)

    until(lambda: carrier.inbox())
    receiver.wait_for("/receipts")
    assert client.messages(sid).fetch().status == "sent"
    assert receiver.stages() == ["sent"]


def test_sending_may_be_told_too(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", sending=1)

    send(client, receiver)

    receiver.wait_for("/receipts", 3)
    assert sorted(receiver.stages()) == ["delivered", "sending", "sent"]


def test_an_unknown_fault_or_a_wrong_rate_is_refused_in_words(carrier: SimulatedCarrier) -> None:
    assert "gremlins" in carrier.refusal("faults", gremlins=1)
    assert "late" in carrier.refusal("faults", late=2)
    assert carrier.get("faults")["late"] == 0
