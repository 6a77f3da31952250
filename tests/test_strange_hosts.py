"""A store whose certificate or name is not in order: what the agent sees, and that nobody else waits for it."""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme

from tests.faults import answers, shop
from tests.pair import DEADLINE_MS, SLACK_S, Json, desk, ours, settings, told

# -- certificates -----------------------------------------------------------------------------------------

NOT_VALID = "could not be reached: its certificate is not valid"


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """The one certificate authority that is trusted for as long as the test runs."""
    ca, file = trustme.CA(), tmp_path / "authority.pem"
    ca.cert_pem.write_to_path(file)
    monkeypatch.setattr(certifi, "where", lambda: str(file))
    return ca


def shown_by(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate that vouches for itself, as a shop has it that nobody set up."""
    own = trustme.CA()
    file = folder / "own.pem"
    own.private_key_pem.write_to_path(file)
    own.cert_pem.write_to_path(file, append=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def days(number: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=number)


def old_fashioned(ca: trustme.CA) -> ssl.SSLContext:
    context = shown_by(ca.issue_cert("localhost"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


CERTIFICATES: dict[str, Callable[[trustme.CA, Path], ssl.SSLContext]] = {
    "self-signed": lambda _ca, folder: self_signed(folder),
    "expired": lambda ca, _: shown_by(ca.issue_cert("localhost", not_before=days(-90), not_after=days(-1))),
    "of tomorrow": lambda ca, _: shown_by(ca.issue_cert("localhost", not_before=days(1), not_after=days(90))),
    "for another name": lambda ca, _: shown_by(ca.issue_cert("other.example")),
    "from an authority that nobody knows": lambda _ca, _: shown_by(trustme.CA().issue_cert("localhost")),
}


@asynccontextmanager
async def secured(folder: Path, context: ssl.SSLContext) -> AsyncIterator[tuple[Json, list[bytes]]]:
    """An answer over a sound store and one behind this certificate, and what the latter heard."""
    async with shop(answers(b"[]")) as good, shop(answers(b"[]"), context) as bad:
        before = ours()
        async with desk(settings(folder, {"acme": {"Good": good.origin, "Bad": bad.origin}}, deadline_ms=4000)) as here:
            yield await here.ask("jane.doerr@example.com"), bad.heard
        await asyncio.wait_for(bad.left.wait(), 5)
        assert ours() <= before


@pytest.mark.parametrize("certificate", CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_certificate_is_never_overlooked(
    certificate: Callable[[trustme.CA, Path], ssl.SSLContext], authority: trustme.CA, tmp_path: Path
) -> None:
    async def main() -> None:
        async with secured(tmp_path, certificate(authority, tmp_path)) as (found, heard):
            assert told(found, "Good")["state"] == "nothing"
            assert told(found)["state"] == "unreachable"
            assert NOT_VALID in told(found)["text"]
            assert found["match"]["level"] == "unknown"
            assert heard == [], "no credential went there"

    asyncio.run(main())


@pytest.mark.parametrize(
    "made", [lambda ca: shown_by(ca.issue_cert("localhost")), old_fashioned], ids=["new", "TLS 1.2"]
)
def test_a_sound_certificate_is(
    made: Callable[[trustme.CA], ssl.SSLContext], authority: trustme.CA, tmp_path: Path
) -> None:
    async def main() -> None:
        async with secured(tmp_path, made(authority)) as (found, heard):
            assert told(found)["state"] == "nothing"
            assert heard

    asyncio.run(main())


# -- names ------------------------------------------------------------------------------------------------

SLOW, UNKNOWN = "slow.example", "unknown.example"


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The system's resolver: one name takes until the event is set, one does not exist, all others are as ever."""
    done, usual = threading.Event(), socket.getaddrinfo

    def look_up(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name == SLOW:
            done.wait(30)
        if name in {SLOW, UNKNOWN}:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return usual(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield done
    done.set()


def test_a_name_that_does_not_exist_is_no_connection(tmp_path: Path, resolver: threading.Event) -> None:
    async def main() -> Json:
        async with desk(settings(tmp_path, {"acme": {"Bad": f"https://{UNKNOWN}"}})) as here:
            return told(await here.ask("jane.doerr@example.com"))

    found = asyncio.run(main())
    assert found["state"] == "unreachable"
    assert "no connection" in found["text"]


def test_a_slow_name_costs_its_own_store_alone(tmp_path: Path, resolver: threading.Event) -> None:
    """However many ask for it: the system resolves few names at a time, and the others' have to be among them."""

    async def main() -> tuple[list[Json], Json, float]:
        loop = asyncio.get_running_loop()
        async with shop(answers(b"[]")) as good:
            origin = good.origin.replace("127.0.0.1", "localhost")
            tenants = {f"t{n}": {"Bad": f"https://{SLOW}"} for n in range(4)}
            file = settings(tmp_path, {"acme": {"Good": origin}, **tenants}, deadline_ms=3 * DEADLINE_MS)
            async with desk(file) as here:
                began = loop.time()
                slow = [
                    asyncio.create_task(here.ask(f"buyer{n}@example.com", tenant=tenant))
                    for tenant in tenants
                    for n in range(6)
                ]
                await asyncio.sleep(0.3)
                beside = await here.ask("jane.doerr@example.com")
                found = await asyncio.gather(*slow)
                took = loop.time() - began
                resolver.set()
                return found, beside, took

    slow, beside, took = asyncio.run(main())
    assert told(beside, "Good")["state"] == "nothing"
    assert {told(each)["state"] for each in slow} <= {"timed_out", "limited", "paused", "pending"}
    assert "timed_out" in {told(each)["state"] for each in slow}
    assert took <= 3 * DEADLINE_MS / 1000 + 0.1 + 2 * SLACK_S
