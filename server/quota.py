"""How much an agent may ask: looking for one customer is work, trying one number after another is not."""

import math
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from cachetools import TTLCache

from .errors import RequestError

PERIOD_S = 60.0
PER_AGENT = 30
PER_TENANT = 200
"""Searches in a period; to choose one of the candidates is another. Without signed URLs the browser says which agent it
is, so the account has a limit too."""
MOST_COUNTED = 65_536

PER_AGENT_ASKED = 200
"""Different addresses, phones, ids and order numbers that an agent's tickets may have stores asked by in a period: five
times what somebody does who opens a ticket every few seconds."""
MOST_ASKING = 4096


@dataclass(slots=True)
class Quota:
    """The last searches of each agent and account, in this process."""

    clock: Callable[[], float] = time.monotonic
    _taken: TTLCache[tuple[str, str], list[float]] = field(init=False)
    _asked: TTLCache[tuple[str, str], dict[int, float]] = field(init=False)

    def __post_init__(self) -> None:
        self._taken = TTLCache(MOST_COUNTED, PERIOD_S, self.clock)
        self._asked = TTLCache(MOST_ASKING, PERIOD_S, self.clock)

    def take(self, tenant: str, agent: str) -> None:
        """Counts one search. Raises `RequestError` 429 with the seconds until the next one is free."""
        now = self.clock()
        limits = (((tenant, f"agent {agent}"), PER_AGENT), ((tenant, "all"), PER_TENANT))
        recent = {key: [at for at in self._taken.get(key, []) if at > now - PERIOD_S] for key, _ in limits}
        for key, most in limits:
            if len(recent[key]) >= most:
                wait = math.ceil(recent[key][0] + PERIOD_S - now)
                raise RequestError(429, "search_limit", "Too many searches; wait a moment.", retry_after=max(wait, 1))
        for key, _ in limits:
            self._taken[key] = [*recent[key], now]

    def ask(self, tenant: str, agent: str | None, by: Iterable[Hashable]) -> None:
        """Counts what an agent's ticket has stores asked by; the same again costs nothing. Raises `RequestError` 429.

        Nothing is counted of one whom nobody names. What was asked is kept as a number from which nothing can be read.
        """
        if agent is None:
            return
        now = self.clock()
        recent = {what: at for what, at in self._asked.get((tenant, agent), {}).items() if at > now - PERIOD_S}
        recent = dict.fromkeys(map(hash, by), now) | recent
        if len(recent) > PER_AGENT_ASKED:
            wait = math.ceil(min(recent.values()) + PERIOD_S - now)
            raise RequestError(
                429, "ask_limit", "Too many different questions; wait a moment.", retry_after=max(wait, 1)
            )
        self._asked[tenant, agent] = recent
