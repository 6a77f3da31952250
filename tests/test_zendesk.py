"""What the service reads of a ticket from Zendesk itself, and what it believes then. Payloads shaped by Zendesk's API
reference (tickets, users, user_identities, ticket_comments), read 2026-11; people are invented."""

import asyncio
import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from server.errors import Changed, Refused, StoreError, TimedOut
from server.identity.evidence import sender
from server.model import Facts, Requester, Sender, Ticket, TicketText
from server.upstream.client import Client, open_pool
from server.zendesk import Account, Reader, settled

Json = dict[str, Any]
TOLD = Facts(
    Requester(5001, "Jane Doerr", "jane.doerr@gmail.com"),
    Ticket(35401, "Where is #1042?", "email", "Acme Europe"),
    chosen="c0ffee",
    proof_from="nobody",
    capped=True,
    key=b"key",
)
TICKET: Json = {
    "id": 35401,
    "requester_id": 5001,
    "subject": "Where is #1042?",
    "via": {"channel": "email", "source": {"from": {"address": "jane.doerr@gmail.com", "name": "Jane"}, "to": {}}},
    "custom_fields": [{"id": 360001, "value": "1042"}, {"id": 360002, "value": None}],
    "tags": [],
}
USER: Json = {
    "id": 5001,
    "name": "Jane Doerr",
    "email": "jane@primary.example",
    "phone": None,
    "external_id": "42",
    "locale": "de",
    "time_zone": "Berlin",
    "iana_time_zone": "Europe/Berlin",
    "role": "end-user",
    "suspended": False,
}
PROVEN: Json = {
    "id": 1,
    "user_id": 5001,
    "type": "email",
    "value": "jane.doerr@gmail.com",
    "primary": False,
    "verified": True,
    "verification_method": "full",
    "ownership": "owned",
    "deliverable_state": "deliverable",
}
UNPROVEN: Json = {**PROVEN, "id": 2, "value": "jane@primary.example", "primary": True, "verification_method": "none"}
COMMENT: Json = {
    "id": 9,
    "author_id": 5001,
    "plain_body": "Where is it?",
    "created_at": "2026-11-20T10:00:00Z",
    "metadata": {"flags": [], "trusted": True},
}


def zendesk(**changed: object) -> Mapping[str, object]:
    """What a healthy account answers, by path."""
    pages: Json = {
        "ticket": {"ticket": TICKET},
        "user": {"user": USER},
        "identities": {"identities": [PROVEN, UNPROVEN], "next_page": None},
        "comments": {"comments": [COMMENT], "users": [{"id": 5001, "role": "end-user"}], "next_page": None},
        **changed,
    }
    return {
        "/api/v2/tickets/35401.json": pages["ticket"],
        "/api/v2/users/5001.json": pages["user"],
        "/api/v2/users/5001/identities.json": pages["identities"],
        "/api/v2/tickets/35401/comments.json": pages["comments"],
    }


class Desk:
    """An account that answers from its pages and counts."""

    def __init__(self, pages: Mapping[str, object], *, delay: float = 0.0) -> None:
        self.pages = pages
        self.delay = delay
        self.seen: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        await asyncio.sleep(self.delay)
        page = self.pages[request.url.path]
        status, text = page if isinstance(page, tuple) else (200, json.dumps(page))
        return httpx.Response(status, stream=httpx.ByteStream(text.encode()))


def reading(desk: Desk, told: Facts = TOLD, patience: float = 1.0) -> Facts | StoreError | None:
    """What one reading brings."""

    async def read() -> Facts | StoreError | None:
        async with open_pool(transport=httpx.MockTransport(desk)) as pool:
            reader = Reader(Client(pool, Account("https://acme.zendesk.com")), "reader@acme.example", "s3cret")
            task = reader.begin(told, refresh=False)
            assert task is not None
            found = await settled(task, asyncio.get_running_loop().time() + patience)
            await reader.stop()
            return found

    return asyncio.run(read())


def facts(**changed: object) -> Facts:
    found = reading(Desk(zendesk(**changed)))
    assert isinstance(found, Facts), found
    return found


def test_what_zendesk_says_takes_the_place_of_what_the_browser_told() -> None:
    found = facts()
    assert (found.proof_from, found.capped, found.chosen, found.key) == ("zendesk", False, "c0ffee", b"key")
    assert found.requester.external_id == "42"
    assert found.ticket.fields == {"360001": "1042"}
    assert found.ticket.brand == "Acme Europe"
    assert sender(found) is Sender.PROVEN


def test_proof_belongs_to_the_address_that_the_ticket_came_from() -> None:
    assert facts().requester.email == "jane.doerr@gmail.com"
    source = {"source": {"from": {"address": "JANE@primary.example"}}}
    other = facts(ticket={"ticket": {**TICKET, "via": {"channel": "email", **source}}})
    assert sender(other) is Sender.STATED


def test_a_from_address_that_is_none_of_his_is_not_taken() -> None:
    source = {"source": {"from": {"address": "ceo@acme.example"}}}
    assert facts(ticket={"ticket": {**TICKET, "via": {"channel": "email", **source}}}).requester.email == USER["email"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"comments": {"comments": [{**COMMENT, "metadata": {"flags": [14], "trusted": True}}], "users": []}},
         Sender.DOUBTED),
        ({"comments": {"comments": [{**COMMENT, "metadata": {"flags": [], "trusted": False}}], "users": []}},
         Sender.DOUBTED),
        ({"comments": {"comments": [{**COMMENT, "author_id": 666}], "users": []}}, Sender.DOUBTED),
        ({"user": {"user": {**USER, "suspended": True}}}, Sender.DOUBTED),
        ({"comments": {"comments": [{**COMMENT, "metadata": {"flags": [22]}}], "users": []}}, Sender.STATED),
        ({"comments": {"comments": [{**COMMENT, "metadata": None}], "users": []}}, Sender.PROVEN),
        ({"identities": {"identities": [UNPROVEN]}}, Sender.STATED),
    ],
)  # fmt: skip
def test_doubts_are_read_too(changed: Json, expected: Sender) -> None:
    assert sender(facts(**changed)) is expected


def test_only_reads_with_the_accounts_own_key_and_below_its_origin() -> None:
    desk = Desk(zendesk())
    reading(desk)
    key = base64.b64encode(b"reader@acme.example/token:s3cret").decode()
    assert {(request.method, request.url.host) for request in desk.seen} == {("GET", "acme.zendesk.com")}
    assert {request.headers["authorization"] for request in desk.seen} == {f"Basic {key}"}
    assert len(desk.seen) == 4


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"ticket": {"ticket": {**TICKET, "requester_id": 5002}}}, Changed),
        ({"user": {"user": {**USER, "id": 5002}}}, Changed),
        ({"identities": (403, "")}, Refused),
        ({"comments": (401, "")}, Refused),
        ({"ticket": (404, "")}, StoreError),
        ({"ticket": (200, "<html>login</html>")}, Changed),
        ({"ticket": {"ticket": []}}, Changed),
        ({"identities": {"identities": {}}}, Changed),
        ({"comments": {"comments": ["?"]}}, Changed),
        ({"user": {"user": {**USER, "name": 7}}}, Changed),
    ],
)
def test_a_reading_that_failed_proves_nothing(changed: Json, kind: type[StoreError]) -> None:
    """A browser that tells another requester than the ticket has is caught here too."""
    assert isinstance(reading(Desk(zendesk(**changed))), kind)
    assert sender(replace(TOLD, ticket=replace(TOLD.ticket, texts=(TicketText("requester", "Hi"),)))) is Sender.STATED


def test_it_is_waited_for_as_long_as_was_said() -> None:
    assert reading(Desk(zendesk(), delay=5), patience=0.01) is None


def test_zendesk_has_a_deadline_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.zendesk.PATIENCE_S", 0.02)
    assert isinstance(reading(Desk(zendesk(), delay=5)), TimedOut)


def test_a_new_ticket_is_not_asked_for() -> None:
    reader = Reader(Client(open_pool(), Account("https://acme.zendesk.com")), "r@acme.example", "s")
    assert reader.begin(replace(TOLD, ticket=Ticket()), refresh=False) is None


def test_one_reading_serves_all_who_ask_but_a_failed_one_is_tried_again() -> None:
    async def run(pages: Callable[[int], Mapping[str, object]]) -> list[int]:
        counts = []
        desk = Desk(pages(0))
        async with open_pool(transport=httpx.MockTransport(desk)) as pool:
            reader = Reader(Client(pool, Account("https://acme.zendesk.com")), "r@acme.example", "s")
            for turn, refresh in enumerate([False, False, True]):
                desk.pages = pages(turn)
                task = reader.begin(TOLD, refresh=refresh)
                assert task is not None
                await settled(task, asyncio.get_running_loop().time() + 1)
                counts.append(len(desk.seen))
        return counts

    assert asyncio.run(run(lambda _: zendesk())) == [4, 4, 8]
    assert asyncio.run(run(lambda turn: zendesk() if turn else zendesk(user=(403, "")))) == [4, 8, 12]
