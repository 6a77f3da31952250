"""Tracking pages: made where carrier or number leave no doubt, and never over the store's own."""

import re
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.carriers import CARRIERS, Carrier, carrier_url, known, tracking
from server.carriers.numbers import carriers_of
from server.model import Shipment, ShipmentStatus


def parcel(number: str | None, carrier: str | None = None, url: str | None = None) -> Shipment:
    return Shipment(ShipmentStatus.UNKNOWN, carrier=carrier, tracking_number=number, tracking_url=url)


NUMBERS = [
    ("1Z999AA10123456784", "ups"),
    ("1Z5R89390357567127", "ups"),
    ("9400111202555842332669", "usps"),
    ("420221539101026837331000039521", "usps"),
    ("92748931507708513018050063", "usps"),
    ("9611020987654312345672", "fedex"),
    ("00340434161094000017", None),
    ("00340434161094000014", "dhl"),
    ("JJD000390007882123", "dhl"),
    ("RB123456785GB", "royal_mail"),
    ("RA123456785CH", "swiss_post"),
    ("LX123456785US", "usps"),
    ("RB123456785FR", "la_poste"),
    ("RB123456785ZZ", None),
    ("RB123456784GB", None),
    ("1Z999AA10123456785", None),
    ("9400111202555842332668", None),
    ("986578788855", None),
    ("041441760228964", None),
    ("3318810025", None),
    ("123456", None),
]


@pytest.mark.parametrize(("number", "code"), NUMBERS)
def test_a_number_is_of_the_carrier_whose_form_and_check_digit_it_has(number: str, code: str | None) -> None:
    assert carriers_of(number) == (frozenset({code}) if code else frozenset())
    url = carrier_url(parcel(number))
    assert (url is not None) == (code is not None)
    if code and url:
        assert url.startswith(CARRIERS[code].url.partition("{")[0])
        assert number in url


def test_a_number_of_two_carriers_is_of_neither_until_one_is_named() -> None:
    smartpost = "9261292700768711948021"
    assert carriers_of(smartpost) == {"fedex", "usps"}
    assert carrier_url(parcel(smartpost)) is None
    assert "fedex.com" in str(carrier_url(parcel(smartpost, "FedEx SmartPost")))
    assert "usps.com" in str(carrier_url(parcel(smartpost, "usps")))
    assert carrier_url(parcel(smartpost, "DHL")) is None


@given(st.integers(0, 10**8 - 1))
def test_of_ten_last_digits_one_is_right(serial: int) -> None:
    """UPU S10, which all posts share."""
    assert sum(carriers_of(f"RB{serial:08}{digit}GB") == {"royal_mail"} for digit in range(10)) == 1


NAMED = [
    ("UPS", "ups"),
    ("ups", "ups"),
    ("UPS Ground", "ups"),
    ("United Parcel Service", "ups"),
    ("FedEx Home Delivery®", "fedex"),
    ("USPS Priority Mail", "usps"),
    ("DHL", "dhl"),
    ("dhl-express", "dhl"),
    ("DHL Paket", "dhl"),
    ("Royal Mail", "royal_mail"),
    ("royal-mail", "royal_mail"),
    ("Royal_Mail_48", "royal_mail"),
    ("DPD", "dpd"),
    ("DPD UK", "dpd_uk"),
    ("dpd-uk", "dpd_uk"),
    ("La Poste Colissimo", "la_poste"),
    ("La Poste Suisse", "swiss_post"),
    ("Österreichische Post", "austrian_post"),
    ("Australia Post", "australia_post"),
    ("ヤマト運輸", "yamato"),
    ("Flat rate", None),
    ("Upsala Bud", None),
    ("The UPS Store", None),
    ("", None),
    ("—", None),
]


@pytest.mark.parametrize(("name", "code"), NAMED)
def test_a_carrier_is_known_by_the_names_that_stores_write(name: str, code: str | None) -> None:
    found = known(name)
    assert (found.code if found else None) == code


def test_a_named_carrier_gets_its_link_whatever_the_number_looks_like() -> None:
    assert carrier_url(parcel("0034 0434 1610 9400 0017", "dhl")) == (
        "https://www.dhl.com/global-en/home/tracking.html?tracking-id=00340434161094000017&submit=1"
    )
    assert carrier_url(parcel("15501234567890", "DPD")) == "https://tracking.dpd.de/status/en_US/parcel/15501234567890"


def test_a_name_that_the_number_belies_gives_no_link() -> None:
    assert carrier_url(parcel("1Z999AA10123456784", "FedEx")) is None
    assert carrier_url(parcel("1Z999AA10123456784", "Bob's bikes")) is None


@pytest.mark.parametrize(
    "number", [None, "", " ", "n/a", "PENDING", "12", "../../etc", "1Z<script>", "https://x", "7" * 41]
)
def test_what_is_no_number_gives_no_link(number: str | None) -> None:
    assert carrier_url(parcel(number, "UPS")) is None


def test_the_stores_own_link_wins_where_it_is_https() -> None:
    ours = "https://www.ups.com/track?loc=en&tracknum=1Z999AA10123456784"
    number = "1Z999AA10123456784"
    assert tracking(parcel(number, "UPS", "https://track.example/1")) == "https://track.example/1"
    assert tracking(parcel(number, "UPS", "http://track.example/1")) == ours
    assert tracking(parcel("n/a", "UPS", "http://track.example/1")) == "http://track.example/1"
    assert tracking(parcel(None)) is None


def test_a_page_is_opened_in_the_readers_language_where_the_carrier_has_it() -> None:
    number = parcel("1Z999AA10123456784")
    assert "loc=de" in str(carrier_url(number, "de"))
    assert "loc=en" in str(carrier_url(number, "sv"))
    assert "loc=en" in str(carrier_url(number))


@pytest.mark.parametrize("carrier", CARRIERS.values(), ids=list(CARRIERS))
def test_a_carriers_row_is_whole(carrier: Carrier) -> None:
    assert re.fullmatch(r"https://[a-z0-9.-]+/[^\s<>\"]*", carrier.url)
    assert carrier.url.count("{number}") == 1
    assert bool(carrier.languages) == ("{language}" in carrier.url)
    assert all(known(name) is carrier for name in carrier.names), "no other carrier takes its name"
    assert known(carrier.name) is carrier


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_link_is_plain_whatever_a_store_writes(number: str, carrier: str) -> None:
    for name in (carrier, "UPS", "DHL"):
        url = carrier_url(parcel(number, name))
        assert url is None or re.fullmatch(r"https://[\w./?=&#%-]+", url)


@given(st.text(ascii_uppercase + "0123456789", min_size=6, max_size=34))
def test_any_number_can_be_looked_at(number: str) -> None:
    assert carriers_of(number) <= CARRIERS.keys()
