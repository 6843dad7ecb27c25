"""Ports that nothing listens on."""

import os
import socket
from itertools import count

RANGE_START, RANGE_WIDTH, PORTS_PER_WORKER = 20_000, 12_000, 1_500
_next = count()


def free_ports(how_many: int = 1) -> int:
    """The first of `how_many` neighbouring free ports on 127.0.0.1.

    Each xdist worker draws from its own stretch, below the range the kernel gives to outgoing connections, so
    two tests that run side by side are never given the same one.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    stretch = RANGE_START + (worker * PORTS_PER_WORKER + os.getpid() * 8) % RANGE_WIDTH
    for _ in range(RANGE_WIDTH):
        first = stretch + next(_next) % PORTS_PER_WORKER
        if all(_is_free(first + offset) for offset in range(how_many)):
            for _ in range(how_many - 1):
                next(_next)
            return first
    raise OSError("no free ports on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
