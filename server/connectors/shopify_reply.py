"""From an HTTP response of Shopify's to data, or to the one error that it means.

A GraphQL answer has status 200 also when it failed, and may hold data and errors side by side.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from msgspec import Raw

from ..errors import Changed, Limited, Refused, Unreachable
from ..texts import N_
from . import base
from .base import Headroom, Response, retry_after
from .rows import finite, read, read_text
from .shopify_nodes import Node, RowsNode
from .wire import parsed

FIELD_PARTS: Mapping[str, tuple[str, ...]] = {
    "returns": ("returns",),
    "disputes": ("disputes",),
    "fulfillments": ("shipments",),
    "refunds": ("refunds",),
    "transactions": ("payment_method", "payment_failure"),
    "shippingAddress": ("addresses",),
    "billingAddress": ("addresses",),
    "defaultAddress": ("addresses",),
}
"""What an answer lacks where a field was denied and the rest came. Any other field tells who the customer is."""
CUSTOMER_PARTS = ("customer_since", "customer_orders_count", "customer_spent")


NULL = Raw(b"null")

NodeT = TypeVar("NodeT", bound=Node)


class AboutNode(Node, frozen=True, kw_only=True):
    code: str | None = None


class ProblemNode(Node, frozen=True, kw_only=True):
    """One of `errors`; `path` names the field that it is about."""

    message: str = ""
    path: tuple[str | int, ...] = ()
    extensions: AboutNode = AboutNode()


class EnvelopeNode(Node, frozen=True, kw_only=True):
    """What stands around every answer; `errors` is a bare text where no query was run."""

    data: dict[str, Raw] | None = None
    errors: str | tuple[ProblemNode, ...] = ()
    extensions: Raw = NULL


class BucketNode(Node, frozen=True, kw_only=True):
    """The shop's bucket of points; a refusal leaves out what it holds when it is full."""

    currently_available: Decimal
    restore_rate: Decimal | None = None
    maximum_available: Decimal | None = None

    def __post_init__(self) -> None:
        finite(self.currently_available, self.restore_rate, self.maximum_available)


class CostNode(Node, frozen=True, kw_only=True):
    requested_query_cost: Decimal | None = None
    throttle_status: BucketNode

    def __post_init__(self) -> None:
        finite(self.requested_query_cost)


class ExtensionsNode(Node, frozen=True, kw_only=True):
    cost: CostNode


@dataclass(frozen=True, slots=True)
class Reply:
    """The data of one answer, and the fields that were denied with the scope that each would need.

    `blind` is the missing scope where a denial may have hidden the customer himself: then nothing is no answer.
    """

    data: Mapping[str, Raw]
    denied: Mapping[str, str]
    extensions: Raw
    blind: str | None = None
    served: str | None = None

    @property
    def points(self) -> tuple[float | None, float | None]:
        """What is left in the shop's bucket of query cost, and what it holds when it is full."""
        try:
            bucket = read_text(ExtensionsNode, self.extensions).cost.throttle_status
        except Changed:
            return None, None
        if bucket.maximum_available is None:
            return None, None
        return float(bucket.currently_available), float(bucket.maximum_available)

    def page(self, name: str) -> RowsNode:
        """The rows of that field; none where it was denied."""
        field = self.data.get(name, NULL)
        return RowsNode(nodes=Raw(b"[]")) if field == NULL and self.denied else read_text(RowsNode, field)

    def node(self, name: str, kind: type[NodeT]) -> NodeT | None:
        """That field's one node, `None` where there is none. Raises `Changed` where the answer has no such field."""
        if name not in self.data and not self.denied:
            raise Changed("payload")
        field = self.data.get(name, NULL)
        return None if field == NULL else read_text(kind, field)

    def whole(self, kind: type[NodeT]) -> NodeT:
        """All of the data as one."""
        return read(kind, {name: parsed(text) for name, text in self.data.items()})


def reply_of(response: Response) -> Reply:
    """The answer's data; raises a `StoreError` for all but denied fields, which come with the data that is left."""
    raise_for_status(response)
    envelope = response.once(_envelope)
    if isinstance(envelope.errors, str) or (envelope.data is None and not envelope.errors):
        raise Changed("payload")
    denied = {}
    for problem in envelope.errors:
        match problem.extensions.code:
            case "ACCESS_DENIED":
                denied[_field(problem)] = _scope(problem)
            case "THROTTLED":
                raise Limited(retry_after=_wait(envelope))
            case "SHOP_INACTIVE":
                raise Refused("closed")
            case "INTERNAL_SERVER_ERROR":
                raise Unreachable("down")
            case _:  # MAX_COST_EXCEEDED, a field that is gone: the documents no longer fit the API
                raise Changed("payload")
    data = envelope.data or {}
    emptied = not data or NULL in data.values()  # a denial of what can't be null takes everything around it along
    blind = [scope for name, scope in denied.items() if emptied or name not in FIELD_PARTS]
    served = response.headers.get("x-shopify-api-version")
    return Reply(data, denied, envelope.extensions, blind[0] if blind else None, served)


def headroom_of(response: Response) -> Headroom | None:
    """What an answer says of the shop's bucket: what is left, what it fills with, and what such a query costs."""
    try:
        envelope = response.once(_envelope)
        cost = read_text(ExtensionsNode, envelope.extensions).cost
    except Changed:
        return None
    bucket = cost.throttle_status
    if cost.requested_query_cost is None or bucket.restore_rate is None or bucket.maximum_available is None:
        return None
    errors = () if isinstance(envelope.errors, str) else envelope.errors
    return Headroom(
        left=float(bucket.currently_available),
        most=float(bucket.maximum_available),
        per_s=float(bucket.restore_rate),
        cost=float(cost.requested_query_cost),
        refused=any(problem.extensions.code == "THROTTLED" for problem in errors),
    )


def _envelope(text: bytes) -> EnvelopeNode:
    return read_text(EnvelopeNode, text)


def raise_for_status(response: Response) -> None:
    """Shopify's own statuses (https://shopify.dev/docs/api/usage/response-codes), then those of every platform."""
    if response.status in {402, 404, 423}:  # frozen, no such shop, locked
        raise Refused("closed", status=response.status)
    if response.status == 430:  # taken for an attack; it passes
        raise Limited(retry_after=retry_after(response))
    base.raise_for_status(response)


def lacking(denied: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What an answer lacks for these denied fields, part by part, with the reason."""
    for name, scope in denied.items():
        for part in FIELD_PARTS.get(name, CUSTOMER_PARTS):
            yield part, N_("Shopify withholds this until the app is granted {scope}.", scope=scope)


def _field(problem: ProblemNode) -> str:
    names = [step for step in problem.path if isinstance(step, str)]
    return next((name for name in names if name in FIELD_PARTS), names[-1] if names else "")


def _scope(problem: ProblemNode) -> str:
    scope = re.search(r"read_[a-z_]+", problem.message)
    return scope.group() if scope else "access to protected customer data"


def _wait(envelope: EnvelopeNode) -> float | None:
    """Seconds until the shop's bucket holds what the query would cost, where Shopify says it."""
    try:
        cost = read_text(ExtensionsNode, envelope.extensions).cost
    except Changed:
        return None
    bucket = cost.throttle_status
    if cost.requested_query_cost is None or not bucket.restore_rate or bucket.restore_rate < 0:
        return None
    return max(float((cost.requested_query_cost - bucket.currently_available) / bucket.restore_rate), 0.0)
