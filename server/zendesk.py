"""What Zendesk itself says of a ticket and its requester, read by the service with the tenant's read-only account.

A tenant that sets `[tenant.zendesk]` believes nothing else about who is writing: the browser's copy only starts the
lookup early. Four GETs at once, each below the account's own origin; nothing is written, nothing kept for longer than
`KEEP_S`. (API: tickets, users, user_identities, ticket_comments.)
"""

import asyncio
import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cachetools import TTLCache
from msgspec.structs import replace

from .connectors.base import Request, Response, raise_for_status
from .errors import Changed, StoreError
from .model import Facts
from .ticket import Ask, facts, read
from .upstream.client import Client

PATIENCE_S = 2.0
"""How long one reading may take, whoever waits for it."""
KEEP_S = 30.0
ROLES_S = 300.0
"""For how long an agent keeps the roles that Zendesk told: less than it takes to be surprised by it."""
MOST_KEPT = 1024
COMMENTS = 100

ROLE_TYPES = {1: "light_agent", 2: "chat_agent", 3: "contributor", 5: "billing_admin"}
"""`role_type` of a user, where it says more than his `role` (API: users)."""

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """A Zendesk account as something that can be called; see `upstream.client.Target`."""

    origin: str
    token_origin: str | None = None
    read_posts: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reader:
    """Reads one account. Readings of one ticket are shared by everybody who asks for them at a time."""

    client: Client
    email: str
    token: str = field(repr=False)
    _kept: TTLCache[tuple[int, int], asyncio.Task[Facts]] = field(init=False)
    _roles: TTLCache[str, asyncio.Task[tuple[str, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        self._kept = TTLCache(MOST_KEPT, KEEP_S, time.monotonic)
        self._roles = TTLCache(MOST_KEPT, ROLES_S, time.monotonic)

    def begin(self, told: Facts, *, refresh: bool) -> asyncio.Task[Facts] | None:
        """The reading for a ticket, running or done; `None` for one that Zendesk cannot know yet.

        Its result are facts that Zendesk vouches for; it raises a `StoreError` where Zendesk did not answer, or knows
        another requester than the browser told.
        """
        ticket, requester = told.ticket.id, told.requester.id
        if ticket is None or requester is None:
            return None
        known = self._kept.get((ticket, requester))
        if known is None or _failed(known) or (refresh and known.done()):
            known = asyncio.create_task(self._read(told, ticket, requester))
            known.add_done_callback(_seen)
            self._kept[ticket, requester] = known
        return known

    def roles(self, user: str) -> asyncio.Task[tuple[str, ...]]:
        """The reading of an agent's roles, the narrowest first: a custom role's id, then Zendesk's own names.

        It raises a `StoreError` where Zendesk did not answer, or knows no such agent.
        """
        known = self._roles.get(user)
        if known is None or _failed(known):
            known = asyncio.create_task(self._read_roles(user))
            known.add_done_callback(_seen)
            self._roles[user] = known
        return known

    @property
    def running(self) -> tuple["asyncio.Task[object]", ...]:
        """The readings that still run."""
        return tuple(task for task in (*self._kept.values(), *self._roles.values()) if not task.done())

    async def stop(self) -> None:
        """Ends every reading that still runs."""
        running = self.running
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _read(self, told: Facts, ticket: int, requester: int) -> Facts:
        comments = f"/api/v2/tickets/{ticket}/comments.json"
        query = (("include", "users"), ("sort_order", "desc"), ("per_page", str(COMMENTS)))
        parts = await asyncio.gather(
            self._get(f"/api/v2/tickets/{ticket}.json"),
            self._get(f"/api/v2/users/{requester}.json"),
            self._get(f"/api/v2/users/{requester}/identities.json"),
            self._get(comments, query),
        )
        return _facts(told, requester, *parts)

    async def _read_roles(self, user: str) -> tuple[str, ...]:
        who = _part(await self._get(f"/api/v2/users/{user}.json"), "user")
        if str(who.get("id")) != user or who.get("role") not in {"agent", "admin"}:
            raise Changed("agent")
        custom, kind = who.get("custom_role_id"), who.get("role_type")
        named = ROLE_TYPES.get(kind) if isinstance(kind, int) else None
        return tuple(dict.fromkeys(str(role) for role in (custom, named, who["role"]) if role is not None))

    async def _get(self, path: str, query: tuple[tuple[str, str], ...] = ()) -> Json:
        secret = base64.b64encode(f"{self.email}/token:{self.token}".encode()).decode()
        request = Request(path, query, headers={"authorization": f"Basic {secret}"})
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        return _object(await self.client.call(request, deadline))


def _seen(task: asyncio.Task[T]) -> None:
    if not task.cancelled():
        task.exception()


def _failed(task: asyncio.Task[T]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _object(response: Response) -> Json:
    raise_for_status(response)
    value = response.json()
    if not isinstance(value, dict):
        raise Changed("payload")
    return value


def _facts(told: Facts, requester: int, ticket: Json, user: Json, identities: Json, comments: Json) -> Facts:
    """Zendesk's own words in the shape that the app posts, checked by the same rules."""
    what, who = _part(ticket, "ticket"), _part(user, "user")
    if what.get("requester_id") != requester or who.get("id") != requester:
        raise Changed("requester")
    given = {
        "ticket.id": told.ticket.id,
        "ticket.subject": what.get("subject"),
        "ticket.via.channel": _maybe(what, "via").get("channel"),
        "ticket.via.source.from": _maybe(_maybe(_maybe(what, "via"), "source"), "from"),
        "ticket.brand.name": told.ticket.brand,
        "ticket.tags": list(told.ticket.tags),
        "ticket.requester.id": requester,
        "ticket.requester.name": who.get("name"),
        "ticket.requester.email": who.get("email"),
        "ticket.requester.externalId": who.get("external_id"),
        "ticket.requester.locale": who.get("locale"),
        "ticket.requester.timeZone": who.get("iana_time_zone"),
        "identities": _rows(identities, "identities"),
        "comments": _rows(comments, "comments"),
        "users": [*_rows(comments, "users"), who],
        "ticket": {"custom_fields": _rows(what, "custom_fields", missing=True)},
    }
    try:
        own = facts(read(json.dumps({"zendesk": given}).encode(), Ask), capped=False, key=told.key)
    except Exception:
        raise Changed("payload") from None
    return replace(own, chosen=told.chosen, aside=told.aside, proof_from="zendesk")


def _part(body: Json, name: str) -> Json:
    part = body.get(name)
    if not isinstance(part, dict):
        raise Changed("payload")
    return part


def _maybe(body: Json, name: str) -> Json:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _rows(body: Json, name: str, *, missing: bool = False) -> list[Json]:
    rows = body.get(name)
    if rows is None and missing:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Changed("payload")
    return rows


async def settled(reading: asyncio.Task[T], until: float) -> T | StoreError | None:
    """What a reading brought by `until` (the loop's clock): its result, its failure, or nothing yet."""
    await asyncio.wait([reading], timeout=max(until - asyncio.get_running_loop().time(), 0))
    if not reading.done():
        return None
    if reading.cancelled():
        return Changed("stopped")
    failure = reading.exception()
    if failure is None:
        return reading.result()
    return failure if isinstance(failure, StoreError) else Changed("defect")
