"""`bench.mixed` in small: no account's answer bears another's mark, no foreign id opens anything, nothing breaks."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bench import mixed
from server import lookup
from server.repeats import Asked
from server.upstream.cache import Key

KINDS = {"summary", "panel", "refresh", "order", "reveal", "search", "chosen", "steal", "forge", "err"}


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """Thousands of lines of the trail are of no use here."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def test_no_answer_is_crossed(silent: None) -> None:
    tally, _ = asyncio.run(mixed.run(400, 4, 12, seed=5))
    assert {kind for kind, _ in tally.statuses} == KINDS
    assert (tally.crossed, tally.opened, tally.broken) == (0, 0, 0)
    assert tally.marked > 150, "there was something to see"
    assert {status for kind, status in tally.statuses if kind == "forge"} == {401}


def test_a_cache_that_forgot_its_accounts_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(_tenant: str, _store: str, *rest: Any, **more: Any) -> Key:
        return Key("everybody", "one", *rest, **more)

    monkeypatch.setattr(lookup, "Key", forgetful)
    tally, _ = asyncio.run(mixed.run(200, 4, 10, seed=5))
    assert tally.crossed > 0


def test_repeats_that_forgot_who_asks_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asked, "__eq__", lambda one, other: (one.body, one.html) == (other.body, other.html))
    monkeypatch.setattr(Asked, "__hash__", lambda asked: hash(asked.body))
    tally, _ = asyncio.run(mixed.run(600, 4, 5, seed=5))
    assert tally.crossed > 0
