"""The app as the service itself serves it: the page that answers Zendesk's start, what it loads, why it may not open.

Page and scripts are those of the zip. The bearer stands in the page, which only the account's own Zendesk may frame.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined

from . import packaging
from .errors import RequestError
from .settings import TenantSettings

SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

FOREVER = "public, max-age=31536000, immutable"

REFUSALS = {"token_missing": "outside", "token_used": "reload", "token_expired": "reload"}
"""Which of the app's own words explain a refusal, by its code."""

_BEARER = "@BEARER@"

_TEMPLATES = Environment(loader=PackageLoader("server"), autoescape=True, undefined=StrictUndefined, auto_reload=False)


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The page with a place for its bearer, its assets by name, its words by language. `version` is of the assets."""

    version: str
    assets: Mapping[str, bytes]
    document: str
    words: Mapping[str, Mapping[str, Sequence[str]]]

    @classmethod
    def read(cls, sdk: str | None = None) -> "Sidebar":
        """The app's files, with Zendesk's SDK loaded from `sdk` if not from Zendesk. Raises `PackagingError`."""
        sources = packaging.sources()
        assets = {name: content for name, content in sources.items() if PurePosixPath(name).suffix in TYPES}
        version = hashlib.blake2b(b"\0".join(assets[name] for name in sorted(assets)), digest_size=6).hexdigest()
        page = sources["iframe.html"].decode()
        return cls(version, assets, _document(page, version, sdk or SDK), _words(page))

    def page(self, bearer: str) -> str:
        """The app, which asks with `bearer`."""
        return self.document.replace(_BEARER, escape(bearer))

    def refusal(self, error: RequestError, request_id: str, languages: str, *, dark: bool) -> str:
        """Why there is no app, for the agent who looks at its frame: in the first of the `languages` that we have."""
        lang = self._language(languages)
        title, text = self.words[lang][_said(error)]
        return _TEMPLATES.get_template("refusal.html").render(
            lang=lang,
            title=title,
            text=text.replace("{}", error.code),
            request_id=request_id,
            version=self.version,
            dark=dark,
        )

    def _language(self, languages: str) -> str:
        """Of an Accept-Language header; browsers name the best first."""
        known = {name[:2].lower(): name for name in self.words}
        wanted = (each.strip()[:2].lower() for each in languages.split(","))
        return next((known[name] for name in wanted if name in known), "en")

    def cache(self, version: str) -> str:
        """How long what was asked for as of that version may be kept: while releases change, not at all."""
        return FOREVER if version == self.version else "no-store"


def media_type(name: str) -> str:
    """What an asset is."""
    return TYPES[PurePosixPath(name).suffix]


def headers(tenant: TenantSettings | None) -> Mapping[str, str]:
    """What a page for this account is served with; one for no account at all is framed by nobody."""
    policy = {
        "default-src": "'none'",
        "script-src": f"'self' {SDK.rpartition('2.0/')[0]}",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' https:",
        "base-uri": "'none'",
        "form-action": "'self'",  # or a reload, which posts again, would do nothing at all
        "frame-ancestors": tenant.origin if tenant else "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cross-Origin-Resource-Policy": "cross-origin",  # Zendesk's page frames ours
    }


_OWN = '{ "headers": { "Accept": "text/html" }, "contentType": "application/json" }'
"""What the page says of its requests; in the zip, also how Zendesk's proxy is to sign them."""


def _document(page: str, version: str, sdk: str) -> str:
    """The zip's page with our address for its assets, a bearer, and no policy: that one comes as a header."""
    for pattern, new in (
        (r' *<meta http-equiv="Content-Security-Policy"[^>]*>\n', ""),
        (r'(?=  <meta name="referrer")', f'  <meta name="bearer" content="{_BEARER}">\n'),
        (r'(?<=<template id="request">).*?(?=</template>)', _OWN),
        (re.escape(SDK), sdk),
    ):
        page, count = re.subn(pattern, new, page, flags=re.DOTALL)
        if count != 1:
            raise packaging.PackagingError(f"iframe.html must hold once: {pattern}")
    page = re.sub(r'(src|href)="([\w.-]+)"', rf'\1="/assets/{version}/\2"', page)
    return _WORDS.sub(_of_a_session, page)


_WORDS = re.compile(r'(?<= lang=")(?P<lang>[\w-]+)(?P<tag>"[^>]*>)(?P<words>\{.*?\})(?=</template>)', re.DOTALL)


def _words(page: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The app's own words by language, as they stand in its page."""
    return {found["lang"]: json.loads(found["words"]) for found in _WORDS.finditer(page)}


def _of_a_session(found: re.Match[str]) -> str:
    """The words of one language, where what a refused token needs is no secret but a new start."""
    words = json.loads(found["words"])
    return found["lang"] + found["tag"] + json.dumps({**words, "token_": words["reload"]}, ensure_ascii=False)


def _said(error: RequestError) -> str:
    """By which of the app's words a refusal is explained."""
    return REFUSALS.get(error.code, "busy" if error.status == 503 else "unproven")
