"""The only writer of TwiML: texts in answer to a text, and nothing else.

The carrier refuses a document with a character that XML 1.0 does not know (error 12100), so those are left out.
"""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from flask import Response

MOST_MESSAGES = 10  # more than these in one answer are refused (error 14109)
MOST_CHARACTERS = 1600  # of one message (error 21617)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TooManyMessages(Exception):
    """One answer cannot hold so many texts."""


def messages(texts: Sequence[str]) -> str:
    """The document that answers with these texts; none means: taken, nothing to say. Raises TooManyMessages."""
    if len(texts) > MOST_MESSAGES:
        raise TooManyMessages
    told = (escape(_NOT_XML.sub("", text)[:MOST_CHARACTERS]) for text in texts)
    inside = "".join(f"<Message>{text}</Message>" for text in told if text.strip())
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


def answer(*texts: str | None) -> Response:
    """The answer to a webhook of an inbound text."""
    document = messages([text for text in texts if text])
    return Response(document, status=200, content_type="text/xml; charset=utf-8")
