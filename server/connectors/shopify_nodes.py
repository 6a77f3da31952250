"""What Shopify sends: the nodes that our documents ask for. Names are Shopify's (Admin API 2026-01 to 2026-10)."""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Raw, field

from ..model import Money
from .rows import Row, finite


class GrantNode(Row, frozen=True, kw_only=True):
    """The answer of the token endpoint (RFC 6749 §5.1)."""

    access_token: str
    expires_in: int

    def __repr__(self) -> str:  # a token must not reach a log by accident
        return "GrantNode()"


class Node(Row, frozen=True, kw_only=True, rename="camel"):
    pass


NodeT = TypeVar("NodeT")


class PageInfoNode(Node, frozen=True, kw_only=True):
    has_next_page: bool = False


class Page(Node, frozen=True, kw_only=True):
    page_info: PageInfoNode = PageInfoNode()

    @property
    def more(self) -> bool:
        """Whether others follow."""
        return self.page_info.has_next_page


class Nodes(Page, Generic[NodeT], frozen=True, kw_only=True):
    """A page of what is behind a field."""

    nodes: tuple[NodeT, ...]

    def __iter__(self) -> Iterator[NodeT]:
        return iter(self.nodes)


class RowsNode(Page, frozen=True, kw_only=True):
    """A page whose rows are read one by one where they cannot be read at once."""

    nodes: Raw


UnsignedInt64 = Annotated[str, Meta(pattern=r"^[0-9]{1,20}$")]
"""Shopify's scalar of that name, which JSON holds as text."""


class Sum(Node, frozen=True, kw_only=True):
    amount: Decimal
    currency_code: str

    def __post_init__(self) -> None:
        finite(self.amount)

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency_code)


class Seen(Node, frozen=True, kw_only=True):
    """A sum in the currency that the customer saw; the other is the shop's."""

    presentment_money: Sum

    @property
    def amount(self) -> Decimal:
        return self.presentment_money.amount

    @property
    def money(self) -> Money:
        return self.presentment_money.money


class AddressNode(Node, frozen=True, kw_only=True):
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    zip: str | None = None
    country: str | None = field(default=None, name="countryCodeV2")
    phone: str | None = None


class EmailNode(Node, frozen=True, kw_only=True):
    email_address: str | None = None


class PhoneNode(Node, frozen=True, kw_only=True):
    phone_number: str | None = None


class CustomerNode(Node, frozen=True, kw_only=True):
    legacy_resource_id: UnsignedInt64
    first_name: str | None = None
    last_name: str | None = None
    created_at: datetime | None = None
    number_of_orders: UnsignedInt64 | None = None
    tags: tuple[str, ...] = ()
    default_email_address: EmailNode | None = None
    default_phone_number: PhoneNode | None = None
    amount_spent: Sum | None = None
    default_address: AddressNode | None = None

    @property
    def email(self) -> str | None:
        return self.default_email_address.email_address if self.default_email_address else None

    @property
    def phone(self) -> str | None:
        return self.default_phone_number.phone_number if self.default_phone_number else None


class BuyerNode(CustomerNode, frozen=True, kw_only=True):
    """A customer that was asked for together with his orders."""

    orders: RowsNode


class OwnedNode(Node, frozen=True, kw_only=True):
    """An order, as far as to whom it belongs."""

    email: str | None = None
    customer: CustomerNode | None = None

    def is_of(self, customers: Collection[str]) -> bool:
        """Whether it belongs to one of these records."""
        return self.customer is not None and self.customer.legacy_resource_id in customers

    @property
    def emails(self) -> tuple[str, ...]:
        """Its own, and its customer's."""
        return tuple(filter(None, (self.email, self.customer.email if self.customer else None)))


class DisputeNode(Node, frozen=True, kw_only=True):
    initiated_as: str
    status: str


class TransactionNode(Node, frozen=True, kw_only=True):
    kind: str | None = None
    status: str
    error_code: str | None = None
    formatted_gateway: str | None = None
    processed_at: datetime | None = None
    authorization_expires_at: datetime | None = None


class LineNode(Node, frozen=True, kw_only=True):
    title: str
    variant_title: str | None = None
    sku: str | None = None
    quantity: int
    current_quantity: int
    unfulfilled_quantity: int
    non_fulfillable_quantity: int
    total: Seen = field(name="discountedTotalSet")


class TrackingNode(Node, frozen=True, kw_only=True):
    company: str | None = None
    number: str | None = None
    url: str | None = None


class EventNode(Node, frozen=True, kw_only=True):
    status: str
    happened_at: datetime | None
    message: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None


class FulfillmentNode(Node, frozen=True, kw_only=True):
    status: str
    display_status: str | None = None
    created_at: datetime | None
    in_transit_at: datetime | None = None
    delivered_at: datetime | None = None
    estimated_delivery_at: datetime | None = None
    tracking_info: tuple[TrackingNode, ...]
    events: Nodes[EventNode]


class SoldNode(Node, frozen=True, kw_only=True):
    """What a line of a refund or a return refers to."""

    title: str
    sku: str | None = None


class RefundLineNode(Node, frozen=True, kw_only=True):
    quantity: int
    line_item: SoldNode

    @property
    def title(self) -> str:
        return self.line_item.title


class RefundNode(Node, frozen=True, kw_only=True):
    processed_at: datetime | None
    note: str | None = None
    total: Seen = field(name="totalRefundedSet")
    transactions: Nodes[TransactionNode]
    lines: Nodes[RefundLineNode] = field(name="refundLineItems")


class ReasonNode(Node, frozen=True, kw_only=True):
    name: str | None = None


class SentNode(Node, frozen=True, kw_only=True):
    line_item: SoldNode | None = None


class ReturnLineNode(Node, frozen=True, kw_only=True):
    quantity: int
    reason: ReasonNode | None = field(default=None, name="returnReasonDefinition")
    return_reason_note: str | None = None
    sent: SentNode | None = field(default=None, name="fulfillmentLineItem")

    @property
    def sold(self) -> SoldNode | None:
        """The line that was sold, where Shopify could match it."""
        return self.sent.line_item if self.sent else None


class ReturnNode(Node, frozen=True, kw_only=True):
    name: str
    status: str
    created_at: datetime | None
    lines: Nodes[ReturnLineNode] = field(name="returnLineItems")


class RiskNode(Node, frozen=True, kw_only=True):
    recommendation: str | None = None


class OrderNode(Node, frozen=True, kw_only=True):
    legacy_resource_id: UnsignedInt64
    name: str
    processed_at: datetime | None
    presentment_currency_code: str
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    tags: tuple[str, ...]
    discount_codes: tuple[str, ...]
    edited: bool
    display_financial_status: str | None = None
    display_fulfillment_status: str
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    risk: RiskNode | None = None
    payment_gateway_names: tuple[str, ...]
    subtotal: Seen | None = field(default=None, name="subtotalPriceSet")
    discounts: Seen | None = field(default=None, name="totalDiscountsSet")
    shipping: Seen = field(name="totalShippingPriceSet")
    tax: Seen | None = field(default=None, name="totalTaxSet")
    total: Seen = field(name="totalPriceSet")
    refunded: Seen = field(name="totalRefundedSet")
    shipping_address: AddressNode | None = None
    billing_address: AddressNode | None = None
    disputes: tuple[DisputeNode, ...]
    transactions: tuple[TransactionNode, ...]
    lines: Nodes[LineNode] = field(name="lineItems")
    fulfillments: tuple[FulfillmentNode, ...]
    refunds: tuple[RefundNode, ...]
    returns: Nodes[ReturnNode] | None = None
    customer: CustomerNode | None = None


class ScopeNode(Node, frozen=True, kw_only=True):
    """One access scope that the app was granted."""

    handle: str


class InstallationNode(Node, frozen=True, kw_only=True):
    access_scopes: tuple[ScopeNode, ...]


class ShopNode(Node, frozen=True, kw_only=True):
    """What stands before and after every order number of the shop."""

    order_number_format_prefix: str = ""
    order_number_format_suffix: str = ""


class StandingNode(Node, frozen=True, kw_only=True):
    """What Shopify says of the app's connection to the shop."""

    current_app_installation: InstallationNode
    shop: ShopNode

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes granted; who may write may read."""
        handles = {scope.handle for scope in self.current_app_installation.access_scopes}
        return frozenset(handles | {f"read_{handle[6:]}" for handle in handles if handle.startswith("write_")})
