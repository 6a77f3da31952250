"""Each rule raised once by the case it is for, and not raised by the cases that only look like it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.attention import RULES, flags, last_scan, working_days
from server.model import (
    Cancellation,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Fulfillment,
    FulfillmentStatus,
    Money,
    Order,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    Return,
    ReturnStatus,
    Severity,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    Totals,
)

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
"""A Wednesday."""


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def paid(days: float = 1) -> Payment:
    return Payment(PaymentStatus.PAID, paid_at=ago(days), method="PayPal")


def totals(refunded: str = "0") -> Totals:
    return Totals(total=euro("89.90"), refunded=euro(refunded), net=Money(Decimal("89.90") - Decimal(refunded), "EUR"))


def order(**parts: Any) -> Order:
    """An order that needs nobody: paid and shipped yesterday, on its way."""
    calm: dict[str, Any] = {
        "placed_at": ago(1),
        "payment": paid(),
        "fulfillment": Fulfillment(FulfillmentStatus.FULFILLED),
        "totals": totals(),
        "shipments": (parcel(ShipmentStatus.IN_TRANSIT, 1),),
    }
    return Order("Acme EU", "woocommerce", "5512", "1042", party="42", currency="EUR", **{**calm, **parts})


def parcel(status: ShipmentStatus, scanned: float | None = 1, *, shipped: float = 12) -> Shipment:
    event = () if scanned is None else (ShipmentEvent(status, at=ago(scanned), message="Scanned", place="Memphis"),)
    delivered = ago(scanned or 0) if status is ShipmentStatus.DELIVERED else None
    return Shipment(status, carrier="DHL", shipped_at=ago(shipped), delivered_at=delivered, events=event)


def refund(status: RefundStatus, amount: str = "20.00", days: float = 2) -> Refund:
    return Refund(euro(amount), status, at=ago(days), method="PayPal")


CANCELLED = Cancellation(ago(2), "CUSTOMER")
UNSHIPPED: Mapping[str, Any] = {"fulfillment": Fulfillment(FulfillmentStatus.UNFULFILLED), "shipments": ()}
CANCELLED_UNPAID: Mapping[str, Any] = {"cancelled": CANCELLED, "shipments": ()}

RAISED: dict[str, tuple[str, Order]] = {
    "the card was declined": (
        "payment_failed",
        order(payment=Payment(PaymentStatus.FAILED, failure="INSUFFICIENT_FUNDS"), shipments=()),
    ),
    "the bank took the money back": (
        "payment_disputed",
        order(disputes=(Dispute(DisputeKind.CHARGEBACK, DisputeStatus.NEEDS_RESPONSE),)),
    ),
    "the bank looks at it": (
        "payment_disputed",
        order(disputes=(Dispute(DisputeKind.INQUIRY, DisputeStatus.UNDER_REVIEW),)),
    ),
    "an older dispute was won, a new one runs": (
        "payment_disputed",
        order(
            disputes=(
                Dispute(DisputeKind.INQUIRY, DisputeStatus.WON),
                Dispute(DisputeKind.CHARGEBACK, DisputeStatus.UNDER_REVIEW),
            )
        ),
    ),
    "the refund bounced": ("refund_failed", order(refunds=(refund(RefundStatus.FAILED),))),
    "cancelled, the money stayed": ("cancelled_not_refunded", order(cancelled=CANCELLED, shipments=())),
    "cancelled after it had left": (
        "cancelled_shipped",
        order(cancelled=CANCELLED, refunds=(refund(RefundStatus.SUCCEEDED, "89.90"),), totals=totals("89.90")),
    ),
    "the carrier is stuck": ("shipment_exception", order(shipments=(parcel(ShipmentStatus.EXCEPTION),))),
    "one parcel of two is stuck": (
        "shipment_exception",
        order(shipments=(parcel(ShipmentStatus.DELIVERED), parcel(ShipmentStatus.EXCEPTION))),
    ),
    "it goes back": ("shipment_returned", order(shipments=(parcel(ShipmentStatus.RETURNED),))),
    "silent for five days": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.IN_TRANSIT, 5),))),
    "out for delivery for a week": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.OUT_FOR_DELIVERY, 7),))),
    "delayed, then silent": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.DELAYED, 6),))),
    "shipped and never scanned": (
        "shipment_stalled",
        order(shipments=(parcel(ShipmentStatus.IN_TRANSIT, None, shipped=9),)),
    ),
    "nobody was at home": ("shipment_attempted", order(shipments=(parcel(ShipmentStatus.ATTEMPTED),))),
    "waits in the shop": ("shipment_waiting", order(shipments=(parcel(ShipmentStatus.READY_FOR_PICKUP),))),
    "paid six days ago, nothing sent": ("unshipped", order(payment=paid(6), **UNSHIPPED)),
    "paid, by an instant nobody knows": (
        "unshipped",
        order(placed_at=ago(9), payment=Payment(PaymentStatus.PAID), **UNSHIPPED),
    ),
    "a transfer that has not come": (
        "unpaid",
        order(placed_at=ago(2), payment=Payment(PaymentStatus.PENDING, method="Bank transfer"), **UNSHIPPED),
    ),
    "the shop waits": ("on_hold", order(fulfillment=Fulfillment(FulfillmentStatus.ON_HOLD), shipments=())),
    "the refund is under way": ("refund_pending", order(refunds=(refund(RefundStatus.PENDING),))),
    "they want to send it back": ("return_requested", order(returns=(Return(ReturnStatus.REQUESTED, name="R1"),))),
    "a part was given back": (
        "partly_refunded",
        order(
            payment=Payment(PaymentStatus.PARTIALLY_REFUNDED),
            totals=totals("20.00"),
            refunds=(refund(RefundStatus.SUCCEEDED),),
        ),
    ),
    "a part was given back, as Woo records it": (
        "partly_refunded",
        order(
            payment=Payment(PaymentStatus.PARTIALLY_REFUNDED),
            totals=totals("20.00"),
            refunds=(refund(RefundStatus.UNKNOWN),),
        ),
    ),
}

QUIET: dict[str, tuple[str, Order]] = {
    "failed, then cancelled": (
        "payment_failed",
        order(payment=Payment(PaymentStatus.FAILED), **CANCELLED_UNPAID),
    ),
    "not paid yet": ("payment_failed", order(payment=Payment(PaymentStatus.PENDING))),
    "dispute won": ("payment_disputed", order(disputes=(Dispute(DisputeKind.CHARGEBACK, DisputeStatus.WON),))),
    "dispute lost": ("payment_disputed", order(disputes=(Dispute(DisputeKind.CHARGEBACK, DisputeStatus.LOST),))),
    "dispute of a state unknown": (
        "payment_disputed",
        order(disputes=(Dispute(DisputeKind.UNKNOWN, DisputeStatus.UNKNOWN),)),
    ),
    "refund recorded": ("refund_failed", order(refunds=(refund(RefundStatus.UNKNOWN),))),
    "refund failed, then issued again": (
        "refund_failed",
        order(refunds=(refund(RefundStatus.FAILED, days=3), refund(RefundStatus.SUCCEEDED, days=1))),
    ),
    "cancelled and refunded": (
        "cancelled_not_refunded",
        order(cancelled=CANCELLED, refunds=(refund(RefundStatus.PENDING, "89.90"),), totals=totals("89.90")),
    ),
    "cancelled before it was paid": (
        "cancelled_not_refunded",
        order(payment=Payment(PaymentStatus.VOIDED), **CANCELLED_UNPAID),
    ),
    "cancelled and cost nothing": (
        "cancelled_not_refunded",
        order(cancelled=CANCELLED, totals=Totals(total=euro("0"), net=euro("0")), shipments=()),
    ),
    "cancelled, label only": (
        "cancelled_shipped",
        order(cancelled=CANCELLED, shipments=(parcel(ShipmentStatus.LABEL_CREATED),)),
    ),
    "cancelled, parcel back already": (
        "cancelled_shipped",
        order(cancelled=CANCELLED, shipments=(parcel(ShipmentStatus.RETURNED),)),
    ),
    "cancelled, parcel has arrived": (
        "cancelled_shipped",
        order(cancelled=CANCELLED, shipments=(parcel(ShipmentStatus.DELIVERED),)),
    ),
    "not cancelled": ("cancelled_shipped", order()),
    "late, but no problem": ("shipment_exception", order(shipments=(parcel(ShipmentStatus.DELAYED),))),
    "cancelled parcel": ("shipment_returned", order(shipments=(parcel(ShipmentStatus.CANCELLED),))),
    "scanned four days ago": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.IN_TRANSIT, 4.9),))),
    "delivered three weeks ago": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.DELIVERED, 21),))),
    "a label of last week": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.LABEL_CREATED, 7),))),
    "tracking number only": ("shipment_stalled", order(shipments=(parcel(ShipmentStatus.UNKNOWN, None),))),
    "waits in the shop for a week": (
        "shipment_stalled",
        order(shipments=(parcel(ShipmentStatus.READY_FOR_PICKUP, 7),)),
    ),
    "no date at all": ("shipment_stalled", order(shipments=(Shipment(ShipmentStatus.IN_TRANSIT),))),
    "on its way": ("shipment_attempted", order()),
    "delivered": ("shipment_waiting", order(shipments=(parcel(ShipmentStatus.DELIVERED),))),
    "paid three working days ago": ("unshipped", order(payment=paid(5), **UNSHIPPED)),
    "paid long ago, cancelled": ("unshipped", order(payment=paid(30), cancelled=CANCELLED, **UNSHIPPED)),
    "not paid": ("unshipped", order(payment=Payment(PaymentStatus.PENDING), **{**UNSHIPPED, "placed_at": ago(30)})),
    "partly sent": (
        "unshipped",
        order(payment=paid(30), fulfillment=Fulfillment(FulfillmentStatus.PARTIAL)),
    ),
    "a word of the platform that we don't know": (
        "unshipped",
        order(payment=paid(30), fulfillment=Fulfillment(FulfillmentStatus.UNKNOWN, "preparing"), shipments=()),
    ),
    "tracking number, though not marked as sent": (
        "unshipped",
        order(payment=paid(30), fulfillment=Fulfillment(FulfillmentStatus.UNFULFILLED)),
    ),
    "ordered yesterday": ("unpaid", order(placed_at=ago(1.9), payment=Payment(PaymentStatus.PENDING), **UNSHIPPED)),
    "authorised": ("unpaid", order(placed_at=ago(9), payment=Payment(PaymentStatus.AUTHORIZED), **UNSHIPPED)),
    "pending, cancelled": (
        "unpaid",
        order(placed_at=ago(9), payment=Payment(PaymentStatus.PENDING), **CANCELLED_UNPAID),
    ),
    "held back, then cancelled": (
        "on_hold",
        order(fulfillment=Fulfillment(FulfillmentStatus.ON_HOLD), **CANCELLED_UNPAID),
    ),
    "scheduled": ("on_hold", order(fulfillment=Fulfillment(FulfillmentStatus.SCHEDULED))),
    "refund settled": ("refund_pending", order(refunds=(refund(RefundStatus.SUCCEEDED),))),
    "return approved": ("return_requested", order(returns=(Return(ReturnStatus.OPEN),))),
    "return declined": ("return_requested", order(returns=(Return(ReturnStatus.DECLINED),))),
    "all of it was given back": (
        "partly_refunded",
        order(payment=Payment(PaymentStatus.REFUNDED), totals=totals("89.90")),
    ),
    "the part is still under way": (
        "partly_refunded",
        order(
            payment=Payment(PaymentStatus.PARTIALLY_REFUNDED),
            totals=totals("20.00"),
            refunds=(refund(RefundStatus.PENDING),),
        ),
    ),
}


def codes(*orders: Order) -> list[str]:
    return [flag.code for flag in flags(orders, NOW)]


@pytest.mark.parametrize(("code", "case"), RAISED.values(), ids=RAISED)
def test_a_flag_is_raised(code: str, case: Order) -> None:
    assert code in codes(case)


@pytest.mark.parametrize(("code", "case"), QUIET.values(), ids=QUIET)
def test_a_flag_is_not_raised(code: str, case: Order) -> None:
    assert code not in codes(case)


def test_every_rule_has_a_case_for_it_and_one_against_it() -> None:
    rules = {rule.code for rule in RULES}
    assert len(RULES) == len(rules), "each code stands once"
    assert {code for code, _ in RAISED.values()} == rules
    assert {code for code, _ in QUIET.values()} == rules


def test_an_order_that_needs_nobody_raises_nothing() -> None:
    assert codes(order()) == []
    assert codes(order(shipments=(parcel(ShipmentStatus.DELIVERED, 1),))) == []


def test_what_no_platform_told_us_raises_nothing() -> None:
    """An order of which we know its number only."""
    bare = Order("Acme EU", "woocommerce", "1", "1", party="42", currency="EUR")
    assert codes(bare) == []
    unknown = replace(
        bare,
        placed_at=ago(90),
        payment=Payment(PaymentStatus.UNKNOWN, "kaputt"),
        fulfillment=Fulfillment(FulfillmentStatus.UNKNOWN, "kaputt"),
        shipments=(Shipment(ShipmentStatus.UNKNOWN, "kaputt", shipped_at=ago(80)),),
        returns=(Return(ReturnStatus.UNKNOWN, "kaputt"),),
        disputes=(Dispute(DisputeKind.UNKNOWN, DisputeStatus.UNKNOWN, "kaputt"),),
        refunds=(refund(RefundStatus.UNKNOWN),),
    )
    assert codes(unknown) == []


def test_the_most_pressing_comes_first_and_else_the_newest_order() -> None:
    low = replace(order(shipments=(parcel(ShipmentStatus.READY_FOR_PICKUP),)), store_id="1")
    middle = replace(order(fulfillment=Fulfillment(FulfillmentStatus.ON_HOLD), shipments=()), store_id="2")
    high = [replace(order(refunds=(refund(RefundStatus.FAILED),)), store_id=number) for number in "34"]
    found = flags([low, middle, *high], NOW)
    assert [(flag.severity, flag.order.store_id) for flag in found] == [
        (Severity.HIGH, "3"),
        (Severity.HIGH, "4"),
        (Severity.MEDIUM, "2"),
        (Severity.LOW, "1"),
    ]


def test_money_that_stands_in_a_flag_is_the_orders_own() -> None:
    kept = flags([order(cancelled=CANCELLED, shipments=())], NOW)[0]
    assert kept.about["amount"] == euro("89.90")
    part = next(flag for flag in flags([RAISED["a part was given back"][1]], NOW))
    assert (part.about["amount"], part.about["at"]) == (euro("20.00"), ago(2))


def test_a_chargeback_names_the_delivery_that_proves_the_case() -> None:
    dispute = Dispute(DisputeKind.CHARGEBACK, DisputeStatus.NEEDS_RESPONSE)
    flag = flags([order(disputes=(dispute,), shipments=(parcel(ShipmentStatus.DELIVERED, 4),))], NOW)[0]
    assert flag.about["delivered_at"] == ago(4)


def test_the_last_scan_is_the_latest_whatever_the_sequence() -> None:
    events = tuple(ShipmentEvent(ShipmentStatus.IN_TRANSIT, at=at) for at in (ago(3), ago(1), None, ago(2)))
    assert last_scan(Shipment(ShipmentStatus.IN_TRANSIT, shipped_at=ago(9), events=events)) == ago(1)
    assert last_scan(Shipment(ShipmentStatus.IN_TRANSIT, shipped_at=ago(9))) == ago(9)
    assert last_scan(Shipment(ShipmentStatus.IN_TRANSIT)) is None


WORKING_DAYS = [
    ("Wed to the same Wed", date(2026, 11, 18), date(2026, 11, 18), 0),
    ("Wed to Thu", date(2026, 11, 18), date(2026, 11, 19), 1),
    ("Thu to Wed", date(2026, 11, 12), date(2026, 11, 18), 4),
    ("Fri to Sat", date(2026, 11, 13), date(2026, 11, 14), 0),
    ("Fri to Sun", date(2026, 11, 13), date(2026, 11, 15), 0),
    ("Fri to Mon", date(2026, 11, 13), date(2026, 11, 16), 1),
    ("Sat to Mon", date(2026, 11, 14), date(2026, 11, 16), 1),
    ("Sun to Fri", date(2026, 11, 15), date(2026, 11, 20), 5),
    ("a week", date(2026, 11, 11), date(2026, 11, 18), 5),
    ("over the year's end", date(2026, 12, 31), date(2027, 1, 4), 2),
    ("30 days", date(2026, 10, 19), date(2026, 11, 18), 22),
    ("backwards", date(2026, 11, 18), date(2026, 11, 12), 0),
]


@pytest.mark.parametrize(
    ("start", "end", "days"), [row[1:] for row in WORKING_DAYS], ids=[row[0] for row in WORKING_DAYS]
)
def test_working_days(start: date, end: date, days: int) -> None:
    assert working_days(start, end) == days


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 800))
def test_working_days_are_counted_one_by_one(start: date, count: int) -> None:
    days = [start + timedelta(days=n) for n in range(1, count + 1)]
    assert working_days(start, start + timedelta(days=count)) == sum(day.isoweekday() < 6 for day in days)
