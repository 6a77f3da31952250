"""Summary -> the panel's HTML fragment. Whatever a store wrote is text, never markup."""

import re
from collections.abc import Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from .. import words
from ..flag_words import flag_words
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
    Source,
    SourceState,
    Step,
    Summary,
)
from ..sentences import carrier, parcel_state, readable, refund_pending, sentence
from ..texts import N_, P_, Text
from ..voice import Voice
from .contract import candidate_line

_UNQUIET = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def _still(text: str) -> str:
    """Without control characters, and those that turn text around: `exe.gnp` must not read as `png.exe`."""
    return type(text)(_UNQUIET.sub("", text))


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
        **_spoken(voice),
        s=summary,
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
        may_search=summary.may_search,
        may_reveal=summary.may_reveal and summary.customer is not None and bool(_revealable(summary)),
        as_of=min((source.as_of for source in summary.sources if source.as_of), default=summary.generated_at),
    )


def _spoken(voice: Voice) -> dict[str, object]:
    """What the templates speak with; Babel collects the texts of these names."""
    return {"v": voice, "say": voice.say, "many": voice.many}


def order_to_html(summary: Summary, voice: Voice) -> str:
    """The one order of a summary, open, to stand in the place of the same order in the panel."""
    (shown,) = summary.orders
    return _ORDER.render(**_spoken(voice), shown=shown)


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


def _badge(order: Order, voice: Voice) -> tuple[str, str]:
    """One word for an order in the list, and its tone."""
    if order.cancelled:
        return voice.say(words.FULFILLMENTS[FulfillmentStatus.CANCELLED]), "warn"
    if refund_pending(order):
        return voice.say("refund not settled"), "warn"
    if order.payment.status in _TROUBLED:
        return voice.say(words.PAYMENTS[order.payment.status]), _TROUBLED[order.payment.status]
    parcels = [parcel for parcel in order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    if parcels:
        worst = next((parcel for parcel in parcels if parcel.status is not ShipmentStatus.DELIVERED), parcels[0])
        return parcel_state(worst, voice), _parcel_tone(worst.status)
    status, raw = order.fulfillment.status, order.fulfillment.raw
    if status is FulfillmentStatus.UNKNOWN and raw:
        return raw, "plain"
    return voice.say(words.FULFILLMENTS[status]), "ok" if status is FulfillmentStatus.FULFILLED else "plain"


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
        (P_("step", "Ordered"), order.placed_at),
        (P_("step", "Paid"), order.payment.paid_at),
        (P_("step", "Shipped"), shipped),
        (P_("step", "Delivered"), delivered),
        (P_("step", "Cancelled"), order.cancelled.at if order.cancelled else None),
    ]
    return [(voice.say(name), voice.day(at)) for name, at in taken if at is not None]


def _level(summary: Summary, voice: Voice) -> str:
    if summary.searched and summary.match.level is Level.AMBIGUOUS:
        return voice.many("Found one", "Found {n}", len(summary.match.candidates))
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
            return voice.say(words.NOBODY["none"], about=looked)
        case Level.UNKNOWN:
            return voice.say(words.NOBODY["unknown" if summary.complete else "waiting"])
        case Level.AMBIGUOUS:
            return voice.say(words.NOBODY["one" if len(summary.match.candidates) == 1 else "several"])
    return ""


def _search_headline(summary: Summary, looked: list[str], voice: Voice) -> str:
    match summary.match.level:
        case Level.AMBIGUOUS:
            return voice.say("Choose whose orders to open. The choice is recorded.")
        case Level.NONE if not looked:
            return voice.say("No store can be asked by this.")
        case Level.NONE:
            return voice.say("Nobody with this in {stores}.", stores=looked)
        case Level.UNKNOWN if summary.complete:
            return voice.say("We cannot say whether anybody fits: not every store could be asked.")
        case Level.UNKNOWN:
            return voice.say("Still waiting for an answer.")
    return ""


def _no_orders(summary: Summary, voice: Voice) -> str:
    """For a customer without an order. "No orders" is said only when every store that was asked answered."""
    silent = [source.store for source in summary.sources if source.state.silent]
    if silent:
        return voice.say("No orders so far; {stores} could not be seen.", stores=silent)
    return voice.say("This customer has no orders.")


def _customer_line(summary: Summary, voice: Voice) -> list[str]:
    customer = summary.customer
    if customer is None:
        return []
    line = [*customer.emails[:2], *customer.phones[:1]]
    if customer.since:
        line.append(voice.say("since {month}", month=voice.month(customer.since)))
    if customer.orders_count is not None:
        line.append(voice.many("{n} order", "{n} orders", customer.orders_count))
    if customer.spent:
        line.append(voice.say("kept {sums}", sums=[voice.money(money) for money in customer.spent]))
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


def _record_line(record: Party, voice: Voice) -> str:
    """`Acme EU, account 42`."""
    if record.kind is PartyKind.GUEST:
        return voice.say("{store}, guest", store=record.store)
    return voice.say("{store}, account {id}", store=record.store, id=record.store_id)


def _step_line(step: Step, voice: Voice) -> str:
    """`By e-mail address: Acme EU answered; 3 orders; 1 of others left out`."""
    if step.state is SourceState.NOT_ASKED:
        said = [words.source(Source(step.store, "", step.state, about={"reason": "not_needed"}), voice)]
    else:
        said = [words.source(Source(step.store, "", step.state), voice)]
    if step.state is SourceState.ANSWERED:
        said.append(voice.many("{n} order", "{n} orders", step.returned))
    if step.dropped:
        said.append(voice.many("{n} row of others left out", "{n} rows of others left out", step.dropped))
    if step.cached:
        said.append(voice.say("kept from a moment ago"))
    return voice.say("By {what}: {said}", what=words.ASKED_BY[step.asked_by], said=voice.clauses(said))


_LATER: Mapping[str, Text] = {
    "shipments": N_("parcels"),
    "notes": N_("the store’s notes"),
    "refunds": N_("refunds"),
    "items": N_("items"),
}


def _later(order: Order, voice: Voice) -> str:
    """What an order's own call would tell, in words."""
    parts = sorted(order.later, reverse=True)
    return voice.names([voice.say(_LATER[part]) if part in _LATER else part.replace("_", " ") for part in parts])


_TEMPLATES.filters.update(describe_all=_described, upfirst=_upfirst)
_TEMPLATES.globals.update(
    words=words,
    sentence=sentence,
    carrier=carrier,
    readable=readable,
    refund_pending=refund_pending,
    badge=_badge,
    badge_tone=_parcel_tone,
    steps=_progress,
    record_line=_record_line,
    step_line=_step_line,
    anchor=_anchor,
    later=_later,
)
_PANEL = _TEMPLATES.get_template("panel.html")
_ORDER = _TEMPLATES.from_string('{% from "order.html" import order_card with context %}{{ order_card(shown, true) }}')
