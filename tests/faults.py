"""A store that misbehaves, on loopback: a TCP server that reads one request and then does what it was told to."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Fault = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done with a connection once its request has come."""


@dataclass
class Shop:
    """Where the server listens, and what it has heard: each request's head and body as they came."""

    origin: str
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0
    called: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while nobody is connected any more."""


@asynccontextmanager
async def shop(fault: Fault) -> AsyncIterator[Shop]:
    """A server whose every request meets `fault`, until the block ends."""
    tasks: set[asyncio.Task[None]] = set()
    live = 0

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
                await fault(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            live -= 1
            if not live:
                here.left.set()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    here = Shop(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
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

    async def fault(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        if then_close:
            writer.close()

    return fault


def answers(body: bytes, headers: Mapping[str, str] | None = None, status: str = "200 OK") -> Fault:
    """A sound answer; the connection stays open for the next one."""
    return sends(head({"Content-Length": str(len(body)), **(headers or {})}, status) + body, then_close=False)


async def hangs(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Says nothing until the other side leaves."""
    await reader.read()


async def resets(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ends the connection with a TCP reset."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def drips(seconds: float) -> Fault:
    """A good head, then one byte at a time, for ever."""

    async def fault(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head({"Content-Length": "100000"}))
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(seconds)

    return fault


def pours(start: bytes, chunk: bytes, *, encoding: str = "identity") -> Fault:
    """A chunked body that begins with `start` and goes on with `chunk` for as long as anybody listens."""

    async def fault(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head({"Transfer-Encoding": "chunked", "Content-Encoding": encoding}))
        piece = start or chunk
        while not writer.is_closing():
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await writer.drain()
            piece = chunk

    return fault
