"""The allow-list at the connectors: what is not named there reaches nobody, on any platform."""

import asyncio
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, get_args, get_origin

import pytest
from msgspec import Raw
from prometheus_client import generate_latest
from pydantic import ValidationError

from server.connectors.base import Connector
from server.connectors.payload import Payload
from server.errors import Changed, StoreError
from server.logs import JsonLines
from server.model import Address, Answer, Level
from server.privacy import HIDEABLE, Policy
from server.quota import PERIOD_S
from server.settings import Limits
from server.zendesk import KEEP_S
from tests.connectors.contract import ConnectorContract
from tests.connectors.scenario import Lenient, Scenario, leaves
from tests.connectors.test_all import PLATFORMS

from .fields import PAGE, TEXTS, hints, models, names, seen, written
from .recorded import Answers, over_http

CANARY = "canary-4711"

RAW = {
    "api2cart": {"additional_fields", "order", "product", "returns", "shipment"},
    "prestashop": {
        "addresses", "currencies", "customers", "order_carriers", "order_slips", "order_states", "orders"
    },
    "saleor": {"orders"},
    "shopify": {"customerByIdentifier", "customers"},
    "woocommerce": {"data", "params"},
}  # fmt: skip
"""Names of what stands around the rows, which no model holds."""

OPEN = {
    "DataRow.data": "rows, each read by its own model",
    "PageRow.items": "rows, each read by its own model",
    "RowsNode.nodes": "rows, each read by its own model",
    "EdgeNode.node": "a row, read by its own model",
    "EnvelopeNode.data": "what our own query asked for, read by its own model",
    "EnvelopeNode.extensions": "what a query cost, read by its own model",
    "Envelope.result": "rows, each read by its own model",
    "Envelope.pagination": "whether there is more, read by its own model",
    "ErrorRow.parameters": "names of permissions",
    "OrderRow.paid_mark": "whether there is anything",
    "NameRow.value": "what the choice of a variation added to a line; a text is shown",
    "StatusRow.value": "what the choice of a variation added to a line; a text is shown",
    "MetaRow.value": "what the choice of a variation added to a line: the number of a refunded line is read",
    "MetaRow.display_value": "what the choice of a variation added to a line; a text is shown",
}
"""The fields that take whatever comes, and why."""

each = pytest.mark.parametrize("kind", PLATFORMS, ids=lambda kind: kind.name)
Kind = type[Connector[Any]]


def planted(value: object, used: set[str]) -> object:
    """`value` with canaries in place of all that is not named in `used`, whatever it was, and some more fields each."""
    if isinstance(value, dict):
        kept = {key: planted(member, used) if key in used else CANARY for key, member in value.items()}
        return {"added_by_next_version": {"email": CANARY}, CANARY: [CANARY]} | kept
    return [planted(member, used) for member in value] if isinstance(value, list) else value


def spoilt(kind: Kind, scenario: Scenario) -> Scenario:
    used = {name for model in models(kind) for name in names(model)} | RAW.get(kind.name, set())
    exchanges = (
        replace(each, body=planted(each.body, used)) if each.status == 200 else each for each in scenario.exchanges
    )
    return replace(scenario, exchanges=tuple(exchanges))


def scenarios(contract: ConnectorContract) -> Iterator[Scenario]:
    for name in (*contract.names(), *contract.names("details")):
        yield contract.scenario(name)


# -- the list ---------------------------------------------------------------------------------------------


def test_every_open_field_is_one_still() -> None:
    held = {f"{model.__name__}.{name}" for kind in PLATFORMS for model in models(kind) for name in hints(model)}
    assert set(OPEN) - held == set()


def takes_all(hint: object) -> bool:
    """Whether a field of that type, or a part of it, holds whatever comes."""
    if get_origin(hint) is Annotated:
        return takes_all(get_args(hint)[0])
    return hint in (object, Any, Raw) or any(takes_all(each) for each in get_args(hint))


@each
def test_a_model_holds_what_is_used_and_leaves_all_else(kind: Kind) -> None:
    assert models(kind)
    for model in models(kind):
        if issubclass(model, Payload):
            assert model.model_config.get("extra") == "ignore", model.__name__
            assert model.model_config.get("hide_input_in_errors"), "a complaint would repeat what the store sent"
        else:
            assert not model.__struct_config__.forbid_unknown_fields, model.__name__
        for name, hint in hints(model).items():
            assert not takes_all(hint) or f"{model.__name__}.{name}" in OPEN, f"{model.__name__}.{name}"


@each
def test_what_is_not_used_changes_nothing_in_any_recorded_payload(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """So it can reach nothing: an answer is all that leaves a connector."""
    contract, told = PLATFORMS[kind](), 0
    for good in scenarios(contract):
        wide = spoilt(kind, good)
        told += str([exchange.body for exchange in wide.exchanges]).count(CANARY)
        if "raises" in good.expect:
            error = contract.ask_for_error(wide)
            assert CANARY not in f"{error!r} {error} {error.about!r}"
        else:
            answer = contract.ask(wide)
            assert answer == contract.ask(good)
            assert CANARY not in repr(answer)
    assert told > 50, "the canaries were not planted"
    assert CANARY not in caplog.text


@each
def test_a_payload_that_does_not_fit_is_not_repeated(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """Not in the error, not in what caused it, not in the log: wherever in a payload the canary stands."""
    contract = PLATFORMS[kind]()
    good, failed = contract.scenario("one_party"), 0

    async def ask_all() -> None:
        nonlocal failed
        for index, exchange in enumerate(good.exchanges):
            for pointer in leaves(exchange.body, f"/{index}"):
                try:
                    await contract.connector().ask(good.question, good.limit, Lenient(good.put(pointer, CANARY)))
                except StoreError as error:
                    failed += 1
                    links = [error, error.__cause__, None if error.__suppress_context__ else error.__context__]
                    assert CANARY not in " ".join(f"{link!r} {link}" for link in links), pointer

    asyncio.run(ask_all())
    assert failed > 2
    assert CANARY not in caplog.text


# -- what an agent sees -----------------------------------------------------------------------------------


def texts(answer: Answer) -> dict[str, set[str]]:
    """What a recorded answer tells of a person, by kind."""
    places = [
        address
        for order in answer.orders
        for address in (order.shipping_address, order.billing_address)
        if address is not None
    ]
    places += [address for party in answer.parties for address in party.addresses]
    parties, orders = answer.parties, answer.orders
    found: list[tuple[str, str | None]] = [
        *(("email", text) for party in parties for text in party.emails),
        *(("email", order.email) for order in orders),
        *(("phone", text) for party in parties for text in party.phones),
        *(("phone", order.phone) for order in orders),
        *(("phone", place.phone) for place in places),
        *(("street", line) for place in places for line in place.street),
        *(("name", text) for party in parties for text in party.names),
        *(("name", place.name) for place in places),
        *(("place", text) for place in places for text in (place.city, place.postcode, place.company)),
        *(("order", order.number) for order in orders),
        *(("parcel", parcel.tracking_number) for order in orders for parcel in order.shipments),
    ]
    kinds = {kind for kind, _ in found} | {"email", "phone", "street"}
    return {kind: {text for each, text in found if each == kind and text and len(text) > 3} for kind in kinds}


def spoken(contract: ConnectorContract, kind: Kind) -> tuple[dict[str, set[str]], Answers]:
    """The recorded customer's texts, and what is told of him over HTTP beside his ticket, with canaries planted."""
    good = contract.scenario("one_party")
    answer = contract.ask(good)
    (party,), (order,) = answer.parties, answer.orders
    email = next(iter(party.emails), None) or order.email or "nobody@example.com"
    body = {
        "requester": {"email": email, "name": next(iter(party.names), None)},
        "ticket": {"id": 35401, "subject": f"order {order.number}", "texts": [{"by": "requester", "text": "Hello"}]},
        "agent": {"id": 77},
    }
    return texts(answer), over_http(contract.connector(), spoilt(kind, good), body)


@each
def test_over_http_only_the_models_fields_arrive_and_contacts_are_masked(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    personal, said = spoken(PLATFORMS[kind](), kind)
    assert said.shown["match"]["level"] == "likely"
    assert len(said.shown["orders"]) == 1
    for form in (str(said.shown), said.html):
        assert CANARY not in form
        assert [text for what in ("email", "phone", "street") for text in personal[what] if text in form] == []
    assert [text for text in personal["order"] if text not in said.html] == [], "the rest is shown"
    everything = {text.lower() for values in personal.values() for text in values}
    lines = " ".join(JsonLines().format(record) for record in caplog.records if record.name.startswith("orderside"))
    counted = re.sub(r" \S+$", "", generate_latest(said.app.state.meter.registry).decode(), flags=re.MULTILINE)
    assert 'orderside_answers_total{complete="true",level="likely"}' in counted, "names and labels, without the figures"
    for where in (lines, counted):
        assert CANARY not in where
        assert [text for text in everything if text in where.lower()] == []


# -- docs/privacy.md --------------------------------------------------------------------------------------


def test_the_lists_in_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    assert written(page) == page, "python -m tests.trust.fields writes them anew"


def test_the_times_in_the_page_are_those_of_the_code() -> None:
    page, limits = PAGE.read_text("utf-8"), Limits()
    (most,) = (rule.le for rule in Limits.model_fields["cache_found_s"].metadata if hasattr(rule, "le"))
    assert f"{limits.cache_found_s} s where something was found, {limits.cache_nothing_s} s where nothing was" in page
    assert f"{most} s at most" in page
    assert f"two deadlines: {2 * limits.deadline_ms // 1000} s by default" in page
    assert re.search(rf"its requester \| {KEEP_S:.0f} s \|", page)
    assert re.search(rf"hashes of what was asked \| {PERIOD_S:.0f} s \|", page)


def test_whatever_is_personal_can_be_masked_or_taken_away() -> None:
    """But the name, by which an agent speaks to his customer."""
    told = seen(Level.LIKELY, Policy(hide=frozenset(HIDEABLE)))
    left = {place for place, values in told.items() for text in values if text in {*TEXTS.values(), "some street"}}
    assert left <= {"orders[].currency"}
    assert "customer.name" in told


def test_where_a_level_may_show_them_they_are_shown() -> None:
    """Else the masks above would prove nothing."""
    kind = next(kind for kind in PLATFORMS if kind.name == "woocommerce")
    personal, _ = spoken(PLATFORMS[kind](), kind)
    assert all(personal[what] for what in ("email", "phone", "street", "name", "place", "order", "parcel"))


def test_a_canary_would_be_seen() -> None:
    """The checks above find a leak where there is one: a model that lets everything through, an error that repeats."""

    class Leaky(Payload, extra="allow"):
        id: int

    assert CANARY in repr(Leaky.model_validate(planted({"id": 1}, {"id"})))

    class Strict(Payload, extra="forbid"):
        id: int

    with pytest.raises(ValidationError, match=CANARY):
        Strict.model_validate({"id": 1, CANARY: 1})
    assert CANARY in repr(Changed("payload", about=CANARY).about)
    assert Address(street=(CANARY,)).street == (CANARY,)
