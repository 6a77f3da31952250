"""What one lookup over two stores costs us: time beyond the slowest store, CPU, and calls per platform.

`python -m bench.lookup [--lookups 200] [--latency-ms 40]`. The stores run in a process of their own and answer each
call after a fixed time. "Beyond the slowest store" is a lookup's time less the longest time that any store was
kept busy by it, from its first call's start to its last call's end: both taken in the same lookup, so the figure
does not depend on the stores' speed. The foil asks the same calls one after another.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.stores import EMAIL, KEY
from server import desk, house, render, ticket
from server.auth import Agent
from server.metrics import Meter
from server.settings import Settings, load
from server.upstream.client import open_pool
from server.voice import voice

SETTINGS = """
[service]
base_url = "http://127.0.0.1:1"
[[tenant]]
subdomain = "bench"
  [tenant.auth]
  method = "proxied"
  secrets = ["env:KEY"]
  [[tenant.store]]
  name = "EU"
  platform = "woocommerce"
  origin = "http://127.0.0.1:{port}/woocommerce"
  key = "env:WOO_KEY"
  secret = "env:WOO_SECRET"
  country = "DE"
  [[tenant.store]]
  name = "US"
  platform = "shopify"
  shop = "bench.myshopify.com"
  origin = "http://127.0.0.1:{port}/shopify"
  access_token = "env:KEY"
  country = "US"
"""
BODY = json.dumps({"requester": {"email": EMAIL}, "ticket": {"subject": "Where is #1002?"}, "refresh": True}).encode()


@dataclass(slots=True)
class Watched(httpx.AsyncBaseTransport):
    """The real transport, noting when each call to which store began and ended."""

    inner: httpx.AsyncBaseTransport = field(default_factory=open_pool)
    calls: list[tuple[str, float, float]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Passes the call on and reads it to its end, so that the end is the body's."""
        began = time.perf_counter()
        response = await self.inner.handle_async_request(request)
        body = b"".join([chunk async for chunk in response.stream])  # type: ignore[union-attr]
        await response.aclose()
        store = request.url.path.split("/")[1]
        self.calls.append((store, began, time.perf_counter()))
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(body))


@dataclass(frozen=True, slots=True)
class Sample:
    """One lookup, in seconds."""

    took: float
    slowest_store: float
    all_calls: float
    cpu: float


def _settings(port: int) -> Settings:
    environ = {"KEY": KEY, "WOO_KEY": f"ck_{KEY}", "WOO_SECRET": f"cs_{KEY}"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orderside.toml")
        path.write_text(SETTINGS.format(port=port))
        return load(path, environ)


async def measure(settings: Settings, lookups: int) -> tuple[list[Sample], Counter[str], int]:
    """Samples, calls per store of one lookup, and the fragment's size in bytes."""
    wire = Watched()
    samples: list[Sample] = []
    calls: Counter[str] = Counter()
    size = 0
    async with open_pool(transport=wire) as pool:
        here = house.build(settings, pool, meter=Meter(), ids=lambda: "bench")
        for number in range(lookups + 20):
            wire.calls.clear()
            began, cpu = time.perf_counter(), time.process_time()
            size = await _once(here)
            took, cpu = time.perf_counter() - began, time.process_time() - cpu
            if number >= 20:
                samples.append(Sample(took, *_stores(wire.calls), cpu))
            calls = Counter(store for store, _, _ in wire.calls)
    return samples, calls, size


async def _once(here: house.House) -> int:
    arrived = asyncio.get_running_loop().time()
    summary = await desk.summary(
        here, Agent("bench", "bench"), ticket.read(BODY, ticket.Ask), arrived=arrived, deadline=arrived + 4
    )
    assert summary.complete, "a store did not answer"
    assert len(summary.orders) == here.limits.orders, "the orders are not all there"
    return len(render.to_html(summary, voice("en-GB", "Europe/London", summary.generated_at)).encode())


def _stores(calls: list[tuple[str, float, float]]) -> tuple[float, float]:
    spans: dict[str, tuple[float, float]] = {}
    for store, began, ended in calls:
        first, last = spans.get(store, (began, ended))
        spans[store] = (min(first, began), max(last, ended))
    return max(last - first for first, last in spans.values()), sum(ended - began for _, began, ended in calls)


def report(samples: list[Sample], calls: Counter[str], size: int) -> None:
    """Prints the figures."""

    def line(name: str, of: Callable[[Sample], float]) -> None:
        values = sorted(map(of, samples))
        p50, p99 = statistics.median(values), values[int(len(values) * 0.99)]
        print(f"{name:<44} p50 {p50 * 1000:8.2f} ms   p99 {p99 * 1000:8.2f} ms")

    print(f"{len(samples)} lookups, two stores, ten orders each; calls: {dict(calls)}; fragment {size} bytes")
    line("a lookup", lambda s: s.took)
    line("  of it beyond the slowest store", lambda s: s.took - s.slowest_store)
    line("  CPU of this process", lambda s: s.cpu)
    ratio = statistics.median(s.all_calls / s.took for s in samples)
    print(f"{'the same calls one after another (the foil)':<44} {ratio:.1f} times as long")


def main() -> None:
    """Starts the stores, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lookups", type=int, default=200)
    parser.add_argument("--latency-ms", type=int, default=40)
    args = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bench.stores", str(port), str(args.latency_ms)]
    with subprocess.Popen(command) as process:  # noqa: S603 - our own module
        try:
            _wait(port)
            report(*asyncio.run(measure(_settings(port), args.lookups)))
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the stores did not start")


if __name__ == "__main__":
    main()
