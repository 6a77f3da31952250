"""The cache and its flights in any order of questions, ends, cancellations and waits.

Whatever happens: nobody gets an answer to another question, no question is out twice at a time, nothing is served past
its time, and no flight goes on for nobody.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.errors import Unreachable
from server.model import Answer, By, Party, PartyKind, Question
from server.upstream.cache import Answers, Kept, Key

FOUND_S, NOTHING_S = 60.0, 15.0
NAMES = st.sampled_from(["a@example.com", "b@example.com", "c@example.com"])
TENANTS = st.sampled_from(["acme", "birch"])


@dataclass(eq=False)
class Asked:
    """One who waits for an answer."""

    key: Key
    task: asyncio.Task[tuple[Kept, bool]]


class Machine(RuleBasedStateMachine):
    """`flights` are the calls that are out: by key, with the future that ends each."""

    @initialize()
    def start(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.now = 1000.0
        self.answers = Answers(lambda: self.now, found_s=FOUND_S, nothing_s=NOTHING_S, size=4)
        self.flights: dict[Key, asyncio.Future[Answer]] = {}
        self.waiting: list[Asked] = []

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            for asked in self.waiting:
                asked.task.cancel()
            self._step()
            assert self.flights == {}, "a flight went on for nobody"
            self.loop.close()

    def _step(self) -> None:
        for _ in range(6):
            self.loop.run_until_complete(asyncio.sleep(0))

    async def _call(self, key: Key) -> Answer:
        assert key not in self.flights, "one question is out twice"
        future: asyncio.Future[Answer] = self.loop.create_future()
        self.flights[key] = future
        try:
            return await future
        finally:
            del self.flights[key]

    @rule(tenant=TENANTS, name=NAMES, refresh=st.booleans())
    def ask(self, tenant: str, name: str, refresh: bool) -> None:
        key = Key(tenant, "print", By.EMAIL, name, 10)
        question = Question(By.EMAIL, name, (name,), name.__eq__)
        get = self.answers.get(key, question, partial(self._call, key), refresh=refresh)
        self.waiting.append(Asked(key, self.loop.create_task(get)))
        self._step()

    @rule(data=st.data(), how=st.sampled_from(["found", "nothing", "fails"]))
    def land(self, data: st.DataObject, how: str) -> None:
        if not self.flights:
            return
        key = data.draw(st.sampled_from(sorted(self.flights, key=repr)))
        future = self.flights[key]
        owner = Party(key.tenant, key.value, PartyKind.ACCOUNT, emails=(key.value,))
        if how == "fails":
            future.set_exception(Unreachable("broken"))
        else:
            future.set_result(Answer(parties=(owner,)) if how == "found" else Answer())
        self._step()

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        out = [asked for asked in self.waiting if not asked.task.done()]
        if out:
            data.draw(st.sampled_from(out)).task.cancel()
            self._step()

    @rule(seconds=st.floats(0.1, 80))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def everybody_gets_his_own(self) -> None:
        if not hasattr(self, "waiting"):
            return
        for asked in [each for each in self.waiting if each.task.done()]:
            self.waiting.remove(asked)
            if asked.task.cancelled() or asked.task.exception() is not None:
                continue
            kept, _ = asked.task.result()
            assert kept.key == asked.key
            assert {(p.store, p.store_id) for p in kept.answer.parties} <= {(asked.key.tenant, asked.key.value)}
            life = FOUND_S if kept.answer.parties else NOTHING_S
            assert self.now <= kept.as_of + life

    @invariant()
    def nobody_waits_without_a_flight(self) -> None:
        if hasattr(self, "waiting"):
            assert {asked.key for asked in self.waiting} == set(self.flights)


TestCacheMachine = Machine.TestCase
TestCacheMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
