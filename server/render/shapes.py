"""The contract's answers as types, orders apart: what `contract` must build, and what docs/openapi.json says."""

from collections.abc import Mapping, Sequence
from typing import NotRequired

from typing_extensions import TypedDict

from ..model import Level, PartyKind, ReasonCode, Sender, Severity, SourceState
from .order_shapes import Addresses, Instant, Money, Order


class Reason(TypedDict):
    """Why a match has its level."""

    code: ReasonCode
    text: str


class Candidate(TypedDict):
    """One person who may be meant, veiled: initials, `j•••@g•••.com`, a town. `id` is what `chosen` takes."""

    id: str
    store: str
    name: str | None
    email: str | None
    city: str | None
    reasons: Sequence[Reason]


class Match(TypedDict):
    """Whose orders these are, and how sure we are."""

    level: Level
    sender: Sender
    proof_from: str
    reasons: Sequence[Reason]
    candidates: Sequence[Candidate]


class Record(TypedDict):
    """One record of the customer's. `mark` is what `aside` takes."""

    mark: str
    store: str
    id: str | None
    kind: PartyKind
    admin_url: str | None
    aside: bool


class Customer(TypedDict):
    """The one person found. `masked` names what of `email`, `phone` and `address` is masked here and in the orders."""

    name: str | None
    emails: Sequence[str]
    phones: Sequence[str]
    masked: Sequence[str]
    since: str | None
    orders_count: int | None
    spent: Sequence[Money]
    refunded: Sequence[Money]
    tags: Sequence[str]
    records: Sequence[Record]


class Flag(TypedDict):
    """Something that needs the agent's eye; `order` is that order's `id`."""

    code: str
    severity: Severity
    order: str
    number: str
    title: str
    text: str
    step: str


class Source(TypedDict):
    """One store's answer. "No orders" may be said only where every state is `answered`, `nothing` or `not_asked`."""

    store: str
    platform: str
    behind: str | None
    state: SourceState
    as_of: Instant | None
    took_ms: int | None
    text: str
    lacks: Mapping[str, str]
    more_orders: bool
    unreadable: int


class Step(TypedDict):
    """What one store was asked by, and what came of it."""

    store: str
    asked_by: str
    state: SourceState
    ms: int | None
    returned: int
    dropped: int
    cached: bool
    rule: str | None


class Summary(TypedDict):
    """Everything about one ticket. While `complete` is false, post the same body again with this `lookup`."""

    complete: bool
    lookup: str
    generated_at: Instant | None
    match: Match
    customer: Customer | None
    attention: Sequence[Flag]
    orders: Sequence[Order]
    sources: Sequence[Source]
    why: Sequence[Step]


class Opened(TypedDict):
    """One order with everything that its store tells of it."""

    order: Order


class Whereabouts(Addresses):
    """The addresses of one order, by its `id`."""

    order: str


class Revealed(TypedDict):
    """What is in the open now; `masked` names what is not."""

    lookup: str
    masked: Sequence[str]
    emails: Sequence[str]
    phones: Sequence[str]
    addresses: Sequence[Whereabouts]


class Recorded(TypedDict):
    """What an agent said is on record."""

    recorded: bool


class Session(TypedDict):
    """A bearer for the served page, good for `expires_in` seconds."""

    bearer: str
    expires_in: int


class Error(TypedDict):
    """`field` names what is wrong in the request; `retry_after` are seconds, as in the header, which proxies drop."""

    code: str
    message: str
    field: str | None
    request_id: str
    retry_after: NotRequired[int]


class Refusal(TypedDict):
    """Every answer that is no success."""

    error: Error
