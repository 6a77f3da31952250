"""What a lookup costs us beyond its stores: time, CPU, and how both grow.

`python -m bench.lookup [--lookups 100]`. The stores run in a process of their own and answer each call after a fixed
time, with the demo's bytes. *Beyond the slowest store* is a lookup's time less the longest time that one of its stores
was busy with it, from its first call's start to its last one's end, taken in the same lookup; *CPU* is this process's,
from the posted body to the written answer. The *foil* is the field's way: those calls one after another, and one more
for each order that is shown. Every lookup is a refresh, so that nothing comes from the cache; with 200 in
flight it needs a machine that is otherwise idle.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvloop

from bench.beside import beside
from bench.stores import EMAIL, KEY
from server import desk, house, render, ticket
from server.auth import Agent
from server.connectors.base import Request
from server.metrics import Meter
from server.routes import Json
from server.serve import settle
from server.settings import Settings, load
from server.upstream.client import Client, open_pool
from server.upstream.guard import Guard
from server.upstream.transport import Place, Pool, Told, read_back
from server.voice import voice

SERVICE = """
[service]
base_url = "http://127.0.0.1:1"
[limits]
deadline_ms = 4000
first_answer_ms = 4000
orders = {limit}
"""
ACCOUNT = """
[[tenant]]
subdomain = "{name}"
[tenant.auth]
method = "proxied"
secrets = ["env:KEY"]
"""
STORES = (
    """
[[tenant.store]]
name = "Shop {n}"
platform = "woocommerce"
origin = "http://127.0.0.1:{port}/woocommerce-{n}"
key = "env:WOO_KEY"
secret = "env:WOO_SECRET"
auth = "basic"
""",
    """
[[tenant.store]]
name = "Shop {n}"
platform = "shopify"
shop = "bench.myshopify.com"
origin = "http://127.0.0.1:{port}/shopify-{n}"
access_token = "env:KEY"
""",
)
"""In turns: of five stores three are WooCommerce (three or four calls each) and two Shopify (two)."""

ENVIRON = {"KEY": KEY, "WOO_KEY": f"ck_{KEY}", "WOO_SECRET": f"cs_{KEY}"}
LATENCY_MS = 40
BODY = json.dumps(
    {"requester": {"email": EMAIL}, "ticket": {"subject": "Where is #1002?"}, "refresh": True, "wait_ms": 4_000}
).encode()


def names(accounts: int) -> list[str]:
    """The accounts' subdomains."""
    return ["bench", *(f"bench{n}" for n in range(1, accounts))]


def settings(port: int, stores: int, limit: int, accounts: int = 1) -> Settings:
    """Accounts with so many stores each."""
    own = "".join(STORES[n % len(STORES)].format(n=n, port=port) for n in range(stores))
    text = SERVICE.format(limit=min(limit, 50)) + "".join(ACCOUNT.format(name=name) + own for name in names(accounts))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orderside.toml")
        path.write_text(text)
        return load(path, ENVIRON)


TURNS = 10


def yardstick() -> float:
    """CPU of a loop of 100,000 steps: how fast the machine runs Python at this moment."""
    began, total = time.process_time(), 0
    for step in range(100_000):
        total += step * step % 7
    return time.process_time() - began


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of CPU: the least of some turns; and the median of each turn's share of a yardstick taken beside it."""

    least: float
    share: float

    @classmethod
    def of(cls, turns: list[tuple[float, float]]) -> "Cost":
        """What turns cost that took so long, each with its yardstick."""
        return cls(min(turn for turn, _ in turns), statistics.median(turn / stick for turn, stick in turns))

    def __str__(self) -> str:
        return f"{1000 * self.least:.2f} ms ({self.share:.2f})"


@dataclass(slots=True)
class Watched(Pool):
    """The real transport, noting when each call to which store began and ended."""

    inner: Pool = field(default_factory=open_pool)
    calls: list[tuple[Place, bytes, float, float]] = field(default_factory=list)

    async def ask(self, place: Place, question: bytes) -> Told:
        """Passes the call on and reads it to its end, so that the end is the body's."""
        began = time.perf_counter()
        status, headers, stream = await self.inner.ask(place, question)
        body = b"".join([chunk async for chunk in stream])
        await stream.aclose()
        self.calls.append((place, question, began, time.perf_counter()))
        return status, headers, httpx.ByteStream(body)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def busiest(self) -> float:
        """The longest time that one store was busy, in seconds."""
        spans: dict[bytes, tuple[float, float]] = {}
        for _, question, began, ended in self.calls:
            store = question.split(b"/")[1]
            first, last = spans.get(store, (began, ended))
            spans[store] = (min(first, began), max(last, ended))
        return max(last - first for first, last in spans.values())


async def lookup(here: house.House, account: str = "bench", *, html: bool = False) -> bytes:
    """From the posted body to the answer's bytes."""
    arrived = asyncio.get_running_loop().time()
    ask = ticket.read(BODY, ticket.Ask)
    summary = await desk.summary(here, Agent(account, "bench"), ask, arrived=arrived, deadline=arrived + 4)
    states = {(source.state, source.about.get("reason")) for source in summary.sources}
    assert {state for state, _ in states} == {"answered"}, states
    speak = voice("en-GB", "Europe/London", summary.generated_at)
    if html:
        return render.to_html(summary, speak).encode()
    return bytes(Json(render.to_json(summary, speak)).body)


@asynccontextmanager
async def opened(
    port: int, stores: int, orders: int, pool: Pool | None = None, accounts: int = 1
) -> AsyncIterator[house.House]:
    """A house that has asked its stores before, so that its connections are open."""
    numbers = itertools.count()
    async with pool or open_pool() as wire:
        here = house.build(
            settings(port, stores, orders, accounts), wire, meter=Meter(), ids=lambda: str(next(numbers))
        )
        settle()
        for name in names(accounts) * 2:
            await lookup(here, name)
        yield here


async def beyond(port: int, lookups: int) -> None:
    """Five stores of ten orders: time beyond the slowest of them, and beside the foil."""
    wire = Watched()
    async with opened(port, 5, 10, wire) as here:
        added, took = [], []
        for _ in range(lookups):
            wire.calls.clear()
            began = time.perf_counter()
            await lookup(here)
            took.append(time.perf_counter() - began)
            added.append(took[-1] - wire.busiest())
        calls = [read_back(place, question) for place, question, _, _ in wire.calls]
        foil = [await _one_after_the_other(calls, shown=10) for _ in range(5)]
        ours = []
        for _ in range(lookups):
            cpu_began = time.process_time()
            await lookup(here)
            ours.append(time.process_time() - cpu_began)
    added.sort()
    p50, p99 = (1000 * added[int(share * (len(added) - 1))] for share in (0.5, 0.99))
    print(f"five stores, ten orders each, {len(calls)} calls of {LATENCY_MS} ms:")
    print(f"  beyond the slowest store   p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    longer = statistics.median(each for each, _ in foil) / statistics.median(took)
    dearer = statistics.median(each for _, each in foil) / statistics.median(ours)
    print(f"  the foil takes             {longer:.1f} times as long, {dearer:.1f} times the CPU, nothing judged")


async def _one_after_the_other(calls: list[httpx.Request], shown: int) -> tuple[float, float]:
    """The same calls, and one for each order that is shown, by httpx as it comes; seconds, and seconds of CPU."""
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.send(calls[0])
        began, cpu_began = time.perf_counter(), time.process_time()
        for request in [*calls, *calls[:1] * shown]:
            (await client.send(request)).json()
        return time.perf_counter() - began, time.process_time() - cpu_began


async def cpu(port: int, stores: int, orders: int, lookups: int, at_once: int = 1, *, html: bool = False) -> Cost:
    """CPU per lookup, of so many accounts at once."""
    async with opened(port, stores, orders, accounts=at_once) as here:

        async def some(name: str, count: int) -> None:
            for _ in range(count):
                await lookup(here, name, html=html)

        each = max(lookups // at_once // TURNS, 1)
        turns = []
        for _ in range(TURNS):
            began = time.process_time()
            await asyncio.gather(*(some(name, each) for name in names(at_once)))
            turns.append(((time.process_time() - began) / (each * at_once), yardstick()))
    return Cost.of(turns)


@dataclass(frozen=True)
class Anywhere:
    """A target for calls that nobody parses."""

    origin: str
    token_origin: None = None
    read_posts: frozenset[str] = frozenset()


async def cpu_per_call(port: int, calls: int) -> float:
    """CPU of a call through guard and wire whose 4 kB nobody parses, in milliseconds: the least of ten turns."""
    request = Request("/wp-json/wc/v3/orders", query=(("customer", "42"), ("per_page", "10")))
    async with open_pool() as pool:
        guard = Guard(Client(pool, Anywhere(f"http://127.0.0.1:{port}")), 4)
        loop = asyncio.get_running_loop()
        turns = []
        for _ in range(10):
            began = time.process_time()
            for _ in range(calls // 10):
                await guard.wire(loop.time() + 30).send(request)
            turns.append((time.process_time() - began) / (calls // 10))
    return 1000 * min(turns)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.lookup", description=__doc__)
    parser.add_argument("--lookups", type=int, default=100)
    count = parser.parse_args().lookups
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        with beside("bench.stores", LATENCY_MS, 10) as port:
            runner.run(beyond(port, count))
        with beside("bench.echo") as port:
            print(f"  CPU of a call              {runner.run(cpu_per_call(port, 10 * count)):.2f} ms, parsing left out")
        print("in brackets: as a share of a yardstick, 100,000 steps of a loop in Python, taken by turns")
        with beside("bench.stores", 0, 10) as port:
            print(f"  CPU of a lookup            {runner.run(cpu(port, 5, 10, count))} as JSON, ", end="")
            print(f"{runner.run(cpu(port, 5, 10, count, html=True))} as HTML")
            print("CPU of a lookup as JSON, by stores, by orders of each, and by lookups in flight:")
            for stores in (1, 5, 20):
                print(f"  {stores:>3} stores, 10 orders      {runner.run(cpu(port, stores, 10, count))}")
            for at_once in (1, 20, 200):
                print(f"  5 stores, {at_once:>3} in flight     {runner.run(cpu(port, 5, 10, 2 * count, at_once))}")
        for orders in (10, 100):
            with beside("bench.stores", 0, orders) as port:
                print(f"  5 stores, {orders:>3} orders        {runner.run(cpu(port, 5, orders, count))}")


if __name__ == "__main__":
    main()
