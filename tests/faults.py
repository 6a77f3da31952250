"""A store that misbehaves, on loopback: a TCP server that reads one request and then does what it was told to."""

import asyncio
import itertools
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """A request as it came, and the connection that it came by."""

    request: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


Fault = Callable[[Call], Awaitable[None]]
"""What is done about a request."""


@dataclass
class Shop:
    """Where the server listens, and what it has heard: each request's head and body as they came."""

    origin: str = ""
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nobody is connected any more."""


@asynccontextmanager
async def shop(fault: Fault, tls: ssl.SSLContext | None = None) -> AsyncIterator[Shop]:
    """A server whose every request meets `fault`, until the block ends. With `tls` it is to be called `localhost`."""
    tasks: set[asyncio.Task[None]] = set()
    live = 0
    here = Shop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal live
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        live += 1
        here.connections += 1
        here.left.clear()
        try:
            while request := await _request(reader):
                here.heard.append(request)
                here.called.set()
                await fault(Call(request, reader, writer))
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            live -= 1
            if not live:
                here.left.set()
            writer.transport.abort()  # what it still holds, nobody will read

    here.left.set()
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    here.origin = f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
    try:
        yield here
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
    return head + await reader.readexactly(int(length))


def closed_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def head(headers: Mapping[str, str], status: str = "200 OK") -> bytes:
    """A response's status line and headers."""
    return f"HTTP/1.1 {status}\r\n".encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in headers.items()) + b"\r\n"


def sends(raw: bytes, *, then_close: bool = True) -> Fault:
    """Exactly these bytes, then the end of the connection."""

    async def fault(call: Call) -> None:
        call.writer.write(raw)
        await call.writer.drain()
        if then_close:
            call.writer.close()

    return fault


def answers(body: bytes, headers: Mapping[str, str] | None = None, status: str = "200 OK") -> Fault:
    """A sound answer; the connection stays open for the next one."""
    return sends(head({"Content-Length": str(len(body)), **(headers or {})}, status) + body, then_close=False)


def at_first(first: Fault, then: Fault) -> Fault:
    """The first request meets one fault, all others the other."""
    left = iter([first])

    async def fault(call: Call) -> None:
        await next(left, then)(call)

    return fault


def in_turn(*faults: Fault) -> Fault:
    """One after another, and from the start again, over all connections."""
    each = itertools.cycle(faults)

    async def fault(call: Call) -> None:
        await next(each)(call)

    return fault


async def hangs(call: Call) -> None:
    """Says nothing until the other side leaves."""
    await call.reader.read()


async def resets(call: Call) -> None:
    """Ends the connection with a TCP reset."""
    call.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.writer.transport.abort()


def drips(seconds: float) -> Fault:
    """A good head, then one byte at a time, for ever."""

    async def fault(call: Call) -> None:
        call.writer.write(head({"Content-Length": "100000"}))
        while not call.writer.is_closing():
            call.writer.write(b" ")
            await call.writer.drain()
            await asyncio.sleep(seconds)

    return fault


def pours(start: bytes, chunk: bytes, *, encoding: str = "identity") -> Fault:
    """A chunked body that begins with `start` and goes on with `chunk` for as long as anybody listens."""

    async def fault(call: Call) -> None:
        call.writer.write(head({"Transfer-Encoding": "chunked", "Content-Encoding": encoding}))
        piece = start or chunk
        while not call.writer.is_closing():
            call.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await call.writer.drain()
            piece = chunk

    return fault
