"""What the stores answered -> the Summary: match, the person's orders, flags, figures, sources. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice

from msgspec.structs import replace

from . import attention
from .identity.texts import own_words
from .lookup import Connection, Lookup, Outcome, by_store
from .model import (
    Asked,
    Customer,
    Level,
    Match,
    Money,
    Order,
    Party,
    PartyKind,
    PaymentStatus,
    ShownOrder,
    Source,
    SourceState,
    Step,
    Store,
    Summary,
    Ticket,
)

FAILURES = (
    SourceState.REFUSED,
    SourceState.CHANGED,
    SourceState.UNREACHABLE,
    SourceState.TIMED_OUT,
    SourceState.LIMITED,
    SourceState.PAUSED,
)
"""Which failure a source is named by where several of its questions failed: what lasts longest first."""

FIRST_TOLD = (SourceState.PENDING, *FAILURES, SourceState.ANSWERED, SourceState.NOTHING)
"""Which state of its questions a source is said to be in."""

NO_TICKET = Ticket()

SHOWN = {Level.CONFIRMED, Level.LIKELY}


Judge = Callable[[Sequence[Store], Sequence[Asked], Sequence[str]], Match]
"""Stores, their answers, and which of them are silent -> whose orders these are."""


def answers(outcomes: Iterable[Outcome]) -> list[Asked]:
    """What the stores that answered said."""
    return [Asked(item.connection.store.name, item.question, item.answer) for item in outcomes if item.state.looked]


def summarise(
    lookup: Lookup,
    judge: Judge,
    limit: int,
    now: datetime,
    *,
    ticket: Ticket = NO_TICKET,
    also: Lookup | None = None,
    settled: bool = True,
) -> Summary:
    """The summary of what a lookup knows at this moment, nothing masked yet; at most `limit` orders.

    `also` is a second lookup whose answers count with it; `settled` is false while something else may still change
    the judgement.
    """
    outcomes = (*lookup.outcomes, *(also.outcomes if also else ()))
    grouped = by_store(outcomes)
    sources = tuple(_source(to, grouped.get(to.store.name, ())) for to in lookup.connections)
    asked = answers(outcomes)
    silent = [source.store for source in sources if source.state.silent]
    stores = [to.store for to in lookup.connections]
    found = judge(stores, asked, silent)
    orders = _newest_first(found.orders)
    more = {each.store for each in sources if each.more_orders}
    unseen = more | {each.store for each in sources if each.unreadable or not each.state.looked}
    shown = _pick(orders, found, limit)
    return Summary(
        complete=settled and lookup.complete and (also is None or also.complete),
        lookup=lookup.name,
        generated_at=now,
        match=found,
        customer=_customer(found, orders, unseen) if found.level in SHOWN else None,
        flags=attention.flags([item.order for item in shown], around(stores, now, ticket, found.named)),
        orders=shown,
        more_orders=len(orders) > len(shown) or bool({order.store for order in orders} & more),
        sources=sources,
        steps=tuple(_step(item) for item in outcomes),
    )


def around(stores: Sequence[Store], now: datetime, ticket: Ticket, named: frozenset[str]) -> attention.Around:
    """What the rules know beside the orders."""
    return attention.Around(now, {store.name: store for store in stores}, ticket, own_words(ticket), named)


def opened(whole: Summary, told: Order, stores: Sequence[Store], ticket: Ticket) -> Summary:
    """The summary with one of its orders alone, as far as its store has told of it by now, and with its flags."""
    orders = [told if shown.order.id == told.id else shown.order for shown in whole.orders]
    raised = attention.flags(orders, around(stores, whole.generated_at, ticket, whole.match.named))
    return replace(
        whole,
        orders=tuple(replace(shown, order=told) for shown in whole.orders if shown.order.id == told.id),
        flags=tuple(flag for flag in raised if flag.order.id == told.id),
    )


OLDEST = datetime.min.replace(tzinfo=UTC)


def _newest_first(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Undated ones last; of one instant, what comes later in the match comes first."""
    return tuple(sorted(orders, key=lambda order: order.placed_at or OLDEST)[::-1])


def _pick(orders: Iterable[Order], found: Match, limit: int) -> tuple[ShownOrder, ...]:
    """The orders that the ticket names first, then the newest."""
    records = {party.id: party for party in found.parties}
    of_store = Counter(party.store for party in found.parties)

    def show(order: Order) -> ShownOrder:
        record = records[order.party_id]
        return ShownOrder(
            order, order.id in found.named, record.mark, record.kind if of_store[order.store] > 1 else None
        )

    named = [order for order in orders if order.id in found.named]
    others = (order for order in orders if order.id not in found.named)
    return tuple(map(show, islice(chain(named, others), limit)))


def _customer(found: Match, orders: Sequence[Order], unseen: set[str]) -> Customer:
    """Who he is and what he spent, without the records that the agent set aside."""
    everything = sorted(found.parties, key=lambda p: (p.kind is not PartyKind.ACCOUNT, p.store, p.store_id))
    records = [party for party in everything if party.mark not in found.aside]
    own: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        own[order.party_id].append(order)
    counts = [_count(party, own[party.id], unseen) for party in records]
    return Customer(
        name=next((name for party in records for name in party.names), None),
        emails=_distinct(address for party in records for address in party.emails),
        phones=_distinct(number for party in records for number in party.phones),
        since=min((party.since for party in records if party.since), default=None),
        orders_count=None if None in counts else sum(count or 0 for count in counts),
        spent=_spent(records, own, unseen),
        refunded=_sum(order.totals.refunded for order in orders),
        tags=_distinct(tag for party in records for tag in party.tags),
        records=tuple(everything),
        aside=found.aside,
    )


def _count(party: Party, own: Sequence[Order], unseen: set[str]) -> int | None:
    """The store's own figure, or what was counted where nothing is missing."""
    if party.orders_count is not None:
        return party.orders_count
    return None if party.store in unseen else len(own)


_UNPAID = frozenset({PaymentStatus.PENDING, PaymentStatus.FAILED, PaymentStatus.VOIDED})


def _spent(records: Iterable[Party], own: Mapping[str, Sequence[Order]], unseen: set[str]) -> tuple[Money, ...]:
    """Kept after refunds, per currency; empty where one record's share can be neither asked nor counted."""
    amounts: list[Money | None] = []
    for party in records:
        if party.spent:
            amounts += party.spent
        elif party.store in unseen:
            return ()
        else:
            amounts += [order.totals.net for order in own[party.id] if order.payment.status not in _UNPAID]
    return _sum(amounts)


def _sum(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    """One amount per currency, never one over several."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for money in amounts:
        if money is not None:
            sums[money.currency] += money.amount
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()) if amount)


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """In their first spelling, where only capitals differ."""
    return tuple({text.casefold(): text for text in reversed(list(texts))}.values())[::-1]


def _source(to: Connection, outcomes: Sequence[Outcome]) -> Source:
    states = {item.state: item for item in reversed(outcomes)}
    failure = next((states[state] for state in FAILURES if state in states), None)
    lacks = to.connector.lacks
    for item in outcomes:
        if item.answer.lacks:
            lacks = {**lacks, **item.answer.lacks}
    ages = [item.as_of for item in outcomes if item.as_of is not None]
    times = [item.took_ms for item in outcomes if item.took_ms is not None]
    return Source(
        store=to.store.name,
        platform=to.store.platform,
        state=next((state for state in FIRST_TOLD if state in states), SourceState.NOT_ASKED),
        as_of=datetime.fromtimestamp(min(ages), UTC) if ages else None,
        took_ms=max(times, default=None),
        about=_about(outcomes, failure),
        lacks=lacks,
        more_orders=any(item.answer.more_orders for item in outcomes),
        unreadable=sum(item.answer.unreadable for item in outcomes),
        behind=to.connector.behind,
    )


def _about(outcomes: Sequence[Outcome], failure: Outcome | None) -> Mapping[str, object]:
    if failure is not None:
        return failure.about
    skipped = bool(outcomes) and all(item.state is SourceState.NOT_ASKED for item in outcomes)
    return {"reason": "not_needed"} if skipped else {}


def _step(item: Outcome) -> Step:
    return Step(
        store=item.connection.store.name,
        asked_by=item.question.by,
        state=item.state,
        ms=item.took_ms,
        returned=len(item.answer.orders),
        dropped=item.answer.dropped,
        cached=item.cached,
    )
