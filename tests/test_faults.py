"""Whatever one store does, the other's answer is shown, and the agent reads the truth about the one that did it.

Every fault happens on a real socket, below the real service and connector. What is asserted is what the agent sees.
"""

import asyncio
import contextlib
import gzip
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from server.app import create_app
from server.settings import load
from tests.faults import Fault, answers, closed_port, drips, hangs, head, pours, resets, sends, shop

Json = dict[str, Any]
URL = "https://service.example"
KEY = "k" * 40
DEADLINE_MS = 900
SETTINGS = """
[service]
base_url = "{url}"
[limits]
deadline_ms = {deadline}
first_answer_ms = {deadline}
[[tenant]]
subdomain = "acme"
  [tenant.auth]
  method = "proxied"
  secrets = ["env:KEY"]
  [[tenant.store]]
  name = "Good"
  platform = "woocommerce"
  origin = "{good}"
  key = "env:KEY"
  secret = "env:KEY"
  [[tenant.store]]
  name = "Bad"
  platform = "woocommerce"
  origin = "{bad}"
  key = "env:KEY"
  secret = "env:KEY"
"""


@dataclass(frozen=True)
class Said:
    """What the panel says of a store that does this."""

    fault: Fault | None
    state: str
    words: str


def _gzipped(body: bytes) -> Fault:
    return answers(gzip.compress(body), {"Content-Encoding": "gzip"})


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
    "500": Said(answers(b"oops", status="500 Internal"), "unreachable", DOWN),
    "503": Said(answers(b"maintenance", status="503 Busy"), "unreachable", DOWN),
}  # fmt: skip


def settings(folder: Path, good: str, bad: str) -> Path:
    file = folder / "orderside.toml"
    file.write_text(SETTINGS.format(url=URL, deadline=DEADLINE_MS, good=good, bad=bad))
    return file


def token() -> str:
    now = int(time.time())
    claims = {"iss": "acme", "aud": URL, "iat": now, "exp": now + 60}
    return jwt.encode(claims, KEY, algorithm="HS256")


async def ask(client: httpx.AsyncClient, email: str, accept: str = "application/json") -> httpx.Response:
    body = {"requester": {"email": email}, "wait_ms": DEADLINE_MS}
    headers = {"authorization": f"Bearer {token()}", "accept": accept}
    return await client.post(f"{URL}/v1/summary", json=body, headers=headers)


@pytest.mark.parametrize("said", FAULTS.values(), ids=FAULTS)
def test_what_the_agent_sees(said: Said, tmp_path: Path) -> None:
    async def main() -> tuple[Json, str, float, int]:
        async with shop(answers(b"[]")) as good, shop(said.fault or hangs) as bad:
            origin = bad.origin if said.fault else f"http://127.0.0.1:{closed_port()}"
            app = create_app(load(settings(tmp_path, good.origin, origin), {"KEY": KEY}))
            before = len(asyncio.all_tasks())
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
            ):
                began = time.monotonic()
                answer = await ask(client, "jane.doerr@example.com")
                took = time.monotonic() - began
                html = await ask(client, "omar@example.com", "text/html")
                assert answer.status_code == html.status_code == 200
                await asyncio.sleep(0)
            await asyncio.wait_for(asyncio.gather(good.left.wait(), bad.left.wait()), 5) if said.fault else None
            # The two shops' own connections may still be ending; nothing of the service may.
            left = [task for task in asyncio.all_tasks() if "serve" not in repr(task.get_coro())]
            return answer.json(), html.text, took, len(left) - before

    found, html, took, leaked = asyncio.run(main())
    sources = {source["store"]: source for source in found["sources"]}
    assert sources["Good"]["state"] == "nothing"
    assert sources["Bad"]["state"] == said.state
    assert said.words in sources["Bad"]["text"]
    assert said.words in html
    assert found["match"]["level"] == "unknown", "a failure is never shown as nobody"
    assert found["complete"]
    assert "no orders" not in html.lower()
    assert took <= DEADLINE_MS / 1000 + 0.1 + 0.5, "with half a second for a slow machine"
    assert leaked <= 0


def test_a_mark_of_the_byte_order_is_no_fault(tmp_path: Path) -> None:
    async def main() -> Json:
        async with shop(answers(b"[]")) as good, shop(answers(b"\xef\xbb\xbf[]")) as bad:
            app = create_app(load(settings(tmp_path, good.origin, bad.origin), {"KEY": KEY}))
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
            ):
                answer: Json = (await ask(client, "jane.doerr@example.com")).json()
                return answer

    assert {source["state"] for source in asyncio.run(main())["sources"]} == {"nothing"}


def test_a_store_that_stays_down_is_paused_and_the_panel_says_so(tmp_path: Path) -> None:
    async def main() -> list[Json]:
        async with shop(answers(b"[]")) as good, shop(answers(b"", status="503 Busy")) as bad:
            app = create_app(load(settings(tmp_path, good.origin, bad.origin), {"KEY": KEY}))
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
            ):
                for number in range(5):
                    await ask(client, f"somebody{number}@example.com")
                heard = len(bad.heard)
                last: Json = (await ask(client, "jane.doerr@example.com")).json()
                assert len(bad.heard) == heard, "it is left alone"
                return [source for source in last["sources"] if source["store"] == "Bad"]

    (bad,) = asyncio.run(main())
    assert bad["state"] == "paused"
    assert "left alone for a while" in bad["text"]


def test_of_ten_stores_one_dead_and_one_dripping_eight_are_shown_at_once(tmp_path: Path) -> None:
    """The first answer leaves at its time with what is there; the whole one names both, by the deadline."""

    async def main() -> tuple[Json, Json, float, float]:
        async with contextlib.AsyncExitStack() as stack:
            wells = [await stack.enter_async_context(shop(answers(b"[]"))) for _ in range(8)]
            drip = await stack.enter_async_context(shop(drips(0.1)))
            origins = [*(each.origin for each in wells), drip.origin, f"http://127.0.0.1:{closed_port()}"]
            start, _, store = SETTINGS.partition("  [[tenant.store]]")
            store = "  [[tenant.store]]" + store.partition("  [[tenant.store]]")[0]
            text = start.format(url=URL, deadline=DEADLINE_MS).replace(
                f"first_answer_ms = {DEADLINE_MS}", "first_answer_ms = 300"
            )
            for at, origin in enumerate(origins):
                text += store.format(good=origin).replace('"Good"', f'"S{at}"')
            file = tmp_path / "orderside.toml"
            file.write_text(text)
            app = create_app(load(file, {"KEY": KEY}))
            await stack.enter_async_context(app.router.lifespan_context(app))
            transport = httpx.ASGITransport(app)
            client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=URL))
            headers = {"authorization": f"Bearer {token()}"}
            body: Json = {"requester": {"email": "jane.doerr@example.com"}}
            began = time.monotonic()
            first = (await client.post("/v1/summary", json=body, headers=headers)).json()
            after_first = time.monotonic() - began
            again = {**body, "lookup": first["lookup"], "wait_ms": DEADLINE_MS}
            whole = (await client.post("/v1/summary", json=again, headers=headers)).json()
            return first, whole, after_first, time.monotonic() - began

    first, whole, after_first, after_all = asyncio.run(main())
    states = {source["store"]: source["state"] for source in first["sources"]}
    assert [states[f"S{at}"] for at in range(8)] == ["nothing"] * 8
    assert (states["S8"], first["complete"], first["match"]["level"]) == ("pending", False, "unknown")
    assert after_first < DEADLINE_MS / 1000
    states = {source["store"]: source["state"] for source in whole["sources"]}
    assert (states["S8"], states["S9"], whole["complete"]) == ("timed_out", "unreachable", True)
    silent = next(reason["text"] for reason in whole["match"]["reasons"] if reason["code"] == "store_silent")
    assert "S8 and S9" in silent
    assert after_all <= DEADLINE_MS / 1000 + 0.1 + 0.5, "with half a second for a slow machine"


def test_a_lookup_that_nobody_waits_for_any_more_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.lookup.ABANDONED_S", 0.1)

    async def main() -> tuple[Json, Json, float]:
        async with shop(answers(b"[]")) as good, shop(hangs) as bad:
            app = create_app(load(settings(tmp_path, good.origin, bad.origin), {"KEY": KEY}))
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
            ):
                body: Json = {"requester": {"email": "jane.doerr@example.com"}, "wait_ms": 50}
                headers = {"authorization": f"Bearer {token()}"}
                began = time.monotonic()
                first = (await client.post(f"{URL}/v1/summary", json=body, headers=headers)).json()
                await asyncio.wait_for(bad.left.wait(), 5)
                left_after = time.monotonic() - began
                again = {**body, "lookup": first["lookup"]}
                second = (await client.post(f"{URL}/v1/summary", json=again, headers=headers)).json()
                return first, second, left_after

    first, second, left_after = asyncio.run(main())
    assert not first["complete"]
    assert left_after < DEADLINE_MS / 1000, "the store is not kept busy for nobody"
    assert second["lookup"] != first["lookup"], "who comes back after all starts anew"


def test_a_cancel_storm_crosses_no_answers_and_leaves_nothing(tmp_path: Path) -> None:
    """500 questions, half of them given up on: every answer that comes is the one that was asked for."""

    async def echo(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        body = b"[]"
        writer.write(head({"Content-Length": str(len(body))}) + body)
        await writer.drain()

    async def main() -> tuple[int, int, int]:
        async with shop(echo) as good, shop(echo) as bad:
            app = create_app(load(settings(tmp_path, good.origin, bad.origin), {"KEY": KEY}))
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
            ):
                before = len(asyncio.all_tasks())
                asked = [asyncio.create_task(ask(client, f"buyer{number}@example.com")) for number in range(500)]
                await asyncio.sleep(0.05)
                for number, task in enumerate(asked):
                    if number % 2:
                        task.cancel()
                answered = await asyncio.gather(*asked, return_exceptions=True)
                statuses = [each.status_code for each in answered if isinstance(each, httpx.Response)]
                assert set(statuses) <= {200, 503}, statuses
                await asyncio.sleep(DEADLINE_MS / 1000 + 0.3)
                left = len([task for task in asyncio.all_tasks() if "serve" not in repr(task.get_coro())]) - before
                again = (await ask(client, "buyer1@example.com")).json()
                assert {source["state"] for source in again["sources"]} == {"nothing"}
                return statuses.count(200), len(statuses), left

    fine, answered, left = asyncio.run(main())
    assert answered >= 250
    assert fine >= 1
    assert left <= 0
