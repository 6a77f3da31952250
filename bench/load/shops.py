"""The stores of every account, below httpx's transport: what each does is drawn once, from its name.

Each puts into a customer's id whose he is, so that an answer that was crossed would be seen.
"""

import asyncio
import json
import random
import time
import zlib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx

KEY = "bench-0123456789abcdef0123456789abcdef"
URL = "https://service.example"
KINDS = {
    "well": 80, "slow": 6, "dead": 2, "dripping": 2, "flapping": 3, "throttling": 2, "broken": 1, "changed": 2,
    "refusing": 1, "down": 1,
}  # fmt: skip
"""What stores do, and how many in a hundred do it."""


Spans = dict[str, tuple[float, float]]
SPANS: ContextVar[Spans | None] = ContextVar("spans", default=None)
"""From when till when each store was kept busy by one ticket, where somebody wants to know."""


QUICK, USUAL = (0.02, 0.12), (0.2, 0.6)
"""Seconds in which a shop answers: at its best, and with PHP and plugins behind it."""


@dataclass(slots=True)
class Shops(httpx.AsyncBaseTransport):
    """WooCommerce shops with one customer for each address that is asked for, and an order of his."""

    rng: random.Random
    calls: int = 0
    pace: tuple[float, float] = QUICK

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to one call, or what there is instead of one."""
        self.calls += 1
        began, spans, host = time.monotonic(), SPANS.get(), request.url.host
        response = await self._answer(request)
        if spans is not None:
            spans[host] = (min(began, spans.get(host, (began, 0))[0]), time.monotonic())
        return response

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        kind = kind_of(request.url.host)
        chance = self.rng.random()
        if kind == "dead" or (kind == "flapping" and chance < 0.5):
            raise httpx.ConnectError("dead", request=request)
        await asyncio.sleep({"slow": 1.5, "dripping": 60.0}.get(kind, self.rng.uniform(*self.pace)))
        if kind == "broken" and chance < 0.5:
            raise httpx.ReadError("broken", request=request)
        if kind == "throttling" and chance < 0.3:
            return _answer(429, b"{}", {"retry-after": "1"})
        if kind in {"refusing", "down"}:
            return _answer(401 if kind == "refusing" else 503, b"{}")
        if kind == "changed":
            return _answer(200, b"<html>")
        return _answer(200, json.dumps(_rows(request)).encode())


def _rows(request: httpx.Request) -> list[Mapping[str, object]]:
    host, asked = request.url.host, request.url.params
    if "/customers" in request.url.path and "email" in asked:
        return [customer(host, asked["email"])]
    if "/orders" in request.url.path and "customer" in asked:
        return [order(int(asked["customer"]))]
    return []


class _Body(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> Any:
        yield self._content


def _answer(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, headers={"content-type": "application/json", **(headers or {})}, stream=_Body(body))


@lru_cache(4096)
def kind_of(host: str) -> str:
    """What the store at this host does."""
    return random.Random(host).choices(list(KINDS), list(KINDS.values()))[0]


def number(host: str, email: str) -> int:
    """The id of an address's owner in one store."""
    return 1 + zlib.crc32(f"{host}/{email}".encode())


def customer(host: str, email: str) -> Mapping[str, object]:
    """A customer row whose id says whose it is."""
    return {"id": number(host, email), "email": email, "first_name": "Ann", "last_name": "Lee", "billing": {}}


def order(owner: int) -> Mapping[str, object]:
    """His order; its number is his id."""
    line = {"id": 1, "name": "Linen Apron", "quantity": 2, "subtotal": "39.00", "total": "39.00", "price": 19.5}
    return {
        "id": owner, "number": str(owner), "status": "processing", "currency": "EUR", "customer_id": owner,
        "date_created_gmt": "2026-11-20T10:00:00", "date_paid_gmt": "2026-11-20T10:00:05", "total": "43.90",
        "discount_total": "0.00", "shipping_total": "4.90", "total_tax": "0.00", "cart_tax": "0.00",
        "line_items": [line], "billing": {}, "shipping": {}, "refunds": [], "meta_data": [],
    }  # fmt: skip


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
