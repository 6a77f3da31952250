"""The demo's WooCommerce shops: invented people and their orders, in WooCommerce's own format."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .woocommerce import Row, Shop


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who orders; `account` 0 is a guest. `email` and `phone` are what he gives with an order."""

    first: str
    last: str
    email: str
    account: int = 0
    phone: str = ""
    street: str = "Lindenweg 4"
    city: str = "Berlin"
    postcode: str = "10115"
    country: str = "DE"
    account_email: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` of something for `price` each, before tax, of which there is none here."""

    title: str
    price: str
    quantity: int = 1
    variant: str | None = None


def order(
    number: int,
    buyer: Buyer,
    placed: datetime,
    *lines: Line,
    status: str = "completed",
    currency: str = "EUR",
    shipping: str = "0.00",
    method: tuple[str, str] = ("paypal", "PayPal"),
    paid: bool = True,
    parcels: Sequence[Row] = (),
    refunds: Sequence[Row] = (),
    **changes: Any,
) -> Row:
    """An order whose number is its id. `changes` are put over the finished row."""
    total = sum((Decimal(line.price) * line.quantity for line in lines), Decimal(shipping))
    meta = [{"id": number * 10, "key": "_wc_shipment_tracking_items", "value": list(parcels)}] if parcels else []
    return {
        "id": number,
        "parent_id": 0,
        "number": str(number),
        "order_key": f"wc_order_demo{number}",
        "status": status,
        "currency": currency,
        "date_created": _time(placed),
        "date_created_gmt": _time(placed),
        "date_paid_gmt": _time(placed + timedelta(minutes=2)) if paid else None,
        "discount_total": "0.00",
        "shipping_total": shipping,
        "total": str(total),
        "total_tax": "0.00",
        "customer_id": buyer.account,
        "billing": {**_postal(buyer), "email": buyer.email, "phone": buyer.phone},
        "shipping": {**_postal(buyer), "phone": ""},
        "payment_method": method[0],
        "payment_method_title": method[1],
        "transaction_id": f"demo-{number}" if paid else "",
        "customer_ip_address": "203.0.113.7",
        "customer_note": "",
        "meta_data": [*meta, {"id": number * 10 + 1, "key": "internal_margin", "value": "0.37"}],
        "line_items": [_line(number * 100 + index, line) for index, line in enumerate(lines, 1)],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [{"id": row["id"], "reason": row["reason"], "total": f"-{row['amount']}"} for row in refunds],
        **changes,
    }


def refund(id_: int, amount: str, at: datetime, reason: str = "", *lines: tuple[int, Line], sent: bool = False) -> Row:
    """A refund; `lines` are ids of the order's lines and what came back of them, `sent` that the gateway paid."""
    return {
        "id": id_,
        "parent_id": lines[0][0] // 100 if lines else 0,
        "date_created_gmt": _time(at),
        "amount": amount,
        "reason": reason,
        "refunded_payment": sent,
        "line_items": [_line_back(id_ * 100 + index, *back) for index, back in enumerate(lines, 1)],
    }


def parcel(number: str, shipped: datetime, provider: str = "", custom: str = "", link: str = "") -> Row:
    """A tracking number as the Shipment Tracking plugins store it."""
    return {
        "tracking_provider": provider,
        "custom_tracking_provider": custom,
        "custom_tracking_link": link,
        "tracking_number": number,
        "date_shipped": str(int(shipped.timestamp())),
        "tracking_id": f"demo{number[-6:]}",
    }


def customer(buyer: Buyer, since: datetime, role: str = "customer") -> Row:
    """His account, under its own address."""
    return {
        "id": buyer.account,
        "date_created_gmt": _time(since),
        "email": buyer.account_email or buyer.email,
        "first_name": buyer.first,
        "last_name": buyer.last,
        "role": role,
        "username": f"u{buyer.account}",
        "billing": {**_postal(buyer), "email": buyer.account_email or buyer.email, "phone": buyer.phone},
        "shipping": {**_postal(buyer), "phone": ""},
        "is_paying_customer": True,
        "meta_data": [],
    }


def _line(id_: int, line: Line) -> dict[str, Any]:
    total = str(Decimal(line.price) * line.quantity)
    return {
        "id": id_,
        "name": f"{line.title} - {line.variant}" if line.variant else line.title,
        "parent_name": line.title if line.variant else None,
        "quantity": line.quantity,
        "subtotal": total,
        "total": total,
        "total_tax": "0.00",
        "price": float(line.price),
        "sku": f"SKU-{sum(map(ord, line.title)) % 1000:03}",
        "image": {"id": "", "src": ""},
        "meta_data": [],
    }


def _line_back(id_: int, of: int, line: Line) -> dict[str, Any]:
    row = _line(id_, line)
    meta = [{"id": id_, "key": "_refunded_item_id", "value": str(of)}]
    return {
        **row,
        "quantity": -line.quantity,
        "subtotal": f"-{row['subtotal']}",
        "total": f"-{row['total']}",
        "meta_data": meta,
    }


def _postal(buyer: Buyer) -> dict[str, str]:
    return {
        "first_name": buyer.first,
        "last_name": buyer.last,
        "company": "",
        "address_1": buyer.street,
        "address_2": "",
        "city": buyer.city,
        "state": "",
        "postcode": buyer.postcode,
        "country": buyer.country,
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")


# -- the shops --------------------------------------------------------------------------------------------

JANE = Buyer("Jane", "Doerr", "jane.doerr@gmail.com", 42, "+49 30 5550101", "Kastanienallee 12", postcode="10435")
OMAR = Buyer("Omar", "Haddad", "omar.haddad@example.net", phone="+49 40 5550123", city="Hamburg", postcode="20095")
MARIA = Buyer(
    "Maria", "Rossi", "maria.rossi@studio.example", 57, "+39 02 5550144", "Via Roma 8", "Milano", "20121", "IT"
)
OFFICE = "office@birchwood.example"
ANN = Buyer(
    "Ann", "Lee", OFFICE, 61, "+44 20 7946 0101", "1 Quay St", "Bristol", "BS1 4DJ", "GB", "ann.lee@birchwood.example"
)
BOB = replace(ANN, first="Bob", last="Stone", account=62, account_email="bob.stone@birchwood.example")
TOM = Buyer("Tom", "Becker", "tom.becker@example.org", 70, "+49 221 5550170", "Domstr. 3", "Köln", "50667")
YUKI = Buyer("Yuki", "Tanaka", "yuki.tanaka@example.jp", 75, "+81 3 5550 0175", "Aoyama 2-1", "Tokyo", "107-0062", "JP")
EVE = Buyer(
    "<script>alert('order')</script>",
    "O'Hara \u202egnp.exe",
    "eve.ohara@example.com",
    80,
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }} {% raw %} & Sons",
    '=HYPERLINK("https://evil.example")',
)
PRIYA = Buyer(
    "Priya", "Nair", "priya.nair@example.co.uk", 12, "+44 20 7946 0112", "5 Elm Row", "Leeds", "LS1 4AP", "GB"
)
LUCAS = Buyer(
    "Lucas", "Martin", "lucas.martin@example.fr", 9, "+33 1 55 50 01 09", "4 rue Neuve", "Lyon", "69001", "FR"
)

APRON = Line("Linen Apron", "39.00", variant="natural")
BOTTLE = Line("Steel Bottle 750 ml", "24.00", 2)
TOTE = Line("Canvas Tote", "16.20")
LAMP = Line("Desk Lamp", "79.90")
MUG = Line("Ceramic Mug", "12.50")

# The search finds the first three with Jane, though none of them is she: by address, phone and name.
STRANGERS = (
    Buyer("Mary-Jane", "Doerr", "mary-jane.doerr@gmail.com", 101),
    Buyer("Joana", "Pereira", "joana.pereira@example.org", phone="+49 30 55501012"),
    Buyer("Lena", "Vogt", "lena.vogt@example.net", street="c/o Jane Doerr, Kastanienallee 12"),
    *(
        Buyer(first, last, f"{first}.{last}@example.org".lower(), 110 + index if index % 3 else 0)
        for index, (first, last) in enumerate(
            (first, last)
            for last in ("Keller", "Novak", "Lindqvist")
            for first in ("Ada", "Ben", "Carla", "Dirk", "Elif", "Finn", "Gesa", "Hugo", "Ines")
        )
    ),
)


def acme_eu(now: datetime) -> Shop:
    """Acme EU as it stands at `now`: every kind of customer that the demo's tickets ask for, among strangers."""

    def ago(days: float) -> datetime:
        return now - timedelta(days=days)

    part = refund(2038, "20.00", ago(76), "Late delivery", sent=True)
    tote = refund(2047, "16.20", ago(3), "Damaged in transit", (104701, TOTE))
    jane = [
        order(
            1042, JANE, ago(12), APRON, BOTTLE, status="processing", shipping="2.90",
            parcels=[
                parcel("00340434161094000017", ago(11), custom="DHL", link="https://track.example.net/dhl/00340434161094000017"),
                parcel("00340434161094000024", ago(9), "dhl"),
            ],
        ),
        order(1038, JANE, ago(80), Line("Wool Blanket", "45.00"), refunds=[part]),
        order(991, JANE, ago(300), Line("Oak Board", "60.00", 2)),
    ]  # fmt: skip
    others = [
        order(1051, OMAR, ago(1), LAMP, MUG, status="processing"),
        order(1044, MARIA, ago(9), Line("Silk Scarf", "88.00"), parcels=[parcel("1Z999AA10123456784", ago(8), "ups")]),
        order(1045, ANN, ago(8), Line("Notebook", "9.80", 5)),
        order(1046, BOB, ago(6), LAMP, status="processing"),
        order(1047, TOM, ago(10), TOTE, LAMP, parcels=[parcel("JJD000390007882", ago(9), "dhl")], refunds=[tote]),
        order(1049, YUKI, ago(4), Line("Tea Sampler", "22.40", 2), status="processing", shipping="12.50"),
    ]
    orders = [*jane, *others, *_hostile(ago(2)), *_strangers(now)]
    since = dict(zip((JANE, MARIA, ANN, BOB, TOM, YUKI, EVE), (900, 400, 350, 340, 200, 120, 3), strict=True))
    accounts = [customer(buyer, ago(days)) for buyer, days in since.items()]
    return Shop(orders, [*accounts, *(customer(each, ago(500)) for each in STRANGERS if each.account)], [part, tote])


def birch_home(now: datetime) -> Shop:
    """Birch Home: one customer with two orders in pounds."""
    pounds: dict[str, Any] = {"currency": "GBP", "method": ("stripe", "Credit card")}
    orders = [
        order(3307, PRIYA, now - timedelta(days=3), LAMP, status="processing", **pounds),
        order(3301, PRIYA, now - timedelta(days=40), MUG, TOTE, **pounds),
    ]
    return Shop(orders, [customer(PRIYA, now - timedelta(days=600))])


def cedar_classics(now: datetime) -> Shop:
    """Cedar Classics: one customer with one order in dollars."""
    made = now - timedelta(days=30)
    return Shop([order(771, LUCAS, made, BOTTLE, currency="USD")], [customer(LUCAS, made - timedelta(days=60))])


def _hostile(placed: datetime) -> Iterable[Row]:
    """What people may type into a shop, and a row that a broken plugin spoilt."""
    title = "<b onmouseover=alert(1)>Mug</b> {{ 7 * 7 }}"
    link = parcel("<i>77</i>", placed, custom="\u202eLHD", link="javascript:alert(document.domain)")
    note = "</p><script>alert('note')</script> Please ring \u0000 twice"
    yield order(1053, EVE, placed, Line(title, "12.50"), status="processing", parcels=[link], customer_note=note)
    yield order(1054, EVE, placed - timedelta(hours=3), MUG, total="see invoice")


def _strangers(now: datetime) -> Iterable[Row]:
    statuses = ("completed", "processing", "on-hold", "completed", "cancelled", "failed", "completed", "pending")
    for index, buyer in enumerate(STRANGERS):
        status = statuses[index % len(statuses)]
        paid = status in {"completed", "processing"}
        yield order(1000 + index, buyer, now - timedelta(days=60 - index), MUG, status=status, paid=paid)
