"""The seam that every platform's connector fills: declarations, questions, and pure mapping.

A connector is asked one `Question` and gives one `Answer`. It speaks to its store only through the `Wire` it
is handed, which adds the deadline, the size cap and the promise that nothing leaves the store's own origin.
"""

import re
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

from msgspec import structs
from pydantic import AfterValidator, BaseModel, ConfigDict

from ..model import Answer, By, Order, Question
from .fitness import Need, Standing
from .wire import Headroom, Refusal, Request, Response, Subscription, Wire, raise_for_status, retry_after

__all__ = [
    "PARTS",
    "Connector",
    "Headroom",
    "Origin",
    "Rate",
    "Refusal",
    "Request",
    "Response",
    "StoreConfig",
    "Subscription",
    "Wire",
    "raise_for_status",
    "retry_after",
]

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
class Rate:
    """A platform's limit on calls to some paths: a bucket of `burst` calls that fills with `per_s` in a second.

    `paths` is a regular expression that the whole path fits. `told_in` is the header (lower case) in which an answer
    names the `per_s` that this caller has, where the platform gives more or less to some.
    """

    paths: str
    per_s: float
    burst: int
    told_in: str | None = None


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
    details: ClassVar[frozenset[str]] = frozenset()
    """Which of `PARTS` cost a call per order: read for the newest `AT_ONCE` orders or for none, later by `detail`."""
    api_version: ClassVar[str | None] = None
    """The version of the API that it is written for, as the platform names it."""
    calls_at_once: ClassVar[int] = 4
    rates: ClassVar[tuple[Rate, ...]] = ()
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
        self.behind: str | None = None
        """For a unified API: the platform behind it, once the store has told (see `standing`)."""
        self.store = store
        self.config = config
        self.now = now
        self.nonce = nonce

    @property
    @abstractmethod
    def origin(self) -> str:
        """Scheme, host, port and, for a shop in a folder, the path that every request goes below."""

    @property
    def token_origin(self) -> str | None:
        """Where tokens are granted, if that is not the store's own origin: the one other place a secret may go."""
        return None

    @abstractmethod
    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """The parties and their newest `limit` orders that the store has for the question.

        Raises a `StoreError`. An empty `Answer` means that the store looked and has nothing.
        """

    async def detail(self, order: Order, wire: Wire) -> Order:  # noqa: ARG002 - where `details` is empty, no call is due
        """The same order with everything that stood in its `later`. Raises a `StoreError`."""
        return structs.replace(order, later=frozenset())

    def headroom(self, response: Response) -> Headroom | None:  # noqa: ARG002 - most platforms tell nothing
        """What an answer says of the quota that the shop's apps share; `None` where it says nothing. Raises nothing."""
        return None

    @property
    def subscription(self) -> Subscription | None:
        """What the store shares with others, for a unified API; `None` where each has limits of its own."""
        return None

    def refusal(self, response: Response) -> Refusal | None:  # noqa: ARG002 - most platforms answer 429
        """Who has too many calls, where an answer says so by other means than HTTP's 429. Raises nothing."""
        return None

    @abstractmethod
    def needs(self) -> tuple[Need, ...]:
        """What lookups read, each with the permission that it takes and one cheap read that proves it."""

    async def standing(self, wire: Wire) -> Standing:  # noqa: ARG002 - not every platform says something
        """What the platform says of the connection itself. Raises a `StoreError`."""
        return Standing()


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
