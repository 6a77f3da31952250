"""Builds the rows of an embedded Shopify shop, under Shopify's own names.

Rows carry every field that our documents select; lists stand in the order in which they grew.
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
    prefix: str = "#"


class Books:
    """Builds the rows of one shop, and numbers them."""

    def __init__(self, now: datetime, prefix: str, first_id: int) -> None:
        self.now = now.astimezone(UTC)
        self.prefix = prefix
        self.ids = first_id
        self.customers: list[Row] = []
        self.orders: list[Row] = []

    def shop(self) -> Shop:
        return Shop(tuple(self.customers), tuple(sorted(self.orders, key=lambda row: row["processedAt"])), self.prefix)

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
            "risk": {"recommendation": "NONE"},
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
        "authorizationExpiresAt": None,
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
