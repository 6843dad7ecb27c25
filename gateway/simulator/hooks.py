"""Calling the gateway's webhooks as the carrier does: signed, with its headers, its timeouts and its retries."""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urljoin

import aiohttp
from yarl import URL

from gateway.simulator import overrides
from gateway.simulator.clock import ShownClock
from gateway.simulator.overrides import Overrides
from gateway.simulator.signature import sign

log = logging.getLogger("paigham.simulator")

USER_AGENT = "TwilioProxy/1.1"
MOST_REDIRECTS = 3
MOST_ANSWER_BYTES = 256 * 1024
MOST_EVENTS = 1000
HTTP_FAILED, NO_CONNECTION = 11200, 11205


@dataclass(frozen=True, repr=False)
class Webhook:
    """One webhook to make. `copies` beyond one carry the same token; `together` sends them at the same moment."""

    url: str
    fields: Mapping[str, str]
    subject: str
    """The sid that the event is about."""
    fallback_url: str | None = None
    copies: int = 1
    together: bool = False
    is_forged: bool = False
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    method: str = "POST"
    """A GET carries the fields in its query."""


@dataclass(frozen=True, repr=False)
class Answer:
    """What came back with a status of 2xx."""

    content_type: str
    body: bytes
    url: str
    """Where it came from in the end."""


class WebhookFailed(Exception):
    """The webhook has no usable answer; `code` as in the carrier's debugger."""

    def __init__(self, code: int, trouble: str, status: int = 0) -> None:
        self.code, self.trouble, self.status = code, trouble, status
        super().__init__(f"webhook failed with {code} {trouble}")


@dataclass(frozen=True, repr=False)
class Event:
    """An entry of the carrier's debugger: never a number, never a text."""

    at: float
    code: int
    subject: str
    status: int


class Hooks:
    """The carrier's HTTP client, and the list of what went wrong with it."""

    def __init__(self, clock: ShownClock, auth_token: str) -> None:
        self._clock = clock
        self.auth_token = auth_token
        self.events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self._session: aiohttp.ClientSession

    async def start(self) -> None:
        # The idle time stays below that of common servers, so that a connection is rarely closed while in use.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=1.0)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        await self._session.close()

    def note(self, code: int, subject: str, status: int = 0) -> None:
        self.events.append(Event(self._clock.now(), code, subject, status))
        log.warning("webhook.trouble", extra={"code": code, "subject": subject, "status": status})

    async def call(self, webhook: Webhook) -> Answer | None:
        """The first usable answer, or None when there was none; troubles become events. Copies go out either way."""
        try:
            return await self.ask(webhook)
        except WebhookFailed:
            return None

    async def ask(self, webhook: Webhook) -> Answer:
        """The first usable answer. Raises `WebhookFailed` with the last trouble; each trouble is an event by then."""
        if webhook.together:
            outcomes = await asyncio.gather(*(self._with_fallback(webhook) for _ in range(webhook.copies)))
        else:
            outcomes = [await self._with_fallback(webhook) for _ in range(webhook.copies)]
        answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
        if not answers:
            raise next(outcome for outcome in outcomes if isinstance(outcome, WebhookFailed))
        return answers[0]

    async def _with_fallback(self, webhook: Webhook) -> Answer | WebhookFailed:
        try:
            return await self._with_retries(webhook, webhook.url, webhook.fields)
        except WebhookFailed as failure:
            self.note(failure.code, webhook.subject, failure.status)
            if webhook.fallback_url is None:
                return failure
            told = {
                **webhook.fields,
                "ErrorCode": str(failure.code),
                "ErrorUrl": overrides.split(webhook.url)[0],
            }
        try:
            return await self._with_retries(webhook, webhook.fallback_url, told)
        except WebhookFailed as failure:
            self.note(failure.code, webhook.subject, failure.status)
            return failure

    async def _with_retries(self, webhook: Webhook, address: str, fields: Mapping[str, str]) -> Answer:
        url, asked = overrides.split(address)
        tries_left = asked.retries
        while True:
            try:
                return await self._once(webhook, url, asked, fields)
            except WebhookFailed as failure:
                if tries_left == 0 or not asked.retries_after(failure.trouble):
                    raise
                tries_left -= 1

    async def _once(self, webhook: Webhook, url: str, asked: Overrides, fields: Mapping[str, str]) -> Answer:
        """One request, and where it is redirected to: by GET, without the fields."""
        method, sent = webhook.method, dict(fields)
        if method == "GET":
            url, sent = url + ("&" if "?" in url else "?") + _encode(fields).decode("ascii"), {}
        for _ in range(MOST_REDIRECTS + 1):
            status, content_type, location, body = await self._request(webhook, method, url, asked, sent)
            if status in (301, 302, 303) and location:
                url, method, sent = urljoin(url, location), "GET", {}
                continue
            if 200 <= status < 300:
                return Answer(content_type, body, url)
            raise WebhookFailed(HTTP_FAILED, f"{status // 100}xx", status)
        raise WebhookFailed(HTTP_FAILED, "redirects", 302)

    async def _request(
        self, webhook: Webhook, method: str, url: str, asked: Overrides, fields: Mapping[str, str]
    ) -> tuple[int, str, str | None, bytes]:
        token = "not the token" if webhook.is_forged else self.auth_token
        headers = {
            "User-Agent": USER_AGENT,
            "X-Twilio-Signature": sign(token, url, fields),
            "I-Twilio-Idempotency-Token": webhook.token,
            "Accept": "*/*",
        }
        data = None
        if method == "POST":
            data = _encode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        timeout = aiohttp.ClientTimeout(
            total=asked.total_ms / 1000, sock_connect=asked.connect_ms / 1000, sock_read=asked.read_ms / 1000
        )
        try:
            async with self._session.request(
                method,
                URL(url, encoded=True),
                data=data,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                body = await _read(response)
                content_type = response.headers.get("Content-Type", "")
                return response.status, content_type, response.headers.get("Location"), body
        except (aiohttp.ClientConnectionError, aiohttp.ConnectionTimeoutError, ConnectionError) as error:
            is_silent = isinstance(error, aiohttp.SocketTimeoutError)
            raise WebhookFailed(NO_CONNECTION, "rt" if is_silent else "ct") from None
        except TimeoutError:
            raise WebhookFailed(NO_CONNECTION, "rt") from None
        except (aiohttp.ClientError, ValueError):
            raise WebhookFailed(HTTP_FAILED, "protocol") from None


def _encode(fields: Mapping[str, str]) -> bytes:
    """A form body; most values need no quoting, and finding that out is quicker than quoting them."""
    pairs = (
        f"{name}={value if value.isascii() and value.isalnum() else quote_plus(value)}"
        for name, value in fields.items()
    )
    return "&".join(pairs).encode("ascii")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body, cut where it is longer than any answer the carrier would look at."""
    chunks = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        chunks += chunk
        if len(chunks) > MOST_ANSWER_BYTES:
            break
    return bytes(chunks)
