"""How we speak to one agent: his language, and money, dates and counts by CLDR as he reads them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from .catalogue import ENGLISH, THEIRS, Catalogue, catalogue_for
from .model import Money
from .texts import N_, Text

STOPS = (".", "。", "؟", "?", "!", "…")
"""What a sentence may end with already."""

_CLAUSES, _STOPPED = N_("{said}; {clause}"), N_("{text}.")
"""What stands between clauses and at a sentence's end: in every language these holes stand outside of it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """An agent's language and time zone.

    `locale` is that language as it is written where he is, `lang` its tag for `lang=`, and `year` is this one there.
    """

    locale: Locale
    zone: tzinfo
    now: datetime
    own: Catalogue
    lang: str
    year: int

    def say(self, text: str, /, **about: Any) -> str:
        """One of our sentences, filled in. Money, instants (as days), counts and lists are written as he reads them."""
        if isinstance(text, Text) and text.about:
            about = {**text.about, **about}
        found = self.own.find(text)
        return self._filled(found, about) if about else found

    def many(self, one: str, other: str, n: int, /, **about: Any) -> str:
        """The same where a count decides the form; the texts call it `{n}`."""
        text = self.own.form(one, other, n)
        if "{n}" in text:
            about["n"] = n
        return self._filled(text, about)

    def clauses(self, clauses: Sequence[str]) -> str:
        """`paid; delivered on 3 Sep`."""
        return self.own.find(_CLAUSES).removeprefix("{said}").removesuffix("{clause}").join(clauses)

    def sentence(self, clauses: Sequence[str]) -> str:
        """Clauses as one sentence: a capital at its start, a full stop at its end, and names within it untouched."""
        said = self.clauses(clauses)
        return self.stop(said[:1].upper() + said[1:])

    def stop(self, text: str) -> str:
        """With the full stop that the language takes."""
        return text if text.endswith(STOPS) else text + self.own.find(_STOPPED).removeprefix("{text}")

    def _filled(self, text: str, about: dict[str, Any]) -> str:
        """A value that ends in a full stop (`15. Nov.`) takes the sentence's own with it. `about` is the call's own."""
        ends, backwards = "}." in text, self.own.backwards
        for name, value in about.items():
            if (kind := type(value)) is not str:
                write = _WRITTEN.get(kind)
                about[name] = value = write(self, value) if write else str(value)
            if ends and value.endswith("."):
                text = text.replace(f"{{{name}}}.", f"{{{name}}}")
            if backwards and name in THEIRS:
                about[name] = self.apart(value)
        return text.format_map(about)

    def money(self, money: Money) -> str:
        """`Money(Decimal("12.3"), "EUR")` -> `€12.30`; digits that the platform gave are never rounded away."""
        return _money(self.locale, str(money.amount), money.currency)

    def number(self, number: Decimal | int) -> str:
        """A quantity or count."""
        return _number(self.locale, str(number))

    def day(self, instant: datetime) -> str:
        """`15 Nov`, with the year where it is not this one."""
        day = instant.astimezone(self.zone).date()
        return _date(self.locale, "MMMd" if day.year == self.year else "yMMMd", day)

    def month(self, instant: datetime) -> str:
        """`Mar 2021`."""
        return _date(self.locale, "yMMM", instant.astimezone(self.zone).date())

    def time(self, instant: datetime) -> str:
        """The time of day, to the second."""
        return _time(self.locale, "medium", instant.astimezone(self.zone).time().replace(microsecond=0))

    def moment(self, instant: datetime) -> str:
        """Day and time to the minute."""
        short = instant.astimezone(self.zone).time().replace(second=0, microsecond=0)
        joined = str(self.locale.datetime_formats["medium"])
        return joined.format(_time(self.locale, "short", short), self.day(instant))

    def names(self, names: Sequence[str]) -> str:
        """`a, b and c`."""
        if len(names) == 1:
            return self.apart(names[0])
        return format_list([self.apart(name) for name in names], locale=self.locale) if names else ""

    def apart(self, text: str) -> str:
        """What a store wrote, to stand beside our words."""
        return self.own.apart(text)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir=`."""
        return self.own.direction


_WRITTEN: Mapping[type, Callable[[Voice, Any], str]] = {
    Text: Voice.say,
    Money: Voice.money,
    datetime: Voice.day,
    int: Voice.number,
    Decimal: Voice.number,
    list: Voice.names,
    tuple: Voice.names,
}
"""How a value is written into a sentence; anything else is text already."""


def voice(locale: str | None, time_zone: str | None, now: datetime) -> Voice:
    """The voice for an agent. An unknown language or zone is no error: it becomes English, or UTC."""
    own, zone = catalogue_for(locale), _zone(time_zone or "UTC")
    written = _locale(locale or "en", own.locale.language)
    lang = str(written).replace("_", "-") if own is ENGLISH else own.lang
    return Voice(written, zone, now, own, lang, now.astimezone(zone).year)


# Babel looks its patterns up anew for every value; the same few days, times, counts and prices come again and again.


_SIGNED = re.compile(r"[A-Z]+[^\w\s]+")


@lru_cache(4096)
def _money(locale: Locale, amount: str, currency: str) -> str:
    """In a line from right to left CLDR's `US$` would show as `$US` but for the mark at its end."""
    said = format_currency(Decimal(amount), currency, locale=locale, decimal_quantization=False)
    return _SIGNED.sub("\\g<0>\N{LEFT-TO-RIGHT MARK}", said) if locale.text_direction == "rtl" else said


@lru_cache(1024)
def _number(locale: Locale, number: str) -> str:
    return format_decimal(Decimal(number), locale=locale, decimal_quantization=False)


@lru_cache(4096)
def _date(locale: Locale, skeleton: str, day: date) -> str:
    return format_skeleton(skeleton, day, locale=locale)


@lru_cache(4096)
def _time(locale: Locale, length: Literal["short", "medium"], of_day: time) -> str:
    return format_time(of_day, length, locale=locale)


@lru_cache(256)
def _locale(tag: str, language: str) -> Locale:
    """The language that is spoken, as it is written where the agent lives: a Pole who gets English gets `en_PL`."""
    try:
        wanted = Locale.parse(tag.replace("-", "_"))
        if wanted.language == language:
            return wanted
        likely = Locale.parse(get_global("likely_subtags").get(wanted.language, "en"))
        return Locale.parse(f"{language}_{wanted.territory or likely.territory}")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale(language)


@lru_cache(256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
