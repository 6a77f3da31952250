"""Signed token -> Agent. Everything else is a 401 with a code of its own.

Three kinds of token open something. Which one is due is decided by the route and by the account's settings, never by
the token's header (BCP 225, RFC 8725 §3.1).

- `proxied`: HS256 with the installation's shared secret. Zendesk signs whatever claims browser code hands it, so a good
  signature proves the installation and nothing about the person: no claim is used for anything but the checks below.
- The start token of a signed URL: RS256 by Zendesk itself, good once. It proves installation and agent.
- Our own bearer, for the page that a start token opened: HS256 with a key that only this account and installation have.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cachetools import TTLCache

from .errors import RequestError, TokenError
from .settings import TenantSettings
from .ways import Proxied, SignedUrl

MAX_TOKEN_BYTES = 8 * 1024
MAX_LIFETIME_S = 120
LEEWAY_S = 30
"""Clocks differ: `exp` and `iat` may be off by this much."""

START_AGE_S = 300
"""Zendesk posts a start token as soon as it has signed it; an older one is a reloaded frame, or stolen."""

START_LIFETIME_S = 3600
"""Zendesk does not say how long its start tokens live. Whatever they say, they are taken for `START_AGE_S`."""

BEARER_S = 900
SESSION_S = 8 * 3600
"""A bearer can be renewed for a working day; then Zendesk has to vouch for the agent again."""

SESSION = "orderside-session+jwt"
"""The `typ` of our own (RFC 8725 §3.11)."""

USER = re.compile(r"[1-9][0-9]{0,18}")
LOCATIONS = ("ticket_sidebar", "new_ticket_sidebar")


@dataclass(frozen=True, slots=True)
class Agent:
    """Who asks: an installation of a tenant; `user` and `since` (Unix seconds) only where Zendesk proved him."""

    tenant: str
    how: str
    user: str | None = None
    since: float | None = None


class Once:
    """The start tokens that were used, for as long as they could be used again. Every process has its own."""

    def __init__(self, now: Callable[[], float], most: int = 65_536) -> None:
        self._used: TTLCache[bytes, bool] = TTLCache(most, START_AGE_S + 2 * LEEWAY_S, now)

    def take(self, token: str) -> None:
        """Marks a proven token as used. Raises `TokenError` where it was, 503 where too many are to be remembered."""
        what_is_signed = hashlib.sha256(token.rpartition(".")[0].encode()).digest()
        if what_is_signed in self._used:
            raise TokenError("token_used", "The token was used already.")
        if self._used.currsize >= self._used.maxsize:
            raise RequestError(503, "busy", "Too many panels were opened at once.", retry_after=LEEWAY_S)
        self._used[what_is_signed] = True


# -- questions --------------------------------------------------------------------------------------------


def verify(header: str | None, tenants: Mapping[str, TenantSettings], audience: str, now: float) -> Agent:
    """The agent behind an `Authorization` header. `now` is in Unix seconds. Raises `TokenError`."""
    token = _bearer(header)
    head, claims = _unproven(token)
    tenant = tenants.get(_string(claims, "iss"))
    if tenant is None:
        raise TokenError("token_issuer", "No account is set up under the token's issuer.")
    _algorithm(head, "HS256")
    if isinstance(tenant.auth, Proxied):
        _signed(token, "HS256", [secret.get_secret_value() for secret in tenant.auth.secrets])
        _audience(claims, audience)
        _in_time(claims, now, MAX_LIFETIME_S)
        return Agent(tenant=tenant.subdomain, how="proxied")
    _signed(token, "HS256", tenant.sessions)
    if head.get("typ") != SESSION:
        raise TokenError("token_type", "The token is no session of this service.")
    _audience(claims, audience)
    _in_time(claims, now, BEARER_S)
    return Agent(tenant.subdomain, "signed_url", user=_string(claims, "sub"), since=_demanded(claims, "since"))


def bearer(agent: Agent, tenant: TenantSettings, audience: str, now: float) -> str:
    """A bearer for an agent whom Zendesk proved, for `BEARER_S` or until his session ends. Raises `TokenError`."""
    if agent.since is None:
        raise TokenError("token_method", "This account's app asks through Zendesk's proxy; it has no sessions.")
    claims = {
        "iss": tenant.subdomain,
        "aud": audience,
        "sub": agent.user,
        "iat": int(now),
        "exp": int(min(now + BEARER_S, agent.since + SESSION_S)),
        "since": agent.since,
    }
    return jwt.encode(claims, tenant.sessions[0], algorithm="HS256", headers={"typ": SESSION})


# -- signed URLs ------------------------------------------------------------------------------------------


def account(token: str, tenants: Mapping[str, TenantSettings]) -> TenantSettings:
    """The account that a start token names: only good for finding the key to prove it with. Raises `TokenError`."""
    _, claims = _unproven(token)
    issuer = _string(claims, "iss")
    tenant = tenants.get(issuer.removesuffix(".zendesk.com"))
    if tenant is None or issuer != f"{tenant.subdomain}.zendesk.com":
        raise TokenError("token_issuer", "No account is set up under the token's issuer.")
    return tenant


def start(token: str, tenant: TenantSettings, now: float, once: Once) -> Agent:
    """The agent for whom Zendesk opens the app; `tenant` as `account` found it. Raises `TokenError`."""
    head, claims = _unproven(token)
    if not isinstance(tenant.auth, SignedUrl):
        raise TokenError("token_method", "This account's app asks through Zendesk's proxy; it is not served from here.")
    if tenant.auth.key is None:
        raise TokenError("token_setup", "This account's public key and installation id are not set up yet.")
    _algorithm(head, "RS256")
    _signed(token, "RS256", [tenant.auth.key])
    zendesk = f"https://{tenant.subdomain}.zendesk.com/api/v2"
    _audience(claims, f"{zendesk}/apps/installations/{tenant.auth.installation_id}.json")
    _in_time(claims, now, START_LIFETIME_S)
    if _demanded(claims, "iat") <= now - START_AGE_S - LEEWAY_S:
        raise TokenError("token_expired", "The token is too old to open a panel.")
    context = claims.get("context")
    if not isinstance(context, dict) or context.get("product") != "support" or context.get("location") not in LOCATIONS:
        raise TokenError("token_context", "The token is not for an app beside a ticket.")
    path, _, user = _string(claims, "sub").rpartition("/")
    if path != f"{zendesk}/users" or not USER.fullmatch(user):
        raise TokenError("token_subject", "The token does not name an agent of this account.")
    once.take(token)
    return Agent(tenant.subdomain, "signed_url", user=user, since=now)


# -- what they share --------------------------------------------------------------------------------------


def _bearer(header: str | None) -> str:
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenError("token_missing", "The request carries no bearer token.")
    return token


def _unproven(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims before proof: only good for finding the secret to prove them with."""
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenError("token_too_large", "The token is larger than any that Zendesk signs.")
    if not _COMPACT.fullmatch(token):
        raise TokenError("token_malformed", "The token is not a signed JWT.")
    head, claims, _ = map(_decoded, token.split("."))
    return _object(head), _object(claims)


_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""JWS compact serialisation (RFC 7515 §7.1), base64url without padding."""


def _decoded(part: str) -> bytes:
    """One spelling only: the last letter's spare bits are nought (RFC 4648 §3.5)."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error:
        raw = b""
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise TokenError("token_malformed", "The token is not a signed JWT.")
    return raw


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TokenError("token_malformed", "The token is not a signed JWT.")
    return value


def _no_twins(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """Two parsers may disagree on which of two equal names counts, so none does (RFC 7519 §4)."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value


def _algorithm(head: Mapping[str, object], due: str) -> None:
    if head.get("alg") != due:
        raise TokenError("token_algorithm", f"The token is not signed with {due}.")


def _signed(token: str, algorithm: str, keys: Sequence[Any]) -> None:
    """Time and audience are checked by our own, stricter rules; PyJWT proves the signature."""
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
    options["enforce_minimum_key_length"] = True
    for key in keys:
        try:
            jwt.decode(token, key, algorithms=[algorithm], options=options)
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError:
            raise TokenError("token_malformed", "The token is not a signed JWT.") from None
        return
    raise TokenError("token_signature", "The token is not signed for this account.")


def _audience(claims: Mapping[str, object], due: str) -> None:
    if _string(claims, "aud") != due:
        raise TokenError("token_audience", "The token is meant for another service or installation.")


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


def _demanded(claims: Mapping[str, object], name: str) -> float:
    value = _instant(claims, name)
    if value is None:
        raise TokenError("token_claim_missing", f"The token lacks {name}.")
    return value


def _in_time(claims: Mapping[str, object], now: float, longest: int) -> None:
    expires, issued, earliest = _demanded(claims, "exp"), _instant(claims, "iat"), _instant(claims, "nbf")
    if expires <= now - LEEWAY_S:
        raise TokenError("token_expired", "The token has expired.")
    if max(issued or 0, earliest or 0) > now + LEEWAY_S:
        raise TokenError("token_not_yet_valid", "The token is not valid yet; is this machine's clock right?")
    lifetime = expires - (issued if issued is not None else now)
    if lifetime > longest:
        raise TokenError("token_lifetime", f"The token lives longer than {longest} seconds.")
