"""What this agent may see of a summary: below the tenant's level, contact details are masked. Pure.

Masking happens on the data, once, before either form is rendered, so no template can forget it. (Amazon's
support, 2016: a partial match was allowed to complete itself, and the real address was read out.)
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .model import Address, Candidate, Customer, Level, Match, Order, Party, ShownOrder, Summary

DOTS = "•••"

HIDEABLE = ("addresses", "discount_codes", "emails", "notes", "payment_method", "phones", "spent", "tags")
"""What a tenant may take out of the panel altogether."""

_SURENESS = {Level.CONFIRMED: 2, Level.LIKELY: 1}


@dataclass(frozen=True, slots=True)
class Policy:
    """A tenant's `[tenant.show]`: what is never shown, and the level below which contact details are masked."""

    hide: frozenset[str] = frozenset()
    mask_below: Level = Level.CONFIRMED


def guard(summary: Summary, policy: Policy) -> Summary:
    """The summary with what the tenant hides taken out, and contact details masked where the level asks for it."""
    masked = _SURENESS.get(summary.match.level, 0) < _SURENESS[policy.mask_below]
    hidden = policy.hide
    orders = tuple(replace(shown, order=_order(shown.order, masked, hidden)) for shown in summary.orders)
    return replace(
        summary,
        match=_match(summary.match),
        customer=summary.customer and _customer(summary.customer, masked, hidden),
        orders=orders,
        flags=tuple(replace(flag, order=_same(flag.order, orders)) for flag in summary.flags),
        masked=masked,
        hidden=hidden,
    )


def email(address: str) -> str:
    """`jane@gmail.com` -> `j•••@gmail.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{DOTS}@{domain}"


def veiled_email(address: str) -> str:
    """`jane@gmail.com` -> `j•••@g•••.com`: enough to recognise, not to learn."""
    local, _, domain = address.rpartition("@")
    name, _, ending = domain.rpartition(".")
    return f"{local[:1]}{DOTS}@{name[:1]}{DOTS}.{ending}"


def phone(number: str) -> str:
    """`+49 30 5550101` -> `•••01`."""
    digits = [character for character in number if character.isdigit()]
    return DOTS + "".join(digits[-2:])


def initials(name: str) -> str:
    """`Jane Doerr` -> `J. D.`"""
    return " ".join(f"{part[0]}." for part in name.split()[:3])


def _same(order: Order, shown: Iterable[ShownOrder]) -> Order:
    return next((item.order for item in shown if item.order.id == order.id), order)


def _match(match: Match) -> Match:
    """Records are shown by `customer` only; candidates are veiled at every level."""
    return replace(match, parties=(), candidates=tuple(_candidate(candidate) for candidate in match.candidates))


def _candidate(candidate: Candidate) -> Candidate:
    return replace(candidate, parties=tuple(_veiled(party) for party in candidate.parties))


def _veiled(party: Party) -> Party:
    """Initials, a veiled address, the town: no goods, no amounts, no way to reach anybody."""
    return Party(
        store=party.store,
        store_id="",
        kind=party.kind,
        names=tuple(initials(name) for name in party.names[:1]),
        emails=tuple(veiled_email(address) for address in party.emails[:1]),
        addresses=tuple(Address(city=address.city) for address in party.addresses[:1] if address.city),
        since=None,
    )


def _customer(customer: Customer, masked: bool, hidden: frozenset[str]) -> Customer:
    emails = () if "emails" in hidden else customer.emails
    phones = () if "phones" in hidden else customer.phones
    records = tuple(
        Party(store=p.store, store_id=p.store_id, kind=p.kind, admin_url=p.admin_url) for p in customer.records
    )
    return replace(
        customer,
        emails=tuple(dict.fromkeys(email(item) for item in emails)) if masked else emails,
        phones=tuple(dict.fromkeys(phone(item) for item in phones)) if masked else phones,
        spent=() if "spent" in hidden else customer.spent,
        refunded=() if "spent" in hidden else customer.refunded,
        tags=() if "tags" in hidden else customer.tags,
        records=tuple(replace(record, store_id=_record_id(record)) for record in records),
    )


def _record_id(record: Party) -> str:
    """A guest's id is made of his address, which may be masked: it tells nothing that the agent needs."""
    return "" if record.store_id.startswith("guest:") else record.store_id


def _order(order: Order, masked: bool, hidden: frozenset[str]) -> Order:
    addresses = "addresses" not in hidden
    payment = replace(order.payment, method=None) if "payment_method" in hidden else order.payment
    return replace(
        order,
        party="",
        email=None,
        phone=None,
        payment=payment,
        shipping_address=_address(order.shipping_address, masked) if addresses else None,
        billing_address=_address(order.billing_address, masked) if addresses else None,
        notes=() if "notes" in hidden else order.notes,
        tags=() if "tags" in hidden else order.tags,
        discount_codes=() if "discount_codes" in hidden else order.discount_codes,
    )


def _address(address: Address | None, masked: bool) -> Address | None:
    if address is None or not masked:
        return address
    return replace(address, street=(DOTS,) if address.street else (), phone=address.phone and phone(address.phone))
