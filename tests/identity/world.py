"""Tickets, records and answers as plain values. All people are invented."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from server.identity.match import match
from server.model import (
    Address,
    Answer,
    Asked,
    By,
    Facts,
    Identity,
    Match,
    Order,
    Party,
    PartyKind,
    Question,
    Requester,
    Sender,
    Store,
    Ticket,
    TicketText,
)

EU = Store("Acme EU", "woocommerce", frozenset(By), r"#?\d{3,9}", country="DE", carries_external_ids=True)
US = Store("Acme US", "shopify", frozenset(By), r"#?(?:[A-Z]{1,5}-)?\d{3,9}", country="US")
STORES = (EU, US)

JANE, JANE_AT = "Jane Doerr", "jane.doerr@gmail.com"
PHONE = "+49 30 5550101"
OFFICE = "office@birchwood.example"


def account(id_: str, *emails: str, store: Store = EU, name: str | None = JANE, phone: str | None = None) -> Party:
    """A customer record that the store keeps."""
    return _party(store, id_, PartyKind.ACCOUNT, emails, name, phone)


def guest(email: str, *, store: Store = EU, name: str | None = JANE, phone: str | None = None) -> Party:
    """A buyer known from orders only."""
    return _party(store, f"guest:{email.lower()}", PartyKind.GUEST, (email,), name, phone)


def _party(
    store: Store, id_: str, kind: PartyKind, emails: tuple[str, ...], name: str | None, phone: str | None
) -> Party:
    return Party(store.name, id_, kind, (name,) if name else (), emails, (phone,) if phone else ())


def order(party: Party, number: str, *, email: str | None = None, parcel: Address | None = None) -> Order:
    """An order of the party, billed to its first name."""
    return Order(
        store=party.store,
        platform="woocommerce",
        store_id=number.strip("#"),
        number=number,
        party=party.store_id,
        currency="EUR",
        email=email or (party.emails[0] if party.emails else None),
        billing_address=Address(name=party.names[0]) if party.names else None,
        shipping_address=parcel,
    )


def owner(party: Party, *numbers: str, parcel: Address | None = None) -> tuple[Party | Order, ...]:
    """The party with its orders."""
    return (party, *(order(party, number, parcel=parcel) for number in numbers))


def ticket(
    text: str = "Hello, where is it?",
    *,
    sender: Sender = Sender.STATED,
    name: str | None = JANE,
    email: str | None = JANE_AT,
    phone: str | None = None,
    external_id: str | None = None,
    channel: str = "email",
    others: Iterable[Identity] = (),
    subject: str | None = None,
    fields: Mapping[str, str] | None = None,
    chosen: str | None = None,
) -> Facts:
    """A ticket of one comment, whose sender Zendesk proves, does not prove, or doubts."""
    method = "full" if sender is Sender.PROVEN else "none"
    identities = [
        Identity(kind, value, primary=True, verification_method=method)
        for kind, value in (("email", email), ("phone_number", phone))
        if value
    ]
    flags = (14,) if sender is Sender.DOUBTED else ()
    return Facts(
        Requester(123, name, email, phone, external_id, identities=(*identities, *others)),
        Ticket(
            35436,
            subject,
            channel,
            fields=fields or {},
            texts=(TicketText("requester", text, flags=flags, trusted=True),),
        ),
        chosen=chosen,
    )


def answers(*found: Party | Order) -> tuple[Asked, ...]:
    """One answer of each store, holding these records and orders."""
    question = Question(By.EMAIL, "any", ("any",), "any".__eq__)
    return tuple(
        Asked(
            store,
            question,
            Answer(
                tuple(item for item in found if isinstance(item, Party) and item.store == store),
                tuple(item for item in found if isinstance(item, Order) and item.store == store),
            ),
        )
        for store in sorted({item.store for item in found})
    )


def judge(facts: Facts, *found: Party | Order, silent: tuple[str, ...] = ()) -> Match:
    """What comes of a ticket when the stores hold these."""
    return match(facts, STORES, answers(*found), silent)


def chosen(facts: Facts, candidate: str) -> Facts:
    """The same ticket, after an agent picked that candidate."""
    return replace(facts, chosen=candidate)
