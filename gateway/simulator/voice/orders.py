"""What the carrier refuses when it is asked to call somebody: its codes, in its order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.simulator.config import Config, Line, LineKind
from gateway.simulator.errors import Refused
from gateway.simulator.outcomes import TEST_SENDER
from gateway.simulator.voice.calls import CallEvent
from gateway.simulator.voice.endings import TEST_CALL_FROM, TEST_CALL_TO, ending_of
from gateway.simulator.voice.source import Source

LONGEST_TWIML = 4000
LONGEST_RING, USUAL_RING = 600, 60
LONGEST_CALL = 4 * 3600

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_SEND_DIGITS = re.compile(r"[0-9#*wW]{1,32}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]+", re.ASCII)
Form = Mapping[str, list[str]]


@dataclass(frozen=True, repr=False)
class Detection:
    """How the carrier finds out whether a machine answered. `callback` of None holds the first request up."""

    to_the_end: bool
    callback: str | None
    callback_method: str


@dataclass(frozen=True, repr=False)
class CallOrder:
    """A call the carrier is willing to make."""

    to: str
    line: Line
    source: Source
    ring_seconds: int
    most_seconds: int
    callback: str | None
    callback_method: str
    events: tuple[str, ...]
    detection: Detection | None


def check_call(form: Form, config: Config) -> CallOrder:
    """The order in the form, or `Refused`."""
    to = _callee(_text(form, "To"), config)
    line = _line(_text(form, "From"), config)
    # A whole call's recording is not simulated, and leaving it out in silence would be a lie.
    if _text(form, "Record") == "true":
        raise Refused(20001)
    return CallOrder(
        to=to,
        line=line,
        source=check_source(form),
        ring_seconds=_whole(form, "Timeout", USUAL_RING, LONGEST_RING, 21208),
        most_seconds=_whole(form, "TimeLimit", LONGEST_CALL, LONGEST_CALL, 20001),
        callback=_address(form, "StatusCallback", 21609),
        callback_method=_method(form, "StatusCallbackMethod"),
        events=_events(form),
        detection=_detection(form),
    )


def check_source(form: Form) -> Source:
    """What the form says that the call hears: `Url` wins over `Twiml`. Raises `Refused`."""
    url = _address(form, "Url", 21205)
    if url is not None:
        fallback = _address(form, "FallbackUrl", 21205)
        return Source(url, _method(form, "Method"), fallback_url=fallback)
    twiml = _text(form, "Twiml")
    if not twiml:
        raise Refused(21205)
    if len(twiml) > LONGEST_TWIML:
        raise Refused(32018)
    return Source("", twiml=twiml)


def _callee(to: str, config: Config) -> str:
    if not to:
        raise Refused(21201)
    if to in TEST_CALL_TO:
        raise Refused(TEST_CALL_TO[to])
    if not _E164.fullmatch(to):
        raise Refused(21211)
    if to.startswith(config.closed_countries):
        raise Refused(21215)
    if config.endings and (refusal := ending_of(to).refusal) is not None:
        raise Refused(refusal)
    return to


def _line(sender: str, config: Config) -> Line:
    if not sender:
        raise Refused(21213)
    if sender in TEST_CALL_FROM:
        raise Refused(TEST_CALL_FROM[sender])
    if sender == TEST_SENDER:
        return Line(address=TEST_SENDER)
    if not _E164.fullmatch(sender):
        raise Refused(21212)
    line = config.line(sender)
    if line is None or line.kind is LineKind.ALPHA:
        raise Refused(21210)
    return line


def _detection(form: Form) -> Detection | None:
    how = _text(form, "MachineDetection")
    digits = _text(form, "SendDigits")
    if digits and not _SEND_DIGITS.fullmatch(digits):
        raise Refused(21206)
    _whole(form, "MachineDetectionTimeout", 30, 59, 20001)
    # Keys that are sent to the callee leave no time to listen whether she is a machine.
    if not how or digits:
        return None
    if how not in ("Enable", "DetectMessageEnd"):
        raise Refused(20001)
    callback = None
    if _text(form, "AsyncAmd") == "true":
        callback = _address(form, "AsyncAmdStatusCallback", 21609) or ""
    return Detection(how == "DetectMessageEnd", callback, _method(form, "AsyncAmdStatusCallbackMethod"))


def _events(form: Form) -> tuple[str, ...]:
    """The SDK repeats the field for each event; some write them into one."""
    named = [event for value in form.get("StatusCallbackEvent", []) for event in value.split()]
    if not set(named) <= {event.value for event in CallEvent}:
        raise Refused(20001)
    return tuple(named) or (CallEvent.COMPLETED.value,)


def _address(form: Form, name: str, code: int) -> str | None:
    address = _text(form, name)
    if not address:
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise Refused(code) from None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or not address.isascii():
        raise Refused(code)
    return address


def _method(form: Form, name: str) -> str:
    method = _text(form, name) or "POST"
    if method not in ("GET", "POST"):
        raise Refused(21209)
    return method


def _whole(form: Form, name: str, default: int, most: int, code: int) -> int:
    text = _text(form, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
        raise Refused(code)
    return int(text)


def _text(form: Form, name: str) -> str:
    """Of a repeated field the last one counts."""
    return form[name][-1] if name in form else ""
