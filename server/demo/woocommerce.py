"""An embedded WooCommerce: its REST API v3 for reading, as far as a connector can tell the difference.

Modelled on what WooCommerce 9.9.5 with order tables (HPOS) answered: keys, signatures, error bodies, the headers
of a list, parameters that are ignored, and a search that finds strangers.
"""

import asyncio
import base64
import binascii
import hmac
import json
import math
import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..connectors.oauth1 import signature

API = "/wp-json/wc/v3/"
WINDOW_S = 15 * 60
"""How old a signature may be, and how long its nonce is remembered."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop holds, in WooCommerce's own format. A row's `id` is unique in its list."""

    orders: Sequence[Row] = ()
    customers: Sequence[Row] = ()
    refunds: Sequence[Row] = ()


class RestError(Exception):
    """What WordPress answers instead of rows."""

    def __init__(self, status: int, code: str, message: str, **data: object) -> None:
        super().__init__(code)
        self.status = status
        self.body = {"code": code, "message": message, "data": {"status": status, **data}}


def woocommerce_store(
    shop: Shop, *, key: str, secret: str, delay: float = 0.0, now: Callable[[], float] = time.time
) -> Starlette:
    """The shop as an ASGI app, to be mounted where its home address says. Each answer takes `delay` seconds."""
    door = Door(key, secret, now)

    async def answer(request: Request) -> Response:
        await asyncio.sleep(delay)
        try:
            door.check(request)
            return _answer(shop, request)
        except RestError as error:
            return _json(error.body, error.status)

    async def index(request: Request) -> Response:
        """WordPress's list of what it serves, for anybody."""
        return _json(_cut(INDEX, dict(request.query_params)), 200)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[Route(API + "{path:path}", answer, methods=methods), Route("/wp-json/", index)])


INDEX: Mapping[str, object] = {"name": "Shop", "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", "wc/v3", "wp/v2"]}


# -- who may ask ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Door:
    """One consumer key with read permission. Over plain http only a signature opens, as WordPress sees no TLS."""

    key: str
    secret: str
    now: Callable[[], float]
    nonces: dict[str, float] = field(default_factory=dict)

    def check(self, request: Request) -> None:
        """Raises `RestError` with the words that WooCommerce has for it."""
        if request.url.scheme == "https" and "authorization" in request.headers:
            self._check_basic(request.headers["authorization"])
        else:
            self._check_signature(request)
        if request.method not in {"GET", "HEAD"}:
            raise _unproven("The API key provided does not have write permissions.")

    def _check_basic(self, header: str) -> None:
        try:
            key, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except (binascii.Error, ValueError):
            raise _nobody() from None
        if key != self.key:
            raise _nobody()
        if not _equal(secret, self.secret):
            raise _unproven("Consumer secret is invalid.")

    def _check_signature(self, request: Request) -> None:
        query = dict(request.query_params)
        names = [f"oauth_{name}" for name in ("consumer_key", "timestamp", "nonce", "signature", "signature_method")]
        missing = [name for name in names if name not in query]
        if len(missing) == len(names):
            raise _nobody()
        if missing:
            code = "woocommerce_rest_authentication_missing_parameter"
            raise RestError(401, code, f"Missing OAuth parameter {', '.join(missing)}")
        if query["oauth_consumer_key"] != self.key:
            raise _unproven("Consumer key is invalid.")
        given = query.pop("oauth_signature")
        address = str(request.url.replace(query=""))
        if not _equal(given, signature(request.method, address, query.items(), f"{self.secret}&")):
            raise _unproven("Invalid signature - provided signature does not match.")
        self._check_fresh(query["oauth_timestamp"], query["oauth_nonce"])

    def _check_fresh(self, timestamp: str, nonce: str) -> None:
        now = self.now()
        if not timestamp.isdecimal() or abs(int(timestamp) - now) > WINDOW_S:
            raise _unproven("Invalid timestamp.")
        self.nonces = {used: at for used, at in self.nonces.items() if now - at <= 2 * WINDOW_S}
        if nonce in self.nonces:
            raise _unproven("Invalid nonce - nonce has already been used.")
        self.nonces[nonce] = now


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _nobody() -> RestError:
    return RestError(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")


def _unproven(message: str) -> RestError:
    return RestError(401, "woocommerce_rest_authentication_error", message)


# -- what is asked ----------------------------------------------------------------------------------------


def _answer(shop: Shop, request: Request) -> Response:
    query = dict(request.query_params)
    match request.path_params["path"].strip("/").split("/"):
        case ["orders"]:
            return _list(_orders(shop, query), request)
        case ["orders", id_] if id_.isdecimal():
            return _one(shop.orders, id_, query, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        case ["orders", id_, "notes"] if id_.isdecimal():
            _one(shop.orders, id_, {}, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
            return _list([_cut(note, query) for note in _notes(shop, int(id_))], request)
        case ["customers"]:
            return _list(_customers(shop, query), request)
        case ["customers", id_] if id_.isdecimal():
            return _one(shop.customers, id_, query, "woocommerce_rest_invalid_id", "Invalid resource ID.")
        case ["refunds"]:
            return _list(_included(shop.refunds, query), request)
        case _:
            raise RestError(404, "rest_no_route", "No route was found matching the URL and request method.")


def _orders(shop: Shop, query: Mapping[str, str]) -> list[Row]:
    rows = [row for row in _included(shop.orders, query) if row["status"] != "trash"]
    if "customer" in query:
        rows = [row for row in rows if str(row["customer_id"]) == query["customer"]]
    if text := _folded(query.get("search", "")):
        rows = [row for row in rows if _holds(row, text)]
    by = "date_created_gmt" if query.get("orderby", "date") == "date" else "id"
    return sorted(rows, key=lambda row: (row[by], row["id"]), reverse=query.get("order", "desc") == "desc")


def _notes(shop: Shop, id_: int) -> list[Row]:
    """What WooCommerce notes by itself, and a word of the shop's to the customer where money went back."""
    row = next(row for row in shop.orders if row["id"] == id_)
    words = [(False, f"Order status changed from Pending payment to {row['status'].replace('-', ' ').capitalize()}.")]
    if row["refunds"]:
        words.append((True, "We are sorry for the trouble. Your refund is on its way <b>today</b>."))
    at = {name: row[name] for name in ("date_created", "date_created_gmt") if name in row}
    return [
        {"id": 10 * id_ + index, "author": "WooCommerce", **at, "note": text, "customer_note": public}
        for index, (public, text) in enumerate(words)
    ]


def _holds(row: Row, text: str) -> bool:
    """A substring of either joined address or a product's name, or the very id or transaction id."""
    places = [" ".join(map(str, row[part].values())) for part in ("billing", "shipping")]
    places += [str(line["name"]) for line in row["line_items"]]
    return any(text in _folded(place) for place in places) or text in {str(row["id"]), row["transaction_id"]}


def _folded(text: str) -> str:
    """Without capitals and accents, as MySQL compares."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _customers(shop: Shop, query: Mapping[str, str]) -> list[Row]:
    rows = _included(shop.customers, query)
    if (role := query.get("role", "customer")) != "all":
        rows = [row for row in rows if row["role"] == role]
    if "email" not in query:
        return rows
    if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", query["email"]):
        raise _invalid("email", "Invalid email address.")
    return [row for row in rows if row["email"].casefold() == query["email"].casefold()]


def _included(rows: Iterable[Row], query: Mapping[str, str]) -> list[Row]:
    wanted, unwanted = (
        {id_.strip() for id_ in query.get(name, "").split(",") if id_.strip()} for name in ("include", "exclude")
    )
    return [row for row in rows if str(row["id"]) not in unwanted and (not wanted or str(row["id"]) in wanted)]


# -- what is answered -------------------------------------------------------------------------------------


def _list(rows: Sequence[Row], request: Request) -> Response:
    query = dict(request.query_params)
    size, page = _number(query, "per_page", 10, 100), _number(query, "page", 1, 10**6)
    shown = rows[(page - 1) * size : page * size]
    total = len(rows) if shown or page == 1 else 0  # past the end, order tables forget how many there were
    pages = math.ceil(total / size)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages), "Allow": "GET, POST"}
    if page < pages:
        further = request.url.replace(query=urlencode({**query, "page": str(page + 1)}))
        headers["Link"] = f'<{further}>; rel="next"'
    return _json([_cut(row, query) for row in shown], 200, headers)


def _one(rows: Iterable[Row], id_: str, query: Mapping[str, str], code: str, message: str) -> Response:
    row = next((row for row in rows if row["id"] == int(id_)), None)
    if row is None:
        raise RestError(404, code, message)
    return _json(_cut(row, query), 200)


def _cut(row: Row, query: Mapping[str, str]) -> Row:
    """`include_meta` and `_fields` as the caller asked; dotted fields cut one level down."""
    keys = set(query["include_meta"].split(",")) if query.get("include_meta") else None
    if keys and "meta_data" in row:
        row = {**row, "meta_data": [meta for meta in row["meta_data"] if meta["key"] in keys]}
    fields = [name.strip().split(".") for name in query.get("_fields", "").split(",") if name.strip()]
    if not fields:
        return row
    cut: dict[str, Any] = {}
    for first, *rest in fields:
        if first in row and rest:
            cut[first] = {**cut.get(first, {}), **{name: row[first][name] for name in rest if name in row[first]}}
        elif first in row:
            cut[first] = row[first]
    return cut


def _number(query: Mapping[str, str], name: str, default: int, largest: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,7}", text) or not 1 <= int(text) <= largest:
        raise _invalid(name, f"{name} must be between 1 (inclusive) and {largest} (inclusive)")
    return int(text)


def _invalid(name: str, message: str) -> RestError:
    return RestError(400, "rest_invalid_param", f"Invalid parameter(s): {name}", params={name: message})


def _json(body: object, status: int, headers: Mapping[str, str] | None = None) -> Response:
    content = json.dumps(body, ensure_ascii=False)
    return Response(content, status, headers, media_type="application/json; charset=UTF-8")
