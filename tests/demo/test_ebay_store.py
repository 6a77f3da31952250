"""The real connector against the demo's eBay."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from server.connectors.base import Request, Response
from server.connectors.ebay import Ebay, EbayConfig
from server.demo.ebay import ebay_store
from server.errors import Refused
from server.model import Answer, By, FulfillmentStatus, PaymentStatus, RefundStatus
from tests.connectors.scenario import question

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
ORIGIN = "http://127.0.0.1:8000/stores/elm"
KEYS: dict[str, Any] = {"client_id": "Elm-orders", "client_secret": "PRD-demo", "refresh_token": "v^1.1#demo"}


class Loop:
    """A wire straight into the embedded store."""

    def __init__(self, app: Starlette) -> None:
        self.pool = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        answer = await self.pool.request(
            request.method,
            ORIGIN + request.path,
            params=list(request.query),
            headers=dict(request.headers),
            data=dict(request.form) or None,
        )
        return Response(answer.status_code, answer.headers, answer.content)


def mounted() -> Starlette:
    return Starlette(routes=[Mount("/stores/elm", ebay_store(NOW, **KEYS))])


def connected(**config: Any) -> Ebay:
    return Ebay("Elm", EbayConfig.model_validate({"origin": ORIGIN, **KEYS, **config}), now=NOW.timestamp)


def ask(number: str, **config: Any) -> tuple[Answer, list[Request]]:
    wire = Loop(mounted())
    return asyncio.run(connected(**config).ask(question(By.ORDER_NUMBER, number, number), 10, wire)), wire.requests


def test_iris_order_is_on_its_way() -> None:
    answer, requests = ask("17-12345-67890")
    (order,), (party,) = answer.orders, answer.parties
    assert len(requests) == 3
    assert (party.names, party.emails) == (("Iris Novak",), ("4f1c2d9e8@members.ebay.com",))
    assert (order.payment.status, order.fulfillment.status) == (PaymentStatus.PAID, FulfillmentStatus.FULFILLED)
    assert order.placed_at == NOW - timedelta(days=6)
    (parcel,) = order.shipments
    assert (parcel.tracking_number, parcel.shipped_at) == ("RM123456785GB", NOW - timedelta(days=5))
    assert [item.title for item in parcel.items] == ["Enamel Jug"]


def test_another_buyers_order_was_refunded_and_never_sent() -> None:
    answer, requests = ask("09-98765-43210")
    (order,) = answer.orders
    assert len(requests) == 2
    assert answer.parties[0].names == ("Owen Hale",)
    assert order.payment.status is PaymentStatus.REFUNDED
    assert [(str(refund.amount.amount), refund.status) for refund in order.refunds] == [
        ("28.00", RefundStatus.SUCCEEDED)
    ]


def test_an_unknown_number_is_nothing() -> None:
    assert ask("17-00000-00000")[0] == Answer()


@pytest.mark.parametrize(
    ("wrong", "look_at"),
    [
        ({"client_secret": "other"}, "client_id and client_secret"),
        ({"refresh_token": "other"}, "refresh_token"),
    ],
)
def test_wrong_credentials_are_refused(wrong: dict[str, str], look_at: str) -> None:
    with pytest.raises(Refused) as caught:
        ask("17-12345-67890", **wrong)
    assert caught.value.about["look_at"] == look_at


def test_what_it_needs_is_granted() -> None:
    (need,) = connected().needs()

    async def main() -> None:
        await need.read(Loop(mounted()))

    asyncio.run(main())


@pytest.mark.parametrize("authorization", ["", "Bearer made-up"])
def test_without_a_lent_token_nothing_is_told(authorization: str) -> None:
    asked = Request("/sell/fulfillment/v1/order/17-12345-67890", headers={"authorization": authorization})
    answer = asyncio.run(Loop(mounted()).send(asked))
    assert (answer.status, answer.json()["errors"][0]["errorId"]) == (401, 1001)


def test_nothing_can_be_written() -> None:
    asked = Request("/sell/fulfillment/v1/order/17-12345-67890/shipping_fulfillment", json={"lineItems": []})
    assert asyncio.run(Loop(mounted()).send(asked)).status == 405
