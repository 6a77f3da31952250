"""The panel's fragment: its order, its size, its steps, its money, and the pictures that it may load."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs
from msgspec.structs import replace

from bench.panel import busy
from server.attention import RULES
from server.model import Flag, Money, Order, Payment, PaymentStatus, Severity, Shipment, ShipmentStatus, Totals
from server.render import to_html
from server.render.money import money_line
from server.render.progress import STUCK, Step, steps
from server.voice import voice

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent / "zendesk_app"
SPEAK = voice("en-GB", "Europe/London", NOW)

MOST_BYTES = 40_000


def order(**parts: object) -> Order:
    known: dict[str, object] = {
        "store": "Acme EU",
        "platform": "woocommerce",
        "store_id": "1",
        "number": "1042",
        "party": "42",
        "currency": "EUR",
        "placed_at": NOW - timedelta(days=9),
    }
    return Order(**{**known, **parts})  # type: ignore[arg-type]


def euros(*amounts: str) -> list[Money | None]:
    return [Money(Decimal(amount), "EUR") if amount else None for amount in amounts]


@pytest.mark.parametrize("language", ["en-GB", "de", "ja", "ar"])
def test_ten_orders_of_a_busy_customer_are_a_small_answer(language: str) -> None:
    html = to_html(busy(), voice(language, "Europe/Berlin", NOW))
    assert html.count('<details class="order"') == 10
    assert len(html.encode()) <= MOST_BYTES


def test_it_is_read_in_the_order_of_its_weight() -> None:
    html = to_html(busy(), SPEAK)
    html = html[html.index('id="who"') :]
    weight = ("Jane Doerr", "Likely match", 'id="why"', 'class="flag', 'class="order"', 'id="others"', "Customer since",
              "<footer>", 'id="refresh"')  # fmt: skip
    places = [html.index(part) for part in weight]
    assert places == sorted(places)


def test_one_order_is_open_and_the_list_is_short() -> None:
    html = to_html(busy(), SPEAK)
    assert len(re.findall(r'<details class="order" id="[^"]+" open>', html)) == 1
    assert "5 more orders" in html


def test_of_many_flags_three_stand_open() -> None:
    summary = busy()
    (flag, *_) = summary.flags
    html = to_html(replace(summary, flags=(flag,) * 5), SPEAK)
    assert html.count('<div class="flag') == 5
    assert len(re.findall('<div class="flag', html[: html.index("2 more things to look at")])) == 3
    assert html.index("2 more things to look at") < html.index('class="order"')


def test_pictures_come_by_https_late_and_without_a_trace() -> None:
    summary = busy()
    html = to_html(summary, SPEAK)
    picture = '<img src="https://shop.example/pictures/0-0.jpg" alt="" loading="lazy">'
    assert html.count(picture) == 1
    page = (ROOT / "assets" / "iframe.html").read_text("utf-8")
    assert '<meta name="referrer" content="no-referrer">' in page, "no other host learns where it is shown"
    plain = [
        replace(
            shown,
            order=structs.replace(
                shown.order,
                items=tuple(structs.replace(item, image_url="http://shop.example/1.jpg") for item in shown.order.items),
            ),
        )
        for shown in summary.orders
    ]
    assert "<img" not in to_html(replace(summary, orders=tuple(plain)), SPEAK)
    assert 'class="picture"' not in to_html(replace(summary, orders=tuple(plain)), SPEAK)


def test_where_an_order_is_stuck_is_a_rule_that_exists() -> None:
    assert set(STUCK) <= {rule.code for rule in RULES}


def test_the_last_step_is_the_problem_where_there_is_one() -> None:
    about = order(payment=Payment(PaymentStatus.PAID, paid_at=NOW - timedelta(days=9)))
    stalled = Flag("shipment_stalled", Severity.HIGH, about, {"at": NOW - timedelta(days=6)})
    taken = [Step("Ordered", "17\N{NO-BREAK SPACE}Nov", "done"), Step("Paid", "17\N{NO-BREAK SPACE}Nov", "done")]
    assert steps(about, [stalled], SPEAK) == [*taken, Step("No scan", "20\N{NO-BREAK SPACE}Nov", "bad")]
    assert steps(about, [], SPEAK) == taken
    elsewhere = replace(stalled, order=order(store_id="2"))
    assert steps(about, [elsewhere], SPEAK) == taken
    news = replace(stalled, code="partly_refunded")
    assert steps(about, [news], SPEAK) == taken


def test_what_is_expected_is_a_step_that_is_not_taken_yet() -> None:
    parcel = Shipment(ShipmentStatus.IN_TRANSIT, shipped_at=NOW, estimated_at=NOW + timedelta(days=2))
    assert steps(order(shipments=(parcel,)), [], SPEAK)[-1] == Step("Expected", "28\N{NO-BREAK SPACE}Nov", "next")
    there = structs.replace(parcel, delivered_at=NOW)
    assert steps(order(shipments=(there,)), [], SPEAK)[-1] == Step("Delivered", "26\N{NO-BREAK SPACE}Nov", "done")


def test_a_long_way_is_told_by_its_start_and_its_end() -> None:
    days = [NOW - timedelta(days=ago) for ago in (9, 8, 7)]
    parcel = Shipment(ShipmentStatus.DELIVERED, shipped_at=days[1], delivered_at=days[2])
    about = order(payment=Payment(PaymentStatus.DISPUTED, paid_at=days[0]), shipments=(parcel,))
    disputed = Flag("payment_disputed", Severity.HIGH, about, {"at": NOW})
    assert [step.name for step in steps(about, [disputed], SPEAK)] == ["Ordered", "Shipped", "Delivered", "Disputed"]


PAID = Payment(PaymentStatus.PAID, method="PayPal")
SUMS = {
    "it adds up": (("87.00", "", "2.90", "", "89.90"), "Items €87.00 + shipping €2.90 = €89.90, by PayPal"),
    "less a discount": (
        ("87.00", "10.00", "2.90", "", "79.90"),
        "Items €87.00 − discount €10.00 + shipping €2.90 = €79.90, by PayPal",
    ),
    "tax on top": (("100.00", "", "", "8.25", "108.25"), "Items €100.00 + tax €8.25 = €108.25, by PayPal"),
    "tax within": (("100.00", "", "5.00", "16.77", "105.00"), "Items €100.00 + shipping €5.00 = €105.00, by PayPal"),
    "one part is no sum": (("50.00", "", "", "", "50.00"), "Total €50.00, by PayPal"),
    "something is charged that nobody names": (
        ("50.00", "", "", "", "53.00"),
        "Items €50.00 · total €53.00, by PayPal",
    ),
    "only the total is known": (("", "", "", "", "50.00"), "Total €50.00, by PayPal"),
}


@pytest.mark.parametrize(("amounts", "said"), SUMS.values(), ids=SUMS)
def test_a_sum_is_told_only_where_it_comes_out_even(amounts: tuple[str, ...], said: str) -> None:
    items, discount, shipping, tax, total = euros(*amounts)
    totals = Totals(items, discount, shipping, tax, total)
    assert money_line(order(payment=PAID, totals=totals), SPEAK) == [said]


def test_what_was_given_back_and_what_was_kept_stand_beside_it() -> None:
    (total, refunded, net) = euros("96.10", "16.20", "79.90")
    payment = Payment(PaymentStatus.PARTIALLY_REFUNDED, method="CREDIT_CARD")
    line = money_line(order(payment=payment, totals=Totals(total=total, refunded=refunded, net=net)), SPEAK)
    assert line == ["Total €96.10, by credit card", "refunded €16.20", "kept €79.90"]


def test_a_payment_that_failed_says_why() -> None:
    payment = Payment(PaymentStatus.FAILED, failure="INSUFFICIENT_FUNDS")
    assert money_line(order(payment=payment), SPEAK) == ["payment failed", "insufficient funds"]
