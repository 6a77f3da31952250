"""What an agent may see by his role: Zendesk says which he has, and till it has, the strictest policy holds.

Users are shaped by Zendesk's API reference (users: `role`, `role_type`, `custom_role_id`), read 2026-11; invented.
"""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from server import rights
from server.app import create_app
from server.auth import Agent
from server.errors import RequestError, SettingsError
from server.model import Level
from server.privacy import Policies, Policy, strictest
from server.settings import load
from server.show import policies
from server.upstream.client import Client, open_pool
from server.vault import Vault
from server.zendesk import Account, Reader, settled
from tests.trust.tokens import CEDARS_KEY, NOW, START, US, pem

Json = dict[str, Any]
EVERYBODY = Policy(hide=frozenset({"tags"}))
LIGHT = Policy(hide=frozenset({"tags", "spent", "addresses"}), may_search=False, may_reveal=False)
LEAD = Policy(mask_below=Level.LIKELY)
BOTH = Policies(EVERYBODY, {"light_agent": LIGHT, "360001": LEAD})


@pytest.mark.parametrize(
    ("roles", "policy"),
    [
        (("light_agent", "agent"), LIGHT),
        (("360001", "agent"), LEAD),
        (("360002", "agent"), EVERYBODY),
        (("admin",), EVERYBODY),
        ((), EVERYBODY),
    ],
)
def test_the_narrowest_role_that_has_a_policy_decides(roles: tuple[str, ...], policy: Policy) -> None:
    assert BOTH.of(roles) == policy


def test_of_an_unknown_role_nothing_is_shown_that_any_role_is_denied() -> None:
    assert BOTH.of(None) == Policy(frozenset({"tags", "spent", "addresses"}), Level.CONFIRMED, False, False)
    assert strictest([LEAD, LEAD]) == LEAD


# -- what Zendesk says of an agent --------------------------------------------------------------------------


def user(**changed: object) -> Json:
    return {"user": {"id": 77, "role": "agent", "role_type": None, "custom_role_id": None, **changed}}


def told(page: Json | tuple[int, str], *, ask: str = "77") -> object:
    """The roles that one reading brings, or its failure."""

    async def answer(request: httpx.Request) -> httpx.Response:
        assert (request.method, request.url.path) == ("GET", f"/api/v2/users/{ask}.json")
        status, text = page if isinstance(page, tuple) else (200, json.dumps(page))
        return httpx.Response(status, stream=httpx.ByteStream(text.encode()))

    async def read() -> object:
        async with open_pool(transport=httpx.MockTransport(answer)) as pool:
            reader = Reader(Client(pool, Account("https://acme.zendesk.com")), "reader@acme.example", "s3cret")
            return await settled(reader.roles(ask), asyncio.get_running_loop().time() + 1)

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("page", "roles"),
    [
        (user(), ("agent",)),
        (user(role="admin", role_type=4), ("admin",)),
        (user(role_type=1, custom_role_id=360001), ("360001", "light_agent", "agent")),
        (user(role_type=0, custom_role_id=360009), ("360009", "agent")),
        (user(role_type=5), ("billing_admin", "agent")),
        (user(role_type=99), ("agent",)),
    ],
)
def test_an_agents_roles(page: Json, roles: tuple[str, ...]) -> None:
    assert told(page) == roles


@pytest.mark.parametrize(
    "page", [user(role="end-user"), user(id=78), {"user": None}, (404, ""), (403, ""), (500, ""), (200, "<html>")]
)
def test_what_is_no_agent_has_no_role(page: Json | tuple[int, str]) -> None:
    assert isinstance(told(page), Exception)


# -- what he may do then --------------------------------------------------------------------------------------


class Rooms:
    """Of a house, what rights are made of."""

    def __init__(self, reader: Reader | None, own: Policies = BOTH) -> None:
        self.tenants = {"acme": type("Tenant", (), {"policies": own})}
        self.readers = {"acme": reader} if reader else {}


def had(agent: Agent, page: Json | tuple[int, str], own: Policies = BOTH, delay: float = 0.0) -> rights.Rights:
    async def answer(_request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(delay)
        status, text = page if isinstance(page, tuple) else (200, json.dumps(page))
        return httpx.Response(status, stream=httpx.ByteStream(text.encode()))

    async def find() -> rights.Rights:
        async with open_pool(transport=httpx.MockTransport(answer)) as pool:
            reader = Reader(Client(pool, Account("https://acme.zendesk.com")), "reader@acme.example", "s3cret")
            rooms: Any = Rooms(reader, own)
            found = await rights.of(rooms, agent, asyncio.get_running_loop().time() + 0.1)
            await reader.stop()
            return found

    return asyncio.run(find())


PROVEN = Agent("acme", "signed_url", "77")


def test_a_light_agent_may_neither_search_nor_reveal() -> None:
    his = had(PROVEN, user(role_type=1))
    assert his == rights.Rights(LIGHT)
    with pytest.raises(RequestError) as refused:
        his.demand(his.policy.may_search, "search_off", "Switched off for you.")
    assert (refused.value.status, refused.value.code) == (403, "search_off")


@pytest.mark.parametrize(("page", "delay"), [((500, ""), 0.0), (user(), 5.0)], ids=["Zendesk is down", "or too slow"])
def test_while_the_role_is_not_known_he_is_asked_to_try_again(page: Json | tuple[int, str], delay: float) -> None:
    his = had(PROVEN, page, delay=delay)
    assert his == rights.Rights(BOTH.of(None), certain=False)
    with pytest.raises(RequestError) as refused:
        his.demand(his.policy.may_reveal, "reveal_off", "Switched off for you.")
    assert (refused.value.status, refused.value.code, refused.value.retry_after) == (503, "role_unknown", 2)


def test_an_agent_whom_nobody_proved_has_the_strictest_policy() -> None:
    assert had(replace(PROVEN, user=None), user(role="admin")).policy == BOTH.of(None)


def test_where_no_role_differs_nobody_is_asked() -> None:
    assert had(PROVEN, (500, ""), Policies(LEAD)) == rights.Rights(LEAD)


# -- settings ---------------------------------------------------------------------------------------------


def shown(data: Json, *, proven: bool = True) -> Policies:
    return policies(data, 'tenant "acme", [tenant.show]', Vault({}, ()), proven=proven)


def test_a_role_has_what_everybody_has_but_for_what_differs() -> None:
    found = shown(
        {"hide": ["tags"], "reveal": False, "roles": {"light_agent": {"search": False}, "admin": {"hide": []}}}
    )
    assert found.everybody == Policy(frozenset({"tags"}), may_reveal=False)
    assert found.by_role["light_agent"] == Policy(frozenset({"tags"}), may_search=False, may_reveal=False)
    assert found.by_role["admin"] == Policy(may_reveal=False)


@pytest.mark.parametrize(
    ("data", "proven", "complaint"),
    [
        ({"roles": {"admin": {}}}, False, '[tenant.show]: roles: need method = "signed_url" and [tenant.zendesk]'),
        ({"roles": {"admin": {"hide": ["all"]}}}, True, "[tenant.show.roles.admin]: hide.0: must be one of addresses"),
        ({"roles": {"admin": {"shw": 1}}}, True, '[tenant.show.roles.admin]: unknown key "shw"'),
        ({"roles": {"admin": {"roles": {}}}}, True, '[tenant.show.roles.admin]: unknown key "roles"'),
        ({"roles": ["admin"]}, True, "[tenant.show.roles]: must be a table"),
        ({"roles": {"admin": 1}}, True, "[tenant.show.roles.admin]: must be a table"),
    ],
)
def test_a_wrong_role_is_refused_by_its_table(data: Json, proven: bool, complaint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        shown(data, proven=proven)
    assert complaint in str(refused.value)


# -- the whole way ----------------------------------------------------------------------------------------

SETTINGS = f"""
[service]
base_url = "{US}"
[[tenant]]
subdomain = "cedar"
  [tenant.auth]
  method = "signed_url"
  public_key = "file:cedar.pem"
  installation_id = 1
  [tenant.zendesk]
  email = "reader@cedar.example"
  token = "env:KEY"
  [tenant.show.roles.light_agent]
  search = false
  [[tenant.store]]
  name = "Shop"
  platform = "woocommerce"
  origin = "https://shop.cedar.example"
  key = "env:KEY"
  secret = "env:KEY"
"""


@pytest.mark.parametrize(("kind", "status"), [(None, 200), (1, 403)], ids=["an agent", "a light agent"])
def test_zendesk_decides_whether_he_may_search_whatever_his_browser_says(
    kind: int | None, status: int, tmp_path: Path
) -> None:
    (tmp_path / "cedar.pem").write_text(pem(CEDARS_KEY))
    (tmp_path / "orderside.toml").write_text(SETTINGS)

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "shop.cedar.example":
            return httpx.Response(200, stream=httpx.ByteStream(b"[]"))
        assert (request.url.host, request.url.path) == ("cedar.zendesk.com", "/api/v2/users/77.json")
        page = user(role_type=kind)
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(page).encode()))

    async def search() -> httpx.Response:
        settings = load(tmp_path / "orderside.toml", {"KEY": "hunter2"})
        app = create_app(settings, transport=httpx.MockTransport(answer), now=lambda: float(NOW))
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=US) as client,
        ):
            page = await client.post("/sidebar", data={"token": START.token()})
            (bearer,) = re.findall(r'<meta name="bearer" content="([^"]+)">', page.text)
            body = {"email": "jane@gmail.com", "agent": {"id": 1, "role": "admin"}}
            return await client.post("/v1/search", json=body, headers={"authorization": f"Bearer {bearer}"})

    found = asyncio.run(search())
    assert found.status_code == status, found.text
    if status == 403:
        assert found.json()["error"]["code"] == "search_off"
