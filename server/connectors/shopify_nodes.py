"""What Shopify sends: the nodes that our documents ask for, and what its words mean.

Names of fields and words are Shopify's (Admin API 2026-01 to 2026-10). Where an `AliasPath` meets a `null` on its way,
the value is missing. A word that stands in no table stays unknown.
"""

from typing import Annotated

from pydantic import AliasPath, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..model import DisputeKind, DisputeStatus, FulfillmentStatus, Money, PaymentStatus, ReturnStatus, ShipmentStatus
from .payload import Amount, Instant, Payload, Text


class Node(Payload):
    model_config = ConfigDict(alias_generator=to_camel)


class GrantNode(Payload):
    """The answer of the token endpoint (RFC 6749 §5.1)."""

    access_token: str = Field(repr=False)
    expires_in: int


class PageNode(Node):
    nodes: tuple[object, ...]
    more: bool = Field(validation_alias=AliasPath("pageInfo", "hasNextPage"))


class OwnerNode(Node):
    """A customer that was asked for together with his orders."""

    orders: PageNode


Id = Annotated[Text, Field(pattern=r"^[0-9]{1,20}$")]


class Sum(Node):
    amount: Amount
    currency_code: str

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency_code)


class AddressNode(Node):
    name: str | None = None
    company: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    province: str | None = None
    zip: str | None = None
    country: str | None = Field(None, validation_alias="countryCodeV2")
    phone: str | None = None


class CustomerNode(Node):
    legacy_resource_id: Id
    first_name: str | None = None
    last_name: str | None = None
    created_at: Instant = None
    number_of_orders: int | None = None
    tags: tuple[str, ...] = ()
    email: str | None = Field(None, validation_alias=AliasPath("defaultEmailAddress", "emailAddress"))
    phone: str | None = Field(None, validation_alias=AliasPath("defaultPhoneNumber", "phoneNumber"))
    amount_spent: Sum | None = None
    default_address: AddressNode | None = None


class DisputeNode(Node):
    initiated_as: str
    status: str


class TransactionNode(Node):
    kind: str | None = None
    status: str
    error_code: str | None = None
    formatted_gateway: str | None = None
    processed_at: Instant = None
    authorization_expires_at: Instant = None


class LineNode(Node):
    title: str
    variant_title: str | None = None
    sku: str | None = None
    quantity: int
    current_quantity: int
    unfulfilled_quantity: int
    non_fulfillable_quantity: int
    total: Sum = Field(validation_alias=AliasPath("discountedTotalSet", "presentmentMoney"))


class TrackingNode(Node):
    company: str | None = None
    number: str | None = None
    url: str | None = None


class EventNode(Node):
    status: str
    happened_at: Instant
    message: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None


class FulfillmentNode(Node):
    status: str
    display_status: str | None = None
    created_at: Instant
    in_transit_at: Instant = None
    delivered_at: Instant = None
    estimated_delivery_at: Instant = None
    tracking_info: list[TrackingNode]
    events: list[EventNode] = Field(validation_alias=AliasPath("events", "nodes"))


class RefundLineNode(Node):
    quantity: int
    title: str = Field(validation_alias=AliasPath("lineItem", "title"))


class RefundNode(Node):
    processed_at: Instant
    note: str | None = None
    total: Sum = Field(validation_alias=AliasPath("totalRefundedSet", "presentmentMoney"))
    transactions: list[TransactionNode] = Field(validation_alias=AliasPath("transactions", "nodes"))
    lines: list[RefundLineNode] = Field(validation_alias=AliasPath("refundLineItems", "nodes"))


class ReturnLineNode(Node):
    quantity: int
    reason: str | None = Field(None, validation_alias=AliasPath("returnReasonDefinition", "name"))
    return_reason_note: str | None = None
    title: str | None = Field(None, validation_alias=AliasPath("fulfillmentLineItem", "lineItem", "title"))
    sku: str | None = Field(None, validation_alias=AliasPath("fulfillmentLineItem", "lineItem", "sku"))


class ReturnNode(Node):
    name: str
    status: str
    created_at: Instant
    lines: list[ReturnLineNode] = Field(validation_alias=AliasPath("returnLineItems", "nodes"))


def _seen(name: str) -> AliasPath:
    return AliasPath(name, "presentmentMoney")


class OrderNode(Node):
    legacy_resource_id: Id
    name: str
    processed_at: Instant
    presentment_currency_code: str
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    tags: tuple[str, ...]
    discount_codes: tuple[str, ...]
    edited: bool
    display_financial_status: str | None = None
    display_fulfillment_status: str
    cancelled_at: Instant = None
    cancel_reason: str | None = None
    risk: str | None = Field(None, validation_alias=AliasPath("risk", "recommendation"))
    payment_gateway_names: list[str]
    subtotal: Sum | None = Field(None, validation_alias=_seen("subtotalPriceSet"))
    discounts: Sum | None = Field(None, validation_alias=_seen("totalDiscountsSet"))
    shipping: Sum = Field(validation_alias=_seen("totalShippingPriceSet"))
    tax: Sum | None = Field(None, validation_alias=_seen("totalTaxSet"))
    total: Sum = Field(validation_alias=_seen("totalPriceSet"))
    refunded: Sum = Field(validation_alias=_seen("totalRefundedSet"))
    shipping_address: AddressNode | None = None
    billing_address: AddressNode | None = None
    disputes: list[DisputeNode]
    transactions: list[TransactionNode]
    lines: list[LineNode] = Field(validation_alias=AliasPath("lineItems", "nodes"))
    more_lines: bool = Field(validation_alias=AliasPath("lineItems", "pageInfo", "hasNextPage"))
    fulfillments: list[FulfillmentNode]
    refunds: list[RefundNode]
    returns: list[ReturnNode] = Field([], validation_alias=AliasPath("returns", "nodes"))
    more_returns: bool = Field(False, validation_alias=AliasPath("returns", "pageInfo", "hasNextPage"))
    customer: CustomerNode | None = None


# -- words ------------------------------------------------------------------------------------------------

PAYMENT = {
    "PENDING": PaymentStatus.PENDING,
    "AUTHORIZED": PaymentStatus.AUTHORIZED,
    "PARTIALLY_PAID": PaymentStatus.PARTIALLY_PAID,
    "PAID": PaymentStatus.PAID,
    "PARTIALLY_REFUNDED": PaymentStatus.PARTIALLY_REFUNDED,
    "REFUNDED": PaymentStatus.REFUNDED,
    "VOIDED": PaymentStatus.VOIDED,
    "EXPIRED": PaymentStatus.FAILED,
}
PAID_ONCE = {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"}
NEVER_PAID = {None, "PENDING", "VOIDED", "EXPIRED"}

CASH_ON_DELIVERY = "Cash on Delivery (COD)"
"""Shopify's name for its own manual method."""

REVIEW = {"INVESTIGATE", "CANCEL"}
"""What Shopify recommends for the order, by its risk of fraud; `ACCEPT` and `NONE` ask nothing of anybody."""

PAYS = {"SALE", "CAPTURE", "AUTHORIZATION", "EMV_AUTHORIZATION"}
TAKES = {"SALE", "CAPTURE"}
LOST = {"FAILURE", "ERROR"}
UNDER_WAY = {"PENDING", "AWAITING_RESPONSE"}

# FULFILLMENT_NOT_REQUIRED and REQUEST_DECLINED are left unknown: neither says how much has left the store.
FULFILLMENT = {
    "UNFULFILLED": FulfillmentStatus.UNFULFILLED,
    "OPEN": FulfillmentStatus.UNFULFILLED,
    "IN_PROGRESS": FulfillmentStatus.UNFULFILLED,
    "PENDING_FULFILLMENT": FulfillmentStatus.UNFULFILLED,
    "RESTOCKED": FulfillmentStatus.UNFULFILLED,
    "ON_HOLD": FulfillmentStatus.ON_HOLD,
    "SCHEDULED": FulfillmentStatus.SCHEDULED,
    "PARTIALLY_FULFILLED": FulfillmentStatus.PARTIAL,
    "FULFILLED": FulfillmentStatus.FULFILLED,
}
UNSENT = {FulfillmentStatus.UNFULFILLED, FulfillmentStatus.ON_HOLD, FulfillmentStatus.SCHEDULED}

# Of a parcel and of its events. CONFIRMED ("no other information is available"), FULFILLED, MARKED_AS_FULFILLED,
# SUBMITTED and SUCCESS are left unknown: they say what the shop did, not where the parcel is.
SHIPMENT = {
    "LABEL_PRINTED": ShipmentStatus.LABEL_CREATED,
    "LABEL_PURCHASED": ShipmentStatus.LABEL_CREATED,
    "LABEL_VOIDED": ShipmentStatus.CANCELLED,
    "CARRIER_PICKED_UP": ShipmentStatus.IN_TRANSIT,
    "IN_TRANSIT": ShipmentStatus.IN_TRANSIT,
    "DELAYED": ShipmentStatus.DELAYED,
    "OUT_FOR_DELIVERY": ShipmentStatus.OUT_FOR_DELIVERY,
    "ATTEMPTED_DELIVERY": ShipmentStatus.ATTEMPTED,
    "READY_FOR_PICKUP": ShipmentStatus.READY_FOR_PICKUP,
    "PICKED_UP": ShipmentStatus.DELIVERED,
    "DELIVERED": ShipmentStatus.DELIVERED,
    "NOT_DELIVERED": ShipmentStatus.EXCEPTION,
    "FAILURE": ShipmentStatus.EXCEPTION,
    "ERROR": ShipmentStatus.EXCEPTION,
    "CANCELED": ShipmentStatus.CANCELLED,
    "CANCELLED": ShipmentStatus.CANCELLED,
}
RETURN = {
    "REQUESTED": ReturnStatus.REQUESTED,
    "OPEN": ReturnStatus.OPEN,
    "CLOSED": ReturnStatus.CLOSED,
    "DECLINED": ReturnStatus.DECLINED,
    "CANCELED": ReturnStatus.CANCELLED,
}
DISPUTE_KIND = {"CHARGEBACK": DisputeKind.CHARGEBACK, "INQUIRY": DisputeKind.INQUIRY}
# CHARGE_REFUNDED and PREVENTED are left unknown: in both the money may have gone back without a verdict.
DISPUTE = {
    "NEEDS_RESPONSE": DisputeStatus.NEEDS_RESPONSE,
    "UNDER_REVIEW": DisputeStatus.UNDER_REVIEW,
    "WON": DisputeStatus.WON,
    "LOST": DisputeStatus.LOST,
    "ACCEPTED": DisputeStatus.LOST,
}


class ScopeNode(Node):
    """One access scope that the app was granted."""

    handle: str


class InstallationNode(Node):
    access_scopes: tuple[ScopeNode, ...]


class ShopNode(Node):
    """What stands before and after every order number of the shop."""

    order_number_format_prefix: str = ""
    order_number_format_suffix: str = ""


class StandingNode(Node):
    """What Shopify says of the app's connection to the shop."""

    current_app_installation: InstallationNode
    shop: ShopNode

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes granted; who may write may read."""
        handles = {scope.handle for scope in self.current_app_installation.access_scopes}
        return frozenset(handles | {f"read_{handle[6:]}" for handle in handles if handle.startswith("write_")})
