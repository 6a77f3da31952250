"""The demo's tickets as the app posts them."""

from typing import Any

from server.demo.people import AGENT, Person
from server.demo.scenario import Scenario

Json = dict[str, Any]


def posted(scenario: Scenario) -> Json:
    """The body of `POST /v1/summary` for a demo ticket; one without a requester gets the first who may be picked."""
    person = scenario.requester or scenario.others[0]
    return {
        "ticket": {
            "id": scenario.ticket_id,
            "subject": scenario.subject,
            "channel": scenario.channel,
            "brand": scenario.brand,
            "tags": list(scenario.tags),
            "fields": {str(name): text for name, text in scenario.fields},
            "texts": [
                {"by": each.by, "text": each.text, "flags": list(each.flags), "trusted": each.trusted}
                for each in scenario.comments
            ],
        },
        "requester": _requester(person),
        "agent": {"id": AGENT.id, "locale": AGENT.locale, "time_zone": AGENT.time_zone},
        "wait_ms": 4000,
    }


def _requester(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.first("email"),
        "phone": person.first("phone_number"),
        "external_id": person.external_id,
        "locale": person.locale,
        "time_zone": person.time_zone,
        "identities": [
            {
                "type": each.type,
                "value": each.value,
                "primary": each.primary,
                "verified": each.verified,
                "verification_method": each.verification_method,
                "ownership": each.ownership,
            }
            for each in person.identities
        ],
    }
