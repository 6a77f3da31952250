"""Our words for every state, level, reason and failure.

One place for every sentence that a state turns into, so that each is written once and none is missing.
"""

from collections.abc import Iterable, Mapping

from .identity_words import (
    ASKED_BY,
    BARE_REASONS,
    LEVELS,
    NO_REASON,
    NOBODY,
    POSSIBLY,
    PROOF_FROM,
    REASONS,
    RECORDS,
    SEARCHES,
    SENDERS,
    STILL_WAITING,
    WANTED,
    WANTED_AS,
)
from .model import (
    FulfillmentStatus,
    PaymentStatus,
    Reason,
    ReasonCode,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
    Source,
    SourceState,
)
from .texts import N_, P_, Text
from .voice import Voice

__all__ = [
    "ASKED_BY",
    "LEVELS",
    "NOBODY",
    "NO_REASON",
    "POSSIBLY",
    "PROOF_FROM",
    "REASONS",
    "RECORDS",
    "SEARCHES",
    "SENDERS",
    "WANTED",
    "WANTED_AS",
]
"""The words of `identity_words`, so that there is one place to look for them."""


PAYMENTS: Mapping[PaymentStatus, Text] = {
    PaymentStatus.PENDING: P_("payment", "payment pending"),
    PaymentStatus.AUTHORIZED: P_("payment", "authorised, not captured"),
    PaymentStatus.PARTIALLY_PAID: P_("payment", "partly paid"),
    PaymentStatus.PAID: P_("payment", "paid"),
    PaymentStatus.PARTIALLY_REFUNDED: P_("payment", "partly refunded"),
    PaymentStatus.REFUNDED: P_("payment", "refunded"),
    PaymentStatus.VOIDED: P_("payment", "payment voided"),
    PaymentStatus.FAILED: P_("payment", "payment failed"),
    PaymentStatus.DISPUTED: P_("payment", "payment disputed"),
    PaymentStatus.UNKNOWN: P_("payment", "payment unknown"),
}

FULFILLMENTS: Mapping[FulfillmentStatus, Text] = {
    FulfillmentStatus.UNFULFILLED: P_("order", "not shipped"),
    FulfillmentStatus.ON_HOLD: P_("order", "on hold"),
    FulfillmentStatus.SCHEDULED: P_("order", "scheduled"),
    FulfillmentStatus.PARTIAL: P_("order", "partly shipped"),
    FulfillmentStatus.FULFILLED: P_("order", "fulfilled"),
    FulfillmentStatus.CANCELLED: P_("order", "cancelled"),
    FulfillmentStatus.UNKNOWN: P_("order", "state unknown"),
}

SHIPMENTS: Mapping[ShipmentStatus, Text] = {
    ShipmentStatus.LABEL_CREATED: P_("parcel", "label created"),
    ShipmentStatus.IN_TRANSIT: P_("parcel", "in transit"),
    ShipmentStatus.OUT_FOR_DELIVERY: P_("parcel", "out for delivery"),
    ShipmentStatus.READY_FOR_PICKUP: P_("parcel", "ready for pickup"),
    ShipmentStatus.ATTEMPTED: P_("parcel", "delivery attempted"),
    ShipmentStatus.DELIVERED: P_("parcel", "delivered"),
    ShipmentStatus.DELAYED: P_("parcel", "delayed"),
    ShipmentStatus.EXCEPTION: P_("parcel", "problem reported"),
    ShipmentStatus.RETURNED: P_("parcel", "returned to sender"),
    ShipmentStatus.CANCELLED: P_("parcel", "cancelled"),
    ShipmentStatus.UNKNOWN: P_("parcel", "sent"),
}

REFUNDS: Mapping[RefundStatus, Text] = {
    RefundStatus.SUCCEEDED: P_("refund", "settled"),
    RefundStatus.PENDING: P_("refund", "pending"),
    RefundStatus.FAILED: P_("refund", "failed"),
    RefundStatus.UNKNOWN: P_("refund", "recorded"),
}

RETURNS: Mapping[ReturnStatus, Text] = {
    ReturnStatus.REQUESTED: P_("return", "requested"),
    ReturnStatus.OPEN: P_("return", "open"),
    ReturnStatus.CLOSED: P_("return", "closed"),
    ReturnStatus.DECLINED: P_("return", "declined"),
    ReturnStatus.CANCELLED: P_("return", "cancelled"),
    ReturnStatus.UNKNOWN: P_("return", "state unknown"),
}


def reasons(reasons: Iterable[Reason], voice: Voice, *, complete: bool = True) -> list[tuple[ReasonCode, str]]:
    """Every code once, in the order in which they come, with a sentence over all that it is about.

    While an answer is not `complete`, a silent store has only not answered yet.
    """
    about: dict[ReasonCode, list[str]] = {}
    for reason in reasons:
        about.setdefault(reason.code, []).extend([reason.about] if reason.about else [])
    return [(code, _reason(code, names, voice, complete)) for code, names in about.items()]


_OF_STORES = {ReasonCode.SAME_EXTERNAL_ID, ReasonCode.SAME_MAILBOX, ReasonCode.SAME_PHONE}


def in_short(code: ReasonCode, reasons: Iterable[Reason], voice: Voice) -> str:
    """One code's sentence for a line: more than two stores are counted, not named."""
    names = [reason.about for reason in reasons if reason.code is code and reason.about]
    if code in _OF_STORES and len(names) > 2:
        names = [voice.many("{n} store", "{n} stores", len(names))]
    return _reason(code, names, voice, complete=True)


def _reason(code: ReasonCode, names: list[str], voice: Voice, complete: bool) -> str:
    if not names:
        return voice.say(BARE_REASONS.get(code, REASONS[code]))
    waiting = code is ReasonCode.STORE_SILENT and not complete
    return voice.say(STILL_WAITING if waiting else REASONS[code], about=names)


SOURCES: Mapping[SourceState, Text] = {
    SourceState.ANSWERED: N_("{store} answered"),
    SourceState.NOTHING: N_("{store} answered, and has nothing"),
    SourceState.PENDING: N_("{store} has not answered yet"),
    SourceState.TIMED_OUT: N_("{store} did not answer in time"),
    SourceState.REFUSED: N_("{store} refused our access"),
    SourceState.LIMITED: N_("{store} wants fewer requests right now"),
    SourceState.UNREACHABLE: N_("{store} could not be reached"),
    SourceState.CHANGED: N_("{store} answered in a form that we do not know"),
    SourceState.PAUSED: N_("{store} is left alone for a while after repeated failures"),
    SourceState.NOT_ASKED: N_("{store} was not asked: nothing in this ticket to ask it by"),
}

_FAILURES: Mapping[tuple[SourceState, str], Text] = {
    (SourceState.NOT_ASKED, "not_needed"): N_("{store} did not have to be asked"),
    (SourceState.NOT_ASKED, "not_searchable"): N_("{store} cannot be searched by this"),
    (SourceState.REFUSED, "credentials"): N_("{store} refused our credentials; an admin has to renew them"),
    (SourceState.REFUSED, "scope"): N_("{store} does not let us read this; a permission is missing"),
    (SourceState.REFUSED, "closed"): N_("{store} is closed or frozen by its platform"),
    (SourceState.LIMITED, "busy"): N_("{store} is being asked too much by this desk right now"),
    (SourceState.UNREACHABLE, "connect"): N_("{store} could not be reached: no connection"),
    (SourceState.UNREACHABLE, "address"): N_("{store} was not asked: its address lies in a private network"),
    (SourceState.UNREACHABLE, "tls"): N_("{store} could not be reached: its certificate is not valid"),
    (SourceState.UNREACHABLE, "broken"): N_("{store} could not be reached: the connection broke"),
    (SourceState.UNREACHABLE, "down"): N_("{store} is down or in maintenance"),
    (SourceState.CHANGED, "redirect"): N_(
        "{store} sent us elsewhere instead of answering; its address may have changed"
    ),
    (SourceState.CHANGED, "too_large"): N_("{store} answered with more than we accept"),
    (SourceState.CHANGED, "defect"): N_("{store} answered, but we could not read it; this is our fault"),
}


def source(source: Source, voice: Voice) -> str:
    """What became of asking a store, as a sentence without its full stop."""
    reason, scope, wait = (source.about.get(key) for key in ("reason", "scope", "retry_after"))
    text = _FAILURES.get((source.state, str(reason)), SOURCES[source.state])
    clauses = [voice.say(text, store=source.store)]
    if source.state is SourceState.REFUSED and scope:
        clauses = [f"{clauses[0]} ({voice.apart(str(scope))})"]
    if source.state in {SourceState.LIMITED, SourceState.PAUSED} and isinstance(wait, int | float):
        clauses.append(voice.say("try again in {seconds} s", seconds=max(round(wait), 1)))
    if source.unreadable:
        clauses.append(voice.many("{n} order could not be read", "{n} orders could not be read", source.unreadable))
    return voice.clauses(clauses)
