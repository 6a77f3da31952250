import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from server.connectors.base import Request, Response
from server.connectors.oauth1 import Signer
from server.connectors.woocommerce import WooCommerce, WooCommerceConfig
from server.demo.woocommerce import Shop, woocommerce_store
from server.demo.woocommerce_data import ANN, acme_eu, birch_home, cedar_classics, order
from server.errors import Changed, Refused
from server.model import Answer, By, FulfillmentStatus, Money, PaymentStatus
from tests.connectors.scenario import question

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
KEY, SECRET = "ck_demo", "cs_demo"
HTTP, HTTPS = "http://127.0.0.1:8000/stores/acme-eu", "https://shop.example/stores/acme-eu"


class Loop:
    """A wire straight into the embedded store."""

    def __init__(self, app: Starlette, origin: str) -> None:
        self.pool = httpx.AsyncClient(transport=httpx.ASGITransport(app))
        self.origin = origin
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        answer = await self.pool.get(
            self.origin + request.path, params=list(request.query), headers=dict(request.headers)
        )
        return Response(answer.status_code, answer.headers, answer.content)


def mounted(shop: Shop, **settings: Any) -> Starlette:
    store = woocommerce_store(shop, **{"key": KEY, "secret": SECRET, "now": NOW.timestamp, **settings})
    return Starlette(routes=[Mount("/stores/acme-eu", store)])


def connected(origin: str = HTTP, clock: Callable[[], float] = NOW.timestamp, **config: Any) -> WooCommerce:
    settings = {"origin": origin, "key": KEY, "secret": SECRET, **config}
    return WooCommerce("Acme EU", WooCommerceConfig.model_validate(settings), now=clock)


def ask(by: By, *spellings: str, shop: Shop | None = None, **config: Any) -> tuple[Answer, list[Request]]:
    connector = connected(**config)
    wire = Loop(mounted(shop or acme_eu(NOW)), connector.origin)
    return asyncio.run(connector.ask(question(by, *spellings[:1], *spellings), 10, wire)), wire.requests


def numbers(answer: Answer) -> list[str]:
    return [order.number for order in answer.orders]


@pytest.mark.parametrize("origin", [HTTP, HTTPS])
def test_jane_among_people_like_her(origin: str) -> None:
    answer, requests = ask(By.EMAIL, "jane.doerr@gmail.com", origin=origin)
    assert numbers(answer) == ["1042", "1038", "991"]
    assert [party.store_id for party in answer.parties] == ["42"]
    assert answer.dropped == 2  # Mary-Jane's order, and with it Mary-Jane
    assert len(requests) == 4
    new, refunded, old = answer.orders
    assert new.totals.total == Money(Decimal("89.90"), "EUR")
    assert [(item.title, item.variant) for item in new.items] == [
        ("Linen Apron", "natural"),
        ("Steel Bottle 750 ml", None),
    ]
    assert [parcel.shipped_at for parcel in new.shipments] == [NOW - timedelta(days=11), NOW - timedelta(days=9)]
    assert new.fulfillment.status is FulfillmentStatus.PARTIAL
    assert refunded.payment.status is PaymentStatus.PARTIALLY_REFUNDED
    assert refunded.totals.net == Money(Decimal("25.00"), "EUR")
    assert refunded.refunds[0].items == ()
    assert old.placed_at == NOW - timedelta(days=300)


def test_jane_by_phone_name_and_account() -> None:
    for by, text in ((By.PHONE, "+49 30 5550101"), (By.NAME, "Jane Doerr"), (By.CUSTOMER_ID, "42")):
        answer, _ = ask(by, text)
        assert numbers(answer) == ["1042", "1038", "991"], by
        assert [party.store_id for party in answer.parties] == ["42"]
        assert answer.dropped == {By.PHONE: 2, By.NAME: 4, By.CUSTOMER_ID: 0}[by]


def test_omar_is_a_guest() -> None:
    answer, requests = ask(By.EMAIL, "omar.haddad@example.net")
    assert numbers(answer) == ["1051"]
    assert [party.store_id for party in answer.parties] == ["guest:omar.haddad@example.net"]
    assert len(requests) == 2


def test_the_office_is_two_customers() -> None:
    answer, _ = ask(By.EMAIL, "office@birchwood.example")
    assert {party.store_id: party.names for party in answer.parties} == {"61": ("Ann Lee",), "62": ("Bob Stone",)}
    assert numbers(answer) == ["1046", "1045"]


def test_an_account_is_found_by_its_own_address() -> None:
    assert numbers(ask(By.EMAIL, "ANN.LEE@birchwood.example")[0]) == ["1045"]


def test_a_number_is_one_call() -> None:
    answer, requests = ask(By.ORDER_NUMBER, "1042", "#1042")
    assert numbers(answer) == ["1042"]
    assert [party.names for party in answer.parties] == [("Jane Doerr",)]
    assert len(requests) == 1
    assert ask(By.ORDER_NUMBER, "99999")[0].orders == ()


def test_what_was_refunded_to_tom() -> None:
    (tom,) = ask(By.EMAIL, "tom.becker@example.org")[0].orders
    assert [(item.title, item.refunded) for item in tom.items] == [
        ("Canvas Tote", Decimal(1)),
        ("Desk Lamp", Decimal(0)),
    ]
    assert tom.refunds[0].reason == "Damaged in transit"


def test_eve_is_shown_as_she_typed_and_her_spoilt_order_is_counted() -> None:
    answer, _ = ask(By.EMAIL, "eve.ohara@example.com")
    assert numbers(answer) == ["1053"]
    assert answer.unreadable == 1
    assert "<script>" in answer.parties[0].names[0]
    assert answer.orders[0].shipments[0].tracking_url is None
    with pytest.raises(Changed):
        ask(By.ORDER_NUMBER, "1054")


def test_a_strangers_spoilt_order_on_the_same_page_is_not_counted() -> None:
    """A search finds whoever's title, street or address holds the words; what cannot be read may be theirs."""
    shop = acme_eu(NOW)
    jane = next(row for row in shop.orders if row["number"] == "1042")
    spoilt = {**jane, "id": 5999, "number": "5999", "customer_id": 0, "total": {}}
    hers = {**spoilt, "id": 5998}
    strangers = {**spoilt, "billing": {**jane["billing"], "email": "mary-jane.doerr@gmail.com"}}
    answer, _ = ask(By.EMAIL, "jane.doerr@gmail.com", shop=replace(shop, orders=[*shop.orders, hers, strangers]))
    assert (numbers(answer), answer.unreadable) == (["1042", "1038", "991"], 1)


def test_the_other_shops() -> None:
    assert numbers(ask(By.EMAIL, "priya.nair@example.co.uk", shop=birch_home(NOW))[0]) == ["3307", "3301"]
    assert numbers(ask(By.EMAIL, "lucas.martin@example.fr", shop=cedar_classics(NOW))[0]) == ["771"]
    assert ask(By.EMAIL, "kim.novak@example.org")[0].orders == ()


# -- the store itself -------------------------------------------------------------------------------------


def get(path: str, origin: str = HTTPS, method: str = "GET", shop: Shop | None = None, **query: str) -> httpx.Response:
    """The store's bare answer to a good key."""
    pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    return call(mounted(shop or acme_eu(NOW)), origin + "/wp-json/wc/v3/" + path, query, method, f"Basic {pair}")


def call(
    app: Starlette, url: str, query: Mapping[str, str], method: str = "GET", authorization: str | None = None
) -> httpx.Response:
    async def inner() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as pool:
            headers = {"authorization": authorization} if authorization else {}
            return await pool.request(method, url, params=dict(query), headers=headers)

    return asyncio.run(inner())


def ids(answer: httpx.Response) -> Sequence[int]:
    return [row["id"] for row in answer.json()]


@pytest.mark.parametrize(
    ("config", "look_at"),
    [
        ({"key": "ck_other"}, "key"),
        ({"secret": "cs_other"}, "signature"),
        ({"auth": "basic"}, "key"),  # Basic over plain http is as good as nothing
        ({"origin": HTTPS, "key": "ck_other"}, "key"),
        ({"origin": HTTPS, "secret": "cs_other"}, "secret"),
    ],
)
def test_wrong_credentials_are_refused(config: dict[str, Any], look_at: str) -> None:
    with pytest.raises(Refused) as caught:
        ask(By.EMAIL, "jane.doerr@gmail.com", **config)
    assert (caught.value.reason, caught.value.about["look_at"]) == ("credentials", look_at)


def test_a_clock_that_is_off_is_refused() -> None:
    connector = connected(clock=(NOW - timedelta(minutes=16)).timestamp)
    with pytest.raises(Refused) as caught:
        asyncio.run(connector.ask(question(By.EMAIL, "a@example.org"), 10, Loop(mounted(Shop()), HTTP)))
    assert caught.value.about["look_at"] == "clock"


def test_a_signature_opens_once_and_only_whole() -> None:
    app, url = mounted(Shop()), HTTP + "/wp-json/wc/v3/orders"
    asked = (("search", "a+b c@example.org"),)
    query = dict((*asked, *Signer(KEY, SECRET).parameters(url, asked, now=NOW.timestamp(), nonce="once")))
    assert call(app, url, query).status_code == 200
    assert "nonce" in call(app, url, query).json()["message"]
    assert "signature" in call(app, url, {**query, "search": "other"}).json()["message"]
    del query["oauth_nonce"]
    assert call(app, url, query).json()["code"] == "woocommerce_rest_authentication_missing_parameter"
    assert call(app, url, {}).json()["code"] == "woocommerce_rest_cannot_view"


def test_a_second_try_opens_where_the_same_signature_would_not() -> None:
    """What a retry sends after a bad gateway: the shop has already seen the first nonce."""
    connector = connected()
    wire = Loop(mounted(acme_eu(NOW)), connector.origin)
    asyncio.run(connector.ask(question(By.ORDER_NUMBER, "1042", "1042"), 10, wire))
    first = wire.requests[0]
    assert first.anew is not None
    assert asyncio.run(wire.send(first)).status == 401
    assert asyncio.run(wire.send(first.anew())).status == 200


def test_a_read_key_writes_nothing() -> None:
    refused = get("orders/1042", method="PUT")
    assert (refused.status_code, refused.json()["code"]) == (401, "woocommerce_rest_authentication_error")


def test_the_search_is_fuzzy() -> None:
    assert 1042 in ids(get("orders", search="KASTANIENALLEE", per_page="100"))
    assert ids(get("orders", search="koln")) == [1047]
    assert ids(get("orders", search="tea sampler")) == [1049]
    assert ids(get("orders", search="1051")) == [1051]
    assert ids(get("orders", search="#1051")) == ids(get("orders", search="1Z999AA10123456784")) == []


def test_unknown_parameters_are_ignored_and_customer_0_is_every_guest() -> None:
    whole = get("orders").headers["x-wp-total"]
    assert get("orders", billing_email="jane.doerr@gmail.com").headers["x-wp-total"] == whole == "41"
    guests = get("orders", customer="0", per_page="100").json()
    assert len(guests) > 5
    assert {row["customer_id"] for row in guests} == {0}


def test_pages() -> None:
    first = get("orders", per_page="30")
    assert (len(first.json()), first.headers["x-wp-totalpages"]) == (30, "2")
    assert 'rel="next"' in first.headers["link"]
    past = get("orders", per_page="30", page="9")
    assert (past.json(), past.headers["x-wp-total"]) == ([], "0")
    assert [get("orders", per_page="500").status_code, get("orders", page="0").status_code] == [400, 400]
    assert ids(get("orders", orderby="id", order="asc", per_page="2")) == [991, 1000]


def test_only_the_fields_and_the_meta_that_were_asked_for() -> None:
    row = get("orders/1042", _fields="id,billing.email,nonsense", include_meta="x").json()
    assert row == {"id": 1042, "billing": {"email": "jane.doerr@gmail.com"}}
    assert get("orders/1042", include_meta="x").json()["meta_data"] == []


def test_accounts_by_their_own_address_and_role() -> None:
    subscriber = {"id": 5, "role": "subscriber", "email": "Sue@example.org"}
    shop = Shop(customers=[subscriber])
    assert get("customers", shop=shop, email="sue@example.org").json() == []
    assert ids(get("customers", shop=shop, email="sue@example.org", role="all")) == [5]
    malformed = get("customers", shop=shop, email="a b@example.com")
    assert (malformed.status_code, list(malformed.json()["data"]["params"])) == (400, ["email"])


def test_what_is_not_there() -> None:
    assert get("orders/7").json()["code"] == "woocommerce_rest_shop_order_invalid_id"
    assert get("customers/7").json()["code"] == "woocommerce_rest_invalid_id"
    assert get("orders/1042/shipment-trackings").json()["code"] == "rest_no_route"


def test_the_trash_is_not_listed() -> None:
    row = order(5, buyer=ANN, placed=NOW, status="trash")
    assert ids(get("orders", shop=Shop([row]))) == []
