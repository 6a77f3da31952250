"""Whatever one store does, the other's answer is shown, and the agent reads the truth about the one that did it.

Every fault happens on a real socket, below the real service and connector. What is asserted is what the agent sees, and
that nothing is left behind: no task, no connection, no memory.
"""

import asyncio
import contextlib
import gc
import gzip
import json
import random
import re
import time
import tracemalloc
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.lookup import MOST_WAITING
from tests.faults import (
    Call,
    Fault,
    answers,
    at_first,
    closed_port,
    drips,
    hangs,
    head,
    in_turn,
    pours,
    resets,
    sends,
    shop,
)
from tests.pair import DEADLINE_MS, SLACK_S, Desk, Json, desk, knows, ours, settings, told


@dataclass(frozen=True)
class Said:
    """What the panel says of a store that does this."""

    fault: Fault | None
    state: str
    words: str
    platform: str = "woocommerce"


def _gzipped(body: bytes) -> Fault:
    return answers(gzip.compress(body), {"Content-Encoding": "gzip"})


NO_ROWS: Json = {"nodes": [], "pageInfo": {"hasNextPage": False}}


def _graphql(code: str, data: Json | None = None, cost: Json | None = None) -> Fault:
    """An answer with an error, and with data where there is some."""
    denied = "Access denied for customers field. Required access: `read_customers` access scope."
    error = {"message": denied, "path": ["customers"], "extensions": {"code": code}}
    return answers(json.dumps({"data": data, "errors": [error], "extensions": {"cost": cost}}).encode())


NOT_JSON = "answered in a form that we do not know"
BROKE = "the connection broke"
LATE = "did not answer in time"
TOO_MUCH = "answered with more than we accept"
DOWN = "is down or in maintenance"

FAULTS = {
    "refused connection": Said(None, "unreachable", "no connection"),
    "reset": Said(resets, "unreachable", BROKE),
    "closed at once": Said(sends(b""), "unreachable", BROKE),
    "hang": Said(hangs, "timed_out", LATE),
    "one byte at a time": Said(drips(0.2), "timed_out", LATE),
    "truncated body": Said(sends(head({"Content-Length": "500"}) + b'[{"id": 1'), "unreachable", BROKE),
    "bad chunk": Said(sends(head({"Transfer-Encoding": "chunked"}) + b"zz\r\n[]\r\n0\r\n\r\n"), "unreachable", BROKE),
    "garbage": Said(sends(b"\x16\x03\x01 SSH-2.0 what?\r\n\r\n"), "unreachable", BROKE),
    "header of 200 kB": Said(sends(head({"X-Long": "x" * 200_000}) + b"[]"), "unreachable", BROKE),
    "gzip bomb": Said(_gzipped(b"[" + b" " * 50_000_000 + b"]"), "changed", TOO_MUCH),
    "half a gzip": Said(answers(gzip.compress(b"[" + b"1," * 999)[:20], {"Content-Encoding": "gzip"}), "unreachable",
                        BROKE),
    "50 MB body": Said(answers(b"[" + b" " * 50_000_000 + b"]"), "changed", TOO_MUCH),
    "endless body": Said(pours(b"[", b" " * 65_536), "changed", TOO_MUCH),
    "login page": Said(answers(b"<!doctype html><title>Log in</title>", {"Content-Type": "text/html"}), "changed",
                       NOT_JSON),
    "redirect to another host": Said(answers(b"", {"Location": "https://evil.example/"}, "302 Found"), "changed",
                                     "sent us elsewhere"),
    "length too long": Said(sends(head({"Content-Length": "3"}) + b"[]"), "unreachable", BROKE),
    "two lengths": Said(sends(head({"Content-Length": "2", "content-length": "3"}) + b"[]"), "unreachable", BROKE),
    "length below nought": Said(sends(head({"Content-Length": "-2"}) + b"[]"), "unreachable", BROKE),
    "length too short": Said(sends(head({"Content-Length": "1"}) + b"[]"), "changed", NOT_JSON),
    "PHP notice before the JSON": Said(answers(b"<br />\n<b>Notice</b>: Undefined index\n[]"), "changed", NOT_JSON),
    "an object for a list": Said(answers(b'{"code": "ok"}'), "changed", NOT_JSON),
    "rows of another shape": Said(answers(json.dumps([{"id": {"a": 1}, "email": 7}]).encode()), "changed", NOT_JSON),
    "not text": Said(answers(b"\xff\xfe\x00["), "changed", NOT_JSON),
    "deep JSON": Said(answers(b"[" * 100_000 + b"]" * 100_000), "changed", NOT_JSON),
    "401": Said(answers(b"{}", status="401 Unauthorized"), "refused", "refused our"),
    "403": Said(answers(b"{}", status="403 Forbidden"), "refused", "does not let us read"),
    "429 without a date": Said(answers(b"{}", status="429 Too Many"), "limited", "wants fewer requests"),
    "429 for an hour": Said(answers(b"{}", {"Retry-After": "3600"}, "429 Too Many"), "limited", "try again in 3,600 s"),
    "429 again and again": Said(answers(b"{}", {"Retry-After": "0"}, "429 Too Many"), "limited",
                                "wants fewer requests"),
    "500": Said(answers(b"oops", status="500 Internal"), "unreachable", DOWN),
    "503": Said(answers(b"maintenance", status="503 Busy"), "unreachable", DOWN),
    "GraphQL: too many points": Said(_graphql("THROTTLED", cost={"requestedQueryCost": 900, "throttleStatus": {
        "maximumAvailable": 1000, "currentlyAvailable": 100, "restoreRate": 50}}), "limited", "now; try again in 1",
        "shopify"),
    "GraphQL: the customer withheld": Said(_graphql("ACCESS_DENIED", {"customers": None, "orders": NO_ROWS}),
                                           "refused", "read_customers", "shopify"),
    "GraphQL: an error of its own": Said(_graphql("INTERNAL_SERVER_ERROR"), "unreachable", DOWN, "shopify"),
    "GraphQL: a field is gone": Said(_graphql("undefinedField"), "changed", NOT_JSON, "shopify"),
    "GraphQL: errors in words": Said(answers(b'{"errors": "Not Found"}'), "changed", NOT_JSON, "shopify"),
}  # fmt: skip


@pytest.mark.parametrize("said", FAULTS.values(), ids=FAULTS)
def test_what_the_agent_sees(said: Said, tmp_path: Path) -> None:
    deadline_ms = DEADLINE_MS if said.words == LATE else 4 * DEADLINE_MS

    async def main() -> tuple[Json, str, float, int]:
        async with shop(answers(b"[]")) as good, shop(said.fault or hangs) as bad:
            origin = bad.origin if said.fault else f"http://127.0.0.1:{closed_port()}"
            before = ours()
            stores = {"Good": good.origin, f"Bad:{said.platform}": origin}
            async with desk(settings(tmp_path, {"acme": stores}, deadline_ms=deadline_ms)) as here:
                began = time.monotonic()
                found = await here.ask("jane.doerr@example.com")
                took = time.monotonic() - began
                html = await here.post("omar@example.com", accept="text/html")
                assert html.status_code == 200
                if said.words in {LATE, TOO_MUCH}:
                    await asyncio.wait_for(bad.left.wait(), 5)  # a connection like that is not kept
                await asyncio.sleep(0)
            await asyncio.wait_for(asyncio.gather(good.left.wait(), bad.left.wait()), 5)
            return found, html.text, took, ours() - before

    found, html, took, leaked = asyncio.run(main())
    assert told(found, "Good")["state"] == "nothing"
    assert told(found)["state"] == said.state
    assert said.words in told(found)["text"]
    assert said.words in html
    assert found["match"]["level"] == "unknown", "a failure is never shown as nobody"
    assert found["complete"]
    assert "no orders" not in html.lower()
    assert took <= deadline_ms / 1000 + 0.1 + SLACK_S
    assert leaked <= 0


HEALED = {
    "a mark of the byte order": answers(b"\xef\xbb\xbf[]"),
    "503, then well": at_first(answers(b"", status="503 Busy"), answers(b"[]")),
    "502 from a proxy, then well": at_first(answers(b"<html>", status="502 Bad Gateway"), answers(b"[]")),
    "429 for a moment": at_first(answers(b"{}", {"Retry-After": "0"}, "429 Too Many"), answers(b"[]")),
    "a reset, then well": at_first(resets, answers(b"[]")),
    "in pieces": sends(head({"Transfer-Encoding": "chunked"}) + b"1\r\n[\r\n1\r\n]\r\n0\r\n\r\n", then_close=False),
    "closed after each answer": sends(head({"Connection": "close", "Content-Length": "2"}) + b"[]"),
    "no length, closed at the end": sends(head({}) + b"[]"),
    "compressed": _gzipped(b"[]"),
}


@pytest.mark.parametrize("fault", HEALED.values(), ids=HEALED)
def test_what_the_agent_does_not_have_to_know(fault: Fault, tmp_path: Path) -> None:
    async def main() -> Json:
        async with shop(fault) as bad, desk(settings(tmp_path, {"acme": {"Bad": bad.origin}})) as here:
            return await here.ask("jane.doerr@example.com")

    found = asyncio.run(main())
    assert {source["state"] for source in found["sources"]} == {"nothing"}
    assert found["match"]["level"] == "none"


def test_a_part_that_a_platform_withholds_is_named_and_the_rest_is_used(tmp_path: Path) -> None:
    error = {"message": "Required access: `read_returns` access scope.", "path": ["orders", "nodes", 0, "returns"],
             "extensions": {"code": "ACCESS_DENIED"}}  # fmt: skip
    body = json.dumps({"data": {"customers": NO_ROWS, "orders": NO_ROWS}, "errors": [error]}).encode()

    async def main() -> Json:
        async with shop(answers(body)) as bad, desk(settings(tmp_path, {"acme": {"Bad:shopify": bad.origin}})) as here:
            return await here.ask("jane.doerr@example.com")

    found = told(asyncio.run(main()))
    assert found["state"] == "nothing"
    assert found["lacks"]["returns"] == "Shopify withholds this until the app is granted read_returns."


def test_who_sends_us_elsewhere_sends_no_secret_there(tmp_path: Path) -> None:
    async def main() -> list[bytes]:
        async with shop(answers(b"[]")) as other:
            for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
                away = answers(b"", {"Location": f"{other.origin}/wp-json/"}, status)
                async with shop(away) as bad, desk(settings(tmp_path, {"acme": {"Bad": bad.origin}})) as here:
                    assert "sent us elsewhere" in told(await here.ask("jane.doerr@example.com"))["text"]
            return other.heard

    assert asyncio.run(main()) == []


def test_a_store_that_comes_and_goes_is_never_taken_for_an_empty_one(tmp_path: Path) -> None:
    """Second tries heal it while their budget lasts; then some agents read that it is down."""

    async def main() -> list[Json]:
        down, well = answers(b"", status="503 Busy"), answers(b"[]")
        flapping = in_turn(down, down, well, well, well)
        async with shop(flapping) as bad, desk(settings(tmp_path, {"acme": {"Bad": bad.origin}})) as here:
            return [await here.ask(f"buyer{number}@example.com") for number in range(12)]

    found = asyncio.run(main())
    assert {told(each)["state"] for each in found} == {"nothing", "unreachable"}
    for each in found:
        assert each["match"]["level"] == ("none" if told(each)["state"] == "nothing" else "unknown")


HEAVY: dict[str, Fault] = {
    "gzip bomb": _gzipped(b"[" + b" " * 50_000_000 + b"]"),
    "endless body": pours(b"[", b" " * 65_536),
    "header of 200 kB": sends(head({"X-Long": "x" * 200_000}) + b"[]"),
}


@pytest.mark.parametrize("fault", HEAVY.values(), ids=HEAVY)
def test_what_a_store_sends_takes_no_memory_for_long(fault: Fault, tmp_path: Path) -> None:
    async def main() -> tuple[int, int]:
        async with shop(fault) as bad:
            stores = {"acme": {"Bad": bad.origin}, "birch": {"Dead": f"http://127.0.0.1:{closed_port()}"}}
            async with desk(settings(tmp_path, stores, deadline_ms=3000)) as here:
                await here.ask("first@example.com")
                for number in range(8):  # what is loaded once, is
                    await here.ask(f"buyer{number}@example.com", tenant="birch")
                gc.collect()
                tracemalloc.start()
                for number in range(8):
                    await here.ask(f"buyer{number}@example.com")
                peak = tracemalloc.get_traced_memory()[1]
                for _ in range(3):  # generators that were left are closed by the loop
                    gc.collect()
                    await asyncio.sleep(0.01)
                left = tracemalloc.get_traced_memory()[0]
                tracemalloc.stop()
                return peak, left

    peak, left = asyncio.run(main())
    assert peak < 16_000_000, "a few times what one answer may hold"
    assert left < 2_000_000, "less than one of eight"


def test_a_store_that_stays_down_is_paused_and_the_panel_says_so(tmp_path: Path) -> None:
    async def main() -> Json:
        async with (
            shop(answers(b"", status="503 Busy")) as bad,
            desk(settings(tmp_path, {"acme": {"Bad": bad.origin}})) as here,
        ):
            for number in range(5):
                await here.ask(f"somebody{number}@example.com")
            heard = len(bad.heard)
            last = await here.ask("jane.doerr@example.com")
            assert len(bad.heard) == heard, "it is left alone"
            return told(last)

    bad = asyncio.run(main())
    assert bad["state"] == "paused"
    assert "left alone for a while" in bad["text"]


def test_of_ten_stores_one_dead_and_one_dripping_eight_are_shown_at_once(tmp_path: Path) -> None:
    """The first answer leaves at its time with what is there; the whole one names both, by the deadline."""

    deadline_ms = 2500

    async def main() -> tuple[Json, Json, float, float]:
        async with contextlib.AsyncExitStack() as stack:
            wells = [await stack.enter_async_context(shop(answers(b"[]"))) for _ in range(8)]
            drip = await stack.enter_async_context(shop(drips(0.1)))
            origins = [*(each.origin for each in wells), drip.origin, f"http://127.0.0.1:{closed_port()}"]
            stores = {f"S{at}": origin for at, origin in enumerate(origins)}
            here = await stack.enter_async_context(
                desk(settings(tmp_path, {"acme": stores}, deadline_ms=deadline_ms, first_ms=1000))
            )
            began = time.monotonic()
            first = await here.ask("jane.doerr@example.com", wait_ms=None)
            after_first = time.monotonic() - began
            whole = await here.ask("jane.doerr@example.com", lookup=first["lookup"])
            return first, whole, after_first, time.monotonic() - began

    first, whole, after_first, after_all = asyncio.run(main())
    assert [told(first, f"S{at}")["state"] for at in range(8)] == ["nothing"] * 8
    assert (told(first, "S8")["state"], first["complete"], first["match"]["level"]) == ("pending", False, "unknown")
    assert after_first < deadline_ms / 1000
    assert (told(whole, "S8")["state"], told(whole, "S9")["state"], whole["complete"]) == (
        "timed_out",
        "unreachable",
        True,
    )
    silent = next(reason["text"] for reason in whole["match"]["reasons"] if reason["code"] == "store_silent")
    assert "S8 and S9" in silent
    assert after_all <= deadline_ms / 1000 + 0.1 + SLACK_S


def test_who_comes_back_shortly_before_the_end_gets_the_whole_answer(tmp_path: Path) -> None:
    async def main() -> list[Json]:
        async with shop(hangs) as bad:
            file = settings(tmp_path, {"acme": {"Bad": bad.origin}}, deadline_ms=1200, first_ms=200)
            async with desk(file) as here:
                found = [await here.ask("jane.doerr@example.com", wait_ms=None)]
                while not found[-1]["complete"]:
                    found.append(await here.ask("jane.doerr@example.com", wait_ms=None, lookup=found[-1]["lookup"]))
                return found

    found = asyncio.run(main())
    assert len({each["lookup"] for each in found}) == 1
    assert 2 <= len(found) <= 4, "the one that would have left at 0.8 s waits for what comes at 1.1"


def test_one_lookup_holds_a_few_requests_and_no_more(tmp_path: Path) -> None:
    async def main() -> None:
        gate = asyncio.Event()
        async with shop(knows(gate=gate)) as slow:  # noqa: SIM117
            async with desk(settings(tmp_path, {"acme": {"Slow": slow.origin}}, deadline_ms=20_000)) as here:
                first = await here.ask("jane.doerr@example.com", wait_ms=50)
                joins = [here.post("jane.doerr@example.com", lookup=first["lookup"]) for _ in range(MOST_WAITING + 4)]
                waiting = asyncio.as_completed([asyncio.create_task(each) for each in joins])
                refused = [await next(waiting) for _ in range(4)]
                gate.set()
                told = [await each for each in waiting]
        assert {(each.status_code, each.headers["retry-after"]) for each in refused} == {(429, "1")}
        assert [each.status_code for each in told] == [200] * MOST_WAITING

    asyncio.run(main())


def test_a_lookup_that_nobody_waits_for_any_more_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.lookup.ABANDONED_S", 0.1)

    async def main() -> tuple[Json, Json, float]:
        async with shop(hangs) as bad, desk(settings(tmp_path, {"acme": {"Bad": bad.origin}})) as here:
            began = time.monotonic()
            first = await here.ask("jane.doerr@example.com", wait_ms=50)
            await asyncio.wait_for(bad.left.wait(), 5)
            left_after = time.monotonic() - began
            second = await here.ask("jane.doerr@example.com", wait_ms=50, lookup=first["lookup"])
            return first, second, left_after

    first, second, left_after = asyncio.run(main())
    assert not first["complete"]
    assert left_after < DEADLINE_MS / 1000, "the store is not kept busy for nobody"
    assert second["lookup"] != first["lookup"], "who comes back after all starts anew"


def test_a_cancel_storm_crosses_no_answers_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 questions, half of them given up on: every answer that comes is the one that was asked for."""

    monkeypatch.setattr("server.lookup.ABANDONED_S", 0.1)
    asked = re.compile(rb"email=buyer(\d+)(?:@|%40)example.com")

    async def echo(call: Call) -> None:
        """The customer whom the request asks for: his id is in his address."""
        await asyncio.sleep(0.01)
        number = asked.search(call.request)
        row = {"id": int(number[1]), "email": f"buyer{int(number[1])}@example.com"} if number else None
        await answers(json.dumps([row] if row and b"/customers" in call.request else []).encode())(call)

    async def one(here: Desk, number: int) -> str:
        answer = await here.post(f"buyer{number}@example.com")
        if answer.status_code == 200:
            records = (answer.json()["customer"] or {"records": []})["records"]
            assert {record["id"] for record in records} <= {str(number)}
            return "answered" if records else "unanswered"
        assert answer.status_code in {429, 503}
        assert answer.headers["retry-after"]
        return "refused"

    async def main() -> tuple[list[str], int]:
        async with shop(echo) as good, shop(echo) as bad:
            file = settings(tmp_path, {"acme": {"Good": good.origin, "Bad": bad.origin}}, deadline_ms=20_000)
            async with desk(file) as here:
                before = ours()
                storm = [asyncio.create_task(one(here, number)) for number in range(500)]
                for _ in range(20):
                    await asyncio.sleep(0.01)
                    for task in random.sample(storm, 25):
                        task.cancel()
                ends = await asyncio.gather(*storm, return_exceptions=True)
                wrong = [end for end in ends if isinstance(end, Exception)]
                assert wrong == []
                await asyncio.sleep(0.5)
                left = ours() - before
                assert await one(here, 1) == "answered"
            await asyncio.wait_for(asyncio.gather(good.left.wait(), bad.left.wait()), 5)
            return [str(end) for end in ends], left

    ends, left = asyncio.run(main())
    assert ends.count("answered") >= 1
    assert left <= 0


def test_a_store_that_wants_fewer_requests_gets_none_until_the_time_it_named(tmp_path: Path) -> None:
    """Neither from this agent nor from the next one: each would only lengthen what all of them wait for."""

    async def main() -> tuple[int, Json, Json]:
        limited = answers(b"{}", {"Retry-After": "600"}, "429 Too Many")
        async with shop(limited) as bad, desk(settings(tmp_path, {"acme": {"Bad": bad.origin}})) as here:
            first = told(await here.ask("jane.doerr@example.com"))
            heard = len(bad.heard)
            again = [told(await here.ask(f"buyer{number}@example.com")) for number in range(10)]
            return len(bad.heard) - heard, first, again[-1]

    more, first, last = asyncio.run(main())
    assert more == 0
    assert (first["state"], last["state"]) == ("limited", "limited")
    assert "try again in" in last["text"]


def test_a_storm_of_refusals_without_a_time_is_met_with_fewer_and_fewer_questions(tmp_path: Path) -> None:
    async def main() -> tuple[int, list[str]]:
        limited = answers(b"{}", status="429 Too Many")
        async with (
            shop(limited) as bad,
            desk(settings(tmp_path, {"acme": {"Bad": bad.origin}}, deadline_ms=300)) as here,
        ):
            said = [told(await here.ask(f"buyer{number}@example.com"))["state"] for number in range(40)]
            return len(bad.heard), said

    heard, said = asyncio.run(main())
    assert set(said) == {"limited"}
    assert heard < 20
