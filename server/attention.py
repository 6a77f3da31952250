"""Orders -> flags: what needs the agent's eye, by fixed rules. Pure; the words for a flag are in `words`.

Each rule looks at one order and gives the values that its sentence is made of, or `None`. Rules say only what
the platform told us: an unknown status raises no flag.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .model import (
    DisputeStatus,
    Flag,
    FulfillmentStatus,
    Order,
    PaymentStatus,
    Refund,
    RefundStatus,
    ReturnStatus,
    Severity,
    Shipment,
    ShipmentStatus,
)

SILENT_DAYS = 5
"""A parcel on its way without a scan for this many days is worth a trace."""

UNSHIPPED_WORKING_DAYS = 3
UNPAID_DAYS = 2
NEWS_DAYS = 30
"""For how long a settled partial refund is worth a line above the orders."""

MOVING = frozenset({ShipmentStatus.IN_TRANSIT, ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.DELAYED})

About = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """A flag's code and severity, and when it is raised: in words for a reader, in code for us."""

    code: str
    severity: Severity
    words: str
    applies: Callable[[Order, datetime], About | None]


def flags(orders: Iterable[Order], now: datetime) -> tuple[Flag, ...]:
    """The flags of these orders, the most pressing first, else in the orders' own sequence."""
    found = [
        Flag(rule.code, rule.severity, order, about)
        for order in orders
        for rule in RULES
        if (about := rule.applies(order, now)) is not None
    ]
    return tuple(sorted(found, key=lambda flag: list(Severity).index(flag.severity)))


def _payment_failed(order: Order, _now: datetime) -> About | None:
    if order.payment.status is not PaymentStatus.FAILED or order.cancelled:
        return None
    return {"failure": order.payment.failure}


def _disputed(order: Order, _now: datetime) -> About | None:
    running = {DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW}
    dispute = next((dispute for dispute in order.disputes if dispute.status in running), None)
    if dispute is None:
        return None
    delivered = next((parcel.delivered_at for parcel in order.shipments if parcel.delivered_at), None)
    return {"kind": dispute.kind, "status": dispute.status, "delivered_at": delivered}


def _refund(status: RefundStatus) -> Callable[[Order, datetime], About | None]:
    def applies(order: Order, _now: datetime) -> About | None:
        refund = next(
            (refund for refund in order.refunds if refund.status is status and not _replaced(refund, order)), None
        )
        return None if refund is None else {"amount": refund.amount, "at": refund.at, "method": refund.method}

    return applies


def _replaced(refund: Refund, order: Order) -> bool:
    """Whether a later refund gave the money back after all."""
    return any(
        other.status is RefundStatus.SUCCEEDED
        and other.amount.currency == refund.amount.currency
        and other.amount.amount >= refund.amount.amount
        and bool(other.at and refund.at and other.at > refund.at)
        for other in order.refunds
    )


def _kept_after_cancel(order: Order, _now: datetime) -> About | None:
    net = order.totals.net
    if not order.cancelled or order.payment.status is not PaymentStatus.PAID or order.refunds:
        return None
    return {"amount": net} if net is not None and net.amount > 0 else None


def _shipped_after_cancel(order: Order, _now: datetime) -> About | None:
    going = MOVING | {ShipmentStatus.ATTEMPTED}
    if not order.cancelled or not any(parcel.status in going for parcel in order.shipments):
        return None
    return {"at": order.cancelled.at}


def _parcel(status: ShipmentStatus) -> Callable[[Order, datetime], About | None]:
    def applies(order: Order, _now: datetime) -> About | None:
        parcel = next((parcel for parcel in order.shipments if parcel.status is status), None)
        return None if parcel is None else _scan(parcel)

    return applies


def _stalled(order: Order, now: datetime) -> About | None:
    for parcel in order.shipments:
        last = last_scan(parcel)
        if parcel.status in MOVING and last is not None and now - last >= timedelta(days=SILENT_DAYS):
            return {**_scan(parcel), "days": (now - last).days, "at": last}
    return None


def _unshipped(order: Order, now: datetime) -> About | None:
    waiting = order.fulfillment.status is FulfillmentStatus.UNFULFILLED and not order.shipments
    since = order.payment.paid_at or order.placed_at
    if not waiting or order.cancelled or order.payment.status is not PaymentStatus.PAID or since is None:
        return None
    days = working_days(since.date(), now.date())
    return {"days": days, "at": since} if days > UNSHIPPED_WORKING_DAYS else None


def _unpaid(order: Order, now: datetime) -> About | None:
    if order.payment.status is not PaymentStatus.PENDING or order.cancelled or order.placed_at is None:
        return None
    days = (now - order.placed_at).days
    return {"days": days, "method": order.payment.method} if days >= UNPAID_DAYS else None


def _on_hold(order: Order, _now: datetime) -> About | None:
    return {} if order.fulfillment.status is FulfillmentStatus.ON_HOLD and not order.cancelled else None


def _return_open(order: Order, _now: datetime) -> About | None:
    asked = next((item for item in order.returns if item.status is ReturnStatus.REQUESTED), None)
    return None if asked is None else {"name": asked.name, "reason": asked.reason}


def _partly_refunded(order: Order, now: datetime) -> About | None:
    refunded, settled = order.totals.refunded, {RefundStatus.SUCCEEDED, RefundStatus.UNKNOWN}
    if order.payment.status is not PaymentStatus.PARTIALLY_REFUNDED or refunded is None or order.cancelled:
        return None
    if not all(refund.status in settled for refund in order.refunds):
        return None  # a pending or failed refund has a flag of its own
    latest = max((refund.at for refund in order.refunds if refund.at), default=None)
    if latest is not None and now - latest > timedelta(days=NEWS_DAYS):
        return None
    return {"amount": refunded, "at": latest}


def _scan(parcel: Shipment) -> dict[str, object]:
    last = parcel.events[0] if parcel.events else None
    return {
        "carrier": parcel.carrier,
        "place": last and last.place,
        "at": last_scan(parcel),
        "message": last and last.message,
        "scanned": last is not None and last.at is not None,
    }


def last_scan(parcel: Shipment) -> datetime | None:
    """When something was last heard of a parcel."""
    return max((event.at for event in parcel.events if event.at), default=parcel.shipped_at)


def working_days(start: date, end: date) -> int:
    """Mondays to Fridays after `start` up to and including `end`; public holidays are not known."""
    days = max((end - start).days, 0)
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum((start + timedelta(days=n)).weekday() < 5 for n in range(1, rest + 1))


RULES: tuple[Rule, ...] = (
    Rule("payment_failed", Severity.HIGH, "the payment failed and the order stands", _payment_failed),
    Rule("payment_disputed", Severity.HIGH, "a chargeback or inquiry is not decided", _disputed),
    Rule("refund_failed", Severity.HIGH, "a refund did not go through", _refund(RefundStatus.FAILED)),
    Rule("cancelled_not_refunded", Severity.HIGH, "cancelled and paid, no refund", _kept_after_cancel),
    Rule("cancelled_shipped", Severity.HIGH, "cancelled, yet a parcel is on its way", _shipped_after_cancel),
    Rule(
        "shipment_exception",
        Severity.HIGH,
        "the carrier reports a problem",
        _parcel(ShipmentStatus.EXCEPTION),
    ),
    Rule("shipment_returned", Severity.HIGH, "a parcel goes back to the shop", _parcel(ShipmentStatus.RETURNED)),
    Rule("shipment_stalled", Severity.HIGH, f"on its way, no scan for {SILENT_DAYS} days", _stalled),
    Rule("shipment_attempted", Severity.MEDIUM, "delivery was tried in vain", _parcel(ShipmentStatus.ATTEMPTED)),
    Rule("shipment_waiting", Severity.LOW, "waits to be picked up", _parcel(ShipmentStatus.READY_FOR_PICKUP)),
    Rule(
        "unshipped",
        Severity.MEDIUM,
        f"paid, nothing shipped for more than {UNSHIPPED_WORKING_DAYS} working days",
        _unshipped,
    ),
    Rule("unpaid", Severity.MEDIUM, f"payment pending for {UNPAID_DAYS} days or more", _unpaid),
    Rule("on_hold", Severity.MEDIUM, "the shop holds the order back", _on_hold),
    Rule("refund_pending", Severity.MEDIUM, "a refund is not settled yet", _refund(RefundStatus.PENDING)),
    Rule("return_requested", Severity.MEDIUM, "the customer asked to return goods", _return_open),
    Rule(
        "partly_refunded",
        Severity.LOW,
        f"part of the money was given back in the last {NEWS_DAYS} days",
        _partly_refunded,
    ),
)
