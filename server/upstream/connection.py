"""One connection to a store, and one answer on it. httptools (Node's parser, llhttp) reads the bytes; whose they are is
settled here: what comes while nothing was asked, or behind the end of an answer, answers nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import cast

import httptools
import httpx

MAX_HEAD = 64 * 1024
"""The most bytes of status line and headers. Shops send content security policies of 10 kB and more."""
MAX_HELD = 128 * 1024
"""How much of a body is collected before it is handed on, and the store has to wait until it was."""


class Connection(asyncio.Protocol):
    """A connection that carries one question and its answer at a time, and is handed to `keep` if it may carry more."""

    transport: asyncio.Transport
    answer: "Answer | None" = None

    def __init__(self, keep: "Callable[[Connection], None]") -> None:
        self._keep = keep

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def ask(self, question: bytes) -> "Answer":
        """Sends the question; the answer fills as it comes."""
        self.answer = answer = Answer(self)
        self.transport.write(question)
        return answer

    def data_received(self, data: bytes) -> None:
        if self.answer is None:
            self.transport.abort()
        else:
            self.answer.feed(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.answer is not None:
            self.answer.cut_off(cleanly=error is None)

    @property
    def usable(self) -> bool:
        """Whether another question may be asked on it."""
        return not self.transport.is_closing()

    def rest(self, *, serves_on: bool) -> None:
        """Ends the answer, and the connection with it where it does not serve on."""
        self.answer = None
        if not serves_on:
            self.transport.abort()
        elif self.usable:
            self._keep(self)


class Answer(httpx.AsyncByteStream):
    """An answer while it comes in: first its head, then its raw body. The `on_` methods are httptools' callbacks."""

    status = 0
    silent = True
    """Nothing has come yet."""
    whole = False
    """It came to its end, nothing came behind it, and the store will take another question."""
    read = False
    """Somebody took its body to the end."""
    _has_head = _ended = _paused = False
    _head_size = _held = 0
    _failure: httpx.TransportError | None = None
    _news: asyncio.Future[None] | None = None

    def __init__(self, connection: Connection) -> None:
        self.headers: dict[str, str] = {}
        """By lower-case name, those that came more than once joined (RFC 9110 §5.2)."""
        self._connection = connection
        self._parser = httptools.HttpResponseParser(self)
        self._chunks: list[bytes] = []

    async def head(self) -> None:
        """Waits for status and headers. Raises httpx's errors for what broke."""
        while not self._has_head:
            await self._wait()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The raw body, in pieces of `MAX_HELD` and more, the last one excepted."""
        return self

    async def __anext__(self) -> bytes:
        """The next piece. Raises httpx's errors for what broke."""
        while self._failure is not None or not (self._ended or self._paused):
            await self._wait()
        if not self._chunks:
            self.read = True
            raise StopAsyncIteration
        piece = b"".join(self._chunks)
        self._chunks.clear()
        self._held = 0
        if self._paused:
            self._paused = False
            self._connection.transport.resume_reading()
        return piece

    async def aclose(self) -> None:
        """Nobody reads on. Another may follow on its connection if it was read whole, and nothing came behind it."""
        if self._connection.answer is self:
            del self._parser  # they hold each other, and would wait for the garbage collector
            self._connection.rest(serves_on=self.whole and self.read)

    async def _wait(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._news = asyncio.get_running_loop().create_future()
        await self._news

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _fail(self, failure: httpx.TransportError) -> None:
        self._failure, self.whole = self._failure or failure, False
        self._connection.transport.abort()
        self._tell()

    def feed(self, data: bytes) -> None:
        """Takes what came. What is no HTTP fails the answer, or if it had ended, just ends the connection."""
        self.silent = False
        if not self._has_head:
            self._head_size += len(data)
        ended = self._ended
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.whole = False
            if not self._ended:
                self._fail(httpx.RemoteProtocolError("this is no HTTP"))
        self.whole = self.whole and not ended
        if not self._has_head and self._head_size > MAX_HEAD:
            self._fail(httpx.RemoteProtocolError("the head is too large"))
        if self._held > MAX_HELD and not self._ended and not self._paused:
            self._paused = True
            self._connection.transport.pause_reading()
            self._tell()

    def cut_off(self, *, cleanly: bool) -> None:
        """The connection has ended: so has a body that nothing else would end; any other is broken."""
        if self._ended:
            return
        if cleanly and self._has_head and not self.headers.keys() & {"content-length", "transfer-encoding"}:
            self._ended = True
            self._tell()
        else:
            self._fail(httpx.ReadError("the connection broke"))

    def on_message_begin(self) -> None:
        self.whole = False  # if this is not the first one

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1")
            self.headers[key] = f"{self.headers[key]}, {text}" if key in self.headers else text

    def on_headers_complete(self) -> None:
        if self._has_head:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:  # an interim answer; the one that counts is to come
            self.headers.clear()
            return
        self._has_head = True
        self._tell()

    def on_body(self, data: bytes) -> None:
        if not self._ended:
            self._chunks.append(data)
            self._held += len(data)

    def on_message_complete(self) -> None:
        if self._has_head and not self._ended:
            self._ended, self.whole = True, self._parser.should_keep_alive()
            self._tell()
