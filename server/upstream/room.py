"""Places that accounts share, so that one account's storm starves nobody.

Nobody gets a place who would then hold more than are left free (dynamic thresholds: Choudhury and Hahne, IEEE/ACM
Transactions on Networking 6(2), 1998). Alone, an account has half of all places; beside nine others that take what they
can get, a tenth, and a tenth is left for whoever comes next.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..errors import Limited

HANDFUL = 4
"""What any account may hold, as long as that does not hurt: of few, more or less says nothing."""


@dataclass(slots=True)
class Room:
    """So many `places`, and those who wait for one, in their turn: account by account, first come first served.

    `alone` there is one account only, and need not leave any for others.
    """

    places: int
    alone: bool = False
    _held: dict[str, int] = field(default_factory=dict)
    _taken: int = 0
    _queues: dict[str, deque[asyncio.Future[None]]] = field(default_factory=dict)

    @property
    def free(self) -> int:
        """How many places nobody holds."""
        return self.places - len(self)

    def __len__(self) -> int:
        """How many places are held."""
        return self._taken

    @property
    def handfuls(self) -> int:
        """How many would be held if nobody had more than a handful."""
        return sum(min(held, HANDFUL) for held in self._held.values())

    def has_handful(self, who: str) -> bool:
        """Whether this account holds a handful or more."""
        return self._held.get(who, 0) >= HANDFUL

    def is_open(self, who: str) -> bool:
        """Whether there is a place for this account now."""
        held = 0 if self.alone else self._held.get(who, 0)
        return held < self.places - self._taken

    def is_crowding(self, who: str, spare: float = HANDFUL) -> bool:
        """Whether this account holds twice what the others who hold any have on average, and `spare` more."""
        held, others = self._held.get(who, 0), len(self._held) - 1
        return (held - spare) * others >= 2 * (len(self) - held) and others > 0

    def take(self, who: str) -> None:
        """Takes a place, open or not: `leave` gives it back."""
        self._held[who] = self._held.get(who, 0) + 1
        self._taken += 1

    def leave(self, who: str) -> None:
        """Gives a place back, to those who wait for one in turn."""
        if self._held[who] > 1:
            self._held[who] -= 1
        else:
            del self._held[who]
        self._taken -= 1
        if self._queues:
            self._let_in()

    @contextmanager
    def held(self, who: str) -> Iterator[None]:
        """Takes a place for as long as the block runs."""
        self.take(who)
        try:
            yield
        finally:
            self.leave(who)

    async def enter(self, who: str, deadline: float) -> None:
        """Takes a place as soon as there is one. Raises `Limited` where there is none by `deadline` (loop's clock)."""
        if self.is_open(who) and who not in self._queues:
            self.take(who)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(who, deque()).append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except BaseException as failure:
            self._step_back(who, turn)
            if isinstance(failure, TimeoutError):
                raise Limited("busy") from None
            raise

    def _step_back(self, who: str, turn: "asyncio.Future[None]") -> None:
        """One who waits no longer; where his turn had just come, it is the next one's."""
        if turn.done() and not turn.cancelled():
            self.leave(who)
        elif turn in self._queues.get(who, ()):
            self._queues[who].remove(turn)
            if not self._queues[who]:
                del self._queues[who]

    def _let_in(self) -> None:
        """Round by round: one of each account that may."""
        while admitted := [who for who in self._queues if self.is_open(who)]:
            for who in admitted:
                if not self.is_open(who):
                    break
                queue = self._queues.pop(who)
                turn = queue.popleft()
                if queue:
                    self._queues[who] = queue  # last in line now
                if not turn.done():
                    self.take(who)
                    turn.set_result(None)
