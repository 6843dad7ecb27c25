"""The web application: wires the doors that face a browser or a carrier to one house, and nothing else.

The webhooks must face the internet, the console need not: `doors` says which of them this process opens.
"""

from collections.abc import Collection
from pathlib import Path

from flask import Flask, Response

from gateway.console.errors import say_errors
from gateway.console.headers import add_headers
from gateway.house import House
from gateway.settings import Settings

CONSOLE = Path(__file__).parent / "console"
LOCK_WAIT_MS = 5_000  # a carrier waits fifteen seconds for its answer, and the person gets one before that
DOORS = frozenset({"webhooks", "console"})
LARGEST_REQUEST = (
    4 * 1024 * 1024
)  # bytes; a carrier's are under 20 kB, an import of 50,000 numbers under 1 MB


class NoSuchDoor(Exception):
    """A door was asked for that the gateway does not have."""


def create_app(
    settings: Settings, doors: Collection[str] | None = None, *, house: House | None = None
) -> Flask:
    """An application with these doors (of the settings, unless given), and the house behind them.

    Reads the key files when the console is among them, and no database. Raises NoSuchDoor, KeysMissing, KeysExposed.
    """
    opened = {name.strip() for name in settings.doors.split(",")} if doors is None else set(doors)
    if not opened or opened - DOORS:
        raise NoSuchDoor(f"doors are {', '.join(sorted(DOORS))}; not {', '.join(sorted(opened - DOORS))}")
    house = house or House.from_settings(settings, lock_wait_ms=LOCK_WAIT_MS)
    app = Flask(
        "gateway",
        static_folder=str(CONSOLE / "static") if "console" in opened else None,
        template_folder=str(CONSOLE / "templates"),
    )
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.extensions["paigham"] = house
    add_headers(app, house)
    say_errors(app, has_pages="console" in opened)
    app.add_url_rule("/healthz", "health", health)
    if "webhooks" in opened:
        from gateway.webhooks import blueprint

        app.register_blueprint(blueprint(house))
    if "console" in opened:
        from gateway import console

        console.register(app, house)
    return app


def health() -> Response:
    """This process answers. Whether the house is well is `paigham doctor`'s to say."""
    return Response("ok\n", mimetype="text/plain")
