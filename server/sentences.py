"""One support sentence per order: by fixed rules, no guessing."""

import re
from decimal import Decimal

from .attention import MOVING, outstanding
from .carriers import known
from .model import (
    FulfillmentStatus,
    Money,
    Order,
    PaymentStatus,
    RefundStatus,
    Shipment,
    ShipmentStatus,
)
from .voice import Voice
from .words import FULFILLMENTS, PAYMENTS, SHIPMENTS

MAX_ABBREVIATION = 4
"""A carrier's slug of up to this many letters is an abbreviation: dhl, ups, usps, dpd, gls, tnt."""


def sentence(order: Order, voice: Voice) -> str:
    """What happened to an order: the money, then the goods, then what was given back."""
    parts = [_cancelled(order, voice), _money(order, voice), _goods(order, voice), _rest(order, voice)]
    return voice.sentence([part for part in parts if part])


def carrier(name: str) -> str:
    """As people write it: shops keep `dhl`, `ups` and `royal-mail` beside `DHL`."""
    if not name.islower():
        return name
    found = known(name)
    return found.name if found else name.upper() if len(name) <= MAX_ABBREVIATION else name


def readable(code: str) -> str:
    """A platform's code as words, `INSUFFICIENT_FUNDS` -> `insufficient funds`; a sentence stays as it is."""
    return code.replace("_", " ").lower() if re.fullmatch(r"[A-Z][A-Z_]+", code) else code


def refund_pending(order: Order) -> bool:
    """Whether money that is on its way back has not arrived, so that nothing may call it refunded yet."""
    return any(refund.status is RefundStatus.PENDING for refund in order.refunds)


def unsettled(order: Order) -> Money | None:
    """What is on its way back to the customer; `None` where the refunds are in several currencies."""
    amounts = [refund.amount for refund in order.refunds if refund.status is RefundStatus.PENDING]
    if len({money.currency for money in amounts}) != 1:
        return None
    return Money(sum((money.amount for money in amounts), Decimal(0)), amounts[0].currency)


def _cancelled(order: Order, voice: Voice) -> str | None:
    if order.cancelled is None:
        return None
    if order.cancelled.at is None:
        return voice.say(FULFILLMENTS[FulfillmentStatus.CANCELLED])
    return voice.say("cancelled on {at}", at=order.cancelled.at)


def _money(order: Order, voice: Voice) -> str:
    status, refunded = order.payment.status, order.totals.refunded
    if refund_pending(order):
        amount = unsettled(order)
        return voice.say("refund of {amount} not settled", amount=amount) if amount else voice.say("refund not settled")
    if status is PaymentStatus.PARTIALLY_REFUNDED and refunded is not None:
        return voice.say("paid, {amount} refunded", amount=refunded)
    if status is PaymentStatus.REFUNDED and refunded is not None:
        return voice.say("refunded {amount}", amount=refunded)
    if status is PaymentStatus.UNKNOWN and order.payment.raw:
        return voice.say("payment state “{raw}”", raw=order.payment.raw)
    return voice.say(PAYMENTS[status])


def _goods(order: Order, voice: Voice) -> str | None:
    parcels = [parcel for parcel in order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    if not parcels:
        return _without_parcels(order, voice)
    others = [parcel for parcel in parcels if parcel.status is not ShipmentStatus.DELIVERED]
    if not others:
        return _all_delivered(parcels, voice)
    still, delivered = _under_way(others, voice), len(parcels) - len(others)
    if delivered:
        return voice.many(
            "{delivered} of {all} parcels delivered, the other: {still}",
            "{delivered} of {all} parcels delivered, the others: {still}",
            len(others),
            delivered=delivered,
            all=len(parcels),
            still=still,
        )
    return (
        still
        if len(parcels) == 1
        else voice.many("{n} parcel: {still}", "{n} parcels: {still}", len(parcels), still=still)
    )


def _all_delivered(parcels: list[Shipment], voice: Voice) -> str:
    last = max((parcel.delivered_at for parcel in parcels if parcel.delivered_at), default=None)
    count = len(parcels)
    if last is None:
        return voice.many("delivered", "all {n} parcels delivered", count)
    return voice.many("delivered on {last}", "all {n} parcels delivered, the last on {last}", count, last=last)


def _under_way(parcels: list[Shipment], voice: Voice) -> str:
    """The state that these parcels share, who carries them, and when they left where nothing else is known."""
    states, carriers, days = set(), set(), set()
    for parcel in parcels:
        states.add(parcel_state(parcel, voice))
        if parcel.carrier:
            carriers.add(carrier(parcel.carrier))
        if parcel.shipped_at:
            days.add(parcel.shipped_at)
    said = states.pop() if len(states) == 1 else voice.say("in different states")
    if carriers:
        said = voice.say("{state} with {carriers}", state=said, carriers=sorted(carriers))
    if days and all(parcel.status is ShipmentStatus.UNKNOWN for parcel in parcels):
        return voice.many("{said} on {last}", "{said}, the last on {last}", len(days), said=said, last=max(days))
    return _underway_news(parcels[0], said, voice) if len(parcels) == 1 else said


def _underway_news(parcel: Shipment, said: str, voice: Voice) -> str:
    """With the day that the carrier names, or when it last saw the parcel where that day is over or unknown."""
    if parcel.status not in MOVING:
        return said
    scanned = max((event.at for event in parcel.events if event.at), default=None)
    if parcel.estimated_at and parcel.estimated_at.date() >= voice.now.date():
        return voice.say("{said}, expected on {at}", said=said, at=parcel.estimated_at)
    if scanned and parcel.estimated_at:
        return voice.say(
            "{said}, expected on {at}, last scan on {scan}", said=said, at=parcel.estimated_at, scan=scanned
        )
    if parcel.estimated_at:
        return voice.say("{said}, was expected on {at}", said=said, at=parcel.estimated_at)
    return voice.say("{said}, last scan on {scan}", said=said, scan=scanned) if scanned else said


def _rest(order: Order, voice: Voice) -> str | None:
    """What is still to leave, where a part has and the store counts it."""
    if order.cancelled or order.fulfillment.status is not FulfillmentStatus.PARTIAL:
        return None
    count = sum((left for left, _ in outstanding(order)), Decimal(0))
    if not count or count != int(count):
        return None
    return voice.many("{n} item not shipped yet", "{n} items not shipped yet", int(count))


def parcel_state(parcel: Shipment, voice: Voice) -> str:
    """Our word, or the platform's own where we know none; without either it is only known to have been sent."""
    unknown = parcel.status is ShipmentStatus.UNKNOWN
    return f"“{parcel.raw}”" if unknown and parcel.raw else voice.say(SHIPMENTS[parcel.status])


def _without_parcels(order: Order, voice: Voice) -> str | None:
    status = order.fulfillment.status
    if order.cancelled or status is FulfillmentStatus.CANCELLED:
        return None
    if status is FulfillmentStatus.UNKNOWN:
        raw = order.fulfillment.raw
        return voice.say("the store calls it “{raw}”", raw=raw) if raw else None
    return voice.say(FULFILLMENTS[status])
