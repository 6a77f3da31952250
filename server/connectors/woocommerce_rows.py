"""WooCommerce's rows: payload models holding the fields that are used, and no others."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveInt

from ..model import Money
from .payload import Amount, Instant, Payload, PhpList, PhpObject, Text, joined, php_list

TRACKING = "_wc_shipment_tracking_items"
"""Where Shipment Tracking and Advanced Shipment Tracking keep an order's parcels."""

ZERO = Decimal(0)


def _parcels(meta: object) -> object:
    rows = php_list(meta)
    if not isinstance(rows, list):
        return rows
    values = (php_list(row.get("value")) for row in rows if isinstance(row, dict) and row.get("key") == TRACKING)
    return [parcel for value in values if isinstance(value, list) for parcel in value]


class PostalRow(Payload):
    """`billing` or `shipping`: members are "" where they are empty."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address_1: Text | None = None
    address_2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    postcode: Text | None = None
    country: Text | None = None
    email: Text | None = None
    phone: Text | None = None

    @property
    def name(self) -> str | None:
        """First and last name, as far as they are given."""
        return joined(self.first_name, self.last_name)


class MetaRow(Payload):
    """What plugins or the choice of a variation added to a line; a key with a leading `_` is not meant for people."""

    key: Text = ""
    value: object = None
    display_value: object = None


class ImageRow(Payload):
    """A product's picture; `src` is "" without one."""

    src: Text | None = None


class LineRow(Payload):
    """A line of an order, or of a refund with negative figures. `total` is after discounts, all without tax."""

    id: PositiveInt
    name: Text | None = None
    parent_name: Text | None = None
    sku: Text | None = None
    quantity: Amount
    subtotal: Amount
    total: Amount
    total_tax: Amount = ZERO
    price: Amount | None = None
    image: Annotated[ImageRow | None, PhpObject] = None
    meta_data: PhpList[MetaRow] = ()


class FeeRow(Payload):
    """Gift wrap, a surcharge, or (negative) a plugin's discount."""

    name: Text | None = None
    total: Amount


class CouponRow(Payload):
    """A code that the customer used."""

    code: Text


class NotedRefundRow(Payload):
    """What the order itself says of a refund; `total` is negative."""

    id: PositiveInt
    reason: Text | None = None
    total: Amount


class ParcelRow(Payload):
    """One tracking number. `date_shipped` is in Unix seconds, or a date as the plugins' own endpoints write it."""

    tracking_provider: Text | None = None
    custom_tracking_provider: Text | None = None
    custom_tracking_link: Text | None = None
    tracking_number: Text | None = None
    date_shipped: Text | None = None


class OrderRow(Payload):
    """`meta_data` keeps the parcels only; `customer_id` is 0 for guests and for accounts that were deleted."""

    id: PositiveInt
    number: Text
    status: str
    currency: Annotated[str, Field(min_length=3)]
    customer_id: int = 0
    date_created_gmt: Instant = None
    date_paid_gmt: Instant = None
    payment_method: Text | None = None
    payment_method_title: Text | None = None
    total: Amount
    total_tax: Amount
    discount_total: Amount
    shipping_total: Amount
    customer_note: Text | None = None
    billing: Annotated[PostalRow, PhpObject]
    shipping: Annotated[PostalRow | None, PhpObject] = None
    line_items: PhpList[LineRow]
    fee_lines: PhpList[FeeRow] = ()
    coupon_lines: PhpList[CouponRow] = ()
    refunds: PhpList[NotedRefundRow] = ()
    meta_data: Annotated[tuple[ParcelRow, ...], BeforeValidator(_parcels)] = ()

    @property
    def party(self) -> str:
        """The id of the `Party` that it belongs to."""
        if self.customer_id > 0:
            return str(self.customer_id)
        return f"guest:{(self.billing.email or '').strip().lower() or f'order:{self.id}'}"

    @property
    def refunded(self) -> Decimal:
        """All that was given back, positive."""
        return sum((abs(refund.total) for refund in self.refunds), ZERO)

    def money(self, amount: Decimal) -> Money:
        """In this order's currency."""
        return Money(amount, self.currency)


class RefundRow(Payload):
    """`refunded_payment` tells whether the gateway sent the money; else somebody has to, by hand."""

    id: PositiveInt
    refunded_payment: bool | None = None
    date_created_gmt: Instant = None
    line_items: PhpList[LineRow] = ()


class CustomerRow(Payload):
    """An account."""

    id: PositiveInt
    email: Text
    first_name: Text | None = None
    last_name: Text | None = None
    date_created_gmt: Instant = None
    billing: Annotated[PostalRow | None, PhpObject] = None
    shipping: Annotated[PostalRow | None, PhpObject] = None


class IndexRow(Payload):
    """WordPress's own list of what it serves."""

    namespaces: PhpList[str]


class NoteRow(Payload):
    """A remark of the shop's, of its plugins or of WooCommerce itself; HTML. The customer was sent `customer_note`s."""

    note: Text
    author: Text | None = None
    customer_note: bool = False
    date_created_gmt: Instant = None
