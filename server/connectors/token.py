"""A bearer token that a store lends for a while (OAuth 2.0), for the connectors whose platforms work that way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .base import Wire

EARLY_S = 60.0
"""A token is renewed this long before it ends, so that it does not end on its way to the store."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A token and the instant when it ends, in seconds since the epoch."""

    token: str = field(repr=False)
    ends_at: float


class Token:
    """The current token of one store. All who ask while it is being renewed share the one renewal."""

    def __init__(self, renew: Callable[[Wire], Awaitable[Lease]], now: Callable[[], float]) -> None:
        self._renew = renew
        self._now = now
        self._lease: Lease | None = None
        self._one_at_a_time = asyncio.Lock()

    async def get(self, wire: Wire, *, refused: str | None = None) -> str:
        """A token that is good for now and is not the `refused` one. Raises what `renew` raises.

        Several askers may come back with the same refused token: the first one renews, the others get the result.
        """
        async with self._one_at_a_time:
            lease = self._lease
            if lease is None or lease.token == refused or lease.ends_at - EARLY_S <= self._now():
                lease = self._lease = await self._renew(wire)
            return lease.token
