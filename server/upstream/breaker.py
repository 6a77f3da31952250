"""When a store is left alone, and how often it may be tried again.

A store that is down costs every agent the whole deadline, and gets all his questions on top of its trouble. After a few
failures in a row it is paused; then one question at a time probes whether it is back (Envoy's outlier detection: five
failures, thirty seconds). All times are the running loop's clock.
"""

import math
from dataclasses import dataclass

from ..errors import Paused

FAILURES = 5
"""Failed calls in a row that pause a store. Refusals, throttling and strange answers are no sickness of the wire."""
PAUSE_S = 30.0
GAP_S = 0.1
"""Calls that follow each other more closely are one wait for the store."""
PROBE_S = 10.0
"""A probe that has not come back by then is given up on, and the next one may start."""


@dataclass(slots=True)
class Breaker:
    """Whether one store is asked at the moment."""

    failures: int = 0
    paused_until: float | None = None
    probing_since: float | None = None

    def admit(self, now: float) -> bool:
        """Lets a call pass, and tells whether it is the single probe after a pause. Raises `Paused` for all others."""
        if self.paused_until is None:
            return False
        probing = self.probing_since is not None and now < self.probing_since + PROBE_S
        if now < self.paused_until or probing:
            raise Paused("failing", retry_after=max(self.paused_until - now, 1.0))
        self.probing_since = now
        return True

    def worked(self) -> None:
        """A call came back: the store is well."""
        self.failures, self.paused_until, self.probing_since = 0, None, None

    def failed(self, now: float) -> None:
        """A call broke, or the store did not answer in fair time."""
        self.failures += 1
        if self.failures >= FAILURES:
            self.paused_until, self.probing_since = now + PAUSE_S, None

    def gave_up(self, *, probe: bool) -> None:
        """A call ended for reasons of ours, which says nothing of the store: a probe makes room for the next one."""
        if probe:
            self.probing_since = None


@dataclass(slots=True)
class Silence:
    """How long a store has said nothing while it was asked, by one call after the other."""

    _since: float = 0.0
    _out: int = 0
    _left: float = -math.inf

    def asked(self, now: float) -> None:
        """A call begins; the silence does so too, unless the call before was given up just now."""
        if not self._out and now - self._left > GAP_S:
            self._since = now
        self._out += 1

    def left(self, now: float) -> None:
        """A call is over, however it ended."""
        self._out, self._left = self._out - 1, now

    def heard(self, now: float) -> None:
        """The store said something."""
        self._since = now

    def lasted(self, now: float) -> float:
        """The seconds for which it has said nothing."""
        return now - self._since


SHARE = 0.1
"""Second tries among a store's calls (SRE book, ch. 21: a budget of 10 % keeps an outage from doubling itself)."""
LEAST = 3.0
MOST = 10.0


@dataclass(slots=True)
class RetryBudget:
    """Second tries that a store may still be asked for. Every call earns a tenth of one."""

    left: float = LEAST

    def earn(self) -> None:
        """One call was made."""
        self.left = min(self.left + SHARE, MOST)

    def spend(self) -> bool:
        """Takes one second try; false where none is left."""
        if self.left < 1:
            return False
        self.left -= 1
        return True
