"""Families of tickets that the customer himself wrote, or somebody honest whom the shops do not know."""

from nicknames import NickNamer

from server.model import Identity, TicketText

from . import texts
from .case import Case, Draw, family, ticket
from .people import EXACT, Human
from .town import buy, identity, place, settle

NICKNAMES = NickNamer()


def _numbers(*numbers: str) -> frozenset[str]:
    return frozenset(number.removeprefix("#").upper() for number in numbers)


def _said(draw: Draw, human: Human) -> tuple[str, frozenset[str]]:
    """What he writes: half of the time with the number of an order of his."""
    if draw.rng.random() < 0.5:
        number = texts.typed(draw.rng, draw.rng.choice(human.orders).number)
        return texts.naming(draw.rng, number), _numbers(number)
    return texts.without_number(draw.rng), frozenset()


@family(12)
def clean(draw: Draw) -> Case:
    """The address that he shops with."""
    human = draw.customer()
    text, numbers = _said(draw, human)
    return Case(ticket(human.name, human.mailbox, text), human, findable=True, numbers=numbers)


@family(5)
def verified(draw: Draw) -> Case:
    """The same, and Zendesk has proven the address."""
    human = draw.customer()
    text, numbers = _said(draw, human)
    method = draw.rng.choice(["full", "sso", "embed"])
    return Case(ticket(human.name, human.mailbox, text, method=method), human, findable=True, numbers=numbers)


@family(3)
def ticked_by_an_agent(draw: Draw) -> Case:
    """An agent vouched for the address: that proves nothing."""
    human = draw.customer()
    text, _ = _said(draw, human)
    return Case(ticket(human.name, human.mailbox, text, method="low"), human, findable=True)


@family(3)
def signed_in(draw: Draw) -> Case | None:
    """The shop's own id for him, under an address that no shop knows."""
    human = draw.customer()
    ids = next(shop for shop in draw.town.shops if shop.store.carries_external_ids)
    own = [party.store_id for party in human.parties if party.store == ids.store.name and party.store_id in ids.parties]
    if not own:
        return None
    facts = ticket(human.name, human.mailboxes[-1], "Hello, a question", method="sso", external_id=own[0])
    return Case(facts, human, findable=True)


@family(3)
def small_external_id(draw: Draw) -> Case:
    """An id of some other system, which is also some stranger's customer id in one of the stores."""
    human = draw.stranger()
    others = [shop for shop in draw.town.shops if not shop.store.carries_external_ids and shop.parties]
    id_ = draw.rng.choice(sorted(others[0].parties)) if others else "no-such-id"
    ids = next(shop for shop in draw.town.shops if shop.store.carries_external_ids)
    id_ = f"crm-{id_}" if id_ in ids.parties else id_
    return Case(ticket(human.name, human.mailbox, "Hello", external_id=id_), None)


@family(5)
def spelt_otherwise(draw: Draw) -> Case:
    """His mailbox with a tag, without dots, in capitals, under the provider's other name."""
    human = draw.customer()
    local, _, domain = human.mailbox.rpartition("@")
    kinds = [f"{local}@{domain}".title(), f"{local.upper()}@{domain}"]
    if domain == "gmail.com":
        kinds += [f"{local}+shop@{domain}", f"{local}@googlemail.com", f"{local.replace('.', '')}+x@{domain}"]
    elif domain in {"outlook.com", "hotmail.com", "icloud.com", "proton.me"}:
        kinds += [f"{local}+news@{domain}"]
    if domain == "icloud.com":
        kinds += [f"{local}@me.com"]
    text, numbers = _said(draw, human)
    return Case(ticket(human.name, draw.rng.choice(kinds), text), human, findable=True, numbers=numbers)


@family(6)
def second_mailbox_own_order(draw: Draw) -> Case:
    """Another address, his name and one of his orders."""
    human = draw.customer()
    number = texts.typed(draw.rng, draw.rng.choice(human.orders).number)
    facts = ticket(human.name, human.mailboxes[-1], texts.naming(draw.rng, number))
    return Case(facts, human, findable=True, numbers=_numbers(number))


@family(2)
def second_mailbox_own_address(draw: Draw) -> Case:
    """Another address, no full name, one of his orders and where it went."""
    human = draw.customer()
    order = human.orders[0]
    number = order.number.removeprefix("#")
    text = f"Order {number} should come to {human.street}, {human.postcode} {human.city}."
    return Case(ticket(human.given, human.mailboxes[-1], text), human, findable=True, numbers=_numbers(number))


@family(2)
def second_mailbox_own_phone(draw: Draw) -> Case | None:
    """Another address, but the phone that Zendesk has for him, and one of his orders."""
    human = draw.customer()
    if any(human in household for household in draw.town.families):
        return None
    number = draw.rng.choice(human.orders).number
    facts = ticket(None, human.mailboxes[-1], texts.naming(draw.rng, number), phone=human.phone)
    return Case(facts, human, findable=True)


@family(2)
def second_mailbox_known(draw: Draw) -> Case:
    """Another address, but Zendesk lists the one that he shops with too."""
    human = draw.customer()
    text, _ = _said(draw, human)
    facts = ticket(human.name, human.mailboxes[-1], text, method="full", others=(identity(human.mailbox),))
    return Case(facts, human, findable=True)


@family(3)
def second_mailbox_alone(draw: Draw) -> Case:
    """Another address and nothing more: nobody could know."""
    human = draw.customer()
    return Case(ticket(human.name, human.mailboxes[-1], texts.without_number(draw.rng)), None, numbers=frozenset())


@family(3)
def transliterated(draw: Draw) -> Case | None:
    """Another address and an order of his; the name in its other order, or a nickname."""
    human = draw.customer()
    number = texts.typed(draw.rng, draw.rng.choice(human.orders).number)
    short = sorted(NICKNAMES.nicknames_of(human.given.lower()))
    names = [f"{human.surname} {human.given}", f"{human.surname}, {human.given}"]
    names += [f"{human.given} B. {human.surname}"] if human.country not in {"JP", "CN"} else []
    names += [f"{draw.rng.choice(short).title()} {human.surname}"] * 2 if short else []
    facts = ticket(draw.rng.choice(names), human.mailboxes[-1], texts.naming(draw.rng, number))
    return Case(facts, human, findable=True, numbers=_numbers(number))


@family(2)
def mistyped_name(draw: Draw) -> Case:
    """A new customer whose name has a slip in one of the two places, as FEBRL's people have; his own mailbox."""
    rng = draw.rng
    right, wrong = rng.choice(draw.typos)
    given, _, surname = right.partition(" ")
    human = draw.registry.human("US", surname.title(), given.title())
    buy(rng, rng.choice(draw.town.shops), human, account=rng.random() < 0.5)
    settle(draw.town)
    number = rng.choice(human.orders).number
    if rng.random() < 0.5:
        return Case(ticket(wrong.title(), human.mailbox, texts.naming(rng, number)), human, findable=True)
    # From another address a wrong name proves nothing, so he may be missed.
    return Case(ticket(wrong.title(), human.mailboxes[-1], texts.naming(rng, number)), human)


@family(2)
def married(draw: Draw) -> Case:
    """His own mailbox under a new surname."""
    human = draw.customer()
    text, _ = _said(draw, human)
    facts = ticket(f"{human.given} {draw.stranger().surname}", human.mailbox, text)
    return Case(facts, human, findable=True)


@family(1)
def mistyped_number(draw: Draw) -> Case:
    """His own mailbox, but the number of a stranger's order."""
    human, other = draw.customer(), draw.customer()
    number = draw.rng.choice(other.orders).number
    return Case(ticket(human.name, human.mailbox, texts.naming(draw.rng, number)), human, findable=True)


@family(2)
def mistyped_number_second_mailbox(draw: Draw) -> Case | None:
    """Another address and the number of a stranger's order."""
    human, other = draw.customer(), draw.customer()
    if human is other:
        return None
    number = draw.rng.choice(other.orders).number
    return Case(ticket(human.name, human.mailboxes[-1], texts.naming(draw.rng, number)), None)


@family(3)
def relay(draw: Draw) -> Case:
    """A masked address that shop and ticket share."""
    human = draw.registry.human()
    human.mailboxes.insert(0, draw.registry.relay())
    buy(draw.rng, draw.rng.choice(draw.town.shops), human, account=draw.rng.random() < 0.5)
    settle(draw.town)
    text, _ = _said(draw, human)
    return Case(ticket(human.name, human.mailbox, text), human, findable=True)


@family(1)
def relay_on_one_side(draw: Draw) -> Case:
    """A masked address in the ticket, the real one in the shop."""
    human = draw.customer()
    return Case(ticket(human.name, draw.registry.relay(), texts.without_number(draw.rng)), None)


@family(3)
def office(draw: Draw) -> Case | None:
    """A function's mailbox; the name or an order tells which colleague writes."""
    if not draw.town.offices:
        return None
    human = draw.rng.choice(draw.rng.choice(draw.town.offices))
    alone = [order for order in human.orders if order.party_id in {party.id for party in human.parties}]
    if not alone or len(alone) != len(human.orders):
        return None  # his guest orders stand in one record with his colleagues'
    if draw.rng.random() < 0.5:
        return Case(ticket(human.name, human.mailbox, texts.without_number(draw.rng)), human, findable=True)
    number = draw.rng.choice(alone).number
    return Case(ticket("The office", human.mailbox, texts.naming(draw.rng, number)), human, findable=True)


@family(2)
def office_alone(draw: Draw) -> Case | None:
    """A function's mailbox and nothing that tells who writes."""
    if not draw.town.offices:
        return None
    colleagues = draw.rng.choice(draw.town.offices)
    return Case(ticket("The office", colleagues[0].mailbox, texts.without_number(draw.rng)), None)


@family(3)
def family_mailbox(draw: Draw) -> Case | None:
    """One mailbox for a family, one of whom gives his name."""
    homes = [home for home in draw.town.families if len({human.mailbox for human in home}) == 1 and len(home) > 1]
    if not homes:
        return None
    human = draw.rng.choice(draw.rng.choice(homes))
    return Case(ticket(human.name, human.mailbox, texts.without_number(draw.rng)), human, findable=True)


@family(1)
def household_phone(draw: Draw) -> Case | None:
    """A call from a phone that a household shares."""
    homes = [home for home in draw.town.families if len({human.phone for human in home}) == 1 and len(home) > 1]
    if not homes:
        return None
    human = draw.rng.choice(draw.rng.choice(homes))
    return Case(ticket(human.name, None, "Call", channel="voice", phone=human.phone), human, findable=True)


@family(2)
def call(draw: Draw) -> Case | None:
    """A call or text message from his own phone, with his name; proven or not."""
    human = draw.customer()
    if any(human in home for home in draw.town.families):
        return None
    number = draw.rng.choice(human.orders).number
    text = draw.rng.choice(["Call from customer", f"Caller asks about order {number}"])
    facts = ticket(human.name, None, text, channel=draw.rng.choice(["voice", "sms"]), phone=human.phone)
    return Case(facts, human, findable=True)


@family(2)
def recycled_phone(draw: Draw) -> Case:
    """A number that was a customer's is now somebody else's."""
    human, now = draw.customer(), draw.stranger()
    channel = draw.rng.choice(["voice", "sms", "email"])
    return Case(ticket(now.name, now.mailbox, "Hello, a question", channel=channel, phone=human.phone), None)


@family(2)
def guest_everywhere(draw: Draw) -> Case:
    """Guest orders in every store, with one address."""
    human = draw.registry.human()
    for shop in draw.town.shops:
        buy(draw.rng, shop, human, account=False)
    settle(draw.town)
    text, _ = _said(draw, human)
    return Case(ticket(human.name, human.mailbox, text), human, findable=True)


@family(1)
def two_accounts(draw: Draw) -> Case:
    """Two accounts of one person in one store, by two spellings of his mailbox."""
    human = draw.registry.human()
    local = human.mailbox.partition("@")[0].replace(".", "")
    human.mailboxes.insert(0, f"{local}x@gmail.com")
    shop = draw.rng.choice(draw.town.shops)
    buy(draw.rng, shop, human, account=True)
    buy(draw.rng, shop, human, account=True, mailbox=f"{local[:2]}.{local[2:]}x@gmail.com")
    settle(draw.town)
    return Case(ticket(human.name, f"{local[:2]}.{local[2:]}x@gmail.com", "Hello"), human, findable=True)


@family(3)
def stranger(draw: Draw) -> Case:
    """Nobody who ever bought here."""
    human = draw.stranger()
    return Case(ticket(human.name, human.mailbox, texts.without_number(draw.rng)), None, numbers=frozenset())


@family(2)
def namesake(draw: Draw) -> Case:
    """A stranger of the same name."""
    human = draw.customer()
    other = draw.registry.human(human.country, human.surname, human.given)
    return Case(ticket(human.name, other.mailbox, texts.without_number(draw.rng)), None)


@family(2)
def gift(draw: Draw) -> Case:
    """The recipient of a parcel knows its number and his own address; the buyer's file is not his."""
    buyer, recipient = draw.customer(), draw.stranger()
    shop = draw.town.shop(buyer.orders[0].store)
    party = next(party for party in buyer.parties if party.store == shop.store.name)
    parcel = buyer.orders[0].billing_address
    assert parcel is not None
    place(draw.rng, shop, buyer, party, buyer.mailbox, parcel=type(parcel)(
        recipient.name, None, (recipient.street,), recipient.city, None, recipient.postcode, recipient.country,
    ))  # fmt: skip
    number = buyer.orders[-1].number.removeprefix("#")
    text = f"A parcel came, order {number}, to {recipient.street}, {recipient.postcode} {recipient.city}. It is broken."
    return Case(ticket(recipient.name, recipient.mailbox, text), None)


@family(3)
def forwards_a_customers_mail(draw: Draw) -> Case:
    """A stranger, or another customer, forwards or answers a mail that names a customer and his order."""
    human = draw.customer()
    writer = draw.rng.choice([draw.stranger(), draw.customer()])
    theirs = f"Order {human.orders[0].number}\n{human.name}\n{human.mailbox}\n{human.phone}"
    text = texts.quoted(draw.rng, theirs, draw.rng.choice(["See below.", "FYI", "Bitte kümmern"]))
    truth = writer if writer.orders else None
    return Case(ticket(writer.name, writer.mailbox, text), truth, findable=truth is not None, numbers=frozenset())


@family(2)
def copied_on(draw: Draw) -> Case:
    """A customer's address, phone and name typed into a stranger's text."""
    human, writer = draw.customer(), draw.stranger()
    text = f"My friend {human.name} <{human.mailbox}>, {human.phone}, has a problem."
    return Case(ticket(writer.name, writer.mailbox, text), None, numbers=frozenset())


@family(3)
def neighbour(draw: Draw) -> Case:
    """An address like a customer's that is another mailbox."""
    human, rng = draw.customer(), draw.rng
    local, _, domain = human.mailbox.rpartition("@")
    kinds = [f"{local}1@{domain}", f"{local[:-1]}@{domain}", f"{local}@{domain}.example", f"{local}@mail.{domain}"]
    kinds += [human.mailbox.replace("i", "ı"), human.mailbox.replace("s", "ſ"), human.mailbox.replace("k", "\u212a")]
    kinds += [human.mailbox.replace("o", "о"), human.mailbox.replace("a", "а")]
    if domain in EXACT or domain.endswith(".example"):
        kinds += [f"{local.replace('.', '')}x@{domain}", f"{local}+tag@{domain}", f"{local}-shop@{domain}"]
    address = rng.choice([kind for kind in kinds if kind != human.mailbox and len(kind.partition("@")[0]) > 1])
    taken = {mailbox.lower() for other in draw.town.humans for mailbox in other.mailboxes}
    if address.lower() in taken:
        address = f"x.{address}"
    return Case(ticket(human.name, address, texts.without_number(rng)), None)


@family(2)
def same_number_in_two_stores(draw: Draw) -> Case | None:
    """His order's number is also a stranger's in another store."""
    if len(draw.town.shops) < 2:
        return None
    human, other = draw.customer(), draw.stranger()
    there = [shop for shop in draw.town.shops if shop.store.name != human.orders[0].store]
    shop = draw.rng.choice(there)
    if shop.store.platform != draw.town.shop(human.orders[0].store).store.platform:
        return None
    before = shop.next_number
    digits = "".join(filter(str.isdigit, human.orders[0].number))
    if not digits:
        return None
    shop.next_number = int(digits[-9:]) - 1
    buy(draw.rng, shop, other, account=True, orders=1)
    shop.next_number = before
    settle(draw.town)
    facts = ticket(human.name, human.mailbox, f"Where is order {human.orders[0].number}?")
    return Case(facts, human, findable=True)


@family(3)
def store_down(draw: Draw) -> Case:
    """One of the stores does not answer: his own, or another."""
    human = draw.customer()
    down = draw.rng.choice(draw.town.shops).store.name
    elsewhere = any(party.store != down for party in human.parties)
    method = draw.rng.choice(["none", "full"])
    facts = ticket(human.name, human.mailbox, "Hello", method=method)
    return Case(facts, human, silent=(down,), findable=elsewhere)


@family(2)
def agent_wrote_last(draw: Draw) -> Case:
    """An agent answered and quoted another customer's order; the customer is who he was."""
    human, other = draw.customer(), draw.customer()
    agent = TicketText("agent", f"See order {other.orders[0].number} of {other.name} ({other.mailbox}).")
    return Case(ticket(human.name, human.mailbox, agent, "Thanks!"), human, findable=True, numbers=frozenset())


@family(2)
def number_soup(draw: Draw) -> Case:
    """One order among a lot of other digits."""
    human = draw.customer()
    number = draw.rng.choice(human.orders).number
    lines = [texts.noise(draw.rng) for _ in range(8)]
    lines.insert(draw.rng.randrange(8), texts.naming(draw.rng, number))
    facts = ticket(human.name, human.mailbox, "\n".join(lines))
    return Case(facts, human, findable=True, numbers=_numbers(number))


@family(2)
def several_numbers(draw: Draw) -> Case:
    """A list of his orders."""
    human = draw.customer()
    here = human.orders[0].store
    numbers = [order.number for order in human.orders if order.store == here][:3]
    joined = draw.rng.choice([", ", " and ", " und ", " / "]).join(numbers)
    facts = ticket(human.name, human.mailbox, f"My orders {joined} have not come.")
    return Case(facts, human, findable=True, numbers=_numbers(*numbers))


@family(2)
def digits_in_the_subject(draw: Draw) -> Case:
    """The number stands in the subject, with no word for it."""
    human = draw.customer()
    number = draw.rng.choice(human.orders).number
    subject = draw.rng.choice(["{}", "Re: {}", "Fwd: {} missing", "#{}"]).format(number.removeprefix("#"))
    facts = ticket(human.name, human.mailbox, "See subject.", subject=subject)
    return Case(facts, human, findable=True, numbers=_numbers(number))


@family(1)
def telegram_user(draw: Draw) -> Case:
    """A messaging user without an address, who has the name of a customer."""
    human = draw.customer()
    facts = ticket(human.name, None, texts.without_number(draw.rng), channel="telegram",
                   others=(Identity("telegram", "8812345"),))  # fmt: skip
    return Case(facts, None)
