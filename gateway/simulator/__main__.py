"""`python -m gateway.simulator`: run the carrier until SIGTERM or SIGINT."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from aiohttp import web

from gateway.simulator.clock import ShownClock
from gateway.simulator.config import Config, ConfigWrong
from gateway.simulator.exchange import Exchange
from gateway.simulator.site import make_app

STOP_SECONDS = 5.0
log = logging.getLogger("paigham.simulator")


def main() -> int:
    """Exit status 0 after an ordered stop, 2 when it could not start; the reason is one plain sentence."""
    options = _options()
    _log_to_stderr()
    try:
        config = Config() if options.config is None else Config.read(options.config)
        asyncio.run(_serve(options, config))
    except ConfigWrong as wrong:
        sys.stderr.write(f"The simulator cannot start: {wrong}\n")
        return 2
    except OSError as error:
        reason = error.strerror or type(error).__name__
        sys.stderr.write(f"The simulator cannot start on port {options.port}: {reason}.\n")
        return 2
    return 0


class _Plain(logging.Formatter):
    """One line per event, with the counts and ids it carries."""

    _ordinary = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        extras = {name: value for name, value in vars(record).items() if name not in self._ordinary}
        facts = " ".join(f"{name}={value}" for name, value in extras.items())
        return f"{record.levelname} {super().format(record)} {facts}".rstrip()


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.simulator",
        description="A simulated carrier and its handsets. No text and no call leaves this machine.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--config", type=Path, help="account, lines and handsets, as JSON")
    parser.add_argument(
        "--data", type=Path, help="folder that keeps messages, calls and recordings over a restart"
    )
    parser.add_argument(
        "--clock-file", type=Path, help="where the shown clock is written for every other process"
    )
    parser.add_argument("--console-url", help="address that the page links to")
    parser.add_argument("--static", type=Path, help="folder whose fonts/ the page may use")
    parser.add_argument("--seed", type=int, default=0, help="same seed, same faults")
    return parser.parse_args()


async def _serve(options: argparse.Namespace, config: Config) -> None:
    exchange = Exchange(
        config,
        ShownClock(options.clock_file),
        data=options.data,
        seed=options.seed,
        own_url=f"http://{options.host}:{options.port}",
    )
    app = make_app(exchange, console_url=options.console_url, static=options.static)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port, backlog=1024).start()
        log.info("simulator.ready", extra={"port": options.port, "lines": len(config.lines)})
        sys.stdout.write(f"A simulated carrier, not a real one: http://{options.host}:{options.port}/\n")
        sys.stdout.flush()
        await _asked_to_stop()
    finally:
        await runner.cleanup()


async def _asked_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
