"""Reading the answer to an inbound text, strictly: `<Response><Message>...</Message></Response>` and nothing else."""

from dataclasses import dataclass
from xml.parsers import expat

MOST_BYTES = 64 * 1024
MOST_MESSAGES = 10
_XML_TYPES = frozenset({"text/xml", "application/xml"})


class AnswerWrong(Exception):
    """The gateway's answer cannot be used; `code` is what the carrier's debugger would show."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"answer refused with {code}")


@dataclass
class _Reading:
    """Where the parser stands; `texts` are the messages read so far."""

    path: list[str]
    texts: list[str]

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        allowed = {(): "Response", ("Response",): "Message", ("Response", "Message"): "Body"}
        if allowed.get(tuple(self.path)) != name or attributes:
            raise AnswerWrong(12200)
        self.path.append(name)
        if name == "Message":
            self.texts.append("")

    def closed(self, _name: str) -> None:
        self.path.pop()

    def words(self, text: str) -> None:
        if len(self.path) >= 2:
            self.texts[-1] += text
        elif text.strip():
            raise AnswerWrong(12200)


def read_messages(content_type: str, body: bytes) -> list[str]:
    """The texts to send back, in order; none for an empty body. Raises `AnswerWrong` with 11750, 12100, 12200,
    12300 or 14109. A document type or an entity of its own is refused, never expanded."""
    if len(body) > MOST_BYTES:
        raise AnswerWrong(11750)
    if not body.strip():
        return []
    if content_type.partition(";")[0].strip().lower() not in _XML_TYPES:
        raise AnswerWrong(12300)
    reading = _Reading([], [])
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.opened
    parser.EndElementHandler = reading.closed
    parser.CharacterDataHandler = reading.words
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise AnswerWrong(12100) from None
    if len(reading.texts) > MOST_MESSAGES:
        raise AnswerWrong(14109)
    if not all(text.strip() for text in reading.texts):
        raise AnswerWrong(12200)
    return reading.texts


def _no_doctype(*_: object) -> None:
    raise AnswerWrong(12100)
