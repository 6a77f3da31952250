"""Which lookups may begin: nobody is turned away for what another account does."""

import asyncio

import pytest

from server.errors import RequestError
from server.lookup import Lookup
from server.register import LATE_S, Lookups
from server.upstream.cache import Answers


async def holding(lookups: Lookups, tenant: str, count: int) -> None:
    """So many lookups of an account that wait for a store for ever."""
    for number in range(count):
        name = lookups.admit(tenant)
        answers = Answers(lambda: 0.0)
        later = asyncio.get_running_loop().time() + 3600
        lookup = Lookup(name, tenant, {}, (), answers, limit=1, refresh=False, first_answer_at=later, deadline=later)
        lookups.keep((tenant, number), lookup, keep_s=1)


def refused(lookups: Lookups, tenant: str) -> int | None:
    try:
        lookups.admit(tenant)
    except RequestError as error:
        return error.status if (error.code, error.retry_after) == ("busy", 1) else 0
    return None


def test_while_the_loop_is_late_the_crowding_account_waits_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        lookups = Lookups(lambda: "id")
        await holding(lookups, "storm", 40)
        await holding(lookups, "quiet", 2)
        assert (refused(lookups, "storm"), refused(lookups, "quiet"), refused(lookups, "new")) == (None, None, None)
        watch = asyncio.create_task(lookups.watch())
        monkeypatch.setattr(lookups, "_late", 2 * LATE_S)
        assert (refused(lookups, "storm"), refused(lookups, "quiet"), refused(lookups, "new")) == (429, None, None)
        watch.cancel()
        await lookups.stop()

    asyncio.run(main())


def test_a_loop_that_is_kept_busy_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.register.BEAT_S", 0.01)

    async def main() -> None:
        lookups = Lookups(lambda: "id")
        watch = asyncio.create_task(lookups.watch())
        await asyncio.sleep(0.02)
        loop = asyncio.get_running_loop()
        until = loop.time() + 5 * LATE_S
        while loop.time() < until:  # what a storm's work does
            pass
        await asyncio.sleep(0.02)
        assert lookups._late > LATE_S
        watch.cancel()

    asyncio.run(main())


def test_what_has_ended_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.register.MAX_RUNNING", 4)

    async def main() -> None:
        lookups = Lookups(lambda: "id")
        for _ in range(3):
            await holding(lookups, "acme", 2)
            assert (refused(lookups, "acme"), refused(lookups, "birch")) == (429, None)
            await lookups.stop()
            await asyncio.sleep(0)
            assert not lookups.running

    asyncio.run(main())
