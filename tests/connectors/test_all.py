"""Promises of all connectors at once: where a credential may go, that nothing is written, and that all are told of."""

import asyncio
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.connectors import CONNECTORS
from server.connectors.base import Connector, Request, Response
from server.errors import Changed, StoreError
from server.upstream.client import Client, open_pool

from .contract import ConnectorContract
from .scenario import Replay, Scenario


def _contracts() -> Iterator[type[ConnectorContract]]:
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        if path.stem == Path(__file__).stem:
            continue
        module = importlib.import_module(f"{__package__}.{path.stem}")
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, ConnectorContract) and kind is not ConnectorContract:
                yield kind


PLATFORMS: dict[type[Connector[Any]], type[ConnectorContract]] = {
    type(kind().connector()): kind for kind in _contracts()
}


def test_every_connector_passes_the_contract() -> None:
    assert set(PLATFORMS) == set(CONNECTORS)


each = pytest.mark.parametrize("contract", PLATFORMS.values(), ids=lambda kind: kind.payloads.name)


class Watched:
    """A wire through the real client. The answers are a scenario's; what would leave the machine is kept in `sent`."""

    def __init__(self, scenario: Scenario, connector: Connector[Any]) -> None:
        self.sent: list[httpx.Request] = []
        self._replay = Replay(scenario, connector.read_posts)
        self._pool = open_pool(transport=httpx.MockTransport(self._answer))
        self._client = Client(self._pool, connector)
        self._next = Response(200, {}, b"")
        self._one_at_a_time = asyncio.Lock()

    async def send(self, request: Request) -> Response:
        """The scenario's answer, on the way that a real one takes."""
        async with self._one_at_a_time:
            self._next = await self._replay.send(request)
            return await self._client.call(request, asyncio.get_running_loop().time() + 5)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(
            self._next.status, headers=dict(self._next.headers), stream=httpx.ByteStream(self._next.body)
        )


def sent_by(contract: ConnectorContract, name: str) -> tuple[Connector[Any], list[httpx.Request]]:
    """Everything that a scenario makes the connector send."""
    scenario, connector = contract.scenario(name), contract.connector()

    async def main() -> list[httpx.Request]:
        wire = Watched(scenario, connector)
        try:
            if name.startswith("checks/"):
                for need in connector.needs():
                    try:
                        await need.read(wire)
                    except StoreError:
                        continue
                await connector.standing(wire)
            else:
                await contract.answer(connector, scenario, wire)
        except StoreError:
            pass
        return wire.sent

    return connector, asyncio.run(main())


@each
def test_a_credential_goes_to_its_own_store_only_and_nothing_is_written(contract: type[ConnectorContract]) -> None:
    told = contract()
    for name in (*told.names(), *told.names("details"), *told.names("checks")):
        connector, sent = sent_by(told, name)
        for request in sent:
            url = str(request.url)
            grants = connector.token_origin is not None and url.startswith(f"{connector.token_origin}/")
            assert grants or url.startswith(f"{connector.origin}/"), "not the store's own address"
            path = request.url.path.removeprefix(httpx.URL(connector.origin).path.rstrip("/"))
            assert request.method == "GET" or (request.method == "POST" and path in connector.read_posts)
            assert not [secret for secret in told.secrets if secret in url], "a secret in an address"
            if request.method == "POST" and "json" in request.headers["content-type"]:
                document = json.loads(request.content).get("query", "")
                assert document, "a post that is no query"
                assert not re.search(r"^\s*(mutation|subscription)\b", document, re.MULTILINE)


@each
def test_a_store_that_points_elsewhere_is_not_followed(contract: type[ConnectorContract]) -> None:
    told = contract()
    elsewhere = {"location": "https://evil.example/collect"}
    main = next(index for index in range(9) if index not in told.side)
    scenario = told.scenario("one_party").answering(main, status=302, headers=elsewhere, body={})
    connector = told.connector()
    wire = Watched(scenario, connector)
    with pytest.raises(Changed):
        asyncio.run(connector.ask(scenario.question, scenario.limit, wire))
    assert {request.url.host for request in wire.sent} <= {
        httpx.URL(origin).host for origin in (connector.origin, connector.token_origin) if origin
    }
