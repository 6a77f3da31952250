"""The first answer leaves when something is worth showing, the next ones with more, the last one with the truth."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults import Fault, answers, hangs, shop
from tests.pair import Desk, Json, desk, knows, settings, told

JANE = "jane.doerr@example.com"


def story(folder: Path, here: Fault, there: Fault, tell: Callable[[Desk], Awaitable[None]]) -> None:
    """Two stores, and an agent who could wait for ten seconds."""

    async def main() -> None:
        async with shop(here) as one, shop(there) as other:
            stores = {"acme": {"Here": one.origin, "There": other.origin}}
            async with desk(settings(folder, stores, deadline_ms=20_000, first_ms=10_000)) as agent:
                async with asyncio.timeout(9):
                    await tell(agent)

    asyncio.run(main())


def states(found: Json) -> tuple[str, str]:
    return told(found, "Here")["state"], told(found, "There")["state"]


def test_what_one_store_found_is_shown_while_the_other_is_out(tmp_path: Path) -> None:
    async def tell(agent: Desk) -> None:
        first = await agent.ask(JANE, wait_ms=None)
        assert states(first) == ("answered", "pending")
        assert [record["store"] for record in first["customer"]["records"]] == ["Here"]
        assert not first["complete"]

    story(tmp_path, knows(JANE), hangs, tell)


def test_that_one_store_has_nothing_is_not_worth_showing_yet(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def tell(agent: Desk) -> None:
        asked = asyncio.create_task(agent.ask(JANE, wait_ms=None))
        done, _ = await asyncio.wait([asked], timeout=0.6)
        assert not done
        gate.set()
        assert states(await asked) == ("nothing", "answered")

    story(tmp_path, answers(b"[]"), knows(JANE, gate=gate), tell)


def test_stores_that_answer_about_together_are_shown_together(tmp_path: Path) -> None:
    async def tell(agent: Desk) -> None:
        first = await agent.ask(JANE, wait_ms=None)
        assert states(first) == ("answered", "answered")
        assert first["complete"]

    story(tmp_path, knows(JANE), knows(JANE), tell)


def test_who_comes_back_hears_of_more_as_soon_as_there_is_more(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def tell(agent: Desk) -> None:
        first = await agent.ask(JANE, wait_ms=None)
        asked = asyncio.create_task(agent.ask(JANE, wait_ms=None, lookup=first["lookup"]))
        done, _ = await asyncio.wait([asked], timeout=0.6)
        assert not done, "the same again is no news"
        gate.set()
        again = await asked
        assert states(again) == ("answered", "answered")
        assert (again["complete"], again["lookup"]) == (True, first["lookup"])

    story(tmp_path, knows(JANE), knows(JANE, gate=gate), tell)


def test_the_store_of_the_tickets_brand_comes_first(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def tell(agent: Desk) -> None:
        ticket = {"brand": "There's brand"}
        asked = asyncio.create_task(agent.ask(JANE, wait_ms=None, ticket=ticket))
        done, _ = await asyncio.wait([asked], timeout=0.6)
        assert not done, "the other brand's store has him, but that is not what the agent looks for"
        gate.set()
        found = await asked
        assert [source["store"] for source in found["sources"]] == ["There", "Here"]
        assert states(found) == ("answered", "answered")

    story(tmp_path, knows(JANE), knows(JANE, gate=gate), tell)


def test_when_the_brands_store_has_nothing_the_others_are_shown(tmp_path: Path) -> None:
    async def tell(agent: Desk) -> None:
        found = await agent.ask(JANE, wait_ms=None, ticket={"brand": "There's brand"})
        assert states(found) == ("answered", "nothing")

    story(tmp_path, knows(JANE), answers(b"[]"), tell)


def test_who_says_how_long_he_waits_gets_as_much_as_there_is_by_then(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def tell(agent: Desk) -> None:
        asked = asyncio.create_task(agent.ask(JANE, wait_ms=20_000))
        done, _ = await asyncio.wait([asked], timeout=0.6)
        assert not done
        gate.set()
        assert (await asked)["complete"]

    story(tmp_path, knows(JANE), knows(JANE, gate=gate), tell)


def test_a_lookup_lives_for_as_long_as_somebody_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.lookup.ABANDONED_S", 1.0)

    async def tell(agent: Desk) -> None:
        name = (await agent.ask(JANE, wait_ms=20))["lookup"]
        for _ in range(6):
            await asyncio.sleep(0.3)
            assert (await agent.ask(JANE, wait_ms=20, lookup=name))["lookup"] == name

    story(tmp_path, hangs, hangs, tell)


def test_a_store_may_have_less_time_than_the_others(tmp_path: Path) -> None:
    """Nobody has to wait as long for an outlet as for the shop."""

    async def main() -> Json:
        async with shop(knows(JANE)) as one, shop(hangs) as other:
            stores = {"acme": {"Here": one.origin, "There": other.origin}}
            file = settings(tmp_path, stores, deadline_ms=20_000)
            file.write_text(file.read_text() + "  deadline_ms = 300\n")
            async with desk(file) as agent, asyncio.timeout(10):
                return await agent.ask(JANE)

    found = asyncio.run(main())
    assert states(found) == ("answered", "timed_out")
    assert found["complete"]
