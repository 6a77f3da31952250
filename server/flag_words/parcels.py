"""The words of flags about parcels."""

from collections.abc import Callable, Mapping

from ..texts import N_
from ..voice import Voice
from .saying import About, Said


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


def _shipment_delayed(about: About, voice: Voice) -> Said:
    """The day that is over, or the carrier's word; then the last scan."""
    if about["expected_at"] and about["over"]:
        text = voice.say("It was expected on {at}.", at=about["expected_at"]) + " " + _scan(about, voice)
    elif about["expected_at"]:
        text = voice.say("It is expected on {at} now.", at=about["expected_at"]) + " " + _scan(about, voice)
    else:
        text = _scan(about, voice)
    step = voice.say("Tell the customer that it is late, and offer to follow it up.")
    return voice.say("Parcel late"), text, step


PARCEL_WORDS: Mapping[str, Callable[[About, Voice], Said]] = {
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
    "shipment_delayed": _shipment_delayed,
}
