"""Shopify: the contract, and what is its own."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from server.connectors import shopify_mapping as mapping
from server.connectors.base import Request, Response
from server.connectors.rows import read
from server.connectors.shopify import GRANT, REMEMBER_DENIAL_S, Shopify, quoted
from server.connectors.shopify_config import ShopifyConfig
from server.connectors.shopify_nodes import FulfillmentNode, LineNode, OrderNode, RefundNode, ReturnNode
from server.errors import Limited, Refused, StoreError
from server.model import (
    Answer,
    By,
    DisputeStatus,
    FulfillmentStatus,
    Money,
    PartyKind,
    PaymentStatus,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
)

from .contract import FAILURES, ConnectorContract
from .scenario import Replay, Scenario, question

PAYLOADS = Path(__file__).parent / "payloads" / "shopify"
NOW = 1_795_000_000.0
ORDER = "/0/data/customerByIdentifier/orders/nodes/0"
CUSTOMER = "/0/data/customerByIdentifier"


def config(**keys: Any) -> ShopifyConfig:
    """Settings as they come from the file, a static token unless other keys say otherwise."""
    way_in = {} if "client_id" in keys else {"access_token": "shpat-static-token"}
    return ShopifyConfig.model_validate({"shop": "acme-us.myshopify.com"} | way_in | keys)


def load(name: str) -> Scenario:
    return Scenario.load(PAYLOADS / f"{name}.json")


def shop(clock: Callable[[], float] = lambda: NOW, **keys: Any) -> Shopify:
    return Shopify("Acme US", config(**keys), now=clock)


def answer(name: str) -> Answer:
    """What the connector makes of a scenario."""
    scenario = load(name)
    wire = Replay(scenario, Shopify.read_posts)
    return asyncio.run(shop().ask(scenario.question, scenario.limit, wire))


def node(**changes: Any) -> OrderNode:
    """The order of `payment_failed`, with changes, and without the attempts to pay unless they are given."""
    row = load("payment_failed").exchanges[0].body["data"]["customerByIdentifier"]["orders"]["nodes"][0]
    return read(OrderNode, {**row, "transactions": [], **changes})


def attempt(kind: str, status: str, error: str | None = None, at: str = "2026-11-10T08:00:00Z") -> dict[str, Any]:
    gateway = "PayPal" if kind == "CAPTURE" else "Shopify Payments"
    return {"kind": kind, "status": status, "errorCode": error, "formattedGateway": gateway, "processedAt": at}


class Counter:
    """A wire to a shop that hands out tokens and knows nobody; tokens in `dead` are turned down."""

    def __init__(self, *dead: str, lifetime: int = 86399) -> None:
        self.dead = set(dead)
        self.lifetime = lifetime
        self.requests: list[Request] = []

    @property
    def grants(self) -> int:
        return sum(request.path == GRANT for request in self.requests)

    @property
    def variables(self) -> list[dict[str, Any]]:
        """Those of the queries, in their order."""
        return [request.json["variables"] for request in self.requests if isinstance(request.json, dict)]

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        await asyncio.sleep(0)
        if request.path == GRANT:
            grant = {"access_token": f"lent-{self.grants}", "scope": "read_orders", "expires_in": self.lifetime}
            return Response(200, {}, json.dumps(grant).encode())
        if request.headers["X-Shopify-Access-Token"] in self.dead:
            return Response(401, {}, b'{"errors":"[API] Invalid API key or access token"}')
        return Response(200, {}, json.dumps({"data": NOBODY}).encode())


NOBODY: dict[str, Any] = {
    "customerByIdentifier": None,
    "orders": {"nodes": [], "pageInfo": {"hasNextPage": False}},
    "currentAppInstallation": {"accessScopes": []},
    "shop": {"orderNumberFormatPrefix": "#A"},
}
LENT: dict[str, Any] = {"client_id": "acme-client", "client_secret": "acme-client-secret"}
PHONE = question(By.PHONE, "+15035550101")


class TestContract(ConnectorContract):
    payloads = PAYLOADS
    secrets = ("shpat-static-token",)
    places: ClassVar[Mapping[str, str | tuple[str, ...]]] = {
        "currency": (
            f"{ORDER}/presentmentCurrencyCode",
            f"{ORDER}/totalPriceSet/presentmentMoney/currencyCode",
        ),
        "total": f"{ORDER}/totalPriceSet/presentmentMoney/amount",
        "placed_at": f"{ORDER}/processedAt",
        "number": f"{ORDER}/name",
        "title": f"{ORDER}/lineItems/nodes/0/title",
        "note": f"{ORDER}/note",
        "recipient": f"{ORDER}/shippingAddress/name",
        "street": f"{ORDER}/shippingAddress/address1",
        "carrier": f"{ORDER}/fulfillments/0/trackingInfo/0/company",
        "tracking_number": f"{ORDER}/fulfillments/0/trackingInfo/0/number",
        "tracking_url": f"{ORDER}/fulfillments/0/trackingInfo/0/url",
        "refund_reason": f"{ORDER}/refunds/0/note",
        "payment": f"{ORDER}/displayFinancialStatus",
        "fulfillment": f"{ORDER}/displayFulfillmentStatus",
        "shipment": f"{ORDER}/fulfillments/0/displayStatus",
        "shipment_event": f"{ORDER}/fulfillments/0/events/nodes/0/status",
        "refund": f"{ORDER}/refunds/0/transactions/nodes/0/status",
        "return": f"{ORDER}/returns/nodes/0/status",
        "dispute": f"{ORDER}/disputes/0/status",
    }
    words: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "payment": {
            "AUTHORIZED": PaymentStatus.AUTHORIZED,
            "EXPIRED": PaymentStatus.FAILED,
            "PAID": PaymentStatus.PAID,
            "PARTIALLY_PAID": PaymentStatus.PARTIALLY_PAID,
            "PARTIALLY_REFUNDED": PaymentStatus.PARTIALLY_REFUNDED,
            "PENDING": PaymentStatus.PENDING,
            "REFUNDED": PaymentStatus.REFUNDED,
            "VOIDED": PaymentStatus.VOIDED,
        },
        "fulfillment": {
            "FULFILLED": FulfillmentStatus.FULFILLED,
            "FULFILLMENT_NOT_REQUIRED": FulfillmentStatus.UNKNOWN,
            "IN_PROGRESS": FulfillmentStatus.UNFULFILLED,
            "ON_HOLD": FulfillmentStatus.ON_HOLD,
            "OPEN": FulfillmentStatus.UNFULFILLED,
            "PARTIALLY_FULFILLED": FulfillmentStatus.PARTIAL,
            "PENDING_FULFILLMENT": FulfillmentStatus.UNFULFILLED,
            "REQUEST_DECLINED": FulfillmentStatus.UNKNOWN,
            "RESTOCKED": FulfillmentStatus.UNFULFILLED,
            "SCHEDULED": FulfillmentStatus.SCHEDULED,
            "UNFULFILLED": FulfillmentStatus.UNFULFILLED,
        },
        "shipment": {
            "ATTEMPTED_DELIVERY": ShipmentStatus.ATTEMPTED,
            "CANCELED": ShipmentStatus.CANCELLED,
            "CARRIER_PICKED_UP": ShipmentStatus.IN_TRANSIT,
            "CONFIRMED": ShipmentStatus.UNKNOWN,
            "DELAYED": ShipmentStatus.DELAYED,
            "DELIVERED": ShipmentStatus.DELIVERED,
            "FAILURE": ShipmentStatus.EXCEPTION,
            "FULFILLED": ShipmentStatus.UNKNOWN,
            "IN_TRANSIT": ShipmentStatus.IN_TRANSIT,
            "LABEL_PRINTED": ShipmentStatus.LABEL_CREATED,
            "LABEL_PURCHASED": ShipmentStatus.LABEL_CREATED,
            "LABEL_VOIDED": ShipmentStatus.CANCELLED,
            "MARKED_AS_FULFILLED": ShipmentStatus.UNKNOWN,
            "NOT_DELIVERED": ShipmentStatus.EXCEPTION,
            "OUT_FOR_DELIVERY": ShipmentStatus.OUT_FOR_DELIVERY,
            "PICKED_UP": ShipmentStatus.DELIVERED,
            "READY_FOR_PICKUP": ShipmentStatus.READY_FOR_PICKUP,
            "SUBMITTED": ShipmentStatus.UNKNOWN,
        },
        "shipment_event": {
            "ATTEMPTED_DELIVERY": ShipmentStatus.ATTEMPTED,
            "CARRIER_PICKED_UP": ShipmentStatus.IN_TRANSIT,
            "CONFIRMED": ShipmentStatus.UNKNOWN,
            "DELAYED": ShipmentStatus.DELAYED,
            "DELIVERED": ShipmentStatus.DELIVERED,
            "FAILURE": ShipmentStatus.EXCEPTION,
            "IN_TRANSIT": ShipmentStatus.IN_TRANSIT,
            "LABEL_PRINTED": ShipmentStatus.LABEL_CREATED,
            "LABEL_PURCHASED": ShipmentStatus.LABEL_CREATED,
            "OUT_FOR_DELIVERY": ShipmentStatus.OUT_FOR_DELIVERY,
            "READY_FOR_PICKUP": ShipmentStatus.READY_FOR_PICKUP,
        },
        "refund": {
            "AWAITING_RESPONSE": RefundStatus.PENDING,
            "ERROR": RefundStatus.FAILED,
            "FAILURE": RefundStatus.FAILED,
            "PENDING": RefundStatus.PENDING,
            "SUCCESS": RefundStatus.SUCCEEDED,
            "UNKNOWN": RefundStatus.UNKNOWN,
        },
        "return": {
            "CANCELED": ReturnStatus.CANCELLED,
            "CLOSED": ReturnStatus.CLOSED,
            "DECLINED": ReturnStatus.DECLINED,
            "OPEN": ReturnStatus.OPEN,
            "REQUESTED": ReturnStatus.REQUESTED,
        },
        "dispute": {
            "ACCEPTED": DisputeStatus.LOST,
            "CHARGE_REFUNDED": DisputeStatus.UNKNOWN,
            "LOST": DisputeStatus.LOST,
            "NEEDS_RESPONSE": DisputeStatus.NEEDS_RESPONSE,
            "PREVENTED": DisputeStatus.UNKNOWN,
            "UNDER_REVIEW": DisputeStatus.UNDER_REVIEW,
            "WON": DisputeStatus.WON,
        },
    }
    optional = (
        f"{CUSTOMER}/firstName",
        f"{CUSTOMER}/lastName",
        f"{CUSTOMER}/note",
        f"{CUSTOMER}/defaultPhoneNumber",
        f"{CUSTOMER}/defaultAddress",
        *(
            f"{ORDER}/{field}"
            for field in (
                "email",
                "phone",
                "note",
                "displayFinancialStatus",
                "cancelledAt",
                "cancelReason",
                "subtotalPriceSet",
                "totalDiscountsSet",
                "totalTaxSet",
                "shippingAddress",
                "billingAddress",
                "shippingAddress/address1",
                "shippingAddress/name",
                "transactions/0/errorCode",
                "transactions/0/formattedGateway",
                "transactions/0/processedAt",
                "lineItems/nodes/0/variantTitle",
                "lineItems/nodes/0/sku",
                "fulfillments/0/displayStatus",
                "fulfillments/0/inTransitAt",
                "fulfillments/0/deliveredAt",
                "fulfillments/0/estimatedDeliveryAt",
                "fulfillments/0/trackingInfo/0/company",
                "fulfillments/0/trackingInfo/0/number",
                "fulfillments/0/trackingInfo/0/url",
                "fulfillments/0/events/nodes/0/message",
                "fulfillments/0/events/nodes/0/city",
                "refunds/0/note",
                "returns/nodes/0/returnLineItems/nodes/0/returnReasonDefinition",
            )
        ),
    )
    failures: ClassVar[Mapping[int, type[StoreError]]] = {
        **FAILURES,
        402: Refused,
        404: Refused,
        423: Refused,
        430: Limited,
    }

    def connector(self) -> Shopify:
        return shop()


# -- how often and what is asked --------------------------------------------------------------------------


def test_ten_orders_with_everything_that_happened_to_them_cost_one_request_and_a_small_one() -> None:
    scenario = load("one_party")
    (row,) = scenario.exchanges[0].body["data"]["customerByIdentifier"]["orders"]["nodes"]
    rows = [row | {"legacyResourceId": str(n), "name": f"#{n}"} for n in range(1001, 1011)]
    scenario = scenario.put(f"{CUSTOMER}/orders/nodes", rows)
    wire = Replay(
        scenario.put("/1/data/orders/nodes", 9 * [{"customer": {"legacyResourceId": "7001"}}]), Shopify.read_posts
    )
    found = asyncio.run(shop().ask(scenario.question, 10, wire))
    assert len(wire.requests) == 2
    assert len(found.orders) == 10
    for order in found.orders:
        assert all((order.items, order.shipments, order.refunds, order.returns, order.disputes))
        assert all((order.shipments[0].events, order.refunds[0].items, order.returns[0].items))


def test_strangers_whom_the_search_finds_cost_no_request_and_a_guest_does() -> None:
    def asked(others: Mapping[str, object]) -> int:
        scenario = load("one_party")
        nodes = [*scenario.exchanges[1].body["data"]["orders"]["nodes"], others]
        scenario = scenario.put("/1/data/orders/nodes", nodes)
        guest = replace(load("stranger_rows").exchanges[2], json={"operationName": "orders"})
        wire = Replay(replace(scenario, exchanges=(*scenario.exchanges, guest)), Shopify.read_posts)
        asyncio.run(shop().ask(scenario.question, 10, wire))
        return len(wire.requests)

    record = {"legacyResourceId": "7777", "defaultEmailAddress": {"emailAddress": "jane.roe.jr@example.com"}}
    assert asked({"email": "jane.roe.jr@example.com", "customer": record}) == 2
    assert asked({"email": "Jane.Roe@example.com", "customer": None}) == 3
    record = {"legacyResourceId": "7777", "defaultEmailAddress": {"emailAddress": "jane.roe@example.com"}}
    assert asked({"email": None, "customer": record}) == 3


def test_orders_with_and_without_a_record_stand_side_by_side() -> None:
    found = answer("two_parties")
    account, guest = found.parties
    assert (account.kind, account.store_id, account.names) == (PartyKind.ACCOUNT, "7002", ("Sam Poole",))
    assert (guest.kind, guest.store_id, guest.names) == (
        PartyKind.GUEST,
        "guest:sam.poole@example.org",
        ("S. Poole",),
    )
    assert [(order.number, order.party) for order in found.orders] == [
        ("#1011", guest.store_id),
        ("#1010", account.store_id),
    ]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("jane@example.com", '"jane@example.com"'),
        ('x" OR email:*', r'"x\" OR email:*"'),
        ("back\\slash", r'"back\\slash"'),
        ('\\" OR status:any OR "', r'"\\\" OR status:any OR \""'),
        ("(a) - b* 'c':d", "\"(a) - b* 'c':d\""),
    ],
)
def test_nothing_in_a_value_is_search_syntax(text: str, phrase: str) -> None:
    assert quoted(text) == phrase


def test_a_spelling_with_a_control_character_is_not_sent() -> None:
    wire = Counter()
    found = asyncio.run(shop().ask(question(By.ORDER_NUMBER, "1001\n OR status:any"), 10, wire))
    assert (found, wire.requests) == (Answer(), [])


def test_what_cannot_be_an_id_of_shopifys_is_not_sent() -> None:
    wire = Counter()
    found = asyncio.run(shop().ask(question(By.CUSTOMER_ID, "42/../7"), 10, wire))
    assert (found, wire.requests) == (Answer(), [])


def test_a_phone_is_asked_for_in_e164_however_it_was_written() -> None:
    wire = Counter()
    asyncio.run(shop().ask(question(By.PHONE, "+15035550101", "(503) 555-0101"), 10, wire))
    assert [variables["by"] for variables in wire.variables] == [{"phoneNumber": "+15035550101"}]


def test_every_spelling_of_an_address_is_searched_at_once() -> None:
    wire = Counter()
    asked = question(By.EMAIL, "jane@example.com", "jane@example.com", "jane@googlemail.example")
    asyncio.run(shop().ask(asked, 10, wire))
    assert [variables.get("by", variables.get("search")) for variables in wire.variables] == [
        {"emailAddress": "jane@example.com"},
        'email:"jane@example.com" OR email:"jane@googlemail.example"',
    ]


# -- the token --------------------------------------------------------------------------------------------


def test_a_lent_token_serves_until_shortly_before_it_ends() -> None:
    clock = [NOW]
    connector, wire = shop(lambda: clock[0], **LENT), Counter(lifetime=600)

    async def at(seconds: float) -> int:
        clock[0] = NOW + seconds
        await connector.ask(PHONE, 10, wire)
        return wire.grants

    async def story() -> list[int]:
        return [await at(0), await at(539), await at(541), await at(600)]

    assert asyncio.run(story()) == [1, 1, 2, 2]
    assert dict(wire.requests[0].form) == {
        "grant_type": "client_credentials",
        "client_id": "acme-client",
        "client_secret": "acme-client-secret",
    }


def test_all_who_wait_for_a_token_share_one_renewal() -> None:
    connector, wire = shop(**LENT), Counter("lent-1")

    async def crowd() -> None:
        await asyncio.gather(*(connector.ask(PHONE, 10, wire) for _ in range(8)))

    asyncio.run(crowd())
    assert wire.grants == 2  # the first for all, and one more for all who were turned down with it


def test_all_who_look_for_a_number_share_one_question_for_the_shops_format() -> None:
    connector, wire = shop(), Counter()

    async def crowd() -> None:
        numbers = [question(By.ORDER_NUMBER, f"#10{n:02}") for n in range(8)]
        await asyncio.gather(*(connector.ask(number, 10, wire) for number in numbers))

    asyncio.run(crowd())
    assert [request.json["operationName"] for request in wire.requests if isinstance(request.json, dict)].count(
        "standing"
    ) == 1


def test_a_token_that_is_turned_down_is_replaced_once() -> None:
    wire = Counter("lent-1", "lent-2")
    with pytest.raises(Refused) as caught:
        asyncio.run(shop(**LENT).ask(PHONE, 10, wire))
    assert (caught.value.reason, len(wire.requests)) == ("credentials", 4)


def test_a_static_token_that_is_turned_down_is_not_tried_again() -> None:
    wire = Counter("shpat-static-token")
    with pytest.raises(Refused):
        asyncio.run(shop().ask(PHONE, 10, wire))
    assert len(wire.requests) == 1


def test_an_app_that_may_not_have_a_token_is_refused() -> None:
    class Closed(Counter):
        async def send(self, request: Request) -> Response:
            return Response(400, {}, b'{"error":"shop_not_permitted"}')

    with pytest.raises(Refused) as caught:
        asyncio.run(shop(**LENT).ask(PHONE, 10, Closed()))
    assert caught.value.about == {"reason": "credentials", "status": 400}


def test_no_secret_shows() -> None:
    connector, wire = shop(**LENT), Counter()
    asyncio.run(connector.ask(PHONE, 10, wire))
    seen = f"{connector!r} {connector.config!r} {vars(connector)!r} {wire.requests!r}"
    assert "acme-client-secret" not in seen
    assert "lent-1" not in seen


# -- what is denied, hidden or cut ------------------------------------------------------------------------


def test_a_missing_scope_for_returns_costs_the_returns_only() -> None:
    found = answer("returns_denied")
    assert found.orders[0].refunds
    assert found.orders[0].returns == ()
    assert found.lacks == {"returns": "Shopify withholds this until the app is granted read_returns."}


def test_denied_returns_are_left_out_for_an_hour() -> None:
    clock = [NOW]
    connector, scenario = shop(lambda: clock[0]), load("returns_denied")
    asyncio.run(connector.ask(scenario.question, 10, Replay(scenario, Shopify.read_posts)))

    def asks_for_returns(seconds: float) -> bool:
        clock[0] = NOW + seconds
        wire = Counter()
        asyncio.run(connector.ask(PHONE, 10, wire))
        return all(variables["returns"] for variables in wire.variables)

    assert not asks_for_returns(REMEMBER_DENIAL_S - 1)
    assert asks_for_returns(REMEMBER_DENIAL_S)


def test_without_the_right_to_customers_orders_are_still_shown() -> None:
    found = answer("customers_denied")
    assert [party.kind for party in found.parties] == [PartyKind.GUEST]
    assert set(found.lacks) == {"customer_since", "customer_orders_count", "customer_spent"}
    assert "read_customers" in found.lacks["customer_since"]


def test_addresses_that_the_app_is_not_approved_for_are_said_to_be_missing() -> None:
    found = answer("addresses_denied")
    assert found.orders[0].shipping_address is None
    assert found.lacks == {
        "addresses": "Shopify withholds this until the app is granted access to protected customer data."
    }


def test_orders_that_shopify_counts_but_hides_are_told() -> None:
    found = answer("older_orders_hidden")
    assert found.more_orders
    assert "read_all_orders" in found.lacks["customer_orders_count"]


def test_a_full_page_within_an_order_is_told() -> None:
    scenario = load("one_party")
    row = scenario.exchanges[0].body["data"]["customerByIdentifier"]["orders"]["nodes"][0]
    scenario = (
        scenario.put(f"{ORDER}/fulfillments", row["fulfillments"] * 3)
        .put(f"{ORDER}/refunds", row["refunds"] * 2)
        .put(f"{ORDER}/returns/pageInfo/hasNextPage", True)
        .put(f"{ORDER}/lineItems/pageInfo/hasNextPage", True)
    )
    found = asyncio.run(shop().ask(scenario.question, 10, Replay(scenario, Shopify.read_posts)))
    assert set(found.lacks) == {"shipments", "refunds", "returns"}
    assert found.orders[0].more_items


def test_a_limit_without_figures_is_still_a_limit() -> None:
    scenario = load("throttled").put("/0/extensions/-", None)
    with pytest.raises(Limited) as caught:
        asyncio.run(shop().ask(scenario.question, 10, Replay(scenario, Shopify.read_posts)))
    assert caught.value.retry_after is None


# -- money and payment ------------------------------------------------------------------------------------


def test_amounts_are_what_the_customer_saw() -> None:
    both = {
        "shopMoney": {"amount": "85.00", "currencyCode": "USD"},
        "presentmentMoney": {"amount": "12800", "currencyCode": "JPY"},
    }
    shown = mapping.order("Acme US", "shopify", "", node(presentmentCurrencyCode="JPY", totalPriceSet=both))
    assert (shown.currency, shown.totals.total) == ("JPY", Money(Decimal(12800), "JPY"))


@pytest.mark.parametrize(
    ("financial", "net"),
    [("PAID", "43.00"), ("PARTIALLY_REFUNDED", "43.00"), ("REFUNDED", "43.00"), ("PENDING", None), (None, None)],
)
def test_what_was_kept_is_told_only_of_what_was_paid(financial: str | None, net: str | None) -> None:
    refunded = {"presentmentMoney": {"amount": "10.00", "currencyCode": "USD"}}
    sums = mapping.totals(node(displayFinancialStatus=financial, totalRefundedSet=refunded))
    assert sums.net == (Money(Decimal(net), "USD") if net else None)


SALE_OK, SALE_NO = attempt("SALE", "SUCCESS"), attempt("SALE", "FAILURE", "CARD_DECLINED")
LATER = "2026-11-10T09:00:00Z"


@pytest.mark.parametrize(
    ("changes", "status", "failure"),
    [
        pytest.param({}, "pending", None, id="nothing-tried-yet"),
        pytest.param({"transactions": [SALE_NO]}, "failed", "CARD_DECLINED", id="declined"),
        pytest.param({"transactions": [attempt("SALE", "ERROR")]}, "failed", "ERROR", id="error-without-code"),
        pytest.param(
            {"transactions": [attempt("SALE", "FAILURE", "EXPIRED_CARD", LATER), SALE_NO]},
            "failed",
            "EXPIRED_CARD",
            id="the-latest-reason",
        ),
        pytest.param({"transactions": [SALE_NO, attempt("SALE", "PENDING")]}, "pending", None, id="a-second-try-runs"),
        pytest.param({"transactions": [SALE_NO, attempt("REFUND", "SUCCESS")]}, "failed", "CARD_DECLINED", id="refund"),
        pytest.param(
            {"displayFinancialStatus": "PAID", "transactions": [SALE_NO, SALE_OK]}, "paid", None, id="paid-at-last"
        ),
        pytest.param(
            {
                "displayFinancialStatus": "AUTHORIZED",
                "transactions": [attempt("AUTHORIZATION", "SUCCESS"), attempt("CAPTURE", "FAILURE", "CALL_ISSUER")],
            },
            "authorized",
            None,
            id="a-capture-can-be-repeated",
        ),
        pytest.param({"displayFinancialStatus": "EXPIRED"}, "failed", "EXPIRED", id="expired"),
        pytest.param(
            {"displayFinancialStatus": "EXPIRED", "transactions": [attempt("AUTHORIZATION", "SUCCESS")]},
            "failed",
            "EXPIRED",
            id="never-captured",
        ),
        pytest.param(
            {"cancelledAt": LATER, "cancelReason": "DECLINED"}, "failed", "DECLINED", id="cancelled-as-declined"
        ),
        pytest.param(
            {"displayFinancialStatus": "VOIDED", "transactions": [attempt("AUTHORIZATION", "SUCCESS")]},
            "voided",
            None,
            id="voided",
        ),
        pytest.param({"displayFinancialStatus": None}, "unknown", None, id="no-word"),
        pytest.param(
            {"displayFinancialStatus": "PAID", "disputes": [{"initiatedAs": "CHARGEBACK", "status": "NEEDS_RESPONSE"}]},
            "disputed",
            None,
            id="open-chargeback",
        ),
        pytest.param(
            {"displayFinancialStatus": "PAID", "disputes": [{"initiatedAs": "CHARGEBACK", "status": "WON"}]},
            "paid",
            None,
            id="chargeback-won",
        ),
        pytest.param(
            {"displayFinancialStatus": "PAID", "disputes": [{"initiatedAs": "INQUIRY", "status": "NEEDS_RESPONSE"}]},
            "paid",
            None,
            id="only-an-inquiry",
        ),
    ],
)
def test_payment(changes: dict[str, Any], status: str, failure: str | None) -> None:
    paid = mapping.payment(node(**changes))
    assert (paid.status, paid.failure) == (PaymentStatus(status), failure)


def test_how_and_when_it_was_paid() -> None:
    tried = [attempt("AUTHORIZATION", "SUCCESS"), attempt("CAPTURE", "SUCCESS", at=LATER)]
    paid = mapping.payment(node(displayFinancialStatus="PAID", transactions=tried))
    assert (paid.method, paid.paid_at) == ("PayPal", datetime(2026, 11, 10, 9, tzinfo=UTC))
    assert mapping.payment(node()).method == "shopify_payments"


# -- what happened after ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["SUCCESS", "SUCCESS"], RefundStatus.SUCCEEDED),
        (["SUCCESS", "PENDING"], RefundStatus.PENDING),
        (["PENDING", "FAILURE"], RefundStatus.FAILED),
        (["SUCCESS", "UNKNOWN"], RefundStatus.UNKNOWN),
        ([], RefundStatus.UNKNOWN),
    ],
)
def test_a_refund_is_as_far_as_its_slowest_transaction(words: list[str], status: RefundStatus) -> None:
    given = read(
        RefundNode,
        {
            "processedAt": LATER,
            "totalRefundedSet": {"presentmentMoney": {"amount": "10.00", "currencyCode": "USD"}},
            "transactions": {"nodes": [{"status": word, "formattedGateway": "PayPal"} for word in words]},
            "refundLineItems": {"nodes": []},
        },
    )
    assert mapping.refund(given).status == status


def test_lines_that_were_taken_out_without_money_are_no_refund() -> None:
    nothing = {
        "processedAt": LATER,
        "totalRefundedSet": {"presentmentMoney": {"amount": "0.0", "currencyCode": "USD"}},
        "transactions": {"nodes": []},
        "refundLineItems": {"nodes": [{"quantity": 1, "lineItem": {"title": "Mug"}}]},
    }
    assert mapping.order("Acme US", "shopify", "", node(refunds=[nothing])).refunds == ()


def test_a_return_names_its_goods_and_the_reasons() -> None:
    def line(reason: str | None, note: str, title: str | None) -> dict[str, Any]:
        sold = {"lineItem": {"title": title, "sku": "S"}} if title else None
        return {
            "quantity": 1,
            "returnReasonNote": note,
            "returnReasonDefinition": {"name": reason} if reason else None,
            "fulfillmentLineItem": sold,
        }

    lines = [line("Too small", "", "Rain Jacket"), line("Other", "It smells.", None)]
    sent = {"name": "#1001-R1", "status": "REQUESTED", "createdAt": LATER, "returnLineItems": {"nodes": lines}}
    back = mapping.returned(read(ReturnNode, sent))
    assert (back.status, back.name, back.reason) == (ReturnStatus.REQUESTED, "#1001-R1", "Too small; Other: It smells.")
    assert [item.title for item in back.items] == ["Rain Jacket"]


@pytest.mark.parametrize(
    ("word", "status"),
    [("UNFULFILLED", "cancelled"), ("ON_HOLD", "cancelled"), ("PARTIALLY_FULFILLED", "partial"), ("WORD", "unknown")],
)
def test_what_a_cancelled_order_held_back_is_cancelled(word: str, status: str) -> None:
    cancelled = node(cancelledAt=LATER, cancelReason="CUSTOMER", displayFulfillmentStatus=word)
    assert mapping.fulfillment(cancelled).status == FulfillmentStatus(status)


def parcel(**changes: Any) -> FulfillmentNode:
    sent = {"status": "SUCCESS", "displayStatus": "IN_TRANSIT", "createdAt": LATER, "trackingInfo": []}
    return read(FulfillmentNode, {**sent, "events": {"nodes": []}, **changes})


def test_each_tracking_number_is_a_parcel() -> None:
    numbers = [{"company": "UPS", "number": "1Z-1", "url": None}, {"company": "UPS", "number": "1Z-2", "url": None}]
    assert [each.tracking_number for each in mapping.shipments(parcel(trackingInfo=numbers))] == ["1Z-1", "1Z-2"]


def test_a_parcel_without_a_number_is_a_parcel() -> None:
    (sent,) = mapping.shipments(parcel())
    assert (sent.status, sent.tracking_number, sent.shipped_at) == (
        ShipmentStatus.IN_TRANSIT,
        None,
        datetime(2026, 11, 10, 9, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("CANCELLED", ShipmentStatus.CANCELLED),
        ("ERROR", ShipmentStatus.EXCEPTION),
        ("FAILURE", ShipmentStatus.EXCEPTION),
        ("OPEN", ShipmentStatus.UNKNOWN),
        ("PENDING", ShipmentStatus.UNKNOWN),
        ("SUCCESS", ShipmentStatus.UNKNOWN),
    ],
)
def test_without_a_display_status_the_fulfillments_own_counts(word: str, status: ShipmentStatus) -> None:
    (sent,) = mapping.shipments(parcel(displayStatus=None, status=word))
    assert (sent.status, sent.raw) == (status, word)


@pytest.mark.parametrize(
    ("counts", "edited", "fulfilled", "refunded"),
    [
        ((3, 3, 1, 0), False, 2, 0),
        ((3, 1, 0, 0), False, 3, 2),
        ((3, 1, 0, 2), False, None, 2),  # refunded before it was sent, or sent and refunded: Shopify does not say
        ((3, 1, 0, 0), True, 3, None),  # refunded, or taken out by an edit
    ],
)
def test_counts_that_shopify_mixes_stay_open(
    counts: tuple[int, int, int, int], edited: bool, fulfilled: int | None, refunded: int | None
) -> None:
    names = ("quantity", "currentQuantity", "unfulfilledQuantity", "nonFulfillableQuantity")
    total = {"presentmentMoney": {"amount": "30.00", "currencyCode": "USD"}}
    line = read(LineNode, {"title": "Mug", **dict(zip(names, counts, strict=True)), "discountedTotalSet": total})
    item = mapping.line_item(line, edited=edited)
    assert (item.fulfilled, item.refunded) == (fulfilled, refunded)


# -- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        {"access_token": None},
        {"client_id": "c", "client_secret": None},
        {"client_secret": "s"},
        {"access_token": "a", "client_id": "c", "client_secret": "s"},
        {"shop": "acme-us.example.com"},
        {"shop": "acme-us.myshopify.com.example.com"},
        {"shop": "https://acme-us.myshopify.com"},
        {"shop": "-acme.myshopify.com"},
        {"api_version": "2024-01"},
        {"api_version": "unstable"},
        {"origin": "https://proxy.example.com"},
        {"origin": "http://shop.example.com"},
        {"token": "a"},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config(**keys)


def test_the_origin_is_the_shops_own() -> None:
    assert shop().origin == "https://acme-us.myshopify.com"
    assert shop(origin="http://127.0.0.1:8000/stores/acme-us").origin == "http://127.0.0.1:8000/stores/acme-us"
