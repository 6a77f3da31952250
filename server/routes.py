"""HTTP in, HTTP out, nothing else."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from . import auth, desk, logs, render, ticket
from .errors import RequestError
from .house import House
from .model import Summary
from .voice import Voice, voice

GRACE_S = 0.05
"""What a request may take beyond the deadline to be written; the contract allows 0.1 s."""


Answered = tuple[ticket.Asking, Summary, Voice]


class Json(Response):
    """Compact JSON in ASCII, so that no text of a store can break it."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode()


async def summary(request: Request) -> Response:
    """`POST /v1/summary`: who is writing, what they bought, what happened, and what could not be seen."""
    house: House = request.app.state.house
    ask, found, speak = await _answered(request, ticket.Ask, desk.summary)
    took = asyncio.get_running_loop().time() - request.state.arrived
    house.meter.answered(found, took, first=ask.lookup is None, refresh=ask.refresh)
    if _wants_html(request):
        return HTMLResponse(render.to_html(found, speak))
    return Json(render.to_json(found, speak))


async def order(request: Request) -> Response:
    """`POST /v1/order`: one of the summary's orders, with what its store tells only when it is asked for that order."""
    _, found, speak = await _answered(request, ticket.AskOrder, desk.order)
    if _wants_html(request):
        return HTMLResponse(render.order_to_html(found, speak))
    return Json({"order": render.to_json(found, speak)["orders"][0]})


async def search(request: Request) -> Response:
    """`POST /v1/search`: a customer whom an agent looks for by hand; candidates first."""
    _, found, speak = await _answered(request, ticket.AskSearch, desk.find)
    return HTMLResponse(render.to_html(found, speak)) if _wants_html(request) else Json(render.to_json(found, speak))


async def reveal(request: Request) -> Response:
    """`POST /v1/reveal`: what is masked in a summary, in the open; recorded."""
    _, found, speak = await _answered(request, ticket.AskReveal, desk.reveal)
    if _wants_html(request):
        return HTMLResponse(render.to_html(found, speak))
    return Json(render.revealed_to_json(found))


async def _answered(request: Request, kind: type[ticket.AskT], answer: Callable[..., Awaitable[Summary]]) -> Answered:
    """Token, body, answer: in time or not at all."""
    house: House = request.app.state.house
    arrived: float = request.state.arrived
    deadline = arrived + house.limits.deadline_ms / 1000
    try:
        async with asyncio.timeout_at(deadline + GRACE_S):
            _unmistakable(request.headers)
            agent = auth.verify(request.headers.get("authorization"), house.tenants, house.base_url, house.now())
            logs.also(tenant=agent.tenant)
            ask = ticket.read(await _body(request), kind)
            found = await answer(house, agent, ask, arrived=arrived, deadline=deadline)
    except TimeoutError:
        raise RequestError(503, "too_late", "No answer was ready in time; try again.", retry_after=1) from None
    return ask, found, voice(ask.agent.locale, ask.agent.time_zone, found.generated_at)


async def healthz(_request: Request) -> Response:
    """Whether the process lives."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """Whether requests should be sent here: settings are loaded and no shutdown has begun."""
    if request.app.state.house.open:
        return PlainTextResponse("ready\n")
    raise RequestError(503, "closing", "The service is shutting down.", retry_after=5)


def _unmistakable(headers: Headers) -> None:
    """No header may be read in two ways: what a proxy took from one of two must be what we take (request smuggling)."""
    twice = [name for name in ("authorization", "content-type") if len(headers.getlist(name)) > 1]
    if "transfer-encoding" in headers and "content-length" in headers:
        twice.append("content-length")
    if twice:
        raise RequestError(400, "header_twice", f"{twice[0]} may be given once.", field=twice[0])


async def _body(request: Request) -> bytes:
    """The body of a JSON request, read no further than its size limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "media_type", "Send the body as application/json, uncompressed.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > ticket.MAX_BODY_BYTES:
                raise RequestError(413, "too_large", "The body may have 64 KiB at most.", field="body")
    except ClientDisconnect:
        raise RequestError(400, "cut_off", "The body ended early.", field="body") from None
    return bytes(body)


def _wants_html(request: Request) -> bool:
    """The fragment for those who ask for text/html before JSON; JSON for all others."""
    accept = request.headers.get("accept", "").lower()
    html, plain = accept.find("text/html"), accept.find("application/json")
    return html >= 0 and (plain < 0 or html < plain)
