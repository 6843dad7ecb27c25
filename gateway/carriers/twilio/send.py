"""Handing over: one text, or one call to make; what is certain, what is not, and never a second try inside."""

from gateway.carriers.calls import OutgoingCall
from gateway.carriers.carrier import CarrierUnreachable, Outcome, OutgoingText
from gateway.carriers.twilio.client import AddressedClient, calls_of, messages_of
from gateway.carriers.twilio.trouble import TROUBLE, is_missing, outcome_of

CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
ALREADY_OVER = 400  # the carrier's status for a call that cannot be changed any more


async def send(client: AddressedClient, text: OutgoingText) -> Outcome:
    """Create one message."""
    return await outcome_of(
        messages_of(client).create_async(
            to=text.to.e164,
            from_=text.sender,
            body=text.body,
            status_callback=text.callback_url,
            validity_period=text.validity_seconds,
        )
    )


async def place_call(client: AddressedClient, call: OutgoingCall) -> Outcome:
    """Create one call. Machines are looked for while it is on: a person is not kept waiting in silence (R28)."""
    looking = {
        "machine_detection": "Enable",
        "async_amd": "true",
        "async_amd_status_callback": call.status_url,
        "async_amd_status_callback_method": "POST",
    }
    return await outcome_of(
        calls_of(client).create_async(
            to=call.to.e164,
            from_=call.sender,
            url=call.answer_url,
            method="POST",
            status_callback=call.status_url,
            status_callback_method="POST",
            status_callback_event=CALL_EVENTS,
            timeout=call.ring_seconds,
            time_limit=call.most_seconds,
            **(looking if call.detects_machines else {}),
        )
    )


async def end_call(client: AddressedClient, sid: str) -> None:
    """Complete a call; one that is over already is well. Raises CarrierUnreachable."""
    try:
        await calls_of(client)(sid).update_async(status="completed")
    except TROUBLE as trouble:
        if not is_missing(trouble) and getattr(trouble, "status", None) != ALREADY_OVER:
            raise CarrierUnreachable(type(trouble).__name__) from None
