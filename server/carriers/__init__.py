"""A parcel's tracking page: the store's own link, or the carrier's page where the store gives a number only.

A link is made where the carrier is named, or where the number can be of one carrier only (its form and check digits
fit no other). Otherwise there is none: a wrong page costs the customer more than none. See ADR 0023.
"""

import re
from urllib.parse import quote

from ..model import Shipment
from .numbers import carriers_of
from .table import CARRIERS, Carrier

__all__ = ["CARRIERS", "Carrier", "carrier_url", "known", "tracking"]

_PLAUSIBLE = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,40}")
_BY_WORDS = {tuple(name.split()): carrier for carrier in CARRIERS.values() for name in carrier.names}
_MOST_WORDS = max(map(len, _BY_WORDS))


def tracking(parcel: Shipment, language: str = "en") -> str | None:
    """The page to follow a parcel on: the store's own where it is https, else the carrier's, else the store's."""
    own = parcel.tracking_url
    return own if own and own.startswith("https://") else carrier_url(parcel, language) or own


def carrier_url(parcel: Shipment, language: str = "en") -> str | None:
    """The page of the parcel's carrier, made from its number; `None` where carrier or number leave a doubt."""
    number = re.sub(r"[\s.-]", "", parcel.tracking_number or "").upper()
    if not _PLAUSIBLE.fullmatch(number):
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
    return carrier.url.format(number=quote(number, safe=""), language=spoken)


def known(name: str) -> Carrier | None:
    """The carrier that a store means by `UPS Ground`, `dhl`, `royal-mail`, `Royal_Mail_UK`: by its first words."""
    words = re.findall(r"[^\W_]+", name.casefold())
    for count in range(min(len(words), _MOST_WORDS), 0, -1):
        if found := _BY_WORDS.get(tuple(words[:count])):
            return found
    return None
