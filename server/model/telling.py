"""What is made of the answers: sources, the match, flags, and the summary that an agent sees."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from .asking import By
from .orders import Money, Order, Party, PartyKind


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
        return self is SourceState.ANSWERED or self is SourceState.NOTHING

    @property
    def silent(self) -> bool:
        """Whether the store had to answer and did not, or not yet."""
        return not self.looked and self is not SourceState.NOT_ASKED


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


class Reason(Struct, frozen=True, gc=False):
    """One reason, with what it is about: an order number, a store's name, a count (never personal data)."""

    code: ReasonCode
    about: str | None = None


class Candidate(Struct, frozen=True, gc=False):
    """One person who may be meant: his records in all stores, the reasons for him, his rank (bits, higher first)."""

    id: str
    parties: tuple[Party, ...]
    reasons: tuple[Reason, ...] = ()
    bits: float = 0.0


class Match(Struct, frozen=True, gc=False):
    """Whose orders these are and how sure we are.

    `parties` are the records of the one person found and `orders` theirs, each with its record in `party_id` (empty
    unless `confirmed` or `likely`); `named` are the ids of orders that the ticket means, `aside` the marks of records
    whose orders the agent set aside; `candidates` are the people to choose from (filled at `ambiguous` only); `rule`
    is the row of the decision table that decided, `proof_from` who read what is known of the sender (see `Facts`).
    """

    level: Level
    sender: Sender
    reasons: tuple[Reason, ...] = ()
    parties: tuple[Party, ...] = ()
    orders: tuple[Order, ...] = ()
    named: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    candidates: tuple[Candidate, ...] = ()
    rule: str | None = None
    proof_from: str = "nobody"


class Severity(StrEnum):
    """How soon a flag needs the agent."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Flag(Struct, frozen=True, gc=False):
    """Something about an order that needs the agent's eye; `about` holds the values its sentence is made of."""

    code: str
    severity: Severity
    order: Order
    about: Mapping[str, object] = {}


class Source(Struct, frozen=True, gc=False):
    """One store's answer to a lookup: its state, age (`as_of`), cost in time, and what it lacks and why.

    `about` says more about a failed state: the scope that is missing, the HTTP status, until when it is limited.
    """

    store: str
    platform: str
    state: SourceState
    as_of: datetime | None = None
    took_ms: int | None = None
    about: Mapping[str, object] = {}
    lacks: Mapping[str, str] = {}
    more_orders: bool = False
    unreadable: int = 0
    behind: str | None = None


class Step(Struct, frozen=True, gc=False):
    """One line of "why do I see this": what a store was asked by, and what came of it. No personal data."""

    store: str
    asked_by: By
    state: SourceState
    ms: int | None = None
    returned: int = 0
    dropped: int = 0
    cached: bool = False


class ShownOrder(Struct, frozen=True, gc=False):
    """An order in the panel, whether the ticket names it, and the mark of the record that it belongs to.

    `kind` tells of what kind that record is, where the customer has several in that store.
    """

    order: Order
    named_in_ticket: bool = False
    record: str = ""
    kind: PartyKind | None = None


class Customer(Struct, frozen=True, gc=False):
    """The one person found, over all his records.

    `orders_count` and `spent` are `None` and empty where a store can neither say them nor show all orders;
    `spent` is what was kept after refunds, one amount per currency. All this is told without the records whose marks
    are in `aside`.
    """

    name: str | None
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    since: datetime | None
    orders_count: int | None
    spent: tuple[Money, ...]
    refunded: tuple[Money, ...]
    tags: tuple[str, ...]
    records: tuple[Party, ...]
    aside: frozenset[str] = frozenset()


class Summary(Struct, frozen=True, gc=False):
    """Everything the panel says about one ticket. `masked` tells that personal details are hidden."""

    complete: bool
    lookup: str
    generated_at: datetime
    match: Match
    customer: Customer | None
    flags: tuple[Flag, ...]
    orders: tuple[ShownOrder, ...]
    more_orders: bool
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    masked: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    searched: By | None = None
    may_search: bool = False
    may_reveal: bool = False
