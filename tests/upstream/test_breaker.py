"""When a store is left alone, who may probe it, and how often it is tried a second time."""

import asyncio
import logging

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.connectors.base import Request, Response
from server.errors import Changed, Limited, Paused, StoreError, TimedOut, Unreachable
from server.model import SourceState
from server.upstream.breaker import FAILURES, LEAST, PAUSE_S, PROBE_S, Breaker, RetryBudget
from server.upstream.client import Client
from server.upstream.guard import Guard
from server.upstream.health import Health

GOOD = Response(200, {}, b"{}")
DOWN = Response(503, {}, b"")


class Sick(Client):
    """A store that does the same at every call, until it is told otherwise."""

    def __init__(self, does: Response | StoreError) -> None:
        self.does = does
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def call(self, request: Request, deadline: float) -> Response:
        """What it does now."""
        self.calls += 1
        await self.gate.wait()
        if isinstance(self.does, StoreError):
            raise self.does
        return self.does


async def ask(guard: Guard) -> Response | StoreError:
    try:
        response, _ = await guard.call(Request("/orders"), asyncio.get_running_loop().time() + 5)
    except StoreError as failure:
        return failure
    return response


@pytest.mark.parametrize("does", [Unreachable("connect"), DOWN])
def test_a_store_that_is_down_is_left_alone_after_some_failures(does: Response | StoreError) -> None:
    async def main() -> tuple[int, list[Response | StoreError]]:
        store = Sick(does)
        guard = Guard(store, calls_at_once=4)
        answers = [await ask(guard) for _ in range(FAILURES + 3)]
        return store.calls, answers

    calls, answers = asyncio.run(main())
    assert calls == FAILURES
    paused = answers[FAILURES:]
    assert all(isinstance(answer, Paused) and answer.state is SourceState.PAUSED for answer in paused)
    assert all(isinstance(answer, Paused) and 0 < (answer.retry_after or 0) <= PAUSE_S for answer in paused)


@pytest.mark.parametrize(
    "does", [Changed("payload"), Response(401, {}, b""), Response(429, {"retry-after": "0"}, b""), GOOD]
)
def test_a_store_that_answers_is_well_whatever_it_says(does: Response | StoreError) -> None:
    async def main() -> int:
        store = Sick(does)
        guard = Guard(store, calls_at_once=4)
        for _ in range(3 * FAILURES):
            await ask(guard)
        return store.calls

    assert asyncio.run(main()) == 3 * FAILURES


@pytest.mark.parametrize("reason", ["address", "tls"])
def test_what_an_admin_has_to_put_right_is_said_at_each_question(reason: str) -> None:
    """A pause would hide it, and heals nothing."""

    async def main() -> None:
        guard = Guard(Sick(Unreachable(reason)), calls_at_once=4)
        failures = [await ask(guard) for _ in range(2 * FAILURES)]
        assert {str(failure) for failure in failures} == {reason}
        guard.breaker.paused_until = 0.0
        assert [str(await ask(guard)) for _ in range(2)] == [reason, reason], "nor does it keep the next probe waiting"

    asyncio.run(main())


class Hanging(Client):
    """A store that takes calls and never answers one."""

    def __init__(self) -> None:
        self.calls = 0

    async def call(self, request: Request, deadline: float) -> Response:
        """Nothing by the deadline."""
        self.calls += 1
        await asyncio.sleep(deadline - asyncio.get_running_loop().time())
        raise TimedOut("deadline")


def test_a_store_that_had_no_time_to_answer_has_not_failed() -> None:
    async def main() -> int:
        store = Sick(TimedOut("deadline"))
        guard = Guard(store, calls_at_once=4)
        for _ in range(2 * FAILURES):
            await ask(guard)
        return store.calls

    assert asyncio.run(main()) == 2 * FAILURES


def test_one_that_hangs_is_paused_however_short_the_deadline() -> None:
    async def main() -> int:
        store = Hanging()
        guard = Guard(store, calls_at_once=4)
        for _ in range(2 * FAILURES):
            with pytest.raises(StoreError):
                await guard.wire(asyncio.get_running_loop().time() + 0.05).send(Request("/orders"))
        return store.calls

    assert asyncio.run(main()) == FAILURES


def test_one_that_hangs_is_paused_however_many_wait_for_it() -> None:
    """Each has a fourth of its time left when its turn comes."""

    async def main() -> Breaker:
        guard = Guard(Hanging(), calls_at_once=1)
        questions = []
        for _ in range(4 * FAILURES):
            wire = guard.wire(asyncio.get_running_loop().time() + 0.2)
            questions.append(asyncio.create_task(wire.send(Request("/orders"))))
            await asyncio.sleep(0.05)
        await asyncio.gather(*questions, return_exceptions=True)
        return guard.breaker

    assert asyncio.run(main()).paused_until is not None


def test_after_the_pause_one_call_probes_and_opens_the_way_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.upstream.breaker.PAUSE_S", 0.0)

    async def main() -> tuple[list[str], int]:
        store = Sick(Unreachable("connect"))
        guard = Guard(store, calls_at_once=4)
        for _ in range(FAILURES):
            await ask(guard)
        store.does = GOOD
        store.gate.clear()
        asked = [asyncio.create_task(ask(guard)) for _ in range(4)]
        await asyncio.sleep(0.01)
        store.gate.set()
        kinds = [type(await task).__name__ for task in asked]
        return [*kinds, type(await ask(guard)).__name__], store.calls

    kinds, calls = asyncio.run(main())
    assert kinds == ["Response", "Paused", "Paused", "Paused", "Response"]
    assert calls == FAILURES + 2


def test_a_probe_that_nobody_waits_for_any_more_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.upstream.breaker.PAUSE_S", 0.0)

    async def main() -> Response | StoreError:
        store = Sick(Unreachable("connect"))
        guard = Guard(store, calls_at_once=4)
        for _ in range(FAILURES):
            await ask(guard)
        store.does = GOOD
        store.gate.clear()
        probe = asyncio.create_task(ask(guard))
        await asyncio.sleep(0.01)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        store.gate.set()
        return await ask(guard)

    assert asyncio.run(main()) is GOOD


def test_a_gate_of_ours_says_nothing_of_the_store() -> None:
    async def main() -> int:
        store = Sick(GOOD)
        guard = Guard(store, calls_at_once=1)
        store.gate.clear()
        first = asyncio.create_task(ask(guard))
        await asyncio.sleep(0)
        for _ in range(2 * FAILURES):
            with pytest.raises(Limited):
                await guard.call(Request("/orders"), asyncio.get_running_loop().time() + 0.001)
        store.gate.set()
        await first
        return guard.breaker.failures

    assert asyncio.run(main()) == 0


def test_an_outage_is_not_doubled_by_second_tries() -> None:
    async def main() -> int:
        store = Sick(Response(502, {}, b""))
        guard = Guard(store, calls_at_once=4, jitter=lambda: 0.0, breaker=Breaker(failures=-10_000))
        for _ in range(50):
            wire = guard.wire(asyncio.get_running_loop().time() + 5)
            await wire.send(Request("/orders"))
        return store.calls

    assert asyncio.run(main()) <= 50 + LEAST + 0.1 * 60


def test_a_budget_is_earned_by_calls_and_bounded() -> None:
    budget = RetryBudget()
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    for _ in range(1000):
        budget.earn()
    assert sum(budget.spend() for _ in range(20)) == 10


class Breakers(RuleBasedStateMachine):
    """Any order of calls, ends and waits: at most one probe at a time, nobody during a pause, time only forward."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = 1000.0
        self.probe_began: float | None = None
        self.row = 0
        self.quiet_until = 0.0

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        refused, probe = None, False
        try:
            probe = self.breaker.admit(self.now)
        except Paused as pause:
            refused = pause
        if refused is not None:
            assert self.row >= FAILURES
            assert (refused.retry_after or 0) >= 1
            return
        assert self.now >= self.quiet_until
        assert probe == (self.row >= FAILURES)
        if probe:
            assert self.probe_began is None or self.now >= self.probe_began + PROBE_S
            self.probe_began = self.now

    @rule()
    def works(self) -> None:
        self.breaker.worked()
        self.row, self.probe_began, self.quiet_until = 0, None, 0.0

    @rule()
    def fails(self) -> None:
        self.breaker.failed(self.now)
        self.row += 1
        if self.row >= FAILURES:
            self.quiet_until, self.probe_began = self.now + PAUSE_S, None

    @precondition(lambda self: self.probe_began is not None)
    @rule()
    def probe_is_given_up(self) -> None:
        self.breaker.gave_up(probe=True)
        self.probe_began = None

    @rule()
    def another_call_is_given_up(self) -> None:
        self.breaker.gave_up(probe=False)

    @invariant()
    def a_well_store_is_not_paused(self) -> None:
        assert (self.breaker.paused_until is None) == (self.row < FAILURES)


TestBreakers = Breakers.TestCase
TestBreakers.settings = settings(max_examples=200, deadline=None)


def health(story: list[tuple[SourceState, float]], caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of a store that did this, at these seconds."""
    caplog.set_level(logging.INFO, "orderside.store")
    seen = Health({"tenant": "acme", "store": "Acme EU", "platform": "woocommerce"})
    for state, now in story:
        seen.saw(state, now)
    assert {vars(record)["store"] for record in caplog.records} <= {"Acme EU"}
    return [record.getMessage() for record in caplog.records]


A, N = SourceState.ANSWERED, SourceState.NOTHING
U, T, P = SourceState.UNREACHABLE, SourceState.TIMED_OUT, SourceState.PAUSED


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ([(A, 0), (N, 10)], []),
        (
            [(A, 0), (U, 10), (T, 20), (P, 30), (P, 40), (N, 250), (A, 260)],
            ["Acme EU unreachable", "Acme EU back after 4 min"],
        ),
        ([(U, 0), (N, 45)], ["Acme EU unreachable", "Acme EU back after 45 s"]),
        ([(U, 0), (N, 3 * 3600)], ["Acme EU unreachable", "Acme EU back after 3 h"]),
        ([(U, 0), (A, 5), (A, 20), (A, 95)], ["Acme EU unreachable", "Acme EU back after 5 s"]),
        ([(U, at) if at % 2 else (A, at) for at in range(1, 100)], ["Acme EU unreachable"]),
        (
            [(SourceState.LIMITED, 0), (SourceState.REFUSED, 9), (N, 99)],
            ["Acme EU wants fewer requests", "Acme EU refuses us", "Acme EU back after 2 min"],
        ),
        ([(SourceState.CHANGED, 0)], ["Acme EU answers in a form that we do not know"]),
    ],
    ids=["well", "away", "a while", "long", "only back when it stays", "comes and goes", "other trouble", "changed"],
)
def test_only_a_stores_turns_are_logged(
    story: list[tuple[SourceState, float]], said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert health(story, caplog) == said
