"""Every status in our words. Each stands beside the platform's own word; one that we do not know is `unknown`."""

from enum import StrEnum


class PaymentStatus(StrEnum):
    """Where the money for an order stands."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    FAILED = "failed"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


class Due(StrEnum):
    """When the money for an order is to be taken: by marketplaces as goods leave, as cash by whoever delivers them."""

    WITH_ORDER = "with_order"
    ON_DISPATCH = "on_dispatch"
    ON_DELIVERY = "on_delivery"


class FulfillmentStatus(StrEnum):
    """How much of an order has left the store."""

    UNFULFILLED = "unfulfilled"
    ON_HOLD = "on_hold"
    SCHEDULED = "scheduled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class ShipmentStatus(StrEnum):
    """Where one parcel is."""

    LABEL_CREATED = "label_created"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    DELAYED = "delayed"
    EXCEPTION = "exception"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class RefundStatus(StrEnum):
    """Whether refunded money has reached the payment provider."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ReturnStatus(StrEnum):
    """How far a return has come."""

    REQUESTED = "requested"
    OPEN = "open"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class DisputeKind(StrEnum):
    """A bank's question (inquiry) or its withdrawal of the money (chargeback)."""

    CHARGEBACK = "chargeback"
    INQUIRY = "inquiry"
    UNKNOWN = "unknown"


class DisputeStatus(StrEnum):
    """Who has to move in a dispute, or how it ended (seen from the merchant)."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    UNKNOWN = "unknown"
