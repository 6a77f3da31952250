"""The shops of the demo's world, as Shopify holds them. Everybody here is invented; times count from `now`.

Rows carry every field that our documents select, under Shopify's names; lists stand in the order in which they grew.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shop:
    """Customers, and orders from the oldest to the newest. Each order names its customer, each customer his orders."""

    customers: tuple[Row, ...]
    orders: tuple[Row, ...]


class _Books:
    """Builds the rows of one shop, and numbers them."""

    def __init__(self, now: datetime, prefix: str, first_id: int) -> None:
        self.now = now.astimezone(UTC)
        self.prefix = prefix
        self.ids = first_id
        self.customers: list[Row] = []
        self.orders: list[Row] = []

    def shop(self) -> Shop:
        return Shop(tuple(self.customers), tuple(sorted(self.orders, key=lambda row: row["processedAt"])))

    def ago(self, days: float) -> str:
        return (self.now - timedelta(days=days)).isoformat(timespec="seconds").replace("+00:00", "Z")

    def _id(self) -> str:
        self.ids += 7
        return str(self.ids)

    def customer(self, first: str, last: str, email: str, place: Row, *, since: float = 400, **more: Any) -> Row:
        row = {
            "legacyResourceId": self._id(),
            "firstName": first,
            "lastName": last,
            "createdAt": self.ago(since),
            "numberOfOrders": "0",
            "note": None,
            "tags": [],
            "defaultEmailAddress": {"emailAddress": email},
            "defaultPhoneNumber": {"phoneNumber": place["phone"]} if place["phone"] else None,
            "amountSpent": {"amount": "0.00", "currencyCode": "USD"},
            "defaultAddress": place,
            "orders": [],
            **more,
        }
        self.customers.append(row)
        return row

    def order(self, number: str, days: float, buyer: Row | str, place: Row, *lines: Row, **more: Any) -> Row:
        """`buyer` is a customer, or the e-mail of a guest. The totals follow from the lines and the shipping."""
        currency = more.pop("currency", "USD")
        shipping = Decimal(more.pop("shipping", "5.00"))
        goods = sum((Decimal(line["discountedTotalSet"]["presentmentMoney"]["amount"]) for line in lines), Decimal())
        customer = None if isinstance(buyer, str) else buyer
        row = {
            "legacyResourceId": self._id(),
            "name": f"{self.prefix}{number}",
            "processedAt": self.ago(days),
            "presentmentCurrencyCode": currency,
            "email": buyer if isinstance(buyer, str) else buyer["defaultEmailAddress"]["emailAddress"],
            "phone": None,
            "note": None,
            "tags": [],
            "discountCodes": [],
            "edited": False,
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "cancelledAt": None,
            "cancelReason": None,
            "paymentGatewayNames": ["shopify_payments"],
            "subtotalPriceSet": money(str(goods), currency),
            "totalDiscountsSet": money("0.0", currency),
            "totalShippingPriceSet": money(str(shipping), currency),
            "totalTaxSet": money("0.0", currency),
            "totalPriceSet": money(str(goods + shipping), currency),
            "totalRefundedSet": money("0.0", currency),
            "shippingAddress": place,
            "billingAddress": place,
            "disputes": [],
            "transactions": [paid(self.ago(days))],
            "lineItems": list(lines),
            "fulfillments": [],
            "refunds": [],
            "returns": [],
            "customer": customer,
            **more,
        }
        self.orders.append(row)
        if customer is not None:
            customer["orders"].append(row)
            customer["orders"].sort(key=lambda each: each["processedAt"])
            customer["numberOfOrders"] = str(len(customer["orders"]))
        return row

    def parcel(self, status: str, shipped: float, number: str, *events: Row, delivered: float | None = None) -> Row:
        return {
            "status": "SUCCESS",
            "displayStatus": status,
            "createdAt": self.ago(shipped),
            "inTransitAt": self.ago(shipped - 0.3),
            "deliveredAt": self.ago(delivered) if delivered is not None else None,
            "estimatedDeliveryAt": None,
            "trackingInfo": [
                {"company": "UPS", "number": number, "url": f"https://www.ups.com/track?tracknum={number}"}
            ],
            "events": list(events),
        }

    def scan(self, status: str, days: float, city: str, province: str, message: str) -> Row:
        return {
            "status": status,
            "happenedAt": self.ago(days),
            "message": message,
            "city": city,
            "province": province,
            "country": "US",
        }


def money(amount: str, currency: str = "USD") -> Row:
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


def paid(at: str, *, status: str = "SUCCESS", error: str | None = None) -> Row:
    return {
        "kind": "SALE",
        "status": status,
        "errorCode": error,
        "formattedGateway": "Shopify Payments",
        "processedAt": at,
    }


def line(title: str, total: str, *, variant: str | None = None, quantity: int = 1, sent: bool = False) -> Row:
    return {
        "title": title,
        "variantTitle": variant,
        "sku": "-".join(word[:4].upper() for word in title.split()),
        "quantity": quantity,
        "currentQuantity": quantity,
        "unfulfilledQuantity": 0 if sent else quantity,
        "nonFulfillableQuantity": 0,
        "discountedTotalSet": money(total),
    }


def place(name: str, street: str, city: str, region: str, code: str, country: str = "US", phone: str = "") -> Row:
    return {
        "name": name,
        "company": None,
        "address1": street,
        "address2": None,
        "city": city,
        "province": region,
        "zip": code,
        "countryCodeV2": country,
        "phone": phone or None,
    }


def acme_us(now: datetime) -> Shop:
    """Acme US: one order for each thing that can go right or wrong, and two strangers that its search brings up."""
    books = _Books(now, "#US-", 5_480_000_000)
    _delivered(books)
    _stalled(books)
    _disputed(books)
    _refund_pending(books)
    _return_requested(books)
    _payment_failed(books)
    _two_currencies(books)
    home = place("Li Wei", "88 Market Street", "San Francisco", "California", "94103")
    books.order("2233", 4, "li.wei@example.cn", home, line("Tea Canister", "24.00"), note="No plastic, please.")
    _strangers(books)
    return books.shop()


def cedar(now: datetime) -> Shop:
    """Cedar & Co: Lucas and his one order, on its way."""
    books = _Books(now, "#C", 7_310_000_000)
    home = place("Lucas Martin", "14 rue des Lilas", "Lyon", "Rhône", "69003", "FR")
    lucas = books.customer("Lucas", "Martin", "lucas.martin@example.fr", home, amountSpent=_usd("119.00"))
    books.order(
        "5021",
        5,
        lucas,
        home,
        line("Cedar Chest", "99.00", variant="small", sent=True),
        shipping="20.00",
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "IN_TRANSIT",
                4,
                "1Z5021LM0000005021",
                books.scan("CARRIER_PICKED_UP", 3.7, "Seattle", "Washington", "Picked up"),
                books.scan("IN_TRANSIT", 0.5, "Louisville", "Kentucky", "Departed from facility"),
            )
        ],
    )
    return books.shop()


def _usd(amount: str) -> Row:
    return {"amount": amount, "currencyCode": "USD"}


def _delivered(books: _Books) -> None:
    home = place("Jane Doerr", "7 Elm Street", "Boston", "Massachusetts", "02108")
    jane = books.customer("Jane", "Doerr", "jane.doerr@gmail.com", home, amountSpent=_usd("31.00"), tags=["newsletter"])
    books.order(
        "2210",
        20,
        jane,
        home,
        line("Linen Towel", "26.00", variant="sand", quantity=2, sent=True),
        displayFulfillmentStatus="FULFILLED",
        discountCodes=["WELCOME"],
        fulfillments=[
            books.parcel(
                "DELIVERED",
                19,
                "1Z2210JD0000002210",
                books.scan("CARRIER_PICKED_UP", 18.7, "Newark", "New Jersey", "Picked up"),
                books.scan("OUT_FOR_DELIVERY", 16.3, "Boston", "Massachusetts", "Out for delivery"),
                books.scan("DELIVERED", 16, "Boston", "Massachusetts", "Left at the front door"),
                delivered=16,
            )
        ],
    )


def _stalled(books: _Books) -> None:
    home = place("Grace Kim", "310 Beale Street", "Memphis", "Tennessee", "38103", phone="+19015550142")
    grace = books.customer("Grace", "Kim", "grace.kim@example.com", home, amountSpent=_usd("69.00"))
    books.order(
        "2225",
        10,
        grace,
        home,
        line("Wool Blanket", "64.00", sent=True),
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "IN_TRANSIT",
                9,
                "1Z2225GK0000002225",
                books.scan("CARRIER_PICKED_UP", 8.7, "Newark", "New Jersey", "Picked up"),
                books.scan("IN_TRANSIT", 6, "Memphis", "Tennessee", "Arrived at facility"),
            )
        ],
    )


def _disputed(books: _Books) -> None:
    home = place("Daniel Wright", "52 Oak Avenue", "Austin", "Texas", "78701")
    daniel = books.customer("Daniel", "Wright", "daniel.wright@example.com", home, amountSpent=_usd("145.00"))
    books.order(
        "2218",
        12,
        daniel,
        home,
        line("Canvas Backpack", "140.00", variant="olive", sent=True),
        displayFulfillmentStatus="FULFILLED",
        disputes=[{"initiatedAs": "CHARGEBACK", "status": "NEEDS_RESPONSE"}],
        fulfillments=[
            books.parcel(
                "DELIVERED",
                9,
                "1Z2218DW0000002218",
                books.scan("OUT_FOR_DELIVERY", 4.3, "Austin", "Texas", "Out for delivery"),
                books.scan("DELIVERED", 4, "Austin", "Texas", "Delivered, handed to resident"),
                delivered=4,
            )
        ],
    )


def _refund_pending(books: _Books) -> None:
    home = place("Olivia Brown", "9 Pearl Street", "Denver", "Colorado", "80203")
    olivia = books.customer("Olivia", "Brown", "olivia.brown@example.com", home)
    books.order(
        "2236",
        3,
        olivia,
        home,
        line("Cutting Board", "53.00") | {"currentQuantity": 0, "unfulfilledQuantity": 0, "nonFulfillableQuantity": 1},
        displayFinancialStatus="REFUNDED",
        cancelledAt=books.ago(2),
        cancelReason="CUSTOMER",
        totalRefundedSet=money("58.00"),
        refunds=[
            {
                "processedAt": books.ago(2),
                "note": None,
                "totalRefundedSet": money("58.00"),
                "transactions": [{"status": "PENDING", "formattedGateway": "Shopify Payments"}],
                "refundLineItems": [{"quantity": 1, "lineItem": {"title": "Cutting Board"}}],
            }
        ],
    )


def _return_requested(books: _Books) -> None:
    home = place("Noah Schmidt", "77 Lake Drive", "Chicago", "Illinois", "60601")
    noah = books.customer("Noah", "Schmidt", "noah.schmidt@example.com", home, amountSpent=_usd("93.00"))
    jacket = line("Rain Jacket", "70.00", variant="M", sent=True)
    books.order(
        "2229",
        9,
        noah,
        home,
        jacket,
        line("Wool Socks", "18.00", sent=True),
        displayFulfillmentStatus="FULFILLED",
        fulfillments=[
            books.parcel(
                "DELIVERED",
                8,
                "1Z2229NS0000002229",
                books.scan("DELIVERED", 5, "Chicago", "Illinois", "Left with concierge"),
                delivered=5,
            )
        ],
        returns=[
            {
                "name": "#US-2229-R1",
                "status": "REQUESTED",
                "createdAt": books.ago(1),
                "returnLineItems": [
                    {
                        "__typename": "ReturnLineItem",
                        "quantity": 1,
                        "returnReasonNote": "",
                        "returnReasonDefinition": {"name": "Too small"},
                        "fulfillmentLineItem": {"lineItem": jacket},
                    }
                ],
            }
        ],
    )


def _payment_failed(books: _Books) -> None:
    home = place("Sam Carter", "4 Mill Road", "Nashville", "Tennessee", "37203")
    sam = books.customer("Sam", "Carter", "sam.carter@example.com", home)
    books.order(
        "2240",
        1,
        sam,
        home,
        line("Steel Bottle", "27.00", variant="500 ml"),
        displayFinancialStatus="PENDING",
        transactions=[paid(books.ago(1), status="FAILURE", error="INSUFFICIENT_FUNDS")],
    )


def _two_currencies(books: _Books) -> None:
    home = place("Yuki Tanaka", "2-11-3 Meguro", "Tokyo", "Tokyo", "153-0063", "JP", "+81355550177")
    yuki = books.customer("Yuki", "Tanaka", "yuki.tanaka@example.jp", home, amountSpent=_usd("127.40"))
    books.order(
        "2231",
        6,
        yuki,
        home,
        line("Ceramic Teapot", "0") | {"discountedTotalSet": money("11800", "JPY")},
        currency="JPY",
        shipping="1000",
    )
    books.order("2219", 11, yuki, home, line("Tea Whisk", "38.00", sent=True), displayFulfillmentStatus="FULFILLED")


def _strangers(books: _Books) -> None:
    """Whom Shopify's search takes for Jane, for Li Wei and for #US-2210."""
    mary = place("Mary Doerr", "15 Hill Road", "Salem", "Oregon", "97301")
    books.order(
        "2205",
        25,
        books.customer("Mary Jane", "Doerr", "mary.jane.doerr@gmail.com", mary, amountSpent=_usd("17.00")),
        mary,
        line("Tea Towel", "12.00"),
    )
    books.order(
        "2227",
        9.5,
        "xi.li.wei@example.cn",
        place("Xi Li Wei", "3 Grant Avenue", "Oakland", "California", "94607"),
        line("Tea Canister", "24.00"),
    )
    peter = place("Peter Lang", "6 Bay Street", "Tampa", "Florida", "33602")
    books.order(
        "2210-B",
        19.5,
        books.customer("Peter", "Lang", "peter.lang@example.com", peter, amountSpent=_usd("45.00")),
        peter,
        line("Desk Lamp", "40.00"),
    )
