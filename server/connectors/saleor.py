"""Saleor 3.21 and later, by its GraphQL API, with an app's token.

A token that is wrong and a permission that is missing are answered alike, with status 200 and an error for the field
that was denied. Search is fuzzy but ignores capitals, while the exact filter does not, so rows are searched and sifted.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, ClassVar

from pydantic import SecretStr

from ..errors import Changed, Refused
from ..model import Answer, By, Party, Question
from ..texts import N_
from .answers import answer
from .base import PARTS, Connector, Origin, Request, StoreConfig, Wire, raise_for_status
from .fitness import Need, Standing
from .payload import read, read_each
from .saleor_mapping import account, order
from .saleor_nodes import AppNode, EnvelopeNode, OrderNode, PageNode, UserNode

DOCUMENT = files(__package__).joinpath("saleor.graphql").read_text("utf-8")
GRAPHQL = "/graphql/"
CROWD = 5
"""How many more rows than wanted are asked for, as strangers take places among them."""
ORDERS, USERS = "MANAGE_ORDERS", "MANAGE_USERS"
NEEDED = {"orders": ORDERS, "user": USERS, "customers": USERS}
NOT_PLACED = "DRAFT"
NEWEST = {"field": "CREATED_AT", "direction": "DESC"}


class SaleorConfig(StoreConfig):
    """`origin` is the API's host, which is not the storefront's."""

    origin: Origin
    token: SecretStr


class Saleor(Connector[SaleorConfig]):
    """One shop."""

    name = "saleor"
    title = "Saleor"
    Config = SaleorConfig
    asked_by = frozenset({By.EMAIL, By.CUSTOMER_ID, By.ORDER_NUMBER, By.PHONE})
    lacks: ClassVar[Mapping[str, str]] = {
        "shipment_status": N_("Saleor stores tracking numbers, not where the parcel is."),
        "shipment_events": N_("Saleor stores tracking numbers, not where the parcel is."),
        "tags": N_("Saleor has no tags on orders or customers."),
        "customer_orders_count": N_("Saleor's own count includes drafts, so it is not shown."),
        "customer_spent": N_("Saleor's customer record holds no amount spent."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?\d{1,9}"
    read_posts = frozenset({GRAPHQL})

    @property
    def origin(self) -> str:
        return self.config.origin

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """One query, whatever the number of orders; a customer by his id takes a second one for his orders."""
        texts = [text.strip() for text in question.spellings if text.strip() and text.isprintable()]
        if not texts:
            return Answer()
        first = min(limit + CROWD, 100)
        match question.by:
            case By.EMAIL:
                data = await self._post(wire, "customer", email=texts[0], first=first, newest=NEWEST)
                people = self._people(data)
            case By.CUSTOMER_ID:
                people = self._people(await self._post(wire, "account", id=texts[0]))
                if not people:
                    return Answer()
                data = await self._post(wire, "orders", search=people[0].emails[0], first=first, newest=NEWEST)
            case _:
                data = await self._post(wire, "orders", search=texts[0].lstrip("#"), first=first, newest=NEWEST)
                people = []
        page = read(PageNode, data.get("orders"))
        nodes, unreadable = read_each(OrderNode, [edge.node for edge in page.edges])
        orders = [order(node, self.store) for node in nodes if node.status != NOT_PLACED]
        return answer(question, people, orders, limit, more=page.more, unreadable=unreadable)

    def _people(self, data: Mapping[str, object]) -> list[Party]:
        user = data.get("user")
        return [] if user is None else [account(read(UserNode, user), self.store)]

    # -- fitness ----------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        """Saleor has no permission that only reads."""
        grant = "Dashboard > Extensions > Installed > the app > Permissions"
        return (
            Need("orders", ORDERS, grant, lambda wire: self._post(wire, "orders", search="0", first=1, newest=NEWEST)),
            Need("customers", USERS, grant, lambda wire: self._post(wire, "users")),
        )

    async def standing(self, wire: Wire) -> Standing:
        """Each permission that is granted allows writing as well."""
        app = (await self._post(wire, "standing")).get("app")
        if app is None:
            return Standing()
        return Standing(writes=tuple(permission.code for permission in read(AppNode, app).permissions))

    # -- the way there ----------------------------------------------------------------------------------------

    async def _post(self, wire: Wire, operation: str, **variables: object) -> Mapping[str, Any]:
        """The data; raises where a field was denied, or something is amiss."""
        body = {"query": DOCUMENT, "operationName": operation, "variables": variables}
        headers = {"authorization": f"Bearer {self.config.token.get_secret_value()}"}
        response = await wire.send(Request(GRAPHQL, headers=headers, json=body))
        raise_for_status(response)
        envelope = read(EnvelopeNode, response.json())
        denied = [_field(each.path) for each in envelope.errors if each.code == "PermissionDenied"]
        if len(set(denied)) > 1:  # nothing that was asked for may be read: it is the token
            raise Refused("credentials", status=200, look_at="token")
        if denied:
            raise Refused("scope", scope=NEEDED.get(denied[0], "a permission"))
        if envelope.errors or envelope.data is None:
            expired = any(
                re.search(r"signature|token|expired", each.message, re.IGNORECASE) for each in envelope.errors
            )
            raise Refused("credentials", look_at="token") if expired else Changed("payload")
        return envelope.data


def _field(path: tuple[str | int, ...] | None) -> str:
    return str(path[0]) if path else ""
