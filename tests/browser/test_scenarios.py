"""Every scenario of the demo in a browser: what is read on the screen, light, dark, and from right to left.

What a panel must and must not say stands in one table. The pictures are kept in tests/output for a person to look at.
"""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from server.demo.scenarios import SCENARIOS, Scenario

from .seen import FOLD_PX, barriers, ended, fold, picture, unfold, visit


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
