"""The driver: one object that holds the account and hands each call to the module that knows it."""

from datetime import datetime

from gateway.carriers.carrier import (
    CarrierMessage,
    CarrierReceipt,
    Form,
    InboundText,
    Outcome,
    OutgoingText,
    RawRequest,
)
from gateway.carriers.twilio import ask, read, send, verify
from gateway.carriers.twilio.client import POOL_SIZE, AddressedClient, PooledHttpClient
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
        await ask.redact(self._client, sid)

    async def delete(self, sid: str) -> None:
        """Delete a message at the carrier."""
        await ask.delete(self._client, sid)

    async def is_gone(self, sid: str) -> bool:
        """Whether the carrier no longer has the message."""
        return await ask.is_gone(self._client, sid)

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
