"""What a call to a store comes to when the store, or the way to it, misbehaves. Real sockets, on loopback."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from server.connectors.base import Connector, Origin, Request, Response, StoreConfig
from server.connectors.fitness import Need
from server.errors import Changed, StoreError, TimedOut, Unreachable
from server.model import Answer, By, Question
from server.upstream.client import MAX_BYTES, Client, host, open_pool
from server.upstream.transport import Pool
from tests.faults import Call, Fault, Shop, answers, closed_port, drips, hangs, head, pours, resets, sends, shop

KEY = "key-4711-of-the-first-shop"
SOON_S = 0.3
"""A deadline for what never ends by itself."""


class PlainConfig(StoreConfig):
    """Where it is."""

    origin: Origin
    key: SecretStr = SecretStr(KEY)


class Plain(Connector[PlainConfig]):
    """A platform that asks nothing; it lends the client its origin and its one path for reading posts."""

    name = "plain"
    title = "Plain"
    Config = PlainConfig
    asked_by = frozenset({By.EMAIL})
    supplies: ClassVar[frozenset[str]] = frozenset()
    lacks: ClassVar[dict[str, str]] = {}
    order_number = r"\d+"
    read_posts = frozenset({"/graphql"})

    @property
    def origin(self) -> str:
        """As configured."""
        return self.config.origin

    async def ask(self, question: Question, limit: int, wire: object) -> Answer:
        """Nothing."""
        return Answer()

    def needs(self) -> tuple[Need, ...]:
        """Nothing."""
        return ()


def client(pool: Pool, origin: str) -> Client:
    return Client(pool, Plain("Plain", PlainConfig(origin=origin)))


def call(fault: Fault, request: Request | None = None, *, within: float = 10.0) -> tuple[Response | StoreError, Shop]:
    """What one call to a shop with that fault comes to, and what the shop heard."""

    async def main() -> tuple[Response | StoreError, Shop]:
        async with shop(fault) as there, open_pool() as pool:
            try:
                deadline = asyncio.get_running_loop().time() + within
                return await client(pool, there.origin).call(request or Request("/orders"), deadline), there
            except StoreError as error:
                return error, there

    return asyncio.run(main())


def answered(fault: Fault, request: Request | None = None) -> Response:
    """The answer, where there has to be one."""
    outcome, _ = call(fault, request)
    assert isinstance(outcome, Response)
    return outcome


def in_pool(story: Callable[[Pool], Awaitable[None]]) -> None:
    """Runs a story of several calls over one pool."""

    async def main() -> None:
        async with open_pool() as pool:
            await story(pool)

    asyncio.run(main())


def later(seconds: float = 10.0) -> float:
    return asyncio.get_running_loop().time() + seconds


# -- failures of the connection ---------------------------------------------------------------------------

BROKEN: dict[str, Fault] = {
    "reset": resets,
    "closed without a word": sends(b""),
    "truncated body": sends(head({"Content-Length": "1000"}) + b'{"orders": ['),
    "truncated head": sends(b"HTTP/1.1 200 OK\r\nContent-"),
    "bad chunk": sends(head({"Transfer-Encoding": "chunked"}) + b"zz\r\n{}\r\n0\r\n\r\n"),
    "last chunk missing": sends(head({"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n"),
    "no HTTP": sends(b"\x15\x03\x01\x00\x02\x02\x50 SSH-2.0-OpenSSH\r\n\r\n"),
    "head of 200 kB": sends(head({"Content-Length": "2", "X-Filler": "x" * 200_000}) + b"{}"),
    "truncated gzip": answers(gzip.compress(b'{"orders": []}' * 100)[:-12], {"Content-Encoding": "gzip"}),
    "no gzip": answers(b'{"orders": []}', {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_unreachable_and_never_half_an_answer(fault: Fault) -> None:
    outcome, _ = call(fault)
    assert isinstance(outcome, Unreachable)
    assert outcome.reason == "broken"


def test_a_closed_port_is_no_connection() -> None:
    async def story(pool: Pool) -> None:
        with pytest.raises(Unreachable) as caught:
            await client(pool, f"http://127.0.0.1:{closed_port()}").call(Request("/orders"), later())
        assert caught.value.reason == "connect"

    in_pool(story)


NEVER_DONE: dict[str, Fault] = {"hang": hangs, "drip": drips(0.05)}


@pytest.mark.parametrize("fault", NEVER_DONE.values(), ids=NEVER_DONE)
def test_the_deadline_is_absolute(fault: Fault) -> None:
    """A timeout per read would never fire on a byte every now and then."""
    outcome, there = call(fault, within=SOON_S)
    assert isinstance(outcome, TimedOut)
    assert there.heard, "the store was asked, and did not finish"


def test_a_deadline_that_has_passed_waits_for_nothing() -> None:
    outcome, there = call(hangs, within=-1)
    assert isinstance(outcome, TimedOut)
    assert there.connections == 0


# -- answers that are too much ----------------------------------------------------------------------------


def bomb(size: int) -> bytes:
    squeeze = zlib.compressobj(9, wbits=31)
    return b"".join(squeeze.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + squeeze.flush()


def test_a_gzip_bomb_stays_small() -> None:
    packed = bomb(50_000_000)
    assert len(packed) < 60_000
    tracemalloc.start()
    try:
        outcome, _ = call(answers(packed, {"Content-Encoding": "gzip"}))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, Changed)
    assert outcome.reason == "too_large"
    assert peak < 4 * MAX_BYTES


def test_bytes_after_the_end_of_gzip_are_not_kept() -> None:
    """They are no part of any answer; a store that pours them must not fill our memory until the deadline."""
    tracemalloc.start()
    try:
        outcome, _ = call(pours(gzip.compress(b"{}"), bytes(65_536), encoding="gzip"), within=1.0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(outcome, StoreError)
    assert peak < 4 * MAX_BYTES


def test_half_of_a_gzip_answer_in_two_members_is_not_taken_for_the_whole() -> None:
    """RFC 1952 §2.2 allows members in sequence: either all of them are read, or none."""
    outcome, _ = call(answers(gzip.compress(b"[]") + gzip.compress(b"[1]"), {"Content-Encoding": "gzip"}))
    assert isinstance(outcome, StoreError) or outcome.body == b"[][1]"


TOO_LARGE: dict[str, Fault] = {
    "5 MB": answers(b" " * 5_000_000),
    "endless": pours(b"", b" " * 65_536),
    "one byte too many": answers(b" " * (MAX_BYTES + 1)),
    "one byte too many, packed": answers(gzip.compress(bytes(MAX_BYTES + 1)), {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", TOO_LARGE.values(), ids=TOO_LARGE)
def test_an_answer_above_the_cap_is_refused(fault: Fault) -> None:
    outcome, _ = call(fault)
    assert isinstance(outcome, Changed)
    assert outcome.reason == "too_large"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_of_exactly_the_cap_passes(encoding: str) -> None:
    body = bytes(MAX_BYTES)
    packed = gzip.compress(body) if encoding == "gzip" else body
    assert answered(answers(packed, {"Content-Encoding": encoding})).body == body


# -- answers of another kind ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("request_", [Request("/orders"), Request("/graphql", json={"query": "{shop}"})])
def test_no_redirect_is_followed(status: str, request_: Request) -> None:
    async def main() -> None:
        async with (
            shop(answers(b"{}")) as elsewhere,
            shop(answers(b"", {"Location": f"{elsewhere.origin}/orders"}, status)) as there,
            open_pool() as pool,
        ):
            with pytest.raises(Changed) as caught:
                await client(pool, there.origin).call(request_, later())
            assert caught.value.reason == "redirect"
            assert elsewhere.heard == []

    asyncio.run(main())


def test_a_login_page_is_an_answer_that_is_no_json() -> None:
    response = answered(answers(b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"}))
    assert response.status == 200
    with pytest.raises(Changed):
        response.json()


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "429 Too Many", "500 Oops", "503 Busy"])
def test_a_status_is_handed_on(status: str) -> None:
    response = answered(answers(b"{}", {"Retry-After": "7", "X-Two": "a"}, status))
    assert response.status == int(status[:3])
    assert response.headers["retry-after"] == "7"
    assert response.headers["x-two"] == "a"


def test_a_header_that_comes_twice_is_a_list() -> None:
    response = answered(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLink: <a>\r\nLINK: <b>, <\xe9>\r\n\r\n{}"))
    assert response.headers == {"content-length": "2", "link": "<a>, <b>, <é>"}


def test_an_announced_length_that_is_too_short_ends_the_answer_there() -> None:
    response = answered(sends(head({"Content-Length": "9"}) + b'{"orders": [1, 2]}'))
    assert response.body == b'{"orders"'
    with pytest.raises(Changed):
        response.json()


def test_gzip_is_asked_for_and_read() -> None:
    outcome, there = call(answers(gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"}))
    assert isinstance(outcome, Response)
    assert outcome.json() == {"a": 1}
    assert b"accept-encoding: gzip\r\n" in there.heard[0].lower()


def test_an_encoding_that_was_not_asked_for_is_refused() -> None:
    outcome, _ = call(answers(b"\x8b\x00\x80{}\x03", {"Content-Encoding": "br"}))
    assert isinstance(outcome, Changed)


def test_an_empty_answer_is_empty_in_any_encoding() -> None:
    assert answered(answers(b"", {"Content-Encoding": "gzip"}, "204 No Content")).body == b""


# -- what leaves us ---------------------------------------------------------------------------------------

ESCAPES = ["//evil.example/orders", "/../admin", "/orders/../../admin", "/orders?role=all", "/orders#x", "orders", "",
           "/\\evil.example", "https://evil.example/", "@evil.example/"]  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES)
def test_a_path_cannot_leave_its_origin(path: str) -> None:
    async def story(pool: Pool) -> None:
        async with shop(answers(b"{}")) as there:
            with pytest.raises(ValueError, match="origin"):
                await client(pool, there.origin).call(Request(path), later())
            assert there.heard == []

    in_pool(story)


@pytest.mark.parametrize(
    "request_", [Request("/orders", json={"status": "cancelled"}), Request("/token", form=(("a", "b"),))]
)
def test_only_declared_reads_are_posted(request_: Request) -> None:
    async def story(pool: Pool) -> None:
        async with shop(answers(b"{}")) as there:
            with pytest.raises(ValueError, match="declared"):
                await client(pool, there.origin).call(request_, later())
            assert there.heard == []

    in_pool(story)


def test_a_credential_reaches_its_own_origin_only() -> None:
    async def main() -> None:
        async with shop(answers(b"{}")) as first, shop(answers(b"{}")) as second, open_pool() as pool:
            await client(pool, first.origin).call(Request("/orders", headers={"authorization": KEY}), later())
            await client(pool, second.origin).call(Request("/orders"), later())
            assert KEY.encode() in first.heard[0]
            assert KEY.encode() not in second.heard[0]
            assert b"authorization" not in second.heard[0].lower()

    asyncio.run(main())


def test_what_a_store_wants_remembered_is_forgotten() -> None:
    """A cookie would tie one customer's call to the next, and a pool that keeps cookies grows with every answer."""

    async def story(pool: Pool) -> None:
        async with shop(answers(b"{}", {"Set-Cookie": "session=jane; Path=/"})) as there:
            here = client(pool, there.origin)
            for _ in range(2):
                await here.call(Request("/orders"), later())
            assert b"cookie" not in there.heard[1].lower()

    in_pool(story)


def test_a_query_is_written_so_that_php_reads_it_back() -> None:
    """PHP takes a bare `+` for a space, so an address with a tag would be another address."""
    _, there = call(
        answers(b"[]"), Request("/customers", query=(("email", "ann+shop@example.com"), ("q", "a b&c=d/é")))
    )
    line = there.heard[0].split(b"\r\n")[0]
    assert line == b"GET /customers?email=ann%2Bshop%40example.com&q=a%20b%26c%3Dd%2F%C3%A9 HTTP/1.1"


def test_a_shop_in_a_folder_keeps_its_folder() -> None:
    async def story(pool: Pool) -> None:
        async with shop(answers(b"{}")) as there:
            await client(pool, f"{there.origin}/shop/de").call(Request("/orders"), later())
            assert there.heard[0].startswith(b"GET /shop/de/orders HTTP/1.1\r\n")

    in_pool(story)


BODIES: list[tuple[dict[str, Any], bytes, bytes]] = [
    ({"json": {"query": "{ shop { name } }"}}, b"application/json", b'{"query":"{ shop { name } }"}'),
    ({"form": (("a", "x y+z"),)}, b"application/x-www-form-urlencoded", b"a=x+y%2Bz"),
]


@pytest.mark.parametrize(("body", "kind", "written"), BODIES, ids=["json", "form"])
def test_a_reading_post_is_written_whole(body: dict[str, Any], kind: bytes, written: bytes) -> None:
    _, there = call(answers(b"{}"), Request("/graphql", **body))
    top, _, content = there.heard[0].partition(b"\r\n\r\n")
    assert top.startswith(b"POST /graphql HTTP/1.1\r\n")
    assert b"content-type: " + kind in top.lower()
    assert content == written


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment would see every customer's address."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{closed_port()}")
    assert answered(answers(b"{}")).status == 200


# -- leaving early ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", NEVER_DONE.values(), ids=NEVER_DONE)
def test_a_cancelled_call_leaves_neither_task_nor_connection(fault: Fault) -> None:
    async def story(pool: Pool) -> None:
        async with shop(fault) as there:
            ours = asyncio.all_tasks()
            task = asyncio.create_task(client(pool, there.origin).call(Request("/orders"), later()))
            await there.called.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with asyncio.timeout(5):
                await there.left.wait()
            assert asyncio.all_tasks() == ours

    in_pool(story)


@pytest.mark.parametrize("fault", [drips(0.05), answers(b" " * 5_000_000), answers(b"", status="302 Found")])
def test_a_call_that_was_broken_off_does_not_lend_its_connection_to_the_next(fault: Fault) -> None:
    async def story(pool: Pool) -> None:
        turns = iter([fault, answers(b'{"fresh": true}')])

        async def one_after_the_other(call: Call) -> None:
            await next(turns)(call)

        async with shop(one_after_the_other) as there:
            here = client(pool, there.origin)
            with pytest.raises(StoreError):
                await here.call(Request("/orders"), later(SOON_S))
            assert (await here.call(Request("/orders"), later())).json() == {"fresh": True}

    in_pool(story)


def test_errors_say_nothing_about_the_call() -> None:
    request = Request("/customers", query=(("email", "ann@example.com"),), headers={"authorization": KEY})
    outcome, _ = call(sends(b""), request)
    assert isinstance(outcome, StoreError)
    assert outcome.__suppress_context__
    for text in (str(outcome), repr(outcome), repr(outcome.about)):
        assert "ann@" not in text
        assert KEY not in text


@pytest.mark.parametrize(
    ("origin", "name"),
    [("https://shop.example.com", "shop.example.com"), ("http://127.0.0.1:8000/stores/eu", "127.0.0.1")],
)
def test_a_log_may_name_the_host(origin: str, name: str) -> None:
    assert host(origin) == name
