"""Rules about money and goods that go back."""

from collections.abc import Callable
from datetime import timedelta

from ..model import Order, PaymentStatus, Refund, RefundStatus, ReturnStatus, Severity, ShipmentStatus
from .case import MOVING, OPEN, About, Case, Rule

NEWS_DAYS = 30
"""For how long a settled partial refund is worth a line above the orders."""

RETURN_DAYS = 21
"""After this many days a return that was approved and is still open should have come."""

_TAKEN = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_PAID, PaymentStatus.PARTIALLY_REFUNDED})
_SETTLED = frozenset({RefundStatus.SUCCEEDED, RefundStatus.UNKNOWN})
GOING = MOVING | {ShipmentStatus.ATTEMPTED, ShipmentStatus.READY_FOR_PICKUP}


def _refund(status: RefundStatus) -> Callable[[Case], About | None]:
    def applies(case: Case) -> About | None:
        for refund in case.order.refunds:
            if refund.status is status and not replaced(refund, case.order):
                return {"amount": refund.amount, "at": refund.at, "method": refund.method}
        return None

    return applies


def replaced(refund: Refund, order: Order) -> bool:
    """Whether a later refund gave the money back after all."""
    return any(
        other.status is RefundStatus.SUCCEEDED
        and other.amount.currency == refund.amount.currency
        and other.amount.amount >= refund.amount.amount
        and bool(other.at and refund.at and other.at > refund.at)
        for other in order.refunds
    )


def _kept_after_cancel(case: Case) -> About | None:
    """Something was paid and not all of it is back, nor on its way back."""
    order, net = case.order, case.order.totals.net
    if not order.cancelled or order.payment.status not in _TAKEN:
        return None
    if net is None or net.amount <= 0 or any(refund.status in OPEN for refund in order.refunds):
        return None
    refunded = order.totals.refunded
    return {"amount": net, "refunded": refunded if refunded and refunded.amount > 0 else None}


def _going(order: Order) -> bool:
    return any(parcel.status in GOING for parcel in order.shipments)


def _shipped_after_cancel(case: Case) -> About | None:
    order = case.order
    return {"at": order.cancelled.at} if order.cancelled and _going(order) else None


def _shipped_after_refund(case: Case) -> About | None:
    """All the money went back, and a parcel still goes out. A part of it may stand for anything."""
    order = case.order
    if order.cancelled or order.payment.status is not PaymentStatus.REFUNDED or not _going(order):
        return None
    latest = max((refund.at for refund in order.refunds if refund.at), default=None)
    return {"amount": order.totals.refunded, "at": latest}


def _partly_refunded(case: Case) -> About | None:
    order, refunded = case.order, case.order.totals.refunded
    if order.payment.status is not PaymentStatus.PARTIALLY_REFUNDED or refunded is None or order.cancelled:
        return None
    if not all(refund.status in _SETTLED for refund in order.refunds):
        return None  # a pending or failed refund has a flag of its own
    latest = max((refund.at for refund in order.refunds if refund.at), default=None)
    if latest is not None and case.now - latest > timedelta(days=NEWS_DAYS):
        return None
    return {"amount": refunded, "at": latest, "kept": order.totals.kept}


def _return_asked(case: Case) -> About | None:
    for item in case.order.returns:
        if item.status is ReturnStatus.REQUESTED:
            return {"name": item.name, "reason": item.reason}
    return None


def _return_overdue(case: Case) -> About | None:
    for item in case.order.returns:
        if item.status is ReturnStatus.OPEN and item.at and case.now - item.at >= timedelta(days=RETURN_DAYS):
            return {"name": item.name, "at": item.at, "days": (case.now - item.at).days}
    return None


REFUND_RULES = (
    Rule("refund_failed", Severity.HIGH, "a refund did not go through", _refund(RefundStatus.FAILED)),
    Rule("cancelled_not_refunded", Severity.HIGH, "cancelled, and money was kept", _kept_after_cancel),
    Rule("cancelled_shipped", Severity.HIGH, "cancelled, yet a parcel is on its way", _shipped_after_cancel),
    Rule(
        "refunded_shipped",
        Severity.HIGH,
        "all the money was given back, yet a parcel is on its way",
        _shipped_after_refund,
        frozenset(
            {
                "shipment_exception",
                "shipment_stalled",
                "shipment_attempted",
                "shipment_delayed",
                "shipment_waiting",
            }
        ),
    ),
    Rule("refund_pending", Severity.MEDIUM, "a refund is not settled yet", _refund(RefundStatus.PENDING)),
    Rule("return_requested", Severity.MEDIUM, "the customer asked to return goods", _return_asked),
    Rule(
        "return_overdue",
        Severity.LOW,
        f"a return was approved {RETURN_DAYS} days ago or earlier and is still open",
        _return_overdue,
    ),
    Rule(
        "partly_refunded",
        Severity.LOW,
        f"part of the money was given back in the last {NEWS_DAYS} days",
        _partly_refunded,
    ),
)
