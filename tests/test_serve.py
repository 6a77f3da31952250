"""The running service: what every answer carries, how it starts and ends, and how it takes new settings."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt
import pytest
from starlette.applications import Starlette

import server
from server import __version__, desk, house, render
from server.app import ANSWERS, create_app
from server.logs import JsonLines
from server.routes import Json
from server.settings import load
from server.upstream.client import open_pool
from tests.faults import Call, Fault, Shop, answers, closed_port, hangs, shop

US = "https://orders.example.com"
SECRET = "sidebar-secret-0123456789-0123456789"
NEXT = "the-next-secret-0123456789-012345678"
ENVIRON = {"SIDEBAR": SECRET, "NEXT": NEXT, "KEY": "ck-of-the-shop", "CODE": "cs-of-the-shop"}
ASK = {"requester": {"email": "jane.doerr@gmail.com"}, "ticket": {"subject": "Where is it?"}}
EMPTY = answers(b"[]", {"X-WP-Total": "0", "X-WP-TotalPages": "0", "X-Store": "1", "Set-Cookie": "a=b"})
"""A WooCommerce store that has nothing."""

HEADERS = {
    "orderside-version": __version__,
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
}


def config(origin: str = "http://127.0.0.1:9", *, secret: str = "SIDEBAR", service: str = "", limits: str = "") -> str:
    return f"""
[service]
base_url = "{US}"
{service}
[limits]
{limits}
[[tenant]]
subdomain = "acme"
  [tenant.auth]
  method = "proxied"
  secrets = ["env:{secret}"]
  [[tenant.store]]
  name = "Acme EU"
  platform = "woocommerce"
  origin = "{origin}"
  key = "env:KEY"
  secret = "env:CODE"
"""


def bearer(secret: str = SECRET, tenant: str = "acme") -> dict[str, str]:
    now = int(time.time())
    return {"authorization": f"Bearer {jwt.encode({'iss': tenant, 'aud': US, 'iat': now, 'exp': now + 60}, secret)}"}


# -- every answer -----------------------------------------------------------------------------------------


def settings_file(folder: Path, text: str) -> Path:
    path = folder / "orderside.toml"
    path.write_text(text)
    return path


@asynccontextmanager
async def running(folder: Path, text: str) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    """The service in this process, and somebody who can ask it."""
    app = create_app(load(settings_file(folder, text), ENVIRON))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client,
    ):
        yield app, client


def ask(
    folder: Path,
    method: str = "POST",
    path: str = "/v1/summary",
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | AsyncIterator[bytes] | None = None,
    limits: str = "",
) -> httpx.Response:
    """One answer of the service, whose one store cannot be reached."""

    async def main() -> httpx.Response:
        async with running(folder, config(f"http://127.0.0.1:{closed_port()}", limits=limits)) as (_, client):
            sent = {"content-type": "application/json", **(bearer() if headers is None else headers)}
            body = json.dumps(ASK).encode() if content is None and method == "POST" else content
            return await client.request(method, path, headers=sent, content=body)

    return asyncio.run(main())


def sealed(response: httpx.Response) -> None:
    """Holds of every answer whatever it says."""
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, name
    assert response.headers["x-request-id"]
    assert "set-cookie" not in response.headers
    assert "server" not in response.headers


def refusal(response: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    """An error of the contract's shape."""
    sealed(response)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert response.json() == {"error": error}
    assert set(error) - {"retry_after"} == {"code", "message", "field", "request_id"}
    assert str(error.get("retry_after")) == response.headers.get("retry-after", "None"), "proxies drop the header"
    assert (error["code"], error["field"]) == (code, field)
    assert error["message"]
    assert error["request_id"] == response.headers["x-request-id"]
    assert ("retry-after" in response.headers) == (status in {429, 503})


def test_a_large_answer_is_packed_for_those_who_ask_for_it(tmp_path: Path) -> None:
    html = {**bearer(), "accept": "text/html"}
    plain = ask(tmp_path, headers={**html, "accept-encoding": "identity"})
    packed = ask(tmp_path, headers={**html, "accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) < len(packed.content) / 2
    assert "could not be reached" in packed.text
    sealed(packed)


def test_a_small_answer_is_not_packed(tmp_path: Path) -> None:
    response = ask(tmp_path, headers={"accept-encoding": "gzip"})
    refusal(response, 401, "token_missing")
    assert "content-encoding" not in response.headers


def test_what_holds_a_bearer_is_never_packed(tmp_path: Path) -> None:
    """Text of an attacker's beside a secret would tell the secret by the size of both (BREACH)."""
    for path in ("/sidebar", "/v1/session"):
        response = ask(tmp_path, path=path, headers={**bearer(), "accept-encoding": "gzip"}, content=b"x" * 4000)
        assert "content-encoding" not in response.headers
    assert not {"/sidebar", "/v1/session"} & ANSWERS


def test_200_as_json(tmp_path: Path) -> None:
    response = ask(tmp_path)
    sealed(response)
    assert response.status_code == 200
    said = response.json()
    assert set(said) == {
        "complete",
        "lookup",
        "generated_at",
        "match",
        "customer",
        "attention",
        "orders",
        "sources",
        "why",
    }
    assert said["match"]["level"] == "unknown", "a store that could not be asked is not a store without orders"
    assert [(source["store"], source["state"]) for source in said["sources"]] == [("Acme EU", "unreachable")]


def test_200_as_a_fragment(tmp_path: Path) -> None:
    response = ask(tmp_path, headers={**bearer(), "accept": "text/html"})
    sealed(response)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text.startswith('<div class="panel" id="panel"')
    assert "Acme EU could not be reached" in response.text


ACCEPTS = [
    ("text/html", "text/html"),
    ("text/html, application/json;q=0.9", "text/html"),
    ("application/json", "application/json"),
    ("application/json, text/html", "application/json"),
    ("*/*", "application/json"),
    ("", "application/json"),
]


@pytest.mark.parametrize(("accept", "kind"), ACCEPTS)
def test_the_form_is_the_one_asked_for(tmp_path: Path, accept: str, kind: str) -> None:
    response = ask(tmp_path, headers={**bearer(), "accept": accept})
    assert response.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_token(tmp_path: Path, path: str) -> None:
    response = ask(tmp_path, "GET", path, headers={})
    sealed(response)
    assert response.status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_405(tmp_path: Path, method: str) -> None:
    response = ask(tmp_path, method)
    refusal(response, 405, "method")
    assert response.headers["allow"] == "POST"


def test_half_a_surrogate_pair_breaks_no_answer() -> None:
    """JSON can write one, UTF-8 cannot hold it."""
    assert json.loads(bytes(Json({"name": "J\u00f6rg \ud800"}).body)) == {"name": "J\u00f6rg \ud800"}


PATHS = ["/", "/v1", "/v1/summary/", "/v1/summary/x", "/healthz/", "/metrics", "/docs", "/openapi.json", "/.env", "//"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_404(tmp_path: Path, method: str, path: str) -> None:
    """Not even a redirect: it would name whatever host the caller had put into his request."""
    refusal(ask(tmp_path, method, path), 404, "not_found")


def test_401(tmp_path: Path) -> None:
    for headers, code in [({}, "token_missing"), (bearer(NEXT), "token_signature")]:
        response = ask(tmp_path, headers=headers)
        refusal(response, 401, code)
        assert response.headers["www-authenticate"] == "Bearer"


def test_401_comes_before_anything_is_read(tmp_path: Path) -> None:
    refusal(ask(tmp_path, headers={"content-type": "text/plain"}, content=b"x" * 200_000), 401, "token_missing")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
def test_415(tmp_path: Path, kind: str) -> None:
    refusal(ask(tmp_path, headers={**bearer(), "content-type": kind}), 415, "media_type")


def test_a_media_type_may_have_parameters(tmp_path: Path) -> None:
    assert ask(tmp_path, headers={**bearer(), "content-type": "Application/JSON; charset=utf-8"}).status_code == 200


def test_400(tmp_path: Path) -> None:
    refusal(ask(tmp_path, content=b"{"), 400, "bad_json")


def test_422(tmp_path: Path) -> None:
    refusal(ask(tmp_path, content=b'{"requester": {"email": 5}}'), 422, "bad_value", "requester.email")
    refusal(ask(tmp_path, content=b'{"requester": {"name": "\\u0000"}}'), 422, "bad_text", "requester.name")


def test_413(tmp_path: Path) -> None:
    name = json.dumps({"requester": {"email": "a@example.com", "name": "x" * 1_000_000}}).encode()
    refusal(ask(tmp_path, content=name), 413, "too_large", "body")


def test_64_kib_is_the_most(tmp_path: Path) -> None:
    body = json.dumps(ASK).encode()
    assert ask(tmp_path, content=body + b" " * (65_536 - len(body))).status_code == 200
    refusal(ask(tmp_path, content=body + b" " * (65_537 - len(body))), 413, "too_large", "body")


def test_413_without_an_announced_length(tmp_path: Path) -> None:
    """What is chunked has no length to go by, and may have no end."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b" " * 16_384

    refusal(ask(tmp_path, content=endless()), 413, "too_large", "body")


def test_503_for_a_body_that_does_not_come(tmp_path: Path) -> None:
    async def stuck() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    refusal(ask(tmp_path, content=stuck(), limits="deadline_ms = 250\nfirst_answer_ms = 100"), 503, "too_late")


def test_503_where_too_much_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.register.MAX_RUNNING", 0)
    refusal(ask(tmp_path), 503, "busy")


def test_503_while_it_closes(tmp_path: Path) -> None:
    async def main() -> httpx.Response:
        async with running(tmp_path, config()) as (app, client):
            async with app.router.lifespan_context(app):
                pass
            return await client.get("/readyz")

    refusal(asyncio.run(main()), 503, "closing")


def test_500_says_nothing_and_logs_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise KeyError("jane.doerr@gmail.com")

    monkeypatch.setattr(render, "to_json", broken)
    caplog.handler.setFormatter(JsonLines())
    response = ask(tmp_path)
    refusal(response, 500, "defect")
    assert "jane" not in response.text
    assert "jane" not in caplog.text
    lines = [json.loads(line) for line in caplog.text.splitlines()]
    (line,) = [line for line in lines if line["level"] == "error"]
    assert (line["request_id"], line["tenant"]) == (response.headers["x-request-id"], "acme")


def test_a_defect_before_any_store_is_asked_is_not_told_as_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lookup that broke has no outcomes, and no outcomes look like "nothing to ask by"."""

    def broken(*_: object) -> tuple[object, ...]:
        raise KeyError("jane.doerr@gmail.com")

    monkeypatch.setattr(desk, "plan", broken)
    refusal(ask(tmp_path), 500, "defect")


def test_the_ids_of_requests_differ(tmp_path: Path) -> None:
    assert ask(tmp_path).headers["x-request-id"] != ask(tmp_path).headers["x-request-id"]


def test_an_id_of_the_caller_is_not_taken_over(tmp_path: Path) -> None:
    """It would be written into the log as it stands."""
    response = ask(tmp_path, headers={**bearer(), "x-request-id": "jane.doerr@gmail.com"})
    assert "jane" not in response.headers["x-request-id"]


def test_no_origin_may_read_answers(tmp_path: Path) -> None:
    response = ask(tmp_path, headers={**bearer(), "origin": "https://evil.example"})
    assert not [name for name in response.headers if name.startswith("access-control-")]


# -- lookups that go on -----------------------------------------------------------------------------------


def test_the_first_answer_leaves_while_a_store_is_out_and_the_next_one_joins(tmp_path: Path) -> None:
    async def main() -> None:
        gate = asyncio.Event()

        async def gated(call: Call) -> None:
            await gate.wait()
            await EMPTY(call)

        async with shop(gated) as there, running(tmp_path, config(there.origin)) as (_, client):
            first = (await client.post("/v1/summary", json={**ASK, "wait_ms": 50}, headers=bearer())).json()
            assert (first["complete"], first["match"]["level"]) == (False, "unknown")
            assert [source["state"] for source in first["sources"]] == ["pending"]
            asked = len(there.heard)
            gate.set()
            again = {**ASK, "wait_ms": 4000, "lookup": first["lookup"]}
            second = (await client.post("/v1/summary", json=again, headers=bearer())).json()
            assert (second["complete"], second["lookup"]) == (True, first["lookup"])
            assert [source["state"] for source in second["sources"]] == ["nothing"]
            assert asked > 0
            foreign = {**ASK, "requester": {"email": "bob@example.com"}, "lookup": first["lookup"]}
            third = (await client.post("/v1/summary", json=foreign, headers=bearer())).json()
            assert third["lookup"] != first["lookup"], "an id is of no use with another ticket"

    asyncio.run(main())


def test_new_settings_hold_from_the_next_request(tmp_path: Path) -> None:
    async def main() -> None:
        port = closed_port()
        async with running(tmp_path, config(f"http://127.0.0.1:{port}")) as (app, client):
            assert (await client.post("/v1/summary", json=ASK, headers=bearer())).status_code == 200
            path = settings_file(tmp_path, config(f"http://127.0.0.1:{port}", secret="NEXT"))
            app.state.move(load(path, ENVIRON))
            assert (await client.post("/v1/summary", json=ASK, headers=bearer())).status_code == 401
            assert (await client.post("/v1/summary", json=ASK, headers=bearer(NEXT))).status_code == 200

    asyncio.run(main())


def test_a_lookup_under_old_settings_ends_with_the_service(tmp_path: Path) -> None:
    async def main() -> None:
        async with shop(hangs) as there:
            async with running(tmp_path, config(there.origin)) as (app, client):
                await client.post("/v1/summary", json={**ASK, "wait_ms": 20}, headers=bearer())
                app.state.move(load(tmp_path / "orderside.toml", ENVIRON))
            left = [str(task.get_coro()) for task in asyncio.all_tasks()]
            assert [name for name in left if "Lookup." in name or "Answers." in name] == []

    asyncio.run(main())


def test_what_is_known_goes_on_under_new_settings(tmp_path: Path) -> None:
    """Answers that are kept, lookups that run, the pauses of a store; but nothing of a store with other settings."""

    async def main() -> None:
        gate = asyncio.Event()

        async def gated(call: Call) -> None:
            await gate.wait()
            await EMPTY(call)

        async with shop(EMPTY) as there, shop(gated) as slow:  # noqa: SIM117
            async with running(tmp_path, config(there.origin)) as (app, client):
                ask = {"requester": {"email": "jane.doerr@example.com"}, "wait_ms": 20}
                await client.post("/v1/summary", json=ASK, headers=bearer())
                heard, before = len(there.heard), app.state.house
                app.state.move(load(tmp_path / "orderside.toml", ENVIRON))
                again = (await client.post("/v1/summary", json=ASK, headers=bearer())).json()
                assert (len(there.heard), again["why"][0]["cached"]) == (heard, True)
                assert app.state.house.connections["acme"][0].guard is before.connections["acme"][0].guard
                app.state.move(load(settings_file(tmp_path, config(slow.origin)), ENVIRON))
                assert app.state.house.connections["acme"][0].guard is not before.connections["acme"][0].guard
                first = (await client.post("/v1/summary", json=ask, headers=bearer())).json()
                app.state.move(load(tmp_path / "orderside.toml", ENVIRON))
                gate.set()
                ask = {**ask, "lookup": first["lookup"], "wait_ms": 4000}
                whole = (await client.post("/v1/summary", json=ask, headers=bearer())).json()
                assert (first["complete"], whole["complete"], whole["lookup"]) == (False, True, first["lookup"])
                assert len(slow.heard) <= 2, "nothing was asked twice"

    asyncio.run(main())


def test_a_fingerprint_changes_with_a_secret_and_shows_none(tmp_path: Path) -> None:
    prints = set()
    for code in ("cs-of-the-shop", "cs-of-another-day"):
        tenant = load(settings_file(tmp_path, config()), {**ENVIRON, "CODE": code}).tenants["acme"]
        prints.add(house.connect(tenant.stores[0], open_pool(), time.time).fingerprint)
    assert len(prints) == 2
    assert not [text for text in prints if "shop" in text]


# -- the process ------------------------------------------------------------------------------------------


@dataclass
class Process:
    """A service in a process of its own."""

    child: asyncio.subprocess.Process
    log: Path
    url: str
    metrics: str

    async def logged(self, text: str) -> None:
        """Returns once that stands in the log."""
        await until(lambda: text in self.log.read_text())

    async def end(self) -> int:
        """Waits for the end of the process; gives its exit status, or the signal as a negative number."""
        async with asyncio.timeout(20):
            return await self.child.wait()


async def until(holds: Callable[[], bool]) -> None:
    """Looks again and again for what another process does, for 20 s at most."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - nothing here is told of it
            await asyncio.sleep(0.02)


@asynccontextmanager
async def process(folder: Path, origin: str, *, limits: str = "", service: str = "") -> AsyncIterator[Process]:
    """`orderside serve`, ready to answer, with metrics beside it."""
    port, metrics = closed_port(), closed_port()
    service = f'{service or "drain_s = 0"}\nlisten = "127.0.0.1:{port}"\nmetrics_listen = "127.0.0.1:{metrics}"'
    settings_file(folder, config(origin, service=service, limits=limits))
    log = folder / "log"
    with log.open("wb") as stderr, (folder / "out").open("wb") as stdout:
        child = await asyncio.create_subprocess_exec(
            *command("serve", "--config", str(folder / "orderside.toml")), env={**os.environ, **ENVIRON},
            stderr=stderr, stdout=stdout, cwd=Path(server.__file__).parent.parent,
        )  # fmt: skip
    here = Process(child, log, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics}")
    try:
        await here.logged(f":{port}")
        await here.logged(f":{metrics}")
        yield here
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


def command(*args: str) -> list[str]:
    return [sys.executable, "-W", "error", "-m", "server.cli", *args]


def story(
    folder: Path,
    tell: "Callable[[Process, httpx.AsyncClient, Shop], object]",
    fault: Fault,
    service: str = "",
    limits: str = "",
) -> None:
    """Runs a story with a service of its own, somebody who asks it, and its one store."""

    async def main() -> None:
        async with (
            shop(fault) as there,
            process(folder, there.origin, service=service, limits=limits) as here,
            httpx.AsyncClient(trust_env=False, timeout=20) as client,
        ):
            told = tell(here, client, there)
            assert asyncio.iscoroutine(told)
            await told

    asyncio.run(main())


BAD = {
    "a key that nobody knows": (config(service="colour = 1"), '[service]: unknown key "colour"'),
    "a secret in the file": (config().replace("env:CODE", "hunter2"), "secret: must be a reference"),
    "no TOML": ("[service", "is not TOML"),
}


@pytest.mark.parametrize(("text", "complaint"), BAD.values(), ids=BAD)
def test_bad_settings_end_it_before_it_begins(tmp_path: Path, text: str, complaint: str) -> None:
    status, out, err = finished(tmp_path, "serve", "--config", str(settings_file(tmp_path, text)))
    assert status == 2
    assert out == ""
    assert err.startswith("orderside: ")
    assert complaint in err
    assert "Traceback" not in err
    assert "hunter2" not in err


def test_a_missing_file_ends_it_too(tmp_path: Path) -> None:
    status, _, err = finished(tmp_path, "serve", "--config", str(tmp_path / "none.toml"))
    assert status == 2
    assert "none.toml: there is no such file" in err


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    status, _, err = finished(tmp_path, "serve", ORDERSIDE_CONFIG=str(tmp_path / "elsewhere.toml"))
    assert status == 2
    assert "elsewhere.toml: there is no such file" in err


def finished(folder: Path, *args: str, **environ: str) -> tuple[int | None, str, str]:
    """Runs a command to its end."""

    async def main() -> tuple[int | None, str, str]:
        child = await asyncio.create_subprocess_exec(
            *command(*args), env={**os.environ, **ENVIRON, **environ}, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE, cwd=Path(server.__file__).parent.parent,
        )  # fmt: skip
        async with asyncio.timeout(30):
            out, err = await child.communicate()
        return child.returncode, out.decode(), err.decode()

    return asyncio.run(main())


NAMED = ("orderside_check{", "orderside_store_seconds")


def test_metrics_answer_on_their_own_address_only(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        assert (await client.get(f"{here.url}/metrics")).status_code == 404
        answer = await client.post(f"{here.url}/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())
        sealed(answer)
        assert answer.json()["sources"][0]["state"] == "nothing"
        refused = await client.post(f"{here.url}/v1/summary", json=ASK)
        refusal(refused, 401, "token_missing")
        said = (await client.get(f"{here.metrics}/metrics")).text
        assert 'orderside_answers_total{complete="true",level="none"} 1.0' in said
        assert 'orderside_sources_total{platform="woocommerce",state="nothing"} 1.0' in said
        assert 'orderside_lookups_total{found="false"} 1.0' in said
        assert 'orderside_store_seconds_count{platform="woocommerce",store="Acme EU",tenant="acme"} 1.0' in said
        assert 'orderside_refusals_total{code="token_missing"} 1.0' in said
        for personal in ("jane", "gmail", "1042"):
            assert personal not in said
        own = [line for line in said.splitlines() if not line.startswith(NAMED)]
        assert "acme" not in "".join(own).lower(), "only those name tenants and stores"
        assert (await client.get(f"{here.metrics}/v1/summary")).status_code == 404
        assert (await client.get(f"{here.metrics}/healthz")).status_code == 404

    story(tmp_path, tell, EMPTY)


def test_every_store_is_checked_at_the_start(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        for _ in range(100):
            said = (await client.get(f"{here.metrics}/metrics")).text
            if "orderside_check{" in said:
                break
            await asyncio.sleep(0.05)
        assert 'orderside_check{about="reachable",platform="woocommerce",store="Acme EU",tenant="acme"} 2.0' in said

    story(tmp_path, tell, hangs_up)


async def hangs_up(call: Call) -> None:
    call.writer.close()


def test_sigterm_lets_a_request_end(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def gated(call: Call) -> None:
        await gate.wait()
        await EMPTY(call)

    async def tell(here: Process, client: httpx.AsyncClient, there: Shop) -> None:
        body = {**ASK, "wait_ms": 4000}
        under_way = asyncio.create_task(client.post(f"{here.url}/v1/summary", json=body, headers=bearer()))
        await there.called.wait()
        here.child.send_signal(signal.SIGTERM)
        await here.logged("Shutting down")
        gate.set()
        answer = await under_way
        assert answer.status_code == 200
        assert answer.json()["sources"][0]["state"] == "nothing"
        with pytest.raises(httpx.TransportError):  # refused, or the kept connection is closed
            await client.get(f"{here.url}/healthz")
        assert await here.end() in {0, -signal.SIGTERM}
        assert "Traceback" not in here.log.read_text()

    story(tmp_path, tell, gated)


def test_sigterm_does_not_wait_for_a_store(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        answer = await client.post(f"{here.url}/v1/summary", json={**ASK, "wait_ms": 50}, headers=bearer())
        assert not answer.json()["complete"]
        here.child.send_signal(signal.SIGTERM)
        assert await here.end() in {0, -signal.SIGTERM}
        assert "Traceback" not in here.log.read_text()
        assert "never retrieved" not in here.log.read_text()

    story(tmp_path, tell, hangs)


def test_ctrl_c_is_no_error(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        assert (await client.get(f"{here.url}/readyz")).status_code == 200
        here.child.send_signal(signal.SIGINT)
        assert await here.end() == 0
        assert "Traceback" not in here.log.read_text()

    story(tmp_path, tell, EMPTY)


def test_a_balancer_learns_of_the_end_before_it_comes(tmp_path: Path) -> None:
    """`/readyz` says so first; until the time is over, everything is answered, on connections that are then let go."""

    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        before = await client.get(f"{here.url}/readyz")
        assert (before.status_code, before.headers.get("connection")) == (200, None)
        here.child.send_signal(signal.SIGTERM)
        await here.logged("draining for 2 s")
        closing = await client.get(f"{here.url}/readyz")
        refusal(closing, 503, "closing")
        assert closing.headers["connection"] == "close"
        assert (await client.get(f"{here.url}/healthz")).status_code == 200
        answer = await client.post(f"{here.url}/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())
        assert answer.json()["sources"][0]["state"] == "nothing"
        here.child.send_signal(signal.SIGHUP)
        assert await here.end() in {0, -signal.SIGTERM}
        assert "settings reloaded" not in here.log.read_text(), "which would have opened it again"

    story(tmp_path, tell, EMPTY, "drain_s = 2")


def test_told_twice_it_ends_at_once(tmp_path: Path) -> None:
    async def tell(here: Process, _client: httpx.AsyncClient, _there: Shop) -> None:
        here.child.send_signal(signal.SIGTERM)
        await here.logged("draining for 60 s")
        here.child.send_signal(signal.SIGTERM)
        assert await here.end() in {0, -signal.SIGTERM}

    story(tmp_path, tell, EMPTY, "drain_s = 60")


def test_a_secret_is_changed_while_agents_work_and_none_of_them_is_turned_away(tmp_path: Path) -> None:
    """As docs/operate.md has it: both valid, then the app's setting changes, then the old one goes."""

    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        key, done, statuses = SECRET, asyncio.Event(), []

        async def work() -> None:
            while not done.is_set():
                answer = await client.post(f"{here.url}/v1/summary", json=ASK, headers=bearer(key))
                statuses.append(answer.status_code)

        async def reload(count: int, keys: str) -> None:
            path.write_text(good.replace('"env:SIDEBAR"', keys))
            here.child.send_signal(signal.SIGHUP)
            await until(lambda: here.log.read_text().count("settings reloaded") == count)
            answered = len(statuses)
            await until(lambda: len(statuses) > answered + 8)

        path = tmp_path / "orderside.toml"
        good = path.read_text()
        agents = [asyncio.create_task(work()) for _ in range(4)]
        await reload(1, '"env:NEXT", "env:SIDEBAR"')
        key = NEXT
        await until(lambda: len(statuses) > 40)
        await reload(2, '"env:NEXT"')
        done.set()
        await asyncio.gather(*agents)
        assert set(statuses) == {200}
        old = await client.post(f"{here.url}/v1/summary", json=ASK, headers=bearer(SECRET))
        assert old.status_code == 401, "once it is gone it is of no use"

    story(tmp_path, tell, EMPTY)


def test_reloads_under_load_lose_no_answer(tmp_path: Path) -> None:
    """A lookup that began under the old settings goes on, and who comes back for the rest joins it."""

    async def slow(call: Call) -> None:
        await asyncio.sleep(0.2)
        await EMPTY(call)

    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        async def agent(number: int) -> tuple[list[int], list[str]]:
            body: dict[str, object] = {"requester": {"email": f"a{number}@example.com"}, "wait_ms": 50}
            first = await client.post(f"{here.url}/v1/summary", json=body, headers=bearer())
            again = {**body, "wait_ms": 3000, "lookup": first.json()["lookup"]}
            second = await client.post(f"{here.url}/v1/summary", json=again, headers=bearer())
            assert first.json()["lookup"] == second.json()["lookup"], "it joins the lookup that went on"
            return [first.status_code, second.status_code], [each["state"] for each in second.json()["sources"]]

        async def reloads() -> None:
            for _ in range(6):
                here.child.send_signal(signal.SIGHUP)
                await asyncio.sleep(0.1)

        told, _ = await asyncio.gather(asyncio.gather(*map(agent, range(12))), reloads())
        assert told == [([200, 200], ["nothing"])] * 12
        await until(lambda: "settings reloaded" in here.log.read_text())

    story(tmp_path, tell, slow)


def test_what_takes_a_restart_is_said(tmp_path: Path) -> None:
    async def tell(here: Process, _client: httpx.AsyncClient, _there: Shop) -> None:
        path = tmp_path / "orderside.toml"
        path.write_text(path.read_text().replace("drain_s = 0", "drain_s = 1").replace(US, "https://new.example.com"))
        here.child.send_signal(signal.SIGHUP)
        await here.logged("[service] drain_s: has changed, which takes a restart")
        assert "base_url: has" not in here.log.read_text(), "which holds at once"

    story(tmp_path, tell, EMPTY)


def test_the_trail_has_a_file_of_its_own(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        body = {"email": "jane.doerr@gmail.com", "wait_ms": 4000, "agent": {"id": 7}, "ticket": {"id": 1}}
        answer = await client.post(f"{here.url}/v1/search", json=body, headers=bearer())
        assert answer.status_code == 200
        await until(lambda: (tmp_path / "audit.jsonl").stat().st_size > 0)
        (line,) = map(json.loads, (tmp_path / "audit.jsonl").read_text().splitlines())
        assert (line["event"], line["tenant"], line["agent"]) == ("search", "acme", 7)
        assert line["request_id"] == answer.headers["x-request-id"]
        assert "orderside.audit" not in here.log.read_text()
        said = (await client.get(f"{here.metrics}/metrics")).text
        assert 'orderside_acts_total{act="search",level="none"} 1.0' in said
        assert "orderside_audit_lost_total 0.0" in said
        assert "orderside_audit_waiting 0.0" in said

    story(tmp_path, tell, EMPTY, 'audit = "file:audit.jsonl"\ndrain_s = 0')


def test_the_trail_may_go_to_stdout_beside_the_log_on_stderr(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        await client.post(f"{here.url}/v1/search", json={"email": "a@example.com", "wait_ms": 4000}, headers=bearer())
        await until(lambda: (tmp_path / "out").stat().st_size > 0)
        (line,) = map(json.loads, (tmp_path / "out").read_text().splitlines())
        assert line["event"] == "search"
        assert "orderside.audit" not in here.log.read_text()

    story(tmp_path, tell, EMPTY, 'audit = "stdout"\ndrain_s = 0')


def test_a_trail_that_cannot_be_kept_stops_the_start(tmp_path: Path) -> None:
    text = config(service='audit = "file:/nowhere/audit.jsonl"')
    status, _, err = finished(tmp_path, "serve", "--config", str(settings_file(tmp_path, text)))
    assert status == 2
    assert "orderside: [service]: audit: /nowhere/audit.jsonl cannot be written: No such file or directory" in err


def test_every_line_about_a_request_says_which_and_whose(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        good = await client.post(f"{here.url}/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())
        bad = await client.post(f"{here.url}/v1/summary", json=ASK, headers=bearer(NEXT))
        lost = await client.get(f"{here.url}/jane.doerr@gmail.com")
        await client.get(f"{here.url}/healthz")
        await client.get(f"{here.metrics}/metrics")
        await here.logged(lost.headers["x-request-id"])
        lines = [json.loads(line) for line in here.log.read_text().splitlines()]
        about = {line["request_id"]: line for line in lines if line["event"] == "answered"}
        assert set(about) == {each.headers["x-request-id"] for each in (good, bad, lost)}, "machines' questions are not"
        answered, refused, nowhere = (about[each.headers["x-request-id"]] for each in (good, bad, lost))
        assert (answered["route"], answered["status"], answered["tenant"]) == ("summary", 200, "acme")
        assert (refused["route"], refused["status"], refused["code"]) == ("summary", 401, "token_signature")
        assert "tenant" not in refused, "a token that proves nothing does not say whose request it was"
        assert (nowhere["route"], nowhere["status"], nowhere["code"]) == (None, 404, "not_found")
        store = next(line for line in lines if line["from"] == "orderside.store" and "request_id" in line)
        assert (store["request_id"], store["tenant"]) == (answered["request_id"], "acme")

    story(tmp_path, tell, answers(b"<p>", {"Content-Type": "text/html"}))


def test_what_a_proxy_says_of_the_caller_changes_nothing(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        forwarded = {
            "x-forwarded-for": "203.0.113.9", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http",
            "forwarded": "for=203.0.113.9;host=evil.example;proto=http", "x-real-ip": "203.0.113.9",
            "x-original-url": "/metrics", "x-rewrite-url": "/metrics",
        }  # fmt: skip
        answer = await client.post(f"{here.url}/v1/summary", json=ASK, headers={**bearer(), **forwarded})
        sealed(answer)
        assert answer.status_code == 200
        refusal(await client.get(f"{here.url}/", headers=forwarded), 404, "not_found")
        text = answer.text + here.log.read_text() + (await client.get(f"{here.metrics}/metrics")).text
        assert "203.0.113.9" not in text
        assert "evil.example" not in text

    story(tmp_path, tell, EMPTY)


def test_sighup_takes_new_settings_and_keeps_the_old_ones_where_the_new_are_bad(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        async def statuses() -> list[int]:
            posts = [client.post(f"{here.url}/v1/summary", json=ASK, headers=bearer(key)) for key in (SECRET, NEXT)]
            return [(await post).status_code for post in posts]

        path = tmp_path / "orderside.toml"
        good = path.read_text()
        assert await statuses() == [200, 401]
        path.write_text(good.replace("env:CODE", "hunter2"))
        here.child.send_signal(signal.SIGHUP)
        await here.logged("settings not reloaded, the old ones hold")
        assert await statuses() == [200, 401]
        path.write_text(good.replace("env:SIDEBAR", "env:NEXT"))
        here.child.send_signal(signal.SIGHUP)
        await here.logged("settings reloaded: 1 tenants")
        assert await statuses() == [401, 200]
        log = here.log.read_text()
        assert "must be a reference" in log, "and says why"
        assert "hunter2" not in log

    story(tmp_path, tell, EMPTY)


def test_the_log_is_json_and_holds_no_person_and_no_secret(tmp_path: Path) -> None:
    page = b"<!doctype html><title>Jane Doerr</title>"

    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        for body in (
            {**ASK, "ticket": {"subject": "#1042"}},
            {"requester": {"email": 5}},
            {**ASK, "agent": {"locale": "xx"}},
        ):
            await client.post(f"{here.url}/v1/summary?email=jane.doerr@gmail.com", json=body, headers=bearer())
        await client.get(f"{here.url}/jane.doerr")
        here.child.send_signal(signal.SIGTERM)
        await here.end()
        log = here.log.read_text()
        assert all(set(json.loads(line)) >= {"at", "level", "from", "event"} for line in log.splitlines())
        found = [text for text in ("jane", "doerr", "1042", "gmail", "eyJ", *ENVIRON.values()) if text in log.lower()]
        assert found == []

    story(tmp_path, tell, answers(page, {"Content-Type": "text/html"}))


def test_what_is_no_http_is_refused(tmp_path: Path) -> None:
    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        for raw in (b"\x16\x03\x01\x00\xa5garbage\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(here.url.rpartition(":")[2]))
            writer.write(raw)
            answer = b""
            # A server that closes with input unread resets the connection, and the reset may overtake its answer.
            with contextlib.suppress(ConnectionResetError):
                async with asyncio.timeout(20):
                    answer = await reader.read()
            writer.close()
            assert answer.startswith(b"HTTP/1.1 4") or answer == b""
        assert (await client.get(f"{here.url}/healthz")).status_code == 200
        assert "Traceback" not in here.log.read_text()

    story(tmp_path, tell, EMPTY)


def test_the_head_of_a_store_is_not_handed_on(tmp_path: Path) -> None:
    """What a store writes into its headers stays between it and us."""

    async def tell(here: Process, client: httpx.AsyncClient, _there: Shop) -> None:
        answer = await client.post(f"{here.url}/v1/summary", json={**ASK, "wait_ms": 4000}, headers=bearer())
        sealed(answer)
        assert "x-store" not in answer.headers

    story(tmp_path, tell, EMPTY)


def test_a_reload_and_an_end_under_load_lose_nothing(tmp_path: Path) -> None:
    """Agents ask while settings are loaded again and again, and one more time when the service is told to end."""

    async def busy(call: Call) -> None:
        await asyncio.sleep(0.05)
        await EMPTY(call)

    async def tell(here: Process, client: httpx.AsyncClient, there: Shop) -> None:
        said: list[int] = []

        async def ask(number: int, wait_ms: int = 20) -> None:
            body: dict[str, object] = {"requester": {"email": f"buyer{number}@example.com"}, "wait_ms": wait_ms}
            first = await client.post(f"{here.url}/v1/summary", json=body, headers=bearer())
            said.append(first.status_code)
            if wait_ms > 20:
                return
            again = {**body, "wait_ms": 20_000, "lookup": first.json()["lookup"]}
            last = await client.post(f"{here.url}/v1/summary", json=again, headers=bearer())
            assert last.json()["lookup"] == first.json()["lookup"], "it went on"
            assert last.json()["complete"]
            said.append(last.status_code)

        path = tmp_path / "orderside.toml"
        asking = [asyncio.create_task(ask(number)) for number in range(24)]
        for turn in range(4):
            await asyncio.sleep(0.1)
            path.write_text(f"{path.read_text()}\n# {turn}\n")
            here.child.send_signal(signal.SIGHUP)
            await until(lambda turn=turn: here.log.read_text().count("settings reloaded") > turn)  # type: ignore[misc]
            asking += [asyncio.create_task(ask(100 * (turn + 1) + number)) for number in range(6)]
        await asyncio.gather(*asking)
        assert set(said) == {200}
        asking = [asyncio.create_task(ask(900 + number, 20_000)) for number in range(4)]
        await until(lambda: all(any(b"buyer90%d" % n in call for call in there.heard) for n in range(4)))
        here.child.send_signal(signal.SIGTERM)
        await asyncio.gather(*asking)
        assert set(said) == {200}
        assert await here.end() in {0, -signal.SIGTERM}
        assert "Traceback" not in here.log.read_text()

    story(tmp_path, tell, busy, limits="deadline_ms = 20000")
