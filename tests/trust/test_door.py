"""Clients that are slow, endless, deaf or no clients at all, on real sockets, under both of uvicorn's parsers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server import serve
from server.app import create_app
from server.door import bounded
from server.settings import load
from tests.faults import closed_port
from tests.test_serve import ASK, ENVIRON, ask, bearer, config, sealed, settings_file

SHORT_S = 0.4
LONG_S = 60.0

each_parser = pytest.mark.parametrize("parser", [H11Protocol, HttpToolsProtocol], ids=["h11", "httptools"])
Parser = type[asyncio.Protocol]


class Street:
    """A server, and raw connections to it."""

    def __init__(self, server: uvicorn.Server, port: int) -> None:
        self.server = server
        self.port = port

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """One connection, given up in the end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def say(self, raw: bytes) -> list[httpx.Response]:
        """What is answered to these bytes until the connection ends."""
        async with self.connection() as (reader, writer):
            writer.write(raw)
            return answers(await rest(reader))

    async def is_empty(self) -> None:
        """Returns once nobody is connected and nothing runs."""
        async with asyncio.timeout(20):
            while self.server.server_state.connections or self.server.server_state.tasks:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the other side closes or resets, which it must within the test's time."""
    came = b""
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionResetError):
            while piece := await reader.read(65_536):
                came += piece
    return came


def answers(raw: bytes) -> list[httpx.Response]:
    """The responses in a stream; every one of ours has a length."""
    found = []
    while raw:
        head, _, raw = raw.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = [(name, text.strip()) for name, _, text in (line.partition(":") for line in lines)]
        length = int({name.lower(): text for name, text in headers}["content-length"])
        found.append(httpx.Response(int(status.split()[1]), headers=headers, content=raw[:length]))
        raw = raw[length:]
    return found


def on_the_street(
    folder: Path,
    parser: Parser,
    tell: Callable[[Street], Awaitable[None]],
    *,
    app: ASGIApp | None = None,
    head_s: float = LONG_S,
    request_s: float = LONG_S,
    limits: str = "",
) -> None:
    """Runs a story against the service, behind its door, whose one store cannot be reached."""
    port = closed_port()
    settings = load(settings_file(folder, config(f"http://127.0.0.1:{closed_port()}", limits=limits)), ENVIRON)

    async def main() -> None:
        how = serve.config(app or create_app(settings), f"127.0.0.1:{port}", "off" if app else "on")
        how.http = bounded(parser, head_s=head_s, request_s=request_s)
        server = serve._Server(how)
        running = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        try:
            await tell(Street(server, port))
        finally:
            server.should_exit = True
            await running

    asyncio.run(main())


def request(body: bytes = b"", *headers: str, path: str = "/v1/summary", method: str = "POST") -> bytes:
    """A request with a good token; its length is given where a body is."""
    lines = [f"{method} {path} HTTP/1.1", "Host: service", f"Authorization: {bearer()['authorization']}", *headers]
    lines += [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([*lines, "Content-Type: application/json", "", ""]).encode() + body


def refused(response: httpx.Response, status: int, code: str) -> None:
    sealed(response)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.json()["error"]["request_id"] == response.headers["x-request-id"]


# -- those who hold on ------------------------------------------------------------------------------------


async def drip(writer: asyncio.StreamWriter, text: bytes) -> None:
    """A byte at a time, for as long as anybody listens."""
    with contextlib.suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(text)
            await writer.drain()
            await asyncio.sleep(0.02)


@each_parser
def test_a_head_that_drips_ends_with_408(tmp_path: Path, parser: Parser) -> None:
    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nX: ")
            dripping = asyncio.create_task(drip(writer, b"x"))
            said = answers(await rest(reader))
            dripping.cancel()
            for answer in said:  # none, where the reset has overtaken it
                refused(answer, 408, "too_slow")
        await street.is_empty()

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


@each_parser
def test_a_head_that_stops_ends_with_408(tmp_path: Path, parser: Parser) -> None:
    async def tell(street: Street) -> None:
        (answer,) = await street.say(b"GET /healthz HTTP/1.1\r\nHost")
        refused(answer, 408, "too_slow")
        await street.is_empty()

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


@each_parser
def test_who_says_nothing_is_let_go_without_a_word(tmp_path: Path, parser: Parser) -> None:
    async def tell(street: Street) -> None:
        assert await street.say(b"") == []
        await street.is_empty()

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


@each_parser
def test_a_second_head_that_drips_ends_the_connection(tmp_path: Path, parser: Parser) -> None:
    """uvicorn's keep-alive timer stops with the first byte."""

    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            writer.write(request(method="GET", path="/healthz") + b"GET /healthz HTTP/1.1\r\nX: ")
            dripping = asyncio.create_task(drip(writer, b"x"))
            said = await rest(reader)
            dripping.cancel()
            assert said.startswith(b"HTTP/1.1 200 ") or said == b""
        await street.is_empty()

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


@each_parser
def test_a_body_that_drips_is_refused_at_the_deadline_and_then_let_go(tmp_path: Path, parser: Parser) -> None:
    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            writer.write(request(b"", "Transfer-Encoding: chunked"))
            dripping = asyncio.create_task(drip(writer, b"1\r\n \r\n"))
            (answer,) = answers(await rest(reader))
            dripping.cancel()
            refused(answer, 503, "too_late")
        await street.is_empty()

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S, limits="deadline_ms = 250\nfirst_answer_ms = 100")


@each_parser
@pytest.mark.parametrize("piece", [65_536, 100], ids=["fast", "slow"])
def test_a_body_that_goes_on_after_its_refusal_ends_the_connection(tmp_path: Path, parser: Parser, piece: int) -> None:
    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            writer.write(b"POST /v1/summary HTTP/1.1\r\nHost: service\r\nTransfer-Encoding: chunked\r\n\r\n")
            (answer,) = answers((await reader.readuntil(b"\r\n\r\n")) + await reader.read(4096))
            refused(answer, 401, "token_missing")
            pouring = asyncio.create_task(drip(writer, b"%x\r\n%b\r\n" % (piece, b" " * piece)))
            await rest(reader)
            pouring.cancel()
        await street.is_empty()

    on_the_street(tmp_path, parser, tell, head_s=LONG_S if piece > 1000 else SHORT_S)


@each_parser
def test_a_body_of_a_megabyte_gets_to_read_its_refusal(tmp_path: Path, parser: Parser) -> None:
    """And the connection serves on."""

    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            writer.write(request(b" " * 1_000_000) + request(method="GET", path="/healthz"))
            writer.write_eof()
            first, second = answers(await rest(reader))
            refused(first, 413, "too_large")
            assert second.status_code == 200

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


async def vast(scope: Scope, receive: Receive, send: Send) -> None:
    """An app whose answer fits into no buffer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000):
        await send({"type": "http.response.body", "body": b" " * 100_000, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@each_parser
def test_a_client_that_never_reads_is_let_go(tmp_path: Path, parser: Parser) -> None:
    async def tell(street: Street) -> None:
        async with street.connection() as (_, writer):
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"GET / HTTP/1.1\r\nHost: service\r\n\r\n")
            while not street.server.server_state.tasks:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await street.is_empty()

    on_the_street(tmp_path, parser, tell, app=vast, request_s=SHORT_S)


@each_parser
def test_those_who_are_quick_notice_nothing(tmp_path: Path, parser: Parser) -> None:
    """Two requests at once on one connection, the second of which takes longer than a head may."""

    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            body = json.dumps({**ASK, "wait_ms": 4000}).encode()
            writer.write(request(method="GET", path="/healthz") + request(body, "Connection: close"))
            first, second = answers(await rest(reader))
            assert (first.status_code, second.status_code) == (200, 200)
            sealed(second)

    on_the_street(tmp_path, parser, tell)


# -- what is no request -----------------------------------------------------------------------------------

NO_REQUESTS = {
    "garbage": b"\x16\x03\x01\x00\xa5garbage\r\n\r\n",
    "HTTP/2 without asking": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "NUL in a name": b"GET / HTTP/1.1\r\nHost: a\r\nX\x00: 1\r\n\r\n",
    "NUL in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: \x001\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "a line without a colon": b"GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n",
    "two lengths": request(b"{}", "Content-Length: 7"),
    "a length that is no number": request(b"", "Content-Length: -1"),
    "a coding that nobody knows": request(b"", "Transfer-Encoding: gzip, chunked, x"),
    "length and chunks": request(b"{}", "Transfer-Encoding: chunked"),
    "a chunk that has no length": request(b"", "Transfer-Encoding: chunked") + b"zz\r\n",
}


@each_parser
@pytest.mark.parametrize("raw", NO_REQUESTS.values(), ids=NO_REQUESTS)
def test_what_is_no_request_is_refused_like_everything_else(tmp_path: Path, parser: Parser, raw: bytes) -> None:
    async def tell(street: Street) -> None:
        said = await street.say(raw)
        assert said
        for answer in said:
            sealed(answer)
            assert 400 <= answer.status_code < 500
            assert answer.json()["error"]["code"]
        assert (await street.say(request(b"", "Connection: close", method="GET", path="/readyz")))[0].status_code == 200

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


HEADS = {
    "one long line": b"X: " + b"x" * 200_000,
    "many lines": b"\r\n".join(b"X-%d: x" % n for n in range(20_000)),
}


@each_parser
@pytest.mark.parametrize("lines", HEADS.values(), ids=HEADS)
def test_a_head_has_32_kib_at_most(tmp_path: Path, parser: Parser, lines: bytes) -> None:
    async def tell(street: Street) -> None:
        async with street.connection() as (reader, writer):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n")
            for at in range(0, 33_000, 3000):
                writer.write(lines[at : at + 3000])
                await asyncio.sleep(0)
            (answer,) = answers(await rest(reader))
            refused(answer, 431, "head_too_large")

    on_the_street(tmp_path, parser, tell)


@each_parser
def test_an_upgrade_is_not_for_sale(tmp_path: Path, parser: Parser) -> None:
    async def tell(street: Street) -> None:
        upgrade = request(b"", "Connection: Upgrade, close", "Upgrade: websocket", method="GET", path="/healthz")
        for answer in await street.say(upgrade):
            sealed(answer)
            assert answer.status_code == 200

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


# -- what could be read in two ways -----------------------------------------------------------------------

TWO_WAYS = {
    "two tokens": (request(b"{}", "Authorization: Bearer x.y.z"), 400, "authorization"),
    "two media types": (request(b"{}", "Content-Type: text/plain"), 400, "content-type"),
}


@each_parser
@pytest.mark.parametrize(("raw", "status", "field"), TWO_WAYS.values(), ids=TWO_WAYS)
def test_a_header_that_counts_may_be_given_once(
    tmp_path: Path, parser: Parser, raw: bytes, status: int, field: str
) -> None:
    async def tell(street: Street) -> None:
        (answer,) = await street.say(raw)
        refused(answer, status, "header_twice")
        assert answer.json()["error"]["field"] == field

    on_the_street(tmp_path, parser, tell, head_s=SHORT_S)


def test_a_body_comes_as_it_is(tmp_path: Path) -> None:
    """What is compressed would have to be unpacked before its size is known."""
    for coding in ("gzip", "br", "deflate, gzip", "x"):
        response = ask(tmp_path, headers={**bearer(), "content-encoding": coding})
        refused(response, 415, "media_type")
    assert ask(tmp_path, headers={**bearer(), "content-encoding": "identity"}).status_code == 200
