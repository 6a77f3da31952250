"""Requests per second that the service answers from its cache, beside a bare Starlette endpoint on the same server.

`python -m bench.http [--requests 500] [--connections 8]`. The server is its own process (uvicorn, uvloop, httptools,
one worker). Summaries are of a customer with ten orders in each of five stores, and tokens are verified; the bare
endpoints check no token and look nothing up. *Anew* is what a second look costs: the stores' answers are kept, the
summary is put together; the others are third looks and later ones (docs/adr/0029). All take turns, and the best of
three counts.
"""

import argparse
import asyncio
import json
import time
from typing import cast

import uvloop

from bench.beside import beside
from bench.lookup import BODY, LATENCY_MS
from bench.stores import bearer


class Asker(asyncio.Protocol):
    """A connection that asks the same again as soon as it is answered, and notes how long each answer took."""

    def __init__(self, question: bytes, count: int) -> None:
        self.times: list[float] = []
        self.done = asyncio.get_running_loop().create_future()
        self._question, self._left = question, count
        self._came = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._question)

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, found, body = bytes(self._came).partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        assert head.startswith(b"HTTP/1.1 200 "), head
        self.times.append(time.perf_counter() - self._began)
        self._came.clear()
        self._left -= 1
        if self._left:
            self._ask()
        else:
            self._transport.close()
            self.done.set_result(None)


async def hammer(port: int, question: bytes, requests: int, connections: int) -> tuple[float, float]:
    """Requests per second, and the time that one in a hundred exceeds, in milliseconds."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    askers = [
        (await loop.create_connection(lambda: Asker(question, requests // connections), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(asker.done for asker in askers))
    times = sorted(each for asker in askers for each in asker.times)
    return len(times) / (time.perf_counter() - began), 1000 * times[int(0.99 * (len(times) - 1))]


def question(path: str, accept: str, *, anew: bool = False) -> bytes:
    """A request as the app sends it, without `refresh`; one that names a lookup is always put together `anew`."""
    body = json.dumps({**json.loads(BODY), "refresh": False, "lookup": "gone" if anew else None}).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: orders.example.com\r\nAuthorization: {bearer()}\r\nAccept: {accept}\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


WAYS = {
    "bare: two words": ("/bare", "application/json"),
    "bare: the same document": ("/same", "application/json"),
    "cached summary, JSON": ("/v1/summary", "application/json"),
    "cached summary, HTML": ("/v1/summary", "text/html"),
    "the same anew, JSON": ("/v1/summary", "application/json"),
    "the same anew, HTML": ("/v1/summary", "text/html"),
}


async def measure(port: int, requests: int, connections: int) -> dict[str, list[tuple[float, float]]]:
    """Turns of every way."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in WAYS}
    for _ in range(3):
        for name, way in WAYS.items():
            asked = question(*way, anew="anew" in name)
            await hammer(port, asked, 2 * connections, connections)
            found[name].append(await hammer(port, asked, requests, connections))
    return found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.http", description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--connections", type=int, default=8)
    args = parser.parse_args()
    with (
        beside("bench.stores", LATENCY_MS, 10) as stores,
        beside("bench.served", stores) as port,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        found = runner.run(measure(port, args.requests, args.connections))
    best = {name: max(turns) for name, turns in found.items()}
    same = best["bare: the same document"][0]
    for name, (rate, p99) in best.items():
        print(f"{name:<26} {rate:7.0f} requests/s   p99 {p99:6.1f} ms   {rate / same:5.2f} of the same document, bare")


if __name__ == "__main__":
    main()
