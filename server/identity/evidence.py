"""What a ticket states about its requester, how far Zendesk proves it, and what each store can be asked by it.

Only what Zendesk itself keeps about the requester counts as his: his addresses, phones, external id and name. An
address or a phone number that somebody typed, was copied on, or forwarded is nobody's identity.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from ..model import Answer, Asked, By, Facts, Identity, Question, Sender, Store
from .domains import is_role
from .extract import mentions, order_numbers
from .normalize import (
    bare_number,
    mailbox,
    mailbox_spellings,
    phone,
    phone_spellings,
    same_bare_number,
    same_order_number,
)
from .texts import own_words

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

_NOT_MAILED = _SPOKEN | _ELSEWHERE


# -- the sender -------------------------------------------------------------------------------------------


def sender(facts: Facts) -> Sender:
    """Whether Zendesk proves that the requester wrote this ticket.

    Proven by the identity that the ticket came from, never by another one of the same user, and only where the
    requester's comments were read and none of them is flagged. A ticket that only agents have written in is stated.
    """
    comments = [text for text in facts.ticket.texts if text.by == "requester"]
    flags = {flag for text in comments for flag in text.flags}
    strangers = not comments and any(text.by == "other" for text in facts.ticket.texts)
    suspended = facts.requester.suspended is True
    if suspended or strangers or flags & _DOUBT or any(text.trusted is False for text in comments):
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


class Claims(Struct, frozen=True, gc=False):
    """What the ticket states, in normal forms: a string that a record may agree with, and no proof of anything.

    `mailbox` is the address that the ticket came from, `mailboxes` all of the requester's, `shared` those that
    are not one person's by their name or by Zendesk's word. `numbers` are the order numbers by store, each with its
    bare form.
    """

    name: str | None
    external_id: str | None
    mailbox: str | None
    mailboxes: frozenset[str]
    shared: frozenset[str]
    phones: tuple[str, ...]
    spoken: bool
    numbers: Mapping[str, Mapping[str, str]]
    texts: tuple[str, ...]
    key: bytes

    def meant(self, asked: Iterable[Asked]) -> dict[str, frozenset[str]]:
        """The ids of the orders that numbers in the ticket may mean, each with these as they are written there."""
        found: dict[str, frozenset[str]] = {}
        for order in (order for item in asked for order in item.answer.orders):
            numbers = self.numbers[order.store]
            printed = bare_number(order.number) if numbers else ""
            for written, bare in numbers.items():
                if same_bare_number(bare, printed):
                    found[order.id] = found.get(order.id, frozenset()) | {written}
        return found


def claims(facts: Facts, stores: Sequence[Store]) -> Claims:
    """Everything that records are compared with."""
    who, texts = facts.requester, own_words(facts.ticket)
    found = mentions(facts.ticket, texts)
    addresses = {raw: normal for raw in dict.fromkeys(_addresses(facts)) if (normal := mailbox(raw))}
    not_a_person = {
        addresses.get(identity.value)
        for identity in who.identities
        if identity.ownership == "shared" or identity.deliverable_state in _NOBODY
    }
    own = frozenset(addresses.values())
    numbers = {
        shape: {number: bare_number(number) for number in order_numbers(found, shape)}
        for shape in {store.order_number for store in stores}
    }
    return Claims(
        name=who.name,
        external_id=(who.external_id or "").strip() or None,
        mailbox=None if facts.ticket.channel in _NOT_MAILED else addresses.get(who.email or ""),
        mailboxes=own,
        shared=frozenset(address for address in own if address in not_a_person or is_role(address)),
        phones=tuple(_phones(facts)),
        spoken=facts.ticket.channel in _SPOKEN,
        numbers={store.name: numbers[store.order_number] for store in stores},
        texts=texts,
        key=facts.key,
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

FIRST = frozenset({By.CUSTOMER_ID, By.EMAIL})
"""What a customer is found by. A phone alone never opens a file and costs a fuzzy search, and a number mostly comes
with its customer: both are asked only where these found nothing (docs/adr/0002)."""


def due(question: Question, first: Iterable[Answer]) -> bool:
    """Whether a call is due, or another store's or this one's answer to the `FIRST` brought what it is for."""
    if question.by is By.ORDER_NUMBER:
        return not any(question.same(order.number) for answer in first for order in answer.orders)
    return not any(answer.parties for answer in first)


def plan(facts: Facts, stores: Sequence[Store], stated: Claims) -> dict[str, tuple[Question, ...]]:
    """What each store is asked, by its name: by the requester's identities first (at most 5), then by order numbers.

    Of these there are at most 5 too. What stores are asked alike is made once for all of them. `stated` are the claims
    of these facts.
    """
    known_as = tuple(_by_id(facts))
    mailed = [question for raw in _addresses(facts) for question in by_email(raw)]
    called = {
        country: [question for raw in _phones(facts) for question in by_phone(raw, country)]
        for country in {store.country for store in stores}
    }
    numbered = {number: _by_number(number) for number in set().union(*stated.numbers.values())}

    def questions(store: Store) -> tuple[Question, ...]:
        own_ids = known_as if store.carries_external_ids else ()
        identities = dict.fromkeys((*own_ids, *mailed, *called[store.country]))
        asked = [question for question in identities if question.by in store.asked_by][:MOST_IDENTITIES]
        numbers = stated.numbers[store.name] if By.ORDER_NUMBER in store.asked_by else ()
        return (*asked, *(numbered[number] for number in numbers))

    return {store.name: questions(store) for store in stores}


def questions(facts: Facts, store: Store) -> tuple[Question, ...]:
    """What this store is asked."""
    return plan(facts, [store], claims(facts, [store]))[store.name]


def _by_id(facts: Facts) -> Iterator[Question]:
    """Customer ids are small numbers, the same in every shop: they are asked only where Zendesk has them from."""
    if value := (facts.requester.external_id or "").strip():
        yield Question(By.CUSTOMER_ID, value, (value,), value.__eq__)


def by_email(raw: str) -> Iterator[Question]:
    """The question for an address: as it is written, as its provider would write it, without what that ignores."""
    if value := mailbox(raw):
        yield Question(By.EMAIL, value, mailbox_spellings(raw), partial(_is, mailbox, raw, value))


def by_phone(raw: str, country: str | None) -> Iterator[Question]:
    """The question for a phone number, read with the store's country."""
    normal = partial(phone, region=country)
    if value := normal(raw):
        forms = tuple(dict.fromkeys((raw.strip(), *phone_spellings(value))))
        yield Question(By.PHONE, value, forms, partial(_is, normal, raw, value))


def _by_number(value: str) -> Question:
    return Question(By.ORDER_NUMBER, value, (value, f"#{value}"), partial(same_order_number, value))


def _is(normal: Callable[[str], str | None], raw: str, value: str, form: str) -> bool:
    """Whether a form has the normal form that `raw` has: mostly it is written the same."""
    return form == raw or normal(form) == value
