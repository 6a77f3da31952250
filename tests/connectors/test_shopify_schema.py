"""Shopify's documents: what they may cost at most, and, opt-in, whether they fit the schemas that Shopify publishes.

The schemas come from npm, `@shopify/dev-mcp` (14 MB): they are downloaded with `ORDERSIDE_NETWORK=1`, or read from
the folder that `ORDERSIDE_SHOPIFY_SCHEMAS` names.
"""

import asyncio
import gzip
import json
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_client_schema,
    execute_sync,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import NoDeprecatedCustomRule
from pydantic import SecretStr

from server.connectors.base import Request, Response
from server.connectors.shopify import (
    CUSTOMER_ORDERS,
    DOCUMENT,
    FOUND_ORDERS,
    NAMESAKES,
    Shopify,
)
from server.connectors.shopify_config import ShopifyConfig, Version
from server.connectors.shopify_found import REFUNDS, SHIPMENTS
from server.demo.shopify_books import Shop
from server.demo.shopify_data import acme_us, cedar
from server.demo.shopify_query import operation, project
from server.model import By, Question

from .test_shopify import TestContract as Declared

PACKAGE = "@shopify/dev-mcp@1.16.0"
LIMIT = 1000
PAGES = {
    "customer": CUSTOMER_ORDERS,
    "orders": FOUND_ORDERS,
    "owners": FOUND_ORDERS,
    "customers": NAMESAKES,
    "standing": 0,
}
PARSED: DocumentNode = parse(DOCUMENT)
FRAGMENTS = {each.name.value: each for each in PARSED.definitions if isinstance(each, FragmentDefinitionNode)}
OPERATIONS = {
    each.name.value: each for each in PARSED.definitions if isinstance(each, OperationDefinitionNode) and each.name
}

# -- what they cost: without a schema ---------------------------------------------------------------------


def fields(selection: SelectionSetNode) -> Iterator[FieldNode]:
    """The fields that a selection asks for, those of its fragments included."""
    for each in selection.selections:
        if isinstance(each, FieldNode):
            yield each
        elif isinstance(each, InlineFragmentNode):
            yield from fields(each.selection_set)
        else:
            yield from fields(FRAGMENTS[each.name.value].selection_set)  # type: ignore[attr-defined]


def size(field: FieldNode, first: int) -> int | None:
    """How many rows the field asks for; `first` stands for the variable of that name."""
    for argument in field.arguments or ():
        if argument.name.value == "first":
            return int(argument.value.value) if isinstance(argument.value, IntValueNode) else first
    return None


def cost(selection: SelectionSetNode, first: int) -> int:
    """An upper bound in points: an object 1, a connection 2 and its rows, a list its rows, a scalar nothing."""
    points = 0
    for field in fields(selection):
        if field.selection_set is None:
            continue
        rows = size(field, first)
        within = {each.name.value: each.selection_set for each in fields(field.selection_set)}
        if page := within.get("nodes"):
            assert rows is not None, f"{field.name.value} is a connection without a size"
            points += 2 + rows * (1 + cost(page, first)) + ("pageInfo" in within)
        else:
            points += (rows or 1) * (1 + cost(field.selection_set, first))
    return points


@pytest.mark.parametrize("name", PAGES)
def test_no_document_can_cost_more_than_shopify_allows(name: str) -> None:
    assert cost(OPERATIONS[name].selection_set, PAGES[name]) < LIMIT


def test_there_are_queries_only_and_each_page_is_known() -> None:
    assert {operation.operation.value for operation in OPERATIONS.values()} == {"query"}
    assert OPERATIONS.keys() == PAGES.keys()


def test_the_pages_within_an_order_are_those_that_the_connector_tells() -> None:
    pages = {field.name.value: size(field, 0) for field in fields(FRAGMENTS["Purchase"].selection_set)}
    assert (pages["fulfillments"], pages["refunds"]) == (SHIPMENTS, REFUNDS)


# -- whether they fit: against the published schemas ------------------------------------------------------


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the published schemas."""
    if folder := os.environ.get("ORDERSIDE_SHOPIFY_SCHEMAS"):
        return Path(folder)
    if not os.environ.get("ORDERSIDE_NETWORK"):
        pytest.skip(
            "set ORDERSIDE_NETWORK=1 to download Shopify's schemas, or ORDERSIDE_SHOPIFY_SCHEMAS to their folder"
        )
    target = tmp_path_factory.mktemp("schemas")
    try:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=target, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"npm could not get {PACKAGE}: {type(error).__name__}")
    with tarfile.open(next(target.glob("*.tgz"))) as package:
        package.extractall(target, filter="data")
    return target / "package" / "dist" / "data"


@cache
def schema_of(folder: Path, version: str) -> GraphQLSchema:
    with gzip.open(folder / f"admin_{version}.json.gz", "rt", encoding="utf-8") as file:
        content = json.load(file)
    return build_client_schema(content.get("data", content), assume_valid=True)


VERSIONS = get_args(Version)


def needs_the_schema(test: Callable[..., None]) -> Callable[..., None]:
    """Runs the test once for each version, where the schemas may be had."""
    for mark in (pytest.mark.network, pytest.mark.timeout(300), pytest.mark.parametrize("version", VERSIONS)):
        test = mark(test)
    return test


@needs_the_schema
def test_the_documents_fit_the_schema_without_a_deprecated_field(schemas: Path, version: str) -> None:
    problems = validate(schema_of(schemas, version), PARSED, [*specified_rules, NoDeprecatedCustomRule])
    assert [problem.message for problem in problems] == []


ENUMS = {
    "payment": "OrderDisplayFinancialStatus",
    "fulfillment": "OrderDisplayFulfillmentStatus",
    "shipment": "FulfillmentDisplayStatus",
    "shipment_event": "FulfillmentEventStatus",
    "refund": "OrderTransactionStatus",
    "return": "ReturnStatus",
    "dispute": "DisputeStatus",
}


@needs_the_schema
def test_every_word_of_shopifys_has_been_thought_about(schemas: Path, version: str) -> None:
    schema = schema_of(schemas, version)
    for kind, name in ENUMS.items():
        assert words_of(schema, name) <= Declared.words[kind].keys(), name


@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_payloads_are_shaped_as_shopify_shapes_them(schemas: Path) -> None:
    schema, checked = schema_of(schemas, ShopifyConfig.model_fields["api_version"].default), 0
    for path in sorted(Declared.payloads.glob("*.json")):
        for exchange in json.loads(path.read_text("utf-8"))["exchanges"]:
            body, request = exchange["response"]["body"], exchange["request"]["json"]
            if "errors" not in body and path.stem != "unreadable":
                returns = request["variables"].get("returns", True)
                data = executed(schema, request["operationName"], body["data"], returns=returns)
                assert data == body["data"], path.stem
                checked += 1
    assert checked


@pytest.mark.network
@pytest.mark.timeout(300)
@pytest.mark.parametrize("build", [acme_us, cedar])
def test_the_demos_shops_answer_as_shopify_does(schemas: Path, build: Callable[[datetime], Shop]) -> None:
    schema = schema_of(schemas, ShopifyConfig.model_fields["api_version"].default)
    shop = build(datetime(2026, 11, 23, tzinfo=UTC))
    found: list[tuple[str, object]] = [("customer", each) for each in shop.customers]
    for name, rows in (*found, ("orders", list(shop.orders)), ("customers", list(shop.customers))):
        (field,) = operation(DOCUMENT, name, {"by": {}, "search": "", "first": 250, "returns": True})
        data = {field.name: project(field.inner, rows, field.arguments)}
        assert executed(schema, name, data) == data


def words_of(schema: GraphQLSchema, name: str) -> set[str]:
    kind = schema.type_map[name]
    assert isinstance(kind, GraphQLEnumType)
    return set(kind.values)


def executed(schema: GraphQLSchema, operation: str, root: object, *, returns: bool = True) -> object:
    """What Shopify would answer if it held `root`: fails where a value does not fit its type."""
    by = {"by": {"id": "gid://shopify/Customer/1"}, "search": "", "first": 10, "returns": returns}
    result = execute_sync(
        schema,
        PARSED,
        root,
        operation_name=operation,
        variable_values=by,
        type_resolver=lambda value, *_: (
            "ReturnLineItem" if "fulfillmentLineItem" in value else "UnverifiedReturnLineItem"
        ),
    )
    assert result.errors is None, result.errors
    return result.data


# -- a shop made of the schema ----------------------------------------------------------------------------

SCALARS: Mapping[str, object] = {
    "Boolean": False,
    "DateTime": "2026-11-10T08:00:00Z",
    "Decimal": "12.34",
    "Int": 1,
    "UnsignedInt64": "1",
    "URL": "https://parcels.example/1",
}
JANE = Question(By.EMAIL, "jane@example.com", ("jane@example.com",), lambda text: text == "jane@example.com")


class Everything:
    """A wire to a shop whose every list is full, and whose every enum has its `turn`-th word; or null, where `bare`."""

    def __init__(self, schema: GraphQLSchema, turn: int, *, bare: bool = False) -> None:
        self.schema = schema
        self.turn = turn
        self.bare = bare
        self.ids = 0

    async def send(self, request: Request) -> Response:
        sent = request.json
        assert isinstance(sent, dict)
        result = execute_sync(
            self.schema,
            PARSED,
            operation_name=sent["operationName"],
            variable_values=sent["variables"],
            field_resolver=self.value,
            type_resolver=lambda *_: "UnverifiedReturnLineItem" if self.turn % 2 else "ReturnLineItem",
        )
        assert result.errors is None, result.errors
        return Response(200, {}, json.dumps({"data": result.data}).encode())

    def value(self, parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> object:
        kind, name = info.return_type, info.field_name
        if name in {"email", "emailAddress"}:
            return "jane@example.com"
        if name == "legacyResourceId":
            self.ids += 1
            return str(self.ids)
        if self.bare and not isinstance(kind, GraphQLNonNull) and info.path.prev is not None:
            return None
        named = get_named_type(kind)
        rows = arguments.get("first") or (parent or {}).get("rows", 1)
        one: object = {"rows": rows}
        if isinstance(named, GraphQLEnumType):
            one = list(named.values)[self.turn % len(named.values)]
        elif is_leaf_type(named):
            one = SCALARS.get(named.name, f"a {name}")
        return [one] * rows if is_list_type(get_nullable_type(kind)) else one


@needs_the_schema
def test_every_word_passes_through_the_mapping(schemas: Path, version: str) -> None:
    schema = schema_of(schemas, version)
    shop = Shopify("Acme US", ShopifyConfig(shop="acme-us.myshopify.com", access_token=SecretStr("t")))
    turns = max(len(words_of(schema, name)) for name in (*ENUMS.values(), "OrderTransactionErrorCode"))
    seen: dict[str, set[str | None]] = {kind: set() for kind in ENUMS}
    for turn in range(turns):
        found = asyncio.run(shop.ask(JANE, 10, Everything(schema, turn)))
        assert (len(found.orders), found.unreadable) == (10, 0)
        for order in found.orders:
            seen["payment"].add(order.payment.raw)
            seen["fulfillment"].add(order.fulfillment.raw)
            seen["shipment"] |= {sent.raw for sent in order.shipments}
            seen["shipment_event"] |= {event.raw for sent in order.shipments for event in sent.events}
            seen["return"] |= {back.raw for back in order.returns}
            seen["dispute"] |= {dispute.raw for dispute in order.disputes}
    for kind in seen.keys() - {"refund"}:
        assert seen[kind] == words_of(schema, ENUMS[kind]), kind


@needs_the_schema
def test_an_order_of_which_shopify_knows_next_to_nothing_is_shown(schemas: Path, version: str) -> None:
    shop = Shopify("Acme US", ShopifyConfig(shop="acme-us.myshopify.com", access_token=SecretStr("t")))
    found = asyncio.run(shop.ask(JANE, 10, Everything(schema_of(schemas, version), 0, bare=True)))
    assert (len(found.orders), found.unreadable) == (10, 0)
