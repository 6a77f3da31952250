"""WooCommerce's rows, holding the fields that are used and no others."""

from datetime import datetime
from decimal import Decimal

from ..model import Money
from .payload import joined, php_list
from .rows import Currency, Id, Row, finite, read

TRACKING = "_wc_shipment_tracking_items"
"""Where Shipment Tracking and Advanced Shipment Tracking keep an order's parcels."""

ZERO, ONE = Decimal(0), Decimal(1)


class PostalRow(Row, frozen=True, kw_only=True):
    """`billing` or `shipping`: members are "" where they are empty."""

    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address_1: str | None = None
    address_2: str | None = None
    city: str | None = None
    state: str | None = None
    postcode: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def name(self) -> str | None:
        """First and last name, as far as they are given."""
        return joined(self.first_name, self.last_name)


class MetaRow(Row, frozen=True, kw_only=True):
    """What plugins or the choice of a variation added to a line; a key with a leading `_` is not meant for people."""

    key: str = ""
    value: object = None
    display_value: object = None


class ImageRow(Row, frozen=True, kw_only=True):
    """A product's picture; `src` is "" without one."""

    src: str | None = None


class LineRow(Row, frozen=True, kw_only=True):
    """A line of an order, or of a refund with negative figures. `total` is after discounts, all without tax."""

    id: Id
    name: str | None = None
    parent_name: str | None = None
    sku: str | None = None
    quantity: Decimal
    subtotal: Decimal
    total: Decimal
    total_tax: Decimal = ZERO
    price: Decimal | None = None
    image: ImageRow | None = None
    meta_data: tuple[MetaRow, ...] = ()

    def __post_init__(self) -> None:
        finite(self.quantity, self.subtotal, self.total, self.total_tax, self.price)


class FeeRow(Row, frozen=True, kw_only=True):
    """Gift wrap, a surcharge, or (negative) a plugin's discount."""

    name: str | None = None
    total: Decimal

    def __post_init__(self) -> None:
        finite(self.total)


class CouponRow(Row, frozen=True, kw_only=True):
    """A code that the customer used."""

    code: str


class NotedRefundRow(Row, frozen=True, kw_only=True):
    """What the order itself says of a refund; `total` is negative."""

    id: Id
    reason: str | None = None
    total: Decimal

    def __post_init__(self) -> None:
        finite(self.total)


class ParcelRow(Row, frozen=True, kw_only=True):
    """One tracking number. `date_shipped` is in Unix seconds, or a date as the plugins' own endpoints write it."""

    tracking_provider: str | None = None
    custom_tracking_provider: str | None = None
    custom_tracking_link: str | None = None
    tracking_number: str | None = None
    date_shipped: str | None = None


class OrderRow(Row, frozen=True, kw_only=True):
    """`customer_id` is 0 for guests and for accounts that were deleted."""

    id: Id
    number: str
    status: str
    currency: Currency
    customer_id: int = 0
    date_created_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    payment_method: str | None = None
    payment_method_title: str | None = None
    total: Decimal
    total_tax: Decimal
    discount_total: Decimal
    shipping_total: Decimal
    customer_note: str | None = None
    billing: PostalRow
    shipping: PostalRow | None = None
    line_items: tuple[LineRow, ...]
    fee_lines: tuple[FeeRow, ...] = ()
    coupon_lines: tuple[CouponRow, ...] = ()
    refunds: tuple[NotedRefundRow, ...] = ()
    meta_data: tuple[MetaRow, ...] = ()

    def __post_init__(self) -> None:
        finite(self.total, self.total_tax, self.discount_total, self.shipping_total)
        _ = self.parcels  # an order of which a parcel cannot be read is not shown without it

    @property
    def parcels(self) -> tuple[ParcelRow, ...]:
        """What the tracking plugins keep in the order's meta data."""
        if not self.meta_data:
            return ()
        kept = (php_list(meta.value) for meta in self.meta_data if meta.key == TRACKING)
        return tuple(read(ParcelRow, parcel) for value in kept if isinstance(value, list) for parcel in value)

    @property
    def party(self) -> str:
        """The id of the `Party` that it belongs to."""
        if self.customer_id > 0:
            return str(self.customer_id)
        return f"guest:{(self.billing.email or '').strip().lower() or f'order:{self.id}'}"

    @property
    def refunded(self) -> Decimal:
        """All that was given back, positive."""
        return sum([abs(refund.total) for refund in self.refunds], ZERO)

    def money(self, amount: Decimal) -> Money:
        """In this order's currency."""
        return Money(amount, self.currency)


class RefundRow(Row, frozen=True, kw_only=True):
    """`refunded_payment` tells whether the gateway sent the money; else somebody has to, by hand."""

    id: Id
    refunded_payment: bool | None = None
    date_created_gmt: datetime | None = None
    line_items: tuple[LineRow, ...] = ()


class CustomerRow(Row, frozen=True, kw_only=True):
    """An account."""

    id: Id
    email: str
    first_name: str | None = None
    last_name: str | None = None
    date_created_gmt: datetime | None = None
    billing: PostalRow | None = None
    shipping: PostalRow | None = None


class IndexRow(Row, frozen=True, kw_only=True):
    """WordPress's own list of what it serves."""

    namespaces: tuple[str, ...]


class NoteRow(Row, frozen=True, kw_only=True):
    """A remark of the shop's, of its plugins or of WooCommerce itself; HTML. The customer was sent `customer_note`s."""

    note: str
    author: str | None = None
    customer_note: bool = False
    date_created_gmt: datetime | None = None
