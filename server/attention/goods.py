"""Rules about goods that should leave the shop, and orders that should not be two."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from ..model import Due, FulfillmentStatus, LineItem, Order, PaymentStatus, Severity
from .case import About, Case, Rule, closed
from .days import working_days

PROMISED_DAYS = 3
"""Working days, for a store of which nothing else is known."""

TWICE_MINUTES = 30
TWICE = timedelta(minutes=TWICE_MINUTES)


def _promised(case: Case) -> int:
    return case.store.ships_within_days if case.store else PROMISED_DAYS


def _waited(case: Case) -> int | None:
    """Working days since the money was sure; `None` within the promise, or where nothing says when that was."""
    since = case.order.payment.paid_at or case.order.placed_at
    if since is None:
        return None
    days = working_days(since.date(), case.now.date(), case.store.country if case.store else None)
    return days if days > _promised(case) else None


def _unshipped(case: Case) -> About | None:
    order = case.order
    waiting = order.fulfillment.status is FulfillmentStatus.UNFULFILLED and not order.shipments
    if not waiting or closed(order) or not _sure(order):
        return None
    days = _waited(case)
    if days is None:
        return None
    return {"days": days, "paid_at": order.payment.paid_at, "at": order.placed_at, "promised": _promised(case)}


def _sure(order: Order) -> bool:
    """Whether the money is there, or will be: authorised, or due later."""
    status, due = order.payment.status, order.payment.due
    return status in {PaymentStatus.PAID, PaymentStatus.AUTHORIZED} or (
        status is PaymentStatus.PENDING and due is Due.ON_DELIVERY
    )


def _partly_shipped(case: Case) -> About | None:
    """Where the store counts what it has sent of each line."""
    order = case.order
    if order.fulfillment.status is not FulfillmentStatus.PARTIAL or closed(order) or _waited(case) is None:
        return None
    left = tuple(outstanding(order))
    first = min((parcel.shipped_at for parcel in order.shipments if parcel.shipped_at), default=None)
    return {"items": left, "at": first} if left else None


def outstanding(order: Order) -> Iterator[tuple[Decimal, str]]:
    """How many of which line are still to be sent, where the store counts both what was sent and what went back."""
    for item in order.items:
        if item.fulfilled is not None and item.refunded is not None:
            left = item.quantity - item.fulfilled - item.refunded
            if left > 0:
                yield left, item.title


def _on_hold(case: Case) -> About | None:
    return {} if case.order.fulfillment.status is FulfillmentStatus.ON_HOLD and not case.order.cancelled else None


def _duplicate(case: Case) -> About | None:
    """Raised on the later one of two."""
    order = case.order
    if order.placed_at is None or not _alive(order):
        return None
    for other in case.orders:
        if other.store != order.store or other.placed_at is None:
            continue
        apart = order.placed_at - other.placed_at
        later = apart > timedelta(0) or (not apart and order.id > other.id)
        if later and apart <= TWICE and _alive(other) and (goods := _goods(order)) and goods == _goods(other):
            return {"number": other.number, "minutes": int(apart.total_seconds() // 60)}
    return None


_DEAD = frozenset({PaymentStatus.FAILED, PaymentStatus.VOIDED, PaymentStatus.REFUNDED})


def _alive(order: Order) -> bool:
    return order.cancelled is None and order.payment.status not in _DEAD


def _goods(order: Order) -> list[tuple[str, ...]]:
    """What was bought, in no order; nothing where the store does not tell all of it."""
    return [] if order.more_items else sorted(map(_line, order.items))


def _line(item: LineItem) -> tuple[str, ...]:
    return item.title, item.variant or "", item.sku or "", f"{item.quantity.normalize():f}"


GOODS_RULES = (
    Rule("on_hold", Severity.MEDIUM, "the shop holds the order back", _on_hold),
    Rule(
        "unshipped",
        Severity.MEDIUM,
        "paid, authorised or cash on delivery, and nothing shipped for more working days than the store promises "
        f"(`ships_within_days`, {PROMISED_DAYS} if left out)",
        _unshipped,
    ),
    Rule(
        "partly_shipped",
        Severity.MEDIUM,
        "a part was shipped, and the rest is out for more working days than the store promises",
        _partly_shipped,
    ),
    Rule(
        "duplicate",
        Severity.MEDIUM,
        f"the same goods from the same store within {TWICE_MINUTES} minutes, and both orders stand",
        _duplicate,
    ),
)
