"""`[budget]`: what is taken, what is refused, and that a server which is away costs no agent his answer."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from server.budget import Budget, ledger
from server.connectors.base import Rate
from server.connectors.woocommerce import WooCommerce
from server.errors import SettingsError
from server.settings import load
from tests.faults import closed_port, shop
from tests.test_serve import ASK, EMPTY, ENVIRON, bearer, config, running, settings_file

WORD = {"WORD": "open-sesame", **ENVIRON}


def written(folder: Path, budget: str) -> Path:
    return settings_file(folder, f"{config()}\n[budget]\n{budget}\n")


def test_it_is_off_unless_there_is_a_table(tmp_path: Path) -> None:
    assert load(settings_file(tmp_path, config()), ENVIRON).budget is None
    assert ledger(None, time.monotonic, lambda: None) is None


def test_a_server_and_its_password_by_reference(tmp_path: Path) -> None:
    text = 'server = "rediss://valkey.example.com:6380/0"\npassword = "env:WORD"'
    budget = load(written(tmp_path, text), WORD).budget
    assert budget is not None
    assert budget.server == "rediss://valkey.example.com:6380/0"
    assert "open-sesame" not in repr(budget)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_on_this_machine_a_password_needs_no_tls(tmp_path: Path, host: str) -> None:
    assert load(written(tmp_path, f'server = "redis://{host}:6379/0"\npassword = "env:WORD"'), WORD).budget


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('server = "http://127.0.0.1:6379"', "[budget]: server: must be redis://HOST:PORT/NUMBER"),
        ('server = "redis:///0"', "[budget]: server: must be redis://HOST:PORT/NUMBER"),
        ('server = "redis://:open-sesame@127.0.0.1:6379/0"', "server: must not hold a name or password"),
        ('server = "redis://127.0.0.1/0"\npassword = "open-sesame"', "password: must be a reference"),
        ('server = "redis://10.0.0.5/0"\npassword = "env:WORD"', "server: a password goes over TLS only"),
        ('sever = "redis://127.0.0.1/0"', 'did you mean "server"?'),
        ("", "[budget]: server: is missing"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(written(tmp_path, text), WORD)
    assert complaint in str(error.value)
    assert "open-sesame" not in str(error.value)


def test_without_the_client_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "server.upstream.ledger", raising=False)
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(SettingsError, match=r"pip install .orderside\[budget\]"):
        ledger(Budget(server="redis://127.0.0.1:6379/0"), time.monotonic, lambda: None)


def test_a_server_that_is_away_costs_no_agent_his_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WooCommerce, "rates", (Rate(".*", per_s=100.0, burst=100),))

    async def main() -> None:
        async with shop(EMPTY) as there:
            text = f'{config(there.origin)}\n[budget]\nserver = "redis://127.0.0.1:{closed_port()}/0"\n'
            async with running(tmp_path, text) as (app, client):
                answer = await client.post("/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())
                assert [source["state"] for source in answer.json()["sources"]] == ["nothing"]
                alone = app.state.meter.registry.get_sample_value("orderside_budget_alone_total")
                assert alone == len(there.heard) > 0

    asyncio.run(main())
