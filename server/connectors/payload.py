"""Reading what a platform sent: models that hold the fields used, and the values that platforms spell loosely."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from ..errors import Changed


class Payload(BaseModel):
    """A part of a platform's answer, holding the fields that are used and no others."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


PayloadT = TypeVar("PayloadT", bound=Payload)


def read(kind: type[PayloadT], value: object) -> PayloadT:
    """`value` as `kind`; raises `Changed` where it does not fit."""
    try:
        return kind.model_validate(value)
    except ValidationError:
        raise Changed("payload") from None


def read_each(kind: type[PayloadT], rows: object) -> tuple[list[PayloadT], int]:
    """The rows that fit, and how many did not. Raises `Changed` where there is no list, or no row fits."""
    if not isinstance(rows, list):
        raise Changed("payload")
    good: list[PayloadT] = []
    for row in rows:
        try:
            good.append(kind.model_validate(row))
        except ValidationError:
            continue
    if rows and not good:
        raise Changed("payload")
    return good, len(rows) - len(good)


def _php_object(value: object) -> object:
    return {} if value == [] else value


def _decimal(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("not an amount")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("not an amount") from None
    if not number.is_finite() or abs(number.adjusted()) > 18:
        raise ValueError("not an amount")
    return number


def _text(value: object) -> object:
    """PHP and loosely typed plugins write ids and numbers as they like; `None` stays `None`."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return value
    return str(value)


PhpObject = BeforeValidator(_php_object)
"""An associative array that PHP writes as `[]` when it is empty."""

Amount = Annotated[Decimal, BeforeValidator(_decimal)]
"""A finite decimal from a JSON string or number; never a float, NaN or infinity."""

Text = Annotated[str, BeforeValidator(_text)]
"""A string that may come as a number."""


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
    return (text or "").strip() or None


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
