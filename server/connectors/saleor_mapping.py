"""Saleor's nodes -> our words. Pure: what the shop did not say stays `None`, what nobody can tell `unknown`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..model import (
    Address,
    Cancellation,
    Dispute,
    DisputeKind,
    DisputeStatus,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
    Note,
    Order,
    Party,
    PartyKind,
    Payment,
    PaymentStatus,
    Refund,
    RefundedItem,
    RefundStatus,
    Return,
    ReturnStatus,
    Shipment,
    ShipmentStatus,
    ShippedItem,
    Totals,
)
from .payload import before_discount, blank, distinct, joined, safe_url
from .saleor_nodes import CountNode, EventNode, GrantedNode, LineNode, OrderNode, PlaceNode, UserNode

CHARGES: Mapping[str, PaymentStatus] = {
    "NONE": PaymentStatus.PENDING,
    "PARTIAL": PaymentStatus.PARTIALLY_PAID,
    "FULL": PaymentStatus.PAID,
    "OVERCHARGED": PaymentStatus.PAID,
}

FULFILLMENTS: Mapping[str, FulfillmentStatus] = {
    "UNCONFIRMED": FulfillmentStatus.UNFULFILLED,
    "UNFULFILLED": FulfillmentStatus.UNFULFILLED,
    "PARTIALLY_FULFILLED": FulfillmentStatus.PARTIAL,
    "FULFILLED": FulfillmentStatus.FULFILLED,
    "PARTIALLY_RETURNED": FulfillmentStatus.FULFILLED,  # what came back had been sent
    "RETURNED": FulfillmentStatus.FULFILLED,
    "CANCELED": FulfillmentStatus.CANCELLED,
    "EXPIRED": FulfillmentStatus.CANCELLED,
}

BACK = {"RETURNED", "REFUNDED_AND_RETURNED", "REPLACED"}
"""States of what came back; a fulfillment that is `REFUNDED` tells of money alone, and is no parcel."""
SENT = {"FULFILLED", "WAITING_FOR_APPROVAL", "CANCELED"}

REFUNDS: Mapping[str, RefundStatus] = {
    "PENDING": RefundStatus.PENDING,
    "SUCCESS": RefundStatus.SUCCEEDED,
    "FAILURE": RefundStatus.FAILED,
}
"""`NONE`: granted, and nothing is known of money sent."""

ENDED = {"CANCELED", "EXPIRED"}
FAILURES = {"CHARGE_FAILURE", "AUTHORIZATION_FAILURE"}


def order(node: OrderNode, store: str) -> Order:
    """The order with all that belongs to it."""
    events = sorted((each for part in node.transactions for each in part.events), key=_when)
    note = blank(node.customer_note)
    billing = _address(node.billing_address)
    lines = {line.id: line for line in node.lines}
    return Order(
        store=store,
        platform="saleor",
        store_id=node.id,
        number=node.number,
        party=node.party,
        currency=node.total.currency,
        placed_at=node.created,
        email=blank(node.user_email),
        phone=billing.phone if billing else None,
        payment=_payment(node, events),
        fulfillment=Fulfillment(FULFILLMENTS.get(node.status, FulfillmentStatus.UNKNOWN), node.status),
        cancelled=Cancellation() if node.status in ENDED else None,
        totals=_totals(node),
        items=tuple(map(_item, node.lines)),
        shipments=tuple(
            Shipment(
                ShipmentStatus.CANCELLED if each.status == "CANCELED" else ShipmentStatus.UNKNOWN,
                tracking_number=blank(each.tracking_number),
                shipped_at=None if each.status == "WAITING_FOR_APPROVAL" else each.created,
                items=_counted(each.lines, lines),
            )
            for each in node.fulfillments
            if each.status in SENT
        ),
        refunds=_refunds(node, lines),
        returns=tuple(
            Return(ReturnStatus.CLOSED, each.status, at=each.created, items=_counted(each.lines, lines))
            for each in node.fulfillments
            if each.status in BACK
        ),
        disputes=tuple(
            Dispute(
                DisputeKind.CHARGEBACK, DisputeStatus.UNKNOWN, "CHARGE_BACK", each.created_at,
                each.amount.money if each.amount else None,
            )
            for each in events
            if each.type == "CHARGE_BACK"
        ),
        shipping_address=_address(node.shipping_address),
        billing_address=billing,
        notes=(Note(note, node.created, public=True),) if note else (),
        discount_codes=tuple(filter(None, [blank(node.voucher_code)])),
    )  # fmt: skip


def account(node: UserNode, store: str) -> Party:
    """A customer's record."""
    postal = tuple(found for each in node.addresses if (found := _address(each)))
    return Party(
        store=store,
        store_id=node.id,
        kind=PartyKind.ACCOUNT,
        names=distinct(joined(node.first_name, node.last_name), *(each.name for each in postal)),
        emails=distinct(node.email),
        phones=distinct(*(each.phone for each in postal)),
        addresses=postal,
        since=node.date_joined,
    )


def _when(event: EventNode) -> float:
    return event.created_at.timestamp() if event.created_at else 0.0


def _payment(node: OrderNode, events: Sequence[EventNode]) -> Payment:
    status = CHARGES.get(node.charge_status or "", PaymentStatus.UNKNOWN)
    back = node.total_refunded.amount if node.total_refunded else Decimal(0)
    failure = None
    if back > 0:
        status = PaymentStatus.REFUNDED if back >= node.total.amount else PaymentStatus.PARTIALLY_REFUNDED
    elif any(event.type == "CHARGE_BACK" for event in events):
        status = PaymentStatus.DISPUTED
    elif status is PaymentStatus.PENDING:
        last = events[-1] if events else EventNode()
        if last.type in FAILURES:
            status, failure = PaymentStatus.FAILED, blank(last.message) or last.type
        elif node.authorize_status in {"FULL", "PARTIAL"}:
            status = PaymentStatus.AUTHORIZED
        elif node.status in ENDED:
            status = PaymentStatus.VOIDED
    method = next((name for each in node.transactions if (name := blank(each.name))), None)
    paid = next((event.created_at for event in events if event.type == "CHARGE_SUCCESS"), None)
    return Payment(status, node.charge_status, method, paid, failure)


def _totals(node: OrderNode) -> Totals:
    def money(part: object) -> Money | None:
        return getattr(part, "money", None)

    charged, back = node.total_charged, node.total_refunded
    discount = sum((each.total.amount for each in node.discounts), Decimal(0))
    sums = (getattr(part, "amount", Decimal(0)) for part in (node.shipping, node.tax, node.total))
    items = money(node.subtotal)
    return Totals(
        items=items and Money(before_discount(items.amount, discount, *sums), items.currency),
        discount=Money(discount, node.total.currency) if node.discounts else None,
        shipping=money(node.shipping),
        tax=money(node.tax),
        total=node.total.money,
        refunded=money(back) if back and back.amount else _granted(node),
        net=money(charged) if charged and charged.amount else None,
    )


def _granted(node: OrderNode) -> Money:
    """What was promised, where no money went back yet."""
    amounts = (each.amount.amount for each in node.granted_refunds if each.status != "FAILURE")
    return Money(sum(amounts, Decimal(0)), node.total.currency)


def _refunds(node: OrderNode, lines: Mapping[str, LineNode]) -> tuple[Refund, ...]:
    """What was granted; money that went back without having been granted is told as one sum."""
    granted = tuple(_refund(each, lines) for each in node.granted_refunds)
    if granted or not node.total_refunded or node.total_refunded.amount <= 0:
        return granted
    return (Refund(node.total_refunded.money, RefundStatus.SUCCEEDED),)


def _refund(node: GrantedNode, lines: Mapping[str, LineNode]) -> Refund:
    there = [(lines.get(each.line or ""), each.quantity) for each in node.lines or ()]
    return Refund(
        amount=node.amount.money,
        status=REFUNDS.get(node.status or "", RefundStatus.UNKNOWN),
        at=node.created_at,
        reason=blank(node.reason),
        items=tuple(RefundedItem(line.product_name, quantity) for line, quantity in there if line),
    )


def _counted(counts: Sequence[CountNode] | None, lines: Mapping[str, LineNode]) -> tuple[ShippedItem, ...]:
    there = [(lines.get(each.line or ""), each.quantity) for each in counts or ()]
    return tuple(ShippedItem(line.product_name, quantity, blank(line.product_sku)) for line, quantity in there if line)


def _item(line: LineNode) -> LineItem:
    return LineItem(
        title=line.product_name,
        quantity=line.quantity,
        variant=blank(line.variant_name),
        sku=blank(line.product_sku),
        fulfilled=line.quantity_fulfilled,
        price=line.price.money if line.price else None,
        total=line.total.money if line.total else None,
        image_url=safe_url(line.thumbnail),
        store_id=line.id,
    )


def _address(node: PlaceNode | None) -> Address | None:
    if node is None:
        return None
    address = Address(
        name=joined(node.first_name, node.last_name),
        company=blank(node.company_name),
        street=tuple(filter(None, map(blank, (node.street_address_1, node.street_address_2)))),
        city=blank(node.city),
        region=blank(node.country_area),
        postcode=blank(node.postal_code),
        country=blank(node.country),
        phone=blank(node.phone),
    )
    return None if address == Address() else address
