"""A message as the carrier keeps it, and as its API writes it."""

import hashlib
import secrets
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

API_VERSION = "2010-04-01"


class Direction(StrEnum):
    """Which way a message goes, in the carrier's words."""

    INBOUND = "inbound"
    OUTBOUND = "outbound-api"
    REPLY = "outbound-reply"


class Status(StrEnum):
    """Where a message stands, in the carrier's words."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"


UNASSIGNED = frozenset({Status.ACCEPTED, Status.SCHEDULED})
WAITING = UNASSIGNED | {Status.QUEUED}


@dataclass(slots=True, repr=False)
class Message:
    """Times are Unix seconds of the shown clock. `payload` is the text still owed to the phone, `body` the text
    the API shows. `is_settled` says that nothing more will happen to it."""

    sid: str
    place: int
    direction: Direction
    sender: str
    to: str
    body: str
    payload: str
    digest: str
    parts: int
    status: Status
    created: float
    updated: float
    sent: float | None = None
    code: int | None = None
    service: str | None = None
    callback: str | None = None
    expires: float | None = None
    starts: float | None = None
    is_discarded: bool = False
    is_settled: bool = False
    is_deleted: bool = False


_NAMES = tuple(field.name for field in fields(Message))


def new_sid(prefix: str = "SM") -> str:
    """A fresh identifier in the carrier's form: the prefix and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def digest(text: str) -> str:
    """A short name for a text, by which copies of it are counted."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def to_record(message: Message) -> dict[str, Any]:
    """The message as plain values, for `from_record`."""
    return {name: getattr(message, name) for name in _NAMES}


def from_record(record: dict[str, Any]) -> Message:
    """The message kept by `to_record`, also after a passage through JSON."""
    known = {name: record[name] for name in _NAMES}
    known["direction"], known["status"] = Direction(known["direction"]), Status(known["status"])
    return Message(**known)


def rfc2822(moment: float | None) -> str | None:
    """A moment as the carrier writes dates in its answers, in UTC; None stays None."""
    return None if moment is None else _rfc2822(int(moment))


@lru_cache(maxsize=256)
def _rfc2822(second: int) -> str:
    moment = datetime.fromtimestamp(second, UTC)
    day, month = moment.weekday() * 3, (moment.month - 1) * 3
    return (
        f"{'MonTueWedThuFriSatSun'[day : day + 3]}, {moment:%d} "
        f"{'JanFebMarAprMayJunJulAugSepOctNovDec'[month : month + 3]} {moment:%Y %H:%M:%S} +0000"
    )


def as_json(message: Message, account_sid: str) -> dict[str, object]:
    """The resource `Message`: counts are strings, the error code a number or null, dates RFC 2822."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    is_assigned = message.status not in UNASSIGNED
    return {
        "body": message.body,
        "num_segments": str(message.parts) if is_assigned else "0",
        "direction": message.direction,
        "from": message.sender if is_assigned else None,
        "date_updated": rfc2822(message.updated),
        "price": None,
        "error_message": None,
        "uri": f"{uri}.json",
        "account_sid": account_sid,
        "num_media": "0",
        "to": message.to,
        "date_created": rfc2822(message.created),
        "status": message.status,
        "sid": message.sid,
        "date_sent": rfc2822(message.sent),
        "messaging_service_sid": message.service,
        "error_code": message.code,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
