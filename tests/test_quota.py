"""How often one agent, and one account, may search."""

import pytest

from server.errors import RequestError
from server.quota import PER_AGENT, PER_AGENT_ASKED, PER_TENANT, PERIOD_S, Quota


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_agent_may_search_so_often_and_is_told_when_again() -> None:
    clock = Clock()
    quota = Quota(clock)
    for _ in range(PER_AGENT):
        quota.take("acme", "77")
        clock.now += 1
    with pytest.raises(RequestError) as refused:
        quota.take("acme", "77")
    assert (refused.value.status, refused.value.code) == (429, "search_limit")
    assert refused.value.retry_after == PERIOD_S - PER_AGENT
    quota.take("acme", "78")
    quota.take("birch", "77")
    clock.now += refused.value.retry_after or 0
    quota.take("acme", "77")


def test_an_agent_who_calls_himself_otherwise_each_time_meets_the_accounts_limit() -> None:
    quota = Quota(Clock())
    for name in range(PER_TENANT):
        quota.take("acme", str(name))
    with pytest.raises(RequestError):
        quota.take("acme", "somebody else")
    quota.take("birch", "77")


def test_a_refused_search_does_not_count() -> None:
    clock = Clock()
    quota = Quota(clock)
    for _ in range(PER_AGENT):
        quota.take("acme", "77")
    for _ in range(5):
        with pytest.raises(RequestError):
            quota.take("acme", "77")
    clock.now += PERIOD_S + 1
    for _ in range(PER_AGENT):
        quota.take("acme", "77")


def test_an_agents_tickets_may_ask_so_much_and_the_same_again_is_free() -> None:
    clock = Clock()
    quota = Quota(clock)
    numbers = [f"order_number:{number}" for number in range(PER_AGENT_ASKED)]
    for start in range(0, PER_AGENT_ASKED, 5):
        quota.ask("acme", "77", numbers[start : start + 5])
        clock.now += 1
    quota.ask("acme", "77", numbers[-5:])
    with pytest.raises(RequestError) as refused:
        quota.ask("acme", "77", ["order_number:one more"])
    assert (refused.value.status, refused.value.code) == (429, "ask_limit")
    quota.ask("acme", "78", ["order_number:one more"])
    quota.ask("birch", "77", ["order_number:one more"])
    quota.ask("acme", None, [*numbers, "whom nobody names"])
    clock.now += refused.value.retry_after or 0
    quota.ask("acme", "77", ["order_number:one more"])
    assert "one more" not in repr(quota._asked)
