"""Calls to a store, what comes back, and what a status means on every platform."""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

import msgspec
from msgspec import Struct

from ..errors import Changed, Limited, Refused, Unreachable

T = TypeVar("T")


class Request(Struct, frozen=True):
    """One call below the store's origin. With a `json` or `form` body it is a POST, else a GET.

    A `grant` goes to the connector's `token_origin` instead, to fetch a token and nothing else. `anew` makes the
    same call for a second try, where a signature may be used once only (OAuth 1.0a nonces). Calls of one `kind` cost
    the same of a quota, where a platform counts more than calls.
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = {}
    json: object = None
    form: tuple[tuple[str, str], ...] = ()
    grant: bool = False
    anew: "Callable[[], Request] | None" = None
    kind: str = ""

    @property
    def method(self) -> str:
        """GET, or POST where there is a body."""
        return "GET" if self.json is None and not self.form else "POST"

    def __repr__(self) -> str:
        """Without what holds secrets, or customers."""
        return f"Request({self.method} {self.path})"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: `headers` by lower-case name, `body` decoded from its content encoding."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    _made: dict[Callable[[bytes], Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def text(self) -> bytes:
        """The body without the mark of the byte order that a shop's misspelt PHP file puts before everything."""
        return self.body.removeprefix(BOM_UTF8)

    def json(self) -> Any:
        """The body as JSON, numbers with a fraction as `Decimal`; raises `Changed` where it is none."""
        return self.once(parsed)

    def once(self, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the text, made only once for all who ask for it. Raises what it raises."""
        if read not in self._made:
            self._made[read] = read(self.text)
        made: T = self._made[read]
        return made


@dataclass(frozen=True, slots=True)
class Headroom:
    """What a platform says is left of a quota that all of a shop's apps share: `left` of `most` units.

    `per_s` of them come back each second, or all `full_in_s` from now. A call like the one that told takes `cost`; it
    was `refused` where there was not enough.
    """

    left: float
    most: float
    per_s: float = 0.0
    full_in_s: float | None = None
    cost: float = 1.0
    refused: bool = False


Refusal = Literal["store", "subscription"]
"""Who has too many calls: one store, or all of its subscription together."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What several stores reach their platforms by, and how many calls it allows them at once, together.

    `key` is the same for them all, whoever's they are, and reveals no secret.
    """

    key: str
    calls_at_once: int


_JSON = msgspec.json.Decoder(float_hook=Decimal)


def parsed(text: bytes | msgspec.Raw) -> Any:
    """JSON, numbers with a fraction as `Decimal`; raises `Changed` where it is none."""
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        raise Changed("payload") from None


class Wire(Protocol):
    """The way to one store, for one question: deadline, retry, size cap and origin are its business."""

    async def send(self, request: Request) -> Response:
        """Raises `TimedOut`, `Unreachable`, `Changed`; any HTTP status but a redirect is returned."""


# -- what a status means ------------------------------------------------------------------------------------


def raise_for_status(response: Response) -> None:
    """The statuses that mean the same on every platform; returns for 2xx."""
    status = response.status
    if 200 <= status < 300:
        return
    if status == 401:
        raise Refused("credentials", status=status)
    if status == 403:
        raise Refused("scope", status=status)
    if status == 429:
        raise Limited(retry_after=retry_after(response))
    if status >= 500:
        raise Unreachable("down", status=status, retry_after=retry_after(response))
    raise Changed("status", status=status)


_WAITS = {"retry-after": 1.0, "x-retry-after": 1.0, "x-rate-limit-time-reset-ms": 0.001}
"""Headers that name a wait, and their unit in seconds: RFC 9110 §10.2.3, and BigCommerce's two."""


def retry_after(response: Response) -> float | None:
    """The longest wait in seconds that a refusal names, `None` where there is none, or a date."""
    named = [(response.headers[name], unit) for name, unit in _WAITS.items() if name in response.headers]
    waits = [float(text) * unit for text, unit in named if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text)]
    return max(waits, default=None)
