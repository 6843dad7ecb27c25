"""Every webhook is signed as the carrier signs; nothing that was changed on the way passes."""

import pytest
from twilio.request_validator import RequestValidator

from gateway.simulator.signature import sign
from tests.simulator.conftest import SimulatedClient
from tests.simulator.receiver import Receiver, Taken
from tests.support.carrier import LINE, TOKEN, WOMAN, SimulatedCarrier

VALIDATOR = RequestValidator(TOKEN)


def accepted(taken: Taken, url: str | None = None, fields: dict[str, str] | None = None) -> bool:
    signed = taken.fields if fields is None else fields
    return bool(VALIDATOR.validate(url or taken.url, signed, taken.signature))


@pytest.fixture(params=["inbound", "receipt"])
def webhook(
    request: pytest.FixtureRequest, carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> Taken:
    if request.param == "inbound":
        carrier.text("ګډون SWAT7 + & = %")
        return receiver.wait_for("/messages")[0]
    client.messages.create(
        to=WOMAN, from_=LINE, body="Salaam", status_callback=f"{receiver.url}/receipts?d=%C3%A9&a=1+2#rc=2"
    )
    return receiver.wait_for("/receipts", 2)[1]


def test_the_published_vector() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }

    signature = sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", fields)

    assert signature == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert RequestValidator("12345").validate(
        "https://mycompany.com/myapp.php?foo=1&bar=2", fields, signature
    )


def test_the_carriers_validator_accepts_every_webhook(webhook: Taken) -> None:
    assert accepted(webhook)


def test_the_validator_rejects_every_changed_field(webhook: Taken) -> None:
    for name, value in webhook.fields.items():
        assert not accepted(webhook, fields={**webhook.fields, name: value + "x"}), name
        assert not accepted(webhook, fields={**webhook.fields, name + "x": value}), name
        if value:
            without = {other: held for other, held in webhook.fields.items() if other != name}
            assert not accepted(webhook, fields=without), name


def test_the_validator_rejects_another_address(webhook: Taken) -> None:
    assert not accepted(webhook, url=webhook.url + "&x=1")
    assert not accepted(webhook, url=webhook.url.replace("http://", "https://"))
    assert not accepted(webhook, url=webhook.url.replace("127.0.0.1", "localhost"))


def test_a_webhook_signed_with_another_token_is_rejected(
    carrier: SimulatedCarrier, receiver: Receiver
) -> None:
    carrier.post("faults", wrong_signature=1)

    carrier.text("JOIN")

    assert not accepted(receiver.wait_for("/messages")[0])


def test_a_webhook_carries_the_carriers_headers(webhook: Taken) -> None:
    assert webhook.headers["user-agent"] == "TwilioProxy/1.1"
    assert webhook.headers["content-type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert len(webhook.token) >= 16
