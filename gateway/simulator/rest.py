"""The carrier's HTTP API: `/2010-04-01/Accounts/{sid}/...`, form bodies in, JSON out."""

import asyncio
import base64
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from gateway.simulator import resources
from gateway.simulator.carrier import Carrier
from gateway.simulator.checks import check_order
from gateway.simulator.clock import ShownClock
from gateway.simulator.errors import Refused
from gateway.simulator.faults import Chance
from gateway.simulator.listing import list_messages
from gateway.simulator.messages import API_VERSION, Message, as_json
from gateway.simulator.outcomes import BUSY_TRIES, HANG_SECONDS, Answer, ending_of
from gateway.simulator.receipts import Receipts
from gateway.simulator.store import Store

MOST_FIELDS = 200

Path = tuple[str, ...]


class Rest:
    """Answers every request under the API's prefix."""

    def __init__(
        self, carrier: Carrier, clock: ShownClock, store: Store, receipts: Receipts, chance: Chance
    ) -> None:
        self._carrier, self._clock, self._store = carrier, clock, store
        self._receipts, self._chance = receipts, chance
        self._tries: Counter[str] = Counter()
        self._running = 0
        self._turn = 0
        self.renew()

    def renew(self) -> None:
        """Take up a changed configuration."""
        config = self._carrier.config
        login = f"{config.account_sid}:{config.auth_token}".encode()
        self._login = "Basic " + base64.b64encode(login).decode("ascii")
        self._account = config.account_sid

    def clear(self) -> None:
        self._tries.clear()

    async def handle(self, request: web.Request) -> web.Response:
        self._running += 1
        try:
            status, document = await self._answer(request)
        except Refused as refusal:
            status, document = refusal.status, refusal.document()
        finally:
            self._running -= 1
        response = web.Response(
            status=status,
            body=None if document is None else json.dumps(document).encode("ascii"),
            headers={
                "Content-Type": "application/json",
                "Twilio-Request-Id": "RQ" + secrets.token_hex(16),
                "Twilio-Concurrent-Requests": str(self._running + 1),
                "Server": "paigham-simulator",
            },
        )
        if status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
        return response

    async def _answer(self, request: web.Request) -> tuple[int, dict[str, object] | None]:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), self._login.encode()):
            raise Refused(20003)
        most = self._carrier.config.requests_at_once
        if most and self._running > most:
            raise Refused(20429)
        path = _resource(request.path, self._account)
        if path == ():
            _allow(request, "GET")
            return 200, resources.account(self._account)
        if path == ("Messages",):
            if request.method == "POST":
                return await self._create(request)
            _allow(request, "GET")
            return 200, list_messages(self._store, self._account, _query(request))
        if path[0] == "Messages":
            return await self._one(request, self._find(path[1]), path[2:])
        if path[0] == "IncomingPhoneNumbers":
            return await self._numbers(request, path[1:])
        _allow(request, "GET")
        if path == ("Balance",):
            return 200, resources.balance(self._account)
        raise Refused(20404)

    async def _create(self, request: web.Request) -> tuple[int, dict[str, object] | None]:
        form = await _form(request)
        config, faults = self._carrier.config, self._receipts.faults
        self._turn += 1
        order = check_order(form, config, self._clock.now(), self._turn)
        answer = ending_of(order.to).answer if config.endings else Answer.AT_ONCE
        if answer is Answer.BUSY_AT_FIRST:
            self._tries[order.to] += 1
        is_busy = answer is Answer.BUSY_AT_FIRST and self._tries[order.to] <= BUSY_TRIES
        if is_busy or self._chance.strikes(faults.too_many):
            raise Refused(20429)
        if answer is Answer.BROKEN or self._chance.strikes(faults.server_error):
            raise Refused(20500)
        message = self._carrier.accept(order)
        document = as_json(message, self._account)
        if answer is Answer.DROP or self._chance.strikes(faults.drop):
            _drop(request)
        if self._chance.strikes(faults.early):
            await self._receipts.report_first(message)
        if answer is Answer.HANG:
            await asyncio.sleep(HANG_SECONDS)
        return 201, document

    async def _one(
        self, request: web.Request, message: Message, rest: Path
    ) -> tuple[int, dict[str, object] | None]:
        if rest == ("Media",):
            _allow(request, "GET")
            return 200, resources.no_media(self._account, message.sid)
        if rest:
            raise Refused(20404)
        if request.method == "DELETE":
            if not message.is_settled:
                raise Refused(20009)
            self._store.delete(message)
            return 204, None
        if request.method == "POST":
            self._update(message, await _form(request))
        else:
            _allow(request, "GET")
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

    async def _numbers(self, request: web.Request, rest: Path) -> tuple[int, dict[str, object] | None]:
        config = self._carrier.config
        if not rest:
            _allow(request, "GET")
            return 200, resources.numbers(config, _query(request).get("PhoneNumber"))
        line = resources.line_of(config, rest[0])
        if request.method == "POST":
            line = resources.with_addresses(line, await _form(request))
            lines = tuple(line if held.address == line.address else held for held in config.lines)
            self._carrier.config = config.model_copy(update={"lines": lines})
        else:
            _allow(request, "GET")
        return 200, resources.number(config, line)

    def _find(self, sid: str) -> Message:
        message = self._store.by_sid.get(sid)
        if message is None:
            raise Refused(20404)
        return message


def _resource(path: str, account: str) -> Path:
    """The parts of the path below the account, without `.json`. Raises `Refused` with 20404 for any other path."""
    if not path.endswith(".json"):
        raise Refused(20404)
    parts = path.removesuffix(".json").split("/")
    if parts[:3] != ["", API_VERSION, "Accounts"] or len(parts) < 4 or parts[3] != account:
        raise Refused(20404)
    return tuple(parts[4:])


def _query(request: web.Request) -> Mapping[str, str]:
    return dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))


async def _form(request: web.Request) -> Mapping[str, str]:
    """The fields of the body. Of a repeated field the last one counts. Split by hand: it is the load test's path."""
    try:
        pairs = (await request.read()).decode("ascii").split("&")
    except UnicodeDecodeError:
        raise Refused(20001) from None
    if len(pairs) > MOST_FIELDS:
        raise Refused(20001)
    form = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        form[_plain(name)] = _plain(value)
    return form


def _plain(text: str) -> str:
    text = text.replace("+", " ")
    return unquote(text) if "%" in text else text


def _allow(request: web.Request, method: str) -> None:
    if request.method != method:
        raise Refused(20004)


def _drop(request: web.Request) -> None:
    """Cut the connection; whatever is answered from here on reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
