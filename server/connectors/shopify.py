"""Shopify, asked through its Admin GraphQL API (https://shopify.dev/docs/api/admin-graphql).

A customer with ten orders costs one request, and beside it a small one which tells whether there are orders under his
e-mail that belong to no record of his; only where there are, a third. `shopify.graphql` holds what is asked,
`shopify_nodes` what comes back.
"""

import asyncio
import math
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib.resources import files
from types import MappingProxyType
from typing import get_args

from msgspec import structs

from ..errors import Changed, Refused
from ..model import Answer, By, Question
from ..texts import N_
from . import shopify_mapping as mapping
from .answers import both, newest, sift
from .base import PARTS, Connector, Headroom, Request, Response, Wire
from .fitness import Need, Standing
from .rows import read_list, read_text
from .shopify_config import ShopifyConfig, Version, end_of_support
from .shopify_found import Found, lacks, page
from .shopify_nodes import BuyerNode, CustomerNode, GrantNode, OrderNode, OwnedNode, StandingNode
from .shopify_reply import Reply, headroom_of, raise_for_status, reply_of
from .token import Lease, Token

DOCUMENT = files(__package__).joinpath("shopify.graphql").read_text("utf-8")
GRAPHQL = "/admin/api/{}/graphql.json"
GRANT = "/admin/oauth/access_token"
ADMIN = "https://admin.shopify.com/store/{}"
CUSTOMER = "gid://shopify/Customer/{}"
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""No value that Shopify keeps holds one; a spelling that does is not sent."""

CUSTOMER_ORDERS, FOUND_ORDERS, NAMESAKES = 10, 9, 10
"""The largest pages that keep each query below Shopify's limit of cost."""
REMEMBER_DENIAL_S = 3600.0
"""For how long a part that was denied is not asked for again; after that a newly granted scope shows."""


# -- the questions -----------------------------------------------------------------------------------------


class Shopify(Connector[ShopifyConfig]):
    """One shop. Between questions it remembers its token, whether returns were denied, and the shape of its numbers."""

    name = "shopify"
    title = "Shopify"
    Config = ShopifyConfig
    asked_by = frozenset(By)
    lacks = MappingProxyType(
        {"item_images": N_("Left out: with pictures, ten orders would cost more than Shopify lets one query cost.")}
    )
    supplies = frozenset(PARTS) - lacks.keys()
    order_number = r"#?(?:[A-Za-z]{1,5}-?)?\d{3,9}(?:-[A-Za-z0-9]{1,4})?"
    api_version = get_args(Version)[-1]
    read_posts = frozenset({GRANT, *(GRAPHQL.format(version) for version in get_args(Version))})

    def __init__(
        self,
        store: str,
        config: ShopifyConfig,
        *,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        super().__init__(store, config, now=now, nonce=nonce)
        self._token = Token(self._lease, now)
        self._returns_denied_until = 0.0
        self._number_format: tuple[str, str] | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def origin(self) -> str:
        return self.config.origin or f"https://{self.config.shop}"

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        spellings = tuple(text for text in question.spellings if not CONTROL.search(text))
        found = await self._find(question, spellings, limit, wire) if spellings else Found()
        return self._answer(question, found, limit)

    async def _find(self, question: Question, spellings: tuple[str, ...], limit: int, wire: Wire) -> Found:
        match question.by:
            case By.EMAIL:
                return await self._by_email(question, spellings, limit, wire)
            case By.PHONE:  # in E.164; orders cannot be searched by phone, so guests are not found by theirs
                return await self._customer({"phoneNumber": question.value}, limit, wire)
            case By.CUSTOMER_ID:
                if not re.fullmatch(r"[0-9]{1,20}", question.value):
                    return Found()  # what cannot be an id of Shopify's is nobody's
                return await self._customer({"id": CUSTOMER.format(question.value)}, limit, wire)
            case By.ORDER_NUMBER:
                return await self._by_number(question, spellings, limit, wire)
            case By.NAME:
                return await self._namesakes(question, spellings, limit, wire)

    # -- the questions ------------------------------------------------------------------------------------

    async def _customer(self, by: Mapping[str, str], limit: int, wire: Wire) -> Found:
        """The one customer whom the identifier names exactly, with his newest orders."""
        reply = await self._purchases("customer", {"by": by, "first": min(limit, CUSTOMER_ORDERS)}, wire)
        customer = reply.node("customerByIdentifier", BuyerNode)
        if customer is None:
            return Found(denied=reply.denied, blind=reply.blind)
        found, count = page(customer.orders), int(customer.number_of_orders or 0)
        hidden = not found.more and count > len(found.orders) + len(found.unreadable)
        return replace(
            found,
            customers=(customer,),
            orders=tuple(structs.replace(order, customer=customer) for order in found.orders),
            more=found.more or hidden,
            hidden=hidden,
            denied=reply.denied,
            blind=reply.blind,
        )

    async def _by_email(self, question: Question, spellings: tuple[str, ...], limit: int, wire: Wire) -> Found:
        """His record, and where there are orders under his address that are not his record's, those as well.

        To search for orders costs as many points as his record with all of his, so what is asked first is only whose
        they are: mostly his, and then a question costs half.
        """
        search = " OR ".join(f"email:{quoted(text)}" for text in spellings)
        owners = self._post("owners", {"search": search, "first": min(limit, FOUND_ORDERS)}, wire)
        his, seen = await both(self._customer({"emailAddress": spellings[0]}, limit, wire), owners)
        his |= Found(denied=seen.denied, blind=seen.blind)
        known = {customer.legacy_resource_id for customer in his.customers}
        others = [each for each in read_list(OwnedNode, seen.page("orders").nodes)[0] if not each.is_of(known)]
        if any(seen.denied or any(map(question.same, each.emails)) for each in others):
            return his | await self._orders(search, limit, wire)
        return his

    async def _by_number(self, question: Question, spellings: tuple[str, ...], limit: int, wire: Wire) -> Found:
        """Customers leave out what the shop puts around its numbers: tried only where the number alone is nobody's."""
        bare = tuple(dict.fromkeys(text.lstrip("#") for text in spellings))
        names = dict.fromkeys((*spellings, *(form for text in bare for form in (f"#{text}", text))))
        found = await self._named(names, limit, wire)
        if self._answer(question, found, limit).orders or found.blind:
            return found
        async with self._one_at_a_time:
            if self._number_format is None:
                reply = await self._post("standing", {}, wire)
                shop = reply.whole(StandingNode).shop
                self._number_format = shop.order_number_format_prefix, shop.order_number_format_suffix
        prefix, suffix = self._number_format
        whole = [name for text in bare if (name := f"{prefix}{text}{suffix}") not in names]
        return await self._named(whole, limit, wire) if whole else found

    async def _named(self, names: Iterable[str], limit: int, wire: Wire) -> Found:
        return await self._orders(" OR ".join(f"name:{quoted(name)}" for name in names), limit, wire)

    async def _orders(self, search: str, limit: int, wire: Wire) -> Found:
        """The newest orders that Shopify's search finds, strangers' among them."""
        reply = await self._purchases("orders", {"search": search, "first": min(limit, FOUND_ORDERS)}, wire)
        return replace(page(reply.page("orders")), denied=reply.denied, blind=reply.blind)

    async def _namesakes(self, question: Question, spellings: tuple[str, ...], limit: int, wire: Wire) -> Found:
        """The customers of that name, and then the newest orders of them all."""
        search = " OR ".join(f"({' '.join(map(quoted, text.split()))})" for text in spellings)
        reply = await self._post("customers", {"search": search, "first": NAMESAKES}, wire)
        page = reply.page("customers")
        nodes, _ = read_list(CustomerNode, page.nodes)
        people = Found(customers=nodes, more=page.more, denied=reply.denied, blind=reply.blind)
        parties = self._answer(question, people, limit).parties
        if not parties:
            return people
        ids = " OR ".join(f"customer_id:{party.store_id}" for party in parties)
        return people | await self._orders(ids, limit, wire)

    async def _purchases(self, operation: str, variables: Mapping[str, object], wire: Wire) -> Reply:
        """Where an app may not read returns, asking for them costs it the orders; then they are left out."""
        if self.now() >= self._returns_denied_until:
            reply = await self._post(operation, {**variables, "returns": True}, wire)
            if "returns" not in reply.denied:
                return reply
            self._returns_denied_until = self.now() + REMEMBER_DENIAL_S
        reply = await self._post(operation, {**variables, "returns": False}, wire)
        return replace(reply, denied={**reply.denied, "returns": "read_returns"})

    # -- fitness ------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        """The scopes, as the app's installation itself tells them."""
        grant = "the app's configuration in the Dev Dashboard (or Settings > Apps > Develop apps): Admin API scopes"
        older = "orders older than 60 days"

        def need(what: str, scope: str, *, optional: bool = False) -> Need:
            return Need(what, scope, grant, lambda wire: self._granted(scope, wire), optional)

        return (
            need("orders", "read_orders"),
            need("customers", "read_customers"),
            need("returns", "read_returns", optional=True),
            need(older, "read_all_orders", optional=True),
        )

    async def _granted(self, scope: str, wire: Wire) -> None:
        if scope not in (await self._post("standing", {}, wire)).whole(StandingNode).scopes:
            raise Refused("scope", scope=scope)

    async def standing(self, wire: Wire) -> Standing:
        """Version, scopes and points. A version is served for a year from the first day of its month on."""
        reply = await self._post("standing", {}, wire)
        scopes = reply.whole(StandingNode).current_app_installation.access_scopes
        left, quota = reply.points
        return Standing(
            served=reply.served,
            ends=end_of_support(reply.served),
            writes=tuple(scope.handle for scope in scopes if scope.handle.startswith("write_")),
            left=left,
            quota=quota,
        )

    def headroom(self, response: Response) -> Headroom | None:
        """The shop's bucket of query cost, as every answer tells it."""
        return headroom_of(response)

    # -- the way there ------------------------------------------------------------------------------------

    async def _post(self, operation: str, variables: Mapping[str, object], wire: Wire) -> Reply:
        token = await self._token.get(wire)
        response = await wire.send(self._request(operation, variables, token))
        if response.status == 401 and self.config.client_id:
            token = await self._token.get(wire, refused=token)
            response = await wire.send(self._request(operation, variables, token))
        return reply_of(response)

    def _request(self, operation: str, variables: Mapping[str, object], token: str) -> Request:
        return Request(
            GRAPHQL.format(self.config.api_version),
            headers={"X-Shopify-Access-Token": token},
            json={"query": DOCUMENT, "operationName": operation, "variables": variables},
            kind=operation,
        )

    async def _lease(self, wire: Wire) -> Lease:
        """The static token, or one lent by the client credentials grant (24 hours in November 2026)."""
        config = self.config
        if config.access_token is not None:
            return Lease(config.access_token.get_secret_value(), math.inf)
        secret = config.client_secret.get_secret_value() if config.client_secret else ""
        form = (("grant_type", "client_credentials"), ("client_id", config.client_id or ""), ("client_secret", secret))
        response = await wire.send(Request(GRANT, form=form))
        if response.status == 400:  # invalid_client, app_not_installed, shop_not_permitted
            raise Refused("credentials", status=400)
        raise_for_status(response)
        grant = read_text(GrantNode, response.text)
        return Lease(grant.access_token, self.now() + grant.expires_in)

    # -- the answer ---------------------------------------------------------------------------------------

    def _answer(self, question: Question, found: Found, limit: int) -> Answer:
        nodes: dict[str, OrderNode] = {}
        for node in found.orders:
            nodes.setdefault(node.legacy_resource_id, node)
        unreadable = len(found.unreadable - nodes.keys())
        if unreadable and not nodes:
            raise Changed("payload")
        admin = ADMIN.format(self.config.shop.removesuffix(".myshopify.com"))
        orders = newest((mapping.order(self.store, self.name, admin, node) for node in nodes.values()), len(nodes))
        owners = {node.legacy_resource_id: node for node in found.customers}
        owners |= {node.customer.legacy_resource_id: node.customer for node in nodes.values() if node.customer}
        accounts = (mapping.account(self.store, admin, node) for node in owners.values())
        kept = sift(question, (*accounts, *mapping.guests(orders)), orders)
        if found.blind and not kept.parties:
            raise Refused("scope", scope=found.blind)
        shown = {order.store_id for order in kept.orders[:limit]}
        return Answer(
            parties=kept.parties,
            orders=kept.orders[:limit],
            more_orders=found.more or len(kept.orders) > limit,
            dropped=kept.dropped,
            unreadable=unreadable,
            lacks=dict(lacks(found, [node for id_, node in nodes.items() if id_ in shown])),
        )


def quoted(text: str) -> str:
    """The text as a phrase of Shopify's search syntax (https://shopify.dev/docs/api/usage/search-syntax).

    So nothing in it is taken for syntax; unquoted, an e-mail is split into words that find strangers one by one.
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
