"""What the words of a flag are made of."""

from collections.abc import Mapping
from typing import Any

from ..voice import Voice

About = Mapping[str, Any]
Said = tuple[str, str, str]
"""Title, text, next step."""


def amount_in(about: About, voice: Voice) -> object:
    """The amount, or a word for it where the store gives none."""
    return about["amount"] or voice.say("The amount")
