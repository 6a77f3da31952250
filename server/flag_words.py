"""Title, text and next step of every flag, as the agent reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .model import DisputeKind, DisputeStatus, Flag
from .sentences import readable
from .texts import N_
from .voice import Voice


@dataclass(frozen=True, slots=True)
class FlagWords:
    """A flag as the agent reads it."""

    title: str
    text: str
    step: str


def flag_words(flag: Flag, voice: Voice) -> FlagWords:
    """Title, what we know, and what to do next. Raises `KeyError` for a flag without words (a test holds that)."""
    title, text, step = FLAGS[flag.code](flag.about, voice)
    return FlagWords(title, text, step)


About = Mapping[str, Any]
Said = tuple[str, str, str]
"""Title, text, next step."""


def _payment_failed(about: About, voice: Voice) -> Said:
    why = (
        voice.say("The payment provider says: {failure}.", failure=readable(about["failure"]))
        if about["failure"]
        else voice.say("The store gives no reason.")
    )
    step = voice.say("Ask the customer to pay again with another card or method.")
    return voice.say("Payment failed"), why, step


def _payment_disputed(about: About, voice: Voice) -> Said:
    inquiry = about["kind"] is DisputeKind.INQUIRY
    open_ = about["status"] is DisputeStatus.NEEDS_RESPONSE
    text = voice.say("The merchant has to respond.") if open_ else voice.say("The bank is reviewing it.")
    if about["delivered_at"]:
        text += " " + voice.say("The parcel was delivered on {at}.", at=about["delivered_at"])
    title = voice.say("Inquiry by the bank") if inquiry else voice.say("Chargeback")
    return title, text, voice.say("Don't refund outside the dispute; collect the proof of delivery.")


def _refund_failed(about: About, voice: Voice) -> Said:
    text = (
        voice.say("{amount}, issued on {at}, did not go through.", amount=about["amount"], at=about["at"])
        if about["at"]
        else voice.say("{amount} did not go through.", amount=_amount(about, voice))
    )
    return voice.say("Refund failed"), text, voice.say("Have the refund issued again, or by another way.")


def _amount(about: About, voice: Voice) -> object:
    return about["amount"] or voice.say("The amount")


def _refund_pending(about: About, voice: Voice) -> Said:
    amount, at, method = _amount(about, voice), about["at"], about["method"]
    if at and method:
        text = voice.say("{amount} issued on {at}, still pending at {method}.", amount=amount, at=at, method=method)
    elif at:
        text = voice.say("{amount} issued on {at}, still pending.", amount=amount, at=at)
    else:
        text = voice.say("{amount} issued, still pending.", amount=amount)
    step = voice.say("Tell the customer that it is under way; it is not lost.")
    return voice.say("Refund not settled"), text, step


def _cancelled_not_refunded(about: About, voice: Voice) -> Said:
    text = voice.say("{amount} was paid and no refund is recorded.", amount=_amount(about, voice))
    return voice.say("Cancelled, not refunded"), text, voice.say("Have the refund issued.")


def _cancelled_shipped(about: About, voice: Voice) -> Said:
    text = (
        voice.say("The order was cancelled on {at} and a parcel is on its way.", at=about["at"])
        if about["at"]
        else voice.say("The order was cancelled and a parcel is on its way.")
    )
    step = voice.say("Ask the carrier to return it, or the customer to refuse it.")
    return voice.say("Cancelled, yet shipped"), text, step


def _scan(about: About, voice: Voice) -> str:
    by, at, place = about["carrier"] or voice.say("the carrier"), about["at"], about["place"]
    if not about.get("scanned"):
        if at:
            return voice.say("It was handed to {carrier} on {at}; there is no scan yet.", carrier=by, at=at)
        return voice.say("It was handed to {carrier}; there is no scan yet.", carrier=by)
    if place and at:
        return voice.say("Last scan by {carrier}: {place}, {at}.", carrier=by, place=place, at=at)
    return voice.say("Last scan by {carrier}: {where}.", carrier=by, where=at or place)


def _shipment(title: str, step: str) -> Callable[[About, Voice], Said]:
    def words(about: About, voice: Voice) -> Said:
        said = " " + voice.say("It says: {message}.", message=about["message"]) if about["message"] else ""
        return voice.say(title), _scan(about, voice) + said, voice.say(step)

    return words


def _shipment_stalled(about: About, voice: Voice) -> Said:
    title = voice.many("Parcel silent for {n} day", "Parcel silent for {n} days", about["days"])
    by = about["carrier"] or voice.say("the carrier")
    return title, _scan(about, voice), voice.say("Open a trace with {carrier}.", carrier=by)


def _unshipped(about: About, voice: Voice) -> Said:
    text = voice.many(
        "Paid on {at}, {n} working day ago; nothing has left the shop.",
        "Paid on {at}, {n} working days ago; nothing has left the shop.",
        about["days"],
        at=about["at"],
    )
    step = voice.say("Ask the warehouse what holds it up before promising a date.")
    return voice.say("Paid, not shipped"), text, step


def _unpaid(about: About, voice: Voice) -> Said:
    text = (
        voice.many(
            "Payment by {method} has been pending for {n} day.",
            "Payment by {method} has been pending for {n} days.",
            about["days"],
            method=about["method"],
        )
        if about["method"]
        else voice.many(
            "Payment has been pending for {n} day.", "Payment has been pending for {n} days.", about["days"]
        )
    )
    step = voice.say("Check whether the payment arrived; else remind the customer.")
    return voice.say("Not paid yet"), text, step


def _on_hold(_about: About, voice: Voice) -> Said:
    text = voice.say("The shop holds this order back.")
    return voice.say("On hold"), text, voice.say("Ask the shop why before promising a date.")


def _return_requested(about: About, voice: Voice) -> Said:
    name = about["name"]
    text = (
        voice.say("Return {name} waits for approval.", name=name) if name else voice.say("A return waits for approval.")
    )
    if about["reason"]:
        text += " " + voice.say("Reason: {reason}.", reason=about["reason"])
    return voice.say("Return requested"), text, voice.say("Have the return approved or declined.")


def _partly_refunded(about: About, voice: Voice) -> Said:
    amount = _amount(about, voice)
    text = (
        voice.say("{amount} was given back on {at}.", amount=amount, at=about["at"])
        if about["at"]
        else voice.say("{amount} was given back.", amount=amount)
    )
    return voice.say("Partly refunded"), text, voice.say("Mention it before offering more.")


FLAGS: Mapping[str, Callable[[About, Voice], Said]] = {
    "payment_failed": _payment_failed,
    "payment_disputed": _payment_disputed,
    "refund_failed": _refund_failed,
    "refund_pending": _refund_pending,
    "cancelled_not_refunded": _cancelled_not_refunded,
    "cancelled_shipped": _cancelled_shipped,
    "shipment_exception": _shipment(
        N_("Delivery problem"), N_("Ask the carrier what it needs, then tell the customer.")
    ),
    "shipment_returned": _shipment(
        N_("Parcel going back"), N_("Agree on a new delivery or a refund with the customer.")
    ),
    "shipment_attempted": _shipment(
        N_("Delivery attempted"), N_("Tell the customer where and until when it can be had.")
    ),
    "shipment_waiting": _shipment(N_("Ready for pickup"), N_("Tell the customer where to pick it up.")),
    "shipment_stalled": _shipment_stalled,
    "unshipped": _unshipped,
    "unpaid": _unpaid,
    "on_hold": _on_hold,
    "return_requested": _return_requested,
    "partly_refunded": _partly_refunded,
}
