"""What Zendesk's proxy does with a `secure` request of an app: fills in settings, signs the token, passes it on.

Rules as Zendesk documents them: a secure setting is put in only where its `scopes` allow it and sent only to hosts
of the manifest's `domainWhitelist`; tokens are HS256 with whatever claims the browser asked for; header names with
underscores are not supported. When the proxy itself fails it answers in its own words ("Proxy error: …").
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
from pydantic import BaseModel, Field, ValidationError

DEFAULT_EXPIRY_S = 60
TIMEOUT_S = 30.0


class Signing(BaseModel):
    """The `jwt` part of a request's options."""

    algorithm: str = "HS256"
    secret_key: str
    expiry: int = DEFAULT_EXPIRY_S
    claims: dict[str, Any] = {}


class Options(BaseModel):
    """The options of `client.request` that reach the proxy; the others are the browser's business."""

    url: str
    method: str = Field(default="GET", alias="type")
    headers: dict[str, str] = {}
    data: str | None = None
    content_type: str | None = Field(default=None, alias="contentType")
    secure: bool = False
    signing: Signing | None = Field(default=None, alias="jwt")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app gets to see: the target's answer, or the proxy's own."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Installation:
    """One installed app: its manifest, what the admin typed in, and the answer of a proxy that is out of order."""

    manifest: Mapping[str, Any]
    settings: Mapping[str, str] = field(repr=False)
    fault: Reply | None = None

    def fill(self, text: str, scope: str) -> str:
        """`text` with the secure settings that may stand in this scope; other placeholders stay as they are."""
        parameters = {item["name"]: item for item in self.manifest.get("parameters", [])}

        def value(found: re.Match[str]) -> str:
            parameter = parameters.get(found[1], {})
            allowed = parameter.get("secure") and scope in parameter.get("scopes", [scope])
            return self.settings.get(found[1], found[0]) if allowed else found[0]

        return re.sub(r"\{\{setting\.([\w-]+)\}\}", value, text)

    def may_reach(self, url: str) -> bool:
        """Whether the manifest names the address's host, with or without its port."""
        parts = urlsplit(url)
        return bool({parts.hostname, parts.netloc} & set(self.manifest.get("domainWhitelist", [])))


class Refusal(Exception):
    """The proxy's own refusal, with its status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.reply = Reply(status, "text/plain", f"Proxy error: {text}")


OUT_OF_ORDER = Reply(502, "text/plain", "502 Proxy error: Internal API error")
NO_CONNECTION = Reply(
    404, "application/json", '{"errors":[{"code":"ConnectionNotFound","title":"Connection not found"}]}'
)
NO_INSTALLATION = Reply(
    422,
    "text/plain",
    'Proxy error: {:code=>"UnprocessableEntity", :status=>"422", '
    ':detail=>"Failed to get installation and oauth information for app."}',
)


async def forward(
    raw: object, installation: Installation, client: httpx.AsyncClient, clock: Callable[[], float]
) -> Reply:
    """The answer to one `client.request`; `clock` is in Unix seconds. Never raises for what a target does."""
    if installation.fault is not None:
        return installation.fault
    try:
        request = _request(raw, installation, int(clock()))
        response = await client.send(request)
    except Refusal as refusal:
        return refusal.reply
    except httpx.HTTPError as error:
        return Refusal(502, f"{type(error).__name__}").reply
    return Reply(response.status_code, response.headers.get("content-type", ""), response.text)


def _request(raw: object, installation: Installation, now: int) -> httpx.Request:
    try:
        options = Options.model_validate(raw)
    except ValidationError:
        raise Refusal(400, "Bad request options") from None
    if options.secure and not installation.may_reach(options.url):
        raise Refusal(403, "Domain is not in the app's domain whitelist")
    if unsupported := [name for name in options.headers if "_" in name]:
        raise Refusal(400, f"Header names with underscores are not supported: {', '.join(unsupported)}")
    if not options.secure:
        return _build(options, options.url, options.headers, options.data)
    token = _sign(options.signing, installation, now) if options.signing else "{{jwt.token}}"

    def filled(text: str, scope: str) -> str:
        return installation.fill(text, scope).replace("{{jwt.token}}", token)

    return _build(
        options,
        filled(options.url, "url"),
        {name: filled(value, "header") for name, value in options.headers.items()},
        None if options.data is None else installation.fill(options.data, "body"),
    )


def _build(options: Options, url: str, headers: Mapping[str, str], data: str | None) -> httpx.Request:
    typed = {"Content-Type": options.content_type} if options.content_type else {}
    return httpx.Request(
        options.method,
        url,
        headers={**typed, **headers},
        content=data,
        extensions={"timeout": httpx.Timeout(TIMEOUT_S).as_dict()},
    )


def _sign(signing: Signing, installation: Installation, now: int) -> str:
    secret = installation.fill(signing.secret_key, "jwt_secret_key")
    if signing.algorithm != "HS256" or "{{setting." in secret:
        raise Refusal(422, "The token could not be signed")
    claims = {
        name: installation.fill(value, "jwt_claim") if isinstance(value, str) else value
        for name, value in signing.claims.items()
    }
    return jwt.encode({**claims, "iat": now, "exp": now + signing.expiry}, secret, algorithm="HS256")
