"""One budget for each store over all replicas: their calls counted together by a Valkey or Redis server, where one is.

Each rate of a store is one key, which holds the instant at which its bucket will be full again (GCRA: one value stands
for a token bucket's fill and time at once). The server's own clock counts. Nothing of a customer's is ever in it.

A server that is away costs no answer: every replica then goes by its own buckets alone, as it does without one.
"""

import asyncio
import logging
import math
from collections.abc import Callable

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ..connectors.base import Rate
from ..errors import Limited

log = logging.getLogger("orderside")

PATIENCE_S = 0.1
"""What a call may wait for the server, connection included; it stands beside the store, or it is of no use."""
CONNECTIONS = 32
AWAY_S = 5.0
"""How long a server that failed is not asked again."""

TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local step, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = math.max(full - (burst - 1) * step - now, 0)
if wait > patience then return {0, wait} end
full = full + step
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
return {1, wait}
"""
"""One call of a bucket that fills by one in `step`: whether it may go, and after how long. All in microseconds."""


class SharedLedger:
    """A guard's `Ledger` on a server that other replicas use, too. `clock` is monotonic, in seconds.

    `alone` is told of each call on which it had no word.
    """

    def __init__(
        self, url: str, password: str | None, clock: Callable[[], float], alone: Callable[[], object] = lambda: None
    ) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            password=password,
            max_connections=CONNECTIONS,
            timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
            socket_timeout=PATIENCE_S,
            retry=Retry(NoBackoff(), 0),
        )
        self._server = Redis.from_pool(pool)
        self._take = self._server.register_script(TAKE)
        self._clock = clock
        self._alone = alone
        self._away_until: float | None = None

    async def take(self, name: str, rate: Rate, patience: float) -> float:
        """Takes one call of the bucket of that name; where the server does not answer, there is nothing to wait for.

        As `Ledger` has it. Raises `Limited`.
        """
        if self._away_until is not None and self._clock() < self._away_until:
            self._alone()
            return 0.0
        step = 1_000_000 / rate.per_s
        args = step, rate.burst, patience * 1_000_000
        try:
            async with asyncio.timeout(PATIENCE_S):
                goes, wait = await self._take(keys=[f"orderside:rate:{name}"], args=args)
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            self._failed(error)
            return 0.0
        self._worked()
        if not goes:
            raise Limited("throttled", retry_after=math.ceil(wait / 1_000_000))
        return float(wait) / 1_000_000

    async def close(self) -> None:
        """Lets go of the connections."""
        await self._server.aclose()

    def _failed(self, error: Exception) -> None:
        if self._away_until is None:
            log.warning("shared budget: the server is away, each replica counts alone: %s", type(error).__name__)
        self._away_until = self._clock() + AWAY_S
        self._alone()

    def _worked(self) -> None:
        if self._away_until is not None:
            log.info("shared budget: the server is back")
        self._away_until = None
