"""What the house asks of a carrier, in values of its own: no framework, no SDK, no exception text of either.

A carrier hands texts over and places calls, says what became of them, deletes what it holds, and vouches for what
it tells us. The values of calls are in `calls`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from campaigns.outreach.deliveries import DeliveryState
from campaigns.people.numbers import Number
from gateway.carriers.calls import CallReceipt, CallRequest, CarrierCall, OutgoingCall, RecordingReceipt


class ErrorKind(Enum):
    """What follows from a carrier's refusal or failure code."""

    PERMANENT = auto()  # this text will never reach this phone
    RETRY_LATER = auto()  # the same text may get through another time
    OPERATOR = auto()  # nothing will get through until somebody mends the account or the line
    OPTED_OUT = auto()  # the carrier knows of a STOP: it is ours to record


class CarrierState(Enum):
    """How far a message has come, in the carrier's words made few."""

    TAKEN = auto()
    SENT = auto()
    DELIVERED = auto()
    UNDELIVERED = auto()
    FAILED = auto()
    CANCELLED = auto()
    RECEIVED = auto()

    @property
    def delivery_state(self) -> DeliveryState:
        """The state of a delivery that this means; an inbound text has none and raises KeyError."""
        return _DELIVERY_STATES[self]


_DELIVERY_STATES = {
    CarrierState.TAKEN: DeliveryState.ACCEPTED,
    CarrierState.SENT: DeliveryState.SENT,
    CarrierState.DELIVERED: DeliveryState.DELIVERED,
    CarrierState.UNDELIVERED: DeliveryState.UNDELIVERED,
    CarrierState.FAILED: DeliveryState.FAILED,
    CarrierState.CANCELLED: DeliveryState.CANCELLED,
}


@dataclass(frozen=True)
class OutgoingText:
    """One text to hand over. `validity_seconds`: how long the carrier may try before it must let it go."""

    to: Number
    sender: str
    body: str = field(repr=False)
    callback_url: str
    validity_seconds: int


@dataclass(frozen=True)
class Accepted:
    """The carrier took it and calls it `sid` (opaque)."""

    sid: str


@dataclass(frozen=True)
class Refused:
    """The carrier did not take it, for certain. `code` is the carrier's own; None when it was never reached."""

    code: int | None
    kind: ErrorKind
    why: str
    retry_after_seconds: float | None = None


@dataclass(frozen=True)
class Unknown:
    """It may have been taken: only asking the carrier tells. Never send it again blindly."""

    why: str


Outcome = Accepted | Refused | Unknown


@dataclass(frozen=True)
class CarrierMessage:
    """A message as the carrier has it. `body_hash` is SHA-256 of the text; `at` is when it was made there."""

    sid: str
    to: Number
    sender: str = field(repr=False)
    body_hash: bytes
    state: CarrierState
    error: int | None
    at: datetime
    inbound: bool


class CarrierOptOut(Enum):
    """What the carrier itself made of a text, and has answered already."""

    STOP = auto()
    START = auto()
    HELP = auto()


@dataclass(frozen=True)
class InboundText:
    """A text from a phone to one of our lines. `at` is known only when the carrier was asked for it."""

    to: str
    sender: Number
    body: str = field(repr=False)
    carrier_id: str
    opt_out: CarrierOptOut | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class CarrierReceipt:
    """The carrier's word on a message that we handed over."""

    state: CarrierState
    error: int | None
    sid: str


@dataclass(frozen=True)
class RawRequest:
    """A webhook as it came in: `url` from our own settings and the raw request target; each pair as it stood in
    the body, in its order, decoded once."""

    url: str
    pairs: Sequence[tuple[str, str]] = field(repr=False)
    signature: str | None = field(repr=False)
    signature_settings: str | None = None


Form = Mapping[str, str]


class Forged(Exception):
    """The request is not signed by our carrier for our account."""


class Malformed(Exception):
    """The request cannot be what our carrier sends: a field is missing, doubled, unknown or of the wrong shape."""


class NotFromAPhone(Exception):
    """The text comes from something that is no telephone number, such as an operator's own sender name."""


class CarrierUnreachable(Exception):
    """The carrier gave no usable answer to a question; asking again later is safe."""


class Carrier(Protocol):
    """One carrier, both directions. `send` and `place_call` never raise; the other calls raise CarrierUnreachable."""

    @property
    def can_be_asked(self) -> bool:
        """Whether `ask` tells what became of a message whose hand-over broke off."""
        ...

    async def send(self, text: OutgoingText) -> Outcome:
        """Hand one text over, once, without any retry inside."""
        ...

    async def ask(self, since: datetime, until: datetime) -> list[CarrierMessage]:
        """Every message made at the carrier in [since, until], either direction; asked by time, never by number."""
        ...

    async def inbound(self, since: datetime, until: datetime) -> list[InboundText]:
        """Every text that phones sent us in [since, until], oldest first."""
        ...

    async def redact(self, sid: str) -> None:
        """Make the carrier forget a message's text."""
        ...

    async def delete(self, sid: str) -> None:
        """Make the carrier forget a message; does nothing when it has."""
        ...

    async def is_gone(self, sid: str) -> bool:
        """Whether the carrier no longer knows the message."""
        ...

    async def place_call(self, call: OutgoingCall) -> Outcome:
        """Have one call made, once, without any retry inside."""
        ...

    async def end_call(self, sid: str) -> None:
        """Hang a call up, or take it back while it still waits; does nothing when it is over."""
        ...

    async def ask_calls(self, since: datetime, until: datetime) -> list[CarrierCall]:
        """Every call made at the carrier in [since, until], either direction; asked by time, never by number."""
        ...

    async def delete_call(self, sid: str) -> None:
        """Make the carrier forget a call that is over; does nothing when it has."""
        ...

    async def is_call_gone(self, sid: str) -> bool:
        """Whether the carrier no longer knows the call."""
        ...

    async def fetch_recording(self, carrier_id: str, *, most_bytes: int) -> bytes:
        """The sound of a recording. Raises RecordingGone, RecordingTooLarge."""
        ...

    async def delete_recording(self, carrier_id: str) -> None:
        """Make the carrier forget a recording; does nothing when it has."""
        ...

    async def is_recording_gone(self, carrier_id: str) -> bool:
        """Whether the carrier no longer knows the recording."""
        ...

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        ...

    def verify_text(self, request: RawRequest) -> Form:
        """The fields of an inbound text. Raises Forged, Malformed."""
        ...

    def verify_receipt(self, request: RawRequest) -> Form:
        """The fields of a receipt. Raises Forged, Malformed."""
        ...

    def read_message(self, form: Form) -> InboundText:
        """The text in verified fields. Raises Malformed, NotFromAPhone."""
        ...

    def read_receipt(self, form: Form) -> CarrierReceipt:
        """The receipt in verified fields. Raises Malformed."""
        ...

    def verify_call(self, request: RawRequest) -> Form:
        """The fields of a question what to do in a call. Raises Forged, Malformed."""
        ...

    def verify_recording(self, request: RawRequest) -> Form:
        """The fields of the word that a recording is there. Raises Forged, Malformed."""
        ...

    def verify_call_status(self, request: RawRequest) -> Form:
        """The fields of the word on a call of ours. Raises Forged, Malformed."""
        ...

    def read_call(self, form: Form) -> CallRequest:
        """The question in verified fields. Raises Malformed."""
        ...

    def read_recording(self, form: Form) -> RecordingReceipt:
        """The word on a recording in verified fields. Raises Malformed."""
        ...

    def read_call_status(self, form: Form) -> CallReceipt:
        """The word on a call in verified fields. Raises Malformed."""
        ...
