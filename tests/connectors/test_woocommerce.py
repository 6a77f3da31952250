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

from server.connectors.oauth1 import signature
from server.connectors.woocommerce import WooCommerce, WooCommerceConfig
from server.model import By, FulfillmentStatus, Money, Order, PartyKind, PaymentStatus, RefundStatus, Shipment

from .contract import ConnectorContract
from .scenario import Exchange, Replay, Scenario, question

KEY, SECRET = "ck_5d41402abc4b2a76", "cs_b9719d911017c592"
PAYMENT, FULFILLMENT = PaymentStatus, FulfillmentStatus


def row(field: str) -> tuple[str, str]:
    """The order's row comes twice: from the search and from its account."""
    return f"/1/0/{field}", f"/2/0/{field}"


class TestWooCommerce(ConnectorContract):
    payloads = Path(__file__).parent / "payloads" / "woocommerce"
    secrets = (KEY, SECRET)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": row("currency"),
        "total": row("total"),
        "placed_at": row("date_created_gmt"),
        "number": row("number"),
        "title": row("line_items/0/name"),
        "image_url": row("line_items/0/image/src"),
        "note": row("customer_note"),
        "recipient": row("shipping/last_name"),
        "street": row("shipping/address_1"),
        "carrier": row("meta_data/0/value/0/custom_tracking_provider"),
        "tracking_number": row("meta_data/0/value/0/tracking_number"),
        "tracking_url": row("meta_data/0/value/0/custom_tracking_link"),
        "refund_reason": row("refunds/0/reason"),
        "payment": row("status"),
        "fulfillment": row("status"),
    }
    # The one order was paid, has parcels, and 16.20 of its 146.01 were refunded.
    words: ClassVar[Mapping[str, Mapping[str, StrEnum]]] = {
        "payment": {
            "pending": PAYMENT.PARTIALLY_REFUNDED,
            "processing": PAYMENT.PARTIALLY_REFUNDED,
            "on-hold": PAYMENT.PARTIALLY_REFUNDED,
            "completed": PAYMENT.PARTIALLY_REFUNDED,
            "cancelled": PAYMENT.PARTIALLY_REFUNDED,
            "refunded": PAYMENT.REFUNDED,
            "failed": PAYMENT.FAILED,
        },
        "fulfillment": {
            "pending": FULFILLMENT.PARTIAL,
            "processing": FULFILLMENT.PARTIAL,
            "on-hold": FULFILLMENT.ON_HOLD,
            "completed": FULFILLMENT.FULFILLED,
            "cancelled": FULFILLMENT.CANCELLED,
            "refunded": FULFILLMENT.UNKNOWN,
            "failed": FULFILLMENT.PARTIAL,
            "partial-shipped": FULFILLMENT.UNKNOWN,
            "shipped": FULFILLMENT.UNKNOWN,
            "delivered": FULFILLMENT.UNKNOWN,
        },
    }
    unknown: ClassVar[Mapping[str, StrEnum]] = {"payment": PAYMENT.PARTIALLY_REFUNDED}
    side: ClassVar[Mapping[int, str]] = {3: "refund_items"}
    optional = (
        "/0/0/date_created_gmt", "/0/0/billing", "/0/0/shipping", "/0/0/first_name",
        "/2/0/date_created_gmt", "/2/0/date_paid_gmt", "/2/0/payment_method", "/2/0/payment_method_title",
        "/2/0/customer_note", "/2/0/shipping", "/2/0/billing/email", "/2/0/billing/phone", "/2/0/billing/company",
        "/2/0/line_items/0/sku", "/2/0/line_items/0/image", "/2/0/line_items/0/price", "/2/0/line_items/0/parent_name",
        "/2/0/fee_lines", "/2/0/coupon_lines", "/2/0/meta_data", "/2/0/meta_data/0/value/0/date_shipped",
        "/2/0/refunds/0/reason", "/3/0/date_created_gmt", "/3/0/refunded_payment", "/3/0/line_items",
    )  # fmt: skip

    def connector(self, **config: Any) -> WooCommerce:
        settings = {"origin": "https://shop.example", "key": KEY, "secret": SECRET, **config}
        return WooCommerce(
            "Acme EU", WooCommerceConfig.model_validate(settings), now=lambda: 1795000000.9, nonce=lambda: "n0nce"
        )

    def one(self, **fields: object) -> Order:
        """The order of `one_party` with other values in its row."""
        scenario = self.scenario("one_party")
        for field, value in fields.items():
            scenario = scenario.put(row(field), value)
        if fields.get("refunds") == []:
            scenario = replace(scenario, exchanges=scenario.exchanges[:3])
        return self.order(scenario)

    # -- calls ------------------------------------------------------------------------------------------------

    def test_ten_orders_with_refunds_cost_four_calls(self) -> None:
        one_party = self.scenario("one_party")
        first, refund = one_party.exchanges[1].body[0], one_party.exchanges[3].body[0]
        rows, refunds = [], []
        for number in range(10):
            noted = {"id": 9000 + number, "reason": "", "total": "-1.00"}
            rows.append({**deepcopy(first), "id": 100 + number, "number": str(100 + number), "refunds": [noted]})
            refunds.append({**deepcopy(refund), "id": 9000 + number})
        ids = ",".join(str(noted["id"]) for noted in reversed(refunds))  # of two orders of one instant, the higher id
        scenario = (
            one_party.answering(1, body=rows, headers={})
            .answering(2, body=rows, headers={})
            .answering(3, body=refunds, query=(("include", ids), ("per_page", "100")))
        )
        answer, requests = self.ask_recorded(scenario)
        assert len(requests) == 4
        assert len(answer.orders) == 10
        assert all(order.refunds[0].at for order in answer.orders)

    def test_what_was_found_by_the_address_is_not_sent_again_for_the_account(self) -> None:
        """`exclude` is one of WooCommerce's own parameters; a shop whose plugin ignores it sends them twice."""
        one_party = self.scenario("one_party")
        id_ = str(one_party.exchanges[1].body[0]["id"])
        asked = self.ask_recorded(one_party)[1]
        assert [dict(request.query).get("exclude") for request in asked[:3]] == [None, None, id_]
        obedient = one_party.answering(2, body=[], headers={"x-wp-total": "0"})
        assert self.ask(obedient).orders == self.ask(one_party).orders

    def test_a_broken_order_of_the_account_alone_does_not_cost_those_found_by_the_address(self) -> None:
        one_party = self.scenario("one_party")
        broken = {**one_party.exchanges[1].body[0], "id": 999, "total": "n/a"}
        answer = self.ask(one_party.answering(2, body=[broken]))
        assert (len(answer.orders), answer.unreadable) == (1, 1)

    def test_nobody_costs_two_calls(self) -> None:
        assert len(self.ask_recorded(self.scenario("nobody"))[1]) == 2

    def test_a_stranger_with_a_refund_costs_no_call(self) -> None:
        answer, requests = self.ask_recorded(self.scenario("stranger_rows"))
        assert [request.path for request in requests] == ["/wp-json/wc/v3/customers", "/wp-json/wc/v3/orders"]
        assert [order.email for order in answer.orders] == ["ana@example.org"]

    def test_only_what_is_used_is_asked_for(self) -> None:
        for request in self.ask_recorded(self.scenario("one_party"))[1]:
            fields = dict(request.query)["_fields"].split(",")
            assert not {"order_key", "customer_ip_address", "payment_url", "username"} & set(fields)

    def test_at_most_three_spellings_are_asked(self) -> None:
        asked = question(By.PHONE, "1", "1", " ", "+1", "01", "001")
        pages = tuple(Exchange("/wp-json/wc/v3/orders", (("search", text),), body=[]) for text in ("1", "+1", "01"))
        assert self.ask(Scenario(asked, pages)).orders == ()

    def test_an_empty_search_would_be_the_whole_shop_and_is_not_sent(self) -> None:
        assert self.ask(Scenario(question(By.NAME, " ", " "), ())).orders == ()

    @pytest.mark.parametrize("value", ["0", "-1", "", "42 or 1=1", "../settings", "٤٢", "042"])
    def test_an_account_number_is_a_positive_whole_number(self, value: str) -> None:
        assert self.ask(Scenario(question(By.CUSTOMER_ID, value, value), ())).parties == ()

    @pytest.mark.parametrize(("limit", "rows"), [(1, "11"), (10, "20"), (100, "100")])
    def test_a_page_has_room_for_strangers_and_is_never_too_large(self, limit: int, rows: str) -> None:
        page = Exchange("/wp-json/wc/v3/orders", (("per_page", rows),), body=[])
        self.ask(Scenario(question(By.NAME, "Ana Lopez"), (page,), limit=limit))

    def test_a_full_page_without_a_count_may_go_on(self) -> None:
        scenario = self.scenario("more_orders")
        page = scenario.exchanges[1].body * 4
        silent = scenario.answering(1, body=page[:11], headers={}).answering(2, body=page[:2], headers={})
        assert self.ask(silent).more_orders
        assert not self.ask(replace(silent.answering(1, body=page[:2]), limit=1)).more_orders

    # -- credentials ------------------------------------------------------------------------------------------

    def test_basic_over_https(self) -> None:
        (request, *_) = self.ask_recorded(self.scenario("nobody"))[1]
        assert request.headers == {"authorization": "Basic Y2tfNWQ0MTQwMmFiYzRiMmE3Njpjc19iOTcxOWQ5MTEwMTdjNTky"}

    @pytest.mark.parametrize("config", [{"origin": "http://127.0.0.1:8081/shop"}, {"auth": "oauth1"}])
    def test_oauth_where_basic_does_not_work(self, config: Mapping[str, str]) -> None:
        connector = self.connector(**config)
        scenario = self.scenario("plus_address")
        wire = Replay(scenario, connector.read_posts)
        asyncio.run(connector.ask(scenario.question, 10, wire))
        for request in wire.requests:
            query = dict(request.query)
            proof = query.pop("oauth_signature")
            assert proof == signature("GET", connector.origin + request.path, query.items(), f"{SECRET}&")
            assert query["oauth_consumer_key"] == KEY
            assert (query["oauth_timestamp"], query["oauth_nonce"]) == ("1795000000", "n0nce")
            assert "authorization" not in request.headers
            assert SECRET not in str(request.query)

    def test_the_signature_is_the_one_that_openssl_makes(self) -> None:
        """Base string written by hand (RFC 5849 §3.4.1), then `openssl dgst -sha256 -hmac 'cs_s&' -binary | base64`:

        GET&http%3A%2F%2F127.0.0.1%3A8081%2Fwp-json%2Fwc%2Fv3%2Fcustomers&email%3Dsam.taylor%252Bshop%2540gmail.com
        %26oauth_consumer_key%3Dck_k%26oauth_nonce%3Dn%26oauth_signature_method%3DHMAC-SHA256
        %26oauth_timestamp%3D1795000000%26role%3Dall
        """
        query = {
            "role": "all",
            "email": "sam.taylor+shop@gmail.com",
            "oauth_consumer_key": "ck_k",
            "oauth_nonce": "n",
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": "1795000000",
        }
        made = signature("GET", "http://127.0.0.1:8081/wp-json/wc/v3/customers", query.items(), "cs_s&")
        assert made == "QjGWkDI9vGHwZoG+PnJdEKE00vfBt4FRLg6/j0kIp2M="

    # -- who --------------------------------------------------------------------------------------------------

    def test_account_and_guest_orders_are_united_but_stay_two_records(self) -> None:
        answer = self.ask(self.scenario("account_and_guest"))
        assert {party.store_id: party.kind for party in answer.parties} == {
            "4": PartyKind.ACCOUNT,
            "guest:ana.lopez@example.com": PartyKind.GUEST,
        }
        assert [order.party for order in answer.orders] == ["4", "guest:ana.lopez@example.com", "4"]
        assert answer.orders[2].email == "ana@work.example"

    def test_an_account_has_its_own_details(self) -> None:
        (party,) = self.ask(self.scenario("one_party")).parties
        assert party.names == ("Ana Lopez",)
        assert party.emails == ("ana.lopez@example.com",)
        assert party.phones == ("(212) 555-0143",)
        assert [address.city for address in party.addresses] == ["New York", "New York"]
        assert party.since == datetime(2026, 11, 23, 20, 55, 7, tzinfo=UTC)
        assert party.admin_url == "https://shop.example/wp-admin/user-edit.php?user_id=4"

    def test_two_accounts_behind_one_billing_address_stay_apart(self) -> None:
        answer = self.ask(self.scenario("two_parties"))
        assert {party.store_id: party.names for party in answer.parties} == {"61": ("Ann Lee",), "62": ("Bob Stone",)}

    def test_an_order_without_an_address_is_a_guest_of_its_own(self) -> None:
        scenario = self.scenario("number")
        for field, value in (("customer_id", 0), ("billing/email", "")):
            scenario = scenario.put(f"/0/{field}", value)
        assert self.order(scenario).party == "guest:order:5236"

    def test_a_gift_makes_its_recipient_no_buyer(self) -> None:
        (party,) = self.ask(self.scenario("name").put("/0/0/shipping/first_name", "Grandma")).parties
        assert party.names == ("Ana Lopez",)

    # -- money ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("status", "method", "paid"),
        [
            ("pending", "bacs", PAYMENT.PENDING),
            ("on-hold", "bacs", PAYMENT.PENDING),
            ("processing", "cod", PAYMENT.PENDING),
            ("processing", "bacs", PAYMENT.UNKNOWN),
            ("completed", "bacs", PAYMENT.UNKNOWN),
            ("cancelled", "bacs", PAYMENT.VOIDED),
            ("failed", "stripe", PAYMENT.FAILED),
            ("refunded", "stripe", PAYMENT.REFUNDED),
            ("awaiting-pickup", "bacs", PAYMENT.UNKNOWN),
        ],
    )
    def test_without_a_date_of_payment_the_status_tells(self, status: str, method: str, paid: PaymentStatus) -> None:
        order = self.one(status=status, payment_method=method, date_paid_gmt=None, refunds=[])
        assert (order.payment.status, order.payment.raw, order.totals.net) == (paid, status, None)

    @pytest.mark.parametrize("status", ["processing", "completed", "on-hold", "cancelled", "awaiting-pickup"])
    def test_with_a_date_of_payment_it_is_paid_whatever_the_status(self, status: str) -> None:
        assert self.one(status=status, refunds=[]).payment.status is PAYMENT.PAID

    def test_refunds_of_everything_without_the_status_are_a_refund(self) -> None:
        noted = [{"id": 5227, "reason": "", "total": "-100.01"}, {"id": 5228, "reason": "", "total": "-46.00"}]
        scenario = self.scenario("one_party").put(row("refunds"), noted).answering(3, query=(("include", "5227,5228"),))
        assert self.order(scenario).payment.status is PAYMENT.REFUNDED

    def test_the_figures_add_up(self) -> None:
        totals = self.one().totals
        assert totals.items is not None
        assert totals.items.amount == Decimal("147.90")  # three lines before discount, and gift wrap for 4.00
        assert [amount and amount.amount for amount in (totals.discount, totals.shipping, totals.tax)] == [
            Decimal("14.39"),
            Decimal("12.50"),
            Decimal("0.00"),
        ]
        assert totals.total == Money(Decimal("146.01"), "USD")
        assert totals.refunded == Money(Decimal("16.20"), "USD")
        assert totals.net == Money(Decimal("129.81"), "USD")

    def test_items_tell_what_came_back(self) -> None:
        order = self.one()
        assert [(item.title, str(item.quantity), str(item.refunded)) for item in order.items] == [
            ("Canvas Tote", "1", "1"),
            ("Desk Lamp", "1", "0"),
            ("Pour-over Kit", "1", "0"),
            ("Gift wrap", "1", "None"),
        ]
        assert order.discount_codes == ("WELCOME10",)

    def test_a_unit_price_is_rounded_as_the_shop_rounds(self) -> None:
        scenario = self.scenario("one_party").put(row("line_items/0/price"), 5.4000000000000004)
        assert self.order(scenario).items[0].price == Money(Decimal("5.40"), "USD")

    def test_a_refund_that_no_gateway_sent_may_or_may_not_have_reached_the_customer(self) -> None:
        (refund,) = self.one().refunds
        assert refund.amount == Money(Decimal("16.20"), "USD")
        assert (refund.status, refund.method) == (RefundStatus.UNKNOWN, None)
        assert refund.at == datetime(2026, 11, 23, 21, 9, 40, tzinfo=UTC)
        assert [(item.title, item.quantity, item.amount) for item in refund.items] == [
            ("Canvas Tote", Decimal(1), Money(Decimal("16.20"), "USD"))
        ]

    def test_a_refund_that_the_gateway_sent_went_the_way_of_the_payment(self) -> None:
        (refund,) = self.order(self.scenario("one_party").put("/3/0/refunded_payment", True)).refunds
        assert (refund.status, refund.method) == (RefundStatus.SUCCEEDED, "Direct bank transfer")

    def test_an_older_shop_says_less_of_its_refunds(self) -> None:
        answer = self.ask(self.scenario("refunds_before_9"))
        assert set(answer.lacks) == {"refund_items", "refund_status"}
        (refund,) = answer.orders[0].refunds
        assert (refund.amount, refund.reason) == (Money(Decimal("16.20"), "USD"), "Damaged in transit")
        assert answer.orders[0].items[0].refunded is None

    # -- goods ------------------------------------------------------------------------------------------------

    def test_parcels_of_every_plugin(self) -> None:
        bob, ups, fedex = self.one().shipments
        assert (bob.carrier, bob.tracking_url) == ("Bob's Couriers", "https://track.example/?n=BOB-77")
        assert (ups.carrier, ups.tracking_number, ups.tracking_url) == ("ups", "1Z999AA10123456784", None)
        assert fedex.shipped_at == datetime.fromtimestamp(1795100400, UTC)

    @pytest.mark.parametrize(
        ("shipped", "at"),
        [
            ("1795014000", datetime.fromtimestamp(1795014000, UTC)),
            (1795014000, datetime.fromtimestamp(1795014000, UTC)),
            ("2026-11-18", datetime(2026, 11, 18, tzinfo=UTC)),
            ("", None),
            ("soon", None),
            ("9" * 30, None),
        ],
    )
    def test_dates_of_shipping_come_in_two_forms(self, shipped: object, at: datetime | None) -> None:
        scenario = self.scenario("one_party").put(row("meta_data/0/value/0/date_shipped"), shipped)
        assert self.order(scenario).shipments[0].shipped_at == at

    def test_parcels_in_an_object_with_gaps_between_its_keys(self) -> None:
        parcels = {"0": {"tracking_number": "A"}, "2": {"tracking_number": "B"}}
        scenario = self.scenario("one_party").put(row("meta_data/0/value"), parcels)
        assert [parcel.tracking_number for parcel in self.order(scenario).shipments] == ["A", "B"]

    @pytest.mark.parametrize("field", ["meta_data", "fee_lines", "coupon_lines", "shipping"])
    @pytest.mark.parametrize("empty", [[], {}, None])
    def test_what_php_writes_when_it_is_empty(self, field: str, empty: object) -> None:
        order = self.one(**{field: empty})
        assert order.items[0].title == "Canvas Tote"
        assert order.shipments == () or field != "meta_data"
        assert order.shipping_address is None or field != "shipping"

    def test_nothing_is_shipped_while_no_parcel_is_known(self) -> None:
        assert self.one(status="processing", meta_data=[]).fulfillment.status is FULFILLMENT.UNFULFILLED

    def test_another_plugins_data_is_not_a_parcel(self) -> None:
        meta = [{"id": 1, "key": "internal_margin", "value": "0.37"}, {"id": 2, "key": "_wc_x", "value": {"a": 1}}]
        assert self.one(meta_data=meta).shipments == ()

    def test_a_cancelled_order_is_cancelled(self) -> None:
        order = self.one(status="cancelled")
        assert order.cancelled is not None
        assert order.fulfillment.status is FULFILLMENT.CANCELLED

    def test_a_variation_is_told_from_its_product(self) -> None:
        scenario = self.scenario("one_party").put(row("line_items/0/name"), "Linen Apron - natural")
        scenario = scenario.put(row("line_items/0/parent_name"), "Linen Apron")
        (item, *_) = self.order(scenario).items
        assert (item.title, item.variant) == ("Linen Apron", "natural")

    def test_choices_that_are_not_in_the_name_are_shown(self) -> None:
        meta = [
            {"id": 1, "key": "pa_size", "value": "x-large", "display_key": "Size", "display_value": "X Large"},
            {"id": 2, "key": "_reduced_stock", "value": "1", "display_value": "1"},
            {"id": 3, "key": "gift", "value": [], "display_value": []},
        ]
        scenario = self.scenario("one_party").put(row("line_items/0/meta_data"), meta)
        assert self.order(scenario).items[0].variant == "X Large"

    def test_where_the_shops_staff_find_it(self) -> None:
        assert self.one().admin_url == "https://shop.example/wp-admin/admin.php?page=wc-orders&action=edit&id=5226"

    def test_an_address_of_blanks_is_none(self) -> None:
        order = self.order(self.scenario("one_party").put(row("shipping"), {"first_name": "", "city": " "}))
        assert order.shipping_address is None

    def test_a_parcel_has_no_status_to_tell(self) -> None:
        assert {type(parcel) for parcel in self.one().shipments} == {Shipment}
        assert {parcel.status.value for parcel in self.one().shipments} == {"unknown"}
