"""OAuth 1.0a (RFC 5849): who asks is told by a key, and proven by a signature. No secret is sent.

Signed with HMAC-SHA256, which RFC 5849 does not name but WooCommerce and Magento accept, and Magento since 2.4.4 alone.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """The pair of a consumer, and that of an access token where the platform grants one."""

    key: str
    secret: str = field(repr=False)
    token: str | None = None
    token_secret: str = field(default="", repr=False)

    def parameters(self, url: str, query: Pairs, *, now: float, nonce: str) -> Pairs:
        """What proves a GET of `url` with `query`, the signature last. `now` is in Unix seconds."""
        own = (
            ("oauth_consumer_key", self.key),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", str(int(now))),
            *((("oauth_token", self.token),) if self.token else ()),
        )
        key = f"{_escaped(self.secret)}&{_escaped(self.token_secret)}"
        return (*own, ("oauth_signature", signature("GET", url, (*query, *own), key)))

    def header(self, url: str, query: Pairs, *, now: float, nonce: str) -> str:
        """The same as an `Authorization` header (RFC 5849 §3.5.1)."""
        proof = self.parameters(url, query, now=now, nonce=nonce)
        return "OAuth " + ", ".join(f'{name}="{_escaped(value)}"' for name, value in proof)


def signature(method: str, url: str, query: Iterable[tuple[str, str]], key: str) -> str:
    """RFC 5849 §3.4; `key` is both secrets, escaped, with `&` between.

    The other side makes its own from the address it believes it has, letter for letter.
    """
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in query)
    base = "&".join(map(_escaped, (method, url, "&".join(f"{name}={value}" for name, value in pairs))))
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="")
