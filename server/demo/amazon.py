"""An embedded Amazon: Login with Amazon and as much of the Selling Partner API as our connector asks for."""

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Row = dict[str, Any]
PERSONAL = {"BUYER": "buyer", "RECIPIENT": "recipient"}
PARTS = {"PROCEEDS": "proceeds", "PAYMENT": "payment", "FULFILLMENT": "fulfillment", "PACKAGES": "packages", **PERSONAL}


def amazon_store(
    now: datetime,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    nonce: Callable[[], str] = secrets.token_hex,
) -> Starlette:
    """Both hosts in one, for one seller's app. Orders are dated relative to `now`."""
    lent: set[str] = set()
    rows = {row["orderId"]: row for row in _rows(now)}

    async def grant(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        wanted = {"client_id": client_id, "client_secret": client_secret, "refresh_token": refresh_token}
        if form != {"grant_type": "refresh_token", **wanted}:
            client = all(form.get(name) == wanted[name] for name in ("client_id", "client_secret"))
            return JSONResponse({"error": "invalid_grant" if client else "invalid_client"}, 400 if client else 401)
        token = f"Atza|{nonce()}"
        lent.add(token)
        return JSONResponse({"access_token": token, "token_type": "bearer", "expires_in": 3600})

    def guarded(answer: Callable[[Request], Response]) -> Callable[[Request], Any]:
        async def guard(request: Request) -> Response:
            if request.headers.get("x-amz-access-token") not in lent:
                return _problem(403, "Unauthorized", "The access token you provided is revoked, malformed or invalid.")
            return answer(request)

        return guard

    def found(request: Request) -> Response:
        """By the buyer's relay address, exactly."""
        if "MarketplaceIds" not in request.query_params or "CreatedAfter" not in request.query_params:
            return _problem(400, "InvalidInput", "MarketplaceIds and CreatedAfter are required.")
        own = _bought_by(request.query_params.get("BuyerEmail", "").lower(), rows.values())
        return JSONResponse({"payload": {"Orders": [_in_v0(row) for row in own], "CreatedBefore": _utc(now)}})

    def one(request: Request) -> Response:
        """With the parts that were asked for."""
        row = rows.get(request.path_params["number"])
        if row is None:
            return _problem(404, "NotFound", "The requested order was not found.")
        asked = set(request.query_params.get("includedData", "").split(","))
        left_out = {field for part, field in PARTS.items() if part not in asked}
        return JSONResponse({"order": {name: value for name, value in row.items() if name not in left_out}})

    return Starlette(
        routes=[
            Route("/auth/o2/token", grant, methods=["POST"]),
            Route("/orders/v0/orders", guarded(found), methods=["GET"]),
            Route("/orders/2026-01-01/orders/{number}", guarded(one), methods=["GET"]),
        ]
    )


def _bought_by(email: str, rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if not email or row["buyer"]["buyerEmail"] == email]


def _problem(status: int, code: str, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message, "details": ""}]}, status)


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _in_v0(row: Row) -> Row:
    return {
        "AmazonOrderId": row["orderId"],
        "PurchaseDate": row["createdTime"],
        "LastUpdateDate": row["createdTime"],
        "OrderStatus": "Shipped",
        "BuyerInfo": {"BuyerEmail": row["buyer"]["buyerEmail"]},
    }


def _rows(now: datetime) -> list[Row]:
    iris, bristol = "q7v0k2x9example@marketplace.amazon.de", ("14 Quay Street", "Bristol", "BS1 4AB", "GB")
    other, bonn = "zz81k2x0example@marketplace.amazon.de", ("Lindenallee 4", "Bonn", "53111", "DE")
    way = {"status": "IN_TRANSIT", "detailedStatus": "OUT_FOR_DELIVERY"}
    return [
        _row("302-4417768-2956319", now - timedelta(days=3), "Iris Novak", iris, bristol, "Bread Knife", "49.95", way),
        _row("305-1120498-7766521", now - timedelta(days=9), "Paul Weiss", other, bonn, "Egg Cups", "18.50", None),
    ]


def _row(
    number: str, at: datetime, name: str, email: str, place: tuple[str, ...], title: str, amount: str, way: Row | None
) -> Row:
    """An order of Orders 2026-01-01 with one line; with `way` it has left in one parcel."""
    street, city, code, country = place
    money = {"amount": amount, "currencyCode": "EUR"}
    parcel = {
        "packageReferenceId": "1",
        "createdTime": _utc(at + timedelta(days=1)),
        "packageStatus": way,
        "carrier": "DHL",
        "shipTime": _utc(at + timedelta(days=1)),
        "trackingNumber": "00340434161094000079",
        "packageItems": [{"orderItemId": f"2{number[:3]}", "quantity": 1}],
    }
    item = {
        "orderItemId": f"2{number[:3]}",
        "quantityOrdered": 1,
        "product": {
            "asin": "B0EXAMPLE1",
            "title": title,
            "sellerSku": title.upper()[:6],
            "price": {"unitPrice": money},
        },
        "proceeds": {"proceedsTotal": money},
        "fulfillment": {"quantityFulfilled": int(bool(way)), "quantityUnfulfilled": int(not way)},
    }
    return {
        "orderId": number,
        "createdTime": _utc(at),
        "lastUpdatedTime": _utc(at),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1PA6795UKMFR9", "marketplaceName": "Amazon.de"},
        "buyer": {"buyerName": name, "buyerEmail": email},
        "recipient": {
            "deliveryAddress": {
                "name": name,
                "addressLine1": street,
                "city": city,
                "postalCode": code,
                "countryCode": country,
            }
        },
        "proceeds": {"grandTotal": money, "breakdowns": [{"type": "ITEM", "subtotal": money}]},
        "payment": {"paymentExecutions": [{"paymentMethod": "CREDIT_CARD", "paymentAmount": money}]},
        "fulfillment": {"fulfillmentStatus": "SHIPPED" if way else "UNSHIPPED", "fulfilledBy": "MERCHANT"},
        "orderItems": [item],
        "packages": [parcel] if way else [],
    }
