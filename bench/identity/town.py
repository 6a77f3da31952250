"""Towns: a tenant's stores with everybody who ever bought there, and what these stores answer.

A store is asked as the service asks it (`server.identity.evidence`) and answers as a shop does that compares
addresses by lower case and phones by their digits; what it sends is sifted as a connector's answer is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from server.connectors import CONNECTORS
from server.connectors.answers import answer, guest
from server.identity.evidence import FIRST, due, questions
from server.identity.names import names_contradict
from server.model import Address, Answer, Asked, By, Facts, Identity, Order, Party, PartyKind, Question, Store

from .people import Human, Registry

SHAPES = {kind.name: kind.order_number for kind in CONNECTORS}
PLATFORMS = ("woocommerce", "woocommerce", "shopify", "shopify", "magento", "bigcommerce", "prestashop", "amazon")
NAMES = ("North", "South", "Outlet")
LIMIT = 10
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Shop:
    """One store and what it keeps."""

    store: Store
    prefix: str
    next_number: int
    parties: dict[str, Party] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    registered: set[str] = field(default_factory=set)
    guests: dict[str, list[Human]] = field(default_factory=lambda: defaultdict(list))
    by_mail: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_phone: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_number: dict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))
    by_party: dict[str, list[Order]] = field(default_factory=lambda: defaultdict(list))

    def number(self, rng: Random) -> str:
        """The next order's number as this platform prints it."""
        self.next_number += rng.randrange(1, 4)
        match self.store.platform:
            case "shopify":
                return f"#{self.prefix}{self.next_number}"
            case "magento":
                return f"{self.next_number:09}"
            case "prestashop":
                return "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=9))
            case "amazon":
                return f"{rng.randrange(100, 999)}-{rng.randrange(10**6, 10**7)}-{rng.randrange(10**6, 10**7)}"
        return str(self.next_number)

    def ask(self, question: Question, limit: int = LIMIT) -> Answer:
        """What the store answers, sifted as a connector sifts it."""
        orders: list[Order] = []
        accounts: dict[str, Party] = {}
        ids: set[str] = set()
        for spelling in question.spellings:
            match question.by:
                case By.EMAIL:
                    ids |= self.by_mail.get(spelling.lower(), set())
                case By.PHONE:
                    ids |= self.by_phone.get(_digits(spelling), set())
                case By.CUSTOMER_ID:
                    ids |= {spelling} & self.parties.keys()
                case By.ORDER_NUMBER:
                    orders += self.by_number.get(_digits(spelling).lstrip("0") or spelling, [])
                case _:
                    pass
        for id_ in ids:
            accounts |= {id_: self.parties[id_]} if id_ in self.parties else {}
            orders += self.by_party.get(id_, [])
        for order in orders:
            if order.party in self.parties:
                accounts[order.party] = self.parties[order.party]
        return answer(question, accounts.values(), orders, limit)


@dataclass(slots=True)
class Town:
    """One tenant."""

    shops: tuple[Shop, ...]
    humans: list[Human] = field(default_factory=list)
    families: list[list[Human]] = field(default_factory=list)
    offices: list[list[Human]] = field(default_factory=list)

    @property
    def stores(self) -> tuple[Store, ...]:
        """The stores of the tenant."""
        return tuple(shop.store for shop in self.shops)

    def shop(self, name: str) -> Shop:
        """The shop of that name."""
        return next(shop for shop in self.shops if shop.store.name == name)


def ask_all(town: Town, facts: Facts, silent: Iterable[str] = ()) -> list[Asked]:
    """The answers of every store that is not silent: what is asked first, then what is still due."""
    down = set(silent)
    asked: list[Asked] = []
    plan = [(shop, question) for shop in town.shops for question in questions(facts, shop.store)]
    for shop, question in plan:
        if question.by in FIRST and shop.store.name not in down:
            asked.append(Asked(shop.store.name, question, shop.ask(question)))
    first = [item.answer for item in asked]
    for shop, question in plan:
        if question.by not in FIRST and shop.store.name not in down and due(question, first):
            asked.append(Asked(shop.store.name, question, shop.ask(question)))
    return asked


# -- building ---------------------------------------------------------------------------------------------


def found(rng: Random, registry: Registry, people: int) -> Town:
    """A tenant of one to three stores with that many customers, a third of them in households, some in offices."""
    kinds = rng.sample(PLATFORMS, rng.choice([1, 2, 2, 3]))
    ids = rng.randrange(len(kinds))
    shops = tuple(
        Shop(
            Store(
                name=NAMES[at],
                platform=kind,
                asked_by=frozenset(By),
                order_number=SHAPES[kind],
                country=rng.choice(["US", "DE", "GB", "FR", None]),
                carries_external_ids=at == ids,
            ),
            prefix=rng.choice(["", "", "US-", "EU-"]),
            next_number=rng.randrange(1_000, 60_000),
        )
        for at, kind in enumerate(kinds)
    )
    town = Town(shops)
    while len(town.humans) < people:
        draw = rng.random()
        if draw < 0.12:
            town.families.append(_family(registry))
            town.humans += town.families[-1]
        elif draw < 0.15:
            town.offices.append(_office(registry))
            town.humans += town.offices[-1]
        else:
            town.humans.append(registry.human())
    for human in town.humans:
        for shop in rng.sample(shops, rng.choice([1, 1, min(2, len(shops))])):
            buy(rng, shop, human, account=rng.random() < 0.65)
    settle(town)
    return town


def _family(registry: Registry) -> list[Human]:
    """Two under one roof, some with one phone, some with one mailbox."""
    rng = registry.rng
    first = registry.human()
    others = [registry.human(first.country, first.surname) for _ in range(1)]
    one_phone, one_mailbox = rng.random() < 0.5, rng.random() < 0.5
    for other in others:
        other.street, other.postcode, other.city = first.street, first.postcode, first.city
        if one_phone:
            other.phone = first.phone
        if one_mailbox:
            other.mailboxes.insert(0, first.mailbox)
            first.shared |= {first.mailbox}
            other.shared |= {first.mailbox}
    # Cristian and Christian in one home would be one person for anybody who reads their names.
    return [first, *(other for other in others[:1] if names_contradict(other.name, first.name))]


def _office(registry: Registry) -> list[Human]:
    """Colleagues who order with the address of a function."""
    rng = registry.rng
    colleagues = [registry.human("GB") for _ in range(rng.choice([2, 3]))]
    domain = f"firm-{rng.randrange(10**6)}.example"
    local = rng.choice(["info", "office", "orders", "sales", "team", "kontakt"])
    for colleague in colleagues:
        colleague.mailboxes.insert(0, f"{local}@{domain}")
        colleague.shared |= {colleague.mailbox}
    return colleagues


def buy(rng: Random, shop: Shop, human: Human, *, account: bool, mailbox: str | None = None, orders: int = 0) -> Party:
    """One to four orders of a person, under a new account of his or as a guest."""
    mail = mailbox or human.mailbox
    if account and mail.lower() in shop.registered:  # no platform opens two accounts under one address
        account = False
    shop.registered |= {mail.lower()} if account else set()
    id_ = str(len(shop.parties) + 1) if account else guest(mail, "")
    postal = Address(human.name, None, (human.street,), human.city, None, human.postcode, human.country)
    if account:
        shop.parties[id_] = Party(shop.store.name, id_, PartyKind.ACCOUNT, (human.name,), (mail,), (human.phone,))
    else:
        shop.guests[id_].append(human)
    party = shop.parties.get(id_) or Party(shop.store.name, id_, PartyKind.GUEST)
    for _ in range(orders or rng.choice([1, 1, 2, 3, 4])):
        place(rng, shop, human, party, mail, parcel=postal)
    if account:
        human.parties.append(party)
    return party


def place(rng: Random, shop: Shop, human: Human, party: Party, mail: str, *, parcel: Address) -> Order:
    """One order, billed to the person and sent to where `parcel` says."""
    number = shop.number(rng)
    billing = Address(human.name, None, (human.street,), human.city, None, human.postcode, human.country)
    order = Order(
        store=shop.store.name,
        platform=shop.store.platform,
        store_id=str(len(shop.orders) + 10_000),
        number=number,
        party=party.store_id,
        currency="EUR",
        placed_at=BEGAN + timedelta(minutes=len(shop.orders)),
        email=mail,
        phone=human.phone,
        billing_address=billing,
        shipping_address=parcel,
    )
    shop.orders.append(order)
    human.orders.append(order)
    index(shop, order)
    return order


def index(shop: Shop, order: Order) -> None:
    """Makes an order findable, and its party by it."""
    shop.by_number[_digits(order.number).lstrip("0") or order.number].append(order)
    shop.by_party[order.party].append(order)
    if order.email:
        shop.by_mail[order.email.lower()].add(order.party)
    if order.phone:
        shop.by_phone[_digits(order.phone)].add(order.party)


def settle(town: Town) -> None:
    """Gives guests' records to those whose orders alone are in them."""
    for shop in town.shops:
        for id_, buyers in shop.guests.items():
            record = Party(shop.store.name, id_, PartyKind.GUEST)
            if len(set(buyers)) == 1 and all(party.id != record.id for party in buyers[0].parties):
                buyers[0].parties.append(record)
        for party in shop.parties.values():
            for mail in party.emails:
                shop.by_mail[mail.lower()].add(party.store_id)
            for phone in party.phones:
                shop.by_phone[_digits(phone)].add(party.store_id)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def identity(address: str, method: str = "none", **more: str) -> Identity:
    """An address of the requester as Zendesk lists it."""
    return Identity("email", address, verification_method=method, **more)  # type: ignore[arg-type] # all are texts
