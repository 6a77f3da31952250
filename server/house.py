"""Everything that a request needs, put together once from the settings: tenants, connections, cache, lookups."""

import hashlib
import json
import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .attention import calendar
from .auth import Once
from .lookup import Connection
from .metrics import Meter
from .model import Store
from .quota import Quota
from .register import Lookups
from .repeats import Repeats
from .settings import Limits, Settings, StoreSettings, TenantSettings, Zendesk
from .upstream.cache import Answers
from .upstream.client import Client
from .upstream.guard import MAX_CALLS, Guard, Ledger, Shared
from .upstream.health import Health
from .upstream.room import Room
from .upstream.transport import Pool
from .zendesk import Account, Reader


@dataclass(frozen=True, slots=True)
class House:
    """One process's state under one version of the settings. `now` is in Unix seconds."""

    base_url: str
    limits: Limits
    tenants: Mapping[str, TenantSettings]
    connections: Mapping[str, tuple[Connection, ...]]
    calls: Room
    subscriptions: dict[str, Shared]
    answers: Answers
    lookups: Lookups
    readers: Mapping[str, Reader]
    quota: Quota
    repeats: Repeats
    meter: Meter
    once: Once
    now: Callable[[], float]
    open: bool = True

    @property
    def reading(self) -> bool:
        """Whether anything is still read from Zendesk."""
        return any(reader.running for reader in self.readers.values())

    async def stop(self) -> None:
        """Ends what still runs."""
        await self.lookups.stop()
        for reader in self.readers.values():
            await reader.stop()


def build(
    settings: Settings,
    pool: Pool,
    *,
    meter: Meter,
    ids: Callable[[], str],
    now: Callable[[], float] = time.time,
    own_secret: bytes | None = None,
    before: House | None = None,
    ledger: Ledger | None = None,
) -> House:
    """A house for these settings; its connections use `pool`. `own_secret` signs sessions where the settings name none.

    What was known under the settings `before` goes on: running lookups, answers kept, limits counted, tokens used, and
    of every store whose settings are the same its pauses, rates and access tokens.
    """
    limits, calls = settings.limits, before.calls if before else Room(MAX_CALLS)
    subscriptions = before.subscriptions if before else {}
    named = [secret.get_secret_value().encode() for secret in settings.service.session_secrets or ()]
    session_secrets = named or [own_secret or secrets.token_bytes(32)]
    answers = before.answers if before else Answers(now)
    answers.keep_for(found_s=limits.cache_found_s, nothing_s=limits.cache_nothing_s)
    lookups, quota = before.lookups if before else Lookups(ids), before.quota if before else Quota()
    zendesk = {name: tenant.zendesk for name, tenant in settings.tenants.items() if tenant.zendesk}
    return House(
        base_url=settings.service.base_url,
        limits=limits,
        tenants={name: tenant.with_sessions(session_secrets) for name, tenant in settings.tenants.items()},
        connections={
            name: tuple(
                _go_on(
                    connect(item, pool, now, name, calls, ledger, subscriptions),
                    before.connections.get(name, ()) if before else (),
                )
                for item in tenant.stores
            )
            for name, tenant in settings.tenants.items()
        },
        calls=calls,
        subscriptions=subscriptions,
        answers=answers,
        lookups=lookups,
        readers={name: _reader(name, account, pool, before) for name, account in zendesk.items()},
        quota=quota,
        repeats=Repeats(answers, lookups, quota, meter, now, never=frozenset(zendesk)),
        meter=meter,
        once=before.once if before else Once(now),
        now=now,
    )


def connect(
    item: StoreSettings,
    pool: Pool,
    now: Callable[[], float],
    tenant: str = "?",
    calls: Room | None = None,
    ledger: Ledger | None = None,
    subscriptions: dict[str, Shared] | None = None,
) -> Connection:
    """A store ready to be asked.

    `tenant` is its account, `calls` the room that it shares with the others, `ledger` where replicas count together,
    `subscriptions` what stores of one subscription share; a new one is added.
    """
    connector = item.connector(item.store.name, item.config, now=now)
    shared, by = None, connector.subscription
    if by is not None:
        shared = ({} if subscriptions is None else subscriptions).setdefault(by.key, Shared(Room(by.calls_at_once)))
    calendar(item.store.country)  # its tables are loaded now, and not while the first agent waits
    return Connection(
        store=item.store,
        connector=connector,
        guard=Guard(
            Client(pool, connector),
            connector.calls_at_once,
            connector.rates,
            tenant,
            calls or Room(MAX_CALLS),
            ledger=ledger,
            name=item.store.name,
            headroom=connector.headroom,
            subscription=shared,
            refusal=connector.refusal,
        ),
        fingerprint=_fingerprint(item.store, item.config.model_dump()),
        health=Health({"tenant": tenant, "store": item.store.name, "platform": item.store.platform}),
        patience_s=math.inf if item.deadline_ms is None else item.deadline_ms / 1000,
    )


def _go_on(new: Connection, known: tuple[Connection, ...]) -> Connection:
    """The store with its new country and brands, and with what is known of it if it is asked as before."""
    same = next((each for each in known if each.fingerprint == new.fingerprint), None)
    return new if same is None else replace(same, store=new.store, patience_s=new.patience_s)


def _reader(subdomain: str, zendesk: Zendesk, pool: Pool, before: House | None) -> Reader:
    if before is not None and (known := before.tenants.get(subdomain)) and known.zendesk == zendesk:
        return before.readers[subdomain]
    account = Account(zendesk.origin or f"https://{subdomain}.zendesk.com")
    return Reader(Client(pool, account), zendesk.email, zendesk.token.get_secret_value())


def _fingerprint(store: Store, config: Mapping[str, Any]) -> str:
    """Changes with the store's settings, its secrets included, and reveals none of them."""
    plain = {name: getattr(value, "get_secret_value", lambda value=value: value)() for name, value in config.items()}
    text = json.dumps([store.name, store.platform, plain], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
