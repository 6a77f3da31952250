"""The scenario tickets hang together: unique, complete, of invented people, in the shapes that Zendesk documents."""

import json
import re
from datetime import UTC, datetime

import pytest

from server.demo import zendesk
from server.demo.scenarios import SCENARIOS, Scenario
from server.demo.ticket_page import PEOPLE

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
INVENTED = re.compile(r"@(gmail\.com|([a-z-]+\.)*example(\.(com|org|net|co\.uk|fr|jp|cn))?|[a-z]+\.example)$")
RELAYED = re.compile(
    r"@(?:marketplace\.amazon\.de|members\.ebay\.com)$"
)  # marketplaces give each buyer one of their own

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)


def test_tickets_and_people_are_told_apart_by_their_ids() -> None:
    tickets = [scenario.ticket_id for scenario in SCENARIOS if scenario.ticket_id]
    people = {person for scenario in SCENARIOS for person in (scenario.requester, *scenario.others) if person}
    assert len(set(tickets)) == len(tickets)
    assert len({scenario.slug for scenario in SCENARIOS}) == len(SCENARIOS)
    assert len(PEOPLE) == len(people)


@each_scenario
def test_everybody_is_invented(scenario: Scenario) -> None:
    people = [person for person in (scenario.requester, *scenario.others) if person]
    addresses = [item.value for person in people for item in person.identities if item.type == "email"]
    assert all((INVENTED.search(address) or RELAYED.search(address)) for address in addresses)


@each_scenario
def test_the_app_is_told_the_same_story_as_zendesks_api_tells(scenario: Scenario) -> None:
    ticket = zendesk.client_data(scenario, NOW)["ticket"]
    comments = zendesk.comments(scenario, NOW)["comments"]
    assert ticket["id"] == scenario.ticket_id
    assert [item["timestamp"] for item in ticket["conversation"]] == [item["created_at"] for item in comments]
    assert [item["author"]["id"] for item in ticket["conversation"]] == [item["author_id"] for item in comments]
    if scenario.requester:
        told = zendesk.identities(scenario.requester, NOW)["identities"]
        assert [item["id"] for item in ticket["requester"]["identities"]] == [item["id"] for item in told]
        assert sum(item["primary"] for item in told) == 1
    json.dumps(ticket)


def test_only_a_new_ticket_has_no_requester() -> None:
    for scenario in SCENARIOS:
        new = scenario.location == "new_ticket_sidebar"
        assert (scenario.requester is None) is new
        assert (scenario.ticket_id is None) is new
        assert bool(scenario.comments) is not new
