"""One connection to a store, and one answer on it. httptools (Node's parser, llhttp) reads the bytes; whose they are is
settled here: what comes while nothing was asked, or behind the end of an answer, answers nothing.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import cast

import httptools
import httpx

MAX_HEAD = 64 * 1024
"""The most bytes of status line and headers. Shops send content security policies of 10 kB and more."""
MAX_HELD = 128 * 1024
"""How much of a body waits to be read before the store has to wait."""


class Connection(asyncio.Protocol):
    """A connection that carries one question and its answer at a time."""

    transport: asyncio.Transport
    answer: "Answer | None" = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def ask(self, question: bytes) -> "Answer":
        """Sends the question; the answer fills as it comes."""
        self.answer = Answer(self)
        self.transport.write(question)
        return self.answer

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

    def rest(self) -> bool:
        """Ends the answer. Whether another may follow here: this one was read whole, and nothing came behind it."""
        whole = self.answer is not None and self.answer.whole and self.answer.read
        self.answer = None
        if not whole:
            self.transport.abort()
        return whole and self.usable


class Answer:
    """An answer while it comes in: first its head, then its raw body. The `on_` methods are httptools' callbacks."""

    def __init__(self, connection: Connection) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.silent = True
        """Nothing has come yet."""
        self.whole = False
        """It came to its end, nothing came behind it, and the store will take another question."""
        self.read = False
        """Somebody took its body to the end."""
        self._connection = connection
        self._parser = httptools.HttpResponseParser(self)
        self._head_size = 0
        self._has_head = self._ended = self._paused = False
        self._failure: httpx.TransportError | None = None
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._news: asyncio.Future[None] | None = None

    async def head(self) -> None:
        """Waits for status and headers. Raises httpx's errors for what broke."""
        while not self._has_head:
            await self._wait()

    async def body(self) -> AsyncIterator[bytes]:
        """The raw body, as it comes. Raises httpx's errors for what broke."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._held -= len(chunk)
                yield chunk
            if self._ended:
                self.read = True
                return
            if self._paused:
                self._paused = False
                self._connection.transport.resume_reading()
            await self._wait()

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

    def cut_off(self, *, cleanly: bool) -> None:
        """The connection has ended: so has a body that nothing else would end; any other is broken."""
        if self._ended:
            return
        names = {name.lower() for name, _ in self.headers}
        if cleanly and self._has_head and not names & {b"content-length", b"transfer-encoding"}:
            self._ended = True
            self._tell()
        else:
            self._fail(httpx.ReadError("the connection broke"))

    def on_message_begin(self) -> None:
        self.whole = False  # if this is not the first one

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:
            self.headers.append((name, value))

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
            self._tell()

    def on_message_complete(self) -> None:
        if self._has_head and not self._ended:
            self._ended, self.whole = True, self._parser.should_keep_alive()
            self._tell()
