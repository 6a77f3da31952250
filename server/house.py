"""Everything that a request needs, put together once from the settings: tenants, connections, cache, lookups."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from . import privacy, ticket, words
from .auth import Agent
from .errors import RequestError, StoreError
from .lookup import Connection, Lookup, Lookups
from .metrics import Meter
from .model import Order, Source, Store, Summary
from .settings import Limits, Settings, StoreSettings, TenantSettings
from .summary import summarise
from .upstream.cache import Answers
from .upstream.client import Client
from .upstream.guard import Guard


@dataclass(frozen=True, slots=True)
class House:
    """One process's state under one version of the settings. `now` is in Unix seconds."""

    base_url: str
    limits: Limits
    tenants: Mapping[str, TenantSettings]
    connections: Mapping[str, tuple[Connection, ...]]
    answers: Answers
    lookups: Lookups
    meter: Meter
    now: Callable[[], float]
    open: bool = True

    async def answer(self, agent: Agent, ask: ticket.Ask, *, arrived: float, deadline: float) -> Summary:
        """What this agent may see of the ticket's customer by now; waits as long as was asked for.

        `arrived` and `deadline` are the loop's clock. Raises `RequestError` where too much runs already.
        """
        wait_ms = self.limits.first_answer_ms if ask.wait_ms is None else ask.wait_ms
        lookup = self._lookup(agent, ask, arrived, deadline)
        await lookup.wait(min(arrived + wait_ms / 1000, deadline))
        return privacy.guard(self._summarised(lookup), self.tenants[agent.tenant].policy)

    async def opened(self, agent: Agent, ask: ticket.AskOrder, *, arrived: float, deadline: float) -> Summary:
        """The same with one order, and everything that its store tells of it.

        Raises `RequestError`: 404 where the ticket's customer has no such order, as far as this agent may see,
        503 where the store did not tell.
        """
        lookup = self._lookup(agent, ask, arrived, deadline)
        await lookup.wait(deadline)
        summary, policy = self._summarised(lookup), self.tenants[agent.tenant].policy
        shown = next((each for each in summary.orders if each.order.id == ask.order), None)
        if shown is None:
            raise RequestError(404, "no_such_order", "The panel shows no such order any more.", field="order")
        order = shown.order
        if order.later - policy.hide:
            try:
                order = await lookup.detail(order, deadline)
            except StoreError as failure:
                raise _silent(order, failure) from None
        return privacy.guard(replace(summary, orders=(replace(shown, order=order),), flags=()), policy)

    def _summarised(self, lookup: Lookup) -> Summary:
        return summarise(lookup, self.limits.orders, datetime.fromtimestamp(self.now(), UTC))

    def _lookup(self, agent: Agent, ask: ticket.Ask, arrived: float, deadline: float) -> Lookup:
        """The lookup that the app comes back to, or a new one."""
        tenant = self.tenants[agent.tenant]
        facts = ticket.facts(ask, capped=tenant.zendesk is not None)
        key = _key(agent.tenant, ask)
        lookup = self.lookups.find(ask.lookup, key)
        if lookup is None:
            lookup = Lookup(
                self.lookups.admit(agent.tenant),
                agent.tenant,
                facts,
                self.connections[agent.tenant],
                self.answers,
                limit=self.limits.orders,
                refresh=ask.refresh,
                first_answer_at=arrived + self.limits.first_answer_ms / 1000,
                deadline=deadline,
            )
            self.lookups.keep(key, lookup)
        return lookup


def build(
    settings: Settings,
    pool: httpx.AsyncClient,
    *,
    meter: Meter,
    ids: Callable[[], str],
    now: Callable[[], float] = time.time,
) -> House:
    """A house for these settings; its connections use `pool`."""
    limits = settings.limits
    return House(
        base_url=settings.service.base_url,
        limits=limits,
        tenants=settings.tenants,
        connections={
            name: tuple(connect(item, pool, now) for item in tenant.stores) for name, tenant in settings.tenants.items()
        },
        answers=Answers(now, found_s=limits.cache_found_s, nothing_s=limits.cache_nothing_s),
        lookups=Lookups(ids, keep_s=2 * limits.deadline_ms / 1000),
        meter=meter,
        now=now,
    )


def connect(item: StoreSettings, pool: httpx.AsyncClient, now: Callable[[], float]) -> Connection:
    """A store ready to be asked."""
    connector = item.connector(item.store.name, item.config, now=now)
    return Connection(
        store=item.store,
        connector=connector,
        guard=Guard(Client(pool, connector), connector.calls_at_once, connector.rates),
        fingerprint=_fingerprint(item.store, item.config.model_dump()),
    )


def _silent(order: Order, failure: StoreError) -> RequestError:
    """A store that did not tell more of an order, in words for the agent."""
    source = Source(order.store, order.platform, failure.state, about=failure.about)
    said = words.source(source, words.voice(None, None, datetime.fromtimestamp(0, UTC)))
    wait = failure.about.get("retry_after")
    seconds = max(math.ceil(wait), 1) if isinstance(wait, int | float) else None
    return RequestError(503, f"store_{failure.state}", f"{order.store} {said}.", retry_after=seconds)


def _fingerprint(store: Store, config: Mapping[str, Any]) -> str:
    """Changes with the store's settings, its secrets included, and reveals none of them."""
    plain = {name: getattr(value, "get_secret_value", lambda value=value: value)() for name, value in config.items()}
    text = json.dumps([store.name, store.platform, plain], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _key(tenant: str, ask: ticket.Ask) -> object:
    """What makes two requests ask for the same lookup: everything but how long they wait."""
    return tenant, ask.ticket, ask.requester, ask.chosen
