"""Agents at their tickets: each asks by the app's rules, and counts what he got."""

import asyncio
import json
import random
import time
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt
from starlette.types import ASGIApp, Message

from .shops import KEY, SPANS, URL, Spans, number

ROUNDS = 12
PAUSE_S = 0.25
RETRIES = 2
PATIENCE_S = 5.0
"""How often the app asks until all stores have spoken, and its pause before each further time; how often in a row it
asks anew by itself where it was told to come back; and its patience with an answer: as `zendesk_app/assets/app.js`
has it."""


def times() -> "array[float]":
    """None yet."""
    return array("d")


@dataclass(slots=True)
class Tally:
    """What agents got. Times are in seconds, and small: what is measured must not be what grows."""

    first: "array[float]" = field(default_factory=times)
    whole: "array[float]" = field(default_factory=times)
    answered: "array[float]" = field(default_factory=times)
    """How long after its arrival each answer left."""
    states: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Answers that told to come back, by status and code."""
    anew: int = 0
    """Follow-up questions that came to a new lookup: stores were asked twice, and the agent waited longer."""
    added: "array[float]" = field(default_factory=times)
    """How much longer a whole first answer took than the store that was busy longest with it."""
    shown: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    """Tickets whose panel ended with a clear failure, which has a button to ask again: how often which."""
    crossed: int = 0
    lost: int = 0
    """Tickets whose panel ended with neither that nor the whole answer."""


async def post(app: ASGIApp, tenant: int, body: Mapping[str, Any]) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of one question, without a client's own cost."""
    now = int(time.time())
    token = jwt.encode({"iss": f"t{tenant}", "aud": URL, "iat": now, "exp": now + 60}, KEY, algorithm="HS256")
    headers = [
        (b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json"),
        (b"accept", b"application/json"),
    ]  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/summary", "raw_path": b"/v1/summary", "query_string": b"", "headers": headers, "root_path": "",
    }  # fmt: skip
    coming = iter([{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}])
    came: list[Message] = []

    async def receive() -> Message:
        for message in coming:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        came.append(message)

    await app(scope, receive, send)
    names = {name.decode(): value.decode() for name, value in came[0]["headers"]}
    return came[0]["status"], names, json.loads(b"".join(message.get("body", b"") for message in came[1:]))


async def ticket(app: ASGIApp, tenant: int, email: str, tally: Tally) -> None:
    """One ticket, from its opening to what its panel ends with."""
    body: dict[str, Any] = {"requester": {"email": email}, "agent": {"id": random.randrange(1000)}}
    failed = 0
    while (busy := await _look(app, tenant, email, body, tally)) is not None:
        wait, shown = busy
        failed = 1 if shown else failed + 1
        if failed > RETRIES:
            tally.failed["busy"] += 1
            return
        await asyncio.sleep(wait)


async def _look(
    app: ASGIApp, tenant: int, email: str, body: Mapping[str, Any], tally: Tally
) -> tuple[float, bool] | None:
    """Asks until every store has spoken. Where the service is busy: when to ask anew, and whether a panel came."""
    spans: Spans = {}
    SPANS.set(spans)
    began, lookup = time.monotonic(), None
    for poll in range(ROUNDS):
        asked = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                status, headers, found = await post(app, tenant, {**body, "lookup": lookup})
        except TimeoutError:
            tally.failed["late"] += 1
            return None
        tally.answered.append(time.monotonic() - asked)
        if status in {429, 503} and "retry-after" in headers:
            tally.refused[status, found["error"]["code"]] += 1
            return float(headers["retry-after"]), poll > 0
        if status != 200:
            tally.lost += 1
            return None
        if poll == 0:
            tally.first.append(time.monotonic() - began)
        tally.crossed += _crossed(tenant, email, found)
        tally.anew += poll > 0 and found["lookup"] != lookup
        if found["complete"]:
            tally.whole.append(time.monotonic() - began)
            if poll == 0 and spans:
                slowest = max(last - first for first, last in spans.values())
                tally.added.append(tally.whole[-1] - slowest)
            tally.shown += bool(found["orders"])
            tally.states.update(source["state"] for source in found["sources"])
            return None
        lookup = found["lookup"]
        await asyncio.sleep(PAUSE_S)
    tally.lost += 1
    return None


def _crossed(tenant: int, email: str, found: Any) -> int:
    """How many records and orders of an answer are another's."""
    records = found["customer"]["records"] if found["customer"] else []
    rows = [(record["store"], record["id"]) for record in records]
    rows += [(each["store"], each["number"]) for each in found["orders"]]
    return sum(str(number(f"t{tenant}-{store.lower()}.example", email)) != told for store, told in rows)


async def storm(
    app: ASGIApp,
    plan: Sequence[tuple[int, str]],
    at_once: int,
    tally: Tally,
    now_and_then: Callable[[int], None] = lambda _: None,
    within: float = 0.0,
) -> None:
    """All the tickets of a plan, so many at a time; `now_and_then` hears of each one's number as it begins.

    The first ones are opened `within` so many seconds: agents who are told to come back in a second do not do so in
    step.
    """
    todo = iter(enumerate(plan))

    async def work() -> None:
        await asyncio.sleep(random.uniform(0, within))
        for at, (tenant, email) in todo:
            now_and_then(at)
            await ticket(app, tenant, email, tally)

    await asyncio.gather(*(work() for _ in range(at_once)))


def share(values: Sequence[float], at: float) -> float:
    """A percentile, in milliseconds."""
    return 1000 * sorted(values)[int(at * (len(values) - 1))] if values else 0.0
