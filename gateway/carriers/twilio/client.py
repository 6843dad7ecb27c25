"""The SDK's client on an HTTP client of ours: real timeouts, no hidden retries, one pool for each event loop.

Closes the traps of reference/twilio.md section 0: the SDK's own asynchronous client has no timeout at all, repeats
creates on a fault, reads the environment, writes addresses into the log and keeps the last request in memory.
"""

import asyncio
import logging
import platform
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit
from weakref import WeakKeyDictionary

import aiohttp
from twilio import __version__ as sdk_version
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from yarl import URL

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
POOL_SIZE = 256
# Below what common servers keep an idle connection, so that one is rarely closed while it is being used.
KEEP_ALIVE_SECONDS = 4.0
MOST_REDIRECTS = 3
_FORM = "application/x-www-form-urlencoded"

# Its lines hold addresses, and lists are asked for by address.
logging.getLogger("twilio.http_client").setLevel(logging.CRITICAL)


class Throttled(Exception):
    """The carrier answered 429: it did nothing. `retry_after_seconds` only when it says so."""

    def __init__(self, retry_after_seconds: float | None) -> None:
        super().__init__("throttled")
        self.retry_after_seconds = retry_after_seconds


class ServerFault(Exception):
    """The carrier answered 5xx: what it did is not known."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class TooLarge(Exception):
    """The carrier's answer is longer than what was asked for at most."""


class PooledHttpClient(AsyncHttpClient):  # type: ignore[misc]  # the SDK carries no types
    """The SDK's idea of an HTTP client, on aiohttp. Never logs, never keeps a request or a response."""

    def __init__(self, username: str, password: str, *, pool_size: int = POOL_SIZE) -> None:
        """Take the credentials once; open nothing until an event loop asks."""
        super().__init__(logging.getLogger("twilio.http_client"), True, TOTAL_SECONDS)
        credentials = b64encode(f"{username}:{password}".encode()).decode("ascii")
        self._headers = {"Authorization": f"Basic {credentials}"}
        self._pool_size = pool_size
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request, one answer. Raises Throttled, ServerFault, aiohttp's ClientError, TimeoutError."""
        if params:
            url = f"{url}?{urlencode(dict(params), doseq=True)}"
        body = (
            urlencode(dict(data), doseq=True, quote_via=quote_plus).encode("ascii")
            if data is not None
            else None
        )
        async with self._session().request(
            method,
            URL(url, encoded=True),
            data=body,
            headers={**(headers or {}), **self._headers},
            allow_redirects=False,
        ) as response:
            text = (await response.read()).decode("utf-8", "replace")
            if response.status == 429:
                raise Throttled(_seconds(response.headers.get("Retry-After")))
            if response.status >= 500:
                raise ServerFault(response.status)
            return Response(response.status, text, response.headers)

    async def fetch(self, url: str, *, most_bytes: int) -> tuple[int, bytes]:
        """The status and the bytes at an address of the carrier's. It may lead on to its store of files, which is not
        shown our credentials. Raises TooLarge, Throttled, ServerFault, aiohttp's ClientError, TimeoutError."""
        async with self._session().get(
            URL(url, encoded=True), headers=self._headers, max_redirects=MOST_REDIRECTS
        ) as response:
            if response.status == 429:
                raise Throttled(_seconds(response.headers.get("Retry-After")))
            if response.status >= 500:
                raise ServerFault(response.status)
            content = bytearray()
            async for piece in response.content.iter_chunked(64 * 1024):
                content += piece
                if len(content) > most_bytes:
                    raise TooLarge
            return response.status, bytes(content)

    async def aclose(self) -> None:
        """Close the running loop's pool; the next request of that loop opens another."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._pool_size, keepalive_timeout=KEEP_ALIVE_SECONDS, ttl_dns_cache=300
                ),
                # `connect` also bounds the wait for a free connection: nothing was sent then either.
                timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
            self._sessions[loop] = session
        return session


class AddressedClient(Client):  # type: ignore[misc]  # the SDK carries no types
    """The SDK's client, at the address that the settings name, deaf to the environment."""

    def __init__(
        self, account_sid: str, auth_token: str, http_client: PooledHttpClient, base_url: str | None
    ) -> None:
        """`base_url` replaces scheme, host and port of every call; None means the carrier's own address."""
        # A mapping that is not empty keeps the SDK from reading TWILIO_REGION and TWILIO_EDGE, which bend addresses.
        super().__init__(account_sid, auth_token, http_client=http_client, environment={"read": "nothing"})
        self._base_url = base_url
        self._fixed_headers = {
            "User-Agent": f"twilio-python/{sdk_version} ({platform.system()} {platform.machine()}) "
            f"Python/{platform.python_version()}",
            "X-Twilio-Client": f"python-{sdk_version}",
            "Accept-Charset": "utf-8",
        }

    def get_hostname(self, uri: str) -> str:
        """The address to call: ours, with the path and query of `uri`."""
        if self._base_url is None:
            return uri
        parts = urlsplit(uri)
        return f"{self._base_url}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def get_headers(self, method: str, headers: dict[str, str] | None) -> dict[str, str]:
        """The SDK's own headers, worked out once instead of with each call."""
        merged = {**self._fixed_headers, "Accept": "application/json", **(headers or {})}
        if method in ("POST", "PUT"):
            merged.setdefault("Content-Type", _FORM)
        return merged


def _seconds(header: str | None) -> float | None:
    """Retry-After as seconds; its other form, a date, is not worth a parser here."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def messages_of(client: AddressedClient) -> Any:
    """The SDK's list of messages of our account."""
    return client.api.v2010.account.messages


def calls_of(client: AddressedClient) -> Any:
    """The SDK's list of calls of our account."""
    return client.api.v2010.account.calls


def recordings_of(client: AddressedClient) -> Any:
    """The SDK's list of recordings of our account."""
    return client.api.v2010.account.recordings
