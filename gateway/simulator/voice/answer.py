"""Reading the gateway's answer to a call, strictly: the verbs and attributes of one dialect, and nothing else."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.parsers import expat

from gateway.simulator.config import Dialect
from gateway.simulator.voice.verbs import (
    ANY_KEY,
    Gather,
    Hangup,
    Pause,
    Play,
    Record,
    Redirect,
    Reject,
    Say,
    Sound,
    Verb,
)

MOST_BYTES = 64 * 1024
MOST_SAID = 4096
TOO_LARGE, BAD_XML, BAD_VERB, BAD_TYPE = 11750, 12100, 12200, 12300
_XML_TYPES = frozenset({"text/xml", "application/xml"})


class AnswerWrong(Exception):
    """The answer cannot be carried out; `code` as in the carrier's debugger, `words` for the person who wrote it."""

    def __init__(self, code: int, words: str) -> None:
        self.code, self.words = code, words
        super().__init__(f"{code} {words}")


_NESTED = {"Gather": frozenset({"Say", "Play", "Pause"})}
_HAS_TEXT = frozenset({"Say", "Play", "Redirect"})
_ATTRIBUTES: dict[str, frozenset[str]] = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop"}),
    "Pause": frozenset({"length"}),
    "Gather": frozenset(
        {"input", "action", "method", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult"}
    ),
    "Record": frozenset(
        {
            "action",
            "method",
            "timeout",
            "finishOnKey",
            "maxLength",
            "playBeep",
            "trim",
            "recordingStatusCallback",
            "recordingStatusCallbackMethod",
            "recordingStatusCallbackEvent",
        }
    ),
    "Redirect": frozenset({"method"}),
    "Reject": frozenset({"reason"}),
    "Hangup": frozenset(),
}
_NOT_IN_SOMLENG = {"Gather": {"input"}, "Record": {"trim", "recordingStatusCallbackEvent"}}


def _attributes_of(dialect: Dialect) -> dict[str, frozenset[str]]:
    if dialect is Dialect.TWILIO:
        return _ATTRIBUTES
    kept = {name: attributes for name, attributes in _ATTRIBUTES.items() if name != "Pause"}
    return {name: attributes - _NOT_IN_SOMLENG.get(name, set()) for name, attributes in kept.items()}


_ALLOWED = {dialect: _attributes_of(dialect) for dialect in Dialect}


def read_answer(content_type: str, body: bytes, dialect: Dialect = Dialect.TWILIO) -> tuple[Verb, ...]:
    """The verbs in their order. Raises `AnswerWrong` with 11750, 12100, 12200 or 12300.

    A document type or an entity of its own is refused, never expanded.
    """
    if len(body) > MOST_BYTES:
        raise AnswerWrong(TOO_LARGE, f"The answer is longer than {MOST_BYTES} bytes.")
    if content_type.partition(";")[0].strip().lower() not in _XML_TYPES:
        raise AnswerWrong(BAD_TYPE, "The answer does not say that it is XML.")
    reading = _Reading(_ALLOWED[dialect])
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.opened
    parser.EndElementHandler = reading.closed
    parser.CharacterDataHandler = reading.words
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise AnswerWrong(BAD_XML, "The answer is not well-formed XML.") from None
    verbs = reading.verbs
    if any(isinstance(verb, Reject) for verb in verbs[1:]):
        raise AnswerWrong(BAD_VERB, "Reject stands only at the beginning.")
    return tuple(verbs)


def _no_doctype(*_: object) -> None:
    raise AnswerWrong(BAD_XML, "A document type is not taken.")


@dataclass(repr=False)
class _Element:
    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[Sound] = field(default_factory=list)


@dataclass(repr=False)
class _Reading:
    """Where the parser stands."""

    allowed: dict[str, frozenset[str]]
    verbs: list[Verb] = field(default_factory=list)
    _is_open: bool = False
    _path: list[_Element] = field(default_factory=list)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if not self._is_open:
            if name != "Response" or attributes:
                raise AnswerWrong(BAD_VERB, "The answer is not a Response.")
            self._is_open = True
            return
        if name not in self.allowed:
            raise AnswerWrong(BAD_VERB, f"{name} is not a verb of this carrier.")
        if self._path and name not in _NESTED.get(self._path[-1].name, ()):
            raise AnswerWrong(BAD_VERB, f"{name} does not stand inside {self._path[-1].name}.")
        for attribute in attributes:
            if attribute not in self.allowed[name]:
                raise AnswerWrong(BAD_VERB, f"{name} has no attribute {attribute}.")
        self._path.append(_Element(name, attributes))

    def closed(self, _name: str) -> None:
        if not self._path:
            return
        element = self._path.pop()
        made = _MAKERS[element.name](element)
        if not self._path:
            self.verbs.append(made)
        elif isinstance(made, Say | Play | Pause):
            self._path[-1].inside.append(made)

    def words(self, text: str) -> None:
        if self._path and self._path[-1].name in _HAS_TEXT:
            self._path[-1].text += text
        elif text.strip():
            where = self._path[-1].name if self._path else "Response"
            raise AnswerWrong(BAD_VERB, f"{where} holds no text.")


def _say(element: _Element) -> Say:
    text = element.text.strip()
    if not text or len(text) > MOST_SAID:
        raise AnswerWrong(BAD_VERB, f"Say holds 1 to {MOST_SAID} characters.")
    given = element.attributes
    return Say(text, given.get("language", ""), given.get("voice", ""), _times(element))


def _play(element: _Element) -> Play:
    url = element.text.strip()
    if not url:
        raise AnswerWrong(BAD_VERB, "Play names no address.")
    return Play(url, _times(element))


def _gather(element: _Element) -> Gather:
    given = element.attributes
    if given.get("input", "dtmf") != "dtmf":
        raise AnswerWrong(BAD_VERB, "Gather listens to keys alone here.")
    finish_key = given.get("finishOnKey", "#")
    if len(finish_key) > 1 or finish_key not in ANY_KEY:
        raise AnswerWrong(BAD_VERB, "finishOnKey is one key, or empty.")
    return Gather(
        sounds=tuple(element.inside),
        action=given.get("action"),
        method=_method(given, "method"),
        timeout_seconds=_number(given, "timeout", 5, least=1),
        most_keys=_number(given, "numDigits", 0, least=1) or None,
        finish_key=finish_key,
        asks_when_empty=_flag(given, "actionOnEmptyResult", default=False),
    )


def _record(element: _Element) -> Record:
    given = element.attributes
    finish_keys = given.get("finishOnKey", ANY_KEY)
    events = tuple(given.get("recordingStatusCallbackEvent", "completed").split())
    if not set(finish_keys) <= set(ANY_KEY):
        raise AnswerWrong(BAD_VERB, "finishOnKey names keys.")
    if not events or not set(events) <= {"in-progress", "completed", "absent"}:
        raise AnswerWrong(BAD_VERB, "recordingStatusCallbackEvent is in-progress, completed or absent.")
    return Record(
        action=given.get("action"),
        method=_method(given, "method"),
        timeout_seconds=_number(given, "timeout", 5, least=1),
        most_seconds=_number(given, "maxLength", 3600, least=2),
        finish_keys=finish_keys,
        beeps=_flag(given, "playBeep", default=True),
        trims=_one_of(given, "trim", ("trim-silence", "do-not-trim")) == "trim-silence",
        callback=given.get("recordingStatusCallback"),
        callback_method=_method(given, "recordingStatusCallbackMethod"),
        callback_events=events,
    )


_MAKERS: dict[str, Callable[[_Element], Verb]] = {
    "Say": _say,
    "Play": _play,
    "Pause": lambda element: Pause(_number(element.attributes, "length", 1, least=1)),
    "Gather": _gather,
    "Record": _record,
    "Redirect": lambda element: Redirect(element.text.strip(), _method(element.attributes, "method")),
    "Reject": lambda element: Reject(_one_of(element.attributes, "reason", ("rejected", "busy")) == "busy"),
    "Hangup": lambda _: Hangup(),
}
_MOST_TIMES = 1000


def _times(element: _Element) -> int:
    return _number(element.attributes, "loop", 1, least=0) or _MOST_TIMES


def _number(given: dict[str, str], name: str, default: int, *, least: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) < least:
        raise AnswerWrong(BAD_VERB, f"{name} is a whole number of at least {least}.")
    return int(text)


def _flag(given: dict[str, str], name: str, *, default: bool) -> bool:
    return _one_of(given, name, ("true", "false") if default else ("false", "true")) == "true"


def _method(given: dict[str, str], name: str) -> str:
    return _one_of(given, name, ("POST", "GET"))


def _one_of(given: dict[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """The first one is the default."""
    value = given.get(name, allowed[0])
    if value not in allowed:
        raise AnswerWrong(BAD_VERB, f"{name} is {' or '.join(allowed)}.")
    return value
