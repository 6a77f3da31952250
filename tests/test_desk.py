"""Search, choice, setting aside and reveal over HTTP, against the demo's stores; and what is recorded of them."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from server.demo.world import closed_port, demo, listener
from server.logs import JsonLines
from server.quota import PER_AGENT
from tests.browser.stage import serving

Json = dict[str, Any]
NOW = datetime.now(UTC)
PERSONAL = ("jane", "doerr", "gmail", "omar", "haddad", "birchwood", "5550101", "musterstr")


class Desk:
    """The service at its address, as the app's requests reach it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def post(self, path: str, body: Json, tenant: str = "acme", accept: str = "application/json") -> httpx.Response:
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": tenant, "aud": self.url, "iat": now, "exp": now + 60}
        token = jwt.encode(claims, (self.folder / "secrets" / tenant).read_text(), algorithm="HS256")

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(trust_env=False) as client:
                headers = {"authorization": f"Bearer {token}", "accept": accept}
                return await client.post(f"{self.url}/v1/{path}", json={"wait_ms": 4000, **body}, headers=headers)

        return asyncio.run(send())

    def ask(self, path: str, tenant: str = "acme", **body: Any) -> Json:
        response = self.post(path, body, tenant)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found

    def refused(self, path: str, status: int, tenant: str = "acme", **body: Any) -> Json:
        response = self.post(path, body, tenant)
        assert response.status_code == status, response.text
        error: Json = response.json()["error"]
        return error


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    bound = listener(0)
    port = bound.getsockname()[1]
    with closed_port() as closed, serving(demo(port, folder, NOW, closed), bound):
        yield Desk(f"http://127.0.0.1:{port}", folder)


@pytest.fixture
def trail(caplog: pytest.LogCaptureFixture) -> Iterator[list[Json]]:
    """What was recorded, read at the end of a test; nothing personal is ever in it."""
    caplog.set_level(logging.INFO, "orderside.audit")
    lines: list[Json] = []

    class Reader(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = JsonLines().format(record)
            assert not [word for word in PERSONAL if word in line.lower()]
            lines.append(json.loads(line))

    reader = Reader()
    logging.getLogger("orderside.audit").addHandler(reader)
    yield lines
    logging.getLogger("orderside.audit").removeHandler(reader)


JANE = {"id": 5001, "name": "Jane Doerr", "email": "jane.doerr@gmail.com"}
OFFICE = {"id": 5012, "name": "Birchwood Office", "email": "office@birchwood.example"}


# -- search -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"email": "Jane.Doerr+news@googlemail.com"}, {"J. D."}),
        ({"number": "#1042"}, {"J. D."}),
        ({"number": "2210"}, {"J. D.", "P. L."}),
        ({"phone": "030 5550101"}, {"J. D."}),
        ({"name": "Jane Doerr"}, {"J. D.", "M. D.", "M. J. D."}),
        ({"email": "office@birchwood.example"}, {"A. L.", "B. S."}),
    ],
)
def test_candidates_come_first_and_veiled(desk: Desk, wanted: Json, names: set[str]) -> None:
    found = desk.ask("search", **wanted, agent={"id": hash(str(wanted)) % 10**6})
    assert found["match"]["level"] == "ambiguous"
    assert {candidate["name"] for candidate in found["match"]["candidates"]} == names
    assert (found["orders"], found["customer"]) == ([], None)
    assert "jane.doerr" not in json.dumps(found)


def test_the_chosen_one_is_opened_with_all_of_his_orders_and_recorded(desk: Desk, trail: list[Json]) -> None:
    body: Json = {"number": "1042", "agent": {"id": 101}, "ticket": {"id": 35401}}
    found = desk.ask("search", **body)
    (candidate,) = found["match"]["candidates"]
    opened = desk.ask("search", **body, chosen=candidate["id"])
    assert opened["match"]["level"] == "likely"
    assert "chosen_by_agent" in {reason["code"] for reason in opened["match"]["reasons"]}
    by_ticket = desk.ask("summary", requester=JANE)
    assert {order["id"] for order in opened["orders"]} == {order["id"] for order in by_ticket["orders"]}
    assert opened["customer"]["emails"] == ["j•••@gmail.com"]
    assert [(line["event"], line["about"], line["agent"], line["ticket"]) for line in trail] == [
        ("search", ["order_number"], 101, 35401),
        ("chosen", ["order_number"], 101, 35401),
        ("looked", [], None, None),
    ]
    assert trail[0]["candidates"] == 1
    assert "Acme EU/42" in trail[1]["records"]


def test_an_order_of_a_search_is_opened_like_any_other(desk: Desk) -> None:
    wanted = {"email": "jane.doerr@gmail.com"}
    (candidate,) = desk.ask("search", **wanted, agent={"id": 102})["match"]["candidates"]
    order = desk.ask("search", **wanted, chosen=candidate["id"])["orders"][0]
    opened = desk.ask("order", search=wanted, chosen=candidate["id"], order=order["id"])
    assert opened["order"]["number"] == order["number"]
    assert desk.refused("order", 404, search=wanted, order=order["id"])["code"] == "no_such_order"


def test_nobody_is_said_only_where_every_store_answered(desk: Desk) -> None:
    assert desk.ask("search", email="kim.novak@example.org", agent={"id": 103})["match"]["level"] == "none"
    silent = desk.ask("search", "birch", email="kim.novak@example.org", agent={"id": 103})
    assert silent["match"]["level"] == "unknown"
    assert "store_silent" in {reason["code"] for reason in silent["match"]["reasons"]}


def test_a_store_that_cannot_be_searched_so_says_it(desk: Desk) -> None:
    found = desk.ask("search", "dune", name="Iris Novak", agent={"id": 107})
    said = {source["store"]: source["text"] for source in found["sources"]}
    assert said["Dune Garden"] == "Dune Garden cannot be searched by this"
    assert found["match"]["candidates"]


def test_one_account_never_finds_anothers_customers(desk: Desk) -> None:
    assert desk.ask("search", "birch", email="jane.doerr@gmail.com", agent={"id": 104})["match"]["candidates"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"email": "a@example.com", "number": "1042"}, "body"),
        ({"email": "jane"}, "email"),
        ({"email": ""}, "email"),
        ({"number": "#"}, "number"),
        ({"phone": "12"}, "phone"),
        ({"name": "Jane"}, "name"),
        ({"name": "x" * 400}, "name"),
        ({"name": ["Jane Doerr"]}, "name"),
        ({"email": "a@example.com", "aside": ["not a mark!"]}, "aside.0"),
    ],
)
def test_what_cannot_be_searched_for_is_refused_by_name(desk: Desk, body: Json, field: str) -> None:
    assert desk.refused("search", 422, **body)["field"].startswith(field)


def test_trying_one_number_after_another_ends(desk: Desk) -> None:
    agent = {"id": 105}
    for number in range(PER_AGENT):
        desk.ask("search", number=str(90_000 + number), agent=agent)
    refused = desk.refused("search", 429, number="91000", agent=agent)
    assert refused["code"] == "search_limit"
    assert refused["retry_after"] > 0
    for claim in ({"lookup": "of another search"}, {"chosen": "c0ffee"}, {"refresh": True}):
        desk.refused("search", 429, number="91000", agent=agent, **claim)
    for path, more in (("order", {"order": "Acme EU/1"}), ("reveal", {"fields": ["email"]})):
        desk.refused(path, 429, search={"number": "91000"}, chosen="c0ffee", agent=agent, **more)


def test_a_search_that_is_switched_off_is_refused(desk: Desk) -> None:
    assert desk.refused("search", 403, "elm", email="a@example.com")["code"] == "search_off"
    body: Json = {"search": {"email": "a@example.com"}, "order": "Elm Workshop/1"}
    assert desk.refused("order", 403, "elm", **body)["code"] == "search_off"
    html = desk.post("summary", {"requester": {"email": "a@example.com"}}, "elm", "text/html").text
    assert 'id="search' not in html


# -- choice and setting aside -----------------------------------------------------------------------------


def test_a_choice_among_the_tickets_candidates_is_recorded_and_never_confirmed(desk: Desk, trail: list[Json]) -> None:
    found = desk.ask("summary", requester=OFFICE)
    first = found["match"]["candidates"][0]["id"]
    chosen = desk.ask("summary", requester=OFFICE, chosen=first, agent={"id": 106}, ticket={"id": 35405})
    assert chosen["match"]["level"] == "likely"
    assert len(chosen["orders"]) == 1
    body: Json = {"lookup": chosen["lookup"], "agent": {"id": 106}, "ticket": {"id": 35405}}
    again = desk.ask("summary", requester=OFFICE, chosen=first, **body)
    assert again["lookup"] == chosen["lookup"]
    assert [(line["event"], line["agent"], line["agent_from"]) for line in trail] == [
        ("looked", None, "browser"),
        ("chosen", 106, "browser"),
    ]
    assert (trail[0]["records"], trail[0]["candidates"], len(trail[1]["records"])) == ([], 2, 1)
    assert desk.ask("summary", requester=OFFICE)["match"]["level"] == "ambiguous", "a choice is kept nowhere"


def test_a_record_is_set_aside_and_taken_back(desk: Desk, trail: list[Json]) -> None:
    whole = desk.ask("summary", requester=JANE)
    record = next(one for one in whole["customer"]["records"] if one["store"] == "Acme US")
    assert {order["record"] for order in whole["orders"] if order["store"] == "Acme US"} == {record["mark"]}
    less = desk.ask("summary", requester=JANE, aside=[record["mark"]])
    assert less["match"]["level"] == whole["match"]["level"]
    assert {order["store"] for order in less["orders"]} == {"Acme EU"}
    assert [one["store"] for one in less["customer"]["records"] if one["aside"]] == ["Acme US"]
    assert less["customer"]["orders_count"] < whole["customer"]["orders_count"]
    assert [line["event"] for line in trail] == ["looked", "looked", "set_aside"]
    every = [one["mark"] for one in whole["customer"]["records"]]
    assert len(desk.ask("summary", requester=JANE, aside=every)["orders"]) == len(whole["orders"])


# -- looking ----------------------------------------------------------------------------------------------


def test_looking_at_somebody_is_recorded_once_with_the_reasons_for_it(desk: Desk, trail: list[Json]) -> None:
    body: Json = {"requester": JANE, "agent": {"id": 107}, "ticket": {"id": 35401}}
    seen = desk.ask("summary", **body)
    desk.ask("summary", **body, lookup=seen["lookup"])
    (line,) = trail
    assert (line["event"], line["tenant"], line["agent"], line["ticket"]) == ("looked", "acme", 107, 35401)
    assert (line["match"], line["masked"]) == ("likely", ["address", "email", "phone"])
    assert set(line["reasons"]) == {reason["code"] for reason in seen["match"]["reasons"]}
    accounts = {f"{one['store']}/{one['id']}" for one in seen["customer"]["records"] if one["kind"] == "account"}
    assert accounts <= set(line["records"])
    assert len(line["records"]) == len(seen["customer"]["records"])


def test_another_agent_who_looks_is_another_line(desk: Desk, trail: list[Json]) -> None:
    seen = desk.ask("summary", requester=JANE, agent={"id": 108})
    desk.ask("summary", requester=JANE, agent={"id": 109}, lookup=seen["lookup"])
    assert [line["agent"] for line in trail] == [108, 109]


def test_where_nobody_was_found_nobody_was_looked_at(desk: Desk, trail: list[Json]) -> None:
    desk.ask("summary", requester={"email": "nobody@example.com"})
    assert trail == []


def test_opening_an_order_is_recorded(desk: Desk, trail: list[Json]) -> None:
    seen = desk.ask("summary", requester=JANE)
    order = seen["orders"][0]["id"]
    desk.ask("order", requester=JANE, order=order, lookup=seen["lookup"], agent={"id": 110})
    assert [(line["event"], line["about"]) for line in trail] == [("looked", []), ("opened", [order])]


# -- reveal -----------------------------------------------------------------------------------------------


def test_what_is_masked_is_shown_on_request_and_recorded(desk: Desk, trail: list[Json]) -> None:
    seen = desk.ask("summary", requester=JANE)
    assert seen["customer"]["emails"] == ["j•••@gmail.com"]
    told = desk.ask("reveal", lookup=seen["lookup"], fields=["email"])
    assert told["emails"] == ["jane.doerr@gmail.com"]
    assert all(number.startswith("•••") for number in told["phones"])
    assert all(place["shipping"]["street"] == ["•••"] for place in told["addresses"] if place["shipping"])
    everything = desk.ask("reveal", requester=JANE, fields=["email", "phone", "address"])
    assert everything["masked"] == []
    assert any(place["shipping"]["street"] != ["•••"] for place in everything["addresses"] if place["shipping"])
    assert [(line["event"], line["about"], line["masked"]) for line in trail] == [
        ("looked", [], ["address", "email", "phone"]),
        ("reveal", ["email"], ["address", "phone"]),
        ("reveal", ["address", "email", "phone"], []),
    ]


def test_a_wrong_customer_is_recorded_with_what_had_led_to_him(desk: Desk, trail: list[Json]) -> None:
    seen = desk.ask("summary", requester=JANE)
    told = desk.ask("report", requester=JANE, lookup=seen["lookup"], what="wrong_customer", agent={"id": 111})
    assert told == {"recorded": True}
    line = trail[-1]
    assert (line["event"], line["agent"], line["match"]) == ("wrong_customer", 111, "likely")
    assert set(line["reasons"]) == {reason["code"] for reason in seen["match"]["reasons"]}
    assert "Acme EU/42" in line["records"]


def test_where_nobody_is_shown_nobody_is_the_wrong_one(desk: Desk, trail: list[Json]) -> None:
    error = desk.refused("report", 404, requester={"email": "nobody@example.com"}, what="wrong_customer")
    assert error["code"] == "nobody_to_report"
    assert desk.refused("report", 422, requester=JANE, what="a rude word")["field"] == "what"
    assert trail == []


def test_a_reveal_as_the_panel(desk: Desk) -> None:
    html = desk.post("summary", {"requester": JANE}, accept="text/html").text
    assert "jane.doerr@gmail.com" not in html
    assert 'data-path="reveal"' in html
    shown = desk.post("reveal", {"requester": JANE, "fields": ["email", "phone", "address"]}, accept="text/html").text
    assert "jane.doerr@gmail.com" in shown
    assert 'data-path="reveal"' not in shown


def test_a_lookup_is_no_key_to_another_account_nor_for_ever(desk: Desk) -> None:
    seen = desk.ask("summary", requester=JANE)
    for tenant, lookup in (("birch", seen["lookup"]), ("acme", "never-heard-of")):
        assert desk.refused("reveal", 404, tenant, lookup=lookup, fields=["email"])["code"] == "lookup_gone"


def test_candidates_are_never_revealed(desk: Desk) -> None:
    assert desk.refused("reveal", 404, requester=OFFICE, fields=["email"])["code"] == "nobody_to_reveal"


@pytest.mark.parametrize("fields", [[], ["street"], "email"])
def test_only_what_is_masked_can_be_revealed(desk: Desk, fields: object) -> None:
    assert desk.refused("reveal", 422, requester=JANE, fields=fields)["field"].startswith("fields")


def test_a_reveal_that_is_switched_off_is_refused(desk: Desk) -> None:
    body = {"requester": {"email": "iris.novak@example.com"}, "fields": ["email"]}
    assert desk.post("reveal", body, "elm").status_code == 403


# -- proof that the service reads -------------------------------------------------------------------------


def test_where_the_service_reads_zendesk_the_browsers_proof_counts_for_nothing(desk: Desk) -> None:
    address = {"type": "email", "value": "lucas.martin@example.fr", "verification_method": "sso", "ownership": "owned"}
    requester = {"id": 5040, "name": "Lucas Martin", "email": "lucas.martin@example.fr", "identities": [address]}
    text = {"by": "requester", "text": "Hello", "flags": [], "trusted": True}
    forged = desk.ask("summary", "cedar", requester=requester, ticket={"id": 35417, "channel": "web", "texts": [text]})
    assert (forged["match"]["sender"], forged["match"]["proof_from"]) == ("stated", "zendesk")
    unknown = desk.ask("summary", "cedar", requester=requester, ticket={"id": 1, "channel": "web", "texts": [text]})
    assert (unknown["match"]["sender"], unknown["match"]["proof_from"]) == ("stated", "nobody")
    proven = desk.ask("summary", "cedar", requester={"id": 5041, "email": "x@example.org"}, ticket={"id": 35431})
    assert (proven["match"]["level"], proven["match"]["proof_from"]) == ("confirmed", "zendesk")
