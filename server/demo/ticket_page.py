"""A stand-in for Zendesk's ticket page: the scenario tickets, and the packaged app beside them in its own iframe.

The page speaks to the app as Zendesk does (page/host.js), answers Zendesk's REST API from the scenarios, passes secure
requests through a proxy like Zendesk's, and opens an app with signed URLs by a token. It only runs on loopback, with
invented people.
"""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from . import zendesk
from .people import AGENT, Person
from .proxy import NO_INSTALLATION, OUT_OF_ORDER, Installation, Reply, forward
from .scenario import Comment, Installed, Scenario
from .scenarios import SCENARIOS
from .signed import SignedApp

PAGE = Path(__file__).parent / "page"

SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"
"""Where an installed app loads Zendesk's SDK from; the page serves a stand-in for it, so that it works offline."""

SDK_HERE = "/demo/sdk.js"

STALE_S = 3600
"""How old the token is that a reloaded frame sends again."""

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "frame-src http://127.0.0.1:* http://localhost:*; form-action http://127.0.0.1:* http://localhost:*; "
    "base-uri 'none'; frame-ancestors 'none'"
)

WARNINGS = {14: "Zendesk: this message might not have been sent by the requester."}
"""What Zendesk writes above a comment for its flags."""


@dataclass(frozen=True, slots=True)
class TicketPage:
    """The page for one packaged app.

    `app` are the files of the zip; `secrets` the accounts' installation secrets by subdomain, `signed` the
    installations of those with signed URLs; `wrong_secret` what an admin pasted by mistake; `sdk` the script to serve
    as Zendesk's SDK; `clock` tells Zendesk's Unix time.
    """

    app: Mapping[str, bytes]
    secrets: Mapping[str, str]
    wrong_secret: str
    now: datetime
    client: httpx.AsyncClient
    sdk: str | None = None
    signed: Mapping[str, SignedApp] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def routes(self) -> list[BaseRoute]:
        """`/`, `/app/assets/…` and everything below `/demo`."""
        return [
            Route("/", self._page),
            Route("/demo/page/{name}", self._page_file),
            Route(SDK_HERE, self._sdk),
            Route("/demo/start/{installation:int}", self._start, methods=["POST"]),
            Route("/demo/scenarios.json", self._scenarios),
            Route("/demo/zendesk/api/v2/users/{id:int}.json", self._user),
            Route("/demo/zendesk/api/v2/users/{id:int}/identities.json", self._identities),
            Route("/demo/zendesk/api/v2/tickets/{id:int}.json", self._ticket),
            Route("/demo/zendesk/api/v2/tickets/{id:int}/comments.json", self._comments),
            Route("/demo/proxy", self._proxy, methods=["POST"]),
            Route("/app/{path:path}", self._app_file),
        ]

    async def _page(self, request: Request) -> Response:
        if request.url.hostname == "localhost":  # from where the service lets nobody frame its page
            return RedirectResponse(str(request.url.replace(hostname="127.0.0.1")))
        return _file("index.html", (PAGE / "index.html").read_bytes(), {"Content-Security-Policy": PAGE_POLICY})

    async def _page_file(self, request: Request) -> Response:
        files = {path.name: path for path in PAGE.iterdir()}
        name = request.path_params["name"]
        return _file(name, files[name].read_bytes()) if name in files else _missing()

    async def _sdk(self, _request: Request) -> Response:
        own = (PAGE / "sdk.js").read_bytes()
        return _file("sdk.js", own if self.sdk is None else self.sdk.encode())

    async def _app_file(self, request: Request) -> Response:
        name = request.path_params["path"]
        if name not in self.app:
            return _missing()
        content = self.app[name]
        return _file(name, _with_own_sdk(content) if name == "assets/iframe.html" else content)

    async def _scenarios(self, _request: Request) -> Response:
        return JSONResponse({"scenarios": [self._shown(scenario) for scenario in SCENARIOS]})

    async def _user(self, request: Request) -> Response:
        person = PEOPLE.get(request.path_params["id"])
        return JSONResponse({"user": zendesk.user(person)}) if person else _no_record()

    async def _ticket(self, request: Request) -> Response:
        scenario = TICKETS.get(request.path_params["id"])
        return JSONResponse({"ticket": zendesk.ticket(scenario)}) if scenario else _no_record()

    async def _identities(self, request: Request) -> Response:
        person = PEOPLE.get(request.path_params["id"])
        return JSONResponse(zendesk.identities(person, self.now)) if person else _no_record()

    async def _comments(self, request: Request) -> Response:
        scenario = TICKETS.get(request.path_params["id"])
        if scenario is None:
            return _no_record()
        query = request.query_params
        newest_first, users = query.get("sort_order") == "desc", query.get("include") == "users"
        return JSONResponse(zendesk.comments(scenario, self.now, newest_first=newest_first, users=users))

    async def _proxy(self, request: Request) -> Response:
        installation = self.installations.get(request.headers.get("x-zendesk-app-installation-id", ""))
        reply = (
            await forward(await request.json(), installation, self.client, self.clock)
            if installation
            else NO_INSTALLATION
        )
        return JSONResponse(_xhr(reply))

    async def _start(self, request: Request) -> Response:
        """The token with which Zendesk opens one frame."""
        which = {number: which for which, number in INSTALLATION_IDS.items()}.get(request.path_params["installation"])
        app = self.signed.get(which[0]) if which else None
        if which is None or app is None:
            return _missing()
        now = int(self.clock()) - (STALE_S if which[1] == "stale" else 0)
        token = app.token(AGENT.id, request.query_params.get("location", "ticket_sidebar"), now)
        return Response(token, media_type="text/plain", headers={"Cache-Control": "no-store"})

    @property
    def manifest(self) -> dict[str, Any]:
        """The packaged app's manifest."""
        manifest: dict[str, Any] = json.loads(self.app["manifest.json"])
        return manifest

    @property
    def installations(self) -> Mapping[str, Installation]:
        """By id: every account's working installation, and the ones that scenarios break on purpose."""
        return {
            str(number): self._installation(*which)
            for which, number in INSTALLATION_IDS.items()
            if which[0] in self.secrets
        }

    def _installation(self, tenant: str, installed: Installed) -> Installation:
        secret = self.wrong_secret if installed == "wrong_secret" else self.secrets[tenant]
        names = [item["name"] for item in self.manifest["parameters"] if item.get("secure")]
        return Installation(
            manifest=self.manifest,
            settings=dict.fromkeys(names, secret),
            fault=OUT_OF_ORDER if installed == "proxy_down" else None,
        )

    def _shown(self, scenario: Scenario) -> dict[str, Any]:
        plain = [item for item in self.manifest["parameters"] if not item.get("secure")]
        return {
            "slug": scenario.slug,
            "title": scenario.title,
            "look": scenario.look,
            "location": scenario.location,
            "subdomain": scenario.tenant,
            "signed": scenario.tenant in self.signed,
            "installation": {
                "id": INSTALLATION_IDS[scenario.tenant, scenario.installed],
                "settings": {item["name"]: item.get("default") for item in plain},
            },
            "data": zendesk.client_data(scenario, self.now),
            "people": [zendesk.requester(person) for person in scenario.others],
            "standing": _standing(scenario.requester) if scenario.requester else None,
            "comments": [_shown_comment(scenario, comment, self.now) for comment in reversed(scenario.comments)],
        }


PEOPLE = {
    person.id: person
    for scenario in SCENARIOS
    for person in (scenario.requester, *scenario.others)
    if person is not None
}
TICKETS = {scenario.ticket_id: scenario for scenario in SCENARIOS if scenario.ticket_id is not None}
INSTALLATION_IDS: Mapping[tuple[str, Installed], int] = {
    which: 101 + index
    for index, which in enumerate(dict.fromkeys((scenario.tenant, scenario.installed) for scenario in SCENARIOS))
}


def _with_own_sdk(page: bytes) -> bytes:
    """The app's page with the stand-in SDK, which the page's own policy lets in as a script of its origin."""
    changed, count = re.subn(re.escape(SDK), SDK_HERE, page.decode())
    if count != 1:
        raise ValueError("the app's page must load Zendesk's SDK once, from its documented address")
    return changed.encode()


def _standing(person: Person) -> str:
    """How Zendesk knows the requester, as one line."""
    methods = {"sso": "signed in", "full": "address verified by Zendesk", "none": "not verified"}
    return " · ".join(
        f"{identity.value} ({methods[identity.verification_method or 'none']})" for identity in person.identities
    )


def _shown_comment(scenario: Scenario, comment: Comment, now: datetime) -> dict[str, Any]:
    message = zendesk.message(scenario, comment, now)
    return {
        "author": message["author"]["name"],
        "at": message["timestamp"],
        "text": comment.text,
        "warning": next((WARNINGS[flag] for flag in comment.flags if flag in WARNINGS), None),
    }


def _xhr(reply: Reply) -> dict[str, object]:
    reason = httpx.codes.get_reason_phrase(reply.status)
    return {"status": reply.status, "statusText": reason, "contentType": reply.content_type, "body": reply.body}


def _file(name: str, content: bytes, headers: Mapping[str, str] | None = None) -> Response:
    kind = CONTENT_TYPES.get(Path(name).suffix, "application/octet-stream")
    return Response(content, headers={"Content-Type": kind, "Cache-Control": "no-store", **(headers or {})})


def _missing() -> Response:
    return Response("Not found", 404, media_type="text/plain")


def _no_record() -> Response:
    """How Zendesk's API says that there is no such record."""
    return JSONResponse({"error": "RecordNotFound", "description": "Not found"}, 404)
