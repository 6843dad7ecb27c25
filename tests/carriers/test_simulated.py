"""The driver against the simulated carrier: sending, asking, forgetting."""

import asyncio
import hashlib
import logging
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from campaigns.people.numbers import Number
from gateway.carriers.carrier import (
    Accepted,
    CarrierState,
    CarrierUnreachable,
    ErrorKind,
    OutgoingText,
    Refused,
    Unknown,
)
from gateway.carriers.twilio.driver import TwilioCarrier
from tests.carriers.conftest import driver_at
from tests.support.carrier import ALPHA, LINE, WOMAN, SimulatedCarrier
from tests.support.waiting import until

T = TypeVar("T")
HOUR = timedelta(hours=1)


def ran(carrier: TwilioCarrier, work: Coroutine[Any, Any, T]) -> T:
    """Run in a loop of its own and leave no connection behind."""

    async def whole() -> T:
        try:
            return await work
        finally:
            await carrier.aclose()

    return asyncio.run(whole())


def a_text(to: str = WOMAN, body: str = "امن کا پیغام", sender: str = ALPHA) -> OutgoingText:
    return OutgoingText(Number(to), sender, body, "https://gateway.example/carrier/twilio/receipts/1/0", 3600)


def test_a_text_is_handed_over_and_can_be_asked_for(
    simulator: SimulatedCarrier, driver: TwilioCarrier
) -> None:
    # When a text is handed over
    taken = ran(driver, driver.send(a_text()))
    assert isinstance(taken, Accepted)
    # Then the phone has it, and the carrier tells of it without being told a number
    until(lambda: [text["text"] for text in simulator.inbox()] == ["امن کا پیغام"], what="the text's arrival")
    now = datetime.now(UTC)
    (found,) = ran(driver, driver.ask(now - HOUR, now + HOUR))
    assert (found.sid, found.to, found.sender, found.inbound) == (taken.sid, Number(WOMAN), ALPHA, False)
    assert found.body_hash == hashlib.sha256("امن کا پیغام".encode()).digest()
    assert found.state is CarrierState.DELIVERED
    assert abs(found.at - now) < HOUR


def test_asking_follows_every_page_of_a_thousand(simulator: SimulatedCarrier, driver: TwilioCarrier) -> None:
    # Given more messages than a page holds
    async def send_all() -> list[object]:
        return await asyncio.gather(*(driver.send(a_text(body=f"no {n}")) for n in range(1_050)))

    taken = ran(driver, send_all())
    # Then all of them are found, each once
    now = datetime.now(UTC)
    found = ran(driver, driver.ask(now - HOUR, now + HOUR))
    assert sorted(one.sid for one in found) == sorted(one.sid for one in taken if isinstance(one, Accepted))
    assert len(found) == 1_050


def test_a_window_without_messages_is_empty(simulator: SimulatedCarrier, driver: TwilioCarrier) -> None:
    ran(driver, driver.send(a_text()))
    now = datetime.now(UTC)
    assert ran(driver, driver.ask(now - 3 * HOUR, now - 2 * HOUR)) == []


@pytest.mark.parametrize(
    ("to", "code", "kind"),
    [("+923", 21211, ErrorKind.PERMANENT), ("+923990000010", 21610, ErrorKind.OPTED_OUT)],
)
def test_a_refusal_has_its_code_and_kind(driver: TwilioCarrier, to: str, code: int, kind: ErrorKind) -> None:
    refused = ran(driver, driver.send(a_text(to)))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.kind) == (code, kind)
    assert to not in repr(refused)


def test_a_sender_that_is_not_ours_is_for_the_operator(driver: TwilioCarrier) -> None:
    refused = ran(driver, driver.send(a_text(sender="NOTOURS")))
    assert isinstance(refused, Refused)
    assert refused.kind is ErrorKind.OPERATOR


def test_a_wrong_token_is_for_the_operator(simulator: SimulatedCarrier) -> None:
    stranger = driver_at(simulator.url, token="wrong")
    refused = ran(stranger, stranger.send(a_text()))
    assert isinstance(refused, Refused)
    assert refused.kind is ErrorKind.OPERATOR
    now = datetime.now(UTC)
    with pytest.raises(CarrierUnreachable):
        ran(stranger, stranger.ask(now - HOUR, now))


def test_a_connection_dropped_after_the_carrier_took_it_is_unknown_and_sent_once(
    simulator: SimulatedCarrier, driver: TwilioCarrier
) -> None:
    # Given a number whose messages are taken while the answer is lost
    dropped = "+923990000777"
    # When a text goes there
    result = ran(driver, driver.send(a_text(dropped)))
    # Then we do not know, and asking finds it, once
    assert isinstance(result, Unknown)
    now = datetime.now(UTC)
    assert [one.to for one in ran(driver, driver.ask(now - HOUR, now + HOUR))] == [Number(dropped)]


def test_texts_that_came_in_are_listed_oldest_first(
    simulator: SimulatedCarrier, driver: TwilioCarrier
) -> None:
    sids = [simulator.text(body) for body in ("first", "b&c=d", "ودروه")]
    ran(driver, driver.send(a_text()))
    now = datetime.now(UTC)
    texts = ran(driver, driver.inbound(now - HOUR, now + HOUR))
    assert [text.carrier_id for text in texts] == sids
    assert [text.body for text in texts] == ["first", "b&c=d", "ودروه"]
    assert {(text.sender, text.to) for text in texts} == {(Number(WOMAN), LINE)}


def test_what_was_deleted_is_gone_and_deleting_again_is_well(
    simulator: SimulatedCarrier, driver: TwilioCarrier
) -> None:
    sid = simulator.text("something private")

    async def forget() -> tuple[bool, bool]:
        before = await driver.is_gone(sid)
        await driver.redact(sid)
        await driver.delete(sid)
        await driver.delete(sid)
        return before, await driver.is_gone(sid)

    assert ran(driver, forget()) == (False, True)


def test_neither_number_nor_text_is_in_any_log_or_error(
    simulator: SimulatedCarrier, driver: TwilioCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    # Given logs down to the smallest
    caplog.set_level(logging.DEBUG)
    # When sends succeed, are refused and break off, and the carrier is asked
    results = [
        ran(driver, driver.send(a_text(to, "canary"))) for to in (WOMAN, "+923990000010", "+923990000777")
    ]
    now = datetime.now(UTC)
    ran(driver, driver.ask(now - HOUR, now + HOUR))
    # Then nothing that is told holds them
    told = "".join(repr(vars(record)) + record.getMessage() for record in caplog.records) + repr(results)
    assert "canary" not in told
    assert "92399" not in told
    # And the client keeps neither in memory
    held = repr(vars(driver._http))
    assert "canary" not in held
    assert "92399" not in held


def test_the_environment_bends_no_address(
    simulator: SimulatedCarrier, driver: TwilioCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "TWILIO_REGION": "us1",
        "TWILIO_EDGE": "dublin",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    other = driver_at(simulator.url)
    assert isinstance(ran(other, other.send(a_text())), Accepted)
