"""Answers kept for seconds and calls shared: nobody ever gets an answer that belongs to another question."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from server.connectors.answers import sift
from server.errors import TimedOut, Unreachable
from server.model import Answer, By, Order, Party, PartyKind, Question
from server.upstream.cache import Answers, Kept, Key

FOUND_S, NOTHING_S = 60.0, 15.0
ANN, BOB = "ann@example.com", "bob@example.com"


@dataclass
class Clock:
    """Unix time that moves when it is told to."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def question(email: str) -> Question:
    return Question(By.EMAIL, email, (email,), lambda other: other.casefold() == email)


def key(email: str = ANN, *, tenant: str = "acme", store: str = "f1", limit: int = 10) -> Key:
    return Key(tenant, store, By.EMAIL, email, limit)


def found(email: str, mark: str = "42") -> Answer:
    """A customer with one order."""
    party = Party("Shop", mark, PartyKind.ACCOUNT, emails=(email,))
    order = Order("Shop", "plain", f"o-{mark}", f"1{mark}", party=mark, currency="EUR", email=email)
    return Answer(parties=(party,), orders=(order,))


class Store:
    """Answers when it is told to; counts how often it was asked."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer
        self.asked = self.cancelled = 0
        self.open = asyncio.Event()

    async def __call__(self) -> Answer:
        self.asked += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def ready(answer: Answer | Exception) -> Store:
    store = Store(answer)
    store.open.set()
    return store


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def tell(story: Callable[[Answers, Clock], Coroutine[Any, Any, None]], **sizes: Any) -> None:
    clock = Clock()
    asyncio.run(story(Answers(clock, found_s=FOUND_S, nothing_s=NOTHING_S, **sizes), clock))


# -- how long ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "life"), [(found(ANN), FOUND_S), (Answer(), NOTHING_S)], ids=["found", "nothing"])
def test_an_answer_lives_for_seconds(answer: Answer, life: float) -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        store, born = ready(answer), clock.now
        first, cached = await answers.get(key(), question(ANN), store)
        assert (first.answer, first.as_of, cached) == (answer, born, False)
        clock.now = born + life - 0.5
        again, cached = await answers.get(key(), question(ANN), store)
        assert (again.answer, again.as_of, cached) == (answer, born, True), "its age is told"
        clock.now = born + life
        _, cached = await answers.get(key(), question(ANN), store)
        assert not cached
        assert store.asked == 2

    tell(story)


def test_a_party_without_orders_is_something() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        store = ready(replace(found(ANN), orders=()))
        await answers.get(key(), question(ANN), store)
        clock.now += NOTHING_S + 1
        assert (await answers.get(key(), question(ANN), store))[1]

    tell(story)


@pytest.mark.parametrize("failure", [TimedOut("deadline"), Unreachable("connect"), RuntimeError("defect")])
def test_a_failure_is_never_kept(failure: Exception) -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        with pytest.raises(type(failure)):
            await answers.get(key(), question(ANN), ready(failure))
        kept, cached = await answers.get(key(), question(ANN), ready(found(ANN)))
        assert (kept.answer, cached) == (found(ANN), False)

    tell(story)


def test_an_answer_that_lacks_something_for_the_moment_is_not_kept() -> None:
    """Else parcels that could not be read for a second would be missing for a minute."""

    async def story(answers: Answers, clock: Clock) -> None:
        store = ready(replace(found(ANN), lacks={"shipments": "…"}, passing=True))
        for _round in range(2):
            kept, cached = await answers.get(key(), question(ANN), store)
            assert (len(kept.answer.orders), cached) == (1, False)
        assert store.asked == 2

    tell(story)


def test_the_details_of_an_order_are_no_answer_to_a_question_for_its_number() -> None:
    assert key() != replace(key(), opened=True)


def test_lives_of_nought_keep_nothing() -> None:
    async def main() -> None:
        answers, store = Answers(Clock(), found_s=0, nothing_s=0), ready(found(ANN))
        for _ in range(2):
            assert not (await answers.get(key(), question(ANN), store))[1]
        assert store.asked == 2

    asyncio.run(main())


def test_refresh_asks_once_and_what_it_brings_is_kept() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        await answers.get(key(), question(ANN), ready(found(ANN, "1")))
        clock.now += 5
        fresh, cached = await answers.get(key(), question(ANN), ready(found(ANN, "2")), refresh=True)
        assert (fresh.answer, cached) == (found(ANN, "2"), False)
        kept, cached = await answers.get(key(), question(ANN), ready(Answer()))
        assert (kept.answer, kept.as_of, cached) == (found(ANN, "2"), clock.now, True)

    tell(story)


def test_a_refresh_that_fails_costs_nothing_that_was_kept() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        await answers.get(key(), question(ANN), ready(found(ANN)))
        with pytest.raises(TimedOut):
            await answers.get(key(), question(ANN), ready(TimedOut("deadline")), refresh=True)
        assert (await answers.get(key(), question(ANN), ready(Answer())))[0].answer == found(ANN)

    tell(story)


def test_the_cache_is_bounded() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        for number in range(50):
            email = f"ann+{number}@example.com"
            await answers.get(key(email), question(email), ready(found(email)))
        assert len(answers._kept) == 8

    tell(story, size=8)


# -- one call for all who ask -----------------------------------------------------------------------------


def test_many_askers_share_one_call() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        store = Store(found(ANN))
        askers = [asyncio.create_task(answers.get(key(), question(ANN), store)) for _ in range(20)]
        await settle()
        store.open.set()
        results = await asyncio.gather(*askers)
        assert store.asked == 1
        assert {id(kept) for kept, _ in results} == {id(results[0][0])}

    tell(story)


def test_a_shared_call_that_fails_fails_for_all_and_is_over() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        store = Store(Unreachable("connect"))
        askers = [asyncio.create_task(answers.get(key(), question(ANN), store)) for _ in range(3)]
        await settle()
        store.open.set()
        results = await asyncio.gather(*askers, return_exceptions=True)
        assert all(isinstance(result, Unreachable) for result in results)
        assert (await answers.get(key(), question(ANN), ready(found(ANN))))[0].answer == found(ANN)

    tell(story)


def test_who_joined_late_is_not_timed_out_by_the_deadline_of_the_first() -> None:
    """He asks for himself: the store may well answer within his own time."""

    async def story(answers: Answers, _clock: Clock) -> None:
        slow, quick = Store(TimedOut("deadline")), ready(found(ANN))
        first = asyncio.ensure_future(answers.get(key(), question(ANN), slow))
        await settle()
        second = asyncio.ensure_future(answers.get(key(), question(ANN), quick))
        await settle()
        assert quick.asked == 0, "while the first call runs there is no second one"
        slow.open.set()
        with pytest.raises(TimedOut):
            await first
        kept, _ = await second
        assert (kept.answer, quick.asked) == (found(ANN), 1)

    tell(story)


def test_who_leaves_takes_nothing_from_the_others() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        store = Store(found(ANN))
        first, second, third = (asyncio.create_task(answers.get(key(), question(ANN), store)) for _ in range(3))
        await settle()
        first.cancel()
        third.cancel()
        await settle()
        assert store.cancelled == 0
        store.open.set()
        assert (await second)[0].answer == found(ANN)
        assert first.cancelled()
        assert third.cancelled()

    tell(story)


def test_the_last_one_to_leave_ends_the_call() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        ours = asyncio.all_tasks()
        store = Store(found(ANN))
        askers = [asyncio.create_task(answers.get(key(), question(ANN), store)) for _ in range(2)]
        await settle()
        for asker in askers:
            asker.cancel()
        await settle()
        assert store.cancelled == 1
        assert asyncio.all_tasks() == ours
        assert (await answers.get(key(), question(ANN), ready(found(ANN))))[0].answer == found(ANN)

    tell(story)


def test_who_comes_after_the_last_one_left_starts_anew() -> None:
    """He must not be handed the end of a call that is being cancelled."""

    async def story(answers: Answers, clock: Clock) -> None:
        old, new = Store(found(ANN, "1")), ready(found(ANN, "2"))
        leaving = asyncio.create_task(answers.get(key(), question(ANN), old))
        await settle()
        leaving.cancel()
        coming = asyncio.create_task(answers.get(key(), question(ANN), new))
        assert (await coming)[0].answer == found(ANN, "2")
        await asyncio.gather(leaving, return_exceptions=True)
        assert (await answers.get(key(), question(ANN), ready(Answer())))[0].answer == found(ANN, "2")

    tell(story)


def test_a_failure_that_nobody_waits_for_is_no_warning() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        complaints: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: complaints.append(context))

        async def fails_when_cancelled() -> Answer:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise Unreachable("broken") from None
            return Answer()

        asker = asyncio.create_task(answers.get(key(), question(ANN), fails_when_cancelled))
        await settle()
        asker.cancel()
        await asyncio.gather(asker, return_exceptions=True)
        await settle()
        del asker
        assert complaints == []

    tell(story)


# -- whose answer -----------------------------------------------------------------------------------------

OTHERS = {
    "another address": key(BOB),
    "another tenant": key(tenant="birch"),
    "another store, or other settings of it": key(store="f2"),
    "another number of orders": key(limit=50),
    "another kind of question": replace(key(), by=By.NAME),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_an_answer_is_for_its_key_only(other: Key) -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        await answers.get(key(), question(ANN), ready(found(ANN)))
        kept, cached = await answers.get(other, question(other.value), ready(Answer()))
        assert (kept.answer, cached) == (Answer(), False)

    tell(story)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_calls_in_flight_are_shared_by_key_only(other: Key) -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        store = Store(found(ANN))
        asker = asyncio.create_task(answers.get(key(), question(ANN), store))
        await settle()
        kept, _ = await answers.get(other, question(other.value), ready(Answer()))
        assert kept.answer == Answer()
        store.open.set()
        assert (await asker)[0].answer == found(ANN)

    tell(story)


@pytest.mark.parametrize("strays", [Kept(key(BOB), found(BOB), 0, 1e12), Kept(key(ANN), found(BOB), 0, 1e12)])
def test_an_answer_that_lies_under_a_wrong_key_is_not_handed_out(strays: Kept) -> None:
    """Wyze, February 2024: the cache mixed up its keys, and 13,000 people saw other people's homes."""

    async def story(answers: Answers, clock: Clock) -> None:
        answers._kept[key(ANN)] = strays
        assert not strays.holds(key(ANN), question(ANN))
        kept, cached = await answers.get(key(ANN), question(ANN), ready(found(ANN)))
        assert (kept.answer, cached) == (found(ANN), False)
        assert answers._kept[key(ANN)].holds(key(ANN), question(ANN))

    tell(story)


EMAILS = st.sampled_from([ANN, BOB, "eve@example.com"])
KEYS = st.builds(key, EMAILS, tenant=st.sampled_from(["acme", "birch"]), store=st.sampled_from(["f1", "f2"]))
STEPS = st.lists(st.tuples(KEYS, st.booleans(), st.sampled_from([0.0, 1.0, 20.0, 61.0]), st.booleans()), max_size=30)


def mark(wanted: Key) -> str:
    return f"{wanted.tenant}-{wanted.store}-{wanted.value}"


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_the_order_of_things_nobody_gets_anothers_answer(steps: list[tuple[Key, bool, float, bool]]) -> None:
    """Askers of all kinds at once, some of whom leave at a random moment, while time passes."""

    async def ask(answers: Answers, wanted: Key, in_flight: dict[Key, int], refresh: bool) -> None:
        async def call() -> Answer:
            in_flight[wanted] = in_flight.get(wanted, 0) + 1
            assert in_flight[wanted] == 1, "one call in flight for any one question"
            try:
                await asyncio.sleep(0)
                return found(wanted.value, mark(wanted))
            finally:
                in_flight[wanted] -= 1

        kept, _ = await answers.get(wanted, question(wanted.value), call, refresh=refresh)
        assert kept.key == wanted
        assert kept.answer == found(wanted.value, mark(wanted))
        assert sift(question(wanted.value), kept.answer.parties, kept.answer.orders).dropped == 0

    async def story(answers: Answers, clock: Clock) -> None:
        in_flight: dict[Key, int] = {}
        tasks = []
        ours = asyncio.all_tasks()
        for wanted, refresh, seconds, leaves in steps:
            clock.now += seconds
            task = asyncio.create_task(ask(answers, wanted, in_flight, refresh))
            tasks.append(task)
            if seconds or leaves:
                await asyncio.sleep(0)
            if leaves:
                task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert not [r for r in results if isinstance(r, BaseException) and not isinstance(r, asyncio.CancelledError)]
        await settle()
        assert asyncio.all_tasks() == ours
        assert answers._flights == {}

    tell(story)


def test_a_storm_of_askers_half_of_whom_leave() -> None:
    async def story(answers: Answers, clock: Clock) -> None:
        ours = asyncio.all_tasks()
        wanted = [key(f"ann+{number % 9}@example.com") for number in range(500)]
        stores = {item: Store(found(item.value)) for item in wanted}
        tasks = {asyncio.create_task(answers.get(i, question(i.value), stores[i])): i for i in wanted}
        await settle()
        gone = set(list(tasks)[::2])
        for task in gone:
            task.cancel()
        await settle()
        for store in stores.values():
            store.open.set()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in gone)
        for task in tasks.keys() - gone:
            assert task.result()[0].key == tasks[task]
        assert all(store.asked == 1 for store in stores.values())
        await settle()
        assert asyncio.all_tasks() == ours

    tell(story)
