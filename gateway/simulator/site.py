"""The handsets page and the application that serves it beside the carrier's API."""

from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from gateway.simulator.asking import is_local
from gateway.simulator.control import Control
from gateway.simulator.exchange import Exchange
from gateway.simulator.messages import API_VERSION

_PAGE = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FONTS = (
    "source-sans-3.woff2",
    "noto-naskh-arabic.woff2",
    "noto-nastaliq-urdu-400.woff2",
    "noto-nastaliq-urdu-700.woff2",
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
LARGEST_REQUEST = 64 * 1024


class Site:
    """Serves the page's few files from memory; fonts from the folder given, where they are there."""

    def __init__(self, static: Path | None) -> None:
        self._files = {path.name: path.read_bytes() for path in _PAGE.iterdir() if path.suffix in _TYPES}
        self._fonts = None if static is None else static / "fonts"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._page),
            web.get("/page/{name}", self._file),
            web.get("/fonts/{name}", self._font),
            web.get("/healthz", self._health),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        if not is_local(request):
            raise web.HTTPForbidden(text="The handsets are shown on this machine only.")
        return _response("handsets.html", self._files["handsets.html"])

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._files:
            raise web.HTTPNotFound
        return _response(name, self._files[name])

    async def _font(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        path = None if self._fonts is None or name not in _FONTS else self._fonts / name
        if path is None or not path.is_file():
            raise web.HTTPNotFound
        return _response(name, path.read_bytes())

    async def _health(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok: a simulator, not a carrier\n")


def make_app(
    exchange: Exchange, *, console_url: str | None = None, static: Path | None = None
) -> web.Application:
    """The whole web application; the exchange starts and stops with it."""
    app = web.Application(client_max_size=LARGEST_REQUEST)
    app.router.add_routes(Site(static).routes())
    app.router.add_routes(Control(exchange, console_url).routes())
    app.router.add_route("*", f"/{API_VERSION}/{{rest:.*}}", exchange.rest.handle)

    async def live(_app: web.Application) -> AsyncIterator[None]:
        await exchange.start()
        yield
        await exchange.stop()

    app.cleanup_ctx.append(live)
    return app


def _response(name: str, body: bytes) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": _TYPES[Path(name).suffix], **_HEADERS})
