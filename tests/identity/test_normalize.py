"""When two identifiers are the same, and when they only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.identity.names import names_agree, names_contradict
from server.identity.normalize import (
    address_in,
    mailbox,
    order_number,
    phone,
    phone_spellings,
    same_mailbox,
    same_order_number,
    same_phone,
)
from server.model import Address


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("jane@example.com", " Jane@EXAMPLE.com "),
        ("j.a.ne+shop@gmail.com", "Jane@googlemail.com"),
        ("jane+shop@outlook.com", "jane@outlook.com"),
        ("jane@me.com", "jane+x@icloud.com"),
        ("shop@jane.fastmail.com", "jane@fastmail.com"),
        ("jane+x@fastmail.fm", "jane@fastmail.fm"),
        ("jane+x@proton.me", "jane@proton.me"),
        ("jane+x@zoho.com", "jane@zoho.com"),
        ("jane@ya.ru", "jane@yandex.com"),
        ("jane@müller.example", "jane@xn--mller-kva.example"),
        ("jane@MÜLLER.example", "jane@müller.example"),
        ("josé@example.com", "jose\u0301@example.com"),
        ("jane@example.com.", "jane@example.com"),
        ("x7@privaterelay.appleid.com", "X7@privaterelay.appleid.com"),
    ],
)
def test_one_mailbox(a: str, b: str) -> None:
    assert same_mailbox(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param("steve@example.com", "ſteve@example.com", id="long s"),
        pytest.param("kate@example.com", "\u212aate@example.com", id="Kelvin sign"),
        pytest.param("a@kelvin.example", "a@\u212aelvin.example", id="Kelvin sign in the domain"),
        pytest.param("strasse@example.com", "straße@example.com", id="sharp s"),
        pytest.param("a@strasse.example", "a@straße.example", id="sharp s in the domain"),
        pytest.param("mike@github.example", "mike@gıthub.example", id="dotless i"),
        pytest.param("mike@i.example", "mike@İ.example", id="dotted capital i"),
        pytest.param("a@office.example", "a@oﬃce.example", id="ligature"),
        pytest.param("a@example.com", "a@ｅxample.com", id="full width"),
        pytest.param("jane@example.com", "jаne@example.com", id="Cyrillic a"),
        pytest.param("jane@example.com", "jane@exаmple.com", id="Cyrillic a in the domain"),
        pytest.param("josé@example.com", "JOSÉ@example.com", id="no case mapping outside ASCII"),
        pytest.param("jane@example.com", "ja\u200bne@example.com", id="zero-width space"),
        pytest.param("j.doe@example.com", "jdoe@example.com", id="dots of an unlisted domain"),
        pytest.param("jane+x@example.com", "jane@example.com", id="plus of an unlisted domain"),
        pytest.param("jane-shop@yahoo.com", "jane@yahoo.com", id="Yahoo's nickname-keyword"),
        pytest.param("j.ane@outlook.com", "jane@outlook.com", id="Outlook keeps dots"),
        pytest.param("jane@proton.me", "jane@pm.me", id="Proton's domains"),
        pytest.param("jane@example.com", "jane@example.co", id="another top level"),
        pytest.param("a+1@privaterelay.appleid.com", "a@privaterelay.appleid.com", id="a relay is exact"),
        pytest.param("a@mail.jane.fastmail.com", "jane@fastmail.com", id="two labels before fastmail.com"),
    ],
)
def test_two_mailboxes(a: str, b: str) -> None:
    assert not same_mailbox(a, b)
    assert not same_mailbox(b, a)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "jane",
        "@example.com",
        "jane@",
        "jane@localhost",
        "jane@[192.0.2.1]",
        "jane@192.0.2.1",
        "Jane <jane@example.com>",
        '"a b"@example.com',
        "a b@example.com",
        "a@b@example.com",
        "jane@exa mple.com",
        "jane@-example.com",
        "jane@example..com",
        f"{'a' * 65}@example.com",
        f"jane@{'a' * 64}.com",
        'x" OR email:*@example.com',
        "jane\n@example.com",
        "jane@\ud7ff\ufffe.example",
    ],
)
def test_no_address(raw: str | None) -> None:
    assert mailbox(raw) is None
    assert not same_mailbox(raw, raw)


def test_a_local_part_that_is_all_tag_is_left_alone() -> None:
    assert mailbox("+shop@gmail.com") == "+shop@gmail.com"


@given(st.one_of(st.emails(), st.text(max_size=20).map(lambda local: f"{local}@gmail.com")))
def test_the_normal_form_of_a_mailbox_is_its_own(raw: str) -> None:
    normal = mailbox(raw)
    assert normal is None or mailbox(normal) == normal


# -- phones -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "region", "normal"),
    [
        ("+44 20 7946 0958", None, "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("0044 20 7946 0958", "DE", "+442079460958"),
        ("030 5550101", "DE", "+49305550101"),
        ("020 7946 0958", None, None),
        ("7946 0958", "GB", None),
        ("+44 20 7946 0958 ext 5", None, None),
        ("12", "DE", None),
        ("not a number", "DE", None),
        ("9" * 300, "DE", None),
        (None, "DE", None),
    ],
)
def test_phone(raw: str | None, region: str | None, normal: str | None) -> None:
    assert phone(raw, region) == normal


def test_one_national_number_in_two_countries_is_two_phones() -> None:
    assert same_phone("030 5550101", "+49 30 5550101", "DE")
    assert not same_phone("030 5550101", "+49 30 5550101", "GB")
    assert not same_phone("5550101", "+49 30 5550101", "DE")


def test_how_people_write_a_number() -> None:
    assert phone_spellings("+49305550101") == ("030 5550101", "+49 30 5550101")


# -- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Li Wei", "Wei Li"),
        ("李伟", "Li Wei"),
        ("王小明", "Xiaoming Wang"),
        ("María José Núñez", "Maria Nunez"),
        ("Robert Smith", "Bob Smith"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Müller, Jürgen", "Jurgen Muller"),
        ("Jørgen Strauß", "Joergen Strauss"),
        ("Иван Петров", "Ivan Petrov"),
        ("Eve O’Hara", "eve ohara"),
        ("Dr. Jane Doerr", "Jane DOERR"),
        ("John A. Smith", "John Smith"),
        ("John A. Smith", "John Andrew Smith"),
    ],
)
def test_one_name(a: str, b: str) -> None:
    assert names_agree(a, b)
    assert names_agree(b, a)
    assert not names_contradict(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("John Smith", "Joan Smith"),
        ("Anna Schmidt", "Hanna Schmid"),
        ("Jane Doerr", "Jane Smith"),
        ("John A. Smith", "John B. Smith"),
        ("María José Núñez", "María José García"),
        ("J. Smith", "John Smith"),
        ("Jane", "Jane Doerr"),
        ("Jane", "Jane"),
        ("田中 由紀", "Yuki Tanaka"),
        ("", "Jane Doerr"),
        (None, None),
    ],
)
def test_names_that_neither_agree_nor_contradict(a: str | None, b: str | None) -> None:
    assert not names_agree(a, b)
    assert not names_agree(b, a)
    assert not names_contradict(a, b)
    assert not names_contradict(b, a)


@pytest.mark.parametrize(
    ("a", "b"), [("Jane Doerr", "Omar Haddad"), ("Hans Meier", "Petra Meier"), ("Peter Meier", "Petra Meier")]
)
def test_two_people_by_name(a: str, b: str) -> None:
    assert names_contradict(a, b)
    assert names_contradict(b, a)
    assert not names_agree(a, b)


@given(st.text(max_size=30), st.text(max_size=30))
def test_names_never_agree_and_contradict(a: str, b: str) -> None:
    assert names_agree(a, b) == names_agree(b, a)
    assert names_contradict(a, b) == names_contradict(b, a)
    assert not (names_agree(a, b) and names_contradict(a, b))


# -- order numbers, addresses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("#1042", "1042"),
        ("# 1042 ", "1042"),
        ("№1042", "1042"),
        ("us‑2210", "US-2210"),
        ("１０４２", "1042"),
        ("000000123", "000000123"),
        (None, ""),
    ],
)
def test_order_number(raw: str | None, normal: str) -> None:
    assert order_number(raw) == normal


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("2210", "#US-2210"),
        ("US-2210", "#US-2210"),
        ("#2210", "US2210-A"),
        ("US-2210", "2210"),
        ("5", "000000005"),
        ("123", "000000123"),
        ("WC-00123", "WC-123"),
        ("2024-123", "2024-00123"),
        ("302-4417768-2956319", "302-4417768-2956319"),
        ("xkbknabjk", "XKBKNABJK"),
    ],
)
def test_numbers_that_mean_one_order(typed: str, printed: str) -> None:
    assert same_order_number(typed, printed)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("210", "2210"),
        ("2210", "22100"),
        ("US-2210", "EU-2210"),
        ("5", "US-5"),
        ("1042", "1042-1"),
        ("4417768", "302-4417768-2956319"),
        ("123", "2024-00123"),
        ("0", "000000005"),
        ("1042", ""),
    ],
)
def test_numbers_that_mean_two_orders(typed: str, printed: str) -> None:
    assert not same_order_number(typed, printed)


BERLIN = Address(street=("Musterstr. 12a", "Hinterhaus 3"), postcode="10115")
LONDON = Address(street=("221B Baker Street",), postcode="NW1 6XE")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Musterstr. 12a, 10115 Berlin", BERLIN),
        ("10115 Berlin\nMusterstraße 12 A", BERLIN),
        ("221b baker st, nw16xe", LONDON),
    ],
)
def test_address_in_text(text: str, address: Address) -> None:
    assert address_in(text, address)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("Musterstr. 12a, 10117 Berlin", BERLIN, id="another postcode"),
        pytest.param("Musterstr. 12, 10115 Berlin", BERLIN, id="the house next door"),
        pytest.param("Musterstr. 12b, 10115 Berlin", BERLIN, id="the other entrance"),
        pytest.param(
            "order 10115 of 12a", Address(street=("Am Markt",), postcode="10115"), id="a house without number"
        ),
        pytest.param("12a " + "and much else " * 9 + "10115", BERLIN, id="far apart"),
        pytest.param("12a", Address(street=("Musterstr. 12a",)), id="no postcode"),
        pytest.param("10115", Address(postcode="10115"), id="no street"),
    ],
)
def test_address_not_in_text(text: str, address: Address) -> None:
    assert not address_in(text, address)
