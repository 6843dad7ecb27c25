"""The carrier's HTTP API: `/2010-04-01/Accounts/{sid}/...`, form bodies in, JSON out."""

import base64
import hmac
import json
import secrets
from collections.abc import Mapping

from aiohttp import web

from gateway.simulator import resources, wire
from gateway.simulator.carrier import Carrier
from gateway.simulator.checks import check_order
from gateway.simulator.clock import ShownClock
from gateway.simulator.errors import Refused
from gateway.simulator.faults import Chance
from gateway.simulator.listing import list_messages
from gateway.simulator.manners import Manners
from gateway.simulator.messages import Message, as_json
from gateway.simulator.outcomes import Answer, ending_of
from gateway.simulator.receipts import Receipts
from gateway.simulator.store import Store
from gateway.simulator.voice.api import CallsApi
from gateway.simulator.voice.sound import WAV_TYPE


class Rest:
    """Answers every request under the API's prefix."""

    def __init__(
        self,
        carrier: Carrier,
        clock: ShownClock,
        store: Store,
        receipts: Receipts,
        chance: Chance,
        calls: CallsApi,
        manners: Manners,
    ) -> None:
        self._carrier, self._clock, self._store = carrier, clock, store
        self._receipts, self._chance = receipts, chance
        self._calls, self._manners = calls, manners
        self._running = 0
        self._turn = 0
        self.renew()

    def renew(self) -> None:
        """Take up a changed configuration."""
        config = self._carrier.config
        login = f"{config.account_sid}:{config.auth_token}".encode()
        self._login = "Basic " + base64.b64encode(login).decode("ascii")
        self._account = config.account_sid

    async def handle(self, request: web.Request) -> web.Response:
        self._running += 1
        try:
            status, document = await self._answer(request)
        except Refused as refusal:
            status, document = refusal.status, refusal.document()
        finally:
            self._running -= 1
        is_audio = isinstance(document, bytes)
        response = web.Response(
            status=status,
            body=document if is_audio or document is None else json.dumps(document).encode("ascii"),
            headers={
                "Content-Type": WAV_TYPE if is_audio else "application/json",
                "Twilio-Request-Id": "RQ" + secrets.token_hex(16),
                "Twilio-Concurrent-Requests": str(self._running + 1),
                "Server": "paigham-simulator",
            },
        )
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return response

    async def _answer(self, request: web.Request) -> wire.Reply:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), self._login.encode()):
            raise Refused(20003)
        most = self._carrier.config.requests_at_once
        if most and self._running > most:
            raise Refused(20429)
        path, suffix = wire.resource(request.path, self._account)
        if path[:1] in (("Calls",), ("Recordings",)):
            return await self._calls.answer(request, path, suffix)
        if suffix != "json":
            raise Refused(20404)
        if path == ():
            wire.allow(request, "GET")
            return 200, resources.account(self._account)
        if path == ("Messages",):
            if request.method == "POST":
                return await self._create(request)
            wire.allow(request, "GET")
            return 200, list_messages(self._store, self._account, wire.query(request))
        if path[0] == "Messages":
            return await self._one(request, self._find(path[1]), path[2:])
        if path[0] == "IncomingPhoneNumbers":
            return await self._numbers(request, path[1:])
        wire.allow(request, "GET")
        if path == ("Balance",):
            return 200, resources.balance(self._account)
        raise Refused(20404)

    async def _create(self, request: web.Request) -> wire.Reply:
        form = wire.last_values(await wire.form(request))
        config = self._carrier.config
        self._turn += 1
        order = check_order(form, config, self._clock.now(), self._turn)
        answer = ending_of(order.to).answer if config.endings else Answer.AT_ONCE
        self._manners.before(order.to, answer)
        message = self._carrier.accept(order)
        document = as_json(message, self._account)
        self._manners.taken(request, answer)
        if self._chance.strikes(self._receipts.faults.early):
            await self._receipts.report_first(message)
        await self._manners.linger(answer)
        return 201, document

    async def _one(self, request: web.Request, message: Message, rest: wire.Path) -> wire.Reply:
        if rest == ("Media",):
            wire.allow(request, "GET")
            return 200, resources.no_media(self._account, message.sid)
        if rest:
            raise Refused(20404)
        if request.method == "DELETE":
            if not message.is_settled:
                raise Refused(20009)
            self._store.delete(message)
            return 204, None
        if request.method == "POST":
            self._update(message, wire.last_values(await wire.form(request)))
        else:
            wire.allow(request, "GET")
        return 200, as_json(message, self._account)

    def _update(self, message: Message, form: Mapping[str, str]) -> None:
        is_redaction, is_cancel = form.get("Body") == "", form.get("Status") == "canceled"
        if is_redaction and is_cancel:
            raise Refused(30400)
        if is_cancel:
            self._carrier.cancel(message)
        elif is_redaction:
            self._store.redact(message)
        else:
            raise Refused(20001)

    async def _numbers(self, request: web.Request, rest: wire.Path) -> wire.Reply:
        config = self._carrier.config
        if not rest:
            wire.allow(request, "GET")
            return 200, resources.numbers(config, wire.query(request).get("PhoneNumber"))
        line = resources.line_of(config, rest[0])
        if request.method == "POST":
            line = resources.with_addresses(line, wire.last_values(await wire.form(request)))
            lines = tuple(line if held.address == line.address else held for held in config.lines)
            self._carrier.config = config.model_copy(update={"lines": lines})
        else:
            wire.allow(request, "GET")
        return 200, resources.number(config, line)

    def _find(self, sid: str) -> Message:
        message = self._store.by_sid.get(sid)
        if message is None:
            raise Refused(20404)
        return message
