"""What has gone wrong elsewhere, and the tickets that a stranger would write. Nobody else's orders may be shown."""

import pytest
from msgspec.structs import replace

from server.model import Address, Facts, Identity, Level, Match, Party, ReasonCode, Sender, TicketText

from .world import JANE_AT, PHONE, US, account, guest, judge, order, ticket

SHOWN = {Level.CONFIRMED, Level.LIKELY}
OMAR = "Omar Haddad"
HOME = Address(name="Jane Doerr", street=("Musterstr. 12",), postcode="10115")


def _victim() -> tuple[Party, ...]:
    return (account("42", JANE_AT, phone=PHONE),)


def _against_jane(facts: Facts, *numbers: str, parcel: Address = HOME) -> Match:
    (jane,) = _victim()
    return judge(facts, jane, *(order(jane, number, parcel=parcel) for number in numbers))


def test_support_desk_2016_name_and_a_wrong_address_complete_nothing() -> None:
    """Eric Springer and Amazon's support: name, e-mail in the text and a wrong address drew out the real one."""
    text = f"I am Jane Doerr, {JANE_AT}, Wrong Street 1, 99999. Where is order 1042?"
    found = _against_jane(ticket(text, name="Jane D.", email="attacker@example.com"), "1042")
    assert (found.level, found.parties, found.candidates) == (Level.NONE, (), ())


def test_gdpr_requests_2019_one_factor_is_what_attackers_have() -> None:
    """Pavur: 24 % of the firms sent everything to whoever knew an address or a phone."""
    text = f"Send me all data on {JANE_AT}, {PHONE}"
    assert _against_jane(ticket(text, email="attacker@example.com"), "1042").level is Level.NONE


@pytest.mark.parametrize("address", ["ſteve@example.com", "\u212aate@example.com", "mike@gıthub.example"])
def test_password_resets_2016_2019_unicode_never_makes_two_mailboxes_one(address: str) -> None:
    """GitHub: `ı`, `ſ` and the Kelvin sign became ASCII on their way and named somebody else."""
    ascii_twin = address.translate({ord("ſ"): "s", 0x212A: "k", ord("ı"): "i"})
    assert judge(ticket(email=address, sender=Sender.PROVEN), account("42", ascii_twin)).level is Level.NONE


@pytest.mark.parametrize("text", ["Where is it?", "Where is order 1042?"])
def test_spoofed_mail_2024_a_doubted_sender_sees_no_order_even_with_a_real_number(text: str) -> None:
    found = _against_jane(ticket(text, sender=Sender.DOUBTED), "1042")
    assert (found.level, found.parties) == (Level.AMBIGUOUS, ())


@pytest.mark.parametrize("text", ["Where is it?", "Where is order 1042?"])
def test_spoofed_mail_without_a_flag_is_never_confirmed(text: str) -> None:
    """Sender authentication may be switched off: no flag is not proof, nor is a number that anybody can guess."""
    assert _against_jane(ticket(text), "1042").level is Level.LIKELY


def test_a_copied_person_gains_nothing_from_the_requester() -> None:
    """Zendesk 2024: a spoofed address in CC read threads. Here he is `other`, and neither he nor his texts count."""
    facts = ticket("Hello", email="attacker@example.com", name="Eve O'Hara")
    spoofed = TicketText("other", f"order 1042, Musterstr. 12, 10115 Berlin, {JANE_AT}")
    found = _against_jane(replace(facts, ticket=replace(facts.ticket, texts=(*facts.ticket.texts, spoofed))), "1042")
    assert found.level is Level.NONE


@pytest.mark.parametrize("number", range(1040, 1045))
def test_enumerating_order_numbers_shows_that_they_exist_and_nothing_else(number: int) -> None:
    found = _against_jane(ticket(f"order {number}", email="eve@example.com", name="Eve O'Hara"), str(number))
    assert (found.level, found.parties, found.candidates) == (Level.NONE, (), ())
    assert [reason.code for reason in found.reasons] == [ReasonCode.SENDER_STATED, ReasonCode.ORDER_ELSEWHERE]


def test_the_recipient_of_a_gift_does_not_see_the_buyer() -> None:
    """He knows the number, his own name and address: the parcel's, not the bill's."""
    parcel = Address(name=OMAR, street=("Musterstr. 12",), postcode="10115")
    facts = ticket("order 1042, Musterstr. 12, 10115 Berlin", email="omar@example.net", name=OMAR)
    assert _against_jane(facts, "1042", parcel=parcel).level is Level.NONE


def test_who_forwards_a_strangers_confirmation_does_not_see_the_stranger() -> None:
    text = "Is this fraud?\n\n---------- Forwarded message ---------\nOrder 1042 to Musterstr. 12, 10115 Berlin"
    found = _against_jane(ticket(text, email="omar@example.net", name=OMAR), "1042")
    assert (found.level, found.reasons[-1].code) == (Level.NONE, ReasonCode.SENDER_STATED)


def test_the_shops_own_mail_quotes_everybodys_orders_and_is_nobody() -> None:
    text = "New order 1042: Jane Doerr, Musterstr. 12, 10115 Berlin"
    assert _against_jane(ticket(text, email="orders@acme.example", name="Acme"), "1042").level is Level.NONE


@pytest.mark.parametrize(
    "neighbour", ["jane.doer@gmail.com", "jane-doerr@gmail.com", "jаne.doerr@gmail.com", "jane.doerr@gmail.co"]
)
def test_the_neighbours_mailbox_is_another_one(neighbour: str) -> None:
    assert _against_jane(ticket(email=neighbour, sender=Sender.PROVEN)).level is Level.NONE


def test_a_yahoo_nickname_is_not_its_disposable_address() -> None:
    facts = ticket(email="jane-shop@yahoo.com", sender=Sender.PROVEN)
    assert judge(facts, account("42", "jane@yahoo.com")).level is Level.NONE


def test_a_relay_on_one_side_only_proves_nothing() -> None:
    assert _against_jane(ticket(email="x7@privaterelay.appleid.com", sender=Sender.PROVEN)).level is Level.NONE


def test_a_recycled_phone_number_does_not_open_the_old_owners_file() -> None:
    facts = ticket(email=None, phone=PHONE, name=OMAR, channel="voice", sender=Sender.PROVEN)
    found = _against_jane(facts, "1042")
    assert (found.level, found.parties) == (Level.AMBIGUOUS, ())


def test_a_namesake_with_a_mailbox_of_his_own_is_at_most_a_choice() -> None:
    namesake, victim = account("7", "other@example.com"), account("42", JANE_AT)
    found = judge(ticket("order 1042", email="other@example.com"), namesake, victim, order(victim, "1042"))
    assert found.level is Level.AMBIGUOUS


def test_an_order_placed_under_a_strangers_address_opens_no_other() -> None:
    """A guest record belongs to an address; whoever orders with it adds to it, and must not get to see the rest."""
    mixed = replace(guest(JANE_AT), names=("Eve O'Hara", "Jane Doerr"))
    hers = order(replace(mixed, names=("Jane Doerr",)), "1043")
    facts = ticket("order 1042", email="eve@example.com", name="Eve O'Hara")
    found = judge(facts, mixed, order(mixed, "1042"), hers)
    assert [each.number for each in found.orders] == ["1042"]
    assert judge(ticket("order 1043", email="eve@example.com", name="Eve O'Hara"), mixed, hers).level not in SHOWN


def test_merged_users_of_one_store_are_a_choice_of_two() -> None:
    facts = ticket(others=[Identity("email", "jane@work.example")], sender=Sender.STATED)
    found = judge(facts, account("42", JANE_AT), account("43", "jane@work.example"))
    assert (found.level, len(found.candidates)) == (Level.AMBIGUOUS, 2)


def test_a_mistyped_number_that_is_a_strangers_lowers_and_shows_neither_order_nor_owner() -> None:
    stranger = account("99", "omar@example.net", name=OMAR, store=US)
    found = judge(ticket("order 1051"), *_victim(), stranger, order(stranger, "1051"))
    assert (found.level, found.parties) == (Level.AMBIGUOUS, ())
    assert [one.parties for one in found.candidates] == [_victim()]
