"""BigCommerce's rows -> our words. Pure: what the store did not say stays `None`, what nobody can tell `unknown`."""

from ..model import (
    Address,
    Cancellation,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
    Note,
    Order,
    Party,
    PartyKind,
    Payment,
    PaymentStatus,
    Refund,
    RefundedItem,
    RefundStatus,
    Shipment,
    ShipmentStatus,
    ShippedItem,
    Totals,
)
from .bigcommerce_rows import ZERO, ConsignmentsRow, CustomerRow, LineRow, OrderRow, PostalRow, RefundRow, ShipmentRow
from .payload import blank, distinct, joined, safe_url

PAYMENTS = {
    "authorized": PaymentStatus.AUTHORIZED,
    "captured": PaymentStatus.PAID,
    "capture pending": PaymentStatus.AUTHORIZED,
    "declined": PaymentStatus.FAILED,
    "held for review": PaymentStatus.PENDING,
    "paid": PaymentStatus.PAID,
    "partially refunded": PaymentStatus.PARTIALLY_REFUNDED,
    "pending": PaymentStatus.PENDING,
    "refunded": PaymentStatus.REFUNDED,
    "void": PaymentStatus.VOIDED,
    "void pending": PaymentStatus.AUTHORIZED,
}
"""`payment_status`; it is empty for what was paid outside of a gateway, and then the order's own status may tell."""

UNPAID = {"declined": PaymentStatus.FAILED, "awaiting payment": PaymentStatus.PENDING, "pending": PaymentStatus.PENDING}

FULFILLMENTS = {
    "pending": FulfillmentStatus.UNFULFILLED,
    "awaiting payment": FulfillmentStatus.UNFULFILLED,
    "declined": FulfillmentStatus.UNFULFILLED,
    "awaiting fulfillment": FulfillmentStatus.UNFULFILLED,
    "awaiting shipment": FulfillmentStatus.UNFULFILLED,
    "awaiting pickup": FulfillmentStatus.UNFULFILLED,
    "manual verification required": FulfillmentStatus.ON_HOLD,
    "partially shipped": FulfillmentStatus.PARTIAL,
    "shipped": FulfillmentStatus.FULFILLED,
    "completed": FulfillmentStatus.FULFILLED,
    "cancelled": FulfillmentStatus.CANCELLED,
}
"""`status`, which a store cannot rename (its own word is `custom_status`). Refunded, Partially Refunded and Disputed
tell of the money alone."""


def order(row: OrderRow, store: str, admin: str) -> Order:
    """The order; whatever has been sent of it is to be asked for."""
    consignments = row.consignments or ConsignmentsRow()
    groups = (*consignments.shipping, *consignments.pickups, *consignments.downloads)
    notes = ((row.customer_message, True), (row.staff_notes, False))
    return Order(
        store=store,
        platform="bigcommerce",
        store_id=str(row.id),
        number=str(row.id),
        party=row.party,
        currency=row.default_currency_code,
        placed_at=row.date_created,
        email=blank(row.billing_address.email),
        phone=blank(row.billing_address.phone),
        admin_url=f"{admin}/orders/{row.id}",
        payment=_payment(row),
        fulfillment=_fulfillment(row),
        review=blank(row.payment_status) if (row.payment_status or "").casefold() == "held for review" else None,
        cancelled=Cancellation() if row.status.casefold() == "cancelled" else None,
        totals=_totals(row),
        items=tuple(_item(line, row) for group in groups for line in group.line_items),
        shipping_address=next((found for group in consignments.shipping if (found := _address(group))), None),
        billing_address=_address(row.billing_address),
        notes=tuple(Note(text, row.date_created, public=public) for note, public in notes if (text := blank(note))),
        later=frozenset({"shipments"}) if row.items_shipped > 0 else frozenset(),
    )


def account(row: CustomerRow, store: str, admin: str) -> Party:
    """A customer's record, with the first ten of his addresses."""
    postal = tuple(found for each in row.addresses if (found := _address(each)))
    return Party(
        store=store,
        store_id=str(row.id),
        kind=PartyKind.ACCOUNT,
        names=distinct(joined(row.first_name, row.last_name), *(each.name for each in postal)),
        emails=distinct(row.email),
        phones=distinct(row.phone, *(each.phone for each in postal)),
        addresses=postal,
        since=row.date_created,
        admin_url=f"{admin}/customers/{row.id}/edit",
    )


def shipment(row: ShipmentRow, order: Order) -> Shipment:
    """One parcel of that order, whose lines name what is in it."""
    lines = {line.store_id: line for line in order.items}
    there = [(lines.get(str(item.order_product_id)), item.quantity) for item in row.items]
    return Shipment(
        status=ShipmentStatus.UNKNOWN,
        carrier=blank(row.shipping_provider_display_name)
        or blank(row.tracking_carrier)
        or blank(row.shipping_provider),
        tracking_number=blank(row.tracking_number),
        tracking_url=safe_url(row.tracking_link) or safe_url(row.generated_tracking_link),
        shipped_at=row.date_created,
        items=tuple(ShippedItem(line.title, quantity, line.sku) for line, quantity in there if line),
    )


def refund(row: RefundRow, order: Order) -> Refund:
    """A refund that one of its payments declined has failed."""
    lines = {line.store_id: line for line in order.items}
    declined = any(payment.is_declined for payment in row.payments)
    items = [(lines.get(str(item.item_id)), item) for item in row.items if item.item_type == "PRODUCT"]
    return Refund(
        amount=Money(row.total_amount, order.currency),
        status=RefundStatus.FAILED if declined else RefundStatus.SUCCEEDED if row.payments else RefundStatus.UNKNOWN,
        at=row.created,
        reason=blank(row.reason),
        method=next((name for payment in row.payments if (name := blank(payment.provider_id))), None),
        items=tuple(RefundedItem(line.title, item.quantity) for line, item in items if line),
    )


def _payment(row: OrderRow) -> Payment:
    word, status = row.payment_status or "", row.status.casefold()
    found = PAYMENTS.get(word.casefold(), PaymentStatus.UNKNOWN) if word else UNPAID.get(status, PaymentStatus.UNKNOWN)
    if status == "disputed":
        found = PaymentStatus.DISPUTED
    elif found is PaymentStatus.PAID and row.refunded_amount > 0:
        whole = row.refunded_amount >= row.total_inc_tax
        found = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    return Payment(found, word or blank(row.custom_status) or row.status, blank(row.payment_method))


def _fulfillment(row: OrderRow) -> Fulfillment:
    """Where the status tells of the money alone, what has been sent still tells something."""
    status = FULFILLMENTS.get(row.status.casefold(), FulfillmentStatus.UNKNOWN)
    known = status is not FulfillmentStatus.UNKNOWN
    if not known and row.items_total and row.items_shipped > 0:
        status = FulfillmentStatus.FULFILLED if row.items_shipped >= row.items_total else FulfillmentStatus.PARTIAL
    return Fulfillment(status, blank(row.custom_status) or row.status)


def _totals(row: OrderRow) -> Totals:
    discounts = [amount for amount in (row.discount_amount, row.coupon_discount) if amount is not None]
    paid = PAYMENTS.get((row.payment_status or "").casefold()) in {
        PaymentStatus.PAID,
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.REFUNDED,
    }
    return Totals(
        items=row.money(row.subtotal_inc_tax),
        discount=row.money(sum(discounts, ZERO)) if discounts else None,
        shipping=row.money(row.shipping_cost_inc_tax),
        tax=row.money(row.total_tax),
        total=row.money(row.total_inc_tax),
        refunded=row.money(row.refunded_amount),
        net=row.money(row.total_inc_tax - row.refunded_amount) if paid else None,
    )


def _item(line: LineRow, row: OrderRow) -> LineItem:
    return LineItem(
        title=line.name,
        quantity=line.quantity,
        sku=blank(line.sku),
        fulfilled=line.quantity_shipped,
        refunded=line.quantity_refunded,
        price=row.money(line.price_inc_tax),
        total=row.money(line.total_inc_tax),
        store_id=str(line.id),
    )


def _address(row: PostalRow) -> Address | None:
    lines = (row.street_1 or row.address1, row.street_2 or row.address2)
    address = Address(
        name=joined(row.first_name, row.last_name),
        company=blank(row.company),
        street=tuple(line for line in map(blank, lines) if line),
        city=blank(row.city),
        region=blank(row.state) or blank(row.state_or_province),
        postcode=blank(row.zip) or blank(row.postal_code),
        country=blank(row.country_iso2) or blank(row.country_code),
        phone=blank(row.phone),
    )
    return None if address == Address() else address
