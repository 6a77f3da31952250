"""What Shopify's words mean (Admin API 2026-01 to 2026-10). A word that stands in no table stays unknown."""

from ..model import DisputeKind, DisputeStatus, FulfillmentStatus, PaymentStatus, ReturnStatus, ShipmentStatus

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
