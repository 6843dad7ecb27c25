"""How soon each step of a call is answered, and how many steps a second there are.

./scripts/bench calls [--seconds 20] [--callers 100 --callers 500] [--engine sqlite|postgresql]

Callers go through the whole menu (language, practice, episodes, poems, poll, a recording, joining). First as people
do, a key every three seconds or so; then as fast as they are answered, which tells the rate of the server, beside the
same server when it only checks the signature and answers constant TwiML. All of it shares this machine's processors.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import http.client
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from gateway.commands.children import WEB_PROCESSES, WEB_THREADS
from gateway.commands.starter import VOICE_LINES
from tests.support import databases, session_folder
from tests.support.house import RealHouse
from tests.support.ports import free_ports
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]
ENGINES: tuple[databases.EngineName, ...] = ("sqlite", "postgresql")
LINE = VOICE_LINES[0].address
ACTION = re.compile(rb'action="([^"]+)"')
SILENT = re.compile(rb"<Redirect[^>]*>([^<]+)<")
SOUND = re.compile(rb"<Play>([^<]+)<")
# What people press, one call each; "r" speaks where the line records, "." says nothing. After it they hang up.
JOURNEYS = (
    "1116685510",
    "11266840",
    "1121.6440",
    "112320",
    "1131110",
    "1132r1",
    "1123r11210",
    "113311",
    "*21160",
    "11....",
    "119",
    "1177",
)
PRESSES_EVERY_SECONDS = 3.0
WARM_SECONDS = 6
CONSTANT_PORT = 3  # after the house's own
TURNS = 5


@dataclass
class Taken:
    """What one phase took: seconds of each answer; answers that were none; sounds fetched beside them."""

    seconds: list[float] = field(default_factory=list)
    bad: int = 0
    sounds: int = 0
    lasted: float = 0.0

    def add(self, more: "Taken") -> None:
        """What another phase took as well."""
        self.seconds += more.seconds
        self.bad, self.sounds = self.bad + more.bad, self.sounds + more.sounds
        self.lasted += more.lasted

    @property
    def rate(self) -> float:
        """Steps a second."""
        return len(self.seconds) / self.lasted if self.lasted else 0.0

    def line(self, name: str) -> str:
        """One row of the table."""
        taken = sorted(self.seconds) or [0.0]
        return (
            f"  {name:<38} {self.rate:7.0f} steps/s  p50 {1000 * statistics.median(taken):6.1f} ms"
            f"  p99 {1000 * taken[int(len(taken) * 0.99)]:6.1f} ms  most {1000 * taken[-1]:6.1f} ms"
            f"  sounds {self.sounds:5}  bad {self.bad}"
        )


@dataclass
class Caller:
    """One telephone, call after call, on a connection of its own while that lasts."""

    url: str
    port: int
    account: str
    token: bytes
    number: str
    taken: Taken
    pause: float
    fetches: bool
    _pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def calls_until(self, end: float) -> None:
        """Call again and again."""
        await asyncio.sleep(_share() * self.pause)
        while time.monotonic() < end:
            await self._call(secrets.choice(JOURNEYS), end)
        self._hang_up()

    async def _call(self, keys: str, end: float) -> None:
        sid = "CA" + secrets.token_hex(16)
        answer = await self._ask(f"{self.url}/carrier/twilio/calls/begin", sid)
        for key in keys:
            action = ACTION.search(answer)
            if action is None or time.monotonic() > end:
                break
            await self._listen(answer)
            answer = await self._next(sid, key, answer, action[1].decode())
        if self.pause:
            self._hang_up()

    async def _listen(self, answer: bytes) -> None:
        if self.fetches:
            for sound in SOUND.findall(answer):
                await self._send(b"GET", sound.decode(), b"", {})
                self.taken.sounds += 1
        if self.pause:
            await asyncio.sleep((0.5 + _share()) * self.pause)

    async def _next(self, sid: str, key: str, answer: bytes, action: str) -> bytes:
        if b"<Record" in answer:
            said = {"RecordingSid": "RE" + secrets.token_hex(16), "RecordingDuration": "12", "Digits": "#"}
            return await self._ask(action, sid, **said)
        silent = SILENT.search(answer)
        if key == "." and silent is not None:
            return await self._ask(silent[1].decode(), sid)
        return await self._ask(action, sid, Digits="0" if key in "r." else key)

    async def _ask(self, url: str, sid: str, **more: str) -> bytes:
        form = {
            "AccountSid": self.account,
            "ApiVersion": "2010-04-01",
            "CallSid": sid,
            "CallStatus": "in-progress",
            "Called": LINE,
            "Caller": self.number,
            "Direction": "inbound",
            "From": self.number,
            "To": LINE,
            **more,
        }
        told = url + "".join(name + form[name] for name in sorted(form))
        mac = base64.b64encode(hmac.new(self.token, told.encode(), hashlib.sha1).digest()).decode()
        began = time.monotonic()
        status, body = await self._send(b"POST", url, urlencode(form).encode(), {"X-Twilio-Signature": mac})
        self.taken.seconds.append(time.monotonic() - began)
        if status != 200 or b"<Response" not in body or b"We cannot go on" in body:
            self.taken.bad += 1
        return body

    async def _send(self, method: bytes, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """One request; on a connection that the server has closed meanwhile, on a new one."""
        for attempt in range(3):
            reader, writer = await self._connection()
            try:
                writer.write(_request(method, url, body, headers))
                return await _response(reader)
            except (OSError, asyncio.IncompleteReadError):
                self._hang_up()
                if attempt == 2:
                    return 0, b""
        return 0, b""

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._pipe is None:
            self._pipe = await asyncio.open_connection("127.0.0.1", self.port)
        return self._pipe

    def _hang_up(self) -> None:
        if self._pipe is not None:
            self._pipe[1].close()
            self._pipe = None


def _share() -> float:
    return secrets.randbelow(1000) / 1000


def _request(method: bytes, url: str, body: bytes, headers: dict[str, str]) -> bytes:
    where = urlsplit(url)
    lines = [f"{method.decode()} {where.path} HTTP/1.1", f"Host: {where.netloc}"]
    if body:
        lines += [
            "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
            f"Content-Length: {len(body)}",
        ]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else b""
    return int(head[9:12]), body


def main() -> int:
    """Run it on each engine."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=int, default=20)
    words.add_argument("--callers", type=int, action="append")
    words.add_argument("--engine", choices=ENGINES, action="append")
    given = words.parse_args()
    folder = session_folder.open_folder()
    try:
        for engine in given.engine or ENGINES:
            _measure(engine, given.callers or [100, 500], given.seconds, folder)
    finally:
        session_folder.close_folder(folder)
    return 0


def _measure(engine: databases.EngineName, callers: list[int], seconds: int, folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        databases.empty_database(engine, folder, Path(scratch)) as url,
    ):
        real = RealHouse.prepare(Path(scratch) / "data", Path(scratch) / "run", free_ports(4), url)
        try:
            real.start("redis", "web", "worker", "clock")
            print(f"{engine}, {seconds} s each, {os.cpu_count()} processors:")
            _phases(real, callers, seconds)
        finally:
            real.end()


def _phases(real: RealHouse, callers: list[int], seconds: int) -> None:
    web = psutil.Process(real.process_id("web"))
    _run(real, real.place.port, 50, WARM_SECONDS, 0.0)
    held = [_megabytes(web)]
    for count in callers:
        print(_run(real, real.place.port, count, seconds, PRESSES_EVERY_SECONDS).line(f"{count} callers"))
        held.append(_megabytes(web))
    beside = _run(real, real.place.port, callers[0], seconds, PRESSES_EVERY_SECONDS, fetches=True)
    print(beside.line(f"{callers[0]} callers, every sound fetched anew"))
    with _constant(real) as port:
        _run(real, port, 50, WARM_SECONDS, 0.0)
        ours, constant = _in_turns(real, port, callers[0], seconds)
    print(ours.line(f"{callers[0]} callers, as fast as it goes"))
    print(constant.line("the same, constant TwiML"))
    print(f"  ours is {ours.rate / constant.rate:.0%} of that")
    for _ in range(3):
        held.append(_megabytes(web))
        _run(real, real.place.port, callers[0], seconds / 2, 0.0)
    print(f"  memory of the web server as it went on: {', '.join(f'{one:.0f}' for one in held)} MB")


def _in_turns(real: RealHouse, port: int, count: int, seconds: int) -> tuple[Taken, Taken]:
    """The rates of both servers, a few seconds of each in turn, so that whatever else runs here slows both alike."""
    ours, constant = Taken(), Taken()
    for _ in range(TURNS):
        for where, taken in ((real.place.port, ours), (port, constant)):
            taken.add(_run(real, where, count, seconds / TURNS, 0.0))
    return ours, constant


def _run(
    real: RealHouse, port: int, count: int, seconds: float, pause: float, *, fetches: bool = False
) -> Taken:
    taken = Taken()
    account, token = real.settings.twilio_account_sid or "", real.settings.auth_tokens[0].encode()

    async def all_call() -> None:
        end = time.monotonic() + seconds
        numbers = (f"+92399{3_000_000 + n:07d}" for n in range(count))
        url = real.console_url
        callers = [Caller(url, port, account, token, number, taken, pause, fetches) for number in numbers]
        began = time.monotonic()
        await asyncio.gather(*(caller.calls_until(end) for caller in callers))
        taken.lasted = time.monotonic() - began

    asyncio.run(all_call())
    return taken


@contextmanager
def _constant(real: RealHouse) -> Iterator[int]:
    """The other server, at a port of its own but under the same public address."""
    port = real.place.port + CONSTANT_PORT
    command = [sys.executable, "-m", "gunicorn", "scripts.benches.constant_twiml:app"]
    command += ["--worker-class", "gthread", "--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS)]
    command += ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning", "--preload"]
    server = subprocess.Popen(command, cwd=ROOT, env=real.environment)
    try:
        until(lambda: _answers(port), seconds=30, what="the other server")
        yield port
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _megabytes(process: psutil.Process) -> float:
    """What the workers hold of their own, not counting what they share with each other."""
    return sum(child.memory_full_info().uss for child in process.children(recursive=True)) / 2**20


if __name__ == "__main__":
    sys.exit(main())
