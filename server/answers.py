"""Ready answers for a customer about one order: whole sentences in his language, his time zone and his currency.

Only what the store tells; nothing is promised, and nothing personal is in them. Where a flag says that an agent has to
think first, there is no answer to copy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from msgspec import Struct

from .attention import MOVING, outstanding, replaced
from .carriers import tracking
from .model import (
    Due,
    Flag,
    FulfillmentStatus,
    Order,
    PaymentStatus,
    Refund,
    RefundStatus,
    Shipment,
    ShipmentStatus,
)
from .sentences import carrier
from .texts import N_, Text
from .voice import Voice

About = Literal["status", "tracking", "refund"]

MOST = 3
"""So many parcels or refunds are told one by one."""

UNCLEAR: Mapping[About, frozenset[str]] = {
    "status": frozenset({"cancelled_shipped", "refunded_shipped"}),
    "tracking": frozenset({"cancelled_shipped", "refunded_shipped"}),
    "refund": frozenset({"payment_disputed", "refund_failed"}),
}
"""Flags under which there is no ready answer."""


class ReadyAnswer(Struct, frozen=True, gc=False):
    """One answer, by what it is about."""

    about: About
    text: str


def ready_answers(order: Order, flags: Iterable[Flag], voice: Voice) -> list[ReadyAnswer]:
    """What can be told of an order, by the customer's `voice`; `flags` are those of all orders."""
    own = order.id
    raised = {flag.code for flag in flags if flag.order.id == own}
    found = []
    for about, tell, gap in _TOLD:
        if raised.isdisjoint(UNCLEAR[about]) and (text := gap.join(tell(order, voice))):
            found.append(ReadyAnswer(about, text))
    return found


# -- status -----------------------------------------------------------------------------------------------


def _status(order: Order, voice: Voice) -> Iterator[str]:
    parcels = [parcel for parcel in order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    if order.cancelled:
        at = order.cancelled.at
        yield (
            voice.say("Your order {number} was cancelled on {at}.", number=order.number, at=at)
            if at
            else voice.say("Your order {number} was cancelled.", number=order.number)
        )
    elif parcels:
        yield from _one(order, parcels[0], voice) if len(parcels) == 1 else _several(order, parcels, voice)
        if order.fulfillment.status is FulfillmentStatus.PARTIAL and any(outstanding(order)):
            yield voice.say("The rest of it has not been sent yet.")
    elif text := _unsent(order):
        yield voice.say(text, number=order.number)


def _unsent(order: Order) -> Text | None:
    payment, goods = order.payment, order.fulfillment.status
    waiting = goods in {FulfillmentStatus.UNFULFILLED, FulfillmentStatus.ON_HOLD, FulfillmentStatus.SCHEDULED}
    if payment.status is PaymentStatus.FAILED:
        return N_("The payment for your order {number} did not go through.")
    if payment.status is PaymentStatus.PENDING and payment.due is Due.WITH_ORDER and order.review is None:
        return N_("We have not received the payment for your order {number} yet.")
    if waiting and payment.status in {PaymentStatus.REFUNDED, PaymentStatus.VOIDED}:
        return None
    if waiting:
        return N_("Your order {number} has not been sent yet.")
    if goods is FulfillmentStatus.PARTIAL:
        return N_("A part of your order {number} has been sent.")
    return N_("Your order {number} has been sent.") if goods is FulfillmentStatus.FULFILLED else None


def _one(order: Order, parcel: Shipment, voice: Voice) -> Iterator[str]:
    """When it left and with whom, then where it is."""
    if parcel.status is ShipmentStatus.LABEL_CREATED:
        yield voice.say("Your order {number} has not been handed to the carrier yet.", number=order.number)
        return
    yield _sent(order, parcel, voice)
    if parcel.status is ShipmentStatus.DELIVERED and parcel.delivered_at:
        yield voice.say("According to the carrier it was delivered on {at}.", at=parcel.delivered_at)
    elif text := _WHERE.get(parcel.status):
        yield voice.say(text)
    if parcel.status in MOVING:
        if last := max((event.at for event in parcel.events if event.at), default=None):
            yield voice.say("The carrier last scanned it on {at}.", at=last)
        if parcel.estimated_at and parcel.estimated_at >= voice.now:
            yield voice.say("The carrier expects to deliver it by {at}.", at=parcel.estimated_at)


_WHERE = {
    ShipmentStatus.READY_FOR_PICKUP: N_("It is ready to be picked up."),
    ShipmentStatus.ATTEMPTED: N_("The carrier tried to deliver it, without success."),
    ShipmentStatus.DELIVERED: N_("According to the carrier it was delivered."),
    ShipmentStatus.DELAYED: N_("The carrier reports a delay."),
    ShipmentStatus.EXCEPTION: N_("The carrier reports a problem with the delivery."),
    ShipmentStatus.RETURNED: N_("The carrier reports that it goes back to us."),
}
"""Nothing of what is out for delivery: by the time the customer reads it that may be long over."""


def _sent(order: Order, parcel: Shipment, voice: Voice) -> str:
    number, at = order.number, parcel.shipped_at
    by = carrier(parcel.carrier) if parcel.carrier else None
    if at and by:
        return voice.say("Your order {number} was sent on {at} with {carrier}.", number=number, at=at, carrier=by)
    if at:
        return voice.say("Your order {number} was sent on {at}.", number=number, at=at)
    if by:
        return voice.say("Your order {number} was sent with {carrier}.", number=number, carrier=by)
    return voice.say("Your order {number} has been sent.", number=number)


def _several(order: Order, parcels: list[Shipment], voice: Voice) -> Iterator[str]:
    """How many of them are where, in the sequence of the states."""
    yield voice.many(
        "Your order {number} goes out in {n} parcel.",
        "Your order {number} goes out in {n} parcels.",
        len(parcels),
        number=order.number,
    )
    for statuses, say in _COUNTED:
        if count := sum(parcel.status in statuses for parcel in parcels):
            yield say(voice, count)


_COUNTED: tuple[tuple[frozenset[ShipmentStatus], Callable[[Voice, int], str]], ...] = (
    (
        frozenset({ShipmentStatus.DELIVERED}),
        lambda voice, n: voice.many(
            "According to the carrier, {n} of them was delivered.",
            "According to the carrier, {n} of them were delivered.",
            n,
        ),
    ),
    (
        frozenset({ShipmentStatus.IN_TRANSIT, ShipmentStatus.OUT_FOR_DELIVERY}),
        lambda voice, n: voice.many("{n} of them is on its way.", "{n} of them are on their way.", n),
    ),
    (
        frozenset({ShipmentStatus.UNKNOWN}),
        lambda voice, n: voice.many("{n} of them was sent.", "{n} of them were sent.", n),
    ),
    (
        frozenset({ShipmentStatus.READY_FOR_PICKUP}),
        lambda voice, n: voice.many(
            "{n} of them is ready to be picked up.", "{n} of them are ready to be picked up.", n
        ),
    ),
    (
        frozenset({ShipmentStatus.ATTEMPTED, ShipmentStatus.DELAYED, ShipmentStatus.EXCEPTION}),
        lambda voice, n: voice.many(
            "The carrier reports a problem with {n} of them.", "The carrier reports problems with {n} of them.", n
        ),
    ),
    (
        frozenset({ShipmentStatus.RETURNED}),
        lambda voice, n: voice.many("{n} of them goes back to us.", "{n} of them go back to us.", n),
    ),
    (
        frozenset({ShipmentStatus.LABEL_CREATED}),
        lambda voice, n: voice.many(
            "{n} of them has not been handed to the carrier yet.",
            "{n} of them have not been handed to the carrier yet.",
            n,
        ),
    ),
)


# -- tracking ---------------------------------------------------------------------------------------------


def _tracking(order: Order, voice: Voice) -> Iterator[str]:
    """The links of parcels that are not there yet; where all have come, of all."""
    parcels = [parcel for parcel in order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    open_ = [parcel for parcel in parcels if parcel.status is not ShipmentStatus.DELIVERED] or parcels
    for parcel in open_[:MOST]:
        url, number = tracking(parcel, voice.own.locale.language), parcel.tracking_number
        if url and len(open_) == 1:
            yield voice.say("You can follow your parcel here: {url}", url=url)
        elif url and number:
            yield voice.say("You can follow parcel {number} here: {url}", number=number, url=url)
        elif number and parcel.carrier:
            yield voice.say(
                "The number of your parcel with {carrier} is {number}.", carrier=carrier(parcel.carrier), number=number
            )


# -- refunds ----------------------------------------------------------------------------------------------


def _refunds(order: Order, voice: Voice) -> Iterator[str]:
    for refund in order.refunds[:MOST]:
        if refund.status is RefundStatus.FAILED:
            if not replaced(refund, order):
                return
            continue
        yield _refund(order, refund, voice)


def _refund(order: Order, refund: Refund, voice: Voice) -> str:
    """A refund that the store has only noted is not told as money sent."""
    about = {"amount": refund.amount, "number": order.number, "at": refund.at}
    return voice.say(_REFUNDS[refund.status, refund.at is not None], **about)


_REFUNDS: Mapping[tuple[RefundStatus, bool], Text] = {
    (RefundStatus.SUCCEEDED, True): N_("On {at} we refunded {amount} for your order {number}."),
    (RefundStatus.SUCCEEDED, False): N_("We refunded {amount} for your order {number}."),
    (RefundStatus.PENDING, True): N_(
        "On {at} we issued a refund of {amount} for your order {number}; it is still being processed."
    ),
    (RefundStatus.PENDING, False): N_(
        "We issued a refund of {amount} for your order {number}; it is still being processed."
    ),
    (RefundStatus.UNKNOWN, True): N_("A refund of {amount} for your order {number} was recorded on {at}."),
    (RefundStatus.UNKNOWN, False): N_("A refund of {amount} for your order {number} is recorded."),
}

_TOLD: tuple[tuple[About, Callable[[Order, Voice], Iterator[str]], str], ...] = (
    ("status", _status, " "),
    ("tracking", _tracking, "\n"),
    ("refund", _refunds, " "),
)
"""What tells it, and what joins its sentences: links have lines of their own, so that no stop sticks to them."""
