"""What an agent reads while there is no panel, or an old one; and how all of it bears other eyes and other hands."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from .seen import ANSWER_MS, barriers, ended, picture, settled, unfold, visit

ASSETS = Path(__file__).parents[2] / "zendesk_app" / "assets"
PAGE = (ASSETS / "iframe.html").read_text(encoding="utf-8")
WORDS = {
    lang: json.loads(words) for lang, words in re.findall(r'<template lang="(.+?)".*?>(.*?)</template>', PAGE, re.S)
}
"""What the app itself says in other languages than English."""
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
STALE_S = 360

FAILURES = {
    "Zendesk’s proxy failed": (404, "application/json", '{"errors":[{"code":"ConnectionNotFound"}]}'),
    "Not connected": (401, "application/json", '{"error":{"code":"token_expired","message":"Expired."}}'),
    "The order service is busy": (503, "application/json", '{"error":{"code":"too_late","retry_after":1}}'),
    "The order service cannot answer this": (422, "application/json", '{"error":{"code":"bad_value","message":"No."}}'),
    "Not the order service": (200, "text/html", "<title>Log in</title>"),
    "Out of order": (502, "text/html", "<title>Bad gateway</title>"),
}


def fulfil(xhr: object, route: Route) -> None:
    route.fulfill(json=xhr)


def fail(tab: Page, title: str) -> None:
    """Lets every question end so."""
    status, kind, body = FAILURES[title]
    xhr = {"status": status, "statusText": "", "contentType": kind, "body": body}
    tab.route("**/demo/proxy", partial(fulfil, xhr))


@pytest.mark.parametrize("title", FAILURES)
def test_a_failure_has_words_of_its_own_and_a_way_on(title: str, tab: Page, address: str, axe: str | None) -> None:
    fail(tab, title)
    app = visit(tab, address, "guest")
    expect(app.get_by_role("alert")).to_contain_text(title, timeout=ANSWER_MS)
    expect(app.get_by_role("heading", level=1)).to_have_text(title)
    assert barriers(app, axe) == []
    picture(tab, f"state-{FAILURES[title][0]}")
    tab.unroute_all()
    app.get_by_role("button", name="Try again").press("Enter")
    expect(settled(app)).to_contain_text("Omar Haddad")
    expect(app.get_by_role("alert")).to_have_count(0)


def test_a_panel_that_cannot_be_renewed_stays_below_the_reason(tab: Page, address: str, axe: str | None) -> None:
    app = visit(tab, address, "guest")
    settled(app)
    fail(tab, "Zendesk’s proxy failed")
    app.get_by_role("button", name="Refresh").press("Enter")
    expect(app.get_by_role("alert")).to_contain_text("did not reach the order service", timeout=ANSWER_MS)
    expect(app.locator("#panel")).to_contain_text("Omar Haddad")
    expect(app.get_by_role("button", name="Refresh")).to_be_focused()
    assert barriers(app, axe) == []
    picture(tab, "state-old-panel")


def test_without_a_network_the_agent_is_told_that_it_is_his(tab: Page, address: str) -> None:
    app = visit(tab, address, "guest")
    settled(app)
    tab.context.set_offline(True)
    app.get_by_role("button", name="Refresh").click()
    expect(app.get_by_role("alert")).to_contain_text("You are offline", timeout=ANSWER_MS)
    tab.context.set_offline(False)
    app.get_by_role("button", name="Try again").click()
    expect(app.get_by_role("alert")).to_have_count(0, timeout=ANSWER_MS)


def test_the_wait_is_shown_when_it_can_be_felt_and_no_sooner(tab: Page, address: str, axe: str | None) -> None:
    """On a clock that stands still until it is told to go on."""
    tab.clock.install(time=NOON)
    tab.clock.pause_at(NOON + timedelta(seconds=1))
    tab.route("**/demo/proxy", lambda route: None)
    with tab.expect_request("**/demo/proxy"):
        app = visit(tab, address, "guest")
    tab.clock.run_for(299)
    expect(app.locator(".skeleton")).to_have_count(0)
    tab.clock.run_for(2)
    expect(app.locator(".skeleton")).to_be_visible()
    expect(app.get_by_role("status")).to_have_text("Looking for orders")
    expect(app.get_by_role("main")).to_have_attribute("aria-busy", "true")
    tab.emulate_media(reduced_motion="reduce")
    moves = "skeleton => getComputedStyle(skeleton, '::after').animationName"
    assert app.locator(".skeleton").evaluate(moves) == "none"
    tab.emulate_media(reduced_motion="no-preference")
    assert app.locator(".skeleton").evaluate(moves) == "breathe"
    tab.clock.resume()  # axe-core needs the time to go on
    assert barriers(app, axe) == []
    picture(tab, "state-waiting")


def test_a_panel_to_which_the_agent_comes_back_late_is_asked_for_anew(tab: Page, address: str) -> None:
    tab.clock.install(time=NOON)
    app = visit(tab, address, "guest")
    settled(app)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/demo/proxy" in request.url else None)
    back = """() => document.querySelector("#app iframe").contentWindow
        .postMessage(JSON.stringify({ key: "zaf.app.activated", message: {} }), "*")"""
    tab.evaluate(back)
    app.locator("body").evaluate("() => new Promise(requestAnimationFrame)")
    assert asked == [], "what is fresh is left alone"
    tab.clock.fast_forward(STALE_S * 1000)
    with tab.expect_request("**/demo/proxy"):
        tab.evaluate(back)


@pytest.mark.parametrize("language", WORDS)
def test_the_app_itself_speaks_the_agents_language(language: str, tab: Page, address: str, axe: str | None) -> None:
    words = WORDS[language]
    app = visit(tab, address, "proxy-down", f"?locale={language}")
    expect(app.get_by_role("heading", level=1)).to_have_text(words["proxy"][0], timeout=ANSWER_MS)
    expect(app.get_by_role("button")).to_have_text(words["retry"][0])
    expect(app.locator("html")).to_have_attribute("lang", language)
    expect(app.locator("html")).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    assert barriers(app, axe) == []


def test_it_speaks_english_where_it_has_no_words(tab: Page, address: str) -> None:
    app = visit(tab, address, "proxy-down", "?locale=sv")
    expect(app.get_by_role("heading", level=1)).to_have_text("Zendesk’s proxy failed", timeout=ANSWER_MS)
    expect(app.locator("html")).to_have_attribute("lang", "en")
    expect(app.locator("html")).to_have_attribute("dir", "ltr")


FOCUSABLE = "a[href], button, summary, input, select"


@pytest.mark.parametrize("slug", ["repeat-customer", "six-stores", "shared-mailbox", "nobody"])
def test_the_keyboard_goes_through_all_of_it_in_reading_order(slug: str, tab: Page, address: str) -> None:
    app = visit(tab, address, slug)
    settled(app)
    listed = f"body => [...body.querySelectorAll('{FOCUSABLE}')].filter((one) => one.checkVisibility())"
    count: int = app.locator("body").evaluate(f"body => ({listed})(body).length")
    app.get_by_role("main").focus()
    reached = []
    for _ in range(count):
        tab.keyboard.press("Tab")
        reached.append(
            app.locator("body").evaluate(f"body => ({listed})(body).indexOf(document.activeElement)"),
        )
        ring = "() => getComputedStyle(document.activeElement).outlineStyle"
        assert app.locator("body").evaluate(ring) == "solid", "one sees where one is"
    assert reached == list(range(count))


def test_an_order_is_opened_and_folded_by_the_keyboard(tab: Page, address: str) -> None:
    app = visit(tab, address, "six-stores")
    settled(app)
    more = app.get_by_text("5 more orders")
    more.press("Enter")
    last = app.locator("#more details.order").last
    last.locator("summary").first.press("Enter")
    expect(last).to_have_attribute("open", "")
    last.locator("summary").first.press("Enter")
    expect(last).not_to_have_attribute("open", "")


def test_a_flag_leads_to_its_order_wherever_that_is_folded(tab: Page, address: str) -> None:
    app = visit(tab, address, "six-stores")
    settled(app)
    app.locator("#flags > summary").click()
    app.locator("#flags a").last.press("Enter")
    opened = app.locator("#more details.order[open]")
    expect(opened).to_be_visible()
    expect(opened.locator("summary").first).to_be_focused()


@pytest.mark.parametrize("slug", ["repeat-customer", "six-stores", "store-down-nobody", "wrong-secret"])
def test_at_twice_the_size_nothing_is_cut_off(slug: str, tab: Page, address: str, axe: str | None) -> None:
    app = visit(tab, address, slug)
    ended(app)
    unfold(app)
    app.locator("html").evaluate("html => { html.style.zoom = '2'; }")
    wide, seen = app.locator("html").evaluate("html => [html.scrollWidth, html.clientWidth]")
    assert wide <= seen
    assert barriers(app, axe) == []
    picture(tab, f"{slug}-twice")


def test_in_the_systems_own_colours_a_flag_is_still_one(tab: Page, address: str) -> None:
    tab.emulate_media(forced_colors="active")
    app = visit(tab, address, "parcel-stuck")
    settled(app)
    expect(app.locator(".flag").first).to_have_css("border-inline-start-style", "solid")
    stuck = app.locator(".steps .bad").first
    taken = app.locator(".steps li:not([class])").first
    shape = "node => getComputedStyle(node, '::after').borderRadius"
    assert stuck.evaluate(shape) != taken.evaluate(shape), "told apart by form"
    picture(tab, "parcel-stuck-forced-colors")


def test_a_picture_comes_late_or_never_and_nothing_moves(tab: Page, address: str) -> None:
    """As the service sends it where a platform gives one; the demo's stores have none that are on the network."""
    row = '<li>\n<span dir="auto">'
    pictured = '<li><span class="picture"><img src="https://pictures.example/{}.png" alt=""></span><span dir="auto">'

    def with_pictures(route: Route) -> None:
        answer = route.fetch().json()
        listed = answer["body"].replace('class="items"', 'class="items pictured"')
        answer["body"] = listed.replace(row, pictured.format("there"), 1).replace(row, pictured.format("gone"))
        route.fulfill(json=answer)

    tab.route("**/demo/proxy", with_pictures)
    tab.route("**/there.png", lambda route: route.fulfill(path=ASSETS / "logo-small.png"))
    tab.route("**/gone.png", lambda route: route.fulfill(status=404))
    app = visit(tab, address, "guest")
    settled(app)
    expect(app.locator(".picture img[src$='/there.png']")).to_have_js_property("naturalWidth", 128)
    expect(app.locator(".picture img")).to_have_count(1)
    boxes = app.locator(".picture")
    assert [boxes.nth(index).bounding_box()["width"] for index in (0, 1)] == [34, 34]  # type: ignore[index]
    assert _moved(app) == 0
    picture(tab, "guest-pictures")


def _moved(app: FrameLocator) -> float:
    """How much moved by itself since the page was opened (CLS)."""
    score: float = app.locator("body").evaluate(
        """() => new Promise((resolve) => {
          new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0)))
            .observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(0)));
        })"""
    )
    return score
