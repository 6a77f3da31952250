"""Embedded stores for measuring, in a process of their own: one customer with so many orders in each.

`python -m bench.stores PORT LATENCY_MS ORDERS`; WooCommerce shops below `/woocommerce-N`, Shopify's below `/shopify-N`.
Each question is answered by the demo's store once; from then on its bytes come after LATENCY_MS, at next to no CPU.
"""

import asyncio
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httptools
import httpx
import jwt
from starlette.applications import Starlette
from starlette.routing import Mount

from server.demo import shopify, woocommerce
from server.demo import shopify_books as us
from server.demo import woocommerce_data as eu

EMAIL = "jane.doerr@gmail.com"
KEY = "bench-0123456789abcdef0123456789abcdef"
AUDIENCE = "http://127.0.0.1:1"
DAYS = 300
"""All orders are from within so many days."""


def bearer() -> str:
    """A token as Zendesk's proxy signs it, for the account that the benches serve."""
    now = int(time.time())
    claims = {"iss": "bench", "aud": AUDIENCE, "iat": now, "exp": now + 110}
    return f"Bearer {jwt.encode(claims, KEY, algorithm='HS256')}"


def woocommerce_shop(now: datetime, count: int) -> woocommerce.Shop:
    """Orders of one account; of ten, three have parcels and two have refunds."""
    jane = eu.Buyer("Jane", "Doerr", EMAIL, account=42)
    refunds = {n: eu.refund(9000 + n, "10.00", now) for n in range(count) if n % 10 in {3, 5}}
    orders = [
        eu.order(
            1000 + n,
            jane,
            now - timedelta(days=DAYS * n / count + 1),
            eu.Line("Linen Apron", "39.00"),
            eu.Line("Steel Bottle", "24.00", 2),
            parcels=[eu.parcel(f"BENCH{n}", now - timedelta(days=DAYS * n / count), "dhl")] if n % 10 < 3 else [],
            refunds=[refunds[n]] if n in refunds else [],
        )
        for n in range(count)
    ]
    return woocommerce.Shop(orders, [eu.customer(jane, now - timedelta(days=900))], list(refunds.values()))


def shopify_shop(now: datetime, count: int) -> us.Shop:
    """Orders of one customer, each with a delivered parcel and its scans."""
    books = us.Books(now, "#B", 7000)
    home = us.place("Jane Doerr", "1 Main St", "Austin", "Texas", "73301")
    jane = books.customer("Jane", "Doerr", EMAIL, home)
    for n in range(count):
        days = DAYS * n / count + 5
        scans = (books.scan("DELIVERED", days - 3, "Austin", "Texas", "Delivered"),)
        parcel = books.parcel("DELIVERED", days - 1, f"1ZBENCH{n}", *scans, delivered=days - 3)
        lines = (us.line("Linen Apron", "39.00", sent=True), us.line("Steel Bottle", "24.00", sent=True))
        books.order(
            str(2000 + n), days, jane, home, *lines, fulfillments=[parcel], displayFulfillmentStatus="FULFILLED"
        )
    return books.shop()


def stores(count: int) -> Starlette:
    """Both stores, as the demo has them."""
    now = datetime.now(UTC)
    both: dict[str, Any] = {
        "woocommerce": woocommerce.woocommerce_store(woocommerce_shop(now, count), key=f"ck_{KEY}", secret=f"cs_{KEY}"),
        "shopify": shopify.Store(shopify_shop(now, count), KEY),
    }
    return Starlette(routes=[Mount(f"/{name}", app) for name, app in both.items()])


Question = tuple[str, bytes, bytes]
"""Method, target, body."""


class Canned(asyncio.Protocol):
    """One connection to stores that answer the same question with the same bytes, after so long."""

    def __init__(self, inner: httpx.AsyncClient, known: dict[Question, bytes], seconds: float) -> None:
        self._inner, self._known, self._seconds = inner, known, seconds
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._target, self._headers, self._body = b"", dict[str, str](), b""

    def on_url(self, url: bytes) -> None:
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode()] = value.decode()

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        target = re.sub(rb"^/(\w+)-\d+/", rb"/\1/", self._target)
        question = self._parser.get_method().decode(), target, self._body
        if question in self._known:
            asyncio.get_running_loop().call_later(self._seconds, self._transport.write, self._known[question])
        else:
            task = asyncio.create_task(self._learn(question, self._headers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _learn(self, question: Question, headers: dict[str, str]) -> None:
        method, target, body = question
        answer = await self._inner.request(method, target.decode(), headers=headers, content=body)
        head = b"".join(b"%b: %b\r\n" % pair for pair in answer.headers.raw)
        self._known[question] = b"HTTP/1.1 %d OK\r\n%b\r\n%b" % (answer.status_code, head, answer.content)
        self._transport.write(self._known[question])


async def main(port: int, seconds: float, count: int) -> None:
    """Serves until it is ended."""
    known: dict[Question, bytes] = {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(stores(count)), base_url="https://stores") as inner:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Canned(inner, known, seconds), "127.0.0.1", port, backlog=1024)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]) / 1000, int(sys.argv[3])))
