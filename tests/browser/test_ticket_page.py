"""The stand-in ticket page speaks to an app as Zendesk does: the SDK's messages, the REST API, the proxy.

The app here is a probe of a few lines; the rules come from the SDK's source and Zendesk's documentation.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import jwt
import pytest
from playwright.sync_api import Error, Frame, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from server.demo.ticket_page import SDK, TicketPage
from server.demo.world import TENANTS

from .stage import free_socket, serving

SECRET = "an-installation-secret-of-forty-characters"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

MANIFEST = {
    "domainWhitelist": ["127.0.0.1"],
    "parameters": [
        {"name": "shared_secret", "type": "text", "secure": True, "scopes": ["jwt_secret_key"]},
        {"name": "colour", "type": "text", "default": "blue"},
    ],
}
PROBE = {
    "manifest.json": json.dumps(MANIFEST).encode(),
    "assets/iframe.html": f'<!doctype html><script src="{SDK}"></script><script src="probe.js"></script>'.encode(),
    "assets/probe.js": b"window.client = ZAFClient.init();",
}
SIGNED = {
    "type": "POST",
    "secure": True,
    "headers": {"Authorization": "Bearer {{jwt.token}}"},
    "jwt": {
        "algorithm": "HS256",
        "secret_key": "{{setting.shared_secret}}",
        "expiry": 60,
        "claims": {"iss": "acme", "aud": "the service"},
    },
    "contentType": "application/json",
    "data": '{"a": 1}',
}


async def echo(request: Request) -> JSONResponse:
    """Tells what arrived; fails with our kind of error where it is asked to."""
    if "fail" in request.query_params:
        return JSONResponse({"error": {"code": "token_expired"}}, 401)
    return JSONResponse(
        {"method": request.method, "headers": dict(request.headers), "body": (await request.body()).decode()}
    )


@pytest.fixture(scope="module", params=["the stand-in SDK", "Zendesk's SDK"])
def address(request: pytest.FixtureRequest, zendesks_sdk: str | None) -> Iterator[str]:
    """Where the page is served, with the probe as its app."""
    if request.param == "Zendesk's SDK" and zendesks_sdk is None:
        pytest.skip("ORDERSIDE_ZAF_SDK names no tarball of Zendesk's SDK")
    sdk = zendesks_sdk if request.param == "Zendesk's SDK" else None
    bound, port = free_socket()
    client = httpx.AsyncClient(trust_env=False)
    page = TicketPage(
        app=PROBE,
        secrets=dict.fromkeys(TENANTS, SECRET),
        wrong_secret=SECRET[::-1],
        now=NOW,
        client=client,
        sdk=sdk,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    app = Starlette(routes=[*page.routes(), Route("/echo", echo, methods=["GET", "POST"])], lifespan=lifespan)
    with bound, serving(app, bound):
        yield f"http://127.0.0.1:{port}"


def probe(tab: Page, address: str, slug: str = "repeat-customer", query: str = "") -> Frame:
    """The probe's frame once it is registered."""
    tab.goto(f"{address}/{query}#{slug}")
    frame = tab.frame_locator("#app iframe").owner.element_handle().content_frame()
    assert frame is not None
    frame.wait_for_function("window.client && client.context()")
    return frame


def call(frame: Frame, script: str, argument: object = None) -> Any:
    return frame.evaluate(script, argument)


def test_the_app_is_kept_apart_from_the_page_by_its_origin(tab: Page, address: str) -> None:
    frame = probe(tab, address)
    assert frame.url.startswith(f"http://localhost:{address.rsplit(':', 1)[1]}/app/assets/iframe.html?")
    with pytest.raises(Error, match="cross-origin"):
        frame.evaluate("window.parent.document.title")


def test_the_app_learns_where_it_is_installed(tab: Page, address: str) -> None:
    frame = probe(tab, address)
    context = call(frame, "client.context()")
    assert (context["product"], context["location"], context["ticketId"]) == ("support", "ticket_sidebar", 35401)
    assert context["account"] == {"subdomain": "acme"}
    assert call(frame, "client.metadata()")["settings"] == {"colour": "blue"}, "secure settings stay out of the browser"


def test_get_answers_single_paths_lists_and_errors_as_the_sdk_expects(tab: Page, address: str) -> None:
    frame = probe(tab, address)
    assert call(frame, "client.get('ticket.requester.email')")["ticket.requester.email"] == "jane.doerr@gmail.com"
    several = call(frame, "client.get(['ticket.subject', 'ticket.nonsense', 'colorScheme'])")
    assert several["ticket.subject"] == "Where is #1042?"
    assert several["colorScheme"] == "light"
    assert set(several["errors"]) == {"ticket.nonsense"}
    with pytest.raises(Error, match=r'"ticket\.nonsense" is not available'):
        call(frame, "client.get('ticket.nonsense')")


def test_zendesks_own_api_answers_by_relative_address(tab: Page, address: str) -> None:
    frame = probe(tab, address, "spoofed-sender")
    comments = call(frame, "client.request('/api/v2/tickets/35406/comments.json')")
    assert comments["comments"][0]["metadata"]["flags"] == [14]
    assert comments["comments"][0]["metadata"]["trusted"] is False
    identities = call(frame, "client.request({url: '/api/v2/users/5002/identities.json'})")
    assert identities["identities"][0]["verification_method"] == "sso"


def test_a_secure_request_arrives_signed_and_the_browser_never_sees_the_secret(tab: Page, address: str) -> None:
    frame = probe(tab, address)
    seen: list[str] = []
    tab.on("response", lambda response: seen.append(response.text() if "/demo/" in response.url else ""))
    arrived = call(frame, "options => client.request(options)", {**SIGNED, "url": f"{address}/echo"})
    token = arrived["headers"]["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="the service")
    assert claims["iss"] == "acme"
    assert claims["exp"] - claims["iat"] == 60
    assert (arrived["method"], arrived["body"]) == ("POST", '{"a": 1}')
    assert not [text for text in seen if SECRET in text]


def test_the_services_error_and_the_proxys_own_reach_the_app_apart(tab: Page, address: str) -> None:
    reject = "options => client.request(options).catch((failure) => failure)"
    ours = call(probe(tab, address), reject, {**SIGNED, "url": f"{address}/echo?fail=1"})
    assert (ours["status"], ours["responseJSON"]["error"]["code"]) == (401, "token_expired")
    theirs = call(probe(tab, address, "proxy-down"), reject, {**SIGNED, "url": f"{address}/echo"})
    assert theirs["status"] == 502
    assert theirs["responseText"].startswith("502 Proxy error")
    assert theirs.get("responseJSON") is None


def test_writing_is_refused_and_recorded(tab: Page, address: str) -> None:
    frame = probe(tab, address)
    attempts = (
        "client.set('ticket.subject', 'changed')",
        "client.invoke('ticket.comment.appendText', 'hello')",
        "client.request({url: '/api/v2/tickets/35401.json', type: 'PUT', data: '{}'})",
    )
    for attempt in attempts:
        assert call(frame, f"{attempt}.then(() => 'done', () => 'refused')") == "refused"
    assert len(tab.evaluate("window.writes")) == len(attempts)


def test_resize_and_the_sdks_noise_are_not_writing(tab: Page, address: str) -> None:
    frame = probe(tab, address)
    call(frame, "client.invoke('resize', {width: '100%', height: '333px'})")
    assert tab.locator("#app iframe").evaluate("frame => frame.offsetHeight") == 333
    call(
        frame,
        """() => {
          const send = (message) => window.parent.postMessage(
            JSON.stringify({appGuid: new URLSearchParams(location.search).get('app_guid'), ...message}), '*');
          send({key: '__track__', message: {}});
          send({key: 'session.live'});
          send({id: 999, request: 'invoke', params: {track: [{type: 'click'}]}});
        }""",
    )
    assert call(frame, "client.get('ticket.id')")["ticket.id"] == 35401, "the page still listens"
    assert tab.evaluate("window.writes") == []


def test_a_new_requester_is_announced_to_those_who_asked(tab: Page, address: str) -> None:
    frame = probe(tab, address, "new-ticket")
    assert call(frame, "client.get(['ticket.requester', 'ticket.isNew'])") == {
        "errors": {},
        "ticket.requester": None,
        "ticket.isNew": True,
    }
    call(
        frame, "() => { window.heard = []; client.on('ticket.requester.email.changed', (email) => heard.push(email)); }"
    )
    call(frame, "client.get('ticket.id')")
    tab.get_by_role("button", name="Omar Haddad").click()
    tab.get_by_label("Requester’s e-mail").fill("somebody@example.org")
    tab.get_by_label("Requester’s e-mail").press("Tab")
    frame.wait_for_function("heard.length === 2")
    assert call(frame, "heard") == ["omar.haddad@example.net", "somebody@example.org"]
    assert call(frame, "client.get('ticket.requester.id')")["ticket.requester.id"] is None


def test_every_ticket_gets_its_own_instance_of_the_app(tab: Page, address: str) -> None:
    first = call(probe(tab, address), "client.context()")["instanceGuid"]
    tab.get_by_role("link", name="Guest without an account").click()
    frame = probe(tab, address, "guest")
    assert call(frame, "client.context()")["ticketId"] == 35403
    assert call(frame, "client.context()")["instanceGuid"] != first


def test_the_scheme_is_told_at_the_start_and_when_it_changes(tab: Page, address: str) -> None:
    frame = probe(tab, address, query="?scheme=dark")
    assert "colorScheme=dark" in frame.url
    call(frame, "() => { client.on('colorScheme.changed', (scheme) => { window.scheme = scheme; }); }")
    call(frame, "client.get('ticket.id')")
    tab.get_by_role("button", name="Dark").click()
    frame.wait_for_function("window.scheme === 'light'")
    assert call(frame, "client.get('colorScheme')")["colorScheme"] == "light"


def test_the_tray_is_made_wider_by_keyboard_and_pointer_within_zendesks_range(tab: Page, address: str) -> None:
    probe(tab, address)
    divider = tab.get_by_role("separator")
    divider.press("ArrowLeft")
    assert tab.locator("#tray").evaluate("tray => tray.offsetWidth") == 340
    box = divider.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 4, 400)
    tab.mouse.down()
    tab.mouse.move(200, 400, steps=4)
    tab.mouse.up()
    assert tab.locator("#tray").evaluate("tray => tray.offsetWidth") == 600
