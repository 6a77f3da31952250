"""One ticket whose truth is known, and what a family of tickets is."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from server.model import Facts, Identity, Requester, Ticket, TicketText

from .people import Human, Registry
from .town import Town


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with its truth.

    `truth` is the customer whose identity the ticket states, `None` where it states nobody's. `impostor`: somebody
    else wrote it. `findable`: an honest ticket that states enough to tell the customer by, be it on a shortlist.
    `numbers` are the order numbers that the writer means, in capitals and without `#`; `None` where the text is no
    test of that.
    """

    facts: Facts
    truth: Human | None
    impostor: bool = False
    findable: bool = False
    silent: tuple[str, ...] = ()
    numbers: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """What a family draws its tickets from. `typos` are pairs of a full name and the same name mistyped (FEBRL)."""

    rng: Random
    town: Town
    registry: Registry
    typos: tuple[tuple[str, str], ...]

    def customer(self) -> Human:
        """Somebody with an order and a mailbox of his own."""
        return self.rng.choice([human for human in self.rng.choices(self.town.humans, k=60) if _is_plain(human)])

    def stranger(self) -> Human:
        """Somebody who never bought here, nor has the name of anybody who did."""
        names = {human.name for human in self.town.humans}
        return next(human for human in iter(self.registry.human, None) if human.name not in names)


Family = Callable[[Draw], "Case | None"]
"""Draws one ticket, or none where the town has nobody for it."""

FAMILIES: dict[str, tuple[Family, int]] = {}
"""Every family by name, with its share among the tickets."""


def family(share: int) -> Callable[[Family], Family]:
    """Enters a function's name among the families."""

    def enter(draw: Family) -> Family:
        FAMILIES[draw.__name__] = draw, share
        return draw

    return enter


def _is_plain(human: Human) -> bool:
    kept = {party.id for party in human.parties}
    alone = human.mailbox not in human.shared
    return bool(human.orders) and alone and {order.party_id for order in human.orders} <= kept


def ticket(
    name: str | None,
    mailbox: str | None,
    *texts: str | TicketText,
    method: str = "none",
    subject: str | None = None,
    channel: str = "email",
    phone: str | None = None,
    external_id: str | None = None,
    others: tuple[Identity, ...] = (),
    ownership: str | None = None,
    flags: tuple[int, ...] = (),
    trusted: bool | None = True,
) -> Facts:
    """A ticket as the app posts it; a text given as such is the requester's own comment."""
    own = (Identity("email", mailbox, True, verification_method=method, ownership=ownership),) if mailbox else ()
    called = channel in {"voice", "sms"}
    proof = method if called else "none"
    number = (Identity("phone_number", phone, called, verification_method=proof),) if phone else ()
    comments = [
        TicketText("requester", text, None, flags, trusted) if isinstance(text, str) else text for text in texts
    ]
    return Facts(
        Requester(7, name, mailbox, phone, external_id, identities=(*own, *number, *others)),
        Ticket(35_000, subject, channel, texts=tuple(comments)),
    )
