"""How far an order has come: one word for it in a list, and the steps that it took. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .. import words
from ..model import Flag, FulfillmentStatus, Order, PaymentStatus, Severity, ShipmentStatus
from ..sentences import parcel_state, refund_pending
from ..texts import P_, Text
from ..voice import Voice

_TROUBLED: Mapping[PaymentStatus, str] = {
    PaymentStatus.FAILED: "bad",
    PaymentStatus.DISPUTED: "bad",
    PaymentStatus.PENDING: "warn",
    PaymentStatus.REFUNDED: "warn",
    PaymentStatus.PARTIALLY_REFUNDED: "warn",
}


def badge(order: Order, voice: Voice) -> tuple[str, str]:
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
        return parcel_state(worst, voice), parcel_tone(worst.status)
    status, raw = order.fulfillment.status, order.fulfillment.raw
    if status is FulfillmentStatus.UNKNOWN and raw:
        return raw, "plain"
    return voice.say(words.FULFILLMENTS[status]), "ok" if status is FulfillmentStatus.FULFILLED else "plain"


def parcel_tone(status: ShipmentStatus) -> str:
    """How a parcel's state is coloured."""
    if status in {ShipmentStatus.EXCEPTION, ShipmentStatus.RETURNED}:
        return "bad"
    if status in {ShipmentStatus.DELAYED, ShipmentStatus.ATTEMPTED}:
        return "warn"
    return "ok" if status is ShipmentStatus.DELIVERED else "plain"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order: taken (`done`), where it is stuck (`bad`, `warn`), or what is expected (`next`)."""

    name: str
    day: str | None
    tone: Literal["done", "bad", "warn", "next"]


STUCK: Mapping[str, Text] = {
    "payment_failed": P_("step", "Payment failed"),
    "unpaid": P_("step", "Not paid"),
    "partly_paid": P_("step", "Partly paid"),
    "not_captured": P_("step", "Not captured"),
    "payment_disputed": P_("step", "Disputed"),
    "fraud_review": P_("step", "Under review"),
    "on_hold": P_("step", "On hold"),
    "unshipped": P_("step", "Not shipped"),
    "partly_shipped": P_("step", "Rest not shipped"),
    "shipment_exception": P_("step", "Problem"),
    "shipment_delayed": P_("step", "Delayed"),
    "shipment_attempted": P_("step", "Not handed over"),
    "shipment_returned": P_("step", "Going back"),
    "shipment_stalled": P_("step", "No scan"),
    "cancelled_not_refunded": P_("step", "Not refunded"),
    "cancelled_shipped": P_("step", "Yet shipped"),
    "refunded_shipped": P_("step", "Yet shipped"),
    "not_received": P_("step", "Not received"),
    "refund_failed": P_("step", "Refund failed"),
    "refund_pending": P_("step", "Refund open"),
}
"""By the code of the flag that tells of it. Flags that are news and no standstill have none."""


MOST_STEPS = 4
"""So many words fit side by side in the narrowest tray."""


def steps(order: Order, flags: Iterable[Flag], voice: Voice) -> list[Step]:
    """The first step that the order has really taken, the last ones, and where it is stuck or what is expected."""
    found = _all_steps(order, flags, voice)
    return found if len(found) <= MOST_STEPS else [found[0], *found[1 - MOST_STEPS :]]


def _all_steps(order: Order, flags: Iterable[Flag], voice: Voice) -> list[Step]:
    taken = [
        Step(voice.say(name), _on(at, voice), "done") for name, at in zip(_STAGES, _taken(order), strict=True) if at
    ]
    stuck = next((flag for flag in flags if flag.order.id == order.id and flag.code in STUCK), None)
    if stuck is not None:
        at = stuck.about.get("at")
        day = _on(at, voice) if isinstance(at, datetime) else None
        return [*taken, Step(voice.say(STUCK[stuck.code]), day, "bad" if stuck.severity is Severity.HIGH else "warn")]
    expected = [parcel.estimated_at for parcel in order.shipments if parcel.estimated_at and not parcel.delivered_at]
    if expected and not order.cancelled:
        return [*taken, Step(voice.say(_EXPECTED), _on(max(expected), voice), "next")]
    return taken


_STAGES = (
    P_("step", "Ordered"),
    P_("step", "Paid"),
    P_("step", "Shipped"),
    P_("step", "Delivered"),
    P_("step", "Cancelled"),
)
_EXPECTED = P_("step", "Expected")


def _on(at: datetime, voice: Voice) -> str:
    """The day, in one piece below its step."""
    return voice.day(at).replace(" ", "\N{NO-BREAK SPACE}")


def _taken(order: Order) -> list[datetime | None]:
    """When it came to each of the stages, as far as it did."""
    parcels = order.shipments
    shipped = min((parcel.shipped_at for parcel in parcels if parcel.shipped_at), default=None)
    done = [parcel.delivered_at for parcel in parcels]
    delivered = max((at for at in done if at), default=None) if parcels and all(done) else None
    cancelled = order.cancelled.at if order.cancelled else None
    return [order.placed_at, order.payment.paid_at, shipped, delivered, cancelled]
