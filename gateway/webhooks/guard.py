"""The guard of every webhook: POST, a form, small, signed by the carrier for our account, readable in one way only.

Bad requests get 4xx with an empty body; so does a fault of the guard itself, which then lets nobody in.
"""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Literal
from urllib.parse import parse_qsl

from flask import Response, request
from werkzeug.exceptions import HTTPException

from gateway.carriers.carrier import Carrier, Forged, Form, Malformed, RawRequest
from gateway.carriers.registry import carrier_for
from gateway.house import House

log = logging.getLogger("paigham.webhooks")

MOST_BYTES = 64 * 1024
MOST_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
Kind = Literal["text", "receipt", "call", "recording", "call_status"]
_CHECKS: Mapping[Kind, Callable[[Carrier, RawRequest], Form]] = {
    "text": lambda carrier, raw: carrier.verify_text(raw),
    "receipt": lambda carrier, raw: carrier.verify_receipt(raw),
    "call": lambda carrier, raw: carrier.verify_call(raw),
    "recording": lambda carrier, raw: carrier.verify_recording(raw),
    "call_status": lambda carrier, raw: carrier.verify_call_status(raw),
}


# A view behind the guard gets the carrier, the verified fields, and what stands in its path.
GuardedView = Callable[..., Response]


class _TurnedAway(Exception):
    """Not one of the carrier's requests, for a reason in one word and with a status of 4xx."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def guarded(house: House, carrier_name: str, kind: Kind, view: GuardedView) -> Callable[..., Response]:
    """`view` behind the guard, marked for the test that looks for routes without one."""

    @wraps(view)
    def checked(**path: Any) -> Response:
        try:
            carrier = carrier_for(house, carrier_name)
            form = _verified(house, carrier, kind)
        except _TurnedAway as away:
            log.warning("webhook.refused", extra={"kind": kind, "reason": away.reason, "status": away.status})
            return Response(status=away.status)
        except Exception as fault:  # noqa: BLE001 - whatever went wrong, nobody is let in and nothing is told
            log.error("webhook.guard_failed", extra={"kind": kind, "fault": type(fault).__name__})
            return Response(status=403)
        return view(carrier, form, **path)

    checked.__guarded__ = "carrier"  # type: ignore[attr-defined]
    return checked


def _verified(house: House, carrier: Carrier, kind: Kind) -> Form:
    raw = _raw_request(house)
    try:
        return _CHECKS[kind](carrier, raw)
    except Malformed:
        raise _TurnedAway(400, "malformed") from None
    except Forged:
        raise _TurnedAway(403, "forged") from None


def _raw_request(house: House) -> RawRequest:
    if request.method != "POST":
        raise _TurnedAway(405, "method")
    if request.mimetype != FORM:
        raise _TurnedAway(415, "not a form")
    return RawRequest(
        url=house.settings.public_url + _target(),
        pairs=_pairs(_body()),
        signature=request.headers.get("X-Twilio-Signature"),
        signature_settings=request.headers.get("X-Twilio-Webhooks-Signature-Settings"),
    )


def _target() -> str:
    """The request's target, byte for byte as it came: Flask's own idea of it is decoded (twilio.md trap 10)."""
    target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if not isinstance(target, str) or not target.startswith("/") or not target.isascii():
        raise _TurnedAway(400, "target")
    return target


def _body() -> bytes:
    if request.content_length is None:
        raise _TurnedAway(411, "length")
    if request.content_length > MOST_BYTES:
        raise _TurnedAway(413, "size")
    try:
        return request.stream.read(MOST_BYTES + 1)
    except (HTTPException, OSError, ValueError):
        raise _TurnedAway(400, "body") from None


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """Every pair of the form in its order, once decoded; bytes that are no UTF-8 are refused, never replaced."""
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise _TurnedAway(400, "form") from None
