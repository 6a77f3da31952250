"""PrestaShop's rows -> our words. Pure: what the shop did not say stays `None`, what nobody can tell `unknown`."""

from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from msgspec import structs

from ..model import (
    Address,
    Cancellation,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
    Money,
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
    Totals,
)
from .payload import blank, distinct, joined
from .prestashop_rows import (
    ZERO,
    AddressRow,
    CustomerRow,
    LinesRow,
    More,
    OrderRow,
    SlippedRows,
    SlipRow,
    StateRow,
    Tables,
)

NO_CURRENCY = "XXX"
"""ISO 4217: of a currency that the shop has deleted since, nobody knows which it was."""

# What a state means is told by its flags, which a renamed one keeps; these are the mails that the states of a new shop
# send, and say what no flag does.
PAYMENTS = {
    "payment_error": PaymentStatus.FAILED,
    "refund": PaymentStatus.REFUNDED,
}
FULFILLMENTS = {
    "order_canceled": FulfillmentStatus.CANCELLED,
    "outofstock": FulfillmentStatus.ON_HOLD,
}


# -- mapping ----------------------------------------------------------------------------------------------


def account(row: CustomerRow, zone: tzinfo, store: str) -> Party:
    """A customer's record; a guest has one too, for this one order."""
    return Party(
        store=store,
        store_id=str(row.id),
        kind=PartyKind.GUEST if row.is_guest == "1" else PartyKind.ACCOUNT,
        names=distinct(joined(row.firstname, row.lastname)),
        emails=distinct(row.email),
        since=_utc(row.date_add, zone),
    )


def order(row: OrderRow, buyer: CustomerRow | None, tables: Tables, zone: tzinfo, store: str) -> Order:
    """The order, without its parcels, slips and addresses."""
    currency = tables.currencies.get(row.id_currency, NO_CURRENCY)
    state = tables.states.get(row.current_state)

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, currency)

    return Order(
        store=store,
        platform="prestashop",
        store_id=str(row.id),
        number=row.reference,
        party=str(row.id_customer),
        currency=currency,
        placed_at=_utc(row.date_add, zone),
        email=blank(buyer.email) if buyer else None,
        payment=Payment(_payment(row, state), state.name if state else None, row.payment),
        fulfillment=_fulfillment(state),
        cancelled=Cancellation() if state and state.template == "order_canceled" else None,
        totals=Totals(
            items=money(row.total_products_wt),
            discount=money(row.total_discounts_tax_incl),
            shipping=money(row.total_shipping_tax_incl),
            total=money(row.total_paid),
            net=money(row.total_paid_real) if row.total_paid_real else None,
        ),
        items=tuple(
            LineItem(
                title=line.product_name,
                quantity=line.product_quantity,
                sku=line.product_reference,
                price=money(line.unit_price_tax_incl),
                total=None
                if line.unit_price_tax_incl is None
                else money(line.unit_price_tax_incl * line.product_quantity),
                store_id=str(line.id),
            )
            for line in (row.associations or LinesRow()).order_rows
        ),
    )


def told(order: Order, row: OrderRow, more: More, zone: tzinfo) -> Order:
    """The order with what other resources tell of it."""
    places = {each.id: each for each in more.addresses}
    refunds = tuple(_refund(slip, order, zone) for slip in more.slips or () if slip.id_order == row.id)
    back = sum((refund.amount.amount for refund in refunds), ZERO)
    status = _less(order.payment.status, back, row.total_paid)
    unseen = more.slips is None or (status is PaymentStatus.REFUNDED and not back)  # what went back is not known
    net = order.totals.net
    billing = _address(places.get(row.id_address_invoice))
    return structs.replace(
        order,
        phone=billing.phone if billing else None,
        payment=structs.replace(order.payment, status=status),
        totals=structs.replace(
            order.totals,
            refunded=None if unseen else Money(back, order.currency),
            net=None if unseen or net is None else Money(net.amount - back, net.currency),
        ),
        shipments=tuple(
            Shipment(ShipmentStatus.UNKNOWN, tracking_number=each.tracking_number)
            for each in more.parcels
            if each.id_order == row.id and each.tracking_number
        ),
        refunds=refunds,
        shipping_address=_address(places.get(row.id_address_delivery)),
        billing_address=billing,
    )


def _payment(row: OrderRow, state: StateRow | None) -> PaymentStatus:
    if state is None:
        return PaymentStatus.UNKNOWN
    if state.template in PAYMENTS:
        return PAYMENTS[state.template]
    if state.paid == "1":
        return PaymentStatus.PAID
    if row.total_paid_real <= 0:
        return PaymentStatus.VOIDED if state.template == "order_canceled" else PaymentStatus.PENDING
    return PaymentStatus.PAID if row.total_paid_real >= row.total_paid else PaymentStatus.PARTIALLY_PAID


def _less(status: PaymentStatus, back: Decimal, total: Decimal) -> PaymentStatus:
    """What credit slips make of a payment."""
    if status is not PaymentStatus.PAID or back <= 0:
        return status
    return PaymentStatus.REFUNDED if back >= total else PaymentStatus.PARTIALLY_REFUNDED


def _fulfillment(state: StateRow | None) -> Fulfillment:
    if state is None:
        return Fulfillment(FulfillmentStatus.UNKNOWN)
    status = FULFILLMENTS.get(state.template)
    if status is None:
        status = FulfillmentStatus.FULFILLED if state.shipped == "1" else FulfillmentStatus.UNFULFILLED
    if state.template == "refund" and state.shipped != "1":
        status = FulfillmentStatus.UNKNOWN  # tells of the money alone
    return Fulfillment(status, state.name)


def _refund(slip: SlipRow, order: Order, zone: tzinfo) -> Refund:
    lines = {line.store_id: line for line in order.items}
    there = [
        (lines.get(str(each.id_order_detail)), each) for each in (slip.associations or SlippedRows()).order_slip_details
    ]
    return Refund(
        amount=Money(slip.total_products_tax_incl + slip.total_shipping_tax_incl, order.currency),
        status=RefundStatus.UNKNOWN,
        at=_utc(slip.date_add, zone),
        items=tuple(RefundedItem(line.title, each.product_quantity) for line, each in there if line),
    )


def _address(row: AddressRow | None) -> Address | None:
    if row is None:
        return None
    return Address(
        name=joined(row.firstname, row.lastname),
        company=row.company,
        street=tuple(filter(None, (row.address1, row.address2))),
        city=row.city,
        postcode=row.postcode,
        phone=row.phone or row.phone_mobile,
    )


def _utc(text: str | None, zone: tzinfo) -> datetime | None:
    """A date in the shop's time; `0000-00-00 00:00:00` is none."""
    try:
        at = datetime.fromisoformat(text or "")
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
