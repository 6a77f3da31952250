"""Several replicas' calls to one store, counted together; and each alone when the server is away."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from redis.asyncio import Redis

from server.connectors.base import Rate
from server.errors import Limited
from server.upstream import ledger
from server.upstream.ledger import SharedLedger
from tests.faults import closed_port

SERVER = shutil.which("valkey-server") or shutil.which("redis-server")
needs_a_server = pytest.mark.skipif(SERVER is None, reason="no Valkey or Redis server here; Debian: redis-server")
SLOW = Rate(".*", per_s=0.5, burst=4)
"""Four at once, then one in two seconds: none comes back while a test runs, however loaded the machine."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that runs all tests at once may keep a server waiting."""
    monkeypatch.setattr(ledger, "PATIENCE_S", 5.0)


@asynccontextmanager
async def running(folder: Path, *more: str) -> AsyncIterator[int]:
    """A server of this test's own; its port."""
    assert SERVER is not None
    port = closed_port()
    child = await asyncio.create_subprocess_exec(
        SERVER, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *more,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.02)
        yield port
    finally:
        child.terminate()
        await child.wait()


@dataclass
class Replica:
    """One process's way to the server. Its clock moves by hand."""

    port: int
    password: str | None = None
    now: float = 0.0
    alone: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = SharedLedger(
            f"redis://127.0.0.1:{self.port}/0", self.password, lambda: self.now, lambda: self.alone.append(self.now)
        )

    async def take(self, name: str = "acme/Acme EU/0", rate: Rate = SLOW, patience: float = 0.0) -> str:
        """What became of one call: at once, later, or not at all."""
        try:
            wait = await self.ledger.take(name, rate, patience)
        except Limited as limited:
            return "limited" if limited.retry_after else "limited, nobody knows for how long"
        return "later" if wait else "at once"


@asynccontextmanager
async def replicas(port: int, count: int, password: str | None = None) -> AsyncIterator[Sequence[Replica]]:
    some = [Replica(port, password) for _ in range(count)]
    try:
        yield some
    finally:
        for each in some:
            await each.ledger.close()


@needs_a_server
def test_three_replicas_have_one_budget_between_them(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as port, replicas(port, 3) as some:
            told = await asyncio.gather(*(some[number % 3].take() for number in range(12)))
            assert sorted(told) == ["at once"] * 4 + ["limited"] * 8
            assert [each.alone for each in some] == [[], [], []]
            assert await some[0].take("acme/Acme US/0") == "at once", "another store has its own"
            assert await some[0].take("birch/Acme EU/0") == "at once", "and so has another account's"

    asyncio.run(main())


@needs_a_server
def test_who_can_wait_gets_his_turn_and_those_after_him_wait_longer(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as port, replicas(port, 2) as (one, other):
            assert [await one.take() for _ in range(4)] == ["at once"] * 4
            waits = [await each.ledger.take("acme/Acme EU/0", SLOW, 60.0) for each in (one, other, one)]
            assert 0 < waits[0] <= 2.0
            assert waits[1] - waits[0] == pytest.approx(2.0, abs=1.0)
            assert waits[2] - waits[1] == pytest.approx(2.0, abs=1.0)
            with pytest.raises(Limited) as refused:
                await other.ledger.take("acme/Acme EU/0", SLOW, 1.0)
            assert refused.value.retry_after in {7, 8}
            assert await other.ledger.take("acme/Acme EU/0", SLOW, 60.0) < 8.0, "what was refused took nothing"

    asyncio.run(main())


@needs_a_server
def test_a_bucket_fills_again(tmp_path: Path) -> None:
    quick = Rate(".*", per_s=20.0, burst=2)

    async def main() -> None:
        async with running(tmp_path) as port, replicas(port, 1) as (one,):
            assert [await one.take(rate=quick) for _ in range(2)] == ["at once"] * 2
            await asyncio.sleep(0.2)
            assert await one.take(rate=quick) == "at once"

    asyncio.run(main())


@needs_a_server
def test_what_stands_on_the_server_names_stores_only_and_goes_by_itself(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(tmp_path) as port, replicas(port, 1) as (one,), Redis(port=port) as look:
            await one.take()
            keys = await look.keys("*")
            assert keys == [b"orderside:rate:acme/Acme EU/0"]
            assert 0 < await look.pttl(keys[0]) <= 4000, "milliseconds: until it is full, and one second"

    asyncio.run(main())


@needs_a_server
def test_a_password_opens_the_server_and_a_wrong_one_costs_no_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with (
            running(tmp_path, "--requirepass", "open-sesame") as port,
            replicas(port, 1, "open-sesame") as (let_in,),
            replicas(port, 1, "wrong-word") as (left_out,),
        ):
            assert [await let_in.take() for _ in range(5)] == [*["at once"] * 4, "limited"]
            assert [await left_out.take() for _ in range(5)] == ["at once"] * 5
            assert len(left_out.alone) == 5

    asyncio.run(main())
    assert "the server is away, each replica counts alone" in caplog.text
    assert "wrong-word" not in caplog.text


@needs_a_server
def test_a_server_that_comes_back_counts_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "orderside")

    async def main() -> None:
        async with running(tmp_path) as port, replicas(port, 1) as (one,):
            assert [await one.take() for _ in range(5)] == [*["at once"] * 4, "limited"]
            one.ledger._failed(ConnectionError())
            assert await one.take() == "at once", "not asked for a while"
            one.now += ledger.AWAY_S
            assert await one.take() == "limited"

    asyncio.run(main())
    assert [record.getMessage() for record in caplog.records] == [
        "shared budget: the server is away, each replica counts alone: ConnectionError",
        "shared budget: the server is back",
    ]


# -- a server that is no help, which takes none to be tried ---------------------------------------------------

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def hangs_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    pass


async def babbles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await reader.read()


async def loading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        writer.write(b"-LOADING the dataset is loading\r\n" * 3)


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """Somebody on loopback who talks so; his port."""
    ended: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.Event())
        mine = ended[-1]
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            mine.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for each in ended:
            await each.wait()
    await asyncio.sleep(0)  # the aborted transports are told so


@pytest.mark.parametrize("talk", [silent, hangs_up, babbles, loading])
def test_a_server_that_is_no_help_costs_no_call_and_is_said_once(
    talk: Talk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PATIENCE_S", 0.1)

    async def main() -> None:
        async with talking(talk) as port, replicas(port, 1) as (one,):
            assert [await one.take() for _ in range(20)] == ["at once"] * 20
            assert len(one.alone) == 20

    asyncio.run(main())
    assert [record.levelname for record in caplog.records if "shared budget" in record.getMessage()] == ["WARNING"]


def test_a_server_that_is_not_there_is_asked_once_in_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> list[float]:
        asked: list[float] = []
        async with replicas(closed_port(), 1) as (one,):
            failed = one.ledger._failed

            def noted(error: Exception) -> None:
                asked.append(one.now)
                failed(error)

            monkeypatch.setattr(one.ledger, "_failed", noted)
            for second in range(12):
                one.now = float(second)
                assert await one.take() == "at once"
        return asked

    assert asyncio.run(main()) == [0.0, 5.0, 10.0]
