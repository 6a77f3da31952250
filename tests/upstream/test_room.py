"""Places that accounts share: who gets in, who waits, and that nobody is forgotten or let in twice."""

import asyncio
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.errors import Limited
from server.upstream.room import Room


def fill(room: Room, *accounts: str) -> Counter[str]:
    """Every account takes whatever it can get, in turn."""
    held: Counter[str] = Counter()
    while eager := [who for who in accounts if room.is_open(who)]:
        for who in eager:
            if room.is_open(who):
                room.take(who)
                held[who] += 1
    return held


def test_alone_an_account_has_half() -> None:
    assert fill(Room(256), "storm") == {"storm": 128}


def test_who_has_a_room_to_himself_has_all_of_it() -> None:
    assert fill(Room(4, alone=True), "only") == {"only": 4}


@pytest.mark.parametrize("storms", [2, 9, 31])
def test_however_many_take_what_they_can_get_there_is_as_much_left_for_the_next(storms: int) -> None:
    room = Room(256)
    held = fill(room, *(f"storm{number}" for number in range(storms)))
    assert room.free >= 256 // (storms + 1) - 1
    assert max(held.values()) - min(held.values()) <= 1
    assert room.is_open("quiet")


def test_who_has_to_wait_does_so_behind_his_own_account_only() -> None:
    async def main() -> list[str]:
        room, came = Room(4), []

        async def ask(who: str) -> None:
            await room.enter(who, asyncio.get_running_loop().time() + 5)
            came.append(who)

        tasks = [asyncio.create_task(ask("storm")) for _ in range(10)]
        await asyncio.sleep(0)
        tasks.append(asyncio.create_task(ask("quiet")))
        for _ in range(30):
            await asyncio.sleep(0)
        assert came == ["storm", "storm", "quiet"]
        room.leave("quiet")
        for _ in range(9):
            await asyncio.sleep(0)
            room.leave("storm")
        await asyncio.gather(*tasks)
        return came

    assert asyncio.run(main()).count("storm") == 10


def test_a_full_room_is_left_at_the_deadline() -> None:
    async def main() -> None:
        room = Room(1)
        room.take("acme")
        with pytest.raises(Limited) as caught:
            await room.enter("birch", asyncio.get_running_loop().time() + 0.01)
        assert caught.value.reason == "busy"
        room.leave("acme")
        await room.enter("birch", asyncio.get_running_loop().time())

    asyncio.run(main())


def test_who_crowds_the_others_is_known() -> None:
    room = Room(256)
    for account, places in {"storm": 40, "birch": 3, "cedar": 7}.items():
        for _ in range(places):
            room.take(account)
    assert [who for who in ("storm", "birch", "cedar", "nobody") if room.is_crowding(who)] == ["storm"]


@pytest.mark.parametrize(("holds", "spare", "crowds"), [(5, 4, False), (6, 4, True), (2, 0.1, False), (3, 0.1, True)])
def test_how_much_more_than_twice_as_many_makes_a_crowd(holds: int, spare: float, crowds: bool) -> None:
    room = Room(256)
    for account in ["storm"] * holds + ["birch", "cedar"]:
        room.take(account)
    assert room.is_crowding("storm", spare) is crowds


def test_nobody_crowds_himself() -> None:
    room = Room(256)
    for _ in range(100):
        room.take("only")
    assert not room.is_crowding("only")


ACCOUNTS = st.sampled_from(["acme", "birch", "cedar"])


@dataclass(eq=False)
class Visit:
    """One who wants a place, or has it."""

    who: str
    task: asyncio.Task[None]


class Machine(RuleBasedStateMachine):
    """Any order of coming, giving up and leaving."""

    @initialize(places=st.integers(1, 6), alone=st.booleans())
    def start(self, places: int, alone: bool) -> None:
        self.loop = asyncio.new_event_loop()
        self.room = Room(places, alone)
        self.visits: list[Visit] = []

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            for visit in self.visits:
                visit.task.cancel()
            self._step()
            self.loop.close()

    def _step(self) -> None:
        for _ in range(6):
            self.loop.run_until_complete(asyncio.sleep(0))

    def _inside(self) -> list[Visit]:
        return [visit for visit in self.visits if visit.task.done()]

    def _outside(self) -> list[Visit]:
        return [visit for visit in self.visits if not visit.task.done()]

    @rule(who=ACCOUNTS)
    def come(self, who: str) -> None:
        free = self.room.free
        newcomer = who not in {visit.who for visit in self.visits}
        visit = Visit(who, self.loop.create_task(self.room.enter(who, self.loop.time() + 3600)))
        self.visits.append(visit)
        self._step()
        assert not (newcomer and free) or visit.task.done(), "there is a place for whoever holds none"

    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        if inside := self._inside():
            visit = data.draw(st.sampled_from(inside))
            self.visits.remove(visit)
            self.room.leave(visit.who)
            self._step()

    @rule(data=st.data(), at_once=st.booleans())
    def give_up(self, data: st.DataObject, at_once: bool) -> None:
        if outside := self._outside():
            visit = data.draw(st.sampled_from(outside))
            self.visits.remove(visit)
            visit.task.cancel()
            if at_once and (inside := self._inside()):  # his turn comes while he goes
                self.visits.remove(inside[0])
                self.room.leave(inside[0].who)
            self._step()

    @invariant()
    def the_room_knows_who_is_inside(self) -> None:
        if hasattr(self, "room"):
            assert self.room.free == self.room.places - len(self._inside()) >= 0

    @invariant()
    def nobody_waits_who_may_come_in(self) -> None:
        if hasattr(self, "room"):
            assert not [visit for visit in self._outside() if self.room.is_open(visit.who)]


TestRoomMachine = Machine.TestCase
TestRoomMachine.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
