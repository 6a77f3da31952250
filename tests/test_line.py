"""The whole line over HTTP: the right orders on the right ticket, asked through the real connectors and stores.

The stores are the demo's, each of which finds strangers as its platform does. Two tenants stand in every story.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from server.demo.world import closed_port, demo, listener
from server.model import Level
from server.upstream.client import open_pool
from tests.browser.stage import serving

Json = dict[str, Any]
NOW = datetime.now(UTC)


class Line:
    """The service at its address, and the secrets of its tenants."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder

    def headers(self, tenant: str, *, secret_of: str | None = None, **claims: object) -> dict[str, str]:
        """What Zendesk's proxy sends for this tenant."""
        secret = (self.folder / "secrets" / (secret_of or tenant)).read_text()
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": tenant, "aud": self.url, "iat": now, "exp": now + 60, **claims}
        return {"authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}

    def ask(self, tenant: str, *, accept: str = "application/json", **body: Any) -> httpx.Response:
        """One complete answer."""

        async def post() -> httpx.Response:
            async with httpx.AsyncClient(trust_env=False) as client:
                headers = {**self.headers(tenant), "accept": accept}
                return await client.post(f"{self.url}/v1/summary", json={"wait_ms": 4000, **body}, headers=headers)

        return asyncio.run(post())

    def open(self, tenant: str, order: str, *, accept: str = "application/json", **body: Any) -> httpx.Response:
        """One order, as the app asks for it when the agent opens it."""

        async def post() -> httpx.Response:
            async with httpx.AsyncClient(trust_env=False) as client:
                headers = {**self.headers(tenant), "accept": accept}
                return await client.post(f"{self.url}/v1/order", json={"order": order, **body}, headers=headers)

        return asyncio.run(post())

    def summary(self, tenant: str, **body: Any) -> Json:
        """The same as JSON."""
        response = self.ask(tenant, **body)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        assert found["complete"]
        return found


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("line")
    bound = listener(0)
    port = bound.getsockname()[1]
    with closed_port() as closed, serving(demo(port, folder, NOW, closed), bound):
        yield Line(f"http://127.0.0.1:{port}", folder)


def who(email: str, *, proven: bool = False, **more: object) -> Json:
    """A requester with one e-mail identity."""
    method = "sso" if proven else "none"
    identity = {"type": "email", "value": email, "primary": True, "verification_method": method, "ownership": "owned"}
    return {"id": 5001, "email": email, "identities": [identity], **more}


def about(subject: str, text: str = "Hello", **comment: object) -> Json:
    """A ticket with one comment of the requester's."""
    return {"subject": subject, "channel": "email", "texts": [{"by": "requester", "text": text, **comment}]}


def numbers(found: Json) -> list[str]:
    return [order["number"] for order in found["orders"]]


def states(found: Json) -> dict[str, str]:
    return {source["store"]: source["state"] for source in found["sources"]}


def codes(found: Json) -> set[str]:
    return {reason["code"] for reason in found["match"]["reasons"]}


# -- whose orders -----------------------------------------------------------------------------------------


def test_one_person_in_two_stores_with_the_order_of_the_ticket_on_top(line: Line) -> None:
    found = line.summary("acme", requester=who("jane.doerr@gmail.com"), ticket=about("Where is my order #991?"))
    assert (found["match"]["level"], found["match"]["sender"]) == ("likely", "stated")
    assert numbers(found) == ["991", "1042", "#US-2210", "1038"], "named first, then the newest"
    assert [order["named_in_ticket"] for order in found["orders"]] == [True, False, False, False]
    assert {order["store"] for order in found["orders"]} == {"Acme EU", "Acme US"}
    assert "order_number_owned" in codes(found)
    assert found["customer"]["emails"] == ["j•••@gmail.com"]
    assert found["customer"]["orders_count"] == 4
    assert {money["currency"] for money in found["customer"]["spent"]} == {"EUR", "USD"}


def test_the_same_person_proven_by_zendesk_is_confirmed_and_not_masked(line: Line) -> None:
    found = line.summary("acme", requester=who("jane.doerr@gmail.com", proven=True), ticket=about("Where is it?"))
    assert found["match"]["level"] == "confirmed"
    assert found["customer"]["emails"] == ["jane.doerr@gmail.com"]
    assert found["orders"][0]["addresses"]["shipping"]["street"] != ["•••"]


def test_a_guest_is_found_by_the_address_of_his_order(line: Line) -> None:
    found = line.summary("acme", requester=who("Omar.Haddad@EXAMPLE.net"), ticket=about("When will you ship?"))
    assert numbers(found) == ["1051"]
    assert [record["kind"] for record in found["customer"]["records"]] == ["guest"]
    assert states(found) == {"Acme EU": "answered", "Acme US": "nothing"}


def test_a_shared_mailbox_opens_nobodys_orders_until_an_agent_chooses(line: Line) -> None:
    asked = {"requester": who("office@birchwood.example", name="Birchwood"), "ticket": about("Invoice please")}
    found = line.summary("acme", **asked)
    assert (found["match"]["level"], numbers(found), found["customer"]) == ("ambiguous", [], None)
    seen = {(each["name"], each["email"]) for each in found["match"]["candidates"]}
    assert seen == {("A. L.", "o•••@b•••.example"), ("B. S.", "o•••@b•••.example")}
    ann = next(each["id"] for each in found["match"]["candidates"] if each["name"] == "A. L.")
    chosen = line.summary("acme", chosen=ann, **asked)
    assert (chosen["match"]["level"], chosen["customer"]["name"]) == ("likely", "Ann Lee")
    assert "chosen_by_agent" in codes(chosen)
    assert len(numbers(chosen)) == 1, "the other customer's order stays closed"


def test_a_message_that_zendesk_doubts_opens_nothing(line: Line) -> None:
    ticket = about("Change my address", flags=[14], trusted=False)
    found = line.summary("acme", requester=who("jane.doerr@gmail.com", proven=True), ticket=ticket)
    assert (found["match"]["level"], found["match"]["sender"]) == ("ambiguous", "doubted")
    assert numbers(found) == []


def test_somebody_elses_order_number_gives_one_line_and_nothing_more(line: Line) -> None:
    response = line.ask("acme", requester=who("kim.novak@example.org"), ticket=about("Order #1042 please"))
    found = response.json()
    assert (found["match"]["level"], numbers(found)) == ("none", [])
    said = [reason["text"] for reason in found["match"]["reasons"] if reason["code"] == "order_elsewhere"]
    assert said == ["Order 1042 exists, under another address"]
    assert not re.search("jane|doerr|berlin|apron", response.text, re.IGNORECASE)


def test_a_number_of_another_customer_beside_ones_own_address_lowers_the_level(line: Line) -> None:
    found = line.summary("acme", requester=who("tom.becker@example.org"), ticket=about("Where is order 1044?"))
    assert found["match"]["level"] == "ambiguous"
    assert numbers(found) == []
    assert "contradiction" in codes(found)


# -- what happened ----------------------------------------------------------------------------------------

FLAGS = {
    "sam.carter@example.com": ("#US-2240", "payment_failed"),
    "grace.kim@example.com": ("#US-2225", "shipment_stalled"),
    "daniel.wright@example.com": ("#US-2218", "payment_disputed"),
    "olivia.brown@example.com": ("#US-2236", "refund_pending"),
    "noah.schmidt@example.com": ("#US-2229", "return_requested"),
    "tom.becker@example.org": ("1047", "partly_refunded"),
    "ben.ortiz@example.com": ("#US-2250", "partly_paid"),
    "carla.nunes@example.com": ("#US-2251", "not_captured"),
    "dina.roth@example.com": ("#US-2252", "shipment_delayed"),
    "emil.frank@example.com": ("#US-2253", "not_received"),
    "fay.lund@example.com": ("#US-2255", "duplicate"),
    "gus.holm@example.com": ("#US-2256", "partly_shipped"),
    "hana.ito@example.com": ("#US-2257", "fraud_review"),
}


@pytest.mark.parametrize(("email", "flag"), FLAGS.items(), ids=FLAGS)
def test_what_needs_the_agents_eye_is_flagged_on_its_order(line: Line, email: str, flag: tuple[str, str]) -> None:
    found = line.summary("acme", requester=who(email), ticket=about("Hello? It never arrived."))
    assert flag in [(each["number"], each["code"]) for each in found["attention"]]


def test_parcels_refunds_and_money_of_an_order(line: Line) -> None:
    found = line.summary("acme", requester=who("tom.becker@example.org"), ticket=about("Was I refunded?"))
    (order,) = found["orders"]
    (refund,) = order["refunds"]
    assert (refund["amount"], refund["reason"]) == ({"amount": "16.20", "currency": "EUR"}, "Damaged in transit")
    assert [item["refunded"] for item in order["items"]] == ["1", "0"]
    total, back, net = (Decimal(order["totals"][part]["amount"]) for part in ("total", "refunded", "net"))
    assert net == total - back


def test_amounts_of_several_currencies_stand_side_by_side(line: Line) -> None:
    found = line.summary("acme", requester=who("yuki.tanaka@example.jp"), ticket=about("Receipts"))
    assert {order["currency"] for order in found["orders"]} == {"EUR", "JPY", "USD"}
    yen = next(order["totals"]["total"] for order in found["orders"] if order["currency"] == "JPY")
    assert yen == {"amount": "12800", "currency": "JPY"}


# -- what could not be seen -------------------------------------------------------------------------------


def test_a_store_that_is_down_is_named_and_the_other_answers(line: Line) -> None:
    found = line.summary("birch", requester=who("priya.nair@example.co.uk", proven=True), ticket=about("Order 3307"))
    assert numbers(found) == ["3307", "3301"]
    assert states(found) == {"Birch Home": "answered", "Birch Outlet": "unreachable"}
    assert found["match"]["level"] == "likely", "never confirmed while a store is silent"
    assert "store_silent" in codes(found)


def test_nobody_found_beside_a_silent_store_is_not_called_no_orders(line: Line) -> None:
    asked = {"requester": who("ruth.adler@example.org"), "ticket": about("My order")}
    assert line.summary("birch", **asked)["match"]["level"] == "unknown"
    panel = line.ask("birch", accept="text/html", **asked).text
    assert "We cannot say whether this sender has orders" in panel
    assert not re.search("no orders", panel, re.IGNORECASE)


def test_no_orders_is_said_when_every_store_has_answered(line: Line) -> None:
    asked = {"requester": who("nobody@example.com"), "ticket": about("Hello")}
    found = line.summary("acme", **asked)
    assert found["match"]["level"] == "none"
    assert set(states(found).values()) == {"nothing"}
    assert "No customer and no orders" in line.ask("acme", accept="text/html", **asked).text


def test_an_order_that_cannot_be_read_is_left_out_and_said(line: Line) -> None:
    found = line.summary("acme", requester=who("eve.ohara@example.com"), ticket=about("My order"))
    assert numbers(found) == ["1053"]
    (source,) = (each for each in found["sources"] if each["store"] == "Acme EU")
    assert source["unreadable"] == 1
    assert "1 order could not be read" in source["text"]
    assert found["customer"]["orders_count"] is None, "nobody can tell how many there are"


def test_hostile_text_of_a_store_is_text_in_the_panel(line: Line) -> None:
    panel = line.ask("acme", accept="text/html", requester=who("eve.ohara@example.com"), ticket=about("Hi")).text
    assert "&lt;script&gt;" in panel
    assert not re.search(r"<script|<img|javascript:|on\w+=alert\(1\)>(?!&)", panel.replace("&lt;", ""), re.IGNORECASE)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", panel)


def test_a_slow_store_is_pending_in_the_first_answer_and_there_in_the_next(line: Line) -> None:
    asked: Json = {"requester": who("lucas.martin@example.fr"), "ticket": about("Two orders")}
    first = line.ask("cedar", **{**asked, "wait_ms": 300}).json()
    assert (first["complete"], numbers(first)) == (False, ["#C5021"])
    assert states(first)["Cedar Classics"] == "pending"
    second = line.ask("cedar", **{**asked, "lookup": first["lookup"]}).json()
    assert (second["complete"], second["lookup"]) == (True, first["lookup"])
    assert sorted(numbers(second)) == ["#C5021", "771"]


# -- what it costs a merchant -----------------------------------------------------------------------------


def calls(line: Line, monkeypatch: pytest.MonkeyPatch, tenant: str, **body: Any) -> Counter[str]:
    """How many calls an uncached lookup makes, by store."""
    from server.upstream.client import Client

    made: Counter[str] = Counter()
    call = Client.call

    async def counted(self: Any, request: Any, deadline: float) -> Any:
        made[self._target.origin.rpartition("/")[2]] += 1
        return await call(self, request, deadline)

    monkeypatch.setattr(Client, "call", counted)
    line.summary(tenant, refresh=True, **body)
    return made


def test_a_customer_costs_few_calls_whatever_he_ordered(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    made = calls(line, monkeypatch, "acme", requester=who("jane.doerr@gmail.com"), ticket=about("Where is #1042?"))
    assert made == {"acme-eu": 4, "acme-us": 2}, "the number came with the customer, so nobody is asked for it"


def test_a_phone_beside_a_known_address_costs_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    person = who("omar.haddad@example.net", phone="+49 30 5550101")
    assert calls(line, monkeypatch, "acme", requester=person, ticket=about("Hi")) == {"acme-eu": 2, "acme-us": 2}


def test_the_second_look_within_a_minute_costs_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    person = who("grace.kim@example.com")
    line.summary("acme", requester=person, ticket=about("Hi"))
    from server.upstream.client import Client

    async def none(*_: object) -> None:
        raise AssertionError("a store was asked")

    monkeypatch.setattr(Client, "call", none)
    again = line.summary("acme", requester=person, ticket=about("Hi again"))
    assert numbers(again) == ["#US-2225"]
    assert all(step["cached"] for step in again["why"])


# -- tenants ----------------------------------------------------------------------------------------------


def test_a_tenants_customer_is_nobody_to_another(line: Line) -> None:
    assert line.summary("acme", requester=who("lucas.martin@example.fr"), ticket=about("Hi"))["orders"] == []
    other = line.summary("cedar", requester=who("jane.doerr@gmail.com"), ticket=about("#1042"))
    assert (other["orders"], other["match"]["level"]) == ([], Level.NONE)


def test_one_tenants_secret_opens_nothing_of_anothers(line: Line) -> None:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = line.headers("acme", secret_of="birch")
            body = {"requester": who("jane.doerr@gmail.com")}
            return await client.post(f"{line.url}/v1/summary", json=body, headers=headers)

    response = asyncio.run(post())
    assert (response.status_code, response.json()["error"]["code"]) == (401, "token_signature")


# -- one order, opened ----------------------------------------------------------------------------------------

JANES: Json = {"requester": who("jane.doerr@gmail.com"), "ticket": about("Where is #1042?")}


def test_an_opened_order_tells_what_the_list_left_for_later(line: Line) -> None:
    listed = next(o for o in line.summary("acme", **JANES)["orders"] if o["store"] == "Acme EU")
    assert listed["later"] == ["notes"]
    told = line.open("acme", listed["id"], **JANES).json()["order"]
    assert (told["id"], told["number"], told["later"]) == (listed["id"], listed["number"], [])
    assert any("Order status changed" in note["text"] for note in told["notes"])
    assert {**told, "notes": listed["notes"], "later": ["notes"]} == listed


def test_an_opened_order_comes_as_the_card_that_it_replaces(line: Line) -> None:
    listed = next(o for o in line.summary("acme", **JANES)["orders"] if o["store"] == "Acme EU")
    panel = line.ask("acme", accept="text/html", **JANES).text
    card = line.open("acme", listed["id"], accept="text/html", **JANES).text
    anchor = re.search(r'<details class="order" id="(o[^"]+)"', card)
    assert anchor
    assert f'id="{anchor[1]}"' in panel
    assert "Order status changed" in card
    assert "Order status changed" not in panel
    assert 'data-path="order"' not in card


def test_nobody_opens_an_order_that_his_ticket_does_not_show(line: Line) -> None:
    """A stranger who knows the number or even the id of an order learns nothing of it."""
    listed = next(o for o in line.summary("acme", **JANES)["orders"] if o["store"] == "Acme EU")
    rick: Json = {"requester": who("rick.stranger@example.org"), "ticket": about("Order #1042")}
    response = line.open("acme", listed["id"], **rick)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "no_such_order")
    assert line.open("birch", listed["id"], **JANES).status_code == 404


def test_an_order_that_its_store_does_not_tell_of_is_a_failure_and_not_an_order_without_notes(
    tmp_path: Path,
) -> None:
    """The store answers the list, and is gone when the agent opens the order."""
    gone: list[str] = []

    class Flaky(httpx.AsyncBaseTransport):
        def __init__(self) -> None:
            self.real = open_pool()

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if gone and request.url.path.endswith(gone[-1]) and "acme-eu" in request.url.path:
                raise httpx.ConnectError("gone", request=request)
            return await self.real.handle_async_request(request)

        async def aclose(self) -> None:
            await self.real.aclose()

    bound = listener(0)
    port = bound.getsockname()[1]
    with closed_port() as closed, serving(demo(port, tmp_path, NOW, closed, transport=Flaky()), bound):
        line = Line(f"http://127.0.0.1:{port}", tmp_path)
        listed = next(o for o in line.summary("acme", **JANES)["orders"] if o["store"] == "Acme EU")
        gone.append("/notes")
        response = line.open("acme", listed["id"], **JANES)
        assert response.status_code == 503
        error = response.json()["error"]
        assert (error["code"], error["message"]) == (
            "store_unreachable", "Acme EU could not be reached: no connection."
        )  # fmt: skip
        gone.append("")
        response = line.open("acme", listed["id"], **JANES, refresh=True)
        assert (response.status_code, response.json()["error"]["code"]) == (503, "stores_silent"), "it may be there yet"
        gone.clear()
        assert line.open("acme", listed["id"], **JANES).json()["order"]["notes"], "a failure is never kept"


# -- many platforms -------------------------------------------------------------------------------------------


def test_one_customer_in_six_stores_on_six_platforms(line: Line) -> None:
    found = line.summary("dune", requester=who("iris.novak@example.com"), ticket=about("My orders"))
    assert found["match"]["level"] == "likely"
    seen = {(order["platform"], order["number"]) for order in found["orders"]}
    assert seen == {
        ("bigcommerce", "118"), ("bigcommerce", "112"), ("magento", "000000084"), ("magento", "000000071"),
        ("saleor", "907"), ("saleor", "894"), ("prestashop", "KMRTQWZXA"), ("prestashop", "BNVCXLKJH"),
        ("api2cart", "12-11873-90451"), ("api2cart", "07-10992-33810"),
    }  # fmt: skip
    states = {source["store"]: source["state"] for source in found["sources"]}
    assert states.pop("Dune Outlet") == "nothing"
    assert set(states.values()) == {"answered"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("order 84", "000000084"),
        ("order KMRTQWZXA", "KMRTQWZXA"),
        ("order 12-11873-90451", "12-11873-90451"),
        ("order #907", "907"),
    ],
)
def test_a_number_is_known_as_the_customer_writes_it(line: Line, text: str, number: str) -> None:
    found = line.summary("dune", requester=who("iris.novak@example.com"), ticket=about("Hello", text))
    assert [order["number"] for order in found["orders"] if order["named_in_ticket"]] == [number]


def test_a_shops_prefix_may_be_left_out(line: Line) -> None:
    found = line.summary("acme", requester=who("jane.doerr@gmail.com"), ticket=about("Hello", "order 2210"))
    assert [order["number"] for order in found["orders"] if order["named_in_ticket"]] == ["#US-2210"]


def test_a_marketplaces_buyer_is_found_by_his_relay_address(line: Line) -> None:
    buyer = who("q7v0k2x9example@marketplace.amazon.de")
    found = line.summary("elm", requester=buyer, ticket=about("Bestellung 302-4417768-2956319"))
    (order,) = found["orders"]
    assert (found["match"]["level"], order["platform"], order["named_in_ticket"]) == ("likely", "amazon", True)
    assert order["shipments"][0]["status"] == "out_for_delivery"


def test_a_marketplaces_order_is_nobody_elses(line: Line) -> None:
    thief = who("rick.vale@example.net")
    found = line.summary("elm", requester=thief, ticket=about("Order 302-4417768-2956319"))
    assert (found["match"]["level"], found["orders"]) == ("none", [])
    assert "order_elsewhere" in {reason["code"] for reason in found["match"]["reasons"]}


def test_an_ebay_order_is_found_by_its_number_and_is_its_buyers(line: Line) -> None:
    ticket = about("Item", "order 17-12345-67890")
    found = line.summary("elm", requester=who("4f1c2d9e8@members.ebay.com"), ticket=ticket)
    assert [(order["platform"], order["number"]) for order in found["orders"]] == [("ebay", "17-12345-67890")]
    other = line.summary("elm", requester=who("owen.hale@example.org"), ticket=ticket)
    assert (other["match"]["level"], other["orders"]) == ("none", [])


# -- what is copied for the customer ----------------------------------------------------------------------


def test_ready_answers_are_the_customers_and_the_rest_is_the_agents(line: Line) -> None:
    """His language and zone by the ticket; the agent's where the ticket has none."""
    kim = who("grace.kim@example.com", locale="fr", time_zone="Asia/Tokyo")
    agent = {"id": 77, "locale": "en-GB", "time_zone": "Europe/London"}
    (order, *_) = line.summary("acme", requester=kim, agent=agent, ticket=about("Is it lost?"))["orders"]
    assert {each["about"]: each["language"] for each in order["answers"]} == {"status": "fr", "tracking": "fr"}
    assert order["sentence"].startswith("Paid; in transit with UPS, last scan on ")
    (order, *_) = line.summary("acme", requester=who("grace.kim@example.com"), agent=agent, ticket=about("?"))["orders"]
    assert {each["language"] for each in order["answers"]} == {"en-GB"}
    html = line.ask("acme", accept="text/html", requester=kim, agent=agent, ticket=about("Is it lost?")).text
    assert 'data-copy="' in html
    assert ">Status</button>" in html


def test_an_opened_order_brings_its_answers_and_its_flags(line: Line) -> None:
    writer, ticket = who("hana.ito@example.com"), about("#US-2257")
    order = line.summary("acme", requester=writer, ticket=ticket)["orders"][0]["id"]
    told = line.open("acme", order, requester=writer, ticket=ticket).json()["order"]
    assert told["review"] == "INVESTIGATE"
    assert [each["text"] for each in told["answers"]] == ["Your order #US-2257 has not been sent yet."]


def test_a_number_without_a_link_leads_to_its_carrier(line: Line) -> None:
    found = line.summary("acme", requester=who("maria.rossi@studio.example"), ticket=about("1044"))
    (parcel,) = found["orders"][0]["shipments"]
    assert parcel["tracking_url"] is None
    assert parcel["carrier_url"] == "https://www.ups.com/track?loc=en&tracknum=1Z999AA10123456784"
