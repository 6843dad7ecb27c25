"""A Redis of our own for the tests, one per xdist worker, on a unix socket, with the product's own options."""

import os
import subprocess
from pathlib import Path

import redis

from gateway.commands.processes import die_with_parent
from gateway.commands.redis_server import server_command
from tests.support.waiting import until


class RedisServer:
    """One server that a test may also kill and start again; the address stays the same."""

    def __init__(self, folder: Path) -> None:
        """Name the folder of its socket; keep it short."""
        self.folder = folder
        self.socket_path = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"unix://{self.socket_path}"

    def start(self) -> None:
        """Start it and return when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            server_command(self.socket_path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent(os.getpid()),
        )
        (self.folder.parent / f"{self.folder.name}.pid").write_text(str(self._process.pid))
        until(self.answers, seconds=10, what="Redis' first answer")

    def answers(self) -> bool:
        """Whether it answers a PING."""
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def flush(self) -> None:
        """Forget everything it holds."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def kill(self) -> None:
        """End it at once, as `kill -9` does; does nothing when it is not running."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        (self.folder.parent / f"{self.folder.name}.pid").unlink(missing_ok=True)


def worker_name() -> str:
    """A short name for this xdist worker, or for the only process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")
