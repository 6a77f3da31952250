"""Reading what a platform sent: models that hold the fields used, and the values that platforms spell loosely."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

from ..errors import Changed


class Payload(BaseModel):
    """A part of a platform's answer, holding the fields that are used and no others."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


PayloadT = TypeVar("PayloadT", bound=Payload)
T = TypeVar("T")


def read(kind: type[PayloadT], value: object) -> PayloadT:
    """`value` as `kind`; raises `Changed` where it does not fit."""
    try:
        return kind.model_validate(value)
    except ValidationError:
        raise Changed("payload") from None


def read_each(kind: type[PayloadT], rows: object) -> tuple[list[PayloadT], int]:
    """The rows that fit, and how many did not. Raises `Changed` where there is no list, or no row fits."""
    good, bad = sort_out(partial(read, kind), rows)
    if bad and not good:
        raise Changed("payload")
    return good, len(bad)


def sort_out(read: Callable[[object], T], rows: object) -> tuple[list[T], list[object]]:
    """What `read` makes of a list's rows, and those of which it makes nothing. Raises `Changed` where it is no list."""
    if not isinstance(rows, list):
        raise Changed("payload")
    good: list[T] = []
    bad: list[object] = []
    for row in rows:
        try:
            good.append(read(row))
        except Changed:
            bad.append(row)
    return good, bad


def _php_object(value: object) -> object:
    return {} if value == [] else value


def _decimal(value: object) -> Decimal:
    if type(value) not in _WRITTEN:
        raise ValueError("not an amount")
    try:
        number = Decimal(value)  # type: ignore[arg-type]
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not number.is_finite() or not -18 <= number.adjusted() <= 18:
        raise ValueError("not an amount")
    return number


_WRITTEN = frozenset({str, int, Decimal})
"""What JSON comes to where it may mean an amount; `bool` is an `int` to Python, and not among them."""


def php_list(value: object) -> object:
    """What stands for a list in PHP's JSON, as a list."""
    if value is None or value == "":
        return []
    return list(value.values()) if isinstance(value, dict) else value


PhpList = Annotated[tuple[T, ...], BeforeValidator(php_list)]
"""A list that PHP writes as an object when its keys have gaps, and plugins as an empty string."""

PhpObject = BeforeValidator(_php_object)
"""An associative array that PHP writes as `[]` when it is empty."""

Amount = Annotated[Decimal, PlainValidator(_decimal)]
"""A finite decimal from a JSON string or number; never a float, NaN or infinity."""

Text = Annotated[str, Field(coerce_numbers_to_str=True)]
"""A string that may come as a number: PHP and loosely typed plugins write ids as they like."""


def utc(text: str | None) -> datetime | None:
    """An ISO 8601 instant, taken as UTC where it has no zone. Raises `ValueError` where it is none."""
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


Instant = Annotated[datetime | None, BeforeValidator(lambda value: utc(value) if isinstance(value, str) else value)]
"""A point in time from an ISO 8601 string; without a zone it is UTC; empty is `None`."""


def blank(text: str | None) -> str | None:
    """The text without outer white space, `None` where nothing is left."""
    return (text.strip() or None) if text else None


_BREAK = re.compile(r"<\s*(?:br|/p|/li|/div)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]{0,2000}>")


def plain(markup: str | None) -> str | None:
    """The text of a note that may be HTML: tags left out, character references read, lines kept."""
    text = html.unescape(_TAG.sub("", _BREAK.sub("\n", markup or "")))
    return blank("\n".join(filter(None, (" ".join(line.split()) for line in text.splitlines()))))


def joined(first: str | None, last: str | None) -> str | None:
    """A full name, as far as it is given."""
    return blank(f"{first or ''} {last or ''}")


def distinct(*texts: str | None) -> tuple[str, ...]:
    """The texts that say something, each once whatever its capitals, the first spelling kept."""
    kept: dict[str, str] = {}
    for text in map(blank, texts):
        if text:
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values())


def before_discount(goods: Decimal, discount: Decimal, others: Decimal, tax: Decimal, total: Decimal) -> Decimal:
    """What the goods cost before the discount, from a subtotal that may have it taken off already.

    Which of the two it is shows in what comes to the total, whether tax is counted in it or added. Where neither
    does, the subtotal stays as it is.
    """
    return goods + discount if total in {goods + others, goods + others + tax} else goods


def safe_url(text: str | None) -> str | None:
    """The address if it is a plain http or https one that may be shown as a link, else `None`."""
    url = blank(text)
    if url is None or re.search(r"[\s\x00-\x1f\x7f\"'<>\\]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname and not parts.username else None
