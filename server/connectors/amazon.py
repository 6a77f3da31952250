"""Amazon, through the Selling Partner API, with a login with Amazon (LWA) refresh token.

One order with its parcels and lines is one call of Orders 2026-01-01, which has no filter for a buyer; that is the one
thing asked of Orders v0. Buyers have no account with the seller: a relay address stands for each, and no more is known.
"""

import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar, Literal, Self

from msgspec.structs import replace
from pydantic import Field, SecretStr, model_validator

from ..errors import Changed, Refused, StoreError
from ..model import Answer, By, Order, Question
from ..texts import N_
from .amazon_mapping import GrantRow, ListRow, NamedRow, OneRow, ProblemsRow, order
from .answers import answer, attempt, together
from .base import PARTS, Connector, Origin, Rate, Request, Response, StoreConfig, Wire, raise_for_status
from .fitness import Need
from .payload import read
from .token import Lease, Token

GRANT, LWA = "/auth/o2/token", "https://api.amazon.com"
ONE, FOUND = "/orders/2026-01-01/orders/", "/orders/v0/orders"
NUMBER = re.compile(r"\d{3}-\d{7}-\d{7}")
RELAY = re.compile(r"[^@\s]{1,64}@marketplace\.amazon\.[a-z.]{2,10}", re.IGNORECASE)
"""The only addresses that Amazon knows its buyers by: for any other one, no call is due."""

PLAIN = ("PROCEEDS", "PAYMENT", "FULFILLMENT", "PACKAGES", "CANCELLATION")
PERSONAL = ("BUYER", "RECIPIENT")
"""What is asked of an order; the second pair needs a role of its own."""

FEW = 5
"""Of how many of a buyer's newest orders more is asked: half a call a second is all that Amazon gives."""
KEPT = timedelta(days=730)
"""How long Amazon keeps orders."""
REMEMBER_DENIAL_S = 3600.0
DENIED = N_("Amazon tells it only to an app with the role Direct-to-Consumer Delivery (Restricted).")

Region = Literal["na", "eu", "fe"]


class AmazonConfig(StoreConfig):
    """`origin` replaces both hosts, and is for loopback addresses only."""

    region: Region
    marketplaces: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z0-9]{10,16}$")], ...], Field(min_length=1)]
    client_id: SecretStr
    client_secret: SecretStr
    refresh_token: SecretStr
    origin: Origin | None = None

    @model_validator(mode="after")
    def _loopback_only(self) -> Self:
        if self.origin and not self.origin.startswith("http://"):
            raise ValueError("origin is for loopback addresses only; leave it out")
        return self


class Amazon(Connector[AmazonConfig]):
    """One seller in one region. Between questions it remembers its token, and whether personal data was denied."""

    name = "amazon"
    title = "Amazon"
    Config = AmazonConfig
    asked_by = frozenset({By.EMAIL, By.ORDER_NUMBER})
    lacks: ClassVar[Mapping[str, str]] = {
        "payment_failure": N_("Amazon does not tell a seller why a payment failed."),
        "shipment_events": N_("Amazon tells where a parcel is, not how it came there."),
        **dict.fromkeys(
            ("refunds", "refund_items", "refund_status", "returns", "disputes"),
            N_("Amazon's order API tells nothing of refunds, returns and claims; see Seller Central."),
        ),
        **dict.fromkeys(("notes", "tags", "discount_codes", "item_images"), N_("Amazon's orders hold none.")),
        **dict.fromkeys(
            ("customer_since", "customer_orders_count", "customer_spent"),
            N_("Amazon's buyers are its own customers; a seller is told of his orders only."),
        ),
    }
    supplies = frozenset(PARTS) - set(lacks)
    order_number = r"#?\d{3}-\d{7}-\d{7}"
    api_version = "2026-01-01"
    calls_at_once = 3
    rates = (
        Rate(f"{ONE}[^/]+", per_s=0.5, burst=30, told_in="x-amzn-ratelimit-limit"),
        Rate(FOUND, per_s=0.0167, burst=20, told_in="x-amzn-ratelimit-limit"),
    )
    read_posts = frozenset({GRANT})

    def __init__(
        self,
        store: str,
        config: AmazonConfig,
        *,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = secrets.token_hex,
    ) -> None:
        super().__init__(store, config, now=now, nonce=nonce)
        self._token = Token(self._lease, now)
        self._denied_until = 0.0

    @property
    def origin(self) -> str:
        return self.config.origin or f"https://sellingpartnerapi-{self.config.region}.amazon.com"

    @property
    def token_origin(self) -> str | None:
        return self.config.origin or LWA

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """A buyer's orders under his relay address, or the one order of a number."""
        if question.by is By.ORDER_NUMBER:
            numbers = [number[0] for text in question.spellings if (number := NUMBER.fullmatch(text.lstrip("#")))]
            found = [await self._order(numbers[0], None, wire)] if numbers else []
            return self._answer(question, [each for each in found if each], limit)
        addresses = [text.strip() for text in question.spellings if RELAY.fullmatch(text.strip())]
        if not addresses:
            return Answer()
        page = await self._buyers_orders(addresses[0], wire)
        own = [row for row in page.orders if question.same(row.email or "")]
        few = sorted(own, key=lambda row: row.placed_at or datetime.min.replace(tzinfo=UTC), reverse=True)[
            : min(limit, FEW)
        ]
        told = await together(attempt(self._order(row.id, row.email, wire)) for row in few)
        broken = [each for each in told if isinstance(each, StoreError)]
        unreadable = sum(isinstance(each, Changed) for each in broken)
        if len(broken) > unreadable or (broken and len(broken) == len(told)):
            raise next((each for each in broken if not isinstance(each, Changed)), broken[0])
        orders = [each for each in told if isinstance(each, Order)]
        more = bool(page.next_token) or len(own) > len(few)
        found_ = self._answer(question, orders, limit, more=more, unreadable=unreadable)
        return replace(found_, dropped=found_.dropped + len(page.orders) - len(own))

    def _answer(
        self, question: Question, orders: Sequence[Order], limit: int, *, more: bool = False, unreadable: int = 0
    ) -> Answer:
        denied = {"addresses": DENIED} if self.now() < self._denied_until else {}
        return replace(answer(question, (), orders, limit, more=more, unreadable=unreadable), lacks=denied)

    # -- fitness ----------------------------------------------------------------------------------------------

    def needs(self) -> tuple[Need, ...]:
        grant = "Seller Central > Apps and Services > Develop Apps: the app's roles, then authorise it anew"
        number = "000-0000000-0000000"
        return (
            Need("orders", "Inventory and Order Tracking", grant, lambda wire: self._one(number, PLAIN, wire)),
            Need(
                "buyers and addresses",
                "Direct-to-Consumer Delivery (Restricted)",
                grant,
                lambda wire: self._one(number, (*PLAIN, *PERSONAL), wire),
                optional=True,
            ),
        )

    # -- calls ------------------------------------------------------------------------------------------------

    async def _order(self, number: str, email: str | None, wire: Wire) -> Order | None:
        """The order, without the buyer's data where the app has no role for them; `email` is known from the list."""
        response: Response | None = None
        if self.now() >= self._denied_until:
            try:
                response = await self._one(number, (*PLAIN, *PERSONAL), wire)
            except Refused as refusal:
                if refusal.reason != "scope":
                    raise
                self._denied_until = self.now() + REMEMBER_DENIAL_S
        if response is None:
            response = await self._one(number, PLAIN, wire)
        if response.status == 404:
            return None
        return order(read(OneRow, response.json()).order, self.store, self.config.region, email)

    async def _one(self, number: str, parts: Sequence[str], wire: Wire) -> Response:
        return await self._get(wire, f"{ONE}{number}", (("includedData", ",".join(parts)),))

    async def _buyers_orders(self, address: str, wire: Wire) -> ListRow:
        since = datetime.fromtimestamp(self.now(), UTC) - KEPT
        query = (
            ("MarketplaceIds", ",".join(self.config.marketplaces)),
            ("BuyerEmail", address),
            ("CreatedAfter", since.strftime("%Y-%m-%dT%H:%M:%SZ")),
            ("MaxResultsPerPage", "20"),
        )
        response = await self._get(wire, FOUND, query)
        raise_for_status(response)
        return read(ListRow, response.json())

    async def _get(self, wire: Wire, path: str, query: tuple[tuple[str, str], ...]) -> Response:
        """The answer, 404 included: there is no such order."""
        token = await self._token.get(wire)
        response = await wire.send(Request(path, query, {"x-amz-access-token": token}))
        if response.status == 401 or (response.status == 403 and "expired" in _said(response)):
            token = await self._token.get(wire, refused=token)
            response = await wire.send(Request(path, query, {"x-amz-access-token": token}))
        if response.status == 403:
            raise Refused("scope", status=403, scope="a role of the app")
        if response.status != 404 or not _said(response):
            raise_for_status(response)
        return response

    async def _lease(self, wire: Wire) -> Lease:
        """An access token for an hour."""
        config = self.config
        form = (
            ("grant_type", "refresh_token"),
            ("refresh_token", config.refresh_token.get_secret_value()),
            ("client_id", config.client_id.get_secret_value()),
            ("client_secret", config.client_secret.get_secret_value()),
        )
        response = await wire.send(Request(GRANT, form=form, grant=True))
        if response.status in {400, 401, 403}:  # 400 invalid_grant: the seller has withdrawn the app's authorisation
            look_at = "refresh_token" if response.status == 400 else "client_id, client_secret"
            raise Refused("credentials", status=response.status, look_at=look_at)
        raise_for_status(response)
        grant = read(GrantRow, response.json())
        return Lease(grant.access_token, self.now() + grant.expires_in)


def _age(row: NamedRow) -> datetime:
    return row.placed_at or datetime.min.replace(tzinfo=UTC)


def _said(response: Response) -> str:
    """The words of an error of Amazon's, empty where it is none."""
    try:
        return " ".join(problem.said for problem in read(ProblemsRow, response.json()).errors).lower()
    except Changed:
        return ""
