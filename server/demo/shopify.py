"""An embedded Shopify shop: an ASGI app that speaks the Admin API's wire format for the documents of our connector.

It reads the document that it is sent, and answers with what that selects and nothing else. Searching is Shopify's:
a quoted value is looked for as a row of words, so `lee@example.com` also finds ann.lee@example.com, and a filter
that it does not know is ignored.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .shopify_books import Shop
from .shopify_query import Field, UnknownField, operation, project

GRANT_S = 86399
SCOPES = ("read_all_orders", "read_customers", "read_orders", "read_returns")
WORDS = re.compile(r"[^\W_]+")
TERM = re.compile(r'(?:(\w+):)?(?:"((?:\\.|[^"\\])*)"|([^\s()"]+))')
LOGIN_WRONG = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


class Store:
    """One shop. It knows its own access token, and those that it lends to the client of `client` (id and secret)."""

    def __init__(
        self,
        shop: Shop,
        access_token: str,
        *,
        client: tuple[str, str] | None = None,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        self._shop = shop
        self._tokens = {access_token}
        self._client = client
        self._nonce = nonce
        self._app = Starlette(
            routes=[
                Route("/admin/oauth/access_token", self._grant, methods=["POST"]),
                Route("/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
            ],
            exception_handlers={404: _not_found},
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def _grant(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        if self._client is None or (form.get("client_id"), form.get("client_secret")) != self._client:
            return JSONResponse({"error": "invalid_client"}, 400)
        token = self._nonce()
        self._tokens.add(token)
        return JSONResponse({"access_token": token, "scope": "read_customers,read_orders", "expires_in": GRANT_S})

    async def _graphql(self, request: Request) -> Response:
        if request.headers.get("x-shopify-access-token") not in self._tokens:
            return JSONResponse(LOGIN_WRONG, 401)
        sent = json.loads(await request.body())
        try:
            fields = operation(sent["query"], sent["operationName"], sent["variables"])
            data = {field.name: self._root(field) for field in fields}
        except UnknownField as problem:
            about = {"code": "undefinedField", "fieldName": str(problem)}
            return JSONResponse({"errors": [{"message": "A field does not exist.", "extensions": about}]})
        headers = {"X-Shopify-API-Version": request.path_params["version"]}
        return JSONResponse({"data": data, "extensions": {"cost": _cost(data)}}, headers=headers)

    def _root(self, field: Field) -> object:
        found: object
        match field.name:
            case "customerByIdentifier":
                found = self._customer(field.arguments["identifier"])
            case "customers":
                found = _search(self._shop.customers, CUSTOMER_FILTERS, field.arguments["query"])
            case "orders":
                found = _search(self._shop.orders, ORDER_FILTERS, field.arguments["query"])
            case "currentAppInstallation":
                found = {"accessScopes": [{"handle": scope} for scope in SCOPES]}
            case "shop":
                found = {"orderNumberFormatPrefix": self._shop.prefix, "orderNumberFormatSuffix": ""}
            case unknown:
                raise UnknownField(unknown)
        return project(field.inner, found, field.arguments)

    def _customer(self, by: Mapping[str, str]) -> Mapping[str, Any] | None:
        ((key, value),) = by.items()
        read = IDENTIFIERS[key]
        return next((each for each in self._shop.customers if (read(each) or "").lower() == value.lower()), None)


# -- searching --------------------------------------------------------------------------------------------


def _inner(row: Mapping[str, Any], *way: str) -> str | None:
    value: Any = row
    for step in way:
        value = value and value[step]
    return value if isinstance(value, str) else None


Row = Mapping[str, Any]
Filters = Mapping[str, Callable[[Row], str | None]]

IDENTIFIERS: Filters = {
    "id": lambda row: f"gid://shopify/Customer/{row['legacyResourceId']}",
    "emailAddress": lambda row: _inner(row, "defaultEmailAddress", "emailAddress"),
    "phoneNumber": lambda row: _inner(row, "defaultPhoneNumber", "phoneNumber"),
}
CUSTOMER_FILTERS: Filters = {
    "": lambda row: f"{row['firstName']} {row['lastName']} {IDENTIFIERS['emailAddress'](row)}",
    "email": IDENTIFIERS["emailAddress"],
    "phone": IDENTIFIERS["phoneNumber"],
    "first_name": lambda row: _inner(row, "firstName"),
    "last_name": lambda row: _inner(row, "lastName"),
}
ORDER_FILTERS: Filters = {
    "": lambda row: f"{row['name']} {row['email']}",
    "email": lambda row: _inner(row, "email"),
    "name": lambda row: _inner(row, "name"),
    "customer_id": lambda row: _inner(row, "customer", "legacyResourceId"),
}


def _search(rows: Iterable[Row], filters: Filters, query: str) -> list[Row]:
    """The rows that one of the alternatives (`OR`) finds with all of its terms."""
    alternatives: list[list[tuple[Callable[[Row], str | None], list[str]]]] = [[]]
    for name, phrase, word in TERM.findall(query):
        if word == "OR" and not name:
            alternatives.append([])
        elif name in filters:
            alternatives[-1].append((filters[name], _words(re.sub(r"\\(.)", r"\1", phrase) or word)))
    return [
        row for row in rows if any(all(_holds(read(row), words) for read, words in terms) for terms in alternatives)
    ]


def _words(text: str) -> list[str]:
    return WORDS.findall(text.lower())


def _holds(text: str | None, words: list[str]) -> bool:
    """Whether the words stand in the text, one after the other."""
    whole = _words(text or "")
    return any(whole[start : start + len(words)] == words for start in range(len(whole) - len(words) + 1))


# -- around the data --------------------------------------------------------------------------------------


def _cost(data: object) -> Mapping[str, object]:
    points = _objects(data)
    bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": 2000 - points, "restoreRate": 100.0}
    return {"requestedQueryCost": points, "actualQueryCost": points, "throttleStatus": bucket}


def _objects(value: object) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_objects, value.values()))
    return sum(map(_objects, value)) if isinstance(value, list) else 0


async def _not_found(*_: object) -> Response:
    return JSONResponse({"errors": "Not Found"}, 404)
