"""An embedded eBay: its token endpoint, and as much of Sell Fulfillment as our connector asks for."""

import base64
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Row = dict[str, Any]
ORDERS = "/sell/fulfillment/v1/order"


def ebay_store(
    now: datetime,
    *,
    client_id: str,
    client_secret: str,
    refresh_token: str,
    nonce: Callable[[], str] = secrets.token_hex,
) -> Starlette:
    """One seller's eBay. Orders are dated relative to `now`."""
    lent: set[str] = set()
    rows = {row["orderId"]: row for row in _rows(now)}
    login = f"Basic {base64.b64encode(f'{client_id}:{client_secret}'.encode()).decode()}"

    async def grant(request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if request.headers.get("authorization") != login:
            return JSONResponse({"error": "invalid_client"}, 401)
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != refresh_token:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = f"v^1.1#{nonce()}"
        lent.add(f"Bearer {token}")
        return JSONResponse({"access_token": token, "expires_in": 7200, "token_type": "User Access Token"})

    def guarded(answer: Callable[[Row | None], Response]) -> Callable[[Request], Any]:
        async def guard(request: Request) -> Response:
            if request.headers.get("authorization") not in lent:
                return _problem(401, 1001, "Invalid access token")
            return answer(rows.get(request.path_params.get("number", "")))

        return guard

    def parcels(row: Row | None) -> Response:
        found = [] if row is None else row["parcels"]
        return JSONResponse({"fulfillments": found, "total": len(found)})

    return Starlette(
        routes=[
            Route("/identity/v1/oauth2/token", grant, methods=["POST"]),
            Route(ORDERS, guarded(lambda _: JSONResponse({"orders": [], "total": len(rows)})), methods=["GET"]),
            Route(f"{ORDERS}/{{number}}", guarded(_one), methods=["GET"]),
            Route(f"{ORDERS}/{{number}}/shipping_fulfillment", guarded(parcels), methods=["GET"]),
        ]
    )


def _one(row: Row | None) -> Response:
    if row is None:
        return _problem(400, 32100, "Invalid order ID")
    return JSONResponse({name: value for name, value in row.items() if name != "parcels"})


def _problem(status: int, id_: int, message: str) -> Response:
    problem = {"errorId": id_, "domain": "API_FULFILLMENT", "category": "REQUEST", "message": message}
    return JSONResponse({"errors": [problem]}, status)


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _rows(now: datetime) -> list[Row]:
    iris = ("iris_n_2019", "Iris Novak", "4f1c2d9e8@members.ebay.com", "14 Quay Street", "Bristol", "BS1 4AB")
    owen = ("owen.h", "Owen Hale", "9a8b7c6d5@members.ebay.com", "3 Mill Lane", "Bath", "BA1 2QZ")
    return [
        _row("17-12345-67890", now - timedelta(days=6), iris, "Enamel Jug", "54.00", sent=True),
        _row("09-98765-43210", now - timedelta(days=20), owen, "Milk Pan", "28.00", sent=False),
    ]


def _row(number: str, at: datetime, who: tuple[str, ...], title: str, amount: str, *, sent: bool) -> Row:
    """An order as `getOrder` answers it; one that was not sent was refunded. `parcels` stand in another answer."""
    user, name, email, street, city, code = who
    money = {"value": amount, "currency": "GBP"}
    address = {"addressLine1": street, "city": city, "postalCode": code, "countryCode": "GB"}
    contact = {"fullName": name, "contactAddress": address, "email": email}
    refund = {"amount": money, "refundDate": _utc(at + timedelta(days=1)), "refundStatus": "REFUNDED"}
    line = {"lineItemId": f"1{number[:2]}", "title": title, "sku": title.upper()[:4], "quantity": 1}
    state = "FULFILLED" if sent else "NOT_STARTED"
    parcel = {
        "shipmentTrackingNumber": "RM123456785GB",
        "shippingCarrierCode": "Royal Mail",
        "shippedDate": _utc(at + timedelta(days=1)),
        "lineItems": [{"lineItemId": line["lineItemId"], "quantity": 1}],
    }
    return {
        "orderId": number,
        "legacyOrderId": number,
        "creationDate": _utc(at),
        "orderFulfillmentStatus": state,
        "orderPaymentStatus": "PAID" if sent else "FULLY_REFUNDED",
        "buyer": {"username": user, "buyerRegistrationAddress": contact},
        "pricingSummary": {"priceSubtotal": money, "total": money},
        "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
        "paymentSummary": {
            "refunds": [] if sent else [refund],
            "payments": [{"paymentMethod": "EBAY", "paymentDate": _utc(at), "amount": money}],
        },
        "fulfillmentStartInstructions": [{"shippingStep": {"shipTo": contact}}],
        "lineItems": [{**line, "lineItemCost": money, "lineItemFulfillmentStatus": state, "total": money}],
        "parcels": [parcel] if sent else [],
    }
