"""`[budget]`: the server on which replicas count their calls to a store together, if there is one."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, model_validator

from .errors import SettingsError
from .tables import Table
from .upstream.guard import Ledger


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError("must be redis://HOST:PORT/NUMBER, or rediss:// for TLS")
    if "@" in parts.netloc:
        raise ValueError("must not hold a name or password; put that into password, by reference")
    return url


class Budget(Table):
    """`[budget]`: a Valkey or Redis server, and its password by reference."""

    server: Annotated[str, AfterValidator(_address)]
    password: SecretStr | None = None

    @model_validator(mode="after")
    def _secret_on_the_way(self) -> "Budget":
        parts = urlsplit(self.server)
        if self.password is not None and parts.scheme == "redis" and not _loopback(parts.hostname or ""):
            raise ValueError("server: a password goes over TLS only: rediss://")
        return self


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ledger(budget: Budget | None, clock: Callable[[], float], alone: Callable[[], object]) -> Ledger | None:
    """Where all replicas count, once for a process; `alone` is told of each call on which that had no word.

    Raises `SettingsError` where the client's package is not installed.
    """
    if budget is None:
        return None
    try:
        from .upstream.ledger import SharedLedger
    except ImportError:
        raise SettingsError('[budget]: needs the package redis: pip install "orderside[budget]"') from None
    password = None if budget.password is None else budget.password.get_secret_value()
    return SharedLedger(budget.server, password, clock, alone)
