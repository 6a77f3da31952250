"""BigCommerce: orders and shipments by REST V2, customers and refunds by V3, with a store-level API account.

V2 writes amounts as strings and dates by RFC 2822, V3 as numbers and by ISO 8601; V2 says nothing at all (204, no body)
where there is nothing. A parameter that it does not know is ignored, so every row is sifted.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from msgspec import structs
from msgspec.structs import replace
from pydantic import Field, SecretStr

from ..errors import Changed, Refused, StoreError
from ..model import Answer, By, Order, Party, Question
from ..texts import N_
from .answers import AT_ONCE, answer, attempt, both, passing, together, unread
from .base import PARTS, Connector, Headroom, Origin, Request, Response, StoreConfig, Wire, raise_for_status
from .bigcommerce_mapping import account, order, refund, shipment
from .bigcommerce_rows import CustomerRow, DataRow, OrderRow, RefundRow, ShipmentRow
from .fitness import Need, Standing
from .payload import read, read_each

CROWD = 5
"""How many more rows than wanted are asked for, as abandoned orders take places among them."""
PEOPLE = 3
"""Of how many customers of one phone or name the orders are asked for."""
SPELLINGS = 3
LINES = (("include", "consignments.line_items"), ("consignment_structure", "object"))
Found = tuple[list[Party], list[Any]]

ORDERS, CUSTOMERS = "store_v2_orders_read_only", "store_v2_customers_read_only"
PAYMENTS, INFORMATION = "store_v2_transactions_read_only", "store_v2_information_read_only"
"""The scopes of an API account, as the control panel's tokens carry them."""


class BigCommerceConfig(StoreConfig):
    """The store's hash stands in its API path, and in the address of its control panel."""

    store_hash: Annotated[str, Field(pattern=r"^[a-z0-9]{4,20}$")]
    access_token: SecretStr
    origin: Origin = "https://api.bigcommerce.com"


class BigCommerce(Connector[BigCommerceConfig]):
    """One store."""

    name = "bigcommerce"
    title = "BigCommerce"
    Config = BigCommerceConfig
    asked_by = frozenset(By)
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("BigCommerce tells why a payment failed in an order's transactions only."),
        "shipment_status": N_("BigCommerce stores tracking numbers, not where the parcel is."),
        "shipment_events": N_("BigCommerce stores tracking numbers, not where the parcel is."),
        "returns": N_("BigCommerce's API tells nothing of returns."),
        "disputes": N_("BigCommerce says that an order is disputed, and nothing more of it."),
        "tags": N_("BigCommerce has no tags on orders or customers."),
        "discount_codes": N_("BigCommerce tells the codes by one more call per order; the discount is shown."),
        "item_images": N_("BigCommerce tells a product's picture by one more call per product."),
        "customer_orders_count": N_("BigCommerce's customer record holds no number of orders."),
        "customer_spent": N_("BigCommerce's customer record holds no amount spent."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?\d{1,9}"
    details = frozenset({"shipments"})
    api_version = "v2/v3"

    @property
    def origin(self) -> str:
        return self.config.origin

    @property
    def admin(self) -> str:
        """The store's control panel."""
        return f"https://store-{self.config.store_hash}.mybigcommerce.com/manage"

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        customers, found = await self._find(question, limit, wire)
        rows, unreadable = read_each(OrderRow, found)
        placed = [order(row, self.store, self.admin) for row in rows if row.placed]
        more = len(found) >= limit + CROWD
        own = answer(question, customers, placed, limit, profile=self._profile, more=more, unreadable=unreadable)
        newest = [each for each in own.orders[:AT_ONCE] if each.later]
        refunds, parcels = await both(
            attempt(self._refunds(own.orders, wire)), together(attempt(self.detail(each, wire)) for each in newest)
        )
        told = {each.store_id: each for each in parcels if isinstance(each, Order)}
        denied = next((each for each in parcels if isinstance(each, Refused)), None)
        back = [] if isinstance(refunds, StoreError) else refunds
        return replace(
            own,
            orders=tuple(_refunded(told.get(each.store_id, each), back) for each in own.orders),
            lacks=unread(refunds=refunds, refund_items=refunds, refund_status=refunds, shipments=denied),
            passing=passing(refunds, *parcels),
        )

    async def detail(self, order: Order, wire: Wire) -> Order:
        rows, _ = read_each(ShipmentRow, _rows(await self._get(wire, f"v2/orders/{order.store_id}/shipments", ORDERS)))
        return structs.replace(order, shipments=tuple(shipment(row, order) for row in rows), later=frozenset())

    # -- fitness ----------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        grant = "the control panel, Settings > Store-level API accounts: an account with read-only scopes"

        def need(what: str, scope: str, path: str, *query: tuple[str, str]) -> Need:
            return Need(what, scope, grant, lambda wire: self._get(wire, path, scope, *query), what == "refunds")

        return (
            need("orders", ORDERS, "v2/orders", ("limit", "1")),
            need("customers", CUSTOMERS, "v3/customers", ("limit", "1")),
            need("refunds", PAYMENTS, "v3/orders/payment_actions/refunds", ("limit", "1")),
        )

    async def standing(self, wire: Wire) -> Standing:
        """The quota that is left of 30 seconds; what a token may write is told to nobody."""
        told = self.headroom(await self._get(wire, "v2/orders/count", ORDERS))
        return Standing() if told is None else Standing(left=told.left, quota=told.most)

    def headroom(self, response: Response) -> Headroom | None:
        """Calls of the present window, which is thirty seconds long and then starts full."""
        names = ("requests-left", "requests-quota", "time-reset-ms")
        told = [response.headers.get(f"x-rate-limit-{name}", "") for name in names]
        if not (told[0].isdecimal() and told[1].isdecimal()):
            return None
        return Headroom(
            float(told[0]), float(told[1]), full_in_s=float(told[2]) / 1000 if told[2].isdecimal() else 30.0
        )

    # -- questions --------------------------------------------------------------------------------------------

    async def _find(self, question: Question, limit: int, wire: Wire) -> Found:
        """The accounts, and the rows of orders as they came."""
        texts = [text.strip() for text in question.spellings if text.strip()][:SPELLINGS]
        if not texts:
            return [], []
        match question.by:
            case By.EMAIL:
                return await self._by_email(question, texts, limit, wire)
            case By.CUSTOMER_ID if re.fullmatch(r"[1-9][0-9]{0,9}", texts[0]):  # 0 would be every guest of the store
                people = self._customers(wire, "id:in", texts[0])
                return await both(people, self._orders(wire, limit, customer_id=texts[0]))
            case By.ORDER_NUMBER if number := re.fullmatch(r"#?0*([1-9][0-9]{0,8})", texts[0]):
                return [], await self._order(wire, number[1])
            case By.PHONE | By.NAME:
                return await self._by_person(question, texts, limit, wire)
        return [], []

    async def _by_email(self, question: Question, texts: Sequence[str], limit: int, wire: Wire) -> Found:
        """Another spelling of the mailbox is tried only where nobody has the one before: each costs two calls."""
        people: list[Party] = []
        rows: list[Any] = []
        for text in texts:
            people, rows = await both(self._customers(wire, "email:in", text), self._orders(wire, limit, email=text))
            if people or any(question.same(row.billing_address.email or "") for row in read_each(OrderRow, rows)[0]):
                break
        return people, rows

    async def _by_person(self, question: Question, texts: Sequence[str], limit: int, wire: Wire) -> Found:
        """Orders cannot be searched by phone or name, so guests are not found by theirs."""
        field = "phone:in" if question.by is By.PHONE else "name:like"
        found = [
            party for part in await together(self._customers(wire, field, text) for text in texts) for party in part
        ]
        people = {party.store_id: party for party in found}
        meant = [party for party in people.values() if any(map(question.same, (*party.phones, *party.names)))][:PEOPLE]
        pages = await together(self._orders(wire, limit, customer_id=party.store_id) for party in meant)
        return list(people.values()), [row for page in pages for row in page]

    # -- calls ------------------------------------------------------------------------------------------------

    async def _orders(self, wire: Wire, limit: int, **by: str) -> list[Any]:
        rows = min(limit + CROWD, 250)
        query = (*by.items(), ("sort", "date_created:desc"), ("limit", str(rows)), *LINES)
        return _rows(await self._get(wire, "v2/orders", ORDERS, *query))

    async def _order(self, wire: Wire, id_: str) -> list[Any]:
        response = await self._get(wire, f"v2/orders/{id_}", ORDERS, *LINES, absent=404)
        return [] if response.status == 404 else [response.json()]

    async def _customers(self, wire: Wire, by: str, text: str) -> list[Party]:
        """A comma would make two values of one, however it is written."""
        if "," in text:
            return []
        response = await self._get(wire, "v3/customers", CUSTOMERS, (by, text), ("include", "addresses"))
        rows, _ = read_each(CustomerRow, _data(response))
        return [account(row, self.store, self.admin) for row in rows]

    async def _refunds(self, orders: Sequence[Order], wire: Wire) -> list[RefundRow]:
        if not orders:
            return []
        ids = ",".join(each.store_id for each in orders)
        response = await self._get(wire, "v3/orders/payment_actions/refunds", PAYMENTS, ("order_id:in", ids))
        return read_each(RefundRow, _data(response))[0]

    async def _get(
        self, wire: Wire, path: str, scope: str, *query: tuple[str, str], absent: int | None = None
    ) -> Response:
        """The answer; a refusal names the scope that the call needs."""
        token = self.config.access_token.get_secret_value()
        headers = {"x-auth-token": token}
        response = await wire.send(Request(f"/stores/{self.config.store_hash}/{path}", query, headers))
        if response.status == 403:
            raise Refused("scope", status=403, scope=scope)
        if response.status != absent:
            raise_for_status(response)
        return response

    def _profile(self, customer: str) -> str:
        return f"{self.admin}/customers/{customer}/edit"


# -- what came ------------------------------------------------------------------------------------------------


def _rows(response: Response) -> list[Any]:
    """V2: a bare list, or 204 and nothing."""
    rows = [] if response.status == 204 else response.json()
    if not isinstance(rows, list):
        raise Changed("payload")
    return rows


def _data(response: Response) -> list[Any]:
    """V3: a list within `data`."""
    return list(read(DataRow, response.json()).data)


def _refunded(order: Order, rows: Sequence[RefundRow]) -> Order:
    return structs.replace(
        order, refunds=tuple(refund(row, order) for row in rows if str(row.order_id) == order.store_id)
    )
