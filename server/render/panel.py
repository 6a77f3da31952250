"""Summary -> the panel's HTML fragment. Whatever a store wrote is text, never markup."""

import re
from collections.abc import Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from .. import words
from ..model import (
    FulfillmentStatus,
    Level,
    Order,
    Party,
    PartyKind,
    PaymentStatus,
    ReasonCode,
    RefundedItem,
    ShipmentStatus,
    ShippedItem,
    Summary,
)
from ..sentences import carrier, flag_words, parcel_state, readable, refund_pending, sentence
from ..words import Voice
from .contract import candidate_line

_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")


def _still(text: str) -> str:
    """Without the characters that turn around the text after them: `exe.gnp` must not read as `png.exe`."""
    return type(text)(_BIDI.sub("", text))


_TEMPLATES = Environment(
    loader=PackageLoader("server"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
    finalize=lambda value: _still(value) if isinstance(value, str) else value,
)


def to_html(summary: Summary, voice: Voice) -> str:
    """The panel's fragment. Element ids are stable, so that an update can keep focus and open sections."""
    match = summary.match
    reasons = words.reasons(match.reasons, voice, complete=summary.complete)
    own = [text for code, text in reasons if code not in _ALOUD | _ABOUT_SENDER]
    return _PANEL.render(
        s=summary,
        v=voice,
        level=_level(summary, voice),
        unsure=match.level not in {Level.CONFIRMED, Level.LIKELY},
        headline=_headline(summary, voice),
        candidate_line=candidate_line,
        reasons=[text for _, text in reasons],
        first_reason=own[0] if own else voice.say(words.NO_REASON),
        warnings=[text for code, text in reasons if code in _ALOUD],
        customer_line=_customer_line(summary, voice),
        no_orders=_no_orders(summary, voice),
        flags=[(flag, flag_words(flag, voice)) for flag in summary.flags],
        lacks=[(source.store, reason) for source in summary.sources for reason in source.lacks.values()],
        record_line=_record_line,
        may_search=summary.may_search,
        may_reveal=summary.may_reveal and summary.customer is not None and bool(_revealable(summary)),
        as_of=min((source.as_of for source in summary.sources if source.as_of), default=summary.generated_at),
    )


def order_to_html(summary: Summary, voice: Voice) -> str:
    """The one order of a summary, open, to stand in the place of the same order in the panel."""
    (shown,) = summary.orders
    return _ORDER.render(shown=shown, v=voice)


_ALOUD = {
    ReasonCode.ORDER_ELSEWHERE,
    ReasonCode.CONTRADICTION,
    ReasonCode.STORE_SILENT,
    ReasonCode.CHOSEN_BY_AGENT,
}
"""What an agent must not have to open "Why?" for."""

_ABOUT_SENDER = {ReasonCode.SENDER_PROVEN, ReasonCode.SENDER_STATED, ReasonCode.SENDER_DOUBTED}


def _described(items: Iterable[ShippedItem | RefundedItem], voice: Voice) -> list[str]:
    """`2 × Steel Bottle` for each."""
    return [f"{voice.number(item.quantity)} × {item.title}" for item in items]


def _upfirst(text: str) -> str:
    """With a capital at its start, names within it untouched."""
    return text[:1].upper() + text[1:]


def _stopped(text: str) -> str:
    """With the full stop that its language takes."""
    return text if text.endswith((".", "。", "؟", "?")) else text + ("。" if _JAPANESE.search(text) else ".")


_JAPANESE = re.compile("[\u3040-\u30ff]")


def _anchor(order: Order) -> str:
    """An element id for an order: letters, digits and dashes only."""
    return "order-" + "-".join(f"{ord(c):x}" if not c.isalnum() else c for c in order.id)


_TROUBLED: Mapping[PaymentStatus, str] = {
    PaymentStatus.FAILED: "bad",
    PaymentStatus.DISPUTED: "bad",
    PaymentStatus.PENDING: "warn",
    PaymentStatus.REFUNDED: "warn",
    PaymentStatus.PARTIALLY_REFUNDED: "warn",
}


def _badge(order: Order) -> tuple[str, str]:
    """One word for an order in the list, and its tone."""
    if order.cancelled:
        return "cancelled", "warn"
    if refund_pending(order):
        return "refund not settled", "warn"
    if order.payment.status in _TROUBLED:
        return words.PAYMENTS[order.payment.status], _TROUBLED[order.payment.status]
    parcels = [parcel for parcel in order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    if parcels:
        worst = next((parcel for parcel in parcels if parcel.status is not ShipmentStatus.DELIVERED), parcels[0])
        return parcel_state(worst), _parcel_tone(worst.status)
    status, raw = order.fulfillment.status, order.fulfillment.raw
    if status is FulfillmentStatus.UNKNOWN and raw:
        return raw, "plain"
    return words.FULFILLMENTS[status], "ok" if status is FulfillmentStatus.FULFILLED else "plain"


def _parcel_tone(status: ShipmentStatus) -> str:
    if status in {ShipmentStatus.EXCEPTION, ShipmentStatus.RETURNED}:
        return "bad"
    if status in {ShipmentStatus.DELAYED, ShipmentStatus.ATTEMPTED}:
        return "warn"
    return "ok" if status is ShipmentStatus.DELIVERED else "plain"


def _progress(order: Order, voice: Voice) -> list[tuple[str, str]]:
    """The steps that the order has really taken: name and day."""
    parcels = order.shipments
    shipped = min((parcel.shipped_at for parcel in parcels if parcel.shipped_at), default=None)
    done = [parcel.delivered_at for parcel in parcels]
    delivered = max((at for at in done if at), default=None) if parcels and all(done) else None
    taken = [
        ("Ordered", order.placed_at),
        ("Paid", order.payment.paid_at),
        ("Shipped", shipped),
        ("Delivered", delivered),
        ("Cancelled", order.cancelled.at if order.cancelled else None),
    ]
    return [(name, voice.day(at)) for name, at in taken if at is not None]


def _level(summary: Summary, voice: Voice) -> str:
    if summary.searched and summary.match.level is Level.AMBIGUOUS:
        return "Found one" if len(summary.match.candidates) == 1 else f"Found {len(summary.match.candidates)}"
    if summary.match.level is Level.AMBIGUOUS and len(summary.match.candidates) == 1:
        return voice.say(words.POSSIBLY)
    return voice.say(words.LEVELS[summary.match.level])


def _headline(summary: Summary, voice: Voice) -> str:
    """What the panel says where no customer is shown. "No orders" only if every store that was asked answered."""
    looked = [source.store for source in summary.sources if source.state.looked]
    if summary.searched:
        return _search_headline(summary, looked, voice)
    match summary.match.level:
        case Level.NONE if not looked:
            return voice.say(words.NOBODY["not_asked"])
        case Level.NONE:
            return voice.say(words.NOBODY["none"], about=voice.own_names(looked))
        case Level.UNKNOWN:
            return voice.say(words.NOBODY["unknown" if summary.complete else "waiting"])
        case Level.AMBIGUOUS:
            return voice.say(words.NOBODY["one" if len(summary.match.candidates) == 1 else "several"])
    return ""


def _search_headline(summary: Summary, looked: list[str], voice: Voice) -> str:
    match summary.match.level:
        case Level.AMBIGUOUS:
            return "Choose whose orders to open. The choice is recorded."
        case Level.NONE if not looked:
            return "No store can be asked by this."
        case Level.NONE:
            return f"Nobody with this in {voice.names(looked)}."
        case Level.UNKNOWN if summary.complete:
            return "We cannot say whether anybody fits: not every store could be asked."
        case Level.UNKNOWN:
            return "Still waiting for an answer."
    return ""


def _no_orders(summary: Summary, voice: Voice) -> str:
    """For a customer without an order. "No orders" is said only when every store that was asked answered."""
    silent = [source.store for source in summary.sources if source.state.silent]
    if silent:
        return f"No orders so far; {voice.names(silent)} could not be seen."
    return "This customer has no orders."


def _customer_line(summary: Summary, voice: Voice) -> list[str]:
    customer = summary.customer
    if customer is None:
        return []
    line = [*customer.emails[:2], *customer.phones[:1]]
    if customer.since:
        line.append(f"since {voice.month(customer.since)}")
    if customer.orders_count is not None:
        line.append("1 order" if customer.orders_count == 1 else f"{voice.number(customer.orders_count)} orders")
    if customer.spent:
        line.append("kept " + voice.names([voice.money(money) for money in customer.spent]))
    return line


def _revealable(summary: Summary) -> frozenset[str]:
    """What is masked of this customer, where there is anything to mask."""
    customer, orders = summary.customer, [shown.order for shown in summary.orders]
    there = {
        "email": bool(customer and customer.emails),
        "phone": bool(customer and customer.phones),
        "address": any(order.shipping_address or order.billing_address for order in orders),
    }
    return frozenset(name for name in summary.masked if there[name])


def _record_line(record: Party) -> str:
    """`Acme EU, account 42`."""
    if record.kind is PartyKind.GUEST:
        return f"{record.store}, guest"
    return f"{record.store}, account {record.store_id}"


_LATER = {"shipments": "parcels", "notes": "the store’s notes", "refunds": "refunds", "items": "items"}


def _later(order: Order) -> list[str]:
    """What an order's own call would tell, in words."""
    return [_LATER.get(part, part.replace("_", " ")) for part in sorted(order.later, reverse=True)]


_TEMPLATES.filters.update(describe_all=_described, upfirst=_upfirst, stopped=_stopped)
_TEMPLATES.globals.update(
    words=words,
    sentence=sentence,
    carrier=carrier,
    readable=readable,
    refund_pending=refund_pending,
    badge=_badge,
    badge_tone=_parcel_tone,
    steps=_progress,
    anchor=_anchor,
    later=_later,
)
_PANEL = _TEMPLATES.get_template("panel.html")
_ORDER = _TEMPLATES.from_string('{% from "order.html" import order_card with context %}{{ order_card(shown, true) }}')
