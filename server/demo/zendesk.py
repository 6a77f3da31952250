"""What Zendesk would say about a scenario: to the app in the browser, and from its REST API.

The shapes are those of Zendesk's documentation (Apps: core API and ticket sidebar; Ticketing: user identities and
ticket comments), with the fields that an app can use and no others.
"""

from datetime import datetime, timedelta
from html import escape
from typing import Any

from ..model import Identity
from .people import AGENT, Person
from .scenarios import Comment, Scenario

Shape = dict[str, Any]


def client_data(scenario: Scenario, now: datetime) -> Shape:
    """What `client.get` reads, as one tree: `ticket`, `currentUser`, `currentAccount`."""
    return {
        "ticket": _ticket(scenario, now),
        "currentUser": {
            "id": AGENT.id,
            "name": AGENT.name,
            "email": AGENT.first("email"),
            "role": "agent",
            "locale": AGENT.locale,
            "externalId": None,
            "groups": [],
            "organizations": [],
            "tags": [],
            "timeZone": {"name": "London", "translatedName": "London", "ianaName": AGENT.time_zone},
        },
        "currentAccount": {"subdomain": scenario.tenant, "planName": "Suite Professional"},
    }


def requester(person: Person) -> Shape:
    """A user as `client.get("ticket.requester")` gives him."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.first("email"),
        "externalId": person.external_id,
        "role": "end-user",
        "locale": person.locale,
        "timeZone": person.time_zone,
        "details": "",
        "notes": "",
        "tags": [],
        "organizations": [],
        "identities": [_client_identity(person, index, item) for index, item in enumerate(person.identities)],
    }


def user(person: Person) -> Shape:
    """A user as `GET /api/v2/users/ID.json` gives him."""
    return {
        "id": person.id,
        "name": person.name,
        "email": person.first("email"),
        "phone": person.first("phone_number"),
        "external_id": person.external_id,
        "role": "end-user",
        "locale": person.locale,
        "time_zone": person.time_zone.rpartition("/")[2],
        "iana_time_zone": person.time_zone,
        "suspended": False,
    }


def ticket(scenario: Scenario) -> Shape:
    """The ticket as `GET /api/v2/tickets/ID.json` gives it."""
    return {
        "id": scenario.ticket_id,
        "subject": scenario.subject,
        "requester_id": scenario.requester.id if scenario.requester else None,
        "via": _via(scenario),
        "tags": list(scenario.tags),
        "custom_fields": [{"id": id_, "value": value} for id_, value in scenario.fields],
    }


def _via(scenario: Scenario) -> Shape:
    address = scenario.requester.first("email") if scenario.requester and scenario.channel == "email" else None
    sender = {"address": address, "name": scenario.requester.name} if scenario.requester and address else {}
    return {"channel": scenario.channel, "source": {"from": sender, "to": {}, "rel": None}}


def identities(person: Person, now: datetime) -> Shape:
    """The answer of `GET /api/v2/users/ID/identities.json`."""
    return _page(
        "identities", [_api_identity(person, index, item, now) for index, item in enumerate(person.identities)]
    )


def comments(scenario: Scenario, now: datetime, *, newest_first: bool = False, users: bool = False) -> Shape:
    """The answer of `GET /api/v2/tickets/ID/comments.json`, with `?sort_order=desc` and `?include=users`."""
    rows = [_api_comment(scenario, index, item, now) for index, item in enumerate(scenario.comments)]
    page = _page("comments", rows[::-1] if newest_first else rows)
    if users:
        authors = {author["id"]: author for author in (_author(scenario, item) for item in scenario.comments)}
        page["users"] = list(authors.values())
    return page


def _ticket(scenario: Scenario, now: datetime) -> Shape:
    first = scenario.comments[0] if scenario.comments else None
    return {
        "id": scenario.ticket_id,
        "isNew": scenario.ticket_id is None,
        "subject": scenario.subject,
        "description": first.text if first else "",
        "status": "new" if scenario.ticket_id is None else "open",
        "type": "question",
        "priority": None,
        "tags": list(scenario.tags),
        "externalId": None,
        "recipient": None,
        "createdAt": _at(first, now) if first else None,
        "updatedAt": _at(scenario.comments[-1], now) if first else None,
        "via": _via(scenario),
        "form": {"id": 360000001},
        "brand": {"id": 360000100, "name": scenario.brand, "subdomain": scenario.tenant, "isDefault": True},
        "organization": None,
        "requester": requester(scenario.requester) if scenario.requester else None,
        "assignee": {"user": {"id": AGENT.id, "name": AGENT.name}, "group": {"id": 1, "name": "Support"}},
        "comments": [_client_comment(scenario, index, item) for index, item in enumerate(scenario.comments)],
        "conversation": [message(scenario, item, now) for item in scenario.comments],
    }


def _client_identity(person: Person, index: int, identity: Identity) -> Shape:
    return {
        "id": person.id * 10 + index,
        "userId": person.id,
        "type": identity.type,
        "value": identity.value,
        "primary": identity.primary,
        "verified": identity.verified,
        "undeliverableCount": 0,
        "deliverableState": identity.deliverable_state,
    }


def _api_identity(person: Person, index: int, identity: Identity, now: datetime) -> Shape:
    return {
        "id": person.id * 10 + index,
        "user_id": person.id,
        "type": identity.type,
        "value": identity.value,
        "primary": identity.primary,
        "verified": identity.verified,
        "verification_method": identity.verification_method,
        "verified_at": _instant(now - timedelta(days=400)) if identity.verified else None,
        "ownership": identity.ownership,
        "deliverable_state": identity.deliverable_state,
        "undeliverable_count": 0,
        "created_at": _instant(now - timedelta(days=400)),
        "updated_at": _instant(now - timedelta(days=400)),
    }


def _client_comment(scenario: Scenario, index: int, comment: Comment) -> Shape:
    return {
        "id": _comment_id(scenario, index),
        "author": _author(scenario, comment),
        "value": f"<p>{escape(comment.text)}</p>",
        "imageAttachments": [],
        "nonImageAttachments": [],
    }


def message(scenario: Scenario, comment: Comment, now: datetime) -> Shape:
    """One message of `client.get("ticket.conversation")`."""
    return {
        "author": _author(scenario, comment),
        "channel": {"name": scenario.channel},
        "message": {"content": f"<p>{escape(comment.text)}</p>", "contentType": "text/html"},
        "timestamp": _at(comment, now),
        "attachments": [],
    }


def _api_comment(scenario: Scenario, index: int, comment: Comment, now: datetime) -> Shape:
    return {
        "id": _comment_id(scenario, index),
        "type": "Comment",
        "author_id": _author(scenario, comment)["id"],
        "body": comment.text,
        "plain_body": comment.text,
        "html_body": f"<p>{escape(comment.text)}</p>",
        "public": True,
        "attachments": [],
        "via": _via(scenario),
        "created_at": _at(comment, now),
        "metadata": {
            "system": {},
            "custom": {},
            "flags": list(comment.flags),
            "flags_options": {str(flag): {"trusted": comment.trusted} for flag in comment.flags},
            "trusted": comment.trusted,
        },
    }


def _author(scenario: Scenario, comment: Comment) -> Shape:
    if comment.by == "agent" or scenario.requester is None:
        return {"id": AGENT.id, "name": AGENT.name, "role": "agent", "suspended": False}
    return {"id": scenario.requester.id, "name": scenario.requester.name, "role": "end-user", "suspended": False}


def _comment_id(scenario: Scenario, index: int) -> int:
    return (scenario.ticket_id or 0) * 100 + index


def _page(name: str, rows: list[Shape]) -> Shape:
    return {name: rows, "count": len(rows), "next_page": None, "previous_page": None}


def _at(comment: Comment, now: datetime) -> str:
    return _instant(now - timedelta(hours=comment.hours_ago))


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
