"""The words of flags about goods that should leave the shop, and about the ticket beside them."""

from collections.abc import Callable, Mapping

from ..voice import Voice
from .saying import About, Said

MOST_ITEMS = 3


def _unshipped(about: About, voice: Voice) -> Said:
    text = (
        voice.many(
            "Paid on {at}, {n} working day ago; nothing has left the shop.",
            "Paid on {at}, {n} working days ago; nothing has left the shop.",
            about["days"],
            at=about["paid_at"],
        )
        if about["paid_at"]
        else voice.many(
            "Ordered on {at}, {n} working day ago; nothing has left the shop.",
            "Ordered on {at}, {n} working days ago; nothing has left the shop.",
            about["days"],
            at=about["at"],
        )
    )
    step = voice.say("Ask the warehouse what holds it up before promising a date.")
    return voice.say("Not shipped in time"), text, step


def _partly_shipped(about: About, voice: Voice) -> Said:
    """Up to `MOST_ITEMS` by name, more by their number."""
    items = about["items"] or ()
    if len(items) <= MOST_ITEMS:
        names = [f"{voice.number(count)} × {title}" for count, title in items]
        text = voice.say("Still to be sent: {items}.", items=names)
    else:
        text = voice.many(
            "{n} kind of item is still to be sent.", "{n} kinds of items are still to be sent.", len(items)
        )
    if about["at"]:
        text = voice.say("The first parcel left on {at}.", at=about["at"]) + " " + text
    step = voice.say("Ask the warehouse when the rest leaves.")
    return voice.say("Rest not shipped"), text, step


def _duplicate(about: About, voice: Voice) -> Said:
    text = (
        voice.many(
            "The same goods as in {number}, ordered {n} minute later.",
            "The same goods as in {number}, ordered {n} minutes later.",
            about["minutes"],
            number=about["number"],
        )
        if about["minutes"]
        else voice.say("The same goods as in {number}, ordered in the same minute.", number=about["number"])
    )
    step = voice.say("Ask the customer whether both are wanted, before both ship.")
    return voice.say("Ordered twice?"), text, step


def _on_hold(_about: About, voice: Voice) -> Said:
    text = voice.say("The shop holds this order back.")
    return voice.say("On hold"), text, voice.say("Ask the shop why before promising a date.")


def _not_received(about: About, voice: Voice) -> Said:
    at = about["at"]
    text = (
        voice.say("The carrier says that it was delivered on {at}; the customer seems to miss it.", at=at)
        if at
        else voice.say("The carrier says that it was delivered; the customer seems to miss it.")
    )
    step = voice.say("Check the address and who may have taken it in, then ask for the proof of delivery.")
    return voice.say("Delivered, but not received?"), text, step


def _written_again(about: About, voice: Voice) -> Said:
    text = voice.many(
        "No answer since {at} to {n} message.",
        "No answer since {at} to {n} messages.",
        about["count"],
        at=about["at"],
    )
    return voice.say("The customer wrote again"), text, voice.say("Answer all of them at once.")


def _other_brand(about: About, voice: Voice) -> Said:
    text = voice.say(
        "The order is from {store}; the customer wrote to {brand}.", store=about["store"], brand=about["brand"]
    )
    return voice.say("Another brand's store"), text, voice.say("Answer in the name of the store that sold it.")


GOODS_WORDS: Mapping[str, Callable[[About, Voice], Said]] = {
    "unshipped": _unshipped,
    "partly_shipped": _partly_shipped,
    "duplicate": _duplicate,
    "on_hold": _on_hold,
    "not_received": _not_received,
    "written_again": _written_again,
    "other_brand": _other_brand,
}
