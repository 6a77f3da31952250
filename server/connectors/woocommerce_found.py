"""What several calls of one question bring from a WooCommerce shop: rows by id."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..model import By, Question
from .base import Response
from .rows import read_list
from .woocommerce_rows import CustomerRow, OrderRow


@dataclass(frozen=True, slots=True)
class Found:
    """Rows by id, as they came. `unreadable` are ids too, `more` says that a list went on."""

    customers: Mapping[int, CustomerRow] = field(default_factory=dict)
    orders: Mapping[int, OrderRow] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    more: bool = False

    def has(self, question: Question) -> bool:
        """Whether an order of that number is among them."""
        return any(question.same(row.number) for row in self.orders.values())


def union(parts: Sequence[Found]) -> Found:
    """All of them; of a row that came twice, the later."""
    return Found(
        customers={id_: row for part in parts for id_, row in part.customers.items()},
        orders={id_: row for part in parts for id_, row in part.orders.items()},
        unreadable=frozenset(id_ for part in parts for id_ in part.unreadable),
        more=any(part.more for part in parts),
    )


def page(response: Response, asked: int, sought: Question | None, *, others: bool = False) -> Found:
    """The orders of one answer to a call that `asked` for so many; `others` were found before. Raises as `read_list`.

    Where strangers may be among them, `sought` tells whose unreadable rows matter.
    """
    rows, broken = read_list(OrderRow, response.text, named_by="id" if others else "")
    ids = [str(row.get("id") if isinstance(row, dict) else row) for row in broken if _may_hold(sought, row)]
    total, here = response.headers.get("x-wp-total", ""), len(rows) + len(broken)
    return Found(
        orders={row.id: row for row in rows},
        unreadable=frozenset(ids),
        more=int(total) > here if re.fullmatch(r"[0-9]{1,9}", total) else here >= asked,
    )


def _may_hold(question: Question | None, row: object) -> bool:
    """Whether a row may hold the clue as far as it is legible: a stranger's broken order is nobody's business here."""
    if question is None or not isinstance(row, dict):
        return True
    billing = row.get("billing")
    email = billing.get("email") if isinstance(billing, dict) else None
    legible = {By.EMAIL: email, By.ORDER_NUMBER: row.get("number")}.get(question.by)
    return not isinstance(legible, str) or question.same(legible)
