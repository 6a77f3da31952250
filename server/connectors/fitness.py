"""What the doctor asks of a connection (`orderside check`): what it needs, and what the platform says of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from .wire import Wire


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that lookups read.

    `what` names it for the operator ("orders"), `permission` as the platform does ("read_orders"), `grant` says
    where the merchant's admin gives it. `read` asks as a lookup would, for one row or none, and raises the same
    `StoreError`. Where an `optional` need is not met, lookups work and say what they lack.
    """

    what: str
    permission: str
    grant: str
    read: Callable[[Wire], Awaitable[object]]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the platform itself says of the connection; what it does not say stays `None`.

    `served` is the version of the API that answered and `ends` the day its support ends. `writes` are the
    permissions granted that allow writing: an empty tuple proves that the credential only reads. `left` of `quota`
    calls (or points) may still be made. `behind` is the platform behind a unified API.
    """

    served: str | None = None
    ends: date | None = None
    writes: tuple[str, ...] | None = None
    left: float | None = None
    quota: float | None = None
    behind: str | None = None
