"""The canonical model: what every platform's answer becomes, and what the panel is made of.

All of it is frozen. Amounts are `Decimal` with their ISO 4217 code and are never added across currencies;
instants are timezone-aware UTC; `None` means "the platform did not say". Every status is one of our words
plus, in `raw`, the word the platform used: a word that we do not know is `unknown` and is shown as written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class PaymentStatus(StrEnum):
    """Where the money for an order stands."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    FAILED = "failed"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


class FulfillmentStatus(StrEnum):
    """How much of an order has left the store."""

    UNFULFILLED = "unfulfilled"
    ON_HOLD = "on_hold"
    SCHEDULED = "scheduled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ShipmentStatus(StrEnum):
    """Where one parcel is."""

    LABEL_CREATED = "label_created"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    EXCEPTION = "exception"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class RefundStatus(StrEnum):
    """Whether refunded money has reached the payment provider."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReturnStatus(StrEnum):
    """How far a return has come."""

    REQUESTED = "requested"
    OPEN = "open"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class DisputeKind(StrEnum):
    """A bank's question (inquiry) or its withdrawal of the money (chargeback)."""

    CHARGEBACK = "chargeback"
    INQUIRY = "inquiry"
    UNKNOWN = "unknown"


class DisputeStatus(StrEnum):
    """Who has to move in a dispute, or how it ended (seen from the merchant)."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    UNKNOWN = "unknown"


class PartyKind(StrEnum):
    """A record that the store keeps, or a buyer known from an order only."""

    ACCOUNT = "account"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217, capitals)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as the store keeps it; `country` is ISO 3166-1 alpha-2 where the platform gives it."""

    name: str | None = None
    company: str | None = None
    street: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What was to be paid. `failure` is the reason in the platform's words, set only when a payment failed."""

    status: PaymentStatus
    raw: str | None = None
    method: str | None = None
    paid_at: datetime | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Fulfillment:
    """How far the shop has come with an order."""

    status: FulfillmentStatus
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """That an order was cancelled, when, and why in the platform's words."""

    at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """An order's sums in the currency the customer saw. `net` = paid and kept: total less refunds."""

    items: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    refunded: Money | None = None
    net: Money | None = None


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of an order; quantities may be fractional, counts that the platform cannot give are `None`."""

    title: str
    quantity: Decimal
    variant: str | None = None
    sku: str | None = None
    fulfilled: Decimal | None = None
    refunded: Decimal | None = None
    price: Money | None = None
    total: Money | None = None
    image_url: str | None = None


@dataclass(frozen=True, slots=True)
class ShippedItem:
    """How many of something are in a parcel or a return."""

    title: str
    quantity: Decimal
    sku: str | None = None


@dataclass(frozen=True, slots=True)
class ShipmentEvent:
    """One scan of a parcel."""

    status: ShipmentStatus
    raw: str | None = None
    at: datetime | None = None
    message: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
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


@dataclass(frozen=True, slots=True)
class RefundedItem:
    """How many of a line were refunded, and for how much."""

    title: str
    quantity: Decimal
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back; `amount` is positive."""

    amount: Money
    status: RefundStatus
    at: datetime | None = None
    reason: str | None = None
    method: str | None = None
    items: tuple[RefundedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """Goods on their way back. `name` is the number that the customer was given."""

    status: ReturnStatus
    raw: str | None = None
    name: str | None = None
    reason: str | None = None
    at: datetime | None = None
    items: tuple[ShippedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payment that the customer's bank questions."""

    kind: DisputeKind
    status: DisputeStatus
    raw: str | None = None
    at: datetime | None = None
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on an order; `public` when the customer wrote or can read it. Plain text."""

    text: str
    at: datetime | None = None
    by: str | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one store.

    `number` is what the customer sees, `store_id` the platform's own id, `party` the id of the `Party` of the
    same store that it belongs to. `email` and `phone` are those given with this order.
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

    @property
    def id(self) -> str:
        """Unique among all orders of a tenant."""
        return f"{self.store}/{self.store_id}"


@dataclass(frozen=True, slots=True)
class Party:
    """A customer record of one store, or a guest as his orders show him.

    `store_id` is unique within the store; a guest's is `guest:` plus the lower-cased e-mail of his orders (or
    `guest:order:` plus the order's id when they carry none). `names` are the full names the store has for him,
    the account's or billing name first. `orders_count` and `spent` are the platform's own figures over his
    whole history, `None` and empty where it has none.
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
    note: str | None = None
    admin_url: str | None = None

    @property
    def id(self) -> str:
        """Unique among all parties of a tenant."""
        return f"{self.store}/{self.store_id}"


class By(StrEnum):
    """What a store can be asked by."""

    CUSTOMER_ID = "customer_id"
    EMAIL = "email"
    PHONE = "phone"
    ORDER_NUMBER = "order_number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask a store by.

    `value` is its normal form (and with `by` its identity); `spellings` are the forms a store may know it
    under, likeliest first; `same` tells whether a form that the store sent means `value`.
    """

    by: By
    value: str
    spellings: tuple[str, ...] = field(compare=False)
    same: Callable[[str], bool] = field(compare=False, repr=False)

    def __repr__(self) -> str:  # the value is personal data and must not reach a log by accident
        return f"Question(by={self.by.value})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one store answered to one question.

    `dropped` counts rows that did not contain the clue asked for, `unreadable` orders whose payload did not fit.
    `lacks` adds to the connector's own: parts that this store could not give this time, with the reason.
    """

    parties: tuple[Party, ...] = ()
    orders: tuple[Order, ...] = ()
    more_orders: bool = False
    dropped: int = 0
    unreadable: int = 0
    lacks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that one store answered."""

    store: str
    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class Identity:
    """One of the requester's identities as Zendesk lists them (API: user_identities). `type` is Zendesk's word."""

    type: str
    value: str
    primary: bool = False
    verified: bool = False
    verification_method: str | None = None
    ownership: str | None = None
    deliverable_state: str | None = None


@dataclass(frozen=True, slots=True)
class TicketText:
    """One comment. `by` is `requester`, `agent` or `other`; `flags` are Zendesk's comment flags."""

    by: str
    text: str
    at: datetime | None = None
    flags: tuple[int, ...] = ()
    trusted: bool | None = None


@dataclass(frozen=True, slots=True)
class Requester:
    """Who the ticket says is writing."""

    id: int | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    identities: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the ticket says. `channel` is Zendesk's `via.channel`; `fields` are custom fields by id."""

    id: int | None = None
    subject: str | None = None
    channel: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[TicketText, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What was posted about one ticket. `proof_from` names who read the proof fields: `browser` or `zendesk`.

    `capped` is set where the tenant reads proof from Zendesk itself and these facts did not come from there:
    then the sender is `stated` at best.
    """

    requester: Requester
    ticket: Ticket = Ticket()
    chosen: str | None = None
    proof_from: str = "browser"
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """What is known of one connected store before it is asked.

    `order_number` is the shape of its numbers (a regular expression without anchors); `country` the default
    region of its phone numbers (ISO 3166-1 alpha-2); `carries_external_ids` whether Zendesk's `external_id` is
    this store's customer id.
    """

    name: str
    platform: str
    asked_by: frozenset[By]
    order_number: str
    country: str | None = None
    brands: tuple[str, ...] = ()
    carries_external_ids: bool = False


class SourceState(StrEnum):
    """What became of asking one store. Only `answered` and `nothing` mean that we looked."""

    ANSWERED = "answered"
    NOTHING = "nothing"
    PENDING = "pending"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    LIMITED = "limited"
    UNREACHABLE = "unreachable"
    CHANGED = "changed"
    PAUSED = "paused"
    NOT_ASKED = "not_asked"

    @property
    def looked(self) -> bool:
        """Whether the store really answered."""
        return self in {SourceState.ANSWERED, SourceState.NOTHING}


class Level(StrEnum):
    """How sure we are whose orders these are."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"
    NONE = "none"
    UNKNOWN = "unknown"


class Sender(StrEnum):
    """Whether the writer is who he says he is, by Zendesk's own proof."""

    PROVEN = "proven"
    STATED = "stated"
    DOUBTED = "doubted"


class ReasonCode(StrEnum):
    """Why a match has its level."""

    SAME_EXTERNAL_ID = "same_external_id"
    SAME_MAILBOX = "same_mailbox"
    SHARED_MAILBOX = "shared_mailbox"
    SAME_PHONE = "same_phone"
    ORDER_NUMBER_OWNED = "order_number_owned"
    ORDER_ELSEWHERE = "order_elsewhere"
    NAME_AGREES = "name_agrees"
    ADDRESS_AGREES = "address_agrees"
    SEVERAL_CUSTOMERS = "several_customers"
    CONTRADICTION = "contradiction"
    STORE_SILENT = "store_silent"
    SENDER_PROVEN = "sender_proven"
    SENDER_STATED = "sender_stated"
    SENDER_DOUBTED = "sender_doubted"
    CHOSEN_BY_AGENT = "chosen_by_agent"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, with what it is about: an order number, a store's name, a count (never personal data)."""

    code: ReasonCode
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One person who may be meant: his records in all stores, the reasons for him, his rank (bits, higher first)."""

    id: str
    parties: tuple[Party, ...]
    reasons: tuple[Reason, ...] = ()
    bits: float = 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """Whose orders these are and how sure we are.

    `parties` are the records of the one person found (empty unless `confirmed` or `likely`); `candidates` are
    the people to choose from (filled at `ambiguous` only); `rule` is the row of the decision table that decided.
    """

    level: Level
    sender: Sender
    reasons: tuple[Reason, ...] = ()
    parties: tuple[Party, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    rule: str | None = None


class Severity(StrEnum):
    """How soon a flag needs the agent."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about an order that needs the agent's eye; `about` holds the values its sentence is made of."""

    code: str
    severity: Severity
    order: Order
    about: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """One store's answer to a lookup: its state, age (`as_of`), cost in time, and what it lacks and why.

    `about` says more about a failed state: the scope that is missing, the HTTP status, until when it is limited.
    """

    store: str
    platform: str
    state: SourceState
    as_of: datetime | None = None
    took_ms: int | None = None
    about: Mapping[str, object] = field(default_factory=dict)
    lacks: Mapping[str, str] = field(default_factory=dict)
    more_orders: bool = False
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of "why do I see this": what a store was asked by, and what came of it. No personal data."""

    store: str
    asked_by: str
    state: SourceState
    ms: int | None = None
    returned: int = 0
    dropped: int = 0
    cached: bool = False
