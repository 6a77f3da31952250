"""A process that is kept from working refuses what it could only answer late."""

import asyncio
import time
from pathlib import Path

import pytest

from server.pulse import FAR_S, LATE_S, LEAST, MOST, Pulse
from tests.faults import shop
from tests.pair import desk, knows, settings


def after(*beats: tuple[float, int]) -> Pulse:
    """What is known after beats that came so late, with so many lookups running."""
    pulse = Pulse()
    for late_s, running in beats:
        pulse.beat(late_s, running)
    return pulse


def test_a_process_in_time_bears_all_that_there_is_room_for() -> None:
    assert after(*[(0.001, 200)] * 100).bears == MOST


@pytest.mark.parametrize(("late_s", "running", "bears"), [(4 * FAR_S, 100, 25), (2 * FAR_S, 200, 100)])
def test_it_bears_what_would_have_made_it_just_that_late(late_s: float, running: int, bears: int) -> None:
    assert after((late_s, running), (late_s, running)).bears == bears


def test_a_hiccup_and_a_stopped_machine_change_nothing() -> None:
    assert after((3600.0, 100)).bears == MOST
    assert after((3600.0, 100), (0.1, 100), (3.0, 100), (0.1, 100)).bears == MOST


def test_however_late_it_is_a_few_may_run() -> None:
    assert after(*[(10 * FAR_S, 100)] * 3).bears == LEAST


def test_what_still_runs_while_it_recovers_earns_nothing() -> None:
    assert after((4 * FAR_S, 100), (4 * FAR_S, 100), (2 * FAR_S, 90), (2 * FAR_S, 90)).bears == 25


def test_it_is_trusted_again_little_by_little() -> None:
    late = [(4 * FAR_S, 100)] * 2
    assert after(*late, *[(FAR_S, 20)] * 10).bears == 35
    assert after(*late, *[(0.0, 1)] * 300).bears == MOST


def test_a_lateness_is_remembered_for_a_few_beats() -> None:
    assert after((2 * LATE_S, 1), *[(0.0, 1)] * 10).late_s > LATE_S
    assert after((2 * LATE_S, 1), *[(0.0, 1)] * 20).late_s < LATE_S


def test_everybody_is_refused_what_would_come_late_and_gets_what_is_known(tmp_path: Path) -> None:
    """Forty lookups run while the loop is blocked again and again: all are answered, and until then nobody begins."""

    async def main() -> None:
        gate = asyncio.Event()
        async with shop(knows("jane@example.com")) as quick, shop(knows(gate=gate)) as slow:
            stores = {f"t{n}": {"Slow": slow.origin} for n in range(10)} | {"acme": {"Quick": quick.origin}}
            async with desk(settings(tmp_path, stores, deadline_ms=30_000)) as here:
                for _ in range(3):
                    told = await here.post("jane@example.com")
                running = [
                    asyncio.create_task(here.ask(f"buyer{n}@example.com", tenant=f"t{n % 10}")) for n in range(40)
                ]
                while len(here.app.state.house.lookups) < 40:  # noqa: ASYNC110 - nothing here is told of it
                    await asyncio.sleep(0.01)
                for _ in range(2):
                    until = time.monotonic() + 5 * FAR_S
                    while time.monotonic() < until:
                        pass
                    await asyncio.sleep(0.01)
                refused = await here.post("omar@example.com")
                again = await here.post("jane@example.com")
                gate.set()
                found = await asyncio.gather(*running)
                later = await here.post("omar@example.com")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "busy")
        assert refused.headers["retry-after"] == "2"
        assert (again.status_code, again.content) == (200, told.content), "what is known is still told"
        assert all(each["complete"] for each in found), "what runs is not touched"
        assert later.status_code == 200

    asyncio.run(main())
