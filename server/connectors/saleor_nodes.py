"""What Saleor sends for the fields that our document asks for. Names and words are Saleor's (3.21 and later)."""

from typing import Annotated

from pydantic import AliasPath, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..model import Money
from .answers import guest
from .payload import Amount, Instant, Payload, Text


class Node(Payload):
    model_config = ConfigDict(alias_generator=to_camel)


class Sum(Node):
    amount: Amount
    currency: Annotated[str, Field(min_length=3)]

    @property
    def money(self) -> Money:
        """As we write it."""
        return Money(self.amount, self.currency)


class ProblemNode(Node):
    """One of `errors`; `path` names the field that it is about."""

    message: Text = ""
    path: tuple[str | int, ...] | None = None
    code: str | None = Field(None, validation_alias=AliasPath("extensions", "exception", "code"))


class EnvelopeNode(Node):
    """What stands around every answer."""

    data: dict[str, object] | None = None
    errors: tuple[ProblemNode, ...] = ()
    cost: Amount | None = Field(None, validation_alias=AliasPath("extensions", "cost", "requestedQueryCost"))
    most: Amount | None = Field(None, validation_alias=AliasPath("extensions", "cost", "maximumAvailable"))


class PlaceNode(Node):
    first_name: Text | None = None
    last_name: Text | None = None
    company_name: Text | None = None
    street_address_1: Text | None = Field(None, validation_alias="streetAddress1")
    street_address_2: Text | None = Field(None, validation_alias="streetAddress2")
    city: Text | None = None
    postal_code: Text | None = None
    country_area: Text | None = None
    country: Text | None = Field(None, validation_alias=AliasPath("country", "code"))
    phone: Text | None = None


class UserNode(Node):
    id: Text
    email: Text
    first_name: Text | None = None
    last_name: Text | None = None
    date_joined: Instant = None
    addresses: tuple[PlaceNode, ...] = ()


class LineNode(Node):
    id: Text
    product_name: Text
    variant_name: Text | None = None
    product_sku: Text | None = None
    quantity: Amount
    quantity_fulfilled: Amount | None = None
    price: Sum | None = Field(None, validation_alias=AliasPath("unitPrice", "gross"))
    total: Sum | None = Field(None, validation_alias=AliasPath("totalPrice", "gross"))
    thumbnail: Text | None = Field(None, validation_alias=AliasPath("thumbnail", "url"))


class CountNode(Node):
    """How many of a line."""

    quantity: Amount
    line: Text | None = Field(None, validation_alias=AliasPath("orderLine", "id"))


class FulfillmentNode(Node):
    """Lines that were sent; or that came back, which Saleor keeps as fulfillments of other states."""

    status: Text
    created: Instant = None
    tracking_number: Text | None = None
    lines: tuple[CountNode, ...] | None = None


class EventNode(Node):
    type: Text | None = None
    created_at: Instant = None
    message: Text | None = None
    amount: Sum | None = None


class TransactionNode(Node):
    name: Text | None = None
    events: tuple[EventNode, ...] = ()


class GrantedNode(Node):
    created_at: Instant = None
    amount: Sum
    reason: Text | None = None
    status: Text | None = None
    lines: tuple[CountNode, ...] | None = None


class DiscountNode(Node):
    total: Sum


class OrderNode(Node):
    id: Text
    number: Text
    created: Instant = None
    status: Text
    charge_status: Text | None = None
    authorize_status: Text | None = None
    user_email: Text | None = None
    user: Text | None = Field(None, validation_alias=AliasPath("user", "id"))
    customer_note: Text | None = None
    voucher_code: Text | None = None
    total: Sum = Field(validation_alias=AliasPath("total", "gross"))
    tax: Sum | None = Field(None, validation_alias=AliasPath("total", "tax"))
    subtotal: Sum | None = Field(None, validation_alias=AliasPath("subtotal", "gross"))
    shipping: Sum | None = Field(None, validation_alias=AliasPath("shippingPrice", "gross"))
    total_charged: Sum | None = None
    total_refunded: Sum | None = None
    discounts: tuple[DiscountNode, ...] = ()
    lines: tuple[LineNode, ...]
    fulfillments: tuple[FulfillmentNode, ...] = ()
    transactions: tuple[TransactionNode, ...] = ()
    granted_refunds: tuple[GrantedNode, ...] = ()
    shipping_address: PlaceNode | None = None
    billing_address: PlaceNode | None = None

    @property
    def party(self) -> str:
        """The id of the `Party` that it belongs to; a guest's order has no user."""
        return self.user or guest(self.user_email, self.id)


class EdgeNode(Node):
    node: object


class PageNode(Node):
    edges: tuple[EdgeNode, ...]
    more: bool = Field(validation_alias=AliasPath("pageInfo", "hasNextPage"))


class PermissionNode(Node):
    code: str


class AppNode(Node):
    permissions: tuple[PermissionNode, ...] = ()
