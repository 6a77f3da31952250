"""Title, text and next step of every flag, as the agent reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..model import Flag
from ..voice import Voice
from .goods import GOODS_WORDS
from .parcels import PARCEL_WORDS
from .payment import PAYMENT_WORDS
from .refunds import REFUND_WORDS
from .saying import About, Said

FLAGS: Mapping[str, Callable[[About, Voice], Said]] = {**PAYMENT_WORDS, **REFUND_WORDS, **PARCEL_WORDS, **GOODS_WORDS}


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
