"""The lines of an order's card that are made of several parts. Pure."""

from collections.abc import Iterable

from .. import words
from ..carriers import tracking
from ..model import (
    Address,
    FulfillmentStatus,
    LineItem,
    Order,
    RefundedItem,
    Shipment,
    ShipmentEvent,
    ShipmentStatus,
    ShippedItem,
)
from ..voice import Voice
from .progress import parcel_tone


def dotted(*parts: str | None) -> str:
    """`PayPal · Damaged`: those that there are."""
    return "\N{NO-BREAK SPACE}· ".join(part for part in parts if part)


def quantities(items: Iterable[ShippedItem | RefundedItem], voice: Voice) -> list[str]:
    """`2 × Steel Bottle` for each."""
    return [f"{voice.number(item.quantity)} × {item.title}" for item in items]


def item_line(item: LineItem, order: Order, voice: Voice) -> str:
    """`2 × natural · SKU-30`, and what of it was sent or refunded."""
    what = f"{voice.number(item.quantity)} × {item.variant or item.sku or ''}"
    back = voice.say("{quantity} refunded", quantity=item.refunded) if item.refunded else ""
    return dotted(what, item.sku if item.variant else "", _sent_part(item, order, voice), back)


def _sent_part(item: LineItem, order: Order, voice: Voice) -> str:
    """How much of a line has left, where an order has left in part."""
    if order.fulfillment.status is not FulfillmentStatus.PARTIAL or item.fulfilled is None:
        return ""
    if item.fulfilled == 0:
        return voice.say(words.FULFILLMENTS[FulfillmentStatus.UNFULFILLED])
    return voice.say("{quantity} shipped", quantity=item.fulfilled) if item.fulfilled < item.quantity else ""


def parcel_mark(parcel: Shipment, voice: Voice) -> tuple[str, str]:
    """A parcel's state, with its day where that is all there is to tell, and its tone."""
    if parcel.status is ShipmentStatus.DELIVERED and parcel.delivered_at:
        return voice.say("delivered on {at}", at=parcel.delivered_at), "ok"
    if parcel.status is ShipmentStatus.UNKNOWN and parcel.raw:
        return parcel.raw, "plain"
    if parcel.status is ShipmentStatus.UNKNOWN and parcel.shipped_at:
        return voice.say("sent on {at}", at=parcel.shipped_at), "plain"
    return voice.say(words.SHIPMENTS[parcel.status]), parcel_tone(parcel.status)


def scan_line(event: ShipmentEvent, voice: Voice) -> str:
    """`12 Nov, 14:05 Arrived at facility, Leipzig`."""
    unknown = event.status is ShipmentStatus.UNKNOWN
    what = event.message or (event.raw or "" if unknown else voice.say(words.SHIPMENTS[event.status]))
    at = voice.moment(event.at) if event.at else ""
    return f"{at} {voice.apart(f'{what}, {event.place}' if event.place else what)}"


def place_line(place: Address) -> str:
    """A postal address in one line, nothing of it twice."""
    town = " ".join(part for part in (place.postcode, place.city) if part)
    parts = [place.name, place.company, ", ".join(place.street), town, place.region, place.country]
    return dotted(*dict.fromkeys(parts))


def first_link(order: Order, voice: Voice) -> str | None:
    """Where the first parcel that can be followed is followed."""
    links = (tracking(parcel, voice.own.locale.language) for parcel in order.shipments)
    return next((link for link in links if link), None)
