"""The doctor: what it finds at a store that is well, at one that is not, and what it tells the operator to do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import ClassVar

import pytest
from prometheus_client import generate_latest

from server.check import Checkup, Finding, Verdict, examine, examine_all
from server.connectors.base import PARTS, Connector, Request, Response, StoreConfig, Wire, raise_for_status
from server.connectors.fitness import Need, Standing
from server.errors import Changed, Limited, Refused, StoreError, TimedOut, Unreachable
from server.lookup import Connection
from server.metrics import Meter
from server.model import Answer, By, Order, Question, Store
from server.upstream.client import Client
from server.upstream.guard import Guard

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GOOD = Standing(served="v3", ends=date(2027, 11, 1), writes=(), left=90, quota=100)


class Shop(Connector[StoreConfig]):
    """A platform whose fitness is what the test says it is."""

    name = "shop"
    title = "Shop"
    Config = StoreConfig
    asked_by = frozenset({By.ORDER_NUMBER})
    supplies = frozenset(PARTS)
    lacks: ClassVar[dict[str, str]] = {}
    order_number = r"\d+"
    api_version = "v3"

    def __init__(self, standing: Standing | StoreError, failures: Mapping[str, Exception]) -> None:
        super().__init__("Acme", StoreConfig(), now=NOW.timestamp)
        self.stands, self.failures = standing, failures

    @property
    def origin(self) -> str:
        """On this machine."""
        return "http://127.0.0.1:9"

    async def ask(self, question: Question, limit: int, wire: Wire) -> Answer:
        """Order 1042 and no other one."""
        orders = (Order("Acme", "shop", "7", "#A-1042", "guest:x", "EUR", NOW),)
        return Answer(orders=tuple(order for order in orders if question.same(order.number)))

    def needs(self) -> tuple[Need, ...]:
        """One that must be met, and one that may be."""

        def need(what: str, *, optional: bool = False) -> Need:
            return Need(what, f"read_{what}", "Settings > API", lambda wire: self.read(what, wire), optional)

        return need("orders"), need("refunds", optional=True)

    async def read(self, what: str, wire: Wire) -> None:
        """What the test wants it to come to."""
        raise_for_status(await wire.send(Request(f"/{what}")))
        if what in self.failures:
            raise self.failures[what]

    async def standing(self, wire: Wire) -> Standing:
        """As the test says."""
        if isinstance(self.stands, StoreError):
            raise self.stands
        return self.stands


@dataclass
class Store200(Client):
    """Answers everything with 200, and a clock of its own."""

    date: str = "Tue, 24 Nov 2026 09:00:00 GMT"
    calls: list[Request] = field(default_factory=list)

    async def call(self, request: Request, deadline: float) -> Response:
        """200."""
        self.calls.append(request)
        return Response(200, {"date": self.date}, b"{}")


def checkup(
    standing: Standing | StoreError = GOOD, *, order: str | None = None, date: str | None = None, **failures: Exception
) -> dict[str, Finding]:
    """The findings by what they are about."""
    connector = Shop(standing, failures)
    client = Store200() if date is None else Store200(date)
    store = Store("Acme", "shop", connector.asked_by, connector.order_number)
    to = Connection(store, connector, Guard(client, 4), "fingerprint")
    found = asyncio.run(examine("acme", to, NOW.timestamp, order))
    assert {request.method for request in client.calls} <= {"GET"}
    return {finding.about: finding for finding in found.findings}


def verdicts(found: Mapping[str, Finding]) -> dict[str, Verdict]:
    return {about: finding.verdict for about, finding in found.items() if finding.verdict is not Verdict.OK}


def test_a_good_connection_needs_nothing_done() -> None:
    found = checkup(order="1042")
    assert verdicts(found) == {"certificate": Verdict.UNKNOWN}  # plain http on loopback has none
    assert {finding.step for finding in found.values()} == {None}
    assert found["version"].text == "v3, supported until 2027-11-01"
    assert found["known order"].text == "#A-1042 found, placed 2026-11-24, 0 items"


def test_a_missing_permission_is_named_with_where_to_grant_it() -> None:
    found = checkup(orders=Refused("scope", status=403), refunds=Refused("scope", scope="read_refunds"))
    assert (found["orders"].verdict, found["refunds"].verdict) == (Verdict.FAULT, Verdict.WARNING)
    assert found["orders"].text == "cannot be read: read_orders is missing"
    assert found["orders"].step == "Grant it in Settings > API."


def test_a_wrong_credential_is_one_fault_and_not_one_for_each_thing_that_it_opens() -> None:
    wrong = Refused("credentials", status=401, look_at="secret")
    found = checkup(orders=wrong, refunds=wrong)
    assert verdicts(found) == {"credential": Verdict.FAULT, "certificate": Verdict.UNKNOWN}
    assert found["credential"].step == "Look at: secret."


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (Unreachable("connect"), "no connection"),
        (Unreachable("tls"), "certificate is not valid"),
        (Unreachable("address"), "lies in a private network"),
        (Unreachable("down", status=503), "(HTTP 503)"),
        (TimedOut("deadline"), "did not answer in time"),
        (Changed("redirect", status=301), "sent us elsewhere"),
        (Changed("status", status=404, look_at="permalinks"), "(HTTP 404)"),
        (ValueError("jane.doerr@gmail.com"), "our fault"),
    ],
)
def test_a_silent_store_is_said_to_be_silent_and_nothing_else_is_guessed(failure: Exception, says: str) -> None:
    found = checkup(orders=failure)
    assert verdicts(found) == {"reachable": Verdict.FAULT, "certificate": Verdict.UNKNOWN}
    assert says in found["reachable"].text
    assert found["reachable"].step
    assert "jane" not in str(found)


@pytest.mark.parametrize(
    ("standing", "verdict"),
    [
        (Standing(served="v3"), Verdict.OK),
        (Standing(served="v2"), Verdict.WARNING),
        (Standing(served="v3", ends=date(2027, 1, 1)), Verdict.WARNING),
        (Standing(served="v3", ends=date(2026, 11, 24)), Verdict.FAULT),
    ],
)
def test_the_version_is_the_pinned_one_and_does_not_end_soon(standing: Standing, verdict: Verdict) -> None:
    assert checkup(standing)["version"].verdict is verdict


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        ("Tue, 24 Nov 2026 09:00:01 GMT", Verdict.OK),
        ("Tue, 24 Nov 2026 08:59:15 GMT", Verdict.WARNING),
        ("Tue, 24 Nov 2026 09:20:00 GMT", Verdict.FAULT),
    ],
)
def test_a_clock_that_goes_wrong_is_noticed(stated: str, verdict: Verdict) -> None:
    assert checkup(date=stated)["clock"].verdict is verdict


def test_a_store_without_a_date_says_nothing_of_the_clock() -> None:
    assert "clock" not in checkup(date="tomorrow")


@pytest.mark.parametrize(("left", "verdict"), [(90, Verdict.OK), (19, Verdict.WARNING)])
def test_little_head_room_is_a_warning(left: float, verdict: Verdict) -> None:
    assert checkup(Standing(left=left, quota=100))["rate"].verdict is verdict


def test_a_store_that_limits_us_is_no_lack_of_permission() -> None:
    found = checkup(orders=Limited())
    assert (found["rate"].verdict, found["orders"].verdict) == (Verdict.WARNING, Verdict.WARNING)


@pytest.mark.parametrize(
    ("standing", "verdict", "says"),
    [
        (Standing(writes=()), Verdict.OK, "cannot write"),
        (Standing(writes=("write_orders",)), Verdict.WARNING, "write_orders"),
        (Standing(), Verdict.UNKNOWN, "does not tell"),
        (TimedOut("deadline"), Verdict.UNKNOWN, "did not tell"),
    ],
)
def test_whether_the_credential_only_reads(standing: Standing | StoreError, verdict: Verdict, says: str) -> None:
    finding = checkup(standing)["read only"]
    assert finding.verdict is verdict
    assert says in finding.text


def test_an_order_of_another_store_is_no_fault_of_this_one() -> None:
    finding = checkup(order="9999")["known order"]
    assert (finding.verdict, finding.text) == (Verdict.UNKNOWN, "not in this store")


def test_every_store_is_examined_although_one_is_silent() -> None:
    connectors = [Shop(GOOD, {}), Shop(GOOD, {"orders": Unreachable("connect")})]

    async def main() -> list[Verdict]:
        stores = [
            ("acme", Connection(Store(f"S{n}", "shop", each.asked_by, r"\d+"), each, Guard(Store200(), 4), "f"))
            for n, each in enumerate(connectors)
        ]
        return sorted([done.verdict async for done in examine_all(stores, NOW.timestamp)])

    assert asyncio.run(main()) == [Verdict.FAULT, Verdict.OK]


def test_the_metrics_show_the_last_check_only() -> None:
    meter = Meter()
    bad = Checkup("acme", "Acme EU", "woocommerce", (Finding("orders", Verdict.FAULT, "x"),))
    good = Checkup("acme", "Acme US", "shopify", (Finding("orders", Verdict.OK, "x"),))
    meter.checked([bad])
    assert 'about="orders",platform="woocommerce",store="Acme EU",tenant="acme"} 2.0' in text(meter)
    meter.checked([good])
    assert "Acme EU" not in text(meter)
    assert 'store="Acme US",tenant="acme"} 0.0' in text(meter)


def text(meter: Meter) -> str:
    return generate_latest(meter.registry).decode()
