"""Records of several stores -> people, each with the clues in which he agrees with the ticket.

A person is a union for this view; nothing is merged. Records are joined too rarely rather than too often: a record
that is left out costs a look, a stranger's record that is taken in is the one fault that is not forgiven.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from ..model import Asked, Order, Party, Reason, ReasonCode, Store
from .domains import is_role
from .evidence import Claims
from .names import names_agree, names_contradict
from .normalize import address_in
from .records import Record, billed_to, contradicting, records


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

    __hash__ = object.__hash__  # there is one of each: that of its name would cost a call


_IN_ORDER = tuple(Clue)
_OF_STORES = frozenset({Clue.EXTERNAL_ID, Clue.MAILBOX, Clue.PHONE})


class Person(Struct, frozen=True, gc=False, eq=False):
    """One customer as far as the ticket needs him.

    `held` are those of the requester's mailboxes that his records carry, `owned` the order numbers named in the
    ticket that are his, `named` the ids of the orders that these may mean. `covered`: each of his records carries the
    external id or the very address that the ticket came from, so that Zendesk's proof of these reaches all of them.
    """

    records: tuple[Record, ...]
    clues: frozenset[Clue]
    held: frozenset[str]
    owned: frozenset[str]
    named: frozenset[str]
    covered: bool
    name_contradicts: bool

    @property
    def parties(self) -> tuple[Party, ...]:
        """His records with their marks, by id."""
        return tuple(replace(record.party, mark=record.mark) for record in self.records)

    def may_set_aside(self, unwanted: frozenset[str]) -> frozenset[str]:
        """Those of these marks that are his; never all of his, since then nothing would be left to look at."""
        own = self.marks & unwanted
        return own if own < self.marks else frozenset()

    def orders_without(self, aside: frozenset[str]) -> tuple[Order, ...]:
        """The orders of his records but for those with these marks."""
        return tuple(order for record in self.records if record.mark not in aside for order in record.orders.values())

    @property
    def id(self) -> str:
        """The mark of his first record: any other of his marks names him too."""
        return self.records[0].mark

    @property
    def marks(self) -> frozenset[str]:
        """Those of all his records."""
        return frozenset(record.mark for record in self.records)

    def stores_with(self, clue: Clue, stated: Claims) -> tuple[str, ...]:
        """The stores whose records show an identity clue."""
        shows: Mapping[Clue, Callable[[Record], bool]] = {
            Clue.EXTERNAL_ID: lambda record: record.by_id,
            Clue.MAILBOX: lambda record: bool(record.own & stated.mailboxes),
            Clue.PHONE: lambda record: record.by_phone,
        }
        return tuple(dict.fromkeys(record.party.store for record in self.records if shows[clue](record)))


def people(
    stated: Claims, stores: Sequence[Store], asked: Sequence[Asked], meant: Mapping[str, frozenset[str]]
) -> tuple[Person, ...]:
    """Everybody whom the answers show, in an order that does not depend on theirs.

    `meant` are the ids of the orders that the ticket may mean, each with the numbers that mean it.
    """
    all_records = records(stated, stores, asked)
    shared = _shared(all_records) | stated.shared
    found = [_person(group, stated, shared, meant) for group in _groups(all_records, stated, shared)]
    callers = [person for person in found if Clue.PHONE in person.clues] if stated.spoken else []
    return tuple(
        replace(person, clues=person.clues | {Clue.CALLER}) if callers == [person] else person for person in found
    )


def reasons(person: Person, stated: Claims) -> Iterator[Reason]:
    """Why he may be meant: each clue, and what it is about."""
    for clue in _IN_ORDER:
        if clue not in person.clues or clue.reason is None:
            continue
        if clue is Clue.NUMBER:
            yield from (Reason(clue.reason, number) for number in sorted(person.owned))
        elif clue in _OF_STORES:
            yield from (Reason(clue.reason, store) for store in person.stores_with(clue, stated))
        else:
            yield Reason(clue.reason)


# -- who is one person ------------------------------------------------------------------------------------


def _shared(found: Sequence[Record]) -> frozenset[str]:
    """The mailboxes of a role, and those that two people hold: two accounts of one store, or two names."""
    holders: dict[str, list[Record]] = defaultdict(list)
    for record in found:
        for address in record.held:
            holders[address].append(record)
    return frozenset(
        address
        for address, several in holders.items()
        if is_role(address)
        or any(record.mixed for record in several)
        or _two_accounts(several)
        or contradicting(dict.fromkeys(record.name for record in several))
    )


def _two_accounts(several: Iterable[Record]) -> bool:
    """Whether a store keeps two of these records for two customers."""
    stores = [record.party.store for record in several if record.is_account]
    return len(set(stores)) < len(stores)


def _groups(found: Sequence[Record], stated: Claims, shared: frozenset[str]) -> Iterator[tuple[Record, ...]]:
    """The records of each person. Where a chain of equal mailboxes ties two accounts of a store, nobody is joined."""
    groups: list[tuple[Record, ...]] = []
    for record in found:
        joined = [group for group in groups if any(_one_person(record, other, stated, shared) for other in group)]
        groups = [group for group in groups if group not in joined] + [(*sum(joined, ()), record)]
    for group in groups:
        if _two_accounts(group):
            yield from ((record,) for record in group)
        else:
            yield tuple(sorted(group, key=lambda record: (record.party.id, record.mark)))


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
    return both_held and names_agree(a.name, b.name) and not a.mixed and not b.mixed


# -- what agrees ------------------------------------------------------------------------------------------


def _person(
    group: tuple[Record, ...], stated: Claims, shared: frozenset[str], meant: Mapping[str, frozenset[str]]
) -> Person:
    named = {id_: record.orders[id_] for record in group for id_ in sorted(meant.keys() & record.orders.keys())}
    names = list(dict.fromkeys(filter(None, (*(record.name for record in group), *map(billed_to, named.values())))))
    contradicts = any(names_contradict(stated.name, name) for name in names)
    clues = set(_identity_clues(group, stated, shared))
    if clues & {Clue.EXTERNAL_ID, Clue.MAILBOX} or not any(record.mixed for record in group):
        clues |= {Clue.NUMBER} if named else set()
        clues |= {Clue.NAME} if not contradicts and any(names_agree(stated.name, name) for name in names) else set()
        # With an identity of his own it would say nothing new; under another's name it is somebody who forwards a mail.
        if named and not contradicts and not clues & {Clue.EXTERNAL_ID, Clue.MAILBOX}:
            clues |= {Clue.ADDRESS} if any(_address_typed(order, stated, names) for order in named.values()) else set()
    return Person(
        records=group,
        clues=frozenset(clues),
        held=frozenset(address for record in group for address in record.held & stated.mailboxes),
        owned=frozenset().union(*(meant[id_] for id_ in named)),
        named=frozenset(named),
        covered=all(record.by_id or stated.mailbox in record.own for record in group),
        name_contradicts=contradicts,
    )


def _identity_clues(group: Sequence[Record], stated: Claims, shared: frozenset[str]) -> Iterator[Clue]:
    if any(record.by_id for record in group):
        yield Clue.EXTERNAL_ID
    if any(record.own & stated.mailboxes - shared for record in group):
        yield Clue.MAILBOX
    elif any(record.held & stated.mailboxes for record in group):
        yield Clue.SHARED
    if any(record.by_phone for record in group):
        yield Clue.PHONE


def _address_typed(order: Order, stated: Claims, names: Sequence[str]) -> bool:
    """Whether the requester wrote the delivery address of an order whose parcel goes to its buyer.

    The recipient of a gift knows its number and his own address, and the buyer's file is not his. A role mailbox may
    be the shop's own machine, whose mails quote everybody's addresses.
    """
    parcel = order.shipping_address
    if parcel is None or stated.mailbox in stated.shared:
        return False
    buyer = [billed] if (billed := billed_to(order)) else names[:1]
    to_buyer = not parcel.name or any(parcel.name == name or names_agree(parcel.name, name) for name in buyer)
    return to_buyer and any(address_in(text, parcel) for text in stated.texts)
