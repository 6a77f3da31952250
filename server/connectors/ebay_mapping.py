"""eBay's rows -> our words. Pure: what eBay did not say stays `None`, what nobody can tell `unknown`."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from msgspec import structs

from ..model import (
    Address,
    Cancellation,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
    Note,
    Order,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    Shipment,
    ShipmentStatus,
    ShippedItem,
    Totals,
)
from .answers import guest
from .ebay_rows import (
    CANCELLED,
    FULFILLMENTS,
    PAYMENTS,
    REFUNDS,
    AddressRow,
    CancelRow,
    ContactRow,
    LineRow,
    OrderRow,
    ParcelRow,
    PaymentRow,
    RefundRow,
    Sum,
)
from .payload import blank


def order(row: OrderRow, same: Callable[[str], bool], store: str) -> Order:
    """An order has two numbers, and is shown under the one that is the `same` as what was asked for."""
    old, buyer = row.legacy_order_id, row.buyer
    email = buyer.email or next((each.ship_to.email for each in row.instructions if each.ship_to), None)
    return Order(
        store=store,
        platform="ebay",
        store_id=row.order_id,
        number=old if old and same(old) else row.order_id,
        party=blank(row.username) or guest(email, row.order_id),
        currency=row.prices.total.money.currency,
        placed_at=row.creation_date,
        email=blank(email),
        phone=blank(buyer.phone),
        admin_url=f"https://www.ebay.com/mesh/ord/details?orderid={row.order_id}",
        payment=_payment(row),
        fulfillment=_fulfillment(row),
        cancelled=_cancelled(row.cancel_status),
        totals=_totals(row),
        items=tuple(map(_item, row.line_items)),
        refunds=tuple(_refund(refund) for refund in row.refunds),
        shipping_address=_destination(row),
        billing_address=_address(buyer, buyer.contact_address),
        notes=(Note(note, public=True),) if (note := blank(row.buyer_checkout_notes)) else (),
    )


def _payment(row: OrderRow) -> Payment:
    paid = row.payments[0] if row.payments else PaymentRow()
    word = row.order_payment_status
    return Payment(PAYMENTS.get(word or "", PaymentStatus.UNKNOWN), word, blank(paid.payment_method), paid.payment_date)


def _fulfillment(row: OrderRow) -> Fulfillment:
    word = row.order_fulfillment_status
    status = FULFILLMENTS.get(word or "", FulfillmentStatus.UNKNOWN)
    if row.cancel_status.cancel_state == CANCELLED and status is FulfillmentStatus.UNFULFILLED:
        return Fulfillment(FulfillmentStatus.CANCELLED, CANCELLED)
    return Fulfillment(status, word)


def _cancelled(row: CancelRow) -> Cancellation | None:
    if row.cancel_state != CANCELLED:
        return None
    reasons = (each.cancel_reason for each in row.cancel_requests if each.cancel_request_state == "COMPLETED")
    return Cancellation(row.cancelled_date, next(reasons, None))


def _totals(row: OrderRow) -> Totals:
    prices, total = row.prices, row.prices.total.money
    refunded = _sum(refund.amount for refund in row.refunds if refund.refund_status == "REFUNDED")
    discount = _sum(filter(None, (prices.price_discount, prices.delivery_discount)))
    return Totals(
        items=_money(prices.price_subtotal),
        discount=discount and structs.replace(discount, amount=abs(discount.amount)),
        shipping=_money(prices.delivery_cost),
        tax=_money(prices.tax),
        total=total,
        refunded=refunded,
        net=_net(row, total, refunded),
    )


def _money(row: Sum | None) -> Money | None:
    return row.money if row else None


def _net(row: OrderRow, total: Money, refunded: Money | None) -> Money | None:
    """What eBay names as refunded leaves out taxes that it collects itself: with these only the ends are sure."""
    match row.order_payment_status:
        case "PAID":
            return total
        case "FULLY_REFUNDED":
            return structs.replace(total, amount=Decimal(0))
        case "PARTIALLY_REFUNDED" if refunded and refunded.currency == total.currency and not row.taxed_by_ebay:
            return structs.replace(total, amount=total.amount - refunded.amount)
    return None


def _sum(rows: Iterable[Sum]) -> Money | None:
    amounts = [row.money for row in rows]
    if len({each.currency for each in amounts}) != 1:
        return None
    return Money(sum((each.amount for each in amounts), Decimal(0)), amounts[0].currency)


def _item(row: LineRow) -> LineItem:
    """eBay gives what all units cost; the price of one is shown where it comes out even."""
    cost = row.line_item_cost.money
    price = cost.amount / row.quantity if row.quantity else None
    told = {"FULFILLED": row.quantity, "NOT_STARTED": Decimal(0)}
    return LineItem(
        title=row.title,
        quantity=row.quantity,
        variant=blank(", ".join(filter(None, (aspect.value for aspect in row.variation_aspects)))),
        sku=blank(row.sku),
        fulfilled=told.get(row.line_item_fulfillment_status or ""),
        price=structs.replace(cost, amount=price)
        if price is not None and int(price.as_tuple().exponent) >= -4
        else None,
        total=(row.discounted_line_item_cost or row.line_item_cost).money,
        store_id=row.line_item_id,
    )


def _refund(row: RefundRow) -> Refund:
    amount = row.amount.money
    status = REFUNDS.get(row.refund_status or "", RefundStatus.UNKNOWN)
    return Refund(structs.replace(amount, amount=abs(amount.amount)), status, row.refund_date)


def shipment(row: ParcelRow, order: OrderRow) -> Shipment:
    """One parcel of that order; eBay tells no state of it."""
    lines = {line.line_item_id: line for line in order.line_items}
    packed = ((lines[each.line_item_id], each.quantity) for each in row.line_items if each.line_item_id in lines)
    due = {each.max_estimated_delivery_date for each in order.instructions}
    return Shipment(
        status=ShipmentStatus.UNKNOWN,
        carrier=blank(row.shipping_carrier_code),
        tracking_number=blank(row.shipment_tracking_number),
        shipped_at=row.shipped_date,
        estimated_at=due.pop() if len(due) == 1 else None,
        items=tuple(ShippedItem(line.title, count, line.sku) for line, count in packed),
    )


def _destination(row: OrderRow) -> Address | None:
    """Where the buyer gets it: with eBay's own shipping abroad, the parcel goes to a depot of eBay's first."""
    for instruction in row.instructions:
        if instruction.final_destination_address:
            return _address(ContactRow(), instruction.final_destination_address)
        if instruction.ship_to:
            return _address(instruction.ship_to, instruction.ship_to.contact_address)
    return None


def _address(contact: ContactRow, row: AddressRow | None) -> Address | None:
    row = row or AddressRow()
    address = Address(
        name=blank(contact.full_name),
        company=blank(contact.company_name),
        street=tuple(filter(None, (blank(row.address_line1), blank(row.address_line2)))),
        city=blank(row.city),
        region=blank(row.state_or_province),
        postcode=blank(row.postal_code),
        country=blank(row.country_code),
        phone=blank(contact.phone),
    )
    return None if address == Address() else address
