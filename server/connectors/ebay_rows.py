"""What eBay sends (Sell Fulfillment API v1, tokens, errors): of it all, the fields that are used, and its words."""

from pydantic import AliasPath, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..model import FulfillmentStatus, Money, PaymentStatus, RefundStatus
from .payload import Amount, Instant, Payload

PAYMENTS = {
    "FAILED": PaymentStatus.FAILED,
    "FULLY_REFUNDED": PaymentStatus.REFUNDED,
    "PAID": PaymentStatus.PAID,
    "PARTIALLY_REFUNDED": PaymentStatus.PARTIALLY_REFUNDED,
    "PENDING": PaymentStatus.PENDING,
}
FULFILLMENTS = {
    "FULFILLED": FulfillmentStatus.FULFILLED,
    "IN_PROGRESS": FulfillmentStatus.PARTIAL,
    "NOT_STARTED": FulfillmentStatus.UNFULFILLED,
}
CANCELLED = "CANCELED"
REFUNDS = {"FAILED": RefundStatus.FAILED, "PENDING": RefundStatus.PENDING, "REFUNDED": RefundStatus.SUCCEEDED}
"""A word that stands in no table stays unknown."""


class Row(Payload):
    model_config = ConfigDict(alias_generator=to_camel)


class GrantRow(Payload):
    access_token: str = Field(repr=False)
    expires_in: int


class DenialRow(Payload):
    error: str | None = None


class ErrorRow(Row):
    error_id: int | None = None


class ErrorsRow(Row):
    errors: tuple[ErrorRow, ...]

    @property
    def ids(self) -> set[int | None]:
        return {error.error_id for error in self.errors}


class Sum(Row):
    """An amount. Where eBay has converted it, the one before conversion stands beside it: that one the buyer saw."""

    value: Amount
    currency: str
    converted_from_value: Amount | None = None
    converted_from_currency: str | None = None

    @property
    def money(self) -> Money:
        if self.converted_from_value is None or self.converted_from_currency is None:
            return Money(self.value, self.currency)
        return Money(self.converted_from_value, self.converted_from_currency)


class AddressRow(Row):
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    postal_code: str | None = None
    country_code: str | None = None


class ContactRow(Row):
    full_name: str | None = None
    company_name: str | None = None
    contact_address: AddressRow | None = None
    email: str | None = None
    phone: str | None = Field(None, validation_alias=AliasPath("primaryPhone", "phoneNumber"))


class InstructionRow(Row):
    ship_to: ContactRow | None = Field(None, validation_alias=AliasPath("shippingStep", "shipTo"))
    final_destination_address: AddressRow | None = None
    max_estimated_delivery_date: Instant = None


class AspectRow(Row):
    value: str | None = None


class LineRow(Row):
    line_item_id: str
    title: str
    quantity: Amount
    sku: str | None = None
    variation_aspects: tuple[AspectRow, ...] = ()
    line_item_cost: Sum
    discounted_line_item_cost: Sum | None = None
    line_item_fulfillment_status: str | None = None


class PaymentRow(Row):
    payment_method: str | None = None
    payment_date: Instant = None


class RefundRow(Row):
    amount: Sum
    refund_date: Instant = None
    refund_status: str | None = None


class PricesRow(Row):
    price_subtotal: Sum | None = None
    price_discount: Sum | None = None
    delivery_cost: Sum | None = None
    delivery_discount: Sum | None = None
    tax: Sum | None = None
    total: Sum


class CancelRequestRow(Row):
    cancel_request_state: str | None = None
    cancel_reason: str | None = None


class CancelRow(Row):
    cancel_state: str | None = None
    cancelled_date: Instant = None
    cancel_requests: tuple[CancelRequestRow, ...] = ()


class OrderRow(Row):
    order_id: str = Field(pattern=r"^[0-9A-Za-z!-]{1,64}$")
    legacy_order_id: str | None = None
    creation_date: Instant = None
    username: str | None = Field(None, validation_alias=AliasPath("buyer", "username"))
    buyer: ContactRow = Field(ContactRow(), validation_alias=AliasPath("buyer", "buyerRegistrationAddress"))
    buyer_checkout_notes: str | None = None
    cancel_status: CancelRow = CancelRow()
    taxed_by_ebay: bool = Field(False, validation_alias="ebayCollectAndRemitTax")
    instructions: tuple[InstructionRow, ...] = Field((), validation_alias="fulfillmentStartInstructions")
    line_items: tuple[LineRow, ...]
    order_fulfillment_status: str | None = None
    order_payment_status: str | None = None
    payments: tuple[PaymentRow, ...] = Field((), validation_alias=AliasPath("paymentSummary", "payments"))
    refunds: tuple[RefundRow, ...] = Field((), validation_alias=AliasPath("paymentSummary", "refunds"))
    prices: PricesRow = Field(validation_alias="pricingSummary")


class PackedRow(Row):
    line_item_id: str
    quantity: Amount


class ParcelRow(Row):
    shipment_tracking_number: str | None = None
    shipping_carrier_code: str | None = None
    shipped_date: Instant = None
    line_items: tuple[PackedRow, ...] = ()


class ParcelsRow(Row):
    fulfillments: tuple[ParcelRow, ...]
