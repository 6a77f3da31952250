"""A store's state as the operator hears of it: once when it turns, never once for each question."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import SourceState

log = logging.getLogger("orderside.store")

CALM_S = 30.0
"""A store that comes and goes more often than this has one line when it first went, one when it is back for good."""

_AWAY = frozenset({SourceState.UNREACHABLE, SourceState.TIMED_OUT, SourceState.PAUSED})
"""One trouble to the operator, whichever way a question met it."""

_WORDS: Mapping[SourceState, str] = {
    SourceState.REFUSED: "refuses us",
    SourceState.LIMITED: "wants fewer requests",
    SourceState.CHANGED: "answers in a form that we do not know",
}


@dataclass(slots=True)
class Health:
    """What one store last did. `label` names tenant, store and platform; times are the running loop's clock."""

    label: Mapping[str, str] = field(default_factory=dict)
    trouble: str | None = None
    since: float = 0.0
    _failed: float = 0.0
    _worked: float | None = None

    def saw(self, state: SourceState, now: float) -> None:
        """Takes note of one question's end, and logs it where the store has turned."""
        name = self.label.get("store", "?")
        if not state.looked:
            self._failed, self._worked = now, None
            trouble = "unreachable" if state in _AWAY else _WORDS.get(state, state.value)
            if trouble != self.trouble:
                log.warning("%s %s", name, trouble, extra={**self.label, "state": state.value})
                self.since = now if self.trouble is None else self.since
                self.trouble = trouble
            return
        self._worked = now if self._worked is None else self._worked
        if self.trouble is not None and now - self._failed >= CALM_S:
            took = self._worked - self.since
            extra = {**self.label, "state": state.value, "ms": round(took * 1000)}
            log.info("%s back after %s", name, _length(took), extra=extra)
            self.trouble = None


def _length(seconds: float) -> str:
    """As people say it: 40 s, 4 min, 2 h."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds)} s"
