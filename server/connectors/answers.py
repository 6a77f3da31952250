"""From a store's rows to an `Answer`, as every connector does it: strangers left out, newest first, guests grouped."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

from msgspec.structs import replace

from ..errors import Changed, Limited, Refused, StoreError
from ..model import Address, Answer, By, Order, Party, PartyKind, Question
from ..texts import N_
from .payload import distinct

A = TypeVar("A")
B = TypeVar("B")
T = TypeVar("T")

AT_ONCE = 3
"""Of how many of the newest orders the parts that cost a call each are read at once."""


def sift(question: Question, parties: Iterable[Party], orders: Iterable[Order]) -> Answer:
    """Only the rows that themselves hold the clue asked for; the others are counted in `dropped`.

    Stores search by substring and ignore parameters that they do not know, so an answer may hold strangers. An
    order stays when it carries the clue or its party does; a party stays when it carries the clue or keeps an
    order. Orders whose party is not in the answer are judged alone.
    """
    parties, orders = tuple(parties), tuple(orders)
    same, clues, clue = question.same, _CLUES_OF_PARTY[question.by], _CLUE_OF_ORDER[question.by]
    holders = {party.store_id for party in parties if any(map(same, clues(party)))}
    kept_orders = tuple([o for o in orders if o.party in holders or ((own := clue(o)) is not None and same(own))])
    buyers = holders.union([order.party for order in kept_orders])
    kept_parties = tuple([party for party in parties if party.store_id in buyers])
    dropped = len(orders) - len(kept_orders) + len(parties) - len(kept_parties)
    return Answer(parties=kept_parties, orders=kept_orders, dropped=dropped)


_CLUES_OF_PARTY: Mapping[By, Callable[[Party], Sequence[str]]] = {
    By.CUSTOMER_ID: lambda party: (party.store_id,),
    By.EMAIL: attrgetter("emails"),
    By.PHONE: attrgetter("phones"),
    By.NAME: attrgetter("names"),
    By.ORDER_NUMBER: lambda _: (),
}
_CLUE_OF_ORDER: Mapping[By, Callable[[Order], str | None]] = {
    By.CUSTOMER_ID: lambda _: None,
    By.EMAIL: attrgetter("email"),
    By.PHONE: attrgetter("phone"),
    By.NAME: lambda _: None,
    By.ORDER_NUMBER: attrgetter("number"),
}


def newest(orders: Iterable[Order], limit: int) -> tuple[Order, ...]:
    """The newest `limit` orders, each once; of one instant the higher id comes first, undated ones come last."""
    once = {order.store_id: order for order in orders}
    return tuple(sorted(once.values(), key=_age, reverse=True)[:limit])


def _age(order: Order) -> tuple[datetime, int, str]:
    return order.placed_at or datetime.min.replace(tzinfo=UTC), len(order.store_id), order.store_id


def answer(
    question: Question,
    accounts: Iterable[Party],
    orders: Iterable[Order],
    limit: int,
    *,
    profile: Callable[[str], str | None] = lambda _: None,
    more: bool = False,
    unreadable: int = 0,
) -> Answer:
    """What belongs to the question: accounts, other buyers as their orders show them, and the newest `limit` orders."""
    orders = tuple({order.store_id: order for order in orders}.values())
    accounts = tuple({party.store_id: party for party in accounts}.values())
    known = {party.store_id for party in accounts}
    others = buyers((order for order in orders if order.party not in known), profile)
    own = sift(question, (*accounts, *others), orders)
    return replace(
        own,
        orders=newest(own.orders, limit),
        more_orders=more or len(own.orders) > limit,
        unreadable=unreadable,
    )


# -- buyers known from their orders alone -------------------------------------------------------------------


def guest(email: str | None, order_id: str) -> str:
    """The id of a `Party` without a record: see `Party.store_id`."""
    return f"guest:{(email or '').strip().lower() or f'order:{order_id}'}"


def buyers(orders: Iterable[Order], profile: Callable[[str], str | None] = lambda _: None) -> tuple[Party, ...]:
    """One `Party` for each buyer, as his orders show him; `profile` makes the link to an account's page.

    Whoever is named as the recipient may be somebody else: the billing address alone tells of the buyer.
    """
    grouped: dict[str, list[Order]] = {}
    for order in orders:
        grouped.setdefault(order.party, []).append(order)
    return tuple(_buyer(id_, own, profile) for id_, own in grouped.items())


def _buyer(id_: str, orders: Sequence[Order], profile: Callable[[str], str | None]) -> Party:
    is_guest = id_.startswith("guest:")
    postal: list[Address] = [order.billing_address for order in orders if order.billing_address]
    return Party(
        store=orders[0].store,
        store_id=id_,
        kind=PartyKind.GUEST if is_guest else PartyKind.ACCOUNT,
        names=distinct(*(each.name for each in postal)),
        emails=distinct(*(order.email for order in orders)),
        phones=distinct(*(order.phone for order in orders), *(each.phone for each in postal)),
        addresses=tuple(dict.fromkeys(postal)),
        admin_url=None if is_guest else profile(id_),
    )


# -- several calls -------------------------------------------------------------------------------------------


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """All at once. A failure is raised when the last call has ended, so that none runs on unseen."""
    calls = tuple(calls)
    running = [asyncio.ensure_future(call) for call in calls[1:]]
    ended: list[T] = []
    failures: list[Exception] = []
    try:
        for call in (*calls[:1], *running):  # the first in this very task: most questions are one call, or two
            try:
                ended.append(await call)
            except Exception as failure:
                failures.append(failure)
    except asyncio.CancelledError:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        raise
    if failures:
        raise failures[0]
    return ended


async def both(one: Awaitable[A], other: Awaitable[B]) -> tuple[A, B]:
    """The same for two calls of different kinds."""
    pair: list[Any] = await together((one, other))
    return pair[0], pair[1]


async def attempt(call: Awaitable[T]) -> T | StoreError:
    """What a side call brings, or its failure: the orders are worth showing without their parcels."""
    try:
        return await call
    except StoreError as failure:
        return failure


def unread(**parts: object) -> Mapping[str, str]:
    """For `Answer.lacks`: each part whose side call failed, with the reason."""
    return {part: _reason(failure) for part, failure in parts.items() if isinstance(failure, StoreError)}


def passing(*results: object) -> bool:
    """Whether a side call failed in a way that another try may heal: see `Answer.passing`."""
    return any(isinstance(result, StoreError) and not isinstance(result, Refused) for result in results)


def _reason(failure: StoreError) -> str:
    match failure:
        case Refused():
            scope = failure.about.get("scope")
            return (
                N_("The store refuses it: {scope} is missing.", scope=scope) if scope else N_("The store refuses it.")
            )
        case Limited():
            return N_("The store allowed no more calls just now.")
        case Changed():
            return N_("The store sent something unexpected.")
    return N_("The store did not answer this part in time.")
