"""BigCommerce's rows: payload models holding the fields that are used, and no others."""

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PositiveInt

from ..model import Money
from .answers import guest
from .payload import Amount, Instant, Payload, Text, utc

ZERO = Decimal(0)

NOT_PLACED = "incomplete"
"""Given up at payment."""


def _moment(value: object) -> object:
    """V2 writes RFC 2822 and "" for none, V3 ISO 8601."""
    if not isinstance(value, str) or not value.strip():
        return None if value == "" else value
    try:
        return utc(value)
    except ValueError:
        stated = parsedate_to_datetime(value)
        return stated.replace(tzinfo=UTC) if stated.tzinfo is None else stated.astimezone(UTC)


Moment = Annotated[datetime | None, BeforeValidator(_moment)]


class PostalRow(Payload):
    """An address; of an order, or of a customer (whose street lines are called otherwise)."""

    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    street_1: Text | None = None
    street_2: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    state: Text | None = None
    state_or_province: Text | None = None
    zip: Text | None = None
    postal_code: Text | None = None
    country_iso2: Text | None = None
    country_code: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class LineRow(Payload):
    id: PositiveInt
    name: Text
    sku: Text | None = None
    quantity: Amount
    quantity_shipped: Amount | None = None
    quantity_refunded: Amount | None = None
    price_inc_tax: Amount | None = None
    total_inc_tax: Amount


class ConsignmentRow(PostalRow):
    """Where some of the lines go."""

    line_items: tuple[LineRow, ...] = ()


class ConsignmentsRow(Payload):
    """Without `include` this is a link, `{url, resource}`, and holds nothing."""

    shipping: tuple[ConsignmentRow, ...] = ()
    pickups: tuple[ConsignmentRow, ...] = ()
    downloads: tuple[ConsignmentRow, ...] = ()


class OrderRow(Payload):
    """Amounts are in `default_currency_code`, which is what is charged."""

    id: PositiveInt
    customer_id: int = 0
    date_created: Moment = None
    status: Text
    custom_status: Text | None = None
    is_deleted: bool = False
    payment_status: Text | None = None
    payment_method: Text | None = None
    default_currency_code: Annotated[str, Field(min_length=3)]
    subtotal_inc_tax: Amount | None = None
    discount_amount: Amount | None = None
    coupon_discount: Amount | None = None
    shipping_cost_inc_tax: Amount | None = None
    total_tax: Amount | None = None
    total_inc_tax: Amount
    refunded_amount: Amount = ZERO
    items_total: Amount | None = None
    items_shipped: Amount = ZERO
    customer_message: Text | None = None
    staff_notes: Text | None = None
    billing_address: PostalRow
    consignments: ConsignmentsRow | None = None

    @property
    def placed(self) -> bool:
        """Whether a customer has ordered it, and nobody has thrown it away."""
        return self.status.casefold() != NOT_PLACED and not self.is_deleted

    @property
    def party(self) -> str:
        """The id of the `Party` that it belongs to; 0 is no customer."""
        return str(self.customer_id) if self.customer_id > 0 else guest(self.billing_address.email, str(self.id))

    def money(self, amount: Decimal | None) -> Money | None:
        """In the order's currency."""
        return None if amount is None else Money(amount, self.default_currency_code)


class ShippedRow(Payload):
    order_product_id: int
    quantity: Amount


class ShipmentRow(Payload):
    date_created: Moment = None
    tracking_number: Text | None = None
    tracking_carrier: Text | None = None
    shipping_provider: Text | None = None
    shipping_provider_display_name: Text | None = None
    tracking_link: Text | None = None
    generated_tracking_link: Text | None = None
    items: tuple[ShippedRow, ...] = ()

    @property
    def carriers(self) -> tuple[str | None, ...]:
        """What names the carrier, the best name first."""
        return self.shipping_provider_display_name, self.tracking_carrier, self.shipping_provider


class RefundedRow(Payload):
    item_type: Text
    item_id: int | None = None
    quantity: Amount = Decimal(1)
    requested_amount: Amount | None = None


class PaymentRow(Payload):
    provider_id: Text | None = None
    is_declined: bool | None = None


class RefundRow(Payload):
    order_id: int
    created: Moment = None
    reason: Text | None = None
    total_amount: Amount
    items: tuple[RefundedRow, ...] = ()
    payments: tuple[PaymentRow, ...] = ()


class CustomerRow(Payload):
    id: PositiveInt
    email: Text
    first_name: Text | None = None
    last_name: Text | None = None
    phone: Text | None = None
    date_created: Instant = None
    addresses: tuple[PostalRow, ...] = ()


class DataRow(Payload):
    """What V3 puts around its rows."""

    data: tuple[Any, ...]
