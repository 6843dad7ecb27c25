"""The only writer of TwiML: texts in answer to a text, and what a call does next.

Of the verbs for calls only those are written that Twilio and Somleng share, each with the attributes that both know:
`Say Play Gather Record Redirect Reject Hangup`. Twilio has nothing that we would need beside them, and Somleng ends a
document at a verb it does not know. So one line runs on either, and nobody has to say which carrier it is.
The carrier refuses a document with a character that XML 1.0 does not know (error 12100), so those are left out.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from flask import Response

MOST_MESSAGES = 10  # more than these in one answer are refused (error 14109)
MOST_CHARACTERS = 1600  # of one message (error 21617)
MOST_SPOKEN = 4096  # characters of one Say (error 13510)
MOST_BYTES = 64_000  # of a whole document: 64 kB are refused (error 11750)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TooManyMessages(Exception):
    """One answer cannot hold so many texts."""


class DocumentTooLong(Exception):
    """The carrier would refuse so long a document, and end the call."""


@dataclass(frozen=True)
class Played:
    """A recording that the carrier fetches from `url`."""

    url: str = field(repr=False)


@dataclass(frozen=True)
class Said:
    """A text that the carrier's own voice reads: for drafts, and where nothing recorded can be reached."""

    text: str = field(repr=False)


Heard = Played | Said


def messages(texts: Sequence[str]) -> str:
    """The document that answers with these texts; none means: taken, nothing to say. Raises TooManyMessages."""
    if len(texts) > MOST_MESSAGES:
        raise TooManyMessages
    told = (_clean(text)[:MOST_CHARACTERS] for text in texts)
    return _document(_verb("Message", {}, escape(text)) for text in told if text.strip())


def asking(
    first: Sequence[Heard], inside: Sequence[Heard], *, action: str, silent: str, wait_seconds: int
) -> str:
    """Play `first` whole, then `inside` until a key is pressed, then wait so many seconds for one key.

    The key goes to `action`; without one the call goes on at `silent`. Every key is a key, `#` too.
    Raises DocumentTooLong.
    """
    gather = {
        "action": action,
        "method": "POST",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": str(wait_seconds),
    }
    return _document((*_heard(first), _verb("Gather", gather, "".join(_heard(inside))), _onwards(silent)))


def recording(
    first: Sequence[Heard],
    *,
    action: str,
    status: str,
    silent: str,
    most_seconds: int,
    silence_seconds: int,
    finish_on: str,
) -> str:
    """Play `first` whole, beep, and record until silence, a key of `finish_on` or `most_seconds`.

    The carrier goes on at `action`, tells `status` when the recording is there, and where nothing at all was
    recorded it goes on at `silent`. Raises DocumentTooLong.
    """
    record = {
        "action": action,
        "method": "POST",
        "timeout": str(silence_seconds),
        "maxLength": str(most_seconds),
        "finishOnKey": finish_on,
        "playBeep": "true",
        "recordingStatusCallback": status,
        "recordingStatusCallbackMethod": "POST",
    }
    return _document((*_heard(first), _verb("Record", record), _onwards(silent)))


def ending(last: Sequence[Heard]) -> str:
    """Play the last words and hang up. Raises DocumentTooLong."""
    return _document((*_heard(last), _verb("Hangup")))


def busy() -> str:
    """Refuse the call as busy: it is not answered, and costs nobody anything."""
    return _document((_verb("Reject", {"reason": "busy"}),))


def answer(*texts: str | None) -> Response:
    """The answer to a webhook of an inbound text."""
    return respond(messages([text for text in texts if text]))


def respond(document: str) -> Response:
    """A document on its way to the carrier."""
    return Response(document, status=200, content_type="text/xml; charset=utf-8")


def _document(verbs: Iterable[str]) -> str:
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'
    if len(document.encode()) > MOST_BYTES:
        raise DocumentTooLong
    return document


def _heard(sounds: Iterable[Heard]) -> list[str]:
    written = []
    for sound in sounds:
        if isinstance(sound, Played):
            written.append(_verb("Play", {}, escape(sound.url)))
        elif text := _clean(sound.text).strip()[:MOST_SPOKEN]:
            written.append(_verb("Say", {}, escape(text)))
    return written


def _onwards(url: str) -> str:
    return _verb("Redirect", {"method": "POST"}, escape(url))


def _verb(name: str, attributes: Mapping[str, str] | None = None, inside: str = "") -> str:
    told = "".join(f" {key}={quoteattr(value)}" for key, value in (attributes or {}).items())
    return f"<{name}{told}>{inside}</{name}>"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
