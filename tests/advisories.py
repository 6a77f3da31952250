"""Known weaknesses in what `deploy/requirements.txt` installs: `python -m tests.advisories`, or `make advisories`.

pip-audit ends well where it was told of no weakness, and that is also so where no database knew a single package. So
what was looked up is counted, and said: nothing audited is neither a failure nor a clean bill.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "deploy" / "requirements.txt"


def verdict(report: Mapping[str, Any] | None) -> tuple[int, str]:
    """Exit status and words for pip-audit's report; `None` where it made none."""
    packages = report["dependencies"] if report else []
    audited = [package for package in packages if "vulns" in package]
    found = [
        f"{package['name']} {package['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or '-'}"
        for package in audited
        for known in package["vulns"]
    ]
    if found:
        return 1, "\n".join(["Known weaknesses in what is locked:", *found])
    if not audited:
        return 0, "Nothing was audited: no database of advisories could be reached from here."
    skipped = len(packages) - len(audited)
    return 0, f"No known weakness in {len(audited)} locked packages" + (f"; {skipped} are unknown." if skipped else ".")


def main() -> int:
    """Asks, and tells."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.json"
        subprocess.run(
            [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement", str(LOCK),
             "--format", "json", "--output", str(file), "--progress-spinner", "off"],
            capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        report = json.loads(file.read_text()) if file.exists() and file.stat().st_size else None
    status, words = verdict(report)
    sys.stdout.write(f"{words}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
