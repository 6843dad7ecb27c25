"""What a request to the carrier's API says: its resource, its query, its form."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from gateway.simulator.errors import Refused
from gateway.simulator.messages import API_VERSION

MOST_FIELDS = 200

Path = tuple[str, ...]
Document = dict[str, object]
Reply = tuple[int, Document | bytes | None]
Form = Mapping[str, list[str]]


def resource(path: str, account: str) -> tuple[Path, str]:
    """The parts of the path below the account without their suffix, and the suffix. Raises `Refused` with 20404
    for the path of another account."""
    parts = path.split("/")
    if parts[:3] != ["", API_VERSION, "Accounts"] or len(parts) < 4:
        raise Refused(20404)
    last, dot, suffix = parts[-1].rpartition(".")
    below = (*parts[3:-1], last if dot else suffix)
    if below[0] != account:
        raise Refused(20404)
    return below[1:], suffix if dot else ""


def query(request: web.Request) -> Mapping[str, str]:
    """The fields of the address; of a repeated one the last counts."""
    return dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))


async def form(request: web.Request) -> Form:
    """The fields of the body with all their values. Split by hand: it is the load test's path."""
    try:
        pairs = (await request.read()).decode("ascii").split("&")
    except UnicodeDecodeError:
        raise Refused(20001) from None
    if len(pairs) > MOST_FIELDS:
        raise Refused(20001)
    fields: dict[str, list[str]] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        fields.setdefault(_plain(name), []).append(_plain(value))
    return fields


def last_values(fields: Form) -> Mapping[str, str]:
    """Of a repeated field the last value counts."""
    return {name: values[-1] for name, values in fields.items()}


def allow(request: web.Request, *methods: str) -> None:
    """Raises `Refused` with 20004 for any other method."""
    if request.method not in methods:
        raise Refused(20004)


def drop(request: web.Request) -> None:
    """Cut the connection; whatever is answered from here on reaches nobody."""
    if request.transport is not None:
        request.transport.abort()


def _plain(text: str) -> str:
    text = text.replace("+", " ")
    return unquote(text) if "%" in text else text
