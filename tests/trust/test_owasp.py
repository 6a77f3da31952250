"""The OWASP API security top ten of 2023, risk by risk, against the running service and the demo's stores.

What other tests hold already is named under its risk: tokens (2) are `test_auth`, fields (3) `test_fields`, slow and
endless clients (4) `test_door`, the list of routes (9) `test_api`.
"""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.middleware import Middleware
from starlette.routing import Route

from server.app import Envelope
from server.connectors.base import Connector
from server.identity.evidence import MOST_IDENTITIES
from server.identity.extract import MOST as MOST_NUMBERS
from server.metrics import Meter, metrics_app
from server.quota import PER_AGENT_ASKED
from server.register import MAX_RUNNING
from server.upstream.client import Client
from tests.connectors.contract import HOSTILE, NO_LINKS
from tests.connectors.test_all import PLATFORMS
from tests.faults import Call, answers, hangs, sends, shop
from tests.faults import closed_port as free_port
from tests.test_serve import ASK, bearer, config, running, sealed

from .recorded import over_http
from .service import Service

Json = dict[str, Any]
JANE: Json = {"requester": {"id": 5001, "name": "Jane Doerr", "email": "jane.doerr@gmail.com"}}
OFFICE: Json = {"requester": {"id": 5012, "email": "office@birchwood.example"}}


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often which store was called meanwhile."""
    made: Counter[str] = Counter()
    call = Client.call

    async def counted(self: Any, request: Any, deadline: float) -> Any:
        made[self._target.origin.rpartition("/")[2]] += 1
        return await call(self, request, deadline)

    monkeypatch.setattr(Client, "call", counted)
    return made


# -- 1: object level authorisation ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def acmes(service: Service) -> Json:
    """What an agent of acme's holds in his hands: ids of a lookup, an order, a record and a candidate."""
    jane = service.ask("acme", "summary", JANE)
    office = service.ask("acme", "summary", OFFICE)
    return {
        "lookup": jane["lookup"],
        "order": jane["orders"][0]["id"],
        "mark": jane["customer"]["records"][0]["mark"],
        "candidate": office["match"]["candidates"][0]["id"],
    }


def test_another_accounts_lookup_reveals_nothing_and_asks_nobody(
    service: Service, acmes: Json, called: Counter[str]
) -> None:
    refused = service.post("birch", "reveal", {"lookup": acmes["lookup"], "fields": ["email"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "lookup_gone")
    assert called == {}


def test_another_accounts_order_cannot_be_opened(service: Service, acmes: Json, called: Counter[str]) -> None:
    for more in ({}, {"lookup": acmes["lookup"]}, {"chosen": acmes["mark"]}):
        refused = service.post("birch", "order", {**JANE, **more, "order": acmes["order"]})
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "no_such_order")
    assert not {store for store in called if store.startswith("acme")}, "only his own stores are asked"


def test_another_accounts_ids_open_nothing_of_anybody(service: Service, acmes: Json, called: Counter[str]) -> None:
    ids: Json = {"lookup": acmes["lookup"], "chosen": acmes["candidate"], "aside": [acmes["mark"]]}
    for body in (JANE, OFFICE):
        found = service.ask("birch", "summary", {**body, **ids})
        assert found["lookup"] != acmes["lookup"]
        assert (found["orders"], found["customer"], found["match"]["candidates"]) == ([], None, [])
        assert "acme" not in json.dumps(found).lower()
    found = service.ask("birch", "search", {"email": "office@birchwood.example", "chosen": acmes["candidate"]})
    assert (found["orders"], found["customer"]) == ([], None)
    assert not {store for store in called if store.startswith("acme")}


def test_within_an_account_an_id_is_good_for_its_own_ticket_only(service: Service, acmes: Json) -> None:
    stranger = {"requester": {"email": "kim.novak@example.org"}}
    assert service.post("acme", "order", {**stranger, "order": acmes["order"]}).status_code == 404
    found = service.ask("acme", "summary", {**stranger, "lookup": acmes["lookup"], "chosen": acmes["mark"]})
    assert (found["orders"], found["match"]["level"]) == ([], "none")


# -- 3: property level authorisation ----------------------------------------------------------------------


def test_what_is_posted_beyond_the_contract_counts_for_nothing(service: Service) -> None:
    """Mass assignment: nobody makes himself another account's agent, or a proven one, by saying so."""
    said: Json = {
        "tenant": "birch", "user": "1", "role": "admin", "capped": False, "proof_from": "zendesk", "key": "",
        "policy": {"mask_below": "likely", "hide": []}, "masked": [], "level": "confirmed", "stores": ["Birch Home"],
        "agent": {"id": 77, "role": "admin", "tenant": "birch"},
        "requester": {**JANE["requester"], "proven": True, "sender": "proven", "level": "confirmed"},
        "ticket": {"tenant": "birch", "proof_from": "zendesk"},
    }  # fmt: skip
    found, plain = service.ask("acme", "summary", said), service.ask("acme", "summary", JANE)
    for each in (found, plain):
        for moving in ("lookup", "generated_at", "sources", "why"):
            each.pop(moving)
    assert found == plain
    assert found["customer"]["masked"] == ["address", "email", "phone"]


# -- 4: resource consumption ------------------------------------------------------------------------------


def test_however_much_a_ticket_says_each_store_is_asked_little(service: Service, called: Counter[str]) -> None:
    """Five identities, five numbers, and two calls for each of them."""
    identities = [{"type": "email", "value": f"nobody{n}@example.com", "primary": not n} for n in range(100)]
    numbers = " ".join(f"order {n}" for n in range(70_000, 70_400))
    ticket = {"subject": numbers, "texts": [{"by": "requester", "text": numbers}]}
    body = {"requester": {"email": "nobody0@example.com", "identities": identities}, "ticket": ticket}
    for tenant in ("acme", "dune"):
        service.ask(tenant, "summary", body)  # once for each process some learn how a shop writes its numbers
        called.clear()
        found = service.ask(tenant, "summary", {**body, "refresh": True})
        assert found["match"]["level"] == "none"
        asked = Counter((step["store"], step["asked_by"]) for step in found["why"])
        assert max(asked.values()) <= max(MOST_IDENTITIES, MOST_NUMBERS)
        assert 0 < max(called.values()) <= 2 * (MOST_IDENTITIES + MOST_NUMBERS)


def test_a_flood_is_shed_and_another_account_does_not_notice(tmp_path: Path) -> None:
    other = config().partition("[[tenant]]")[2].replace("acme", "birch")

    async def main() -> None:
        async with shop(hangs) as there, shop(answers(b"[]", {"X-WP-Total": "0", "X-WP-TotalPages": "0"})) as quiet:
            text = f"{config(there.origin)}[[tenant]]{other.replace('http://127.0.0.1:9', quiet.origin)}"
            async with running(tmp_path, text) as (_, client):

                async def post(n: int, tenant: str = "acme") -> httpx.Response:
                    body = {"requester": {"email": f"flood{n}@example.com"}, "wait_ms": 3000}
                    return await client.post("/v1/summary", json=body, headers=bearer(tenant=tenant))

                flood = [asyncio.create_task(post(n)) for n in range(MAX_RUNNING)]
                await there.called.wait()
                calm = await post(0, "birch")
                said = await asyncio.gather(*flood)
            assert (calm.status_code, calm.json()["sources"][0]["state"]) == (200, "nothing")
            count = Counter(each.status_code for each in said)
            assert count[200] > 0
            assert count[429] + count[503] >= MAX_RUNNING // 3, "an account never holds more than it leaves to others"
            for each in said:
                if each.status_code != 200:
                    sealed(each)
                    assert each.headers["retry-after"]
            assert len(there.heard) <= 8, "a store is never flooded, whatever comes in"

    asyncio.run(main())


# -- 5 and 6: functions and flows -------------------------------------------------------------------------


def test_trying_one_number_after_another_in_a_ticket_ends(service: Service) -> None:
    """As by search (`test_desk`): that an order exists under another address is worth something, too."""
    for start in range(80_000, 80_000 + PER_AGENT_ASKED + 10, 5):
        numbers = " ".join(f"order {n}" for n in range(start, start + 5))
        ticket = {"texts": [{"by": "requester", "text": numbers}]}
        body = {"requester": {"email": "rick.vale@example.net"}, "ticket": ticket, "agent": {"id": 990}}
        response = service.post("birch", "summary", body)
        if response.status_code == 429:
            break
    assert response.json()["error"]["code"] == "ask_limit"
    assert response.headers["retry-after"]
    assert start > 80_000 + PER_AGENT_ASKED / 2, "nobody who works meets it"
    service.ask("birch", "summary", {**JANE, "agent": {"id": 991}})


# -- 7: server-side request forgery -----------------------------------------------------------------------


def test_no_address_in_a_payload_is_ever_called(tmp_path: Path) -> None:
    """Not of a link, not of a picture, not of the next page."""
    payload = json.loads(Path("tests/connectors/payloads/woocommerce/one_party.json").read_text())
    bodies = {each["request"]["path"]: each["response"]["body"] for each in payload["exchanges"]}

    async def main() -> tuple[int, Json]:
        async with shop(answers(b"[]")) as trap:

            def pointed(value: object) -> object:
                if isinstance(value, dict):
                    links = {"href": trap.origin, "_links": {"self": [{"href": trap.origin}]}, "next": trap.origin}
                    return links | {key: pointed(member) for key, member in value.items()}
                if isinstance(value, list):
                    return [pointed(member) for member in value]
                return trap.origin if isinstance(value, str) and value.startswith("http") else value

            async def store(call: Call) -> None:
                path = call.request.split()[1].decode().partition("?")[0]
                body = json.dumps(pointed(bodies.get(path, []))).encode()
                links = {"Link": f'<{trap.origin}>; rel="next"', "Content-Location": trap.origin, "Refresh": "0"}
                await answers(body, {"X-WP-Total": "1", "X-WP-TotalPages": "1", **links})(call)

            async with shop(store) as there, running(tmp_path, config(there.origin)) as (_, client):
                body = {"requester": {"email": payload["asked"]["email"]}, "wait_ms": 4000}
                found = (await client.post("/v1/summary", json=body, headers=bearer())).json()
            return trap.connections, found

    connections, found = asyncio.run(main())
    assert connections == 0
    assert len(found["orders"]) == 1
    assert "http://127.0.0.1" in json.dumps(found["orders"][0]["shipments"]), "it was there to be called"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_no_redirect_is_followed_and_no_credential_leaves(tmp_path: Path, status: str) -> None:
    async def main() -> tuple[int, Json]:
        async with shop(answers(b"[]")) as trap:
            location = f"Location: {trap.origin}/steal\r\nContent-Length: 0\r\n\r\n"
            away = sends(f"HTTP/1.1 {status}\r\n{location}".encode())
            async with shop(away) as there, running(tmp_path, config(there.origin)) as (_, client):
                found = (await client.post("/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())).json()
            return trap.connections, found

    connections, found = asyncio.run(main())
    assert connections == 0
    assert found["sources"][0]["state"] == "changed"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "::ffff:127.0.0.1"])
def test_a_stores_name_that_leads_inside_is_not_followed_there(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the name's owner has its DNS say, now or a moment later (`upstream/test_transport`)."""
    usual = socket.getaddrinfo

    def look_up(host: str, port: int, *args: Any, **how: Any) -> Any:
        return usual(address if host == "shop.example" else host, port, *args, **how)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    async def main() -> tuple[int, Json]:
        async with shop(answers(b"[]")) as trap:
            text = config(f"https://shop.example:{trap.origin.rpartition(':')[2]}")
            async with running(tmp_path, text) as (_, client):
                found = (await client.post("/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())).json()
            return trap.connections, found

    connections, found = asyncio.run(main())
    assert connections == 0
    assert (found["sources"][0]["state"], found["match"]["level"]) == ("unreachable", "unknown")


# -- 8: misconfiguration ----------------------------------------------------------------------------------

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "BREW")


def test_every_route_answers_every_method_with_every_header(tmp_path: Path) -> None:
    """With a token, without one, from another origin; and nothing is ever shared with another origin."""

    async def main() -> None:
        async with running(tmp_path, config(f"http://127.0.0.1:{free_port()}")) as (app, client):
            routes = [each for each in app.routes if isinstance(each, Route)]
            assert len(routes) >= 6
            for route in routes:
                for method in METHODS:
                    for who in ({}, bearer()):
                        asked = {**who, "origin": "https://evil.example", "access-control-request-method": "POST"}
                        response = await client.request(method, route.path, headers=asked)
                        sealed(response)
                        assert response.status_code < 500
                        assert not [name for name in response.headers if name.startswith("access-control-")]
                        if method not in (route.methods or ()):
                            assert response.status_code == 405
                            assert response.headers["allow"]

    asyncio.run(main())


def test_the_metrics_are_sealed_too(tmp_path: Path) -> None:
    async def main() -> None:
        counters = metrics_app(Meter(), [Middleware(Envelope, ids=lambda: "an-id")])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(counters), base_url="http://metrics") as client:
            for method in METHODS:
                for path in ("/metrics", "/", "/healthz", "/v1/summary"):
                    response = await client.request(method, path)
                    sealed(response)
                    assert (response.status_code == 200) == (path == "/metrics" and method in {"GET", "HEAD"})

    asyncio.run(main())


def test_no_document_of_ours_can_be_opened_by_itself_in_a_frame(tmp_path: Path) -> None:
    """The fragment is data for the app's script: opened as a page it runs nothing and loads nothing."""

    async def main() -> httpx.Response:
        async with running(tmp_path, config(f"http://127.0.0.1:{free_port()}")) as (_, client):
            return await client.post("/v1/summary", json=ASK, headers={**bearer(), "accept": "text/html"})

    response = asyncio.run(main())
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "<script" not in response.text


# -- 10: unsafe consumption of APIs -----------------------------------------------------------------------

TAGS = frozenset(
    {"a", "b", "bdi", "br", "button", "dd", "details", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4",
     "input", "label", "li", "ol", "option", "p", "section", "select", "small", "span", "summary",
     "ul"}
)  # fmt: skip
ATTRIBUTES = frozenset(
    {"aria-hidden", "aria-label", "aria-labelledby", "aria-pressed", "autocomplete", "class", "dir", "for", "href",
     "id", "lang", "maxlength", "name", "open", "pattern", "required", "role", "selected", "spellcheck", "target",
     "title", "type", "value"}
)  # fmt: skip
"""And whatever begins with `data-`, which does nothing by itself."""


class Page(HTMLParser):
    """What a browser would make of a fragment: which tags and attributes, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in {"href", "src", "action", "formaction", "style"}}


each_platform = pytest.mark.parametrize("kind", PLATFORMS, ids=lambda kind: kind.name)


@each_platform
def test_a_stores_hostile_text_is_text_and_its_hostile_links_are_none(kind: type[Connector[Any]]) -> None:
    contract = PLATFORMS[kind]()
    good = contract.scenario("one_party")
    answer = contract.ask(good)
    email = next(iter(answer.parties[0].emails), None) or answer.orders[0].email
    body = {
        "requester": {"email": email},
        "ticket": {"subject": f"order {answer.orders[0].number}", "texts": [{"by": "requester", "text": "Hello"}]},
    }
    texts = set(contract.places) - {"currency", "total", "placed_at", "number", *contract.words}
    for text, link in zip(HOSTILE, NO_LINKS, strict=True):
        bad = good
        for place in texts:
            bad = bad.put(contract.places[place], link if place.endswith("_url") else text)
        said = over_http(contract.connector(), bad, body)
        assert len(said.shown["orders"]) == 1
        page = Page(said.html)
        assert page.tags <= TAGS
        assert {name for name in page.attributes if not name.startswith("data-")} <= ATTRIBUTES
        assert [url for url in page.links if not url.startswith(("https://", "http://", "#"))] == []
        assert not [url for url in page.links if "evil" in url]
        assert not set(said.html) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00")
        assert link not in [value for key, value in urls(said.shown)]


def urls(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Everything in an answer that is called an address of the web."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from urls(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from urls(member, key)
    elif key.endswith("_url"):
        yield key, value


MONSTERS = {
    "a field of ten megabytes": b'[{"id": 1, "email": "' + b"x" * 10_000_000 + b'"}]',
    "ten thousand levels": b"[" * 10_000 + b"]" * 10_000,
    "a number of a hundred thousand digits": b'[{"id": ' + b"9" * 100_000 + b"}]",
    "money that is no number": b'[{"id": 1, "total": NaN}]',
    "money without end": b'[{"id": 1, "total": 1e999999999}]',
    "half a character": b'[{"id": 1, "email": "\\ud800"}]',
    "no text at all": b"\x00\xff\xfe" * 1000,
}


@pytest.mark.parametrize("body", MONSTERS.values(), ids=MONSTERS)
def test_a_monstrous_answer_is_a_store_that_changed(tmp_path: Path, body: bytes) -> None:
    async def main() -> Json:
        store = answers(body, {"X-WP-Total": "1", "X-WP-TotalPages": "1"})
        async with shop(store) as there, running(tmp_path, config(there.origin)) as (_, client):
            response = await client.post("/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())
            assert response.status_code == 200
            found: Json = response.json()
            return found

    found = asyncio.run(main())
    assert [source["state"] for source in found["sources"]] == ["changed"]
    assert (found["orders"], found["match"]["level"]) == ([], "unknown")
