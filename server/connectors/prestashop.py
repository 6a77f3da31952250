"""PrestaShop 1.7 to 9, by its webservice, with a key that may GET and nothing else.

Filters take several values, so no question costs a call per order. Dates are in the shop's own time, without a zone;
an empty list comes as `[]` where rows come within an object.
"""

import base64
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Annotated, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from msgspec import structs
from pydantic import AfterValidator, SecretStr

from ..errors import Changed, Refused, StoreError
from ..model import Answer, By, Question
from ..texts import N_
from .answers import answer, attempt, both, passing, unread
from .base import PARTS, Connector, Origin, Request, Response, StoreConfig, Wire, raise_for_status
from .fitness import Need
from .payload import Payload, read_each
from .prestashop_mapping import account, order, told
from .prestashop_rows import (
    AddressRow,
    CarriedRow,
    CurrencyRow,
    CustomerRow,
    More,
    OrderRow,
    SlipRow,
    StateRow,
    Tables,
)

REMEMBER_S = 600.0
"""For how long the shop's currencies and order states are believed: they change some times in a year."""
CROWD = 5
DISPLAY = {"customers": "[id,email,firstname,lastname,is_guest,date_add]"}
"""A whole customer would bring the hash of his password along."""
KEYS = {"order_slip": "order_slips"}
"""What a resource's rows stand under, where that is not its name."""
REFERENCE = re.compile(r"[A-Za-z]{9}")
RowT = TypeVar("RowT", bound=Payload)


def _clock(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)  # UTC is known even where the machine has no time zones


def _zone(name: str) -> str:
    try:
        _clock(name)
    except (ValueError, OSError, KeyError):  # a zone that is not known is a KeyError
        raise ValueError("must be a time zone such as Europe/Paris") from None
    return name


class PrestaShopConfig(StoreConfig):
    """`time_zone` is the shop's (International > Localization): its dates say no other."""

    origin: Origin
    key: SecretStr
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"


@dataclass(frozen=True, slots=True)
class Found:
    """Rows as they came, and whether a list went on."""

    customers: Sequence[CustomerRow] = ()
    orders: Sequence[Any] = ()
    more: bool = False


class PrestaShop(Connector[PrestaShopConfig]):
    """One shop. Between questions it remembers its currencies and order states."""

    name = "prestashop"
    title = "PrestaShop"
    Config = PrestaShopConfig
    asked_by = frozenset({By.EMAIL, By.CUSTOMER_ID, By.ORDER_NUMBER})
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("PrestaShop keeps no reason for a payment that failed."),
        "shipment_status": N_("PrestaShop stores tracking numbers, not where the parcel is."),
        "shipment_events": N_("PrestaShop stores tracking numbers, not where the parcel is."),
        "refund_status": N_("PrestaShop writes credit slips, and does not tell whether money was sent."),
        "returns": N_("PrestaShop's webservice tells nothing of returns."),
        "disputes": N_("Chargebacks are kept by the payment module, not by PrestaShop."),
        "notes": N_("Messages would cost one call per order."),
        "tags": N_("PrestaShop has no tags on orders or customers."),
        "discount_codes": N_("Codes would cost one more call; the discount is shown."),
        "item_images": N_("PrestaShop's orders hold no pictures."),
        "customer_orders_count": N_("PrestaShop's customer record holds no number of orders."),
        "customer_spent": N_("PrestaShop's customer record holds no amount spent."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?[A-Za-z]{9}"

    def __init__(
        self,
        store: str,
        config: PrestaShopConfig,
        *,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        super().__init__(store, config, now=now, nonce=nonce)
        self._tables: Tables | None = None
        self._tables_until = 0.0

    @property
    def origin(self) -> str:
        return self.config.origin

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """Customers, their orders, then parcels, slips and addresses of all of these at once."""
        found = await self._find(question, limit + CROWD, wire)
        rows, unreadable = read_each(OrderRow, list(found.orders))
        tables = await self._shop(wire) if rows else Tables()
        zone = _clock(self.config.time_zone)
        buyers = {row.id: row for row in found.customers}
        orders = [order(row, buyers.get(row.id_customer), tables, zone, self.store) for row in rows]
        accounts = [account(row, zone, self.store) for row in found.customers]
        own = answer(question, accounts, orders, limit, more=found.more, unreadable=unreadable)
        by_id = {str(row.id): row for row in rows}
        shown = [by_id[each.store_id] for each in own.orders]
        if not shown:
            return own
        ids = "|".join(str(row.id) for row in shown)
        places = "|".join(dict.fromkeys(str(id_) for row in shown for id_ in row.address_ids))
        (parcels, slips), addresses = await both(
            both(
                attempt(self._rows(wire, "order_carriers", CarriedRow, id_order=ids)),
                attempt(self._rows(wire, "order_slip", SlipRow, id_order=ids)),
            ),
            attempt(self._rows(wire, "addresses", AddressRow, id=places) if places else _none()),
        )
        more = More(_or_none(parcels), None if isinstance(slips, StoreError) else slips, _or_none(addresses))
        return structs.replace(
            own,
            orders=tuple(told(each, row, more, zone) for each, row in zip(own.orders, shown, strict=True)),
            lacks=unread(shipments=parcels, refunds=slips, refund_items=slips, addresses=addresses),
            passing=passing(parcels, slips, addresses),
        )

    def needs(self) -> tuple[Need, ...]:
        """One resource each; the last three may be left out."""
        grant = "Advanced Parameters > Webservice > the key > Permissions, the column View (GET)"

        def need(resource: str, kind: type[Payload], *, optional: bool = False) -> Need:
            return Need(resource, f"{resource}: GET", grant, lambda wire: self._rows(wire, resource, kind, 1), optional)

        return (
            need("customers", CustomerRow),
            need("orders", OrderRow),
            need("order_states", StateRow),
            need("currencies", CurrencyRow),
            need("order_carriers", CarriedRow, optional=True),
            need("order_slip", SlipRow, optional=True),
            need("addresses", AddressRow, optional=True),
        )

    # -- questions --------------------------------------------------------------------------------------------

    async def _find(self, question: Question, rows: int, wire: Wire) -> Found:
        """Several records may have one address: each guest's order makes one."""
        texts = [text for text in map(_bare, question.spellings) if text]
        if not texts:
            return Found()
        match question.by:
            case By.EMAIL:
                customers = await self._rows(wire, "customers", CustomerRow, email="|".join(texts))
                own = "|".join(str(row.id) for row in customers if question.same(row.email))
                found = await self._orders(wire, rows, id_customer=own) if own else Found()
                return replace(found, customers=customers)
            case By.CUSTOMER_ID if re.fullmatch(r"[1-9][0-9]{0,9}", texts[0]):
                customers, found = await both(
                    self._rows(wire, "customers", CustomerRow, id=texts[0]),
                    self._orders(wire, rows, id_customer=texts[0]),
                )
                return replace(found, customers=customers)
            case By.ORDER_NUMBER if REFERENCE.fullmatch(texts[0]):
                return await self._with_buyers(wire, await self._orders(wire, rows, reference=texts[0].upper()))
        return Found()

    async def _with_buyers(self, wire: Wire, found: Found) -> Found:
        ids = "|".join(dict.fromkeys(str(row.id_customer) for row in read_each(OrderRow, list(found.orders))[0]))
        return replace(found, customers=await self._rows(wire, "customers", CustomerRow, id=ids)) if ids else found

    async def _shop(self, wire: Wire) -> Tables:
        if self._tables is None or self.now() >= self._tables_until:
            states, currencies = await both(
                self._rows(wire, "order_states", StateRow, 500), self._rows(wire, "currencies", CurrencyRow, 500)
            )
            self._tables = Tables({row.id: row for row in states}, {row.id: row.iso_code for row in currencies})
            self._tables_until = self.now() + REMEMBER_S
        return self._tables

    # -- calls ------------------------------------------------------------------------------------------------

    async def _orders(self, wire: Wire, rows: int, **by: str) -> Found:
        found = await self._get(wire, "orders", rows, **by)
        return Found(orders=found, more=len(found) >= rows)

    async def _rows(self, wire: Wire, resource: str, kind: type[RowT], rows: int = 100, **by: str) -> list[RowT]:
        return read_each(kind, await self._get(wire, resource, rows, **by))[0]

    async def _get(self, wire: Wire, resource: str, rows: int, **by: str) -> list[Any]:
        """The newest rows."""
        filters = tuple((f"filter[{field}]", f"[{value}]") for field, value in by.items())
        display = DISPLAY.get(resource, "full")
        query = (("output_format", "JSON"), ("display", display), *filters, ("sort", "[id_DESC]"), ("limit", str(rows)))
        pair = base64.b64encode(f"{self.config.key.get_secret_value()}:".encode()).decode()
        response = await wire.send(Request(f"/api/{resource}", query, {"authorization": f"Basic {pair}"}))
        _raise_for_error(response, resource)
        return _listed(response.json(), resource)


def _listed(body: object, resource: str) -> list[Any]:
    """The rows within `{"orders": […]}`; nothing is `[]` or "", and one row may stand alone."""
    found = body if body == [] else body.get(KEYS.get(resource, resource)) if isinstance(body, dict) else None
    if found == "" and isinstance(body, dict):
        return []
    if isinstance(found, dict) and "id" in found:
        return [found]
    if not isinstance(found, list):
        raise Changed("payload")
    return found


async def _none() -> list[AddressRow]:
    return []


def _or_none(rows: list[RowT] | StoreError) -> list[RowT]:
    return [] if isinstance(rows, StoreError) else rows


def _bare(text: str) -> str:
    """Without what the filters take for their own signs."""
    text = text.strip().lstrip("#")
    return "" if re.search(r"[\[\]|%,]", text) else text


def _raise_for_error(response: Response, resource: str) -> None:
    """A key that may not read a resource is refused by 401, 403 or 405, a wrong key by 401 and other words."""
    words = response.body[:2000].lower()
    if response.status in {403, 405} or (response.status == 401 and b"not allowed" in words):
        raise Refused("scope", status=response.status, scope=f"{resource}: GET")
    raise_for_status(response)
