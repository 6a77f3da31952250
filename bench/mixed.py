"""Everything that can be asked, of many accounts at once, with ids of other accounts among it: no answer is crossed.

`python -m bench.mixed [--requests 50000] [--tenants 20] [--at-once 40] [--seed 5]`. The service runs whole, in this
process. All accounts have the same customers with the same ids in stores of the same names, so that nothing but the
account tells them apart; each account's stores put its mark into every text. Ends with 1 where an answer bears another
account's mark, where a foreign id opens anything, or where something breaks.
"""

import argparse
import asyncio
import json
import logging
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt

from server.app import create_app
from server.demo import woocommerce_data
from server.demo.woocommerce import woocommerce_store
from server.settings import load

Json = dict[str, Any]
URL = "https://service.example"
BUYERS = (
    "jane.doerr@gmail.com", "omar.haddad@example.net", "maria.rossi@studio.example", "office@birchwood.example",
    "tom.becker@example.org", "yuki.tanaka@example.jp", "eve.ohara@example.com", "nobody@example.com",
)  # fmt: skip
TEXTS = frozenset({"first_name", "last_name", "company", "city", "name", "customer_note", "note", "reason", "code"})
"""The fields of WooCommerce's that are shown as they are."""

AGAIN = 3
"""How often a question is put to a service that is busy."""

CONTACTS = ["email", "phone", "address"]
MARK = re.compile(r"zq(\d+)qz")


@dataclass(slots=True)
class Shops(httpx.AsyncBaseTransport):
    """Every store of every account: the demo's shop, with the account's mark in all that it tells."""

    store: httpx.ASGITransport
    calls: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The shop's answer, marked."""
        self.calls += 1
        host = request.url.host
        request.url = request.url.copy_with(host="shop.example")
        answer = await self.store.handle_async_request(request)
        body = json.loads(await answer.aread() or b"null")
        marked = json.dumps(_marked(body, f"zq{host.partition('-')[0][1:]}qz")).encode()
        kept = {name: text for name, text in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=kept, stream=httpx.ByteStream(marked))


def _marked(value: object, mark: str, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: _marked(member, mark, name) for name, member in value.items()}
    if isinstance(value, list):
        return [_marked(member, mark, key) for member in value]
    return f"{value} {mark}" if isinstance(value, str) and value and key in TEXTS else value


def settings(folder: Path, tenants: int) -> tuple[Path, Mapping[str, str]]:
    """Accounts that differ in their secret alone; and the environment that holds their secrets."""
    text = [f'[service]\nbase_url = "{URL}"\n']
    for n in range(tenants):
        text.append(f'[[tenant]]\nsubdomain = "t{n}"\n[tenant.auth]\nmethod = "proxied"\nsecrets = ["env:KEY{n}"]\n')
        for name in ("EU", "US"):
            text.append(f'[[tenant.store]]\nname = "{name}"\nplatform = "woocommerce"\ncountry = "DE"\n')
            text.append(f'origin = "https://t{n}-{name.lower()}.example"\nkey = "env:KEY"\nsecret = "env:KEY"\n')
    file = folder / "orderside.toml"
    file.write_text("".join(text))
    return file, {"KEY": "k" * 40, **{f"KEY{n}": f"secret-of-account-{n:03}-0123456789abcdef" for n in range(tenants)}}


@dataclass(slots=True)
class Tally:
    """What came of it, by kind of question and status; what must not be; and how many marks were seen at all."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    crossed: int = 0
    opened: int = 0
    broken: int = 0
    marked: int = 0


@dataclass(slots=True)
class Town:
    """The accounts, what each was last told, and somebody who asks in their names."""

    client: httpx.AsyncClient
    secrets: Mapping[str, str]
    tenants: int
    rng: random.Random
    tally: Tally = field(default_factory=Tally)
    held: dict[int, Json] = field(default_factory=dict)

    async def post(
        self, kind: str, tenant: int, path: str, body: Json, *, key: int | None = None, html: bool = False
    ) -> Json:
        """One answer, looked through for the marks of others."""
        now = int(time.time())
        claims = {"iss": f"t{tenant}", "aud": URL, "iat": now, "exp": now + 60}
        token = jwt.encode(claims, self.secrets[f"KEY{tenant if key is None else key}"], algorithm="HS256")
        headers = {"authorization": f"Bearer {token}", "accept": "text/html" if html else "application/json"}
        answer = await self._asked(f"/v1/{path}", {"wait_ms": 4000, **body}, headers)
        self.tally.statuses[kind, answer.status_code] += 1
        self.tally.broken += answer.status_code >= 500 and answer.status_code != 503
        marks = set(MARK.findall(answer.text))
        self.tally.marked += bool(marks)
        self.tally.crossed += bool(marks - {str(tenant)})
        found: Json = answer.json() if answer.headers["content-type"] == "application/json" else {}
        return found

    async def _asked(self, path: str, body: Json, headers: Mapping[str, str]) -> httpx.Response:
        """The answer, asked for again where the service was too busy, as the app does it."""
        for _ in range(AGAIN):
            answer = await self.client.post(path, json=body, headers=headers)
            if answer.status_code != 429:
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        return answer

    def ticket(self) -> Json:
        """Somebody writes; agents of the same number open it in every account, again and again."""
        agent = {"id": self.rng.randrange(1, 4)}
        subject = self.rng.choice(("Hello", "Where is #1042?", "order 1047"))
        return {"requester": {"email": self.rng.choice(BUYERS)}, "ticket": {"subject": subject}, "agent": agent}

    async def summary(self, tenant: int) -> None:
        body = self.ticket()
        found = await self.post("summary", tenant, "summary", body)
        if found.get("orders"):
            self.held[tenant] = {
                "body": body,
                "lookup": found["lookup"],
                "order": found["orders"][0]["id"],
                "mark": found["customer"]["records"][0]["mark"],
            }

    async def panel(self, tenant: int) -> None:
        await self.post("panel", tenant, "summary", self.ticket(), html=True)

    async def refresh(self, tenant: int) -> None:
        await self.post("refresh", tenant, "summary", {**self.ticket(), "refresh": True})

    async def order(self, tenant: int) -> None:
        if held := self.held.get(tenant):
            await self.post(
                "order", tenant, "order", {**held["body"], "order": held["order"]}, html=self.rng.random() < 0.5
            )

    async def reveal(self, tenant: int) -> None:
        if held := self.held.get(tenant):
            await self.post("reveal", tenant, "reveal", {**held["body"], "fields": CONTACTS})

    async def choose(self, tenant: int) -> None:
        body = {"email": "office@birchwood.example", "agent": {"id": self.rng.randrange(1, 10**6)}}
        found = await self.post("search", tenant, "search", body)
        for candidate in found.get("match", {"candidates": []})["candidates"][:1]:
            await self.post("chosen", tenant, "search", {**body, "chosen": candidate["id"]})

    async def steal(self, tenant: int) -> None:
        """With ids that another account holds; all accounts have orders of these very ids."""
        other = self.rng.choice([n for n in self.held if n != tenant] or [tenant])
        if other == tenant:
            return
        ids = self.held[other]
        found = await self.post(
            "steal", tenant, "reveal", {"lookup": ids["lookup"], "fields": ["email", "phone", "address"]}
        )
        self.tally.opened += "emails" in found
        stranger = {"requester": {"email": "nobody@example.com"}, "lookup": ids["lookup"]}
        found = await self.post("steal", tenant, "order", {**stranger, "order": ids["order"]})
        self.tally.opened += "order" in found
        found = await self.post("steal", tenant, "summary", {**stranger, "chosen": ids["mark"], "aside": [ids["mark"]]})
        self.tally.opened += bool(found.get("orders") or found.get("customer"))
        found = await self.post("steal", tenant, "summary", {**ids["body"], "lookup": ids["lookup"]})
        self.tally.opened += found.get("lookup") == ids["lookup"]

    async def forge(self, tenant: int) -> None:
        """With another account's secret."""
        found = await self.post("forge", tenant, "summary", self.ticket(), key=(tenant + 1) % self.tenants)
        self.tally.opened += "error" not in found

    async def err(self, tenant: int) -> None:
        await self.post(
            "err", tenant, "summary", self.rng.choice(({}, {"requester": {"email": 5}}, {"requester": "x"}))
        )

    @property
    def mix(self) -> list[tuple[Callable[[int], Awaitable[None]], int]]:
        """What is asked, and how many of a hundred times."""
        return [(self.summary, 38), (self.panel, 15), (self.refresh, 5), (self.order, 12), (self.reveal, 8),
                (self.choose, 4), (self.steal, 10), (self.forge, 4), (self.err, 4)]  # fmt: skip

    async def run(self, requests: int, at_once: int) -> None:
        """Asks until that many answers have come."""

        async def ask() -> None:
            while self.tally.statuses.total() < requests:
                (what,) = self.rng.choices([each for each, _ in self.mix], [weight for _, weight in self.mix])
                await what(self.rng.randrange(self.tenants))

        await asyncio.gather(*(ask() for _ in range(at_once)))


async def run(requests: int, tenants: int, at_once: int, seed: int) -> tuple[Tally, int]:
    """The whole of it, and how many calls it cost the stores."""
    shop = woocommerce_store(woocommerce_data.acme_eu(datetime.now(UTC)), key="k" * 40, secret="k" * 40)
    with tempfile.TemporaryDirectory() as folder:
        shops = Shops(httpx.ASGITransport(shop))
        path, environ = settings(Path(folder), tenants)
        app = create_app(load(path, environ), transport=shops)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
        ):
            town = Town(client, environ, tenants, random.Random(seed))
            await town.run(requests, at_once)
    return town.tally, shops.calls


def main() -> int:
    """Runs it and prints what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.mixed", description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    parser.add_argument("--tenants", type=int, default=20)
    parser.add_argument("--at-once", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    began = time.monotonic()
    tally, calls = asyncio.run(run(args.requests, args.tenants, args.at_once, args.seed))
    total, took = tally.statuses.total(), time.monotonic() - began
    print(
        f"{total:,} answers to {args.tenants} accounts, {args.at_once} at once: {total / took:.0f}/s, {calls:,} calls"
    )
    for (kind, status), count in sorted(tally.statuses.items()):
        print(f"  {kind:8} {status} {count:7,}")
    print(f"{tally.marked:,} answers bore their account's mark, {tally.crossed} another's")
    print(f"{tally.opened} times a foreign id or secret opened anything; {tally.broken} answers broke")
    return int(bool(tally.crossed or tally.opened or tally.broken or not tally.marked))


if __name__ == "__main__":
    sys.exit(main())
