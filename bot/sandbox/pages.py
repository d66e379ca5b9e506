"""The web page: static files, a strict content policy, and the guard that keeps other sites away."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.json_routes import PREFIX, refusal
from bot.sandbox.loopback import is_loopback

WEB = Path(__file__).with_name("web")
POLICY = (
    "default-src 'self'; style-src 'self'; connect-src 'self' ws:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application) -> None:
    """The page at `/`, what it loads under `/static`, and its icon."""
    app.router.add_get("/", _index)
    app.router.add_get("/favicon.ico", _favicon)
    app.router.add_static("/static", WEB)
    app.on_response_prepare.append(_add_headers)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the page, and nothing that another site's page sends, reach the page's own paths.

    A browser cannot fake `Host` and `Origin`; without the check on `Host` a foreign name could be made to point here.
    """
    if not _is_guarded(request.path):
        return await handler(request)
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        return refusal("The sandbox answers only to this machine's own names, such as 127.0.0.1.", 403)
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() != f"{request.scheme}://{request.host}".lower():
        return refusal("The sandbox is driven only by its own page.", 403)
    return await handler(request)


def _is_guarded(path: str) -> bool:
    return path in ("/", "/favicon.ico") or path.startswith(("/static", PREFIX))


async def _index(request: web.Request) -> web.StreamResponse:
    page = WEB / "index.html"
    if not page.exists():
        return refusal("The page is not installed; the JSON API is under /sandbox/api.", 404)
    return web.FileResponse(page)


async def _favicon(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(WEB / "favicon.svg")


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    if _is_guarded(request.path):
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
