"""Orders -> flags: what needs the agent's eye, by fixed rules. Pure; the words for a flag are in `flag_words`.

Each rule looks at one order with what is around it (`Case`) and gives the values that its sentence is made of, or
`None`. Rules say only what the platform told us: an unknown status raises no flag.
"""

from collections.abc import Iterator, Sequence

from ..model import Flag, Order, Severity
from .case import MOVING, Around, Case, Rule, closed, sent
from .days import calendar, working_days
from .goods import GOODS_RULES, outstanding
from .parcels import PARCEL_RULES, last_scan
from .payment import PAYMENT_RULES
from .refunds import REFUND_RULES, replaced
from .talk import TALK_RULES

__all__ = [
    "MOVING",
    "RULES",
    "Around",
    "Case",
    "Rule",
    "calendar",
    "closed",
    "flags",
    "last_scan",
    "outstanding",
    "replaced",
    "sent",
    "working_days",
]

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*PAYMENT_RULES, *REFUND_RULES, *PARCEL_RULES, *GOODS_RULES, *TALK_RULES),
        key=lambda rule: list(Severity).index(rule.severity),
    )
)


def flags(orders: Sequence[Order], around: Around) -> tuple[Flag, ...]:
    """The flags of these orders, the most pressing first, else in the orders' own sequence.

    Where the ticket names none of the orders, it is taken to be about the first.
    """
    found = [flag for case in _cases(orders, around) for flag in _raised(case)]
    return tuple(sorted(found, key=lambda flag: list(Severity).index(flag.severity)))


def _cases(orders: Sequence[Order], around: Around) -> Iterator[Case]:
    ids = [order.id for order in orders]
    meant = [id_ for id_ in ids if id_ in around.named] or ids[:1]
    for id_, order in zip(ids, orders, strict=True):
        yield Case(order, around, orders, meant=id_ in meant, lead=id_ == meant[0])


def _raised(case: Case) -> list[Flag]:
    """What the rules say of one order, without what another of them stands for."""
    raised = [(rule, about) for rule in RULES if (about := rule.applies(case)) is not None]
    silenced = {code for rule, _ in raised for code in rule.over}
    return [Flag(rule.code, rule.severity, case.order, about) for rule, about in raised if rule.code not in silenced]
