"""eBay, Sell Fulfillment API v1 (https://developer.ebay.com/api-docs/sell/fulfillment): an order by its number.

eBay lists orders by number, date and status, never by buyer; and a list leaves out why orders were cancelled. So the
one order is read by itself, and then its parcels.
"""

import base64
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from msgspec import structs
from msgspec.structs import replace
from pydantic import SecretStr, field_validator

from ..errors import Refused, StoreError
from ..model import Answer, By, Question, Shipment
from ..texts import N_
from .answers import answer, attempt, passing, unread
from .base import PARTS, Connector, Origin, Request, Response, StoreConfig, Wire, raise_for_status
from .ebay_mapping import order, shipment
from .ebay_rows import DenialRow, ErrorsRow, GrantRow, OrderRow, ParcelsRow
from .fitness import Need
from .payload import read
from .token import Lease, Token

ORDERS = "/sell/fulfillment/v1/order"
GRANT = "/identity/v1/oauth2/token"
SCOPES, SCOPE = "https://api.ebay.com/oauth/api_scope/", "sell.fulfillment.readonly"
NUMBER = re.compile(r"[0-9]{2}-[0-9]{5}-[0-9]{5}|[0-9]{12}-[0-9]{1,14}")
"""As eBay writes numbers now, and as it did until 2019 (listing and sale); it finds orders by both."""

NO_SUCH_ORDER = 32100
"""Also of an order older than two years, and of another seller's."""


class EbayConfig(StoreConfig):
    """The keyset of an application, and the seller's consent to it: a refresh token."""

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    origin: Origin | None = None

    @field_validator("origin")
    @classmethod
    def _loopback(cls, origin: str | None) -> str | None:
        if origin and not origin.startswith("http://"):
            raise ValueError("origin is for loopback addresses only; leave it out")
        return origin


class Ebay(Connector[EbayConfig]):
    """One seller. A question costs two calls, and every two hours a third one for a token."""

    name = "ebay"
    title = "eBay"
    Config = EbayConfig
    asked_by = frozenset({By.ORDER_NUMBER})
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("eBay says that a payment failed, but not why."),
        "shipment_status": N_("eBay gives tracking numbers, but not where the parcel is."),
        "shipment_events": N_("eBay gives tracking numbers, but not where the parcel is."),
        "refund_items": N_("eBay names amounts given back, but not how many of which item."),
        "returns": N_("eBay keeps returns in its Post-Order API, which takes another permission."),
        "disputes": N_("eBay tells disputes in another API, under a permission that may also answer them."),
        "tags": N_("eBay has no tags on orders or buyers."),
        "discount_codes": N_("eBay tells the discount, but not the code of a coupon."),
        "item_images": N_("eBay's orders come without pictures."),
        "customer_since": N_("eBay does not tell sellers since when a buyer has been there."),
        "customer_orders_count": N_("eBay cannot list the orders of a buyer."),
        "customer_spent": N_("eBay cannot list the orders of a buyer."),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = rf"#?(?:{NUMBER.pattern})"
    api_version = "v1"
    read_posts = frozenset({GRANT})

    def __init__(
        self,
        store: str,
        config: EbayConfig,
        *,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        super().__init__(store, config, now=now, nonce=nonce)
        self._token = Token(self._lease, now)

    @property
    def origin(self) -> str:
        return self.config.origin or "https://api.ebay.com"

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """See `Connector.ask`. What cannot be one of eBay's numbers is not sent."""
        number = next(filter(NUMBER.fullmatch, question.spellings), None)
        row = await self._order(number, wire) if number else None
        if row is None:
            return Answer()
        own = answer(question, (), [order(row, question.same, self.store)], limit)
        if not own.orders or row.order_fulfillment_status == "NOT_STARTED":
            return own
        parcels = await attempt(self._parcels(row, wire))
        if isinstance(parcels, StoreError):
            return replace(own, lacks=unread(shipments=parcels), passing=passing(parcels))
        return replace(own, orders=(structs.replace(own.orders[0], shipments=parcels),))

    def needs(self) -> tuple[Need, ...]:
        """A token is lent for this scope alone, whatever else the seller's consent allows."""
        grant = "the application's page User Tokens at developer.ebay.com, where the seller signs in and agrees"
        return (Need("orders", SCOPE, grant, self._newest),)

    # -- calls ------------------------------------------------------------------------------------------------

    async def _order(self, number: str, wire: Wire) -> OrderRow | None:
        """With the taxes that eBay itself collects: without them the total is not the one that the buyer saw."""
        response = await self._send(f"{ORDERS}/{number}", (("fieldGroups", "TAX_BREAKDOWN"),), wire)
        if response.status in {400, 404} and NO_SUCH_ORDER in read(ErrorsRow, response.json()).ids:
            return None
        _raise_for_error(response)
        return read(OrderRow, response.json())

    async def _parcels(self, row: OrderRow, wire: Wire) -> tuple[Shipment, ...]:
        response = await self._send(f"{ORDERS}/{row.order_id}/shipping_fulfillment", (), wire)
        _raise_for_error(response)
        return tuple(shipment(parcel, row) for parcel in read(ParcelsRow, response.json()).fulfillments)

    async def _newest(self, wire: Wire) -> None:
        _raise_for_error(await self._send(ORDERS, (("limit", "1"),), wire))

    async def _send(self, path: str, query: tuple[tuple[str, str], ...], wire: Wire) -> Response:
        token = await self._token.get(wire)
        response = await wire.send(Request(path, query, {"authorization": f"Bearer {token}"}))
        if response.status == 401:
            token = await self._token.get(wire, refused=token)
            response = await wire.send(Request(path, query, {"authorization": f"Bearer {token}"}))
        return response

    async def _lease(self, wire: Wire) -> Lease:
        """A token for reading, whatever else the seller's consent allows."""
        secret, consent = (held.get_secret_value() for held in (self.config.client_secret, self.config.refresh_token))
        pair = base64.b64encode(f"{self.config.client_id}:{secret}".encode()).decode()
        form = (("grant_type", "refresh_token"), ("refresh_token", consent), ("scope", SCOPES + SCOPE))
        response = await wire.send(Request(GRANT, headers={"authorization": f"Basic {pair}"}, form=form))
        if response.status in {400, 401}:
            _raise_for_denial(response)
        raise_for_status(response)
        grant = read(GrantRow, response.json())
        return Lease(grant.access_token, self.now() + grant.expires_in)


# -- errors -------------------------------------------------------------------------------------------------


def _raise_for_error(response: Response) -> None:
    if response.status == 403:  # 1100, access denied
        raise Refused("scope", status=403, scope=SCOPE)
    raise_for_status(response)


def _raise_for_denial(response: Response) -> None:
    """Why there is no token (RFC 6749 §5.2)."""
    match read(DenialRow, response.json()).error:
        case "invalid_client":
            raise Refused("credentials", look_at="client_id and client_secret")
        case "invalid_grant":  # run out, withdrawn by the seller, or void since he changed his password
            raise Refused("credentials", look_at="refresh_token")
        case "invalid_scope":
            raise Refused("scope", scope=SCOPE)
