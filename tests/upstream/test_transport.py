"""The network itself: whom it connects to, which connection serves twice, what TLS keeps. Real sockets, on loopback."""

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import uvloop

from server.connectors.base import Request, Response
from server.errors import StoreError, TimedOut, Unreachable
from server.upstream import transport
from server.upstream.addresses import Addresses
from server.upstream.client import Client, open_pool
from server.upstream.transport import Network, Pool, trusting
from tests.faults import Call, Fault, answers, hangs, head, sends, shop
from tests.pair import ours
from tests.upstream.test_client import Plain, PlainConfig, later

OUTSIDE = "93.184.215.14"


class Names:
    """A resolver that says what it is told to, one answer after the other, and counts how often it was asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Any:
        self.asked.append(host)
        told = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (each, port, 0, 0))
            if ":" in each
            else (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (each, port))
            for each in told
        ]


Loop = Callable[[], asyncio.AbstractEventLoop]
LOOP: list[Loop] = []


@pytest.fixture(autouse=True, params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """The event loop of the standard library, and the one that `orderside serve` runs on."""
    LOOP.append(request.param)
    yield
    LOOP.clear()


def run(story: Callable[[], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=LOOP[0]) as runner:
        runner.run(asyncio.wait_for(story(), 20))


def at(network: Pool, origin: str) -> Client:
    return Client(network, Plain("Plain", PlainConfig(origin=origin)))


async def refusal(network: Network, origin: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        await at(network, origin).call(Request("/orders"), later())
    return caught.value


# -- whom it connects to ----------------------------------------------------------------------------------

LURES = [
    ["10.0.0.5"],
    ["127.0.0.1"],
    ["169.254.169.254"],
    ["0.0.0.0"],
    ["::1"],
    ["::ffff:127.0.0.1"],
    ["100.64.0.1"],
    [OUTSIDE, "10.0.0.5"],
    ["10.0.0.5", OUTSIDE],
]


@pytest.mark.parametrize("addresses", LURES, ids=" ".join)
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(addresses: list[str]) -> None:
    async def story() -> None:
        async with shop(answers(b"{}")) as inside, Network(Addresses(), resolve=Names(addresses)) as network:
            port = inside.origin.rpartition(":")[2]
            failure = await refusal(network, f"https://shop.example:{port}")
            assert isinstance(failure, Unreachable)
            assert failure.reason == "address"
            assert inside.connections == 0

    run(story)


@pytest.mark.parametrize("host", ["10.0.0.5", "192.168.1.1", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.5]"])
def test_an_inside_address_that_is_written_out_is_refused_too(host: str) -> None:
    async def story() -> None:
        async with Network(Addresses()) as network:
            assert (await refusal(network, f"https://{host}")).reason == "address"

    run(story)


@pytest.mark.parametrize("host", ["2130706433", "127.1", "0x7f000001"])
def test_loopback_in_disguise_is_refused(host: str) -> None:
    """The system's resolver reads these as 127.0.0.1."""

    async def story() -> None:
        async with Network(Addresses()) as network:
            assert (await refusal(network, f"https://{host}")).reason in {"address", "connect"}

    run(story)


def test_a_name_that_is_rebound_finds_nothing() -> None:
    """What counts is what this very connection would be made to, however good the name was a moment ago."""

    async def story() -> None:
        names = Names(["10.20.0.1"], ["127.0.0.1"])
        closed = ip_network("10.20.0.0/16")
        async with (
            shop(answers(b"{}")) as inside,
            Network(Addresses([closed]), resolve=names) as network,
        ):
            there = at(network, f"https://shop.example:{inside.origin.rpartition(':')[2]}")
            with pytest.raises((TimedOut, Unreachable)) as first:
                await there.call(Request("/orders"), later(0.2))
            assert first.value.reason != "address", "it was allowed, and nobody is there"
            with pytest.raises(Unreachable) as second:
                await there.call(Request("/orders"), later())
            assert second.value.reason == "address"
            assert (len(names.asked), inside.connections) == (2, 0)

    run(story)


def test_localhost_is_this_machine() -> None:
    async def story() -> None:
        async with shop(answers(b"{}")) as there, Network(Addresses(), resolve=Names(["127.0.0.1"])) as network:
            origin = there.origin.replace("127.0.0.1", "localhost")
            assert (await at(network, origin).call(Request("/orders"), later())).status == 200

    run(story)


def test_a_host_without_an_address_is_no_connection() -> None:
    async def nobody(host: str, port: int) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async def story() -> None:
        for resolve in (nobody, None):
            async with Network(Addresses(), resolve=resolve) as network:
                assert (await refusal(network, f"https://{'a' * 64}.invalid")).reason == "connect"

    run(story)


# -- which connection serves twice ------------------------------------------------------------------------


async def twice(fault: Fault, pause: float = 0.0) -> tuple[Response | StoreError, Response, int]:
    """Two calls one after the other: what each came to, and how many connections they took."""
    turns = [fault]

    async def first_then_well(call: Call) -> None:
        await (turns.pop() if turns else answers(b'{"second": true}'))(call)

    async with shop(first_then_well) as there, Network(Addresses()) as network:
        here = at(network, there.origin)
        try:
            first: Response | StoreError = await here.call(Request("/orders"), later())
        except StoreError as failure:
            first = failure
        await asyncio.sleep(pause)
        return first, await here.call(Request("/orders"), later()), there.connections


OK = head({"Content-Length": "2"}) + b"{}"
FORGED = head({"Content-Length": "15"}) + b'{"forged":true}'

REUSED = {
    "a length": answers(b"{}"),
    "chunks": sends(head({"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n0\r\n\r\n", then_close=False),
    "an interim answer": sends(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, then_close=False),
    "nothing": sends(head({}, "204 No Content"), then_close=False),
}
NOT_REUSED = {
    "a second answer": sends(OK + FORGED, then_close=False),
    "half a second answer": sends(OK + FORGED[:20], then_close=False),
    "a stray word": sends(OK + b"<!-- cached -->", then_close=False),
    "no wish to": sends(head({"Content-Length": "2", "Connection": "close"}) + b"{}", then_close=False),
    "HTTP/1.0": sends(OK.replace(b"1.1", b"1.0"), then_close=False),
    "an end by the connection's": sends(head({}) + b"{}"),
}


@pytest.mark.parametrize("fault", REUSED.values(), ids=REUSED)
def test_a_connection_whose_answer_is_over_is_used_again(fault: Fault) -> None:
    async def story() -> None:
        first, second, connections = await twice(fault)
        assert isinstance(first, Response)
        assert second.json() == {"second": True}
        assert connections == 1

    run(story)


@pytest.mark.parametrize("pause", [0.0, 0.05])
@pytest.mark.parametrize("fault", NOT_REUSED.values(), ids=NOT_REUSED)
def test_what_comes_behind_an_answer_never_answers_the_next_call(fault: Fault, pause: float) -> None:
    async def story() -> None:
        first, second, connections = await twice(fault, pause)
        assert isinstance(first, Response)
        assert first.json() == {}
        assert second.json() == {"second": True}
        assert connections == 2

    run(story)


def test_an_answer_that_comes_while_nobody_asks_is_thrown_away() -> None:
    async def late(call: Call) -> None:
        call.writer.write(OK)
        await call.writer.drain()
        await asyncio.sleep(0.02)
        call.writer.write(FORGED)

    async def story() -> None:
        _, second, connections = await twice(late, 0.1)
        assert second.json() == {"second": True}
        assert connections == 2

    run(story)


def test_a_connection_that_the_store_closed_meanwhile_costs_nobody_his_answer() -> None:
    """It is closed at the very moment of the second call: nothing has come, so it is asked again on a new one."""

    async def hang_up_on_the_second(call: Call) -> None:
        call.writer.write(OK)
        await call.writer.drain()
        await call.reader.readuntil(b"\r\n\r\n")
        call.writer.close()

    async def story() -> None:
        _, second, connections = await twice(hang_up_on_the_second)
        assert second.json() == {"second": True}
        assert connections == 2

    run(story)


def test_a_new_connection_that_breaks_is_not_tried_again_here() -> None:
    """Whether a store is asked twice is the guard's to decide, and comes out of its budget."""

    async def story() -> None:
        async with shop(sends(b"")) as there, Network(Addresses()) as network:
            assert (await refusal(network, there.origin)).reason == "broken"
            assert there.connections == 1

    run(story)


def test_two_lengths_are_no_answer() -> None:
    """RFC 9112 §6.3: whoever believes one of them, and the machine in between the other, mixes up two answers."""

    async def story() -> None:
        for headers in ({"Content-Length": "2", "Transfer-Encoding": "chunked"}, {"Content-Length": "2, 15"}):
            first, _, connections = await twice(sends(head(headers) + b"{}" + FORGED, then_close=False))
            assert isinstance(first, Unreachable)
            assert connections == 2

    run(story)


@pytest.mark.parametrize("least", [0, 1])
def test_only_so_many_connections_wait(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "KEPT", least)

    async def story() -> None:
        _, _, connections = await twice(answers(b"{}"))
        assert connections == 2 - least

    run(story)


def test_a_connection_waits_for_a_while_and_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "IDLE_S", 0.02)

    async def story() -> None:
        async with shop(answers(b"{}")) as there, Network(Addresses()) as network:
            await at(network, there.origin).call(Request("/orders"), later())
            await asyncio.wait_for(there.left.wait(), 5)

    run(story)


@pytest.mark.parametrize("value", ["a\r\nX-Forged: 1", "a\nb", "a\0b"])
def test_a_header_cannot_become_two(value: str) -> None:
    async def story() -> None:
        async with shop(answers(b"{}")) as there, Network(Addresses()) as network:
            with pytest.raises(Unreachable):
                await at(network, there.origin).call(Request("/orders", headers={"x-key": value}), later())
            assert there.heard == []

    run(story)


# -- httpx's API ------------------------------------------------------------------------------------------

ASKED = [
    Request("/orders", query=(("email", "ann+shop@example.com"), ("q", "a b\r\n\r\nc")), headers={"x-key": "k: 1"}),
    Request("/graphql", json={"query": "{ a }\r\n\r\n"}),
]


@pytest.mark.parametrize("origin", ["https://shop.example", "https://shop.example:8443/de", "http://[::1]:8080"])
@pytest.mark.parametrize("request_", ASKED, ids=["get", "post"])
def test_who_stands_in_for_the_network_is_asked_the_same(origin: str, request_: Request) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"a": 1})

    async def story() -> None:
        async with open_pool(transport=httpx.MockTransport(answer)) as pool:
            assert (await at(pool, origin).call(request_, later())).json() == {"a": 1}

    run(story)
    (heard,) = asked
    assert (heard.method, str(heard.url.copy_with(query=None))) == (request_.method, f"{origin}{request_.path}")
    assert tuple(heard.url.params.multi_items()) == request_.query
    assert heard.headers["host"] == origin.split("/")[2]
    assert heard.headers.get("x-key") == request_.headers.get("x-key")
    assert (json.loads(heard.content) if heard.content else None) == request_.json


def test_the_network_can_be_asked_as_any_transport_of_httpx() -> None:
    async def story() -> None:
        async with (
            shop(answers(b"[]", {"X-Total": "2"})) as there,
            httpx.AsyncClient(transport=Network(Addresses())) as ours,
        ):
            answer = await ours.post(f"{there.origin}/orders?page=2", json={"a": 1})
            assert (answer.json(), answer.headers["x-total"]) == ([], "2")
            with pytest.raises(httpx.LocalProtocolError):
                await ours.get(there.origin, headers={"x-key": "a\nb"})
        (heard,) = there.heard
        assert heard.startswith(b"POST /orders?page=2 HTTP/1.1\r\n")
        assert heard.endswith(b'\r\n\r\n{"a":1}')

    run(story)


# -- TLS --------------------------------------------------------------------------------------------------


async def secure(network: Network, ca: trustme.CA, name: str, calls: int) -> list[bool]:
    """So many calls over a new connection each: which of them took up an earlier session."""
    reused: list[bool] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name).configure_cert(context)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        reused.append(bool(writer.get_extra_info("ssl_object").session_reused))
        writer.write(head({"Content-Length": "2"}) + b"{}")
        await writer.drain()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        for _ in range(calls):
            await at(network, f"https://localhost:{port}").call(Request("/orders"), later())
            await network.aclose()
    return reused


@pytest.mark.parametrize("name", ["localhost", "other.example"])
def test_a_certificate_must_be_for_the_host_and_by_somebody_known(name: str, tmp_path: Path) -> None:
    known, unknown = trustme.CA(), trustme.CA()
    known.cert_pem.write_to_path(tmp_path / "ca.pem")

    async def story() -> None:
        async with Network(Addresses(), tls=trusting(str(tmp_path / "ca.pem"))) as network:
            with pytest.raises(Unreachable) as caught:
                await secure(network, unknown if name == "localhost" else known, name, 1)
            assert caught.value.reason == "tls"

    run(story)


def test_a_second_connection_takes_up_the_session_of_the_first(tmp_path: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")

    async def story() -> None:
        async with Network(Addresses(), tls=trusting(str(tmp_path / "ca.pem"))) as network:
            assert await secure(network, ca, "localhost", 3) == [False, True, True]

    run(story)


def test_a_handshake_that_hangs_ends_at_the_deadline_and_leaves_nothing() -> None:
    async def story() -> None:
        async with shop(hangs) as there, Network(Addresses()) as network:
            before = ours()
            origin = there.origin.replace("http://127.0.0.1", "https://localhost")
            with pytest.raises(TimedOut):
                await at(network, origin).call(Request("/orders"), asyncio.get_running_loop().time() + 0.3)
            assert (there.connections, there.heard) == (1, []), "it was connected, and nothing could be asked"
            await asyncio.wait_for(there.left.wait(), 5)
            assert ours() == before

    run(story)
