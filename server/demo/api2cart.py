"""An embedded API2Cart: its API v1.1 for reading, with one store behind it that is like eBay.

Modelled on answers that API2Cart was seen to give for eBay: envelopes with return codes of its own, fields as asked
for, e-mails that are empty, a phone filter that is ignored, and no method for returns.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

Row = Mapping[str, Any]

USUAL = ("order_id", "customer", "totals", "shipping_address", "billing_address", "order_products", "bundles", "status")
"""What stands in an order where `response_fields` are not given."""


class Failure(Exception):
    """A return code other than 0, sent with HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def api2cart_store(now: datetime, *, api_key: str, store_key: str) -> ASGIApp:
    """API2Cart as an ASGI app, to be mounted anywhere. Orders are dated relative to `now`."""
    methods: Mapping[str, Callable[[Mapping[str, str]], Mapping[str, Any]]] = {
        "account.cart.list": lambda _: _carts(store_key),
        "cart.methods": lambda _: {"method": sorted(methods)},
        "order.list": lambda query: _orders(_held(now), query),
        "order.shipment.list": lambda query: _shipments(_held(now), query),
    }

    async def answer(request: Request) -> Response:
        query, pages = dict(request.query_params), {"previous": None, "next": None}
        try:
            _check(request, api_key, store_key)
            result = dict(methods.get(request.path_params["method"], _no_method)(query))
            pages = result.pop("pagination", pages)
        except Failure as failure:
            return JSONResponse({"return_code": failure.code, "return_message": str(failure), "result": {}})
        return JSONResponse({"return_code": 0, "return_message": "", "pagination": pages, "result": result})

    return Starlette(routes=[Route("/v1.1/{method}.json", answer, methods=["GET"])])


def _no_method(_: Mapping[str, str]) -> Row:
    raise Failure(3, "Method is not specified")


def _check(request: Request, api_key: str, store_key: str) -> None:
    if request.headers.get("x-api-key") != api_key:
        raise Failure(2, "Incorrect API Key")
    if request.headers.get("x-store-key") != store_key and not request.url.path.endswith("account.cart.list.json"):
        raise Failure(101, "Store not found")


def _carts(store_key: str) -> Row:
    other = {"id": "1", "store_key": "0" * 32, "url": "https://other.example/", "cart_id": "Magento1212"}
    own = {"id": "2", "store_key": store_key, "url": "https://www.ebay.example/", "cart_id": "EBay"}
    return {"carts_count": 2, "carts": [{**other, "total_calls": "12"}, {**own, "total_calls": "4711"}]}


# -- order.list ----------------------------------------------------------------------------------------------


def _orders(orders: Sequence[Row], query: Mapping[str, str]) -> Row:
    rows = sorted(orders, key=lambda row: row["create_at"]["value"], reverse=query.get("sort_direction") == "desc")
    if "customer_email" in query:
        text = query["customer_email"].casefold()
        rows = [row for row in rows if text in row["customer"]["email"].casefold()]
    if "customer_id" in query:
        rows = [row for row in rows if row["customer"]["id"] == query["customer_id"]]
    if "order_ids" in query:
        rows = [row for row in rows if row["order_id"] in query["order_ids"].split(",")]
    start, count = _number(query, "start", 0, 10**6), _number(query, "count", 10, 250)
    shown = [_cut(row, query.get("response_fields", "")) for row in rows[start : start + count]]
    cursor = base64.b64encode(f"order/{start + count}".encode()).decode()
    further = quote(cursor, safe="") if start + count < len(rows) else None  # it comes percent-encoded
    return {"orders_count": len(shown), "order": shown, "pagination": {"previous": None, "next": further}}


def _cut(row: Row, asked: str) -> Row:
    """The fields within `order{…}`; what those hold is not cut any further."""
    inner = re.search(r"order\{(.*)\}\}\}$", asked)
    if asked == "{*}":
        return row
    names = re.split(r",(?![^{]*\})", inner[1]) if inner else USUAL
    return {name: row[name] for name in (name.partition("{")[0] for name in names) if name in row}


def _number(query: Mapping[str, str], name: str, default: int, largest: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,7}", text) or int(text) > largest:
        raise Failure(109, "Parameter(s) for method is/are incorrect (empty etc.)")
    return int(text)


def _shipments(orders: Sequence[Row], query: Mapping[str, str]) -> Row:
    if not query.get("order_id"):
        raise Failure(114, "Required parameter is not specified")
    row = next((row for row in orders if row["order_id"] == query["order_id"]), None)
    if row is None:
        raise Failure(112, f"Order with id {query['order_id']} not found")
    parcels = [_parcel(row, *tracking) for tracking in PARCELS.get(row["order_id"], ())]
    return {"shipment_count": len(parcels), "shipment": parcels}


# -- what the store holds ------------------------------------------------------------------------------------

PARCELS: Mapping[str, Sequence[tuple[str, str]]] = {
    "12-11873-90451": [("Royal Mail", "RM190045112GB")],
    "07-10992-33810": [("DPD", "15501834475029")],
    "03-11401-55120": [("DPD", "15501834475188")],
}
"""Carrier and number by order."""


def _held(now: datetime) -> Sequence[Row]:
    """Iris' two, a stranger's with an address that holds hers, one whose e-mail eBay hides, and a guest's."""
    iris = ("iris_novak88", "Iris", "Novak", "iris.novak@example.com", "+44 20 7946 0018")
    quay = ("14 Quay Street", "Bristol", "BS1 4AB", "GB", "United Kingdom")
    rome = ("Via dei Gelsi 9", "Roma", "00171", "IT", "Italy")
    refund = _refund("07-10992-33810", "Enamel Mug", "9.50", "One arrived chipped", now - timedelta(days=20))
    return [
        _order("12-11873-90451", iris, quay, now - timedelta(days=4), [("Field Jacket", 79.0, 1)], paid=True),
        _order(
            "07-10992-33810",
            iris,
            quay,
            now - timedelta(days=26),
            [("Enamel Mug", 9.5, 4), ("Tea Sampler", 14.0, 1)],
            paid=True,
            refunds=[refund],
        ),
        _order(
            "03-11401-55120",
            ("tessa.iris", "Tessa", "Moor", "tessa.iris.novak@example.com", "+39 06 5550 0144"),
            rome,
            now - timedelta(days=9),
            [("Desk Lamp", 45.0, 1)],
            paid=True,
        ),
        _order(
            "19-14772-78368",
            ("casey78020", "Casey", "Dunn", "", None),
            rome,
            now - timedelta(days=2),
            [("Tea Sampler", 14.0, 2)],
            paid=True,
        ),
        _order(
            "02-12007-38996",
            ("", "Otto", "Brandt", "otto.brandt@example.net", None),
            ("Ahornweg 3", "Kiel", "24103", "DE", "Germany"),
            now - timedelta(hours=7),
            [("Canvas Tote", 18.0, 1)],
            paid=False,
        ),
    ]


def _order(
    number: str,
    buyer: tuple[str, str, str, str, str | None],
    home: tuple[str, str, str, str, str],
    placed: datetime,
    lines: Sequence[tuple[str, float, int]],
    *,
    paid: bool,
    refunds: Sequence[Row] = (),
) -> Row:
    id_, first, last, email, phone = buyer
    items = round(sum(price * quantity for _, price, quantity in lines), 2)
    shipping = 4.9
    total = round(items + shipping, 2)
    return {
        "id": number.replace("-", "")[-4:],
        "order_id": number,
        "customer": {"id": id_, "email": email, "first_name": first, "last_name": last, "phone": phone},
        "create_at": _date(placed),
        "currency": {"id": "EUR", "name": "Euro", "iso3": "EUR", "symbol_left": "", "symbol_right": "€", "rate": 1},
        "shipping_address": _address("shipping", first, last, home, phone),
        "billing_address": _address("billing", first, last, home, phone),
        "payment_method": {"name": "CreditCard"},
        "shipping_methods": [{"name": "Standard", "additional_fields": {"pickup_location_id": None}}],
        "status": {
            "id": "completed" if paid else "awaiting_payment",
            "name": "Completed" if paid else "Awaiting Payment",
            "history": [],
            "refund_info": None,
        },
        "totals": {"total": total, "subtotal": items, "shipping": shipping, "tax": 0, "discount": 0},
        "total": {
            "subtotal_ex_tax": items,
            "wrapping_ex_tax": None,
            "shipping_ex_tax": shipping,
            "total_discount": 0,
            "total_tax": 0,
            "total": total,
            "total_paid": total,
        },
        "discounts": [],
        "order_products": [_line(number, *line) for line in lines],
        "bundles": [],
        "modified_at": _date(placed + timedelta(hours=1)),
        "comment": "",
        "refunds": list(refunds),
        "gift_message": None,
        "additional_fields": {
            "extended_order_id": number,
            "ebay_order_status": "Completed" if paid else "Active",
            "CancelStatus": "NotApplicable",
            "CancelReason": "",
            "eBayPaymentStatus": "NoPaymentFailure",
            "PaidTime": _date(placed + timedelta(seconds=40))["value"] if paid else "",
        },
    }


def _line(order: str, name: str, price: float, quantity: int) -> Row:
    return {
        "product_id": _sku(name).removeprefix("S-"),
        "order_product_id": _line_id(order, name),
        "model": _sku(name),
        "name": name,
        "price": price,
        "price_inc_tax": None,
        "quantity": quantity,
        "total_price": round(price * quantity, 2),
        "options": [],
        "variant_id": None,
        "parent_order_product_id": None,
        "additional_fields": {"tax_numbers": [], "guaranteedDelivery": False},
    }


def _line_id(order: str, name: str) -> str:
    return f"100{order.replace('-', '')}{len(name)}"


def _sku(name: str) -> str:
    return f"S-{sum(map(ord, name))}"


def _refund(order: str, name: str, amount: str, comment: str, at: datetime) -> Row:
    line = {"product_id": None, "order_product_id": _line_id(order, name), "qty": 1, "refund": float(amount)}
    sums = {"shipping": 0, "fee": None, "tax": 0, "total": float(amount)}
    return {"id": "5081", **sums, "modified_time": _date(at), "comment": comment, "items": [line]}


def _parcel(row: Row, carrier: str, number: str) -> Row:
    """As eBay's: no word of when it left, or whether it arrived."""
    items = [{**line, "variant_id": None} for line in row["order_products"]]
    names = ("order_product_id", "product_id", "variant_id", "model", "name", "price", "quantity")
    return {
        "id": number,
        "order_id": row["order_id"],
        "tracking_numbers": [{"carrier_id": carrier, "tracking_number": number}],
        "items": [{name: item[name] for name in names} for item in items],
    }


def _address(kind: str, first: str, last: str, home: tuple[str, str, str, str, str], phone: str | None) -> Row:
    street, city, postcode, code, country = home
    return {
        "id": "1",
        "type": kind,
        "first_name": first,
        "last_name": last,
        "postcode": postcode,
        "address1": street,
        "address2": "",
        "phone": phone or "",
        "phone_mobile": "",
        "city": city,
        "country": {"code2": code, "code3": "", "name": country},
        "state": None,
        "company": None,
        "region": None,
        "default": False,
    }


def _date(at: datetime) -> Row:
    return {"value": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"), "format": r"Y-m-d\TH:i:sO"}
