"""The demo's service, asked as Zendesk's proxy asks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.demo.world import closed_port, demo, listener
from tests.browser.stage import serving

from .service import Service

HERE = Path(__file__).parent


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests that leave no trace in it."""
    folder = tmp_path_factory.mktemp("demo")
    bound = listener(0)
    port = bound.getsockname()[1]
    with closed_port() as closed, serving(demo(port, folder, datetime.now(UTC), closed), bound):
        service = Service(f"http://127.0.0.1:{port}", folder)
        with service.client:
            yield service


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Many answers, on machines that do other things too: these get more time than others."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(300))
