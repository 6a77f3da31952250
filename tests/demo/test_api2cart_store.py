import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from server.connectors.api2cart import Api2Cart, Api2CartConfig
from server.connectors.base import Request, Response
from server.demo.api2cart import api2cart_store
from server.errors import Refused, StoreError
from server.model import Answer, By, FulfillmentStatus, Money, Order, PaymentStatus
from tests.connectors.scenario import question

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KEYS = {"api_key": "a2c_demo", "store_key": "5e7b1c2d3f4a5b6c7d8e9f0a1b2c3d4e"}
ORIGIN = "http://127.0.0.1:8000/stores/acme-outlet"


class Loop:
    """A wire straight into the embedded store."""

    def __init__(self) -> None:
        app = Starlette(routes=[Mount("/stores/acme-outlet", api2cart_store(NOW, **KEYS))])
        self.pool = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        answer = await self.pool.get(ORIGIN + request.path, params=list(request.query), headers=dict(request.headers))
        return Response(answer.status_code, answer.headers, answer.content)


def connected(**config: Any) -> Api2Cart:
    settings = {"origin": ORIGIN, **KEYS, **config}
    return Api2Cart("Acme Outlet", Api2CartConfig.model_validate(settings), now=NOW.timestamp)


def ask(by: By, *spellings: str, limit: int = 10, **config: Any) -> tuple[Answer, list[Request]]:
    wire = Loop()
    return asyncio.run(connected(**config).ask(question(by, *spellings[:1], *spellings), limit, wire)), wire.requests


def numbers(answer: Answer) -> list[str]:
    return [order.number for order in answer.orders]


def test_iris_has_two_orders_and_the_stranger_whose_address_holds_hers_is_left_out() -> None:
    answer, requests = ask(By.EMAIL, "iris.novak@example.com")
    assert numbers(answer) == ["12-11873-90451", "07-10992-33810"]
    assert [(party.store_id, party.names) for party in answer.parties] == [("iris_novak88", ("Iris Novak",))]
    assert answer.dropped == 2  # the stranger's order, and with it the stranger
    assert set(answer.lacks) == {"returns"}
    assert not answer.passing
    assert len(requests) == 4
    new, old = answer.orders
    assert new.placed_at == NOW - timedelta(days=4)
    assert new.totals.total == Money(Decimal("83.9"), "EUR")
    assert new.payment.status is PaymentStatus.PAID
    assert [(parcel.carrier, parcel.tracking_number) for parcel in new.shipments] == [("Royal Mail", "RM190045112GB")]
    assert new.shipping_address is not None
    assert (new.shipping_address.street, new.shipping_address.postcode) == (("14 Quay Street",), "BS1 4AB")
    assert old.payment.status is PaymentStatus.PARTIALLY_REFUNDED
    assert old.refunds[0].amount == Money(Decimal("9.5"), "EUR")
    assert [(item.title, item.refunded) for item in old.items] == [
        ("Enamel Mug", Decimal(1)),
        ("Tea Sampler", Decimal(0)),
    ]


def test_iris_by_phone_although_that_filter_is_ignored() -> None:
    answer, _ = ask(By.PHONE, "+44 20 7946 0018")
    assert numbers(answer) == ["12-11873-90451", "07-10992-33810"]
    assert answer.dropped == 6


def test_an_order_by_its_number_and_a_buyer_by_his_id() -> None:
    assert numbers(ask(By.ORDER_NUMBER, "12-11873-90451", "#12-11873-90451")[0]) == ["12-11873-90451"]
    assert numbers(ask(By.CUSTOMER_ID, "casey78020")[0]) == ["19-14772-78368"]
    answer, requests = ask(By.ORDER_NUMBER, "99-99999-99999", "#99-99999-99999")
    assert (answer.orders, len(requests)) == ((), 1)


def test_a_guest_who_has_not_paid() -> None:
    answer, _ = ask(By.EMAIL, "Otto.Brandt@example.net")
    assert [party.store_id for party in answer.parties] == ["guest:otto.brandt@example.net"]
    (order,) = answer.orders
    assert (order.payment.status, order.fulfillment.status) == (PaymentStatus.PENDING, FulfillmentStatus.UNFULFILLED)
    assert order.shipments == ()


def test_there_are_more_where_the_page_is_full_and_another_follows() -> None:
    assert ask(By.EMAIL, "iris.novak@example.com", limit=1)[0].more_orders
    assert not ask(By.CUSTOMER_ID, "iris_novak88", limit=2)[0].more_orders


def test_an_order_can_be_opened() -> None:
    async def opened() -> Order:
        wire, connector = Loop(), connected()
        answer = await connector.ask(question(By.ORDER_NUMBER, "07-10992-33810"), 10, wire)
        return await connector.detail(answer.orders[0], wire)

    assert asyncio.run(opened()).shipments[0].carrier == "DPD"


# -- the connection ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("config", "look_at"), [({"api_key": "wrong"}, "api_key"), ({"store_key": "no"}, "store_key")])
def test_wrong_keys_are_refused(config: dict[str, Any], look_at: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(By.EMAIL, "iris.novak@example.com", **config)
    assert (caught.value.reason, caught.value.about["look_at"]) == ("credentials", look_at)


def test_what_is_needed_is_there_but_for_returns_and_the_platform_behind_is_ebay() -> None:
    async def examine() -> tuple[list[str], str | None]:
        wire, connector, unmet = Loop(), connected(), []
        for need in connector.needs():
            try:
                await need.read(wire)
            except StoreError:
                unmet.append(need.what)
        return unmet, (await connector.standing(wire)).behind

    assert asyncio.run(examine()) == (["returns"], "eBay")


# -- the store itself ----------------------------------------------------------------------------------------


def call(method: str, verb: str = "GET", **query: str) -> httpx.Response:
    headers = {"x-api-key": KEYS["api_key"], "x-store-key": KEYS["store_key"]}

    async def inner() -> httpx.Response:
        return await Loop().pool.request(verb, f"{ORIGIN}/v1.1/{method}.json", params=query, headers=headers)

    return asyncio.run(inner())


def test_a_failure_has_its_own_code_and_http_200() -> None:
    for method, query, code in (
        ("order.list", {"count": "251"}, 109),
        ("order.list", {"start": "x"}, 109),
        ("order.shipment.list", {}, 114),
        ("order.shipment.list", {"order_id": "99"}, 112),
        ("return.list", {}, 3),
    ):
        answer = call(method, **query)
        assert (answer.status_code, answer.json()["return_code"], answer.json()["result"]) == (200, code, {})


def test_only_what_is_asked_for_is_told() -> None:
    (row, *_) = call("order.list").json()["result"]["order"]
    assert "currency" not in row
    assert {"order_id", "totals", "status"} <= set(row)
    (row, *_) = call("order.list", response_fields="{result{order{order_id,currency{iso3}}}}").json()["result"]["order"]
    assert set(row) == {"order_id", "currency"}
    (row, *_) = call("order.list", response_fields="{*}").json()["result"]["order"]
    assert {"refunds", "additional_fields"} <= set(row)


def test_the_oldest_come_first_unless_asked_otherwise_and_the_cursor_is_encoded_already() -> None:
    body = call("order.list", count="1").json()
    assert body["result"]["order"][0]["order_id"] == "07-10992-33810"
    assert "%" in body["pagination"]["next"]
    assert call("order.list", sort_direction="desc").json()["result"]["order"][0]["order_id"] == "02-12007-38996"


@pytest.mark.parametrize("verb", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_written(verb: str) -> None:
    assert call("order.list", verb).status_code == 405
