"""Records of several stores -> people, each with the clues in which he agrees with the ticket.

A person is a union for this view; nothing is merged. Records are joined too rarely rather than too often: a record
that is left out costs a look, a stranger's record that is taken in is the one fault that is not forgiven.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from hashlib import sha256
from itertools import combinations

from ..model import Asked, Order, Party, PartyKind, ReasonCode, Store
from .domains import is_role
from .evidence import Claims
from .extract import own_words
from .normalize import address_in, mailbox, names_agree, names_contradict, phone


class Clue(Enum):
    """One thing in which a person agrees with the ticket: how it is told, and its weight among candidates.

    The weight is log2(m/u) for a shop of 100,000 customers (Fellegi and Sunter); a name counts flat, because no
    frequencies are known.
    """

    EXTERNAL_ID = ReasonCode.SAME_EXTERNAL_ID, 30
    MAILBOX = ReasonCode.SAME_MAILBOX, 20
    """A mailbox of the requester's that is this person's alone."""
    SHARED = ReasonCode.SHARED_MAILBOX, 13
    """A mailbox of the requester's that may be somebody else's too."""
    PHONE = ReasonCode.SAME_PHONE, 17
    CALLER = None, 0
    """The ticket is a call or a text message, and no other customer has its number."""
    NUMBER = ReasonCode.ORDER_NUMBER_OWNED, 10
    NAME = ReasonCode.NAME_AGREES, 6
    ADDRESS = ReasonCode.ADDRESS_AGREES, 10

    def __init__(self, reason: ReasonCode | None, bits: int) -> None:
        self.reason = reason
        self.bits = bits


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A party with its orders. `own` are the mailboxes that the store keeps for it, `held` also those of its orders."""

    party: Party
    orders: tuple[Order, ...]
    store: Store
    own: frozenset[str]
    held: frozenset[str]
    by_id: bool

    @property
    def is_account(self) -> bool:
        """Whether the store keeps it for one customer."""
        return self.party.kind is PartyKind.ACCOUNT

    @property
    def name(self) -> str | None:
        """The account's or billing name."""
        return self.party.names[0] if self.party.names else None


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One customer as far as the ticket needs him.

    `held` are those of the requester's mailboxes that his records carry, `owned` the order numbers named in the
    ticket that are his. `covered`: each of his records carries the external id or the very address that the ticket
    came from, so that Zendesk's proof of these reaches all of them.
    """

    records: tuple[Record, ...]
    clues: frozenset[Clue]
    held: frozenset[str]
    owned: frozenset[str]
    covered: bool
    name_contradicts: bool

    @property
    def parties(self) -> tuple[Party, ...]:
        """His records, by id."""
        return tuple(record.party for record in self.records)

    @property
    def id(self) -> str:
        """The same for the same records, and telling nothing of them."""
        return sha256("\n".join(party.id for party in self.parties).encode()).hexdigest()[:12]

    def stores_with(self, clue: Clue, stated: Claims) -> tuple[str, ...]:
        """The stores whose records show an identity clue."""
        shows: Mapping[Clue, Callable[[Record], bool]] = {
            Clue.EXTERNAL_ID: lambda record: record.by_id,
            Clue.MAILBOX: lambda record: bool(record.own & stated.mailboxes),
            Clue.PHONE: lambda record: _has_phone(record, stated),
        }
        return tuple(dict.fromkeys(record.party.store for record in self.records if shows[clue](record)))


def people(stated: Claims, stores: Sequence[Store], asked: Sequence[Asked]) -> tuple[Person, ...]:
    """Everybody whom the answers show, in an order that does not depend on theirs."""
    records = _records(stated, stores, asked)
    shared = _shared(records) | stated.shared
    found = [_person(group, stated, shared) for group in _groups(records, stated, shared)]
    callers = [person for person in found if Clue.PHONE in person.clues] if stated.spoken else []
    return tuple(
        replace(person, clues=person.clues | {Clue.CALLER}) if callers == [person] else person for person in found
    )


# -- records ----------------------------------------------------------------------------------------------


def _records(stated: Claims, stores: Sequence[Store], asked: Sequence[Asked]) -> list[Record]:
    """Every record once, in however many answers it was, by id."""
    by_name = {store.name: store for store in stores}
    versions: dict[str, list[Party]] = defaultdict(list)
    bought: dict[str, list[Order]] = defaultdict(list)
    for item in asked:
        for party in item.answer.parties:
            versions[party.id].append(party)
        for order in item.answer.orders:
            bought[order.party_id].append(order)
    normal = cache(mailbox)

    def record(party: Party) -> Record:
        store, orders = by_name[party.store], tuple(bought.get(party.id, ()))
        own = frozenset(filter(None, map(normal, party.emails)))
        held = own.union(filter(None, (normal(order.email) for order in orders)))
        same_id = store.carries_external_ids and party.store_id == stated.external_id
        return Record(party, orders, store, own, held, same_id and party.kind is PartyKind.ACCOUNT)

    return [record(_one_version(versions[party_id])) for party_id in sorted(versions)]


def _one_version(versions: Sequence[Party]) -> Party:
    """Two questions may show two sides of a record: the fuller one counts, with every identity of the others."""
    if len(versions) == 1:
        return versions[0]
    first, *others = sorted(set(versions), key=lambda party: (-len(repr(party)), repr(party)))

    def all_of(values: Callable[[Party], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for party in (first, *others) for value in values(party)))

    return replace(
        first,
        names=all_of(lambda party: party.names),
        emails=all_of(lambda party: party.emails),
        phones=all_of(lambda party: party.phones),
    )


def _billed_to(order: Order) -> str | None:
    return order.billing_address.name if order.billing_address else None


def _is_mixed(record: Record) -> bool:
    """Whether a guest record is several people's: it holds every order that anybody placed with its address."""
    names = {*record.party.names, *filter(None, map(_billed_to, record.orders))}
    return not record.is_account and any(names_contradict(a, b) for a, b in combinations(sorted(names), 2))


# -- who is one person ------------------------------------------------------------------------------------


def _shared(records: Sequence[Record]) -> frozenset[str]:
    """The mailboxes of a role, and those that two people hold: two accounts of one store, or two names."""
    holders: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        for address in record.held:
            holders[address].append(record)
    return frozenset(
        address
        for address, several in holders.items()
        if is_role(address) or any(_two_people(a, b) for a, b in combinations(several, 2))
    )


def _two_people(a: Record, b: Record) -> bool:
    return _two_accounts(a, b) or (a.name != b.name and names_contradict(a.name, b.name))


def _two_accounts(a: Record, b: Record) -> bool:
    return a.is_account and b.is_account and a.party.store == b.party.store


def _groups(records: Sequence[Record], stated: Claims, shared: frozenset[str]) -> Iterator[tuple[Record, ...]]:
    """The records of each person. Where a chain of equal mailboxes ties two accounts of a store, nobody is joined."""
    groups: list[tuple[Record, ...]] = []
    for record in records:
        joined = [group for group in groups if any(_one_person(record, other, stated, shared) for other in group)]
        groups = [group for group in groups if group not in joined] + [(*sum(joined, ()), record)]
    for group in groups:
        if any(_two_accounts(a, b) for a, b in combinations(group, 2)):
            yield from ((record,) for record in group)
        else:
            yield tuple(sorted(group, key=lambda record: record.party.id))


def _one_person(a: Record, b: Record, stated: Claims, shared: frozenset[str]) -> bool:
    """Whether two records are one person: by a mailbox that is his alone, or by his name and the requester's mailboxes.

    What the requester states joins to nothing that he does not state: anybody can have a stranger's address as the
    billing address of his own account, and would draw the stranger's orders to himself.
    """
    a_stated, b_stated = (bool(record.by_id or record.held & stated.mailboxes) for record in (a, b))
    if a_stated != b_stated:
        return False
    if not a_stated:
        return bool(a.own & b.own - shared)
    if a.own & b.own & stated.mailboxes - shared:
        return True
    both_held = bool(a.held & stated.mailboxes and b.held & stated.mailboxes)
    return both_held and names_agree(a.name, b.name) and not _is_mixed(a) and not _is_mixed(b)


# -- what agrees ------------------------------------------------------------------------------------------


def _person(records: tuple[Record, ...], stated: Claims, shared: frozenset[str]) -> Person:
    named = [order for record in records for order in record.orders if _is_named(order, stated)]
    owned = frozenset(number for order in named for number in stated.meant(order))
    billed = filter(None, (*(record.name for record in records), *map(_billed_to, named)))
    names = list(dict.fromkeys(billed))
    contradicts = any(names_contradict(stated.name, name) for name in names)
    clues = set(_identity_clues(records, stated, shared))
    if clues & {Clue.EXTERNAL_ID, Clue.MAILBOX} or not any(map(_is_mixed, records)):
        clues |= {Clue.NUMBER} if owned else set()
        clues |= {Clue.NAME} if not contradicts and any(names_agree(stated.name, name) for name in names) else set()
        clues |= {Clue.ADDRESS} if any(_address_typed(order, stated, names) for order in named) else set()
    return Person(
        records=records,
        clues=frozenset(clues),
        held=frozenset(address for record in records for address in record.held & stated.mailboxes),
        owned=owned,
        covered=all(record.by_id or stated.mailbox in record.own for record in records),
        name_contradicts=contradicts,
    )


def _is_named(order: Order, stated: Claims) -> bool:
    return bool(stated.meant(order))


def _identity_clues(records: Sequence[Record], stated: Claims, shared: frozenset[str]) -> Iterator[Clue]:
    if any(record.by_id for record in records):
        yield Clue.EXTERNAL_ID
    if any(record.own & stated.mailboxes - shared for record in records):
        yield Clue.MAILBOX
    elif any(record.held & stated.mailboxes for record in records):
        yield Clue.SHARED
    if any(_has_phone(record, stated) for record in records):
        yield Clue.PHONE


def _has_phone(record: Record, stated: Claims) -> bool:
    """Equal in E.164, both read with the country of the record's shop."""
    if not stated.phones:
        return False
    country = record.store.country
    wanted = {number for raw in stated.phones if (number := phone(raw, country))}
    known = {*record.party.phones, *filter(None, (order.phone for order in record.orders))}
    return bool(wanted) and any(phone(raw, country) in wanted for raw in known)


def _address_typed(order: Order, stated: Claims, names: Sequence[str]) -> bool:
    """Whether the requester wrote the delivery address of an order whose parcel goes to its buyer.

    The recipient of a gift knows its number and his own address, and the buyer's file is not his. A role mailbox may
    be the shop's own machine, whose mails quote everybody's addresses.
    """
    parcel = order.shipping_address
    if parcel is None or stated.mailbox in stated.shared:
        return False
    buyer = [billed] if (billed := _billed_to(order)) else names[:1]
    to_buyer = not parcel.name or any(parcel.name == name or names_agree(parcel.name, name) for name in buyer)
    return to_buyer and any(address_in(text, parcel) for text in own_words(stated.ticket))
