"""PrestaShop: the contract, and what is its own."""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from server.connectors.prestashop import PrestaShop, PrestaShopConfig
from server.model import By, FulfillmentStatus, Money, Order, PartyKind, PaymentStatus

from .contract import ConnectorContract
from .scenario import Replay, Scenario, question

KEY = "PS5D41402ABC4B2A76B9719D911017C592"
PAYMENT, FULFILLMENT = PaymentStatus, FulfillmentStatus
ROW, STATE = "/1/orders/0", "/2/order_states/0"
WORD = (f"{STATE}/template", f"{STATE}/name")


class TestPrestaShop(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "prestashop"
    secrets = (KEY,)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": "/3/currencies/0/iso_code",
        "total": f"{ROW}/total_paid",
        "placed_at": f"{ROW}/date_add",
        "title": f"{ROW}/associations/order_rows/0/product_name",
        "recipient": "/6/addresses/0/lastname",
        "street": "/6/addresses/0/address1",
        "tracking_number": "/4/order_carriers/0/tracking_number",
        "payment": WORD,
        "fulfillment": WORD,
    }
    # The one order was paid and shipped; 16.20 of its 146.01 were put on a slip.
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "payment": PAYMENT.PARTIALLY_REFUNDED,
            "preparation": PAYMENT.PARTIALLY_REFUNDED,
            "shipped": PAYMENT.PARTIALLY_REFUNDED,
            "order_canceled": PAYMENT.PARTIALLY_REFUNDED,
            "refund": PAYMENT.REFUNDED,
            "payment_error": PAYMENT.FAILED,
            "outofstock": PAYMENT.PARTIALLY_REFUNDED,
            "bankwire": PAYMENT.PARTIALLY_REFUNDED,
            "cheque": PAYMENT.PARTIALLY_REFUNDED,
            "cashondelivery": PAYMENT.PARTIALLY_REFUNDED,
        },
        "fulfillment": {
            "payment": FULFILLMENT.FULFILLED,
            "shipped": FULFILLMENT.FULFILLED,
            "refund": FULFILLMENT.FULFILLED,
            "order_canceled": FULFILLMENT.CANCELLED,
            "outofstock": FULFILLMENT.ON_HOLD,
        },
    }
    unknown: ClassVar[Mapping[str, StrEnum]] = {
        "payment": PAYMENT.PARTIALLY_REFUNDED,  # the flags of a state tell, whatever it is called
        "fulfillment": FULFILLMENT.FULFILLED,
    }
    side: ClassVar[Mapping[int, str]] = {4: "shipments", 5: "refunds", 6: "addresses"}
    instants = (("2026-11-18 18:32:00", 17), ("2026-11-18T17:32:00Z", 17))
    amounts = ("89.900000", "12800.000000", "12.345000", "-5.000000", 89.9, 0)
    optional = (
        f"{ROW}/payment", f"{ROW}/date_add", f"{ROW}/total_products_wt", f"{ROW}/total_discounts_tax_incl",
        f"{ROW}/associations", "/0/customers/0/firstname", "/0/customers/0/date_add", f"{STATE}/paid",
        "/5/order_slips/0/date_add", "/5/order_slips/0/associations",
        "/6/addresses/0/company", "/6/addresses/0/phone_mobile",
    )  # fmt: skip

    def connector(self, **config: Any) -> PrestaShop:
        settings = {"origin": "https://shop.example/fr", "key": KEY, "time_zone": "Europe/Paris", **config}
        return PrestaShop("Acme", PrestaShopConfig.model_validate(settings), now=lambda: 1795000000.0)

    def one(self, **state: object) -> Order:
        """The order of `one_party` in another state, without its slip."""
        scenario = self.scenario("one_party").answering(5, body=[])
        for field, value in state.items():
            scenario = scenario.put(f"{STATE}/{field}", value)
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_ten_orders_cost_five_calls_and_two_that_are_remembered(self) -> None:
        good = self.scenario("one_party")
        rows = [{**deepcopy(good.exchanges[1].body["orders"][0]), "id": 118 - n} for n in range(10)]
        ids = "|".join(str(row["id"]) for row in rows)
        parts = [replace(part, query=(("filter[id_order]", f"[{ids}]"),)) for part in good.exchanges[4:6]]
        orders = replace(good.exchanges[1], body={"orders": rows})
        ten = replace(good, exchanges=(good.exchanges[0], orders, *good.exchanges[2:4], *parts, good.exchanges[6]))
        connector = self.connector()
        for exchanges in (ten.exchanges, (*ten.exchanges[:2], *ten.exchanges[4:])):
            wire = Replay(replace(ten, exchanges=exchanges), connector.read_posts)
            answer = asyncio.run(connector.ask(ten.question, 10, wire))
            assert len(answer.orders) == 10
            assert len(wire.requests) == len(exchanges)
        assert len(wire.requests) == 5

    @pytest.mark.parametrize("value", ["a|b", "[1]", "%", "a,b", " "])
    def test_a_value_cannot_widen_its_filter(self, value: str) -> None:
        for by in (By.EMAIL, By.ORDER_NUMBER, By.CUSTOMER_ID):
            assert self.ask(Scenario(question(by, value, value), ())).orders == ()

    def test_the_key_is_the_user_of_a_basic_login(self) -> None:
        for request in self.ask_recorded(self.scenario("nobody"))[1]:
            assert request.headers["authorization"].startswith("Basic ")
            assert KEY not in str(request.headers)

    # -- what -------------------------------------------------------------------------------------------------

    def test_the_one_order(self) -> None:
        order = self.order(self.scenario("one_party"))
        assert (order.number, order.store_id, order.currency) == ("XKBKNABJK", "118", "EUR")
        assert order.placed_at == datetime(2026, 11, 18, 17, 32, tzinfo=UTC)
        assert order.totals.refunded == Money(Decimal("16.2"), "EUR")
        assert order.totals.net == Money(Decimal("129.81"), "EUR")
        assert order.refunds[0].items[0].title.startswith("Linen Apron")
        assert order.shipments[0].tracking_number == "6A12345678901"
        assert order.phone == "+33655550143"

    @pytest.mark.parametrize(
        ("state", "payment", "fulfillment"),
        [
            ({"name": "In the workshop", "template": "", "shipped": "0"}, PAYMENT.PAID, FULFILLMENT.UNFULFILLED),
            ({"template": "bankwire", "paid": "0", "shipped": "0"}, PAYMENT.PAID, FULFILLMENT.UNFULFILLED),
            ({"template": "refund", "shipped": "0"}, PAYMENT.REFUNDED, FULFILLMENT.UNKNOWN),
            ({"id": 99}, PAYMENT.UNKNOWN, FULFILLMENT.UNKNOWN),
        ],
    )
    def test_the_flags_of_a_state_count_and_not_its_name(
        self, state: Mapping[str, object], payment: PaymentStatus, fulfillment: FulfillmentStatus
    ) -> None:
        order = self.one(**state)
        assert (order.payment.status, order.fulfillment.status) == (payment, fulfillment)

    @pytest.mark.parametrize(
        ("paid", "status"),
        [("0", PAYMENT.PENDING), ("20.000000", PAYMENT.PARTIALLY_PAID), ("146.010000", PAYMENT.PAID)],
    )
    def test_a_state_without_the_flag_paid_is_paid_as_far_as_money_came(self, paid: str, status: PaymentStatus) -> None:
        scenario = self.scenario("one_party").answering(5, body=[]).put(f"{STATE}/paid", "0")
        assert self.order(scenario.put(f"{ROW}/total_paid_real", paid)).payment.status is status

    def test_a_cancelled_order_keeps_its_money_until_a_slip_says_otherwise(self) -> None:
        order = self.one(template="order_canceled")
        assert order.cancelled is not None
        assert order.payment.status is PAYMENT.PAID

    def test_slips_that_cannot_be_read_are_not_taken_for_none(self) -> None:
        totals = self.order(self.scenario("one_party").answering(5, status=503, body={})).totals
        assert (totals.refunded, totals.net) == (None, None)

    def test_a_state_that_says_refunded_without_a_slip_leaves_open_how_much(self) -> None:
        totals = self.one(template="refund").totals
        assert (totals.refunded, totals.net) == (None, None)

    def test_a_password_is_not_even_fetched(self) -> None:
        request = self.ask_recorded(self.scenario("one_party"))[1][0]
        assert dict(request.query)["display"] == "[id,email,firstname,lastname,is_guest,date_add]"

    @pytest.mark.parametrize("body", [[], {"order_slips": ""}, {"order_slips": []}])
    def test_nothing_is_written_in_several_ways(self, body: object) -> None:
        answer = self.ask(self.scenario("one_party").answering(5, body=body))
        assert (answer.orders[0].refunds, dict(answer.lacks)) == ((), {})

    def test_one_row_may_stand_alone(self) -> None:
        good = self.scenario("one_party")
        alone = good.answering(1, body={"orders": good.exchanges[1].body["orders"][0]})
        assert self.order(alone).number == "XKBKNABJK"

    def test_a_name_in_several_languages_is_one(self) -> None:
        names = [{"id": "1", "value": ""}, {"id": "2", "value": "Expédié"}]
        assert self.one(name=names).fulfillment.raw == "Expédié"

    @pytest.mark.parametrize("text", ["0000-00-00 00:00:00", "0001-01-01 00:00:00", "soon"])
    def test_a_date_that_is_none_is_not_made_one(self, text: str) -> None:
        assert self.order(self.scenario("one_party").put(f"{ROW}/date_add", text)).placed_at is None

    def test_a_guest_is_one_though_the_shop_keeps_a_record(self) -> None:
        kinds = {party.store_id: party.kind for party in self.ask(self.scenario("two_parties")).parties}
        assert kinds == {"7": PartyKind.ACCOUNT, "9": PartyKind.GUEST}

    def test_an_order_without_an_address_asks_for_none(self) -> None:
        assert self.order(self.scenario("order_without_address")).billing_address is None

    @pytest.mark.parametrize("zone", ["Paris", "../etc/passwd", ""])
    def test_a_time_zone_is_one_of_the_worlds(self, zone: str) -> None:
        with pytest.raises(ValidationError):
            self.connector(time_zone=zone)
