"""What several calls of one question bring from a WooCommerce shop: rows by id, each read once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from ..model import By, Question
from .base import Response
from .rows import read_each
from .woocommerce_rows import CustomerRow, OrderRow

Known = Mapping[int, OrderRow]
"""Orders that another call of the same question brought, by id: an account's are mostly found by its e-mail as well."""


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


def page(response: Response, asked: int, sought: Question | None, known: Known) -> Found:
    """The orders of one answer to a call that `asked` for so many; raises `Changed` where it holds none that fits.

    Where strangers may be among them, `sought` tells whose unreadable rows matter.
    """
    body = response.json()
    rows, _ = read_each(OrderRow, body, lambda row: known.get(row["id"]) if _has_id(row) else None)
    ids = [str(row.get("id") if isinstance(row, dict) else row) for row in body if _may_hold(sought, row)]
    total = response.headers.get("x-wp-total", "")
    return Found(
        orders={row.id: row for row in rows},
        unreadable=frozenset(ids) - {str(row.id) for row in rows},
        more=int(total) > len(body) if re.fullmatch(r"[0-9]{1,9}", total) else len(body) >= asked,
    )


def _has_id(row: object) -> TypeGuard[dict[str, int]]:
    return isinstance(row, dict) and isinstance(row.get("id"), int)


def _may_hold(question: Question | None, row: object) -> bool:
    """Whether a row may hold the clue as far as it is legible: a stranger's broken order is nobody's business here."""
    if question is None or not isinstance(row, dict):
        return True
    billing = row.get("billing")
    email = billing.get("email") if isinstance(billing, dict) else None
    legible = {By.EMAIL: email, By.ORDER_NUMBER: row.get("number")}.get(question.by)
    return not isinstance(legible, str) or question.same(legible)
