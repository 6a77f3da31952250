"""Rows that come by the dozen, read by msgspec: in C where a shop writes what its platform documents.

Where it does not, the row is read again as PHP and its plugins may have meant it. `payload` reads one by one, by
pydantic; why there are both is docs/adr/0019-structs.md.
"""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from msgspec import Meta, Raw, Struct, ValidationError, convert, structs
from msgspec.json import Decoder, Encoder

from ..errors import Changed
from .payload import php_list, sort_out, utc
from .wire import parsed


class Row(Struct, frozen=True, kw_only=True, gc=False):
    """A part of a platform's answer, holding the fields that are used and no others.

    Made of JSON, it can hold no circle, so the garbage collector does not look at it.
    """


RowT = TypeVar("RowT", bound=Row)

EPOCH, NAIVE_EPOCH = datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1)  # noqa: DTZ001 - that is what it is for

_JSON = Encoder(decimal_format="number")

Id = Annotated[int, Meta(gt=0)]
Currency = Annotated[str, Meta(min_length=3)]


def read(kind: type[RowT], value: object) -> RowT:
    """`value` as `kind`; raises `Changed` where it does not fit.

    A number may stand for a text and a text for a number, `""` for a time, an object for a list, and `[]` or `""` for
    what is empty. Amounts are finite; times without a zone are UTC.
    """
    try:
        return convert(value, kind)
    except ValidationError:
        pass
    try:
        return convert(_meant(value, kind), kind, strict=False)
    except (ValidationError, ValueError):
        raise Changed("payload") from None


def read_text(kind: type[RowT], text: bytes | Raw) -> RowT:
    """The same of JSON, which is not taken apart first where it is by the book."""
    row: RowT | None = _at_once(kind, text)
    return read(kind, parsed(text)) if row is None else row


def read_list(kind: type[RowT], text: bytes | Raw, *, named_by: str = "") -> tuple[tuple[RowT, ...], tuple[Any, ...]]:
    """The rows of a JSON list that fit, and those that do not.

    Raises `Changed` where it is no list, and where no row fits, unless others may have been found elsewhere: then a
    row must at least have its name in the member `named_by`.
    """
    rows: tuple[RowT, ...] | None = _at_once(tuple[kind, ...], text)  # type: ignore[valid-type]
    if rows is not None:
        return rows, ()
    good, bad = sort_out(partial(read, kind), parsed(text))
    if not good and not all(isinstance(row, dict) and row.get(named_by) for row in bad):
        raise Changed("payload")
    return tuple(good), tuple(bad)


def _at_once(kind: Any, text: bytes | Raw) -> Any:
    try:
        return _decoder(kind).decode(text)
    except (ValueError, RecursionError):
        return None


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind, float_hook=Decimal)


def finite(*amounts: Decimal | None) -> None:
    """Raises `ValueError` where one is NaN, infinite, or of more digits than any money has."""
    for amount in amounts:
        if amount is not None and not (amount.is_finite() and -18 <= amount.adjusted() <= 18):
            raise ValueError("not an amount")


def aware(instant: datetime | None) -> datetime | None:
    """In UTC, which it is taken for where it has no zone."""
    if instant is None or instant.tzinfo is UTC:
        return instant
    # The sum is `replace(tzinfo=UTC)` at a tenth of its cost.
    return EPOCH + (instant - NAIVE_EPOCH) if instant.tzinfo is None else instant.astimezone(UTC)


def _meant(value: object, hint: Any) -> object:
    """What PHP or a plugin wrote, as it would have been written by the book."""
    if get_origin(hint) is Annotated:
        return _meant(value, get_args(hint)[0])
    if get_origin(hint) in {Union, UnionType}:
        kinds = [each for each in get_args(hint) if each is not NoneType]
        return None if value is None else _meant(value, kinds[0])
    if get_origin(hint) in {list, tuple}:
        listed = php_list(value)
        return [_meant(each, get_args(hint)[0]) for each in listed] if isinstance(listed, list) else listed
    if hint is str and type(value) in {int, Decimal}:
        return str(value)
    if hint is datetime and isinstance(value, str):
        return utc(value)
    if hint is Raw:
        return Raw(_JSON.encode(value))
    if isinstance(hint, type) and issubclass(hint, Row):
        return _meant_row({} if value == [] else value, hint)
    return value


def _meant_row(value: object, kind: type[Row]) -> object:
    if not isinstance(value, dict):
        return value
    hints = _hints(kind)
    return {name: _meant(member, hints[name]) for name, member in value.items() if name in hints}


@cache
def _hints(kind: type[Row]) -> dict[str, Any]:
    return {field.encode_name: field.type for field in structs.fields(kind)}
