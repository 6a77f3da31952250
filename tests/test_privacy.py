"""What an agent may see: by level, by the tenant's policy, and in both forms that leave the service."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from msgspec import Struct, json, structs
from msgspec.structs import replace

from server import attention
from server.identity.match import match
from server.model import (
    Address,
    Answer,
    Asked,
    By,
    Candidate,
    Customer,
    Facts,
    Fulfillment,
    FulfillmentStatus,
    Level,
    LineItem,
    Match,
    Money,
    Note,
    Order,
    Party,
    PartyKind,
    Payment,
    PaymentStatus,
    Question,
    Reason,
    ReasonCode,
    Refund,
    RefundStatus,
    Requester,
    Sender,
    Shipment,
    ShipmentStatus,
    ShownOrder,
    Source,
    SourceState,
    Step,
    Store,
    Summary,
    Totals,
)
from server.privacy import HIDEABLE, Policy, email, guard, initials, phone, veiled_email
from server.render import to_html, to_json
from server.voice import voice

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
EMAIL, GUEST_EMAIL = "jane.doerr@gmail.com", "janes-other-mailbox@example.net"
PHONE, ADDRESS_PHONE = "+49 30 5550101", "+49 171 5550999"
STREET = "Lindenallee 17b"

PERSONAL = ("jane.doerr", "janes-other", "5550101", "555 0101", "5550999", "Lindenallee", "17b")
"""Nothing of this may be read below the tenant's level."""


def euro(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


HOME = Address("Jane Doerr", "Doerr GmbH", (STREET, "c/o Meier"), "Berlin", "BE", "10439", "DE", ADDRESS_PHONE)
ACCOUNT = Party(
    "Acme EU",
    "42",
    PartyKind.ACCOUNT,
    names=("Jane Doerr",),
    emails=(EMAIL,),
    phones=(PHONE,),
    addresses=(HOME,),
    since=datetime(2021, 3, 4, tzinfo=UTC),
    orders_count=12,
    spent=(euro("1203.40"),),
    tags=("vip",),
    admin_url="https://shop.example/wp-admin/user-edit.php?user_id=42",
)
GUEST = Party(
    "Acme EU", f"guest:{GUEST_EMAIL}", PartyKind.GUEST, names=("Jane Doerr",), emails=(GUEST_EMAIL,), addresses=(HOME,)
)
ORDER = Order(
    "Acme EU",
    "woocommerce",
    "5512",
    "1042",
    party=GUEST.store_id,
    currency="EUR",
    placed_at=datetime(2026, 11, 6, 9, tzinfo=UTC),
    email=GUEST_EMAIL,
    phone=PHONE,
    admin_url="https://shop.example/wp-admin/post.php?post=5512&action=edit",
    payment=Payment(PaymentStatus.PENDING, "on-hold", "Bank transfer"),
    fulfillment=Fulfillment(FulfillmentStatus.ON_HOLD, "on-hold"),
    totals=Totals(total=euro("89.90"), refunded=euro("20.00"), net=euro("69.90")),
    items=(LineItem("Linen Apron", Decimal(1), total=euro("39.00"), image_url="https://shop.example/apron.jpg"),),
    shipments=(Shipment(ShipmentStatus.EXCEPTION, carrier="DHL", tracking_number="00340434161094042557"),),
    refunds=(Refund(euro("20.00"), RefundStatus.PENDING, method="Store credit"),),
    shipping_address=HOME,
    billing_address=HOME,
    notes=(Note("Please ring twice", public=True),),
    tags=("gift",),
    discount_codes=("WELCOME10",),
)


def summary(level: Level = Level.CONFIRMED, order: Order = ORDER, party: Party = ACCOUNT) -> Summary:
    shown = level in {Level.CONFIRMED, Level.LIKELY}
    records = (party, GUEST)
    customer = Customer(
        name=party.names[0],
        emails=(*party.emails, GUEST_EMAIL),
        phones=party.phones,
        since=party.since,
        orders_count=12,
        spent=party.spent,
        refunded=(euro("20.00"),),
        tags=party.tags,
        records=records,
    )
    return Summary(
        complete=True,
        lookup="L1",
        generated_at=NOW,
        match=Match(
            level,
            Sender.STATED,
            reasons=(Reason(ReasonCode.SAME_MAILBOX, "Acme EU"), Reason(ReasonCode.SENDER_STATED)),
            parties=records if shown else (),
            candidates=() if shown else (Candidate("c1", records, (Reason(ReasonCode.SAME_PHONE),)),),
            rule="2",
        ),
        customer=customer if shown else None,
        flags=attention.flags([order], attention.Around(NOW)) if shown else (),
        orders=(ShownOrder(order, named_in_ticket=True),) if shown else (),
        more_orders=False,
        sources=(Source("Acme EU", "woocommerce", SourceState.ANSWERED, NOW, 231),),
        steps=(Step("Acme EU", By.EMAIL, SourceState.ANSWERED, 231, returned=1),),
    )


def said(seen: Summary) -> str:
    """All that leaves the service about it, in both forms."""
    speak = voice("en-GB", "Europe/London", NOW)
    return json.encode(to_json(seen, speak)).decode() + to_html(seen, speak)


def texts(value: object) -> Iterator[str]:
    """Every text that is anywhere inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Struct):
        yield from texts(structs.asdict(value))
    elif isinstance(value, dict):
        yield from texts([*value, *value.values()])
    elif isinstance(value, list | tuple | frozenset):
        for entry in value:
            yield from texts(entry)


def leaks(text: str) -> list[str]:
    return [item for item in PERSONAL if item.casefold() in text.casefold()]


# -- the masks --------------------------------------------------------------------------------------------

MASKS = [
    (email, "jane.doerr@gmail.com", "j•••@gmail.com"),
    (email, "j@example.com", "j•••@example.com"),
    (email, '"a@b"@example.com', '"•••@example.com'),
    (email, "zoë@exämple.com", "z•••@exämple.com"),
    (veiled_email, "jane.doerr@gmail.com", "j•••@g•••.com"),
    (veiled_email, "jane@shop.example.co.uk", "j•••@s•••.uk"),
    (phone, "+49 30 5550101", "•••01"),
    (phone, "(030) 555-01 01", "•••01"),
    (phone, "", "•••"),
    (initials, "Jane Doerr", "J. D."),
    (initials, "  Jane   Maria  von Doerr ", "J. M. v."),
    (initials, "李伟", "李."),
    (initials, "", ""),
]


@pytest.mark.parametrize(("mask", "text", "masked"), MASKS)
def test_a_mask(mask: object, text: str, masked: str) -> None:
    assert callable(mask)
    assert mask(text) == masked


@pytest.mark.parametrize("text", ["jane.doerr", "jane.doerr.gmail.com", "jane.doerr@", "Lindenallee", ""])
@pytest.mark.parametrize("mask", [email, veiled_email])
def test_what_stands_for_an_address_and_is_none_is_masked_no_less(mask: object, text: str) -> None:
    """Shops let anything into their e-mail field."""
    assert callable(mask)
    assert leaks(mask(text)) == []


# -- by level ---------------------------------------------------------------------------------------------


def test_at_confirmed_everything_is_shown() -> None:
    seen = guard(summary(), Policy())
    assert not seen.masked
    assert seen.customer is not None
    assert (seen.customer.emails, seen.customer.phones) == ((EMAIL, GUEST_EMAIL), (PHONE,))
    assert seen.orders[0].order.shipping_address == HOME


def test_at_likely_contact_details_are_masked() -> None:
    seen = guard(summary(Level.LIKELY), Policy())
    assert seen.masked
    assert seen.customer is not None
    assert seen.customer.emails == ("j•••@gmail.com", "j•••@example.net")
    assert seen.customer.phones == ("•••01",)
    for address in (seen.orders[0].order.shipping_address, seen.orders[0].order.billing_address):
        assert address is not None
        assert (address.street, address.phone) == (("•••",), "•••99")
        assert (address.city, address.postcode) == ("Berlin", "10439"), "enough to compare with what the customer says"


@pytest.mark.parametrize("level", [Level.LIKELY, Level.AMBIGUOUS, Level.NONE, Level.UNKNOWN])
def test_below_confirmed_nothing_that_leaves_holds_contact_details(level: Level) -> None:
    """Amazon's support, 2016: a partial match was allowed to complete itself, and the real address was read out."""
    seen = guard(summary(level), Policy())
    assert leaks(said(seen)) == []
    assert [text for text in texts(seen) if leaks(text)] == [], "nor what the two forms are made from"


def test_a_tenant_may_trust_likely() -> None:
    seen = guard(summary(Level.LIKELY), Policy(mask_below=Level.LIKELY))
    assert not seen.masked
    assert EMAIL in said(seen)
    assert leaks(said(guard(summary(Level.AMBIGUOUS), Policy(mask_below=Level.LIKELY)))) == []


@pytest.mark.parametrize("name", [EMAIL, f"Jane {EMAIL}"])
def test_a_name_that_is_an_address_is_masked_as_one(name: str) -> None:
    """Many shops take the e-mail address for the name of who gave none."""
    party = replace(ACCOUNT, names=(name,))
    order = structs.replace(
        ORDER, shipping_address=structs.replace(HOME, name=name), billing_address=structs.replace(HOME, company=name)
    )
    assert leaks(said(guard(summary(Level.LIKELY, order, party), Policy()))) == []
    assert leaks(said(guard(summary(Level.AMBIGUOUS, order, party), Policy()))) == []


def test_masked_addresses_that_look_the_same_stand_once() -> None:
    party = replace(ACCOUNT, emails=("jane@gmail.com", "j.doerr@gmail.com"))
    seen = guard(summary(Level.LIKELY, party=party), Policy())
    assert seen.customer is not None
    assert seen.customer.emails == ("j•••@gmail.com", "j•••@example.net")


# -- candidates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [Policy(), Policy(mask_below=Level.LIKELY)])
def test_a_candidate_is_veiled_whatever_the_policy(policy: Policy) -> None:
    seen = guard(summary(Level.AMBIGUOUS), policy)
    (candidate,) = to_json(seen, voice(None, None, NOW))["match"]["candidates"]
    assert candidate["name"] == "J. D."
    assert candidate["email"] == "j•••@g•••.com"
    assert candidate["city"] == "Berlin"
    assert candidate["id"] == "c1"
    kept = {item.name for item in structs.fields(Party)} - {"store", "store_id", "kind", "names", "emails", "addresses"}
    for party in seen.match.candidates[0].parties:
        assert not any(getattr(party, name) for name in kept)
        assert party.addresses == (Address(city="Berlin"),)


def test_what_a_tenant_hides_is_hidden_in_candidates_too() -> None:
    seen = guard(summary(Level.AMBIGUOUS), Policy(hide=frozenset({"emails", "addresses"})))
    (candidate,) = to_json(seen, voice(None, None, NOW))["match"]["candidates"]
    assert (candidate["email"], candidate["city"]) == (None, None)


def test_a_guests_candidate_id_says_nothing_of_his_address() -> None:
    """Two guests of one shop with one number: the agent chooses by an id that goes through the browser."""
    shop = Store("Acme EU", "woocommerce", frozenset({By.PHONE}), r"\d+", country="DE")
    guests = tuple(
        Party("Acme EU", f"guest:{address}", PartyKind.GUEST, names=(name,), emails=(address,), phones=(PHONE,))
        for name, address in [("Jane Doerr", GUEST_EMAIL), ("Jan Doerr", EMAIL)]
    )
    orders = tuple(
        structs.replace(ORDER, store_id=guest.emails[0], party=guest.store_id, email=guest.emails[0])
        for guest in guests
    )
    question = Question(By.PHONE, "+49305550101", (PHONE,), lambda number: number == PHONE)
    found = match(Facts(Requester(phone=PHONE)), [shop], [Asked("Acme EU", question, Answer(guests, orders))], [])
    assert found.level is Level.AMBIGUOUS
    assert len(found.candidates) == 2
    seen = guard(replace(summary(Level.AMBIGUOUS), match=found), Policy())
    assert leaks(said(seen)) == []


def test_a_guests_record_has_no_id() -> None:
    for level in (Level.CONFIRMED, Level.LIKELY):
        customer = to_json(guard(summary(level), Policy()), voice(None, None, NOW))["customer"]
        assert customer is not None
        assert [(record["kind"], record["id"]) for record in customer["records"]] == [
            ("account", "42"),
            ("guest", None),
        ]


# -- by policy --------------------------------------------------------------------------------------------

HIDDEN = {
    "addresses": ("Lindenallee", "10439", "Berlin", "5550999"),
    "admin_links": ("wp-admin/user-edit.php", "wp-admin/post.php"),
    "discount_codes": ("WELCOME10",),
    "emails": (EMAIL, GUEST_EMAIL, "•••@gmail.com"),
    "images": ("apron.jpg",),
    "notes": ("Please ring twice", "Call her on"),
    "orders_count": ("12 orders", '"orders_count": 12'),
    "payment_method": ("Bank transfer", "Store credit"),
    "phones": ("5550101", "5550999", "•••01", "•••99"),
    "since": ("Mar 2021", "2021-03-04"),
    "spent": ("1203.40", "1,203.40"),
    "tags": ("vip", "gift"),
}


def test_every_part_that_can_be_hidden_has_its_case() -> None:
    assert set(HIDDEN) == set(HIDEABLE)


@pytest.mark.parametrize("level", [Level.CONFIRMED, Level.LIKELY])
@pytest.mark.parametrize(("part", "shows"), HIDDEN.items())
def test_what_a_tenant_hides_is_nowhere(part: str, shows: tuple[str, ...], level: Level) -> None:
    open_ = said(guard(summary(), Policy()))
    assert shows[0] in open_, "else this test would prove nothing"
    text = said(guard(summary(level), Policy(hide=frozenset({part}))))
    assert [show for show in shows if show in text] == []


@pytest.mark.parametrize("part", HIDEABLE)
def test_what_is_not_hidden_stays(part: str) -> None:
    text = said(guard(summary(), Policy(hide=frozenset({part}))))
    assert "1042" in text
    assert "Linen Apron" in text
    for other, shows in HIDDEN.items():
        assert other == part or shows[0] in text


def test_what_was_given_is_left_as_it_was() -> None:
    before = summary(Level.LIKELY)
    guard(before, Policy(hide=frozenset(HIDEABLE)))
    assert before == summary(Level.LIKELY)
