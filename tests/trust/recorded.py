"""The service before recorded stores: every platform's payloads, asked for over HTTP."""

import asyncio
import json
import urllib.parse
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
from pydantic import SecretStr
from starlette.applications import Starlette

from server.app import create_app
from server.connectors.base import Connector, Request
from server.model import Store
from server.privacy import Policies, Policy
from server.settings import Limits, Service, Settings, StoreSettings, TenantSettings
from server.ways import Proxied
from tests.connectors.scenario import Scenario

Json = dict[str, Any]
BASE = "https://orders.example.com"
SECRET = "sidebar-secret-0123456789-0123456789"


class RecordedStore(httpx.AsyncBaseTransport):
    """A store that answers a scenario's requests with what was recorded, and knows nothing else."""

    def __init__(self, scenario: Scenario, origin: str) -> None:
        self.scenario = scenario
        self.folder = httpx.URL(origin).path.rstrip("/")
        self.asked: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        body = await request.aread()
        kind = request.headers.get("content-type", "")
        asked = Request(
            request.url.path.removeprefix(self.folder),
            tuple(request.url.params.multi_items()),
            json=json.loads(body) if body and "json" in kind else None,
            form=tuple(urllib.parse.parse_qsl(body.decode())) if body and "form" in kind else (),
        )
        there = [exchange for exchange in self.scenario.exchanges if exchange.path == asked.path]
        nearest = next((exchange for exchange in there if exchange.expects(asked)), there[0] if there else None)
        if nearest is None:
            return httpx.Response(404, json={})
        told = nearest.response()
        return httpx.Response(told.status, headers=dict(told.headers), stream=httpx.ByteStream(told.body))


def settings(connector: Connector[Any], policy: Policy | None = None) -> Settings:
    """One account with that one store."""
    kind = type(connector)
    store = Store(connector.store, kind.name, kind.asked_by, kind.order_number, country="GB", carries_external_ids=True)
    tenant = TenantSettings(
        subdomain="acme",
        auth=Proxied(method="proxied", secrets=(SecretStr(SECRET),)),
        policies=Policies(policy or Policy()),
        zendesk=None,
        stores=(StoreSettings(store, kind, connector.config),),
    )
    return Settings(service=Service(base_url=BASE), limits=Limits(), tenants={"acme": tenant})


def token(now: float) -> dict[str, str]:
    """What Zendesk's proxy sends."""
    claims = {"iss": "acme", "aud": BASE, "iat": int(now), "exp": int(now) + 60}
    return {"authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"}


class Answers:
    """What the service said: the answer in both forms, how often its app was asked, and what it counted."""

    def __init__(self, shown: Json, html: str, app: Starlette, asked: list[httpx.Request]) -> None:
        self.shown = shown
        self.html = html
        self.app = app
        self.asked = asked


def over_http(
    connector: Connector[Any], scenario: Scenario, body: Mapping[str, Any], policy: Policy | None = None
) -> Answers:
    """The summary of a ticket whose one store is the scenario's."""
    there = RecordedStore(scenario, connector.origin)
    now = connector.now()

    async def main() -> Answers:
        app = create_app(settings(connector, policy), transport=there, now=lambda: now)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client,
        ):
            said = []
            for accept in ("application/json", "text/html"):
                headers = {**token(now), "accept": accept}
                said.append(await client.post("/v1/summary", json={"wait_ms": 4000, **body}, headers=headers))
            assert [answer.status_code for answer in said] == [200, 200], said[0].text
            return Answers(said[0].json(), said[1].text, app, there.asked)

    return asyncio.run(main())
