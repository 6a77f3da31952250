"""Families of tickets that somebody else wrote than the customer whose identity they state, or who states too much."""

from server.model import TicketText

from . import texts
from .case import Case, Draw, family, ticket
from .town import buy, identity, settle


@family(3)
def spoofed_and_flagged(draw: Draw) -> Case:
    """A customer's address; Zendesk doubts the message. Some know an order."""
    human = draw.customer()
    text = draw.rng.choice([f"Order {human.orders[0].number}: change the address", "Change my address please"])
    flags, trusted = draw.rng.choice([((14,), True), ((0,), True), ((2,), True), ((21,), True), ((), False)])
    method = draw.rng.choice(["none", "full", "sso"])
    facts = ticket(human.name, human.mailbox, text, method=method, flags=flags, trusted=trusted)
    return Case(facts, human, impostor=True)


@family(3)
def spoofed(draw: Draw) -> Case:
    """A customer's address, which nobody proved and nothing flags. Some know an order."""
    human = draw.customer()
    text = draw.rng.choice([f"Order {human.orders[0].number}: change the address", "Change my address please"])
    method = draw.rng.choice(["none", "low"])
    return Case(ticket(human.name, human.mailbox, text, method=method), human, impostor=True)


@family(2)
def not_signed_in(draw: Draw) -> Case:
    """A proven address, but the writer was not signed in or has yet to confirm it."""
    human = draw.customer()
    flags = draw.rng.choice([(3,), (22,), (3, 22)])
    facts = ticket(human.name, human.mailbox, "Change my address please", method="full", flags=flags)
    return Case(facts, human, impostor=True)


@family(2)
def doubted_in_an_earlier_comment(draw: Draw) -> Case:
    """One of the requester's comments is flagged, the newest is not."""
    human = draw.customer()
    flagged = TicketText("requester", "Hello", None, (14,), True)
    return Case(ticket(human.name, human.mailbox, "And again", flagged, method="full"), human, impostor=True)


@family(2)
def stranger_on_the_ticket(draw: Draw) -> Case:
    """Only somebody else wrote on a ticket whose requester is proven."""
    human = draw.customer()
    facts = ticket(human.name, human.mailbox, TicketText("other", "Send it to me"), method="full")
    return Case(facts, human, impostor=True)


@family(2)
def shared_identity(draw: Draw) -> Case:
    """A proven address that Zendesk knows to be shared."""
    human = draw.customer()
    facts = ticket(human.name, human.mailbox, "Hello", method="full", ownership="shared")
    return Case(facts, human, impostor=True)


@family(3)
def enumerates(draw: Draw) -> Case:
    """A stranger tries numbers one after another."""
    human = draw.stranger()
    start = draw.rng.choice(draw.customer().orders).number.removeprefix("#")
    numbers = [start]
    if start.isdigit():
        numbers = [f"{int(start) + step:0{len(start)}}" for step in range(5)]
    text = "My orders " + ", ".join(numbers) + " are missing."
    return Case(ticket(human.name, human.mailbox, text), None)


@family(3)
def knows_number_and_name(draw: Draw) -> Case:
    """A stranger gives a customer's name and order: he states that customer, and is not him."""
    human = draw.customer()
    number = human.orders[0].number
    facts = ticket(human.name, draw.stranger().mailbox, texts.naming(draw.rng, number), method="full")
    return Case(facts, human, impostor=True)


@family(2)
def knows_everything(draw: Draw) -> Case:
    """A stranger gives name, order, postcode, house number, phone, typed into the text of his own proven address."""
    human = draw.customer()
    text = f"Order {human.orders[0].number}, {human.street}, {human.postcode} {human.city}, {human.phone}"
    return Case(ticket(human.name, draw.stranger().mailbox, text, method="full"), human, impostor=True)


@family(3)
def customer_with_a_strangers_number(draw: Draw) -> Case:
    """A proven customer asks for another customer's order: his own file is his, the other is not."""
    human, other = draw.customer(), draw.customer()
    if human is other:
        return Case(ticket("Nobody", "nobody@example.org", "Hello"), None)
    text = texts.naming(draw.rng, other.orders[0].number)
    return Case(ticket(human.name, human.mailbox, text, method="full"), human, findable=True)


@family(2)
def lent_address(draw: Draw) -> Case:
    """An account of the writer's own, with a victim's mailbox on its order, and the victim's number in the ticket."""
    victim, thief = draw.customer(), draw.registry.human()
    shop = draw.town.shop(victim.orders[0].store)
    buy(draw.rng, shop, thief, account=True, orders=1)
    settle(draw.town)
    text = f"Order {victim.orders[0].number}"
    facts = ticket(thief.name, thief.mailbox, text, method="full", others=(identity(victim.mailbox),))
    return Case(facts, thief, findable=True)


@family(2)
def victims_address_as_second(draw: Draw) -> Case:
    """A proven stranger has added a customer's address to his own user; nobody proved that one."""
    human, writer = draw.customer(), draw.stranger()
    second = identity(human.mailbox, draw.rng.choice(["none", "low"]))
    return Case(ticket(writer.name, writer.mailbox, "Hello", method="full", others=(second,)), human, impostor=True)


@family(2)
def victims_address_in_the_text(draw: Draw) -> Case:
    """A proven stranger says that a customer's address is his other one."""
    human, writer = draw.customer(), draw.stranger()
    text = f"I also use {human.mailbox}. What did I order there? Order {human.orders[0].number}"
    return Case(ticket(writer.name, writer.mailbox, text, method="sso"), None)


@family(1)
def phone_and_name_by_mail(draw: Draw) -> Case:
    """A stranger whose Zendesk user has a customer's phone and name, but who writes mails."""
    human = draw.customer()
    facts = ticket(human.name, draw.stranger().mailbox, "Hello", phone=human.phone)
    return Case(facts, human, impostor=True)


@family(1)
def proven_by_another_address(draw: Draw) -> Case:
    """The ticket came from an unproven address of a user who has a proven one: proof does not travel."""
    human = draw.customer()
    facts = ticket(human.name, human.mailbox, "Hello", others=(identity("mallory@example.org", "full"),))
    return Case(facts, human, impostor=True)
