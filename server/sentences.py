"""One support sentence per order, and title, text and next step for every flag. By fixed rules, no guessing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .model import (
    DisputeKind,
    DisputeStatus,
    Flag,
    FulfillmentStatus,
    Money,
    Order,
    PaymentStatus,
    RefundStatus,
    Shipment,
    ShipmentStatus,
)
from .words import FULFILLMENTS, PAYMENTS, SHIPMENTS, Voice

MAX_ABBREVIATION = 4
"""A carrier's slug of up to this many letters is an abbreviation: dhl, ups, usps, dpd, gls, tnt."""


def sentence(order: Order, voice: Voice) -> str:
    """What happened to an order: the money, then the goods, then what was given back."""
    parts = [_cancelled(order, voice), _money(order, voice), _goods(order, voice)]
    text = "; ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}."


def carrier(name: str) -> str:
    """As people write it: shops keep `dhl` and `ups` beside `DHL`."""
    return name.upper() if name.islower() and len(name) <= MAX_ABBREVIATION else name


def readable(code: str) -> str:
    """A platform's code as words, `INSUFFICIENT_FUNDS` -> `insufficient funds`; a sentence stays as it is."""
    return code.replace("_", " ").lower() if re.fullmatch(r"[A-Z][A-Z_]+", code) else code


def refund_pending(order: Order) -> bool:
    """Whether money that is on its way back has not arrived, so that nothing may call it refunded yet."""
    return any(refund.status is RefundStatus.PENDING for refund in order.refunds)


def _cancelled(order: Order, voice: Voice) -> str | None:
    if order.cancelled is None:
        return None
    return f"cancelled on {voice.day(order.cancelled.at)}" if order.cancelled.at else "cancelled"


def _money(order: Order, voice: Voice) -> str:
    status, refunded = order.payment.status, order.totals.refunded
    if refund_pending(order) and refunded is not None:
        return f"refund of {voice.money(refunded)} not settled"
    if status is PaymentStatus.PARTIALLY_REFUNDED and refunded is not None:
        return f"paid, {voice.money(refunded)} refunded"
    if status is PaymentStatus.REFUNDED and refunded is not None:
        return f"refunded {voice.money(refunded)}"
    if status is PaymentStatus.UNKNOWN and order.payment.raw:
        return f"payment state “{order.payment.raw}”"
    return PAYMENTS[status]


def _goods(order: Order, voice: Voice) -> str | None:
    parcels = [parcel for parcel in order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    if not parcels:
        return _without_parcels(order)
    delivered = [parcel for parcel in parcels if parcel.status is ShipmentStatus.DELIVERED]
    others = [parcel for parcel in parcels if parcel.status is not ShipmentStatus.DELIVERED]
    if not others:
        when = max((parcel.delivered_at for parcel in delivered if parcel.delivered_at), default=None)
        what = "delivered" if len(parcels) == 1 else f"all {len(parcels)} parcels delivered"
        return f"{what} on {voice.day(when)}" if when else what
    states = {parcel.status for parcel in others}
    told = {parcel_state(parcel) for parcel in others}
    state = told.pop() if len(told) == 1 else "in different states"
    carriers = sorted({carrier(parcel.carrier) for parcel in others if parcel.carrier})
    via = f" with {voice.names(carriers)}" if carriers else ""
    days = sorted({parcel.shipped_at for parcel in others if parcel.shipped_at})
    if states == {ShipmentStatus.UNKNOWN} and days:
        via += f" on {voice.day(days[0])}" if len(days) == 1 else f", the last on {voice.day(days[-1])}"
    if delivered:
        rest = "the other" if len(others) == 1 else "the others"
        return f"{len(delivered)} of {len(parcels)} parcels delivered, {rest} {state}{via}"
    return f"{state}{via}" if len(parcels) == 1 else f"{len(parcels)} parcels {state}{via}"


def parcel_state(parcel: Shipment) -> str:
    """Our word, or the platform's own where we know none; without either it is only known to have been sent."""
    unknown = parcel.status is ShipmentStatus.UNKNOWN
    return f"“{parcel.raw}”" if unknown and parcel.raw else SHIPMENTS[parcel.status]


def _without_parcels(order: Order) -> str | None:
    status = order.fulfillment.status
    if order.cancelled or status is FulfillmentStatus.CANCELLED:
        return None
    if status is FulfillmentStatus.UNKNOWN:
        return f"the store calls it “{order.fulfillment.raw}”" if order.fulfillment.raw else None
    return FULFILLMENTS[status]


@dataclass(frozen=True, slots=True)
class FlagWords:
    """A flag as the agent reads it."""

    title: str
    text: str
    step: str


def flag_words(flag: Flag, voice: Voice) -> FlagWords:
    """Title, what we know, and what to do next. Raises `KeyError` for a flag without words (a test holds that)."""
    return FLAGS[flag.code](flag.about, voice)


About = Mapping[str, Any]


def _on(at: datetime | None, voice: Voice) -> str:
    return f" on {voice.day(at)}" if at else ""


def _sum(amount: Money | None, voice: Voice) -> str:
    return voice.money(amount) if amount else "The amount"


def _payment_failed(about: About, _voice: Voice) -> FlagWords:
    why = (
        f"The payment provider says: {readable(about['failure'])}."
        if about["failure"]
        else "The store gives no reason."
    )
    return FlagWords("Payment failed", why, "Ask the customer to pay again with another card or method.")


def _payment_disputed(about: About, voice: Voice) -> FlagWords:
    title = "Inquiry by the bank" if about["kind"] is DisputeKind.INQUIRY else "Chargeback"
    open_ = about["status"] is DisputeStatus.NEEDS_RESPONSE
    text = "The merchant has to respond." if open_ else "The bank is reviewing it."
    if about["delivered_at"]:
        text += f" The parcel was delivered{_on(about['delivered_at'], voice)}."
    return FlagWords(title, text, "Don't refund outside the dispute; collect the proof of delivery.")


def _refund_failed(about: About, voice: Voice) -> FlagWords:
    text = f"{_sum(about['amount'], voice)}{_on(about['at'], voice)} did not go through."
    return FlagWords("Refund failed", text, "Have the refund issued again, or by another way.")


def _refund_pending(about: About, voice: Voice) -> FlagWords:
    at = f" at {about['method']}" if about["method"] else ""
    text = f"{_sum(about['amount'], voice)} issued{_on(about['at'], voice)}, still pending{at}."
    return FlagWords("Refund not settled", text, "Tell the customer that it is under way; it is not lost.")


def _cancelled_not_refunded(about: About, voice: Voice) -> FlagWords:
    text = f"{_sum(about['amount'], voice)} was paid and no refund is recorded."
    return FlagWords("Cancelled, not refunded", text, "Have the refund issued.")


def _cancelled_shipped(about: About, voice: Voice) -> FlagWords:
    return FlagWords(
        "Cancelled, yet shipped",
        f"The order was cancelled{_on(about['at'], voice)} and a parcel is on its way.",
        "Ask the carrier to return it, or the customer to refuse it.",
    )


def _scan(about: About, voice: Voice) -> str:
    if not about.get("scanned"):
        return f"It was handed to {about['carrier'] or 'the carrier'}{_on(about['at'], voice)}; there is no scan yet."
    place = f" in {about['place']}" if about["place"] else ""
    return f"{about['carrier'] or 'The carrier'} last scanned it{place}{_on(about['at'], voice)}."


def _shipment(title: str, step: str) -> Callable[[About, Voice], FlagWords]:
    def words(about: About, voice: Voice) -> FlagWords:
        said = f" It says: {about['message']}." if about["message"] else ""
        return FlagWords(title, _scan(about, voice) + said, step)

    return words


def _shipment_stalled(about: About, voice: Voice) -> FlagWords:
    title = f"Parcel silent for {voice.number(about['days'])} days"
    return FlagWords(title, _scan(about, voice), f"Open a trace with {about['carrier'] or 'the carrier'}.")


def _unshipped(about: About, voice: Voice) -> FlagWords:
    days = voice.number(about["days"])
    return FlagWords(
        "Paid, not shipped",
        f"Paid{_on(about['at'], voice)}, {days} working days ago; nothing has left the shop.",
        "Ask the warehouse what holds it up before promising a date.",
    )


def _unpaid(about: About, voice: Voice) -> FlagWords:
    by = f" by {about['method']}" if about["method"] else ""
    text = f"Payment{by} has been pending for {voice.number(about['days'])} days."
    return FlagWords("Not paid yet", text, "Check whether the payment arrived; else remind the customer.")


def _on_hold(_about: About, _voice: Voice) -> FlagWords:
    return FlagWords("On hold", "The shop holds this order back.", "Ask the shop why before promising a date.")


def _return_requested(about: About, _voice: Voice) -> FlagWords:
    name = f"Return {about['name']}" if about["name"] else "A return"
    why = f", reason: {about['reason']}" if about["reason"] else ""
    return FlagWords("Return requested", f"{name} waits for approval{why}.", "Have the return approved or declined.")


def _partly_refunded(about: About, voice: Voice) -> FlagWords:
    text = f"{_sum(about['amount'], voice)} was given back{_on(about['at'], voice)}."
    return FlagWords("Partly refunded", text, "Mention it before offering more.")


FLAGS: Mapping[str, Callable[[About, Voice], FlagWords]] = {
    "payment_failed": _payment_failed,
    "payment_disputed": _payment_disputed,
    "refund_failed": _refund_failed,
    "refund_pending": _refund_pending,
    "cancelled_not_refunded": _cancelled_not_refunded,
    "cancelled_shipped": _cancelled_shipped,
    "shipment_exception": _shipment("Delivery problem", "Ask the carrier what it needs, then tell the customer."),
    "shipment_returned": _shipment("Parcel going back", "Agree on a new delivery or a refund with the customer."),
    "shipment_attempted": _shipment("Delivery attempted", "Tell the customer where and until when it can be had."),
    "shipment_waiting": _shipment("Ready for pickup", "Tell the customer where to pick it up."),
    "shipment_stalled": _shipment_stalled,
    "unshipped": _unshipped,
    "unpaid": _unpaid,
    "on_hold": _on_hold,
    "return_requested": _return_requested,
    "partly_refunded": _partly_refunded,
}
