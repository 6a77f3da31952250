"""What Amazon sends (Orders 2026-01-01, and v0's list), and what it means in our words."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import AliasPath, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..model import (
    Address,
    Cancellation,
    Due,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
    Order,
    Payment,
    PaymentStatus,
    Shipment,
    ShipmentStatus,
    ShippedItem,
    Totals,
)
from .answers import guest
from .payload import Amount, Instant, Payload, Text, blank

# Amazon charges a buyer when something leaves, and tells of no payment but by the order's state.
PAYMENTS: Mapping[str, PaymentStatus] = {
    "PENDING_AVAILABILITY": PaymentStatus.PENDING,
    "PENDING": PaymentStatus.PENDING,
    "UNSHIPPED": PaymentStatus.AUTHORIZED,
    "PARTIALLY_SHIPPED": PaymentStatus.PARTIALLY_PAID,
    "SHIPPED": PaymentStatus.PAID,
    "CANCELLED": PaymentStatus.VOIDED,
}
"""`UNFULFILLABLE` tells nothing of the money."""

FULFILLMENTS: Mapping[str, FulfillmentStatus] = {
    "PENDING_AVAILABILITY": FulfillmentStatus.SCHEDULED,
    "PENDING": FulfillmentStatus.UNFULFILLED,
    "UNSHIPPED": FulfillmentStatus.UNFULFILLED,
    "PARTIALLY_SHIPPED": FulfillmentStatus.PARTIAL,
    "SHIPPED": FulfillmentStatus.FULFILLED,
    "CANCELLED": FulfillmentStatus.CANCELLED,
    "UNFULFILLABLE": FulfillmentStatus.ON_HOLD,
}

PARCELS: Mapping[str, ShipmentStatus] = {
    "PENDING": ShipmentStatus.LABEL_CREATED,
    "IN_TRANSIT": ShipmentStatus.IN_TRANSIT,
    "SHIPPED": ShipmentStatus.IN_TRANSIT,
    "DELIVERED": ShipmentStatus.DELIVERED,
    "CANCELLED": ShipmentStatus.CANCELLED,
    "UNDELIVERABLE": ShipmentStatus.EXCEPTION,
}

CLOSER: Mapping[str, ShipmentStatus] = {
    "PENDING_SCHEDULE": ShipmentStatus.LABEL_CREATED,
    "PENDING_PICK_UP": ShipmentStatus.LABEL_CREATED,
    "PENDING_DROP_OFF": ShipmentStatus.LABEL_CREATED,
    "LABEL_CANCELLED": ShipmentStatus.CANCELLED,
    "PICKED_UP": ShipmentStatus.IN_TRANSIT,
    "DROPPED_OFF": ShipmentStatus.IN_TRANSIT,
    "AT_ORIGIN_FC": ShipmentStatus.IN_TRANSIT,
    "AT_DESTINATION_FC": ShipmentStatus.IN_TRANSIT,
    "DELIVERED": ShipmentStatus.DELIVERED,
    "REJECTED_BY_BUYER": ShipmentStatus.RETURNED,
    "UNDELIVERABLE": ShipmentStatus.EXCEPTION,
    "RETURNING_TO_SELLER": ShipmentStatus.RETURNED,
    "RETURNED_TO_SELLER": ShipmentStatus.RETURNED,
    "LOST": ShipmentStatus.EXCEPTION,
    "OUT_FOR_DELIVERY": ShipmentStatus.OUT_FOR_DELIVERY,
    "DAMAGED": ShipmentStatus.EXCEPTION,
}
"""`detailedStatus`, where Amazon has one."""

CENTRAL = {
    "na": "https://sellercentral.amazon.com",
    "eu": "https://sellercentral-europe.amazon.com",
    "fe": "https://sellercentral.amazon.co.jp",
}

NO_CURRENCY = "XXX"
"""ISO 4217: no currency is involved. A pending order has no amount yet, and so none."""


class Row(Payload):
    model_config = ConfigDict(alias_generator=to_camel)


class GrantRow(Payload):
    """The answer of Login with Amazon (RFC 6749 §5.1)."""

    access_token: str = Field(repr=False)
    expires_in: int


class ProblemRow(Payload):
    code: Text = ""
    message: Text = ""

    @property
    def said(self) -> str:
        """Code and words."""
        return f"{self.code} {self.message}"


class ProblemsRow(Payload):
    errors: Annotated[tuple[ProblemRow, ...], Field(min_length=1)]


class MoneyRow(Row):
    amount: Amount
    currency_code: Annotated[str, Field(min_length=3)]

    @property
    def money(self) -> Money:
        """As we write it."""
        return Money(self.amount, self.currency_code)


class PostalRow(Row):
    name: Text | None = None
    company_name: Text | None = None
    address_line1: Text | None = None
    address_line2: Text | None = None
    address_line3: Text | None = None
    city: Text | None = None
    state_or_region: Text | None = None
    postal_code: Text | None = None
    country_code: Text | None = None
    phone: Text | None = None


class ItemRow(Row):
    order_item_id: Text
    quantity_ordered: Amount
    title: Text | None = Field(None, validation_alias=AliasPath("product", "title"))
    sku: Text | None = Field(None, validation_alias=AliasPath("product", "sellerSku"))
    price: MoneyRow | None = Field(None, validation_alias=AliasPath("product", "price", "unitPrice"))
    total: MoneyRow | None = Field(None, validation_alias=AliasPath("proceeds", "proceedsTotal"))
    fulfilled: Amount | None = Field(None, validation_alias=AliasPath("fulfillment", "quantityFulfilled"))
    reason: Text | None = Field(
        None, validation_alias=AliasPath("cancellation", "cancellationExecution", "cancelReason")
    )


class PackedRow(Row):
    order_item_id: Text
    quantity: Amount


class PackageRow(Row):
    status: Text | None = Field(None, validation_alias=AliasPath("packageStatus", "status"))
    detailed: Text | None = Field(None, validation_alias=AliasPath("packageStatus", "detailedStatus"))
    carrier: Text | None = None
    ship_time: Instant = None
    tracking_number: Text | None = None
    package_items: tuple[PackedRow, ...] = ()


class BreakdownRow(Row):
    """One kind of proceeds: ITEM, SHIPPING, TAX, DISCOUNT and others."""

    type: Text
    subtotal: MoneyRow


class PaidRow(Row):
    payment_method: Text | None = None


class OrderRow(Row):
    order_id: Text
    created_time: Instant = None
    email: Text | None = Field(None, validation_alias=AliasPath("buyer", "buyerEmail"))
    buyer: Text | None = Field(None, validation_alias=AliasPath("buyer", "buyerName"))
    delivery: PostalRow | None = Field(None, validation_alias=AliasPath("recipient", "deliveryAddress"))
    total: MoneyRow | None = Field(None, validation_alias=AliasPath("proceeds", "grandTotal"))
    breakdowns: tuple[BreakdownRow, ...] | None = Field(None, validation_alias=AliasPath("proceeds", "breakdowns"))
    paid: tuple[PaidRow, ...] | None = Field(None, validation_alias=AliasPath("payment", "paymentExecutions"))
    status: Text | None = Field(None, validation_alias=AliasPath("fulfillment", "fulfillmentStatus"))
    order_items: tuple[ItemRow, ...]
    packages: tuple[PackageRow, ...] = ()


class OneRow(Payload):
    order: OrderRow


class NamedRow(Payload):
    """An order in v0's list, of which only its name is used."""

    id: Text = Field(validation_alias="AmazonOrderId")
    placed_at: Instant = Field(None, validation_alias="PurchaseDate")
    email: Text | None = Field(None, validation_alias=AliasPath("BuyerInfo", "BuyerEmail"))


class ListRow(Payload):
    orders: tuple[NamedRow, ...] = Field(validation_alias=AliasPath("payload", "Orders"))
    next_token: Text | None = Field(None, validation_alias=AliasPath("payload", "NextToken"))


# -- mapping ----------------------------------------------------------------------------------------------


def order(row: OrderRow, store: str, region: str, email: str | None) -> Order:
    """The order; `email` is the buyer's where the order itself does not tell."""
    email = blank(row.email) or email
    delivery = _address(row.delivery)
    status = row.status or ""
    sums = {part.type: part.subtotal.money for part in row.breakdowns or ()}
    reason = next((text for item in row.order_items if (text := blank(item.reason))), None)
    return Order(
        store=store,
        platform="amazon",
        store_id=row.order_id,
        number=row.order_id,
        party=guest(email, row.order_id),
        currency=_currency(row),
        placed_at=row.created_time,
        email=email,
        phone=delivery.phone if delivery else None,
        admin_url=f"{CENTRAL[region]}/orders-v3/order/{row.order_id}",
        payment=Payment(PAYMENTS.get(status, PaymentStatus.UNKNOWN), blank(status), _method(row), due=Due.ON_DISPATCH),
        fulfillment=Fulfillment(FULFILLMENTS.get(status, FulfillmentStatus.UNKNOWN), blank(status)),
        cancelled=Cancellation(reason=reason) if status == "CANCELLED" else None,
        totals=Totals(
            items=sums.get("ITEM"),
            discount=sums.get("DISCOUNT"),
            shipping=sums.get("SHIPPING"),
            tax=sums.get("TAX"),
            total=row.total.money if row.total else None,
        ),
        items=tuple(_item(item) for item in row.order_items),
        shipments=tuple(_shipment(package, row) for package in row.packages),
        shipping_address=delivery,
        billing_address=Address(name=row.buyer) if blank(row.buyer) else None,
    )


def _currency(row: OrderRow) -> str:
    amounts = (row.total, *(item.total or item.price for item in row.order_items))
    return next((each.currency_code for each in amounts if each), NO_CURRENCY)


def _method(row: OrderRow) -> str | None:
    return next((name for each in row.paid or () if (name := blank(each.payment_method))), None)


def _item(item: ItemRow) -> LineItem:
    return LineItem(
        title=item.title or "",
        quantity=item.quantity_ordered,
        sku=blank(item.sku),
        fulfilled=item.fulfilled,
        price=item.price.money if item.price else None,
        total=item.total.money if item.total else None,
        store_id=item.order_item_id,
    )


def _shipment(package: PackageRow, row: OrderRow) -> Shipment:
    """The closer word where Amazon has one that we know."""
    lines = {item.order_item_id: item for item in row.order_items}
    there = [(lines.get(each.order_item_id), each.quantity) for each in package.package_items]
    word = package.detailed if package.detailed in CLOSER else package.status
    status = CLOSER.get(word or "") or PARCELS.get(word or "", ShipmentStatus.UNKNOWN)
    return Shipment(
        status=status,
        raw=blank(word),
        carrier=blank(package.carrier),
        tracking_number=blank(package.tracking_number),
        shipped_at=package.ship_time,
        items=tuple(ShippedItem(line.title or "", Decimal(count), blank(line.sku)) for line, count in there if line),
    )


def _address(row: PostalRow | None) -> Address | None:
    if row is None:
        return None
    address = Address(
        name=blank(row.name),
        company=blank(row.company_name),
        street=tuple(filter(None, map(blank, (row.address_line1, row.address_line2, row.address_line3)))),
        city=blank(row.city),
        region=blank(row.state_or_region),
        postcode=blank(row.postal_code),
        country=blank(row.country_code),
        phone=blank(row.phone),
    )
    return None if address == Address() else address
