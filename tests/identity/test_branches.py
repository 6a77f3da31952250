"""Every way through the decision is tried: a branch that no test takes is a rule that nobody has checked."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DECISION = HERE.parents[1] / "server" / "identity" / "match.py"


def test_every_branch_of_the_decision_is_taken(tmp_path: Path) -> None:
    data = {**os.environ, "COVERAGE_FILE": str(tmp_path / "data")}
    tests = [str(HERE / name) for name in ("test_match.py", "test_match_steps.py", "test_incidents.py")]
    measured = ["run", "--branch", f"--include={DECISION}", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    for command in (measured, ["json", "-o", str(tmp_path / "report.json")]):
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *command], env=data, cwd=HERE.parents[1], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    (measure,) = report["files"].values()
    assert measure["summary"]["num_branches"] > 10
    assert (measure["missing_lines"], measure["missing_branches"]) == ([], [])
