"""Questions, the exchanges that they lead to, and wires that replay them.

A scenario is a JSON file, shaped like a recording:

    {"source": "where this payload comes from",
     "asked": {"email": "jane.doerr@gmail.com"},
     "exchanges": [{"request": {"path": "/…", "query": [["email", "…"]], "json": {…}},
                    "response": {"status": 200, "headers": {}, "body": …}}],
     "expect": {"parties": 1, "orders": 1, "dropped": 0, "unreadable": 0, "more_orders": false}}

`asked` names one of `By`, and may add `"spellings": […]` and `"limit": 10`. A request is a subset of what is
expected to be asked; with a `json` it is a POST. Zeros and false in `expect` may be left out, or it is
`{"raises": "refused", "reason": "credentials"}`: a `SourceState` and what the error's `about` must hold. Every
expected request is asked exactly once, in any order, and no other one is.

In `details/` a scenario adds `"opened": "<store_id>"`: the order that is then opened; its exchanges are those of both.
In `checks/` there is no `asked`: the exchanges are those of the connector's `needs` and `standing`, and `expect` is
`{"unmet": ["<permission>", …], "writes": […] or null, "served": "…" or null}`.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from server.connectors.base import Request, Response
from server.errors import StoreError
from server.model import By, Question

# -- questions --------------------------------------------------------------------------------------------

_NORMAL: Mapping[By, Callable[[str], str]] = {
    By.CUSTOMER_ID: str,
    By.EMAIL: str.casefold,
    By.PHONE: lambda text: re.sub(r"\D", "", text),
    By.ORDER_NUMBER: lambda text: text.lstrip("#").casefold(),
    By.NAME: str.casefold,
}


def question(by: By, value: str, *spellings: str) -> Question:
    """A question that accepts what is equal in a simple normal form: capitals, punctuation of phones, a `#`."""
    normal = _NORMAL[by]
    return Question(by, value, spellings or (value,), lambda other: normal(other) == normal(value))


# -- scenarios --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Exchange:
    """What is expected to be asked, as a subset, and the store's answer (or the error that the wire raises)."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    json: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    error: StoreError | None = None

    def expects(self, request: Request) -> bool:
        return (
            request.path == self.path
            and set(self.query) <= set(request.query)
            and (request.method == "GET") == (self.json is None)
            and (self.json is None or _contains(request.json or dict(request.form), self.json))
        )

    def response(self) -> Response:
        if isinstance(self.body, bytes):
            content = self.body
        elif "html" in self.headers.get("content-type", ""):
            content = str(self.body).encode()
        else:
            content = json.dumps(self.body).encode()
        return Response(self.status, self.headers, content)


def _contains(whole: object, part: object) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(k in whole and _contains(whole[k], v) for k, v in part.items())
    return whole == part


@dataclass(frozen=True)
class Scenario:
    """A question, the exchanges that it leads to, and what shall come of it."""

    question: Question
    exchanges: tuple[Exchange, ...]
    expect: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 10
    opened: str | None = None

    @classmethod
    def load(cls, path: Path) -> "Scenario":
        content = json.loads(path.read_text(encoding="utf-8"))
        assert content["source"].strip(), f"{path.name} does not say where it comes from"
        asked = dict(content.get("asked", {"name": "nobody"}))
        spellings, limit = asked.pop("spellings", ()), asked.pop("limit", 10)
        ((by, value),) = asked.items()
        exchanges = (
            Exchange(
                path=exchange["request"]["path"],
                query=tuple((key, text) for key, text in exchange["request"].get("query", ())),
                json=exchange["request"].get("json"),
                **exchange["response"],
            )
            for exchange in content["exchanges"]
        )
        return cls(
            question(By(by), value, *spellings), tuple(exchanges), content["expect"], limit, content.get("opened")
        )

    def answering(self, index: int, **changes: Any) -> "Scenario":
        """The same, but exchange `index` is answered with another `status`, `headers`, `body` or `error`."""
        exchanges = list(self.exchanges)
        exchanges[index] = replace(exchanges[index], **changes)
        return replace(self, exchanges=tuple(exchanges))

    def put(self, pointers: str | tuple[str, ...], value: object) -> "Scenario":
        """The same with `value` at each pointer: `/1/0/total` is `total` in the first row of the second answer.

        As in RFC 6902, a `-` at the end of a pointer removes what stands before it.
        """
        bodies = [deepcopy(exchange.body) for exchange in self.exchanges]
        for pointer in (pointers,) if isinstance(pointers, str) else pointers:
            *way, last = (int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
            target: Any = bodies
            if last == "-":
                *way, last = way
                for step in way:
                    target = target[step]
                del target[last]
                continue
            for step in way:
                target = target[step]
            target[last] = value
        return replace(self, exchanges=tuple(replace(e, body=b) for e, b in zip(self.exchanges, bodies, strict=True)))


def leaves(value: object, pointer: str = "") -> Iterator[str]:
    """Pointers to everything below `value`, containers included."""
    members: Iterator[tuple[object, object]] = iter(())
    if isinstance(value, dict):
        members = iter(value.items())
    elif isinstance(value, list):
        members = iter(enumerate(value))
    for key, member in members:
        yield f"{pointer}/{key}"
        yield from leaves(member, f"{pointer}/{key}")


def widened(value: object) -> object:
    """`value` with a field that nobody knows in every object."""
    if isinstance(value, dict):
        return {"added_by_next_version": [1, {"x": None}]} | {key: widened(member) for key, member in value.items()}
    return [widened(member) for member in value] if isinstance(value, list) else value


def renamed(value: object) -> object:
    """`value` with every field called otherwise."""
    if isinstance(value, dict):
        return {f"{key}_v9": renamed(member) for key, member in value.items()}
    return [renamed(member) for member in value] if isinstance(value, list) else value


class Replay:
    """A wire that answers a scenario's requests, each once, and lets no other one pass."""

    def __init__(self, scenario: Scenario, read_posts: frozenset[str]) -> None:
        self.open = list(scenario.exchanges)
        self.read_posts = read_posts
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        await asyncio.sleep(0)  # as on a real wire, the other calls get their turn
        assert re.fullmatch(r"/[^/?#\\][^?#\\]*", request.path), f"not a plain path: {request.path}"
        assert ".." not in request.path
        assert request.method == "GET" or request.path in self.read_posts, "only reads are allowed"
        exchange = next((each for each in self.open if each.expects(request)), None)
        assert exchange is not None, f"not expected: {request.method} {request.path} {request.query} {request.json}"
        self.open.remove(exchange)
        if exchange.error is not None:
            raise exchange.error
        return exchange.response()


class Lenient:
    """A wire that answers any request with the scenario's nearest body, or with nothing known."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    async def send(self, request: Request) -> Response:
        there = [exchange for exchange in self.scenario.exchanges if exchange.path == request.path]
        nearest = next((exchange for exchange in there if exchange.expects(request)), None)
        if nearest is None and there and request.method == "POST":
            nearest = there[0]
        return nearest.response() if nearest else Response(200, {}, b"[]")


class Silent:
    """A wire whose store never answers."""

    async def send(self, request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError
