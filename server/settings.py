"""`orderside.toml` -> `Settings`: checked whole before anything starts, secrets by reference only.

Every complaint names the table and the key, and none repeats a value: a literal secret that somebody pasted
into the file must not travel on into a log.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any

from msgspec import structs
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from .budget import Budget
from .connectors import CONNECTORS
from .connectors.base import Connector, Origin, StoreConfig
from .errors import SettingsError
from .model import Store
from .privacy import Policies
from .show import policies
from .tables import Table, a_list, a_table, keys, known_only, quoted, table, toml
from .upstream.addresses import Network, named
from .vault import Vault
from .ways import Proxied, Secrets, SignedUrl

PLATFORMS: Mapping[str, type[Connector[Any]]] = {kind.name: kind for kind in CONNECTORS}


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535:
        raise ValueError("must be HOST:PORT")
    return text


def _bare(url: object) -> object:
    if isinstance(url, str) and url.count("/") != 2:
        raise ValueError(
            "must end with the host or port: tokens have to name it exactly so, without a path or final slash"
        )
    return url


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        raise ValueError("is not a regular expression") from None
    return text


def _audit(text: str) -> str:
    if text != "stdout" and not re.fullmatch(r"file:[^\x00]+", text):
        raise ValueError('must be "stdout" or "file:PATH"')
    return text


Listen = Annotated[str, AfterValidator(_listen)]
Pattern = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_pattern)]
Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Service(Table):
    """`[service]`: where the service answers, and the address that tokens must name as their audience.

    `audit` is where the audit trail goes (into the log, if left out): a file is put aside at `audit_mb`, and
    `audit_files` of those are kept. `drain_s` is how long the service goes on answering when it is told to end,
    so that a balancer sees that it should send nothing more. `session_secrets` sign the sessions of signed URLs; left
    out, those end with the process.
    `private_networks` are those of the inside that stores may be in; all others are refused when a connection is made.
    """

    base_url: Annotated[Origin, BeforeValidator(_bare)]
    listen: Listen = "127.0.0.1:8080"
    metrics_listen: Listen | None = None
    audit: Annotated[str, AfterValidator(_audit)] | None = None
    audit_mb: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 100
    audit_files: Annotated[int, Field(strict=True, ge=0, le=1000)] = 9
    drain_s: Annotated[int, Field(strict=True, ge=0, le=60)] = 3
    session_secrets: Secrets | None = None
    private_networks: tuple[Annotated[Network, BeforeValidator(named)], ...] = ()


class Limits(Table):
    """`[limits]`: time in milliseconds or seconds, as the names say."""

    deadline_ms: Annotated[int, Field(strict=True, ge=200, le=30_000)] = 4000
    first_answer_ms: Annotated[int, Field(strict=True, ge=0, le=30_000)] = 1200
    cache_found_s: Annotated[int, Field(strict=True, ge=0, le=300)] = 60
    cache_nothing_s: Annotated[int, Field(strict=True, ge=0, le=300)] = 15
    orders: Annotated[int, Field(strict=True, ge=1, le=50)] = 10

    @model_validator(mode="after")
    def _in_order(self) -> "Limits":
        if self.first_answer_ms > self.deadline_ms:
            raise ValueError("first_answer_ms must not be later than deadline_ms")
        return self


class Zendesk(Table):
    """`[tenant.zendesk]`: a read-only account to read the requester's proof with.

    `origin` is where it answers, if that is not `https://SUBDOMAIN.zendesk.com` (a stand-in on loopback).
    """

    email: Annotated[str, Field(min_length=3, max_length=320)]
    token: SecretStr
    origin: Origin | None = None


class StoreTable(Table):
    """The keys of `[[tenant.store]]` that every platform shares; the platform's own are its `Config`."""

    name: Name
    platform: str
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    brands: tuple[Name, ...] = ()
    order_number: Pattern | None = None
    deadline_ms: Annotated[int, Field(strict=True, ge=200, le=30_000)] | None = None
    ships_within_days: Annotated[int, Field(strict=True, ge=0, le=90)] = 3


class TenantTable(Table):
    """The plain keys of `[[tenant]]`."""

    subdomain: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    external_ids: Name | None = None


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """One store: what is known before it is asked, and its platform's own settings."""

    store: Store
    connector: type[Connector[Any]]
    config: StoreConfig
    deadline_ms: int | None = None


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """One Zendesk account and its stores."""

    subdomain: str
    auth: Proxied | SignedUrl
    policies: Policies
    zendesk: Zendesk | None
    stores: tuple[StoreSettings, ...]

    sessions: tuple[bytes, ...] = field(default=(), repr=False)
    """What sessions of signed URLs are signed with: the first signs, each opens. `House` knows them."""

    @property
    def key(self) -> bytes:
        """What the marks of this account's records are made with: the same in every process that shares its secret."""
        if isinstance(self.auth, Proxied):
            secret = self.auth.secrets[0].get_secret_value().encode()
        else:
            secret = self.sessions[0]
        return blake2b(secret, person=b"orderside-mark", digest_size=32).digest()

    @property
    def origin(self) -> str:
        """Where the account's pages are: nobody else's may show ours."""
        stand_in = self.auth.origin if isinstance(self.auth, SignedUrl) else None
        return stand_in or f"https://{self.subdomain}.zendesk.com"

    def with_sessions(self, secrets: Sequence[bytes]) -> "TenantSettings":
        """The same, able to open sessions if it has signed URLs."""
        if not isinstance(self.auth, SignedUrl):
            return self
        return replace(self, sessions=self.auth.session_keys(self.subdomain, secrets))


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole file."""

    service: Service
    limits: Limits
    tenants: Mapping[str, TenantSettings]
    budget: Budget | None = None


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """The settings in `path` and the files that it includes. Raises `SettingsError`."""
    data = toml(path)
    sources = [(path, data), *((file, toml(file)) for file in _included(path.parent, data.pop("include", [])))]
    for file, included in sources[1:]:
        if extra := set(included) - {"tenant"}:
            raise SettingsError(f"{file.name}: an included file may hold [[tenant]] only, not {quoted(extra)}")
    known_only(data, {"service", "limits", "tenant", "budget"}, "top level")
    vault = Vault(environ, (path.parent,))
    tenants: dict[str, TenantSettings] = {}
    for file, source in sources:
        for raw in a_list(source.get("tenant", []), "tenant"):
            tenant = _tenant(raw, Vault(environ, (file.parent, path.parent)))
            if tenant.subdomain in tenants:
                raise SettingsError(f'[[tenant]] "{tenant.subdomain}": subdomain: stands twice')
            tenants[tenant.subdomain] = tenant
    if not tenants:
        raise SettingsError("[[tenant]]: there must be at least one")
    return Settings(
        service=table(Service, a_table(data.get("service", {}), "[service]"), "[service]", vault),
        limits=table(Limits, a_table(data.get("limits", {}), "[limits]"), "[limits]", vault),
        tenants=tenants,
        budget=table(Budget, data["budget"], "[budget]", vault) if "budget" in data else None,
    )


def _included(folder: Path, patterns: object) -> Iterator[Path]:
    """The files that `include` names. A pattern may find none yet; a plain name that finds none is a mistake."""
    for pattern in a_list(patterns, "include"):
        if not isinstance(pattern, str) or not pattern or Path(pattern).is_absolute():
            raise SettingsError("include: must hold names or patterns relative to the settings file")
        found = sorted(folder.glob(pattern))
        if not found and not re.search(r"[*?\[]", pattern):
            raise SettingsError(f"include: there is no {pattern}")
        yield from found


def _tenant(raw: object, vault: Vault) -> TenantSettings:
    data = dict(a_table(raw, "[[tenant]]"))
    parts = {key: data.pop(key, None) for key in ("auth", "zendesk", "show", "store")}
    plain = table(TenantTable, data, f'[[tenant]] "{data.get("subdomain", "?")}"', vault)
    where = f'tenant "{plain.subdomain}"'
    stores = tuple(
        _store(raw_store, plain.external_ids, where, vault)
        for raw_store in a_list(parts["store"] or [], "tenant.store")
    )
    names = [item.store.name for item in stores]
    if not stores:
        raise SettingsError(f"{where}, [[tenant.store]]: there must be at least one")
    if twice := {name for name in names if names.count(name) > 1}:
        raise SettingsError(f"{where}, [[tenant.store]]: name: {quoted(twice)} stands twice")
    if plain.external_ids is not None and plain.external_ids not in names:
        raise SettingsError(f"{where}, [[tenant]]: external_ids: no store of this tenant has that name")
    if plain.external_ids is None and len(stores) == 1:
        stores = tuple(_with_external_ids(item) for item in stores)
    zendesk = parts["zendesk"]
    auth = _auth(a_table(parts["auth"] or {}, f"{where}, [tenant.auth]"), f"{where}, [tenant.auth]", vault)
    return TenantSettings(
        subdomain=plain.subdomain,
        auth=auth,
        policies=policies(
            a_table(parts["show"] or {}, "[tenant.show]"),
            f"{where}, [tenant.show]",
            vault,
            proven=isinstance(auth, SignedUrl) and zendesk is not None,
        ),
        zendesk=None if zendesk is None else table(Zendesk, zendesk, f"{where}, [tenant.zendesk]", vault),
        stores=stores,
    )


def _auth(data: Mapping[str, Any], where: str, vault: Vault) -> Proxied | SignedUrl:
    match data.get("method"):
        case "proxied":
            return table(Proxied, data, where, vault)
        case "signed_url":
            return table(SignedUrl, data, where, vault)
    raise SettingsError(f'{where}: method: must be "proxied" or "signed_url"')


def _store(raw: object, external_ids: str | None, where: str, vault: Vault) -> StoreSettings:
    data = a_table(raw, f"{where}, [[tenant.store]]")
    where = f'{where}, [[tenant.store]] "{data.get("name", "?")}"'
    platform = data.get("platform")
    if not isinstance(platform, str) or platform not in PLATFORMS:
        raise SettingsError(f"{where}: platform: must be one of {quoted(PLATFORMS)}")
    kind = PLATFORMS[platform]
    shared = {key: value for key, value in data.items() if key in keys(StoreTable)}
    own = {key: value for key, value in data.items() if key not in shared}
    known_only(own, keys(kind.Config), where, also=keys(StoreTable))
    common = table(StoreTable, shared, where, vault)
    return StoreSettings(
        store=Store(
            name=common.name,
            platform=platform,
            asked_by=kind.asked_by,
            order_number=common.order_number or kind.order_number,
            country=common.country,
            brands=common.brands,
            carries_external_ids=external_ids == common.name,
            ships_within_days=common.ships_within_days,
        ),
        connector=kind,
        config=table(kind.Config, own, where, vault),
        deadline_ms=common.deadline_ms,
    )


def _with_external_ids(item: StoreSettings) -> StoreSettings:
    """An account's only store is the one whose customer ids Zendesk's `external_id` carries."""
    return replace(item, store=structs.replace(item.store, carries_external_ids=True))
