"""Each rule raised once by the case it is for, and not raised by the cases that only look like it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from server.attention import RULES, flags, last_scan
from server.model import (
    Dispute,
    DisputeKind,
    DisputeStatus,
    Due,
    Fulfillment,
    FulfillmentStatus,
    Order,
    Payment,
    PaymentStatus,
    RefundStatus,
    Return,
    ReturnStatus,
    Severity,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    Totals,
)

from .orders import (
    CANCELLED,
    CANCELLED_UNPAID,
    UNSHIPPED,
    ago,
    around,
    codes,
    euro,
    line,
    order,
    paid,
    parcel,
    refund,
    totals,
)

AUTHORIZED = Payment(PaymentStatus.AUTHORIZED)
PARTLY = Payment(PaymentStatus.PARTIALLY_PAID)
PARTIAL = Fulfillment(FulfillmentStatus.PARTIAL)
PENDING = Payment(PaymentStatus.PENDING)
REFUNDED = Payment(PaymentStatus.REFUNDED)


def due(parcel: Shipment, days: float) -> Shipment:
    """The same, expected so many days ago."""
    return structs.replace(parcel, estimated_at=ago(days))


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
    "disputed, and the store says no more": (
        "payment_disputed",
        order(payment=Payment(PaymentStatus.DISPUTED, "disputed")),
    ),
    "half of it was paid": ("partly_paid", order(payment=PARTLY, totals=Totals(total=euro("89.90"), net=euro("40")))),
    "some of it was paid, nobody knows how much": ("partly_paid", order(payment=PARTLY, totals=Totals(), **UNSHIPPED)),
    "the authorisation ends tomorrow": (
        "not_captured",
        order(payment=structs.replace(AUTHORIZED, expires_at=ago(-1)), **UNSHIPPED),
    ),
    "the authorisation ended yesterday": (
        "not_captured",
        order(payment=structs.replace(AUTHORIZED, expires_at=ago(1)), **UNSHIPPED),
    ),
    "authorised five days ago, and nobody says until when": (
        "not_captured",
        order(payment=AUTHORIZED, **{**UNSHIPPED, "placed_at": ago(5)}),
    ),
    "sent without the money": ("not_captured", order(payment=AUTHORIZED)),
    "fulfilled without the money, nobody knows how": ("not_captured", order(payment=AUTHORIZED, shipments=())),
    "the store suspects fraud": ("fraud_review", order(review="fraud", **UNSHIPPED)),
    "a part has left, then it was looked at": (
        "fraud_review",
        order(review="INVESTIGATE", fulfillment=PARTIAL),
    ),
    "cancelled, half of it kept": (
        "cancelled_not_refunded",
        order(
            cancelled=CANCELLED,
            payment=Payment(PaymentStatus.PARTIALLY_REFUNDED),
            refunds=(refund(RefundStatus.SUCCEEDED),),
            totals=totals("20.00"),
            shipments=(),
        ),
    ),
    "cancelled, a part had been paid": (
        "cancelled_not_refunded",
        order(cancelled=CANCELLED, payment=PARTLY, totals=Totals(total=euro("89.90"), net=euro("40")), shipments=()),
    ),
    "all the money is back, the parcel goes on": (
        "refunded_shipped",
        order(payment=REFUNDED, totals=totals("89.90"), refunds=(refund(RefundStatus.SUCCEEDED, "89.90"),)),
    ),
    "all the money is back, the parcel waits in the shop": (
        "refunded_shipped",
        order(payment=REFUNDED, totals=totals("89.90"), shipments=(parcel(ShipmentStatus.READY_FOR_PICKUP),)),
    ),
    "a return of a month ago has not come": (
        "return_overdue",
        order(returns=(Return(ReturnStatus.OPEN, name="R1", at=ago(30)),)),
    ),
    "the carrier calls it delayed": ("shipment_delayed", order(shipments=(parcel(ShipmentStatus.DELAYED, 1),))),
    "the day that was named is over": (
        "shipment_delayed",
        order(shipments=(due(parcel(ShipmentStatus.IN_TRANSIT, 1), 2),)),
    ),
    "cash on delivery, not sent for a week": (
        "unshipped",
        order(payment=structs.replace(PENDING, due=Due.ON_DELIVERY), **{**UNSHIPPED, "placed_at": ago(8)}),
    ),
    "a marketplace's order that nobody has sent": (
        "unshipped",
        order(payment=structs.replace(AUTHORIZED, due=Due.ON_DISPATCH), **{**UNSHIPPED, "placed_at": ago(8)}),
    ),
    "one of two bottles has not left": (
        "partly_shipped",
        order(
            payment=paid(8),
            fulfillment=PARTIAL,
            items=(line("Linen Apron", "1", "1"), line("Steel Bottle", "2", "1")),
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
    "disputed once, and lost": (
        "payment_disputed",
        order(
            payment=Payment(PaymentStatus.DISPUTED),
            disputes=(Dispute(DisputeKind.CHARGEBACK, DisputeStatus.LOST),),
        ),
    ),
    "partly paid, cancelled": ("partly_paid", order(payment=PARTLY, **CANCELLED_UNPAID)),
    "a marketplace takes the rest as the rest leaves": (
        "partly_paid",
        order(payment=structs.replace(PARTLY, due=Due.ON_DISPATCH)),
    ),
    "all paid": ("partly_paid", order()),
    "authorised yesterday": ("not_captured", order(payment=AUTHORIZED, **UNSHIPPED)),
    "authorised for a month": (
        "not_captured",
        order(payment=structs.replace(AUTHORIZED, expires_at=ago(-20)), **{**UNSHIPPED, "placed_at": ago(9)}),
    ),
    "a marketplace's authorisation": (
        "not_captured",
        order(payment=structs.replace(AUTHORIZED, due=Due.ON_DISPATCH), **{**UNSHIPPED, "placed_at": ago(9)}),
    ),
    "authorised, cancelled": ("not_captured", order(payment=AUTHORIZED, **{**CANCELLED_UNPAID, "placed_at": ago(9)})),
    "authorised, only a label": (
        "not_captured",
        order(
            payment=AUTHORIZED,
            fulfillment=Fulfillment(FulfillmentStatus.UNFULFILLED),
            shipments=(parcel(ShipmentStatus.LABEL_CREATED),),
        ),
    ),
    "suspected, then sent all the same": ("fraud_review", order(review="fraud")),
    "suspected, then cancelled": ("fraud_review", order(review="fraud", **CANCELLED_UNPAID)),
    "not suspected": ("fraud_review", order(**UNSHIPPED)),
    "cancelled, the refund bounced": (
        "cancelled_not_refunded",
        order(cancelled=CANCELLED, refunds=(refund(RefundStatus.FAILED, "89.90"),), shipments=()),
    ),
    "all the money is back, and the parcel": (
        "refunded_shipped",
        order(payment=REFUNDED, totals=totals("89.90"), shipments=(parcel(ShipmentStatus.RETURNED),)),
    ),
    "all the money is back, nobody knows where the parcel is": (
        "refunded_shipped",
        order(payment=REFUNDED, totals=totals("89.90"), shipments=(parcel(ShipmentStatus.UNKNOWN, None),)),
    ),
    "a part of the money is back": (
        "refunded_shipped",
        order(payment=Payment(PaymentStatus.PARTIALLY_REFUNDED), totals=totals("20.00")),
    ),
    "a return of last week": ("return_overdue", order(returns=(Return(ReturnStatus.OPEN, at=ago(7)),))),
    "a return that nobody dated": ("return_overdue", order(returns=(Return(ReturnStatus.OPEN),))),
    "a return that came": ("return_overdue", order(returns=(Return(ReturnStatus.CLOSED, at=ago(30)),))),
    "expected today": ("shipment_delayed", order(shipments=(due(parcel(ShipmentStatus.IN_TRANSIT, 1), 0),))),
    "came after the day that was named": (
        "shipment_delayed",
        order(shipments=(due(parcel(ShipmentStatus.DELIVERED, 1), 2),)),
    ),
    "the day is over, and nobody knows where it is": (
        "shipment_delayed",
        order(shipments=(due(parcel(ShipmentStatus.UNKNOWN, None), 2),)),
    ),
    "delayed, but given back": (
        "shipment_delayed",
        order(payment=REFUNDED, totals=totals("89.90"), shipments=(parcel(ShipmentStatus.DELAYED, 1),)),
    ),
    "cash on delivery is not owed yet": (
        "unpaid",
        order(payment=structs.replace(PENDING, due=Due.ON_DELIVERY), placed_at=ago(9)),
    ),
    "authorised, and the shop may still take it": ("unshipped", order(payment=AUTHORIZED, **UNSHIPPED)),
    "the rest left yesterday's shop, which promises ten days": (
        "partly_shipped",
        structs.replace(
            order(payment=paid(8), fulfillment=PARTIAL, items=(line("Steel Bottle", "2", "1"),)), store="Acme Slow"
        ),
    ),
    "the store does not count what it has sent": (
        "partly_shipped",
        order(payment=paid(8), fulfillment=PARTIAL, items=(line("Steel Bottle", "2"),)),
    ),
    "what has not left was given back": (
        "partly_shipped",
        order(payment=paid(8), fulfillment=PARTIAL, items=(line("Steel Bottle", "2", "1", "1"),)),
    ),
    "the rest was paid yesterday": (
        "partly_shipped",
        order(fulfillment=PARTIAL, items=(line("Steel Bottle", "2", "1"),)),
    ),
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


@pytest.mark.parametrize(("code", "case"), RAISED.values(), ids=RAISED)
def test_a_flag_is_raised(code: str, case: Order) -> None:
    assert code in codes(case)


@pytest.mark.parametrize(("code", "case"), QUIET.values(), ids=QUIET)
def test_a_flag_is_not_raised(code: str, case: Order) -> None:
    assert code not in codes(case)


def twin(minutes: float, **parts: Any) -> Order:
    """The same order so many minutes later."""
    first = order(**UNSHIPPED)
    assert first.placed_at
    return structs.replace(
        first, store_id="5513", number="1043", placed_at=first.placed_at + timedelta(minutes=minutes), **parts
    )


TWO = {
    "the button was pressed twice": ([order(**UNSHIPPED), twin(3)], ["duplicate"]),
    "the newer one comes first": ([twin(3), order(**UNSHIPPED)], ["duplicate"]),
    "in the same second": ([order(**UNSHIPPED), twin(0)], ["duplicate"]),
    "an hour later": ([order(**UNSHIPPED), twin(61)], []),
    "something else": ([order(**UNSHIPPED), twin(3, items=(line("Mug"),))], []),
    "two of it": ([order(**UNSHIPPED), twin(3, items=(line("Linen Apron", "2"),))], []),
    "one was cancelled": (
        [order(**UNSHIPPED), twin(3, cancelled=CANCELLED, payment=Payment(PaymentStatus.VOIDED))],
        [],
    ),
    "the first payment failed": (
        [order(**{**UNSHIPPED, "payment": Payment(PaymentStatus.FAILED)}), twin(3)],
        ["payment_failed"],
    ),
    "from another store": ([order(**UNSHIPPED), twin(3, store="Acme US")], []),
    "of whose goods not all are known": ([order(**UNSHIPPED), twin(3, more_items=True)], []),
    "of whose goods nothing is known": ([order(**{**UNSHIPPED, "items": ()}), twin(3, items=())], []),
    "nobody knows when": ([order(**UNSHIPPED), structs.replace(twin(3), placed_at=None)], []),
}


@pytest.mark.parametrize(("orders", "found"), TWO.values(), ids=TWO)
def test_orders_that_should_not_be_two(orders: list[Order], found: list[str]) -> None:
    assert codes(*orders) == found


def test_of_two_orders_the_later_one_is_flagged_with_the_number_of_the_first() -> None:
    (flag,) = flags([order(**UNSHIPPED), twin(3)], around())
    assert (flag.order.number, flag.about) == ("1043", {"number": "1042", "minutes": 3})


ELSEWHERE = {"duplicate": "TWO", "not_received": "test_talk", "written_again": "test_talk", "other_brand": "test_talk"}
"""Rules that look at more than one order have their cases there."""


def test_every_rule_has_a_case_for_it_and_one_against_it() -> None:
    rules = {rule.code for rule in RULES}
    assert len(RULES) == len(rules), "each code stands once"
    assert {code for code, _ in RAISED.values()} == rules - ELSEWHERE.keys()
    assert {code for code, _ in QUIET.values()} == rules - ELSEWHERE.keys()


def test_the_admins_page_lists_every_rule() -> None:
    page = (Path(__file__).parents[2] / "docs" / "admin.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `\w+` \| (high|medium|low) \|", line)]
    assert rows == [f"| `{rule.code}` | {rule.severity} | {rule.words} |" for rule in RULES]


def test_the_most_pressing_rules_come_first() -> None:
    assert [rule.severity for rule in RULES] == sorted((rule.severity for rule in RULES), key=list(Severity).index)


def test_an_order_that_needs_nobody_raises_nothing() -> None:
    assert codes(order()) == []
    assert codes(order(shipments=(parcel(ShipmentStatus.DELIVERED, 1),))) == []


def test_what_no_platform_told_us_raises_nothing() -> None:
    """An order of which we know its number only."""
    bare = Order("Acme EU", "woocommerce", "1", "1", party="42", currency="EUR")
    assert codes(bare) == []
    unknown = structs.replace(
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
    low = structs.replace(order(shipments=(parcel(ShipmentStatus.READY_FOR_PICKUP),), items=(line("1"),)), store_id="1")
    middle = structs.replace(order(fulfillment=Fulfillment(FulfillmentStatus.ON_HOLD), shipments=()), store_id="2")
    high = [
        structs.replace(order(refunds=(refund(RefundStatus.FAILED),)), store_id=number, items=(line(number),))
        for number in "34"
    ]
    found = flags([low, middle, *high], around())
    assert [(flag.severity, flag.order.store_id) for flag in found] == [
        (Severity.HIGH, "3"),
        (Severity.HIGH, "4"),
        (Severity.MEDIUM, "2"),
        (Severity.LOW, "1"),
    ]


def test_money_that_stands_in_a_flag_is_the_orders_own() -> None:
    kept = flags([order(cancelled=CANCELLED, shipments=())], around())[0]
    assert kept.about["amount"] == euro("89.90")
    part = next(flag for flag in flags([RAISED["a part was given back"][1]], around()))
    assert (part.about["amount"], part.about["at"]) == (euro("20.00"), ago(2))


def test_a_chargeback_names_the_delivery_that_proves_the_case() -> None:
    dispute = Dispute(DisputeKind.CHARGEBACK, DisputeStatus.NEEDS_RESPONSE)
    flag = flags([order(disputes=(dispute,), shipments=(parcel(ShipmentStatus.DELIVERED, 4),))], around())[0]
    assert flag.about["delivered_at"] == ago(4)


def test_the_last_scan_is_the_latest_whatever_the_sequence() -> None:
    events = tuple(ShipmentEvent(ShipmentStatus.IN_TRANSIT, at=at) for at in (ago(3), ago(1), None, ago(2)))
    assert last_scan(Shipment(ShipmentStatus.IN_TRANSIT, shipped_at=ago(9), events=events)) == ago(1)
    assert last_scan(Shipment(ShipmentStatus.IN_TRANSIT, shipped_at=ago(9))) == ago(9)
    assert last_scan(Shipment(ShipmentStatus.IN_TRANSIT)) is None
