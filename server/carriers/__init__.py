"""A parcel's tracking page: the store's own link, or the carrier's page where the store gives a number only.

A link is made where the carrier is named, or where the number can be of one carrier only (its form and check digits
fit no other). Otherwise there is none: a wrong page costs the customer more than none. See ADR 0023.
"""

import re

from ..model import Shipment
from .numbers import carriers_of
from .table import CARRIERS, Carrier

__all__ = ["CARRIERS", "Carrier", "carrier_url", "known", "tracking"]

_GAPS = re.compile(r"[\s.-]")
_WORDS = re.compile(r"[^\W_]+")
_BY_NAME = {name: carrier for carrier in CARRIERS.values() for name in carrier.names}
_MOST_WORDS = max(name.count(" ") for name in _BY_NAME) + 1


def tracking(parcel: Shipment, language: str = "en") -> str | None:
    """The page to follow a parcel on: the store's own where it is https, else the carrier's, else the store's."""
    own = parcel.tracking_url
    return own if own and own.startswith("https://") else carrier_url(parcel, language) or own


def carrier_url(parcel: Shipment, language: str = "en") -> str | None:
    """The page of the parcel's carrier, made from its number; `None` where carrier or number leave a doubt."""
    number = (parcel.tracking_number or "").upper()
    if not number.isalnum():
        number = _GAPS.sub("", number)
    if not _plausible(number):
        return None
    fits = carriers_of(number)
    if parcel.carrier:
        named = known(parcel.carrier)
        carrier = named if named and (not fits or named.code in fits) else None
    else:
        carrier = CARRIERS[next(iter(fits))] if len(fits) == 1 else None
    if carrier is None:
        return None
    spoken = language if language in carrier.languages else "en"
    return carrier.url.replace("{number}", number).replace("{language}", spoken)


def _plausible(number: str) -> bool:
    """Letters and digits, of which one is a digit at least."""
    return 6 <= len(number) <= 40 and number.isascii() and number.isalnum() and not number.isalpha()


def known(name: str) -> Carrier | None:
    """The carrier that a store means by `UPS Ground`, `dhl`, `royal-mail`, `Royal_Mail_UK`: by its first words."""
    name = name.casefold()
    if found := _BY_NAME.get(name):
        return found
    words = _WORDS.findall(name)
    return next(filter(None, (_BY_NAME.get(" ".join(words[:count])) for count in range(_MOST_WORDS, 0, -1))), None)
