"""Chromium, and the pages that it is shown. Without a Chromium these tests are skipped, and say so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from .seen import world
from .stage import bundled_sdk, script_of

EXECUTABLES = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. It ends with this folder: while Playwright runs, no other test could call `asyncio.run`."""
    named = os.environ.get("ORDERSIDE_CHROMIUM")
    found = next(filter(None, map(shutil.which, [named] if named else EXECUTABLES)), None)
    if found is None:
        pytest.skip(f"no Chromium: neither ORDERSIDE_CHROMIUM nor {', '.join(EXECUTABLES)} can be run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def zendesks_sdk() -> str | None:
    """Zendesk's own SDK where ORDERSIDE_ZAF_SDK names its npm tarball, else nothing: the demo has a stand-in."""
    package = os.environ.get("ORDERSIDE_ZAF_SDK")
    return bundled_sdk(Path(package)) if package else None


@pytest.fixture(scope="session")
def axe() -> str | None:
    """axe-core where ORDERSIDE_AXE names its npm tarball, else nothing: then the end of the report says so."""
    package = os.environ.get("ORDERSIDE_AXE")
    return script_of(Path(package), "axe.min.js") if package else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A green report must not be taken for a check that was not made."""
    looked = any(
        item.nodeid.startswith("tests/browser/test_panel.py") for item in terminalreporter.getreports("passed")
    )
    if looked and "ORDERSIDE_AXE" not in os.environ:
        text = "NOBODY LOOKED FOR BARRIERS: ORDERSIDE_AXE names no tarball of axe-core (`make test` fetches it)"
        terminalreporter.write_line(text, red=True, bold=True)


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory, zendesks_sdk: str | None) -> Iterator[str]:
    """Where the demo is served."""
    with world(tmp_path_factory.mktemp("demo"), zendesks_sdk) as address:
        yield address


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


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A fresh tab, wide enough for the ticket page's three columns."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/London")
    yield context.new_page()
    context.close()
