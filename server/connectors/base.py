"""The seam that every platform's connector fills: declarations, questions, and pure mapping.

A connector is asked one `Question` and gives one `Answer`. It speaks to its store only through the `Wire` it
is handed, which adds the deadline, the size cap and the promise that nothing leaves the store's own origin.
"""

import json
import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from ..errors import Changed, Limited, Refused, Unreachable
from ..model import Answer, By, Order, Party, Question

PARTS = (
    "items",
    "totals",
    "payment_method",
    "payment_failure",
    "shipments",
    "shipment_status",
    "shipment_events",
    "refunds",
    "refund_items",
    "refund_status",
    "returns",
    "disputes",
    "addresses",
    "notes",
    "tags",
    "discount_codes",
    "item_images",
    "customer_since",
    "customer_orders_count",
    "customer_spent",
)
"""What a connector either supplies or lacks with a reason."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call below the store's origin. With a `json` or `form` body it is a POST, else a GET.

    `anew` makes the same call for a second try, where a signature may be used once only (OAuth 1.0a nonces).
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: object = None
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    anew: "Callable[[], Request] | None" = field(default=None, repr=False, compare=False)

    @property
    def method(self) -> str:
        """GET, or POST where there is a body."""
        return "GET" if self.json is None and not self.form else "POST"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: `headers` by lower-case name, `body` decoded from its content encoding."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON, numbers with a fraction as `Decimal`; raises `Changed` where it is none."""
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise Changed("payload") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


class Wire(Protocol):
    """The way to one store, for one question: deadline, retry, size cap and origin are its business."""

    async def send(self, request: Request) -> Response:
        """Raises `TimedOut`, `Unreachable`, `Changed`; any HTTP status but a redirect is returned."""


class StoreConfig(BaseModel):
    """A platform's own keys in `[[tenant.store]]`. Fields of type `SecretStr` are given by reference."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


ConfigT = TypeVar("ConfigT", bound=StoreConfig)


class Connector(ABC, Generic[ConfigT]):
    """One store of one platform. Subclasses declare; `ask` is their only verb."""

    name: ClassVar[str]
    """The word in the settings: `woocommerce`."""
    title: ClassVar[str]
    """The platform as people call it: `WooCommerce`."""
    Config: ClassVar[type[StoreConfig]]
    asked_by: ClassVar[frozenset[By]]
    supplies: ClassVar[frozenset[str]]
    """Which of `PARTS` the platform gives."""
    lacks: ClassVar[Mapping[str, str]]
    """The other `PARTS`, each with the reason, as a short sentence for the agent."""
    order_number: ClassVar[str]
    """The shape of a number as customers write it, a regular expression without anchors."""
    calls_at_once: ClassVar[int] = 4
    read_posts: ClassVar[frozenset[str]] = frozenset()
    """The only paths that may be posted to, because posting to them reads (GraphQL, token grants)."""

    def __init__(
        self,
        store: str,
        config: ConfigT,
        *,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self.store = store
        self.config = config
        self.now = now
        self.nonce = nonce

    @property
    @abstractmethod
    def origin(self) -> str:
        """Scheme, host, port and, for a shop in a folder, the path that every request goes below."""

    @abstractmethod
    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """The parties and their newest `limit` orders that the store has for the question.

        Raises a `StoreError`. An empty `Answer` means that the store looked and has nothing.
        """


# -- what a status means ------------------------------------------------------------------------------------


def raise_for_status(response: Response) -> None:
    """The statuses that mean the same on every platform; returns for 2xx."""
    status = response.status
    if 200 <= status < 300:
        return
    if status == 401:
        raise Refused("credentials", status=status)
    if status == 403:
        raise Refused("scope", status=status)
    if status == 429:
        raise Limited(retry_after=retry_after(response))
    if status >= 500:
        raise Unreachable("down", status=status, retry_after=retry_after(response))
    raise Changed("status", status=status)


def retry_after(response: Response) -> float | None:
    """`Retry-After` in seconds (RFC 9110 §10.2.3), `None` where it is missing or a date."""
    text = response.headers.get("retry-after", "")
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d+)?", text) else None


# -- what belongs to a question ---------------------------------------------------------------------------


def sift(question: Question, parties: Iterable[Party], orders: Iterable[Order]) -> Answer:
    """Only the rows that themselves hold the clue asked for; the others are counted in `dropped`.

    Stores search by substring and ignore parameters that they do not know, so an answer may hold strangers. An
    order stays when it carries the clue or its party does; a party stays when it carries the clue or keeps an
    order. Orders whose party is not in the answer are judged alone.
    """
    parties, orders = tuple(parties), tuple(orders)
    holders = {party.store_id for party in parties if _party_holds(question, party)}
    kept_orders = tuple(o for o in orders if o.party in holders or _order_holds(question, o))
    buyers = holders | {order.party for order in kept_orders}
    kept_parties = tuple(party for party in parties if party.store_id in buyers)
    dropped = len(orders) - len(kept_orders) + len(parties) - len(kept_parties)
    return Answer(parties=kept_parties, orders=kept_orders, dropped=dropped)


def _party_holds(question: Question, party: Party) -> bool:
    values: Sequence[str]
    match question.by:
        case By.CUSTOMER_ID:
            values = (party.store_id,)
        case By.EMAIL:
            values = party.emails
        case By.PHONE:
            values = party.phones
        case By.NAME:
            values = party.names
        case By.ORDER_NUMBER:
            values = ()
    return any(question.same(value) for value in values)


def _order_holds(question: Question, order: Order) -> bool:
    value = {
        By.EMAIL: order.email,
        By.PHONE: order.phone,
        By.ORDER_NUMBER: order.number,
    }.get(question.by)
    return value is not None and question.same(value)


# -- settings that several platforms share ----------------------------------------------------------------

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _origin(text: str) -> str:
    url = text.rstrip("/")
    try:
        parts = urlsplit(url)
        bare = parts.port != 0 and not re.search(r"[@?#\s\\]", text)
    except ValueError:  # a broken host or port: the error's own text would repeat it
        bare, parts = False, urlsplit("")
    if not bare or not parts.hostname:
        raise ValueError("must be scheme and host, and a path for a shop in a folder; nothing else")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("must be https:// (http:// is accepted for loopback addresses only)")
    return url


Origin = Annotated[str, AfterValidator(_origin)]
"""Where a store answers: https, or http on loopback; a path is allowed, anything else is not."""
