"""Summary -> JSON, member for member as the contract names it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

from babel.numbers import get_currency_precision

from .. import words
from ..flag_words import flag_words
from ..model import (
    Address,
    Cancellation,
    Candidate,
    Flag,
    LineItem,
    Money,
    Party,
    Reason,
    Refund,
    Return,
    Shipment,
    ShippedItem,
    ShownOrder,
    Source,
    Step,
    Summary,
    Totals,
)
from ..sentences import sentence
from ..voice import Voice
from . import order_shapes, shapes


def to_json(summary: Summary, voice: Voice) -> shapes.Summary:
    """The summary as the contract names it; every text in the agent's formats."""
    match = summary.match
    return {
        "complete": summary.complete,
        "lookup": summary.lookup,
        "generated_at": _instant(summary.generated_at),
        "match": {
            "level": match.level,
            "sender": match.sender,
            "proof_from": match.proof_from,
            "reasons": _reasons(match.reasons, voice),
            "candidates": [_candidate(candidate, voice) for candidate in match.candidates],
        },
        "customer": _customer(summary),
        "attention": [_flag(flag, voice) for flag in summary.flags],
        "orders": [_order(shown, voice) for shown in summary.orders],
        "sources": [_source(source, voice) for source in summary.sources],
        "why": [_step(step, match.rule) for step in summary.steps],
    }


def _reasons(reasons: Iterable[Reason], voice: Voice) -> list[shapes.Reason]:
    return [{"code": code, "text": text} for code, text in words.reasons(reasons, voice)]


def _candidate(candidate: Candidate, voice: Voice) -> shapes.Candidate:
    first = candidate.parties[0]
    return {
        "id": candidate.id,
        "store": ", ".join(dict.fromkeys(party.store for party in candidate.parties)),
        "name": next((name for party in candidate.parties for name in party.names), None),
        "email": next((email for party in candidate.parties for email in party.emails), None),
        "city": first.addresses[0].city if first.addresses else None,
        "reasons": _reasons(candidate.reasons, voice),
    }


def candidate_line(candidate: Candidate, voice: Voice) -> str:
    """A candidate in one line, veiled as he is."""
    seen = _candidate(candidate, voice)
    return " · ".join(str(seen[key]) for key in ("name", "email", "city", "store") if seen[key])


def _customer(summary: Summary) -> shapes.Customer | None:
    customer = summary.customer
    if customer is None:
        return None
    return {
        "name": customer.name,
        "emails": customer.emails,
        "phones": customer.phones,
        "masked": sorted(summary.masked),
        "since": customer.since.date().isoformat() if customer.since else None,
        "orders_count": customer.orders_count,
        "spent": [_amount(money) for money in customer.spent],
        "refunded": [_amount(money) for money in customer.refunded],
        "tags": customer.tags,
        "records": [_record(party, customer.aside) for party in customer.records],
    }


def revealed_to_json(summary: Summary) -> shapes.Revealed:
    """What is in the open now, as `POST /v1/reveal` answers it; the rest is as masked as it was."""
    customer = summary.customer
    return {
        "lookup": summary.lookup,
        "masked": sorted(summary.masked),
        "emails": customer.emails if customer else (),
        "phones": customer.phones if customer else (),
        "addresses": [
            {
                "order": shown.order.id,
                "shipping": _address(shown.order.shipping_address),
                "billing": _address(shown.order.billing_address),
            }
            for shown in summary.orders
        ],
    }


def _record(party: Party, aside: frozenset[str]) -> shapes.Record:
    return {
        "mark": party.mark,
        "store": party.store,
        "id": party.store_id or None,
        "kind": party.kind,
        "admin_url": party.admin_url,
        "aside": party.mark in aside,
    }


def _flag(flag: Flag, voice: Voice) -> shapes.Flag:
    said = flag_words(flag, voice)
    return {
        "code": flag.code,
        "severity": flag.severity,
        "order": flag.order.id,
        "number": flag.order.number,
        "title": said.title,
        "text": said.text,
        "step": said.step,
    }


def _order(shown: ShownOrder, voice: Voice) -> order_shapes.Order:
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
        "placed_at": _instant(order.placed_at),
        "currency": order.currency,
        "sentence": sentence(order, voice),
        "payment": {
            "status": order.payment.status,
            "raw": order.payment.raw,
            "method": order.payment.method,
            "paid_at": _instant(order.payment.paid_at),
            "failure": order.payment.failure,
        },
        "fulfillment": {"status": order.fulfillment.status, "raw": order.fulfillment.raw},
        "cancelled": _cancellation(order.cancelled),
        "totals": cast("order_shapes.Totals", {name: _money(getattr(order.totals, name)) for name in Totals.__slots__}),
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
                "at": _instant(dispute.at),
                "amount": _money(dispute.amount),
            }
            for dispute in order.disputes
        ],
        "addresses": {"shipping": _address(order.shipping_address), "billing": _address(order.billing_address)},
        "notes": [
            {"text": note.text, "at": _instant(note.at), "by": note.by, "public": note.public} for note in order.notes
        ],
        "tags": order.tags,
        "discount_codes": order.discount_codes,
    }


def _cancellation(cancelled: Cancellation | None) -> order_shapes.Cancellation | None:
    return None if cancelled is None else {"at": _instant(cancelled.at), "reason": cancelled.reason}


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
        "shipped_at": _instant(parcel.shipped_at),
        "delivered_at": _instant(parcel.delivered_at),
        "estimated_at": _instant(parcel.estimated_at),
        "items": _shipped(parcel.items),
        "events": [
            {
                "status": event.status,
                "raw": event.raw,
                "at": _instant(event.at),
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
        "amount": _amount(refund.amount),
        "status": refund.status,
        "at": _instant(refund.at),
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
        "at": _instant(item.at),
        "items": _shipped(item.items),
    }


def _address(address: Address | None) -> order_shapes.Address | None:
    if address is None:
        return None
    return cast("order_shapes.Address", {name: getattr(address, name) for name in Address.__slots__})


def _source(source: Source, voice: Voice) -> shapes.Source:
    return {
        "store": source.store,
        "platform": source.platform,
        "behind": source.behind,
        "state": source.state,
        "as_of": _instant(source.as_of),
        "took_ms": source.took_ms,
        "text": words.source(source, voice),
        "lacks": {part: voice.say(reason) for part, reason in source.lacks.items()},
        "more_orders": source.more_orders,
        "unreadable": source.unreadable,
    }


def _step(step: Step, rule: str | None) -> shapes.Step:
    return {
        "store": step.store,
        "asked_by": step.asked_by,
        "state": step.state,
        "ms": step.ms,
        "returned": step.returned,
        "dropped": step.dropped,
        "cached": step.cached,
        "rule": rule,
    }


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _number(number: Decimal | None) -> str | None:
    return None if number is None else f"{number.normalize():f}"


def _money(money: Money | None) -> order_shapes.Money | None:
    return None if money is None else _amount(money)


def _amount(money: Money) -> order_shapes.Money:
    """With at least the currency's own decimals, and all that the platform gave."""
    exponent = money.amount.as_tuple().exponent
    given = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    digits = max(given, get_currency_precision(money.currency))
    return {"amount": f"{money.amount:.{digits}f}", "currency": money.currency}
