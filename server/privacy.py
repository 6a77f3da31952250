"""What this agent may see of a summary: below the tenant's level, contact details are masked. Pure.

Masking happens on the data, once, before either form is rendered, so no template can forget it. (Amazon's
support, 2016: a partial match was allowed to complete itself, and the real address was read out.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import structs
from msgspec.structs import replace

from .model import Address, Customer, Flag, Level, Match, Order, Party, ShownOrder, Summary

DOTS = "•••"

HIDEABLE = (
    "addresses",
    "admin_links",
    "discount_codes",
    "emails",
    "images",
    "notes",
    "orders_count",
    "payment_method",
    "phones",
    "since",
    "spent",
    "tags",
)
"""What a tenant may take out of the panel altogether; docs/admin.md says what each is."""

_SURENESS = {Level.CONFIRMED: 2, Level.LIKELY: 1}


@dataclass(frozen=True, slots=True)
class Policy:
    """A tenant's `[tenant.show]`: what is never shown, below which level contacts are masked, what is allowed."""

    hide: frozenset[str] = frozenset()
    mask_below: Level = Level.CONFIRMED
    may_search: bool = True
    may_reveal: bool = True


@dataclass(frozen=True, slots=True)
class Policies:
    """A tenant's policy for everybody, and those for the roles that have one of their own."""

    everybody: Policy = Policy()
    by_role: Mapping[str, Policy] = field(default_factory=dict)

    def of(self, roles: Sequence[str] | None) -> Policy:
        """The policy of the first of an agent's `roles` that has one. Of `None`, nobody knows which he has: then
        nothing is shown or allowed that any role is denied."""
        if roles is None:
            return strictest((self.everybody, *self.by_role.values()))
        return next((self.by_role[role] for role in roles if role in self.by_role), self.everybody)


def strictest(policies: Sequence[Policy]) -> Policy:
    """What all of these policies show and allow."""
    return Policy(
        hide=frozenset().union(*(policy.hide for policy in policies)),
        mask_below=max((policy.mask_below for policy in policies), key=_SURENESS.__getitem__),
        may_search=all(policy.may_search for policy in policies),
        may_reveal=all(policy.may_reveal for policy in policies),
    )


MASKED = frozenset({"email", "phone", "address"})
"""The contact details that a level may mask."""


def guard(summary: Summary, policy: Policy, *, revealed: frozenset[str] = frozenset()) -> Summary:
    """The summary with what the tenant hides taken out, and contact details masked where the level asks for it.

    `revealed` are those that stay in the open all the same, where anybody was found at all.
    """
    unsure = _SURENESS.get(summary.match.level, 0) < _SURENESS[policy.mask_below]
    masked = (MASKED - revealed if summary.customer else MASKED) if unsure else frozenset()
    hidden = policy.hide
    orders = tuple(replace(shown, order=_order(shown.order, masked, hidden)) for shown in summary.orders)
    return replace(
        summary,
        match=_match(summary.match, hidden),
        customer=summary.customer and _customer(summary.customer, masked, hidden),
        orders=orders,
        flags=tuple(_flag(flag, orders, hidden) for flag in summary.flags),
        masked=masked,
        hidden=hidden,
        may_search=policy.may_search,
        may_reveal=policy.may_reveal,
    )


def email(address: str) -> str:
    """`jane@gmail.com` -> `j•••@gmail.com`; what is no address is masked whole."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{DOTS}@{domain}" if local and domain else DOTS


def veiled_email(address: str) -> str:
    """`jane@gmail.com` -> `j•••@g•••.com`: enough to recognise, not to learn."""
    local, _, domain = address.rpartition("@")
    name, _, ending = domain.rpartition(".")
    return f"{local[:1]}{DOTS}@{name[:1]}{DOTS}.{ending}" if local and name and ending else DOTS


def phone(number: str) -> str:
    """`+49 30 5550101` -> `•••01`."""
    digits = [character for character in number if character.isdigit()]
    return DOTS + "".join(digits[-2:])


def name(text: str) -> str:
    """A name as it is, but for the addresses in it: shops often put the e-mail where a name should be."""
    return " ".join(email(word) if "@" in word else word for word in text.split(" ")) if "@" in text else text


def initials(name: str) -> str:
    """`Jane Doerr` -> `J. D.`"""
    return " ".join(f"{part[0]}." for part in name.split()[:3])


def _flag(flag: Flag, shown: Iterable[ShownOrder], hidden: frozenset[str]) -> Flag:
    order = next((item.order for item in shown if item.order.id == flag.order.id), flag.order)
    about = {**flag.about, "method": None} if "payment_method" in hidden and "method" in flag.about else flag.about
    return replace(flag, order=order, about=about)


def _match(match: Match, hidden: frozenset[str]) -> Match:
    """Records are shown by `customer` only; candidates are veiled at every level."""
    veiled = tuple(
        replace(candidate, parties=tuple(_veiled(party, hidden) for party in candidate.parties))
        for candidate in match.candidates
    )
    return replace(match, parties=(), candidates=veiled)


def _veiled(party: Party, hidden: frozenset[str]) -> Party:
    """Initials, a veiled address, the town: no goods, no amounts, no way to reach anybody."""
    towns = () if "addresses" in hidden else party.addresses[:1]
    return Party(
        store=party.store,
        store_id="",
        kind=party.kind,
        names=tuple(initials(text) for text in party.names[:1]),
        emails=() if "emails" in hidden else tuple(veiled_email(address) for address in party.emails[:1]),
        addresses=tuple(Address(city=address.city) for address in towns if address.city),
    )


def _customer(customer: Customer, masked: frozenset[str], hidden: frozenset[str]) -> Customer:
    emails = () if "emails" in hidden else customer.emails
    phones = () if "phones" in hidden else customer.phones
    links = "admin_links" not in hidden
    return replace(
        customer,
        name=customer.name and name(customer.name) if "email" in masked else customer.name,
        emails=tuple(dict.fromkeys(email(item) for item in emails)) if "email" in masked else emails,
        phones=tuple(dict.fromkeys(phone(item) for item in phones)) if "phone" in masked else phones,
        since=None if "since" in hidden else customer.since,
        orders_count=None if "orders_count" in hidden else customer.orders_count,
        spent=() if "spent" in hidden else customer.spent,
        refunded=() if "spent" in hidden else customer.refunded,
        tags=() if "tags" in hidden else customer.tags,
        records=tuple(_record(party, links=links) for party in customer.records),
    )


def _record(party: Party, *, links: bool) -> Party:
    """Which record it is, and where the store shows it."""
    url = party.admin_url if links else None
    return Party(party.store, _record_id(party), party.kind, admin_url=url, mark=party.mark)


def _record_id(record: Party) -> str:
    """A guest's id is made of his address, which may be masked: it tells nothing that the agent needs."""
    return "" if record.store_id.startswith("guest:") else record.store_id


def _order(order: Order, masked: frozenset[str], hidden: frozenset[str]) -> Order:
    addresses = "addresses" not in hidden
    payment, refunds = order.payment, order.refunds
    if "payment_method" in hidden:
        payment = structs.replace(payment, method=None)
        refunds = tuple(structs.replace(refund, method=None) for refund in refunds)
    return structs.replace(
        order,
        party="",
        email=None,
        phone=None,
        payment=payment,
        refunds=refunds,
        items=tuple(structs.replace(item, image_url=None) for item in order.items)
        if "images" in hidden
        else order.items,
        admin_url=None if "admin_links" in hidden else order.admin_url,
        shipping_address=_address(order.shipping_address, masked, hidden) if addresses else None,
        billing_address=_address(order.billing_address, masked, hidden) if addresses else None,
        notes=() if "notes" in hidden else order.notes,
        tags=() if "tags" in hidden else order.tags,
        discount_codes=() if "discount_codes" in hidden else order.discount_codes,
        later=order.later - hidden,
    )


def _address(address: Address | None, masked: frozenset[str], hidden: frozenset[str]) -> Address | None:
    if address is None:
        return None
    if "phones" in hidden:
        address = structs.replace(address, phone=None)
    mail, street, number = "email" in masked, "address" in masked, "phone" in masked
    return structs.replace(
        address,
        name=address.name and name(address.name) if mail else address.name,
        company=address.company and name(address.company) if mail else address.company,
        street=(DOTS,) if street and address.street else address.street,
        phone=address.phone and phone(address.phone) if number else address.phone,
    )
