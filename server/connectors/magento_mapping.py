"""Adobe Commerce's rows -> our words. Pure: what the shop did not say stays `None`, what nobody can tell `unknown`."""

from decimal import Decimal

from ..model import (
    Address,
    Cancellation,
    Due,
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
from .magento_rows import ZERO, CommentRow, CreditmemoRow, CustomerRow, LineRow, OrderRow, PostalRow, ShipmentRow
from .payload import blank, distinct, joined, plain

# What was paid is told by `total_paid`; these words say more than that.
PAYMENTS = {
    "pending_payment": PaymentStatus.PENDING,
    "payment_review": PaymentStatus.PENDING,
    "paypal_reversed": PaymentStatus.DISPUTED,
}

# Both stand for an order that Magento or the payment provider wants to be looked at before it goes on.
REVIEW = {"fraud", "payment_review"}

# By `state`, which no merchant renames. `processing` and `closed` tell of the money: quantities decide there.
FULFILLMENTS = {
    "new": FulfillmentStatus.UNFULFILLED,
    "pending_payment": FulfillmentStatus.UNFULFILLED,
    "payment_review": FulfillmentStatus.UNFULFILLED,
    "holded": FulfillmentStatus.ON_HOLD,
    "canceled": FulfillmentStatus.CANCELLED,
    "complete": FulfillmentStatus.FULFILLED,
}
COUNTED = {"processing", "closed"}

REFUNDS = {"1": RefundStatus.PENDING, "2": RefundStatus.SUCCEEDED, "3": RefundStatus.FAILED}


def order(row: OrderRow, store: str) -> Order:
    """The order, without its parcels and refunds."""
    extension = row.extension_attributes
    shipping = (
        next((each.shipping for each in extension.shipping_assignments if each.shipping), None) if extension else None
    )
    billing = _address(row.billing_address)
    return Order(
        store=store,
        platform="magento",
        store_id=str(row.entity_id),
        number=row.increment_id,
        party=row.party,
        currency=row.order_currency_code,
        placed_at=row.created_at,
        email=blank(row.customer_email),
        phone=billing.phone if billing else None,
        payment=_payment(row),
        fulfillment=_fulfillment(row),
        review=row.status if row.status in REVIEW else None,
        cancelled=Cancellation() if row.state == "canceled" else None,
        totals=_totals(row),
        items=tuple(_item(line, row) for line in row.lines),
        shipping_address=_address(shipping.address) if shipping else None,
        billing_address=billing,
        notes=tuple(note for each in row.status_histories if (note := _note(each))),
        discount_codes=(row.coupon_code,) if blank(row.coupon_code) and row.coupon_code else (),
    )


def account(row: CustomerRow, store: str) -> Party:
    """A customer's record."""
    postal = tuple(found for each in row.addresses if (found := _address(each)))
    return Party(
        store=store,
        store_id=str(row.id),
        kind=PartyKind.ACCOUNT,
        names=distinct(joined(row.firstname, row.lastname), *(each.name for each in postal)),
        emails=distinct(row.email),
        phones=distinct(*(each.phone for each in postal)),
        addresses=postal,
        since=row.created_at,
    )


def shipments(row: ShipmentRow, order: Order) -> tuple[Shipment, ...]:
    """One for each tracking number, or one without where there is none. No link and no state is stored."""
    seen = {line.store_id for line in order.items}
    there = [item for item in row.items if str(item.order_item_id) in seen] or row.items
    items = tuple(ShippedItem(item.name or "", item.qty, blank(item.sku)) for item in there)
    if not row.tracks:
        return (Shipment(ShipmentStatus.UNKNOWN, shipped_at=row.created_at, items=items),)
    return tuple(
        Shipment(
            ShipmentStatus.UNKNOWN,
            carrier=blank(track.title) or blank(track.carrier_code),
            tracking_number=blank(track.track_number),
            shipped_at=row.created_at,
            items=items,
        )
        for track in row.tracks
    )


def refund(row: CreditmemoRow, order: Order) -> Refund:
    """A credit memo; its first remark mostly is the reason."""
    seen = {line.store_id for line in order.items}
    back = [item for item in row.items if str(item.order_item_id) in seen and item.qty > 0]
    return Refund(
        amount=Money(row.grand_total, row.order_currency_code),
        status=REFUNDS.get(row.state or "", RefundStatus.UNKNOWN),
        at=row.created_at,
        reason=next((text for each in row.comments if (text := plain(each.comment))), None),
        items=tuple(
            RefundedItem(item.name or "", item.qty, _money(item.row_total_incl_tax, row.order_currency_code))
            for item in back
        ),
    )


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _payment(row: OrderRow) -> Payment:
    paid, back = row.total_paid or ZERO, row.total_refunded or ZERO
    status = PAYMENTS.get(row.status, PaymentStatus.UNKNOWN)
    if status is PaymentStatus.UNKNOWN and paid > 0:
        status = _paid(paid, back, row.grand_total)
    elif status is PaymentStatus.UNKNOWN:
        unpaid = {"new": PaymentStatus.PENDING, "holded": PaymentStatus.PENDING, "canceled": PaymentStatus.VOIDED}
        status = unpaid.get(row.state or "", PaymentStatus.UNKNOWN)
    extension = row.extension_attributes
    told = {info.key: info.value for info in extension.payment_additional_info} if extension else {}
    method = row.payment.method if row.payment else None
    due = Due.ON_DELIVERY if method == "cashondelivery" else Due.WITH_ORDER
    return Payment(status, row.status, blank(told.get("method_title")) or blank(method), due=due)


def _paid(paid: Decimal, back: Decimal, total: Decimal) -> PaymentStatus:
    if back > 0:
        return PaymentStatus.REFUNDED if back >= paid else PaymentStatus.PARTIALLY_REFUNDED
    return PaymentStatus.PAID if paid >= total else PaymentStatus.PARTIALLY_PAID


def _fulfillment(row: OrderRow) -> Fulfillment:
    status = FULFILLMENTS.get(row.state or "", FulfillmentStatus.UNKNOWN)
    if row.state in COUNTED:
        sent = sum((line.qty_shipped for line in row.items), ZERO)
        due = any(_due(line, row) > 0 for line in row.lines)
        status = FulfillmentStatus.PARTIAL if sent and due else FulfillmentStatus.FULFILLED if sent else status
        if not sent and row.state == "processing":
            status = FulfillmentStatus.UNFULFILLED
    return Fulfillment(status, row.status)


def _due(line: LineRow, row: OrderRow) -> Decimal:
    """What of a line has still to leave; a bundle's parcels are counted on the rows below it."""
    below = [each for each in row.items if each.parent_item_id == line.item_id]
    sent = line.qty_shipped or max((each.qty_shipped for each in below), default=ZERO)
    return line.qty_ordered - line.qty_canceled - line.qty_refunded - sent


def _totals(row: OrderRow) -> Totals:
    back = row.total_refunded or ZERO
    return Totals(
        items=row.money(row.subtotal),
        discount=row.money(None if row.discount_amount is None else abs(row.discount_amount)),
        shipping=row.money(row.shipping_amount),
        tax=row.money(row.tax_amount),
        total=row.money(row.grand_total),
        refunded=row.money(back),
        net=row.money(row.total_paid - back) if row.total_paid else None,
    )


def _item(line: LineRow, row: OrderRow) -> LineItem:
    """`sku` of a configurable product is its variant's already."""
    return LineItem(
        title=line.name or "",
        quantity=line.qty_ordered,
        sku=blank(line.sku),
        fulfilled=line.qty_shipped,
        refunded=line.qty_refunded,
        price=row.money(line.price),
        total=row.money(line.row_total),
        store_id=str(line.item_id),
    )


def _note(row: CommentRow) -> Note | None:
    text = plain(row.comment)
    return Note(text, row.created_at, public=row.is_visible_on_front in {"1", "True"}) if text else None


def _address(row: PostalRow | None) -> Address | None:
    if row is None:
        return None
    address = Address(
        name=joined(row.firstname, row.lastname),
        company=blank(row.company),
        street=tuple(line for line in map(blank, row.street) if line),
        city=blank(row.city),
        region=blank(row.region),
        postcode=blank(row.postcode),
        country=blank(row.country_id),
        phone=blank(row.telephone),
    )
    return None if address == Address() else address
