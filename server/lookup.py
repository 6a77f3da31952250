"""Clues -> one question per store that can be asked, all at once, under one deadline.

A `Lookup` runs on its own, so that an answer can leave before every store has spoken and the app can come back
for the rest. What it knows at any moment is its `outcomes`; a store that failed is an outcome like any other.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from .connectors.answers import sift
from .connectors.base import Connector
from .errors import Changed, RequestError, StoreError
from .identity.evidence import FIRST, due
from .model import Answer, By, Order, Question, SourceState, Store
from .upstream.cache import Answers, Kept, Key
from .upstream.guard import Guard
from .upstream.health import Health

log = logging.getLogger("orderside.lookup")

MARGIN_S = 0.1
"""Every call ends this long before the deadline, so that the answer can still be written."""

ABANDONED_S = 2.0
"""A lookup that nobody has waited for this long ends: the app comes back within a fraction of it, or not at all."""

SETTLE_S = 0.2
"""An early answer takes along what comes within this much time of the first news: most stores answer about together."""

LAST_S = 0.5
"""An answer to who came back that would leave so shortly before the lookup must end waits for that: else the app, which
pauses before it asks again, would have the end of it after the deadline."""

MOST_WAITING = 8
"""Requests that wait for one lookup at once, which take no room: an app has one, a page opened anew another."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A store that can be asked. `fingerprint` changes with its settings; a question may take it `patience_s`."""

    store: Store
    connector: Connector[Any]
    guard: Guard
    fingerprint: str
    health: Health = field(default_factory=Health)
    patience_s: float = math.inf


class Outcome(Struct, frozen=True, gc=False):
    """What became of one question to one store so far; `about` says more of a failure.

    The exception itself is not kept: with its frames it holds what the store sent, for as long as the lookup is known.
    """

    connection: Connection
    question: Question
    state: SourceState = SourceState.PENDING
    answer: Answer = Answer()
    as_of: float | None = None
    took_ms: int | None = None
    cached: bool = False
    kept: Kept | None = None
    about: Mapping[str, object] = {}


Plan = Mapping[str, tuple[Question, ...]]
"""What each store is asked, by its name."""


class Lookup:
    """A plan put to the stores of a tenant, those of the ticket's `brand` first. Times are the running loop's clock.

    What is asked makes a lookup; who is thought to have written the ticket is judged afterwards and may change.
    """

    def __init__(
        self,
        name: str,
        tenant: str,
        plan: Plan,
        connections: Sequence[Connection],
        answers: Answers,
        *,
        limit: int,
        refresh: bool,
        first_answer_at: float,
        deadline: float,
        brand: str | None = None,
    ) -> None:
        self.name = name
        self.tenant = tenant
        self.connections = _brand_first(connections, brand)
        self.deadline = deadline
        self._plan = plan
        self._answers = answers
        self._limit = limit
        self._refresh = refresh
        self._first_answer_at = first_answer_at
        self._outcomes: dict[tuple[str, Question], Outcome] = {}
        self._brand = {to.store.name for to in connections if brand in to.store.brands}
        self._fresh: set[str] = set()
        self._news = asyncio.Event()
        self._waiting = 0
        self._end: asyncio.TimerHandle | None = None
        self.abandoned = False
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._news.set())

    @property
    def complete(self) -> bool:
        """Whether every question has come to an end."""
        return self._task.done() and not self.abandoned

    def when_done(self, tell: Callable[["Lookup"], None]) -> None:
        """Calls `tell` once it asks no more."""
        self._task.add_done_callback(lambda _: tell(self))

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every question with what is known of it by now."""
        return tuple(self._outcomes.values())

    @property
    def kept(self) -> list[Kept]:
        """The answers that it was given."""
        return [item.kept for item in self._outcomes.values() if item.kept is not None]

    @property
    def questions(self) -> Iterable[Question]:
        """What stores are asked, the same more than once where several are."""
        return chain.from_iterable(self._plan.values())

    async def wait(self, until: float, *, eager: bool = False) -> None:
        """Returns when the lookup is complete, at `until` at the latest. It goes on for those who come back soon.

        If `eager`, also when a store has found something that no answer has told yet: one of the brand's, or any where
        the brand's have spoken. Raises what broke the lookup itself: one without outcomes must not be taken for one
        that found nothing; and `RequestError` 429 where too many wait for it already.
        """
        if self._waiting >= MOST_WAITING:
            raise RequestError(429, "busy", "Too many wait for this lookup already.", retry_after=1)
        loop = asyncio.get_running_loop()
        if eager and until > max(self._first_answer_at, self.deadline - LAST_S):
            until = max(until, self.deadline)
        self._waiting += 1
        if self._end is not None:
            self._end.cancel()
        try:
            if eager:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(until):
                        await self._news.wait()
                until = min(until, loop.time() + SETTLE_S)
            await asyncio.wait([self._task], timeout=max(until - loop.time(), 0))
        finally:
            self._waiting -= 1
            if self._waiting == 0 and not self._task.done():
                self._end = loop.call_later(ABANDONED_S, self._abandon)
        self._fresh.clear()
        if self.complete:
            self._task.result()
        else:
            self._news.clear()

    def _abandon(self) -> None:
        if not self._task.done():
            self.abandoned = True
            self._task.cancel()

    async def stop(self) -> None:
        """Ends the lookup and everything that it started."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        asked = [(to, question) for to in self.connections for question in self._plan[to.store.name]]
        self._outcomes = {(to.store.name, question): Outcome(to, question) for to, question in asked}
        first = [pair for pair in asked if pair[1].by in FIRST]
        then = [pair for pair in asked if pair[1].by not in FIRST]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(*pair)) for pair in first]
            if tasks and then:
                loop = asyncio.get_running_loop()
                await asyncio.wait(tasks, timeout=max(self._first_answer_at - loop.time(), 0))
            told = [item.answer for item in self.outcomes if item.question.by in FIRST]
            is_due = {question: due(question, told) for question in dict.fromkeys(question for _, question in then)}
            for to, question in then:
                if is_due[question]:
                    group.create_task(self._ask(to, question))
                else:
                    self._note(Outcome(to, question, SourceState.NOT_ASKED))

    async def _ask(self, to: Connection, question: Question) -> None:
        began = asyncio.get_running_loop().time()
        outcome = Outcome(to, question)
        try:
            kept, cached = await self._answer(to, question)
        except StoreError as failure:
            outcome = replace(outcome, state=failure.state, about=failure.about)
        except Exception:
            # A defect in one connector must not cost the agent the other stores. The traceback would be safe
            # to log, the exception's text might not be: it can hold what the store sent.
            log.error("defect", extra={"store": to.store.name, "platform": to.store.platform})  # noqa: TRY400
            outcome = replace(outcome, state=SourceState.CHANGED, about=Changed("defect").about)
        else:
            found = kept.answer.orders or kept.answer.parties
            outcome = replace(
                outcome,
                state=SourceState.ANSWERED if found else SourceState.NOTHING,
                answer=kept.answer,
                as_of=kept.as_of,
                cached=cached,
                kept=kept,
            )
        ended = asyncio.get_running_loop().time()
        to.health.saw(outcome.state, ended)
        self._note(replace(outcome, took_ms=round((ended - began) * 1000)))

    async def _answer(self, to: Connection, question: Question) -> tuple[Kept, bool]:
        async def ask() -> Answer:
            patience = asyncio.get_running_loop().time() + to.patience_s
            wire = to.guard.wire(min(self.deadline - MARGIN_S, patience))
            answer = await to.connector.ask(question, self._limit, wire)
            own = sift(question, answer.parties, answer.orders)
            return replace(answer, parties=own.parties, orders=own.orders, dropped=answer.dropped + own.dropped)

        key = Key(self.tenant, to.fingerprint, question.by, question.value, self._limit)
        return await self._answers.get(key, question, ask, refresh=self._refresh)

    def _note(self, outcome: Outcome) -> None:
        name = outcome.connection.store.name
        self._outcomes[name, outcome.question] = outcome
        if outcome.state is SourceState.ANSWERED:
            self._fresh.add(name)
        if self._fresh and (self._fresh & self._brand or not self._brand_is_out()):
            self._news.set()

    def _brand_is_out(self) -> bool:
        return bool(self._brand) and any(
            item.state is SourceState.PENDING and name in self._brand for (name, _), item in self._outcomes.items()
        )


async def detail(
    order: Order, tenant: str, to: Connection, answers: Answers, deadline: float, *, refresh: bool
) -> Order:
    """The order with what stood in its `later`, kept for as long as an answer. Raises a `StoreError`."""
    question = Question(By.ORDER_NUMBER, order.store_id, (order.number,), order.number.__eq__)

    async def ask() -> Answer:
        try:
            told = await to.connector.detail(order, to.guard.wire(deadline - MARGIN_S))
        except StoreError:
            raise
        except Exception:  # as in `_ask`: its text might hold what the store sent
            log.error("defect", extra={"store": to.store.name, "platform": to.store.platform})  # noqa: TRY400
            raise Changed("defect") from None
        return Answer(orders=(told,))

    key = Key(tenant, to.fingerprint, question.by, question.value, 1, opened=True)
    kept, _ = await answers.get(key, question, ask, refresh=refresh)
    (told,) = kept.answer.orders
    return told


def _brand_first(connections: Iterable[Connection], brand: str | None) -> tuple[Connection, ...]:
    """The stores of the ticket's brand first: their connections are opened first, and their answers shown first."""
    return tuple(sorted(connections, key=lambda item: brand is None or brand not in item.store.brands))


def by_store(outcomes: Iterable[Outcome]) -> Mapping[str, tuple[Outcome, ...]]:
    """The outcomes of each store, by its name."""
    grouped: dict[str, tuple[Outcome, ...]] = {}
    for outcome in outcomes:
        name = outcome.connection.store.name
        grouped[name] = (*grouped.get(name, ()), outcome)
    return grouped
