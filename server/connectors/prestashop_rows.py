"""PrestaShop's rows: payload models holding the fields that are used. Numbers and flags come as strings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PositiveInt

from .payload import Amount, Payload, PhpList, PhpObject, Text

ZERO = Decimal(0)


def _in_one_language(value: object) -> object:
    """A text, or the same in several languages: `[{"id": "1", "value": "…"}]`."""
    if isinstance(value, list):
        return next((each.get("value") for each in value if isinstance(each, dict) and each.get("value")), "")
    return value


def _nothing(value: object) -> object:
    return None if value == "" or value == [] else value


Word = Annotated[Text, BeforeValidator(_in_one_language)]
Maybe = Annotated[Text | None, BeforeValidator(_nothing)]


class CustomerRow(Payload):
    id: PositiveInt
    email: Text
    firstname: Maybe = None
    lastname: Maybe = None
    is_guest: Maybe = None
    date_add: Maybe = None


class LineRow(Payload):
    id: PositiveInt
    product_name: Text
    product_reference: Maybe = None
    product_quantity: Amount
    unit_price_tax_incl: Amount | None = None

    @property
    def total(self) -> Decimal | None:
        """As the shop reckons it."""
        return None if self.unit_price_tax_incl is None else self.unit_price_tax_incl * self.product_quantity


class LinesRow(Payload):
    order_rows: PhpList[LineRow] = ()


class OrderRow(Payload):
    """`reference` is the number that the customer is given; parts of one cart may share it."""

    id: PositiveInt
    reference: Annotated[Text, Field(min_length=1)]
    id_customer: int
    id_currency: int
    id_address_delivery: int = 0
    id_address_invoice: int = 0
    current_state: int = 0
    payment: Maybe = None
    date_add: Maybe = None
    total_paid: Amount
    total_paid_real: Amount = ZERO
    total_products_wt: Amount | None = None
    total_discounts_tax_incl: Amount | None = None
    total_shipping_tax_incl: Amount | None = None
    associations: Annotated[LinesRow | None, PhpObject] = None

    @property
    def address_ids(self) -> tuple[int, ...]:
        """Those that it has."""
        return tuple(id_ for id_ in (self.id_address_delivery, self.id_address_invoice) if id_ > 0)


class StateRow(Payload):
    id: PositiveInt
    name: Word
    template: Word = ""
    paid: Maybe = None
    shipped: Maybe = None


class CurrencyRow(Payload):
    id: PositiveInt
    iso_code: Annotated[str, Field(min_length=3)]


class CarriedRow(Payload):
    """How an order travels: made with the order, so its own date tells nothing of when it left."""

    id_order: PositiveInt
    tracking_number: Maybe = None
    date_add: Maybe = None


class SlippedRow(Payload):
    id_order_detail: int
    product_quantity: Amount
    amount_tax_incl: Amount | None = None


class SlippedRows(Payload):
    order_slip_details: PhpList[SlippedRow] = ()


class SlipRow(Payload):
    id_order: PositiveInt
    total_products_tax_incl: Amount = ZERO
    total_shipping_tax_incl: Amount = ZERO
    date_add: Maybe = None
    associations: Annotated[SlippedRows | None, PhpObject] = None


class AddressRow(Payload):
    id: PositiveInt
    firstname: Maybe = None
    lastname: Maybe = None
    company: Maybe = None
    address1: Maybe = None
    address2: Maybe = None
    city: Maybe = None
    postcode: Maybe = None
    phone: Maybe = None
    phone_mobile: Maybe = None


@dataclass(frozen=True, slots=True)
class Tables:
    """What a shop's ids stand for."""

    states: Mapping[int, StateRow] = field(default_factory=dict)
    currencies: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class More:
    """What other resources tell of the orders shown; slips are `None` where they could not be read."""

    parcels: Sequence[CarriedRow] = ()
    slips: Sequence[SlipRow] | None = ()
    addresses: Sequence[AddressRow] = ()
