"""HTTP in, HTTP out, nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from . import auth, desk, logs, render, ticket
from .errors import RequestError, TokenError
from .house import House
from .model import Summary
from .render.shapes import Recorded, Session
from .repeats import Asked
from .settings import TenantSettings
from .sidebar import Sidebar, headers, media_type
from .voice import Voice, voice

MAX_START_BYTES = 16 * 1024

GRACE_S = 0.05
"""What a request may take beyond the deadline to be written; the contract allows 0.1 s."""


Answered = tuple[ticket.Asking, Summary, Voice, Voice]
"""The question, what is known, the agent's voice and the customer's."""


class Json(Response):
    """Compact JSON. Half a surrogate pair, which UTF-8 cannot hold, goes escaped: no text can break an answer."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        try:
            return msgspec.json.encode(content)
        except UnicodeEncodeError:
            return json.dumps(msgspec.to_builtins(content), separators=(",", ":")).encode()


async def summary(request: Request) -> Response:
    """`POST /v1/summary`: who is writing, what they bought, what happened, and what could not be seen."""
    house: House = request.app.state.house
    async with _in_time(request) as deadline:
        asked = Asked(_agent(request), await _posted(request), _wants_html(request))
        told = house.repeats.find(asked)
        if told is None:
            ask = ticket.read(asked.body, ticket.Ask)
            found = await desk.summary(house, asked.agent, ask, arrived=request.state.arrived, deadline=deadline)
    took = asyncio.get_running_loop().time() - request.state.arrived
    if told is not None:
        house.meter.answered(told.found, took)
        return Response(told.text, media_type="text/html" if asked.html else Json.media_type)
    house.meter.answered(found, took, first=ask.lookup is None, refresh=ask.refresh)
    answer = _formed(found, _voices(ask, found), html=asked.html)
    house.repeats.keep(asked, ask, found, bytes(answer.body), keep_s=2 * house.limits.deadline_ms / 1000)
    return answer


async def order(request: Request) -> Response:
    """`POST /v1/order`: one of the summary's orders, with what its store tells only when it is asked for that order."""
    _, found, *voices = await _answered(request, ticket.AskOrder, desk.order)
    if _wants_html(request):
        return HTMLResponse(render.order_to_html(found, *voices))
    return Json({"order": render.to_json(found, *voices)["orders"][0]})


async def search(request: Request) -> Response:
    """`POST /v1/search`: a customer whom an agent looks for by hand; candidates first."""
    _, found, *voices = await _answered(request, ticket.AskSearch, desk.find)
    return _formed(found, voices, html=_wants_html(request))


async def reveal(request: Request) -> Response:
    """`POST /v1/reveal`: what is masked in a summary, in the open; recorded."""
    _, found, *voices = await _answered(request, ticket.AskReveal, desk.reveal)
    if _wants_html(request):
        return HTMLResponse(render.to_html(found, *voices))
    return Json(render.revealed_to_json(found))


async def report(request: Request) -> Response:
    """`POST /v1/report`: an agent says that this is the wrong customer; recorded."""
    _, _, voice, _ = await _answered(request, ticket.AskReport, desk.report)
    if _wants_html(request):
        return HTMLResponse(render.reported_to_html(voice))
    done: Recorded = {"recorded": True}
    return Json(done)


async def session(request: Request) -> Response:
    """`POST /v1/session`: a new bearer for the page that has one, as long as its session goes on."""
    house: House = request.app.state.house
    async with _in_time(request):
        agent = _agent(request)
    new: Session = {"bearer": _bearer(house, agent), "expires_in": auth.BEARER_S}
    return Json(new)


async def sidebar(request: Request) -> Response:
    """`POST /sidebar`: the app, for the start token that Zendesk posts. A refusal is a page too: an agent sees it."""
    house: House = request.app.state.house
    served: Sidebar = request.app.state.sidebar
    tenant: TenantSettings | None = None
    try:
        async with _in_time(request):
            token = await _start_token(request)
        tenant = auth.account(token, house.tenants)
        agent = auth.start(token, tenant, house.now(), house.once)
        logs.also(tenant=agent.tenant)
        page = served.page(_bearer(house, agent))
    except RequestError as error:
        if not _wants_html(request):
            raise
        return _closed(request, error, tenant)
    return HTMLResponse(page, headers=headers(tenant))


def _closed(request: Request, error: RequestError, tenant: TenantSettings | None) -> Response:
    """A refused start as a page."""
    served: Sidebar = request.app.state.sidebar
    request.app.state.meter.refused(error.code)
    logs.also(code=error.code)
    languages, dark = request.headers.get("accept-language", ""), request.query_params.get("colorScheme") == "dark"
    page = served.refusal(error, request.state.request_id, languages, dark=dark)
    wait = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return HTMLResponse(page, error.status, {**headers(tenant), **wait})


async def asset(request: Request) -> Response:
    """`GET /assets/VERSION/NAME`: what the page loads, the same for everybody, and never changed under one address."""
    served: Sidebar = request.app.state.sidebar
    version, name = request.path_params["version"], request.path_params["name"]
    if name not in served.assets:
        raise RequestError(404, "not_found", "There is nothing here.")
    return Response(served.assets[name], media_type=media_type(name), headers={"Cache-Control": served.cache(version)})


def _formed(found: Summary, voices: Iterable[Voice], *, html: bool) -> Response:
    return HTMLResponse(render.to_html(found, *voices)) if html else Json(render.to_json(found, *voices))


async def _answered(request: Request, kind: type[ticket.AskT], answer: Callable[..., Awaitable[Summary]]) -> Answered:
    """Token, body, answer: in time or not at all."""
    house: House = request.app.state.house
    async with _in_time(request) as deadline:
        agent = _agent(request)
        ask = ticket.read(await _posted(request), kind)
        found = await answer(house, agent, ask, arrived=request.state.arrived, deadline=deadline)
    return ask, found, *_voices(ask, found)


async def _posted(request: Request) -> bytes:
    return await _body(request, "application/json", ticket.MAX_BODY_BYTES)


def _voices(ask: ticket.Asking, found: Summary) -> tuple[Voice, Voice]:
    """The agent's, and the customer's: by what the ticket says of the requester, else the agent's."""
    agent, who = ask.agent, ask.requester if isinstance(ask, ticket.Ask) else None
    return (
        voice(agent.locale, agent.time_zone, found.generated_at),
        voice(
            (who and who.locale) or agent.locale,
            (who and who.time_zone) or agent.time_zone,
            found.generated_at,
        ),
    )


@asynccontextmanager
async def _in_time(request: Request) -> AsyncIterator[float]:
    """Gives the request's deadline, by the loop's clock. What takes longer is refused with 503."""
    house: House = request.app.state.house
    deadline: float = request.state.arrived + house.limits.deadline_ms / 1000
    try:
        async with asyncio.timeout_at(deadline + GRACE_S):
            yield deadline
    except TimeoutError:
        raise RequestError(503, "too_late", "No answer was ready in time; try again.", retry_after=1) from None


def _agent(request: Request) -> auth.Agent:
    house: House = request.app.state.house
    _unmistakable(request.headers)
    agent = auth.verify(request.headers.get("authorization"), house.tenants, house.base_url, house.now())
    logs.also(tenant=agent.tenant)
    return agent


def _bearer(house: House, agent: auth.Agent) -> str:
    return auth.bearer(agent, house.tenants[agent.tenant], house.base_url, house.now())


async def _start_token(request: Request) -> str:
    """The form's `token`, which may stand there once."""
    if request.method == "GET":
        raise TokenError("token_missing", "Zendesk posts a token here, if signedUrls is true in the app's manifest.")
    _unmistakable(request.headers)
    body = await _body(request, "application/x-www-form-urlencoded", MAX_START_BYTES)
    try:
        tokens = parse_qs(body.decode("ascii"), max_num_fields=20).get("token", [])
    except ValueError:
        raise RequestError(400, "bad_form", "The form cannot be read.", field="body") from None
    if len(tokens) != 1:
        raise TokenError("token_missing", "The form holds no token, or several.")
    return tokens[0]


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


async def _body(request: Request, media_type: str, most: int) -> bytes:
    """The body of a request of this type, read no further than `most` bytes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != media_type or request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "media_type", f"Send the body as {media_type}, uncompressed.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise RequestError(413, "too_large", f"The body may have {most // 1024} KiB at most.", field="body")
    except ClientDisconnect:
        raise RequestError(400, "cut_off", "The body ended early.", field="body") from None
    return bytes(body)


def _wants_html(request: Request) -> bool:
    """The fragment for those who ask for text/html before JSON; JSON for all others."""
    accept = request.headers.get("accept", "").lower()
    html, plain = accept.find("text/html"), accept.find("application/json")
    return html >= 0 and (plain < 0 or html < plain)
