"""What the last digits of a number stand for."""

from http.client import HTTPException

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import SimulatedClient
from tests.simulator.receiver import Receiver
from tests.support.carrier import LINE, SimulatedCarrier
from tests.support.waiting import until

NUMBER = "+92399001"
ENDS = {
    "0003": ("undelivered", 30003),
    "0005": ("undelivered", 30005),
    "0006": ("undelivered", 30006),
    "0007": ("undelivered", 30007),
    "0008": ("undelivered", 30008),
    "0410": ("failed", 30410),
    "0599": ("delivered", None),
    "1234": ("delivered", None),
}


def send(client: SimulatedClient, receiver: Receiver, ending: str) -> str:
    callback = f"{receiver.url}/receipts"
    sid = client.messages.create(to=NUMBER + ending, from_=LINE, body="Salaam", status_callback=callback).sid
    return str(sid)


@pytest.mark.parametrize("ending", ENDS)
def test_a_message_ends_as_its_number_says(ending: str, client: SimulatedClient, receiver: Receiver) -> None:
    status, code = ENDS[ending]
    sid = send(client, receiver, ending)

    until(lambda: client.messages(sid).fetch().status == status)

    assert client.messages(sid).fetch().error_code == code


def test_a_receipt_carries_the_code_and_the_networks_date(
    client: SimulatedClient, receiver: Receiver
) -> None:
    send(client, receiver, "0003")

    sent, final = sorted(receiver.wait_for("/receipts", 2), key=lambda t: t.fields["MessageStatus"] != "sent")

    assert "ErrorCode" not in sent.fields
    assert (final.fields["MessageStatus"], final.fields["ErrorCode"]) == ("undelivered", "30003")
    assert len(final.fields["RawDlrDoneDate"]) == 10
    assert "Body" not in final.fields


def test_0599_never_sends_a_receipt(client: SimulatedClient, receiver: Receiver) -> None:
    silent = send(client, receiver, "0599")
    send(client, receiver, "1234")

    receiver.wait_for("/receipts", 2)

    until(lambda: client.messages(silent).fetch().status == "delivered")
    assert silent not in {taken.fields["MessageSid"] for taken in receiver.on("/receipts")}


def test_0777_takes_the_message_and_drops_the_line(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    with pytest.raises((requests.ConnectionError, HTTPException)):
        send(client, receiver, "0777")

    assert carrier.get("stats")["created"] == 1
    assert [message.body for message in client.messages.list(to=NUMBER + "0777")] == ["Salaam"]


def test_0500_breaks_before_anything_was_taken(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        send(client, receiver, "0500")

    assert (refusal.value.status, refusal.value.code) == (500, 20500)
    assert carrier.get("stats")["created"] == 0


def test_0504_takes_the_message_and_keeps_the_caller_waiting(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    client.http_client.timeout = 1

    with pytest.raises(requests.Timeout):
        send(client, receiver, "0504")

    assert carrier.get("stats")["created"] == 1


def test_0429_is_busy_three_times_and_then_takes_it(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    for _ in range(3):
        with pytest.raises(TwilioRestException) as refusal:
            send(client, receiver, "0429")
        assert (refusal.value.status, refusal.value.code) == (429, 20429)

    send(client, receiver, "0429")

    assert carrier.get("stats")["created"] == 1


def test_endings_can_be_switched_off_for_a_load(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("config", endings=False)

    sid = send(client, receiver, "0003")

    until(lambda: client.messages(sid).fetch().status == "delivered")


def test_a_share_of_messages_ends_with_a_code(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("faults", outcomes={"30003": 0.5, "30007": 0.5})
    for _ in range(12):
        send(client, receiver, "1234")

    until(lambda: carrier.get("stats")["by_status"].get("undelivered") == 12)

    assert {message.error_code for message in client.messages.list()} <= {30003, 30007}
