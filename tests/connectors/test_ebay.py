"""eBay: the contract, and what is its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from server.connectors.ebay import Ebay, EbayConfig
from server.errors import Changed, Refused, StoreError
from server.model import By, FulfillmentStatus, Order, PaymentStatus, RefundStatus

from .contract import FAILURES, ConnectorContract
from .scenario import Replay, Scenario, question

SECRET, REFRESH, LENT = "PRD-5d41402abc4b", "v^1.1#consent-of-the-seller", "v^1.1#lent"
PAYMENT, FULFILLMENT, REFUND = PaymentStatus, FulfillmentStatus, RefundStatus
ROW = "/1"
BY_NUMBER = "eBay is asked for one order by its number, and has none like it."


class TestEbay(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "ebay"
    secrets = (SECRET, REFRESH, LENT)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": f"{ROW}/pricingSummary/total/currency",
        "total": f"{ROW}/pricingSummary/total/value",
        "placed_at": f"{ROW}/creationDate",
        "title": f"{ROW}/lineItems/0/title",
        "note": f"{ROW}/buyerCheckoutNotes",
        "recipient": f"{ROW}/fulfillmentStartInstructions/0/shippingStep/shipTo/fullName",
        "street": f"{ROW}/fulfillmentStartInstructions/0/shippingStep/shipTo/contactAddress/addressLine1",
        "carrier": "/2/fulfillments/0/shippingCarrierCode",
        "tracking_number": "/2/fulfillments/0/shipmentTrackingNumber",
        "payment": f"{ROW}/orderPaymentStatus",
        "fulfillment": f"{ROW}/orderFulfillmentStatus",
        "refund": f"{ROW}/paymentSummary/refunds/0/refundStatus",
    }
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "FAILED": PAYMENT.FAILED,
            "FULLY_REFUNDED": PAYMENT.REFUNDED,
            "PAID": PAYMENT.PAID,
            "PARTIALLY_REFUNDED": PAYMENT.PARTIALLY_REFUNDED,
            "PENDING": PAYMENT.PENDING,
        },
        "fulfillment": {"FULFILLED": FULFILLMENT.FULFILLED, "IN_PROGRESS": FULFILLMENT.PARTIAL},
        "refund": {"FAILED": REFUND.FAILED, "PENDING": REFUND.PENDING, "REFUNDED": REFUND.SUCCEEDED},
    }
    impossible: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("two_parties", "other_case", "stranger_rows", "more_orders", "unreadable"), BY_NUMBER
    )
    failures: ClassVar[Mapping[int, type[StoreError]]] = {
        status: error
        for status, error in FAILURES.items()
        if status != 401  # another token is fetched first
    }
    side: ClassVar[Mapping[int, str]] = {2: "shipments"}
    instants = (("2026-11-18T17:32:00.000Z", 17), ("2026-11-18T17:32:00+02:00", 15))
    optional = (
        f"{ROW}/legacyOrderId", f"{ROW}/buyerCheckoutNotes", f"{ROW}/orderPaymentStatus", f"{ROW}/creationDate",
        f"{ROW}/orderFulfillmentStatus", f"{ROW}/lineItems/0/sku", f"{ROW}/pricingSummary/priceSubtotal",
        "/2/fulfillments/0/shippedDate", "/2/fulfillments/0/shipmentTrackingNumber",
    )  # fmt: skip

    def connector(self, **config: Any) -> Ebay:
        settings = {"client_id": "Acme-orders", "client_secret": SECRET, "refresh_token": REFRESH, **config}
        return Ebay("Acme", EbayConfig.model_validate(settings), now=lambda: 1795000000.0)

    def one(self, **fields: object) -> Order:
        """The order of `one_party` with other values."""
        scenario = self.scenario("one_party")
        for field, value in fields.items():
            scenario = scenario.put(f"{ROW}/{field}", value)
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_an_order_with_its_parcels_costs_two_calls_and_the_token_of_two_hours(self) -> None:
        connector, scenario = self.connector(), self.scenario("one_party")
        for exchanges in (scenario.exchanges, scenario.exchanges[1:]):
            wire = Replay(replace(scenario, exchanges=exchanges), connector.read_posts)
            asyncio.run(connector.ask(scenario.question, 10, wire))
            assert len(wire.requests) == len(exchanges)

    def test_what_has_not_left_has_no_parcels_to_ask_for(self) -> None:
        assert len(self.ask_recorded(self.scenario("old_number"))[1]) == 2

    @pytest.mark.parametrize("number", ["1042", "17-12345", "../../identity", "17-12345-67890/issue_refund"])
    def test_what_is_no_number_of_ebays_is_not_sent(self, number: str) -> None:
        assert self.ask(Scenario(question(By.ORDER_NUMBER, number, number), ())).orders == ()

    def test_a_token_that_ended_early_is_renewed_once(self) -> None:
        good = self.scenario("one_party")
        grant, order, parcels = good.exchanges
        ended = replace(order, status=401, body={"errors": [{"errorId": 1001}]})
        assert len(self.ask(replace(good, exchanges=(grant, ended, grant, order, parcels))).orders) == 1

    def test_a_second_token_that_is_refused_too_is_the_credentials_fault(self) -> None:
        good = self.scenario("one_party")
        grant, order, _ = good.exchanges
        ended = replace(order, status=401, body={"errors": [{"errorId": 1001}]})
        error = self.ask_for_error(replace(good, exchanges=(grant, ended, grant, ended)))
        assert (type(error), error.reason) == (Refused, "credentials")

    @pytest.mark.parametrize(
        ("status", "word", "error", "about"),
        [
            (401, "invalid_client", Refused, {"reason": "credentials", "look_at": "client_id and client_secret"}),
            (400, "invalid_grant", Refused, {"reason": "credentials", "look_at": "refresh_token"}),
            (400, "invalid_scope", Refused, {"reason": "scope", "scope": "sell.fulfillment.readonly"}),
            (401, None, Refused, {"reason": "credentials"}),
            (400, "unsupported_grant_type", Changed, {"reason": "status"}),
        ],
    )
    def test_why_there_is_no_token(
        self, status: int, word: str | None, error: type[StoreError], about: Mapping[str, str]
    ) -> None:
        good = self.scenario("one_party")
        denied = replace(good.exchanges[0], status=status, body={"error": word})
        raised = self.ask_for_error(replace(good, exchanges=(denied,)))
        assert type(raised) is error
        assert about.items() <= dict(raised.about).items()

    @pytest.mark.parametrize("status", [400, 404])
    def test_only_the_error_of_an_unknown_order_is_nothing(self, status: int) -> None:
        nobody = self.scenario("nobody")
        assert self.ask(nobody.answering(1, status=status)).orders == ()
        other = nobody.answering(1, status=status, body={"errors": [{"errorId": 32800}]})
        assert isinstance(self.ask_for_error(other), Changed)

    def test_only_reading_is_asked_for_in_a_token(self) -> None:
        grant = self.ask_recorded(self.scenario("one_party"))[1][0]
        assert dict(grant.form)["scope"] == "https://api.ebay.com/oauth/api_scope/sell.fulfillment.readonly"

    # -- what -------------------------------------------------------------------------------------------------

    def test_a_ticket_from_the_relay_address_is_the_buyers(self) -> None:
        assert self.order(self.scenario("one_party")).email == "4f1c2d9e8@members.ebay.com"

    def test_an_order_is_shown_under_the_number_that_was_asked_for(self) -> None:
        assert self.order(self.scenario("old_number")).number == "110558747014-27937001"

    def test_a_cancelled_order_says_when_and_why(self) -> None:
        order = self.order(self.scenario("cancelled"))
        assert order.fulfillment.status is FULFILLMENT.CANCELLED
        assert order.cancelled is not None
        assert order.cancelled.reason == "BUYER_CANCEL_OR_ADDRESS_ISSUE"

    def test_what_the_buyer_saw_is_shown_and_not_what_ebay_made_of_it(self) -> None:
        converted = {"value": "66.00", "currency": "USD", "convertedFromValue": "57.50", "convertedFromCurrency": "GBP"}
        total = self.one(**{"pricingSummary/total": converted}).totals.total
        assert total is not None
        assert (str(total.amount), total.currency) == ("57.50", "GBP")

    def test_a_cancellation_that_is_only_asked_for_is_none(self) -> None:
        order = self.one(**{"cancelStatus/cancelState": "IN_PROGRESS"})
        assert (order.cancelled, order.fulfillment.status) == (None, FULFILLMENT.FULFILLED)

    def test_what_was_sent_before_it_was_cancelled_stays_sent(self) -> None:
        order = self.one(**{"cancelStatus/cancelState": "CANCELED"})
        assert order.cancelled is not None
        assert order.fulfillment.status is FULFILLMENT.FULFILLED

    def test_the_figures_add_up(self) -> None:
        """eBay writes discounts as negative numbers, and says nothing of those that there are not."""
        scenario = self.scenario("one_party")
        for field, value in (("priceDiscount", "-4.00"), ("deliveryDiscount", "-1.50"), ("total", "52.00")):
            scenario = scenario.put(f"{ROW}/pricingSummary/{field}", {"value": value, "currency": "GBP"})
        totals = self.order(scenario).totals
        shown = (totals.items, totals.discount, totals.shipping, totals.tax, totals.total, totals.refunded, totals.net)
        assert [sum_ and str(sum_.amount) for sum_ in shown] == [
            "54.00",
            "5.50",
            "3.50",
            None,
            "52.00",
            "10.00",
            "42.00",
        ]

    @pytest.mark.parametrize(
        ("status", "taxed", "net"),
        [
            ("PAID", False, "57.50"),
            ("PARTIALLY_REFUNDED", False, "47.50"),
            ("PARTIALLY_REFUNDED", True, None),  # eBay's own tax went back as well: how much is not said
            ("FULLY_REFUNDED", True, "0"),
            ("PENDING", False, None),
            ("FAILED", False, None),
        ],
    )
    def test_what_was_kept(self, status: str, taxed: bool, net: str | None) -> None:
        kept = self.one(orderPaymentStatus=status, ebayCollectAndRemitTax=taxed).totals.net
        assert (kept and str(kept.amount)) == net

    @pytest.mark.parametrize("status", ["PENDING", "FAILED"])
    def test_a_refund_that_has_not_arrived_is_not_counted(self, status: str) -> None:
        assert self.one(**{"paymentSummary/refunds/0/refundStatus": status}).totals.refunded is None

    @pytest.mark.parametrize(
        ("status", "fulfilled"), [("FULFILLED", "2"), ("NOT_STARTED", "0"), ("IN_PROGRESS", "None"), (None, "None")]
    )
    def test_how_much_of_a_line_was_sent(self, status: str | None, fulfilled: str) -> None:
        order = self.one(**{"lineItems/0/lineItemFulfillmentStatus": status})
        assert str(order.items[0].fulfilled) == fulfilled

    def test_a_line_in_its_parts(self) -> None:
        (item,) = self.order(self.scenario("one_party")).items
        assert item.price is not None
        assert (item.title, item.variant, item.sku, str(item.price.amount)) == (
            "Enamel Jug",
            "Cream",
            "JUG-EN",
            "27.00",
        )

    @pytest.mark.parametrize("quantity", [0, 7])
    def test_a_price_that_does_not_come_out_even_is_not_shown(self, quantity: int) -> None:
        assert self.one(**{"lineItems/0/quantity": quantity}).items[0].price is None

    def test_abroad_the_buyers_own_address_is_shown_and_not_ebays_depot(self) -> None:
        instruction = f"{ROW}/fulfillmentStartInstructions/0"
        home = {"addressLine1": "Kirchweg 3", "city": "Bonn", "postalCode": "53111", "countryCode": "DE"}
        scenario = self.scenario("one_party").put(f"{instruction}/finalDestinationAddress", home)
        address = self.order(scenario.put(f"{instruction}/ebaySupportedFulfillment", True)).shipping_address
        assert address is not None
        assert (address.street, address.city, address.country) == (("Kirchweg 3",), "Bonn", "DE")

    def test_an_order_older_than_90_days_is_shown_without_its_people(self) -> None:
        """eBay leaves names, addresses, e-mail and phone out by then; the account's name stays."""
        scenario = self.scenario("one_party").put(f"{ROW}/buyer", {"username": "iris_n_2019"})
        answer = self.ask(scenario.put(f"{ROW}/fulfillmentStartInstructions", []))
        (party,) = answer.parties
        assert (party.store_id, party.names, party.emails) == ("iris_n_2019", (), ())
        assert answer.orders[0].shipping_address is None

    def test_not_started_is_unfulfilled(self) -> None:
        order = self.order(self.scenario("old_number"))
        assert order.fulfillment.status is FULFILLMENT.UNFULFILLED

    def test_an_address_elsewhere_cannot_be_set(self) -> None:
        with pytest.raises(ValidationError):
            self.connector(origin="https://evil.example")
