"""An embedded PrestaShop: as much of its webservice as our connector asks for, in JSON as PHP writes it."""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Row = dict[str, Any]
PARIS = ZoneInfo("Europe/Paris")
KEYS = {"order_slip": "order_slips"}


def prestashop_store(now: datetime, *, key: str) -> Starlette:
    """The shop, to be mounted at its address; its clock is that of Paris. Orders are dated relative to `now`."""
    tables = _tables(lambda days: (now - timedelta(days=days)).astimezone(PARIS).strftime("%Y-%m-%d %H:%M:%S"))
    login = f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}"

    async def answer(request: Request) -> Response:
        if request.headers.get("authorization") != login:
            return JSONResponse({"errors": [{"code": 17, "message": "Authentication key is empty or unknown"}]}, 401)
        resource = request.path_params["resource"]
        if resource not in tables:
            return JSONResponse({"errors": [{"code": 27, "message": "Resource does not exist"}]}, 400)
        rows = [row for row in tables[resource] if _holds(row, dict(request.query_params))]
        rows.sort(key=lambda row: int(row["id"]), reverse=request.query_params.get("sort") == "[id_DESC]")
        shown = rows[: int(request.query_params.get("limit", len(rows) or 1))]
        return JSONResponse({KEYS.get(resource, resource): shown} if shown else [])

    return Starlette(routes=[Route("/api/{resource}", answer, methods=["GET"])])


def _holds(row: Row, query: Mapping[str, str]) -> bool:
    """`filter[field]=[a|b]`, without regard to capitals; a field that no row has is an error in a real shop."""
    filters = {name[7:-1]: value.strip("[]") for name, value in query.items() if name.startswith("filter[")}
    return all(str(row.get(field, "")).lower() in value.lower().split("|") for field, value in filters.items())


def _tables(ago: Callable[[float], str]) -> Mapping[str, list[Row]]:
    apron = _line(301, "Savon de Marseille", "SAVON-4", 4, "6.500000")
    cloth = _line(310, "Torchon en lin", "TOR-L", 2, "14.900000")
    return {
        "customers": [
            _customer(31, "iris.novak@example.com", "Iris", "Novak", ago(500)),
            _customer(32, "luc.bernard@example.org", "Luc", "Bernard", ago(20), guest="1"),
        ],
        "orders": [
            _order(501, "KMRTQWZXA", 31, 4, ago(5), [apron], 41),
            _order(487, "BNVCXLKJH", 31, 7, ago(70), [cloth], 41),
            _order(498, "PLMOKNIJB", 32, 10, ago(8), [cloth], 42, paid=False),
        ],
        "order_states": [
            _state(2, "Paiement accepté", "payment", paid="1"),
            _state(4, "Expédié", "shipped", paid="1", shipped="1"),
            _state(7, "Remboursé", "refund", paid="0", shipped="1"),
            _state(10, "En attente de virement", "bankwire"),
        ],
        "currencies": [{"id": 1, "name": "Euro", "iso_code": "EUR", "active": "1"}],
        "order_carriers": [
            {"id": 9, "id_order": "501", "id_carrier": "2", "tracking_number": "6A12345678901", "date_add": ago(4)},
            {"id": 8, "id_order": "498", "id_carrier": "2", "tracking_number": "", "date_add": ago(8)},
        ],
        "order_slip": [
            {
                "id": 5,
                "id_order": "487",
                "total_products_tax_incl": "29.800000",
                "total_shipping_tax_incl": "0.000000",
                "date_add": ago(60),
                "associations": {"order_slip_details": [{"id_order_detail": "310", "product_quantity": "2"}]},
            }
        ],
        "addresses": [
            _address(41, "Iris", "Novak", "14 Quay Street", "Bristol", "BS1 4AB", "+442079460018"),
            _address(42, "Luc", "Bernard", "12 rue des Lilas", "Lyon", "69003", ""),
        ],
    }


def _customer(id_: int, email: str, first: str, last: str, at: str, guest: str = "0") -> Row:
    names = {"firstname": first, "lastname": last}
    return {"id": id_, "id_lang": "1", "email": email, **names, "is_guest": guest, "date_add": at}


def _state(id_: int, name: str, template: str, *, paid: str = "0", shipped: str = "0") -> Row:
    return {"id": id_, "name": name, "template": template, "paid": paid, "shipped": shipped, "logable": paid}


def _line(id_: int, name: str, sku: str, quantity: int, price: str) -> Row:
    return {
        "id": str(id_),
        "product_id": "9",
        "product_quantity": str(quantity),
        "product_name": name,
        "product_reference": sku,
        "unit_price_tax_incl": price,
    }


def _order(
    id_: int, reference: str, customer: int, state: int, at: str, lines: list[Row], address: int, *, paid: bool = True
) -> Row:
    goods = sum(float(line["unit_price_tax_incl"]) * int(line["product_quantity"]) for line in lines)
    total = f"{goods + 5.9:.6f}"
    return {
        "id": id_,
        "id_address_delivery": str(address),
        "id_address_invoice": str(address),
        "id_currency": "1",
        "id_customer": str(customer),
        "current_state": str(state),
        "payment": "Carte bancaire" if paid else "Virement bancaire",
        "date_add": at,
        "total_paid": total,
        "total_paid_real": total if paid else "0.000000",
        "total_products_wt": f"{goods:.6f}",
        "total_discounts_tax_incl": "0.000000",
        "total_shipping_tax_incl": "5.900000",
        "reference": reference,
        "associations": {"order_rows": lines},
    }


def _address(id_: int, first: str, last: str, street: str, city: str, code: str, phone: str) -> Row:
    return {
        "id": id_,
        "firstname": first,
        "lastname": last,
        "company": "",
        "address1": street,
        "address2": "",
        "city": city,
        "postcode": code,
        "phone": phone,
        "phone_mobile": "",
    }
