"""Where an answer shows what the contract speaks of."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from server.model import (
    Answer,
    DisputeStatus,
    FulfillmentStatus,
    Order,
    PaymentStatus,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
)

SHOWN: Mapping[str, Callable[[Order], object]] = {
    "currency": lambda order: order.currency,
    "total": lambda order: order.totals.total,
    "placed_at": lambda order: order.placed_at,
    "number": lambda order: order.number,
    "title": lambda order: order.items[0].title,
    "note": lambda order: order.notes[0].text,
    "recipient": lambda order: order.shipping_address and order.shipping_address.name,
    "street": lambda order: order.shipping_address and order.shipping_address.street[0],
    "carrier": lambda order: order.shipments[0].carrier,
    "tracking_number": lambda order: order.shipments[0].tracking_number,
    "tracking_url": lambda order: order.shipments[0].tracking_url,
    "image_url": lambda order: order.items[0].image_url,
    "refund_reason": lambda order: order.refunds[0].reason,
}
"""What a `places` name means in the answer."""

STATUSES: Mapping[str, tuple[Callable[[Order], Any], StrEnum]] = {
    "payment": (lambda order: order.payment, PaymentStatus.UNKNOWN),
    "fulfillment": (lambda order: order.fulfillment, FulfillmentStatus.UNKNOWN),
    "shipment": (lambda order: order.shipments[0], ShipmentStatus.UNKNOWN),
    "shipment_event": (lambda order: order.shipments[0].events[0], ShipmentStatus.UNKNOWN),
    "refund": (lambda order: order.refunds[0], RefundStatus.UNKNOWN),
    "return": (lambda order: order.returns[0], ReturnStatus.UNKNOWN),
    "dispute": (lambda order: order.disputes[0], DisputeStatus.UNKNOWN),
}
"""What a `words` name means in the answer, and the word for "we do not know"."""

SUPPLIED: Mapping[str, Callable[[Answer], bool]] = {
    "items": lambda a: any(o.items for o in a.orders),
    "totals": lambda a: any(o.totals.total for o in a.orders),
    "payment_method": lambda a: any(o.payment.method for o in a.orders),
    "payment_failure": lambda a: any(o.payment.failure for o in a.orders),
    "shipments": lambda a: any(o.shipments for o in a.orders),
    "shipment_status": lambda a: any(s.status != ShipmentStatus.UNKNOWN for o in a.orders for s in o.shipments),
    "shipment_events": lambda a: any(s.events for o in a.orders for s in o.shipments),
    "refunds": lambda a: any(o.refunds for o in a.orders),
    "refund_items": lambda a: any(r.items for o in a.orders for r in o.refunds),
    "refund_status": lambda a: any(r.status != RefundStatus.UNKNOWN for o in a.orders for r in o.refunds),
    "returns": lambda a: any(o.returns for o in a.orders),
    "disputes": lambda a: any(o.disputes for o in a.orders),
    "addresses": lambda a: any(o.shipping_address or o.billing_address for o in a.orders),
    "notes": lambda a: any(o.notes for o in a.orders),
    "tags": lambda a: any(o.tags for o in a.orders) or any(p.tags for p in a.parties),
    "discount_codes": lambda a: any(o.discount_codes for o in a.orders),
    "item_images": lambda a: any(i.image_url for o in a.orders for i in o.items),
    "customer_since": lambda a: any(p.since for p in a.parties),
    "customer_orders_count": lambda a: any(p.orders_count is not None for p in a.parties),
    "customer_spent": lambda a: any(p.spent for p in a.parties),
}
