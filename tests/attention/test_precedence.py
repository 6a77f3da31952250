"""Flags of one order neither repeat nor contradict each other."""

from itertools import product

import pytest
from msgspec import structs

from server.attention import RULES, flags
from server.model import (
    Dispute,
    DisputeKind,
    DisputeStatus,
    Fulfillment,
    FulfillmentStatus,
    Order,
    Payment,
    PaymentStatus,
    RefundStatus,
    Return,
    ReturnStatus,
    ShipmentStatus,
    Ticket,
)

from .orders import CANCELLED, UNSHIPPED, ago, around, codes, line, order, paid, parcel, refund, totals

CHARGEBACK = (Dispute(DisputeKind.CHARGEBACK, DisputeStatus.NEEDS_RESPONSE),)

TOGETHER = {
    "disputed, and not shipped": (
        order(payment=Payment(PaymentStatus.DISPUTED, paid_at=ago(9)), disputes=CHARGEBACK, **UNSHIPPED),
        ["payment_disputed"],
    ),
    "an inquiry, and not shipped": (order(payment=paid(9), disputes=CHARGEBACK, **UNSHIPPED), ["payment_disputed"]),
    "suspected, on hold, not paid": (
        order(
            review="payment_review",
            placed_at=ago(9),
            payment=Payment(PaymentStatus.PENDING),
            fulfillment=Fulfillment(FulfillmentStatus.ON_HOLD),
            shipments=(),
        ),
        ["fraud_review"],
    ),
    "authorised for a week, and not shipped": (
        order(payment=Payment(PaymentStatus.AUTHORIZED), **{**UNSHIPPED, "placed_at": ago(9)}),
        ["not_captured"],
    ),
    "late and silent": (
        order(shipments=(structs.replace(parcel(ShipmentStatus.IN_TRANSIT, 6), estimated_at=ago(3)),)),
        ["shipment_stalled"],
    ),
    "given back, and the carrier has lost it": (
        order(
            payment=Payment(PaymentStatus.REFUNDED),
            totals=totals("89.90"),
            refunds=(refund(RefundStatus.SUCCEEDED, "89.90"),),
            shipments=(parcel(ShipmentStatus.EXCEPTION),),
        ),
        [],
    ),
    "given back, on its way, silent": (
        order(
            payment=Payment(PaymentStatus.REFUNDED),
            totals=totals("89.90"),
            shipments=(parcel(ShipmentStatus.IN_TRANSIT, 9),),
        ),
        ["refunded_shipped"],
    ),
    "cancelled, on its way, silent, not refunded": (
        order(cancelled=CANCELLED, shipments=(parcel(ShipmentStatus.IN_TRANSIT, 9),)),
        ["cancelled_not_refunded", "cancelled_shipped"],
    ),
    "cancelled, and it comes back": (
        order(cancelled=CANCELLED, shipments=(parcel(ShipmentStatus.RETURNED),)),
        ["cancelled_not_refunded"],
    ),
    "one parcel stuck, the other one silent": (
        order(shipments=(parcel(ShipmentStatus.EXCEPTION), parcel(ShipmentStatus.IN_TRANSIT, 9))),
        ["shipment_exception", "shipment_stalled"],
    ),
}


@pytest.mark.parametrize(("case", "found"), TOGETHER.values(), ids=TOGETHER)
def test_what_is_said_of_one_order(case: Order, found: list[str]) -> None:
    assert codes(case) == found


def test_a_dispute_stands_for_what_the_customer_misses() -> None:
    case = order(disputes=CHARGEBACK, shipments=(parcel(ShipmentStatus.DELIVERED, 3),))
    assert codes(case, beside=around(Ticket(), "It never arrived.")) == ["payment_disputed"]


def test_a_rule_stands_over_rules_that_there_are() -> None:
    known = {rule.code for rule in RULES}
    assert {code for rule in RULES for code in rule.over} <= known
    assert not [rule.code for rule in RULES for code in rule.over if rule.code == code]


NEVER_BOTH = [
    ({"payment_failed", "unpaid", "partly_paid", "not_captured", "unshipped"}, "one state of the money"),
    ({"cancelled_shipped", "unshipped", "partly_shipped", "on_hold", "fraud_review"}, "cancelled, or to be sent"),
    ({"cancelled_shipped", "refunded_shipped"}, "one reason to stop a parcel"),
    ({"cancelled_not_refunded", "refund_pending"}, "no refund, or one under way"),
    ({"payment_disputed", "unshipped"}, "nothing is sent that is disputed"),
    ({"shipment_stalled", "shipment_delayed"}, "one parcel is late once"),
    ({"partly_refunded", "refund_pending"}, "a refund is settled or not"),
    ({"partly_refunded", "refund_failed"}, "a refund is settled or not"),
    ({"unshipped", "partly_shipped", "on_hold"}, "one state of the goods"),
]


PARCELS = [(), *((parcel(status, 9),) for status in ShipmentStatus)]
REFUNDS = [(), *((refund(status),) for status in RefundStatus)]


@pytest.mark.parametrize("payment", PaymentStatus)
def test_no_order_raises_flags_that_contradict(payment: PaymentStatus) -> None:
    """Combinations of what an order's parts may say."""
    to_send = product(FulfillmentStatus, PARCELS, [()], (None, CANCELLED), (None, "fraud"), [()])
    to_give_back = product([FulfillmentStatus.FULFILLED], PARCELS, REFUNDS, (None, CANCELLED), [None], ((), CHARGEBACK))
    for goods, sent, back, cancelled, review, disputes in (*to_send, *to_give_back):
        case = order(
            placed_at=ago(9),
            payment=Payment(payment),
            fulfillment=Fulfillment(goods),
            shipments=sent,
            refunds=back,
            cancelled=cancelled,
            review=review,
            disputes=disputes,
            items=(line("Apron", "2", "1"),),
            returns=(Return(ReturnStatus.REQUESTED),),
        )
        found = codes(case)
        assert len(found) == len(set(found))
        assert [why for pair, why in NEVER_BOTH if len(pair & set(found)) > 1] == [], (case, found)


def test_the_flags_of_one_order_say_nothing_of_another() -> None:
    one = order(disputes=CHARGEBACK)
    two = structs.replace(order(payment=paid(9), items=(line("Mug"),), **UNSHIPPED), store_id="77")
    assert [(flag.code, flag.order.store_id) for flag in flags([one, two], around())] == [
        ("payment_disputed", "5512"),
        ("unshipped", "77"),
    ]
