"""What the stores answered -> records: each party once, with its orders and what of the ticket's it carries. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from ..model import Asked, Order, Party, PartyKind, Store
from .evidence import Claims
from .names import names_contradict
from .normalize import mailbox, phone


class Record(Struct, frozen=True, gc=False, eq=False):
    """A party with its orders, by their ids and in the order of these.

    `name` is the account's or billing name; `is_account`: the store keeps it for one customer. `own` are the mailboxes
    that the store keeps for it, `held` also those of its orders. `by_id`: it carries the ticket's external id;
    `by_phone`: one of the requester's phones. `mixed`: a guest's record in which several people's orders could not be
    told apart.
    """

    party: Party
    mark: str
    name: str | None
    is_account: bool
    orders: Mapping[str, Order]
    own: frozenset[str]
    held: frozenset[str]
    by_id: bool
    by_phone: bool
    mixed: bool


def records(stated: Claims, stores: Iterable[Store], asked: Iterable[Asked]) -> list[Record]:
    """Every record once, in however many answers it was, in the order of their ids."""
    by_name = {store.name: store for store in stores}
    versions: dict[str, list[Party]] = defaultdict(list)
    bought: dict[str, dict[str, Order]] = defaultdict(dict)
    for item in asked:
        for party in item.answer.parties:
            versions[party.id].append(party)
        for order in item.answer.orders:
            own, id_ = bought[order.party_id], order.id
            known = own.setdefault(id_, order)
            if known != order:
                own[id_] = max(known, order, key=_fullness)
    found = []
    for party_id in sorted(versions):
        whole = _one_version(versions[party_id])
        own = bought[party_id]
        for at, (party, orders, mixed) in enumerate(_by_name(whole, {id_: own[id_] for id_ in sorted(own)})):
            found.append(_record(party, at, orders, mixed, by_name[party.store], stated))
    return found


def billed_to(order: Order) -> str | None:
    """The name on the bill: whoever receives the parcel may be somebody else."""
    return order.billing_address.name if order.billing_address else None


def _record(
    party: Party,
    at: int,
    orders: Mapping[str, Order],
    mixed: bool,
    store: Store,
    stated: Claims,
) -> Record:
    own = frozenset(filter(None, map(mailbox, party.emails)))
    account = party.kind is PartyKind.ACCOUNT
    other_emails = {order.email for order in orders.values()} - {None, *party.emails}
    return Record(
        party=party,
        mark=_mark(party, at, stated.key),
        name=party.names[0] if party.names else None,
        is_account=account,
        orders=orders,
        own=own,
        held=own.union(filter(None, map(mailbox, other_emails))),
        by_id=account and store.carries_external_ids and party.store_id == stated.external_id,
        by_phone=bool(stated.phones) and _has_phone(party, orders.values(), store.country, stated.phones),
        mixed=mixed,
    )


def _mark(party: Party, at: int, key: bytes) -> str:
    """The same for the same record, or part of one, and telling nothing of it to those who do not have the key."""
    return blake2b(f"{party.id}#{at}".encode(), key=key, digest_size=6).hexdigest()


def _has_phone(
    party: Party,
    orders: Iterable[Order],
    country: str | None,
    stated: Iterable[str],
) -> bool:
    """Equal in E.164, both read with the country of the record's shop."""
    wanted = {e164 for raw in stated if (e164 := phone(raw, country))}
    known = {*party.phones, *filter(None, (order.phone for order in orders))}
    return bool(wanted) and any(phone(raw, country) in wanted for raw in known)


def _one_version(versions: Sequence[Party]) -> Party:
    """Two questions may show two sides of a record: the fuller one counts, with every identity of the others."""
    if len(versions) == 1:
        return versions[0]
    first, *others = sorted(set(versions), key=_fullness, reverse=True)

    def all_of(values: Callable[[Party], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for party in (first, *others) for value in values(party)))

    return replace(
        first,
        names=all_of(lambda party: party.names),
        emails=all_of(lambda party: party.emails),
        phones=all_of(lambda party: party.phones),
    )


def _fullness(seen: Party | Order) -> tuple[int, str]:
    text = repr(seen)
    return len(text), text


# -- guests who share a mailbox ---------------------------------------------------------------------------

Part = tuple[Party, Mapping[str, Order], bool]


def _by_name(party: Party, orders: Mapping[str, Order]) -> list[Part]:
    """A guest's record holds every order that anybody placed with its mailbox: one part for each of several people.

    They are told apart by the billing names. Where a name may be either's (`J. Doerr` between Jane and John), or an
    order bears none, the record stays whole and is mixed.
    """
    if party.kind is PartyKind.ACCOUNT:
        return [(party, orders, False)]
    names = sorted({*party.names, *filter(None, map(billed_to, orders.values()))})
    if not contradicting(names):
        return [(party, orders, False)]
    groups: list[set[str]] = []
    for name in names:
        kin = [group for group in groups if not all(names_contradict(name, other) for other in group)]
        groups = [group for group in groups if group not in kin] + [{name}.union(*kin)]
    if any(map(contradicting, groups)) or None in map(billed_to, orders.values()):
        return [(party, orders, True)]
    return [_part(party, orders, group) for group in sorted(groups, key=sorted)]


def _part(whole: Party, orders: Mapping[str, Order], names: set[str]) -> Part:
    own = {id_: order for id_, order in orders.items() if billed_to(order) in names}
    postal = [order.billing_address for order in own.values() if order.billing_address]
    phones = {*(order.phone for order in own.values()), *(address.phone for address in postal)}
    party = replace(
        whole,
        names=tuple(name for name in whole.names if name in names),
        phones=tuple(number for number in whole.phones if number in phones),
        addresses=tuple(address for address in whole.addresses if address.name in names),
    )
    return party, own, False


def contradicting(names: Iterable[str | None]) -> bool:
    """Whether two of these names clearly belong to two people."""
    return any(names_contradict(a, b) for a, b in combinations(names, 2))
