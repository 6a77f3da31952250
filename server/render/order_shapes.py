"""One order as the contract's answers tell it: what `contract` must build, and what docs/openapi.json says.

Money is exact text in one currency, instants are UTC in ISO 8601, quantities are text because they may be fractional.
`null` is what a platform cannot give; a source's `lacks` says why. Names may be added, never renamed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from ..model import (
    DisputeKind,
    DisputeStatus,
    Due,
    FulfillmentStatus,
    PaymentStatus,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
)

Instant = Annotated[datetime, WithJsonSchema({"type": "string"})]
"""In UTC, as everywhere in the model; written as `2026-11-26T12:00:00Z` when the answer becomes bytes."""


class Money(TypedDict):
    """`{"amount": "12.30", "currency": "EUR"}`: at least the currency's own decimals."""

    amount: str
    currency: str


class Payment(TypedDict):
    """`raw` is the platform's own word; `expires_at` when an authorisation lapses, `due` when the money is taken."""

    status: PaymentStatus
    raw: str | None
    method: str | None
    paid_at: Instant | None
    failure: str | None
    due: Due
    expires_at: Instant | None


class Fulfillment(TypedDict):
    """How far the shop has come."""

    status: FulfillmentStatus
    raw: str | None


class Cancellation(TypedDict):
    """When and why an order was cancelled."""

    at: Instant | None
    reason: str | None


class Totals(TypedDict):
    """`net` is what was kept: the total less refunds."""

    items: Money | None
    discount: Money | None
    shipping: Money | None
    tax: Money | None
    total: Money | None
    refunded: Money | None
    net: Money | None


class Item(TypedDict):
    """One line of an order."""

    title: str
    variant: str | None
    sku: str | None
    quantity: str | None
    fulfilled: str | None
    refunded: str | None
    price: Money | None
    total: Money | None
    image_url: str | None


class ShippedItem(TypedDict):
    """How many of something are in a parcel or a return."""

    title: str
    quantity: str | None
    sku: str | None


class Event(TypedDict):
    """One scan of a parcel."""

    status: ShipmentStatus
    raw: str | None
    at: Instant | None
    message: str | None
    place: str | None


class Shipment(TypedDict):
    """One parcel. `tracking_url` is the store's own link.

    `carrier_url` is ours, made from the number, where the store has none or only one without https; `null` where
    carrier or number leave a doubt.
    """

    status: ShipmentStatus
    raw: str | None
    carrier: str | None
    tracking_number: str | None
    tracking_url: str | None
    carrier_url: str | None
    shipped_at: Instant | None
    delivered_at: Instant | None
    estimated_at: Instant | None
    items: Sequence[ShippedItem]
    events: Sequence[Event]


class RefundedItem(TypedDict):
    """How many of a line were refunded, and for how much."""

    title: str
    quantity: str | None
    amount: Money | None


class Refund(TypedDict):
    """Money given back."""

    amount: Money
    status: RefundStatus
    at: Instant | None
    reason: str | None
    method: str | None
    items: Sequence[RefundedItem]


class Return(TypedDict):
    """Goods on their way back."""

    name: str | None
    status: ReturnStatus
    raw: str | None
    reason: str | None
    at: Instant | None
    items: Sequence[ShippedItem]


class Dispute(TypedDict):
    """A payment that the customer's bank questions."""

    kind: DisputeKind
    status: DisputeStatus
    raw: str | None
    at: Instant | None
    amount: Money | None


class Address(TypedDict):
    """A postal address as the store keeps it."""

    name: str | None
    company: str | None
    street: Sequence[str]
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    phone: str | None


class Addresses(TypedDict):
    """Where it goes, and who pays."""

    shipping: Address | None
    billing: Address | None


class Note(TypedDict):
    """A remark on an order; `public` when the customer wrote or can read it."""

    text: str
    at: Instant | None
    by: str | None
    public: bool


class Answer(TypedDict):
    """A ready answer for the customer, in his language and time zone; nothing in it is personal or a promise."""

    about: Literal["status", "tracking", "refund"]
    language: str
    text: str


class Order(TypedDict):
    """One order. `review` is the store's word where it wants the order looked at for fraud.

    `record` is the mark of the record it belongs to; `later` names what only `/v1/order` tells."""

    id: str
    store: str
    platform: str
    number: str
    store_id: str
    admin_url: str | None
    named_in_ticket: bool
    record: str
    placed_at: Instant | None
    currency: str
    sentence: str
    answers: Sequence[Answer]
    payment: Payment
    review: str | None
    fulfillment: Fulfillment
    cancelled: Cancellation | None
    totals: Totals
    items: Sequence[Item]
    more_items: bool
    later: Sequence[str]
    shipments: Sequence[Shipment]
    refunds: Sequence[Refund]
    returns: Sequence[Return]
    disputes: Sequence[Dispute]
    addresses: Addresses
    notes: Sequence[Note]
    tags: Sequence[str]
    discount_codes: Sequence[str]
