"""Making the carrier forget, and seeing that it did: texts, calls, recordings."""

from typing import Any

from gateway.carriers.carrier import CarrierUnreachable
from gateway.carriers.twilio.client import AddressedClient, messages_of
from gateway.carriers.twilio.trouble import TROUBLE, is_missing


async def redact(client: AddressedClient, sid: str) -> None:
    """Empty a message's text. Raises CarrierUnreachable."""
    try:
        await messages_of(client)(sid).update_async(body="")
    except TROUBLE as trouble:
        raise CarrierUnreachable(type(trouble).__name__) from None


async def delete(thing: Any) -> None:
    """Delete one of the SDK's resources; one that is gone already is well. Raises CarrierUnreachable."""
    try:
        await thing.delete_async()
    except TROUBLE as trouble:
        if not is_missing(trouble):
            raise CarrierUnreachable(type(trouble).__name__) from None


async def is_gone(thing: Any) -> bool:
    """Whether the carrier answers that it has no such resource. Raises CarrierUnreachable."""
    try:
        await thing.fetch_async()
    except TROUBLE as trouble:
        if is_missing(trouble):
            return True
        raise CarrierUnreachable(type(trouble).__name__) from None
    return False
