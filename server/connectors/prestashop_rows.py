"""PrestaShop's rows, and what becomes of them. Ids are texts, as PHP writes them now as numbers and now as strings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

from pydantic import BeforeValidator

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
    Totals,
)
from .answers import guest
from .payload import Amount, Payload, PhpList, PhpObject, Text, blank, distinct, joined, plain, safe_url

ZERO = Decimal(0)

# A status has flags, and a mail template whose name is the same in every language. Only the template tells these three
# apart, as none of their flags is set; `refund` tells nothing of the goods.
CANCELLED, FAILED, REFUNDED = "order_canceled", "payment_error", "refund"


def _first_language(value: object) -> object:
    if not isinstance(value, list):
        return value
    return next((each["value"] for each in value if isinstance(each, dict) and each.get("value")), None)


Flag = Annotated[bool, BeforeValidator(lambda value: str(value).lower() in {"1", "true"})]
Word = Annotated[Text | None, BeforeValidator(_first_language)]
"""A text that a shop of several languages writes as `[{"id": 1, "value": "…"}]`."""


class NamedRow(Payload):
    """A status, a currency, a carrier or a country."""

    id: Text
    name: Word = None
    template: Word = None
    paid: Flag = False
    shipped: Flag = False
    iso_code: Text | None = None
    url: Text | None = None


class CustomerRow(Payload):
    """An account, or the record that one order of a guest made."""

    id: Text
    email: Text | None = None
    firstname: Text | None = None
    lastname: Text | None = None
    is_guest: Flag = False
    date_add: Text | None = None

    @property
    def name(self) -> str | None:
        return joined(self.firstname, self.lastname)


class AddressRow(Payload):
    id: Text
    firstname: Text | None = None
    lastname: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    postcode: Text | None = None
    city: Text | None = None
    id_country: Text | None = None
    phone: Text | None = None
    phone_mobile: Text | None = None


class ParcelRow(Payload):
    """An order has one from the start; the number is filled in when it is sent."""

    id_order: Text
    id_carrier: Text | None = None
    tracking_number: Text | None = None


class SlipLineRow(Payload):
    id_order_detail: Text
    product_quantity: Amount
    amount_tax_incl: Amount | None = None


class SlipLines(Payload):
    order_slip_details: PhpList[SlipLineRow] = ()


class SlipRow(Payload):
    """A credit slip. Shops before 1.6.0.11 fill in `amount` and `shipping_cost_amount` alone."""

    id_order: Text
    total_products_tax_incl: Amount = ZERO
    total_shipping_tax_incl: Amount = ZERO
    amount: Amount = ZERO
    shipping_cost_amount: Amount = ZERO
    date_add: Text | None = None
    associations: Annotated[SlipLines, PhpObject] = SlipLines()

    @property
    def total(self) -> Decimal:
        whole = self.total_products_tax_incl + self.total_shipping_tax_incl
        return whole or self.amount + self.shipping_cost_amount


class LineRow(Payload):
    id: Text
    product_name: Text
    product_reference: Text | None = None
    product_quantity: Amount
    unit_price_tax_incl: Amount


class OrderLines(Payload):
    order_rows: PhpList[LineRow] = ()


class OrderRow(Payload):
    """`total_paid` is what is to be paid, `total_paid_real` what was. The figures without a suffix include tax."""

    id: Text
    reference: Text
    id_customer: Text
    id_currency: Text
    id_address_invoice: Text | None = None
    id_address_delivery: Text | None = None
    current_state: Text | None = None
    payment: Text | None = None
    date_add: Text | None = None
    gift_message: Text | None = None
    note: Text | None = None
    total_paid: Amount
    total_paid_tax_excl: Amount | None = None
    total_paid_real: Amount = ZERO
    total_products_wt: Amount
    total_discounts: Amount = ZERO
    total_shipping: Amount = ZERO
    total_wrapping: Amount = ZERO
    associations: Annotated[OrderLines, PhpObject] = OrderLines()


@dataclass(frozen=True, slots=True)
class Told:
    """What other resources say of the orders, by id; parcels and slips by the id of their order."""

    zone: tzinfo
    states: Mapping[str, NamedRow]
    currencies: Mapping[str, str]
    addresses: Mapping[str, Address] = field(default_factory=dict)
    parcels: Mapping[str, Sequence[Shipment]] = field(default_factory=dict)
    slips: Mapping[str, Sequence[SlipRow]] | None = None
    """`None` where they could not be read."""


# -- mapping ------------------------------------------------------------------------------------------------


def order(row: OrderRow, buyer: CustomerRow | None, told: Told, store: str) -> Order:
    """The order. Raises `KeyError` where its currency is not among the shop's."""
    currency, state = told.currencies[row.id_currency], told.states.get(row.current_state or "")
    slips = told.slips.get(row.id, ()) if told.slips is not None else None
    back = sum((slip.total for slip in slips or ()), ZERO)
    email = blank(buyer.email) if buyer else None
    placed, billing = instant(row.date_add, told.zone), told.addresses.get(row.id_address_invoice or "")
    given, note = blank(row.gift_message), plain(row.note)
    parcels = told.parcels.get(row.id, ())
    return Order(
        store=store,
        platform="prestashop",
        store_id=row.id,
        number=row.reference,
        party=buyer.id if buyer and not buyer.is_guest else guest(email, row.id),
        currency=currency,
        placed_at=placed,
        email=email,
        phone=billing.phone if billing else None,
        payment=Payment(_paid(row, state, back), state.name if state else None, blank(row.payment)),
        fulfillment=Fulfillment(_sent(state), state.name if state else None),
        cancelled=Cancellation() if state and state.template == CANCELLED else None,
        totals=_totals(row, currency, None if slips is None or (_is(state, REFUNDED) and not slips) else back),
        items=tuple(_item(line, slips, currency) for line in row.associations.order_rows),
        shipments=tuple(each for each in parcels if each.tracking_number or (state and state.shipped)),
        refunds=tuple(_refund(slip, row, currency, told.zone) for slip in slips or ()),
        shipping_address=told.addresses.get(row.id_address_delivery or ""),
        billing_address=billing,
        notes=(
            *((Note(given, placed, public=True),) if given else ()),
            *((Note(note, placed),) if note else ()),
        ),
    )


def account(row: CustomerRow, orders: Sequence[Order], store: str, zone: tzinfo) -> Party:
    """A customer's record, with the addresses of its orders: the record itself holds none."""
    postal = dict.fromkeys(each.billing_address for each in orders if each.party == row.id and each.billing_address)
    return Party(
        store=store,
        store_id=row.id,
        kind=PartyKind.ACCOUNT,
        names=distinct(row.name, *(each.name for each in postal)),
        emails=distinct(row.email),
        phones=distinct(*(each.phone for each in postal)),
        addresses=tuple(postal),
        since=instant(row.date_add, zone),
    )


def instant(text: str | None, zone: tzinfo) -> datetime | None:
    """The shop's local time in UTC; `None` for what is no time, such as `0000-00-00 00:00:00`."""
    try:
        local = datetime.fromisoformat(text or "")
        return (local.replace(tzinfo=zone) if local.tzinfo is None else local).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is(state: NamedRow | None, template: str) -> bool:
    return state is not None and state.template == template


def _paid(row: OrderRow, state: NamedRow | None, back: Decimal) -> PaymentStatus:
    """The template where it says all, then the money, then the shop's word for it."""
    paid = row.total_paid_real
    if _is(state, FAILED) or _is(state, REFUNDED):
        return PaymentStatus.FAILED if _is(state, FAILED) else PaymentStatus.REFUNDED
    if (state and state.paid) or 0 < row.total_paid <= paid:
        if not back:
            return PaymentStatus.PAID
        return PaymentStatus.REFUNDED if back >= row.total_paid else PaymentStatus.PARTIALLY_REFUNDED
    if paid > 0:
        return PaymentStatus.PARTIALLY_PAID
    if state is None:
        return PaymentStatus.UNKNOWN
    return PaymentStatus.VOIDED if _is(state, CANCELLED) else PaymentStatus.PENDING


def _sent(state: NamedRow | None) -> FulfillmentStatus:
    if state is None:
        return FulfillmentStatus.UNKNOWN
    if state.template == CANCELLED:
        return FulfillmentStatus.CANCELLED
    if state.shipped:
        return FulfillmentStatus.FULFILLED
    return FulfillmentStatus.UNKNOWN if state.template == REFUNDED else FulfillmentStatus.UNFULFILLED


def _money(amount: Decimal, currency: str) -> Money:
    """PrestaShop writes six decimals: zeros beyond the second are left out."""
    short = round(amount, 2)
    return Money(short if short == amount else amount.normalize(), currency)


def _totals(row: OrderRow, currency: str, back: Decimal | None) -> Totals:
    """As the customer saw them, with tax; `tax` is the part of it in the total."""
    tax = None if row.total_paid_tax_excl is None else row.total_paid - row.total_paid_tax_excl
    kept = row.total_paid_real - back if back is not None and row.total_paid_real > 0 else None
    return Totals(
        items=_money(row.total_products_wt + row.total_wrapping, currency),
        discount=_money(row.total_discounts, currency),
        shipping=_money(row.total_shipping, currency),
        tax=None if tax is None else _money(tax, currency),
        total=_money(row.total_paid, currency),
        refunded=None if back is None else _money(back, currency),
        net=None if kept is None else _money(kept, currency),
    )


def _item(line: LineRow, slips: Sequence[SlipRow] | None, currency: str) -> LineItem:
    """Prices are not rounded as totals are."""
    price = round(line.unit_price_tax_incl, 2)
    lines = [each for slip in slips or () for each in slip.associations.order_slip_details]
    back = sum((each.product_quantity for each in lines if each.id_order_detail == line.id), ZERO)
    return LineItem(
        title=line.product_name,
        quantity=line.product_quantity,
        sku=blank(line.product_reference),
        refunded=None if slips is None else back,
        price=_money(price, currency),
        total=_money(round(line.unit_price_tax_incl * line.product_quantity, 2), currency),
        store_id=line.id,
    )


def _refund(slip: SlipRow, row: OrderRow, currency: str, zone: tzinfo) -> Refund:
    """A slip tells what is given back, not whether and how the money went."""
    titles = {line.id: line.product_name for line in row.associations.order_rows}
    return Refund(
        amount=_money(slip.total, currency),
        status=RefundStatus.UNKNOWN,
        at=instant(slip.date_add, zone),
        items=tuple(
            RefundedItem(
                titles.get(each.id_order_detail, ""),
                each.product_quantity,
                None if each.amount_tax_incl is None else _money(round(each.amount_tax_incl, 2), currency),
            )
            for each in slip.associations.order_slip_details
        ),
    )


def shipment(row: ParcelRow, carriers: Mapping[str, NamedRow]) -> Shipment:
    """A carrier called `0` is the shop itself; the `@` in a carrier's link stands for the number."""
    carrier, number = carriers.get(row.id_carrier or ""), blank(row.tracking_number)
    link = safe_url(carrier.url) if carrier and number else None
    return Shipment(
        status=ShipmentStatus.UNKNOWN,
        carrier=blank(carrier.name) if carrier and carrier.name != "0" else None,
        tracking_number=number,
        tracking_url=link.replace("@", quote(number or "", safe="")) if link else None,
    )


def address(row: AddressRow, countries: Mapping[str, NamedRow]) -> Address:
    country = countries.get(row.id_country or "")
    return Address(
        name=joined(row.firstname, row.lastname),
        company=blank(row.company),
        street=tuple(line for line in map(blank, (row.address1, row.address2)) if line),
        city=blank(row.city),
        postcode=blank(row.postcode),
        country=blank(country.iso_code) if country else None,
        phone=blank(row.phone) or blank(row.phone_mobile),
    )
