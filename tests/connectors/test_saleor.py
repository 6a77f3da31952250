"""Saleor: the contract, and what is its own."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from graphql import OperationDefinitionNode, parse

from server.connectors.saleor import DOCUMENT, Saleor, SaleorConfig
from server.errors import Changed
from server.model import DisputeKind, FulfillmentStatus, Order, PartyKind, PaymentStatus, RefundStatus, ReturnStatus

from .contract import ConnectorContract

TOKEN = "sal-5d41402abc4b2a76"
PAYMENT, FULFILLMENT, REFUND = PaymentStatus, FulfillmentStatus, RefundStatus
ROW = "/0/data/orders/edges/0/node"


class TestSaleor(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "saleor"
    secrets = (TOKEN,)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": f"{ROW}/total/gross/currency",
        "total": f"{ROW}/total/gross/amount",
        "placed_at": f"{ROW}/created",
        "number": f"{ROW}/number",
        "title": f"{ROW}/lines/0/productName",
        "image_url": f"{ROW}/lines/0/thumbnail/url",
        "note": f"{ROW}/customerNote",
        "recipient": f"{ROW}/shippingAddress/lastName",
        "street": f"{ROW}/shippingAddress/streetAddress1",
        "tracking_number": f"{ROW}/fulfillments/0/trackingNumber",
        "refund_reason": f"{ROW}/grantedRefunds/0/reason",
        "payment": f"{ROW}/chargeStatus",
        "fulfillment": f"{ROW}/status",
        "refund": f"{ROW}/grantedRefunds/0/status",
    }
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "NONE": PAYMENT.PENDING,
            "PARTIAL": PAYMENT.PARTIALLY_PAID,
            "FULL": PAYMENT.PAID,
            "OVERCHARGED": PAYMENT.PAID,
        },
        "fulfillment": {
            "UNCONFIRMED": FULFILLMENT.UNFULFILLED,
            "UNFULFILLED": FULFILLMENT.UNFULFILLED,
            "PARTIALLY_FULFILLED": FULFILLMENT.PARTIAL,
            "PARTIALLY_RETURNED": FULFILLMENT.FULFILLED,
            "RETURNED": FULFILLMENT.FULFILLED,
            "FULFILLED": FULFILLMENT.FULFILLED,
            "CANCELED": FULFILLMENT.CANCELLED,
            "EXPIRED": FULFILLMENT.CANCELLED,
        },
        "refund": {
            "NONE": REFUND.UNKNOWN,
            "PENDING": REFUND.PENDING,
            "SUCCESS": REFUND.SUCCEEDED,
            "FAILURE": REFUND.FAILED,
        },
    }
    instants = (("2026-11-18T17:32:00+00:00", 17), ("2026-11-18T17:32:00+02:00", 15))
    amounts = (89.9, 12800, 12.345, -5.0, 0, "1234567890.12")
    optional = tuple(
        f"{ROW}/{field}"
        for field in (
            "chargeStatus", "authorizeStatus", "userEmail", "voucherCode", "subtotal", "shippingPrice",
            "totalCharged", "totalRefunded", "shippingAddress", "billingAddress", "lines/0/variantName",
            "lines/0/productSku", "lines/0/thumbnail", "fulfillments/0/lines", "grantedRefunds/0/reason",
            "grantedRefunds/0/lines", "transactions/0/name",
        )
    )  # fmt: skip

    def connector(self, **config: Any) -> Saleor:
        settings = {"origin": "https://saleor.example", "token": TOKEN, **config}
        return Saleor("Acme", SaleorConfig.model_validate(settings), now=lambda: 1795000000.0)

    def one(self, **fields: object) -> Order:
        """The order of `one_party` with other values in its node."""
        scenario = self.scenario("one_party")
        for field, value in fields.items():
            scenario = scenario.put(f"{ROW}/{field}", value)
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_a_customer_with_all_that_happened_is_one_query(self) -> None:
        answer, requests = self.ask_recorded(self.scenario("one_party"))
        assert len(requests) == 1
        assert answer.orders[0].shipments
        assert answer.orders[0].refunds

    def test_the_document_holds_queries_only(self) -> None:
        kinds = {
            each.operation.value for each in parse(DOCUMENT).definitions if isinstance(each, OperationDefinitionNode)
        }
        assert kinds == {"query"}

    def test_the_token_is_a_bearer(self) -> None:
        for request in self.ask_recorded(self.scenario("nobody"))[1]:
            assert request.headers == {"authorization": f"Bearer {TOKEN}"}

    def test_a_token_that_cannot_be_read_is_a_wrong_one(self) -> None:
        body = {"errors": [{"message": "Signature has expired"}], "data": None}
        error = self.ask_for_error(self.scenario("one_party").answering(0, body=body))
        assert error.about["reason"] == "credentials"

    def test_any_other_error_is_a_changed_shop(self) -> None:
        body = {"errors": [{"message": "Internal Server Error"}], "data": None}
        assert isinstance(self.ask_for_error(self.scenario("one_party").answering(0, body=body)), Changed)

    # -- what -------------------------------------------------------------------------------------------------

    def test_what_came_back_is_a_return_and_no_parcel(self) -> None:
        for status in ("RETURNED", "REFUNDED_AND_RETURNED", "REPLACED"):
            order = self.one(**{"fulfillments/0/status": status})
            assert order.shipments == ()
            assert [(each.status, each.raw) for each in order.returns] == [(ReturnStatus.CLOSED, status)]
            assert order.returns[0].items[0].title == "Phone Stand"

    def test_a_fulfillment_that_was_only_refunded_is_neither(self) -> None:
        order = self.one(**{"fulfillments/0/status": "REFUNDED"})
        assert (order.shipments, order.returns) == ((), ())

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"chargeStatus": "NONE", "authorizeStatus": "FULL", "transactions": []}, PAYMENT.AUTHORIZED),
            ({"chargeStatus": "NONE", "status": "CANCELED", "transactions": []}, PAYMENT.VOIDED),
            ({"totalRefunded/amount": 5.0}, PAYMENT.PARTIALLY_REFUNDED),
            ({"totalRefunded/amount": 28.5}, PAYMENT.REFUNDED),
            ({"transactions/0/events/0/type": "CHARGE_BACK"}, PAYMENT.DISPUTED),
        ],
    )
    def test_what_became_of_the_money(self, fields: Mapping[str, object], status: PaymentStatus) -> None:
        assert self.one(**fields).payment.status is status

    @pytest.mark.parametrize("kind", ["CHARGE_FAILURE", "AUTHORIZATION_FAILURE"])
    def test_a_failed_payment_says_why(self, kind: str) -> None:
        event = {
            "type": kind,
            "createdAt": "2026-11-18T17:33:00+00:00",
            "message": "Insufficient funds",
            "amount": None,
        }
        order = self.one(**{"chargeStatus": "NONE", "transactions/0/events/0": event})
        assert (order.payment.status, order.payment.failure) == (PAYMENT.FAILED, "Insufficient funds")

    def test_a_chargeback_is_a_dispute(self) -> None:
        order = self.one(**{"transactions/0/events/0/type": "CHARGE_BACK"})
        assert order.disputes[0].kind is DisputeKind.CHARGEBACK

    def test_money_that_went_back_without_a_grant_is_told(self) -> None:
        order = self.one(**{"grantedRefunds": [], "totalRefunded/amount": 5.0})
        assert [refund.status for refund in order.refunds] == [REFUND.SUCCEEDED]

    def test_account_and_guest_stay_two_records(self) -> None:
        kinds = {party.kind for party in self.ask(self.scenario("two_parties")).parties}
        assert kinds == {PartyKind.ACCOUNT, PartyKind.GUEST}
