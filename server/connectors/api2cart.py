"""API2Cart, API v1.1: one store of any of many platforms, behind one door. What it tells differs by platform.

A failure mostly comes with HTTP 200 and a return code of API2Cart's own. Which filters and methods work depends on
the platform behind; a filter that does not may simply be ignored, so every row is sifted.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from msgspec import structs
from msgspec.structs import replace
from pydantic import SecretStr, ValidationError, field_validator

from ..errors import Changed, Refused
from ..model import Answer, By, Order, Question
from ..texts import N_
from .answers import AT_ONCE, answer, attempt, passing, together, unread
from .api2cart_codes import NO_METHOD, NOT_FOUND, opened, refusal
from .api2cart_mapping import order, parties, returns, shipments
from .api2cart_rows import CartRow, OrderRow, ReturnRow, Row, ShipmentRow, StubRow, many, one
from .base import PARTS, Connector, Origin, Refusal, Request, Response, StoreConfig, Subscription, Wire
from .fitness import Need, Standing
from .payload import read_each

RowT = TypeVar("RowT", bound=Row)

API = "/v1.1/"
CALLS_AT_ONCE = 10
"""Of all stores of an account, and 5 of each."""

FILTERS = {
    By.EMAIL: "customer_email",
    By.ORDER_NUMBER: "order_ids",
    By.CUSTOMER_ID: "customer_id",
    By.PHONE: "phone",
}
NOT_ASKED = {By.ORDER_NUMBER: re.compile(r"[,\x00-\x1f\x7f]"), By.CUSTOMER_ID: re.compile(r"^0*$|[,\x00-\x1f\x7f]")}
"""What would mean several orders, or every guest."""
SPELLINGS = 3

FIELDS = (
    "order_id,customer,create_at,currency,shipping_address,billing_address,payment_method,status,total,totals,"
    "order_products,refunds,discounts,comment,gift_message,additional_fields"
)
"""Without being asked API2Cart leaves out dates, currency and refunds."""

METHODS = {"shipments": "order.shipment.list", "returns": "return.list"}
ABSENT_S = 24 * 3600
"""How long a method is not tried again that the platform behind does not have."""
ABSENT = N_("The platform behind API2Cart does not tell this.")

PLATFORMS = {"AmazonSP": "Amazon", "EBay": "eBay", "EtsyAPIv3": "Etsy", "TikTokShop": "TikTok Shop"}
"""API2Cart's words for platforms that call themselves otherwise."""


class Api2CartConfig(StoreConfig):
    """The account's key and the store's. `origin` is for loopback addresses only."""

    api_key: SecretStr
    store_key: SecretStr
    origin: Origin | None = None

    @field_validator("origin")
    @classmethod
    def _loopback(cls, origin: str | None) -> str | None:
        if origin and not origin.startswith("http://"):
            raise ValueError("is for loopback addresses only; leave it out")
        return origin


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as they came, how many of those that matter could not be read, and whether there are more."""

    rows: tuple[OrderRow, ...]
    unreadable: int
    more: bool


class Api2Cart(Connector[Api2CartConfig]):
    """One store. A question costs one call, one for returns, and one for the parcels of each of the newest orders."""

    name = "api2cart"
    title = "API2Cart"
    Config = Api2CartConfig
    asked_by = frozenset(FILTERS)
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("API2Cart does not pass on why a payment failed."),
        "shipment_events": N_("Scans would cost a call for each parcel, and few platforms pass them on."),
        "refund_status": N_("API2Cart does not tell whether refunded money has arrived."),
        "disputes": N_("API2Cart knows no disputes."),
        "tags": N_("API2Cart's orders have no tags."),
        "item_images": N_("API2Cart's orders hold no pictures."),
        "customer_since": N_("API2Cart's orders do not tell since when their buyer has an account."),
        "customer_orders_count": N_("API2Cart's orders do not tell how many orders their buyer has."),
        "customer_spent": N_("API2Cart's orders do not tell what their buyer has spent."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?(?:\d{2,3}-\d{5,7}-\d{5,7}|(?:[A-Z]{1,4}-?)?\d{3,19})"
    api_version = "v1.1"
    details = frozenset({"shipments"})

    def __init__(
        self,
        store: str,
        config: Api2CartConfig,
        *,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        super().__init__(store, config, now=now, nonce=nonce)
        self._absent_until: dict[str, float] = {}

    @property
    def origin(self) -> str:
        return self.config.origin or "https://api.api2cart.com"

    @property
    def subscription(self) -> Subscription:
        key = self.config.api_key.get_secret_value()
        return Subscription(f"{self.name} {hashlib.sha256(key.encode()).hexdigest()}", CALLS_AT_ONCE)

    def refusal(self, response: Response) -> Refusal | None:
        return refusal(response)

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """See `Connector.ask`. Another spelling is tried only where the one before brought nothing."""
        own = Answer()
        for text in _texts(question):
            page = await self._page(question, text, limit, wire)
            orders = [order(row, self.store) for row in page.rows]
            own = answer(
                question,
                parties(page.rows, orders),
                orders,
                limit,
                more=page.more,
                unreadable=page.unreadable,
            )
            if own.orders or own.unreadable:
                break
        return await self._completed(own, wire)

    async def detail(self, order: Order, wire: Wire) -> Order:
        """With its parcels."""
        fields = "shipment{shipment_provider,tracking_numbers,created_at,delivered_at,is_shipped,items}"
        query = {"order_id": order.number, "count": "50", "response_fields": _fields("shipment_count", fields)}
        rows = await self._part("shipments", "shipment", ShipmentRow, query, wire)
        return structs.replace(order, shipments=shipments(rows), later=order.later - {"shipments"})

    # -- fitness ----------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        """Keys have no scopes of their own; what a store gives depends on its platform and how it was connected."""
        key = "app.api2cart.com: the account's API key, and the store's key in the list of stores"
        behind = "app.api2cart.com: connect the store again with all rights to read; some platforms do not have it"
        one_order = {"count": "1", "response_fields": _fields("order{order_id}")}
        return (
            Need("orders", "order.list", key, lambda wire: self._list(wire, "order.list", "order", one_order)),
            Need("parcels", "order.shipment.list", behind, lambda wire: self._has(wire, "shipments"), optional=True),
            Need("returns", "return.list", behind, lambda wire: self._has(wire, "returns"), optional=True),
        )

    async def _has(self, wire: Wire, part: str) -> None:
        methods, _ = await self._list(wire, "cart.methods", "method", {})
        if METHODS[part] not in methods:
            raise Refused("scope", scope=METHODS[part])

    async def standing(self, wire: Wire) -> Standing:
        """The account's list of stores names the platform behind this one."""
        rows, _ = await self._list(wire, "account.cart.list", "carts", {"count": "250"})
        carts, _ = read_each(CartRow, rows)
        key = self.config.store_key.get_secret_value()
        word = next((cart.cart_id for cart in carts if cart.store_key == key), None)
        self.behind = PLATFORMS.get(word, word) if word else None
        return Standing(behind=self.behind)

    # -- calls ------------------------------------------------------------------------------------------------

    async def _page(self, question: Question, text: str, limit: int, wire: Wire) -> Page:
        query = {
            FILTERS[question.by]: text,
            "count": str(min(limit, 250)),
            "sort_direction": "desc",
            "response_fields": _fields("orders_count", f"order{{{FIELDS}}}"),
        }
        rows, goes_on = await self._list(wire, "order.list", "order", query)
        kept = [_order_row(row) for row in rows]
        if rows and not any(kept):
            raise Changed("payload")
        lost = [row for row, good in zip(rows, kept, strict=True) if good is None and _may_hold(question, row)]
        return Page(tuple(filter(None, kept)), len(lost), goes_on and len(rows) >= limit)

    async def _completed(self, own: Answer, wire: Wire) -> Answer:
        """With the returns of all orders and the parcels of the newest, side by side."""
        if not own.orders:
            return own
        newest = own.orders[:AT_ONCE]
        calls: list[Awaitable[Any]] = [attempt(self.detail(each, wire)) for each in newest]
        *told, back = await together([*calls, attempt(self._returns(own, wire))])
        orders = [new if isinstance(new, Order) else old for new, old in zip(told, newest, strict=True)]
        orders += own.orders[AT_ONCE:]
        if isinstance(back, dict):
            orders = [structs.replace(each, returns=back.get(each.number, ())) for each in orders]
        absent = {part for part in METHODS if self._is_absent(part)}
        return replace(
            own,
            orders=tuple(structs.replace(each, later=each.later - absent) for each in orders),
            lacks={**unread(returns=back), **dict.fromkeys(absent, ABSENT)},
            passing=passing(back, *told),
        )

    async def _returns(self, own: Answer, wire: Wire) -> Mapping[str, Any]:
        numbers = ",".join(each.number for each in own.orders if "," not in each.number)
        if not numbers:  # an empty list would be everybody's returns
            return {}
        fields = "returns{name,order_id,created_at,status,order_products,comment}"
        query = {"order_ids": numbers, "count": "50", "response_fields": _fields("total_count", fields)}
        return returns(await self._part("returns", "returns", ReturnRow, query, wire))

    async def _part(self, part: str, key: str, kind: type[RowT], query: dict[str, str], wire: Wire) -> list[RowT]:
        """The rows of a method that not every platform has; where it is absent, none, and that is remembered."""
        if self._is_absent(part):
            return []
        try:
            rows, _ = await self._list(wire, METHODS[part], key, query)
        except Changed as failure:
            if failure.about.get("code") != NO_METHOD:
                raise
            self._absent_until[part] = self.now() + ABSENT_S
            return []
        return read_each(kind, rows)[0]

    def _is_absent(self, part: str) -> bool:
        return self.now() < self._absent_until.get(part, 0.0)

    async def _list(self, wire: Wire, method: str, key: str, query: Mapping[str, str]) -> tuple[list[Any], bool]:
        """The rows under `key` of a method's result, and whether it says that there are more."""
        keys = {
            "x-api-key": self.config.api_key.get_secret_value(),
            "x-store-key": self.config.store_key.get_secret_value(),
        }
        envelope = opened(await wire.send(Request(f"{API}{method}.json", tuple(query.items()), keys)))
        if envelope.return_code == NOT_FOUND:
            return [], False
        result = one(envelope.result)
        rows = many(result[key]) if isinstance(result, dict) and key in result else None
        if not isinstance(rows, list):
            raise Changed("payload")
        pages = one(envelope.pagination)
        return rows, not isinstance(pages, dict) or bool(pages.get("next"))


# -- what is asked, and what came --------------------------------------------------------------------------


def _texts(question: Question) -> list[str]:
    bare = (text.strip().lstrip("#") if question.by is By.ORDER_NUMBER else text.strip() for text in question.spellings)
    never = NOT_ASKED.get(question.by, re.compile(r"[\x00-\x1f\x7f]"))
    return [text for text in dict.fromkeys(bare) if text and not never.search(text)][:SPELLINGS]


def _fields(*of_result: str) -> str:
    return f"{{return_code,return_message,pagination,result{{{','.join(of_result)}}}}}"


def _order_row(row: object) -> OrderRow | None:
    try:
        return OrderRow.model_validate(row)
    except ValidationError:
        return None


def _may_hold(question: Question, row: object) -> bool:
    """Whether a broken row may hold the clue, as far as it is legible: a stranger's is nobody's business here."""
    try:
        stub = StubRow.model_validate(row)
    except ValidationError:
        return True
    customer = stub.customer
    legible = {
        By.EMAIL: customer.email if customer else None,
        By.ORDER_NUMBER: stub.order_id,
        By.CUSTOMER_ID: customer.account if customer else None,
    }
    return question.by not in legible or question.same(legible[question.by] or "")
