"""The network below httpx's API: kept connections to stores, made only to addresses that are allowed.

Why this and not httpx's own, with figures: docs/adr/0013-the-wire.md.
"""

import asyncio
import re
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import certifi
import httpx
from aiohappyeyeballs import AddrInfoType, start_connection
from cachetools import LRUCache

from .addresses import Addresses
from .connection import Connection
from .names import Names, is_address

KEPT = 512
"""How many connections wait for another question, to all stores together. How many one store has, its guard decides."""
IDLE_S = 55.0
"""How long one waits: shorter than the minute after which common load balancers drop it."""
NEXT_ADDRESS_S = 0.25
"""A host's next address is tried as well after this long (RFC 8305, §5: 250 ms)."""
SESSIONS = 4096
"""Hosts whose TLS session is remembered."""

Resolve = Callable[[str, int], Awaitable[Sequence[AddrInfoType]]]
"""A host and port to the addresses to try, as `getaddrinfo` has them."""


class Place(NamedTuple):
    """Where a connection leads."""

    tls: bool
    host: str
    port: int

    @classmethod
    def of(cls, url: httpx.URL) -> "Place":
        """Where this address is."""
        tls = url.scheme == "https"
        return cls(tls, url.raw_host.decode(), url.port or (443 if tls else 80))


Told = tuple[int, dict[str, str], httpx.AsyncByteStream]
"""An answer's status, its headers by lower-case name, and its body, which is still to be read, raw, and then closed."""


class Pool(httpx.AsyncBaseTransport):
    """The way to all stores. It speaks httpx's API; `ask` is where there may be a shorter way."""

    async def ask(self, place: Place, question: bytes) -> Told:
        """Sends a request as it is written in HTTP/1.1. Raises httpx's errors."""
        answer = await self.handle_async_request(read_back(place, question))
        assert isinstance(answer.stream, httpx.AsyncByteStream)  # noqa: S101 - as of every asynchronous transport
        return answer.status_code, dict(answer.headers.items()), answer.stream


class Network(Pool):
    """Sends a request to its own origin and nowhere else. Raises httpx's errors, with their causes below them.

    Nothing of the environment counts, no redirect is followed, no cookie kept, nothing decoded, and nothing ends by
    itself: deadline and size are the caller's. Closing a response's stream before its end ends its connection.
    """

    def __init__(self, addresses: Addresses, *, resolve: Resolve | None = None, tls: "Trust | None" = None) -> None:
        self._addresses = addresses
        self._resolve = resolve or Names()
        self._tls = tls
        self._idle: defaultdict[Place, list[tuple[float, Connection]]] = defaultdict(list)
        self._kept = 0
        self._expiry: asyncio.TimerHandle | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As httpx has it."""
        status, headers, stream = await self.ask(Place.of(request.url), _written(request))
        return httpx.Response(status, headers=headers, stream=stream)

    async def ask(self, place: Place, question: bytes) -> Told:
        """Without httpx's requests and responses, which take a third of what a call takes."""
        while True:
            kept = self._take(place)
            connection = kept or await self._connect(place)
            answer = connection.ask(question)
            try:
                await answer.head()
            except BaseException as failure:
                await answer.aclose()
                if kept and answer.silent and isinstance(failure, httpx.ReadError):
                    continue  # it was closed by the store while it waited; all that we send are reads
                raise
            if self._tls is not None and place.tls and not kept:
                self._tls.remember(connection.transport)
            return answer.status, answer.headers, answer

    async def _connect(self, place: Place) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            found = await self._resolve(place.host, place.port)
            outright = is_address(place.host) or place.host == "localhost"  # RFC 6761 §6.3
            for *_, address in found:
                self._addresses.check(str(address[0]), loopback=outright)
            sock = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS_S, interleave=1)
            tls: dict[str, Any] = {"ssl": self._trust(), "server_hostname": place.host} if place.tls else {}
            made = partial(Connection, partial(self._keep, place))
            _, connection = await loop.create_connection(made, sock=sock, **tls)
        except (OSError, UnicodeError) as failure:  # UnicodeError: a host that cannot be a name of the DNS
            raise httpx.ConnectError("no connection") from failure
        return connection

    def _trust(self) -> "Trust":
        if self._tls is None:
            self._tls = trusting(certifi.where())
        return self._tls

    def _take(self, place: Place) -> Connection | None:
        """A kept connection on which nothing has come since, the youngest first."""
        waiting = self._idle.get(place, [])
        while waiting:
            _, connection = waiting.pop()
            self._kept -= 1
            if connection.usable:
                return connection
        return None

    def _keep(self, place: Place, connection: Connection) -> None:
        """It waits for the next question."""
        if self._kept >= KEPT:
            connection.transport.close()
            return
        loop = asyncio.get_running_loop()
        self._idle[place].append((loop.time() + IDLE_S, connection))
        self._kept += 1
        if self._expiry is None:
            self._expiry = loop.call_later(IDLE_S, self._expire)

    def _expire(self) -> None:
        """Ends those that have waited long enough, and comes again when the next one has."""
        loop = asyncio.get_running_loop()
        for place, waiting in tuple(self._idle.items()):
            while waiting and waiting[0][0] <= loop.time():
                waiting.pop(0)[1].transport.close()
                self._kept -= 1
            if not waiting:
                del self._idle[place]
        ends = [waiting[0][0] for waiting in self._idle.values()]
        self._expiry = loop.call_at(min(ends), self._expire) if ends else None

    async def aclose(self) -> None:
        """Ends every connection that waits."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        for place in tuple(self._idle):
            while (connection := self._take(place)) is not None:
                connection.transport.abort()


def read_back(place: Place, question: bytes) -> httpx.Request:
    """A request as httpx has it, from how it is written."""
    head, _, content = question.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ")
    scheme = "https" if place.tls else "http"
    url = httpx.URL(scheme=scheme, host=place.host, port=place.port, raw_path=target)
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    return httpx.Request(method.decode(), url, headers=headers, content=content)


def _written(request: httpx.Request) -> bytes:
    assert isinstance(request.stream, httpx.ByteStream)  # noqa: S101 - all that is sent is short, and there at once
    first = b"%b %b HTTP/1.1\r\n" % (request.method.encode(), request.url.raw_path)
    return b"".join((first, lines(request.headers).encode(), b"\r\n", *request.stream))


def lines(headers: Mapping[str, str]) -> str:
    """Headers as HTTP/1.1 writes them. Raises `httpx.LocalProtocolError` where one would become two."""
    if any(_BREAKS.search(text) for header in headers.items() for text in header):
        raise httpx.LocalProtocolError("a header holds a line break")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())


_BREAKS = re.compile(r"[\r\n\0]")


class Trust(ssl.SSLContext):
    """TLS that takes up the session which a host was left with: a quarter less CPU, with TLS 1.2 one round trip less.

    asyncio has no other place to hand one in.
    """

    sessions: LRUCache[str | bytes | None, ssl.SSLSession | None]

    def remember(self, transport: asyncio.Transport) -> None:
        """Keeps the session of a connection that has carried an answer, and with it the store's tickets."""
        tls = transport.get_extra_info("ssl_object")
        self.sessions[tls.server_hostname] = tls.session

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """As asyncio calls it, with the session that it cannot hand in."""
        known = session or self.sessions.get(server_hostname)
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, known)


def trusting(authorities: str) -> Trust:
    """TLS to hosts whose certificate one of these authorities (a PEM file) has signed."""
    context = Trust(ssl.PROTOCOL_TLS_CLIENT)
    context.sessions = LRUCache(SESSIONS)
    context.load_verify_locations(authorities)
    return context
