"""Adobe Commerce: the contract, and what is its own."""

import asyncio
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
from pydantic import ValidationError

from server.connectors.magento import Magento, MagentoConfig
from server.connectors.magento_rows import LineRow, fields
from server.connectors.oauth1 import signature
from server.model import By, FulfillmentStatus, Money, Order, PartyKind, PaymentStatus, RefundStatus

from .contract import ConnectorContract
from .scenario import Replay, Scenario, question

TOKEN = "it-5d41402abc4b2a76"
OAUTH = {"consumer_key": "ck-71", "consumer_secret": "cs-secret-1", "access_token_secret": "ts-secret-2"}
PAYMENT, FULFILLMENT, REFUND = PaymentStatus, FulfillmentStatus, RefundStatus
ROW = "/1/items/0"
WORD = (f"{ROW}/state", f"{ROW}/status")


class TestMagento(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "magento"
    secrets = (TOKEN, "cs-secret-1", "ts-secret-2")
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": f"{ROW}/order_currency_code",
        "total": f"{ROW}/grand_total",
        "placed_at": f"{ROW}/created_at",
        "number": f"{ROW}/increment_id",
        "title": f"{ROW}/items/0/name",
        "recipient": f"{ROW}/extension_attributes/shipping_assignments/0/shipping/address/lastname",
        "street": f"{ROW}/extension_attributes/shipping_assignments/0/shipping/address/street/0",
        "carrier": "/2/items/0/tracks/0/title",
        "tracking_number": "/2/items/0/tracks/0/track_number",
        "payment": WORD,
        "fulfillment": WORD,
        "refund": "/3/items/0/state",
    }
    # The one order's 51 were paid, 18 of them refunded; all of it was shipped.
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "new": PAYMENT.PARTIALLY_REFUNDED,
            "pending": PAYMENT.PARTIALLY_REFUNDED,
            "pending_payment": PAYMENT.PENDING,
            "payment_review": PAYMENT.PENDING,
            "processing": PAYMENT.PARTIALLY_REFUNDED,
            "holded": PAYMENT.PARTIALLY_REFUNDED,
            "complete": PAYMENT.PARTIALLY_REFUNDED,
            "closed": PAYMENT.PARTIALLY_REFUNDED,
            "canceled": PAYMENT.PARTIALLY_REFUNDED,
            "fraud": PAYMENT.PARTIALLY_REFUNDED,
            "paypal_reversed": PAYMENT.DISPUTED,
            "paypal_canceled_reversal": PAYMENT.PARTIALLY_REFUNDED,
        },
        "fulfillment": {
            "new": FULFILLMENT.UNFULFILLED,
            "pending_payment": FULFILLMENT.UNFULFILLED,
            "payment_review": FULFILLMENT.UNFULFILLED,
            "processing": FULFILLMENT.FULFILLED,
            "complete": FULFILLMENT.FULFILLED,
            "closed": FULFILLMENT.FULFILLED,
            "canceled": FULFILLMENT.CANCELLED,
            "holded": FULFILLMENT.ON_HOLD,
        },
        "refund": {"1": REFUND.PENDING, "2": REFUND.SUCCEEDED, "3": REFUND.FAILED},
    }
    unknown: ClassVar[Mapping[str, StrEnum]] = {"payment": PAYMENT.PARTIALLY_REFUNDED}
    side: ClassVar[Mapping[int, str]] = {0: "customer_since", 2: "shipments", 3: "refunds"}
    instants = (("2026-11-18 17:32:00", 17), ("2026-11-18T17:32:00+02:00", 15))
    amounts = (89.9, 12800, 12.345, -5, 0, "1234567890.12")
    optional = (
        f"{ROW}/customer_id", f"{ROW}/subtotal", f"{ROW}/discount_amount", f"{ROW}/shipping_amount", f"{ROW}/state",
        f"{ROW}/tax_amount", f"{ROW}/total_paid", f"{ROW}/total_refunded", f"{ROW}/coupon_code", f"{ROW}/payment",
        f"{ROW}/status_histories", f"{ROW}/extension_attributes", f"{ROW}/billing_address", f"{ROW}/items/0/sku",
        f"{ROW}/items/0/price", f"{ROW}/items/0/row_total", "/0/items/0/created_at", "/0/items/0/addresses",
        "/2/items/0/tracks/0/title", "/3/items/0/comments",
    )  # fmt: skip

    def connector(self, **config: Any) -> Magento:
        settings = {"origin": "https://magento.example", "access_token": TOKEN, **config}
        return Magento("Acme", MagentoConfig.model_validate(settings), now=lambda: 1795000000.9, nonce=lambda: "n0nce")

    def one(self, **fields: object) -> Order:
        """The order of `one_party` with other values in its row."""
        scenario = self.scenario("one_party")
        for field, value in fields.items():
            scenario = scenario.put(f"{ROW}/{field}", value)
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_ten_orders_with_parcels_and_refunds_cost_three_calls_and_one_for_the_account(self) -> None:
        one = self.scenario("one_party")
        rows = [{**deepcopy(one.exchanges[1].body["items"][0]), "entity_id": 805 - n} for n in range(10)]
        ids = ",".join(str(row["entity_id"]) for row in rows)
        key = "searchCriteria[filter_groups][0][filters][0][value]"
        later = [replace(exchange, query=((key, ids),)) for exchange in one.exchanges[2:]]
        orders = replace(one.exchanges[1], body={"items": rows, "total_count": 10})
        ten = replace(one, exchanges=(one.exchanges[0], orders, *later))
        answer, requests = self.ask_recorded(ten)
        assert (len(answer.orders), len(requests)) == (10, 4)

    def test_every_list_has_a_size_and_the_newest_come_first(self) -> None:
        for request in self.ask_recorded(self.scenario("one_party"))[1]:
            query = dict(request.query)
            assert 0 < int(query["searchCriteria[pageSize]"]) <= 100
            assert query["searchCriteria[sortOrders][0][direction]"] == "DESC"

    def test_only_what_is_used_is_asked_for(self) -> None:
        asked = " ".join(dict(request.query)["fields"] for request in self.ask_recorded(self.scenario("one_party"))[1])
        assert not {"remote_ip", "cc_last4", "protect_code", "additional_information"} & set(re.findall(r"\w+", asked))
        assert fields(LineRow).startswith("item_id,parent_item_id,name")

    @pytest.mark.parametrize("number", ["5,6", "5) or (1", "%", "a b", "x" * 40])
    def test_a_number_cannot_widen_the_question(self, number: str) -> None:
        assert self.ask(Scenario(question(By.ORDER_NUMBER, number, number), ())).orders == ()

    @pytest.mark.parametrize("value", ["0", "-1", "1 or 1", "٤٢"])
    def test_a_customer_id_is_a_positive_number(self, value: str) -> None:
        assert self.ask(Scenario(question(By.CUSTOMER_ID, value, value), ())).parties == ()

    # -- getting in -------------------------------------------------------------------------------------------

    def test_the_access_token_alone_is_sent_as_bearer(self) -> None:
        for request in self.ask_recorded(self.scenario("nobody"))[1]:
            assert request.headers == {"authorization": f"Bearer {TOKEN}"}

    def test_four_values_sign_what_is_sent_and_a_retry_anew(self) -> None:
        connector, scenario = self.connector(**OAUTH), self.scenario("nobody")
        wire = Replay(scenario, connector.read_posts)
        asyncio.run(connector.ask(scenario.question, 10, wire))
        for request in wire.requests:
            header = request.headers["authorization"]
            self.holds_no_secret(header.replace(TOKEN, ""))
            proof = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}
            made = proof.pop("oauth_signature")
            pairs = (*request.query, *proof.items())
            assert made == signature("GET", f"{connector.origin}{request.path}", pairs, "cs-secret-1&ts-secret-2")
            assert (proof["oauth_token"], proof["oauth_signature_method"]) == (TOKEN, "HMAC-SHA256")
            assert request.anew is not None

    @pytest.mark.parametrize("missing", OAUTH)
    def test_three_of_the_four_values_are_a_mistake(self, missing: str) -> None:
        with pytest.raises(ValidationError, match="go together"):
            self.connector(**{name: value for name, value in OAUTH.items() if name != missing})

    @pytest.mark.parametrize("view", ["", "de/V1", "../all"])
    def test_a_store_view_is_a_code(self, view: str) -> None:
        with pytest.raises(ValidationError):
            self.connector(store_view=view)

    def test_missing_resources_cost_their_part_only(self) -> None:
        refused = {"message": "The consumer isn't authorized to access %resources."}
        scenario = self.scenario("one_party")
        for index, acl in ((2, "Magento_Sales::shipment"), (3, "Magento_Sales::sales_creditmemo")):
            scenario = scenario.answering(index, status=401, body={**refused, "parameters": {"resources": acl}})
        answer = self.ask(scenario)
        assert len(answer.orders) == 1
        assert "Magento_Sales::shipment" in answer.lacks["shipments"]
        assert "Magento_Sales::sales_creditmemo" in answer.lacks["refunds"]
        assert not answer.passing

    # -- what -------------------------------------------------------------------------------------------------

    def test_the_one_order(self) -> None:
        order = self.order(self.scenario("one_party"))
        assert order.number == "000000805"
        assert [item.title for item in order.items] == ["Pour-over Kit"], "the variant's row is not shown twice"
        assert order.totals.net == Money(Decimal(33), "USD")
        assert order.refunds[0].reason == "Damaged in transit"
        assert order.notes[0].text == "Left at door"
        assert order.notes[0].public
        assert order.discount_codes == ("WELCOME",)

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"total_refunded": None}, PAYMENT.PAID),
            ({"total_refunded": 51}, PAYMENT.REFUNDED),
            ({"total_paid": 20, "total_refunded": None}, PAYMENT.PARTIALLY_PAID),
            ({"total_paid": None, "state": "new"}, PAYMENT.PENDING),
            ({"total_paid": None, "state": "canceled"}, PAYMENT.VOIDED),
            ({"total_paid": None, "state": "processing"}, PAYMENT.UNKNOWN),
        ],
    )
    def test_what_was_paid_decides(self, fields: Mapping[str, object], status: PaymentStatus) -> None:
        assert self.one(**fields).payment.status is status

    @pytest.mark.parametrize(
        ("shipped", "status"),
        [(0, FULFILLMENT.UNFULFILLED), (0.5, FULFILLMENT.PARTIAL), (1, FULFILLMENT.FULFILLED)],
    )
    def test_an_order_in_process_is_as_far_as_its_lines(self, shipped: float, status: FulfillmentStatus) -> None:
        fields = {"state": "processing", "items/0/qty_shipped": shipped, "items/1/qty_shipped": shipped}
        order = self.one(**fields)
        assert order.fulfillment.status is status

    def test_a_status_of_the_merchants_is_shown_as_he_calls_it(self) -> None:
        order = self.one(state="holded", status="waiting_for_engraving")
        assert (order.fulfillment.status, order.fulfillment.raw) == (FULFILLMENT.ON_HOLD, "waiting_for_engraving")

    def test_a_list_that_php_writes_as_an_object_is_one(self) -> None:
        lines = self.scenario("one_party").exchanges[1].body["items"][0]["items"]
        assert len(self.one(items={"0": lines[0], "2": lines[1]}).items) == 1

    def test_account_and_guest_stay_two_records(self) -> None:
        kinds = {party.kind for party in self.ask(self.scenario("two_parties")).parties}
        assert kinds == {PartyKind.ACCOUNT, PartyKind.GUEST}
