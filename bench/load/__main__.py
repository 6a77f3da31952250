"""Many tickets over many accounts and stores that do what stores do: what agents get, and what it costs us.

`python -m bench.load [--tickets 5000] [--tenants 100] [--at-once 60] [--seed 5]`. The service runs whole, in this
process; its stores are a transport that answers after a drawn time, or does something else. Its settings are loaded
anew ten times on the way. Ends with 1 where an answer was lost, crossed or late, where an overload was not refused or
its neighbour was, and where memory grew.
"""

import argparse
import asyncio
import logging
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette

from server.app import create_app
from server.serve import settle
from server.settings import load

from .agents import Tally, share, storm
from .shops import KEY, QUICK, USUAL, Shops, kind_of, settings

DEADLINE_S = 4.0
GRACE_S = 0.1
"""No answer leaves later than the deadline and this; see the contract."""
MOST_GROWTH = 0.05
MOST_COST = 1.2
"""What a noisy account may make of a quiet one's p95, if it asks for ten times its share."""
TEN = 10
ROUNDS = 5
RELOADS = 10
IN_FLIGHT = 20
MOST_ADDED_MS = (10.0, 40.0)
"""p50 and p99."""


def resident_mb() -> float:
    """The process's resident memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@dataclass(slots=True)
class Memory:
    """The process's resident memory (Linux), once a second, in megabytes."""

    seen: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        """Looks until it is cancelled."""
        while True:
            self.seen.append(resident_mb())
            await asyncio.sleep(1)

    def growth(self) -> tuple[float, float]:
        """From its second minute, or its second fifth where it was shorter, to its end."""
        at = min(120, len(self.seen) // 5)
        width = max(len(self.seen) // 10, 1)
        return statistics.mean(self.seen[at : at + width]), statistics.mean(self.seen[-width:])


@dataclass(slots=True)
class Load:
    """A service and its accounts."""

    app: Starlette
    shops: Shops
    file: Path
    tenants: int
    at_once: int
    rng: random.Random

    def plan(self, count: int, among: Sequence[int]) -> list[tuple[int, str]]:
        """Tickets of people who are rarely asked for twice."""
        return [(self.rng.choice(among), f"buyer{self.rng.randrange(10**6)}@example.com") for _ in range(count)]

    def well(self) -> list[int]:
        """Accounts all of whose stores answer."""
        return [n for n in range(self.tenants) if all(kind_of(f"t{n}-s{s}.example") == "well" for s in range(4))]

    async def mixed(self, tickets: int) -> bool:
        """Everything at once: nothing lost, crossed or late, memory bounded, also while settings are loaded anew."""
        tally, memory = Tally(), Memory()
        everybody = range(self.tenants)
        watch = asyncio.create_task(memory.watch())

        def reload(at: int) -> None:
            if at and at % (tickets // RELOADS) == 0:
                self.app.state.move(load(self.file, {"KEY": KEY}))

        began = time.monotonic()
        await storm(self.app, self.plan(tickets, everybody), self.at_once, tally, reload)
        took = time.monotonic() - began
        watch.cancel()
        late = sum(each > DEADLINE_S + GRACE_S for each in tally.answered)
        before, after = memory.growth()
        print(f"{tickets:,} tickets of {self.tenants} accounts, {self.at_once} at once, in {took:.0f} s")
        print(f"  first answer p50 {share(tally.first, 0.5):.0f} ms, p95 {share(tally.first, 0.95):.0f} ms, "
              f"p99 {share(tally.first, 0.99):.0f} ms; whole answer p50 {share(tally.whole, 0.5):.0f} ms")  # fmt: skip
        print(f"  orders shown for {tally.shown:,}; stores {dict(tally.states)}; refused {dict(tally.refused)}")
        print(f"  lost {tally.lost}, crossed {tally.crossed}, late {late}; began anew {tally.anew}, "
              f"panels that ended with a failure {dict(tally.failed)}")  # fmt: skip
        print(f"  memory {before:.0f} -> {after:.0f} MB ({100 * (after / before - 1):+.1f} %)")
        return not (tally.lost or tally.crossed or late) and after <= before * (1 + MOST_GROWTH)

    async def added(self, tickets: int) -> bool:
        """What we add to the slowest store, with twenty lookups in flight.

        Of quick shops that is most of a processor, agents and shops included, of usual ones a fifth of one.
        """
        kept = True
        for pace in (QUICK, USUAL):
            self.shops.pace = pace
            tally, used, began = Tally(), time.process_time(), time.monotonic()
            await storm(self.app, self.plan(tickets, self.well()), IN_FLIGHT, tally)
            used, took = time.process_time() - used, time.monotonic() - began
            p50, p99 = share(tally.added, 0.5), share(tally.added, 0.99)
            kept = p50 <= MOST_ADDED_MS[0] and p99 <= MOST_ADDED_MS[1]
            print(f"added to the slowest store, {IN_FLIGHT} in flight, of shops that take {pace[0]} to {pace[1]} s:")
            print(f"  p50 {p50:.1f} ms, p99 {p99:.1f} ms; {used / took:.0%} of a processor, with agents and shops")
        self.shops.pace = QUICK
        return kept

    async def beside(self, tickets: int) -> bool:
        """Ten accounts, and one of them noisy: what its neighbours feel, alone and beside it by turns."""
        kept = True
        for noise, bar in ((TEN, True), (TEN * (TEN - 1), False)):
            times, refused = await self._beside(tickets, noise)
            kept = kept and ((times < MOST_COST and not refused) or not bar)
            print(f"{noise} agents of one account beside {TEN - 1} accounts with one each: p95 of these is "
                  f"{times:.2f} times theirs alone, refused {refused}")  # fmt: skip
        return kept

    async def _each(self, tickets: int, accounts: Sequence[int], tally: Tally) -> None:
        """One agent of each account, who opens one ticket after the other."""
        plans = [self.plan(tickets // len(accounts), [each]) for each in accounts]
        await asyncio.gather(*(storm(self.app, plan, 1, tally) for plan in plans))

    async def _beside(self, tickets: int, noise: int) -> tuple[float, int]:
        """The median, over the rounds, of p95 beside the noise by p95 alone; and how many of the quiet were refused."""
        noisy, *quiet = self.well()[:TEN]
        times, refused = [], 0
        for _ in range(ROUNDS):
            alone, beside = Tally(), Tally()
            await self._each(tickets, quiet, alone)
            storming = asyncio.create_task(storm(self.app, self.plan(10**5, [noisy]), noise, Tally(), within=1))
            await asyncio.sleep(2)
            await self._each(tickets, quiet, beside)
            storming.cancel()
            with suppress(asyncio.CancelledError):
                await storming
            await asyncio.sleep(1)
            times.append(share(beside.first, 0.95) / share(alone.first, 0.95))
            refused += beside.refused.total()
        return statistics.median(times), refused

    async def overload(self) -> bool:
        """Far more than there is room for, all from one account: it is refused, its neighbour is not."""
        flooding, *quiet = self.well()
        flood, neighbours = Tally(), Tally()
        storming = asyncio.create_task(storm(self.app, self.plan(2000, [flooding]), 1000, flood))
        await asyncio.sleep(0.2)
        await storm(self.app, self.plan(20, quiet), 4, neighbours)
        await storming
        print(f"1,000 at once from one account: refused {dict(flood.refused)} of 2,000, lost {flood.lost}; "
              f"of its neighbours refused {neighbours.refused.total()} of 20, lost {neighbours.lost}")  # fmt: skip
        return bool(flood.refused) and not (flood.lost or neighbours.lost or neighbours.refused)


async def run(tickets: int, tenants: int, at_once: int, seed: int) -> int:
    """Warms up until the cache is as full as it gets, then measures; prints what came of it."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        shops = Shops(rng)
        file = settings(Path(folder), tenants, rng)
        app = create_app(load(file, {"KEY": KEY}), transport=shops)
        async with app.router.lifespan_context(app):
            settle()  # as the service does when it starts
            here = Load(app, shops, file, tenants, at_once, rng)
            await storm(app, here.plan(tickets // 10, range(tenants)), at_once, Tally())
            kept = [await here.mixed(tickets), await here.added(400), await here.beside(300), await here.overload()]
    print(f"{shops.calls:,} calls to stores")
    return int(not all(kept))


def main() -> int:
    """Runs the load."""
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--tickets", type=int, default=5000)
    parser.add_argument("--tenants", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=60)
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    logging.disable(logging.WARNING)  # stores turn all the time here
    return asyncio.run(run(args.tickets, args.tenants, args.at_once, args.seed))


if __name__ == "__main__":
    sys.exit(main())
