"""What a ticket states about its requester, how far Zendesk proves it, and what each store can be asked by it.

Only what Zendesk itself keeps about the requester counts as his: his addresses, phones, external id and name. An
address or a phone number that somebody typed, was copied on, or forwarded is nobody's identity.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ..model import By, Facts, Identity, Order, Question, Sender, Store, Ticket
from .domains import is_role
from .extract import mentions, order_numbers
from .normalize import mailbox, phone, phone_spellings, same_order_number

MOST_IDENTITIES = 5
"""Questions about the requester himself that a store is asked at most; its order numbers have their own limit."""

_PROOF = {"full", "sso", "embed"}
"""The methods that prove ownership (API: user_identities). `low` is an agent's tick, legacy `verified` covers it."""
_DOUBT = {0, 2, 14, 21}
_NO_PROOF = {3, 22}
"""Zendesk's comment flags (API: ticket_comments): those that doubt the sender, those that only take the proof away."""
_NOBODY = {"mailing_list", "machine", "mailer_daemon"}

_SPOKEN = {"voice", "sms"}
"""Channels of Zendesk's `via` in which the ticket comes from a phone number."""
_ELSEWHERE = {"whatsapp", "facebook", "twitter", "line", "telegram", "viber", "wechat", "instagram_dm", "instagram"}
"""Channels in which the ticket comes from an identity that no store knows, so that an address proves nothing."""


# -- the sender -------------------------------------------------------------------------------------------


def sender(facts: Facts) -> Sender:
    """Whether Zendesk proves that the requester wrote this ticket.

    Proven by the identity that the ticket came from, never by another one of the same user, and only where the
    requester's comments were read and none of them is flagged. A ticket that only agents have written in is stated.
    """
    comments = [text for text in facts.ticket.texts if text.by == "requester"]
    flags = {flag for text in comments for flag in text.flags}
    strangers = not comments and any(text.by == "other" for text in facts.ticket.texts)
    if strangers or flags & _DOUBT or any(text.trusted is False for text in comments):
        return Sender.DOUBTED
    if facts.capped or not comments or flags & _NO_PROOF or not _origin_proven(facts):
        return Sender.STATED
    return Sender.PROVEN


def _origin_proven(facts: Facts) -> bool:
    origin = _origin(facts)
    return bool(origin) and all(i.verification_method in _PROOF and i.ownership != "shared" for i in origin)


def _origin(facts: Facts) -> list[Identity]:
    """The identity that the ticket came from, as often as Zendesk lists it; a messaging user may have no address."""
    who, channel = facts.requester, facts.ticket.channel
    if channel in _SPOKEN:
        number = phone(who.phone, None)
        return [i for i in who.identities if i.type == "phone_number" and number and phone(i.value, None) == number]
    if channel in _ELSEWHERE:
        return []
    if who.email is None:
        return [] if any(i.type == "email" for i in who.identities) else list(who.identities)
    address = mailbox(who.email)
    return [i for i in who.identities if i.type == "email" and address and mailbox(i.value) == address]


# -- what is stated ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claims:
    """What the ticket states, in normal forms: a string that a record may agree with, and no proof of anything.

    `mailbox` is the address that the ticket came from, `mailboxes` all of the requester's, `shared` those that
    are not one person's by their name or by Zendesk's word. `numbers` are the order numbers by store.
    """

    name: str | None
    external_id: str | None
    mailbox: str | None
    mailboxes: frozenset[str]
    shared: frozenset[str]
    phones: tuple[str, ...]
    spoken: bool
    numbers: dict[str, frozenset[str]]
    ticket: Ticket

    def meant(self, order: Order) -> frozenset[str]:
        """The numbers in the ticket that may mean this order, as they are written there."""
        return frozenset(number for number in self.numbers[order.store] if same_order_number(number, order.number))


def claims(facts: Facts, stores: Sequence[Store]) -> Claims:
    """Everything that records are compared with."""
    who, found = facts.requester, mentions(facts.ticket)
    addresses = {raw: normal for raw in _addresses(facts) if (normal := mailbox(raw))}
    not_a_person = {
        addresses.get(identity.value)
        for identity in who.identities
        if identity.ownership == "shared" or identity.deliverable_state in _NOBODY
    }
    own = frozenset(addresses.values())
    return Claims(
        name=who.name,
        external_id=(who.external_id or "").strip() or None,
        mailbox=None if facts.ticket.channel in _SPOKEN | _ELSEWHERE else mailbox(who.email),
        mailboxes=own,
        shared=frozenset(address for address in own if address in not_a_person or is_role(address)),
        phones=tuple(_phones(facts)),
        spoken=facts.ticket.channel in _SPOKEN,
        numbers={store.name: frozenset(order_numbers(found, store.order_number)) for store in stores},
        ticket=facts.ticket,
    )


def named(orders: Iterable[Order], facts: Facts, stores: Iterable[Store]) -> frozenset[str]:
    """The ids of the orders that the ticket names by a number."""
    found = mentions(facts.ticket)
    numbers = {store.name: order_numbers(found, store.order_number) for store in stores}
    return frozenset(
        order.id for order in orders if any(same_order_number(typed, order.number) for typed in numbers[order.store])
    )


def _addresses(facts: Facts) -> Iterator[str]:
    who = facts.requester
    yield from filter(None, [who.email])
    yield from (identity.value for identity in who.identities if identity.type == "email")


def _phones(facts: Facts) -> Iterator[str]:
    who = facts.requester
    yield from filter(None, [who.phone])
    yield from (identity.value for identity in who.identities if identity.type == "phone_number")


# -- what a store is asked --------------------------------------------------------------------------------


def questions(facts: Facts, store: Store) -> tuple[Question, ...]:
    """What this store is asked: by the requester's identities first (at most 5), then by order numbers (at most 5)."""
    identities = dict.fromkeys((*_customer_id(facts, store), *_by_email(facts), *_by_phone(facts, store)))
    asked = [question for question in identities if question.by in store.asked_by][:MOST_IDENTITIES]
    return (*asked, *(_by_number(facts, store) if By.ORDER_NUMBER in store.asked_by else ()))


def _customer_id(facts: Facts, store: Store) -> Iterator[Question]:
    """Customer ids are small numbers, the same in every shop: they are asked only where Zendesk has them from."""
    value = (facts.requester.external_id or "").strip()
    if value and store.carries_external_ids:
        yield Question(By.CUSTOMER_ID, value, (value,), value.__eq__)


def _by_email(facts: Facts) -> Iterator[Question]:
    for raw in _addresses(facts):
        if value := mailbox(raw):
            yield Question(By.EMAIL, value, _spellings(_lower(raw.strip()), value), partial(_is, mailbox, value))


def _lower(address: str) -> str:
    """WooCommerce compared addresses by case until 2026-01 (woocommerce#62974), so they are asked for in lower case."""
    local, _, domain = address.rpartition("@")
    return f"{local.lower() if local.isascii() else local}@{domain.lower()}"


def _by_phone(facts: Facts, store: Store) -> Iterator[Question]:
    normal = partial(phone, region=store.country)
    for raw in _phones(facts):
        if value := normal(raw):
            yield Question(
                By.PHONE, value, _spellings(raw.strip(), *phone_spellings(value)), partial(_is, normal, value)
            )


def _by_number(facts: Facts, store: Store) -> Iterator[Question]:
    for value in order_numbers(mentions(facts.ticket), store.order_number):
        yield Question(By.ORDER_NUMBER, value, (value, f"#{value}"), partial(same_order_number, value))


def _spellings(*forms: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(forms))


def _is(normal: Callable[[str], str | None], value: str, form: str) -> bool:
    return normal(form) == value
