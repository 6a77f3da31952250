"""The real connector against the demo's own Shopify shops: the wire format fits, and the demo's stories are in them."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from server.connectors.base import Request, Response
from server.connectors.shopify import GRANT, Shopify
from server.connectors.shopify_config import ShopifyConfig
from server.demo.shopify import Store
from server.demo.shopify_books import Shop
from server.demo.shopify_data import acme_us, cedar
from server.errors import Refused
from server.model import (
    Answer,
    By,
    DisputeStatus,
    Money,
    Order,
    PartyKind,
    PaymentStatus,
    Question,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = "demo-token"


class AsgiWire:
    """A wire to an app in the same process."""

    def __init__(self, app: Store) -> None:
        self.app = app
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.sent.append(request)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://store") as client:
            got = await client.request(
                request.method,
                request.path,
                headers=request.headers,
                json=request.json,
                data=dict(request.form) or None,
            )
        return Response(got.status_code, dict(got.headers), got.content)


def connector(**way_in: Any) -> Shopify:
    keys = way_in or {"access_token": TOKEN}
    config = ShopifyConfig.model_validate({"shop": "acme-us.myshopify.com", **keys})
    return Shopify("Acme US", config, now=NOW.timestamp)


def ask(by: By, value: str, shop: Shop | None = None, *spellings: str) -> Answer:
    def same(text: str) -> bool:
        return text.lstrip("#").casefold() == value.lstrip("#").casefold()

    wire = AsgiWire(Store(shop or acme_us(NOW), TOKEN))
    return asyncio.run(connector().ask(Question(by, value, spellings or (value,), same), 10, wire))


def order_of(email: str, number: str) -> Order:
    return next(order for order in ask(By.EMAIL, email).orders if order.number == number)


def days_ago(instant: datetime | None) -> int:
    assert instant is not None
    return (NOW - instant).days


def test_jane_gets_her_order_and_not_mary_janes() -> None:
    found = ask(By.EMAIL, "jane.doerr@gmail.com")
    assert [party.names for party in found.parties] == [("Jane Doerr",)]
    assert [order.number for order in found.orders] == ["#US-2210"]
    assert found.dropped == 0, "Mary Jane, whom the search finds as well, is not even fetched"
    (order,) = found.orders
    assert order.totals.total == Money(Decimal("31.00"), "USD")
    assert order.shipments[0].status is ShipmentStatus.DELIVERED
    assert [event.status for event in order.shipments[0].events] == [
        ShipmentStatus.DELIVERED,
        ShipmentStatus.OUT_FOR_DELIVERY,
    ]


def test_graces_parcel_has_been_silent_since_memphis() -> None:
    (parcel,) = order_of("grace.kim@example.com", "#US-2225").shipments
    assert (parcel.status, parcel.delivered_at) == (ShipmentStatus.IN_TRANSIT, None)
    assert (days_ago(parcel.events[0].at), parcel.events[0].place) == (6, "Memphis, Tennessee, US")
    assert parcel.events[0].at > parcel.events[1].at  # type: ignore[operator]


def test_daniels_bank_wants_the_money_back() -> None:
    order = order_of("daniel.wright@example.com", "#US-2218")
    assert order.payment.status is PaymentStatus.DISPUTED
    assert [dispute.status for dispute in order.disputes] == [DisputeStatus.NEEDS_RESPONSE]
    assert days_ago(order.shipments[0].delivered_at) == 4


def test_olivias_refund_is_still_under_way() -> None:
    order = order_of("olivia.brown@example.com", "#US-2236")
    assert order.cancelled is not None
    assert (days_ago(order.cancelled.at), order.cancelled.reason) == (2, "CUSTOMER")
    assert [(refund.amount, refund.status) for refund in order.refunds] == [
        (Money(Decimal("58.00"), "USD"), RefundStatus.PENDING)
    ]


def test_yuki_paid_in_yen_and_in_dollars() -> None:
    totals = {order.number: order.totals.total for order in ask(By.EMAIL, "yuki.tanaka@example.jp").orders}
    assert totals == {"#US-2231": Money(Decimal(12800), "JPY"), "#US-2219": Money(Decimal("43.00"), "USD")}


def test_sams_payment_failed_for_want_of_money() -> None:
    payment = order_of("sam.carter@example.com", "#US-2240").payment
    assert (payment.status, payment.failure) == (PaymentStatus.FAILED, "INSUFFICIENT_FUNDS")


def test_noah_wants_to_return_one_of_two_items() -> None:
    order = order_of("noah.schmidt@example.com", "#US-2229")
    assert len(order.items) == 2
    assert [(back.status, back.reason) for back in order.returns] == [(ReturnStatus.REQUESTED, "Too small")]
    assert [item.title for item in order.returns[0].items] == ["Rain Jacket"]


def test_li_wei_is_a_guest() -> None:
    found = ask(By.EMAIL, "li.wei@example.cn")
    assert [(party.kind, party.store_id) for party in found.parties] == [(PartyKind.GUEST, "guest:li.wei@example.cn")]
    assert [order.number for order in found.orders] == ["#US-2233"]


@pytest.mark.parametrize("spelling", ["#US-2210", "US-2210"])
def test_an_order_is_found_by_its_number_and_its_likes_are_not(spelling: str) -> None:
    found = ask(By.ORDER_NUMBER, "US-2210", None, spelling)
    assert [order.number for order in found.orders] == ["#US-2210"]
    assert found.dropped


def test_by_phone_by_name_and_by_id() -> None:
    assert [order.number for order in ask(By.PHONE, "+19015550142").orders] == ["#US-2225"]
    named = ask(By.NAME, "Jane Doerr")
    assert [order.number for order in named.orders] == ["#US-2210"]
    (jane,) = named.parties
    assert [order.number for order in ask(By.CUSTOMER_ID, jane.store_id).orders] == ["#US-2210"]


def test_cedar_knows_lucas() -> None:
    found = ask(By.EMAIL, "lucas.martin@example.fr", cedar(NOW))
    assert [order.number for order in found.orders] == ["#C5021"]
    assert found.orders[0].shipments[0].status is ShipmentStatus.IN_TRANSIT


def test_nobody_is_nobody() -> None:
    assert ask(By.EMAIL, "nobody@example.com") == Answer()


def test_every_order_can_be_read_and_grows_old_with_the_clock() -> None:
    later = NOW + timedelta(days=365)
    for shop in (acme_us(later), cedar(later)):
        numbers = {row["name"] for row in shop.orders}
        found = [order for name in numbers for order in ask(By.ORDER_NUMBER, name, shop).orders]
        assert {order.number for order in found} == numbers
        assert all(later - timedelta(days=26) < order.placed_at < later for order in found if order.placed_at)


def test_a_token_is_lent_and_a_wrong_one_is_turned_down() -> None:
    store = Store(acme_us(NOW), TOKEN, client=("client", "client-secret"), nonce=lambda: "lent")
    nobody = Question(By.PHONE, "+1", ("+1",), lambda text: False)
    wire = AsgiWire(store)
    lent = connector(client_id="client", client_secret="client-secret")
    assert asyncio.run(lent.ask(nobody, 10, wire)) == Answer()
    assert [request.path == GRANT for request in wire.sent] == [True, False]
    for wrong in (connector(access_token="x"), connector(client_id="client", client_secret="x")):
        with pytest.raises(Refused) as caught:
            asyncio.run(wrong.ask(nobody, 10, AsgiWire(store)))
        assert caught.value.reason == "credentials"
