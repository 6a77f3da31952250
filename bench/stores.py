"""Two embedded stores for measuring, in a process of their own: one customer with ten orders in each.

`python -m bench.stores PORT LATENCY_MS`; every answer takes LATENCY_MS, whatever is asked.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from server.demo import shopify, woocommerce
from server.demo import shopify_books as us
from server.demo import woocommerce_data as eu

EMAIL = "jane.doerr@gmail.com"
ORDERS = 10
KEY = "bench-0123456789abcdef0123456789abcdef"


def woocommerce_shop(now: datetime) -> woocommerce.Shop:
    """Ten orders of one account, three of them with parcels, two with refunds."""
    jane = eu.Buyer("Jane", "Doerr", EMAIL, account=42)
    refunds = {3: eu.refund(9003, "10.00", now), 5: eu.refund(9005, "12.00", now)}
    orders = [
        eu.order(
            1000 + n,
            jane,
            now - timedelta(days=20 * n + 1),
            eu.Line("Linen Apron", "39.00"),
            eu.Line("Steel Bottle", "24.00", 2),
            parcels=[eu.parcel(f"BENCH{n}", now - timedelta(days=20 * n), "dhl")] if n < 3 else [],
            refunds=[refunds[n]] if n in refunds else [],
        )
        for n in range(ORDERS)
    ]
    return woocommerce.Shop(orders, [eu.customer(jane, now - timedelta(days=900))], list(refunds.values()))


def shopify_shop(now: datetime) -> us.Shop:
    """Ten orders of one customer, each with a delivered parcel and its scans."""
    books = us.Books(now, "#B", 7000)
    home = us.place("Jane Doerr", "1 Main St", "Austin", "Texas", "73301")
    jane = books.customer("Jane", "Doerr", EMAIL, home)
    for n in range(ORDERS):
        days = 15.0 * n + 5
        scans = (books.scan("DELIVERED", days - 3, "Austin", "Texas", "Delivered"),)
        parcel = books.parcel("DELIVERED", days - 1, f"1ZBENCH{n}", *scans, delivered=days - 3)
        lines = (us.line("Linen Apron", "39.00", sent=True), us.line("Steel Bottle", "24.00", sent=True))
        books.order(
            str(2000 + n), days, jane, home, *lines, fulfillments=[parcel], displayFulfillmentStatus="FULFILLED"
        )
    return books.shop()


class Late:
    """Answers after a fixed time, as a store far away would."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Waits, then answers."""
        if scope["type"] == "http":
            await asyncio.sleep(self._seconds)
        await self._app(scope, receive, send)


def stores(seconds: float) -> Starlette:
    """Both stores, below `/woocommerce` and `/shopify`."""
    now = datetime.now(UTC)
    both: dict[str, Any] = {
        "woocommerce": woocommerce.woocommerce_store(woocommerce_shop(now), key=f"ck_{KEY}", secret=f"cs_{KEY}"),
        "shopify": shopify.Store(shopify_shop(now), KEY),
    }
    return Starlette(routes=[Mount(f"/{name}", Late(app, seconds)) for name, app in both.items()])


if __name__ == "__main__":
    uvicorn.run(
        stores(int(sys.argv[2]) / 1000), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False
    )
