"""Adobe Commerce's rows: payload models holding the fields that are used. Keys with a null value are mostly left out.

Dates are UTC without a zone; amounts are numbers, and quantities may be fractional.
"""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Annotated, get_args

from pydantic import BaseModel, Field, PositiveInt

from ..model import Money
from .answers import guest
from .payload import Amount, Instant, Payload, PhpList, PhpObject, Text

ZERO = Decimal(0)


class PageRow(Payload):
    """What stands around every list; `items` is null or left out where there is nothing."""

    items: PhpList[object] = ()
    total_count: int


class PostalRow(Payload):
    firstname: Text | None = None
    lastname: Text | None = None
    company: Text | None = None
    street: PhpList[Text] = ()
    city: Text | None = None
    region: Text | None = None
    postcode: Text | None = None
    country_id: Text | None = None
    telephone: Text | None = None


class LineRow(Payload):
    """A configurable product is two rows: its own with the figures, and its variant's with `parent_item_id`."""

    item_id: PositiveInt
    parent_item_id: int | None = None
    name: Text | None = None
    sku: Text | None = None
    qty_ordered: Amount
    qty_shipped: Amount = ZERO
    qty_refunded: Amount = ZERO
    qty_canceled: Amount = ZERO
    is_virtual: Text | None = None
    price: Amount | None = None
    row_total: Amount | None = None


class PaymentRow(Payload):
    method: Text | None = None


class CommentRow(Payload):
    """A remark, in HTML; `is_visible_on_front` means that the customer can read it."""

    comment: Text | None = None
    created_at: Instant = None
    is_visible_on_front: Text | None = None


class ShippingRow(Payload):
    address: Annotated[PostalRow | None, PhpObject] = None


class AssignmentRow(Payload):
    shipping: Annotated[ShippingRow | None, PhpObject] = None


class InfoRow(Payload):
    key: Text
    value: Text | None = None


class ExtensionRow(Payload):
    shipping_assignments: PhpList[AssignmentRow] = ()
    payment_additional_info: PhpList[InfoRow] = ()


class OrderRow(Payload):
    """`state` is one of eight, `status` whatever the merchant calls it."""

    entity_id: PositiveInt
    increment_id: Text
    state: Text | None = None
    status: Text
    created_at: Instant = None
    customer_email: Text | None = None
    customer_id: int | None = None
    order_currency_code: Annotated[str, Field(min_length=3)]
    subtotal: Amount | None = None
    discount_amount: Amount | None = None
    shipping_amount: Amount | None = None
    tax_amount: Amount | None = None
    grand_total: Amount
    total_paid: Amount | None = None
    total_refunded: Amount | None = None
    coupon_code: Text | None = None
    items: PhpList[LineRow]
    billing_address: Annotated[PostalRow | None, PhpObject] = None
    payment: Annotated[PaymentRow | None, PhpObject] = None
    status_histories: PhpList[CommentRow] = ()
    extension_attributes: Annotated[ExtensionRow | None, PhpObject] = None

    @property
    def party(self) -> str:
        """The id of the `Party` that it belongs to; a guest has no customer."""
        return str(self.customer_id) if self.customer_id else guest(self.customer_email, str(self.entity_id))

    @property
    def lines(self) -> tuple[LineRow, ...]:
        """What the customer saw in his cart."""
        return tuple(line for line in self.items if not line.parent_item_id)

    def money(self, amount: Decimal | None) -> Money | None:
        """In the currency that the customer paid in."""
        return None if amount is None else Money(amount, self.order_currency_code)


class TrackRow(Payload):
    track_number: Text | None = None
    title: Text | None = None
    carrier_code: Text | None = None


class MovedRow(Payload):
    """A line of a shipment or a credit memo."""

    order_item_id: int | None = None
    name: Text | None = None
    sku: Text | None = None
    qty: Amount = ZERO
    row_total_incl_tax: Amount | None = None


class ShipmentRow(Payload):
    order_id: PositiveInt
    created_at: Instant = None
    items: PhpList[MovedRow] = ()
    tracks: PhpList[TrackRow] = ()


class CreditmemoRow(Payload):
    """`state` is 1 open, 2 refunded, 3 canceled."""

    order_id: PositiveInt
    created_at: Instant = None
    state: Text | None = None
    grand_total: Amount
    order_currency_code: Annotated[str, Field(min_length=3)]
    items: PhpList[MovedRow] = ()
    comments: PhpList[CommentRow] = ()


class CustomerRow(Payload):
    id: PositiveInt
    email: Text
    firstname: Text | None = None
    lastname: Text | None = None
    created_at: Instant = None
    addresses: PhpList[PostalRow] = ()


class ParametersRow(Payload):
    resources: Text | None = None


class ErrorRow(Payload):
    """`message` has places (`%resources`) that `parameters`, a list or an object, fill."""

    message: Text
    parameters: object = None


@cache
def fields(kind: type[Payload]) -> str:
    """Magento's `fields` for a model: `entity_id,items[item_id,name]`, so that nothing else is sent."""
    return ",".join(_fields(kind))


def _fields(kind: type[BaseModel]) -> Iterable[str]:
    for name, field in kind.model_fields.items():
        inner = _model(field.annotation)
        yield f"{name}[{','.join(_fields(inner))}]" if inner else name


def _model(annotation: object) -> type[BaseModel] | None:
    """The model within `X`, `X | None` or `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model(inner))), None)
