"""For the web processes, which have no event loop: one thing asked of a carrier, in a loop of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.carriers.carrier import Carrier

T = TypeVar("T")


def fetch_recording(carrier: Carrier, carrier_id: str, *, most_bytes: int) -> bytes:
    """The sound of a recording. Raises RecordingGone, RecordingTooLarge, CarrierUnreachable."""
    return _alone(carrier, lambda: carrier.fetch_recording(carrier_id, most_bytes=most_bytes))


def end_call(carrier: Carrier, sid: str) -> None:
    """Hang a call up. Raises CarrierUnreachable."""
    _alone(carrier, lambda: carrier.end_call(sid))


def _alone(carrier: Carrier, ask: Callable[[], Awaitable[T]]) -> T:
    async def whole() -> T:
        try:
            return await ask()
        finally:
            await carrier.aclose()

    return asyncio.run(whole())
