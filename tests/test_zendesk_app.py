"""What the app in the zip promises, read from its sources: it only reads, it is small, it brings nothing along.

The browser's part (what the page does) is tried in tests/browser.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server import __version__
from server.catalogue import LANGUAGES
from server.packaging import PLACEHOLDER
from server.zendesk_ticket import ZendeskTicket
from server.zip_rules import png_size

ROOT = Path(__file__).parents[1]
ASSETS = ROOT / "zendesk_app" / "assets"
TRANSLATIONS = sorted((ROOT / "zendesk_app" / "translations").glob("*.json"))

SDK = "https://static.zdassets.com/zendesk_app_framework_sdk/2.0/zaf_sdk.min.js"
"""Where Zendesk's best-practice page says to load the SDK from."""

PAGE = (ASSETS / "iframe.html").read_text(encoding="utf-8")
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.js"))}
SCRIPT = "\n".join(SCRIPTS.values())
MANIFEST: dict[str, Any] = json.loads((ROOT / "manifest.json").read_bytes())


def keys(value: object, path: str = "") -> Iterator[str]:
    """The path to every text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys(inner, f"{path}.{key}")
    else:
        assert isinstance(value, str)
        assert value.strip()
        yield path


def test_the_manifest_asks_for_one_secret_that_only_signs() -> None:
    secret = {"name": "shared_secret", "type": "text", "required": True, "secure": True, "scopes": ["jwt_secret_key"]}
    assert MANIFEST["parameters"] == [secret]
    assert MANIFEST["private"] is True
    assert MANIFEST["frameworkVersion"] == "2.0"


def test_the_app_stands_beside_old_and_new_tickets() -> None:
    place = {"url": "assets/iframe.html", "flexible": True}
    assert MANIFEST["location"] == {"support": {"ticket_sidebar": place, "new_ticket_sidebar": place}}


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert MANIFEST["version"] == project["project"]["version"] == __version__


def test_the_page_loads_its_own_scripts_and_zendesks_sdk() -> None:
    assert re.findall(r'<script src="([^"]+)"( type="module")?', PAGE) == [
        ("scheme.js", ""), ("app.js", ' type="module"'), (SDK, ""),
    ]  # fmt: skip
    modules = sorted(set(SCRIPTS) - {"scheme.js", "app.js"})
    assert re.findall(r'<link [^>]*href="([^"]+)"', PAGE) == ["app.css", *modules]
    assert set(re.findall(r'^import .* from "./(.+)";$', SCRIPT, re.MULTILINE)) == set(modules)


def test_nothing_is_inline() -> None:
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son\w+=|javascript:", PAGE)


def test_the_policy_lets_in_nothing_else() -> None:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', PAGE)
    assert found is not None
    policy = dict(rule.strip().split(" ", 1) for rule in found[1].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self' https://static.zdassets.com/zendesk_app_framework_sdk/",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' https:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_app_only_reads() -> None:
    used = set(re.findall(r"\bclient\??\.(\w+)", SCRIPT))
    assert used == {"context", "get", "on", "request", "invoke"}
    assert re.findall(r"\.invoke\(([^,]+),", SCRIPT) == ['"resize"']
    assert re.findall(r"\btype: \"([A-Z]+)\"", SCRIPT) == ["GET"]


def template(name: str) -> str:
    """What the page holds for the scripts, by its id."""
    found = re.search(rf'<template id="{name}"[^>]*>(.*?)</template>', PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_only_the_service_is_posted_to() -> None:
    assert SCRIPT.count("client.request(") == 2
    assert 'client.request({ url, type: "GET", autoRetry: false })' in SCRIPTS["app.js"]
    assert "client.request({ ...signed, url: `${service}/v1/${path}`, " in SCRIPTS["service.js"]
    assert json.loads(template("request")) == {
        "service": PLACEHOLDER,
        "type": "POST",
        "secure": True,
        "autoRetry": False,
        "headers": {"Accept": "text/html", "Authorization": "Bearer {{jwt.token}}"},
        "jwt": {"algorithm": "HS256", "secret_key": "{{setting.shared_secret}}", "expiry": 60},
        "contentType": "application/json",
        "dataType": "text",
    }
    assert re.findall(r"/api/v2/\w+/[^`]*", SCRIPT) == [
        "/api/v2/users/${requester}/identities.json",
        "/api/v2/tickets/${id}/comments.json?include=users&sort_order=desc",
        "/api/v2/tickets/${id}.json",
    ]


def test_no_more_of_a_ticket_is_sent_than_the_service_reads() -> None:
    """The list in the page is that of the service's own model, and of `client.get` only paths are asked for."""
    sent = template("sent").split()
    assert len(sent) == len(set(sent))
    schema = json.dumps(ZendeskTicket.model_json_schema())
    read = set(re.findall(r'"([\w.]+)": {', schema)) | {"deliverableState"}
    assert set(sent) - read == set()
    assert "phone" not in sent, "identities have them"
    assert sent[:5] == ["ticket.id", "currentUser.id", "currentUser.locale", "currentUser.timeZone", "ianaName"]
    assert "SENT.slice(0, 5)" in SCRIPTS["ticket.js"]


def test_the_served_page_fetches_answers_from_where_it_came_and_nothing_is_fetched_else() -> None:
    """By a path, so from its own origin, without a cookie."""
    assert re.findall(r"\bfetch\((.+?), \{([^}]+)\}\)", SCRIPT) == [
        ("`/v1/${path}`", ' method: "POST", headers: all, body, credentials: "omit" '),
    ]
    assert SCRIPT.count("fetch(") == 1


@pytest.mark.parametrize(
    "pattern",
    [
        r"\beval\b|\bFunction\(|setTimeout\(['\"`]",
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write",
        r"XMLHttpRequest|WebSocket|sendBeacon|EventSource",
        r"localStorage|sessionStorage|indexedDB|document\.cookie",
        r"console\.|debugger|alert\(",
        r"https?://",
    ],
    ids=["code from text", "markup from text", "other ways out", "memory", "left-overs", "addresses"],
)
def test_the_scripts_do_without(pattern: str) -> None:
    assert not re.search(pattern, SCRIPT)


def test_every_call_has_a_timer() -> None:
    called = r"(?:client\.request|post|read)\("
    app = SCRIPTS["app.js"].replace("function read(", "")
    assert len(re.findall(rf"inTime\({called}", app)) == len(re.findall(called, app)) == 3


def test_the_scripts_are_small() -> None:
    """All of them, comments included (docs/adr/0018)."""
    assert len("".join(SCRIPTS.values()).encode()) <= 12_000


def test_the_style_is_small() -> None:
    assert len((ASSETS / "app.css").read_bytes()) <= 12_000


# -- the app's own words --

WORDS: dict[str, dict[str, list[str]]] = {
    lang: json.loads(words)
    for lang, words in re.findall(r'<template[^>]* lang="(.+?)".*?>(.*?)</template>', PAGE, re.S)
}
ENGLISH = WORDS["en"]


def test_the_app_speaks_the_languages_of_its_panel() -> None:
    assert list(WORDS) == [*(name.replace("_", "-") for name in sorted(LANGUAGES)), "en"], "English for all others"


@pytest.mark.parametrize("language", [lang for lang in WORDS if lang != "en"])
def test_a_language_has_every_word_of_the_app(language: str) -> None:
    texts = WORDS[language]
    assert list(texts) == list(ENGLISH)
    shape = {name: [("{}" in part, bool(part.strip())) for part in parts] for name, parts in ENGLISH.items()}
    assert {name: [("{}" in part, bool(part.strip())) for part in parts] for name, parts in texts.items()} == shape
    same = [name for name, parts in texts.items() if parts[0] == ENGLISH[name][0]]
    assert same == []


def test_every_word_that_the_app_says_is_there_and_no_other() -> None:
    quoted = set(re.findall(r'"(\w+)"', SCRIPT))
    codes = {"token_", "store_", "search_", "reveal_"}  # how the service's codes for errors begin
    refusals = {"unproven", "reload"}  # which only the service says, where it refuses to open the app
    assert set(ENGLISH) - quoted == (codes | refusals) - quoted
    said = set(re.findall(r'(?:notify\("\w+", |\bof\(|kind: |&& )"(\w+)"', SCRIPT))
    assert said - set(ENGLISH) == set()


@pytest.mark.parametrize(("name", "side"), [("logo.png", 320), ("logo-small.png", 128)])
def test_a_logo_has_the_size_that_zendesk_asks_for(name: str, side: int) -> None:
    assert png_size((ASSETS / name).read_bytes()) == (side, side)


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_every_language_says_everything(path: Path) -> None:
    english = json.loads((path.parent / "en.json").read_bytes())
    texts = json.loads(path.read_bytes())
    assert sorted(keys(texts)) == sorted(keys(english))
    assert set(texts["app"]["parameters"]) == {parameter["name"] for parameter in MANIFEST["parameters"]}
    assert path.stem == "en" or texts["app"]["long_description"] != english["app"]["long_description"]
