"""What the carrier refuses, by code."""

from base64 import b64encode
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import SimulatedClient
from tests.support.carrier import ACCOUNT, ALPHA, LINE, TOKEN, WOMAN, SimulatedCarrier, request

SERVICE = "MG" + "1" * 32
GOOD: dict[str, Any] = {"to": WOMAN, "from_": LINE, "body": "Salaam"}
REFUSALS: dict[str, tuple[dict[str, Any], int]] = {
    "a receiver that is no number": ({"to": "0399-1"}, 21211),
    "no receiver": ({"to": ""}, 21604),
    "a landline": ({"to": "+92915701234"}, 21614),
    "a closed country": ({"to": "+989121234567"}, 21408),
    "no sender": ({"from_": ""}, 21603),
    "a sender that cannot be one": ({"from_": "a very long sender name"}, 21212),
    "a sender of somebody else": ({"from_": "+923990000999"}, 21606),
    "an empty text": ({"body": ""}, 21602),
    "a text that is too long": ({"body": "x" * 1601}, 21617),
    "a callback without a host": ({"status_callback": "http:///x"}, 21609),
    "a callback with an underscore in its host": ({"status_callback": "http://a_b.example/x"}, 21609),
    "a validity of eleven hours": ({"validity_period": 39600}, 20001),
    "a service that does not exist": ({"messaging_service_sid": "MG" + "9" * 32}, 21705),
    "a date without a service": ({"schedule_type": "fixed", "send_at": "2031-01-01T00:00:00Z"}, 35118),
    "a date that is too far": (
        {"messaging_service_sid": SERVICE, "schedule_type": "fixed", "send_at": "2099-01-01T00:00:00Z"},
        35114,
    ),
    "no date to schedule for": ({"messaging_service_sid": SERVICE, "schedule_type": "fixed"}, 35111),
    "a number that left": ({"to": "+923990010010"}, 21610),
    "a number that is no mobile": ({"to": "+923990010014"}, 21614),
    "the published number 21211": ({"to": "+15005550001"}, 21211),
    "the published number 21612": ({"to": "+15005550002"}, 21612),
    "the published number 21408": ({"to": "+15005550003"}, 21408),
    "the published number 21610": ({"to": "+15005550004"}, 21610),
    "the published number 21614": ({"to": "+15005550009"}, 21614),
    "the published sender 21212": ({"from_": "+15005550001"}, 21212),
    "the published sender 21606": ({"from_": "+15005550007"}, 21606),
    "the published sender 21611": ({"from_": "+15005550008"}, 21611),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_create_is_refused_with_the_code_for(
    what: str, carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    carrier.post("config", services=[{"sid": SERVICE, "lines": [LINE]}], closed_countries=["+98"])
    changes, code = REFUSALS[what]

    with pytest.raises(TwilioRestException) as refusal:
        client.messages.create(**{**GOOD, **changes})

    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert carrier.get("stats")["created"] == 0


def test_no_refusal_quotes_the_number(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        client.messages.create(to="+923990010010", from_=LINE, body="Salaam")
    assert "92399" not in str(refusal.value.msg)


def test_redaction_and_cancellation_at_once_are_refused(client: SimulatedClient) -> None:
    sid = client.messages.create(**GOOD).sid

    with pytest.raises(TwilioRestException) as refusal:
        client.messages(sid).update(body="", status="canceled")

    assert refusal.value.code == 30400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Messages", 404),
        ("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Nothing.json", 404),
        ("DELETE", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", 405),
        ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Balance.json", 405),
        ("GET", f"/2010-04-01/Accounts/{ACCOUNT}/Messages/SM1/Feedback.json", 404),
    ],
)
def test_an_unknown_path_or_method_has_its_status(
    method: str, path: str, status: int, carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    response = client.http_client.request(method, carrier.url + path, auth=client.auth)
    assert response.status_code == status
    assert '"more_info"' in response.text


def test_a_body_that_is_no_form_is_a_bad_request(carrier: SimulatedCarrier) -> None:
    login = b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()

    answer = request(
        "POST",
        f"{carrier.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        b"To=\xff\xfe",
        {"Authorization": f"Basic {login}"},
    )

    assert answer.status == 400


def test_the_sender_of_the_published_numbers_is_accepted(client: SimulatedClient) -> None:
    assert client.messages.create(to=WOMAN, from_="+15005550006", body="Salaam").status == "queued"


def test_a_name_cannot_be_texted(carrier: SimulatedCarrier) -> None:
    words = carrier.refusal("text", **{"from": WOMAN, "to": ALPHA, "body": "STOP"})
    assert words == "GUDAR only sends. It cannot get a text."
