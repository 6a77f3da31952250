"""How the tests look at the panel: the demo that it stands in, when it is complete, what of it is above the fold."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

from server.demo.world import closed_port, demo

from .stage import free_socket, serving

PICTURES = Path(__file__).parents[1] / "output"
ANSWER_MS = 10_000
"""More than the service's deadline: a panel that is not complete by then is broken."""


@contextmanager
def world(folder: Path, sdk: str | None) -> Iterator[str]:
    """A demo of its own, which has asked no store yet."""
    bound, port = free_socket()
    with bound, closed_port() as closed:
        app = demo(port, folder, datetime.now(UTC), closed, sdk=sdk)
        with serving(app, bound):
            yield f"http://127.0.0.1:{port}"


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
