"""What one of the demo's tickets is made of."""

from dataclasses import dataclass
from typing import Literal

from .people import Person

Location = Literal["ticket_sidebar", "new_ticket_sidebar"]
Installed = Literal["right", "wrong_secret", "proxy_down", "stale"]


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment with what Zendesk noted about it: its comment flags, and whether it trusts the sender."""

    text: str
    by: Literal["requester", "agent"] = "requester"
    hours_ago: float = 2.0
    flags: tuple[int, ...] = ()
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """One ticket. `look` says what its panel is worth opening for; `others` may be picked as requester instead."""

    slug: str
    title: str
    look: str
    subject: str
    comments: tuple[Comment, ...]
    requester: Person | None
    ticket_id: int | None
    tenant: str = "acme"
    brand: str = "Acme Europe"
    channel: str = "email"
    tags: tuple[str, ...] = ()
    location: Location = "ticket_sidebar"
    installed: Installed = "right"
    others: tuple[Person, ...] = ()
    fields: tuple[tuple[int, str], ...] = ()
