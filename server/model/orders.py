"""What a store knows: orders, what happened to them, and whose they are."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, structs

from .statuses import (
    DisputeKind,
    DisputeStatus,
    Due,
    FulfillmentStatus,
    PaymentStatus,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
)


class PartyKind(StrEnum):
    """A record that the store keeps, or a buyer known from an order only."""

    ACCOUNT = "account"
    GUEST = "guest"


class Money(Struct, frozen=True, gc=False):
    """An amount in one currency (ISO 4217, capitals)."""

    amount: Decimal
    currency: str


class Address(Struct, frozen=True, gc=False):
    """A postal address as the store keeps it; `country` is ISO 3166-1 alpha-2 where the platform gives it."""

    name: str | None = None
    company: str | None = None
    street: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None


class Payment(Struct, frozen=True, gc=False):
    """What was to be paid. `failure` is the reason in the platform's words, set only when a payment failed.

    `expires_at` is when an authorisation lapses, where the platform says so; `due` when the money is taken.
    """

    status: PaymentStatus
    raw: str | None = None
    method: str | None = None
    paid_at: datetime | None = None
    failure: str | None = None
    expires_at: datetime | None = None
    due: Due = Due.WITH_ORDER


class Fulfillment(Struct, frozen=True, gc=False):
    """How far the shop has come with an order."""

    status: FulfillmentStatus
    raw: str | None = None


class Cancellation(Struct, frozen=True, gc=False):
    """That an order was cancelled, when, and why in the platform's words."""

    at: datetime | None = None
    reason: str | None = None


class Totals(Struct, frozen=True, gc=False):
    """An order's sums in the currency the customer saw. `net` = paid and kept: total less refunds."""

    items: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    refunded: Money | None = None
    net: Money | None = None

    @property
    def kept(self) -> Money | None:
        """`net`, where it is what `total` less `refunded` comes to; where it is not, nobody can show how it came."""
        total, back, net = self.total, self.refunded, self.net
        if total is None or back is None or net is None or {total.currency, back.currency} != {net.currency}:
            return None
        return net if total.amount - back.amount == net.amount else None


class LineItem(Struct, frozen=True, gc=False):
    """One line of an order; quantities may be fractional, counts that the platform cannot give are `None`.

    `store_id` is the platform's id of the line, by which parcels and refunds name it.
    """

    title: str
    quantity: Decimal
    variant: str | None = None
    sku: str | None = None
    fulfilled: Decimal | None = None
    refunded: Decimal | None = None
    price: Money | None = None
    total: Money | None = None
    image_url: str | None = None
    store_id: str | None = None


class ShippedItem(Struct, frozen=True, gc=False):
    """How many of something are in a parcel or a return."""

    title: str
    quantity: Decimal
    sku: str | None = None


class ShipmentEvent(Struct, frozen=True, gc=False):
    """One scan of a parcel."""

    status: ShipmentStatus
    raw: str | None = None
    at: datetime | None = None
    message: str | None = None
    place: str | None = None


class Shipment(Struct, frozen=True, gc=False):
    """One parcel. `events` are newest first. `tracking_url` is https or http as the store gave it, else `None`."""

    status: ShipmentStatus
    raw: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    estimated_at: datetime | None = None
    items: tuple[ShippedItem, ...] = ()
    events: tuple[ShipmentEvent, ...] = ()


class RefundedItem(Struct, frozen=True, gc=False):
    """How many of a line were refunded, and for how much."""

    title: str
    quantity: Decimal
    amount: Money | None = None


class Refund(Struct, frozen=True, gc=False):
    """Money given back; `amount` is positive."""

    amount: Money
    status: RefundStatus
    at: datetime | None = None
    reason: str | None = None
    method: str | None = None
    items: tuple[RefundedItem, ...] = ()


class Return(Struct, frozen=True, gc=False):
    """Goods on their way back. `name` is the number that the customer was given."""

    status: ReturnStatus
    raw: str | None = None
    name: str | None = None
    reason: str | None = None
    at: datetime | None = None
    items: tuple[ShippedItem, ...] = ()


class Dispute(Struct, frozen=True, gc=False):
    """A payment that the customer's bank questions."""

    kind: DisputeKind
    status: DisputeStatus
    raw: str | None = None
    at: datetime | None = None
    amount: Money | None = None


class Note(Struct, frozen=True, gc=False):
    """A remark on an order; `public` when the customer wrote or can read it. Plain text."""

    text: str
    at: datetime | None = None
    by: str | None = None
    public: bool = False


class Order(Struct, frozen=True, gc=False):
    """One order of one store.

    `number` is what the customer sees, `store_id` the platform's own id, `party` the id of the `Party` of the
    same store that it belongs to. `email` and `phone` are those given with this order. `review` is the platform's
    word where it wants the order looked at for fraud before it is sent. `later` names the parts that have not been
    asked for yet, because each order costs a call for them: empty here means nothing of them.
    """

    store: str
    platform: str
    store_id: str
    number: str
    party: str
    currency: str
    placed_at: datetime | None = None
    email: str | None = None
    phone: str | None = None
    admin_url: str | None = None
    payment: Payment = Payment(PaymentStatus.UNKNOWN)
    fulfillment: Fulfillment = Fulfillment(FulfillmentStatus.UNKNOWN)
    review: str | None = None
    cancelled: Cancellation | None = None
    totals: Totals = Totals()
    items: tuple[LineItem, ...] = ()
    more_items: bool = False
    shipments: tuple[Shipment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    returns: tuple[Return, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    shipping_address: Address | None = None
    billing_address: Address | None = None
    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    later: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Unique among all orders of a tenant."""
        return f"{self.store}/{self.store_id}"

    @property
    def party_id(self) -> str:
        """The `id` of the `Party` that it belongs to."""
        return f"{self.store}/{self.party}"


class Party(Struct, frozen=True, gc=False, eq=False):
    """A customer record of one store, or a guest as his orders show him.

    `store_id` is unique within the store; a guest's is `guest:` plus the lower-cased e-mail of his orders (or
    `guest:order:` plus the order's id when they carry none). `names` are the full names the store has for him,
    the account's or billing name first. `orders_count` and `spent` are the platform's own figures over his
    whole history, `None` and empty where it has none. `mark` names the record to those who may not know its id;
    matching sets it.
    """

    store: str
    store_id: str
    kind: PartyKind
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    since: datetime | None = None
    orders_count: int | None = None
    spent: tuple[Money, ...] = ()
    tags: tuple[str, ...] = ()
    admin_url: str | None = None
    mark: str = ""

    def __eq__(self, other: object) -> bool:
        """Whether the store says the same of it, whatever it is called here."""
        return isinstance(other, Party) and structs.astuple(self)[:-1] == structs.astuple(other)[:-1]

    def __hash__(self) -> int:
        return hash(structs.astuple(self)[:-1])

    @property
    def id(self) -> str:
        """Unique among all parties of a tenant."""
        return f"{self.store}/{self.store_id}"
