"""What one call to a store costs in CPU, by the transport below httpx's API.

`python -m bench.wire [--calls 2000] [--at-once 10]`. A store in a process of its own answers 4 kB of JSON at once, over
kept connections. Every transport asks it the same, in turns; the least of three turns counts; the ratios are to ours.
What is not installed is left out: `pip install --group wire` gets it.
"""

import argparse
import asyncio
import importlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import ModuleType

import httpx
import uvloop

from bench.beside import beside
from bench.echo import BODY
from server.upstream.client import open_pool
from server.upstream.transport import Place, lines

HEADERS = {
    "user-agent": "Orderside/1",
    "accept": "application/json",
    "accept-encoding": "gzip",
    "authorization": f"Basic {'a' * 80}",
}
PATH = "/wp-json/wc/v3/orders?email=jane.doerr%40example.com&per_page=10&status=any"

Call = Callable[[], Awaitable[bytes]]
Way = Callable[[str], AbstractAsyncContextManager[Call]]
"""One call after the other to an address, over connections that are open while the block lasts."""


def through_client(kind: ModuleType, transport: Callable[[], httpx.AsyncBaseTransport] | None = None) -> Way:
    """httpx's client, or that of a package with the same API."""

    @asynccontextmanager
    async def way(url: str) -> AsyncIterator[Call]:
        chosen = transport() if transport else None
        async with kind.AsyncClient(transport=chosen, timeout=None, trust_env=False) as client:

            async def call() -> bytes:
                answer = await client.send(kind.Request("GET", url, headers=HEADERS), stream=True)
                try:
                    return b"".join([chunk async for chunk in answer.aiter_raw()])
                finally:
                    await answer.aclose()

            yield call

    return way


def transport_alone(transport: Callable[[], httpx.AsyncBaseTransport]) -> Way:
    """httpx's transport API, without its client."""

    @asynccontextmanager
    async def way(url: str) -> AsyncIterator[Call]:
        async with transport() as network:

            async def call() -> bytes:
                answer = await network.handle_async_request(httpx.Request("GET", url, headers=HEADERS))
                assert isinstance(answer.stream, httpx.AsyncByteStream)
                try:
                    return b"".join([chunk async for chunk in answer.stream])
                finally:
                    await answer.stream.aclose()

            yield call

    return way


@asynccontextmanager
async def asked(url: str) -> AsyncIterator[Call]:
    """Our network, without httpx's requests and responses: as the service calls it."""
    async with open_pool() as pool:
        at = httpx.URL(url)
        head = lines({"host": at.netloc.decode(), **HEADERS})
        question = f"GET {PATH} HTTP/1.1\r\n{head}\r\n".encode()

        async def call() -> bytes:
            _, _, stream = await pool.ask(Place.of(at), question)
            try:
                return b"".join([chunk async for chunk in stream])
            finally:
                await stream.aclose()

        yield call


def bare_aiohttp(aiohttp: ModuleType) -> Way:
    """No httpx at all."""

    @asynccontextmanager
    async def way(url: str) -> AsyncIterator[Call]:
        async with aiohttp.ClientSession(auto_decompress=False) as session:

            async def call() -> bytes:
                async with session.get(url, headers=HEADERS, allow_redirects=False) as answer:
                    body: bytes = await answer.read()
                    return body

            yield call

    return way


def ways() -> Mapping[str, Way]:
    """All that are installed; ours first."""
    found: dict[str, Way] = {
        "ours: httptools, as the service calls it": asked,
        "ours, by httpx's transport API": transport_alone(open_pool),
        "httpx, as it comes (httpcore, h11)": through_client(httpx),
        "httpx's transport, without its client": transport_alone(httpx.AsyncHTTPTransport),
    }
    if (kind := _installed("httpx2")) is not None:
        found["httpx2, as it comes (httpcore2, h11)"] = through_client(kind)
    if (kind := _installed("httpx_aiohttp")) is not None:
        found["httpx over httpx-aiohttp"] = through_client(httpx, kind.AiohttpTransport)
        found["httpx-aiohttp, without httpx's client"] = transport_alone(kind.AiohttpTransport)
        found["aiohttp, without httpx"] = bare_aiohttp(importlib.import_module("aiohttp"))
    return found


def _installed(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


async def cpu_ms(way: Way, url: str, calls: int, at_once: int) -> float:
    """CPU of this process per call, in milliseconds."""
    async with way(url) as call:

        async def some(count: int) -> None:
            for _ in range(count):
                assert await call() == BODY

        await asyncio.gather(*(some(20) for _ in range(at_once)))
        began = time.process_time()
        await asyncio.gather(*(some(calls // at_once) for _ in range(at_once)))
        return 1000 * (time.process_time() - began) / (calls // at_once * at_once)


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.wire", description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=10)
    args = parser.parse_args()
    all_ways = ways()
    least: dict[tuple[str, int], float] = {}
    with beside("bench.echo") as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for _ in range(3):
            for name, way in all_ways.items():
                for at_once in (1, args.at_once):
                    took = runner.run(cpu_ms(way, f"http://127.0.0.1:{port}{PATH}", args.calls, at_once))
                    least[name, at_once] = min(took, least.get((name, at_once), took))
    print(f"{'CPU per call':<44} one at a time      {args.at_once} at once")
    ours = next(iter(all_ways))
    for name in all_ways:
        figures = [(least[name, n], least[name, n] / least[ours, n]) for n in (1, args.at_once)]
        print(f"{name:<44}", "   ".join(f"{took:6.3f} ms {times:5.1f}x" for took, times in figures))


if __name__ == "__main__":
    main()
