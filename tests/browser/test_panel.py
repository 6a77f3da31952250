"""The whole product in a browser: the packaged app, beside the demo's tickets, asking the real service.

The stores are the embedded ones; the tickets are the demo's. Here is what an agent does; test_scenarios.py has what he
reads, test_states.py what he reads while there is no panel.
"""

import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from .seen import ANSWER_MS, picture, settled, unfold, visit, world


def test_the_scheme_follows_zendesk_while_the_ticket_is_open(tab: Page, address: str) -> None:
    app = visit(tab, address, "guest")
    settled(app)
    expect(app.locator("html")).to_have_attribute("data-scheme", "light")
    tab.get_by_role("button", name="Dark").click()
    expect(app.locator("html")).to_have_attribute("data-scheme", "dark")


@pytest.mark.parametrize("width", [280, 320, 600])
@pytest.mark.parametrize("slug", ["repeat-customer", "hostile-text", "shared-mailbox"])
def test_no_horizontal_scrolling(width: int, slug: str, tab: Page, address: str) -> None:
    app = visit(tab, address, slug, f"?width={width}")
    settled(app)
    unfold(app)
    wide, seen = app.locator("html").evaluate("html => [html.scrollWidth, html.clientWidth]")
    assert wide <= seen


def test_the_frame_is_as_high_as_its_content(tab: Page, address: str) -> None:
    app = visit(tab, address, "guest")
    panel = settled(app)
    frame = tab.locator("#app iframe")
    expect(frame).to_have_js_property("offsetHeight", _height(panel))
    before = frame.evaluate("frame => frame.offsetHeight")
    app.locator("#why > summary").click()
    expect(frame).to_have_js_property("offsetHeight", _height(panel))
    assert frame.evaluate("frame => frame.offsetHeight") > before


def _height(panel: Locator) -> int:
    height: int = panel.evaluate("() => Math.ceil(document.body.getBoundingClientRect().height)")
    return height


def test_what_a_store_tells_of_one_order_comes_when_it_is_asked_for(tab: Page, address: str) -> None:
    app = visit(tab, address, "repeat-customer")
    order = settled(app).locator("details.order", has_text="1042").first
    expect(order).to_have_attribute("open", "")
    expect(order.get_by_text("Order status changed")).to_have_count(0)
    order.get_by_role("button", name="Show the store’s notes").click()
    expect(order.get_by_text("Order status changed")).to_be_visible(timeout=ANSWER_MS)
    expect(order.locator("[data-path=order]")).to_have_count(0)
    expect(order).to_have_attribute("open", "")
    picture(tab, "order-opened")
    assert tab.evaluate("window.writes") == []


def test_an_order_that_is_unfolded_is_asked_for_at_once(tab: Page, address: str) -> None:
    app = visit(tab, address, "repeat-customer")
    folded = settled(app).locator("details.order:not([open])", has_text="Acme EU").first
    order = app.locator(f"#{folded.get_attribute('id')}")
    order.locator("summary").first.click()
    expect(order.get_by_text("Order status changed")).to_be_visible(timeout=ANSWER_MS)
    expect(order.locator("summary").first).to_be_focused()


def test_hostile_text_is_inert(tab: Page, address: str, troubles: list[str]) -> None:
    app = visit(tab, address, "hostile-text")
    panel = settled(app)
    unfold(app)
    expect(panel.locator("script, iframe, object, img[onerror], [onmouseover], [onload]")).to_have_count(0)
    expect(panel.locator("a:not([href^='http']):not([href^='#'])")).to_have_count(0)
    assert "<script>" in panel.inner_text()
    assert tab.locator("#ticket script, #ticket img").count() == 0
    assert troubles == []


def test_a_slow_store_is_added_to_what_is_shown_already(tab: Page, tmp_path: Path, zendesks_sdk: str | None) -> None:
    """The app's second question is held back, so that the first answer can be read in peace."""
    held: list[Route] = []

    def hold_second(route: Route) -> None:
        if "lookup" in (route.request.post_data or "") and not held:
            held.append(route)
        else:
            route.continue_()

    tab.route("**/demo/proxy", hold_second)
    with world(tmp_path, zendesks_sdk) as address:
        with tab.expect_request(lambda request: "lookup" in (request.post_data or ""), timeout=ANSWER_MS):
            app = visit(tab, address, "slow-store")
        first = app.locator("#panel[data-complete=false]").inner_text()
        picture(tab, "slow-store-first")
        held[0].continue_()
        expect(settled(app)).to_contain_text("771")
        tab.goto("about:blank")
    assert "#C5021" in first
    assert "Cedar Classics has not answered yet" in first
    assert not re.search(r"\b771\b", first)


def test_only_the_last_requesters_orders_show(tab: Page, address: str) -> None:
    """The first requester's answer is held back until the second one's has been shown."""
    app = visit(tab, address, "new-ticket")
    expect(app.locator(".state")).to_be_visible(timeout=ANSWER_MS)
    held: list[Route] = []

    def hold_omar(route: Route) -> None:
        if "omar.haddad" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    tab.route("**/demo/proxy", hold_omar)
    with tab.expect_request("**/demo/proxy"):
        tab.get_by_role("button", name="Omar Haddad").click()
    tab.get_by_role("button", name="Grace Kim").click()
    expect(settled(app)).to_contain_text("Grace Kim")
    with tab.expect_response("**/demo/proxy"):
        held[0].continue_()
    app.locator("body").evaluate("() => new Promise(requestAnimationFrame)")
    expect(settled(app)).to_contain_text("Grace Kim")
    assert "Omar" not in app.locator("body").inner_text()


def test_nothing_of_the_former_requester_stays_in_sight(tab: Page, address: str) -> None:
    app = visit(tab, address, "new-ticket")
    tab.get_by_role("button", name="Sam Carter").click()
    expect(settled(app)).to_contain_text("Sam Carter")
    tab.route("**/demo/proxy", lambda route: None)
    tab.get_by_role("button", name="Kim Novak").click()
    expect(app.locator("body")).not_to_contain_text("Sam Carter")


def test_refresh_keeps_focus_and_open_sections(tab: Page, address: str) -> None:
    app = visit(tab, address, "repeat-customer")
    settled(app)
    app.locator("#why > summary").click()
    other = app.locator("details.order").nth(1)
    other.locator("summary").first.click()
    expect(other).to_have_attribute("open", "")
    button = app.get_by_role("button", name="Refresh")
    button.focus()
    old = app.locator("#panel").element_handle()
    assert old is not None
    with tab.expect_response("**/demo/proxy"):
        button.press("Enter")
    old.wait_for_element_state("hidden")
    settled(app)
    expect(app.get_by_role("button", name="Refresh")).to_be_focused()
    expect(app.locator("#why")).to_have_attribute("open", "")
    expect(app.locator("details.order").nth(1)).to_have_attribute("open", "")


def test_a_candidate_can_be_chosen(tab: Page, address: str) -> None:
    app = visit(tab, address, "shared-mailbox")
    settled(app)
    app.get_by_role("button", name="Choose").first.click()
    expect(app.locator("#panel")).to_contain_text("Chosen by an agent", timeout=ANSWER_MS, use_inner_text=False)
    picture(tab, "shared-mailbox-chosen")
    assert app.locator("#panel").get_attribute("data-level") != "confirmed"


def test_a_customer_is_found_by_hand_and_the_ticket_found_again(tab: Page, address: str, troubles: list[str]) -> None:
    app = visit(tab, address, "nobody")
    settled(app)
    box = app.get_by_label("What to search for")
    box.fill("Jane.Doerr@gmail.com")
    box.press("Enter")
    expect(app.locator("#panel")).to_contain_text("Search by e-mail address", timeout=ANSWER_MS)
    choose = app.get_by_role("button", name="Choose")
    expect(choose).to_have_count(1, timeout=ANSWER_MS)
    assert "jane.doerr" not in app.locator("body").inner_text().lower()
    picture(tab, "search-found")
    choose.click()
    expect(app.locator("#panel[data-level=likely]")).to_contain_text("#US-2210", timeout=ANSWER_MS)
    expect(app.locator("#panel")).to_contain_text("Chosen by an agent", use_inner_text=False)
    picture(tab, "search-chosen")
    app.get_by_role("button", name="Back to the ticket").click()
    expect(app.locator("#panel[data-level=none]")).to_be_visible(timeout=ANSWER_MS)
    assert troubles == []


def test_a_search_by_hand_ends_with_its_ticket(tab: Page, address: str) -> None:
    app = visit(tab, address, "nobody")
    settled(app)
    app.get_by_label("What to search for").fill("1042")
    app.get_by_role("button", name="Search", exact=True).press("Enter")
    expect(app.get_by_role("button", name="Choose")).to_be_visible(timeout=ANSWER_MS)
    app = visit(tab, address, "guest")
    expect(settled(app)).to_contain_text("Omar Haddad")
    expect(app.get_by_role("button", name="Back to the ticket")).to_have_count(0)


def test_contacts_are_shown_when_the_agent_asks_for_them(tab: Page, address: str, troubles: list[str]) -> None:
    app = visit(tab, address, "repeat-customer")
    settled(app)
    assert "jane.doerr@gmail.com" not in app.locator("body").inner_text()
    app.get_by_role("button", name="Show contact details").click()
    expect(app.locator("#panel")).to_contain_text("jane.doerr@gmail.com", timeout=ANSWER_MS)
    expect(app.get_by_role("button", name="Show contact details")).to_have_count(0)
    picture(tab, "repeat-customer-revealed")
    assert troubles == []


def test_a_record_can_be_set_aside_and_taken_back(tab: Page, address: str, troubles: list[str]) -> None:
    app = visit(tab, address, "repeat-customer")
    settled(app)
    expect(app.locator("#panel")).to_contain_text("#US-2210")
    app.get_by_text("Why?").click()
    expect(app.get_by_text("2 records are shown as one customer")).to_be_visible()
    app.get_by_role("listitem").filter(has_text="Acme US, account").get_by_role("button", name="Set aside").click()
    expect(app.locator("#panel")).not_to_contain_text("#US-2210", timeout=ANSWER_MS)
    picture(tab, "record-set-aside")
    app.get_by_role("button", name="Take back").click()
    expect(app.locator("#panel")).to_contain_text("#US-2210", timeout=ANSWER_MS)
    assert troubles == []


def test_a_wrong_customer_can_be_told_of_where_the_reasons_stand(tab: Page, address: str, troubles: list[str]) -> None:
    app = visit(tab, address, "repeat-customer")
    settled(app)
    app.get_by_text("Why?").click()
    app.get_by_role("button", name="This is not the customer").click()
    expect(app.get_by_text("Recorded as a wrong customer")).to_have_count(2)  # seen, and heard by a screen reader
    picture(tab, "wrong-customer-told")
    assert troubles == []


def test_a_button_that_fails_says_so_itself_and_works_again(tab: Page, address: str) -> None:
    app = visit(tab, address, "repeat-customer")
    settled(app)
    busy = {"error": {"code": "reveal_off", "message": "Showing what is masked is switched off for you."}}
    xhr = {"status": 403, "statusText": "", "contentType": "application/json", "body": json.dumps(busy)}
    tab.route("**/demo/proxy", partial(_fulfil, xhr), times=1)
    show = app.locator("#reveal")
    show.press("Enter")
    expect(show).to_have_attribute("data-fault", "Not now. Showing what is masked is switched off for you.")
    expect(app.get_by_role("status")).to_contain_text("switched off for you")
    expect(show).to_be_focused()
    picture(tab, "reveal-failed")
    show.press("Enter")
    expect(app.locator("#panel")).to_contain_text("jane.doerr@gmail.com", timeout=ANSWER_MS)
    expect(app.get_by_role("main")).to_be_focused()


def test_what_a_button_holds_is_copied_and_the_agent_sees_and_hears_it(tab: Page, address: str) -> None:
    app = visit(tab, address, "repeat-customer")
    settled(app)
    copied = "() => { window.copied = []; addEventListener('copy', () => window.copied.push(String(getSelection()))); }"
    app.locator("body").evaluate(copied)
    button = app.get_by_role("button", name="Number", exact=True).first
    for time in (1, 2):
        button.press("Enter")
        expect(app.get_by_role("status")).to_contain_text("Copied")
        assert app.locator("body").evaluate("() => window.copied") == ["1042"] * time
    assert button.evaluate("button => getComputedStyle(button, '::after').content").startswith('"✓"')
    expect(button).to_be_focused()
    expect(app.locator("textarea")).to_have_count(0)


def test_what_is_sent_of_a_ticket_is_what_the_page_lists(tab: Page, address: str) -> None:
    """Nothing else of what Zendesk says leaves the browser; a search takes nothing of the customer along."""
    bodies: list[dict[str, Any]] = []

    def listen(request: Request) -> None:
        if "/demo/proxy" in request.url:
            bodies.append(json.loads(json.loads(request.post_data or "")["data"]))

    tab.on("request", listen)
    with tab.expect_request(_whole, timeout=ANSWER_MS):
        app = visit(tab, address, "nobody")
    settled(app)
    app.get_by_label("What to search for").fill("1042")
    app.get_by_label("What to search for").press("Enter")
    expect(app.get_by_role("button", name="Choose")).to_be_visible(timeout=ANSWER_MS)
    listed = set(app.locator("#sent").evaluate("sent => sent.content.textContent.match(/\\S+/g)"))
    assert {name for body in bodies for name in _names(body["zendesk"])} <= listed
    assert {"comments", "users", "metadata"} <= _names(bodies[-2]["zendesk"]), "the whole ticket was sent in the end"
    searched = bodies[-1]
    assert _names(searched["zendesk"]) == {
        "ticket.id", "currentUser.id", "currentUser.locale", "currentUser.timeZone", "ianaName",
    }  # fmt: skip


def _whole(request: Request) -> bool:
    """Whether the service is told what Zendesk's API says."""
    return "/demo/proxy" in request.url and "plain_body" in (request.post_data or "")


def _names(value: object) -> set[str]:
    """Every key in it."""
    if isinstance(value, list):
        return {name for each in value for name in _names(each)}
    return set(value) | _names(list(value.values())) if isinstance(value, dict) else set()


def test_a_ticket_as_long_as_a_book_is_asked_about_with_what_is_newest_of_it(tab: Page, address: str) -> None:
    """The body stays below what the service takes: older comments lose their text, not what Zendesk doubts in them."""
    sizes: list[int] = []
    sent: list[dict[str, Any]] = []

    def listen(request: Request) -> None:
        if "/demo/proxy" in request.url:
            data = json.loads(request.post_data or "")["data"]
            sizes.append(len(data.encode()))
            sent.append(json.loads(data))

    def many(route: Route) -> None:
        page = route.fetch().json()
        first = page["comments"][0]
        hard = '日"\n' * 2000 + "\ud800\u0000"
        page["comments"] = [{**first, "id": 1000 - n, "plain_body": f"{n} {hard}"} for n in range(100)]
        route.fulfill(body=json.dumps(page), content_type="application/json")

    tab.on("request", listen)
    tab.route("**/comments.json*", many)
    with tab.expect_request(_whole, timeout=ANSWER_MS):
        visit(tab, address, "guest")
    assert max(sizes) < 64 * 1024
    comments = sent[-1]["zendesk"]["comments"]
    assert len(comments) == 100
    assert comments[0]["plain_body"].startswith("0 日")
    assert "plain_body" not in comments[-1]
    assert all("metadata" in comment for comment in comments)


def test_a_replica_that_dies_under_a_question_costs_a_second_and_no_click(tab: Page, address: str) -> None:
    """As behind a balancer that does not ask another replica itself."""
    app = visit(tab, address, "guest")
    settled(app)
    gone = {"status": 502, "statusText": "", "contentType": "text/html", "body": "<title>Bad gateway</title>"}
    tab.route("**/demo/proxy", partial(_fulfil, gone), times=1)
    tab.reload()
    expect(app.get_by_role("alert")).to_contain_text("It will be asked again in 1 s.", timeout=ANSWER_MS)
    expect(app.locator("#panel")).to_be_visible(timeout=ANSWER_MS)
    expect(app.get_by_role("alert")).to_have_count(0)


def _fulfil(xhr: object, route: Route) -> None:
    route.fulfill(json=xhr)
