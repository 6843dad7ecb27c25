"""A strict reader of what a call is told: the seven verbs, their attributes, their nesting, and no more."""

from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree import ElementTree

MOST_BYTES = 64 * 1024
# The verbs and attributes that Twilio and Somleng both know (reference/peers.md section 5).
VERBS: dict[str, frozenset[str]] = {
    "Say": frozenset({"voice", "language", "loop"}),
    "Play": frozenset({"loop"}),
    "Gather": frozenset({"action", "method", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult"}),
    "Record": frozenset(
        {"action", "method", "timeout", "maxLength", "finishOnKey", "playBeep"}
        | {"recordingStatusCallback", "recordingStatusCallbackMethod"}
    ),
    "Redirect": frozenset({"method"}),
    "Reject": frozenset({"reason"}),
    "Hangup": frozenset(),
}
INSIDE_GATHER = ("Say", "Play")
WITH_TEXT = ("Say", "Play", "Redirect")
ADDRESSES = ("action", "recordingStatusCallback")
ENDS = ("Hangup", "Redirect", "Reject")


@dataclass(frozen=True)
class Verb:
    """One verb of a document."""

    name: str
    attributes: dict[str, str]
    text: str
    inside: tuple["Verb", ...] = ()


def read_call(document: bytes) -> list[Verb]:
    """The verbs of a document for a call, in order. Fails on whatever one of the carriers would not take."""
    assert len(document) < MOST_BYTES
    assert b"<!" not in document
    root = ElementTree.fromstring(document)  # noqa: S314 - our own answer, and no document type in it
    assert root.tag == "Response"
    assert not root.attrib
    verbs = [_verb(child, ()) for child in root]
    assert verbs, "a call that is told nothing is hung up on"
    assert verbs[-1].name in ENDS, "the last verb decides how it goes on"
    assert all(verb.name not in ENDS for verb in verbs[:-1])
    if verbs[-1].name == "Reject":
        assert len(verbs) == 1, "only the first verb refuses a call without answering it"
    return verbs


def _verb(element: ElementTree.Element, above: tuple[str, ...]) -> Verb:
    assert element.tag in VERBS, element.tag
    assert element.attrib.keys() <= VERBS[element.tag], (element.tag, element.attrib)
    assert element.tag in INSIDE_GATHER if above else True
    assert len(above) <= 1
    assert element.tag == "Gather" or not len(element)
    text = (element.text or "").strip()
    assert bool(text) == (element.tag in WITH_TEXT), element.tag
    for name in ADDRESSES:
        _absolute(element.attrib.get(name))
    if element.tag in ("Play", "Redirect"):
        _absolute(text)
    if element.tag == "Gather":
        assert element.attrib["numDigits"] == "1"
        assert element.attrib["finishOnKey"] == ""
    inside = tuple(_verb(child, (*above, element.tag)) for child in element)
    return Verb(element.tag, dict(element.attrib), text, inside)


def _absolute(url: str | None) -> None:
    if url is not None:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https"), "a carrier of another kind would look for it with itself"
        assert parts.netloc
        assert not parts.query, "no query string stands in an address"
        assert url.isascii()


def played(verbs: list[Verb]) -> list[str]:
    """The addresses of everything that is played, in order."""
    return [one.text for verb in verbs for one in (verb, *verb.inside) if one.name == "Play"]


def next_step(verbs: list[Verb]) -> str | None:
    """Where a key, or what was recorded, goes."""
    return next((verb.attributes["action"] for verb in verbs if "action" in verb.attributes), None)


def when_silent(verbs: list[Verb]) -> str | None:
    """Where the call goes on when nothing is pressed."""
    return verbs[-1].text if verbs[-1].name == "Redirect" else None
