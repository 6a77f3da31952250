"""How we speak: money, dates and counts by CLDR, and our words for every state, level, reason and failure.

One place for every sentence that a state turns into, so that each is written once and none is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from .catalogue import ENGLISH, Catalogue, catalogue_for
from .identity_words import (
    BARE_REASONS,
    BUTTONS,
    LEVELS,
    NO_REASON,
    NOBODY,
    POSSIBLY,
    PROOF_FROM,
    REASONS,
    SEARCHES,
    SENDERS,
    SPOKEN,
    STILL_WAITING,
    WANTED,
    WANTED_AS,
)
from .model import (
    FulfillmentStatus,
    Money,
    PaymentStatus,
    Reason,
    ReasonCode,
    RefundStatus,
    ReturnStatus,
    ShipmentStatus,
    Source,
    SourceState,
)

__all__ = [
    "BUTTONS",
    "LEVELS",
    "NOBODY",
    "NO_REASON",
    "POSSIBLY",
    "PROOF_FROM",
    "REASONS",
    "SEARCHES",
    "SENDERS",
    "SPOKEN",
    "WANTED",
    "WANTED_AS",
]
"""The words of `identity_words`, so that there is one place to look for them."""


@dataclass(frozen=True, slots=True)
class Voice:
    """The agent's language and time zone.

    Numbers and dates follow it. So do the sentences about who is writing (`own`); those about orders are English.
    """

    locale: Locale
    zone: tzinfo
    now: datetime
    own: Catalogue = ENGLISH

    def say(self, text: str, **about: str) -> str:
        """One of our sentences in the agent's own language."""
        return self.own.say(text, **about)

    def own_names(self, names: list[str]) -> str:
        """`a, b und c`."""
        return format_list(names, locale=self.own.locale) if names else ""

    def money(self, money: Money) -> str:
        """`Money(Decimal("12.3"), "EUR")` -> `€12.30`; digits that the platform gave are never rounded away."""
        return format_currency(money.amount, money.currency, locale=self.locale, decimal_quantization=False)

    def number(self, number: Decimal | int) -> str:
        """A quantity or count."""
        return format_decimal(number, locale=self.locale, decimal_quantization=False)

    def day(self, instant: datetime) -> str:
        """`15 Nov`, with the year where it is not this one."""
        local, today = instant.astimezone(self.zone), self.now.astimezone(self.zone)
        skeleton = "MMMd" if local.year == today.year else "yMMMd"
        return format_skeleton(skeleton, local, locale=self.locale)

    def month(self, instant: datetime) -> str:
        """`Mar 2021`."""
        return format_skeleton("yMMM", instant.astimezone(self.zone), locale=self.locale)

    def time(self, instant: datetime) -> str:
        """The time of day, to the second."""
        return format_time(instant.astimezone(self.zone), "medium", locale=self.locale)

    def moment(self, instant: datetime) -> str:
        """Day and time to the minute."""
        short = format_time(instant.astimezone(self.zone), "short", locale=self.locale)
        return f"{self.day(instant)}, {short}"

    def names(self, names: list[str]) -> str:
        """`a, b and c`."""
        return format_list(names, locale=self.locale) if names else ""

    @property
    def lang(self) -> str:
        """The tag for `lang=`."""
        return str(self.locale).replace("_", "-")

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, for `dir=`."""
        return self.locale.text_direction


def voice(locale: str | None, time_zone: str | None, now: datetime) -> Voice:
    """The voice for an agent. An unknown language or zone is no error: it becomes English, or UTC."""
    return Voice(_locale(locale or "en"), _zone(time_zone or "UTC"), now, catalogue_for(locale))


@lru_cache(256)
def _locale(tag: str) -> Locale:
    """English as it is written where the agent lives: the sentences are English, the formats local."""
    try:
        wanted = Locale.parse(tag.replace("-", "_"))
        if wanted.language == "en":
            return wanted
        likely = Locale.parse(get_global("likely_subtags").get(wanted.language, "en"))
        return Locale.parse(f"en_{wanted.territory or likely.territory}")
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


@lru_cache(256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


PAYMENTS: Mapping[PaymentStatus, str] = {
    PaymentStatus.PENDING: "payment pending",
    PaymentStatus.AUTHORIZED: "authorised, not captured",
    PaymentStatus.PARTIALLY_PAID: "partly paid",
    PaymentStatus.PAID: "paid",
    PaymentStatus.PARTIALLY_REFUNDED: "partly refunded",
    PaymentStatus.REFUNDED: "refunded",
    PaymentStatus.VOIDED: "payment voided",
    PaymentStatus.FAILED: "payment failed",
    PaymentStatus.DISPUTED: "payment disputed",
    PaymentStatus.UNKNOWN: "payment unknown",
}

FULFILLMENTS: Mapping[FulfillmentStatus, str] = {
    FulfillmentStatus.UNFULFILLED: "not shipped",
    FulfillmentStatus.ON_HOLD: "on hold",
    FulfillmentStatus.SCHEDULED: "scheduled",
    FulfillmentStatus.PARTIAL: "partly shipped",
    FulfillmentStatus.FULFILLED: "fulfilled",
    FulfillmentStatus.CANCELLED: "cancelled",
    FulfillmentStatus.UNKNOWN: "state unknown",
}

SHIPMENTS: Mapping[ShipmentStatus, str] = {
    ShipmentStatus.LABEL_CREATED: "label created",
    ShipmentStatus.IN_TRANSIT: "in transit",
    ShipmentStatus.OUT_FOR_DELIVERY: "out for delivery",
    ShipmentStatus.READY_FOR_PICKUP: "ready for pickup",
    ShipmentStatus.ATTEMPTED: "delivery attempted",
    ShipmentStatus.DELIVERED: "delivered",
    ShipmentStatus.DELAYED: "delayed",
    ShipmentStatus.EXCEPTION: "problem reported",
    ShipmentStatus.RETURNED: "returned to sender",
    ShipmentStatus.CANCELLED: "cancelled",
    ShipmentStatus.UNKNOWN: "sent",
}

REFUNDS: Mapping[RefundStatus, str] = {
    RefundStatus.SUCCEEDED: "settled",
    RefundStatus.PENDING: "pending",
    RefundStatus.FAILED: "failed",
    RefundStatus.UNKNOWN: "recorded",
}

RETURNS: Mapping[ReturnStatus, str] = {
    ReturnStatus.REQUESTED: "requested",
    ReturnStatus.OPEN: "open",
    ReturnStatus.CLOSED: "closed",
    ReturnStatus.DECLINED: "declined",
    ReturnStatus.CANCELLED: "cancelled",
    ReturnStatus.UNKNOWN: "state unknown",
}


def reasons(reasons: Iterable[Reason], voice: Voice, *, complete: bool = True) -> list[tuple[ReasonCode, str]]:
    """Every code once, in the order in which they come, with a sentence over all that it is about.

    While an answer is not `complete`, a silent store has only not answered yet.
    """
    about: dict[ReasonCode, list[str]] = {}
    for reason in reasons:
        about.setdefault(reason.code, []).extend([reason.about] if reason.about else [])
    return [(code, _reason(code, names, voice, complete)) for code, names in about.items()]


def _reason(code: ReasonCode, names: list[str], voice: Voice, complete: bool) -> str:
    if not names:
        return voice.say(BARE_REASONS.get(code, REASONS[code]))
    waiting = code is ReasonCode.STORE_SILENT and not complete
    return voice.say(STILL_WAITING if waiting else REASONS[code], about=voice.own_names(names))


SOURCES: Mapping[SourceState, str] = {
    SourceState.ANSWERED: "answered",
    SourceState.NOTHING: "answered, and has nothing",
    SourceState.PENDING: "has not answered yet",
    SourceState.TIMED_OUT: "did not answer in time",
    SourceState.REFUSED: "refused our access",
    SourceState.LIMITED: "wants fewer requests right now",
    SourceState.UNREACHABLE: "could not be reached",
    SourceState.CHANGED: "answered in a form that we do not know",
    SourceState.PAUSED: "is left alone for a while after repeated failures",
    SourceState.NOT_ASKED: "was not asked: nothing in this ticket to ask it by",
}

_FAILURES: Mapping[tuple[SourceState, str], str] = {
    (SourceState.NOT_ASKED, "not_needed"): "did not have to be asked",
    (SourceState.NOT_ASKED, "not_searchable"): "cannot be searched by this",
    (SourceState.REFUSED, "credentials"): "refused our credentials; an admin has to renew them",
    (SourceState.REFUSED, "scope"): "does not let us read this; a permission is missing",
    (SourceState.REFUSED, "closed"): "is closed or frozen by its platform",
    (SourceState.LIMITED, "busy"): "is being asked too much by this desk right now",
    (SourceState.UNREACHABLE, "connect"): "could not be reached: no connection",
    (SourceState.UNREACHABLE, "tls"): "could not be reached: its certificate is not valid",
    (SourceState.UNREACHABLE, "broken"): "could not be reached: the connection broke",
    (SourceState.UNREACHABLE, "down"): "is down or in maintenance",
    (SourceState.CHANGED, "redirect"): "sent us elsewhere instead of answering; its address may have changed",
    (SourceState.CHANGED, "too_large"): "answered with more than we accept",
    (SourceState.CHANGED, "defect"): "answered, but we could not read it; this is our fault",
}


def source(source: Source, voice: Voice) -> str:
    """What became of asking a store, in words that follow its name."""
    reason = source.about.get("reason")
    text = _FAILURES.get((source.state, str(reason)), SOURCES[source.state])
    scope, wait = source.about.get("scope"), source.about.get("retry_after")
    if source.state is SourceState.REFUSED and scope:
        text += f" ({scope})"
    if source.state in {SourceState.LIMITED, SourceState.PAUSED} and isinstance(wait, int | float):
        text += f"; try again in {voice.number(max(round(wait), 1))} s"
    if source.unreadable:
        orders = "1 order" if source.unreadable == 1 else f"{voice.number(source.unreadable)} orders"
        text += f"; {orders} could not be read"
    return text
