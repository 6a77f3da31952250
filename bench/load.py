"""Many tickets over many accounts and stores, some dead, dripping or flapping: what agents get, and what it costs us.

`python -m bench.load [--tickets 5000] [--tenants 100] [--at-once 40] [--seed 5]`. The service runs whole, in this
process; its stores are a transport that answers after a drawn time or not at all, and puts into each customer's id
whose he is, so that an answer that was crossed would be seen. Ends with 1 where one was lost, crossed or too late.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

from server.app import create_app
from server.settings import load

KEY = "bench-0123456789abcdef0123456789abcdef"
URL = "https://service.example"
DEADLINE_S = 4.0
POLLS = 6
KINDS = {"well": 84, "slow": 8, "dead": 3, "dripping": 2, "flapping": 3}
"""What stores do, and how many in a hundred do it."""


@dataclass(slots=True)
class Shops(httpx.AsyncBaseTransport):
    """Every store of every account. What a store does is drawn once, from its name."""

    rng: random.Random
    calls: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """A WooCommerce shop's answer: one customer for each address that is asked for, and no orders."""
        self.calls += 1
        kind = kind_of(request.url.host)
        if kind == "dead" or (kind == "flapping" and self.rng.random() < 0.5):
            raise httpx.ConnectError("dead", request=request)
        await asyncio.sleep({"slow": 1.5, "dripping": 60.0}.get(kind, self.rng.uniform(0.02, 0.12)))
        email = request.url.params.get("email")
        rows = [] if email is None or "/customers" not in request.url.path else [customer(request.url.host, email)]
        return httpx.Response(
            200, headers={"content-type": "application/json"}, stream=_Body(json.dumps(rows).encode())
        )


class _Body(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> Any:
        yield self._content


def kind_of(host: str) -> str:
    """What the store at this host does."""
    drawn = random.Random(host)
    return drawn.choices(list(KINDS), list(KINDS.values()))[0]


def customer(host: str, email: str) -> Mapping[str, object]:
    """A customer row whose id says whose it is."""
    return {"id": number(host, email), "email": email, "first_name": "Ann", "last_name": "Lee", "billing": {}}


def number(host: str, email: str) -> int:
    """The id of an address's owner in one store."""
    return 1 + zlib.crc32(f"{host}/{email}".encode())


_KEYS = 'key = "env:KEY"\nsecret = "env:KEY"\n'


def settings(folder: Path, tenants: int, rng: random.Random) -> Path:
    """One to four stores for each account."""
    text = [f'[service]\nbase_url = "{URL}"\n']
    for tenant in range(tenants):
        text.append(f'[[tenant]]\nsubdomain = "t{tenant}"\n[tenant.auth]\nmethod = "proxied"\nsecrets = ["env:KEY"]\n')
        for store in range(rng.choice([1, 2, 2, 3, 4])):
            origin = f"https://t{tenant}-s{store}.example"
            text += [f'[[tenant.store]]\nname = "S{store}"\nplatform = "woocommerce"\norigin = "{origin}"\n', _KEYS]
    file = folder / "orderside.toml"
    file.write_text("".join(text))
    return file


@dataclass(slots=True)
class Tally:
    """What agents got. Times are in seconds."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    crossed: int = 0
    lost: int = 0


async def ticket(client: httpx.AsyncClient, tenant: int, email: str, tally: Tally) -> None:
    """One ticket as the app asks about it: until every store has spoken, or refused with a time to come back."""
    now = int(time.time())
    claims = {"iss": f"t{tenant}", "aud": URL, "iat": now, "exp": now + 60}
    headers = {"authorization": f"Bearer {jwt.encode(claims, KEY, algorithm='HS256')}"}
    body: dict[str, Any] = {"requester": {"email": email}}
    began = time.monotonic()
    for poll in range(POLLS):
        answer = await client.post("/v1/summary", json=body, headers=headers)
        if answer.status_code in {429, 503} and "retry-after" in answer.headers:
            tally.refused[answer.status_code] += 1
            return
        if answer.status_code != 200:
            tally.lost += 1
            return
        found = answer.json()
        if poll == 0:
            tally.first.append(time.monotonic() - began)
        records = found["customer"]["records"] if found["customer"] else []
        hosts = {record["store"]: f"t{tenant}-{record['store'].lower()}.example" for record in records}
        tally.crossed += sum(str(number(hosts[record["store"]], email)) != record["id"] for record in records)
        if found["complete"]:
            tally.whole.append(time.monotonic() - began)
            tally.states.update(source["state"] for source in found["sources"])
            return
        body = {**body, "lookup": found["lookup"], "wait_ms": 3000}
    tally.lost += 1


async def storm(client: httpx.AsyncClient, plan: Sequence[tuple[int, str]], at_once: int, tally: Tally) -> None:
    """All the tickets of a plan, so many at a time."""
    room = asyncio.Semaphore(at_once)

    async def one(tenant: int, email: str) -> None:
        async with room:
            await ticket(client, tenant, email, tally)

    await asyncio.gather(*(one(*each) for each in plan))


def resident_mb() -> float:
    """The process's resident memory (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def share(values: Sequence[float], at: float) -> float:
    """A percentile, in milliseconds."""
    return 1000 * sorted(values)[int(at * (len(values) - 1))] if values else 0.0


async def run(tickets: int, tenants: int, at_once: int, seed: int) -> int:
    """Warms up, runs the mix, then sets a noisy account beside a quiet one; prints what came of it."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        shops = Shops(rng)
        app = create_app(load(settings(Path(folder), tenants, rng), {"KEY": KEY}), transport=shops)
        transport = httpx.ASGITransport(app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=URL) as client:

            def plan(count: int, among: Sequence[int]) -> list[tuple[int, str]]:
                return [(rng.choice(among), f"buyer{rng.randrange(10**6)}@example.com") for _ in range(count)]

            everybody = range(tenants)
            await storm(client, plan(tickets // 10, everybody), at_once, Tally())
            before, began, tally = resident_mb(), time.monotonic(), Tally()
            await storm(client, plan(tickets, everybody), at_once, tally)
            took, after = time.monotonic() - began, resident_mb()
            well = [n for n in everybody if all(kind_of(f"t{n}-s{s}.example") == "well" for s in range(4))]
            quiet, beside = Tally(), Tally()
            await storm(client, plan(200, well[1:]), 10, quiet)
            noise = asyncio.create_task(storm(client, plan(2000, well[:1]), 100, Tally()))
            await storm(client, plan(200, well[1:]), 10, beside)
            noise.cancel()
            await asyncio.gather(noise, return_exceptions=True)
    late = sum(each > DEADLINE_S + 0.35 for each in tally.whole)  # a poll of the app's comes up to a quarter later
    print(f"{tickets:,} tickets, {tenants} accounts, {at_once} at once: {tickets / took:.0f}/s, {shops.calls:,} calls")
    print(f"first answer p50 {share(tally.first, 0.5):.0f} ms, p99 {share(tally.first, 0.99):.0f} ms")
    print(f"whole answer p50 {share(tally.whole, 0.5):.0f} ms, p99 {share(tally.whole, 0.99):.0f} ms, late {late}")
    print(f"sources {dict(tally.states)}")
    print(f"refused {dict(tally.refused)}, lost {tally.lost}, crossed {tally.crossed}")
    print(f"memory {before:.0f} -> {after:.0f} MB ({100 * (after / before - 1):+.1f} %)")
    times = share(beside.first, 0.95) / share(quiet.first, 0.95)
    print(f"quiet accounts beside a noisy one: p95 {times:.2f} times theirs alone")
    return int(bool(tally.lost or tally.crossed or late))


def main() -> int:
    """Runs the load."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--tickets", type=int, default=5000)
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    logging.disable(logging.WARNING)  # stores turn all the time here
    return asyncio.run(run(args.tickets, args.tenants, args.at_once, args.seed))


if __name__ == "__main__":
    sys.exit(main())
