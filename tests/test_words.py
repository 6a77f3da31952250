"""Every state has its words, every flag its sentence, and no failure is ever told as "no orders"."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from server import words
from server.attention import RULES, Around, Case
from server.errors import Changed, Limited, Refused, StoreError, TimedOut, Unreachable
from server.flag_words import FLAGS, flag_words
from server.model import (
    Customer,
    Flag,
    FulfillmentStatus,
    Level,
    Match,
    Money,
    Order,
    Payment,
    PaymentStatus,
    Reason,
    ReasonCode,
    RefundStatus,
    ReturnStatus,
    Sender,
    Severity,
    Shipment,
    ShipmentStatus,
    ShownOrder,
    Source,
    SourceState,
    Summary,
    Totals,
)
from server.render import to_html, to_json
from server.sentences import sentence
from server.voice import Voice, voice

NOW = datetime(2026, 11, 18, 12, 30, 5, tzinfo=UTC)
BRITISH = voice("en-GB", "Europe/London", NOW)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


# -- a word for everything --------------------------------------------------------------------------------

TABLES: list[tuple[Mapping[Any, str], type[StrEnum]]] = [
    (words.LEVELS, Level),
    (words.SENDERS, Sender),
    (words.PAYMENTS, PaymentStatus),
    (words.FULFILLMENTS, FulfillmentStatus),
    (words.SHIPMENTS, ShipmentStatus),
    (words.REFUNDS, RefundStatus),
    (words.RETURNS, ReturnStatus),
    (words.REASONS, ReasonCode),
    (words.SOURCES, SourceState),
]


@pytest.mark.parametrize(("table", "kind"), TABLES, ids=[kind.__name__ for _, kind in TABLES])
def test_every_member_has_words_of_its_own(table: Mapping[Any, str], kind: type[StrEnum]) -> None:
    assert set(table) == set(kind)
    assert all(text.strip() == text and text for text in table.values())
    assert len(set(table.values())) == len(table), "two states that read alike are one state to the reader"


@pytest.mark.parametrize("code", ReasonCode)
@pytest.mark.parametrize("about", [None, "Acme EU", "{about} {0} {", "#1042"])
def test_a_reason_reads_as_a_sentence_with_or_without_what_it_is_about(code: ReasonCode, about: str | None) -> None:
    ((told, text),) = words.reasons([Reason(code, about)], BRITISH)
    assert told is code
    if about is None:
        assert text[0].isupper()
        assert "{" not in text
        assert "None" not in text
    elif "{about}" in words.REASONS[code]:
        assert about in text


def test_a_reason_that_holds_in_several_stores_is_said_once() -> None:
    found = [Reason(ReasonCode.SAME_MAILBOX, "Acme EU"), Reason(ReasonCode.SENDER_STATED)]
    told = words.reasons([*found, Reason(ReasonCode.SAME_MAILBOX, "Acme US")], BRITISH)
    assert [code for code, _ in told] == [ReasonCode.SAME_MAILBOX, ReasonCode.SENDER_STATED]
    assert told[0][1] == "Same e-mail address in Acme EU and Acme US"


# -- money, dates, counts ---------------------------------------------------------------------------------

MONEY = [
    ("en-GB", "12.3", "EUR", "€12.30"),
    ("en-GB", "12.30", "EUR", "€12.30"),
    ("en-GB", "0", "GBP", "£0.00"),
    ("en-GB", "1203.4", "GBP", "£1,203.40"),
    ("en-GB", "-5", "EUR", "-€5.00"),
    ("en-GB", "12800", "JPY", "JP¥12,800"),
    ("en-GB", "1.5", "KWD", "KWD1.500"),
    ("en-GB", "1.2345", "EUR", "€1.2345"),
    ("de", "1203.4", "EUR", "1.203,40 €"),
    ("en-US", "31", "USD", "$31.00"),
]


@pytest.mark.parametrize(("locale", "amount", "currency", "text"), MONEY)
def test_money_is_written_as_the_agent_reads_it(locale: str, amount: str, currency: str, text: str) -> None:
    written = voice(locale, None, NOW).money(Money(Decimal(amount), currency))
    assert re.sub(r"[\u00a0\u202f]", " ", written) == text


@pytest.mark.parametrize("currency", ["XTS", "ZZZ", "BTC", "usd", "", "<b>", "a" * 40])
def test_a_currency_that_nobody_knows_is_shown_by_its_code(currency: str) -> None:
    written = BRITISH.money(Money(Decimal("12.34"), currency))
    assert "12.34" in written
    assert currency.casefold() in written.casefold() or currency == "usd"


@given(st.decimals(-(10**15), 10**15, allow_nan=False, places=4), st.sampled_from(["EUR", "JPY", "KWD", "XTS"]))
def test_no_digit_that_a_platform_gave_is_rounded_away(amount: Decimal, currency: str) -> None:
    written = voice("en-US", None, NOW).money(Money(amount, currency))
    digits = Decimal(re.sub(r"[^\d.]", "", written.replace("KWD", "")))
    assert digits == abs(amount)


JSON_MONEY = [
    ("12.3", "EUR", "12.30"),
    ("12.345", "EUR", "12.345"),
    ("12800", "JPY", "12800"),
    ("1.5", "KWD", "1.500"),
    ("1E+3", "EUR", "1000.00"),
    ("5", "ZZZ", "5.00"),
    ("-0.5", "USD", "-0.50"),
]


@pytest.mark.parametrize(("amount", "currency", "text"), JSON_MONEY)
def test_money_is_sent_with_its_currencys_decimals_and_all_that_were_given(
    amount: str, currency: str, text: str
) -> None:
    order = structs.replace(ORDER, totals=Totals(total=Money(Decimal(amount), currency)))
    sent = to_json(panel(Level.CONFIRMED, orders=(order,)), BRITISH)["orders"][0]["totals"]
    assert sent["total"] == {"amount": text, "currency": currency}
    assert sent["refunded"] is None


def test_a_day_has_its_year_where_it_is_not_this_one() -> None:
    assert BRITISH.day(ago(3)) == "15 Nov"
    assert BRITISH.day(ago(400)) == "14 Oct 2025"
    assert voice("de", None, NOW).day(ago(3)) == "15. Nov."
    assert voice("pl", None, NOW).day(ago(3)) == "15 Nov", "English, as it is written in Poland"
    assert voice("en-US", None, NOW).day(ago(3)) == "Nov 15"


def test_days_and_times_are_the_agents_own() -> None:
    late = datetime(2026, 11, 17, 23, 30, tzinfo=UTC)
    assert BRITISH.day(late) == "17 Nov"
    assert voice("en-GB", "Asia/Tokyo", NOW).day(late) == "18 Nov"
    assert voice("en-GB", "Asia/Tokyo", NOW).time(NOW) == "21:30:05"
    assert BRITISH.moment(late) == "17 Nov, 23:30"
    elsewhere = late.astimezone(timezone(timedelta(hours=9)))
    assert BRITISH.moment(elsewhere) == "17 Nov, 23:30", "an instant is the same in every zone"


def test_a_list_is_read_out() -> None:
    assert BRITISH.names([]) == ""
    assert BRITISH.names(["Acme EU"]) == "Acme EU"
    assert BRITISH.names(["a", "b", "c"]) == "a, b and c"


STRANGE_LOCALES = [
    "xx",
    "zz-ZZ",
    "",
    "root",
    "en-",
    "_",
    "de-DE-u-nu-thai",
    "../../etc/passwd",
    "x" * 1000,
    "\u202e",
    "c",
    "en.UTF-8",
]


@pytest.mark.parametrize("tag", [None, *STRANGE_LOCALES])
def test_a_language_that_nobody_knows_becomes_english(tag: str | None) -> None:
    speak = voice(tag, None, NOW)
    assert speak.locale.language == "en"
    assert speak.day(NOW) in {"18 Nov", "Nov 18"}
    assert re.fullmatch(r"[A-Za-z-]{2,12}", speak.lang)
    assert speak.direction == "ltr"


STRANGE_ZONES = ["Mars/Olympus", "Europe", "", ".", "../etc/passwd", "/etc/passwd", "tzdata.zi", "zone.tab", "x" * 5000,
                 "Eastern Time (US & Canada)", "Europe/Berlin\n", "é"]  # fmt: skip


@pytest.mark.parametrize("name", [None, *STRANGE_ZONES])
def test_a_zone_that_nobody_knows_becomes_utc(name: str | None) -> None:
    assert voice("en-GB", name, NOW).time(NOW) == "12:30:05"


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_language_and_zone_give_a_voice(locale: str, zone: str) -> None:
    speak: Voice = voice(locale, zone, NOW)
    assert speak.moment(NOW)


# -- flags ------------------------------------------------------------------------------------------------


def test_every_flag_has_words_and_no_words_are_for_nothing() -> None:
    assert set(FLAGS) == {rule.code for rule in RULES}


NO_MORE = {
    **dict.fromkeys(["failure", "kind", "status", "delivered_at", "amount", "at", "method"]),
    **dict.fromkeys(["carrier", "place", "message", "name", "reason", "review", "paid", "total", "sent", "lapsed"]),
    **dict.fromkeys(["expires_at", "expected_at", "over", "refunded", "kept", "items", "minutes", "paid_at"]),
    "days": 6,
    "number": "1041",
    "count": 2,
    "store": "Acme US",
    "brand": "Acme Europe",
}
NEEDS_DAY = {"unshipped", "return_overdue", "written_again"}
"""There it is what the rule goes by."""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_flag_reads_well_where_the_platform_gave_no_more_than_the_fact(rule: Any) -> None:
    about = {**NO_MORE, "at": ago(6)} if rule.code in NEEDS_DAY else NO_MORE
    said = flag_words(Flag(rule.code, Severity.HIGH, ORDER, about), BRITISH)
    for text in (said.title, said.text, said.step):
        assert text[0].isupper()
        assert "None" not in text
        assert "  " not in text
    assert said.text.endswith(".")
    assert said.step.endswith(".")


def test_a_parcel_that_was_never_scanned_is_not_said_to_have_been() -> None:
    """`at` is then the day it was shipped."""
    order = structs.replace(ORDER, shipments=(Shipment(ShipmentStatus.IN_TRANSIT, carrier="DHL", shipped_at=ago(9)),))
    (rule,) = (rule for rule in RULES if rule.code == "shipment_stalled")
    about = rule.applies(Case(order, Around(NOW)))
    assert about is not None
    text = flag_words(Flag(rule.code, rule.severity, order, about), BRITISH).text
    assert "scanned" not in text
    assert "9 Nov" in text


# -- one sentence per order -------------------------------------------------------------------------------

ORDER = Order("Acme EU", "woocommerce", "5512", "1042", party="42", currency="EUR", payment=Payment(PaymentStatus.PAID))


@pytest.mark.parametrize("status", PaymentStatus)
@pytest.mark.parametrize("parcel", [None, *ShipmentStatus])
def test_every_order_has_a_sentence(status: PaymentStatus, parcel: ShipmentStatus | None) -> None:
    shipments = () if parcel is None else (Shipment(parcel, carrier="DHL"),)
    text = sentence(structs.replace(ORDER, payment=Payment(status), shipments=shipments), BRITISH)
    assert re.fullmatch(r"[A-Z][^{}]*\.", text)
    assert "None" not in text


def test_a_word_that_we_do_not_know_is_shown_as_the_platform_wrote_it() -> None:
    order = structs.replace(ORDER, payment=Payment(PaymentStatus.UNKNOWN, "kaputt"))
    assert "“kaputt”" in sentence(order, BRITISH)
    parcel = Shipment(ShipmentStatus.UNKNOWN, "seized by customs", carrier="DHL")
    text = sentence(structs.replace(ORDER, shipments=(parcel,)), BRITISH)
    assert "seized by customs" in text
    assert "sent" not in text, "that would be a guess"


# -- what became of a store -------------------------------------------------------------------------------


def panel(level: Level, *states: SourceState, complete: bool = True, orders: tuple[Order, ...] = ()) -> Summary:
    """A panel over as many stores as there are states."""
    sure = level in {Level.CONFIRMED, Level.LIKELY}
    nobody = Customer("Jane Doerr", (), (), None, None, (), (), (), ())
    return Summary(
        complete=complete,
        lookup="L1",
        generated_at=NOW,
        match=Match(level, Sender.STATED),
        customer=nobody if sure else None,
        flags=(),
        orders=tuple(ShownOrder(order) for order in orders),
        more_orders=False,
        sources=tuple(Source(f"Shop {n}", "woocommerce", state, NOW) for n, state in enumerate(states)),
        steps=(),
    )


FAILED = [state for state in SourceState if not state.looked and state is not SourceState.NOT_ASKED]
DENIAL = re.compile(
    r"\bno (customer|orders?)\b|nobody found|nothing (there|in this ticket)|has no orders", re.IGNORECASE
)


@pytest.mark.parametrize("state", FAILED)
@pytest.mark.parametrize("complete", [True, False])
def test_could_not_look_never_says_that_there_is_nothing(state: SourceState, complete: bool) -> None:
    html = to_html(panel(Level.UNKNOWN, SourceState.ANSWERED, state, complete=complete), BRITISH)
    assert DENIAL.findall(html) == []


@pytest.mark.parametrize("state", FAILED)
def test_a_known_customer_has_no_orders_only_where_all_stores_answered(state: SourceState) -> None:
    html = to_html(panel(Level.CONFIRMED, SourceState.ANSWERED, state), BRITISH)
    assert "This customer has no orders." not in html
    assert "No orders so far; Shop 1 could not be seen." in html
    sure = to_html(panel(Level.CONFIRMED, SourceState.ANSWERED, SourceState.NOTHING), BRITISH)
    assert "This customer has no orders." in sure


def test_nobody_is_said_of_the_stores_that_looked_by_name() -> None:
    html = to_html(panel(Level.NONE, SourceState.NOTHING, SourceState.NOTHING), BRITISH)
    assert "No customer and no orders for this sender in Shop 0 and Shop 1." in html
    unasked = to_html(panel(Level.NONE, SourceState.NOT_ASKED), BRITISH)
    assert "There is nothing in this ticket that a store could be asked by." in unasked
    part = to_html(panel(Level.NONE, SourceState.NOTHING, SourceState.NOT_ASKED), BRITISH)
    assert "in Shop 0." in part


FAILURES: list[tuple[StoreError, str]] = [
    (TimedOut("deadline"), "did not answer in time"),
    (Refused("credentials", status=401), "refused our credentials; an admin has to renew them"),
    (Refused("scope", scope="read_orders"), "does not let us read this; a permission is missing (read_orders)"),
    (Refused("closed"), "is closed or frozen by its platform"),
    (Limited(retry_after=29.6), "wants fewer requests right now; try again in 30 s"),
    (Limited(retry_after=0.2), "wants fewer requests right now; try again in 1 s"),
    (Limited(), "wants fewer requests right now"),
    (Limited("busy"), "is being asked too much by this desk right now"),
    (Unreachable("connect"), "could not be reached: no connection"),
    (Unreachable("address"), "was not asked: its address lies in a private network"),
    (Unreachable("broken"), "could not be reached: the connection broke"),
    (Unreachable("down", status=503), "is down or in maintenance"),
    (Changed("redirect", status=302), "sent us elsewhere instead of answering; its address may have changed"),
    (Changed("too_large"), "answered with more than we accept"),
    (Changed("payload"), "answered in a form that we do not know"),
    (Changed("status", status=418), "answered in a form that we do not know"),
    (Changed("defect"), "answered, but we could not read it; this is our fault"),
    (Changed("a reason without words"), "answered in a form that we do not know"),
]


@pytest.mark.parametrize(("failure", "text"), FAILURES, ids=[f"{f.state}-{f.reason}" for f, _ in FAILURES])
def test_a_failure_says_what_and_who_can_mend_it(failure: StoreError, text: str) -> None:
    source = Source("Acme EU", "woocommerce", failure.state, NOW, about=failure.about)
    assert words.source(source, BRITISH) == f"Acme EU {text}"


@pytest.mark.parametrize(("count", "text"), [(1, "answered; 1 order could not be read"),
                                             (3, "answered; 3 orders could not be read")])  # fmt: skip
def test_orders_that_could_not_be_read_are_not_kept_quiet(count: int, text: str) -> None:
    source = Source("Acme EU", "woocommerce", SourceState.ANSWERED, NOW, unreadable=count)
    assert words.source(source, BRITISH) == f"Acme EU {text}"


@pytest.mark.parametrize("state", SourceState)
def test_every_state_of_a_store_is_in_both_forms(state: SourceState) -> None:
    level = Level.CONFIRMED if state.looked else Level.UNKNOWN
    told = panel(level, state)
    html = to_html(told, BRITISH)
    (sent,) = to_json(told, BRITISH)["sources"]
    assert (sent["state"], sent["text"]) == (state, words.SOURCES[state].format(store="Shop 0"))
    assert "Shop 0" in html
    said = {SourceState.ANSWERED: "Shop 0", SourceState.NOTHING: "Shop 0: nothing there"}
    assert said.get(state, words.SOURCES[state].format(store="Shop 0")) in html
