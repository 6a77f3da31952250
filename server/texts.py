"""Our sentences in English, marked so that they are collected for the catalogues (gettext's `N_` and `pgettext`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Self

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Text(str):
    """A text in English, filled in, that still knows what it was made of, so that it can be said in any language."""

    __slots__ = ("about", "key", "template")

    template: str
    key: str
    about: Mapping[str, object]

    def __new__(cls, template: str, context: str | None = None, about: Mapping[str, object] = _NOTHING) -> Self:
        """Without `about` the holes in a template stay, to be filled when it is said."""
        text = super().__new__(cls, template.format_map(about) if about else template)
        text.template, text.key, text.about = template, key(template, context), about
        return text


def key(template: str, context: str | None) -> str:
    """What a text is found by in a catalogue."""
    return f"{context}\4{template}" if context else template


def N_(template: str, **about: object) -> Text:  # noqa: N802 - gettext's own name for it
    """Marks a text that is said later."""
    return Text(template, None, about)


def P_(context: str, template: str) -> Text:  # noqa: N802 - as above
    """The same where one English word stands for several of another language: of an order, of a parcel."""
    return Text(template, context)
