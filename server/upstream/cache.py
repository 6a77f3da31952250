"""What a store answered, kept for seconds, and one call in flight for any one question.

A value is only ever handed out under the key it was stored with, and is re-checked against the question when it
leaves (Wyze, February 2024: a cache under load gave 13,000 people other people's cameras). Failures are never
kept. The call belongs to the flight: a waiter that is cancelled never cancels it, the last one to leave does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cachetools import TLRUCache
from msgspec import Struct

from ..connectors.answers import sift
from ..errors import TimedOut
from ..model import Answer, By, Question

MAX_ORDERS = 8192
"""What the cache holds, in orders; an answer without any counts for one. An order takes some ten kilobytes."""


class Key(Struct, frozen=True, gc=False):
    """Everything that an answer depends on. `store` is the connector's fingerprint: tenant, store and settings.

    `opened` marks the details of one order, asked by its number.
    """

    tenant: str
    store: str
    by: By
    value: str
    limit: int
    opened: bool = False


class Kept(Struct, frozen=True, gc=False):
    """An answer, the key it belongs to, and when it was given (Unix seconds)."""

    key: Key
    answer: Answer
    as_of: float
    until: float

    def holds(self, key: Key, question: Question) -> bool:
        """Whether this is the answer to that question, judged by its rows and not by where it was found."""
        again = sift(question, self.answer.parties, self.answer.orders)
        return self.key == key and again.dropped == 0


@dataclass(slots=True)
class _Flight:
    key: Key
    task: asyncio.Task[Kept]
    waiters: int = 0


class Answers:
    """The cache and the calls in flight of one process, `size` orders at most. `now` is in Unix seconds."""

    def __init__(
        self, now: Callable[[], float], *, found_s: float = 60, nothing_s: float = 15, size: int = MAX_ORDERS
    ) -> None:
        self._now = now
        self.keep_for(found_s=found_s, nothing_s=nothing_s)
        self._kept: TLRUCache[Key, Kept] = TLRUCache(
            size, ttu=lambda _key, kept, _now: kept.until, timer=now, getsizeof=_weight
        )
        self._flights: dict[Key, _Flight] = {}

    def keep_for(self, *, found_s: float, nothing_s: float) -> None:
        """How long answers are kept that come from now on."""
        self._found_s, self._nothing_s = found_s, nothing_s

    async def get(
        self, key: Key, question: Question, ask: Callable[[], Awaitable[Answer]], *, refresh: bool = False
    ) -> tuple[Kept, bool]:
        """The answer and whether it was kept from earlier. Raises what `ask` raises."""
        if not refresh and (kept := self._kept.get(key)) is not None and kept.holds(key, question):
            return kept, True
        if key in self._flights:
            try:
                return await self._board(self._flights[key]), False
            except TimedOut:  # by the deadline of whoever asked first; ours may be later
                pass
        if key not in self._flights:
            task = asyncio.create_task(self._fly(key, ask))
            flight = self._flights[key] = _Flight(key, task)
            task.add_done_callback(lambda _: self._landed(flight))
        return await self._board(self._flights[key]), False

    def keeps(self, kept: Kept) -> bool:
        """Whether this very answer is the one that is kept still."""
        return self._kept.get(kept.key) is kept

    async def _board(self, flight: _Flight) -> Kept:
        """What the flight brings. The last one to leave early ends it."""
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if flight.waiters == 0 and not flight.task.done():
                flight.task.cancel()
                self._landed(flight)

    def _landed(self, flight: _Flight) -> None:
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # seen, even where every waiter has left

    async def _fly(self, key: Key, ask: Callable[[], Awaitable[Answer]]) -> Kept:
        answer = await ask()
        as_of = self._now()
        life = self._found_s if answer.orders or answer.parties else self._nothing_s
        life = 0.0 if answer.passing else life
        kept = Kept(key, answer, as_of, as_of + life)
        if life > 0:
            self._kept[key] = kept
            # Forgotten when its time is over, also where nobody asks any more.
            asyncio.get_running_loop().call_later(life + 1, self._kept.expire)
        return kept


def _weight(kept: Kept) -> int:
    return max(len(kept.answer.orders), 1)
