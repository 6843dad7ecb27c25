"""Signing webhooks as the carrier does, written from its documentation and apart from the code that checks them."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

ACCOUNT = "AC" + "5" * 32
TOKEN = "the carrier's token in tests"
NEXT_TOKEN = "the token that comes next"
PUBLIC_URL = "https://gateway.example"
TEXTS = "/carrier/twilio/messages"


def signature(url: str, pairs: Iterable[tuple[str, str]], token: str = TOKEN) -> str:
    """base64(HMAC-SHA1(token, address + names and values in the order of the names))."""
    told = url + "".join(name + value for name, value in sorted(pairs))
    return base64.b64encode(hmac.new(token.encode(), told.encode(), hashlib.sha1).digest()).decode()


def body_of(pairs: Iterable[tuple[str, str]]) -> bytes:
    """The form as it goes over the wire."""
    return urlencode(list(pairs)).encode()


def text_fields(body: str, *, sender: str, to: str, sid: str, **more: str) -> dict[str, str]:
    """Every field of an inbound text, places empty as they mostly are."""
    places = {f"{side}{part}": "" for side in ("From", "To") for part in ("City", "State", "Zip", "Country")}
    return {
        **places,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": sender,
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
        **more,
    }


def receipt_fields(status: str, *, sid: str, to: str, sender: str, **more: str) -> Mapping[str, str]:
    """Every field of a receipt."""
    return {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "From": sender,
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": to,
        **more,
    }


def call_fields(
    *, caller: str, line: str, sid: str, status: str = "in-progress", **more: str
) -> dict[str, str]:
    """Every field of the question what to do in a call; `Digits`, a recording and the like come as `more`."""
    sides = ("Called", "Caller", "From", "To")
    places = {f"{side}{part}": "" for side in sides for part in ("City", "State", "Zip", "Country")}
    return {
        **places,
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": sid,
        "CallStatus": status,
        "Called": line,
        "Caller": caller,
        "Direction": "inbound",
        "From": caller,
        "To": line,
        **more,
    }


def recording_fields(status: str, *, sid: str, recording: str, seconds: int, **more: str) -> dict[str, str]:
    """Every field of the word that a recording is there."""
    return {
        "AccountSid": ACCOUNT,
        "CallSid": sid,
        "RecordingChannels": "1",
        "RecordingDuration": str(seconds),
        "RecordingSid": recording,
        "RecordingSource": "RecordVerb",
        "RecordingStartTime": "Wed, 18 Nov 2026 07:00:00 +0000",
        "RecordingStatus": status,
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording}",
        **more,
    }


def call_status_fields(status: str, *, sid: str, to: str, line: str, **more: str) -> dict[str, str]:
    """Every field of the word on a call of ours."""
    return {
        **call_fields(caller=line, line=to, sid=sid, status=status),
        "CallbackSource": "call-progress-events",
        "Direction": "outbound-api",
        "SequenceNumber": "0",
        "Timestamp": "Wed, 18 Nov 2026 07:00:00 +0000",
        **more,
    }
