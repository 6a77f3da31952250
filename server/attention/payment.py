"""Rules about the money that is to come in."""

from datetime import timedelta

from ..model import DisputeStatus, Due, FulfillmentStatus, Order, PaymentStatus, Severity
from .case import About, Case, Rule, sent

UNPAID_DAYS = 2

LAPSES_DAYS = 5
"""Most card issuers let an authorisation lapse after seven days (Shopify Payments does too)."""

LAPSES_SOON = timedelta(days=2)


_RUNNING = frozenset({DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW})
_DECIDED = frozenset({DisputeStatus.WON, DisputeStatus.LOST})


def _failed(case: Case) -> About | None:
    order = case.order
    if order.payment.status is not PaymentStatus.FAILED or order.cancelled:
        return None
    return {"failure": order.payment.failure}


def _disputed(case: Case) -> About | None:
    """A dispute that runs, or the store's own word where it tells no more of it."""
    order = case.order
    if not order.disputes and order.payment.status is not PaymentStatus.DISPUTED:
        return None
    dispute = next((dispute for dispute in order.disputes if dispute.status in _RUNNING), None)
    decided = any(dispute.status in _DECIDED for dispute in order.disputes)
    if dispute is None and (order.payment.status is not PaymentStatus.DISPUTED or decided):
        return None
    delivered = next((parcel.delivered_at for parcel in order.shipments if parcel.delivered_at), None)
    return {"kind": dispute and dispute.kind, "status": dispute and dispute.status, "delivered_at": delivered}


def _unpaid(case: Case) -> About | None:
    order = case.order
    owed = order.payment.status is PaymentStatus.PENDING and order.payment.due is Due.WITH_ORDER
    if not owed or order.cancelled or order.placed_at is None:
        return None
    days = (case.now - order.placed_at).days
    return {"days": days, "method": order.payment.method} if days >= UNPAID_DAYS else None


def _partly_paid(case: Case) -> About | None:
    order = case.order
    if order.payment.status is not PaymentStatus.PARTIALLY_PAID or order.cancelled:
        return None
    if order.payment.due is not Due.WITH_ORDER:
        return None
    paid, total = order.totals.net, order.totals.total
    told = paid is not None and total is not None and paid.currency == total.currency and paid.amount < total.amount
    return {"paid": paid if told else None, "total": total if told else None, "sent": _left(order)}


def _left(order: Order) -> bool:
    return sent(order) or order.fulfillment.status is FulfillmentStatus.FULFILLED


def _not_captured(case: Case) -> About | None:
    """Authorised: worth a word once it may lapse, or once goods have left without the money."""
    order, ends = case.order, case.order.payment.expires_at
    if order.payment.status is not PaymentStatus.AUTHORIZED or order.payment.due is not Due.WITH_ORDER:
        return None
    if order.cancelled:
        return None
    days = (case.now - order.placed_at).days if order.placed_at else None
    lapses = ends - case.now < LAPSES_SOON if ends else days is not None and days >= LAPSES_DAYS
    if not lapses and not _left(order):
        return None
    return {"days": days, "expires_at": ends, "lapsed": bool(ends and ends <= case.now), "sent": _left(order)}


def _fraud_review(case: Case) -> About | None:
    """While something may still be held back."""
    order = case.order
    if order.review is None or order.cancelled or order.fulfillment.status is FulfillmentStatus.FULFILLED:
        return None
    return {"review": order.review}


PAYMENT_RULES = (
    Rule("payment_failed", Severity.HIGH, "the payment failed and the order stands", _failed),
    Rule(
        "payment_disputed",
        Severity.HIGH,
        "a chargeback or inquiry is not decided",
        _disputed,
        frozenset({"unshipped", "partly_shipped", "not_received", "not_captured", "refunded_shipped"}),
    ),
    Rule(
        "fraud_review",
        Severity.HIGH,
        "the store or its payment provider wants the order looked at for fraud, and not all of it has left",
        _fraud_review,
        frozenset({"unpaid", "not_captured", "on_hold", "unshipped", "partly_shipped"}),
    ),
    Rule("partly_paid", Severity.MEDIUM, "only a part was paid", _partly_paid),
    Rule(
        "not_captured",
        Severity.MEDIUM,
        "the payment is authorised but not taken, and goods have left, or the authorisation ends within "
        f"{LAPSES_SOON.days} days (where the store does not tell when: it is {LAPSES_DAYS} days old)",
        _not_captured,
        frozenset({"unshipped"}),
    ),
    Rule("unpaid", Severity.MEDIUM, f"payment pending for {UNPAID_DAYS} days or more", _unpaid),
)
