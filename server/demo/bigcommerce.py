"""An embedded BigCommerce store: an ASGI app that speaks as much of V2 and V3 as our connector asks for."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Row = dict[str, Any]
READS = ["GET"]


def bigcommerce_store(now: datetime, *, store_hash: str, access_token: str) -> Starlette:
    """The store of that hash, to be mounted where its API's host would be. Orders are dated relative to `now`."""
    store = Store(now)

    def guarded(answer: Callable[[Request], Response]) -> Callable[[Request], Any]:
        async def guard(request: Request) -> Response:
            if request.headers.get("x-auth-token") != access_token:
                return JSONResponse(
                    {"status": 401, "title": "X-Auth-Token header is required", "type": "about:blank"}, 401
                )
            response = answer(request)
            response.headers.update(QUOTA)
            return response

        return guard

    routes = {
        "v2/orders": store.orders,
        "v2/orders/count": store.count,
        "v2/orders/{id:int}": store.order,
        "v2/orders/{id:int}/shipments": store.shipments,
        "v3/customers": store.customers_found,
        "v3/orders/payment_actions/refunds": store.refunds_found,
    }
    return Starlette(
        routes=[
            Route(f"/stores/{store_hash}/{path}", guarded(answer), methods=READS) for path, answer in routes.items()
        ]
    )


QUOTA = {
    "X-Rate-Limit-Requests-Left": "147",
    "X-Rate-Limit-Requests-Quota": "150",
    "X-Rate-Limit-Time-Reset-Ms": "12000",
}


PHONE = "+442079460018"


class Store:
    """Its rows, and the answers to what is asked of them."""

    def __init__(self, now: datetime) -> None:
        iris = person(
            "Iris", "Novak", "iris.novak@example.com", "+442079460018", "14 Quay Street", "Bristol", "BS1 4AB"
        )
        owen = person("Owen", "Hale", "owen.hale@example.org", "+441174960777", "3 Mill Lane", "Bath", "BA1 2QZ")
        lamp, rug = line(51, "Brass Desk Lamp", "LAMP-BR", 1, "64.0000"), line(52, "Jute Rug", "RUG-J", 2, "80.0000")
        self.customers = [customer(7, iris, now - timedelta(days=700))]
        self.rows = [
            order(118, 7, iris, now - timedelta(days=2), [lamp, rug], "Partially Shipped", shipped=1),
            order(
                112,
                7,
                iris,
                now - timedelta(days=40),
                [line(44, "Wool Throw", "THR-W", 1, "55.0000")],
                "Completed",
                shipped=1,
                refunded="12.5000",
                payment="partially refunded",
            ),
            order(
                116,
                0,
                owen,
                now - timedelta(days=6),
                [line(49, "Oak Tray", "TRAY", 1, "29.0000")],
                "Declined",
                payment="declined",
            ),
        ]
        self.parcels = {
            118: [parcel(51, 1, "Royal Mail", "RM123456785GB", now - timedelta(days=1))],
            112: [parcel(44, 1, "DPD", "15501234567890", now - timedelta(days=38))],
        }
        self.refunds = [refund(9, 112, 44, 12.5, "Pulled thread", now - timedelta(days=30))]

    def orders(self, request: Request) -> Response:
        """Filters that V2 does not know are ignored; without rows there is no body."""
        query = request.query_params
        rows = list(self.rows)
        if "email" in query:
            rows = [row for row in rows if row["billing_address"]["email"].lower() == query["email"].lower()]
        if "customer_id" in query:
            rows = [row for row in rows if str(row["customer_id"]) == query["customer_id"]]
        rows.sort(key=lambda row: row["id"], reverse=query.get("sort", "").endswith(":desc"))
        return _v2(rows[: int(query.get("limit", "50"))])

    def count(self, _request: Request) -> Response:
        """How many orders there are."""
        return JSONResponse({"count": len(self.rows)})

    def order(self, request: Request) -> Response:
        """One, by its number, which is its id."""
        row = next((row for row in self.rows if row["id"] == request.path_params["id"]), None)
        return JSONResponse(row) if row else _missing()

    def shipments(self, request: Request) -> Response:
        """Those of one order."""
        return _v2(self.parcels.get(request.path_params["id"], []))

    def customers_found(self, request: Request) -> Response:
        """By id, e-mail or phone exactly, by name as a substring."""
        query, found = request.query_params, self.customers
        for name, field in (("id:in", "id"), ("email:in", "email"), ("phone:in", "phone")):
            if name in query:
                wanted = {text.strip().lower() for text in query[name].split(",")}
                found = [row for row in found if str(row[field]).lower() in wanted]
        if "name:like" in query:
            found = [
                row for row in found if query["name:like"].lower() in f"{row['first_name']} {row['last_name']}".lower()
            ]
        return _v3(found)

    def refunds_found(self, request: Request) -> Response:
        """Those of several orders at once."""
        wanted = set(filter(None, request.query_params.get("order_id:in", "").split(",")))
        return _v3([row for row in self.refunds if not wanted or str(row["order_id"]) in wanted])


def _v2(rows: Sequence[Row]) -> Response:
    return JSONResponse(rows) if rows else Response(status_code=204)


def _v3(rows: Sequence[Row]) -> Response:
    pages = {"total": len(rows), "count": len(rows), "per_page": 50, "current_page": 1, "total_pages": 1}
    return JSONResponse({"data": rows, "meta": {"pagination": pages}})


def _missing() -> Response:
    return JSONResponse([{"status": 404, "message": "The requested resource was not found."}], 404)


# -- rows as BigCommerce writes them --------------------------------------------------------------------------


def person(first: str, last: str, email: str, phone: str, street: str, city: str, code: str) -> Row:
    """A billing or shipping address in V2's words."""
    return {
        "first_name": first,
        "last_name": last,
        "company": "",
        "street_1": street,
        "street_2": "",
        "city": city,
        "state": "",
        "zip": code,
        "country": "United Kingdom",
        "country_iso2": "GB",
        "phone": phone,
        "email": email,
        "form_fields": [],
    }


def line(id_: int, name: str, sku: str, quantity: int, total: str) -> Row:
    """A line of an order."""
    price = f"{float(total) / quantity:.4f}"
    return {
        "id": id_,
        "product_id": 1000 + id_,
        "name": name,
        "sku": sku,
        "quantity": quantity,
        "quantity_shipped": 0,
        "quantity_refunded": 0,
        "price_inc_tax": price,
        "total_inc_tax": total,
        "is_refunded": False,
        "type": "physical",
    }


def order(
    id_: int,
    customer_id: int,
    buyer: Row,
    at: datetime,
    lines: Iterable[Row],
    status: str,
    *,
    shipped: int = 0,
    refunded: str = "0.0000",
    payment: str = "captured",
) -> Row:
    """A row of `GET /v2/orders` with its consignments; `shipped` lines have left, the first ones first."""
    lines = [
        {**each, "quantity_shipped": each["quantity"] if index < shipped else 0} for index, each in enumerate(lines)
    ]
    total = sum(float(each["total_inc_tax"]) for each in lines)
    there = {key: value for key, value in buyer.items() if key != "form_fields"}
    return {
        "id": id_,
        "customer_id": customer_id,
        "date_created": format_datetime(at),
        "date_shipped": "",
        "status_id": 0,
        "status": status,
        "custom_status": status,
        "is_deleted": False,
        "subtotal_inc_tax": f"{total:.4f}",
        "shipping_cost_inc_tax": "4.9500",
        "total_tax": f"{(total + 4.95) / 6:.4f}",
        "discount_amount": "0.0000",
        "coupon_discount": "0.0000",
        "total_inc_tax": f"{total + 4.95:.4f}",
        "refunded_amount": refunded,
        "items_total": sum(each["quantity"] for each in lines),
        "items_shipped": sum(each["quantity_shipped"] for each in lines),
        "payment_method": "Braintree",
        "payment_status": payment,
        "currency_code": "GBP",
        "default_currency_code": "GBP",
        "customer_message": "",
        "staff_notes": "",
        "billing_address": buyer,
        "consignments": {"pickups": [], "downloads": [], "shipping": [{"id": id_, **there, "line_items": lines}]},
    }


def customer(id_: int, who: Row, since: datetime) -> Row:
    """A row of `GET /v3/customers`."""
    return {
        "id": id_,
        "email": who["email"],
        "first_name": who["first_name"],
        "last_name": who["last_name"],
        "phone": who["phone"],
        "company": "",
        "notes": "",
        "date_created": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "addresses": [],
    }


def parcel(line_id: int, quantity: int, carrier: str, number: str, at: datetime) -> Row:
    """A row of `GET /v2/orders/{id}/shipments`."""
    return {
        "id": line_id + 900,
        "date_created": format_datetime(at),
        "tracking_number": number,
        "tracking_carrier": carrier.lower(),
        "shipping_provider": "",
        "shipping_provider_display_name": carrier,
        "tracking_link": "",
        "generated_tracking_link": f"https://parcels.example/{number}",
        "comments": "",
        "items": [{"order_product_id": line_id, "product_id": 0, "quantity": quantity}],
    }


def refund(id_: int, order_id: int, line_id: int, amount: float, reason: str, at: datetime) -> Row:
    """A row of V3's refunds: numbers, and ISO 8601."""
    return {
        "id": id_,
        "order_id": order_id,
        "user_id": 1,
        "created": at.isoformat(timespec="seconds"),
        "reason": reason,
        "total_amount": amount,
        "total_tax": 0,
        "items": [{"item_type": "PRODUCT", "item_id": line_id, "quantity": 1, "requested_amount": amount}],
        "payments": [
            {
                "id": 1,
                "provider_id": "braintree",
                "amount": amount,
                "offline": False,
                "is_declined": False,
                "declined_message": "",
            }
        ],
    }
