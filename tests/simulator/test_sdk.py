"""The carrier's own SDK, unmodified, drives the simulator."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.simulator.conftest import SimulatedClient
from tests.support.carrier import ACCOUNT, ALPHA, LINE, TOKEN, WOMAN, SimulatedCarrier
from tests.support.waiting import until

PASHTO = "ګودر: اتوار، 29 نومبر، سهار 11 بجې کمیونټي هال ته زموږ مرکې ته راشئ. چای به وي. ماشومان هم راولئ."


def shown_now(carrier: SimulatedCarrier) -> datetime:
    return datetime.fromtimestamp(carrier.get("clock")["shown"], UTC)


def test_a_message_is_made_with_the_carriers_own_field_types(client: SimulatedClient) -> None:
    made = client.messages.create_with_http_info(to=WOMAN, from_=LINE, body="Salaam")

    message = made.data
    assert made.status_code == 201
    assert message.sid.startswith("SM")
    assert (message.status, message.direction) == ("queued", "outbound-api")
    assert (message.num_segments, message.num_media) == ("1", "0")
    assert message.error_code is None
    assert message.date_sent is None
    assert message.date_created.tzinfo is not None
    assert made.headers["Twilio-Request-Id"].startswith("RQ")
    assert int(made.headers["Twilio-Concurrent-Requests"]) >= 1


def test_a_message_is_fetched_after_it_was_delivered(client: SimulatedClient) -> None:
    sid = client.messages.create(to=WOMAN, from_=ALPHA, body="Salaam").sid

    until(lambda: client.messages(sid).fetch().status == "delivered")

    message = client.messages(sid).fetch()
    assert (message.to, message.from_, message.body) == (WOMAN, ALPHA, "Salaam")
    assert message.date_sent >= message.date_created


def test_a_pashto_text_takes_its_parts_in_ucs2(client: SimulatedClient) -> None:
    assert 70 < len(PASHTO) <= 134
    assert client.messages.create(to=WOMAN, from_=LINE, body=PASHTO).num_segments == "2"


def test_a_long_list_is_walked_page_by_page_newest_first(client: SimulatedClient) -> None:
    made = [client.messages.create(to=WOMAN, from_=LINE, body=f"text {n}").sid for n in range(7)]

    listed = [message.sid for message in client.messages.list(page_size=3)]

    assert listed == made[::-1]


def test_messages_that_come_in_between_shift_no_page(client: SimulatedClient) -> None:
    made = [client.messages.create(to=WOMAN, from_=LINE, body=f"text {n}").sid for n in range(4)]
    first = client.messages.page(page_size=2)
    client.messages.create(to=WOMAN, from_=LINE, body="in between")

    second = first.next_page()

    assert second is not None
    assert [message.sid for message in second] == made[1::-1]


def test_a_list_is_narrowed_by_number(client: SimulatedClient) -> None:
    client.messages.create(to=WOMAN, from_=LINE, body="one")
    other = client.messages.create(to="+923990000102", from_=ALPHA, body="two").sid

    assert [m.sid for m in client.messages.list(to="+923990000102")] == [other]
    assert [m.sid for m in client.messages.list(from_=ALPHA)] == [other]
    assert client.messages.list(to="+923990000102", from_=LINE) == []


def test_a_list_is_narrowed_by_instant_and_by_day(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    before = client.messages.create(to=WOMAN, from_=LINE, body="before").sid
    carrier.post("clock", advance=3600)
    between = shown_now(carrier).replace(microsecond=0)
    carrier.post("clock", advance=10)
    after = client.messages.create(to=WOMAN, from_=LINE, body="after").sid
    today = shown_now(carrier).date()

    assert [m.sid for m in client.messages.list(date_sent_after=between)] == [after]
    assert [m.sid for m in client.messages.list(date_sent_before=between)] == [before]
    assert after in [m.sid for m in client.messages.list(date_sent=today)]
    assert client.messages.list(date_sent=today + timedelta(days=2)) == []
    assert client.messages.list(date_sent=date(2020, 1, 1)) == []


def test_inbound_texts_are_listed_with_their_date(carrier: SimulatedCarrier, client: SimulatedClient) -> None:
    since = shown_now(carrier).replace(microsecond=0)
    sid = carrier.text("JOIN")

    (message,) = client.messages.list(to=LINE, date_sent_after=since)

    assert (message.sid, message.direction, message.status) == (sid, "inbound", "received")
    assert message.date_sent is not None


def test_an_unread_filter_is_refused(client: SimulatedClient) -> None:
    with pytest.raises(Exception, match="Unable to fetch page"):
        client.messages.list(date_sent_after="yesterday")


def test_redaction_empties_the_record_and_leaves_the_phone_alone(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    sid = client.messages.create(to=WOMAN, from_=LINE, body="Salaam").sid
    until(lambda: carrier.inbox())

    assert client.messages(sid).update(body="").body == ""

    assert client.messages(sid).fetch().body == ""
    assert carrier.inbox()[0]["text"] == "Salaam"


def test_a_message_whose_text_is_not_kept_is_empty_from_the_start(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    client.messages.create(to=WOMAN, from_=LINE, body="Salaam", content_retention="discard")

    until(lambda: carrier.inbox())
    assert [message.body for message in client.messages.list(to=WOMAN)] == [""]


def test_a_deleted_message_is_gone_from_the_record(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    sid = client.messages.create(to=WOMAN, from_=LINE, body="Salaam").sid
    until(lambda: carrier.inbox())

    assert client.messages(sid).delete()

    with pytest.raises(TwilioRestException) as refusal:
        client.messages(sid).fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)
    assert client.messages.list() == []


def test_a_message_on_its_way_is_neither_deleted_nor_cancelled(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    carrier.post("config", pace=1)
    carrier.post("clock", speed=0)
    sid = client.messages.create(to=WOMAN, from_=LINE, body="Salaam").sid

    with pytest.raises(TwilioRestException) as refusal:
        client.messages(sid).delete()

    assert (refusal.value.status, refusal.value.code) == (409, 20009)


def test_a_message_is_cancelled_while_it_waits_and_not_after(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    carrier.post("config", pace=1)
    carrier.post("clock", speed=0)
    for _ in range(2):
        waiting = client.messages.create(to=WOMAN, from_=LINE, body=PASHTO).sid

    assert client.messages(waiting).update(status="canceled").status == "canceled"

    with pytest.raises(TwilioRestException) as refusal:
        client.messages(waiting).update(status="canceled")
    assert refusal.value.code == 30409
    carrier.post("clock", speed=1000)
    until(lambda: carrier.get("stats")["arrived"] == 1)
    assert client.messages(waiting).fetch().status == "canceled"


def test_media_numbers_balance_and_account_are_answered(client: SimulatedClient) -> None:
    sid = client.messages.create(to=WOMAN, from_=LINE, body="Salaam").sid

    assert client.messages(sid).media.list() == []
    (number,) = client.incoming_phone_numbers.list()
    assert (number.phone_number, number.capabilities["sms"]) == (LINE, True)
    assert (
        client.incoming_phone_numbers(number.sid).update(sms_url="http://127.0.0.1/x").sms_url.endswith("/x")
    )
    assert client.balance.fetch().currency == "USD"
    assert client.api.accounts(ACCOUNT).fetch().status == "active"


def test_a_wrong_token_is_refused(carrier: SimulatedCarrier) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        SimulatedClient(carrier.url, token=TOKEN + "x").messages.create(to=WOMAN, from_=LINE, body="x")
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_another_account_is_not_found(carrier: SimulatedCarrier) -> None:
    client = SimulatedClient(carrier.url)

    with pytest.raises(TwilioRestException) as refusal:
        client.api.accounts("AC" + "6" * 32).fetch()

    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_more_requests_at_once_than_allowed_are_turned_away(
    carrier: SimulatedCarrier, client: SimulatedClient
) -> None:
    carrier.post("config", requests_at_once=1)
    hanging = SimulatedClient(carrier.url)
    hanging.http_client.timeout = 5
    with ThreadPoolExecutor(1) as other, suppress(requests.Timeout):
        held = other.submit(hanging.messages.create, to="+923990010504", from_=LINE, body="hangs")
        until(lambda: carrier.get("stats?totals=1")["created"] == 1)

        with pytest.raises(TwilioRestException) as refusal:
            client.balance.fetch()

        assert (refusal.value.status, refusal.value.code) == (429, 20429)
        carrier.post("reset")
        held.result()
