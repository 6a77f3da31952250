"""Adobe Commerce and Magento Open Source 2.4, REST V1, with an integration's token.

A token that is wrong and a permission that is missing are answered alike, by 401 and the name of the resource that the
route needs; only what another call says tells them apart. Without a `pageSize` the whole table comes back.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from msgspec import structs
from msgspec.structs import replace
from pydantic import Field, SecretStr, model_validator

from ..errors import Changed, Refused, StoreError
from ..model import Answer, By, Order, Question
from ..texts import N_
from .answers import answer, attempt, both, passing, unread
from .base import PARTS, Connector, Origin, Request, Response, StoreConfig, Wire, raise_for_status
from .fitness import Need, Standing
from .magento_mapping import account, order, refund, shipments
from .magento_rows import CreditmemoRow, CustomerRow, ErrorRow, OrderRow, PageRow, ParametersRow, ShipmentRow, fields
from .oauth1 import Pairs, Signer
from .payload import Payload, read, read_each

CROWD = 2
"""How many more orders than wanted are asked for; the server loads each one separately, so few."""
SPELLINGS = 3
PADDED = 9
"""Digits of an `increment_id`, which customers write without the noughts in front."""

ORDERS, CUSTOMERS = "Magento_Sales::actions_view", "Magento_Customer::customer"
SHIPMENTS, CREDITMEMOS = "Magento_Sales::shipment", "Magento_Sales::sales_creditmemo"
"""The ACL resources that the routes need (webapi.xml). The last two also allow writing: none only read."""


class MagentoConfig(StoreConfig):
    """The access token alone is sent as Bearer, which a shop since 2.4.4 has to allow; four values sign each call."""

    origin: Origin
    access_token: SecretStr
    access_token_secret: SecretStr | None = None
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None
    store_view: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")] = "all"

    @model_validator(mode="after")
    def _all_or_one(self) -> Self:
        given = [value is not None for value in (self.access_token_secret, self.consumer_key, self.consumer_secret)]
        if any(given) and not all(given):
            raise ValueError("access_token_secret, consumer_key and consumer_secret go together")
        return self


class Magento(Connector[MagentoConfig]):
    """One shop, or one store view of it."""

    name = "magento"
    title = "Adobe Commerce"
    Config = MagentoConfig
    asked_by = frozenset({By.EMAIL, By.CUSTOMER_ID, By.ORDER_NUMBER})
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("Adobe Commerce keeps no reason for a payment that failed."),
        "shipment_status": N_("Adobe Commerce stores tracking numbers, not where the parcel is."),
        "shipment_events": N_("Adobe Commerce stores tracking numbers, not where the parcel is."),
        "returns": N_("Only the Commerce edition has returns, and they are not read."),
        "disputes": N_("Chargebacks are kept by the payment gateway, not by Adobe Commerce."),
        "tags": N_("Adobe Commerce has no tags on orders or customers."),
        "item_images": N_("Adobe Commerce's orders hold no pictures."),
        "customer_orders_count": N_("Adobe Commerce's customer record holds no number of orders."),
        "customer_spent": N_("Adobe Commerce's customer record holds no amount spent."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?(?:[A-Za-z]{1,5}-?)?\d{1,12}(?:-\d{1,3})?"
    api_version = "V1"

    @property
    def origin(self) -> str:
        return self.config.origin

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """Three calls: orders, then parcels and refunds of all of them at once; and one for the account."""
        customers, page = await self._find(question, limit + CROWD, wire)
        rows, unreadable = read_each(OrderRow, list(page.items))
        known = [] if isinstance(customers, StoreError) else customers
        accounts = [account(row, self.store) for row in known]
        orders = [order(row, self.store) for row in rows]
        more = page.total_count > len(page.items)
        own = answer(question, accounts, orders, limit, more=more, unreadable=unreadable)
        if isinstance(customers, StoreError) and not own.orders:
            raise customers  # an account without orders may be there, and was not seen
        ids = [each.store_id for each in own.orders]
        parcels, memos = await both(
            attempt(self._of(ids, "shipments", ShipmentRow, wire)),
            attempt(self._of(ids, "creditmemos", CreditmemoRow, wire)),
        )
        sent = [] if isinstance(parcels, StoreError) else parcels
        back = [] if isinstance(memos, StoreError) else memos
        return replace(
            own,
            orders=tuple(_told(each, sent, back) for each in own.orders),
            lacks=unread(
                customer_since=customers, shipments=parcels, refunds=memos, refund_items=memos, refund_status=memos
            ),
            passing=passing(customers, parcels, memos),
        )

    # -- fitness ----------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        grant = "System > Extensions > Integrations > API > Resource Access, as Custom"

        def need(what: str, acl: str, path: str, kind: type[Payload], *, optional: bool = False) -> Need:
            return Need(what, acl, grant, lambda wire: self._page(wire, path, kind, (), 1), optional)

        return (
            need("orders", ORDERS, "orders", OrderRow),
            need("customers", CUSTOMERS, "customers/search", CustomerRow, optional=True),
            need("shipments", SHIPMENTS, "shipments", ShipmentRow, optional=True),
            need("refunds", CREDITMEMOS, "creditmemos", CreditmemoRow, optional=True),
        )

    async def standing(self, wire: Wire) -> Standing:
        """Whoever may read parcels and refunds may write them: the same resource opens both."""
        parcels, memos = await both(
            attempt(self._page(wire, "shipments", ShipmentRow, (), 1)),
            attempt(self._page(wire, "creditmemos", CreditmemoRow, (), 1)),
        )
        open_ = [acl for acl, found in ((SHIPMENTS, parcels), (CREDITMEMOS, memos)) if isinstance(found, PageRow)]
        return Standing(writes=tuple(open_))

    # -- questions --------------------------------------------------------------------------------------------

    async def _find(
        self, question: Question, rows: int, wire: Wire
    ) -> tuple[Sequence[CustomerRow] | StoreError, PageRow]:
        texts = [text.strip() for text in question.spellings if text.strip()][:SPELLINGS]
        nothing = PageRow(total_count=0)
        match question.by:
            case By.ORDER_NUMBER:
                numbers = list(dict.fromkeys(form for text in texts for form in _forms(text)))
                where = (("increment_id", ",".join(numbers), "in"),)
                return (), await self._page(wire, "orders", OrderRow, where, rows) if numbers else nothing
            case By.CUSTOMER_ID:
                if not texts or not re.fullmatch(r"[1-9][0-9]{0,17}", texts[0]):
                    return (), nothing
                return await self._both(wire, ("entity_id", texts[0]), ("customer_id", texts[0]), rows)
        customers: Sequence[CustomerRow] | StoreError = ()
        page = nothing
        for text in texts:  # another spelling of the mailbox is tried only where nobody has the one before
            customers, page = await self._both(wire, ("email", text), ("customer_email", text), rows)
            if isinstance(customers, StoreError) or customers or page.items:
                break
        return customers, page

    async def _both(
        self, wire: Wire, customer: tuple[str, str], orders: tuple[str, str], rows: int
    ) -> tuple[Sequence[CustomerRow] | StoreError, PageRow]:
        """Where both are refused it is the token, where only one is, a permission."""
        found, page = await both(
            attempt(self._page(wire, "customers/search", CustomerRow, ((*customer, "eq"),), 5)),
            attempt(self._page(wire, "orders", OrderRow, ((*orders, "eq"),), rows)),
        )
        if isinstance(page, StoreError):
            wrong = isinstance(page, Refused) and isinstance(found, Refused)
            raise Refused("credentials", **_without_reason(page)) if wrong else page
        return (found if isinstance(found, StoreError) else read_each(CustomerRow, list(found.items))[0]), page

    async def _of(self, ids: Sequence[str], path: str, kind: type[Any], wire: Wire) -> list[Any]:
        """The shipments or credit memos of these orders."""
        if not ids:
            return []
        page = await self._page(wire, path, kind, (("order_id", ",".join(ids), "in"),), 100)
        return read_each(kind, list(page.items))[0]

    async def _page(
        self, wire: Wire, path: str, kind: type[Payload], where: Sequence[tuple[str, str, str]], rows: int
    ) -> PageRow:
        """The newest rows that fulfil all of `where` (field, value, condition)."""
        query: list[tuple[str, str]] = []
        for group, (field, value, condition) in enumerate(where):
            start = f"searchCriteria[filter_groups][{group}][filters][0]"
            query += [(f"{start}[field]", field), (f"{start}[value]", value), (f"{start}[condition_type]", condition)]
        query += [
            ("searchCriteria[sortOrders][0][field]", "created_at"),
            ("searchCriteria[sortOrders][0][direction]", "DESC"),
            ("searchCriteria[pageSize]", str(rows)),
            ("searchCriteria[currentPage]", "1"),
            ("fields", f"items[{fields(kind)}],total_count"),
        ]
        response = await wire.send(self._request(f"/rest/{self.config.store_view}/V1/{path}", tuple(query)))
        _raise_for_error(response)
        return read(PageRow, response.json())

    def _request(self, path: str, query: Pairs) -> Request:
        config, token = self.config, self.config.access_token.get_secret_value()
        if not (config.consumer_key and config.consumer_secret and config.access_token_secret):
            return Request(path, query, {"authorization": f"Bearer {token}"})
        secrets = (config.consumer_key, config.consumer_secret, config.access_token_secret)
        key, secret, token_secret = (each.get_secret_value() for each in secrets)
        signer = Signer(key, secret, token, token_secret)
        proof = signer.header(f"{self.origin}{path}", query, now=self.now(), nonce=self.nonce())
        return Request(path, query, {"authorization": proof}, anew=lambda: self._request(path, query))


def _told(order: Order, parcels: Sequence[ShipmentRow], memos: Sequence[CreditmemoRow]) -> Order:
    sent = [each for row in parcels if str(row.order_id) == order.store_id for each in shipments(row, order)]
    back = [refund(row, order) for row in memos if str(row.order_id) == order.store_id]
    return structs.replace(order, shipments=tuple(sent), refunds=tuple(back))


def _forms(text: str) -> tuple[str, ...]:
    """How the shop may print a number; `in` splits its value at commas, so nothing else is passed on."""
    bare = text.lstrip("#")
    if not re.fullmatch(r"[A-Za-z0-9-]{1,32}", bare):
        return ()
    return (bare, bare.zfill(PADDED)) if bare.isdigit() else (bare,)


def _raise_for_error(response: Response) -> None:
    if response.status in {401, 403}:
        raise (
            Refused("scope", status=response.status, scope=_resource(response))
            if _resource(response)
            else Refused("credentials", status=response.status)
        )
    raise_for_status(response)


def _resource(response: Response) -> str | None:
    """The ACL resource that a refusal names."""
    try:
        parameters = read(ErrorRow, response.json()).parameters
        named = read(ParametersRow, parameters).resources
    except Changed:
        return None
    return named if named and re.fullmatch(r"[A-Za-z_]+::[A-Za-z_]+", named) else None


def _without_reason(failure: StoreError) -> dict[str, Any]:
    return {"look_at": "access token", **{name: value for name, value in failure.about.items() if name == "status"}}
