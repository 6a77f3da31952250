"""An embedded Adobe Commerce shop: an ASGI app that speaks as much of REST V1 as our connector asks for.

Without `searchCriteria` it complains, without a page size it sends everything, and all its refusals are 401.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Row = dict[str, Any]
Read = Callable[[Row], object]

RESOURCES = {
    "orders": "Magento_Sales::actions_view",
    "customers/search": "Magento_Customer::customer",
    "shipments": "Magento_Sales::shipment",
    "creditmemos": "Magento_Sales::sales_creditmemo",
}
FILTER = re.compile(r"searchCriteria\[filter_groups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(field|value|condition_type)\]")


def magento_store(now: datetime, *, access_token: str) -> Starlette:
    """The shop, to be mounted at its base URL. Its integration may send its token as Bearer."""
    tables = _tables(now)

    async def answer(request: Request) -> Response:
        path = request.path_params["path"]
        if request.headers.get("authorization") != f"Bearer {access_token}":
            return _refused(RESOURCES.get(path, "self"))
        if path not in tables:
            return JSONResponse({"message": "Request does not match any route."}, 404)
        if not any(name.startswith("searchCriteria") for name in request.query_params):
            missing = {"message": '"%fieldName" is required. Enter and try again.'}
            return JSONResponse({**missing, "parameters": {"fieldName": "searchCriteria"}}, 400)
        return JSONResponse(_page(tables[path], dict(request.query_params)))

    return Starlette(routes=[Route("/rest/{view}/V1/{path:path}", answer, methods=["GET"])])


def _refused(resource: str) -> Response:
    message = "The consumer isn't authorized to access %resources."
    return JSONResponse({"message": message, "parameters": {"resources": resource}}, 401)


def _page(rows: Sequence[Row], query: Mapping[str, str]) -> Row:
    found = [row for row in rows if all(_holds(row, each) for each in _filters(query))]
    by = query.get("searchCriteria[sortOrders][0][field]", "entity_id")
    found.sort(key=lambda row: row[by], reverse=query.get("searchCriteria[sortOrders][0][direction]") == "DESC")
    size = int(query.get("searchCriteria[pageSize]", len(found) or 1))
    fields = query.get("fields", "")
    shown = [_cut(row, _named(fields).get("items", {})) for row in found[:size]]
    return {"items": shown or (None if fields else []), "total_count": len(found)}


def _filters(query: Mapping[str, str]) -> Iterable[Mapping[str, str]]:
    grouped: dict[tuple[str, str], dict[str, str]] = {}
    for name, value in query.items():
        if place := FILTER.fullmatch(name):
            grouped.setdefault((place[1], place[2]), {})[place[3]] = value
    return grouped.values()


def _holds(row: Row, by: Mapping[str, str]) -> bool:
    """MySQL compares without capitals."""
    value, wanted = str(row.get(by["field"], "")).lower(), by["value"].lower()
    return value in wanted.split(",") if by.get("condition_type") == "in" else value == wanted


def _named(fields: str) -> dict[str, Any]:
    """`items[a,b[c]],n` as a tree."""
    tree: dict[str, Any] = {}
    open_ = [tree]
    last = ""
    for word in re.findall(r"\w+|[\[\]]", fields):
        if word == "[":
            open_.append(open_[-1][last])
        elif word == "]":
            open_.pop()
        else:
            last = word
            open_[-1][word] = {}
    return tree


def _cut(row: Any, tree: Mapping[str, Any]) -> Any:
    """What `fields` names of a row, absent keys left out; everything where it names nothing."""
    if isinstance(row, list):
        return [_cut(each, tree) for each in row]
    if not tree or not isinstance(row, dict):
        return row
    return {name: _cut(row[name], inner) for name, inner in tree.items() if name in row}


# -- rows as Adobe Commerce writes them -----------------------------------------------------------------------


def _tables(now: datetime) -> Mapping[str, list[Row]]:
    iris = _postal("Iris", "Novak", "14 Quay Street", "Bristol", "BS1 4AB", "GB", "+442079460018")
    paul = _postal("Paul", "Weiss", "Lindenallee 4", "Bonn", "53111", "DE", "+492285550188")
    chair = _line(301, "Teak Garden Chair", "CHAIR-TEAK", 2, 118.0, shipped=2)
    hose = _line(310, "Garden Hose 25 m", "HOSE-25", 1, 39.5)
    pot = _line(320, "Terracotta Pot", "POT-30", 3, 27.0, shipped=3, refunded=1)
    return {
        "orders": [
            _order(71, now - timedelta(days=60), "iris.novak@example.com", iris, [chair], "complete", customer=12),
            _order(84, now - timedelta(days=3), "Iris.Novak@example.com", iris, [hose], "payment_review", paid=False),
            _order(79, now - timedelta(days=12), "paul.weiss@example.org", paul, [pot], "complete", back=9.0),
        ],
        "customers/search": [
            {
                "id": 12,
                "entity_id": 12,
                "email": "iris.novak@example.com",
                "firstname": "Iris",
                "lastname": "Novak",
                "created_at": _utc(now - timedelta(days=400)),
                "addresses": [],
            }
        ],
        "shipments": [_shipment(71, 301, "Teak Garden Chair", 2, "DHL", "00340434161094000055", now)],
        "creditmemos": [_memo(79, 320, "Terracotta Pot", 1, 9.0, "Broken on arrival", now)],
    }


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


def _postal(first: str, last: str, street: str, city: str, code: str, country: str, phone: str) -> Row:
    return {
        "firstname": first,
        "lastname": last,
        "street": [street],
        "city": city,
        "postcode": code,
        "country_id": country,
        "telephone": phone,
    }


def _line(id_: int, name: str, sku: str, quantity: int, total: float, *, shipped: int = 0, refunded: int = 0) -> Row:
    return {
        "item_id": id_,
        "name": name,
        "sku": sku,
        "product_type": "simple",
        "qty_ordered": quantity,
        "qty_shipped": shipped,
        "qty_refunded": refunded,
        "qty_canceled": 0,
        "price": total / quantity,
        "row_total": total,
    }


def _order(
    id_: int,
    at: datetime,
    email: str,
    postal: Row,
    lines: list[Row],
    state: str,
    *,
    customer: int | None = None,
    paid: bool = True,
    back: float = 0.0,
) -> Row:
    """Null values are left out."""
    total = sum(line["row_total"] for line in lines) + 6.9
    row = {
        "entity_id": id_,
        "increment_id": f"{id_:09}",
        "state": state,
        "status": state,
        "created_at": _utc(at),
        "customer_email": email,
        "customer_id": customer,
        "order_currency_code": "EUR",
        "subtotal": total - 6.9,
        "discount_amount": 0,
        "shipping_amount": 6.9,
        "tax_amount": 0,
        "grand_total": total,
        "total_paid": total if paid else None,
        "total_refunded": back or None,
        "items": lines,
        "billing_address": postal,
        "payment": {"method": "paypal_express", "additional_information": []},
        "status_histories": [],
        "extension_attributes": {
            "shipping_assignments": [{"shipping": {"address": postal, "method": "flatrate_flatrate"}}],
            "payment_additional_info": [{"key": "method_title", "value": "PayPal Express Checkout"}],
        },
    }
    return {name: value for name, value in row.items() if value is not None}


def _shipment(order: int, line: int, name: str, quantity: int, carrier: str, number: str, now: datetime) -> Row:
    return {
        "entity_id": order,
        "order_id": order,
        "created_at": _utc(now - timedelta(days=58)),
        "items": [{"order_item_id": line, "name": name, "sku": "", "qty": quantity}],
        "tracks": [{"track_number": number, "title": carrier, "carrier_code": carrier.lower()}],
    }


def _memo(order: int, line: int, name: str, quantity: int, amount: float, reason: str, now: datetime) -> Row:
    return {
        "entity_id": order,
        "order_id": order,
        "created_at": _utc(now - timedelta(days=9)),
        "state": 2,
        "grand_total": amount,
        "order_currency_code": "EUR",
        "items": [{"order_item_id": line, "name": name, "qty": quantity, "row_total_incl_tax": amount}],
        "comments": [{"comment": reason, "created_at": _utc(now - timedelta(days=9)), "is_visible_on_front": 0}],
    }
