"""Order numbers in free text: what counts, and everything that only looks like one."""

import pytest

from server.identity.extract import mentions, order_numbers
from server.identity.texts import own_words
from server.model import Ticket, TicketText

PLAIN = r"#?\d{3,9}"
PREFIXED = r"#?(?:[A-Z]{1,6}-?)?\d{3,10}"
STRICT = r"#US-\d{4}"
MAGENTO = r"\d{9,}"
AMAZON = r"\d{3}-\d{7}-\d{7}"


def found(ticket: Ticket, shape: str = PLAIN) -> tuple[str, ...]:
    return order_numbers(mentions(ticket), shape)


def said(*texts: str) -> Ticket:
    return Ticket(texts=tuple(TicketText("requester", text) for text in texts))


@pytest.mark.parametrize(
    "text",
    [
        "Where is #1042?",
        "Order 1042 not arrived",
        "my order number is 1042.",
        "my order, 1042, is late",
        "my order (1042)",
        "Order\n1042",
        "order#1042",
        "order1042",
        "order-1042",
        "Order No.1042",
        "1042",
        "#1042 ???",
        "wo bleibt 1042?",
        "my oder nubmer is 1042",
        "Bestelung 1042",
        "Mein Sohn hat bei Ihnen bestellt (1042).",
        "i paraggelia mou einai 1042",
        "1042 numarali siparis hala gelmedi",
        "don hang so 1042",
        "a 1042 számú rendelésem",
        "Bestell-Nr.: 1042",
        "Bestellung vom 12.11.2026 mit der Nummer 1042",
        "bestelling met nummer 1042",
        "Mitt ordernummer är 1042",
        "ordrenr. 1042",
        "objednávka č. 1042",
        "sipariş numaram 1042",
        "rendelésszám: 1042",
        "Il mio ordine n. 1042 non è arrivato",
        "הזמנה מספר 1042",
        "رقم الطلب 1042",
        "หมายเลขคำสั่งซื้อ 1042",
        "mã đơn hàng 1042",
        "Order confirmation: 1042",
        "1042 is my order number",
        "the 1042 order",
        "I want to return #1042",
        "Meine Bestellnummer lautet 1042",
        "Bestellung Nr. 1042 fehlt",
        "Auftrag 1042",
        "commande n° 1042",
        "n° de commande : 1042",
        "mi pedido nº1042",
        "numero d'ordine: 1042",
        "bestelling 1042",
        "encomenda 1042",
        "beställning 1042",
        "zamówienie nr 1042",
        "注文番号１０４２について",
        "注文番号は1042です",
        "1042番の注文",
        "订单号1042",
        "주문번호 1042",
        "заказ №1042",
        "الطلب 1042",
    ],
)
def test_a_number_that_is_announced(text: str) -> None:
    assert found(said(text)) == ("1042",)


@pytest.mark.parametrize(
    "text",
    [
        "I ordered on 12.11.2025",
        "ordered 2025-11-12, order from 2024",
        "Bestellung vom 20. November 2026",
        "注文日は2026年11月12日です",
        "order at 10:30",
        "since 2019",
        "the 2024 order",
        "10115 Berlin",
        "order of 1042 EUR",
        "order for $1042",
        '<span style="color:#333333">order</span>',
        "Wool socks 39-42",
        "IBAN IT58 X287 5299 8551 4189 1640 972",
        "the parcel GHN7632753834",
        "invoice INV-004215, RE-2026-7473",
        "翟凤兰, 569667 澳门市",
        "2026",
        "my order, and my phone number 1042",
        "the order with the tracking number 1042",
        "Bestellung, meine Kundennummer 1042",
        "order: EUR 1042",
        "I paid 1042.50 for the order",
        "Bestellung 1.042,00",
        "order 750 ml bottles",
        "call +49 30 5550101 about the order",
        "order, 030 5550101",
        "order: (212) 555-0123",
        "tracking number 340434161",
        "order tracking number: 123456789",
        "Sendungsnummer #123456789",
        "invoice #1042",
        "ticket 35436 #35436x",
        "your request (#35436)",
        "customer number 1042",
        "apartment #1204",
        "&#1042; order",
        "jane1042@example.com",
        "https://shop.example/order/1042",
        "www.shop.example/order/1042",
        "1042 people said so",
        "#2 complaint",
        "iphone14 1042nd",
    ],
)
def test_a_number_that_is_something_else(text: str) -> None:
    assert found(said(text)) == ()


def test_a_card_number_is_never_taken_even_where_the_shape_would_fit() -> None:
    assert found(said("order 4111111111111111", "order 4111 1111 1111 1111"), r"\d{4,16}") == ()
    assert found(said("order 4111111111111112"), r"\d{4,16}") == ("4111111111111112",)


@pytest.mark.parametrize(
    ("text", "shape", "number"),
    [
        ("my order number is US-2210", PREFIXED, "US-2210"),
        ("us-2210 is late", PREFIXED, "US-2210"),
        ("US-2210 is late", STRICT, "US-2210"),
        ("302-1234567-1234567 is late", AMAZON, "302-1234567-1234567"),
        ("order 000000123", MAGENTO, "000000123"),
    ],
)
def test_shapes(text: str, shape: str, number: str) -> None:
    assert found(said(text), shape) == (number,)


@pytest.mark.parametrize(
    "text",
    [
        "066-7131 Tokyo",
        "01310-100 São Paulo",
        "24-116 Lublin",
        "90210-1234",
        "D-10115 Berlin",
        "SKU AB-1042",
        "tracking AB-1042",
    ],
)
def test_what_only_has_the_shape(text: str) -> None:
    assert found(said(text), PREFIXED) == ()


def test_a_number_with_noughts_in_front_needs_no_word() -> None:
    assert found(said("what about 000007543, please"), MAGENTO) == ("000007543",)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("orders 1042, 1043 and 1044", ("1042", "1043", "1044")),
        ("Bestellungen 1042 und 1043", ("1042", "1043")),
        ("Order 1042, 10115 Berlin", ("1042",)),
        ("order 1042 costs 1043", ("1042",)),
    ],
)
def test_lists(text: str, numbers: tuple[str, ...]) -> None:
    assert found(said(text)) == numbers


@pytest.mark.parametrize(
    "subject", ["1042", "Re: 1042", "Where is 1042?", "Order 1042 to 10115 Berlin", "#1042 (2026)"]
)
def test_subject(subject: str) -> None:
    assert found(Ticket(subject=subject)) == ("1042",)


@pytest.mark.parametrize("subject", ["Delivery to 10115 Berlin", "Invoice 20251", "Summer 2025", "Ticket 35436", None])
def test_subject_without_a_number(subject: str | None) -> None:
    assert found(Ticket(subject=subject)) == ()


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("1042", ("1042",)),
        ("#1042, 1043", ("1042", "1043")),
        ("1042 1043", ("1042", "1043")),
        ("true", ()),
        ("+49 30 5550101", ()),
        ("I live in 10115 Berlin", ()),
        ("my order 1042 please", ("1042",)),
        ("1" * 40, ()),
    ],
)
def test_field(value: str, numbers: tuple[str, ...]) -> None:
    assert found(Ticket(fields={"360001": value})) == numbers


@pytest.mark.parametrize(
    "quoted",
    [
        "> order 1042",
        "On Mon, 20 Nov 2026, Acme <shop@acme.example> wrote:\norder 1042",
        "On Mon, Acme wrote:\n\n> order 1042\n",
        "Am 20.11.2026 um 10:00 schrieb Acme:\norder 1042",
        "2026年11月20日 Acme <shop@acme.example>:\norder 1042",
        "-----Original Message-----\norder 1042",
        "---------- Forwarded message ---------\norder 1042",
        "Begin forwarded message:\n\norder 1042",
        "________________________________\norder 1042",
        "From: Acme\nSent: Monday\norder 1042",
        "*Von:* Acme\n*Gesendet:* Montag\norder 1042",
        "##- Please type your reply above this line -##\norder 1042",
    ],
)
def test_what_is_quoted_or_forwarded_is_not_said(quoted: str) -> None:
    assert found(said(f"Thank you!\n\n{quoted}")) == ()


def test_an_answer_below_the_quote_is_said() -> None:
    assert found(said("On Mon, Acme wrote:\n> which order?\nOrder 1042")) == ("1042",)


def test_only_the_requester_speaks() -> None:
    texts = TicketText("agent", "is it #1042?"), TicketText("other", "#1043"), TicketText("requester", "no, #1044")
    assert found(Ticket(texts=texts)) == ("1044",)
    assert own_words(Ticket(texts=texts)) == ("no, #1044",)


def test_fields_come_before_the_subject_and_the_subject_before_texts() -> None:
    ticket = Ticket(subject="#1001", fields={"1": "1000"}, texts=said("#1002 and order 1000").texts)
    assert found(ticket) == ("1000", "1001", "1002")


def test_at_most_five_are_followed_up() -> None:
    assert found(said("orders " + ", ".join(str(number) for number in range(1000, 1100)))) == tuple(
        str(number) for number in range(1000, 1005)
    )


def test_nothing_is_looked_at_beyond_the_limit() -> None:
    assert found(said("x" * 20_000 + " #1042")) == ()
    assert found(said("x" * 20_000, "#1042")) == ()
    assert found(Ticket(fields={"1": "x" * 20_000}, subject="#1042", texts=said("#1043").texts)) == ()


SOUPS = """1042 |#|a|1|order |a-|<a@|On wrote |1.1.|+1-|order 1042, |0 |
|From:
|---a|(|no |d'|order number is my |1 ,|0)/|> |1,000"""


@pytest.mark.parametrize("soup", SOUPS.split("|"))
@pytest.mark.timeout(5)
def test_hostile_texts_come_to_an_end(soup: str) -> None:
    """At this length an expression that backtracks without bound would run for minutes, into the time limit."""
    assert len(found(said(soup * (200_000 // len(soup)) + "1"))) <= 5


@pytest.mark.timeout(5)
def test_a_tenants_own_expression_meets_single_words_only() -> None:
    assert found(said("order " + "1" * 10_000 + " order 10000000"), r"(?:\d+)+#") == ()


@pytest.mark.parametrize("text", ["order XKBKNABJK", "Where is my order: XKBKNABJK?", "commande n° XKBKNABJK"])
def test_a_reference_of_letters_is_found_where_the_text_announces_it(text: str) -> None:
    assert found(said(text), r"#?[A-Za-z]{9}") == ("XKBKNABJK",)


@pytest.mark.parametrize("text", ["IMPORTANT: my order", "PLEASE XKBKNABJK", "order important things"])
def test_nine_letters_alone_are_no_reference(text: str) -> None:
    assert found(said(text), r"#?[A-Za-z]{9}") == ()
