"""The words of flags about money and goods that go back."""

from collections.abc import Callable, Mapping

from ..voice import Voice
from .saying import About, Said, amount_in


def _refund_failed(about: About, voice: Voice) -> Said:
    text = (
        voice.say("{amount}, issued on {at}, did not go through.", amount=about["amount"], at=about["at"])
        if about["at"]
        else voice.say("{amount} did not go through.", amount=amount_in(about, voice))
    )
    return voice.say("Refund failed"), text, voice.say("Have the refund issued again, or by another way.")


def _refund_pending(about: About, voice: Voice) -> Said:
    amount, at, method = amount_in(about, voice), about["at"], about["method"]
    if at and method:
        text = voice.say("{amount} issued on {at}, still pending at {method}.", amount=amount, at=at, method=method)
    elif at:
        text = voice.say("{amount} issued on {at}, still pending.", amount=amount, at=at)
    else:
        text = voice.say("{amount} issued, still pending.", amount=amount)
    step = voice.say("Tell the customer that it is under way; it is not lost.")
    return voice.say("Refund not settled"), text, step


def _cancelled_not_refunded(about: About, voice: Voice) -> Said:
    amount = amount_in(about, voice)
    if about["refunded"]:
        text = voice.say("{refunded} was given back, {amount} was not.", refunded=about["refunded"], amount=amount)
        step = voice.say("Ask the shop whether the rest is meant to be kept.")
        return voice.say("Cancelled, not all refunded"), text, step
    text = voice.say("{amount} was paid and no refund is recorded.", amount=amount)
    return voice.say("Cancelled, not refunded"), text, voice.say("Have the refund issued.")


def _cancelled_shipped(about: About, voice: Voice) -> Said:
    text = (
        voice.say("The order was cancelled on {at} and a parcel is on its way.", at=about["at"])
        if about["at"]
        else voice.say("The order was cancelled and a parcel is on its way.")
    )
    step = voice.say("Ask the carrier to return it, or the customer to refuse it.")
    return voice.say("Cancelled, yet shipped"), text, step


def _refunded_shipped(about: About, voice: Voice) -> Said:
    amount = amount_in(about, voice)
    text = (
        voice.say("{amount} was given back on {at}, and a parcel is on its way.", amount=amount, at=about["at"])
        if about["at"]
        else voice.say("{amount} was given back, and a parcel is on its way.", amount=amount)
    )
    step = voice.say("Ask the carrier to return it, or the customer to refuse it.")
    return voice.say("Refunded, yet shipped"), text, step


def _return_requested(about: About, voice: Voice) -> Said:
    name = about["name"]
    text = (
        voice.say("Return {name} waits for approval.", name=name) if name else voice.say("A return waits for approval.")
    )
    if about["reason"]:
        text += " " + voice.say("Reason: {reason}.", reason=about["reason"])
    return voice.say("Return requested"), text, voice.say("Have the return approved or declined.")


def _return_overdue(about: About, voice: Voice) -> Said:
    text = (
        voice.many(
            "Return {name} was opened {n} day ago and has not been closed.",
            "Return {name} was opened {n} days ago and has not been closed.",
            about["days"],
            name=about["name"],
        )
        if about["name"]
        else voice.many(
            "A return was opened {n} day ago and has not been closed.",
            "A return was opened {n} days ago and has not been closed.",
            about["days"],
        )
    )
    step = voice.say("Ask the customer whether it was sent, and the warehouse whether it came.")
    return voice.say("Return overdue"), text, step


def _partly_refunded(about: About, voice: Voice) -> Said:
    amount = amount_in(about, voice)
    text = (
        voice.say("{amount} was given back on {at}.", amount=amount, at=about["at"])
        if about["at"]
        else voice.say("{amount} was given back.", amount=amount)
    )
    if about["kept"]:
        text += " " + voice.say("{amount} was kept.", amount=about["kept"])
    return voice.say("Partly refunded"), text, voice.say("Mention it before offering more.")


REFUND_WORDS: Mapping[str, Callable[[About, Voice], Said]] = {
    "refund_failed": _refund_failed,
    "refund_pending": _refund_pending,
    "cancelled_not_refunded": _cancelled_not_refunded,
    "cancelled_shipped": _cancelled_shipped,
    "refunded_shipped": _refunded_shipped,
    "return_requested": _return_requested,
    "return_overdue": _return_overdue,
    "partly_refunded": _partly_refunded,
}
