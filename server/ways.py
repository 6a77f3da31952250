"""The two ways in, `[tenant.auth]`: through Zendesk's proxy with a shared secret, or by a URL that Zendesk signs."""

import hmac
from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from pydantic import AfterValidator, Field, SecretStr, model_validator

from .connectors.base import Origin
from .tables import Table

MIN_SECRET_BYTES = 32
"""RFC 7518 §3.2: a key of the size of the hash output or larger must be used with HS256."""

MIN_KEY_BITS = 2048
"""RFC 7518 §3.3: a key of this size or larger must be used with RS256."""


def _long_enough(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if any(len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES for secret in secrets):
        raise ValueError(f"each must have at least {MIN_SECRET_BYTES} bytes; `orderside secret` makes one")
    return secrets


def _usable(pem: SecretStr) -> SecretStr:
    _rsa(pem)
    return pem


def _rsa(pem: SecretStr) -> RSAPublicKey:
    """Of PEM and nothing else: a JWK could say more about a key than we would check. Raises `ValueError`."""
    try:
        key = load_pem_public_key(pem.get_secret_value().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("must be the app's public key, in PEM as Zendesk gives it out") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < MIN_KEY_BITS:
        raise ValueError(f"must be an RSA key of at least {MIN_KEY_BITS} bits")
    return key


def _on_loopback(origin: str) -> str:
    if urlsplit(origin).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError("must be a loopback address: it is for a stand-in")
    return origin


Secrets = Annotated[tuple[SecretStr, ...], Field(min_length=1, max_length=2), AfterValidator(_long_enough)]
"""One, or two while rotating: the first signs, either opens."""


class Proxied(Table):
    """For the app in the zip: the installation's secret, or two while rotating."""

    method: Literal["proxied"]
    secrets: Secrets


class SignedUrl(Table):
    """For the app that the service serves: the app's public key, and the installation that its tokens must name.

    Both exist only once the app is installed; until they stand here nobody is let in. `origin` is where the account's
    pages are, if not at `https://SUBDOMAIN.zendesk.com` (a stand-in on loopback).
    """

    method: Literal["signed_url"]
    public_key: Annotated[SecretStr, AfterValidator(_usable)] | None = None
    installation_id: Annotated[int, Field(strict=True, ge=1)] | None = None
    origin: Annotated[Origin, AfterValidator(_on_loopback)] | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> "SignedUrl":
        if (self.public_key is None) != (self.installation_id is None):
            raise ValueError("public_key and installation_id go together")
        return self

    @cached_property
    def key(self) -> RSAPublicKey | None:
        """What proves Zendesk's tokens."""
        return _rsa(self.public_key) if self.public_key is not None else None

    def session_keys(self, subdomain: str, secrets: Iterable[bytes]) -> tuple[bytes, ...]:
        """What sessions of this account and installation are signed with, of the secrets of all sessions.

        A key of its own for each (as HKDF expands one, RFC 5869 §2.3): a session of another account or installation
        is not even signed.
        """
        whose = f"orderside session {subdomain} {self.installation_id}".encode()
        return tuple(hmac.digest(secret, whose, "sha256") for secret in secrets)
