"""WooCommerce's rows -> our words. Pure: what the shop did not say stays `None`, what nobody can tell `unknown`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal

from msgspec import structs

from ..model import (
    Address,
    Cancellation,
    Due,
    Fulfillment,
    FulfillmentStatus,
    LineItem,
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
    Totals,
)
from .payload import blank, distinct, joined, plain, safe_url, utc
from .rows import aware
from .woocommerce_rows import (
    ONE,
    ZERO,
    CustomerRow,
    LineRow,
    NotedRefundRow,
    NoteRow,
    OrderRow,
    ParcelRow,
    PostalRow,
    RefundRow,
)

# Whether money came is told by `date_paid_gmt`, which WooCommerce sets on the way to `processing` or `completed`
# (WC_Order::maybe_set_date_paid). The word decides only where it says more than that, or where no date stands.
SETTLED = {"failed": PaymentStatus.FAILED, "refunded": PaymentStatus.REFUNDED}
UNPAID = {"pending": PaymentStatus.PENDING, "on-hold": PaymentStatus.PENDING, "cancelled": PaymentStatus.VOIDED}

# `refunded` tells nothing of the goods, and the words that plugins add mean what their shop wants them to mean.
FULFILLMENTS = {
    "pending": FulfillmentStatus.UNFULFILLED,
    "failed": FulfillmentStatus.UNFULFILLED,
    "processing": FulfillmentStatus.UNFULFILLED,
    "on-hold": FulfillmentStatus.ON_HOLD,
    "completed": FulfillmentStatus.FULFILLED,
    "cancelled": FulfillmentStatus.CANCELLED,
}

EXACT = Context(prec=1000)
"""For any price, and as many digits as a plugin may write."""

NOTES = frozenset({"notes"})
NOWHERE = Address()

Details = Mapping[int, RefundRow]
"""Refunds by id, as far as the shop told more of them than the order does."""

# -- mapping ----------------------------------------------------------------------------------------------


def order(row: OrderRow, store: str, origin: str) -> Order:
    """The order, with as much of its refunds as it tells itself."""
    note, placed_at = blank(row.customer_note), aware(row.date_created_gmt)
    parcels, refunded = row.parcels, row.refunded
    return Order(
        store=store,
        platform="woocommerce",
        store_id=str(row.id),
        number=row.number,
        party=row.party,
        currency=row.currency,
        placed_at=placed_at,
        email=blank(row.billing.email),
        phone=blank(row.billing.phone),
        # A shop on legacy order storage sends this address on to its own screen (COTRedirectionController).
        admin_url=f"{origin}/wp-admin/admin.php?page=wc-orders&action=edit&id={row.id}",
        payment=_payment(row, refunded),
        fulfillment=_fulfillment(row, parcels),
        cancelled=Cancellation() if row.status == "cancelled" else None,
        totals=_totals(row, refunded),
        items=_items(row, None if row.refunds else {}),
        shipments=tuple(map(_shipment, parcels)),
        refunds=_refunds(row, {}),
        shipping_address=_address(row.shipping),
        billing_address=_address(row.billing),
        notes=(Note(note, placed_at, row.billing.name, public=True),) if note else (),
        discount_codes=tuple([coupon.code for coupon in row.coupon_lines]),
        later=NOTES,
    )


def refunded(told: Order, row: OrderRow, details: Details) -> Order:
    """The order, its refunds told more closely where `details` has them."""
    known = [details[refund.id] for refund in row.refunds if refund.id in details]
    back = _quantities(known) if len(known) == len(row.refunds) else None
    return structs.replace(told, items=_items(row, back), refunds=_refunds(row, details))


def notes(rows: Iterable[NoteRow]) -> tuple[Note, ...]:
    """The shop's remarks, newest first."""
    told = ((plain(row.note), row) for row in rows)
    kept = [Note(text, aware(row.date_created_gmt), blank(row.author), row.customer_note) for text, row in told if text]
    return tuple(sorted(kept, key=lambda note: note.at.timestamp() if note.at else 0.0, reverse=True))


def account(row: CustomerRow, store: str, origin: str) -> Party:
    postal = [each for each in (row.billing, row.shipping) if each]
    return Party(
        store=store,
        store_id=str(row.id),
        kind=PartyKind.ACCOUNT,
        names=distinct(joined(row.first_name, row.last_name), *(each.name for each in postal)),
        emails=distinct(row.email, *(each.email for each in postal)),
        phones=distinct(*(each.phone for each in postal)),
        addresses=_addresses(postal),
        since=aware(row.date_created_gmt),
        admin_url=profile(origin, str(row.id)),
    )


def profile(origin: str, account: str) -> str:
    return f"{origin}/wp-admin/user-edit.php?user_id={account}"


def _payment(row: OrderRow, refunded: Decimal) -> Payment:
    """Cash on delivery stays pending while `processing`: its gateway holds the date back until `completed`."""
    cash = row.payment_method == "cod"
    if row.status in SETTLED:
        status = SETTLED[row.status]
    elif row.date_paid_gmt is None:
        awaited = cash and row.status == "processing"
        status = PaymentStatus.PENDING if awaited else UNPAID.get(row.status, PaymentStatus.UNKNOWN)
    elif not refunded:
        status = PaymentStatus.PAID
    else:
        status = PaymentStatus.PARTIALLY_REFUNDED if refunded < row.total else PaymentStatus.REFUNDED
    due = Due.ON_DELIVERY if cash else Due.WITH_ORDER
    return Payment(status, row.status, _method(row), aware(row.date_paid_gmt), due=due)


def _method(row: OrderRow) -> str | None:
    return blank(row.payment_method_title) or blank(row.payment_method)


def _fulfillment(row: OrderRow, parcels: Sequence[ParcelRow]) -> Fulfillment:
    """Parcels on an order that the shop does not call completed: some of it has left, not all."""
    status = FULFILLMENTS.get(row.status, FulfillmentStatus.UNKNOWN)
    if parcels and status is FulfillmentStatus.UNFULFILLED:
        status = FulfillmentStatus.PARTIAL
    return Fulfillment(status, row.status)


def _totals(row: OrderRow, refunded: Decimal) -> Totals:
    """Fees are lines of their own, so that the figures add up; `net` stands only once there was a payment."""
    lines = sum([line.subtotal for line in row.line_items], sum([fee.total for fee in row.fee_lines], ZERO))
    return Totals(
        items=row.money(lines),
        discount=row.money(row.discount_total),
        shipping=row.money(row.shipping_total),
        tax=row.money(row.total_tax),
        total=row.money(row.total),
        refunded=row.money(refunded),
        net=row.money(row.total - refunded) if row.date_paid_gmt else None,
    )


def _items(row: OrderRow, back: Mapping[str, Decimal] | None) -> tuple[LineItem, ...]:
    """The order's lines and its fees; `back` is how many of each line came back, where that is known."""
    lines = [_item(line, row, back) for line in row.line_items]
    return (*lines, *[LineItem(fee.name or "", ONE, total=row.money(fee.total)) for fee in row.fee_lines])


def _item(line: LineRow, row: OrderRow, back: Mapping[str, Decimal] | None) -> LineItem:
    """`price` alone comes unrounded: it gets as many digits behind the point as the line's total."""
    title, variant = _title(line)
    return LineItem(
        title=title,
        variant=variant,
        sku=blank(line.sku),
        quantity=line.quantity,
        refunded=None if back is None else back.get(str(line.id), ZERO),
        price=None if line.price is None else row.money(line.price.quantize(line.total, context=EXACT)),
        total=row.money(line.total),
        image_url=safe_url(line.image.src) if line.image else None,
    )


def _title(line: LineRow) -> tuple[str, str | None]:
    """Title and variant. A variation's name is its product's with the choices added, unless they are many or long."""
    name, parent = line.name or "", blank(line.parent_name)
    choices = [meta.display_value for meta in line.meta_data if not meta.key.startswith("_")]
    variant = ", ".join([choice for choice in choices if isinstance(choice, str) and choice]) or None
    if parent and name.startswith(parent):
        return parent, variant or blank(name.removeprefix(parent).lstrip(" -–"))
    return name, variant


def _refunds(row: OrderRow, details: Details) -> tuple[Refund, ...]:
    return tuple([_refund(noted, details.get(noted.id), row) for noted in row.refunds])


def _refund(noted: NotedRefundRow, detail: RefundRow | None, row: OrderRow) -> Refund:
    """Where the gateway sent nothing the shop has only noted a refund, and nobody can tell whether money went."""
    sent = detail is not None and detail.refunded_payment
    return Refund(
        amount=row.money(abs(noted.total)),
        status=RefundStatus.SUCCEEDED if sent else RefundStatus.UNKNOWN,
        at=aware(detail.date_created_gmt) if detail else None,
        reason=blank(noted.reason),
        method=_method(row) if sent else None,
        items=tuple(_refunded_item(line, row) for line in detail.line_items) if detail else (),
    )


def _refunded_item(line: LineRow, row: OrderRow) -> RefundedItem:
    return RefundedItem(_title(line)[0], abs(line.quantity), row.money(abs(line.total + line.total_tax)))


def _quantities(refunds: Iterable[RefundRow]) -> Mapping[str, Decimal]:
    """How many came back, by the id of the order's line."""
    back: dict[str, Decimal] = {}
    for line in (line for refund in refunds for line in refund.line_items):
        for id_ in (str(meta.value) for meta in line.meta_data if meta.key == "_refunded_item_id"):
            back[id_] = back.get(id_, ZERO) + abs(line.quantity)
    return back


def _shipment(parcel: ParcelRow) -> Shipment:
    """A known carrier's link is not stored, and none is made up."""
    return Shipment(
        status=ShipmentStatus.UNKNOWN,
        carrier=blank(parcel.custom_tracking_provider) or blank(parcel.tracking_provider),
        tracking_number=blank(parcel.tracking_number),
        tracking_url=safe_url(parcel.custom_tracking_link),
        shipped_at=_shipped_at(parcel.date_shipped),
    )


def _shipped_at(text: str | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(text), UTC) if text and text.isdecimal() else utc(text)
    except (ValueError, OverflowError, OSError):
        return None


def _address(postal: PostalRow | None) -> Address | None:
    if postal is None:
        return None
    address = Address(
        name=postal.name,
        company=blank(postal.company),
        street=tuple(filter(None, (blank(postal.address_1), blank(postal.address_2)))),
        city=blank(postal.city),
        region=blank(postal.state),
        postcode=blank(postal.postcode),
        country=blank(postal.country),
        phone=blank(postal.phone),
    )
    return None if address == NOWHERE else address


def _addresses(postal: Iterable[PostalRow]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(address for address in map(_address, postal) if address))
