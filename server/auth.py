"""Signed token -> Agent. Everything else is a 401 with a code of its own.

The way in is chosen by the tenant's settings and never by the token's header (RFC 8725 §3.1). `proxied`: HS256
with the installation's shared secret. Zendesk signs whatever claims browser code hands it, so a good signature
proves the installation and nothing about the person: no claim is used for anything but the checks below.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from .errors import TokenError
from .settings import Proxied, TenantSettings

MAX_TOKEN_BYTES = 8 * 1024
MAX_LIFETIME_S = 120
LEEWAY_S = 30
"""Clocks differ: `exp` and `iat` may be off by this much."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks: an installation of a tenant; `user` is set only where Zendesk itself proved it."""

    tenant: str
    how: str
    user: str | None = None


def verify(header: str | None, tenants: Mapping[str, TenantSettings], audience: str, now: float) -> Agent:
    """The agent behind an `Authorization` header. `now` is in Unix seconds. Raises `TokenError`."""
    token = _bearer(header)
    header_part, claims = _unproven(token)
    tenant = tenants.get(_string(claims, "iss"))
    if tenant is None:
        raise TokenError("token_issuer", "No account is set up under the token's issuer.")
    if not isinstance(tenant.auth, Proxied):
        raise TokenError("token_method", "This account does not use tokens signed through Zendesk's proxy.")
    if header_part.get("alg") != "HS256":
        raise TokenError("token_algorithm", "The token is not signed with HS256.")
    _signed(token, [secret.get_secret_value() for secret in tenant.auth.secrets])
    if _string(claims, "aud") != audience:
        raise TokenError("token_audience", "The token is meant for another service.")
    _in_time(claims, now)
    return Agent(tenant=tenant.subdomain, how="proxied")


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenError("token_missing", "The request carries no bearer token.")
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenError("token_too_large", "The token is larger than any that Zendesk signs.")
    return token


def _unproven(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims before proof: only good for finding the secret to prove them with."""
    if not _COMPACT.fullmatch(token):
        raise TokenError("token_malformed", "The token is not a signed JWT.")
    header, claims, _ = token.split(".")
    return _object(header), _object(claims)


_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""JWS compact serialisation (RFC 7515 §7.1), base64url without padding."""


def _object(part: str) -> dict[str, Any]:
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        value = json.loads(raw, object_pairs_hook=_no_twins)
    except (binascii.Error, ValueError, RecursionError):
        raise TokenError("token_malformed", "The token is not a signed JWT.") from None
    if not isinstance(value, dict):
        raise TokenError("token_malformed", "The token is not a signed JWT.")
    return value


def _no_twins(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Two parsers may disagree on which of two equal names counts, so none does (RFC 7519 §4)."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value


def _signed(token: str, secrets: Sequence[str]) -> None:
    """Time and audience are checked by our own, stricter rules; PyJWT proves the signature."""
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
    for secret in secrets:
        try:
            jwt.decode(token, secret, algorithms=["HS256"], options=options)
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError:
            raise TokenError("token_malformed", "The token is not a signed JWT.") from None
        return
    raise TokenError("token_signature", "The token is not signed with this account's secret.")


def _string(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if value is None:
        raise TokenError("token_claim_missing", f"The token lacks {name}.")
    if not isinstance(value, str):
        raise TokenError("token_claim_type", f"The token's {name} must be a string.")
    return value


def _instant(claims: Mapping[str, object], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise TokenError("token_claim_type", f"The token's {name} must be a number of seconds.")
    return float(value)


def _in_time(claims: Mapping[str, object], now: float) -> None:
    expires, issued, earliest = (_instant(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None:
        raise TokenError("token_claim_missing", "The token lacks exp.")
    if expires <= now - LEEWAY_S:
        raise TokenError("token_expired", "The token has expired.")
    if max(issued or 0, earliest or 0) > now + LEEWAY_S:
        raise TokenError("token_not_yet_valid", "The token is not valid yet; is this machine's clock right?")
    lifetime = expires - (issued if issued is not None else now)
    if lifetime > MAX_LIFETIME_S:
        raise TokenError("token_lifetime", f"The token lives longer than {MAX_LIFETIME_S} seconds.")
