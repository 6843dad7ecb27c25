"""The driver: one object that holds the account and hands each call to the module that knows it."""

from datetime import datetime

from gateway.carriers.calls import CallReceipt, CallRequest, CarrierCall, OutgoingCall, RecordingReceipt
from gateway.carriers.carrier import (
    CarrierMessage,
    CarrierReceipt,
    Form,
    InboundText,
    Outcome,
    OutgoingText,
    RawRequest,
)
from gateway.carriers.twilio import ask, forget, read, recordings, send, verify
from gateway.carriers.twilio.client import (
    POOL_SIZE,
    AddressedClient,
    PooledHttpClient,
    calls_of,
    messages_of,
    recordings_of,
)
from gateway.settings import Settings


class TwilioCarrier:
    """Twilio's REST interface and webhooks, for one account."""

    can_be_asked = True

    def __init__(self, settings: Settings, *, pool_size: int = POOL_SIZE) -> None:
        """Take account, tokens and address from the settings, which must hold an account."""
        account, token = settings.twilio_account_sid or "", settings.auth_tokens[0]
        self._http = PooledHttpClient(account, token, pool_size=pool_size)
        self._client = AddressedClient(account, token, self._http, settings.carrier_url)
        self._verifier = verify.Verifier(account, settings.auth_tokens)

    async def send(self, text: OutgoingText) -> Outcome:
        """Hand one text over, once."""
        return await send.send(self._client, text)

    async def ask(self, since: datetime, until: datetime) -> list[CarrierMessage]:
        """Every message made in the window."""
        return await ask.ask(self._client, since, until)

    async def inbound(self, since: datetime, until: datetime) -> list[InboundText]:
        """Every text from a phone in the window, oldest first."""
        return await ask.inbound(self._client, since, until)

    async def redact(self, sid: str) -> None:
        """Empty a message's text at the carrier."""
        await forget.redact(self._client, sid)

    async def delete(self, sid: str) -> None:
        """Delete a message at the carrier."""
        await forget.delete(messages_of(self._client)(sid))

    async def is_gone(self, sid: str) -> bool:
        """Whether the carrier no longer has the message."""
        return await forget.is_gone(messages_of(self._client)(sid))

    async def place_call(self, call: OutgoingCall) -> Outcome:
        """Have one call made, once."""
        return await send.place_call(self._client, call)

    async def end_call(self, sid: str) -> None:
        """Hang a call up, or take it back."""
        await send.end_call(self._client, sid)

    async def ask_calls(self, since: datetime, until: datetime) -> list[CarrierCall]:
        """Every call made in the window."""
        return await ask.ask_calls(self._client, since, until)

    async def delete_call(self, sid: str) -> None:
        """Delete a call that is over at the carrier."""
        await forget.delete(calls_of(self._client)(sid))

    async def is_call_gone(self, sid: str) -> bool:
        """Whether the carrier no longer has the call."""
        return await forget.is_gone(calls_of(self._client)(sid))

    async def fetch_recording(self, carrier_id: str, *, most_bytes: int) -> bytes:
        """A recording as WAV. Raises RecordingGone, RecordingTooLarge."""
        return await recordings.fetch(self._client, self._http, carrier_id, most_bytes)

    async def delete_recording(self, carrier_id: str) -> None:
        """Delete a recording at the carrier."""
        await forget.delete(recordings_of(self._client)(carrier_id))

    async def is_recording_gone(self, carrier_id: str) -> bool:
        """Whether the carrier no longer has the recording."""
        return await forget.is_gone(recordings_of(self._client)(carrier_id))

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        await self._http.aclose()

    def verify_text(self, request: RawRequest) -> Form:
        """The fields of an inbound text. Raises Forged, Malformed."""
        return self._verifier.fields(request, verify.TEXT)

    def verify_receipt(self, request: RawRequest) -> Form:
        """The fields of a receipt. Raises Forged, Malformed."""
        return self._verifier.fields(request, verify.RECEIPT)

    def read_message(self, form: Form) -> InboundText:
        """The text in verified fields. Raises NotFromAPhone."""
        return read.read_message(form)

    def read_receipt(self, form: Form) -> CarrierReceipt:
        """The receipt in verified fields. Raises Malformed."""
        return read.read_receipt(form)

    def verify_call(self, request: RawRequest) -> Form:
        """The fields of a question what to do in a call. Raises Forged, Malformed."""
        return self._verifier.fields(request, verify.CALL)

    def verify_recording(self, request: RawRequest) -> Form:
        """The fields of the word on a recording. Raises Forged, Malformed."""
        return self._verifier.fields(request, verify.RECORDING)

    def verify_call_status(self, request: RawRequest) -> Form:
        """The fields of the word on a call of ours. Raises Forged, Malformed."""
        return self._verifier.fields(request, verify.CALL_STATUS)

    def read_call(self, form: Form) -> CallRequest:
        """The question in verified fields."""
        return read.read_call(form)

    def read_recording(self, form: Form) -> RecordingReceipt:
        """The word on a recording in verified fields."""
        return read.read_recording(form)

    def read_call_status(self, form: Form) -> CallReceipt:
        """The word on a call in verified fields. Raises Malformed."""
        return read.read_call_status(form)
