"""The lookups of a process: which still run, which an app may come back to, and what was said of each."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cachetools import TLRUCache

from .errors import RequestError
from .lookup import Lookup
from .model import Facts
from .pulse import LATE_S, Pulse
from .upstream.room import HANDFUL, Room

MAX_RUNNING = 256
"""Lookups that run at once, however idle the processor is."""

Line = Mapping[str, object]
"""What was recorded of an answer: a line of `audit`."""


@dataclass(slots=True)
class _Known:
    """A lookup, what makes another request ask for the same, what it was judged by, and what was recorded of it."""

    key: object
    lookup: Lookup
    keep_s: float
    facts: Facts | None = None
    said: list[tuple[str, Line | None]] = field(default_factory=list)


class Lookups:
    """The lookups of a process that an app may come back to. Ids are of no use to another tenant or ticket."""

    def __init__(self, ids: Callable[[], str]) -> None:
        self.pulse = Pulse()
        self._ids = ids
        self._known: TLRUCache[str, _Known] = TLRUCache(4096, lambda _, known, now: now + known.keep_s, time.monotonic)
        self._running: set[Lookup] = set()
        self._room = Room(MAX_RUNNING)

    def find(self, name: str | None, key: object) -> Lookup | None:
        """The lookup of that id, if it was started with the same `key`."""
        known = self._known.get(name) if name else None
        return known.lookup if known and known.key == key and not known.lookup.abandoned else None

    def known(self, name: str) -> Lookup | None:
        """The lookup of that id, whoever began it."""
        known = self._known.get(name)
        return known.lookup if known else None

    def stay(self, name: str, keep_s: float) -> None:
        """Lets an app come back to a lookup for so long from now, if it is known still."""
        if (known := self._known.get(name)) is not None:
            self._known[name] = replace(known, keep_s=keep_s)
            asyncio.get_running_loop().call_later(keep_s + 1, self._known.expire)

    def judge(self, name: str, facts: Facts) -> None:
        """Notes what the lookup was judged by last."""
        if (known := self._known.get(name)) is not None:
            known.facts = facts

    def judged(self, name: str | None, tenant: str) -> Facts | None:
        """What a tenant's lookup was judged by last, while it is known."""
        known = self._known.get(name) if name else None
        return known.facts if known and known.lookup.tenant == tenant else None

    def is_news(self, name: str, event: str, line: Line | None = None) -> bool:
        """Whether this is the first time that this is said of a lookup."""
        known, what = self._known.get(name), (event, line)
        if known is None or what in known.said:
            return known is None
        known.said.append(what)
        return True

    def recorded(self, name: str) -> list[tuple[str, Line]]:
        """The events of a lookup with their lines, as far as it is known."""
        known = self._known.get(name)
        return [(event, line) for event, line in known.said if line is not None] if known else []

    async def watch(self) -> None:
        """Notes how late the loop is, until it is cancelled."""
        await self.pulse.watch(self.__len__)

    def demand(self, tenant: str) -> None:
        """Raises `RequestError` where no new lookup may begin: 503 where too many run, 429 where this account's do.

        While the loop is late, an account that crowds the others gets no more: it is what costs them their time. The
        later it is, the less an account may have beyond twice the others' average. More lookups than the loop bears are
        refused to whoever has a handful, and to everybody where no handful is left.
        """
        room, bears, late_s = self._room, self.pulse.bears, self.pulse.late_s
        if room.free < 1 or room.handfuls >= bears:
            raise RequestError(503, "busy", "Too many lookups are running; try again in a moment.", retry_after=2)
        crowding = late_s > LATE_S and room.is_crowding(tenant, HANDFUL * LATE_S / late_s)
        greedy = len(room) >= bears and room.has_handful(tenant)
        if crowding or greedy or not room.is_open(tenant):
            raise RequestError(
                429, "busy", "This account has its share of lookups running; try again in a moment.", retry_after=1
            )

    def admit(self, tenant: str) -> str:
        """The id for a new lookup. Raises as `demand` does."""
        self.demand(tenant)
        return self._ids()

    def keep(self, key: object, lookup: Lookup, keep_s: float) -> None:
        """Lets an app that asks with the same `key` come back to it for so long; it holds its place while it runs."""
        self._running.add(lookup)
        self._room.take(lookup.tenant)
        lookup.when_done(self._ended)
        self._known[lookup.name] = _Known(key, lookup, keep_s)
        asyncio.get_running_loop().call_later(keep_s + 1, self._known.expire)  # also where nobody asks any more

    def _ended(self, lookup: Lookup) -> None:
        self._running.discard(lookup)
        self._room.leave(lookup.tenant)

    def __len__(self) -> int:
        """How many lookups run."""
        return len(self._running)

    async def stop(self) -> None:
        """Ends every lookup that still runs."""
        await asyncio.gather(*(lookup.stop() for lookup in tuple(self._running)))
