"""A ticket as Zendesk gives it to an app -> the same by the contract's names. Pure.

Zendesk speaks of it in two dialects, which the app posts as they come: what `client.get` answers, by its paths, and
three answers of the REST API (user identities, ticket comments with their users, the ticket's custom fields).
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from .parts import Address, FieldText, Id, Instant, Json, Long, Part, Short

STAFF = {"agent", "admin"}


def _true(value: object) -> bool:
    """What Zendesk leaves out, or does not know, is not so."""
    return value is True


def _with_text(rows: object) -> object:
    """Identities whose value is a text: those of some channels have none."""
    return (
        [row for row in rows if not isinstance(row, dict) or isinstance(row.get("value"), str)]
        if isinstance(rows, list)
        else rows
    )


def _numbers(flags: object) -> object:
    return [flag for flag in flags if type(flag) is int] if isinstance(flags, list) else []


def _texts_only(value: object) -> object:
    if isinstance(value, list):
        return value if all(isinstance(each, str) for each in value) else None
    return value if isinstance(value, str | int | float) else None


Flags = Annotated[
    tuple[int, ...],
    Field(max_length=50, strict=False),
    BeforeValidator(_numbers, json_schema_input_type=tuple[int, ...] | Any),
]
Yes = Annotated[bool, BeforeValidator(_true, json_schema_input_type=bool | Any)]


class Zone(Part):
    """A time zone of `client.get`."""

    iana_name: Short | None = Field(None, alias="ianaName")


class MailedFrom(Part):
    """`ticket.via.source.from`."""

    address: Address | None = None


class ZendeskIdentity(Part):
    """One identity, in either dialect."""

    type: Short
    value: Short
    primary: Yes = False
    verified: Yes = False
    verification_method: Short | None = None
    ownership: Short | None = None
    deliverable_state: Short | None = Field(
        None, validation_alias=AliasChoices("deliverable_state", "deliverableState")
    )


class User(Part):
    """Somebody who wrote."""

    id: Id | None = None
    role: Short | None = None
    phone: Short | None = None
    suspended: bool | None = None


class Metadata(Part):
    """What Zendesk noted about how a comment came in."""

    flags: Flags = ()
    trusted: bool | None = None


class Comment(Part):
    """One comment, in either dialect; `value` is HTML."""

    author_id: Id | None = None
    author: User | None = None
    plain_body: Long | None = None
    body: Long | None = None
    value: Long | None = None
    created_at: Instant | None = None
    metadata: Metadata | None = None


class CustomField(Part):
    """A custom field. Those that hold no text say nothing."""

    id: Id
    value: Annotated[FieldText, BeforeValidator(_texts_only, json_schema_input_type=FieldText | Any)] = None


class CustomFields(Part):
    """`ticket` of the REST API."""

    custom_fields: Annotated[tuple[CustomField, ...], Field(max_length=1000, strict=False)] = ()


Identities = Annotated[
    tuple[ZendeskIdentity, ...],
    Field(max_length=100, strict=False),
    BeforeValidator(_with_text, json_schema_input_type=list[ZendeskIdentity | Any]),
]
Comments = Annotated[tuple[Comment, ...], Field(max_length=500, strict=False)]


class ZendeskTicket(Part):
    """`zendesk`: in the place of `ticket`, `requester` and `agent`. Nothing else of what Zendesk says is read."""

    ticket_id: Id | None = Field(None, alias="ticket.id")
    subject: Long | None = Field(None, alias="ticket.subject")
    description: Long | None = Field(None, alias="ticket.description")
    tags: Annotated[tuple[Short, ...], Field(max_length=500, strict=False)] | None = Field(None, alias="ticket.tags")
    channel: Short | None = Field(None, alias="ticket.via.channel")
    sender: MailedFrom | None = Field(None, alias="ticket.via.source.from")
    brand: Short | None = Field(None, alias="ticket.brand.name")
    requester_id: Id | None = Field(None, alias="ticket.requester.id")
    name: Short | None = Field(None, alias="ticket.requester.name")
    email: Address | None = Field(None, alias="ticket.requester.email")
    external_id: Short | None = Field(None, alias="ticket.requester.externalId")
    locale: Short | None = Field(None, alias="ticket.requester.locale")
    time_zone: Zone | Short | None = Field(None, alias="ticket.requester.timeZone")
    page_identities: Identities | None = Field(None, alias="ticket.requester.identities")
    agent_id: Id | None = Field(None, alias="currentUser.id")
    agent_locale: Short | None = Field(None, alias="currentUser.locale")
    agent_time_zone: Zone | Short | None = Field(None, alias="currentUser.timeZone")
    identities: Identities | None = None
    comments: Comments | None = None
    users: Annotated[tuple[User, ...], Field(max_length=500, strict=False)] = ()
    ticket: CustomFields = CustomFields()

    def posted(self) -> Json:
        """The same as `ticket`, `requester` and `agent`. What the REST API says goes before what the page does."""
        identities = self.identities if self.identities is not None else self.page_identities or ()
        users = {user.id: user for user in self.users}
        known = users.get(self.requester_id) if self.requester_id else None
        return {
            "ticket": {
                "id": self.ticket_id,
                "subject": self.subject,
                "channel": self.channel,
                "brand": self.brand,
                "tags": self.tags or (),
                "fields": {str(field.id): field.value for field in self.ticket.custom_fields},
                "texts": self._texts(users),
            },
            "requester": {
                "id": self.requester_id,
                "name": self.name,
                "email": self._address(identities),
                "phone": known and known.phone,
                "external_id": self.external_id,
                "locale": self.locale,
                "time_zone": _zone(self.time_zone),
                "suspended": known and known.suspended,
                "identities": [dict(identity) for identity in identities],
            },
            "agent": {
                "id": self.agent_id,
                "locale": self.agent_locale,
                "time_zone": _zone(self.agent_time_zone),
            },
        }

    def _address(self, identities: tuple[ZendeskIdentity, ...]) -> str | None:
        """The address that the ticket was mailed from, if it is one of the requester's: proof belongs to that one."""
        came_from = self.sender.address if self.sender else None
        if not came_from:
            return self.email
        own = (each.value for each in identities if each.type == "email" and each.value.lower() == came_from.lower())
        return next(own, self.email)

    def _texts(self, users: Mapping[int | None, User]) -> list[Json]:
        """The comments; while there is none, how the ticket is described, by nobody knows whom."""
        if not self.comments and self.description:
            return [{"by": "other", "text": _plain(self.description)}]
        return [self._text(comment, users) for comment in self.comments or ()]

    def _text(self, comment: Comment, users: Mapping[int | None, User]) -> Json:
        author = comment.author or users.get(comment.author_id) or User()
        wrote = comment.author_id or author.id
        metadata = comment.metadata or Metadata()
        is_requester = wrote is not None and wrote == self.requester_id
        return {
            "by": "requester" if is_requester else "agent" if author.role in STAFF else "other",
            "text": comment.plain_body or comment.body or _plain(comment.value or ""),
            "at": comment.created_at,
            "flags": metadata.flags,
            "trusted": metadata.trusted,
        }


_END_OF_LINE = re.compile(r"<(?:br|/p|/div|/li|/tr|/blockquote)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def _plain(markup: str) -> str:
    """HTML as text, near enough to find an order number in it: it is shown to nobody."""
    return unescape(_TAG.sub("", _END_OF_LINE.sub("\n\\g<0>", markup)))


def _zone(zone: Zone | str | None) -> str | None:
    return zone.iana_name if isinstance(zone, Zone) else zone


class _Given(Part):
    zendesk: ZendeskTicket | None = None


def by_contract(body: Json) -> Json:
    """The body by the contract's names alone. Raises `ValidationError` for what `zendesk` may not hold."""
    given = _Given.model_validate(body).zendesk
    return body if given is None else {**body, **given.posted()}
