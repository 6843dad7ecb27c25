"""Control of the simulator under `/sim/`: for its page and for tests, from this machine only."""

import ipaddress
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import ValidationError

from gateway.simulator import stats
from gateway.simulator.clock import ClockRefused
from gateway.simulator.config import ConfigWrong, Handset, explain
from gateway.simulator.exchange import Exchange
from gateway.simulator.faults import FaultsWrong
from gateway.simulator.inbound import TextRefused
from gateway.simulator.phones import HandsetExists, Phone

Document = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]
LONGEST_TEXT = 1600


class BadRequest(Exception):
    """What was asked cannot be done; the text says why in plain words."""


class Control:
    """The handlers of `/sim/`. Bodies and answers are JSON; a refusal is 400 with `{"error": words}`."""

    def __init__(self, exchange: Exchange, console_url: str | None) -> None:
        self._exchange, self._console_url = exchange, console_url
        self._epoch = secrets.token_hex(4)

    def routes(self) -> list[web.RouteDef]:
        gets: dict[str, Handler] = {
            "state": self._state,
            "outbox": self._outbox,
            "clock": self._get_clock,
            "faults": self._get_faults,
            "config": self._get_config,
            "stats": self._stats,
            "events": self._events,
        }
        posts: dict[str, Handler] = {
            "text": self._text,
            "clock": self._set_clock,
            "faults": self._set_faults,
            "config": self._set_config,
            "handsets": self._add_handset,
            "reset": self._reset,
        }
        return [
            *(web.get(f"/sim/{name}", _guarded(handler)) for name, handler in gets.items()),
            *(web.post(f"/sim/{name}", _guarded(handler)) for name, handler in posts.items()),
        ]

    async def _state(self, request: web.Request) -> web.Response:
        """What has changed since the version the page knows; bubbles of the handsets `show` names (by id), or all."""
        since = _whole(request.query.get("since", "0"))
        if request.query.get("epoch", self._epoch) != self._epoch:
            since = 0
        shown = request.query.get("show")
        ids = None if shown is None else {_whole(part) for part in shown.split(",") if part}
        phones = self._exchange.phones
        document: Document = {
            "epoch": self._epoch,
            "version": phones.version,
            "clock": self._clock_document(),
            "faults": self._exchange.receipts.faults.model_dump(),
            "console_url": self._console_url,
            "handsets": [
                _phone(phone, since, with_bubbles=ids is None or phone.id in ids)
                for phone in phones
                if phone.version > since
            ],
        }
        if since == 0:
            document["lines"] = [
                {"address": line.address, "kind": line.kind, "two_way": line.is_reachable}
                for line in self._exchange.config.lines
            ]
        return _json(document)

    async def _text(self, request: web.Request) -> web.Response:
        asked = await _body(request)
        sender, to, body = (_words(asked, name) for name in ("from", "to", "body"))
        if not body.strip():
            raise BadRequest("There is nothing to send.")
        if len(body) > LONGEST_TEXT:
            raise BadRequest(f"A text has {LONGEST_TEXT} characters at most.")
        message = self._exchange.inbound.text(sender, to, body)
        return _json({"sid": message.sid, "parts": message.parts})

    async def _outbox(self, request: web.Request) -> web.Response:
        number = _number(request.query.get("handset", ""))
        phone = self._exchange.phones.get(number)
        if phone is None:
            raise BadRequest("There is no such handset.")
        return _json({"texts": [_bubble_document(bubble) for bubble in phone.bubbles]})

    async def _get_clock(self, _request: web.Request) -> web.Response:
        return _json(self._clock_document())

    async def _set_clock(self, request: web.Request) -> web.Response:
        asked, clock = await _body(request), self._exchange.clock
        if not asked.keys() <= {"speed", "to", "advance", "set"}:
            raise BadRequest("The clock knows speed, to, advance and set.")
        if "speed" in asked:
            clock.run_at(_seconds(asked["speed"]))
        if "to" in asked:
            clock.go_to(clock.next_local(_words(asked, "to")))
        if "advance" in asked:
            clock.go_to(clock.now() + _seconds(asked["advance"]))
        if "set" in asked:
            clock.go_to(_seconds(asked["set"]))
        return _json(self._clock_document())

    async def _get_faults(self, _request: web.Request) -> web.Response:
        return _json(self._exchange.receipts.faults.model_dump())

    async def _set_faults(self, request: web.Request) -> web.Response:
        self._exchange.set_faults(self._exchange.receipts.faults.changed(await _body(request)))
        return await self._get_faults(request)

    async def _get_config(self, _request: web.Request) -> web.Response:
        return _json(self._exchange.config.model_dump(mode="json", exclude={"auth_token"}))

    async def _set_config(self, request: web.Request) -> web.Response:
        self._exchange.configure(self._exchange.config.changed(await _body(request)))
        return await self._get_config(request)

    async def _add_handset(self, request: web.Request) -> web.Response:
        try:
            handset = Handset.model_validate(await _body(request))
        except ValidationError as error:
            raise BadRequest(explain(error)) from None
        return _json({"id": self._exchange.phones.remember(handset).id})

    async def _stats(self, request: web.Request) -> web.Response:
        store = self._exchange.store
        document = stats.totals(store, self._exchange.receipts.counts)
        document["unfinished_webhooks"] = self._exchange.unfinished_webhooks
        if request.query.get("totals") != "1":
            wanted = request.query.get("handset")
            document["handsets"] = stats.by_handset(store, _number(wanted) if wanted else None)
        return _json(document)

    async def _events(self, _request: web.Request) -> web.Response:
        return _json({"events": [asdict(event) for event in self._exchange.hooks.events]})

    async def _reset(self, _request: web.Request) -> web.Response:
        self._exchange.reset()
        return _json({"reset": True})

    def _clock_document(self) -> Document:
        clock = self._exchange.clock
        label, target = clock.next_opening()
        return {"shown": clock.now(), "speed": clock.speed, "jump": {"label": label, "to": target}}


def _phone(phone: Phone, since: int, *, with_bubbles: bool) -> Document:
    document: Document = {
        "id": phone.id,
        "number": phone.handset.number,
        "label": phone.handset.label,
        "language": phone.handset.language,
        "note": phone.note,
        "texts": phone.texts,
    }
    if with_bubbles:
        document["bubbles"] = [_bubble_document(bubble) for bubble in phone.bubbles if bubble.version > since]
    return document


def _bubble_document(bubble: Any) -> Document:
    return {
        "sid": bubble.sid,
        "hers": bubble.is_hers,
        "line": bubble.line,
        "text": bubble.text,
        "at": bubble.at,
        "parts": bubble.parts,
    }


def is_local(request: web.Request) -> bool:
    """From this machine, and meant for it: a page of another site cannot reach in under a name of its own."""
    try:
        is_near = ipaddress.ip_address((request.remote or "").partition("%")[0]).is_loopback
    except ValueError:
        return False
    return is_near and urlsplit(f"//{request.host}").hostname in ("127.0.0.1", "localhost", "::1")


def _guarded(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        if not is_local(request):
            return _json({"error": "Only this machine may do that."}, status=403)
        try:
            return await handler(request)
        except HandsetExists:
            return _json({"error": "This handset is already there."}, status=400)
        except (BadRequest, ClockRefused, ConfigWrong, FaultsWrong, TextRefused) as refusal:
            return _json({"error": str(refusal)}, status=400)

    return guarded


async def _body(request: web.Request) -> Document:
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


def _words(document: Document, name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{name} is missing.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadRequest(f"{name} is not valid text.") from None
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest("A number is missing.")
    return float(value)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadRequest("A whole number is missing.")
    return int(text)


def _number(text: str) -> str:
    """A plus sign in an address reads as a space; both are taken."""
    return "+" + text.strip().lstrip("+")


def _json(document: Document, status: int = 200) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(document).encode("ascii"),
        headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    )
