"""Control of the simulator under `/sim/`: for its page and for tests, from this machine only."""

import secrets
from dataclasses import asdict
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from gateway.simulator import stats
from gateway.simulator.asking import (
    BadRequest,
    Document,
    Handler,
    body_of,
    guarded,
    json_answer,
    number,
    seconds,
    whole,
    words,
)
from gateway.simulator.config import Handset, explain
from gateway.simulator.exchange import Exchange
from gateway.simulator.phones import Phone
from gateway.simulator.voice.control import CallsControl

LONGEST_TEXT = 1600


class Control:
    """The handlers of `/sim/`. Bodies and answers are JSON; a refusal is 400 with `{"error": words}`."""

    def __init__(self, exchange: Exchange, console_url: str | None) -> None:
        self._exchange, self._console_url = exchange, console_url
        self._calls = CallsControl(exchange.switchboard, exchange.desk, exchange.phones)
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
            *self._calls.routes(),
            *(web.get(f"/sim/{name}", guarded(handler)) for name, handler in gets.items()),
            *(web.post(f"/sim/{name}", guarded(handler)) for name, handler in posts.items()),
        ]

    async def _state(self, request: web.Request) -> web.Response:
        """What has changed since the version the page knows; bubbles of the handsets `show` names (by id), or all."""
        since = whole(request.query.get("since", "0"))
        if request.query.get("epoch", self._epoch) != self._epoch:
            since = 0
        shown = request.query.get("show")
        ids = None if shown is None else {whole(part) for part in shown.split(",") if part}
        phones = self._exchange.phones
        phones.watch(ids)
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
            "calls": self._calls.on_screens(ids),
        }
        if since == 0:
            document["lines"] = [
                {
                    "address": line.address,
                    "kind": line.kind,
                    "two_way": line.is_reachable,
                    "name": line.name,
                    "takes_calls": line.voice_url is not None,
                }
                for line in self._exchange.config.lines
            ]
        return json_answer(document)

    async def _text(self, request: web.Request) -> web.Response:
        asked = await body_of(request)
        sender, to, body = (words(asked, name) for name in ("from", "to", "body"))
        if not body.strip():
            raise BadRequest("There is nothing to send.")
        if len(body) > LONGEST_TEXT:
            raise BadRequest(f"A text has {LONGEST_TEXT} characters at most.")
        message = self._exchange.inbound.text(sender, to, body)
        return json_answer({"sid": message.sid, "parts": message.parts})

    async def _outbox(self, request: web.Request) -> web.Response:
        phone = self._exchange.phones.get(number(request.query.get("handset", "")))
        if phone is None:
            raise BadRequest("There is no such handset.")
        return json_answer({"texts": [_bubble_document(bubble) for bubble in phone.bubbles]})

    async def _get_clock(self, _request: web.Request) -> web.Response:
        return json_answer(self._clock_document())

    async def _set_clock(self, request: web.Request) -> web.Response:
        asked, clock = await body_of(request), self._exchange.clock
        if not asked.keys() <= {"speed", "to", "advance", "set"}:
            raise BadRequest("The clock knows speed, to, advance and set.")
        if "speed" in asked:
            clock.run_at(seconds(asked["speed"]))
        if "to" in asked:
            clock.go_to(clock.next_local(words(asked, "to")))
        if "advance" in asked:
            clock.go_to(clock.now() + seconds(asked["advance"]))
        if "set" in asked:
            clock.go_to(seconds(asked["set"]))
        return json_answer(self._clock_document())

    async def _get_faults(self, _request: web.Request) -> web.Response:
        return json_answer(self._exchange.receipts.faults.model_dump())

    async def _set_faults(self, request: web.Request) -> web.Response:
        self._exchange.set_faults(self._exchange.receipts.faults.changed(await body_of(request)))
        return await self._get_faults(request)

    async def _get_config(self, _request: web.Request) -> web.Response:
        return json_answer(self._exchange.config.model_dump(mode="json", exclude={"auth_token"}))

    async def _set_config(self, request: web.Request) -> web.Response:
        self._exchange.configure(self._exchange.config.changed(await body_of(request)))
        return await self._get_config(request)

    async def _add_handset(self, request: web.Request) -> web.Response:
        try:
            handset = Handset.model_validate(await body_of(request))
        except ValidationError as error:
            raise BadRequest(explain(error)) from None
        return json_answer({"id": self._exchange.phones.remember(handset).id})

    async def _stats(self, request: web.Request) -> web.Response:
        store = self._exchange.store
        document = stats.totals(store, self._exchange.receipts.counts)
        document["unfinished_webhooks"] = self._exchange.unfinished_webhooks
        document["calls"] = self._calls.counts()
        if request.query.get("totals") != "1":
            wanted = request.query.get("handset")
            document["handsets"] = stats.by_handset(store, number(wanted) if wanted else None)
        return json_answer(document)

    async def _events(self, _request: web.Request) -> web.Response:
        return json_answer({"events": [asdict(event) for event in self._exchange.hooks.events]})

    async def _reset(self, _request: web.Request) -> web.Response:
        self._exchange.reset()
        return json_answer({"reset": True})

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
