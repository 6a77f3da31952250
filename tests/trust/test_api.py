"""docs/api.md and docs/openapi.json tell the truth: of the routes, of what is posted, and of every answer."""

import io
import json
import re
import sys
from typing import Any

import httpx
import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config
from starlette.routing import Route

from server import ticket
from server.demo.scenarios import SCENARIOS
from server.errors import RequestError
from server.render import shapes
from tests import api

from .service import Service
from .tickets import posted

Json = dict[str, Any]


def strict(kind: Any) -> TypeAdapter[Any]:
    """A shape as it is documented, and not one member more."""

    class Strict(kind):  # type: ignore[misc]
        pass

    return TypeAdapter(with_config(ConfigDict(extra="forbid", strict=True))(Strict))


SUMMARY, OPENED, REVEALED, REFUSAL = map(strict, (shapes.Summary, shapes.Opened, shapes.Revealed, shapes.Refusal))


def test_the_document_is_that_of_the_code() -> None:
    assert api.DOCUMENT.read_text("utf-8") == api.written_document(), "python -m tests.api writes it anew"


def test_the_tables_are_those_of_the_code() -> None:
    page = api.PAGE.read_text("utf-8")
    assert api.written(page) == page, "python -m tests.api writes them anew"


def test_every_route_is_documented_and_no_other() -> None:
    """OWASP's ninth: what nobody knows of, nobody guards."""
    routes = {
        (method, route.path) for route in api.app().routes if isinstance(route, Route) for method in route.methods or ()
    }
    told = {(method.upper(), path) for path, method, _ in api._operations()}
    assert {(method, path) for method, path in routes if method != "HEAD"} == told
    assert {path for _, path in routes} == api.links(api.PAGE.read_text("utf-8"))


def test_every_answer_to_every_ticket_is_as_documented(service: Service) -> None:
    """And the app's own bodies are what the document says is posted."""
    seen = set()
    for scenario in SCENARIOS:
        body = posted(scenario)
        answer = service.post(scenario.tenant, "summary", body)
        found: Json = SUMMARY.validate_json(answer.content)
        seen.add(found["match"]["level"])
        for order in found["orders"][:1]:
            OPENED.validate_json(service.post(scenario.tenant, "order", {**body, "order": order["id"]}).content)
        revealed = service.post(scenario.tenant, "reveal", {**body, "fields": ["email"]})
        (REVEALED if revealed.status_code == 200 else REFUSAL).validate_json(revealed.content)
    assert seen == {"confirmed", "likely", "ambiguous", "none", "unknown"}
    wanted = {"name": "Jane Doerr", "agent": {"id": 4711}}
    assert SUMMARY.validate_json(service.post("acme", "search", wanted).content)["match"]["candidates"]


def test_every_instant_is_utc(service: Service) -> None:
    """Whichever platform it comes from: an app that reads no offsets is never wrong by hours."""
    told: set[tuple[str, str]] = set()
    for scenario in SCENARIOS:
        answer = service.post(scenario.tenant, "summary", posted(scenario)).text
        told |= set(re.findall(r'"\w+_at":"([^"]+)"|"(?:at|as_of)":"([^"]+)"', answer))
    assert len(told) > 50
    assert [at for pair in told for at in pair if at and not re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", at)] == []


def test_every_refusal_is_as_documented(service: Service) -> None:
    told = {(status, code) for status, code, _ in api.refusals()}
    asked: list[tuple[str, Json]] = [
        ("summary", {}), ("summary", {"requester": {"email": "a@example.com\0"}}), ("search", {"email": "x"}),
        ("reveal", {"lookup": "gone", "fields": ["email"]}), ("nothing", {}),
        ("order", {"requester": {"email": "kim.novak@example.org"}, "order": "x"}),
    ]  # fmt: skip
    for path, body in asked:
        answer = service.post("acme", path, body)
        error = REFUSAL.validate_json(answer.content)["error"]
        assert (answer.status_code, error["code"]) in told


@pytest.mark.parametrize("path", ["/a%0Ab", "/assets/a%0Ab/x", "/stores%0A", "/%FF"])
def test_no_address_is_so_strange_that_its_refusal_is_another(service: Service, path: str) -> None:
    """The demo's own routes stand before the service's: it once answered an address with a line break by itself."""
    answer = service.client.get(f"{service.url}{path}")
    assert (answer.status_code, REFUSAL.validate_json(answer.content)["error"]["code"]) == (404, "not_found")


def test_a_member_too_many_or_too_few_would_be_seen(service: Service) -> None:
    found = service.ask("acme", "summary", posted(SCENARIOS[0]))
    for spoilt in ({**found, "internal": 1}, {name: found[name] for name in found if name != "why"}):
        with pytest.raises(ValidationError):
            SUMMARY.validate_json(json.dumps(spoilt))


def test_what_the_document_says_is_posted_is_what_is_read() -> None:
    """An example for each body, made from the contract's own."""
    requester = {"email": "jane.doerr@gmail.com"}
    for kind, body in (
        (ticket.Ask, {"requester": requester}),
        (ticket.AskOrder, {"requester": requester, "order": "Acme EU/1"}),
        (ticket.AskReveal, {"lookup": "x", "fields": ["email"]}),
        (ticket.AskSearch, {"number": "1042"}),
    ):
        ticket.read(json.dumps(body).encode(), kind)
        schema = api.document()["components"]["schemas"][kind.__name__]
        assert set(schema.get("required", [])) <= set(body)
        for name in schema.get("required", []):
            with pytest.raises(RequestError, match=name):
                ticket.read(json.dumps({key: value for key, value in body.items() if key != name}).encode(), kind)


def test_the_script_in_the_page_gets_in(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"python -c '(.*?)'", api.PAGE.read_text("utf-8"), re.DOTALL)
    said = io.StringIO()
    monkeypatch.setattr(sys, "argv", ["-c", service.url])
    monkeypatch.setattr(sys, "stdin", io.StringIO((service.folder / "secrets" / "acme").read_text() + "\n"))
    monkeypatch.setattr(sys, "stdout", said)
    exec(compile(code, "api.md", "exec"), {})  # noqa: S102 - it is our own page
    headers = {"authorization": f"Bearer {said.getvalue().strip()}"}
    answer = httpx.post(f"{service.url}/v1/summary", json={"requester": {"email": "a@b.example"}}, headers=headers)
    assert answer.status_code == 200
