"""OAuth 1.0a (RFC 5849) without a user's token: who asks is told by a key, and proven by a signature."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote


def signed(url: str, query: Mapping[str, str], key: str, secret: str, *, now: float, nonce: str) -> dict[str, str]:
    """`query` for a GET of `url` with the parameters that prove `key`; `secret` itself is not in it.

    Signed with HMAC-SHA256, which RFC 5849 does not name but WooCommerce and Magento accept.
    """
    whole = {
        **query,
        "oauth_consumer_key": key,
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(now)),
    }
    return {**whole, "oauth_signature": signature("GET", url, whole, secret)}


def signature(method: str, url: str, query: Mapping[str, str], secret: str) -> str:
    """RFC 5849 §3.4. The other side makes its own from the address it believes it has, letter for letter."""
    pairs = "&".join(f"{_escaped(name)}={_escaped(query[name])}" for name in sorted(query))
    base = "&".join(map(_escaped, (method, url, pairs)))
    digest = hmac.new(f"{_escaped(secret)}&".encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="")
