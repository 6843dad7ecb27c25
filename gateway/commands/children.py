"""Which programs make up a house on one machine, what each is told, and how each shows that it answers."""

import http.client
import json
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.commands.redis_server import server_command
from gateway.commands.supervisor import Child
from gateway.settings import Settings

HOST = "127.0.0.1"
STATIC = Path(__file__).resolve().parents[1] / "console" / "static"
REDIS_CHATTER = ("overcommit", "signal-handler", "ready to exit")
WEB_PROCESSES, WEB_THREADS = 2, 4
MODULES = (
    "gateway.app",
    "gateway.console",
    "gateway.webhooks",
    "gateway.carriers.twilio.driver",
    "gateway.work.clock",
    "gateway.work.run",
    "gateway.simulator.site",
    "gunicorn.app.wsgiapp",
    "gunicorn.workers.gthread",
)
"""What takes the programs of a house longest to load. None of it may begin a thread."""


@dataclass(frozen=True)
class Place:
    """Where one machine's house stands: its data folder and its first port (the handsets have the next one)."""

    data: Path
    port: int

    @property
    def console_url(self) -> str:
        """Where staff sign in."""
        return f"http://{HOST}:{self.port}"

    @property
    def handsets_port(self) -> int:
        """The simulated carrier's port."""
        return self.port + 1

    @property
    def handsets_url(self) -> str:
        """Where the handsets of a training programme are."""
        return f"http://{HOST}:{self.handsets_port}"

    @property
    def simulator_config(self) -> Path:
        """What the simulated carrier is told; it exists in a training programme only."""
        return self.data / "simulator.json"

    @property
    def clock_file(self) -> Path:
        """Where the simulated carrier writes the time that a training programme goes by."""
        return self.data / "clock.json"


def environment_of(place: Place, outer: Mapping[str, str], *, simulated: bool) -> dict[str, str]:
    """The environment of every child; what the outer one sets already is kept, but for the data folder.

    With `simulated` the carrier is the simulator, on the account that `paigham prepare` made for it, if it did yet.
    """
    ours = {
        "PAIGHAM_PUBLIC_URL": place.console_url,
        "PAIGHAM_CONSOLE_URL": place.console_url,
        "PYTHONUNBUFFERED": "1",
    }
    if simulated:
        ours |= _simulated_carrier(place)
    return {**ours, **outer, "PAIGHAM_DATA_DIR": str(place.data)}


def _simulated_carrier(place: Place) -> dict[str, str]:
    carrier = {
        "PAIGHAM_HANDSETS_URL": place.handsets_url,
        "PAIGHAM_CARRIER_URL": place.handsets_url,
        "PAIGHAM_CLOCK_FILE": str(place.clock_file),
    }
    if place.simulator_config.exists():
        account = json.loads(place.simulator_config.read_text())
        carrier["PAIGHAM_TWILIO_ACCOUNT_SID"] = account["account_sid"]
        carrier["PAIGHAM_TWILIO_AUTH_TOKEN"] = account["auth_token"]
    return carrier


def children_of(place: Place, environment: Mapping[str, str]) -> list[Child]:
    """Every program of the house in the order of its start. Raises NoRedisServer, SocketPathTooLong."""
    settings = Settings.from_env(environment)
    paigham = [sys.executable, "-m", "gateway.commands.main"]

    def works(name: str, *words: str) -> Child:
        alive = _is_alive(settings.redis_address, name)
        return Child(name, [*paigham, *words], environment, alive, is_loaded=True)

    children = [
        web_of(place, environment),
        works("sender", "work", "send"),
        works("worker", "work", "bulk"),
        works("clock", "clock"),
    ]
    if place.simulator_config.exists():
        children.insert(0, simulator_of(place, environment))
    if settings.redis_url is None:
        children.insert(0, redis_of(settings.runtime_path / "redis.sock", environment))
    return children


def redis_of(socket_path: Path, environment: Mapping[str, str]) -> Child:
    """The embedded Redis; everything else waits for it."""
    command = server_command(socket_path)
    return Child(
        "redis",
        command,
        environment,
        lambda: _redis_answers(socket_path),
        is_foundation=True,
        chatter=REDIS_CHATTER,
    )


def simulator_of(place: Place, environment: Mapping[str, str]) -> Child:
    """The simulated carrier with its handsets."""
    command = [sys.executable, "-m", "gateway.simulator"]
    command += ["--port", str(place.handsets_port), "--data", str(place.data / "simulator")]
    command += ["--config", str(place.simulator_config), "--clock-file", str(place.clock_file)]
    command += ["--console-url", place.console_url, "--static", str(STATIC)]
    return Child("simulator", command, environment, _is_healthy(place.handsets_port), is_loaded=True)


def web_of(place: Place, environment: Mapping[str, str]) -> Child:
    """The web server with both doors; it keeps no access log, as addresses are nobody's business.

    The application is loaded once, before the processes part: it opens nothing until it is asked something.
    """
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--worker-class", "gthread"]
    command += [
        "--workers",
        str(WEB_PROCESSES),
        "--threads",
        str(WEB_THREADS),
        "--bind",
        f"{HOST}:{place.port}",
    ]
    command += ["--graceful-timeout", "10", "--no-control-socket", "--log-level", "warning", "--preload"]
    command += ["--logger-class", "gateway.weblog.WebServerLog"]
    return Child("web", command, environment, _is_healthy(place.port), is_loaded=True)


def is_free(port: int) -> bool:
    """Whether this machine can listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _is_healthy(port: int) -> Callable[[], bool]:
    def _asks() -> bool:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return _asks


def _is_alive(redis_url: str, name: str) -> Callable[[], bool]:
    def _looks() -> bool:
        from redis import Redis, RedisError  # takes a while to load, and the children start meanwhile

        from gateway.work.queues import ALIVE_KEY

        try:
            with Redis.from_url(redis_url) as redis:
                return bool(redis.exists(ALIVE_KEY.format(name=name)))
        except RedisError:
            return False

    return _looks


def _redis_answers(socket_path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(socket_path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
