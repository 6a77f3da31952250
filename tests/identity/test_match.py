"""The decision table of `match`, row by row and sender by sender, and the steps after it."""

from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from server.identity.match import TABLE, Row, _row, highest_first, match
from server.identity.people import Clue
from server.model import (
    Address,
    Asked,
    By,
    Facts,
    Identity,
    Level,
    Order,
    Party,
    Question,
    Sender,
)

from .world import (
    EU,
    JANE,
    JANE_AT,
    OFFICE,
    PHONE,
    STORES,
    US,
    account,
    answers,
    guest,
    judge,
    order,
    owner,
    ticket,
)

PROVEN, STATED, DOUBTED = Sender.PROVEN, Sender.STATED, Sender.DOUBTED
CONFIRMED, LIKELY, AMBIGUOUS, NONE = Level.CONFIRMED, Level.LIKELY, Level.AMBIGUOUS, Level.NONE

BERLIN = Address(street=("Musterstr. 12a",), postcode="10115", city="Berlin")
OTHER_AT = "jd@studio.example"


@dataclass(frozen=True)
class Case:
    """A ticket and what the stores hold; which row decides, and the level for a proven, stated, doubted sender."""

    says: str
    row: str
    levels: tuple[Level, Level, Level]
    ticket: dict[str, str | None]
    found: tuple[Party | Order, ...]


BIRCHWOOD = (
    *owner(account("61", OFFICE, "ann.lee@birchwood.example", name="Ann Lee"), "1045"),
    *owner(account("62", OFFICE, "bob.stone@birchwood.example", name="Bob Stone"), "1046"),
)
SURE, LIKELY_OR_LIST, LIKELY_OR_NOTHING = (
    (CONFIRMED, LIKELY, AMBIGUOUS),
    (LIKELY, LIKELY, AMBIGUOUS),
    (LIKELY, LIKELY, NONE),
)
LIST, NOTHING = (AMBIGUOUS, AMBIGUOUS, NONE), (NONE, NONE, NONE)

CASES = (
    Case("the shop's id for him", "1", SURE, {"external_id": "42"}, (account("42", OTHER_AT),)),
    Case("his own mailbox", "2", SURE, {}, (account("42", JANE_AT),)),
    Case("his own mailbox, as a guest", "2", SURE, {}, (guest(JANE_AT),)),
    Case("a masked address that shop and ticket share", "2", SURE, {"email": "x7@privaterelay.appleid.com"},
         (account("42", "x7@privaterelay.appleid.com"),)),
    Case("mailbox and own order", "3", SURE, {"text": "order 1042"}, owner(account("42", JANE_AT), "1042")),
    Case("mailbox and own phone", "3", SURE, {"phone": PHONE}, (account("42", JANE_AT, phone="030 5550101"),)),
    Case("role mailbox, name singles one out", "4", LIKELY_OR_LIST, {"email": OFFICE, "name": "Ann Lee"}, BIRCHWOOD),
    Case("role mailbox, order singles one out", "4", LIKELY_OR_LIST,
         {"email": OFFICE, "name": "Birchwood", "text": "order 1046"}, BIRCHWOOD),
    Case("role mailbox of one customer, by name", "4", LIKELY_OR_LIST, {"email": OFFICE}, (account("42", OFFICE),)),
    Case("own order and full name", "5", LIKELY_OR_NOTHING, {"email": OTHER_AT, "text": "order 1042"},
         owner(account("42", JANE_AT), "1042")),
    Case("own order and delivery address", "5", LIKELY_OR_NOTHING,
         {"email": OTHER_AT, "name": "J", "text": "order 1042 to Musterstr. 12a, 10115 Berlin"},
         owner(account("42", JANE_AT), "1042", parcel=BERLIN)),
    Case("phone and own order", "6", LIKELY_OR_LIST,
         {"email": OTHER_AT, "name": None, "phone": PHONE, "text": "order 1042"},
         owner(account("42", JANE_AT, phone=PHONE), "1042")),
    Case("a call from his own number, by name", "7", (LIKELY, AMBIGUOUS, NONE),
         {"email": None, "phone": PHONE, "channel": "voice"}, (account("42", JANE_AT, phone=PHONE),)),
    Case("a text message from his own number, by name", "7", (LIKELY, AMBIGUOUS, NONE),
         {"email": None, "phone": PHONE, "channel": "sms"}, (account("42", JANE_AT, phone=PHONE),)),
    Case("phone alone", "8", LIST, {"email": OTHER_AT, "name": None, "phone": PHONE},
         (account("42", JANE_AT, phone=PHONE),)),
    Case("phone and name, but no call", "8", LIST, {"email": OTHER_AT, "phone": PHONE},
         (account("42", JANE_AT, phone=PHONE),)),
    Case("role mailbox alone", "8", LIST, {"email": OFFICE, "name": None}, (account("42", OFFICE),)),
    Case("an order number alone", "9", NOTHING, {"email": OTHER_AT, "name": "Sam Carter", "text": "order 1042"},
         owner(account("42", JANE_AT), "1042")),
    Case("a name alone", "10", NOTHING, {"email": OTHER_AT}, (account("42", JANE_AT),)),
    Case("name, postcode and house without an order", "10", NOTHING,
         {"email": OTHER_AT, "text": "Musterstr. 12a, 10115 Berlin"},
         owner(account("42", JANE_AT), "1042", parcel=BERLIN)),
    Case("an address typed in the text", "10", NOTHING, {"email": OTHER_AT, "text": f"my e-mail is {JANE_AT}"},
         (account("42", JANE_AT),)),
    Case("a phone typed in the text", "10", NOTHING, {"email": OTHER_AT, "text": f"call me: {PHONE}"},
         (account("42", JANE_AT, phone=PHONE),)),
    Case("nobody found", "10", NOTHING, {}, ()),
)  # fmt: skip


@pytest.mark.parametrize("sender", list(Sender))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.says)
def test_table(case: Case, sender: Sender) -> None:
    found = judge(_ticket(case, sender), *case.found)
    assert found.level is case.levels[list(Sender).index(sender)]
    assert found.sender is sender
    if found.level in {CONFIRMED, LIKELY}:
        assert found.rule == case.row
        assert len(found.parties) == 1
        assert found.candidates == ()
    else:
        assert found.parties == ()
        assert bool(found.candidates) is (found.level is AMBIGUOUS)


def _ticket(case: Case, sender: Sender) -> Facts:
    return ticket(sender=sender, **case.ticket)  # type: ignore[arg-type] # the cases hold only what ticket takes


def test_every_row_has_a_case() -> None:
    assert {case.row for case in CASES} == {row.id for row in TABLE}


def test_the_highest_level_counts_and_of_equal_ones_the_first_row() -> None:
    rows = (
        _row("a", LIKELY, NONE, NONE, {Clue.NAME}),
        _row("b", CONFIRMED, NONE, NONE, {Clue.NUMBER}, {Clue.PHONE, Clue.NAME}),
        _row("c", LIKELY, AMBIGUOUS, NONE, set()),
    )
    assert [[row.id for row in highest_first(rows)[sender]] for sender in Sender] == [
        ["b", "a", "c"], ["c", "a", "b"], ["a", "b", "c"],
    ]  # fmt: skip
    assert rows[1] == Row("b", {PROVEN: CONFIRMED, STATED: NONE, DOUBTED: NONE},
                          (frozenset({Clue.NUMBER}), frozenset({Clue.PHONE, Clue.NAME})))  # fmt: skip
    assert rows[1].holds({Clue.PHONE, Clue.NAME, Clue.CALLER})
    assert not rows[1].holds({Clue.PHONE})


def test_only_proof_and_an_identity_of_his_own_confirm() -> None:
    confirming = {row.id for row in TABLE if CONFIRMED in row.levels.values()}
    assert confirming == {"1", "2", "3"}
    assert all(row.levels[STATED] is not CONFIRMED and row.levels[DOUBTED] in {AMBIGUOUS, NONE} for row in TABLE)


# -- one person, several records --------------------------------------------------------------------------


def test_records_of_two_stores_with_his_mailbox_are_one_person() -> None:
    records = account("42", JANE_AT), account("7", "Jane.Doerr@googlemail.com", store=US)
    found = judge(ticket(sender=PROVEN), *records)
    assert (found.level, found.parties) == (CONFIRMED, records)


def test_guest_and_account_of_one_store_are_one_person() -> None:
    found = judge(ticket(), guest(JANE_AT), account("42", JANE_AT))
    assert (found.level, len(found.parties)) == (LIKELY, 2)


def test_an_order_of_one_record_speaks_for_the_whole_person() -> None:
    here, there = account("42", JANE_AT), account("7", JANE_AT, store=US)
    found = judge(ticket("order US-2210"), here, there, order(there, "#US-2210"))
    assert (found.level, found.rule, found.parties) == (LIKELY, "3", (here, there))


def test_two_accounts_of_one_store_on_a_mailbox_are_two_customers() -> None:
    found = judge(ticket(sender=PROVEN), account("42", JANE_AT), account("43", JANE_AT))
    assert (found.level, found.rule, len(found.candidates)) == (AMBIGUOUS, "4a", 2)


def test_a_chain_of_mailboxes_does_not_join_two_accounts_of_one_store() -> None:
    facts = ticket(others=[Identity("email", OTHER_AT)])
    found = judge(facts, account("42", JANE_AT), account("43", OTHER_AT), account("7", JANE_AT, OTHER_AT, store=US))
    assert found.level is AMBIGUOUS
    assert [len(candidate.parties) for candidate in found.candidates] == [1, 1, 1]


def test_another_customers_orders_on_the_same_mailbox_are_not_shown() -> None:
    found = judge(ticket(email=OFFICE, name="Ann Lee"), *BIRCHWOOD)
    assert [party.store_id for party in found.parties] == ["61"]


def test_guests_of_one_mailbox_are_told_apart_by_their_bills() -> None:
    """A guest's record holds every order with its mailbox: a colleague's is not shown with his."""
    everybody = replace(guest(OFFICE, name="Ann Lee"), names=("Ann Lee", "Bob Stone"))
    hers, his = order(everybody, "1045"), order(replace(everybody, names=("Bob Stone",)), "1046")
    found = judge(ticket(email=OFFICE, name="Bob Stone"), everybody, hers, his)
    assert (found.level, found.rule, [each.number for each in found.orders]) == (LIKELY, "4", ["1046"])
    assert judge(ticket("order 1045", email=OFFICE, name="The office"), everybody, hers, his).orders[0].number == "1045"
    both = judge(ticket(email=OFFICE, name="The office"), everybody, hers, his)
    assert (both.level, len(both.candidates)) == (AMBIGUOUS, 2)


@pytest.mark.parametrize("name", ["J. Lee", None], ids=["either's name", "no name"])
def test_guests_who_cannot_be_told_apart_single_nobody_out(name: str | None) -> None:
    everybody = replace(guest(JANE_AT, name="Jane Lee"), names=("Jane Lee", "John Lee"))
    bills = ["Jane Lee", "John Lee", name]
    orders = [order(replace(everybody, names=(bill,) if bill else ()), f"{1045 + n}") for n, bill in enumerate(bills)]
    found = judge(ticket("order 1045", name="Jane Lee"), everybody, *orders)
    assert (found.level, found.parties, found.orders) == (AMBIGUOUS, (), ())


def test_a_family_on_one_mailbox_is_not_one_person() -> None:
    hans, petra = account("1", JANE_AT, name="Hans Meier"), account("2", JANE_AT, store=US, name="Petra Meier")
    assert judge(ticket(name="Petra Meier"), hans, petra).parties == (petra,)
    assert judge(ticket(name="P"), hans, petra).level is AMBIGUOUS


def test_a_colleague_is_the_same_person_in_two_stores_by_role_mailbox_and_name() -> None:
    here, there = account("61", OFFICE, name="Ann Lee"), account("5", OFFICE, store=US, name="Ann Lee")
    assert judge(ticket(email=OFFICE, name="Ann Lee"), here, there).parties == (here, there)


def test_two_addresses_of_one_user_are_one_person_where_the_names_agree() -> None:
    facts = ticket(others=[Identity("email", OTHER_AT)])
    here, there = account("42", JANE_AT), account("7", OTHER_AT, store=US)
    assert judge(facts, here, there).parties == (here, there)
    assert judge(facts, here, replace(there, names=("Sam Carter",))).level is AMBIGUOUS


@pytest.mark.parametrize("name", [JANE, None, "Eve O'Hara"], ids=["named", "unnamed", "namesake"])
def test_an_account_with_a_strangers_billing_address_draws_no_orders_to_itself(name: str | None) -> None:
    """Anybody may type a stranger's address into his own account and then quote the stranger's order."""
    thief, victim = account("66", "eve@example.com", JANE_AT, name="Eve O'Hara"), guest(JANE_AT, name=name)
    facts = ticket("order 1042", sender=PROVEN, email="eve@example.com", name="Eve O'Hara")
    found = judge(facts, thief, victim, order(victim, "1042"))
    assert victim not in found.parties


def test_an_order_with_a_lent_address_does_not_open_the_account() -> None:
    """Somebody else's order carries the requester's address; the account behind it has another one."""
    buyer = account("42", "omar@example.net", name="Omar Haddad")
    found = judge(ticket(sender=PROVEN), buyer, order(buyer, "1051", email=JANE_AT))
    assert (found.level, found.rule) == (AMBIGUOUS, "8")


def test_a_record_seen_from_two_sides_counts_once_with_all_its_identities() -> None:
    by_mail, by_number = account("42", JANE_AT), account("42", "billing@doerr.example")
    question = Question(By.EMAIL, "x", ("x",), "x".__eq__)
    asked = [
        Asked(EU.name, question, item.answer)
        for item in (*answers(by_mail), *answers(by_number, order(by_number, "1042")))
    ]
    found = match(ticket("order 1042"), STORES, asked, ())
    assert (found.rule, len(found.parties)) == ("3", 1)
    assert set(found.parties[0].emails) == {JANE_AT, "billing@doerr.example"}


# -- how far the proof reaches ----------------------------------------------------------------------------


def test_proof_of_one_address_confirms_nothing_found_by_another() -> None:
    facts = ticket(sender=PROVEN, others=[Identity("email", OTHER_AT, verification_method="full")])
    assert judge(facts, account("42", OTHER_AT)).level is LIKELY
    assert judge(facts, account("42", JANE_AT), account("7", OTHER_AT, store=US)).level is LIKELY


def test_a_proven_caller_does_not_prove_his_address() -> None:
    found = judge(ticket(sender=PROVEN, phone=PHONE, channel="voice"), account("42", JANE_AT))
    assert (found.sender, found.level) == (PROVEN, LIKELY)


def test_a_proven_but_shared_mailbox_is_never_confirmed() -> None:
    shared = replace(ticket().requester, identities=(Identity("email", JANE_AT, deliverable_state="mailing_list",
                                                              verification_method="full"),))  # fmt: skip
    found = judge(replace(ticket(sender=PROVEN), requester=shared), account("42", JANE_AT))
    assert (found.sender, found.level, found.rule) == (PROVEN, LIKELY, "4")


def test_an_external_id_counts_for_its_own_store_only() -> None:
    """Customer ids are small numbers: 42 exists in every shop."""
    facts = ticket(external_id="42", email=None, sender=PROVEN)
    assert judge(facts, account("42", OTHER_AT, store=US)).level is NONE
