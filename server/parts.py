"""The parts of what is posted to us, by the contract's names."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator


class Part(BaseModel):
    """A part of the posted body. Keys that we do not know are left alone: a newer app may send more."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


Json = dict[str, Any]
Id = Annotated[int, Field(ge=0, le=2**63 - 1)]
Short = Annotated[str, Field(max_length=1000)]
Address = Annotated[str, Field(max_length=320)]
Long = Annotated[str, Field(max_length=65_536)]


def _in_utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _no_number(value: object) -> object:
    """Zendesk writes instants in ISO 8601; a bare number could be seconds or milliseconds."""
    if isinstance(value, int | float):
        raise ValueError("must be an instant in ISO 8601")
    return value


Instant = Annotated[datetime, Field(strict=False), BeforeValidator(_no_number), AfterValidator(_in_utc)]


def _field_text(value: object) -> str | None:
    """Order numbers may be kept in number, text and multi-select fields; ticked boxes say nothing."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("must be a text, a number, a truth value or a list of texts")


FieldText = Annotated[
    str | None, PlainValidator(_field_text, json_schema_input_type=str | int | float | bool | list[str] | None)
]


class IdentityPart(Part):
    """One of the requester's identities, by Zendesk's names."""

    type: Short
    value: Short
    primary: bool = False
    verified: bool = False
    verification_method: Short | None = None
    ownership: Short | None = None
    deliverable_state: Short | None = None


class RequesterPart(Part):
    """`requester`."""

    id: Id | None = None
    name: Short | None = None
    email: Address | None = None
    phone: Short | None = None
    external_id: Short | None = None
    locale: Short | None = None
    time_zone: Short | None = None
    suspended: bool | None = None
    identities: Annotated[tuple[IdentityPart, ...], Field(max_length=100, strict=False)] = ()


class TextPart(Part):
    """One comment of the ticket."""

    by: Annotated[str, Field(pattern="^(requester|agent|other)$")]
    text: Long
    at: Instant | None = None
    flags: Annotated[tuple[int, ...], Field(max_length=50, strict=False)] = ()
    trusted: bool | None = None


class TicketPart(Part):
    """`ticket`."""

    id: Id | None = None
    subject: Long | None = None
    channel: Short | None = None
    brand: Short | None = None
    tags: Annotated[tuple[Short, ...], Field(max_length=500, strict=False)] = ()
    fields: dict[str, FieldText] = {}
    texts: Annotated[tuple[TextPart, ...], Field(max_length=500, strict=False)] = ()


class AgentPart(Part):
    """`agent`: for language and time zone only; it proves nothing about who asks."""

    id: Id | None = None
    locale: Short | None = None
    time_zone: Short | None = None
