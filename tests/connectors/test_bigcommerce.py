"""BigCommerce: the contract, and what is its own."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec import structs
from pydantic import ValidationError

from server.connectors.bigcommerce import BigCommerce, BigCommerceConfig
from server.errors import Refused, TimedOut
from server.model import FulfillmentStatus, Money, Order, PartyKind, PaymentStatus, RefundStatus

from .contract import ConnectorContract
from .scenario import Exchange

TOKEN = "bc-5d41402abc4b2a76"
PAYMENT, FULFILLMENT, REFUND = PaymentStatus, FulfillmentStatus, RefundStatus
ROW = "/1/0"


class TestBigCommerce(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "bigcommerce"
    secrets = (TOKEN,)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": f"{ROW}/default_currency_code",
        "total": f"{ROW}/total_inc_tax",
        "placed_at": f"{ROW}/date_created",
        "title": f"{ROW}/consignments/shipping/0/line_items/0/name",
        "note": f"{ROW}/customer_message",
        "recipient": f"{ROW}/consignments/shipping/0/last_name",
        "street": f"{ROW}/consignments/shipping/0/street_1",
        "carrier": "/3/0/shipping_provider_display_name",
        "tracking_number": "/3/0/tracking_number",
        "tracking_url": ("/3/0/tracking_link", "/3/0/generated_tracking_link"),
        "refund_reason": "/2/data/0/reason",
        "payment": f"{ROW}/payment_status",
        "fulfillment": f"{ROW}/status",
    }
    # 12.50 of the one order's 148.95 were refunded; all of it was shipped.
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "authorized": PAYMENT.AUTHORIZED,
            "captured": PAYMENT.PARTIALLY_REFUNDED,
            "capture pending": PAYMENT.AUTHORIZED,
            "declined": PAYMENT.FAILED,
            "held for review": PAYMENT.PENDING,
            "paid": PAYMENT.PARTIALLY_REFUNDED,
            "partially refunded": PAYMENT.PARTIALLY_REFUNDED,
            "pending": PAYMENT.PENDING,
            "refunded": PAYMENT.REFUNDED,
            "void": PAYMENT.VOIDED,
            "void pending": PAYMENT.AUTHORIZED,
        },
        "fulfillment": {
            "Pending": FULFILLMENT.UNFULFILLED,
            "Shipped": FULFILLMENT.FULFILLED,
            "Partially Shipped": FULFILLMENT.PARTIAL,
            "Refunded": FULFILLMENT.FULFILLED,  # these four tell of the money: what was sent decides
            "Partially Refunded": FULFILLMENT.FULFILLED,
            "Disputed": FULFILLMENT.FULFILLED,
            "Cancelled": FULFILLMENT.CANCELLED,
            "Declined": FULFILLMENT.UNFULFILLED,
            "Awaiting Payment": FULFILLMENT.UNFULFILLED,
            "Awaiting Pickup": FULFILLMENT.UNFULFILLED,
            "Awaiting Shipment": FULFILLMENT.UNFULFILLED,
            "Completed": FULFILLMENT.FULFILLED,
            "Awaiting Fulfillment": FULFILLMENT.UNFULFILLED,
            "Manual Verification Required": FULFILLMENT.ON_HOLD,
        },
    }
    unknown: ClassVar[Mapping[str, StrEnum]] = {"fulfillment": FULFILLMENT.FULFILLED}
    side: ClassVar[Mapping[int, str]] = {2: "refunds", 3: "shipments"}
    instants = (
        ("Wed, 18 Nov 2026 17:32:00 +0000", 17),
        ("Wed, 18 Nov 2026 17:32:00 -0500", 22),
        ("2026-11-18T17:32:00Z", 17),
    )
    amounts = ("89.9000", "12800.0000", "12.3450", "-5.0000", 89.9, 0)
    optional = (
        f"{ROW}/payment_method", f"{ROW}/payment_status", f"{ROW}/custom_status", f"{ROW}/customer_message",
        f"{ROW}/staff_notes", f"{ROW}/subtotal_inc_tax", f"{ROW}/coupon_discount", f"{ROW}/billing_address/company",
        f"{ROW}/billing_address/phone", f"{ROW}/consignments", f"{ROW}/items_total",
        f"{ROW}/consignments/shipping/0/line_items/0/sku", "/0/data/0/phone", "/0/data/0/notes", "/2/data/0/reason",
        "/2/data/0/created", "/3/0/tracking_link", "/3/0/date_created",
    )  # fmt: skip

    def connector(self, **config: Any) -> BigCommerce:
        settings = {"store_hash": "a1b2c3", "access_token": TOKEN, **config}
        return BigCommerce("Acme", BigCommerceConfig.model_validate(settings), now=lambda: 1795000000.0)

    def one(self, **fields: object) -> Order:
        """The order of `one_party` with other values in its row."""
        scenario = self.scenario("one_party")
        for field, value in fields.items():
            scenario = scenario.put(f"{ROW}/{field}", value)
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_ten_orders_cost_six_calls_three_of_them_for_parcels(self) -> None:
        one = self.scenario("one_party")
        rows = [{**deepcopy(one.exchanges[1].body[0]), "id": 118 - n} for n in range(10)]
        parcels = tuple(
            Exchange(f"/stores/a1b2c3/v2/orders/{id_}/shipments", body=one.exchanges[3].body) for id_ in (118, 117, 116)
        )
        ids = ",".join(str(row["id"]) for row in rows)
        refunds = replace(one.exchanges[2], query=(("order_id:in", ids),))
        ten = replace(one, exchanges=(one.exchanges[0], replace(one.exchanges[1], body=rows), refunds, *parcels))
        answer, requests = self.ask_recorded(ten)
        assert len(requests) == 6
        assert [bool(order.later) for order in answer.orders] == [False] * 3 + [True] * 7
        assert [bool(order.shipments) for order in answer.orders] == [True] * 3 + [False] * 7

    def test_nothing_sent_costs_no_call_and_is_no_later_either(self) -> None:
        answer, requests = self.ask_recorded(self.scenario("two_parties"))
        assert len(requests) == 3
        assert {order.later for order in answer.orders} == {frozenset()}

    def test_the_token_stands_in_its_header(self) -> None:
        for request in self.ask_recorded(self.scenario("one_party"))[1]:
            assert request.headers["x-auth-token"] == TOKEN

    @pytest.mark.parametrize("value", ["0", "-1", "7 or 1", "../settings", "٤٢"])
    def test_a_customer_id_is_a_positive_number(self, value: str) -> None:
        scenario = replace(self.scenario("customer_id_zero"), question=_question(self, value))
        assert self.ask(scenario).parties == ()

    # -- what -------------------------------------------------------------------------------------------------

    def test_the_one_order(self) -> None:
        order = self.order(self.scenario("one_party"))
        assert (order.number, order.currency) == ("118", "GBP")
        assert order.placed_at == datetime(2026, 11, 18, 17, 32, tzinfo=UTC)
        assert order.totals.total == Money(Decimal("148.95"), "GBP")
        assert order.totals.net == Money(Decimal("136.45"), "GBP")
        one, two = Decimal(1), Decimal(2)
        assert [(item.title, item.fulfilled) for item in order.items] == [("Brass Desk Lamp", one), ("Jute Rug", two)]
        assert [(item.title, item.quantity) for item in order.shipments[0].items] == [("Brass Desk Lamp", one)]
        assert (order.refunds[0].status, order.refunds[0].items[0].title) == (REFUND.SUCCEEDED, "Brass Desk Lamp")
        assert order.admin_url == "https://store-a1b2c3.mybigcommerce.com/manage/orders/118"

    def test_a_declined_refund_has_failed(self) -> None:
        scenario = self.scenario("one_party").put("/2/data/0/payments/0/is_declined", True)
        assert self.order(scenario).refunds[0].status is REFUND.FAILED

    def test_a_refund_outside_of_any_gateway_is_not_proven(self) -> None:
        assert self.order(self.scenario("one_party").put("/2/data/0/payments", [])).refunds[0].status is REFUND.UNKNOWN

    def test_a_disputed_order_is_disputed_whatever_its_payment_says(self) -> None:
        assert self.one(status="Disputed", payment_status="captured").payment.status is PAYMENT.DISPUTED

    @pytest.mark.parametrize(
        ("status", "meant"),
        [
            ("Declined", PAYMENT.FAILED),
            ("Awaiting Payment", PAYMENT.PENDING),
            ("Awaiting Fulfillment", PAYMENT.UNKNOWN),
        ],
    )
    def test_without_a_payment_status_the_orders_own_may_tell(self, status: str, meant: PaymentStatus) -> None:
        assert self.one(status=status, payment_status="").payment.status is meant

    def test_a_renamed_status_is_shown_as_the_store_calls_it_and_means_the_same(self) -> None:
        order = self.one(status="Awaiting Fulfillment", custom_status="In the workshop")
        assert (order.fulfillment.status, order.fulfillment.raw) == (FULFILLMENT.UNFULFILLED, "In the workshop")

    def test_a_whole_refund_is_one(self) -> None:
        assert self.one(payment_status="captured", refunded_amount="148.9500").payment.status is PAYMENT.REFUNDED

    def test_consignments_that_were_not_included_leave_the_order_readable(self) -> None:
        assert self.order(self.scenario("consignments_as_link")).items == ()

    def test_account_and_guest_stay_two_records(self) -> None:
        kinds = {party.kind for party in self.ask(self.scenario("two_parties")).parties}
        assert kinds == {PartyKind.ACCOUNT, PartyKind.GUEST}

    def test_missing_scopes_cost_their_part_only(self) -> None:
        scenario = self.scenario("one_party")
        answer = self.ask(scenario.answering(2, status=403, body={}).answering(3, status=403, body={}))
        assert len(answer.orders) == 1
        assert "store_v2_transactions_read_only" in answer.lacks["refunds"]
        assert "store_v2_orders_read_only" in answer.lacks["shipments"]
        assert not answer.passing

    def test_parcels_that_come_too_late_can_be_asked_for_again(self) -> None:
        answer = self.ask(self.scenario("one_party").answering(3, error=TimedOut("deadline")))
        assert answer.orders[0].later == {"shipments"}
        assert "shipments" not in answer.lacks

    def test_a_limit_is_waited_for_as_long_as_the_longer_header_says(self) -> None:
        headers = {"x-retry-after": "2", "x-rate-limit-time-reset-ms": "12500"}
        error = self.ask_for_error(self.scenario("one_party").answering(1, status=429, body={}, headers=headers))
        assert error.about["retry_after"] == 12.5

    def test_a_token_of_another_store_is_refused(self) -> None:
        assert isinstance(self.ask_for_error(self.scenario("one_party").answering(0, status=401, body={})), Refused)

    # -- settings ---------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("store_hash", ["", "../x", "A1B2", "a1b2/c"])
    def test_a_store_hash_cannot_lead_elsewhere(self, store_hash: str) -> None:
        with pytest.raises(ValidationError):
            self.connector(store_hash=store_hash)


def _question(contract: TestBigCommerce, value: str) -> Any:
    asked = contract.scenario("customer_id_zero").question
    return structs.replace(asked, value=value, spellings=(value,))
