"""Ten stores on loopback, one of them dead and one dripping: when an agent has something, and when he has it all.

`python -m bench.ten_stores [--lookups 300]`. The dead one takes connections and never answers, the dripping one sends
a byte each 0.2 s, the eight others answer at their own pace. Once with every pause of a store ended as a ticket is
opened, so that both are asked each time; once as it is. Ends with 1 where a bar is missed or an answer was wrong.
"""

import argparse
import asyncio
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvloop
from starlette.applications import Starlette

from server.app import create_app
from server.settings import Settings, load

from .load.agents import PAUSE_S, post, share
from .load.shops import KEY, URL, customer, number, order

PACES_MS = (20, 40, 60, 100, 150, 200, 300, 400)
"""What a call takes of each healthy store, by half more or less."""
STORES = (*(f"Shop {pace}" for pace in PACES_MS), "Dead", "Dripping")
ILL = {"Dead", "Dripping"}
EVERY_S = 0.4
"""A ticket is opened so often, by whomever."""
FIRST_MS = 1300.0
WHOLE_MS = 4100.0
"""The deadline, and what the contract allows beyond it."""


async def shop(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection to one of the ten."""
    with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        while True:
            target = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            if name in ILL:
                await _ail(name, reader, writer)
                break
            await asyncio.sleep(int(name.split()[-1]) * random.uniform(0.5, 1.5) / 1000)
            body = json.dumps(_rows(name, target)).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    writer.transport.abort()


async def _ail(name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the other side leaves, nothing or next to nothing."""

    async def drip() -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.2)

    dripping = asyncio.create_task(drip()) if name == "Dripping" else None
    try:
        await reader.read()
    finally:
        if dripping is not None:
            dripping.cancel()


def _rows(name: str, target: str) -> list[Any]:
    path, asked = urlsplit(target).path, parse_qs(urlsplit(target).query)
    if path.endswith("/customers") and "email" in asked:
        return [customer(name, asked["email"][0])]
    if path.endswith("/orders") and "customer" in asked:
        return [order(int(asked["customer"][0]))]
    return []


def _settings(text: str) -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "orderside.toml")
        file.write_text(text)
        return load(file, {"KEY": KEY})


@asynccontextmanager
async def service() -> AsyncIterator[Starlette]:
    """The service of an account with these stores."""
    text = [f'[service]\nbase_url = "{URL}"\n[[tenant]]\nsubdomain = "t0"\n']
    text.append('[tenant.auth]\nmethod = "proxied"\nsecrets = ["env:KEY"]\n')
    async with AsyncExitStack() as stack:
        for name in STORES:
            server = await asyncio.start_server(lambda *pair, name=name: shop(name, *pair), "127.0.0.1", 0, backlog=512)
            stack.callback(server.close)
            origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            text.append(f'[[tenant.store]]\nname = "{name}"\nplatform = "woocommerce"\norigin = "{origin}"\n')
            text.append('key = "env:KEY"\nsecret = "env:KEY"\n')
        app = create_app(_settings("".join(text)))
        async with app.router.lifespan_context(app):
            yield app


@dataclass(slots=True)
class Seen:
    """What agents got, in seconds from the ticket's opening, and what was said of the two that are ill."""

    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    ill: Counter[str] = field(default_factory=Counter)
    wrong: int = 0

    async def ticket(self, app: Starlette, email: str) -> None:
        """One ticket, asked about as the app does."""
        body: dict[str, Any] = {"requester": {"email": email}}
        began = time.monotonic()
        while True:
            status, _, found = await post(app, 0, body)
            if status != 200:
                self.wrong += 1
                return
            if "lookup" not in body:
                self.first.append(time.monotonic() - began)
            if found["complete"]:
                break
            body["lookup"] = found["lookup"]
            await asyncio.sleep(PAUSE_S)
        self.whole.append(time.monotonic() - began)
        states = {source["store"]: source["state"] for source in found["sources"]}
        self.ill.update(f"{store} {states[store]}" for store in ILL)
        shown = {(each["store"], each["number"]) for each in found["orders"]}
        well = {(store, str(number(store, email))) for store in STORES if store not in ILL}
        silent = {store for store, state in states.items() if state not in {"answered", "nothing"}}
        self.wrong += shown != well or silent != ILL

    def report(self, title: str) -> bool:
        """Prints it; whether all bars are held."""
        first, whole = ([share(each, at) for at in (0.5, 0.99)] for each in (self.first, self.whole))
        print(f"{title}: {len(self.whole)} tickets, one each {EVERY_S} s")
        print(f"  eight stores' orders shown and the other two named in all but {self.wrong}")
        print(f"  first answer   p50 {first[0]:.0f} ms, p99 {first[1]:.0f} ms, latest {share(self.first, 1):.0f} ms")
        print(f"  whole answer   p50 {whole[0]:.0f} ms, p99 {whole[1]:.0f} ms")
        print(f"  {dict(self.ill)}")
        return not self.wrong and share(self.first, 1) <= FIRST_MS and whole[1] <= WHOLE_MS


async def measure(app: Starlette, lookups: int, *, closed: bool) -> Seen:
    """So many tickets of people who were not asked for before; if `closed`, no store is paused at the start of one."""
    seen = Seen()
    async with asyncio.TaskGroup() as group:
        for at in range(lookups):
            for to in app.state.house.connections["t0"]:
                if closed:
                    to.guard.breaker.worked()
            group.create_task(seen.ticket(app, f"buyer{at}.{int(closed)}@example.com"))
            await asyncio.sleep(EVERY_S)
    return seen


async def run(lookups: int) -> bool:
    """Both ways, after a few tickets that open connections."""
    async with service() as app:
        await measure(app, 5, closed=True)
        closed = (await measure(app, lookups, closed=True)).report("asked each time")
        return (await measure(app, lookups, closed=False)).report("paused when it fails") and closed


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(prog="python -m bench.ten_stores", description=__doc__)
    parser.add_argument("--lookups", type=int, default=300)
    lookups = parser.parse_args().lookups
    logging.disable(logging.WARNING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return int(not runner.run(run(lookups)))


if __name__ == "__main__":
    sys.exit(main())
