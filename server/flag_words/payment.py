"""The words of flags about the money that is to come in."""

from collections.abc import Callable, Mapping

from ..model import DisputeKind, DisputeStatus
from ..sentences import readable
from ..texts import N_, Text
from ..voice import Voice
from .saying import About, Said


def _payment_failed(about: About, voice: Voice) -> Said:
    why = (
        voice.say("The payment provider says: {failure}.", failure=readable(about["failure"]))
        if about["failure"]
        else voice.say("The store gives no reason.")
    )
    step = voice.say("Ask the customer to pay again with another card or method.")
    return voice.say("Payment failed"), why, step


_DISPUTES: Mapping[object, Text] = {
    DisputeKind.INQUIRY: N_("Inquiry by the bank"),
    DisputeKind.CHARGEBACK: N_("Chargeback"),
}
_DISPUTE_STATES: Mapping[object, Text] = {
    DisputeStatus.NEEDS_RESPONSE: N_("The merchant has to respond."),
    DisputeStatus.UNDER_REVIEW: N_("The bank is reviewing it."),
}


def _payment_disputed(about: About, voice: Voice) -> Said:
    text = voice.say(_DISPUTE_STATES.get(about["status"], N_("The store says no more about it.")))
    if about["delivered_at"]:
        text += " " + voice.say("The parcel was delivered on {at}.", at=about["delivered_at"])
    title = voice.say(_DISPUTES.get(about["kind"], N_("Payment disputed")))
    return title, text, voice.say("Don't refund outside the dispute; collect the proof of delivery.")


def _fraud_review(about: About, voice: Voice) -> Said:
    text = voice.say("The store marks it “{review}”.", review=readable(about["review"] or "?"))
    step = voice.say("Have the shop decide before anything ships; don't tell the customer why.")
    return voice.say("Fraud review"), text, step


def _partly_paid(about: About, voice: Voice) -> Said:
    text = (
        voice.say("{paid} of {total} has been paid.", paid=about["paid"], total=about["total"])
        if about["paid"] and about["total"]
        else voice.say("Only a part has been paid.")
    )
    step = (
        voice.say("Goods have left already: ask for the rest.")
        if about["sent"]
        else voice.say("Ask for the rest before anything ships.")
    )
    return voice.say("Partly paid"), text, step


def _not_captured(about: About, voice: Voice) -> Said:
    if about["lapsed"]:
        text = voice.say("The authorisation ended on {at}; the money was not taken.", at=about["expires_at"])
    elif about["expires_at"]:
        text = voice.say("The authorisation ends on {at}; the money has not been taken.", at=about["expires_at"])
    elif about["days"]:
        text = voice.many(
            "Authorised {n} day ago; the money has not been taken.",
            "Authorised {n} days ago; the money has not been taken.",
            about["days"],
        )
    else:
        text = voice.say("Authorised; the money has not been taken.")
    if about["sent"]:
        text += " " + voice.say("Goods have left already.")
    step = (
        voice.say("Ask the shop to have the payment authorised anew.")
        if about["lapsed"]
        else voice.say("Ask the shop to take the payment, or to cancel.")
    )
    return voice.say("Authorised, not taken"), text, step


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


PAYMENT_WORDS: Mapping[str, Callable[[About, Voice], Said]] = {
    "payment_failed": _payment_failed,
    "payment_disputed": _payment_disputed,
    "fraud_review": _fraud_review,
    "partly_paid": _partly_paid,
    "not_captured": _not_captured,
    "unpaid": _unpaid,
}
