"""What may be posted: every complaint names its field, and what passes is what the ticket said and no more."""

import contextlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import RequestError
from server.model import Facts, Identity, Requester, TicketText
from server.ticket import MAX_BODY_BYTES, Ask, AskOrder, facts
from server.ticket import read as read_as

ASKER: Mapping[str, Any] = {"requester": {"email": "jane.doerr@gmail.com"}}
WHOLE: Mapping[str, Any] = {
    "ticket": {
        "id": 35436,
        "subject": "Where is #1042?",
        "channel": "email",
        "brand": "Acme Europe",
        "tags": ["vip"],
        "fields": {"360001": "1042"},
        "texts": [
            {
                "by": "requester",
                "text": "I wait since Monday.",
                "at": "2026-11-20T11:00:00+01:00",
                "flags": [2, 11],
                "trusted": True,
            }
        ],
    },
    "requester": {
        "id": 123,
        "name": "Jane Doerr",
        "email": "jane.doerr@gmail.com",
        "phone": None,
        "external_id": "42",
        "locale": "de",
        "time_zone": "Europe/Berlin",
        "identities": [
            {
                "type": "email",
                "value": "jane.doerr@gmail.com",
                "primary": True,
                "verified": False,
                "verification_method": "none",
                "ownership": "owned",
            }
        ],
    },
    "agent": {"id": 77, "locale": "en-GB", "time_zone": "Europe/London"},
    "chosen": None,
    "refresh": False,
    "wait_ms": None,
    "lookup": None,
}
"""The example of the contract."""


def read(body: bytes) -> Ask:
    return read_as(body, Ask)


def test_an_order_that_is_opened_must_be_named() -> None:
    body = b'{"requester": {"email": "a@example.com"}, "order": "Acme EU/5512"}'
    assert read_as(body, AskOrder).order == "Acme EU/5512"
    with pytest.raises(RequestError) as caught:
        read_as(b'{"requester": {"email": "a@example.com"}}', AskOrder)
    assert (caught.value.status, caught.value.field) == (422, "order")


def posted(body: object) -> Ask:
    return read(json.dumps(body).encode())


def with_ticket(**ticket: object) -> dict[str, object]:
    return {**ASKER, "ticket": ticket}


def with_text(**text: object) -> dict[str, object]:
    return with_ticket(texts=[{"by": "requester", "text": "hello", **text}])


def complaint(body: bytes) -> RequestError:
    """The refusal, which has to be fit to be sent."""
    with pytest.raises(RequestError) as caught:
        read(body)
    error = caught.value
    assert len(error.message) + len(error.field or "") < 2000, "what was posted is not sent back at length"
    assert json.dumps([error.message, error.field]).isascii()
    (error.message + (error.field or "")).encode()
    return error


def field_of(body: object) -> str | None:
    error = complaint(json.dumps(body).encode())
    assert error.status == 422
    return error.field


# -- what passes ------------------------------------------------------------------------------------------


def test_the_contracts_example_passes_whole() -> None:
    ask = posted(WHOLE)
    said = facts(ask, capped=False)
    assert said.requester == Requester(
        id=123,
        name="Jane Doerr",
        email="jane.doerr@gmail.com",
        external_id="42",
        locale="de",
        time_zone="Europe/Berlin",
        identities=(
            Identity(
                type="email",
                value="jane.doerr@gmail.com",
                primary=True,
                verified=False,
                verification_method="none",
                ownership="owned",
            ),
        ),
    )
    ticket = said.ticket
    assert (ticket.id, ticket.subject, ticket.channel, ticket.brand) == (
        35436,
        "Where is #1042?",
        "email",
        "Acme Europe",
    )
    assert (ticket.tags, ticket.fields) == (("vip",), {"360001": "1042"})
    assert ticket.texts == (
        TicketText(
            by="requester",
            text="I wait since Monday.",
            at=datetime(2026, 11, 20, 10, tzinfo=UTC),
            flags=(2, 11),
            trusted=True,
        ),
    )
    assert (ask.agent.locale, ask.agent.time_zone) == ("en-GB", "Europe/London")
    assert (said.chosen, said.capped) == (None, False)


def test_only_the_requester_is_asked_for() -> None:
    said = facts(posted(ASKER), capped=True)
    assert said == Facts(requester=Requester(email="jane.doerr@gmail.com"), capped=True, proof_from="nobody")


def test_facts_never_claim_to_come_from_zendesk_itself() -> None:
    claim = posted({**WHOLE, "proof_from": "zendesk", "capped": False})
    assert facts(claim, capped=False).proof_from == "browser"
    assert facts(claim, capped=True).proof_from == "nobody"


ANSWERABLE: list[dict[str, object]] = [
    {"requester": {"email": "a@example.com"}},
    {"requester": {"phone": "+49 30 5550101"}},
    {"requester": {"external_id": "42"}},
    {"requester": {"identities": [{"type": "email", "value": "a@example.com"}]}},
    {"requester": {}, "ticket": {"subject": "#1042"}},
    {"requester": {"name": "Jane"}, "ticket": {"texts": [{"by": "requester", "text": "#1042"}]}},
]


@pytest.mark.parametrize("body", ANSWERABLE)
def test_any_one_clue_is_enough(body: dict[str, object]) -> None:
    assert isinstance(posted(body), Ask)


def test_keys_of_a_newer_app_are_left_alone() -> None:
    body = {
        **ASKER,
        "v": 2,
        "requester": {**ASKER["requester"], "x": {"y": []}},
        "ticket": {"z": 1},
        "agent": {"role": "admin"},
    }
    assert posted(body) == posted({**ASKER, "ticket": {}, "agent": {}})


def test_of_two_equal_keys_the_last_counts() -> None:
    """As in a browser, so that both sides read the same body."""
    ask = read(b'{"requester": {"email": "a@example.com", "email": "b@example.com"}}')
    assert ask.requester.email == "b@example.com"


def test_a_character_may_come_in_two_halves() -> None:
    assert read(b'{"requester": {"email": "a@example.com", "name": "\\ud83d\\ude00"}}').requester.name == "😀"


FIELDS = [
    ("1042", "1042"),
    (1042, "1042"),
    (["1042", "1043"], "1042 1043"),
    (0.5, "0.5"),
    (True, None),
    (False, None),
    (None, None),
    ("", None),
    ([], None),
]


@pytest.mark.parametrize(("value", "text"), FIELDS)
def test_a_custom_field_is_read_as_text(value: object, text: str | None) -> None:
    """Order numbers are kept in number, text and multi-select fields; a ticked box says nothing."""
    said = facts(posted(with_ticket(fields={"360001": value})), capped=False)
    assert said.ticket.fields == ({} if text is None else {"360001": text})


def test_an_instant_without_a_zone_is_utc() -> None:
    """All instants of the model are aware; a naive one would break the first comparison."""
    said = facts(posted(with_text(at="2026-11-20T10:00:00")), capped=False)
    assert said.ticket.texts[0].at == datetime(2026, 11, 20, 10, tzinfo=UTC)


# -- what does not ----------------------------------------------------------------------------------------

NOT_JSON = {
    "nothing": b"",
    "blanks": b"  ",
    "half": b'{"requester": {"email": "a@exam',
    "two": b'{"requester": {}}{}',
    "single quotes": b"{'requester': {}}",
    "a form": b"email=a%40example.com",
    "NaN": b'{"requester": {"id": NaN}}',
    "Infinity": b'{"wait_ms": Infinity, "requester": {}}',
    "-Infinity": b'{"x": -Infinity, "requester": {}}',
    "Latin-1": '{"requester": {"name": "Zoë"}}'.encode("latin-1"),
    "UTF-16": '{"requester": {}}'.encode("utf-16"),
    "half a character as it is": b'{"requester": {"name": "\xed\xa0\x80"}}',
    "a byte order mark": b'\xef\xbb\xbf{"requester": {}}',
    "a NUL as it is": b'{"requester": {"name": "\x00"}}',
    "60,000 brackets": b"[" * 60_000,
    "30,000 objects": b'{"a":' * 12_000,
    "a number of 5,000 digits": b'{"requester": {"id": ' + b"9" * 5000 + b"}}",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_no_json_is_a_400(body: bytes) -> None:
    error = complaint(body)
    assert (error.status, error.code) == (400, "bad_json")


@pytest.mark.parametrize("body", [[], "text", 5, None, True, [ASKER]])
def test_the_body_is_an_object(body: object) -> None:
    assert field_of(body) == "body"


WRONG: list[tuple[dict[str, object], str]] = [
    ({}, "requester"),
    ({"requester": None}, "requester"),
    ({"requester": "jane"}, "requester"),
    ({"requester": [{"email": "a@example.com"}]}, "requester"),
    ({"requester": {"email": 5}}, "requester.email"),
    ({"requester": {"email": ["a@example.com"]}}, "requester.email"),
    ({"requester": {"email": "a" * 321}}, "requester.email"),
    ({"requester": {"name": "x" * 1_000_000}}, "requester.name"),
    ({"requester": {"id": "123"}}, "requester.id"),
    ({"requester": {"id": -1}}, "requester.id"),
    ({"requester": {"id": 1.5}}, "requester.id"),
    ({"requester": {"id": True}}, "requester.id"),
    ({"requester": {"id": 2**63}}, "requester.id"),
    ({"requester": {"id": 10**400}}, "requester.id"),
    ({"requester": {"external_id": 42}}, "requester.external_id"),
    ({"requester": {"identities": {}}}, "requester.identities"),
    ({"requester": {"identities": "email"}}, "requester.identities"),
    ({"requester": {"identities": [5]}}, "requester.identities.0"),
    ({"requester": {"identities": [{"type": "email"}]}}, "requester.identities.0.value"),
    (
        {"requester": {"identities": [{"type": "email", "value": "a", "verified": "true"}]}},
        "requester.identities.0.verified",
    ),
    ({"requester": {"identities": [{"type": "email", "value": "a"}] * 101}}, "requester.identities"),
    ({**ASKER, "ticket": 5}, "ticket"),
    (with_ticket(id="1"), "ticket.id"),
    (with_ticket(subject={}), "ticket.subject"),
    (with_ticket(tags="vip"), "ticket.tags"),
    (with_ticket(tags=[1]), "ticket.tags.0"),
    (with_ticket(tags=["x"] * 501), "ticket.tags"),
    (with_ticket(fields=[]), "ticket.fields"),
    (with_ticket(fields={"360001": {"a": 1}}), "ticket.fields.360001"),
    (with_ticket(fields={"360001": [1042]}), "ticket.fields.360001"),
    (with_ticket(texts={}), "ticket.texts"),
    (with_ticket(texts=[{"by": "requester"}]), "ticket.texts.0.text"),
    (with_text(by="customer"), "ticket.texts.0.by"),
    (with_text(by="requester\n"), "ticket.texts.0.by"),
    (with_text(text=None), "ticket.texts.0.text"),
    (with_text(at="yesterday"), "ticket.texts.0.at"),
    (with_text(at=True), "ticket.texts.0.at"),
    (with_text(at=10**30), "ticket.texts.0.at"),
    (with_text(flags=["2"]), "ticket.texts.0.flags.0"),
    (with_text(trusted="yes"), "ticket.texts.0.trusted"),
    ({**ASKER, "agent": "77"}, "agent"),
    ({**ASKER, "agent": {"locale": 5}}, "agent.locale"),
    ({**ASKER, "refresh": "true"}, "refresh"),
    ({**ASKER, "refresh": 1}, "refresh"),
    ({**ASKER, "wait_ms": -1}, "wait_ms"),
    ({**ASKER, "wait_ms": 60_001}, "wait_ms"),
    ({**ASKER, "wait_ms": "100"}, "wait_ms"),
    ({**ASKER, "wait_ms": True}, "wait_ms"),
    ({**ASKER, "chosen": 5}, "chosen"),
    ({**ASKER, "lookup": {}}, "lookup"),
]


@pytest.mark.parametrize(("body", "field"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_value_is_named(body: dict[str, object], field: str) -> None:
    assert field_of(body) == field


def test_a_long_key_is_not_sent_back_at_length() -> None:
    assert (field_of(with_ticket(fields={"k" * 40_000: {}})) or "").startswith("ticket.fields")


def test_a_refusal_does_not_repeat_what_was_written() -> None:
    body = {"requester": {"email": ["jane.doerr@gmail.com"], "id": "+49 30 5550101"}}
    error = complaint(json.dumps(body).encode())
    assert "jane" not in error.message
    assert "5550101" not in error.message


NOTHING: list[dict[str, object]] = [
    {"requester": {}},
    {"requester": {"name": "Jane Doerr"}},
    {"requester": {"id": 5, "locale": "de"}},
    {"requester": {"email": "", "phone": "", "external_id": "", "identities": []}},
    {"requester": {}, "ticket": {"subject": "", "texts": []}},
    {"requester": {}, "ticket": {"id": 35436, "tags": ["1042"]}},
]


@pytest.mark.parametrize("body", NOTHING)
def test_nothing_to_ask_by_is_said(body: dict[str, object]) -> None:
    error = complaint(json.dumps(body).encode())
    assert (error.status, error.code, error.field) == (422, "nothing_to_ask_by", "requester")


# -- texts that cannot be said ----------------------------------------------------------------------------


def _paths(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every text of a body."""
    if isinstance(value, str):
        return [at]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, entry in inner for path in _paths(entry, (*at, key))]


def _put(value: Any, path: tuple[str | int, ...], text: str) -> Any:
    copy = json.loads(json.dumps(value))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
    return copy


UNSPEAKABLE = {
    "NUL": "a\0b",
    "high half": "a\ud800b",
    "low half": "a\udfff",
    "halves in the wrong order": "\ude00\ud83d",
}


@pytest.mark.parametrize("text", UNSPEAKABLE.values(), ids=UNSPEAKABLE)
@pytest.mark.parametrize("path", _paths(dict(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_a_text_that_no_store_could_be_sent_is_refused(path: tuple[str | int, ...], text: str) -> None:
    error = complaint(json.dumps(_put(dict(WHOLE), path, text)).encode())
    assert error.status == 422
    assert error.field == ".".join(map(str, path))


@pytest.mark.parametrize("text", UNSPEAKABLE.values(), ids=UNSPEAKABLE)
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (lambda text: {**ASKER, text: 1}, "body"),
        (lambda text: {"requester": {"email": "a@example.com", text: None}}, "requester"),
        (lambda text: with_ticket(fields={text: "1042"}), "ticket.fields"),
        (lambda text: {**ASKER, "unknown": {"deep": [{text: {}}]}}, "unknown.deep.0"),
        (lambda text: {**ASKER, "unknown": [[text]]}, "unknown.0.0"),
    ],
    ids=["top", "requester", "field", "unknown key", "unknown value"],
)
def test_nor_may_a_key_be_one(body: Any, field: str, text: str) -> None:
    assert field_of(body(text)) == field


def test_900_levels_of_what_we_do_not_read_are_no_matter() -> None:
    deep = b'{"requester": {"email": "a@example.com"}, "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    assert read(deep).requester.email == "a@example.com"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*WHOLE, "other"]), JSON, max_size=4))
def test_any_json_is_taken_or_refused_and_nothing_else(body: dict[str, object]) -> None:
    with contextlib.suppress(RequestError):
        assert isinstance(read(json.dumps(body).encode()), Ask)


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_or_refused_and_nothing_else(body: bytes) -> None:
    with contextlib.suppress(RequestError):
        assert isinstance(read(body), Ask)


def test_a_body_may_have_64_kib() -> None:
    assert MAX_BODY_BYTES == 65_536
