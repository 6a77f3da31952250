import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import ValidationError

from server.connectors.api2cart import Api2Cart, Api2CartConfig
from server.connectors.base import Response
from server.errors import Changed, Limited, Refused, StoreError, Unreachable
from server.house import build
from server.metrics import Meter
from server.model import (
    By,
    Cancellation,
    FulfillmentStatus,
    Money,
    Order,
    PartyKind,
    PaymentStatus,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
)
from server.settings import load
from server.upstream.client import open_pool

from .contract import ConnectorContract
from .scenario import Exchange, Replay, Scenario, question

API_KEY, STORE_KEY = "0a9f1c7be2d84453b6", "5f2c1f0c9a3b4e6d8f7a1b2c3d4e5f60"
PAYMENT, FULFILLMENT = PaymentStatus, FulfillmentStatus
ROW = "/0/result/order/0/"

OPTIONAL = (
    "create_at", "shipping_address", "shipping_address/state", "shipping_address/country", "billing_address",
    "billing_address/phone", "payment_method", "status", "status/name", "status/refund_info", "totals", "total",
    "order_products", "order_products/0/name", "order_products/0/model", "order_products/0/price",
    "order_products/0/total_price", "order_products/0/options", "order_products/0/parent_order_product_id",
    "refunds", "refunds/0/total", "refunds/0/modified_time", "refunds/0/comment", "refunds/0/items",
    "discounts", "comment", "gift_message", "additional_fields",
)  # fmt: skip
"""What of an order may be null."""

PAYMENT_WORDS: Mapping[str, PaymentStatus] = {
    # eBay
    "Open": PAYMENT.UNKNOWN,
    "Awaiting Payment": PAYMENT.PENDING,
    "Ready to Ship": PAYMENT.UNKNOWN,
    "Completed": PAYMENT.UNKNOWN,
    "Canceled": PAYMENT.UNKNOWN,
    # TikTok Shop
    "On Hold": PAYMENT.UNKNOWN,
    "Unpaid": PAYMENT.PENDING,
    "Awaiting Shipment": PAYMENT.UNKNOWN,
    "In Transit": PAYMENT.UNKNOWN,
    # Etsy
    "Paid": PAYMENT.PAID,
    "Payment processing": PAYMENT.PENDING,
    "Fully Refunded": PAYMENT.REFUNDED,
    "Partially Refunded": PAYMENT.PARTIALLY_REFUNDED,
    # Amazon
    "Pending": PAYMENT.PENDING,
    "PendingAvailability": PAYMENT.PENDING,
    "Unshipped": PAYMENT.UNKNOWN,
    # WooCommerce and Magento
    "Pending payment": PAYMENT.PENDING,
    "Payment Review": PAYMENT.PENDING,
    "Failed": PAYMENT.FAILED,
    "Refunded": PAYMENT.REFUNDED,
}
"""What the name of a status tells of the payment, where nothing else does."""


class TestApi2Cart(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "api2cart"
    secrets = (API_KEY, STORE_KEY)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": ROW + "currency/iso3",
        "total": (ROW + "total/total", ROW + "totals/total"),
        "placed_at": ROW + "create_at/value",
        "number": (ROW + "order_id", "/2/result/returns/0/order_id"),
        "title": ROW + "order_products/0/name",
        "note": ROW + "comment",
        "recipient": ROW + "shipping_address/last_name",
        "street": ROW + "shipping_address/address1",
        "refund_reason": ROW + "refunds/0/comment",
        "carrier": "/1/result/shipment/0/shipment_provider",
        "tracking_number": "/1/result/shipment/0/tracking_numbers/0/tracking_number",
        "payment": ROW + "status/name",
        "fulfillment": ROW + "status/name",
        "return": "/2/result/returns/0/status/name",
    }
    # The one order is eBay's, was paid, and 18.00 of its 146.01 were refunded.
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": dict.fromkeys(PAYMENT_WORDS, PAYMENT.PARTIALLY_REFUNDED),
        "fulfillment": {
            "Open": FULFILLMENT.UNFULFILLED,
            "Awaiting Payment": FULFILLMENT.UNFULFILLED,
            "Ready to Ship": FULFILLMENT.UNFULFILLED,
            "Completed": FULFILLMENT.UNKNOWN,
            "Canceled": FULFILLMENT.CANCELLED,
            "On Hold": FULFILLMENT.ON_HOLD,
            "Unpaid": FULFILLMENT.UNFULFILLED,
            "Partially Shipping": FULFILLMENT.PARTIAL,
            "Awaiting Shipment": FULFILLMENT.UNFULFILLED,
            "Awaiting Collection": FULFILLMENT.UNFULFILLED,
            "In Transit": FULFILLMENT.FULFILLED,
            "Delivered": FULFILLMENT.FULFILLED,
            "Cancelled": FULFILLMENT.CANCELLED,
            "Paid": FULFILLMENT.UNFULFILLED,
            "Payment processing": FULFILLMENT.UNFULFILLED,
            "Fully Refunded": FULFILLMENT.UNKNOWN,
            "Partially Refunded": FULFILLMENT.UNKNOWN,
            "Pending": FULFILLMENT.UNFULFILLED,
            "Unshipped": FULFILLMENT.UNFULFILLED,
            "PartiallyShipped": FULFILLMENT.PARTIAL,
            "Shipped": FULFILLMENT.FULFILLED,
            "Unfulfillable": FULFILLMENT.UNKNOWN,
            "InvoiceUnconfirmed": FULFILLMENT.FULFILLED,
            "PendingAvailability": FULFILLMENT.UNFULFILLED,
            "Created": FULFILLMENT.UNFULFILLED,
            "Acknowledged": FULFILLMENT.UNFULFILLED,
            "Processing": FULFILLMENT.UNFULFILLED,
            "Pending payment": FULFILLMENT.UNFULFILLED,
            "Payment Review": FULFILLMENT.UNFULFILLED,
            "Failed": FULFILLMENT.UNFULFILLED,
            "Holded": FULFILLMENT.ON_HOLD,
            "Complete": FULFILLMENT.FULFILLED,
            "Closed": FULFILLMENT.UNKNOWN,
        },
        "return": {
            "Pending": ReturnStatus.REQUESTED,
            "Requested": ReturnStatus.REQUESTED,
            "Approved": ReturnStatus.OPEN,
            "Open": ReturnStatus.OPEN,
            "Rejected": ReturnStatus.DECLINED,
            "Declined": ReturnStatus.DECLINED,
            "Completed": ReturnStatus.CLOSED,
            "Closed": ReturnStatus.CLOSED,
            "Cancelled": ReturnStatus.CANCELLED,
            "Canceled": ReturnStatus.CANCELLED,
        },
    }
    unknown: ClassVar[Mapping[str, StrEnum]] = {"payment": PAYMENT.PARTIALLY_REFUNDED}
    side: ClassVar[Mapping[int, str]] = {1: "shipments", 2: "returns"}
    instants = (
        ("2026-11-18T17:32:00+0000", 17),
        ("2026-11-18T17:32:00-0500", 22),
        ("2026-11-18 17:32:00", 17),
        ("2026-11-18T17:32:00Z", 17),
    )
    amounts = (89.9, 0, 12.345, -5.0, 12800, "89.90", 1234567890.12)
    optional = (
        *(ROW + name for name in OPTIONAL),
        "/1/pagination", "/1/result/shipment/0/shipment_provider", "/1/result/shipment/0/tracking_numbers",
        "/1/result/shipment/0/created_at", "/1/result/shipment/0/is_shipped", "/1/result/shipment/0/items",
        "/2/result/returns/0/status", "/2/result/returns/0/order_products", "/2/result/returns/0/created_at",
    )  # fmt: skip

    def connector(self, **config: Any) -> Api2Cart:
        settings = {"api_key": API_KEY, "store_key": STORE_KEY, **config}
        return Api2Cart("Acme Outlet", Api2CartConfig.model_validate(settings), now=lambda: 1795000000.0)

    def one(self, name: str = "one_party", **fields: object) -> Order:
        """The first order of a scenario with other values in its row; `__` stands for `/`."""
        scenario = self.scenario(name)
        for field, value in fields.items():
            scenario = scenario.put(ROW + field.replace("__", "/"), value)
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_ten_orders_cost_two_calls_and_one_for_each_of_the_newest_three(self) -> None:
        one_party = self.scenario("one_party")
        (first,) = one_party.exchanges[0].body["result"]["order"]
        rows = [{**first, "order_id": f"12-11873-9045{number}"} for number in range(10)]
        listed = {**one_party.exchanges[0].body, "result": {"orders_count": 10, "order": rows}}
        parcels = tuple(
            replace(one_party.exchanges[1], query=(("order_id", f"12-11873-9045{number}"),)) for number in (9, 8, 7)
        )
        ids = ",".join(f"12-11873-9045{number}" for number in reversed(range(10)))
        back = replace(one_party.exchanges[2], query=(("order_ids", ids),))
        orders = replace(one_party.exchanges[0], body=listed)
        answer, requests = self.ask_recorded(replace(one_party, exchanges=(orders, *parcels, back)))
        assert len(requests) == 5
        assert all(order.refunds for order in answer.orders)
        assert [order.later for order in answer.orders] == [frozenset()] * 3 + [frozenset({"shipments"})] * 7
        assert all(order.shipments for order in answer.orders[:3])

    @pytest.mark.parametrize("name", ["nobody", "nobody_not_found"])
    def test_nobody_costs_one_call(self, name: str) -> None:
        assert len(self.ask_recorded(self.scenario(name))[1]) == 1

    def test_a_stranger_costs_no_call_for_his_parcels(self) -> None:
        answer, requests = self.ask_recorded(self.scenario("stranger_rows"))
        assert [request.path for request in requests[1:]] == [
            "/v1.1/order.shipment.list.json",
            "/v1.1/return.list.json",
        ]
        assert [order.email for order in answer.orders] == ["ana@example.org"]

    def test_the_keys_are_in_headers_and_nowhere_else(self) -> None:
        for request in self.ask_recorded(self.scenario("one_party"))[1]:
            assert request.headers == {"x-api-key": API_KEY, "x-store-key": STORE_KEY}
            assert not {"api_key", "store_key"} & {name for name, _ in request.query}

    def test_the_fields_are_named_and_the_newest_come_first(self) -> None:
        query = dict(self.ask_recorded(self.scenario("one_party"))[1][0].query)
        assert query["response_fields"].startswith("{return_code,return_message,pagination,result{orders_count,order{")
        asked = query["response_fields"].strip("{}").split("order{")[1].split(",")
        assert {"create_at", "currency", "refunds", "additional_fields"} <= set(asked)
        assert query["sort_direction"] == "desc"
        assert not {"params", "exclude", "enable_cache"} & set(query)

    def test_at_most_three_spellings_are_asked(self) -> None:
        asked = question(By.PHONE, "1", "1", " ", "+1", "01", "001")
        body = {"return_code": 0, "return_message": "", "result": {"orders_count": 0, "order": []}}
        pages = tuple(Exchange("/v1.1/order.list.json", (("phone", text),), body=body) for text in ("1", "+1", "01"))
        assert self.ask(Scenario(asked, pages)).orders == ()

    @pytest.mark.parametrize(
        ("by", "value"),
        [(By.CUSTOMER_ID, "0"), (By.CUSTOMER_ID, "7,8"), (By.CUSTOMER_ID, " "), (By.ORDER_NUMBER, "1001,1002"),
         (By.ORDER_NUMBER, "#"), (By.EMAIL, ""), (By.EMAIL, "a@example.com\n"), (By.PHONE, "+1\x00")],
    )  # fmt: skip
    def test_what_would_list_others_is_not_sent(self, by: By, value: str) -> None:
        page = Exchange("/v1.1/order.list.json", (("customer_email", "a@example.com"),), body={"return_code": 112})
        pages = (page,) if value.endswith("\n") else ()  # white space around it is no harm
        assert self.ask(Scenario(question(by, value), pages)).parties == ()

    def test_a_method_that_the_platform_does_not_have_is_not_tried_again(self) -> None:
        scenario, connector = self.scenario("no_returns_behind"), self.connector()
        for exchanges in (scenario.exchanges, scenario.exchanges[:2]):
            wire = Replay(replace(scenario, exchanges=exchanges), connector.read_posts)
            answer = asyncio.run(connector.ask(scenario.question, 10, wire))
            assert not wire.open
            assert answer.lacks == {"returns": "The platform behind API2Cart does not tell this."}
            assert not answer.passing

    def test_where_there_are_no_parcels_nothing_is_left_for_later(self) -> None:
        scenario = self.scenario("details/parcels")
        absent = {"return_code": 3, "return_message": "Method is not specified", "result": {}}
        for index in (1, 2, 3):
            scenario = scenario.answering(index, body=absent)
        answer = self.ask(replace(scenario, exchanges=scenario.exchanges[:5], opened=None))
        assert {order.later for order in answer.orders} == {frozenset()}
        assert set(answer.lacks) == {"shipments"}

    def test_parcels_that_one_order_lost_can_still_be_opened(self) -> None:
        limited = {"return_code": 110, "return_message": "", "result": {}}
        scenario = self.scenario("details/parcels").answering(2, body=limited)
        answer = self.ask(replace(scenario, exchanges=scenario.exchanges[:5], opened=None))
        assert [bool(order.later) for order in answer.orders] == [False, True, False, True]
        assert answer.passing

    # -- return codes -----------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            *((code, Unreachable) for code in (1, 9, 102, 103, 104, 105, 106, 115, 116)),
            *((code, Refused) for code in (2, 4, 5, 6, 100, 101)),
            *((code, Limited) for code in (7, 10, 110)),
            *((code, Changed) for code in (3, 8, 107, 109, 111, 113, 114, 108, 999, -1)),
        ],
    )
    @pytest.mark.parametrize("status", [200, 400])
    @pytest.mark.parametrize("result", [{}, [], None])
    def test_a_return_code_is_its_own_error(
        self, code: int, kind: type[StoreError], status: int, result: object
    ) -> None:
        body = {"return_code": code, "return_message": "ana.lopez@example.com is not known", "result": result}
        error = self.ask_for_error(self.scenario("one_party").answering(0, status=status, body=body))
        assert type(error) is kind
        assert "ana.lopez" not in f"{error!r} {error.about!r}"

    @pytest.mark.parametrize(
        ("body", "who"),
        [
            *(({"return_code": code}, "store") for code in (7, 110)),
            ({"return_code": 10}, "subscription"),
            *(({"return_code": code}, None) for code in (0, 1, 2, 112, "10", None, [10])),
            ([], None),
        ],
    )
    def test_who_has_too_many_calls_is_told_by_the_return_code(self, body: object, who: str | None) -> None:
        assert self.connector().refusal(Response(200, {}, json.dumps(body).encode())) == who

    def test_what_is_no_json_refuses_nobody(self) -> None:
        assert self.connector().refusal(Response(502, {}, b"<html>")) is None

    def test_stores_of_one_key_share_its_calls(self, tmp_path: Path) -> None:
        """Also those of other Zendesk accounts, and after new settings; the key itself is not kept."""
        text = '[service]\nbase_url = "https://orders.example.com"\n'
        for tenant, key in (("acme", "ONE"), ("birch", "ONE"), ("cedar", "TWO")):
            text += f'[[tenant]]\nsubdomain = "{tenant}"\n'
            text += '[tenant.auth]\nmethod = "proxied"\nsecrets = ["env:SECRET"]\n'
            text += '[[tenant.store]]\nname = "Store"\nplatform = "api2cart"\n'
            text += f'api_key = "env:{key}"\nstore_key = "env:ONE"\n'
        (tmp_path / "orderside.toml").write_text(text)
        read = load(tmp_path / "orderside.toml", {"ONE": API_KEY, "TWO": STORE_KEY, "SECRET": "s" * 40})
        pool = open_pool(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
        before = build(read, pool, meter=Meter(), ids=str)
        after = build(read, pool, meter=Meter(), ids=str, before=replace(before, connections={}))
        shared = [id(each.connections[name][0].guard.subscription) for each in (before, after) for name in each.tenants]
        assert [shared.index(one) for one in shared] == [0, 0, 2, 0, 0, 2]
        assert API_KEY not in repr(before.subscriptions)

    @pytest.mark.parametrize("result", [{}, [], None])
    def test_not_found_is_nobody(self, result: object) -> None:
        body = {"return_code": 112, "return_message": "", "result": result}
        missing = self.scenario("one_party").answering(0, body=body)
        assert self.ask(replace(missing, exchanges=missing.exchanges[:1])).parties == ()

    def test_who_is_refused_is_told_what_to_look_at(self) -> None:
        for code, look_at in ((2, "api_key"), (101, "store_key"), (100, "the store's connection in API2Cart")):
            body = {"return_code": code, "return_message": "", "result": {}}
            assert self.ask_for_error(self.scenario("one_party").answering(0, body=body)).about["look_at"] == look_at

    def test_a_limit_in_the_envelope_tells_until_when_as_well(self) -> None:
        body = {"return_code": 110, "return_message": "", "result": {}}
        error = self.ask_for_error(self.scenario("one_party").answering(0, body=body, headers={"retry-after": "12"}))
        assert isinstance(error, Limited)
        assert error.retry_after == 12.0

    # -- the two shapes ---------------------------------------------------------------------------------------

    def test_every_object_in_a_list_of_one(self) -> None:
        order = self.one("list_of_one")
        assert (order.party, order.currency) == ("kim_n", "EUR")
        assert order.placed_at == datetime(2026, 1, 8, 17, 41, 22, tzinfo=UTC)
        assert [item.title for item in order.items] == ["Tea Sampler", "Tea Pot"]
        assert order.totals.total == Money(Decimal("42.5"), "EUR")
        assert order.shipping_address is not None
        assert order.shipping_address.country == "GB"
        assert (order.payment.raw, order.payment.method) == ("Open", "CreditCard")
        (parcel,) = order.shipments
        assert (parcel.status, parcel.carrier, parcel.shipped_at) == (ShipmentStatus.LABEL_CREATED, "Evri", None)

    def test_an_ebay_order_without_a_time_of_payment_is_not_paid_whatever_its_total_paid(self) -> None:
        assert self.one("list_of_one").payment.status is PAYMENT.PENDING

    @pytest.mark.parametrize("date", ["0000-00-00 00:00:00", "soon", "", 1795000000, [], {"value": None}, None])
    def test_what_is_no_date_is_none(self, date: object) -> None:
        assert self.one(create_at=date).placed_at is None

    def test_a_name_may_stand_for_the_whole(self) -> None:
        order = self.one(currency="GBP", status="Ready to Ship", payment_method="PayPal")
        assert (order.currency, order.fulfillment.raw, order.payment.method) == ("GBP", "Ready to Ship", "PayPal")

    # -- who --------------------------------------------------------------------------------------------------

    def test_the_buyer_is_not_the_recipient(self) -> None:
        scenario = self.scenario("one_party").put(ROW + "shipping_address/first_name", "Grandma")
        scenario = scenario.put(ROW + "billing_address", None)
        (party,) = self.ask(scenario).parties
        assert (party.store_id, party.kind, party.names) == ("analopez77", PartyKind.ACCOUNT, ("Ana Lopez",))
        assert (party.phones, party.addresses) == (("+44 113 555 0143",), ())

    @pytest.mark.parametrize("id_", ["", None, 0, "0"])
    def test_who_has_no_id_is_a_guest(self, id_: object) -> None:
        (party,) = self.ask(self.scenario("one_party").put(ROW + "customer/id", id_)).parties
        assert (party.store_id, party.kind) == ("guest:ana.lopez@example.com", PartyKind.GUEST)

    def test_an_id_may_be_a_number(self) -> None:
        scenario = self.scenario("customer_id").put(ROW + "customer/id", 7495466881884850968)
        assert self.order(scenario).party == "7495466881884850968"

    def test_an_order_without_an_address_is_a_guest_of_its_own(self) -> None:
        scenario = self.scenario("order_number").put(ROW + "customer", {"id": "", "email": "", "first_name": ""})
        assert self.order(scenario).party == "guest:order:302-1234567-1234567"

    def test_a_relay_address_is_an_address_and_a_hidden_street_is_none(self) -> None:
        order = self.one("order_number")
        assert (order.email, order.phone, order.billing_address) == ("x7k2m9@relay.example.net", None, None)
        assert order.shipping_address is not None
        assert (order.shipping_address.street, order.shipping_address.region) == ((), "California")
        assert self.one("customer_id").shipping_address is None

    # -- money ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("word", PAYMENT_WORDS)
    def test_without_refunds_and_a_time_of_payment_the_name_of_the_status_tells(self, word: str) -> None:
        order = self.one(refunds=[], additional_fields=None, total__total_paid=None, status__name=word)
        assert (order.payment.status, order.payment.raw) == (PAYMENT_WORDS[word], word)

    @pytest.mark.parametrize(
        ("paid", "status"),
        [(146.01, PAYMENT.PAID), (20, PAYMENT.PARTIALLY_PAID), (0, PAYMENT.UNKNOWN), (None, PAYMENT.UNKNOWN)],
    )
    def test_else_the_sum_that_was_paid_tells(self, paid: object, status: PaymentStatus) -> None:
        assert self.one(refunds=[], additional_fields=None, total__total_paid=paid).payment.status is status

    @pytest.mark.parametrize(("time", "status"), [("2026-06-19 12:02:05", PAYMENT.PAID), ("", PAYMENT.PENDING),
                                                  (None, PAYMENT.PENDING), ("19.06.2026", PAYMENT.PAID)])  # fmt: skip
    def test_where_there_is_a_place_for_a_time_of_payment_it_tells(self, time: object, status: PaymentStatus) -> None:
        assert self.one(refunds=[], additional_fields={"paid_time": time}).payment.status is status

    def test_the_figures_add_up(self) -> None:
        totals = self.one().totals
        figures = (
            totals.items,
            totals.discount,
            totals.shipping,
            totals.tax,
            totals.total,
            totals.refunded,
            totals.net,
        )
        sums = [str(figure.amount) for figure in figures if figure]
        assert sums == ["141.01", "0", "5", "0", "146.01", "18", "128.01"]

    @pytest.mark.parametrize("absent", ["total", "totals"])
    def test_either_form_of_the_totals_will_do(self, absent: str) -> None:
        empty = self.scenario("one_party").put(ROW + absent, None)
        assert self.order(empty).totals.shipping == Money(Decimal(5), "EUR")
        scenario = self.scenario("one_party").put(f"{ROW}{absent}/-", None)
        assert self.order(scenario).totals.total == Money(Decimal("146.01"), "EUR")

    def test_an_order_without_money_needs_no_currency_and_one_with_money_does(self) -> None:
        order = self.one("no_money_yet")
        assert (order.currency, order.totals.total, order.items[0].price) == ("XXX", None, None)
        assert order.payment.status is PAYMENT.PENDING
        none: tuple[object, ...] = (None, [], {}, "", {"name": "Euro"}, {"iso3": "€"})
        for currency in none:
            error = self.ask_for_error(self.scenario("one_party").put(ROW + "currency", currency))
            assert isinstance(error, Changed)

    def test_a_refund_names_the_lines_that_it_is_for(self) -> None:
        order = self.one()
        (refund,) = order.refunds
        assert (refund.amount, refund.status) == (Money(Decimal(18), "EUR"), RefundStatus.UNKNOWN)
        assert [(item.title, item.quantity) for item in refund.items] == [("Canvas Tote", Decimal(1))]
        assert [(item.title, item.refunded) for item in order.items] == [
            ("Canvas Tote", Decimal(1)),
            ("Desk Lamp", Decimal(0)),
        ]

    def test_a_refund_without_a_sum_is_that_of_its_lines_and_the_shipping(self) -> None:
        order = self.one(refunds__0__total=None, refunds__0__shipping=2.5)
        assert order.refunds[0].amount == Money(Decimal("20.5"), "EUR")

    def test_a_refund_of_nothing_is_none(self) -> None:
        assert self.one(refunds__0__total=0).refunds == ()

    def test_a_refund_that_the_status_alone_tells_of(self) -> None:
        order = self.one("customer_id")
        assert order.payment.status is PAYMENT.REFUNDED
        (refund,) = order.refunds
        assert (refund.amount, refund.reason) == (Money(Decimal("18.09"), "EUR"), "Not collected in time")
        assert refund.at == datetime(2026, 6, 28, 23, 13, 27, tzinfo=UTC)
        assert order.totals.net == Money(Decimal(0), "EUR")
        assert order.payment.paid_at == datetime(2026, 6, 19, 12, 2, 5, tzinfo=UTC)

    # -- goods ------------------------------------------------------------------------------------------------

    def test_a_completed_order_has_left_unless_it_is_ebays(self) -> None:
        assert self.one().fulfillment.status is FULFILLMENT.UNKNOWN
        assert self.one(additional_fields=None).fulfillment.status is FULFILLMENT.FULFILLED

    @pytest.mark.parametrize("flag", [True, "True", 1])
    def test_an_order_on_hold_is_on_hold_whatever_its_status(self, flag: object) -> None:
        order = self.one(additional_fields={"is_on_hold_order": flag}, status__name="Awaiting Shipment")
        assert order.fulfillment.status is FULFILLMENT.ON_HOLD
        assert self.one(additional_fields={"is_on_hold_order": "False"}).fulfillment.status is FULFILLMENT.FULFILLED

    def test_a_cancelled_order_says_when_and_why(self) -> None:
        order = self.one("customer_id")
        assert order.cancelled == Cancellation(datetime(2026, 6, 28, 23, 13, 27, tzinfo=UTC))
        order = self.one(status__name="Canceled", additional_fields__CancelReason="BuyerNoLongerWantsItem")
        assert order.cancelled == Cancellation(None, "BuyerNoLongerWantsItem")
        assert self.one().cancelled is None

    def test_the_parts_of_a_set_are_not_lines_of_their_own(self) -> None:
        assert [item.title for item in self.one().items] == ["Canvas Tote", "Desk Lamp"]
        assert self.one().items[0].variant == "navy"
        alone = self.one(order_products__2__parent_order_product_id="gone")
        assert [item.title for item in alone.items] == ["Canvas Tote", "Desk Lamp", "Lamp foot"]

    def test_amazon_tells_how_many_have_left(self) -> None:
        assert self.one("order_number").items[0].fulfilled == Decimal(0)
        assert self.one().items[0].fulfilled is None

    def test_a_parcel_that_arrived_and_one_of_which_nothing_is_told(self) -> None:
        (parcel,) = self.one().shipments
        assert (parcel.status, parcel.delivered_at) == (
            ShipmentStatus.DELIVERED,
            datetime(2026, 11, 20, 12, 8, 50, tzinfo=UTC),
        )
        assert [(item.title, item.quantity) for item in parcel.items] == [("Canvas Tote", Decimal(2))]
        scenario = self.scenario("details/parcels")
        opened = next(order for order in self.ask(scenario).orders if order.store_id == scenario.opened)
        assert [(parcel.carrier, parcel.tracking_number, parcel.status.value) for parcel in opened.shipments] == [
            ("DPD", "EE199738891DS", "unknown"),
            ("DPD", "EE199738892DS", "unknown"),
        ]

    def test_a_return_is_its_own_orders(self) -> None:
        (back,) = self.one().returns
        assert (back.name, back.reason, back.status) == ("R-4035", "Arrived damaged", ReturnStatus.OPEN)
        assert [(item.title, item.sku, item.quantity) for item in back.items] == [
            ("Canvas Tote", "SKU-008", Decimal(1))
        ]
        others = self.scenario("one_party").put("/2/result/returns/0/order_id", "12-11873-99999")
        assert self.order(others).returns == ()

    def test_what_the_customer_wrote_is_told_from_the_rest(self) -> None:
        order = self.one(additional_fields__seller_note="Fragile")
        assert [(note.text, note.public) for note in order.notes] == [
            ("Please ring twice & leave at door B", False),
            ("Happy birthday", True),
            ("Fragile", False),
        ]
        assert order.discount_codes == ("WELCOME10",)

    # -- the connection ---------------------------------------------------------------------------------------

    def test_the_platform_behind_is_named_and_remembered(self) -> None:
        scenario, connector = self.scenario("checks/good"), self.connector()
        assert connector.behind is None
        standing = asyncio.run(connector.standing(Replay(scenario, connector.read_posts)))
        assert standing.behind == connector.behind == "eBay"

    def test_another_store_of_the_account_is_not_taken_for_it(self) -> None:
        connector = self.connector(store_key="another")
        standing = asyncio.run(connector.standing(Replay(self.scenario("checks/good"), connector.read_posts)))
        assert standing.behind is None

    def test_an_origin_is_for_loopback_only(self) -> None:
        assert self.connector().origin == "https://api.api2cart.com"
        assert self.connector(origin="http://127.0.0.1:8000/stores/outlet").origin.endswith("/stores/outlet")
        with pytest.raises(ValidationError):
            self.connector(origin="https://api.example.com")
