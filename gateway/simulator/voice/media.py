"""The audio that the gateway serves: fetched once, kept as long as its headers allow, checked before it plays."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

import aiohttp
from yarl import URL

from gateway.simulator.clock import ShownClock
from gateway.simulator.hooks import HTTP_FAILED, NO_CONNECTION, USER_AGENT
from gateway.simulator.voice.sound import AUDIO_TYPES, NotSound, seconds_of

NOT_AUDIO = 13420
WAIT_SECONDS = 15.0
LARGEST_BYTES = 16 * 1024 * 1024
KEPT_BYTES = 64 * 1024 * 1024
WORDS_HEADER, LANGUAGE_HEADER = "X-Training-Words", "X-Training-Language"


class MediaFailed(Exception):
    """What was to be played cannot be; `code` as in the carrier's debugger."""

    def __init__(self, code: int, words: str, status: int = 0) -> None:
        self.code, self.words, self.status = code, words, status
        super().__init__(f"{code} {words}")


@dataclass(frozen=True, repr=False)
class Clip:
    """Audio as it came. `words` are what is said in it, where a training programme tells them."""

    id: str
    data: bytes
    content_type: str
    seconds: float
    words: str
    language: str
    expires: float
    etag: str | None


class Media:
    """One cache for all calls; calls that want the same address at the same time cause one request."""

    def __init__(self, clock: ShownClock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Clip] = OrderedDict()
        self._by_id: dict[str, Clip] = {}
        self._size = 0
        self._running: dict[str, asyncio.Task[Clip]] = {}
        self._session: aiohttp.ClientSession
        self.requests = 0

    async def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=16, keepalive_timeout=1.0)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def stop(self) -> None:
        for task in self._running.values():
            task.cancel()
        await self._session.close()

    def find(self, clip_id: str) -> Clip | None:
        """Audio that was played lately, for the page."""
        return self._by_id.get(clip_id)

    async def get(self, url: str) -> Clip:
        """The audio at `url`. Raises `MediaFailed`."""
        held = self._kept.get(url)
        if held is not None and held.expires > self._clock.now():
            self._kept.move_to_end(url)
            return held
        running = self._running.get(url)
        if running is None:
            running = asyncio.create_task(self._fetch(url, held))
            self._running[url] = running
            running.add_done_callback(partial(self._fetched, url))
        # One caller who hangs up must not take the audio away from the others.
        return await asyncio.shield(running)

    def clear(self) -> None:
        self._kept.clear()
        self._by_id.clear()
        self._size, self.requests = 0, 0

    def _fetched(self, url: str, task: asyncio.Task[Clip]) -> None:
        """Its trouble has been looked at, even where every caller has hung up by now."""
        self._running.pop(url, None)
        if not task.cancelled():
            task.exception()

    async def _fetch(self, url: str, held: Clip | None) -> Clip:
        headers = {"User-Agent": USER_AGENT, "Accept": "audio/*"}
        if held is not None and held.etag is not None:
            headers["If-None-Match"] = held.etag
        self.requests += 1
        timeout = aiohttp.ClientTimeout(total=WAIT_SECONDS)
        try:
            async with self._session.get(
                URL(url, encoded=True), headers=headers, timeout=timeout
            ) as response:
                if response.status == 304 and held is not None:
                    data, content_type = held.data, held.content_type
                else:
                    data = await _read(response)
                    content_type = response.headers.get("Content-Type", "")
                return self._keep(url, _clip(url, response, data, content_type, self._clock.now()))
        except (aiohttp.ClientConnectionError, TimeoutError, ConnectionError):
            raise MediaFailed(NO_CONNECTION, "The audio was not served in time.") from None
        except (aiohttp.ClientError, ValueError):
            raise MediaFailed(HTTP_FAILED, "The audio's address does not answer as HTTP does.") from None

    def _keep(self, url: str, clip: Clip) -> Clip:
        """What must not be kept for other calls is kept for the page until its place is needed."""
        before = self._kept.pop(url, None)
        if before is not None:
            self._size -= len(before.data)
        self._kept[url] = clip
        self._by_id[clip.id] = clip
        self._size += len(clip.data)
        while self._size > KEPT_BYTES and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._by_id.pop(dropped.id, None)
            self._size -= len(dropped.data)
        return clip


def _clip(url: str, response: aiohttp.ClientResponse, data: bytes, content_type: str, now: float) -> Clip:
    if response.status not in (200, 304):
        raise MediaFailed(HTTP_FAILED, f"The audio was answered with {response.status}.", response.status)
    if content_type.partition(";")[0].strip().lower() not in AUDIO_TYPES:
        raise MediaFailed(NOT_AUDIO, "What was to be played does not say that it is audio.", response.status)
    try:
        seconds = seconds_of(data, content_type)
    except NotSound as wrong:
        raise MediaFailed(
            NOT_AUDIO, f"What was to be played is not audio. {wrong}", response.status
        ) from None
    return Clip(
        id=hashlib.sha256(url.encode()).hexdigest()[:32],
        data=data,
        content_type=content_type,
        seconds=seconds,
        words=unquote(response.headers.get(WORDS_HEADER, "")),
        language=response.headers.get(LANGUAGE_HEADER, ""),
        expires=now + _kept_for(response.headers.get("Cache-Control", "")),
        etag=response.headers.get("ETag"),
    )


def _kept_for(cache_control: str) -> float:
    """Seconds of the shown clock."""
    told = cache_control.lower()
    found = re.search(r"s-maxage=(\d{1,9})", told) or re.search(r"max-age=(\d{1,9})", told)
    if found is None or "no-store" in told or "no-cache" in told:
        return 0.0
    return float(found[1])


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        chunks += chunk
        if len(chunks) > LARGEST_BYTES:
            raise MediaFailed(NOT_AUDIO, "The audio is larger than a call can wait for.", response.status)
    return bytes(chunks)
