"""The service over stores that a test set up, asked as the app asks it: on the real wire below, in-process above."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import jwt
from starlette.applications import Starlette

from server.app import create_app
from server.settings import load
from tests.faults import Call, Fault, answers

Json = dict[str, Any]
URL = "https://service.example"
KEY = "k" * 40
DEADLINE_MS = 900
SLACK_S = 0.5
"""What a slow machine may take beyond what is promised, before a test calls it late."""

_HEAD = """
[service]
base_url = "{url}"
[limits]
deadline_ms = {deadline}
first_answer_ms = {first}
"""
_TENANT = """
[[tenant]]
subdomain = "{tenant}"
  [tenant.auth]
  method = "proxied"
  secrets = ["env:KEY"]
"""
_KEYS = {
    "woocommerce": 'origin = "{origin}"\n  key = "env:KEY"\n  secret = "env:KEY"',
    "shopify": 'origin = "{origin}"\n  shop = "bad.myshopify.com"\n  access_token = "env:KEY"',
    "bigcommerce": 'origin = "{origin}"\n  store_hash = "abc123"\n  access_token = "env:KEY"',
}
Stores = Mapping[str, str]
"""Origins by name; a name may be followed by its platform, `Bad:shopify`."""


def knows(*emails: str, gate: asyncio.Event | None = None) -> Fault:
    """A WooCommerce shop with these customers, who have bought nothing. It answers once the gate is open."""

    async def fault(call: Call) -> None:
        if gate is not None:
            await gate.wait()
        asked = unquote(call.request.partition(b"\r\n")[0].decode())
        rows = [{"id": 1 + at, "email": email} for at, email in enumerate(emails) if f"email={email}" in asked]
        await answers(json.dumps(rows if "/customers" in asked else []).encode())(call)

    return fault


def settings(
    folder: Path, tenants: Mapping[str, Stores], *, deadline_ms: int = DEADLINE_MS, first_ms: int | None = None
) -> Path:
    """A settings file for these stores of these accounts."""
    text = [_HEAD.format(url=URL, deadline=deadline_ms, first=deadline_ms if first_ms is None else first_ms)]
    for tenant, stores in tenants.items():
        text.append(_TENANT.format(tenant=tenant))
        for label, origin in stores.items():
            name, _, platform = label.partition(":")
            keys = _KEYS[platform or "woocommerce"].format(origin=origin)
            text.append(
                f'  [[tenant.store]]\n  name = "{name}"\n  platform = "{platform or "woocommerce"}"\n  {keys}\n'
            )
            text.append(f'  brands = ["{name}\'s brand"]\n')
    file = folder / "orderside.toml"
    file.write_text("".join(text))
    return file


@dataclass
class Desk:
    """An agent's way to the service."""

    app: Starlette
    client: httpx.AsyncClient

    async def post(
        self, email: str, *, tenant: str = "acme", accept: str = "application/json", **more: Any
    ) -> httpx.Response:
        """One question about whoever has this address."""
        now = int(time.time())
        claims = {"iss": tenant, "aud": URL, "iat": now, "exp": now + 60}
        headers = {"authorization": f"Bearer {jwt.encode(claims, KEY, algorithm='HS256')}", "accept": accept}
        body = {"requester": {"email": email}, "wait_ms": 30_000, **more}
        return await self.client.post(f"{URL}/v1/summary", json=body, headers=headers)

    async def ask(self, email: str, **more: Any) -> Json:
        """Its answer, which has to come."""
        answer = await self.post(email, **more)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


@asynccontextmanager
async def desk(file: Path) -> AsyncIterator[Desk]:
    """The service under these settings."""
    app = create_app(load(file, {"KEY": KEY}))
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
        yield Desk(app, client)


def told(found: Json, store: str = "Bad") -> Json:
    """What an answer says of one store."""
    (source,) = [source for source in found["sources"] if source["store"] == store]
    said: Json = source
    return said


def ours() -> int:
    """How many tasks run that are not a test's shop serving a connection, which ends when it is told of the end."""
    return len([task for task in asyncio.all_tasks() if "serve" not in repr(task.get_coro())])
