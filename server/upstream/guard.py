"""What stands between a question and the wire: few calls at once per store, a fair share of all that the process makes,
and one more try for what can heal."""

import asyncio
import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..connectors.base import Headroom, Rate, Refusal, Request, Response, retry_after
from ..errors import Changed, Limited, StoreError, TimedOut, Unreachable
from .allowance import Allowance
from .breaker import Breaker, RetryBudget, Silence
from .client import Client
from .room import Room

HEALING = frozenset({502, 503, 504})
"""Statuses of something between us and the shop that may be over in a moment."""
MAY_HEAL = HEALING | {429}
"""The same, and where the store names a wait."""

MAX_CALLS = 256
"""Calls that a process makes at once. Each may hold an answer of two megabytes."""

FAIR_S = 1.0
FAIR_SHARE = 0.75
"""A store that says nothing for so long, or for so much of what a question had, has failed; with less, nobody knows.
Its silence counts and not the one call's: behind others that hang, hardly any has time left when its turn comes."""

RETRY_PAUSE_S = 0.15
"""A second try comes after up to this long (full jitter), or after `Retry-After` where the store names it."""


class Ledger(Protocol):
    """Where calls are counted that several processes make."""

    async def take(self, name: str, rate: Rate, patience: float) -> float:
        """Takes one call of the bucket of that name and returns how many seconds to wait for it.

        Raises `Limited` where that would be longer than `patience`; then nothing is taken.
        """

    async def close(self) -> None:
        """Lets go of what it holds."""


@dataclass(slots=True)
class Shared:
    """What stores of one subscription share: room for their calls, and a refusal that is for them all."""

    room: Room
    allowance: Allowance = field(default_factory=Allowance)


Heard = tuple[Response, Headroom | None]
"""An answer, and what it tells of the quota that is left."""


@dataclass(slots=True)
class Guard:
    """One store's gate; shared by everything that asks this store.

    `shared` is the room of the whole process, and `who` the account whose share of it the store's calls take. Where
    there is a `ledger`, other replicas' calls to the store `name` count as well; where there is a `subscription`, those
    to its other stores.
    """

    client: Client
    calls_at_once: int
    rates: tuple[Rate, ...] = ()
    who: str = ""
    shared: Room = field(default_factory=lambda: Room(MAX_CALLS))
    jitter: Callable[[], float] = random.random
    breaker: Breaker = field(default_factory=Breaker)
    budget: RetryBudget = field(default_factory=RetryBudget)
    ledger: Ledger | None = None
    name: str = ""
    headroom: Callable[[Response], Headroom | None] = lambda _: None
    allowance: Allowance = field(default_factory=Allowance)
    subscription: Shared | None = None
    refusal: Callable[[Response], Refusal | None] = lambda _: None
    _buckets: tuple["Bucket", ...] = field(init=False)
    _silence: Silence = field(default_factory=Silence, init=False)
    _rooms: tuple[tuple[Room, str], ...] = field(init=False)
    _allowances: tuple[Allowance, ...] = field(init=False)

    def __post_init__(self) -> None:
        self._buckets = tuple(map(Bucket, self.rates))
        own, everybodys = (Room(self.calls_at_once, alone=True), self.who), (self.shared, self.who)
        self._rooms, self._allowances = (own, everybodys), (self.allowance,)
        if self.subscription is not None:
            self._rooms = (own, (self.subscription.room, f"{self.who}/{self.name}"), everybodys)
            self._allowances = (self.allowance, self.subscription.allowance)

    def wire(self, deadline: float) -> "DeadlineWire":
        """The way to the store for one question that must be answered by `deadline` (the loop's clock)."""
        patience = deadline - asyncio.get_running_loop().time()
        return DeadlineWire(self, deadline, min(FAIR_S, FAIR_SHARE * patience))

    async def call(self, request: Request, deadline: float, *, counts: bool = True, fair_s: float = FAIR_S) -> Heard:
        """One call when there is room for it. Its failure `counts` where it is the first one of its question.

        That it was given up at the deadline is one where the store had said nothing for `fair_s` seconds.

        Raises `Limited` where there is none until the deadline, and `Paused` where the store failed too often.
        """
        probe = self.breaker.admit(asyncio.get_running_loop().time())
        try:
            await self._enter(request, deadline)
            try:
                return await self._call(request, deadline, counts, fair_s)
            finally:
                self._leave()
        except (Limited, asyncio.CancelledError):  # the gate is ours, and so is the patience
            self.breaker.gave_up(probe=probe)
            raise
        except Unreachable as failure:
            if failure.lasts:
                self.breaker.gave_up(probe=probe)
            raise

    async def _enter(self, request: Request, deadline: float) -> None:
        """Waits for the platform's rate, for room among the store's calls, and among those of the process."""
        loop = asyncio.get_running_loop()
        for allowance in self._allowances:
            if wait := allowance.take(loop.time(), deadline, request.kind):
                await asyncio.sleep(wait)
        for number, bucket in enumerate(self._buckets):
            if bucket.holds(request):
                await asyncio.sleep(await self._turn(number, bucket, deadline))
        entered = 0
        try:
            for room, who in self._rooms:
                await room.enter(who, deadline)
                entered += 1
        except BaseException:
            self._leave(entered)
            raise

    def _leave(self, entered: int | None = None) -> None:
        """Gives back the places in so many of the rooms."""
        for room, who in self._rooms[:entered]:
            room.leave(who)

    def _broke(self, failure: StoreError, now: float, counts: bool, fair_s: float) -> None:
        """What a call that brought nothing tells of the store's health."""
        if isinstance(failure, Changed):  # an answer, if a strange one: the wire is well
            self._silence.heard(now)
            self.breaker.worked()
            return
        # One that was asked when hardly any time was left may be as well as ever.
        short = isinstance(failure, TimedOut) and not self._silence.lasted(now) >= fair_s > 0
        if counts and not short and not (isinstance(failure, Unreachable) and failure.lasts):
            self.breaker.failed(now)

    def _heard(self, request: Request, response: Response, now: float) -> Headroom | None:
        """What an answer tells of what is left, to the store or to all of its subscription."""
        refusal, told = self.refusal(response), self.headroom(response)
        if refusal is None:
            self.allowance.heard(response, told, now, request.kind)
            if self.subscription is not None:
                self.subscription.allowance.heard(response, None, now)
        elif refusal == "subscription" and self.subscription is not None:
            self.subscription.allowance.refused(response, now)
        else:
            self.allowance.refused(response, now)
        return told

    async def _turn(self, number: int, bucket: "Bucket", deadline: float) -> float:
        """Takes one call of a rate, here and where all replicas count; how long to wait for it."""
        now = asyncio.get_running_loop().time()
        wait = bucket.take(now, deadline)
        if self.ledger is None:
            return wait
        return max(wait, await self.ledger.take(f"{self.who}/{self.name}/{number}", bucket.rate, deadline - now))

    async def _call(self, request: Request, deadline: float, counts: bool, fair_s: float) -> Heard:
        """The call, and what it tells of the store's health."""
        loop = asyncio.get_running_loop()
        self.budget.earn()
        self._silence.asked(loop.time())
        try:
            response = await self.client.call(request, deadline)
        except StoreError as failure:
            self._broke(failure, loop.time(), counts, fair_s)
            raise
        finally:
            now = loop.time()
            self._silence.left(now)
        self._silence.heard(now)
        told = self._heard(request, response, now)
        for bucket in self._buckets:
            if bucket.holds(request):
                bucket.heard(response)
        if response.status not in HEALING:
            self.breaker.worked()
        elif counts:
            self.breaker.failed(now)
        return response, told


@dataclass(slots=True)
class Bucket:
    """What is left of a platform's `Rate`, as far as this process knows. Times are the loop's clock."""

    rate: Rate
    _left: float = field(init=False)
    _as_of: float = -math.inf

    def __post_init__(self) -> None:
        self._left = self.rate.burst

    def holds(self, request: Request) -> bool:
        """Whether the rate is for this call."""
        return re.fullmatch(self.rate.paths, request.path) is not None

    def heard(self, response: Response) -> None:
        """Takes on the rate that an answer names."""
        told = response.headers.get(self.rate.told_in or "", "")
        if re.fullmatch(r"\d{1,4}(\.\d{1,9})?", told) and float(told) > 0:
            self.rate = replace(self.rate, per_s=float(told))

    def take(self, now: float, deadline: float) -> float:
        """Takes one call and returns how long to wait for it.

        Raises `Limited` where it would come after the deadline; then nothing is taken, and nobody is asked.
        """
        left = min(self._left + (now - self._as_of) * self.rate.per_s, self.rate.burst)
        wait = max((1 - left) / self.rate.per_s, 0.0)
        if now + wait > deadline:
            raise Limited("throttled", retry_after=math.ceil(wait))
        self._left, self._as_of = left - 1, now
        return wait


@dataclass(slots=True)
class DeadlineWire:
    """A `Wire` with an absolute deadline and at most one second try over all its calls.

    However many of its calls fail, to the breaker they are one failure: a blip in which one question had five calls out
    must not pause a store.
    """

    guard: Guard
    deadline: float
    fair_s: float = FAIR_S
    calls: int = 0
    _spent: bool = False
    _failed: bool = False

    async def send(self, request: Request) -> Response:
        """The store's answer; a status is returned, not raised."""
        try:
            response, told = await self._call(request)
        except Unreachable as failure:
            if failure.lasts or not await self._may_retry(None):
                raise
        else:
            short = told is not None and told.refused
            if not short and response.status not in MAY_HEAL:
                return response
            now = asyncio.get_running_loop().time()
            wait = self.guard.allowance.wait(now, request.kind) if short else retry_after(response)
            heals = response.status in HEALING or wait is not None
            if not heals or not await self._may_retry(wait):
                return response
        response, _ = await self._call(_again(request))
        return response

    async def _call(self, request: Request) -> Heard:
        self.calls += 1
        try:
            heard = await self.guard.call(request, self.deadline, counts=not self._failed, fair_s=self.fair_s)
        except StoreError:
            self._failed = True
            raise
        self._failed = self._failed or heard[0].status in HEALING
        return heard

    async def _may_retry(self, wait: float | None) -> bool:
        """Waits for the pause before a second try; false where it was used up or would come too late."""
        pause = RETRY_PAUSE_S * self.guard.jitter() if wait is None else wait
        loop = asyncio.get_running_loop()
        if self._spent or loop.time() + pause + RETRY_PAUSE_S > self.deadline or not self.guard.budget.spend():
            return False
        self._spent = True
        await asyncio.sleep(pause)
        return True


def _again(request: Request) -> Request:
    return request if request.anew is None else request.anew()
