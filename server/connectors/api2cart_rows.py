"""API2Cart's rows: payload models holding the fields that are used, and no others.

The same store answers in two shapes: plain objects, or every object in a list of one with "True" and "False" for
booleans and with `additional_fields` poured into their parent. Both are read, wherever they stand.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, model_validator

from .payload import Amount, Payload, Text, blank, joined, utc

T = TypeVar("T")
ZERO = Decimal(0)
NO_CURRENCY = "XXX"
"""ISO 4217's own code for it."""

WRAPPERS = {"discount", "item", "option", "order", "product", "refund", "return", "shipment", "tracking_number"}
"""The one member of the object that stands around a list in the second shape: `order_products: [{product: […]}]`."""

# -- the two shapes ------------------------------------------------------------------------------------------


def one(value: object) -> object:
    """An object, out of the list of one that it may stand in."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def many(value: object) -> object:
    """A list, where a lone object, a wrapped list or nothing may stand for it."""
    if value is None or value == "":
        return []
    inner = one(value)
    if isinstance(inner, dict):
        wrapped = (member for name, member in inner.items() if name in WRAPPERS and isinstance(member, list))
        return next(wrapped, [inner])
    return value


def _maybe(value: object) -> object:
    return None if value in ("", [], {}) else value


def _instant(value: object) -> datetime | None:
    """Both `{value, format}` and a plain string come; without a zone it is UTC; what is no date is none."""
    inner = one(value)
    text = inner.get("value") if isinstance(inner, dict) else inner
    if not isinstance(text, str) or not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return utc(text.strip())
    except (ValueError, OverflowError):
        return None


Maybe = BeforeValidator(_maybe)
Many = Annotated[tuple[T, ...], BeforeValidator(many)]
When = Annotated[datetime | None, BeforeValidator(_instant)]


class Row(Payload):
    """An object in either shape; `additional_fields` count as its own where it has none of that name."""

    @model_validator(mode="before")
    @classmethod
    def _in_one_shape(cls, value: object) -> object:
        plain = one(value)
        if not isinstance(plain, dict):
            return plain
        extra = one(plain.get("additional_fields") or plain.get("additional_attributes"))
        return {**extra, **plain} if isinstance(extra, dict) else plain


class NameRow(Row):
    """Something with a name: a status, a country, a way to pay, a choice, a discount. It may be the bare name, too."""

    id: Text | None = None
    name: Text | None = None
    code: Text | None = None
    code2: Text | None = None
    iso3: Text | None = None
    value: object = None

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    @property
    def word(self) -> str | None:
        """As people read it."""
        return blank(self.name) or blank(self.id)


# -- orders --------------------------------------------------------------------------------------------------


class CustomerRow(Row):
    """The buyer. Marketplaces leave the e-mail empty or give a relay address; guests have "" or 0 for an id."""

    id: Text | None = None
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    phone: Text | None = None

    @property
    def account(self) -> str | None:
        """The id of the record that the store keeps of him."""
        id_ = blank(self.id)
        return None if id_ == "0" else id_


class AddressRow(Row):
    """`shipping_address` or `billing_address`; where a marketplace hides it, its members are empty."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    address3: Text | None = None
    address4: Text | None = None
    city: Text | None = None
    postcode: Text | None = None
    state: Annotated[NameRow | None, Maybe] = None
    region: Text | None = None
    country: Annotated[NameRow | None, Maybe] = None
    phone: Text | None = None
    phone_mobile: Text | None = None

    @property
    def name(self) -> str | None:
        return joined(self.first_name, self.last_name)


class LineRow(Row):
    """A line. `total_price` is for the whole quantity; the parts of a set name their `parent`."""

    id: Text | None = Field(None, validation_alias=AliasChoices("order_product_id"))
    parent: Text | None = Field(None, validation_alias=AliasChoices("parent_order_product_id"))
    name: Text | None = None
    model: Text | None = None
    quantity: Amount
    price: Amount | None = None
    total_price: Amount | None = None
    options: Many[NameRow] = ()
    quantity_shipped: Amount | None = None


class SumsRow(Row):
    """`total`, whose parts are without tax, or the older `totals`. Either may be absent."""

    total: Amount | None = None
    paid: Amount | None = Field(None, validation_alias=AliasChoices("total_paid"))
    items: Amount | None = Field(None, validation_alias=AliasChoices("subtotal_ex_tax", "subtotal"))
    shipping: Amount | None = Field(None, validation_alias=AliasChoices("shipping_ex_tax", "shipping"))
    tax: Amount | None = Field(None, validation_alias=AliasChoices("total_tax", "tax"))
    discount: Amount | None = Field(None, validation_alias=AliasChoices("total_discount", "discount"))


class RefundLineRow(Row):
    """What of a line was given back."""

    id: Text | None = Field(None, validation_alias=AliasChoices("order_product_id"))
    quantity: Amount = Field(ZERO, validation_alias=AliasChoices("qty"))
    refund: Amount | None = None


class RefundRow(Row):
    """One of `refunds`, or `status.refund_info`, which adds them up."""

    total: Amount | None = Field(None, validation_alias=AliasChoices("total", "total_refunded"))
    shipping: Amount | None = None
    at: When = Field(None, validation_alias=AliasChoices("modified_time", "time"))
    comment: Text | None = None
    items: Many[RefundLineRow] = Field((), validation_alias=AliasChoices("items", "refunded_items"))

    @property
    def amount(self) -> Decimal:
        """Positive; the lines and the shipping, where no sum is told."""
        if self.total is not None:
            return abs(self.total)
        return abs(sum((line.refund or ZERO for line in self.items), self.shipping or ZERO))


class StatusRow(NameRow):
    """The platform's own status, under an id and a name of its own."""

    refund_info: Annotated[RefundRow | None, Maybe] = None


class OrderRow(Row):
    """Fields below `discounts` are `additional_fields` of one platform or another."""

    order_id: Annotated[Text, Field(min_length=1)]
    customer: Annotated[CustomerRow | None, Maybe] = None
    create_at: When = None
    currency: Annotated[NameRow | None, Maybe] = None
    shipping_address: Annotated[AddressRow | None, Maybe] = None
    billing_address: Annotated[AddressRow | None, Maybe] = None
    payment_method: Annotated[NameRow | None, Maybe] = None
    status: Annotated[StatusRow | None, Maybe] = None
    total: Annotated[SumsRow | None, Maybe] = None
    totals: Annotated[SumsRow | None, Maybe] = None
    order_products: Many[LineRow] = ()
    refunds: Many[RefundRow] = ()
    comment: Text | None = None
    gift_message: Text | None = None
    discounts: Many[NameRow] = ()
    paid_at: When = Field(None, validation_alias=AliasChoices("PaidTime", "paid_time"))
    paid_mark: object = Field(None, validation_alias=AliasChoices("PaidTime", "paid_time"))
    cancelled_at: When = Field(None, validation_alias=AliasChoices("cancel_time"))
    cancel_reason: Text | None = Field(None, validation_alias=AliasChoices("CancelReason"))
    on_hold: bool | None = Field(None, validation_alias=AliasChoices("is_on_hold_order"))
    ebay_order_status: Text | None = None
    seller_note: Text | None = None

    @model_validator(mode="after")
    def _money_has_a_currency(self) -> Self:
        if self.code == NO_CURRENCY and (self.sum("total") or self.given_back):
            raise ValueError("money without a currency")
        return self

    @property
    def code(self) -> str:
        """The ISO 4217 code of its money; one without, as a marketplace's that is not paid yet, may have no money."""
        row = self.currency or NameRow()
        codes = (text.strip().upper() for text in (row.iso3, row.code, row.id, row.name) if text)
        return next((code for code in codes if re.fullmatch(r"[A-Z]{3}", code)), NO_CURRENCY)

    def sum(self, name: str) -> Decimal | None:
        """One of the figures of `SumsRow`."""
        figures: Iterable[Any] = (getattr(part, name) for part in (self.total, self.totals) if part)
        return next((figure for figure in figures if figure is not None), None)

    @property
    def paid_yet(self) -> bool | None:
        """Whether a time of payment stands where the platform has a place for one; `None` where it has none."""
        return None if "paid_mark" not in self.model_fields_set else self.paid_mark not in ("", None)

    @property
    def given_back(self) -> tuple[RefundRow, ...]:
        """The refunds, one by one where the platform tells them so."""
        summed = self.status.refund_info if self.status else None
        return tuple(row for row in self.refunds or filter(None, (summed,)) if row.amount)


class StubRow(Row):
    """What is legible of an order that is not."""

    order_id: Text | None = None
    customer: Annotated[CustomerRow | None, Maybe] = None


# -- parcels and returns -------------------------------------------------------------------------------------


class TrackingRow(Row):
    """One number that a carrier knows a parcel by."""

    carrier_id: Text | None = None
    tracking_number: Text | None = None


class GoodsRow(Row):
    """What is in a parcel or in a return."""

    id: Text | None = Field(None, validation_alias=AliasChoices("order_product_id"))
    name: Text | None = None
    sku: Text | None = Field(None, validation_alias=AliasChoices("sku", "model"))
    quantity: Amount = ZERO
    reason: Annotated[NameRow | None, Maybe] = None


class ShipmentRow(Row):
    """What left at once; each of its tracking numbers is a parcel."""

    shipment_provider: Text | None = None
    tracking_numbers: Many[TrackingRow] = ()
    created_at: When = None
    delivered_at: When = None
    is_shipped: bool | None = None
    items: Many[GoodsRow] = ()


class ReturnRow(Row):
    """Goods on their way back to the shop."""

    order_id: Text
    name: Text | None = None
    created_at: When = None
    status: Annotated[NameRow | None, Maybe] = None
    order_products: Many[GoodsRow] = ()
    comment: Text | None = None


# -- around the rows ---------------------------------------------------------------------------------------------


class Envelope(Payload):
    """What every answer stands in; on a failure `result` is an object, a list or null, and means nothing."""

    return_code: int
    result: object = None
    pagination: object = None


class CartRow(Row):
    """A store of the account: `cart_id` is the platform behind it."""

    store_key: Text
    cart_id: Text | None = None
