"""What holds for every ticket and every answer: order does not matter, doubt never helps, nobody gets two accounts."""

from itertools import combinations
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace

from server.identity.match import match
from server.model import (
    Answer,
    Asked,
    By,
    Facts,
    Identity,
    Level,
    Match,
    Order,
    Party,
    PartyKind,
    Question,
    Requester,
    Ticket,
    TicketText,
)

from .world import EU, JANE_AT, OFFICE, PHONE, STORES, US, order

often = settings(max_examples=250, deadline=None)
RANKS = [Level.NONE, Level.AMBIGUOUS, Level.LIKELY, Level.CONFIRMED]
MAILBOXES = st.sampled_from([JANE_AT, "jd@studio.example", OFFICE, "omar@example.net"])
NAMES = st.sampled_from(["Jane Doerr", "Hans Doerr", "Omar Haddad", "Jane"])
PHONES = st.sampled_from([PHONE, "030 5550102"])
NUMBERS = st.sampled_from(["1042", "1043", "1044"])
METHODS = st.sampled_from(["full", "sso", "low", "none"])


@st.composite
def parties(draw: st.DrawFn) -> Party:
    store = draw(st.sampled_from(STORES)).name
    emails = tuple(draw(st.lists(MAILBOXES, max_size=2, unique=True)))
    names, phones = tuple(draw(st.lists(NAMES, max_size=2))), tuple(draw(st.lists(PHONES, max_size=1)))
    if draw(st.booleans()):
        return Party(store, draw(st.sampled_from("123")), PartyKind.ACCOUNT, names, emails, phones)
    return Party(store, f"guest:{draw(MAILBOXES)}", PartyKind.GUEST, names, emails, phones)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Asked, ...]:
    question = Question(By.EMAIL, "any", ("any",), "any".__eq__)
    found = []
    for party in draw(st.lists(parties(), max_size=5)):
        bought = tuple(order(party, number, email=draw(MAILBOXES)) for number in draw(st.lists(NUMBERS, max_size=2)))
        orders = tuple(structs.replace(item, phone=draw(st.none() | PHONES)) for item in bought)
        found.append(Asked(party.store, question, Answer((party,) if draw(st.integers(0, 4)) else (), orders)))
    return tuple(found)


@st.composite
def tickets(draw: st.DrawFn) -> Facts:
    email, phone = draw(st.none() | MAILBOXES), draw(st.none() | PHONES)
    identities = [Identity("email", email, verification_method=draw(METHODS))] if email else []
    identities += [Identity("phone_number", phone, verification_method=draw(METHODS))] if phone else []
    identities += draw(
        st.lists(st.builds(Identity, st.just("email"), MAILBOXES, verification_method=METHODS), max_size=2)
    )
    text = draw(st.sampled_from(["Hello", "order 1042", "orders 1042 and 1043"]))
    return Facts(
        Requester(1, draw(NAMES), email, phone, draw(st.none() | st.sampled_from("12")), identities=tuple(identities)),
        Ticket(channel=draw(st.sampled_from(["email", "voice", "web", None])), texts=(TicketText("requester", text),)),
    )


def _flagged(facts: Facts, *flags: int) -> Facts:
    (text,) = facts.ticket.texts
    return replace(facts, ticket=replace(facts.ticket, texts=(replace(text, flags=flags),)))


def _rank(found: Match) -> int:
    return RANKS.index(found.level)


@often
@given(tickets(), answered(), st.randoms(use_true_random=False))
def test_the_order_of_stores_answers_and_rows_changes_nothing(
    facts: Facts, asked: tuple[Asked, ...], random: Random
) -> None:
    mixed = [replace(one, answer=replace(one.answer, orders=one.answer.orders[::-1])) for one in asked]
    random.shuffle(mixed)
    assert match(facts, STORES[::-1], mixed, ()) == match(facts, STORES, asked, ())


@often
@given(tickets(), answered())
def test_doubt_never_raises_a_level(facts: Facts, asked: tuple[Asked, ...]) -> None:
    as_sent, unproven, doubted = (match(_flagged(facts, *flags), STORES, asked, ()) for flags in ((), (22,), (22, 14)))
    assert _rank(as_sent) >= _rank(unproven) >= _rank(doubted)


@often
@given(tickets(), answered(), st.lists(st.sampled_from([EU.name, US.name]), min_size=1))
def test_a_silent_store_never_raises_a_level_nor_leaves_one_sure(
    facts: Facts, asked: tuple[Asked, ...], silent: list[str]
) -> None:
    heard, unheard = match(facts, STORES, asked, ()), match(facts, STORES, asked, silent)
    assert unheard.level not in {Level.CONFIRMED, Level.NONE}
    assert unheard.level is Level.UNKNOWN or _rank(unheard) <= _rank(heard)
    assert (unheard.level is Level.UNKNOWN) == (heard.level is Level.NONE)


@often
@given(tickets(), answered())
def test_nobody_has_two_accounts_of_one_store(facts: Facts, asked: tuple[Asked, ...]) -> None:
    found = match(facts, STORES, asked, ())
    for person in (found.parties, *(candidate.parties for candidate in found.candidates)):
        accounts = [party.store for party in person if party.kind is PartyKind.ACCOUNT]
        assert not any(a == b for a, b in combinations(accounts, 2))


@often
@given(tickets(), answered())
def test_records_are_shown_where_a_level_says_so_and_nowhere_else(facts: Facts, asked: tuple[Asked, ...]) -> None:
    found = match(facts, STORES, asked, ())
    assert bool(found.parties) is (found.level in {Level.CONFIRMED, Level.LIKELY})
    assert bool(found.candidates) is (found.level is Level.AMBIGUOUS)
    assert len(found.candidates) <= 3


@often
@given(tickets(), answered())
def test_confirmed_needs_zendesks_proof_and_an_identity_on_every_record(facts: Facts, asked: tuple[Asked, ...]) -> None:
    found = match(facts, STORES, asked, ())
    if found.level is Level.CONFIRMED:
        who = facts.requester
        assert any(identity.verification_method in {"full", "sso"} for identity in who.identities)
        assert all(who.email in party.emails or who.external_id == party.store_id for party in found.parties)


@often
@given(tickets(), answered())
def test_an_agents_choice_is_never_confirmed(facts: Facts, asked: tuple[Asked, ...]) -> None:
    for candidate in match(facts, STORES, asked, ()).candidates:
        found = match(replace(facts, chosen=candidate.id), STORES, asked, ())
        assert (found.level, found.parties) == (Level.LIKELY, candidate.parties)


@often
@given(tickets(), answered())
def test_reasons_hold_nothing_personal(facts: Facts, asked: tuple[Asked, ...]) -> None:
    found = match(facts, STORES, asked, ())
    reasons = (*found.reasons, *(reason for candidate in found.candidates for reason in candidate.reasons))
    told = {reason.about for reason in reasons}
    assert told <= {None, EU.name, US.name, "1042", "1043", "1044", *"23456789"}


def test_an_unread_order_is_not_taken_for_a_persons() -> None:
    """Orders whose party is in no answer belong to nobody who is shown."""
    stray: Order = order(Party(EU.name, "9", PartyKind.ACCOUNT, ("Jane Doerr",), (JANE_AT,)), "1042")
    asked = (Asked(EU.name, Question(By.EMAIL, "any", ("any",), "any".__eq__), Answer((), (stray,))),)
    facts = Facts(Requester(name="Jane Doerr", email=JANE_AT), Ticket(texts=(TicketText("requester", "order 1042"),)))
    assert match(facts, STORES, asked, ()).level is Level.NONE
