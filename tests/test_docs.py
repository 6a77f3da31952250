"""The pages in docs/ tell the truth."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from server.connectors import CONNECTORS
from server.connectors.base import Connector, Wire
from server.model import By, Order
from server.privacy import HIDEABLE
from server.zendesk import ROLE_TYPES
from tests.connectors.scenario import Exchange, Replay, Scenario, question
from tests.tables import PAGE as PAGE_OF_CONNECTORS
from tests.tables import written

DOCS = Path(__file__).parent.parent / "docs"
ROOT = DOCS.parent / "server"

LINES = [{"name": "Pail", "quantity": 1, "total": 12.5}]
MONEY = {"currency": "EUR", "total": "12.50", "paid": "paid"}
PAGE = {
    "orders": [
        {"id": n, "number": f"P-{1000 + n}", "email": who, "state": "sent", "placed": f"2026-11-{n:02}", "lines": LINES}
        | MONEY
        for n, who in enumerate(["a@example.com"] * 4 + ["other@example.com"], start=1)
    ]
}
PARCEL = [{"carrier": "DHL", "number": "0034", "link": "javascript:alert(1)", "sent": "2026-11-05"}]


@pytest.fixture(scope="module")
def pail() -> Connector[Any]:
    """The connector in the page, as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "write-a-connector.md").read_text("utf-8"), re.DOTALL)
    room: dict[str, Any] = {"__name__": "pail"}
    exec(compile(code, "write-a-connector.md", "exec"), room)  # noqa: S102 - it is our own page
    config = room["PailConfig"](origin="https://pail.example", key="k-1234")
    connector: Connector[Any] = room["Pail"]("Acme", config)
    return connector


def parcels(*ids: int) -> tuple[Exchange, ...]:
    return tuple(Exchange(f"/api/orders/{n}/parcels", body=PARCEL) for n in ids)


def ask(connector: Connector[Any], *exchanges: Exchange) -> tuple[tuple[Order, ...], int, Wire]:
    wire = Replay(Scenario(question(By.EMAIL, "a@example.com"), exchanges), connector.read_posts)
    answer = asyncio.run(connector.ask(question(By.EMAIL, "a@example.com"), 10, wire))
    assert not wire.open
    return answer.orders, answer.dropped, wire


def test_the_connector_in_the_page_works(pail: Connector[Any]) -> None:
    page = Exchange("/api/orders", (("email", "a@example.com"),), body=PAGE)
    orders, dropped, _ = ask(pail, page, *parcels(4, 3, 2))
    assert [order.number for order in orders] == ["P-1004", "P-1003", "P-1002", "P-1001"]
    assert dropped == 2, "a stranger and his order"
    assert [bool(order.later) for order in orders] == [False, False, False, True]
    assert orders[0].shipments[0].tracking_url is None
    told = asyncio.run(pail.detail(orders[3], Replay(Scenario(question(By.NAME, "-"), parcels(1)), frozenset())))
    assert (told.later, told.shipments[0].carrier) == (frozenset(), "DHL")


def test_its_parcels_that_cannot_be_read_cost_no_order(pail: Connector[Any]) -> None:
    page = Exchange("/api/orders", (("email", "a@example.com"),), body=PAGE)
    down = Exchange("/api/orders/4/parcels", status=503, body={})
    orders, _, _ = ask(pail, page, down, *parcels(3, 2))
    assert len(orders) == 4
    assert orders[0].later == {"shipments"}


def test_it_is_as_small_as_the_page_says(pail: Connector[Any]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "write-a-connector.md").read_text("utf-8"), re.DOTALL)
    assert code.count("\n") <= 200
    assert not {need.optional for need in pail.needs()} - {False}


# -- connectors.md --------------------------------------------------------------------------------------------


def test_the_tables_are_those_of_the_connectors() -> None:
    page = PAGE_OF_CONNECTORS.read_text("utf-8")
    assert written(page) == page, "python -m tests.tables writes them anew"


@pytest.mark.parametrize("kind", CONNECTORS, ids=lambda kind: kind.name)
def test_every_platform_has_its_section(kind: type[Connector[Any]]) -> None:
    """With how to get in, key by key."""
    page = PAGE_OF_CONNECTORS.read_text("utf-8")
    start = page.index(f"\n## {kind.title}\n")
    section = page[start : page.find("\n## ", start + 1) % (len(page) + 1)]
    assert [key for key in kind.Config.model_fields if key != "origin" and key not in section] == []


def test_the_admin_page_names_every_part_that_can_be_hidden() -> None:
    page = (DOCS / "admin.md").read_text("utf-8")
    table = page[page.index("| `hide` |") : page.index("A role is")]
    assert tuple(re.findall(r"^\| `(\w+)` \| \w", table, re.MULTILINE)) == ("hide", *HIDEABLE)
    assert [role for role in (*ROLE_TYPES.values(), "admin", "agent") if f"`{role}`" not in page] == []


# -- CONTRIBUTING.md ------------------------------------------------------------------------------------------


def test_every_room_is_on_the_map() -> None:
    page = (DOCS.parent / "CONTRIBUTING.md").read_text("utf-8")
    rooms = {path.stem for path in ROOT.glob("*.py")} | {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")}
    told = re.findall(r"`([\w]+/?)`", page.partition("## The map")[2].partition("\n## ")[0])
    assert rooms - {"__init__"} - set(told) == set(), "CONTRIBUTING.md has no place for it"
    gone = {name for name in told if name not in rooms and not (DOCS.parent / name).exists()}
    assert gone == set(), "CONTRIBUTING.md names what is no more"


def test_pages_that_are_linked_exist() -> None:
    for page in (*DOCS.parent.glob("*.md"), *DOCS.rglob("*.md")):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == [], page.name


# -- threats.md and privacy.md --------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["threats.md", "privacy.md"])
def test_every_proof_that_a_page_names_is_there(page: str) -> None:
    """Tests by their path below `tests/`, benches as commands."""
    text = (DOCS / page).read_text("utf-8")
    named = set(re.findall(r"`(?:tests/)?([\w/]+(?:\.py|/))`", text))
    benches = set(re.findall(r"`python -m (bench\.\w+)`", text))
    root = DOCS.parent
    assert len(named) >= 4
    assert [name for name in named if not (root / "tests" / name).exists()] == []
    assert [name for name in benches if not list(root.glob(name.replace(".", "/") + "*"))] == []


def test_every_decision_has_a_number_of_its_own() -> None:
    pages = sorted(path.name for path in (DOCS / "adr").glob("*.md"))
    assert [page[:4] for page in pages] == list(dict.fromkeys(page[:4] for page in pages))
    titles = {page: (DOCS / "adr" / page).read_text("utf-8").split(maxsplit=2)[1].strip(".") for page in pages}
    assert [page for page, number in titles.items() if int(number) != int(page[:4])] == []
