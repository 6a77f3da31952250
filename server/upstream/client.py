"""One HTTP call to one store, under the rules that hold for every store.

An absolute deadline (a per-read timeout never fires on a dripping answer), a cap on *decoded* bytes (48 kB of
gzip can hold 50 MB), no redirect followed, and a credential that cannot leave its origin, because a request is
a path below it and never a URL.
"""

import asyncio
import re
import ssl
import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Protocol
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec

from .. import __version__
from ..connectors.base import Request, Response
from ..errors import Changed, TimedOut, Unreachable
from .addresses import Addresses, Forbidden
from .transport import Network, Place, Pool, lines

MAX_BYTES = 2 * 1024 * 1024
PATH = "/%:@!$&'()*+,;="
"""What stands in a path as it is (RFC 3986 §3.3), escapes that are there already among it."""
HEADERS = {"user-agent": f"Orderside/{__version__}", "accept": "application/json", "accept-encoding": "gzip"}


def open_pool(addresses: Addresses | None = None, transport: httpx.AsyncBaseTransport | None = None) -> Pool:
    """The one pool of connections of a process: to the public internet and what else `addresses` allows.

    It is httpx's transport and not its client, which would only add what must not happen here: redirects, cookies,
    proxies of the environment. `transport` stands in for the network.
    """
    return Network(addresses or Addresses()) if transport is None else StandIn(transport)


class StandIn(Pool):
    """What stands in for the network."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx has it."""
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Ends what stands in."""
        await self._transport.aclose()


class Target(Protocol):
    """What may be called: an origin, the other one that grants its tokens, and the paths where posting reads."""

    @property
    def origin(self) -> str:
        """Scheme, host, port, and a path for what stands in a folder."""

    @property
    def token_origin(self) -> str | None:
        """Where tokens are granted, if elsewhere."""

    @property
    def read_posts(self) -> frozenset[str]:
        """The only paths that may be posted to."""


class Door:
    """The way in at one origin, and what all requests there have in common."""

    def __init__(self, origin: str) -> None:
        url = httpx.URL(origin)
        self.place = Place.of(url)
        self.folder = url.raw_path.decode().rstrip("/")
        """The path of a shop that stands in one, else nothing."""
        self._common = {"host": url.netloc.decode(), **HEADERS}
        self._own: Mapping[str, str] = {}
        self._lines = lines(self._common)

    def headers(self, own: Mapping[str, str]) -> str:
        """Those of every request with these: a store's own are the same from call to call, and written once."""
        if own != self._own:
            self._lines, self._own = lines({**self._common, **own}), dict(own)
        return self._lines


class Client:
    """Calls one origin and, for its tokens, the one that grants them; nothing else."""

    def __init__(self, pool: Pool, target: Target) -> None:
        self._pool = pool
        self._target = target

    @cached_property
    def _door(self) -> Door:
        """Made for the first call: a process may know thousands of stores, of which few are asked."""
        return Door(self._target.origin)

    @cached_property
    def _token_door(self) -> Door:
        return Door(self._target.token_origin or self._target.origin)

    async def call(self, request: Request, deadline: float) -> Response:
        """The answer, read to its end by `deadline` (the loop's clock).

        Raises `TimedOut`, `Unreachable` (no connection, one that broke, or an address where no store may be), `Changed`
        (redirect, too large).
        """
        if deadline <= asyncio.get_running_loop().time():
            raise TimedOut("deadline")
        door = self._token_door if request.grant else self._door
        try:
            question = self._written(request, door)
            async with asyncio.timeout_at(deadline):
                return await self._exchange(door.place, question)
        except TimeoutError:
            raise TimedOut("deadline") from None
        except httpx.ConnectError as failure:
            raise Unreachable(_why(failure)) from None
        except (httpx.TransportError, zlib.error):
            raise Unreachable("broken") from None

    def _written(self, request: Request, door: Door) -> bytes:
        """The request as HTTP/1.1."""
        path, method = request.path, request.method
        if not _BELOW.fullmatch(path) or ".." in path:
            raise ValueError("a request's path must stay below its store's origin")
        if method != "GET" and path not in self._target.read_posts:
            raise ValueError("only declared reads may be posted")
        target = f"{door.folder}{quote(path, safe=PATH)}"
        if request.query:
            target += "?" + "&".join([f"{_escaped(name)}={_escaped(value)}" for name, value in request.query])
        head = f"{method} {target} HTTP/1.1\r\n{door.headers(request.headers)}"
        if method == "GET":
            return f"{head}\r\n".encode()
        body, kind = _body(request)
        return f"{head}content-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body

    async def _exchange(self, place: Place, question: bytes) -> Response:
        status, headers, stream = await self._pool.ask(place, question)
        try:
            if 300 <= status < 400:
                raise Changed("redirect", status=status)
            return Response(status, headers, await _read(stream, headers))
        finally:
            await stream.aclose()


_BELOW = re.compile(r"/(?!/)[^?#\\]*")
_PLAIN = re.compile(r"[A-Za-z0-9_.~,-]*+")


def _escaped(text: str) -> str:
    """A name or value of a query. Lists of names are long, and mostly there is nothing to escape in them."""
    return text if _PLAIN.fullmatch(text) else quote(text, safe=",")


def _body(request: Request) -> tuple[bytes, str]:
    """What is posted, and its type."""
    if request.json is not None:
        return msgspec.json.encode(request.json), "application/json"
    return urlencode(request.form).encode(), "application/x-www-form-urlencoded"


def _why(failure: httpx.ConnectError) -> str:
    """Whether a connection failed over where it would lead, or over the certificate; no second try heals either."""
    links: list[BaseException | None] = [failure]
    while (last := links[-1]) is not None and len(links) < 8:
        links.append(last.__cause__ or last.__context__)
    if any(isinstance(link, Forbidden) for link in links):
        return "address"
    return "tls" if any(isinstance(link, ssl.SSLError) for link in links) else "connect"


async def _read(raw: httpx.AsyncByteStream, headers: Mapping[str, str]) -> bytes:
    """The decoded body; raises `Changed` as soon as it is more than `MAX_BYTES`."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        raise Changed("encoding")
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    pieces: list[bytes] = []
    came, left = False, MAX_BYTES
    try:
        async for piece in raw:
            came = came or bool(piece)
            pieces.append(piece if inflater is None else inflater.decompress(piece, left + 1))
            left -= len(pieces[-1])
            _check(left, b"" if inflater is None else inflater.unused_data)
    except BaseException:
        pieces.clear()  # the exception's frames would hold it until they are collected
        raise
    if inflater is not None and came and not inflater.eof:
        raise Unreachable("broken")
    return b"".join(pieces)


def _check(left: int, behind: bytes) -> None:
    """Whether a body may go on, of which so many bytes are left, and this came behind its end."""
    if left < 0:
        raise Changed("too_large")
    if behind:  # a second member of gzip, or anything else
        raise Changed("encoding")


def host(origin: str) -> str:
    """The host of an origin: the only part of it that a log may name."""
    return urlsplit(origin).hostname or ""
