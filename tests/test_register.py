"""Which lookups may begin: nobody is turned away for what another account does."""

import asyncio

import pytest

from server.errors import RequestError
from server.lookup import Lookup
from server.pulse import LATE_S
from server.register import Lookups
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
        return error.status if error.code == "busy" and error.retry_after else 0
    return None


def test_while_the_loop_is_late_the_crowding_account_waits_and_no_other() -> None:
    async def main() -> None:
        lookups = Lookups(lambda: "id")
        await holding(lookups, "storm", 40)
        await holding(lookups, "quiet", 2)
        assert (refused(lookups, "storm"), refused(lookups, "quiet"), refused(lookups, "new")) == (None, None, None)
        lookups.pulse.beat(2 * LATE_S, len(lookups))
        assert (refused(lookups, "storm"), refused(lookups, "quiet"), refused(lookups, "new")) == (429, None, None)
        await lookups.stop()

    asyncio.run(main())


def test_the_later_the_loop_the_less_an_account_may_have_beyond_the_others() -> None:
    async def main() -> list[int | None]:
        lookups = Lookups(lambda: "id")
        await holding(lookups, "storm", 4)
        await holding(lookups, "quiet", 1)
        told = []
        for times in (1.5, 4, 20):
            lookups.pulse.beat(times * LATE_S, len(lookups))
            told.append(refused(lookups, "storm"))
        await lookups.stop()
        return told

    assert asyncio.run(main()) == [None, 429, 429]


def test_beyond_what_the_loop_bears_who_has_a_handful_waits_and_then_everybody() -> None:
    async def main() -> None:
        lookups = Lookups(lambda: "id")
        await holding(lookups, "storm", 40)
        lookups.pulse.bears = 20.0
        assert (refused(lookups, "storm"), refused(lookups, "quiet")) == (429, None)
        for number in range(16):
            await holding(lookups, f"quiet{number}", 1)
        assert (refused(lookups, "storm"), refused(lookups, "quiet0"), refused(lookups, "new")) == (503, 503, 503)
        await lookups.stop()

    asyncio.run(main())


def test_a_loop_that_is_kept_busy_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.pulse.BEAT_S", 0.01)

    async def main() -> None:
        lookups = Lookups(lambda: "id")
        watch = asyncio.create_task(lookups.watch())
        await asyncio.sleep(0.02)
        loop = asyncio.get_running_loop()
        until = loop.time() + 5 * LATE_S
        while loop.time() < until:  # what a storm's work does
            pass
        await asyncio.sleep(0.02)
        assert lookups.pulse.late_s > LATE_S
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
            assert not len(lookups)

    asyncio.run(main())
