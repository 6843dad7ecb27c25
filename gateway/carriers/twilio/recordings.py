"""Fetching what people said: one recording, under a limit of bytes, straight into memory."""

from gateway.carriers.calls import RecordingGone, RecordingTooLarge
from gateway.carriers.carrier import CarrierUnreachable
from gateway.carriers.twilio.client import AddressedClient, PooledHttpClient, TooLarge
from gateway.carriers.twilio.trouble import NOT_FOUND, TROUBLE

API = "https://api.twilio.com/2010-04-01"


async def fetch(client: AddressedClient, http: PooledHttpClient, carrier_id: str, most_bytes: int) -> bytes:
    """The recording as WAV. The address is made from our account and the id, never taken from a request.
    Raises RecordingGone, RecordingTooLarge, CarrierUnreachable."""
    address = client.get_hostname(f"{API}/Accounts/{client.username}/Recordings/{carrier_id}.wav")
    try:
        status, content = await http.fetch(address, most_bytes=most_bytes)
    except TooLarge:
        raise RecordingTooLarge from None
    except TROUBLE as trouble:
        raise CarrierUnreachable(type(trouble).__name__) from None
    if status == NOT_FOUND:
        raise RecordingGone
    if status != 200:
        raise CarrierUnreachable(f"status {status}")
    return content
