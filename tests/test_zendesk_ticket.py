"""What the app posts as Zendesk gave it becomes the same facts as by the contract's own names.

Shapes by Zendesk's documentation (Apps: core API, ticket sidebar; Ticketing: user_identities, ticket_comments,
tickets); people are invented.
"""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import RequestError
from server.model import Facts, Identity, Requester, Ticket, TicketText
from server.ticket import Ask, AskSearch, facts, read

Json = dict[str, Any]

PAGE: Json = {
    "ticket.id": 35436,
    "ticket.subject": "Where is #1042?",
    "ticket.description": "Since <b>Monday</b>.",
    "ticket.tags": ["vip"],
    "ticket.via.channel": "email",
    "ticket.via.source.from": {"address": "JANE.doerr@gmail.com", "name": "Jane"},
    "ticket.brand.name": "Acme Europe",
    "ticket.requester.id": 5001,
    "ticket.requester.name": "Jane Doerr",
    "ticket.requester.email": "jane@primary.example",
    "ticket.requester.externalId": "42",
    "ticket.requester.locale": "de",
    "ticket.requester.timeZone": "Europe/Berlin",
    "ticket.requester.identities": [
        {
            "id": 1, "userId": 5001, "type": "email", "value": "jane.doerr@gmail.com", "primary": False,
            "verified": True, "undeliverableCount": 0, "deliverableState": "deliverable",
        }
    ],
    "currentUser.id": 77,
    "currentUser.locale": "en-GB",
    "currentUser.timeZone": {"name": "London", "translatedName": "London", "ianaName": "Europe/London", "offset": 0},
}  # fmt: skip
COMMENT: Json = {
    "id": 9,
    "type": "Comment",
    "author_id": 5001,
    "plain_body": "Where is it?",
    "body": "Where is *it*?",
    "created_at": "2026-11-20T10:00:00Z",
    "metadata": {"system": {"ip_address": "192.0.2.7"}, "custom": {}, "flags": [2, "?"], "trusted": False},
}
API: Json = {
    "identities": [
        {
            "id": 1, "user_id": 5001, "type": "email", "value": "jane.doerr@gmail.com", "primary": False,
            "verified": True, "verification_method": "full", "ownership": "owned", "deliverable_state": "deliverable",
        },
        {"id": 2, "user_id": 5001, "type": "messaging", "value": None, "primary": None, "verified": None},
    ],
    "comments": [COMMENT],
    "users": [
        {"id": 5001, "role": "end-user", "suspended": True, "phone": "+49 30 5550101"},
        {"id": 77, "role": "admin", "suspended": False},
    ],
    "ticket": {"custom_fields": [{"id": 360001, "value": "1042"}, {"id": 2, "value": True}, {"id": 3, "value": {}}]},
}  # fmt: skip


def posted(**zendesk: object) -> Facts:
    return facts(asked(zendesk), capped=False)


def asked(zendesk: object, **also: object) -> Ask:
    return read(json.dumps({"zendesk": zendesk, **also}).encode(), Ask)


def test_what_the_page_and_the_api_say_becomes_one_ticket() -> None:
    said = posted(**PAGE, **API)
    assert said.requester == Requester(
        id=5001,
        name="Jane Doerr",
        email="jane.doerr@gmail.com",
        phone="+49 30 5550101",
        external_id="42",
        locale="de",
        time_zone="Europe/Berlin",
        suspended=True,
        identities=(Identity("email", "jane.doerr@gmail.com", False, True, "full", "owned", "deliverable"),),
    )
    assert said.ticket == Ticket(
        id=35436,
        subject="Where is #1042?",
        channel="email",
        brand="Acme Europe",
        tags=("vip",),
        fields={"360001": "1042"},
        texts=(TicketText("requester", "Where is it?", datetime(2026, 11, 20, 10, tzinfo=UTC), (2,), False),),
    )


def test_the_page_alone_is_enough_to_begin_with() -> None:
    """Its identities say nothing of how one was verified, so they prove nothing; the description is nobody's word."""
    said = posted(**PAGE)
    assert said.requester.identities == (
        Identity("email", "jane.doerr@gmail.com", False, True, deliverable_state="deliverable"),
    )
    assert said.ticket.texts == (TicketText("other", "Since Monday."),)


def test_the_agents_language_and_zone_are_read() -> None:
    agent = asked(PAGE).agent
    assert (agent.id, agent.locale, agent.time_zone) == (77, "en-GB", "Europe/London")


def test_the_comments_of_the_page_are_html() -> None:
    """`client.get("ticket.comments")`: the author as an object, the text as markup, neither time nor flags."""
    markup = '<div class="zd-comment" dir="auto"><p>It is #1042&amp;3</p><p>Gr&uuml;&szlig;e<br>Jane</p></div>'
    comments = [
        {"id": 3, "author": {"id": 77, "role": "agent"}, "value": "We look."},
        {"id": 2, "author": {"id": 5001, "role": "end-user"}, "value": markup},
        {"id": 1, "author": None, "value": None},
    ]
    texts = posted(**PAGE, comments=comments).ticket.texts
    assert [(text.by, text.text.split()) for text in texts] == [
        ("agent", ["We", "look."]),
        ("requester", ["It", "is", "#1042&3", "Grüße", "Jane"]),
        ("other", []),
    ]


@pytest.mark.parametrize(("author", "by"), [(5001, "requester"), (77, "agent"), (666, "other"), (None, "other")])
def test_who_wrote_a_comment_is_told_by_his_id_and_his_role(author: int | None, by: str) -> None:
    texts = posted(**{**PAGE, **API, "comments": [{**COMMENT, "author_id": author}]}).ticket.texts
    assert [text.by for text in texts] == [by]


def test_nobody_is_the_requester_of_a_ticket_without_one() -> None:
    texts = posted(**{"ticket.subject": "#1042", "comments": [{"plain_body": "Hi"}], "users": [{"suspended": True}]})
    assert ([text.by for text in texts.ticket.texts], texts.requester.suspended) == (["other"], None)


@pytest.mark.parametrize("came_from", [None, {}, {"address": None}, {"address": ""}, {"address": "ceo@acme.example"}])
def test_a_from_address_that_is_none_of_the_requesters_is_not_taken(came_from: object) -> None:
    page = {**PAGE, "ticket.via.source.from": came_from}
    assert posted(**page, **API).requester.email == "jane@primary.example"


@pytest.mark.parametrize("value", [None, True, "true", 1])
def test_only_a_plain_yes_verifies_an_identity(value: object) -> None:
    row = {**API["identities"][0], "verified": value}
    (identity,) = posted(**{**PAGE, "identities": [row]}).requester.identities
    assert identity.verified is (value is True)


def test_a_new_ticket_has_nothing_but_its_requester() -> None:
    said = posted(**{**dict.fromkeys(PAGE), "ticket.requester.email": "a@example.com"})
    assert said == Facts(requester=Requester(email="a@example.com"))


def test_the_same_without_a_clue_is_refused_as_ever() -> None:
    with pytest.raises(RequestError) as caught:
        asked(dict.fromkeys(PAGE))
    assert (caught.value.code, caught.value.field) == ("nothing_to_ask_by", "requester")


def test_what_the_agent_wants_stands_beside_it() -> None:
    ask = asked(PAGE, chosen="c0ffee", refresh=True, lookup="l1", aside=["ab"])
    assert (ask.chosen, ask.refresh, ask.lookup, ask.aside) == ("c0ffee", True, "l1", frozenset({"ab"}))


def test_a_search_says_beside_which_ticket_it_is_and_no_more() -> None:
    beside = {"ticket.id": 35436, "currentUser.id": 77, "currentUser.timeZone": {"ianaName": "Europe/London"}}
    ask = read(json.dumps({"zendesk": beside, "text": " #1042 "}).encode(), AskSearch)
    assert (ask.ticket.id, ask.agent.id, ask.agent.time_zone, ask.text) == (35436, 77, "Europe/London", "#1042")


WRONG: list[tuple[object, str]] = [
    ([], "zendesk"),
    ({"ticket.id": "1"}, "zendesk.ticket.id"),
    ({"ticket.requester.email": 5}, "zendesk.ticket.requester.email"),
    ({"comments": {}}, "zendesk.comments"),
    ({"comments": [{"created_at": "yesterday"}]}, "zendesk.comments.0.created_at"),
    ({"identities": [{"type": 1, "value": "a"}]}, "zendesk.identities.0.type"),
    ({"ticket": {"custom_fields": [{"value": "1"}]}}, "zendesk.ticket.custom_fields.0.id"),
    ({"ticket.subject": "half \ud800"}, "zendesk.ticket.subject"),
]


@pytest.mark.parametrize(("zendesk", "field"), WRONG, ids=[field for _, field in WRONG])
def test_a_wrong_value_is_named(zendesk: object, field: str) -> None:
    with pytest.raises(RequestError) as caught:
        asked(zendesk)
    assert (caught.value.status, caught.value.field) == (422, field)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*COMMENT, "value"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*PAGE, *API]), JSON, max_size=5))
def test_any_json_is_taken_or_refused_and_nothing_else(zendesk: Json) -> None:
    with contextlib.suppress(RequestError):
        assert isinstance(asked(zendesk), Ask)
