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
    assert re.findall(r'<script src="([^"]+)"', PAGE) == [
        "app.js", "service.js", "words.js", "view.js", "ticket.js", "copy.js", SDK,
    ]  # fmt: skip
    assert re.findall(r'<link [^>]*href="([^"]+)"', PAGE) == ["app.css"]


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
    assert used == {"get", "on", "request", "invoke"}
    assert re.findall(r"\.invoke\(([^,]+),", SCRIPT) == ['"resize"']
    assert sorted(re.findall(r"\btype: \"([A-Z]+)\"", SCRIPT)) == ["GET", "POST"]


def test_only_the_service_is_posted_to() -> None:
    assert SCRIPT.count("client.request(") == 2
    assert re.search(r'client\.request\(\{ url, type: "GET"', SCRIPTS["app.js"])
    proxied = r'client\.request\(\{\s+url: `\$\{service\}/v1/\$\{path\}`,\s+type: "POST",\s+secure: true,'
    assert re.search(proxied, SCRIPTS["service.js"])
    assert re.findall(r"/api/v2/\w+/[^`]*", SCRIPT) == [
        "/api/v2/users/${requester}/identities.json",
        "/api/v2/tickets/${id}/comments.json?include=users&sort_order=desc&per_page=100",
        "/api/v2/tickets/${id}.json",
    ]


def test_the_scripts_fetch_from_where_they_came_and_from_nowhere_else() -> None:
    """By a path, so from their own origin: the served page its answers, without a cookie; and the app its words."""
    assert re.findall(r"\bfetch\((.+?), \{([^}]+)\}\)", SCRIPT) == [
        ("`/v1/${path}`", ' method: "POST", headers, body, credentials: "omit" '),
        ("new URL(`words.${lang}.json`, folder)", " signal: AbortSignal.timeout(READ_MS) "),
    ]
    assert SCRIPT.count("fetch(") == 2
    assert "const folder = document.currentScript.src;" in SCRIPTS["words.js"]


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
    called = r"(?:client\.(?:get|request)|Service\.post)\("
    app = SCRIPTS["app.js"]
    assert len(re.findall(rf"inTime\({called}", app)) == len(re.findall(called, app)) == 3
    elsewhere = "".join(text for name, text in SCRIPTS.items() if name != "app.js")
    assert re.findall(called, elsewhere) == ["client.request("], "what app.js calls as Service.post"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_small_and_strict(name: str) -> None:
    assert len(SCRIPTS[name].encode()) <= 12_000
    assert '"use strict";' in SCRIPTS[name]


def test_the_style_is_small() -> None:
    assert len((ASSETS / "app.css").read_bytes()) <= 12_000


# -- the app's own words --

ENGLISH: dict[str, list[str]] = json.loads(
    re.search(r'<template id="words">(.*?)</template>', PAGE, re.DOTALL)[1]  # type: ignore[index]
)
WORDS = {path.name.split(".")[1]: json.loads(path.read_bytes()) for path in sorted(ASSETS.glob("words.*.json"))}


def test_the_app_speaks_the_languages_of_its_panel() -> None:
    named = re.search(r"const LANGUAGES = (\[.*\]);", SCRIPTS["words.js"])
    assert named is not None
    assert json.loads(named[1]) == sorted(WORDS) == [name.replace("_", "-") for name in sorted(LANGUAGES)]


@pytest.mark.parametrize("language", WORDS)
def test_a_language_has_every_word_of_the_app(language: str) -> None:
    texts = WORDS[language]
    assert list(texts) == list(ENGLISH)
    shape = {name: [("{}" in part, bool(part.strip())) for part in parts] for name, parts in ENGLISH.items()}
    assert {name: [("{}" in part, bool(part.strip())) for part in parts] for name, parts in texts.items()} == shape
    same = [name for name, parts in texts.items() if parts[0] == ENGLISH[name][0]]
    assert same == []


def test_every_word_that_the_app_says_is_there_and_no_other() -> None:
    said = set(re.findall(r'(?:Words\.of|View\.state)\("(\w+)"', SCRIPT))
    said |= set(re.findall(r'(?:\[|[?:] )"(\w+)"', SCRIPT)) | set(re.findall(r'kind: "(\w+)"', SCRIPT))
    assert set(ENGLISH) - said == {"unproven"}, "which only the service says, where it refuses to open the app"


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
