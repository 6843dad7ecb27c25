"""A call as the carrier keeps it, and as its API writes it."""

import uuid
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from gateway.simulator.config import Dialect
from gateway.simulator.messages import API_VERSION, new_sid, rfc2822


class Direction(StrEnum):
    """Who called, in the carrier's words."""

    INBOUND = "inbound"
    OUTBOUND = "outbound-api"


class CallStatus(StrEnum):
    """Where a call stands, in the carrier's words."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


OVER = frozenset(
    {
        CallStatus.COMPLETED,
        CallStatus.BUSY,
        CallStatus.FAILED,
        CallStatus.NO_ANSWER,
        CallStatus.CANCELED,
    }
)
# What a telephone network answers; a ring that nobody takes is ended with 487.
SIP_CODES = {
    CallStatus.COMPLETED: 200,
    CallStatus.BUSY: 486,
    CallStatus.FAILED: 404,
    CallStatus.NO_ANSWER: 487,
    CallStatus.CANCELED: 487,
}


class CallEvent(StrEnum):
    """What a status callback can be about."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    COMPLETED = "completed"


@dataclass(slots=True, repr=False)
class Call:
    """Moments are Unix seconds of the shown clock; `seconds` is how long the line was open, by the call's own time.

    `party` is the other side's number, `line` ours. `events` are those that `callback` is told of.
    """

    sid: str
    place: int
    direction: Direction
    line: str
    party: str
    status: CallStatus
    created: float
    updated: float
    started: float | None = None
    ended: float | None = None
    seconds: float | None = None
    queue_ms: int = 0
    answered_by: str | None = None
    callback: str | None = None
    callback_method: str = "POST"
    events: tuple[str, ...] = (CallEvent.COMPLETED.value,)
    sequence: int = 0
    is_silent: bool = False
    is_deleted: bool = False

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def caller(self) -> str:
        return self.party if self.direction is Direction.INBOUND else self.line

    @property
    def called(self) -> str:
        return self.line if self.direction is Direction.INBOUND else self.party


_NAMES = frozenset(field.name for field in fields(Call))


def to_record(call: Call) -> dict[str, Any]:
    """The call as plain values, for `from_record`."""
    return asdict(call)


def from_record(record: dict[str, Any]) -> Call:
    """The call kept by `to_record`, also after a passage through JSON."""
    known = {name: value for name, value in record.items() if name in _NAMES}
    known["direction"], known["status"] = Direction(known["direction"]), CallStatus(known["status"])
    known["events"] = tuple(known["events"])
    return Call(**known)


def sid_of(prefix: str, dialect: Dialect) -> str:
    """A fresh identifier in the carrier's form; Somleng's are UUIDs."""
    return new_sid(prefix) if dialect is Dialect.TWILIO else str(uuid.uuid4())


def whole_seconds(call: Call) -> int:
    """The length that is billed and told: whole seconds, at least one for a call that was answered."""
    return 0 if call.seconds is None else max(round(call.seconds), 1)


def as_json(call: Call, account_sid: str) -> dict[str, object]:
    """The resource `Call`: durations are strings, dates RFC 2822, prices never known."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Calls/{call.sid}"
    is_completed = call.status is CallStatus.COMPLETED
    names = ("Notifications", "Recordings", "Events")
    return {
        "sid": call.sid,
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "parent_call_sid": None,
        "from": call.caller,
        "from_formatted": call.caller,
        "to": call.called,
        "to_formatted": call.called,
        "phone_number_sid": None,
        "status": call.status,
        "direction": call.direction,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated),
        "start_time": rfc2822(call.started),
        "end_time": rfc2822(call.ended),
        "duration": str(whole_seconds(call)) if is_completed else None,
        "queue_time": str(call.queue_ms),
        "answered_by": call.answered_by,
        "forwarded_from": None,
        "caller_name": None,
        "group_sid": None,
        "trunk_sid": None,
        "price": None,
        "price_unit": "USD",
        "uri": f"{uri}.json",
        "subresource_uris": {name.lower(): f"{uri}/{name}.json" for name in names},
    }


def told_about(call: Call, account_sid: str) -> dict[str, str]:
    """The fields that every webhook about a call carries; places are empty and signed all the same."""
    sides = {"From": call.caller, "To": call.called, "Caller": call.caller, "Called": call.called}
    places = {f"{side}{part}": "" for side in sides for part in ("City", "State", "Zip", "Country")}
    told = {
        **places,
        **sides,
        "CallSid": call.sid,
        "AccountSid": account_sid,
        "CallStatus": call.status.value,
        "ApiVersion": API_VERSION,
        "Direction": call.direction.value,
    }
    if call.answered_by is not None:
        told["AnsweredBy"] = call.answered_by
    return told
