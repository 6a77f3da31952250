"""WooCommerce, REST API v3 (`/wp-json/wc/v3`), with a consumer key that may read.

The API has no filter for a billing e-mail or a phone: `search=` is a substring match over the joined addresses,
the product names and the id, so strangers come back and every row is sifted (woocommerce/woocommerce#11899).
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from msgspec import structs
from pydantic import SecretStr

from ..errors import Changed, Refused, StoreError, Unreachable
from ..model import Answer, By, Order, Question
from ..texts import N_
from .answers import answer, attempt, passing, together, unread
from .base import PARTS, Connector, Origin, Request, Response, StoreConfig, Wire, raise_for_status
from .fitness import Need, Standing
from .oauth1 import Signer
from .rows import Row, read_list, read_text
from .woocommerce_found import Found, page, union
from .woocommerce_mapping import Details, account, notes, order, profile, refunded
from .woocommerce_rows import TRACKING, CustomerRow, IndexRow, NoteRow, OrderRow, RefundRow

API = "/wp-json/wc/v3/"

NOT_PLACED = {"checkout-draft", "auto-draft", "trash"}
"""What `orders` may list as well: never ordered by a customer, or thrown away by the shop."""

SPELLINGS = 3
"""A phone is found only in the very characters stored: as given, nationally, internationally."""

CROWD = 10
"""How many more rows than wanted are asked for, as strangers and drafts take places among them."""

REFUSALS: tuple[tuple[int, str, str, str, Mapping[str, str]], ...] = (
    (401, "cannot_view", "", "credentials", {"look_at": "key"}),  # an unknown key is answered like no key at all
    (403, "cannot_view", "", "scope", {"scope": "the key's user may not view orders and customers"}),
    (401, "authentication_error", "read permission", "scope", {"scope": "the key has no read permission"}),
    (401, "authentication_error", "consumer key", "credentials", {"look_at": "key"}),
    (401, "authentication_error", "secret", "credentials", {"look_at": "secret"}),
    (401, "authentication_error", "timestamp", "credentials", {"look_at": "clock"}),
    (401, "authentication_error", "signature", "credentials", {"look_at": "signature"}),
)
"""Status, end of the error's code, words in its message (in English shops) -> reason, and what to look at."""


class WooCommerceConfig(StoreConfig):
    """`auth` is `basic` over https and `oauth1` over http where it is left out.

    WooCommerce takes Basic only when it sees TLS itself; a host that ends TLS before it, or strips the
    Authorization header, needs `oauth1`, which sends a signature and no secret.
    """

    origin: Origin
    key: SecretStr
    secret: SecretStr
    auth: Literal["basic", "oauth1"] | None = None


class WooCommerce(Connector[WooCommerceConfig]):
    """One shop. What a question costs does not grow with the number of orders."""

    name = "woocommerce"
    title = "WooCommerce"
    Config = WooCommerceConfig
    asked_by = frozenset(By)
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("WooCommerce keeps the reason in the order's private notes only."),
        "shipment_status": N_("WooCommerce stores tracking numbers, not where the parcel is."),
        "shipment_events": N_("WooCommerce stores tracking numbers, not where the parcel is."),
        "returns": N_("WooCommerce knows refunds, but no returns."),
        "disputes": N_("Chargebacks are kept by the payment gateway, not by WooCommerce."),
        "tags": N_("WooCommerce has no tags on orders or customers."),
        "customer_orders_count": N_("WooCommerce's customer record holds no number of orders."),
        "customer_spent": N_("WooCommerce's customer record holds no amount spent."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?\d{3,9}"
    api_version = "wc/v3"
    details = frozenset({"notes"})

    @property
    def origin(self) -> str:
        """The shop's home address as WordPress has it in its settings: OAuth signatures are made over it."""
        return self.config.origin

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """See `Connector.ask`. Rows are sifted before their refunds are asked for: a stranger costs no call."""
        found = await self._find(question, min(limit + CROWD, 100), wire)
        placed = {str(row.id): row for row in found.orders.values() if row.status not in NOT_PLACED}
        accounts = [account(row, self.store, self.origin) for row in found.customers.values()]
        orders = [order(row, self.store, self.origin) for row in placed.values()]
        own = answer(
            question,
            accounts,
            orders,
            limit,
            profile=lambda id_: profile(self.origin, id_),
            more=found.more,
            unreadable=len(found.unreadable),
        )
        shown = [placed[each.store_id] for each in own.orders]
        refunds = await attempt(self._refunds(shown, wire))
        details, lacks = (
            ({}, unread(refund_items=refunds, refund_status=refunds)) if isinstance(refunds, StoreError) else refunds
        )
        told = zip(shown, own.orders, strict=True)
        return structs.replace(
            own,
            orders=tuple([refunded(each, row, details) if row.refunds else each for row, each in told]),
            lacks=lacks,
            passing=passing(refunds),
        )

    # -- fitness ----------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        """Read is the one permission of a key; what it may read is decided by the role of its user."""
        grant = "WooCommerce > Settings > Advanced > REST API: a key with permission Read for a shop manager"
        refunds = "WooCommerce 9.0 or later"
        return (
            Need("orders", "Read, view orders", grant, lambda wire: self._orders(wire, 1)),
            Need("customers", "Read, list users", grant, lambda wire: self._customers(wire, "nobody@example.com")),
            Need("refunds in full", refunds, "Update WooCommerce", self._read_refund, optional=True),
        )

    async def _read_refund(self, wire: Wire) -> None:
        if await self._get(wire, "refunds", RefundRow, {"per_page": "1"}, absent="rest_no_route") is None:
            raise Refused("scope", scope="WooCommerce 9.0 or later")

    async def standing(self, wire: Wire) -> Standing:
        """The index, asked without the key, lists the versions. Whether a key may write is told to nobody."""
        response = await wire.send(Request("/wp-json/", (("_fields", "namespaces"),)))
        raise_for_status(response)
        versions = read_text(IndexRow, response.text).namespaces
        return Standing(served=self.api_version if self.api_version in versions else "none of WooCommerce's")

    async def detail(self, order: Order, wire: Wire) -> Order:
        """With the shop's notes beside the customer's own."""
        response = await self._get(wire, f"orders/{order.store_id}/notes", NoteRow, {})
        rows = read_list(NoteRow, response.text)[0] if response else []
        return structs.replace(order, notes=(*order.notes, *notes(rows)), later=frozenset())

    # -- questions: which calls they are ----------------------------------------------------------------------

    async def _find(self, question: Question, rows: int, wire: Wire) -> Found:
        texts = [text for text in question.spellings if text.strip()][:SPELLINGS]  # an empty search is the whole shop
        if not texts:
            return Found()
        match question.by:
            case By.CUSTOMER_ID:
                return await self._by_id(texts[0], rows, wire)
            case By.ORDER_NUMBER:
                return await self._by_number(question, [text.lstrip("#") for text in texts], rows, wire)
            case By.EMAIL:
                return await self._by_email(question, texts, rows, wire)
            case By.PHONE | By.NAME:
                return union(await together(self._orders(wire, rows, search=text) for text in texts))

    async def _by_id(self, account: str, rows: int, wire: Wire) -> Found:
        if not re.fullmatch(r"[1-9][0-9]{0,17}", account):  # 0 would be every guest of the shop
            return Found()
        return union(await together([self._customer(wire, account), self._orders(wire, rows, customer=account)]))

    async def _by_number(self, question: Question, texts: list[str], rows: int, wire: Wire) -> Found:
        """The number mostly is the id; with a sequential-number plugin that is another order's."""
        id_ = next((text for text in texts if re.fullmatch(r"[0-9]{1,18}", text)), None)
        guessed = await self._order(wire, id_) if id_ else Found()
        if guessed.has(question):
            return guessed
        searched = await self._orders(wire, rows, question, search=texts[0])
        return union([guessed, replace(searched, more=searched.more and not searched.has(question))])

    async def _by_email(self, question: Question, texts: list[str], rows: int, wire: Wire) -> Found:
        """An account's orders carry any e-mail and a guest's no account: the history is the union of both.

        Another spelling of the mailbox is tried only where nobody has the one before: each costs two calls.
        """
        found = Found()
        for text in texts:
            calls = (self._customers(wire, text), self._orders(wire, rows, question, search=text))
            found = union([found, *await together(calls)])
            if found.customers or any(question.same(row.billing.email or "") for row in found.orders.values()):
                break
        own = [str(customer.id) for customer in found.customers.values() if question.same(customer.email)]
        histories = (self._orders(wire, rows, besides=tuple(found.orders), customer=account) for account in own)
        return union([found, *await together(histories)])

    # -- calls ------------------------------------------------------------------------------------------------

    async def _orders(
        self, wire: Wire, rows: int, sought: Question | None = None, besides: Sequence[int] = (), **by: str
    ) -> Found:
        """A page of orders `besides` those found already, which the shop need not send again; `sought` as in `page`."""
        if besides:
            by["exclude"] = ",".join(map(str, besides))
        query = {"include_meta": TRACKING, "orderby": "date", "order": "desc", "per_page": str(rows), **by}
        response = await self._get(wire, "orders", OrderRow, query)
        return page(response, rows, sought, others=bool(besides)) if response else Found()

    async def _order(self, wire: Wire, id_: str) -> Found:
        response = await self._get(
            wire, f"orders/{id_}", OrderRow, {"include_meta": TRACKING}, absent="shop_order_invalid_id"
        )
        row = read_text(OrderRow, response.text) if response else None
        return Found(orders={row.id: row}) if row else Found()

    async def _customers(self, wire: Wire, email: str) -> Found:
        """Without `role=all` subscribers and staff are left out. A malformed address is nobody's."""
        query = {"email": email, "role": "all"}
        response = await self._get(wire, "customers", CustomerRow, query, absent="rest_invalid_param:email")
        rows = read_list(CustomerRow, response.text)[0] if response else []
        return Found(customers={row.id: row for row in rows})

    async def _customer(self, wire: Wire, account: str) -> Found:
        response = await self._get(wire, f"customers/{account}", CustomerRow, {}, absent="rest_invalid_id")
        row = read_text(CustomerRow, response.text) if response else None
        return Found(customers={row.id: row}) if row else Found()

    async def _refunds(self, rows: Sequence[OrderRow], wire: Wire) -> tuple[Details, Mapping[str, str]]:
        """More of these orders' refunds than the orders say, in one call, and what could not be had."""
        ids = [str(refund.id) for row in rows for refund in row.refunds][:100]
        if not ids:
            return {}, {}
        query = {"include": ",".join(ids), "per_page": "100"}
        response = await self._get(wire, "refunds", RefundRow, query, absent="rest_no_route")
        if response is None:
            return {}, dict.fromkeys(("refund_items", "refund_status"), "Only WooCommerce 9.0 and later tells this.")
        return {row.id: row for row in read_list(RefundRow, response.text)[0]}, {}

    async def _get(
        self, wire: Wire, path: str, kind: type[Row], query: dict[str, str], *, absent: str | None = None
    ) -> Response | None:
        """The answer, with the fields of `kind`; `None` where it is an error that means that there is none."""
        response = await wire.send(self._request(API + path, {**query, "_fields": ",".join(kind.__struct_fields__)}))
        if absent and response.status in {400, 404} and _error(response)[0].endswith(absent):
            return None
        _raise_for_error(response)
        return response

    def _request(self, path: str, query: dict[str, str]) -> Request:
        key, secret = self.config.key.get_secret_value(), self.config.secret.get_secret_value()
        if (self.config.auth or ("basic" if self.origin.startswith("https:") else "oauth1")) == "oauth1":
            asked = tuple(query.items())
            proof = Signer(key, secret).parameters(f"{self.origin}{path}", asked, now=self.now(), nonce=self.nonce())
            return Request(path, (*asked, *proof), anew=lambda: self._request(path, query))
        pair = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return Request(path, tuple(query.items()), {"authorization": f"Basic {pair}"})


# -- what came --------------------------------------------------------------------------------------------


def _error(response: Response) -> tuple[str, str]:
    """Code and message of an error, empty where it is none of WordPress's; `code:name` names a bad parameter."""
    try:
        body = response.json()
    except Changed:
        return "", ""
    if not isinstance(body, dict) or "code" not in body:
        return "", ""
    data = body.get("data")
    params = data.get("params") if isinstance(data, dict) else None
    name = f":{','.join(params)}" if isinstance(params, dict) else ""
    return f"{body['code']}{name}", str(body.get("message")).lower()


def _raise_for_error(response: Response) -> None:
    if 200 <= response.status < 300:
        return
    code, message = _error(response)
    for status, ending, words, reason, about in REFUSALS:
        if response.status == status and code.endswith(ending) and words in message:
            raise Refused(reason, status=status, **about)
    if response.status == 403 and "html" in response.headers.get("content-type", ""):
        raise Unreachable("down", status=403)  # a firewall's page: the shop itself was not asked
    if code == "rest_no_route":
        raise Changed("status", status=response.status, look_at="permalinks")
    raise_for_status(response)
