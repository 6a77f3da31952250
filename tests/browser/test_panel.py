"""The whole product in a browser: the packaged app, beside every scenario ticket, asking the real service.

The stores are the embedded ones; the tickets are the demo's. What a panel must and must not say stands in one table.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

from server.demo.scenarios import SCENARIOS, Scenario
from server.demo.world import closed_port, demo

from .stage import free_socket, serving

PICTURES = Path(__file__).parents[1] / "output"
ANSWER_MS = 10_000
"""More than the service's deadline: a panel that is not complete by then is broken."""


@dataclass(frozen=True)
class Shown:
    """What a scenario's panel says when it is complete. `level` is none where there is no panel but a state."""

    level: str | None
    heading: str
    says: tuple[str, ...] = field(default=())
    never: tuple[str, ...] = field(default=())
    console: tuple[str, ...] = field(default=())
    """What Chromium says by itself."""


MASKED = ("jane.doerr@gmail.com",)
NO_FILE = ("89.90", "Linen Apron", "Steel Bottle")

SHOWN = {
    "repeat-customer": Shown(
        "likely",
        "Jane Doerr",
        ("1042", "in this ticket", "89.90", "Linen Apron", "#US-2210", "not verified by Zendesk"),
        MASKED,
    ),
    "proven-customer": Shown("confirmed", "Jane Doerr", ("1042", "jane.doerr@gmail.com", "verified by Zendesk")),
    "guest": Shown("likely", "Omar Haddad", ("1051",)),
    "second-email": Shown("likely", "Maria Rossi", ("1044",)),
    "shared-mailbox": Shown("ambiguous", "Several possible", ("Choose",), ("1045", "1046", "office@birchwood.example")),
    "spoofed-sender": Shown(
        "ambiguous",
        "Possibly this customer",
        ("Zendesk doubts the sender", "Next: Have the customer"),
        NO_FILE + MASKED,
    ),
    "someone-elses-number": Shown(
        "none", "Nobody found", ("exists, under another address",), (*NO_FILE, "Jane", "Doerr")
    ),
    "payment-failed": Shown("likely", "Sam Carter", ("Payment failed", "#US-2240", "in this ticket")),
    "parcel-stuck": Shown("likely", "Grace Kim", ("Parcel silent for 6 days", "Memphis", "Open a trace", "No scan")),
    "delivered-disputed": Shown("likely", "Daniel Wright", ("Chargeback", "delivered", "#US-2218")),
    "partial-refund": Shown("likely", "Tom Becker", ("1047", "16.20", "Damaged in transit")),
    "refund-pending": Shown("confirmed", "Olivia Brown", ("Refund not settled", "58.00", "still pending")),
    "return-requested": Shown("likely", "Noah Schmidt", ("Return requested", "#US-2229")),
    "partly-paid": Shown("likely", "Ben Ortiz", ("Partly paid", "Ask for the rest before anything ships", "#US-2250")),
    "authorised": Shown("likely", "Carla Nunes", ("Authorised, not taken", "ends on", "#US-2251")),
    "parcel-late": Shown("likely", "Dina Roth", ("Parcel late", "Refunded, yet shipped", "#US-2252")),
    "not-received": Shown("likely", "Emil Frank", ("Delivered, but not received?", "The customer wrote again")),
    "ordered-twice": Shown("likely", "Fay Lund", ("Ordered twice?", "#US-2254", "3 minutes later")),
    "other-brand": Shown("likely", "Gus Holm", ("Another brand", "Acme Europe", "Rest not shipped", "2 × Pillow Case")),
    "fraud-review": Shown("likely", "Hana Ito", ("Fraud review", "investigate", "#US-2257")),
    "several-currencies": Shown("likely", "Yuki Tanaka", ("1049", "#US-2231", "12,800", "#US-2219")),
    "store-down": Shown("likely", "Priya Nair", ("3307", "3301", "Birch Outlet")),
    "store-down-nobody": Shown("unknown", "Could not look", ("Birch Outlet",), ("no orders", "Nobody found")),
    "slow-store": Shown("likely", "Lucas Martin", ("#C5021", "771")),
    "proof-read-by-the-service": Shown("confirmed", "Lucas Martin", ("#C5021", "lucas.martin@example.fr")),
    "nobody": Shown("none", "Nobody found", ("Acme EU", "Acme US", "Search the stores")),
    "six-stores": Shown(
        "likely",
        "Iris Novak",
        ("Dune Home", "Dune Garden", "000000084", "907", "KMRTQWZXA", "Dune Outlet"),
        ("iris.novak@example.com",),
    ),
    "marketplace-order": Shown(
        "likely", "", ("302-4417768-2956319", "in this ticket", "Bread Knife", "out for delivery", "Elm Workshop")
    ),
    "ebay-order": Shown("likely", "", ("17-12345-67890", "in this ticket", "Enamel Jug", "RM123456785GB")),
    "phone-only": Shown("ambiguous", "Possibly this customer", (), (*NO_FILE, *MASKED, "5550101")),
    "new-ticket": Shown(None, "No requester yet"),
    "hostile-text": Shown("likely", "", ("1053", "<script>", "could not be read")),
    "wrong-secret": Shown(None, "Not connected", ("Ask your admin",), NO_FILE),
    "proxy-down": Shown(None, "Zendesk’s proxy failed", (), NO_FILE),
    "signed-start": Shown("likely", "Priya Nair", ("3307", "in this ticket"), ("priya.nair@",)),
    "signed-start-stale": Shown(
        None,
        "Please reload",
        ("Reload the ticket", "token_expired"),
        ("3307",),
        ("Failed to load resource: the server responded with a status of 401 (Unauthorized)",),
    ),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, zendesks_sdk: str | None) -> Iterator[str]:
    """Where the demo is served."""
    with world(tmp_path_factory.mktemp("demo"), zendesks_sdk) as address:
        yield address


@contextmanager
def world(folder: Path, sdk: str | None) -> Iterator[str]:
    """A demo of its own, which has asked no store yet."""
    bound, port = free_socket()
    with bound, closed_port() as closed:
        app = demo(port, folder, datetime.now(UTC), closed, sdk=sdk)
        with serving(app, bound):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def troubles(tab: Page) -> list[str]:
    """Every script error, console error and dialog of the tab; a test that is done finds none."""
    heard: list[str] = []
    tab.on("pageerror", lambda error: heard.append(f"script error: {error}"))
    tab.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)

    def close(dialog: object) -> None:
        heard.append("a dialog opened")

    tab.on("dialog", close)
    return heard


def visit(tab: Page, address: str, slug: str, query: str = "") -> FrameLocator:
    """Opens a ticket; answers the app's frame."""
    tab.goto(f"{address}/{query}#{slug}")
    return tab.frame_locator("#app iframe")


def settled(app: FrameLocator) -> Locator:
    """The complete panel."""
    panel = app.locator("#panel[data-complete=true]")
    expect(panel).to_be_visible(timeout=ANSWER_MS)
    return panel


def ended(app: FrameLocator) -> None:
    """There is the complete panel, or a state in its place."""
    expect(app.locator("#panel[data-complete=true], .state").first).to_be_visible(timeout=ANSWER_MS)


def picture(tab: Page, name: str) -> None:
    """The whole panel, as high as it is."""
    frame = tab.locator("#app iframe")
    tab.set_viewport_size({"width": 1280, "height": frame.evaluate("frame => frame.offsetHeight") + 120})
    frame.screenshot(path=PICTURES / f"{name}.png")


def unfold(app: FrameLocator) -> None:
    """Opens everything that is folded."""
    app.locator("body").evaluate("body => body.querySelectorAll('details').forEach((one) => { one.open = true; })")


FOLD_PX = 600
MAIN = ".state, .who h1, .headline, .caution, .flag, section > .order > summary, section > .order > .gist > p, .choice"
"""What an agent must not have to scroll for; of flags and candidates the first."""


def fold(app: FrameLocator) -> float:
    """How far down the last part of the main message ends."""
    bottoms: list[float] = app.locator("body").evaluate(
        """(body, parts) => parts.split(", ").map((part) => body.querySelector(part))
             .map((found) => found?.getBoundingClientRect().bottom ?? 0)""",
        MAIN,
    )
    assert any(bottoms), "there is no message at all"
    return max(bottoms)


def barriers(app: FrameLocator, axe: str | None) -> list[str]:
    """What axe-core finds in the frame, by rule and place."""
    if axe is None:
        return []
    frame = app.owner.element_handle().content_frame()
    assert frame is not None
    frame.evaluate(axe)
    found: list[str] = frame.evaluate(
        """async () => (await window.axe.run(document, { rules: { "target-size": { enabled: true } } })).violations
             .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary}`))"""
    )
    return found


def test_every_scenario_is_in_the_table() -> None:
    assert {scenario.slug for scenario in SCENARIOS} == set(SHOWN)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_scenario(scenario: Scenario, tab: Page, address: str, troubles: list[str], axe: str | None) -> None:
    shown = SHOWN[scenario.slug]
    app = visit(tab, address, scenario.slug)
    ended(app)
    if shown.level is not None:
        expect(app.locator("#panel")).to_have_attribute("data-level", shown.level)
    expect(app.get_by_role("heading", level=1)).to_contain_text(shown.heading)
    picture(tab, f"{scenario.slug}-light")
    text = app.locator("body").inner_text()
    assert [words for words in shown.says if words.casefold() not in text.casefold()] == []
    assert fold(app) <= FOLD_PX
    unfold(app)
    everything = app.locator("body").inner_text()
    assert [words for words in shown.never if words.casefold() in everything.casefold()] == []
    assert barriers(app, axe) == []
    tab.get_by_role("button", name="Dark").click()
    assert barriers(app, axe) == []
    assert tab.evaluate("window.writes") == []
    assert troubles == list(shown.console)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_from_right_to_left_in_the_dark(
    scenario: Scenario, tab: Page, address: str, troubles: list[str], axe: str | None
) -> None:
    app = visit(tab, address, scenario.slug, "?scheme=dark&locale=ar")
    ended(app)
    if scenario.slug != "signed-start-stale":  # who the agent is was not proven, so neither is his language
        expect(app.locator("html")).to_have_attribute("dir", "rtl")
    picture(tab, f"{scenario.slug}-dark-rtl")
    colour = app.locator("html").evaluate("html => getComputedStyle(html).backgroundColor")
    assert max(map(int, re.findall(r"\d+", colour)[:3])) < 64, f"the panel's background is {colour}"
    assert fold(app) <= FOLD_PX
    unfold(app)
    wide, seen = app.locator("html").evaluate("html => [html.scrollWidth, html.clientWidth]")
    assert wide <= seen
    assert barriers(app, axe) == []
    tab.get_by_role("button", name="Dark").click()
    assert barriers(app, axe) == []
    assert troubles == list(SHOWN[scenario.slug].console)


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
    for details in app.locator("details").all():
        details.evaluate("details => { details.open = true; }")
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
    expect(order.locator("[data-action=tell]")).to_have_count(0)
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
    for details in app.locator("details").all():
        details.evaluate("details => { details.open = true; }")
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


def test_failures_of_zendesk_the_service_and_a_stranger_have_words_of_their_own(tab: Page, address: str) -> None:
    app = visit(tab, address, "guest")
    settled(app)
    answers = {
        "Zendesk’s proxy failed": (404, "application/json", '{"errors":[{"code":"ConnectionNotFound"}]}'),
        "The order service is busy": (503, "application/json", '{"error":{"code":"too_late","message":"Later."}}'),
        "Not connected": (
            401,
            "application/json",
            '{"error":{"code":"token_expired","message":"The token has expired."}}',
        ),
        "Not the order service": (200, "text/html", "<title>Log in</title>"),
        "Out of order": (502, "text/html", "<title>Bad gateway</title>"),
    }
    for title, (status, kind, body) in answers.items():
        xhr = {"status": status, "statusText": "", "contentType": kind, "body": body}
        tab.unroute_all()
        tab.route("**/demo/proxy", partial(_fulfil, xhr))
        tab.reload()
        expect(app.get_by_role("alert")).to_contain_text(title, timeout=ANSWER_MS)


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
