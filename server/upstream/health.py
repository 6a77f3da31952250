"""A store's state as the operator hears of it: once when it turns, never once for each question."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..model import SourceState

log = logging.getLogger("orderside.store")


@dataclass(slots=True)
class Health:
    """What one store last did. `label` names tenant, store and platform; times are the running loop's clock."""

    label: Mapping[str, str] = field(default_factory=dict)
    state: SourceState | None = None
    since: float = 0.0

    def saw(self, state: SourceState, now: float) -> None:
        """Takes note of one question's end, and logs it where the store has turned."""
        turned = None if state.looked else state
        if turned == self.state:
            return
        extra: dict[str, object] = {**self.label, "state": state.value, "ms": round((now - self.since) * 1000)}
        if turned is None:
            log.info("store back", extra=extra)
        else:
            extra.pop("ms")
            log.warning("store failing", extra=extra)
            self.since = now if self.state is None else self.since
        self.state = turned
