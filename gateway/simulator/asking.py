"""What the control endpoints share: who may ask, how a question is read, how it is answered."""

import ipaddress
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from gateway.simulator.clock import ClockRefused
from gateway.simulator.config import ConfigWrong
from gateway.simulator.faults import FaultsWrong
from gateway.simulator.inbound import TextRefused
from gateway.simulator.phones import HandsetExists
from gateway.simulator.voice.script import ScriptWrong
from gateway.simulator.voice.sound import NotSound
from gateway.simulator.voice.switchboard import CallRefused

Document = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]

_REFUSALS = (
    CallRefused,
    ClockRefused,
    ConfigWrong,
    FaultsWrong,
    NotSound,
    ScriptWrong,
    TextRefused,
)


class BadRequest(Exception):
    """What was asked cannot be done; the text says why in plain words."""


def is_local(request: web.Request) -> bool:
    """From this machine, and meant for it: a page of another site cannot reach in under a name of its own."""
    try:
        is_near = ipaddress.ip_address((request.remote or "").partition("%")[0]).is_loopback
    except ValueError:
        return False
    return is_near and urlsplit(f"//{request.host}").hostname in ("127.0.0.1", "localhost", "::1")


def guarded(handler: Handler) -> Handler:
    """The handler for this machine alone; a refusal is 400 with `{"error": words}`."""

    async def guarded(request: web.Request) -> web.Response:
        if not is_local(request):
            return json_answer({"error": "Only this machine may do that."}, status=403)
        try:
            return await handler(request)
        except HandsetExists:
            return json_answer({"error": "This handset is already there."}, status=400)
        except (BadRequest, *_REFUSALS) as refusal:
            return json_answer({"error": str(refusal)}, status=400)

    return guarded


async def body_of(request: web.Request) -> Document:
    """A JSON object. The content type is asked for because no other site's form can send it."""
    if request.content_type != "application/json":
        raise BadRequest("The body must be JSON, and say so.")
    try:
        document = json.loads(await request.read())
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(document, dict):
        raise BadRequest("The body must be one JSON object.")
    return document


def words(document: Document, name: str) -> str:
    """A text that must be there. Raises `BadRequest`."""
    value = document.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{name} is missing.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequest(f"{name} is not valid text.") from None
    return value


def seconds(value: object) -> float:
    """A number. Raises `BadRequest`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest("A number is missing.")
    return float(value)


def whole(text: str) -> int:
    """A whole number of an address. Raises `BadRequest`."""
    if not (text.isascii() and text.isdigit()):
        raise BadRequest("A whole number is missing.")
    return int(text)


def number(text: str) -> str:
    """A plus sign in an address reads as a space; both are taken."""
    return "+" + text.strip().lstrip("+")


def json_answer(document: Document, status: int = 200) -> web.Response:
    """A document that nobody keeps."""
    return web.Response(
        status=status,
        body=json.dumps(document).encode("ascii"),
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )
