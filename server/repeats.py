"""Finished answers, given again unchanged (docs/adr/0029): to the same agent who posts the same bytes, for seconds.

An answer is one of these only if it is whole, nothing in it was the agent's choice, every part of it came from the
cache already, and each of those parts is in the cache still. Whoever asks has shown his token, his question counts
against his quota, and what he looks at is recorded, as ever.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cachetools import TLRUCache

from . import audit
from .auth import Agent
from .lookup import Lookup
from .metrics import Meter
from .model import SourceState, Summary
from .quota import Quota
from .register import Line, Lookups
from .ticket import Ask
from .upstream.cache import Answers

MAX_BYTES = 32 * 1024 * 1024
"""What they hold at most, questions included."""

MOST_BYTES = 1024 * 1024
"""One that is larger is put together anew."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a finished answer depends on beside the stores: who asks, every byte posted, which form."""

    agent: Agent
    body: bytes
    html: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered to whom, what it was made from, what was recorded of it, and until when (Unix seconds)."""

    asked: Asked
    who: str | None
    found: Summary
    text: bytes
    lookup: Lookup
    recorded: Sequence[tuple[str, Line]]
    until: float


class Repeats:
    """The finished answers of a process under one version of its settings, `size` bytes at most.

    `now` is in Unix seconds; `never` are the accounts of which Zendesk is asked on each request: its word may change.
    """

    def __init__(
        self,
        answers: Answers,
        lookups: Lookups,
        quota: Quota,
        meter: Meter,
        now: Callable[[], float],
        *,
        never: frozenset[str] = frozenset(),
        size: int = MAX_BYTES,
    ) -> None:
        self._answers, self._lookups, self._quota, self._meter = answers, lookups, quota, meter
        self._now, self._never = now, never
        self._told: TLRUCache[Asked, Told] = TLRUCache(
            size, ttu=lambda _asked, told, _now: told.until, timer=now, getsizeof=_weight
        )

    def find(self, asked: Asked) -> Told | None:
        """What was answered to this, if it would be answered so again; counted and recorded like a new answer.

        Raises `RequestError` 429 where the agent asked too much.
        """
        told = self._told.get(asked)
        if told is None or told.asked != asked or not all(map(self._answers.keeps, told.lookup.kept)):
            return None
        self._quota.ask(asked.agent.tenant, told.who, told.lookup.questions)
        for event, line in told.recorded:
            audit.note(event, line)
            self._meter.acted(event, told.found.match.level)
        return told

    def keep(self, asked: Asked, ask: Ask, found: Summary, text: bytes, *, keep_s: float) -> None:
        """Keeps an answer if it may be given again; its lookup is known for `keep_s` longer than that."""
        plain = not (ask.refresh or ask.chosen or ask.aside or ask.lookup)
        lookup = self._lookups.known(found.lookup)
        if not plain or not found.complete or asked.agent.tenant in self._never or lookup is None:
            return
        if not _from_cache(lookup) or len(asked.body) + len(text) > MOST_BYTES:
            return
        now, until = self._now(), min(kept.until for kept in lookup.kept)
        if until <= now:
            return
        self._lookups.stay(lookup.name, until - now + keep_s)
        who = asked.agent.user or (None if ask.agent.id is None else str(ask.agent.id))
        self._told[asked] = Told(asked, who, found, text, lookup, self._lookups.recorded(lookup.name), until)
        asyncio.get_running_loop().call_later(until - now + 1, self._told.expire)  # also where nobody asks any more


def _from_cache(lookup: Lookup) -> bool:
    """Whether every store that had to be asked had answered before: else the answer tells of calls that were made."""
    states = [(item.state, item.cached) for item in lookup.outcomes]
    asked = [cached and state.looked for state, cached in states if state is not SourceState.NOT_ASKED]
    return bool(asked) and all(asked)


def _weight(told: Told) -> int:
    return len(told.asked.body) + len(told.text)
