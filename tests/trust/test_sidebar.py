"""The signed way over HTTP: the page that a start token opens, its bearer, its assets, and what a refusal says."""

import asyncio
import base64
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette

from server import packaging
from server.app import create_app
from server.logs import JsonLines
from server.quota import PER_AGENT
from server.settings import load
from server.sidebar import SDK, Sidebar
from tests.faults import closed_port
from tests.test_serve import refusal
from tests.trust.test_tokens import BAD_TOKENS
from tests.trust.tokens import (
    BEARER,
    BIRCH,
    CEDARS_KEY,
    DUNES_KEY,
    INSTALLATION,
    NOW,
    PROXIED,
    SECRET,
    START,
    US,
    USER,
    Claims,
    hs,
    pem,
    rs,
)

ASK = {"requester": {"email": "jane.doerr@gmail.com"}, "ticket": {"subject": "Where is it?"}, "agent": {"id": 5}}
ENVIRON = {"ACME": SECRET, "BIRCH": BIRCH, "OLD": "o" * 40, "NEW": "n" * 40, "KEY": "ck", "CODE": "cs"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SIGNED = 'method = "signed_url"\npublic_key = "file:{0}.pem"\ninstallation_id = 1'


def settings(*, service: str = "", **auths: str) -> str:
    """Two accounts of each way; an `auths` replaces what stands under one's `[tenant.auth]`."""
    ways = {
        "acme": 'method = "proxied"\nsecrets = ["env:ACME"]',
        "birch": 'method = "proxied"\nsecrets = ["env:BIRCH"]',
        "cedar": SIGNED.format("cedar"),
        "dune": SIGNED.format("dune"),
        "elm": 'method = "signed_url"',
        **auths,
    }
    store = f'name = "Shop"\nplatform = "woocommerce"\norigin = "http://127.0.0.1:{closed_port()}"'
    tenants = (
        f'[[tenant]]\nsubdomain = "{name}"\n[tenant.auth]\n{auth}\n[[tenant.store]]\n{store}\n'
        'key = "env:KEY"\nsecret = "env:CODE"\n'
        for name, auth in ways.items()
    )
    return "\n".join([f'[service]\nbase_url = "{US}"\n{service}', *tenants])


class Service:
    """The service in this process, at a time that the test sets, and an agent's browser before it."""

    def __init__(self, app: Starlette, client: httpx.AsyncClient, folder: Path) -> None:
        self.app = app
        self.client = client
        self.folder = folder
        self.now = float(NOW)

    def reload(self, text: str) -> None:
        """What SIGHUP does."""
        self.app.state.move(read(self.folder, text))

    async def post(self, token: str, *, headers: Mapping[str, str] = BROWSER, query: str = "") -> httpx.Response:
        """What Zendesk does with a frame."""
        form = {"content-type": "application/x-www-form-urlencoded", **headers}
        return await self.client.post(f"/sidebar{query}", content=urlencode({"token": token}), headers=form)

    async def bearer(self, token: str | None = None) -> str:
        """What stands in the page."""
        page = await self.post(token or START.token())
        assert page.status_code == 200, page.text
        return str(re.findall(r'<meta name="bearer" content="([^"]+)">', page.text)[0])

    async def ask(self, bearer: str, path: str = "summary", **body: Any) -> httpx.Response:
        """A question of the page's."""
        headers = {"authorization": f"Bearer {bearer}"}
        return await self.client.post(f"/v1/{path}", json={**ASK, **body}, headers=headers)


def read(folder: Path, text: str) -> Any:
    for name, key in {"cedar": CEDARS_KEY, "dune": DUNES_KEY}.items():
        (folder / f"{name}.pem").write_text(pem(key))
    (folder / "orderside.toml").write_text(text)
    return load(folder / "orderside.toml", ENVIRON)


@asynccontextmanager
async def running(folder: Path, text: str | None = None) -> AsyncIterator[Service]:
    app = create_app(read(folder, settings() if text is None else text), now=lambda: service.now)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url=US) as client:
        service = Service(app, client, folder)
        yield service


def story(folder: Path, tell: Callable[[Service], Awaitable[None]], text: str | None = None) -> None:
    async def main() -> None:
        async with running(folder, text) as service:
            await tell(service)

    asyncio.run(main())


def policy(response: httpx.Response) -> dict[str, str]:
    return dict(rule.strip().split(" ", 1) for rule in response.headers["content-security-policy"].split(";"))


# -- the page ---------------------------------------------------------------------------------------------


def test_the_page_is_the_zips_and_framed_by_its_own_account_only(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        page = await service.post(START.token(), query="?origin=https%3A%2F%2Fcedar.zendesk.com&app_guid=1")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert policy(page) == {
            "default-src": "'none'",
            "script-src": "'self' https://static.zdassets.com/zendesk_app_framework_sdk/",
            "style-src": "'self'",
            "connect-src": "'self'",
            "img-src": "'self' https:",
            "base-uri": "'none'",
            "form-action": "'self'",
            "frame-ancestors": "https://cedar.zendesk.com",
        }
        assert "x-frame-options" not in page.headers
        assert "set-cookie" not in page.headers
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["cross-origin-resource-policy"] == "cross-origin", "or a page with COEP could not frame it"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "http-equiv" not in page.text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son\w+=|javascript:", page.text)
        sources = re.findall(r'<script src="([^"]+)"', page.text)
        assert sources[-1] == SDK
        sources = [*sources[:-1], *re.findall(r'<link [^>]*href="([^"]+)"', page.text)]
        assert {source.rpartition("/")[2] for source in sources} == {*packaging.SCRIPTS, "app.css"}
        for source in sources:
            loaded = await service.client.get(source)
            assert loaded.content == packaging.sources()[source.rpartition("/")[2]]

    story(tmp_path, tell)


def test_another_account_gets_its_own_policy(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        dunes = {"iss": "dune.zendesk.com", "aud": INSTALLATION.format("dune", 1), "sub": USER.format("dune", 5)}
        page = await service.post(START.token(dunes, sign=rs(DUNES_KEY)))
        assert policy(page)["frame-ancestors"] == "https://dune.zendesk.com"

    story(tmp_path, tell)


def test_assets_are_kept_for_as_long_as_they_do_not_change(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        version = Sidebar.read().version
        script = await service.client.get(f"/assets/{version}/app.js")
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert script.headers["cross-origin-resource-policy"] == "same-origin"
        assert script.headers["x-content-type-options"] == "nosniff"
        assert (await service.client.get(f"/assets/{version}/app.css")).headers["content-type"].startswith("text/css")
        of_another_release = await service.client.get("/assets/0a0a0a/app.js")
        assert of_another_release.status_code == 200, "two replicas of two releases serve one page"
        assert of_another_release.headers["cache-control"] == "no-store"
        for name in (
            "iframe.html",
            "logo.png",
            "manifest.json",
            "../orderside.toml",
            "..%2Forderside.toml",
            "a%0Ab",
            "",
        ):
            refusal(await service.client.get(f"/assets/{version}/{name}"), 404, "not_found")

    story(tmp_path, tell)


def test_the_version_is_that_of_the_contents(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Sidebar.read().version
    files = packaging.sources()
    monkeypatch.setattr(packaging, "sources", lambda: {**files, "app.js": files["app.js"] + b"\n"})
    assert Sidebar.read().version != before


@pytest.mark.parametrize("part", ['id="request"', "Content-Security-Policy", "zaf_sdk"])
def test_a_page_that_lost_a_part_is_not_served(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    files = packaging.sources()
    page = files["iframe.html"].replace(part.encode(), b"x")
    monkeypatch.setattr(packaging, "sources", lambda: {**files, "iframe.html": page})
    with pytest.raises(packaging.PackagingError, match="must hold once"):
        Sidebar.read()


# -- the bearer -------------------------------------------------------------------------------------------


def test_its_agent_is_proven_whatever_the_browser_says(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def tell(service: Service) -> None:
        bearer = await service.bearer()
        assert (await service.ask(bearer)).status_code == 200
        with caplog.at_level(logging.INFO, "orderside.audit"):
            assert (await service.ask(bearer, "search", email="jane.doerr@gmail.com")).status_code == 200
        (noted,) = [record.__dict__["audit"] for record in caplog.records if record.name == "orderside.audit"]
        assert (noted["tenant"], noted["agent"], noted["agent_from"]) == ("cedar", 77, "token")

    story(tmp_path, tell)


def test_searches_are_counted_by_the_proven_agent(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        bearer = await service.bearer()
        for number in range(PER_AGENT):
            asked = await service.ask(bearer, "search", number=f"10{number}", agent={"id": number}, wait_ms=0)
            assert asked.status_code == 200
        refused = await service.ask(bearer, "search", number="2000", agent={"id": 999})
        assert refused.json()["error"]["code"] == "search_limit"
        colleague = await service.bearer(START.token({"sub": USER.format("cedar", 78)}))
        assert (await service.ask(colleague, "search", number="2000", wait_ms=0)).status_code == 200

    story(tmp_path, tell)


def test_it_is_renewed_while_the_ticket_stays_open(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        bearer = await service.bearer()
        for _ in range(4):
            service.now += 600
            renewed = await service.client.post("/v1/session", headers={"authorization": f"Bearer {bearer}"})
            assert renewed.json()["expires_in"] == 900
            bearer = renewed.json()["bearer"]
        assert (await service.ask(bearer)).status_code == 200
        service.now += 1000
        refusal(await service.ask(bearer), 401, "token_expired")
        refusal(
            await service.client.post("/v1/session", headers={"authorization": f"Bearer {bearer}"}),
            401,
            "token_expired",
        )

    story(tmp_path, tell)


def test_nobody_else_has_a_session(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        asked = {"proxied": (PROXIED.token(), "token_method"), "start": (START.token(), "token_issuer")}
        for token, code in asked.values():
            refusal(await service.client.post("/v1/session", headers={"authorization": f"Bearer {token}"}), 401, code)
        refusal(await service.client.post("/v1/session"), 401, "token_missing")
        assert (await service.client.get("/v1/session")).status_code == 405

    story(tmp_path, tell)


def test_no_bad_token_of_the_table_opens_any_route(tmp_path: Path) -> None:
    """0 accepted, over HTTP too."""

    async def tell(service: Service) -> None:
        answers = []
        for token in BAD_TOKENS:
            text = token.encode("utf-8", "surrogatepass")
            headers = [(b"authorization", b"Bearer " + text), (b"content-type", b"application/json")]
            for path in ("summary", "order", "search", "reveal", "session"):
                answers.append(await service.client.post(f"/v1/{path}", content=json.dumps(ASK), headers=headers))
            answers.append(await service.post(text.decode("latin-1")))
        statuses = {answer.status_code for answer in answers}
        assert len(answers) == 6 * len(BAD_TOKENS)
        assert statuses == {401, 413}, "a form of 1 MB is not even read"
        assert not [answer for answer in answers if "bearer" in answer.text.lower() and "<meta" in answer.text.lower()]

    story(tmp_path, tell)


# -- refusals ---------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Claims, str, str]] = {
    "expired": ({"exp": NOW - 60}, "token_expired", "Please reload"),
    "reloaded after a while": (
        {"iat": NOW - 900, "nbf": NOW - 900, "exp": NOW + 900},
        "token_expired",
        "Please reload",
    ),
    "of another installation": ({"aud": INSTALLATION.format("cedar", 2)}, "token_audience", "Not connected"),
    "of a clock ahead": ({"nbf": NOW + 900}, "token_not_yet_valid", "Not connected"),
}


@pytest.mark.parametrize(("changes", "code", "title"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_a_page_that_says_what_to_do(tmp_path: Path, changes: Claims, code: str, title: str) -> None:
    async def tell(service: Service) -> None:
        page = await service.post(START.token(changes))
        assert page.status_code == 401
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert policy(page)["frame-ancestors"] == "https://cedar.zendesk.com", "or the agent would see nothing"
        assert f"<h1>{title}</h1>" in page.text
        assert code in page.text
        assert page.headers["x-request-id"] in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text
        assert 'name="bearer"' not in page.text
        machine = await service.post(START.token(changes), headers={"accept": "application/json"})
        refusal(machine, 401, code)

    story(tmp_path, tell)


def test_a_reloaded_frame_is_told_to_reload_the_ticket(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        assert (await service.post(START.token())).status_code == 200
        again = await service.post(START.token(), query="?colorScheme=dark")
        assert again.status_code == 401
        assert "Reload the ticket: this panel is too old. (token_used)" in again.text
        assert 'data-scheme="dark"' in again.text
        counted = service.app.state.meter.registry.get_sample_value("orderside_refusals_total", {"code": "token_used"})
        assert counted == 1

    story(tmp_path, tell)


@pytest.mark.parametrize(
    ("languages", "lang", "title"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Bitte neu laden"),
        ("pt-PT", "pt-BR", "Recarregue"),
        ("ar", "ar", "يُرجى إعادة التحميل"),
        ("xx, ja;q=0.5", "ja", ""),
        ("en-US,de", "en", "Please reload"),
        ("", "en", "Please reload"),
        ("*", "en", "Please reload"),
    ],
)
def test_a_refusal_is_in_the_browsers_language(tmp_path: Path, languages: str, lang: str, title: str) -> None:
    async def tell(service: Service) -> None:
        page = await service.post(START.token({"exp": NOW - 60}), headers={**BROWSER, "accept-language": languages})
        assert f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in page.text
        assert title in page.text
        assert "(token_expired)" in page.text

    story(tmp_path, tell)


def test_an_account_that_is_not_set_up_yet_is_told_so_until_it_is(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        elms = {"iss": "elm.zendesk.com", "aud": INSTALLATION.format("elm", 1), "sub": USER.format("elm", 9)}
        page = await service.post(START.token(elms, sign=rs(DUNES_KEY)))
        assert (page.status_code, "(token_setup)" in page.text) == (401, True)
        assert policy(page)["frame-ancestors"] == "https://elm.zendesk.com"
        service.reload(settings(elm=SIGNED.format("dune")))
        assert (await service.post(START.token(elms, sign=rs(DUNES_KEY)))).status_code == 200

    story(tmp_path, tell)


@pytest.mark.parametrize("iss", ["nobody.zendesk.com", "acme.zendesk.com.evil.example", "cedar"])
def test_what_names_no_account_is_framed_by_nobody(tmp_path: Path, iss: str) -> None:
    async def tell(service: Service) -> None:
        page = await service.post(START.token({"iss": iss}))
        assert (page.status_code, policy(page)["frame-ancestors"]) == (401, "'none'")

    story(tmp_path, tell)


def test_an_app_without_signed_urls_is_told_where_to_open_it(tmp_path: Path) -> None:
    """Zendesk loads its frame with GET then."""

    async def tell(service: Service) -> None:
        page = await service.client.get("/sidebar?origin=https%3A%2F%2Fcedar.zendesk.com&app_guid=1", headers=BROWSER)
        assert page.status_code == 401
        assert "<h1>Open this in Zendesk</h1>" in page.text

    story(tmp_path, tell)


FORMS: dict[str, tuple[bytes, str, int, str]] = {
    "no token": (b"a=b", "application/x-www-form-urlencoded", 401, "token_missing"),
    "nothing": (b"", "application/x-www-form-urlencoded", 401, "token_missing"),
    "an empty token": (b"token=", "application/x-www-form-urlencoded", 401, "token_missing"),
    "two tokens": (b"token=a&token=b", "application/x-www-form-urlencoded", 401, "token_missing"),
    "no token at all": (b"token=hello", "application/x-www-form-urlencoded", 401, "token_malformed"),
    "markup": (b"token=%3Cscript%3E", "application/x-www-form-urlencoded", 401, "token_malformed"),
    "not a form": (b'{"token": "x"}', "application/json", 415, "media_type"),
    "a form in parts": (b"--x\r\n", "multipart/form-data; boundary=x", 415, "media_type"),
    "too large": (b"token=" + b"x" * 16384, "application/x-www-form-urlencoded", 413, "too_large"),
    "no ASCII": (b"token=\xff", "application/x-www-form-urlencoded", 400, "bad_form"),
    "a thousand fields": (b"a=1&" * 1000, "application/x-www-form-urlencoded", 400, "bad_form"),
}


@pytest.mark.parametrize(("body", "kind", "status", "code"), FORMS.values(), ids=FORMS)
def test_what_is_no_form_with_one_token(tmp_path: Path, body: bytes, kind: str, status: int, code: str) -> None:
    async def tell(service: Service) -> None:
        headers = {"content-type": kind, **BROWSER}
        page = await service.client.post("/sidebar", content=body, headers=headers)
        assert page.status_code == status
        assert "<script" not in page.text
        assert "<h1>" in page.text
        assert policy(page)["frame-ancestors"] == "'none'"
        machine = await service.client.post("/sidebar", content=body, headers={"content-type": kind})
        assert (machine.status_code, machine.json()["error"]["code"]) == (status, code)

    story(tmp_path, tell)


def test_a_form_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"token="
        await asyncio.sleep(60)

    async def tell(service: Service) -> None:
        headers = {"content-type": "application/x-www-form-urlencoded", **BROWSER}
        page = await service.client.post("/sidebar", content=never(), headers=headers)
        assert (page.status_code, "<h1>The order service is busy</h1>" in page.text) == (503, True)
        assert page.headers["retry-after"] == "1"

    text = settings().replace("[[tenant]]", "[limits]\ndeadline_ms = 200\nfirst_answer_ms = 100\n[[tenant]]", 1)
    story(tmp_path, tell, text)


# -- replicas, restarts, rotation ---------------------------------------------------------------------------


def test_a_replica_with_the_same_settings_takes_the_bearer(tmp_path: Path) -> None:
    text = settings(service='session_secrets = ["env:NEW", "env:OLD"]')

    async def tell(first: Service) -> None:
        bearer = await first.bearer()
        async with running(tmp_path, text) as second:
            assert (await second.ask(bearer)).status_code == 200
            renewed = await second.client.post("/v1/session", headers={"authorization": f"Bearer {bearer}"})
            assert (await first.ask(renewed.json()["bearer"])).status_code == 200

    story(tmp_path, tell, text)


def test_without_a_secret_for_sessions_they_end_with_the_process(tmp_path: Path) -> None:
    async def tell(first: Service) -> None:
        bearer = await first.bearer()
        first.reload(settings())
        assert (await first.ask(bearer)).status_code == 200, "new settings are no restart"
        async with running(tmp_path) as second:
            refusal(await second.ask(bearer), 401, "token_signature")

    story(tmp_path, tell)


def test_the_secret_of_sessions_is_rotated_without_an_agent_noticing(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        bearer = await service.bearer()
        service.reload(settings(service='session_secrets = ["env:NEW", "env:OLD"]'))
        assert (await service.ask(bearer)).status_code == 200
        renewed = await service.client.post("/v1/session", headers={"authorization": f"Bearer {bearer}"})
        service.reload(settings(service='session_secrets = ["env:NEW"]'))
        refusal(await service.ask(bearer), 401, "token_signature")
        assert (await service.ask(renewed.json()["bearer"])).status_code == 200

    story(tmp_path, tell, settings(service='session_secrets = ["env:OLD"]'))


def test_the_secret_of_an_installation_is_rotated_without_an_agent_noticing(tmp_path: Path) -> None:
    """In the proxied way the admin changes it in Zendesk between two reloads."""

    async def tell(service: Service) -> None:
        def after(names: str) -> str:
            return settings(acme=f'method = "proxied"\nsecrets = [{names}]')

        old, new = (PROXIED.token(sign=hs(ENVIRON[name])) for name in ("OLD", "NEW"))
        for names, taken in {'"env:OLD"': [old], '"env:NEW", "env:OLD"': [old, new], '"env:NEW"': [new]}.items():
            service.reload(after(names))
            for token in (old, new):
                assert (await service.ask(token)).status_code == (200 if token in taken else 401)

    story(tmp_path, tell)


def test_a_token_that_was_used_stays_used_over_a_reload(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        token = START.token()
        await service.bearer(token)
        service.reload(settings(service='session_secrets = ["env:NEW"]'))
        assert (await service.post(token)).status_code == 401

    story(tmp_path, tell)


def test_another_installation_ends_the_sessions_of_the_one_before(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        bearer = await service.bearer()
        service.reload(settings(cedar=SIGNED.format("cedar").replace("= 1", "= 2")))
        refusal(await service.ask(bearer), 401, "token_signature")

    story(tmp_path, tell)


def test_an_account_that_changes_its_way_ends_what_it_had(tmp_path: Path) -> None:
    async def tell(service: Service) -> None:
        bearer = await service.bearer()
        service.reload(settings(cedar='method = "proxied"\nsecrets = ["env:ACME"]', acme=SIGNED.format("cedar")))
        refusal(await service.ask(bearer), 401, "token_signature")
        refusal(await service.ask(PROXIED.token()), 401, "token_signature")

    story(tmp_path, tell)


# -- what is told -----------------------------------------------------------------------------------------


class Lines(logging.Handler):
    """The log's lines as they are written, in the context of their request."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one."""
        self.seen.append(json.loads(JsonLines().format(record)))


def test_a_refused_start_has_its_code_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def tell(service: Service) -> None:
        await service.post(START.token({"exp": NOW - 60}))

    lines, log = Lines(), logging.getLogger("orderside")
    log.addHandler(lines)
    with caplog.at_level(logging.INFO, "orderside"):
        story(tmp_path, tell)
    log.removeHandler(lines)
    answered = [(line["route"], line["status"], line["code"]) for line in lines.seen if line["event"] == "answered"]
    assert answered == [("sidebar", 401, "token_expired")]


def test_no_token_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def tell(service: Service) -> None:
        with caplog.at_level(logging.DEBUG):
            bearer = await service.bearer()
            await service.ask(bearer)
            await service.ask(BEARER.token(sign=hs("x" * 40)))
            await service.post(START.token())
        said = "\n".join(json.dumps(record.__dict__, default=str) for record in caplog.records)
        for token in (bearer, START.token(), BEARER.token(sign=hs("x" * 40))):
            assert not [part for part in token.split(".") if part in said]
        claims = base64.urlsafe_b64decode(bearer.split(".")[1] + "==")
        assert set(json.loads(claims)) == {"iss", "aud", "sub", "iat", "exp", "since"}

    story(tmp_path, tell)
