"""What proves the sender, and what the stores are asked."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from server.identity.evidence import claims, questions, sender
from server.model import By, Facts, Identity, Question, Requester, Sender, Store, Ticket, TicketText

from .world import EU, JANE_AT, PHONE, US, ticket

PROVEN, STATED, DOUBTED = Sender.PROVEN, Sender.STATED, Sender.DOUBTED


def _proof(method: str | None, *, ownership: str | None = "owned", verified: bool = False) -> Facts:
    identity = Identity("email", JANE_AT, True, verified, method, ownership)
    facts = ticket()
    return replace(facts, requester=replace(facts.requester, identities=(identity,)))


@pytest.mark.parametrize(
    ("method", "state"),
    [("full", PROVEN), ("sso", PROVEN), ("embed", PROVEN), ("low", STATED), ("none", STATED), (None, STATED)],
)
def test_only_what_the_api_cannot_set_proves_ownership(method: str | None, state: Sender) -> None:
    assert sender(_proof(method, verified=True)) is state


def test_a_shared_address_proves_nobody() -> None:
    assert sender(_proof("full", ownership="shared")) is STATED


FLAGS = {0: DOUBTED, 2: DOUBTED, 14: DOUBTED, 21: DOUBTED, 3: STATED, 22: STATED, 4: PROVEN, 11: PROVEN}


@pytest.mark.parametrize(("flag", "state"), FLAGS.items())
def test_flags(flag: int, state: Sender) -> None:
    assert sender(_with_texts(TicketText("requester", "Hi", flags=(flag,)))) is state


def _with_texts(*texts: TicketText) -> Facts:
    facts = _proof("full")
    return replace(facts, ticket=replace(facts.ticket, texts=texts))


FINE = TicketText("requester", "Hi")


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        pytest.param(
            (FINE, TicketText("requester", "Me again", flags=(14,))), DOUBTED, id="a later comment is flagged"
        ),
        pytest.param((FINE, TicketText("requester", "Me again", flags=(22,))), STATED, id="a later one is unproven"),
        pytest.param((TicketText("requester", "Hi", trusted=False),), DOUBTED, id="not trusted"),
        pytest.param((FINE, TicketText("other", "Me too", flags=(14,), trusted=False)), PROVEN, id="a copied person's"),
        pytest.param((FINE, TicketText("agent", "Hello", flags=(14,))), PROVEN, id="an agent's"),
        pytest.param((TicketText("other", "Hi"),), DOUBTED, id="somebody else is writing"),
        pytest.param((TicketText("agent", "He called"),), STATED, id="only agents have written"),
        pytest.param((), STATED, id="no comment was read"),
    ],
)
def test_whose_comments_count(texts: tuple[TicketText, ...], state: Sender) -> None:
    assert sender(_with_texts(*texts)) is state


def test_facts_from_the_browser_are_stated_at_best_where_zendesk_is_asked() -> None:
    assert sender(replace(_proof("full"), capped=True)) is STATED
    assert sender(replace(_with_texts(TicketText("requester", "Hi", flags=(14,))), capped=True)) is DOUBTED


def _with_identities(channel: str, email: str | None, phone: str | None, *identities: Identity) -> Facts:
    return Facts(Requester(email=email, phone=phone, identities=identities), Ticket(channel=channel, texts=(FINE,)))


PROVEN_MAIL = Identity("email", "Jane.Doerr@googlemail.com", verification_method="full")
PLAIN_MAIL = Identity("email", "jd@studio.example", verification_method="none")
PROVEN_PHONE = Identity("phone_number", "+49305550101", verification_method="sso")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        pytest.param(_with_identities("email", JANE_AT, None, PROVEN_MAIL, PLAIN_MAIL), PROVEN, id="it came from it"),
        pytest.param(
            _with_identities("email", "jd@studio.example", None, PROVEN_MAIL, PLAIN_MAIL), STATED, id="another's"
        ),
        pytest.param(_with_identities("email", None, None, PROVEN_MAIL), STATED, id="unknown which address"),
        pytest.param(_with_identities("voice", JANE_AT, PHONE, PROVEN_MAIL), STATED, id="a call proves no address"),
        pytest.param(_with_identities("voice", JANE_AT, PHONE, PROVEN_PHONE), PROVEN, id="a proven caller"),
        pytest.param(_with_identities("sms", JANE_AT, None, PROVEN_PHONE), STATED, id="a caller of no number"),
        pytest.param(
            _with_identities("whatsapp", JANE_AT, PHONE, PROVEN_MAIL, PROVEN_PHONE), STATED, id="another network"
        ),
        pytest.param(
            _with_identities("native_messaging", None, None, Identity("messaging", "a1", verification_method="embed")),
            PROVEN,
            id="signed in to the widget, without an address",
        ),
    ],
)
def test_proof_belongs_to_the_identity_that_the_ticket_came_from(facts: Facts, state: Sender) -> None:
    assert sender(facts) is state


# -- questions --------------------------------------------------------------------------------------------


def asked(facts: Facts, store: Store = EU) -> list[tuple[By, str]]:
    return [(question.by, question.value) for question in questions(facts, store)]


def test_a_store_is_asked_by_every_identity_then_by_order_numbers() -> None:
    facts = ticket(
        "order 1042", external_id=" 42 ", phone="030 5550101", others=[Identity("email", "JD@studio.example")]
    )
    assert asked(facts) == [
        (By.CUSTOMER_ID, "42"),
        (By.EMAIL, "janedoerr@gmail.com"),
        (By.EMAIL, "jd@studio.example"),
        (By.PHONE, "+49305550101"),
        (By.ORDER_NUMBER, "1042"),
    ]


def test_a_store_that_zendesks_ids_do_not_come_from_is_not_asked_by_them() -> None:
    assert By.CUSTOMER_ID not in {by for by, _ in asked(ticket(external_id="42"), US)}


def test_a_national_number_is_read_with_the_shops_country_and_never_guessed() -> None:
    facts = ticket(email=None, phone="030 5550101")
    assert asked(facts) == [(By.PHONE, "+49305550101")]
    assert asked(facts, US) == []
    assert asked(facts, replace(EU, country=None)) == []


def test_a_store_is_asked_only_by_what_it_can_be_asked_by() -> None:
    facts = ticket("order 1042", phone=PHONE, external_id="42")
    assert asked(facts, replace(EU, asked_by=frozenset({By.EMAIL}))) == [(By.EMAIL, "janedoerr@gmail.com")]
    assert asked(facts, replace(EU, asked_by=frozenset({By.NAME}))) == []


def test_one_mailbox_is_asked_for_once() -> None:
    others = [Identity("email", "janedoerr+shop@googlemail.com"), Identity("email", "nonsense")]
    assert asked(ticket(others=others)) == [(By.EMAIL, "janedoerr@gmail.com")]


def test_copied_and_typed_identities_are_never_asked_for() -> None:
    facts = ticket(f"I am omar@example.net, call {PHONE}")
    facts = replace(facts, ticket=replace(facts.ticket, texts=(*facts.ticket.texts, TicketText("other", "#1051"))))
    assert asked(facts) == [(By.EMAIL, "janedoerr@gmail.com")]


def test_at_most_five_identities_and_five_numbers() -> None:
    others = [Identity("email", f"jane{number}@example.com") for number in range(9)]
    found = asked(ticket("orders " + ", ".join(map(str, range(1000, 1009))), others=others))
    assert [by for by, _ in found] == [By.EMAIL] * 5 + [By.ORDER_NUMBER] * 5


def _the(by: By, found: Iterable[Question]) -> Question:
    return next(question for question in found if question.by is by)


@pytest.mark.parametrize(
    ("written", "spellings"),
    [
        ("Jane@Example.com", ("jane@example.com",)),
        ("Jane.Doerr+x@GoogleMail.com", ("jane.doerr+x@googlemail.com", "jane.doerr@gmail.com", "janedoerr@gmail.com")),
        ("jane@MÜLLER.example", ("jane@müller.example", "jane@xn--mller-kva.example")),
        ("JOSÉ@example.com", ("JOSÉ@example.com",)),
    ],
)
def test_spellings_of_an_address(written: str, spellings: tuple[str, ...]) -> None:
    assert _the(By.EMAIL, questions(ticket(email=written), EU)).spellings == spellings


def test_spellings_of_a_phone_and_a_number() -> None:
    found = questions(ticket("order 1042", phone="+49 (30) 5550101"), EU)
    assert _the(By.PHONE, found).spellings == ("+49 (30) 5550101", "030 5550101", "+49 30 5550101")
    assert _the(By.ORDER_NUMBER, found).spellings == ("1042", "#1042")


def test_what_a_store_sends_is_recognised_in_its_own_spelling_and_nothing_else_is() -> None:
    found = questions(ticket("order 1042", phone=PHONE, external_id="42"), EU)
    same = {question.by: question.same for question in found}
    assert same[By.CUSTOMER_ID]("42")
    assert not same[By.CUSTOMER_ID]("142")
    assert same[By.EMAIL]("JaneDoerr@gmail.com")
    assert not same[By.EMAIL]("jane.doerr@gmail.com.example.com")
    assert same[By.PHONE]("030/5550101")
    assert not same[By.PHONE]("5550101")
    assert same[By.ORDER_NUMBER]("#1042")
    assert not same[By.ORDER_NUMBER]("10421")


@pytest.mark.parametrize(
    "hostile", ['x" OR email:*@example.com', "*@example.com OR a", "a'--@x@example.com", "' OR 1=1"]
)
def test_operators_in_an_identity_are_no_identity(hostile: str) -> None:
    assert asked(ticket(email=hostile, phone=hostile)) == []


def test_the_numbers_named_for_a_store_have_its_shape() -> None:
    numbers = claims(ticket("order 1042 and order US-2210"), (EU, US)).numbers
    assert numbers == {"Acme EU": {"1042": "1042"}, "Acme US": {"1042": "1042", "US-2210": "US-2210"}}
