"""How a row is read: at once where it is by the book, a second time where PHP or a plugin spelt it loosely."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from server.connectors import rows
from server.connectors.rows import Currency, Id, Row, finite, read, read_list, read_text
from server.connectors.shopify import Shopify
from server.connectors.shopify_nodes import GrantNode
from server.connectors.woocommerce import WooCommerce
from server.errors import Changed
from tests.connectors import test_all


class Line(Row, frozen=True, kw_only=True):
    sku: str | None = None
    total: Decimal

    def __post_init__(self) -> None:
        finite(self.total)


class Sale(Row, frozen=True, kw_only=True):
    id: Id
    number: str
    currency: Currency = "EUR"
    at: datetime | None = None
    paid: bool | None = None
    buyer: Line | None = None
    lines: tuple[Line, ...] = ()


GOOD: dict[str, Any] = {"id": 7, "number": "1007", "at": "2026-11-20T10:00:00Z", "lines": [{"total": "4.50"}]}


def test_a_row_by_the_book() -> None:
    line = Line(total=Decimal("4.50"))
    assert read(Sale, GOOD | {"unused": 1}) == Sale(
        id=7, number="1007", at=datetime(2026, 11, 20, 10, tzinfo=UTC), lines=(line,)
    )


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [
        ({"number": 1007}, {"number": "1007"}),
        ({"id": "7"}, {"id": 7}),
        ({"at": ""}, {"at": None}),
        ({"at": "2026-11-20T10:00:00.5+0000"}, {"at": datetime(2026, 11, 20, 10, 0, 0, 500_000, tzinfo=UTC)}),
        ({"paid": "1"}, {"paid": True}),
        ({"buyer": {"sku": 12, "total": 1}}, {"buyer": Line(sku="12", total=Decimal(1))}),
        ({"lines": {"3": {"total": 2, "sku": 5}}}, {"lines": (Line(total=Decimal(2), sku="5"),)}),
        ({"lines": ""}, {"lines": ()}),
        ({"lines": None}, {"lines": ()}),
    ],
)
def test_a_row_as_php_may_write_it(spelt: dict[str, Any], meant: dict[str, Any]) -> None:
    found = read(Sale, GOOD | spelt)
    assert {name: getattr(found, name) for name in meant} == meant


@pytest.mark.parametrize(
    "bad",
    [
        {"id": 0}, {"id": True}, {"id": "seven"}, {"number": None}, {"number": ["1007"]}, {"number": True},
        {"currency": "E"}, {"at": "yesterday"}, {"lines": "none"}, {"lines": [7]},
        {"lines": [{"total": "NaN"}]}, {"lines": [{"total": "1e400"}]}, {"lines": [{"total": True}]}, {"lines": [{}]},
        {"buyer": "Jane"},
    ],
)  # fmt: skip
def test_what_nobody_can_have_meant_is_a_changed_payload(bad: dict[str, Any]) -> None:
    with pytest.raises(Changed, match="payload"):
        read(Sale, GOOD | bad)


def test_a_row_of_json_is_the_same_row() -> None:
    for spelt in (GOOD, GOOD | {"number": 1007, "lines": {"3": {"total": 2.50}}}):
        assert read_text(Sale, msgspec.json.encode(spelt)) == read(Sale, spelt)


def test_an_amount_is_what_was_written() -> None:
    """A float would make 4.35 of it, and something else once it is added up."""
    assert read_text(Line, b'{"total": 4.350}').total.as_tuple() == Decimal("4.350").as_tuple()


def test_a_bad_row_costs_itself_alone() -> None:
    assert read_list(Sale, msgspec.json.encode([GOOD, {}, "x"])) == ((read(Sale, GOOD),), ({}, "x"))
    assert read_list(Sale, b"[]") == ((), ())


@pytest.mark.parametrize("page", [b"[{}]", b'{"rows": []}', b"null", b"[", b"\xff"])
def test_a_page_of_which_nothing_fits_is_a_changed_payload(page: bytes) -> None:
    with pytest.raises(Changed, match="payload"):
        read_list(Sale, page)


def test_a_page_of_which_nothing_fits_beside_others_costs_its_rows_alone() -> None:
    assert read_list(Sale, b'[{"id": 9}]', named_by="id") == ((), ({"id": 9},))
    with pytest.raises(Changed, match="payload"):
        read_list(Sale, b"[{}]", named_by="id")


@pytest.mark.parametrize("kind", [WooCommerce, Shopify], ids=lambda kind: kind.name)
def test_what_the_platforms_document_is_read_at_once(
    kind: type[WooCommerce | Shopify], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A declaration that is not quite the platform's would still read everything, at ten times the cost."""
    again: list[str] = []
    second = rows._meant_row

    def noted(value: object, kind: type[Row]) -> object:
        again.append(kind.__name__)
        return second(value, kind)

    monkeypatch.setattr(rows, "_meant_row", noted)
    contract = test_all.PLATFORMS[kind]()
    for name in ("two_parties", "more_orders"):
        assert contract.ask(contract.scenario(name)).orders
    assert again == []


def test_a_lent_token_shows_itself_to_nobody() -> None:
    assert "s3cret" not in repr(read(GrantNode, {"access_token": "s3cret", "expires_in": 60}))
