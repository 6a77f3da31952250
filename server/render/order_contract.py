"""One order -> JSON, member for member as the contract names it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import cast

from babel.numbers import get_currency_precision

from ..answers import ready_answers
from ..carriers import carrier_url
from ..model import (
    Address,
    Cancellation,
    Flag,
    LineItem,
    Money,
    Order,
    Refund,
    Return,
    Shipment,
    ShippedItem,
    ShownOrder,
    Totals,
)
from ..sentences import sentence
from ..voice import Voice
from . import order_shapes


def order_json(shown: ShownOrder, flags: tuple[Flag, ...], voice: Voice, theirs: Voice) -> order_shapes.Order:
    """The order; ready answers by the customer's voice, all else by the agent's."""
    order = shown.order
    return {
        "id": order.id,
        "store": order.store,
        "platform": order.platform,
        "number": order.number,
        "store_id": order.store_id,
        "admin_url": order.admin_url,
        "named_in_ticket": shown.named_in_ticket,
        "record": shown.record,
        "placed_at": instant(order.placed_at),
        "currency": order.currency,
        "sentence": sentence(order, voice),
        "answers": _answers(order, flags, theirs),
        "payment": {
            "status": order.payment.status,
            "raw": order.payment.raw,
            "method": order.payment.method,
            "paid_at": instant(order.payment.paid_at),
            "failure": order.payment.failure,
            "due": order.payment.due,
            "expires_at": instant(order.payment.expires_at),
        },
        "review": order.review,
        "fulfillment": {"status": order.fulfillment.status, "raw": order.fulfillment.raw},
        "cancelled": _cancellation(order.cancelled),
        "totals": cast(
            "order_shapes.Totals", {name: _money(getattr(order.totals, name)) for name in Totals.__struct_fields__}
        ),
        "items": [_item(item) for item in order.items],
        "more_items": order.more_items,
        "later": sorted(order.later),
        "shipments": [_shipment(parcel) for parcel in order.shipments],
        "refunds": [_refund(refund) for refund in order.refunds],
        "returns": [_return(item) for item in order.returns],
        "disputes": [
            {
                "kind": dispute.kind,
                "status": dispute.status,
                "raw": dispute.raw,
                "at": instant(dispute.at),
                "amount": _money(dispute.amount),
            }
            for dispute in order.disputes
        ],
        "addresses": {"shipping": address_json(order.shipping_address), "billing": address_json(order.billing_address)},
        "notes": [
            {"text": note.text, "at": instant(note.at), "by": note.by, "public": note.public} for note in order.notes
        ],
        "tags": order.tags,
        "discount_codes": order.discount_codes,
    }


def _cancellation(cancelled: Cancellation | None) -> order_shapes.Cancellation | None:
    return None if cancelled is None else {"at": instant(cancelled.at), "reason": cancelled.reason}


def _answers(order: Order, flags: tuple[Flag, ...], voice: Voice) -> list[order_shapes.Answer]:
    found = ready_answers(order, flags, voice)
    return [{"about": each.about, "language": voice.lang, "text": each.text} for each in found]


def _item(item: LineItem) -> order_shapes.Item:
    return {
        "title": item.title,
        "variant": item.variant,
        "sku": item.sku,
        "quantity": _number(item.quantity),
        "fulfilled": _number(item.fulfilled),
        "refunded": _number(item.refunded),
        "price": _money(item.price),
        "total": _money(item.total),
        "image_url": item.image_url,
    }


def _shipment(parcel: Shipment) -> order_shapes.Shipment:
    return {
        "status": parcel.status,
        "raw": parcel.raw,
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
        "carrier_url": None if (parcel.tracking_url or "").startswith("https://") else carrier_url(parcel),
        "shipped_at": instant(parcel.shipped_at),
        "delivered_at": instant(parcel.delivered_at),
        "estimated_at": instant(parcel.estimated_at),
        "items": _shipped(parcel.items),
        "events": [
            {
                "status": event.status,
                "raw": event.raw,
                "at": instant(event.at),
                "message": event.message,
                "place": event.place,
            }
            for event in parcel.events
        ],
    }


def _shipped(items: Iterable[ShippedItem]) -> list[order_shapes.ShippedItem]:
    return [{"title": item.title, "quantity": _number(item.quantity), "sku": item.sku} for item in items]


def _refund(refund: Refund) -> order_shapes.Refund:
    return {
        "amount": amount(refund.amount),
        "status": refund.status,
        "at": instant(refund.at),
        "reason": refund.reason,
        "method": refund.method,
        "items": [
            {"title": item.title, "quantity": _number(item.quantity), "amount": _money(item.amount)}
            for item in refund.items
        ],
    }


def _return(item: Return) -> order_shapes.Return:
    return {
        "name": item.name,
        "status": item.status,
        "raw": item.raw,
        "reason": item.reason,
        "at": instant(item.at),
        "items": _shipped(item.items),
    }


def address_json(address: Address | None) -> order_shapes.Address | None:
    if address is None:
        return None
    return cast("order_shapes.Address", {name: getattr(address, name) for name in Address.__struct_fields__})


def instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _number(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _money(money: Money | None) -> order_shapes.Money | None:
    return None if money is None else amount(money)


@lru_cache(256)  # more than there are currencies
def _precision(currency: str) -> int:
    return get_currency_precision(currency)


def amount(money: Money) -> order_shapes.Money:
    """With at least the currency's own decimals, and all that the platform gave."""
    exponent = money.amount.as_tuple().exponent
    given = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    digits = max(given, _precision(money.currency))
    return {"amount": f"{money.amount:.{digits}f}", "currency": money.currency}
