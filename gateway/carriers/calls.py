"""Calls in values of the house: what a carrier tells of one, what is asked of it, and what it has recorded."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from campaigns.people.numbers import Number


class CallStage(Enum):
    """How far a call has come, in the carrier's words made few."""

    WAITING = auto()
    RINGING = auto()
    ON = auto()
    COMPLETED = auto()
    BUSY = auto()
    NO_ANSWER = auto()
    FAILED = auto()
    CANCELLED = auto()

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens in this call."""
        return self not in (CallStage.WAITING, CallStage.RINGING, CallStage.ON)


class AnsweredBy(Enum):
    """What the carrier takes for having answered; it errs in one call of ten."""

    HUMAN = auto()
    MACHINE = auto()
    UNSURE = auto()


@dataclass(frozen=True)
class OutgoingCall:
    """One call to make. The carrier asks `answer_url` what to say once it is answered, and tells `status_url` how it
    goes; with `detects_machines` it tells that address, too, when a machine answered, while we are talking already."""

    to: Number
    sender: str
    answer_url: str
    status_url: str
    ring_seconds: int
    most_seconds: int
    detects_machines: bool = True


@dataclass(frozen=True)
class TakenRecording:
    """What a caller has just said, lying at the carrier under `carrier_id` (opaque)."""

    carrier_id: str = field(repr=False)
    seconds: int
    hung_up: bool


@dataclass(frozen=True)
class CallRequest:
    """The carrier asks what to do next in a call. `line` is our address, `caller` the other end's phone, None when it
    is withheld. Without `key` nobody pressed one; `key` is a digit, `*` or `#`."""

    call_id: str = field(repr=False)
    line: str
    caller: Number | None = field(repr=False)
    is_outbound: bool
    key: str | None = field(repr=False, default=None)
    recording: TakenRecording | None = None
    answered_by: AnsweredBy | None = None
    is_over: bool = False


@dataclass(frozen=True)
class RecordingReceipt:
    """The carrier's word on a recording: it is there (`seconds` long), or there is none."""

    call_id: str = field(repr=False)
    carrier_id: str = field(repr=False)
    is_ready: bool
    seconds: int


@dataclass(frozen=True)
class CallReceipt:
    """The carrier's word on a call of ours; without a `stage` it only says what answered. `seconds` it was on."""

    sid: str
    stage: CallStage | None
    seconds: int | None = None
    sequence: int | None = None
    sip_code: int | None = None
    answered_by: AnsweredBy | None = None


@dataclass(frozen=True)
class CarrierCall:
    """A call as the carrier has it; `at` is when it was made there."""

    sid: str
    to: Number
    sender: str = field(repr=False)
    stage: CallStage
    at: datetime
    seconds: int | None
    inbound: bool
    answered_by: AnsweredBy | None = None


class RecordingGone(Exception):
    """The carrier has no such recording: never, not yet, or no longer."""


class RecordingTooLarge(Exception):
    """The recording has more bytes than were asked for at most."""
