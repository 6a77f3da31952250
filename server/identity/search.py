"""An agent looks for a customer by hand: what each store is asked, and whom they have. Pure.

There is no sender here, so nothing is proven: everybody found is a candidate, and only the agent's choice opens one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from ..model import Asked, By, Candidate, Level, Match, Question, Reason, ReasonCode, Sender, Store
from .evidence import Claims, by_email, by_phone
from .names import LONGEST, names_agree
from .normalize import bare_number, mailbox, order_number, same_order_number
from .people import Person, people, reasons

_PHONE = re.compile(r"(\+|00[1-9]|\(?0[1-9])[\d ()/.-]+")
"""With a country's code or a trunk zero, unlike the order numbers that shops fill up with noughts."""

MOST_CANDIDATES = 5
MOST_MAILBOXES = 3
"""Addresses of a chosen candidate that the stores are asked for, to see all of his orders."""


@dataclass(frozen=True, slots=True)
class Search:
    """What an agent typed, and what it is."""

    by: By
    text: str

    def __repr__(self) -> str:  # personal data: must not reach a log by accident
        return f"Search(by={self.by.value})"


def likely(text: str) -> By:
    """What a text most likely is: `jane@acme.example`, `+49 30 5550101`, `#1042`, `Jane Doerr`."""
    digits = sum(map(str.isdigit, text))
    if "@" in text:
        return By.EMAIL
    if digits > 7 and _PHONE.fullmatch(text.strip()):
        return By.PHONE
    return By.ORDER_NUMBER if digits or len(text.split()) < 2 else By.NAME


def plan(search: Search, stores: Iterable[Store]) -> dict[str, tuple[Question, ...]]:
    """What each store is asked, by its name: nothing where it cannot be asked so, or where the text does not fit."""
    return {store.name: tuple(_questions(search, store)) if search.by in store.asked_by else () for store in stores}


def _questions(search: Search, store: Store) -> Iterable[Question]:
    text = search.text.strip()
    match search.by:
        case By.EMAIL:
            return by_email(text)
        case By.PHONE:
            return by_phone(text, store.country)
        case By.ORDER_NUMBER:
            value = order_number(text)
            return [Question(By.ORDER_NUMBER, value, (value, f"#{value}"), partial(same_order_number, value))]
        case By.NAME:
            name = " ".join(text[:LONGEST].split())
            return [Question(By.NAME, name.casefold(), (name,), partial(names_agree, name))]
    raise ValueError(search.by)


def more(chosen: Sequence[Person], stores: Iterable[Store]) -> dict[str, tuple[Question, ...]]:
    """What the stores are asked about a chosen candidate: everything under his own addresses."""
    addresses = [address for person in chosen for record in person.records for address in record.party.emails]
    asked = {question.value: question for address in addresses for question in by_email(address)}
    questions = tuple(asked[value] for value in sorted(asked))[:MOST_MAILBOXES]
    return {store.name: questions if By.EMAIL in store.asked_by else () for store in stores}


def candidates(search: Search, stores: Sequence[Store], asked: Sequence[Asked], key: bytes) -> list[Person]:
    """Everybody whom the answers show, the likeliest first."""
    stated = _claims(search, stores, key)
    found = people(stated, stores, asked, stated.meant(asked))
    return sorted(found, key=lambda person: (-sum(clue.bits for clue in person.clues), person.id))


def picked(found: Iterable[Person], chosen: str | None) -> list[Person]:
    """The one who has the chosen mark, if anybody has."""
    return [person for person in found if chosen in person.marks]


def result(
    search: Search,
    stores: Sequence[Store],
    asked: Sequence[Asked],
    silent: Sequence[str],
    *,
    chosen: str | None,
    aside: frozenset[str],
    key: bytes,
) -> Match:
    """Who was found. Nobody is `none` only where every store answered; the chosen one is `likely`, never more."""
    found = candidates(search, stores, asked, key)
    missing = tuple(Reason(ReasonCode.STORE_SILENT, name) for name in sorted(set(silent)))
    stated = _claims(search, stores, key)
    for person in picked(found, chosen):
        hidden = person.may_set_aside(aside)
        return Match(
            level=Level.LIKELY,
            sender=Sender.STATED,
            reasons=(*reasons(person, stated), Reason(ReasonCode.CHOSEN_BY_AGENT), *missing),
            parties=person.parties,
            orders=person.orders_without(hidden),
            named=person.named,
            aside=hidden,
            rule="search",
        )
    if not found:
        return Match(Level.UNKNOWN if missing else Level.NONE, Sender.STATED, missing, rule="search")
    several = (Reason(ReasonCode.SEVERAL_CUSTOMERS, str(len(found))),) if len(found) > 1 else ()
    return Match(
        level=Level.AMBIGUOUS,
        sender=Sender.STATED,
        reasons=(*several, *missing),
        candidates=tuple(
            Candidate(person.id, person.parties, tuple(reasons(person, stated))) for person in found[:MOST_CANDIDATES]
        ),
        rule="search",
    )


def _claims(search: Search, stores: Iterable[Store], key: bytes) -> Claims:
    """What was typed, as what records are compared with; without a mailbox nothing is joined by name."""
    typed = {search.by: search.text.strip()}
    address = mailbox(typed.get(By.EMAIL))
    number = order_number(typed.get(By.ORDER_NUMBER))
    return Claims(
        name=typed.get(By.NAME),
        external_id=None,
        mailbox=address,
        mailboxes=frozenset(filter(None, [address])),
        shared=frozenset(),
        phones=tuple(filter(None, [typed.get(By.PHONE)])),
        spoken=False,
        numbers={store.name: {number: bare_number(number)} if number else {} for store in stores},
        texts=(),
        key=key,
    )
