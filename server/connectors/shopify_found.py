"""What several requests of one question bring from Shopify."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ..texts import N_
from .rows import read_list
from .shopify_nodes import CustomerNode, OrderNode, RowsNode
from .shopify_reply import lacking

SHIPMENTS, REFUNDS = 3, 2
"""The pages within an order, as the documents ask for them."""


@dataclass(frozen=True, slots=True)
class Found:
    """What requests brought, before it is judged; each order names its customer. `unreadable` are orders' ids.

    `more` orders follow on the next page; `hidden` ones Shopify counts and yet shows on no page. `denied` and
    `blind` are those of the replies.
    """

    customers: tuple[CustomerNode, ...] = ()
    orders: tuple[OrderNode, ...] = ()
    unreadable: frozenset[str] = frozenset()
    more: bool = False
    hidden: bool = False
    denied: Mapping[str, str] = field(default_factory=dict)
    blind: str | None = None

    def __or__(self, other: "Found") -> "Found":
        return Found(
            customers=self.customers + other.customers,
            orders=self.orders + other.orders,
            unreadable=self.unreadable | other.unreadable,
            more=self.more or other.more,
            hidden=self.hidden or other.hidden,
            denied={**self.denied, **other.denied},
            blind=self.blind or other.blind,
        )


def page(rows: RowsNode) -> Found:
    """The orders of a page."""
    orders, broken = read_list(OrderNode, rows.nodes, named_by="legacyResourceId")
    ids = (row.get("legacyResourceId") if isinstance(row, dict) else row for row in broken)
    return Found(orders=orders, unreadable=frozenset(map(str, ids)), more=rows.more)


def lacks(found: Found, nodes: Iterable[OrderNode]) -> Iterator[tuple[str, str]]:
    """What an answer that shows these orders does not tell, part by part, with the reason."""
    if found.hidden:
        yield (
            "customer_orders_count",
            N_("Shopify counts more orders; without read_all_orders it shows the last 60 days."),
        )
    for node in nodes:
        if len(node.fulfillments) >= SHIPMENTS:
            yield "shipments", N_("Of each order, only the first {n} shipments are read.", n=SHIPMENTS)
        if len(node.refunds) >= REFUNDS:
            yield "refunds", N_("Of each order, only the first {n} refunds are read.", n=REFUNDS)
        if node.returns and node.returns.more:
            yield "returns", N_("Of each order, only the newest return is read.")
    yield from lacking(found.denied)
