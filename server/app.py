"""`create_app(settings)`: routes, handlers, lifespan. The only place where the parts meet."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import __version__, budget, house, logs, routes
from .errors import RequestError
from .metrics import Meter
from .settings import Settings
from .sidebar import Sidebar
from .upstream.addresses import Addresses
from .upstream.client import open_pool

log = logging.getLogger("orderside")

HEADERS = {
    "Orderside-Version": __version__,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer, errors included (Klarna, May 2021: one cached answer reached 9,500 strangers). The served page and
its assets say otherwise where they must."""

QUIET = frozenset({"healthz", "readyz", "metrics", "asset"})
"""What machines ask every few seconds, and the parts of a page, have no line in the log."""


NAMES_AT_ONCE = 64
"""Host names that are looked up at once: each takes a thread until the resolver gives up, however little time is left.
By default there would be a handful, and a few names that hang would keep all stores waiting."""


def create_app(
    settings: Settings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    now: Callable[[], float] = time.time,
    ids: Callable[[], str] = lambda: secrets.token_urlsafe(12),
    sdk: str | None = None,
) -> Starlette:
    """The service for these settings. `transport` replaces the network, `now` (Unix seconds) the clock.

    `sdk` is where the served page loads Zendesk's SDK from, if not from Zendesk.
    """
    addresses = Addresses(settings.service.private_networks)
    pool = open_pool(addresses, transport)
    meter, own_secret = Meter(), secrets.token_bytes(32)
    ledger = budget.ledger(settings.budget, time.monotonic, meter.counted_alone)
    houses: list[house.House] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(NAMES_AT_ONCE, "names"))
        watch = asyncio.create_task(app.state.house.lookups.watch())
        try:
            yield
        finally:
            watch.cancel()
            app.state.house = replace(app.state.house, open=False)
            for each in houses:
                await each.stop()
            await pool.aclose()
            if ledger is not None:
                await ledger.close()

    def move(new: Settings) -> None:
        """From the next request on, these settings hold; what runs ends under the old ones."""
        addresses.private = new.service.private_networks
        before = houses[-1] if houses else None
        houses[:] = [each for each in houses if each.reading]
        built = house.build(
            new, pool, meter=meter, ids=ids, now=now, own_secret=own_secret, before=before, ledger=ledger
        )
        houses.append(built)
        app.state.house = houses[-1]

    app = Starlette(
        routes=[
            Route("/v1/summary", routes.summary, methods=["POST"]),
            Route("/v1/order", routes.order, methods=["POST"]),
            Route("/v1/search", routes.search, methods=["POST"]),
            Route("/v1/reveal", routes.reveal, methods=["POST"]),
            Route("/v1/report", routes.report, methods=["POST"]),
            Route("/v1/session", routes.session, methods=["POST"]),
            Route("/sidebar", routes.sidebar, methods=["GET", "POST"]),
            Route("/assets/{version}/{name}", routes.asset),
            Route("/healthz", routes.healthz),
            Route("/readyz", routes.readyz),
        ],
        middleware=[Middleware(Envelope, ids=ids), Middleware(Packed)],
        exception_handlers={RequestError: _refused, HTTPException: _not_ours},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.move = move
    app.state.meter = meter
    app.state.sidebar = Sidebar.read(sdk)
    move(settings)
    meter.lateness(lambda: app.state.house.lookups.pulse.late_s)
    return app


PACKED_FROM = 1400
"""Bytes of an answer from which on packing saves a packet of the network."""


class Packed:
    """Packs answers with gzip for those who ask for it, and only where no secret is in them (docs/adr/0026)."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._packed = GZipMiddleware(app, minimum_size=PACKED_FROM, compresslevel=4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        answers = scope["type"] == "http" and scope["path"] in ANSWERS
        await (self._packed if answers else self._plain)(scope, receive, send)


ANSWERS = {"/v1/summary", "/v1/order", "/v1/search", "/v1/reveal"}
"""Neither the served page nor a session: those hold a bearer."""


class Envelope:
    """Notes when a request arrived, gives it an id, puts the headers on whatever is answered, and logs a line of it."""

    def __init__(self, app: ASGIApp, ids: Callable[[], str]) -> None:
        self._app = app
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._ids()
        logs.begin(request_id)
        loop = asyncio.get_running_loop()
        arrived, status = loop.time(), 0
        scope.setdefault("state", {}).update(arrived=arrived, request_id=request_id)

        async def send_sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = request_id
                if _draining(scope):
                    headers["Connection"] = "close"  # so that a balancer that keeps connections lets go of this one
            await send(message)

        try:
            await self._app(scope, receive, send_sealed)
        except Exception as error:  # Starlette would answer too, but also hand the exception's text to the server's log
            answer = await _defect(Request(scope), error)
            await answer(scope, receive, send_sealed)
        route = getattr(scope.get("endpoint"), "__name__", None)  # never the path: callers write what they like into it
        if route not in QUIET:
            log.info("answered", extra={"route": route, "status": status, "ms": round((loop.time() - arrived) * 1000)})


def _draining(scope: Scope) -> bool:
    here: house.House | None = getattr(scope["app"].state, "house", None)
    return here is not None and not here.open


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - Starlette's handler type is wider than its promise
    request.app.state.meter.refused(error.code)
    logs.also(code=error.code)
    body: dict[str, dict[str, object]] = {
        "error": {
            "code": error.code,
            "message": error.message,
            "field": error.field,
            "request_id": request.state.request_id,
        }
    }
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
        body["error"]["retry_after"] = error.retry_after  # Zendesk's proxy does not hand our headers on to the app
    return routes.Json(body, status_code=error.status, headers=headers)


async def _not_ours(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: no such route, or not by this method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    codes = {404: ("not_found", "There is nothing here."), 405: ("method", "Not by this method.")}
    code, message = codes.get(error.status_code, ("refused", "The request was refused."))
    answer = await _refused(request, RequestError(error.status_code, code, message))
    answer.headers.update(error.headers or {})
    return answer


async def _defect(request: Request, error: Exception) -> Response:
    """A defect of ours. Its text may hold what a customer wrote, so only its kind and place are logged."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "?"
    log.error("defect %s at %s", type(error).__name__, place)
    return await _refused(request, RequestError(500, "defect", "This went wrong on our side; try again."))
