"""What Orderside stands on: declared, used, explained, locked with hashes, and under licences that allow it."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.version import Version

from tests.advisories import verdict

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
SERVICE = [
    *PROJECT["project"]["dependencies"],
    *(each for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra),
]
DEV = PROJECT["dependency-groups"]["dev"]
LOCKS = ("requirements", "build")

TOOLS = {
    "coverage": ("tests/identity/test_branches.py", '"-m", "coverage"'),
    "mypy": ("Makefile", "$(BIN)/mypy"),
    "pytest-timeout": ("pyproject.toml", "timeout = 60"),
    "pytest-xdist": ("Makefile", "$(BIN)/pytest -q -n auto"),
    "ruff": ("Makefile", "$(BIN)/ruff check"),
    "types-cachetools": ("server/quota.py", "from cachetools import"),
    "types-pyyaml": ("tests/test_deploy.py", "import yaml"),
}
"""What is run or read by name, and where: by make, pytest and mypy."""

ALLOWED = {"MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "PSF-2.0", "MPL-2.0"}
"""All may be used and passed on beside our MIT."""

AS_CLASSIFIED = {
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def plain(name: str) -> str:
    """A package's name in its one spelling (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> list[str]:
    return [plain(Requirement(each).name) for each in requirements]


def rows(page: str) -> Mapping[str, list[str]]:
    """The tables of the page: package -> licence, what for, instead of what."""
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in page.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in cells if row[0] not in {"package", "---"}}


def locked(lock: str) -> Mapping[str, tuple[Version, list[str]]]:
    """Package -> the version that is locked, and the hashes it may have."""
    text = (ROOT / "deploy" / f"{lock}.txt").read_text("utf-8")
    blocks = re.findall(r"^([a-z0-9][\w.-]*)==([^\s;]+)[^\n]*((?:\n    --hash=\S+[^\n]*)*)", text, re.MULTILINE)
    return {plain(name): (Version(version), re.findall(r"sha256:[0-9a-f]{64}", rest)) for name, version, rest in blocks}


def licence(package: str) -> str:
    """As the package itself states it, by the names of SPDX."""
    about = metadata.metadata(package)
    stated = str(about.json.get("license_expression") or about.json.get("license") or "")
    if stated.partition(" ")[0] in ALLOWED:
        return AS_CLASSIFIED.get(stated, stated)
    classes = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each.startswith("License")]
    return " AND ".join(AS_CLASSIFIED.get(each, each) for each in classes)


@cache
def imported(*folders: str) -> frozenset[str]:
    """Every module that a file below these folders imports, by its first name."""
    return frozenset(_imported(folders))


def _imported(folders: tuple[str, ...]) -> Iterator[str]:
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    yield from (alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.partition(".")[0]


@cache
def modules() -> Mapping[str, set[str]]:
    """Installed package -> the modules that it brings."""
    found: dict[str, set[str]] = {}
    for module, packages in metadata.packages_distributions().items():
        for package in packages:
            found.setdefault(plain(package), set()).add(module)
    return found


def test_each_package_has_its_reason_and_no_other_is_listed() -> None:
    assert sorted(rows(PAGE)) == sorted({*names(SERVICE), *names(DEV)})
    assert [name for name, row in rows(PAGE).items() if len(row) != 3 or not row[1]] == []


@pytest.mark.parametrize("package", names(SERVICE))
def test_what_the_service_declares_it_imports(package: str) -> None:
    assert modules()[package] & imported("server")


@pytest.mark.parametrize("package", [name for name in names(DEV) if name not in TOOLS])
def test_what_the_tests_declare_they_import(package: str) -> None:
    assert modules()[package] & imported("tests", "bench")


@pytest.mark.parametrize(("package", "trace"), TOOLS.items(), ids=TOOLS)
def test_a_tool_is_run_by_something(package: str, trace: tuple[str, str]) -> None:
    file, text = trace
    assert text in (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize("package", [*names(SERVICE), *names(DEV)])
def test_its_licence_is_the_one_in_the_page(package: str) -> None:
    stated = licence(package)
    assert stated == rows(PAGE)[package][0]


@pytest.mark.parametrize("package", sorted(locked("requirements")))
def test_nothing_that_a_server_installs_forbids_our_use(package: str) -> None:
    try:
        stated = licence(package)
    except metadata.PackageNotFoundError:
        text = (ROOT / "deploy" / "requirements.txt").read_text("utf-8")
        marker = re.search(rf"^{package}==\S+ ; (.*?) \\$", text, re.MULTILINE)
        assert marker, "what is locked is installed here"
        assert not Marker(marker[1]).evaluate(), "or is for other machines"
        return
    assert set(re.split(r" AND | OR ", stated)) <= ALLOWED


@pytest.mark.parametrize("requirement", SERVICE)
def test_what_is_declared_is_locked_in_a_version_that_fits(requirement: str) -> None:
    wanted = Requirement(requirement)
    version, _ = locked("requirements")[plain(wanted.name)]
    assert version in wanted.specifier, "make lock writes it anew"


def test_what_builds_the_package_is_locked_too() -> None:
    for requirement in PROJECT["build-system"]["requires"]:
        wanted = Requirement(requirement)
        assert locked("build")[plain(wanted.name)][0] in wanted.specifier


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_hashes_and_nothing_else_to_be_had_by(lock: str) -> None:
    text = (ROOT / "deploy" / f"{lock}.txt").read_text("utf-8")
    pinned = locked(lock)
    assert len(pinned) == len(re.findall(r"^[a-zA-Z0-9]", text, re.MULTILINE))
    assert [name for name, (_, hashes) in pinned.items() if not hashes] == []
    assert not re.search(r"://|^-|^\s*--(?!hash=)| @ ", text, re.MULTILINE), "no host, no path, no option"


@pytest.mark.parametrize("lock", LOCKS)
def test_whatever_a_locked_package_needs_is_locked(lock: str) -> None:
    pinned = locked(lock)
    for name in pinned:
        try:
            needs = [Requirement(each) for each in metadata.requires(name) or []]
        except metadata.PackageNotFoundError:
            continue
        here = [each for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
        assert [each.name for each in here if plain(each.name) not in pinned] == [], name


def a_report(**package: Any) -> Mapping[str, Any]:
    return {"dependencies": [{"name": "idna", "version": "3.20", **package}]}


@pytest.mark.parametrize(
    ("report", "status", "words"),
    [
        (None, 0, "Nothing was audited"),
        (a_report(skip_reason="not found"), 0, "Nothing was audited"),
        (a_report(vulns=[]), 0, "No known weakness in 1 locked packages."),
        (a_report(vulns=[{"id": "CVE-2026-1", "fix_versions": ["3.21"]}]), 1, "idna 3.20: CVE-2026-1, fixed in 3.21"),
    ],
    ids=["no database", "a database that knows none", "well", "weak"],
)
def test_an_audit_says_what_it_looked_at(report: Mapping[str, Any] | None, status: int, words: str) -> None:
    told = verdict(report)
    assert told[0] == status
    assert words in told[1]
