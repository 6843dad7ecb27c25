"""The carrier's smaller resources: the account, its balance, its numbers, a message's (missing) media."""

import hashlib
from collections.abc import Mapping

from gateway.simulator.config import Config, Line, LineKind
from gateway.simulator.errors import Refused
from gateway.simulator.messages import API_VERSION


def account(sid: str) -> dict[str, object]:
    """The account's own resource."""
    return {
        "sid": sid,
        "friendly_name": "Simulated carrier",
        "status": "active",
        "type": "Full",
        "owner_account_sid": sid,
        "uri": f"/{API_VERSION}/Accounts/{sid}.json",
    }


def balance(sid: str) -> dict[str, object]:
    """The account's balance, which nothing here ever changes."""
    return {"account_sid": sid, "balance": "0.00", "currency": "USD"}


def no_media(sid: str, message_sid: str) -> dict[str, object]:
    """The empty list of media: texts have none."""
    base = f"/{API_VERSION}/Accounts/{sid}/Messages/{message_sid}/Media.json"
    return {"media_list": [], **_single_page(base, 0)}


def numbers(config: Config, wanted: str | None) -> dict[str, object]:
    """The account's telephone numbers; a sender with a name has none."""
    lines = [line for line in config.lines if line.kind is not LineKind.ALPHA]
    rows = [number(config, line) for line in lines if wanted in (None, "", line.address)]
    base = f"/{API_VERSION}/Accounts/{config.account_sid}/IncomingPhoneNumbers.json"
    return {"incoming_phone_numbers": rows, **_single_page(base, len(rows))}


def number(config: Config, line: Line) -> dict[str, object]:
    """One telephone number of the account."""
    sid = _number_sid(line)
    return {
        "sid": sid,
        "account_sid": config.account_sid,
        "friendly_name": line.address,
        "phone_number": line.address,
        "sms_url": line.sms_url or "",
        "sms_method": "POST",
        "sms_fallback_url": line.sms_fallback_url or "",
        "sms_fallback_method": "POST",
        "voice_url": line.voice_url or "",
        "voice_method": "POST",
        "voice_fallback_url": line.voice_fallback_url or "",
        "voice_fallback_method": "POST",
        "status_callback": line.voice_status_url or "",
        "status_callback_method": "POST",
        "capabilities": {"sms": line.is_reachable, "mms": False, "voice": True, "fax": False},
        "beta": False,
        "origin": "simulated",
        "api_version": API_VERSION,
        "uri": f"/{API_VERSION}/Accounts/{config.account_sid}/IncomingPhoneNumbers/{sid}.json",
    }


def line_of(config: Config, sid: str) -> Line:
    """Raises `Refused` with 20404 for a sid that no line has."""
    for line in config.lines:
        if line.kind is not LineKind.ALPHA and _number_sid(line) == sid:
            return line
    raise Refused(20404)


def with_addresses(line: Line, form: Mapping[str, str]) -> Line:
    """The line with the webhook addresses that the form names."""
    named = {
        "sms_url": "SmsUrl",
        "sms_fallback_url": "SmsFallbackUrl",
        "voice_url": "VoiceUrl",
        "voice_fallback_url": "VoiceFallbackUrl",
        "voice_status_url": "StatusCallback",
    }
    return line.model_copy(update={key: form[name] or None for key, name in named.items() if name in form})


def _number_sid(line: Line) -> str:
    return "PN" + hashlib.sha256(line.address.encode()).hexdigest()[:32]


def _single_page(base: str, rows: int) -> dict[str, object]:
    first = f"{base}?PageSize=50&Page=0"
    return {
        "uri": base,
        "first_page_uri": first,
        "next_page_uri": None,
        "previous_page_uri": None,
        "page": 0,
        "page_size": 50,
        "start": 0,
        "end": max(rows - 1, 0),
    }
