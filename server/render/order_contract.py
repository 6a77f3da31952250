"""One order -> JSON, member for member as the contract names it."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

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
        "placed_at": order.placed_at,
        "currency": order.currency,
        "sentence": sentence(order, voice),
        "answers": _answers(order, flags, theirs),
        "payment": {
            "status": order.payment.status,
            "raw": order.payment.raw,
            "method": order.payment.method,
            "paid_at": order.payment.paid_at,
            "failure": order.payment.failure,
            "due": order.payment.due,
            "expires_at": order.payment.expires_at,
        },
        "review": order.review,
        "fulfillment": {"status": order.fulfillment.status, "raw": order.fulfillment.raw},
        "cancelled": _cancellation(order.cancelled),
        "totals": _totals(order.totals),
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
                "at": dispute.at,
                "amount": _money(dispute.amount),
            }
            for dispute in order.disputes
        ],
        "addresses": {"shipping": address_json(order.shipping_address), "billing": address_json(order.billing_address)},
        "notes": [{"text": note.text, "at": note.at, "by": note.by, "public": note.public} for note in order.notes],
        "tags": order.tags,
        "discount_codes": order.discount_codes,
    }


def _cancellation(cancelled: Cancellation | None) -> order_shapes.Cancellation | None:
    return None if cancelled is None else {"at": cancelled.at, "reason": cancelled.reason}


def _totals(totals: Totals) -> order_shapes.Totals:
    return {
        "items": _money(totals.items),
        "discount": _money(totals.discount),
        "shipping": _money(totals.shipping),
        "tax": _money(totals.tax),
        "total": _money(totals.total),
        "refunded": _money(totals.refunded),
        "net": _money(totals.net),
    }


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
        "shipped_at": parcel.shipped_at,
        "delivered_at": parcel.delivered_at,
        "estimated_at": parcel.estimated_at,
        "items": _shipped(parcel.items),
        "events": [
            {
                "status": event.status,
                "raw": event.raw,
                "at": event.at,
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
        "at": refund.at,
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
        "at": item.at,
        "items": _shipped(item.items),
    }


def address_json(address: Address | None) -> order_shapes.Address | None:
    if address is None:
        return None
    return {
        "name": address.name,
        "company": address.company,
        "street": address.street,
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country": address.country,
        "phone": address.phone,
    }


def _number(number: Decimal | None) -> str | None:
    if number is None:
        return None
    text = str(number)
    return text if text.isdecimal() else f"{number.normalize():f}"


def _money(money: Money | None) -> order_shapes.Money | None:
    return None if money is None else amount(money)


def amount(money: Money) -> order_shapes.Money:
    return {"amount": _exact(str(money.amount), money.currency), "currency": money.currency}


@lru_cache(4096)
def _exact(amount: str, currency: str) -> str:
    """With at least the currency's own decimals, and all that the platform gave."""
    number = Decimal(amount)
    exponent = number.as_tuple().exponent
    given = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return f"{number:.{max(given, get_currency_precision(currency))}f}"
