"""How much of a shop's quota is ours: what its platform tells is obeyed, and a share left to the merchant's apps."""

import math
from dataclasses import dataclass, field

from ..connectors.base import Headroom, Response, retry_after
from ..errors import Limited

RESERVE = 0.25
"""Share of what a call leaves in a shop's quota that must stay there: the merchant's own apps live off the same."""
AGAIN_S = 1.0
LONGEST_S = 60.0
"""A store that refuses without saying for how long is left alone for a second, then for twice as long each time."""

TOO_MANY = frozenset({429, 430})
"""RFC 6585 §4, and Shopify's for what it takes for an attack."""


@dataclass(slots=True)
class Allowance:
    """What one store's platform still grants, as far as its answers tell. Times are the loop's clock."""

    _quiet_until: float = -math.inf
    _refusals: int = 0
    _told: Headroom | None = None
    _as_of: float = field(default=-math.inf)
    _taken: float = 0.0
    _costs: dict[str, float] = field(default_factory=dict)

    def take(self, now: float, deadline: float, kind: str = "") -> float:
        """Takes one call's part and returns how long to wait for it. It costs what the last one of its `kind` did.

        Raises `Limited` where it would come after the deadline; then nothing is taken, and nobody is asked.
        """
        wait = self.wait(now, kind)
        if now + wait > deadline:
            raise Limited("throttled", retry_after=math.ceil(wait))
        if self._told is not None:
            self._taken += self._costs.get(kind, self._told.cost)
        return wait

    def wait(self, now: float, kind: str = "") -> float:
        """How long until a call may be made."""
        return max(self._quiet_until - now, self._filled(now, kind), 0.0)

    def _filled(self, now: float, kind: str) -> float:
        told, since = self._told, now - self._as_of
        if told is None or (told.full_in_s is not None and since >= told.full_in_s):
            return 0.0
        left = min(told.left + since * told.per_s, told.most) - self._taken
        cost = self._costs.get(kind, told.cost)
        short = cost + RESERVE * max(told.most - cost, 0.0) - left
        if short <= 0:
            return 0.0
        if told.full_in_s is not None:
            return told.full_in_s - since
        return short / told.per_s if told.per_s > 0 else 0.0

    def heard(self, response: Response, told: Headroom | None, now: float, kind: str = "") -> None:
        """Takes note of an answer to a call of that `kind`, and of what it tells of the quota."""
        if response.status in TOO_MANY:
            self.refused(response, now)
        else:
            self._refusals = 0
        if told is not None:
            self._told, self._as_of, self._taken = told, now, 0.0
            self._costs[kind] = told.cost

    def refused(self, response: Response, now: float) -> None:
        """Takes note that an answer, whatever its status, wants fewer calls."""
        self._refusals += 1
        wait = retry_after(response)
        pause = min(AGAIN_S * 2 ** (self._refusals - 1), LONGEST_S) if wait is None else wait
        self._quiet_until = max(self._quiet_until, now + pause)
