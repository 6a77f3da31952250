"""How late the event loop comes round: the one sign that the processor has more to do than it can, whoever took it.

Every wait of every lookup grows by as much, so what runs at once is kept to what the loop bears (an adaptive limit of
concurrency; by lateness and not by the time an answer takes, because that is the stores').
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

BEAT_S = 0.1
LATE_S = 0.01
"""A loop that comes round later than this has more to do than its processor can."""
CALMS = 0.95
"""How much of a lateness counts on at the next beat: half of it is forgotten in a second and a half."""
FAR_S = 0.2
"""A lookup waits for the loop some ten times: later than this, it would hardly be answered by its deadline."""
MOST = 256
LEAST = 16
"""Lookups that a loop is trusted to bear, before anything is known of it and however late it is."""


@dataclass(slots=True)
class Pulse:
    """One process's beat: how late the loop was lately, and how many lookups it `bears`."""

    late_s: float = 0.0
    bears: float = MOST
    _last_s: float = 0.0

    def beat(self, late_s: float, running: int) -> None:
        """Notes how late a beat came, and that so many lookups ran.

        Where it was far too late twice in a row, the loop bears as many as would have made it just that late if each
        had the same part in it; with each other beat, one more. Once is a hiccup: new settings, a machine that slept.
        """
        self.late_s = max(late_s, self.late_s * CALMS)
        lately, self._last_s = min(late_s, self._last_s), late_s
        if lately > FAR_S:
            self.bears = max(min(self.bears, running * FAR_S / lately), LEAST)
        else:
            self.bears = min(self.bears + 1, MOST)

    async def watch(self, running: Callable[[], int]) -> None:
        """Beats until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + BEAT_S
            await asyncio.sleep(BEAT_S)
            self.beat(loop.time() - due, running())
