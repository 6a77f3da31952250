"""From API2Cart's rows to our words. Statuses are the platform's own: they are known by their names, whatever it is."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec.structs import replace

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
    Payment,
    PaymentStatus,
    Refund,
    RefundedItem,
    RefundStatus,
    Return,
    ReturnStatus,
    Shipment,
    ShipmentStatus,
    ShippedItem,
    Totals,
)
from .answers import buyers, guest
from .api2cart_rows import (
    NO_CURRENCY,
    ZERO,
    AddressRow,
    GoodsRow,
    LineRow,
    NameRow,
    OrderRow,
    RefundLineRow,
    RefundRow,
    ReturnRow,
    ShipmentRow,
    TrackingRow,
)
from .payload import blank, distinct, joined

# Words without capitals and what is neither letter nor digit, as `order.status.list` of eBay, Amazon, Etsy, TikTok
# Shop and Walmart gives them, and those of WooCommerce and Magento. `order.list` tells no other status than this one.
PAYMENTS = {
    word: status
    for status, words in {
        PaymentStatus.PENDING: (
            "awaitingpayment paymentprocessing paymentreview pending pendingavailability pendingpayment unpaid"
        ),
        PaymentStatus.PAID: "paid",
        PaymentStatus.PARTIALLY_REFUNDED: "partiallyrefunded",
        PaymentStatus.REFUNDED: "fullyrefunded refunded",
        PaymentStatus.FAILED: "failed",
    }.items()
    for word in words.split()
}
FULFILLMENTS = {
    word: status
    for status, words in {
        FulfillmentStatus.UNFULFILLED: (
            "acknowledged awaitingcollection awaitingpayment awaitingshipment created failed open paid "
            "paymentprocessing paymentreview pending pendingavailability pendingpayment processing readytoship unpaid "
            "unshipped"
        ),
        FulfillmentStatus.ON_HOLD: "holded onhold",
        FulfillmentStatus.PARTIAL: "partiallyshipped partiallyshipping",
        FulfillmentStatus.FULFILLED: "complete completed delivered intransit invoiceunconfirmed shipped",
        FulfillmentStatus.CANCELLED: "canceled cancelled",
    }.items()
    for word in words.split()
}
RETURNS = {
    word: status
    for status, words in {
        ReturnStatus.REQUESTED: "pending requested",
        ReturnStatus.OPEN: "approved open",
        ReturnStatus.CLOSED: "closed completed",
        ReturnStatus.DECLINED: "declined rejected",
        ReturnStatus.CANCELLED: "canceled cancelled",
    }.items()
    for word in words.split()
}


def _key(status: NameRow | None) -> str:
    return re.sub(r"[\W_]", "", (status and status.word) or "").lower()


# -- orders and buyers ---------------------------------------------------------------------------------------


def order(row: OrderRow, store: str) -> Order:
    """The order; its displayed number is the id that API2Cart's methods take."""
    customer, billing = row.customer, _address(row.billing_address)
    email = blank(customer.email) if customer else None
    return Order(
        store=store,
        platform="api2cart",
        store_id=row.order_id,
        number=row.order_id,
        party=(customer and customer.account) or guest(email, row.order_id),
        currency=row.code,
        placed_at=row.create_at,
        email=email,
        phone=(blank(customer.phone) if customer else None) or (billing.phone if billing else None),
        payment=_payment(row),
        fulfillment=_fulfillment(row),
        review=row.status.word if row.status and _key(row.status) == "paymentreview" else None,
        cancelled=_cancellation(row),
        totals=_totals(row),
        items=tuple(_item(line, row) for line in _bought(row)),
        refunds=tuple(_refund(refund, row) for refund in row.given_back),
        shipping_address=_address(row.shipping_address),
        billing_address=billing,
        notes=_notes(row),
        discount_codes=distinct(*(discount.code for discount in row.discounts)),
        later=frozenset({"shipments"}),
    )


def parties(rows: Sequence[OrderRow], orders: Sequence[Order]) -> list[Party]:
    """The buyers under the names that they gave themselves; where there is no billing address, no other is known."""
    names: dict[str, list[str | None]] = {}
    for row, each in zip(rows, orders, strict=True):
        name = joined(row.customer.first_name, row.customer.last_name) if row.customer else None
        names.setdefault(each.party, []).append(name)
    return [replace(party, names=distinct(*names[party.store_id], *party.names)) for party in buyers(orders)]


def _payment(row: OrderRow) -> Payment:
    word = row.status.word if row.status else None
    method = blank(row.payment_method.name) if row.payment_method else None
    return Payment(_paid(row), word, method, row.paid_at)


def _paid(row: OrderRow) -> PaymentStatus:
    """Refunds tell most, then the status' name, then a time of payment: eBay's `total_paid` is what is to be paid."""
    total, refunded = row.sum("total"), _refunded(row)
    if refunded and total is not None:
        return PaymentStatus.REFUNDED if refunded >= total else PaymentStatus.PARTIALLY_REFUNDED
    if (told := PAYMENTS.get(_key(row.status))) is not None:
        return told
    if row.paid_yet is not None:
        return PaymentStatus.PAID if row.paid_yet else PaymentStatus.PENDING
    paid = row.sum("paid")
    if not paid or total is None:
        return PaymentStatus.UNKNOWN
    return PaymentStatus.PAID if paid >= total else PaymentStatus.PARTIALLY_PAID


def _fulfillment(row: OrderRow) -> Fulfillment:
    """An eBay order is completed when its checkout is: that tells nothing of the goods."""
    key = _key(row.status)
    status = FULFILLMENTS.get(key, FulfillmentStatus.UNKNOWN)
    if key == "completed" and row.ebay_order_status:
        status = FulfillmentStatus.UNKNOWN
    elif row.on_hold and status is not FulfillmentStatus.CANCELLED:
        status = FulfillmentStatus.ON_HOLD
    return Fulfillment(status, row.status.word if row.status else None)


def _cancellation(row: OrderRow) -> Cancellation | None:
    cancelled = row.cancelled_at or FULFILLMENTS.get(_key(row.status)) is FulfillmentStatus.CANCELLED
    return Cancellation(row.cancelled_at, blank(row.cancel_reason)) if cancelled else None


def _refunded(row: OrderRow) -> Decimal:
    return sum((refund.amount for refund in row.given_back), ZERO)


def _totals(row: OrderRow) -> Totals:
    total, refunded, discount = row.sum("total"), _refunded(row), row.sum("discount")
    kept = total - refunded if total is not None and _paid(row) in KEPT else None
    return Totals(
        items=_money(row.sum("items"), row),
        discount=_money(None if discount is None else abs(discount), row),
        shipping=_money(row.sum("shipping"), row),
        tax=_money(row.sum("tax"), row),
        total=_money(total, row),
        refunded=_money(refunded, row),
        net=_money(kept, row),
    )


KEPT = {PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}
"""Where the whole total was paid once."""


def _money(amount: Decimal | None, row: OrderRow) -> Money | None:
    return None if amount is None or row.code == NO_CURRENCY else Money(amount, row.code)


def _notes(row: OrderRow) -> tuple[Note, ...]:
    """A gift message is the customer's own; who wrote a comment, API2Cart does not say."""
    texts = ((blank(row.comment), False), (blank(row.gift_message), True), (blank(row.seller_note), False))
    return tuple(Note(text, public=public) for text, public in texts if text)


# -- lines and refunds ---------------------------------------------------------------------------------------


def _bought(row: OrderRow) -> Iterable[LineRow]:
    """The parts of a set, or the variant beside its product, are left out beside what they belong to."""
    ids = {line.id for line in row.order_products if line.id}
    return (line for line in row.order_products if not line.parent or line.parent not in ids - {line.id})


def _item(line: LineRow, row: OrderRow) -> LineItem:
    back = [part for refund in row.given_back for part in refund.items]
    told = all(refund.items for refund in row.given_back) and bool(back)
    return LineItem(
        title=line.name or "",
        variant=", ".join(each.value for each in line.options if isinstance(each.value, str) and each.value) or None,
        sku=blank(line.model),
        quantity=line.quantity,
        fulfilled=line.quantity_shipped,
        refunded=sum((abs(part.quantity) for part in back if part.id == line.id), ZERO) if told else None,
        price=_money(line.price, row),
        total=_money(line.total_price, row),
        store_id=line.id,
    )


def _refund(refund: RefundRow, row: OrderRow) -> Refund:
    return Refund(
        amount=Money(refund.amount, row.code),
        status=RefundStatus.UNKNOWN,
        at=refund.at,
        reason=blank(refund.comment),
        items=tuple(_refunded_item(part, row) for part in refund.items),
    )


def _refunded_item(part: RefundLineRow, row: OrderRow) -> RefundedItem:
    title = next((line.name for line in row.order_products if part.id and line.id == part.id), None)
    return RefundedItem(title or "", abs(part.quantity), _money(part.refund, row))


def _address(row: AddressRow | None) -> Address | None:
    if row is None:
        return None
    code = blank(row.country.code2) if row.country else None
    address = Address(
        name=row.name,
        company=blank(row.company),
        street=tuple(filter(None, map(blank, (row.address1, row.address2, row.address3, row.address4)))),
        city=blank(row.city),
        region=(blank(row.state.name) or blank(row.state.code) if row.state else None) or blank(row.region),
        postcode=blank(row.postcode),
        country=code or (blank(row.country.name) if row.country else None),
        phone=blank(row.phone) or blank(row.phone_mobile),
    )
    return None if address == Address() else address


# -- parcels and returns -------------------------------------------------------------------------------------


def shipments(rows: Iterable[ShipmentRow]) -> tuple[Shipment, ...]:
    """Each tracking number is a parcel; what is in which one nobody says, so the first holds it all."""
    return tuple(
        _shipment(row, tracking, _goods(row.items) if first == 0 else ())
        for row in rows
        for first, tracking in enumerate(row.tracking_numbers or (TrackingRow(),))
    )


def _shipment(row: ShipmentRow, tracking: TrackingRow, items: tuple[ShippedItem, ...]) -> Shipment:
    """That it has left does not tell where it is: some platforms never say that it was delivered."""
    status = ShipmentStatus.DELIVERED if row.delivered_at else ShipmentStatus.UNKNOWN
    if row.is_shipped is False and not row.delivered_at:
        status = ShipmentStatus.LABEL_CREATED
    return Shipment(
        status=status,
        carrier=blank(row.shipment_provider) or blank(tracking.carrier_id),
        tracking_number=blank(tracking.tracking_number),
        shipped_at=None if row.is_shipped is False else row.created_at,
        delivered_at=row.delivered_at,
        items=items,
    )


def _goods(rows: Iterable[GoodsRow]) -> tuple[ShippedItem, ...]:
    return tuple(ShippedItem(row.name or "", row.quantity, blank(row.sku)) for row in rows)


def returns(rows: Iterable[ReturnRow]) -> dict[str, tuple[Return, ...]]:
    """By the number of their order, newest first."""
    found: dict[str, tuple[Return, ...]] = {}
    for row in sorted(rows, key=lambda row: row.created_at.timestamp() if row.created_at else 0.0, reverse=True):
        found[row.order_id] = (*found.get(row.order_id, ()), _return(row))
    return found


def _return(row: ReturnRow) -> Return:
    reasons = distinct(*(goods.reason.word for goods in row.order_products if goods.reason))
    return Return(
        status=RETURNS.get(_key(row.status), ReturnStatus.UNKNOWN),
        raw=row.status.word if row.status else None,
        name=blank(row.name),
        reason=", ".join(reasons) or blank(row.comment),
        at=row.created_at,
        items=_goods(row.order_products),
    )
