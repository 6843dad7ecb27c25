"""The simulated carrier as a process of its own, for tests that talk to it as the gateway would."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import until

ACCOUNT = "AC" + "5" * 32
TOKEN = "a token of the simulated carrier"
LINE, ALPHA = "+923990000017", "GUDAR"
WOMAN = "+923990000101"


def a_config(webhook: str | None = None, **changes: Any) -> dict[str, Any]:
    """Two lines as in training, three handsets, no waiting."""
    return {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "pace": 0,
        "endings": True,
        "services": [],
        "closed_countries": [],
        "requests_at_once": 0,
        "dialect": "twilio",
        "callee": "answer",
        "unwatched_answer": False,
        "lines": [
            {"address": LINE, "kind": "long", "parts_per_second": 10, "sms_url": webhook},
            {"address": ALPHA, "kind": "alpha", "parts_per_second": 10, "two_way": False},
        ],
        "handsets": [
            {"number": WOMAN, "label": "Pashto", "language": "ps"},
            {"number": "+923990000102", "label": "Urdu", "language": "ur"},
            {"number": "+923990000103", "label": "English", "language": "en"},
        ],
        **changes,
    }


class CarrierRefused(Exception):
    """The simulator did not do what its control was asked to do."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(f"{status} {words}")


@dataclass(frozen=True)
class HttpAnswer:
    """What came back; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    """One plain HTTP request on a connection of its own. Raises OSError or HTTPException."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(
            method, parts.path + (f"?{parts.query}" if parts.query else ""), body, dict(headers or {})
        )
        answer = connection.getresponse()
        return HttpAnswer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        )
    finally:
        connection.close()


class SimulatedCarrier:
    """A process on `port`; `get` and `post` speak to its control endpoints."""

    def __init__(self, port: int, folder: Path, config: dict[str, Any], *options: str) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(config)

    @property
    def log(self) -> str:
        return (self._folder / "simulator.log").read_text(encoding="utf-8")

    def configure(self, config: dict[str, Any]) -> None:
        """Write the configuration file; a running process does not read it again."""
        (self._folder / "simulator.json").write_text(json.dumps(config), encoding="utf-8")

    def start(self) -> None:
        """Returns once it answers."""
        command = [sys.executable, "-m", "gateway.simulator", "--port", str(self.port)]
        command += ["--config", str(self._folder / "simulator.json"), *self._options]
        with (self._folder / "simulator.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._answers, what="the simulator's start")

    def stop(self) -> None:
        """In order, as a supervisor stops it."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """Without warning."""
        self._end(subprocess.Popen.kill)

    def get(self, path: str) -> Any:
        """Raises `CarrierRefused` for any status but 200."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: Any) -> Any:
        """Raises `CarrierRefused` for any status but 200."""
        return self._ask("POST", path, json.dumps(fields).encode())

    def refusal(self, path: str, **fields: Any) -> str:
        """The words with which it refuses."""
        try:
            self.post(path, **fields)
        except CarrierRefused as refused:
            return refused.words
        raise AssertionError("it was not refused")

    def text(self, body: str, *, sender: str = WOMAN, to: str = LINE) -> str:
        """A text from a handset; its sid."""
        return str(self.post("text", **{"from": sender, "to": to, "body": body})["sid"])

    def call(self, script: str, *, sender: str = WOMAN, to: str = LINE) -> dict[str, Any]:
        """A scripted call to a line, when it is over: its status, its seconds, its entries."""
        return dict(self.post("calls", **{"from": sender, "to": to, "script": script, "wait": True}))

    def inbox(self, number: str = WOMAN) -> list[dict[str, Any]]:
        return list(self.get(f"outbox?handset=%2B{number[1:]}")["texts"])

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the simulator ended: {self.log}")
        try:
            return request("GET", f"{self.url}/healthz").status == 200
        except OSError:
            return False

    def _ask(self, method: str, path: str, body: bytes | None) -> Any:
        answer = request(method, f"{self.url}/sim/{path}", body, {"Content-Type": "application/json"})
        document = json.loads(answer.body)
        if answer.status != 200:
            raise CarrierRefused(answer.status, str(document["error"]))
        return document

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if self._process is not None:
            how(self._process)
            self._process.wait(timeout=15)
            self._process = None
