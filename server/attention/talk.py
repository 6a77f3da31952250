"""Rules about an order and the ticket beside it: only from what this ticket shows; nothing is kept of others."""

from datetime import timedelta

from ..model import Severity, ShipmentStatus, Ticket, TicketText
from .case import About, Case, Rule, closed
from .not_received import says_not_received

AGAIN_AFTER = timedelta(hours=12)
"""Two messages that are closer together are one contact with an afterthought."""


def _not_received(case: Case) -> About | None:
    """Only a hint, and only on the order that the ticket is about."""
    if not case.meant or closed(case.order):
        return None
    parcels = [parcel for parcel in case.order.shipments if parcel.status is not ShipmentStatus.CANCELLED]
    arrived = [parcel for parcel in parcels if parcel.status is ShipmentStatus.DELIVERED]
    if not arrived or len(arrived) < len(parcels):
        return None
    subject = case.around.ticket.subject
    if not says_not_received([*case.around.own_words, *([subject] if subject else [])]):
        return None
    return {"at": max((parcel.delivered_at for parcel in arrived if parcel.delivered_at), default=None)}


def _other_brand(case: Case) -> About | None:
    """The ticket's brand has stores of its own, and the order that is meant lies in none of them.

    Where the ticket names no order, only if the customer has none at all in the brand's own stores.
    """
    if not case.lead or case.store is None or not case.store.brands:
        return None
    brand = case.around.ticket.brand
    own = {store.name for store in case.around.stores.values() if brand in store.brands}
    if not own or case.order.store in own:
        return None
    if case.order.id not in case.around.named and any(other.store in own for other in case.orders):
        return None
    return {"store": case.order.store, "brand": brand}


def _written_again(case: Case) -> About | None:
    if not case.lead:
        return None
    waiting = _unanswered(case.around.ticket)
    times = [text.at for text in waiting if text.at is not None]
    if len(times) < len(waiting) or len(times) < 2 or max(times) - min(times) < AGAIN_AFTER:
        return None
    return {"count": len(times), "at": min(times)}


def _unanswered(ticket: Ticket) -> list[TicketText]:
    """What the requester wrote since an agent last wrote, be it a note. Comments come newest first."""
    waiting = []
    for text in ticket.texts:
        if text.by == "agent":
            break
        if text.by == "requester":
            waiting.append(text)
    return waiting


TALK_RULES = (
    Rule(
        "not_received",
        Severity.MEDIUM,
        "all of it was delivered, and the customer seems to write that it has not come (a hint: by words in nine "
        "languages, in what he wrote himself)",
        _not_received,
    ),
    Rule(
        "written_again",
        Severity.LOW,
        "the customer wrote again after half a day or more, and no agent wrote in between",
        _written_again,
    ),
    Rule(
        "other_brand",
        Severity.LOW,
        "the order lies in a store of another brand than the one that the customer wrote to",
        _other_brand,
    ),
)
