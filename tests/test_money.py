"""Money that adds up: over everything that the platforms' recorded payloads tell, and in what the panel says of it."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.connectors.payload import before_discount
from server.model import Money, Order, Payment, PaymentStatus, RefundStatus, Totals
from server.render.money import money_line
from server.sentences import sentence
from server.voice import voice

from .attention.orders import NOW, euro, order, refund, totals
from .connectors.test_all import PLATFORMS

BRITISH = voice("en-GB", "Europe/London", NOW)
ZERO = Decimal(0)


@cache
def recorded() -> tuple[tuple[str, Order], ...]:
    """Every order in every recorded payload, with where it comes from."""
    return tuple(_recorded())


def _recorded() -> Iterator[tuple[str, Order]]:
    for kind, contract in PLATFORMS.items():
        told = contract()
        for name in (*told.names(), *told.names("details")):
            scenario = told.scenario(name)
            if "raises" not in scenario.expect:
                yield from ((f"{kind.name}/{name}", each) for each in told.ask(scenario).orders)


def test_what_an_order_was_made_of_comes_to_its_total() -> None:
    """With tax added or counted in, wherever a platform gives all the parts."""
    checked = set()
    for source, each in recorded():
        sums = each.totals
        if sums.items is None or sums.shipping is None or sums.total is None:
            continue
        parts = [sums.items.amount, -sums.discount.amount if sums.discount else ZERO, sums.shipping.amount]
        tax = sums.tax.amount if sums.tax else ZERO
        assert sums.total.amount in {sum(parts), sum(parts) + tax}, source
        assert len({part.currency for part in (sums.items, sums.shipping, sums.total)}) == 1, source
        checked.add(each.platform)
    assert checked == {kind.name for kind in PLATFORMS}


def test_what_was_kept_is_the_total_less_what_went_back() -> None:
    for source, each in recorded():
        kept, sums = each.totals.kept, each.totals
        if kept is not None and sums.total and sums.refunded:
            assert kept.amount == sums.total.amount - sums.refunded.amount, source
        if sums.refunded and each.refunds and all(refund.status is RefundStatus.SUCCEEDED for refund in each.refunds):
            given_back = sum((refund.amount.amount for refund in each.refunds), ZERO)
            assert given_back <= sums.refunded.amount, source


def test_the_panel_writes_a_sum_wherever_there_is_one() -> None:
    for source, each in recorded():
        line = money_line(each, BRITISH)
        sums = each.totals
        if sums.items and sums.items.amount and sums.shipping and sums.shipping.amount and sums.total:
            assert "=" in line[0], (source, line)


AMOUNTS = st.decimals(0, 10_000, places=2)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_the_panel_says_what_was_kept_only_where_it_adds_up(
    total: Decimal, back: Decimal, net: Decimal, items: Decimal
) -> None:
    sums = Totals(
        items=Money(items, "EUR"), total=Money(total, "EUR"), refunded=Money(back, "EUR"), net=Money(net, "EUR")
    )
    case = order(totals=sums, payment=Payment(PaymentStatus.PARTIALLY_REFUNDED))
    said = " ".join(money_line(case, BRITISH))
    assert ("kept" in said) == (bool(back) and total - back == net)
    assert " = " not in said or items == total


def test_amounts_of_two_currencies_are_never_set_against_each_other() -> None:
    sums = Totals(items=euro("10"), total=Money(Decimal(10), "USD"), refunded=euro("4"), net=euro("6"))
    assert sums.kept is None
    assert " = " not in " ".join(money_line(order(totals=sums), BRITISH))


@pytest.mark.parametrize(
    ("subtotal", "discount", "shipping", "tax", "total", "before"),
    [
        ("50", "5", "5", "0", "55", "55"),
        ("50", "5", "5", "9", "55", "55"),
        ("50", "5", "5", "9", "64", "55"),
        ("55", "5", "5", "0", "55", "55"),
        ("55", "5", "5", "9", "64", "55"),
        ("50", "0", "5", "0", "55", "50"),
        ("50", "5", "5", "0", "52", "50"),
    ],
    ids=["taken off", "taken off, tax within", "taken off, tax on top", "not yet", "not yet, tax", "none", "neither"],
)
def test_goods_before_the_discount(
    subtotal: str, discount: str, shipping: str, tax: str, total: str, before: str
) -> None:
    amounts = map(Decimal, (subtotal, discount, shipping, tax, total))
    assert before_discount(*amounts) == Decimal(before)


def test_what_is_on_its_way_back_is_what_the_refund_says() -> None:
    """Whether the store counts it among what was refunded already or not."""
    for back in ("0", "20.00"):
        case = order(totals=totals(back), refunds=(refund(RefundStatus.PENDING), refund(RefundStatus.PENDING, "5.00")))
        assert sentence(case, BRITISH).startswith("Refund of €25.00 not settled;")
        assert "refund of €25.00 not settled" in money_line(case, BRITISH)
