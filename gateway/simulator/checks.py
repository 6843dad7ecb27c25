"""What the carrier refuses when it is asked to take a message: its codes, in its order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import phonenumbers

from gateway.simulator.config import Config, Line, LineKind
from gateway.simulator.errors import Refused
from gateway.simulator.outcomes import TEST_FROM, TEST_SENDER, TEST_TO, ending_of

LONGEST_TEXT = 1600
LONGEST_VALIDITY = 36000
SOONEST_SCHEDULE, LATEST_SCHEDULE = 15 * 60, 35 * 86400

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SENDER = re.compile(r"\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 &+_-]{1,11}", re.ASCII)
_PAKISTAN_MOBILE = re.compile(r"\+923\d{9}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]+", re.ASCII)


@dataclass(frozen=True, repr=False)
class Order:
    """A message the carrier is willing to take."""

    to: str
    line: Line
    service: str | None
    body: str
    callback: str | None
    validity_seconds: int
    send_at: float | None
    is_discarded: bool


def check_order(form: Mapping[str, str], config: Config, now: float, turn: int) -> Order:
    """The order in the form, or `Refused`. `turn` chooses among the lines of a messaging service."""
    to = _receiver(form.get("To", ""), config)
    line, service = _sender(form, config, turn)
    body = form.get("Body", "")
    if not body and not form.get("MediaUrl") and not form.get("ContentSid"):
        raise Refused(21602)
    if len(body) > LONGEST_TEXT:
        raise Refused(21617)
    return Order(
        to=to,
        line=line,
        service=service,
        body=body,
        callback=_callback(form.get("StatusCallback")),
        validity_seconds=_validity(form.get("ValidityPeriod")),
        send_at=_send_at(form, service, now),
        is_discarded=form.get("ContentRetention") == "discard",
    )


def _receiver(to: str, config: Config) -> str:
    if not to:
        raise Refused(21604)
    if to in TEST_TO:
        raise Refused(TEST_TO[to])
    if not _E164.fullmatch(to):
        raise Refused(21211)
    if to.startswith(config.closed_countries):
        raise Refused(21408)
    if config.endings and (refusal := ending_of(to).refusal) is not None:
        raise Refused(refusal)
    if not _PAKISTAN_MOBILE.fullmatch(to) and _is_landline(to):
        raise Refused(21614)
    return to


def _is_landline(number: str) -> bool:
    """Read only for numbers that are not plainly mobile: the look into the tables is slow."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        raise Refused(21211) from None
    return phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.FIXED_LINE


def _sender(form: Mapping[str, str], config: Config, turn: int) -> tuple[Line, str | None]:
    if service_sid := form.get("MessagingServiceSid"):
        service = config.service(service_sid)
        lines = [config.line(address) for address in service.lines] if service else []
        usable = [line for line in lines if line is not None]
        if not usable:
            raise Refused(21705)
        return usable[turn % len(usable)], service_sid
    sender = form.get("From", "")
    if not sender:
        raise Refused(21603)
    if sender in TEST_FROM:
        raise Refused(TEST_FROM[sender])
    if sender == TEST_SENDER:
        return Line(address=TEST_SENDER, kind=LineKind.LONG), None
    if not _SENDER.fullmatch(sender):
        raise Refused(21212)
    line = config.line(sender)
    if line is None:
        raise Refused(21606)
    return line, None


def _callback(address: str | None) -> str | None:
    if not address:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise Refused(21609) from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or not address.isascii():
        raise Refused(21609)
    return address


def _validity(text: str | None) -> int:
    if not text:
        return LONGEST_VALIDITY
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LONGEST_VALIDITY):
        raise Refused(20001)
    return int(text)


def _send_at(form: Mapping[str, str], service: str | None, now: float) -> float | None:
    if not form.get("ScheduleType") and not form.get("SendAt"):
        return None
    if service is None:
        raise Refused(35118)
    try:
        moment = datetime.fromisoformat(form.get("SendAt", ""))
    except ValueError:
        raise Refused(35111) from None
    at = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    if not now + SOONEST_SCHEDULE <= at <= now + LATEST_SCHEDULE:
        raise Refused(35114)
    return at
