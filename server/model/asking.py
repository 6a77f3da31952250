"""What the ticket says, what a store is asked by, and what it answers."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from .orders import Order, Party


class By(StrEnum):
    """What a store can be asked by."""

    CUSTOMER_ID = "customer_id"
    EMAIL = "email"
    PHONE = "phone"
    ORDER_NUMBER = "order_number"
    NAME = "name"


class Question(Struct, frozen=True, gc=False, eq=False):
    """One thing to ask a store by.

    `value` is its normal form (and with `by` its identity); `spellings` are the forms a store may know it
    under, likeliest first; `same` tells whether a form that the store sent means `value`.
    """

    by: By
    value: str
    spellings: tuple[str, ...]
    same: Callable[[str], bool]

    def __eq__(self, other: object) -> bool:
        """Whether it is the same, however it was written."""
        return isinstance(other, Question) and self.by is other.by and self.value == other.value

    def __hash__(self) -> int:
        return hash((self.by, self.value))

    def __repr__(self) -> str:  # the value is personal data and must not reach a log by accident
        return f"Question(by={self.by.value})"


class Answer(Struct, frozen=True, gc=False):
    """What one store answered to one question.

    `dropped` counts rows that did not contain the clue asked for, `unreadable` orders whose payload did not fit.
    `lacks` adds to the connector's own: parts that this store could not give this time, with the reason; where
    that reason may pass by itself, the answer is `passing` and is not kept.
    """

    parties: tuple[Party, ...] = ()
    orders: tuple[Order, ...] = ()
    more_orders: bool = False
    dropped: int = 0
    unreadable: int = 0
    lacks: Mapping[str, str] = {}
    passing: bool = False


class Asked(Struct, frozen=True, gc=False):
    """One question that one store answered."""

    store: str
    question: Question
    answer: Answer


class Identity(Struct, frozen=True, gc=False):
    """One of the requester's identities as Zendesk lists them (API: user_identities). `type` is Zendesk's word."""

    type: str
    value: str
    primary: bool = False
    verified: bool = False
    verification_method: str | None = None
    ownership: str | None = None
    deliverable_state: str | None = None


class TicketText(Struct, frozen=True, gc=False):
    """One comment. `by` is `requester`, `agent` or `other`; `flags` are Zendesk's comment flags."""

    by: str
    text: str
    at: datetime | None = None
    flags: tuple[int, ...] = ()
    trusted: bool | None = None


class Requester(Struct, frozen=True, gc=False):
    """Who the ticket says is writing."""

    id: int | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    external_id: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    suspended: bool | None = None
    identities: tuple[Identity, ...] = ()


class Ticket(Struct, frozen=True, gc=False):
    """What the ticket says. `channel` is Zendesk's `via.channel`; `fields` are custom fields by id."""

    id: int | None = None
    subject: str | None = None
    channel: str | None = None
    brand: str | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, str] = {}
    texts: tuple[TicketText, ...] = ()


class Facts(Struct, frozen=True, gc=False):
    """What was posted about one ticket.

    `proof_from` names who read what proves the sender: `browser`, `zendesk` (the service itself), or `nobody` yet. It
    is `nobody` and `capped` where the tenant reads proof from Zendesk itself and these facts did not come from there:
    then the sender is `stated` at best. `chosen` is the mark of a record of the candidate whom the agent picked,
    `aside` those of records that he set aside; `key` is what marks are made with.
    """

    requester: Requester
    ticket: Ticket = Ticket()
    chosen: str | None = None
    proof_from: str = "browser"
    capped: bool = False
    aside: frozenset[str] = frozenset()
    key: bytes = b""


class Store(Struct, frozen=True, gc=False):
    """What is known of one connected store before it is asked.

    `order_number` is the shape of its numbers (a regular expression without anchors); `country` the default
    region of its phone numbers and where its working days are those of (ISO 3166-1 alpha-2); `carries_external_ids`
    whether Zendesk's `external_id` is this store's customer id; `ships_within_days` the working days that it promises.
    """

    name: str
    platform: str
    asked_by: frozenset[By]
    order_number: str
    country: str | None = None
    brands: tuple[str, ...] = ()
    carries_external_ids: bool = False
    ships_within_days: int = 3
