"""A message's life on its line: rates, expiry, services, and texts that never arrive."""

from datetime import UTC, datetime

from tests.simulator.conftest import SimulatedClient
from tests.simulator.receiver import Receiver
from tests.support.carrier import ALPHA, LINE, WOMAN, SimulatedCarrier, a_config
from tests.support.waiting import until

SERVICE = "MG" + "1" * 32


def slow(carrier: SimulatedCarrier, parts_per_second: float) -> None:
    """Delays as in life, a line of this rate, and a clock that stands still."""
    config = a_config()
    config["lines"][0]["parts_per_second"] = parts_per_second
    carrier.post("config", **{**config, "pace": 1})
    carrier.post("clock", speed=0)


def arrived(carrier: SimulatedCarrier) -> int:
    return int(carrier.get("stats")["arrived"])


def test_a_line_sends_no_more_parts_than_its_rate(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    slow(carrier, parts_per_second=0.01)
    for _ in range(3):
        client.messages.create(to=WOMAN, from_=LINE, body="x" * 300)

    statuses: list[dict[str, int]] = []
    for _ in range(3):
        carrier.post("clock", advance=1)
        until(lambda: carrier.get("stats")["by_status"].get("queued", 0) < 3 - len(statuses))
        statuses.append(dict(carrier.get("stats")["by_status"]))
        carrier.post("clock", advance=200)

    assert [status.get("queued", 0) for status in statuses] == [2, 1, 0]


def test_lines_do_not_wait_for_each_other(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    slow(carrier, parts_per_second=0.01)
    client.messages.create(to=WOMAN, from_=LINE, body="x")
    client.messages.create(to=WOMAN, from_=LINE, body="x")
    quick = client.messages.create(to=WOMAN, from_=ALPHA, body="x").sid
    carrier.post("clock", speed=10)

    until(lambda: client.messages(quick).fetch().status == "delivered")

    assert carrier.get("stats")["by_status"].get("queued") == 1


def test_a_message_whose_turn_comes_too_late_fails_when_its_time_is_up(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    slow(carrier, parts_per_second=0.001)
    client.messages.create(to=WOMAN, from_=LINE, body="first")
    late = client.messages.create(
        to=WOMAN, from_=LINE, body="x", validity_period=60, status_callback=f"{receiver.url}/receipts"
    ).sid
    carrier.post("clock", advance=59)
    assert client.messages(late).fetch().status == "queued"

    carrier.post("clock", advance=2)

    (receipt,) = receiver.wait_for("/receipts")
    assert (receipt.fields["MessageStatus"], receipt.fields["ErrorCode"]) == ("failed", "30001")
    message = client.messages(late).fetch()
    assert (message.status, message.error_code, message.date_sent) == ("failed", 30001, None)


def test_a_line_takes_no_more_than_ten_hours_of_messages(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    slow(carrier, parts_per_second=0.00002)
    client.messages.create(to=WOMAN, from_=LINE, body="x")

    response = client.http_client.request(
        "POST",
        f"{carrier.url}/2010-04-01/Accounts/{client.account_sid}/Messages.json",
        data={"To": WOMAN, "From": LINE, "Body": "x"},
        auth=client.auth,
    )

    assert (response.status_code, '"code": 21611' in response.text) == (400, True)


def test_a_services_message_is_accepted_then_queued_and_sent_from_one_of_its_lines(
    carrier: SimulatedCarrier, client: SimulatedClient, receiver: Receiver
) -> None:
    carrier.post("config", services=[{"sid": SERVICE, "lines": [LINE, ALPHA]}])

    made = [
        client.messages.create(
            to=WOMAN,
            messaging_service_sid=SERVICE,
            body="Salaam",
            status_callback=f"{receiver.url}/receipts",
        )
        for _ in range(2)
    ]

    assert [(m.status, m.num_segments, m.from_) for m in made] == [("accepted", "0", None)] * 2
    until(lambda: arrived(carrier) == 2)
    receiver.wait_for("/receipts", 6)
    assert sorted(set(receiver.stages())) == ["delivered", "queued", "sent"]
    assert {m.from_ for m in client.messages.list()} == {LINE, ALPHA}


def test_a_scheduled_message_goes_out_at_its_time(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    carrier.post("config", services=[{"sid": SERVICE, "lines": [LINE]}])
    carrier.post("clock", speed=0)
    at = carrier.get("clock")["shown"] + 3600
    made = client.messages.create(
        to=WOMAN,
        messaging_service_sid=SERVICE,
        body="Salaam",
        schedule_type="fixed",
        send_at=datetime.fromtimestamp(at, UTC),
    )
    assert made.status == "scheduled"
    carrier.post("clock", advance=3500)
    assert arrived(carrier) == 0

    carrier.post("clock", advance=101)

    until(lambda: arrived(carrier) == 1)


def test_a_line_without_receipts_ends_at_sent(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    config = a_config()
    config["lines"][1]["receipts"] = False
    carrier.post("config", **config)

    sid = client.messages.create(to=WOMAN, from_=ALPHA, body="Salaam").sid

    until(lambda: carrier.inbox())
    assert client.messages(sid).fetch().status == "sent"


def test_copies_of_a_text_are_counted(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    for body in ("one", "one", "two"):
        client.messages.create(to=WOMAN, from_=LINE, body=body)
    client.messages.create(to="+923990007777", from_=LINE, body="one")

    until(lambda: arrived(carrier) == 4)

    stats = carrier.get("stats")
    assert (stats["created"], stats["repeated"], stats["delivered"]) == (4, 1, 4)
    hers = stats["handsets"][WOMAN]
    assert (hers["created"], hers["arrived"], hers["repeated"]) == (3, 3, 1)
    assert sorted(hers["arrived_bodies"].values()) == [1, 2]
    assert "handsets" not in carrier.get("stats?totals=1")
