"""The gate before each store: how often one question may call, and how many calls may run at once."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence

import pytest

from server.connectors.base import Rate, Refusal, Request, Response
from server.errors import Changed, Limited, StoreError, TimedOut, Unreachable
from server.upstream.allowance import Allowance
from server.upstream.client import Client
from server.upstream.guard import Bucket, DeadlineWire, Guard, Shared
from server.upstream.room import Room

Step = Response | StoreError
REQUEST = Request("/orders")


def status(code: int, retry_after: str | None = None) -> Response:
    return Response(code, {} if retry_after is None else {"retry-after": retry_after}, b"{}")


GOOD = status(200)


class Scripted(Client):
    """A store that gives these answers, one per call, and then no more."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.steps = list(steps)
        self.deadlines: list[float] = []

    async def call(self, request: Request, deadline: float) -> Response:
        """The next step."""
        self.deadlines.append(deadline)
        step = self.steps.pop(0)
        if isinstance(step, StoreError):
            raise step
        return step


class Busy(Client):
    """A store that answers when it is told to; counts who is inside."""

    def __init__(self) -> None:
        self.inside = self.most = self.calls = 0
        self.open = asyncio.Event()

    async def call(self, request: Request, deadline: float) -> Response:
        """Waits until the store opens."""
        self.calls += 1
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.open.wait()
        finally:
            self.inside -= 1
        return GOOD


def test_a_second_try_is_signed_anew() -> None:
    """A shop that saw the first try would take the same signature for a replay, and say that our key is wrong."""
    sent: list[Request] = []

    class Heard(Scripted):
        async def call(self, request: Request, deadline: float) -> Response:
            sent.append(request)
            return await super().call(request, deadline)

    async def main() -> Response:
        guard = Guard(Heard([status(502), GOOD]), calls_at_once=1, jitter=lambda: 0.0)
        signed_once = Request(
            "/orders", (("oauth_nonce", "1"),), anew=lambda: Request("/orders", (("oauth_nonce", "2"),))
        )
        return await guard.wire(asyncio.get_running_loop().time() + 10).send(signed_once)

    assert asyncio.run(main()).status == 200
    assert [request.query for request in sent] == [(("oauth_nonce", "1"),), (("oauth_nonce", "2"),)]


def run(steps: Sequence[Step], *, sends: int = 1, within: float = 10.0) -> tuple[list[Step], Scripted, DeadlineWire]:
    """What the calls of one question come to; the pause before a second try is nought."""

    async def main() -> tuple[list[Step], Scripted, DeadlineWire]:
        client = Scripted(steps)
        guard = Guard(client, calls_at_once=4, jitter=lambda: 0.0)
        wire = guard.wire(asyncio.get_running_loop().time() + within)
        outcomes: list[Step] = []
        for _ in range(sends):
            try:
                outcomes.append(await wire.send(REQUEST))
            except StoreError as error:
                outcomes.append(error)
        return outcomes, client, wire

    return asyncio.run(main())


# -- one more try -----------------------------------------------------------------------------------------

HEALS: dict[str, Step] = {
    "no connection": Unreachable("connect"),
    "502": status(502),
    "503": status(503),
    "503, soon": status(503, "0"),
    "504": status(504),
    "429, soon": status(429, "0"),
}


@pytest.mark.parametrize("first", HEALS.values(), ids=HEALS)
def test_what_can_heal_is_tried_once_more(first: Step) -> None:
    outcomes, client, wire = run([first, GOOD])
    assert outcomes == [GOOD]
    assert wire.calls == 2
    assert len(set(client.deadlines)) == 1, "the second try has the same deadline as the first"


@pytest.mark.parametrize("first", HEALS.values(), ids=HEALS)
def test_and_never_twice(first: Step) -> None:
    outcomes, _, wire = run([first, first])
    assert outcomes == [first]
    assert wire.calls == 2


STAYS: dict[str, Step] = {
    "200": GOOD,
    "400": status(400),
    "401": status(401),
    "403": status(403),
    "404": status(404),
    "408": status(408),
    "409": status(409),
    "422": status(422),
    "500": status(500),
    "501": status(501),
    "401 with Retry-After": status(401, "0"),
    "429 that does not say when": status(429),
    "429 with a date": status(429, "Fri, 31 Dec 1999 23:59:59 GMT"),
    "429 for a minute": status(429, "60"),
    "503 for an hour": status(503, "3600"),
    "where no store may be": Unreachable("address"),
    "a certificate that is not valid": Unreachable("tls"),
    "timed out": TimedOut("deadline"),
    "redirected": Changed("redirect"),
    "too large": Changed("too_large"),
    "no room": Limited("busy"),
}


@pytest.mark.parametrize("first", STAYS.values(), ids=STAYS)
def test_what_cannot_heal_in_time_is_tried_once(first: Step) -> None:
    outcomes, _, wire = run([first])
    assert outcomes == [first]
    assert wire.calls == 1


@pytest.mark.parametrize("first", HEALS.values(), ids=HEALS)
def test_there_is_no_second_try_past_the_deadline(first: Step) -> None:
    outcomes, _, wire = run([first], within=0.1)
    assert outcomes == [first]
    assert wire.calls == 1


def test_a_wait_of_just_the_rest_of_the_time_is_not_worth_it() -> None:
    """The second call needs some time of its own."""
    outcomes, _, _ = run([status(429, "1")], within=1.05)
    assert outcomes == [status(429, "1")]


def test_a_question_has_one_second_try_over_all_its_calls() -> None:
    down = status(503)
    outcomes, _, wire = run([GOOD, down, GOOD, down, Unreachable("connect")], sends=4)
    assert outcomes[:3] == [GOOD, GOOD, down]
    assert isinstance(outcomes[3], Unreachable)
    assert wire.calls == 5


def test_another_question_has_its_own_second_try() -> None:
    async def main() -> None:
        guard = Guard(Scripted([status(502), GOOD, status(502), GOOD]), calls_at_once=1, jitter=lambda: 0.0)
        for _ in range(2):
            assert await guard.wire(asyncio.get_running_loop().time() + 10).send(REQUEST) == GOOD

    asyncio.run(main())


# -- few at once ------------------------------------------------------------------------------------------


def busy(calls_at_once: int, story: Callable[[Busy, Guard], Awaitable[None]]) -> None:
    async def main() -> None:
        client = Busy()
        await story(client, Guard(client, calls_at_once))

    asyncio.run(main())


def later(seconds: float = 10.0) -> float:
    return asyncio.get_running_loop().time() + seconds


async def settle() -> None:
    """Lets everything run that can run without anything happening outside."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_no_store_gets_more_calls_at_once_than_it_bears() -> None:
    async def story(client: Busy, guard: Guard) -> None:
        calls = [asyncio.create_task(guard.wire(later()).send(REQUEST)) for _ in range(7)]
        await settle()
        assert client.inside == 2
        client.open.set()
        assert await asyncio.gather(*calls) == [GOOD] * 7
        assert client.most == 2

    busy(2, story)


def test_who_finds_no_room_by_the_deadline_is_told_so() -> None:
    async def story(client: Busy, guard: Guard) -> None:
        first = asyncio.create_task(guard.wire(later()).send(REQUEST))
        await settle()
        with pytest.raises(Limited) as caught:
            await guard.wire(later(0.02)).send(REQUEST)
        assert caught.value.reason == "busy"
        assert client.calls == 1, "the store did not hear of it"
        client.open.set()
        assert await first == GOOD

    busy(1, story)


def test_a_place_is_given_back_whatever_happens() -> None:
    async def story(client: Busy, guard: Guard) -> None:
        for _ in range(3):
            inside = asyncio.create_task(guard.wire(later()).send(REQUEST))
            waiting = asyncio.create_task(guard.wire(later()).send(REQUEST))
            late = asyncio.create_task(guard.wire(later(0.01)).send(REQUEST))
            await settle()
            assert client.inside == 1
            with pytest.raises(Limited):
                await late
            inside.cancel()
            waiting.cancel()
            await asyncio.gather(inside, waiting, return_exceptions=True)
        client.open.set()
        assert await guard.wire(later()).send(REQUEST) == GOOD
        assert client.most == 1

    busy(1, story)


def test_a_place_is_free_during_the_pause_before_a_second_try() -> None:
    """A store that asks one caller to wait can serve another meanwhile."""

    async def main() -> None:
        guard = Guard(Scripted([status(503, "1"), GOOD, GOOD]), calls_at_once=1, jitter=lambda: 0.0)
        patient = asyncio.create_task(guard.wire(later()).send(REQUEST))
        await settle()
        assert await guard.wire(later(0.5)).send(REQUEST) == GOOD
        patient.cancel()
        await asyncio.gather(patient, return_exceptions=True)

    asyncio.run(main())


def test_a_platforms_rate_is_kept_without_asking_it() -> None:
    bucket = Bucket(Rate("/orders", per_s=0.5, burst=2))
    assert [bucket.take(100.0, 110.0) for _ in range(3)] == [0.0, 0.0, 2.0]
    with pytest.raises(Limited) as caught:
        bucket.take(100.0, 103.0)
    assert caught.value.retry_after == 4
    assert bucket.take(104.0, 104.5) == 0.0, "what was refused took nothing"


def test_only_the_calls_that_a_rate_is_for_take_from_it() -> None:
    async def main() -> list[str]:
        guard = Guard(Scripted([GOOD, GOOD]), 4, (Rate("/orders/[^/]+", per_s=0.001, burst=1),))
        deadline = asyncio.get_running_loop().time() + 1
        sent = []
        for path in ("/orders/1", "/orders", "/orders/2"):
            try:
                await guard.call(Request(path), deadline)
                sent.append(path)
            except Limited:
                sent.append("limited")
        return sent

    assert asyncio.run(main()) == ["/orders/1", "/orders", "limited"]


@pytest.mark.parametrize(
    ("told", "waits"), [("2.0", 0.5), ("0.25", 4.0), ("0", 1.0), ("", 1.0), ("-1", 1.0), ("1e9", 1.0), ("nan", 1.0)]
)
def test_a_rate_that_the_platform_names_is_taken_on(told: str, waits: float) -> None:
    bucket = Bucket(Rate("/orders", per_s=1.0, burst=1, told_in="x-rate"))
    assert bucket.take(100.0, 110.0) == 0.0
    bucket.heard(Response(200, {"x-rate": told}, b""))
    assert bucket.take(100.0, 110.0) == waits


def test_it_is_heard_with_the_answers_to_its_own_calls() -> None:
    async def main() -> list[float]:
        told = Response(200, {"x-rate": "8"}, b"{}")
        guard = Guard(Scripted([told]), 4, tuple(Rate(path, 1.0, 1, "x-rate") for path in ("/orders", "/customers")))
        await guard.call(Request("/orders"), asyncio.get_running_loop().time() + 1)
        return [bucket.rate.per_s for bucket in guard._buckets]

    assert asyncio.run(main()) == [8.0, 1.0]


# -- with other stores of one subscription --------------------------------------------------------------------


def refuses(response: Response) -> Refusal | None:
    """As a unified API says it, with HTTP 200."""
    told: Refusal | None = response.json().get("refuses")
    return told


def of_one(shared: Shared, *clients: Client) -> list[Guard]:
    """Gates of stores that share a subscription."""
    return [
        Guard(client, 4, (), "acme", name=f"Store {at}", subscription=shared, refusal=refuses)
        for at, client in enumerate(clients)
    ]


def test_stores_of_one_subscription_share_its_calls_and_none_is_left_out() -> None:
    async def main() -> None:
        stores = [Busy() for _ in range(4)]
        guards = of_one(Shared(Room(10)), *stores)
        calls = [asyncio.create_task(guard.wire(later()).send(REQUEST)) for guard in guards for _ in range(4)]
        await settle()
        assert 8 <= sum(store.inside for store in stores) <= 10
        assert all(store.inside for store in stores)
        calls[0].cancel()
        for store in stores:
            store.open.set()
        assert (await asyncio.gather(*calls, return_exceptions=True)).count(GOOD) == 15

    asyncio.run(main())


@pytest.mark.parametrize(
    ("refusal", "asked"),
    [("subscription", 0), ("store", 1), ("429", 0), (None, 1)],
    ids=["all", "one", "429", "nobody"],
)
def test_a_refusal_of_the_subscription_is_for_all_its_stores(refusal: str | None, asked: int) -> None:
    answer = status(429) if refusal == "429" else Response(200, {}, json.dumps({"refuses": refusal}).encode())

    async def main() -> int:
        other = Scripted([GOOD])
        first, second = of_one(Shared(Room(10)), Scripted([answer]), other)
        assert await first.wire(later(0.5)).send(REQUEST) is answer
        with contextlib.suppress(Limited):
            await second.wire(later(0.5)).send(REQUEST)
        if refusal is not None:
            with pytest.raises(Limited):
                await first.wire(later(0.5)).send(REQUEST)
        return len(other.deadlines)

    assert asyncio.run(main()) == asked


def test_refusals_with_200_close_the_gate_for_longer_each_time() -> None:
    allowance = Allowance()
    waits = []
    for at in (0.0, 100.0, 200.0):
        allowance.refused(GOOD, at)
        waits.append(allowance.wait(at))
    assert waits == [1.0, 2.0, 4.0]


# -- with other replicas --------------------------------------------------------------------------------------


class Counted:
    """A ledger that says so for each call of each bucket."""

    def __init__(self, wait: float | None = 0.0) -> None:
        self.wait = wait
        self.asked: list[tuple[str, Rate, float]] = []

    async def take(self, name: str, rate: Rate, patience: float) -> float:
        """The same word each time."""
        self.asked.append((name, rate, patience))
        if self.wait is None:
            raise Limited("throttled", retry_after=7)
        return self.wait

    async def close(self) -> None:
        """Nothing is held."""


def test_what_other_replicas_called_counts_too() -> None:
    ours, others = Rate("/orders.*", 1000.0, 10), Rate("/customers", 1000.0, 10)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        ledger = Counted()
        guard = Guard(Scripted([GOOD]), 2, (others, ours), "acme", ledger=ledger, name="Acme EU")
        assert await guard.wire(loop.time() + 9).send(REQUEST) is GOOD
        ((name, rate, patience),) = ledger.asked
        assert (name, rate) == ("acme/Acme EU/1", ours), "the rate that holds for this path"
        assert 8 < patience <= 9, "no longer than the agent waits"

    asyncio.run(main())


def test_a_store_whose_budget_others_have_used_up_is_not_called() -> None:
    async def main() -> None:
        client = Scripted([])
        guard = Guard(client, 2, (Rate(".*", 1000.0, 10),), "acme", ledger=Counted(None), name="Acme EU")
        with pytest.raises(Limited) as limited:
            await guard.wire(asyncio.get_running_loop().time() + 9).send(REQUEST)
        assert limited.value.retry_after == 7
        assert client.deadlines == []
        assert guard.breaker.admit(asyncio.get_running_loop().time()) is False, "and is not thought to be failing"

    asyncio.run(main())
