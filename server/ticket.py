"""What was posted -> Facts. Every complaint names the field; nothing that does not fit gets past here."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from .errors import RequestError
from .identity.names import is_full_name
from .identity.normalize import mailbox, order_number
from .identity.search import Search, likely
from .model import By, Facts, Identity, Requester, Ticket, TicketText
from .parts import AgentPart, Id, Part, RequesterPart, Short, TicketPart
from .zendesk_ticket import by_contract

MAX_BODY_BYTES = 64 * 1024


class TicketId(Part):
    """A ticket by its number alone."""

    id: Id | None = None


Wanted = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=320)]
Mark = Annotated[str, Field(pattern=r"^[0-9a-f]{1,64}$")]


class Asking(Part):
    """What every question of the app's may say: whom the agent chose, what he set aside, how long he waits."""

    agent: AgentPart = AgentPart()
    chosen: Short | None = None
    aside: Annotated[frozenset[Mark], Field(max_length=100, strict=False)] = frozenset()
    refresh: bool = False
    wait_ms: Annotated[int, Field(ge=0, le=60_000)] | None = None
    lookup: Short | None = None


class Ask(Asking):
    """The body of `POST /v1/summary`."""

    requester: RequesterPart
    ticket: TicketPart = TicketPart()


class SearchPart(Part):
    """What an agent looks for: one of four, or a `text` that is taken for what it most likely is."""

    number: Wanted | None = None
    email: Wanted | None = None
    phone: Wanted | None = None
    name: Wanted | None = None
    text: Wanted | None = None

    def search(self) -> Search | None:
        """The one that is given; `None` where none or several are."""
        given: dict[By, str | None] = {
            By.ORDER_NUMBER: self.number,
            By.EMAIL: self.email,
            By.PHONE: self.phone,
            By.NAME: self.name,
        }
        if self.text is not None:
            by = likely(self.text)
            if given[by] is not None:
                return None
            given[by] = self.text
        (*wanted,) = (Search(by, text) for by, text in given.items() if text is not None)
        return wanted[0] if len(wanted) == 1 else None


class AskAgain(Ask):
    """About an answer that was given: to a ticket, or to a search, in which case the requester may be left out."""

    requester: RequesterPart = RequesterPart()
    search: SearchPart | None = None


class AskOrder(AskAgain):
    """The body of `POST /v1/order`: the same, and which of the orders is opened."""

    order: Annotated[str, Field(min_length=1, max_length=1000)]


class AskReveal(AskAgain):
    """The body of `POST /v1/reveal`: the same, and what is to be seen unmasked.

    Within seconds of an answer its `lookup` is enough; later the ticket has to come along.
    """

    fields: Annotated[frozenset[Literal["email", "phone", "address"]], Field(min_length=1, strict=False)]


class AskReport(AskAgain):
    """The body of `POST /v1/report`: the same, and what the agent found wrong with what he was shown."""

    what: Literal["wrong_customer"]


class AskSearch(SearchPart, Asking):
    """The body of `POST /v1/search`. `ticket` is the one beside which the agent searches, for the record only."""

    ticket: TicketId = TicketId()


AskT = TypeVar("AskT", bound=Asking)


def read(body: bytes, kind: type[AskT]) -> AskT:
    """The posted body as `kind`, checked. Raises `RequestError`: 400 for what is no JSON, 422 naming the field."""
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RequestError(400, "bad_json", "The body is not JSON in UTF-8.") from None
    if not isinstance(data, dict):
        raise RequestError(422, "bad_value", "The body must be a JSON object.", field="body")
    for field, text in _texts(data, "") if _ESCAPED.search(body) else ():
        if _UNSPEAKABLE.search(text):
            field = _short(field)
            raise RequestError(422, "bad_text", f"{field} holds a NUL or half a character.", field=field)
    try:
        ask = kind.model_validate(by_contract(data))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
    else:
        _check(ask)
        return ask
    field = _short(".".join(str(part) for part in first["loc"]))
    raise RequestError(422, "bad_value", f"{field}: {first['msg']}", field=field)


def _check(ask: Asking) -> None:
    """What the fields cannot say one by one."""
    if isinstance(ask, AskSearch):
        _searchable(ask)
    elif isinstance(ask, AskAgain) and ask.search is not None:
        _searchable(ask.search)
    elif isinstance(ask, Ask) and not (isinstance(ask, AskReveal) and ask.lookup):
        _answerable(ask)


def _searchable(ask: SearchPart) -> None:
    search = ask.search()
    if search is None:
        raise RequestError(422, "bad_value", "Give one of number, email, phone, name and text.", field="body")
    complaint = {
        By.EMAIL: None if mailbox(search.text) else "email: is no address.",
        By.ORDER_NUMBER: None if len(order_number(search.text)) > 1 else "number: is too short.",
        By.PHONE: None if sum(map(str.isdigit, search.text)) > 5 else "phone: is too short.",
        By.NAME: None if is_full_name(search.text) else "name: give the first and the last name.",
    }[search.by]
    if complaint:
        raise RequestError(422, "bad_value", complaint, field=complaint.partition(":")[0])


def facts(ask: Ask, *, capped: bool, key: bytes = b"") -> Facts:
    """What the ticket says, each fact under the name of who said it."""
    who, what = ask.requester, ask.ticket
    return Facts(
        requester=Requester(
            **{name: getattr(who, name) for name in RequesterPart.model_fields if name != "identities"},
            identities=tuple(Identity(**dict(identity)) for identity in who.identities),
        ),
        ticket=Ticket(
            id=what.id,
            subject=what.subject,
            channel=what.channel,
            brand=what.brand,
            tags=what.tags,
            fields={key: text for key, text in what.fields.items() if text},
            texts=tuple(TicketText(**dict(text)) for text in what.texts),
        ),
        chosen=ask.chosen,
        aside=ask.aside,
        proof_from="nobody" if capped else "browser",
        capped=capped,
        key=key,
    )


_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Without one of these, JSON in UTF-8 holds neither a NUL nor half a character, and no text has to be looked at."""

_UNSPEAKABLE = re.compile("[\x00\ud800-\udfff]")


def _short(field: str) -> str:
    return field if len(field) <= 200 else f"{field[:200]}…"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text in the body, keys included, with the path to it."""
    waiting: list[tuple[object, str]] = [(value, path)]
    while waiting:
        item, at = waiting.pop()
        if isinstance(item, str):
            yield at, item
        elif isinstance(item, list):
            waiting += [(entry, f"{at}.{index}") for index, entry in enumerate(item)]
        elif isinstance(item, dict):
            yield from ((at or "body", key) for key in item)
            waiting += [(entry, f"{at}.{key}" if at else key) for key, entry in item.items()]


def is_answerable(ask: Ask) -> bool:
    """Whether anything was posted that a store could be asked by."""
    who, what = ask.requester, ask.ticket
    return bool(who.email or who.phone or who.external_id or who.identities or what.subject or what.texts)


def _answerable(ask: Ask) -> None:
    if is_answerable(ask):
        return
    message = "requester needs an email, phone, external_id or identities, or the ticket a text."
    raise RequestError(422, "nothing_to_ask_by", message, field="requester")
