"""An embedded Saleor: a GraphQL endpoint that answers the operations of our connector with what they select."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .shopify_query import Field, UnknownField, operation, project

Row = dict[str, Any]
NEEDED = {"orders": "MANAGE_ORDERS", "user": "MANAGE_USERS", "customers": "MANAGE_USERS", "app": "AUTHENTICATED_APP"}


def saleor_store(now: datetime, *, token: str) -> Starlette:
    """The shop, to be mounted at its API's address. Orders are dated relative to `now`."""
    users, orders = _users(now), _orders(now)

    def root(field: Field) -> object:
        match field.name:
            case "user":
                by = {name: str(value).lower() for name, value in field.arguments.items()}
                return next((each for each in users if all(each[n].lower() == v for n, v in by.items())), None)
            case "orders":
                return _page([each for each in orders if _found(each, str(field.arguments["search"]))])
            case "customers":
                return _page(users)
            case "app":
                return {"permissions": [{"code": code} for code in ("MANAGE_ORDERS", "MANAGE_USERS")]}
            case unknown:
                raise UnknownField(unknown)

    async def answer(request: Request) -> Response:
        sent = json.loads(await request.body())
        fields = operation(sent["query"], sent["operationName"], sent["variables"])
        if request.headers.get("authorization") != f"Bearer {token}":
            return JSONResponse({"errors": [_denied(field.name) for field in fields], "data": None})
        try:
            data = {field.name: project(field.inner, root(field), field.arguments) for field in fields}
        except UnknownField as problem:
            return JSONResponse({"errors": [{"message": f'Cannot query field "{problem}".'}]}, 400)
        return JSONResponse(
            {"data": data, "extensions": {"cost": {"requestedQueryCost": 9, "maximumAvailable": 50000}}}
        )

    return Starlette(routes=[Route("/graphql/", answer, methods=["POST"])])


def _denied(name: str) -> Row:
    message = f"To access this path, you need one of the following permissions: {NEEDED.get(name, '?')}"
    return {"message": message, "path": [name], "extensions": {"exception": {"code": "PermissionDenied"}}}


def _found(row: Row, search: str) -> bool:
    """Fuzzy: any part of the address, the number or the phone."""
    text = search.lower()
    return text in row["userEmail"].lower() or text in {row["number"], row["billingAddress"]["phone"]}


def _page(rows: list[Row]) -> Row:
    return {"edges": [{"node": row} for row in rows], "pageInfo": {"hasNextPage": False}}


# -- nodes as Saleor writes them ------------------------------------------------------------------------------


def _sum(amount: float) -> Row:
    return {"amount": amount, "currency": "USD"}


def _place(first: str, last: str, street: str, city: str, code: str, country: str, phone: str) -> Row:
    return {
        "firstName": first,
        "lastName": last,
        "companyName": "",
        "streetAddress1": street,
        "streetAddress2": "",
        "city": city,
        "postalCode": code,
        "countryArea": "",
        "country": {"code": country},
        "phone": phone,
    }


IRIS = _place("Iris", "Novak", "14 Quay Street", "BRISTOL", "BS1 4AB", "GB", "+442079460018")
DANA = _place("Dana", "Reyes", "9 Alder Court", "PORTLAND", "97201", "US", "+15035550123")


def _users(now: datetime) -> list[Row]:
    return [
        {
            "id": "VXNlcjo0Ng==",
            "email": "iris.novak@example.com",
            "firstName": "Iris",
            "lastName": "Novak",
            "dateJoined": (now - timedelta(days=310)).isoformat(),
            "note": None,
            "addresses": [IRIS],
        }
    ]


def _orders(now: datetime) -> list[Row]:
    """The newest first, as they are asked for."""
    return [
        _order("907", now - timedelta(hours=20), "iris.novak@example.com", IRIS, 240.0, "Walnut Shelf", failed=True),
        _order("902", now - timedelta(days=4), "dana.iris.reyes@example.org", DANA, 32.0, "Pen Cup", user=None),
        _order("894", now - timedelta(days=33), "iris.novak@example.com", IRIS, 78.0, "Desk Mat", back=20.0),
    ]


def _order(
    number: str,
    at: datetime,
    email: str,
    place: Row,
    total: float,
    title: str,
    *,
    user: str | None = "VXNlcjo0Ng==",
    failed: bool = False,
    back: float = 0.0,
) -> Row:
    line = {"quantity": 1, "orderLine": {"id": f"TGluZTo{number}"}}
    event: Mapping[str, object] = {
        "type": "CHARGE_FAILURE" if failed else "CHARGE_SUCCESS",
        "createdAt": (at + timedelta(minutes=1)).isoformat(),
        "message": "Card declined: insufficient funds" if failed else "",
        "amount": _sum(total),
    }
    parcel = {
        "status": "FULFILLED",
        "created": (at + timedelta(days=1)).isoformat(),
        "trackingNumber": f"1Z999AA1{number}",
        "lines": [line],
    }
    grant = {
        "createdAt": (at + timedelta(days=6)).isoformat(),
        "amount": _sum(back),
        "reason": "Scratched",
        "status": "PENDING",
        "lines": [line],
    }
    return {
        "id": f"T3JkZXI6{number}",
        "number": number,
        "created": at.isoformat(),
        "status": "UNFULFILLED" if failed else "FULFILLED",
        "chargeStatus": "NONE" if failed else "FULL",
        "authorizeStatus": "NONE",
        "userEmail": email,
        "user": {"id": user} if user else None,
        "customerNote": "",
        "voucherCode": None,
        "total": {"gross": _sum(total), "tax": _sum(0.0)},
        "subtotal": {"gross": _sum(total)},
        "shippingPrice": {"gross": _sum(0.0)},
        "totalCharged": _sum(0.0 if failed else total),
        "totalRefunded": _sum(0.0),
        "discounts": [],
        "lines": [
            {
                "id": f"TGluZTo{number}",
                "productName": title,
                "variantName": "",
                "productSku": title.upper()[:5],
                "quantity": 1,
                "quantityFulfilled": 0 if failed else 1,
                "unitPrice": {"gross": _sum(total)},
                "totalPrice": {"gross": _sum(total)},
                "thumbnail": None,
            }
        ],
        "fulfillments": [] if failed else [parcel],
        "transactions": [{"name": "Credit card", "events": [event]}],
        "grantedRefunds": [grant] if back else [],
        "shippingAddress": place,
        "billingAddress": place,
    }
