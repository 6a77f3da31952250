"""Orders to try the rules on: one that needs nobody, and what may be changed about it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from server.attention import Around, flags
from server.model import (
    By,
    Cancellation,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
    Order,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    Store,
    Ticket,
    TicketText,
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
        "items": (line("Linen Apron"),),
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


STORES = {
    name: Store(name, "woocommerce", frozenset({By.EMAIL}), r"\d+", country, brands, ships_within_days=days)
    for name, country, brands, days in (
        ("Acme EU", "DE", ("Acme Europe",), 3),
        ("Acme Slow", "DE", (), 10),
        ("Acme Gulf", "SA", ("Acme Gulf",), 3),
        ("Acme US", "US", ("Acme America",), 3),
    )
}


def line(title: str, quantity: str = "1", fulfilled: str | None = None, refunded: str | None = "0") -> LineItem:
    return LineItem(
        title,
        Decimal(quantity),
        fulfilled=None if fulfilled is None else Decimal(fulfilled),
        refunded=None if refunded is None else Decimal(refunded),
    )


def ticket(*texts: tuple[str, float], **parts: Any) -> Ticket:
    """A ticket with comments, newest first: who wrote, how many days ago."""
    return Ticket(texts=tuple(TicketText(by, "Hello", at=ago(days)) for by, days in texts), **parts)


NO_TICKET = Ticket()


def around(ticket: Ticket = NO_TICKET, *own_words: str, named: tuple[str, ...] = (), now: datetime = NOW) -> Around:
    return Around(now, STORES, ticket, own_words, frozenset(named))


def codes(*orders: Order, beside: Around | None = None) -> list[str]:
    return [flag.code for flag in flags(orders, beside or around())]
