"""Schemathesis against docs/openapi.json and the demo's service: `make fuzz`.

It posts what the document allows, and what it forbids, and fails where an answer is a 5xx or not as documented. The
limits on searches are off here: they would answer most of it.
"""

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from server import quota
from server.demo.world import closed_port, demo, listener
from tests.api import DOCUMENT
from tests.browser.stage import serving
from tests.trust.service import Service

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "negative_data_rejection,unsupported_method,ignored_auth,missing_required_header"
)
CONFIG = Path(__file__).parent / "schemathesis.toml"
SECONDS = 40
"""Less than a token lives."""


def main(schemathesis: str) -> int:
    """Its exit status: 0 where nothing was found."""
    quota.PER_AGENT = quota.PER_TENANT = quota.PER_AGENT_ASKED = 10**9
    bound = listener(0)
    port = bound.getsockname()[1]
    with (
        tempfile.TemporaryDirectory() as folder,
        closed_port() as closed,
        serving(demo(port, Path(folder), datetime.now(UTC), closed), bound),
    ):
        service = Service(f"http://127.0.0.1:{port}", Path(folder))
        how = {
            "--url": service.url,
            "--header": f"Authorization: Bearer {service.token('acme', 110)}",
            "--checks": CHECKS,
            "--phases": "examples,coverage,fuzzing",
            "--max-time": str(SECONDS),
            "--max-examples": "150",
            "--seed": "5",
            "--generation-database": "none",
            "--suppress-health-check": "all",
            "--warnings": "off",
        }
        command = [
            schemathesis,
            "--config-file",
            str(CONFIG),
            "run",
            str(DOCUMENT),
            "--continue-on-failure",
            "--no-shrink",
        ]
        options = [text for option in how.items() for text in option]
        return subprocess.run([*command, *options], check=False, cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
