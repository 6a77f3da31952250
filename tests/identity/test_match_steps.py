"""The four steps of `match` after the table: ties, contradictions, silence, the agent's choice; and what is told."""

import pytest
from msgspec.structs import replace

from server.identity import records
from server.identity.evidence import claims
from server.model import (
    Address,
    Facts,
    Identity,
    Level,
    Match,
    Party,
    Reason,
    ReasonCode,
    Sender,
)

from .world import (
    JANE,
    JANE_AT,
    OFFICE,
    PHONE,
    STORES,
    US,
    account,
    answers,
    chosen,
    judge,
    order,
    owner,
    ticket,
)

PROVEN, STATED, DOUBTED = Sender.PROVEN, Sender.STATED, Sender.DOUBTED
CONFIRMED, LIKELY, AMBIGUOUS, NONE = Level.CONFIRMED, Level.LIKELY, Level.AMBIGUOUS, Level.NONE

BERLIN = Address(street=("Musterstr. 12a",), postcode="10115", city="Berlin")
OTHER_AT = "jd@studio.example"


# -- (a) ties ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", list(Sender))
@pytest.mark.parametrize("channel", ["email", "voice"])
def test_an_id_and_a_mailbox_that_name_two_customers_are_a_tie(sender: Sender, channel: str) -> None:
    facts = ticket(external_id="42", phone=PHONE, channel=channel, sender=sender)
    found = judge(facts, account("42", OTHER_AT), account("43", JANE_AT))
    assert (found.level, found.rule) == (AMBIGUOUS, "1a")
    assert Reason(ReasonCode.SEVERAL_CUSTOMERS, "2") in found.reasons


def test_an_id_and_a_mailbox_tie_even_where_proof_favours_the_mailbox() -> None:
    facts = ticket(external_id="42", sender=PROVEN, others=[Identity("email", OTHER_AT)])
    by_id = account("42", OTHER_AT), account("7", OTHER_AT, store=US)
    assert judge(facts, *by_id, account("43", JANE_AT, name="Sam Carter")).level is AMBIGUOUS


def test_a_household_on_one_phone_is_a_choice_of_two() -> None:
    facts = ticket(email=None, phone=PHONE, channel="voice", name="Petra Meier")
    hans, petra = (
        account("1", "h@example.com", phone=PHONE, name="Hans Meier"),
        account("2", "p@example.com", phone=PHONE, name="Petra Meier"),
    )
    found = judge(facts, hans, petra)
    assert (found.level, found.rule) == (AMBIGUOUS, "8a")
    assert [candidate.parties for candidate in found.candidates] == [(petra,), (hans,)]


def test_at_most_three_candidates_are_listed_the_likeliest_first() -> None:
    people = [account(str(number), f"{number}@example.com", phone=PHONE, name=None) for number in range(5)]
    found = judge(ticket(email=None, name=None, phone=PHONE), *people)
    assert len(found.candidates) == 3
    assert Reason(ReasonCode.SEVERAL_CUSTOMERS, "5") in found.reasons


# -- (b) contradictions -----------------------------------------------------------------------------------

STRANGERS = owner(account("99", "omar@example.net", name="Omar Haddad"), "1051")


@pytest.mark.parametrize(
    ("sender", "level"), [(PROVEN, LIKELY), (STATED, AMBIGUOUS), (DOUBTED, NONE)], ids=lambda value: str(value)
)
def test_quoting_a_strangers_order_costs_one_level(sender: Sender, level: Level) -> None:
    found = judge(ticket("order 1051", sender=sender), account("42", JANE_AT), *STRANGERS)
    assert found.level is level
    assert found.rule == "2b"
    assert Reason(ReasonCode.CONTRADICTION, "1051") in found.reasons
    assert all(party.store_id != "99" for one in found.candidates for party in one.parties)


def test_the_same_number_as_a_strangers_order_in_another_store_is_no_contradiction() -> None:
    jane, stranger = account("42", JANE_AT), account("9", "omar@example.net", store=US, name="Omar Haddad")
    found = judge(ticket("order 1042", sender=PROVEN), jane, order(jane, "1042"), stranger, order(stranger, "#1042"))
    assert (found.level, found.rule, found.parties) == (CONFIRMED, "3", (jane,))


def test_an_order_without_a_known_buyer_is_somebody_elses() -> None:
    unknown = order(account("99", "omar@example.net"), "1051")
    assert judge(ticket("order 1051"), account("42", JANE_AT), unknown).rule == "2b"


def test_a_shared_mailbox_of_somebody_else_speaks_against_an_order_and_a_name() -> None:
    facts = ticket("order 1042", email=OFFICE)
    found = judge(facts, *owner(account("42", JANE_AT), "1042"), account("61", OFFICE, name="Ann Lee"))
    assert (found.level, found.rule) == (AMBIGUOUS, "5b")
    assert [one.parties[0].store_id for one in found.candidates] == ["42", "61"]


def test_a_caller_who_is_somebody_else_by_number_and_name_speaks_against_an_order() -> None:
    facts = ticket("order 1042", email=None, phone=PHONE, channel="voice")
    namesake = account("7", "other@example.com", phone=PHONE)
    assert judge(facts, *owner(account("42", JANE_AT), "1042"), namesake).rule == "5b"


# -- (c) silence ------------------------------------------------------------------------------------------


def test_a_silent_store_leaves_nothing_confirmed() -> None:
    found = judge(ticket(sender=PROVEN), account("42", JANE_AT), silent=("Acme US",))
    assert (found.level, found.rule) == (LIKELY, "2c")
    assert Reason(ReasonCode.STORE_SILENT, "Acme US") in found.reasons


def test_nothing_found_while_a_store_is_silent_is_unknown() -> None:
    found = judge(ticket(), silent=("Acme US", "Acme EU"))
    assert (found.level, found.rule) == (Level.UNKNOWN, "10c")
    assert [reason.about for reason in found.reasons if reason.code is ReasonCode.STORE_SILENT] == [
        "Acme EU",
        "Acme US",
    ]


# -- (d) the agent's choice -------------------------------------------------------------------------------


def _household() -> tuple[Facts, tuple[Party, ...]]:
    people = account("1", "h@example.com", phone=PHONE), account("2", "p@example.com", phone=PHONE)
    return ticket(email=None, phone=PHONE, sender=PROVEN), people


def test_a_chosen_candidate_is_likely_and_alone() -> None:
    facts, people = _household()
    candidate = judge(facts, *people).candidates[1]
    found = judge(chosen(facts, candidate.id), *people)
    assert (found.level, found.rule, found.candidates, found.parties) == (LIKELY, "8ad", (), candidate.parties)
    assert Reason(ReasonCode.CHOSEN_BY_AGENT) in found.reasons


def test_a_choice_that_was_not_offered_changes_nothing() -> None:
    facts, people = _household()
    assert judge(chosen(facts, "no-such-id"), *people) == judge(facts, *people)


def test_a_choice_opens_nobody_who_is_not_a_candidate() -> None:
    stranger = account("99", "omar@example.net", phone=PHONE, name="Omar Haddad")
    theirs = judge(ticket(email=None, phone=PHONE, name=None), stranger).candidates[0].id
    assert judge(chosen(ticket("order 1051"), theirs), stranger, order(stranger, "1051")).level is NONE


# -- what is told -----------------------------------------------------------------------------------------


def _codes(found: Match) -> list[ReasonCode]:
    return [reason.code for reason in found.reasons]


def test_every_reason_of_a_match_is_told_with_store_or_number_and_nothing_personal() -> None:
    jane = account("42", JANE_AT, phone=PHONE)
    found = judge(ticket("order 1042", phone=PHONE, external_id="42"), jane, order(jane, "#1042"))
    assert found.reasons == (
        Reason(ReasonCode.SAME_EXTERNAL_ID, "Acme EU"),
        Reason(ReasonCode.SAME_MAILBOX, "Acme EU"),
        Reason(ReasonCode.SAME_PHONE, "Acme EU"),
        Reason(ReasonCode.ORDER_NUMBER_OWNED, "1042"),
        Reason(ReasonCode.NAME_AGREES),
        Reason(ReasonCode.SENDER_STATED),
    )


def test_a_strangers_order_is_only_said_to_exist() -> None:
    found = judge(ticket("order 1051", email=OTHER_AT), *STRANGERS)
    assert found.reasons == (Reason(ReasonCode.SENDER_STATED), Reason(ReasonCode.ORDER_ELSEWHERE, "1051"))
    assert (found.level, found.parties, found.candidates, found.rule) == (NONE, (), (), "9")


def test_the_address_is_told_as_the_reason_that_it_was() -> None:
    found = judge(ticket("order 1042, Musterstr. 12 a, 10115 Berlin", email=OTHER_AT, name=None),
                  *owner(account("42", JANE_AT), "1042", parcel=BERLIN))  # fmt: skip
    assert _codes(found)[:2] == [ReasonCode.ORDER_NUMBER_OWNED, ReasonCode.ADDRESS_AGREES]


def test_a_candidates_id_is_stable_and_tells_nothing() -> None:
    facts, people = _household()
    ids = [candidate.id for candidate in judge(facts, *people).candidates]
    assert ids == [candidate.id for candidate in judge(facts, *reversed(people)).candidates]
    assert all(len(id_) == 12 and int(id_, 16) >= 0 for id_ in ids)


def test_a_namesakes_order_lowers_a_confirmed_match_and_ties_with_nobody() -> None:
    """Another customer of that name owns the order: he is likely by himself, and no rival of the one who is proven."""
    namesake = owner(account("99", OTHER_AT, store=US), "#2210")
    for rule, facts, his in (
        ("2b", ticket("order 2210", sender=PROVEN), account("42", JANE_AT)),
        ("1b", ticket("order 2210", sender=PROVEN, external_id="42"), account("42", "old@doerr.example")),
    ):
        found = judge(facts, his, *namesake)
        assert (found.level, found.rule, found.parties, found.named) == (LIKELY, rule, (his,), frozenset())
        assert Reason(ReasonCode.CONTRADICTION, "2210") in found.reasons
        assert ReasonCode.ORDER_ELSEWHERE not in {reason.code for reason in found.reasons}


def test_another_customers_mailbox_or_call_speaks_against_him() -> None:
    by_id = ticket(external_id="42", phone=PHONE, channel="voice", sender=STATED)
    caller = account("43", OTHER_AT, phone=PHONE)
    found = judge(by_id, account("42", "old@doerr.example"), caller)
    assert ReasonCode.CONTRADICTION in {reason.code for reason in found.reasons}
    assert None not in {reason.code for reason in found.reasons}
    assert found.level is AMBIGUOUS


def test_a_choice_changes_nothing_where_there_was_none_to_make() -> None:
    his = account("42", JANE_AT)
    sure = judge(ticket(sender=PROVEN), his)
    assert judge(chosen(ticket(sender=PROVEN), sure.parties[0].mark), his) == sure
    nobody = judge(ticket(), account("43", OTHER_AT))
    (record,) = records.records(claims(ticket(), STORES), STORES, answers(account("43", OTHER_AT)))
    assert judge(chosen(ticket(), record.mark), account("43", OTHER_AT)) == nobody


def test_what_the_ticket_names_and_who_read_the_proof_are_told() -> None:
    his = owner(account("42", JANE_AT), "1042", "1043")
    found = judge(replace(ticket("order 1042"), proof_from="zendesk"), *his)
    assert (found.named, found.proof_from) == (frozenset({"Acme EU/1042"}), "zendesk")


def test_bits_for_and_against_a_candidate() -> None:
    """A phone 17, his own order 10 more; a name that contradicts 4 less, a number of somebody else's 8 less."""
    facts = ticket("orders 1042 and 1051", email=None, phone=PHONE, name="Omar Haddad")
    his = owner(account("42", JANE_AT, phone=PHONE), "1042")
    her = account("43", OTHER_AT, phone=PHONE, name=None)
    stranger = owner(account("99", "x@example.com", store=US, name="Sam Carter"), "1051")
    found = judge(facts, *his, her, *stranger)
    shares = judge(replace(facts, ticket=ticket("hello").ticket), *his, her)
    assert {one.parties[0].store_id: one.bits for one in shares.candidates} == {"42": 13, "43": 17}
    assert {one.parties[0].store_id: one.bits for one in found.candidates}.get("43", 9) == 9
    assert [one.bits for one in found.candidates if one.parties[0].store_id == "42"] == [15]


def test_marks_need_their_key_and_outlive_a_store_that_answers_late() -> None:
    facts, people = _household()
    picked = judge(facts, *people).candidates[0]
    assert picked.id not in {one.id for one in judge(replace(facts, key=b"another"), *people).candidates}
    late = account("0", *picked.parties[0].emails, store=US, name=picked.parties[0].names[0])
    found = judge(chosen(facts, picked.id), late, *people)
    assert (found.level, len(found.parties)) == (Level.LIKELY, 2)


def test_a_record_set_aside_takes_its_orders_out_of_sight_and_changes_no_level() -> None:
    here, there = account("42", JANE_AT), account("7", JANE_AT, store=US)
    records = *owner(here, "1042"), *owner(there, "#2210")
    whole = judge(ticket(), *records)
    marks = {party.store: party.mark for party in whole.parties}
    less = judge(replace(ticket(), aside=frozenset({marks["Acme US"]})), *records)
    assert (less.level, [order.number for order in less.orders]) == (whole.level, ["1042"])
    assert (less.parties, less.aside) == (whole.parties, frozenset({marks["Acme US"]}))
    everything = judge(replace(ticket(), aside=frozenset(marks.values())), *records)
    assert (len(everything.orders), everything.aside) == (2, frozenset())


def test_the_name_that_agrees_ranks_first_and_one_that_contradicts_last() -> None:
    names = {"1": "Omar Haddad", "2": None, "3": JANE}
    people = [account(id_, f"{id_}@example.com", phone=PHONE, name=name) for id_, name in names.items()]
    found = judge(ticket(email=None, phone=PHONE), *people)
    assert [candidate.parties[0].store_id for candidate in found.candidates] == ["3", "2", "1"]
