"""What a rule looks at: one order, the customer's orders, the ticket, the store's promise, the hour."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from ..model import Order, PaymentStatus, RefundStatus, Severity, ShipmentStatus, Store, Ticket

About = Mapping[str, object]

MOVING = frozenset({ShipmentStatus.IN_TRANSIT, ShipmentStatus.OUT_FOR_DELIVERY, ShipmentStatus.DELAYED})


class Around(Struct, frozen=True, gc=False):
    """What is known beside the orders.

    `stores` are those of the tenant by name, `own_words` what the requester wrote himself, newest first, `named` the
    ids of the orders that the ticket means.
    """

    now: datetime
    stores: Mapping[str, Store] = {}
    ticket: Ticket = Ticket()
    own_words: Sequence[str] = ()
    named: frozenset[str] = frozenset()


class Case(Struct, frozen=True, gc=False):
    """One order and what is around it.

    `orders` are all that the customer has, this one among them. `meant` tells whether it is what the ticket is about,
    as far as that shows; `lead` marks the first of those.
    """

    order: Order
    around: Around
    orders: Sequence[Order] = ()
    meant: bool = False
    lead: bool = False

    @property
    def now(self) -> datetime:
        return self.around.now

    @property
    def store(self) -> Store | None:
        return self.around.stores.get(self.order.store)


@dataclass(frozen=True, slots=True)
class Rule:
    """A flag's code and severity, and when it is raised: in words for a reader, in code for us.

    `over` are the codes of flags that it stands for on the same order: they would repeat or contradict it.
    """

    code: str
    severity: Severity
    words: str
    applies: Callable[[Case], About | None]
    over: frozenset[str] = frozenset()


def closed(order: Order) -> bool:
    """Whether nothing is to be sent or taken any more: cancelled, or all the money is back."""
    back = order.payment.status is PaymentStatus.REFUNDED
    return order.cancelled is not None or (back and not any(refund.status in OPEN for refund in order.refunds))


OPEN = frozenset({RefundStatus.PENDING, RefundStatus.FAILED})


def sent(order: Order) -> bool:
    """Whether anything has left the shop, as far as the parcels show."""
    return any(parcel.status not in _STILL_THERE for parcel in order.shipments)


_STILL_THERE = frozenset({ShipmentStatus.CANCELLED, ShipmentStatus.LABEL_CREATED})
