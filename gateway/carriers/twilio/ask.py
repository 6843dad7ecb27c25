"""Asking the carrier what it has, by time alone: a number never stands in an address."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.people.numbers import Number
from gateway.carriers.calls import CarrierCall
from gateway.carriers.carrier import CarrierMessage, CarrierUnreachable, InboundText
from gateway.carriers.twilio.client import AddressedClient, calls_of, messages_of
from gateway.carriers.twilio.read import answered_by, is_phone, seconds_of, stage_of, state_of
from gateway.carriers.twilio.trouble import TROUBLE

PAGE = 1_000
# The carrier's dates are whole seconds, and its clock is not ours.
MARGIN = timedelta(seconds=5)


async def ask(client: AddressedClient, since: datetime, until: datetime) -> list[CarrierMessage]:
    """Every message made in [since, until], widened by the carrier's coarse clock. Raises CarrierUnreachable.

    A message made in the window may be sent after it, or still wait without a date of sending: so there is no
    upper bound in the question, and the newest pages are read once more without any filter.
    """
    try:
        found: dict[str, CarrierMessage] = {}
        async for message in _listed(client, date_sent_after=(since - MARGIN).astimezone(UTC)):
            _keep(found, message, since, until)
        async for message in _listed(client):
            if message.date_created is not None and message.date_created < since - MARGIN:
                break
            _keep(found, message, since, until)
    except TROUBLE as trouble:
        raise CarrierUnreachable(type(trouble).__name__) from None
    return list(found.values())


async def inbound(client: AddressedClient, since: datetime, until: datetime) -> list[InboundText]:
    """Every text from a phone in [since, until], oldest first. Raises CarrierUnreachable."""
    texts = []
    window = {
        "date_sent_after": (since - MARGIN).astimezone(UTC),
        "date_sent_before": (until + MARGIN).astimezone(UTC),
    }
    try:
        async for message in _listed(client, **window):
            if message.direction == "inbound" and message.sid and is_phone(message.from_):
                texts.append(
                    InboundText(
                        to=message.to or "",
                        sender=Number(message.from_),
                        body=message.body or "",
                        carrier_id=message.sid,
                        at=message.date_sent or message.date_created,
                    )
                )
    except TROUBLE as trouble:
        raise CarrierUnreachable(type(trouble).__name__) from None
    return texts[::-1]


async def ask_calls(client: AddressedClient, since: datetime, until: datetime) -> list[CarrierCall]:
    """Every call made in [since, until], as `ask` does it: one that still waits for its turn has no time of its start.
    Raises CarrierUnreachable."""
    found: dict[str, CarrierCall] = {}
    try:
        async for call in await calls_of(client).stream_async(
            page_size=PAGE, start_time_after=(since - MARGIN).astimezone(UTC)
        ):
            _keep_call(found, call, since, until)
        async for call in await calls_of(client).stream_async(page_size=PAGE):
            if call.date_created is not None and call.date_created < since - MARGIN:
                break
            _keep_call(found, call, since, until)
    except TROUBLE as trouble:
        raise CarrierUnreachable(type(trouble).__name__) from None
    return list(found.values())


async def _listed(client: AddressedClient, **window: datetime) -> AsyncIterator[Any]:
    """The SDK's messages, newest first, every page of a thousand."""
    stream = await messages_of(client).stream_async(page_size=PAGE, **window)
    async for message in stream:
        yield message


def _keep(found: dict[str, CarrierMessage], message: Any, since: datetime, until: datetime) -> None:
    made = message.date_created
    if not message.sid or made is None or not since - MARGIN <= made <= until + MARGIN:
        return
    found[message.sid] = CarrierMessage(
        sid=message.sid,
        to=Number(message.to or ""),
        sender=message.from_ or "",
        body_hash=hashlib.sha256((message.body or "").encode("utf-8", "surrogatepass")).digest(),
        state=state_of(message.status),
        error=message.error_code,
        at=made,
        inbound=message.direction == "inbound",
    )


def _keep_call(found: dict[str, CarrierCall], call: Any, since: datetime, until: datetime) -> None:
    made = call.date_created or call.start_time
    if not call.sid or made is None or not since - MARGIN <= made <= until + MARGIN:
        return
    found[call.sid] = CarrierCall(
        sid=call.sid,
        to=Number(call.to or ""),
        sender=call.from_ or "",
        stage=stage_of(call.status),
        at=made,
        seconds=seconds_of(call.duration),
        inbound=call.direction == "inbound",
        answered_by=answered_by(call.answered_by),
    )
