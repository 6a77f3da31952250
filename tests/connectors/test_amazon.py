"""Amazon: the contract, and what is its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from server.connectors.amazon import Amazon, AmazonConfig
from server.errors import Changed, Refused, StoreError
from server.model import FulfillmentStatus, PaymentStatus, ShipmentStatus

from .contract import FAILURES, ConnectorContract
from .scenario import Replay

ID, SECRET, REFRESH = "amzn1.application-oa2-client.1234", "amzn1.oa2-cs.v1.5678", "Atzr|IwEB-5d41402abc4b"
LENT = "Atza|lent-for-an-hour"
PAYMENT, FULFILLMENT, PARCEL = PaymentStatus, FulfillmentStatus, ShipmentStatus
ROW = "/1/order"


class TestAmazon(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "amazon"
    secrets = (SECRET, REFRESH, LENT)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": f"{ROW}/proceeds/grandTotal/currencyCode",
        "total": f"{ROW}/proceeds/grandTotal/amount",
        "placed_at": f"{ROW}/createdTime",
        "title": f"{ROW}/orderItems/0/product/title",
        "recipient": f"{ROW}/recipient/deliveryAddress/name",
        "street": f"{ROW}/recipient/deliveryAddress/addressLine1",
        "carrier": f"{ROW}/packages/0/carrier",
        "tracking_number": f"{ROW}/packages/0/trackingNumber",
        "payment": f"{ROW}/fulfillment/fulfillmentStatus",
        "fulfillment": f"{ROW}/fulfillment/fulfillmentStatus",
        "shipment": f"{ROW}/packages/0/packageStatus/status",
    }
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "PENDING_AVAILABILITY": PAYMENT.PENDING,
            "PENDING": PAYMENT.PENDING,
            "UNSHIPPED": PAYMENT.AUTHORIZED,
            "PARTIALLY_SHIPPED": PAYMENT.PARTIALLY_PAID,
            "SHIPPED": PAYMENT.PAID,
            "CANCELLED": PAYMENT.VOIDED,
            "UNFULFILLABLE": PAYMENT.UNKNOWN,
        },
        "fulfillment": {
            "PENDING_AVAILABILITY": FULFILLMENT.SCHEDULED,
            "PENDING": FULFILLMENT.UNFULFILLED,
            "UNSHIPPED": FULFILLMENT.UNFULFILLED,
            "PARTIALLY_SHIPPED": FULFILLMENT.PARTIAL,
            "SHIPPED": FULFILLMENT.FULFILLED,
            "CANCELLED": FULFILLMENT.CANCELLED,
            "UNFULFILLABLE": FULFILLMENT.ON_HOLD,
        },
        "shipment": {
            "PENDING": PARCEL.LABEL_CREATED,
            "IN_TRANSIT": PARCEL.IN_TRANSIT,
            "SHIPPED": PARCEL.IN_TRANSIT,
            "DELIVERED": PARCEL.DELIVERED,
            "CANCELLED": PARCEL.CANCELLED,
            "UNDELIVERABLE": PARCEL.EXCEPTION,
        },
    }
    impossible: ClassVar[Mapping[str, str]] = {
        "two_parties": "A relay address is one buyer's, and an order number names one order.",
    }
    failures: ClassVar[Mapping[int, type[StoreError]]] = {
        status: error for status, error in FAILURES.items() if status not in {401, 403}
    }
    optional = (
        f"{ROW}/createdTime", f"{ROW}/buyer", f"{ROW}/recipient", f"{ROW}/proceeds", f"{ROW}/payment",
        f"{ROW}/fulfillment", f"{ROW}/orderItems/0/product", f"{ROW}/orderItems/0/proceeds",
        f"{ROW}/orderItems/0/fulfillment", f"{ROW}/packages/0/packageStatus", f"{ROW}/packages/0/carrier",
        f"{ROW}/packages/0/shipTime", f"{ROW}/packages/0/trackingNumber",
    )  # fmt: skip

    def connector(self, **config: Any) -> Amazon:
        keys = {"client_id": ID, "client_secret": SECRET, "refresh_token": REFRESH}
        settings = {"region": "eu", "marketplaces": ("A1PA6795UKMFR9",), **keys, **config}
        return Amazon("Acme", AmazonConfig.model_validate(settings), now=lambda: 1795000000.0)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_one_order_with_its_parcels_is_one_call_and_the_token(self) -> None:
        _, requests = self.ask_recorded(self.scenario("one_party"))
        assert [request.grant for request in requests] == [True, False]

    def test_of_a_buyer_with_many_orders_five_are_asked_for(self) -> None:
        assert len(self.ask_recorded(self.scenario("more_orders"))[1]) == 7

    @pytest.mark.parametrize("name", ["address_that_amazon_does_not_know", "number_of_no_order_of_amazons"])
    def test_what_amazon_cannot_know_costs_no_call(self, name: str) -> None:
        assert self.ask_recorded(self.scenario(name))[1] == []

    def test_what_amazon_allows_in_a_second_is_declared(self) -> None:
        rates = {rate.paths: (rate.per_s, rate.burst) for rate in self.connector().rates}
        assert rates == {"/orders/2026-01-01/orders/[^/]+": (0.5, 30), "/orders/v0/orders": (0.0167, 20)}

    def test_the_token_is_fetched_once_and_goes_in_its_header(self) -> None:
        connector, scenario = self.connector(), self.scenario("one_party")
        first = Replay(scenario, connector.read_posts)
        asyncio.run(connector.ask(scenario.question, 10, first))
        again = Replay(replace(scenario, exchanges=scenario.exchanges[1:]), connector.read_posts)
        asyncio.run(connector.ask(scenario.question, 10, again))
        assert [request.headers["x-amz-access-token"] for request in again.requests] == [LENT]

    def test_a_token_that_ended_early_is_renewed_once(self) -> None:
        good = self.scenario("one_party")
        grant, one = good.exchanges
        expired = {"errors": [{"code": "Unauthorized", "message": "The access token you provided has expired."}]}
        for status in (401, 403):
            ended = replace(one, status=status, body=expired)
            assert len(self.ask(replace(good, exchanges=(grant, ended, grant, one))).orders) == 1

    def test_personal_data_that_is_denied_is_not_asked_for_again(self) -> None:
        connector, scenario = self.connector(), self.scenario("personal_data_denied")
        answer = asyncio.run(connector.ask(scenario.question, 10, Replay(scenario, connector.read_posts)))
        assert answer.orders[0].email == scenario.question.value, "the list tells whose it is"
        assert answer.orders[0].shipping_address is None
        assert "Restricted" in answer.lacks["addresses"]
        again = Replay(
            replace(scenario, exchanges=(scenario.exchanges[1], scenario.exchanges[3])), connector.read_posts
        )
        asyncio.run(connector.ask(scenario.question, 10, again))
        assert again.open == []

    def test_wrong_credentials_are_refused(self) -> None:
        for index, status in ((0, 401), (0, 403)):
            scenario = self.scenario("one_party").answering(index, status=status, body={"error": "invalid_client"})
            assert isinstance(self.ask_for_error(scenario), Refused)

    # -- what -------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("detail", "meant"),
        [
            ("PENDING_SCHEDULE", PARCEL.LABEL_CREATED),
            ("PENDING_PICK_UP", PARCEL.LABEL_CREATED),
            ("PENDING_DROP_OFF", PARCEL.LABEL_CREATED),
            ("LABEL_CANCELLED", PARCEL.CANCELLED),
            ("PICKED_UP", PARCEL.IN_TRANSIT),
            ("DROPPED_OFF", PARCEL.IN_TRANSIT),
            ("AT_ORIGIN_FC", PARCEL.IN_TRANSIT),
            ("AT_DESTINATION_FC", PARCEL.IN_TRANSIT),
            ("DELIVERED", PARCEL.DELIVERED),
            ("REJECTED_BY_BUYER", PARCEL.RETURNED),
            ("UNDELIVERABLE", PARCEL.EXCEPTION),
            ("RETURNING_TO_SELLER", PARCEL.RETURNED),
            ("RETURNED_TO_SELLER", PARCEL.RETURNED),
            ("LOST", PARCEL.EXCEPTION),
            ("OUT_FOR_DELIVERY", PARCEL.OUT_FOR_DELIVERY),
            ("DAMAGED", PARCEL.EXCEPTION),
            ("A_WORD_OF_NEXT_YEAR", PARCEL.IN_TRANSIT),
        ],
    )
    def test_the_closer_word_of_a_parcel_counts(self, detail: str, meant: ShipmentStatus) -> None:
        words = {"status": "IN_TRANSIT", "detailedStatus": detail}
        order = self.order(self.scenario("one_party").put(f"{ROW}/packages/0/packageStatus", words))
        assert order.shipments[0].status is meant

    def test_a_pending_order_has_no_amount_and_no_currency_yet(self) -> None:
        scenario = self.scenario("one_party").put(f"{ROW}/proceeds", None)
        scenario = scenario.put((f"{ROW}/orderItems/0/proceeds", f"{ROW}/orderItems/0/product/price"), None)
        order = self.order(scenario)
        assert (order.currency, order.totals.total) == ("XXX", None)

    def test_why_an_order_was_cancelled_is_told(self) -> None:
        order = self.order(self.scenario("one_party").put(f"{ROW}/fulfillment/fulfillmentStatus", "CANCELLED"))
        assert order.cancelled is not None
        assert order.cancelled.reason == "NO_INVENTORY"

    def test_a_404_of_something_in_between_is_no_missing_order(self) -> None:
        scenario = self.scenario("one_party").answering(1, status=404, body={"unexpected": 1})
        assert isinstance(self.ask_for_error(scenario), Changed)

    # -- settings ---------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "config", [{"region": "us"}, {"marketplaces": ()}, {"origin": "https://evil.example"}, {"marketplaces": ("x",)}]
    )
    def test_settings_that_cannot_be(self, config: Mapping[str, Any]) -> None:
        with pytest.raises(ValidationError):
            self.connector(**config)

    def test_a_secret_goes_to_amazons_login_and_a_token_to_the_region(self) -> None:
        connector = self.connector(region="na")
        assert connector.token_origin == "https://api.amazon.com"
        assert connector.origin == "https://sellingpartnerapi-na.amazon.com"
