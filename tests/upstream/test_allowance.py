"""What a platform says of its quota is obeyed, and a share of it left to the merchant's own apps."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from server.connectors import CONNECTORS
from server.connectors.base import Connector, Headroom, Request, Response
from server.errors import Limited
from server.upstream.allowance import LONGEST_S, RESERVE, Allowance
from server.upstream.guard import Guard
from tests.upstream.test_guard import GOOD, Scripted

NOW = 1000.0


def refusal(retry_after: str | None = None) -> Response:
    return Response(429, {} if retry_after is None else {"retry-after": retry_after}, b"{}")


def test_a_store_that_says_nothing_is_asked() -> None:
    allowance = Allowance()
    allowance.heard(GOOD, None, NOW)
    assert allowance.take(NOW, NOW) == 0.0


def test_a_store_that_names_a_time_is_left_alone_until_then() -> None:
    allowance = Allowance()
    allowance.heard(refusal("30"), None, NOW)
    with pytest.raises(Limited) as caught:
        allowance.take(NOW + 10, NOW + 14)
    assert caught.value.retry_after == 20
    assert allowance.take(NOW + 28, NOW + 32) == 2.0, "that one can wait"
    assert allowance.take(NOW + 30, NOW + 30) == 0.0


def test_a_store_that_names_no_time_is_left_alone_for_longer_each_time() -> None:
    allowance, waits = Allowance(), []
    for _ in range(8):
        allowance.heard(refusal(), None, NOW)
        waits.append(allowance.wait(NOW))
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_S, LONGEST_S]
    allowance.heard(GOOD, None, NOW + 100)
    allowance.heard(refusal(), None, NOW + 100)
    assert allowance.wait(NOW + 100) == 1


def test_a_quarter_of_what_a_call_leaves_is_the_merchants() -> None:
    allowance = Allowance()
    allowance.heard(GOOD, Headroom(left=1000, most=1000, per_s=50, cost=200), NOW)
    assert [allowance.wait(NOW) for _ in range(4) if allowance.take(NOW, NOW + 60) >= 0] == [0, 0, 0, 4.0]


def test_a_call_that_takes_the_whole_bucket_may_be_made_when_it_is_full() -> None:
    allowance = Allowance()
    allowance.heard(GOOD, Headroom(left=1000, most=1000, per_s=50, cost=1000), NOW)
    assert allowance.take(NOW, NOW) == 0.0


def test_each_kind_of_call_takes_what_it_cost_the_last_time() -> None:
    """Shopify's small question and its large one: counted alike, one of them would wait for nothing."""
    allowance = Allowance()
    allowance.heard(GOOD, Headroom(left=1000, most=1000, per_s=50, cost=600), NOW, "large")
    allowance.heard(GOOD, Headroom(left=1000, most=1000, per_s=50, cost=20), NOW, "small")
    assert allowance.take(NOW, NOW, "large") == 0.0
    assert allowance.take(NOW, NOW, "small") == 0.0
    assert allowance.wait(NOW, "large") == (600 + RESERVE * 400 - (1000 - 620)) / 50
    assert allowance.wait(NOW, "small") == 0.0
    assert allowance.wait(NOW, "never made") == allowance.wait(NOW, "small"), "nobody can know better"


def test_a_window_that_is_used_up_is_waited_for() -> None:
    allowance = Allowance()
    allowance.heard(GOOD, Headroom(left=10, most=150, full_in_s=20), NOW)
    with pytest.raises(Limited) as caught:
        allowance.take(NOW, NOW + 4)
    assert caught.value.retry_after == 20
    assert allowance.take(NOW + 20, NOW + 20) == 0.0


SHOPIFY = b"""{"data": null, "errors": [%s], "extensions": {"cost": {"requestedQueryCost": 250, "actualQueryCost": null,
"throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1200, "restoreRate": 100.0}}}}"""
THROTTLED = b'{"message": "Throttled", "extensions": {"code": "THROTTLED"}}'
TOLD = {
    "shopify": (Response(200, {}, SHOPIFY % b""), Headroom(1200, 2000, per_s=100, cost=250)),
    "shopify, refused": (
        Response(200, {}, SHOPIFY % THROTTLED),
        Headroom(1200, 2000, per_s=100, cost=250, refused=True),
    ),
    "bigcommerce": (
        Response(
            200,
            {
                "x-rate-limit-requests-left": "37",
                "x-rate-limit-requests-quota": "150",
                "x-rate-limit-time-reset-ms": "12500",
                "x-rate-limit-time-window-ms": "30000",
            },
            b"[]",
        ),
        Headroom(37, 150, full_in_s=12.5),
    ),
}


def connector(name: str) -> type[Connector]:  # type: ignore[type-arg]
    return next(kind for kind in CONNECTORS if kind.name == name.partition(",")[0])


@pytest.mark.parametrize(("name", "told"), TOLD.items(), ids=TOLD)
def test_what_each_platform_tells(name: str, told: tuple[Response, Headroom]) -> None:
    response, headroom = told
    kind = connector(name)
    assert kind.headroom(kind.__new__(kind), response) == headroom


@pytest.mark.parametrize("kind", CONNECTORS, ids=lambda kind: str(kind.name))
@pytest.mark.parametrize(
    "response",
    [
        GOOD,
        Response(200, {}, b"<html>"),
        Response(200, {}, b"[]"),
        Response(200, {"x-rate-limit-requests-left": "many", "x-rate-limit-requests-quota": "-1"}, b"[]"),
        Response(200, {}, b'{"extensions": {"cost": {"throttleStatus": {"maximumAvailable": "all"}}}}'),
    ],
    ids=["empty", "no JSON", "a list", "words for numbers", "words in the cost"],
)
def test_what_says_nothing_of_a_quota_is_no_fault(kind: type[Connector], response: Response) -> None:  # type: ignore[type-arg]
    assert kind.headroom(kind.__new__(kind), response) is None


def ask(steps: Sequence[Response], kind: str, within: float) -> tuple[Response | Limited, int]:
    """What a question comes to, and how many calls the store had of it."""

    async def main() -> tuple[Response | Limited, int]:
        client = Scripted(steps)
        store = connector(kind)
        guard = Guard(
            client, 4, jitter=lambda: 0.0, headroom=lambda answer: store.headroom(store.__new__(store), answer)
        )
        wire = guard.wire(asyncio.get_running_loop().time() + within)
        try:
            return await wire.send(Request("/orders")), wire.calls
        except Limited as limited:
            return limited, wire.calls

    return asyncio.run(main())


def test_a_throttled_query_is_tried_once_more_when_the_bucket_has_filled() -> None:
    short = SHOPIFY.replace(b"1200", b"685") % THROTTLED  # 250 and a quarter of 1,750 make 687.5
    answer, calls = ask([Response(200, {}, short), GOOD], "shopify", 5.0)
    assert (answer, calls) == (GOOD, 2)


def test_and_not_where_that_would_be_too_late() -> None:
    short = Response(200, {}, SHOPIFY.replace(b"1200", b"10") % THROTTLED)
    answer, calls = ask([short], "shopify", 2.0)
    assert (answer, calls) == (short, 1)


def test_a_good_answer_that_names_its_window_is_not_asked_for_twice() -> None:
    good = TOLD["bigcommerce"][0]
    assert ask([good], "bigcommerce", 60.0) == (good, 1)


class Shop(RuleBasedStateMachine):
    """A bucket of the platform's, drawn from by others too: ours never take the last quarter of what they leave."""

    MOST, PER_S, COST = 1000.0, 50.0, 120.0

    def __init__(self) -> None:
        super().__init__()
        self.now, self.left = NOW, self.MOST
        self.allowance = Allowance()

    def _pass(self, seconds: float) -> None:
        self.now += seconds
        self.left = min(self.left + seconds * self.PER_S, self.MOST)

    @rule(seconds=st.floats(0, 10))
    def wait(self, seconds: float) -> None:
        self._pass(seconds)

    @rule(patience=st.floats(0, 4))
    def ask(self, patience: float) -> None:
        knew = self.allowance._told is not None
        try:
            self._pass(self.allowance.take(self.now, self.now + patience))
        except Limited as limited:
            wait = limited.retry_after or 0.0
            assert wait > patience
            return
        self.left -= self.COST
        if knew:
            assert self.left >= RESERVE * (self.MOST - self.COST) - 1e-6
        headroom = Headroom(self.left, self.MOST, per_s=self.PER_S, cost=self.COST)
        self.allowance.heard(GOOD, headroom, self.now)


TestShop = Shop.TestCase
TestShop.settings = settings(max_examples=100, deadline=None)
