"""How the house is built: who may import whom, where I/O is, and how large a room may get."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import server
from server.connectors import CONNECTORS

ROOT = Path(server.__file__).parent

FLOORS: tuple[set[str], ...] = (
    {"cli", "serve", "door", "terminal", "demo"},
    {"app"},
    {"routes"},
    {"desk", "rights"},
    {"house"},
    {"repeats"},
    {"summary", "check", "metrics"},
    {"register"},
    {"lookup"},
    set(),  # every other room
    {"errors"},
    {"model"},
)
"""From the roof down. A module may import from its own floor and from those below."""

PURE = ("identity", "attention", "privacy", "render", "model", "voice", "words", "sentences", "flag_words", "summary")
"""Rooms that are tested with plain values, because nothing in them waits for anything."""

OUTSIDE = {
    "aiohappyeyeballs",
    "asyncio",
    "httpx",
    "socket",
    "ssl",
    "subprocess",
    "threading",
    "http",
    "urllib.request",
    "uvicorn",
    "starlette",
}
HTTPX = {
    "server.upstream.client",
    "server.upstream.transport",
    "server.upstream.connection",
    "server.app",
    "server.house",
}
"""The wire itself, and the two places that hand it on."""

MOST_LINES = 320


@dataclass(frozen=True)
class Module:
    """One file below `server/`."""

    path: Path

    @cached_property
    def name(self) -> str:
        """As it is imported: `server.upstream.client`."""
        parts = self.path.relative_to(ROOT.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def room(self) -> str:
        """The first name below `server`."""
        return (*self.name.split("."), "", "")[1]

    @cached_property
    def tree(self) -> ast.Module:
        """Its code."""
        return ast.parse(self.path.read_text("utf-8"))

    @cached_property
    def imports(self) -> frozenset[str]:
        """Everything that it imports, wherever in the file, by full names: of `from . import x` that is `x`."""
        return frozenset(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = self.name.split(".") + [""] * (self.path.stem == "__init__")
                base = ".".join([*above[: len(above) - node.level], *filter(None, [node.module])])
                start = base if node.level else node.module or ""
                inner = [f"{start}.{alias.name}" for alias in node.names]
                yield from (name if name in NAMES else start for name in inner)


FILES = sorted(path for path in ROOT.rglob("*.py") if "node_modules" not in path.parts)
NAMES = {Module(path).name for path in FILES}
MODULES = [Module(path) for path in FILES]


def each(modules: Iterable[Module]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("module", modules, ids=lambda module: module.name)


def floor(room: str) -> int:
    return next((level for level, rooms in enumerate(FLOORS) if room in rooms), FLOORS.index(set()))


def inside(module: Module) -> dict[str, str]:
    """What it imports of ours: room by module."""
    return {name: (*name.split("."), "")[1] for name in module.imports if name.split(".")[0] == "server"}


def outside(module: Module) -> set[str]:
    return {name for name in module.imports if name.split(".")[0] != "server"}


def test_all_of_it_is_looked_at() -> None:
    assert {"server.model", "server.upstream.client", "server.identity.match", "server.cli"} <= NAMES
    client = next(module for module in MODULES if module.name == "server.upstream.client")
    assert {"server", "server.connectors.base", "server.errors", "httpx"} <= client.imports


@each(MODULES)
def test_imports_point_downward(module: Module) -> None:
    up = [name for name, room in inside(module).items() if room and floor(room) < floor(module.room)]
    assert up == []


def test_nothing_goes_round_in_circles() -> None:
    graph = {module.name: set(inside(module)) - {module.name, "server"} for module in MODULES}
    for module in MODULES:  # a package's own parts import each other, not the package
        graph[module.name] -= {name for name in graph[module.name] if module.name.startswith(f"{name}.")}
    assert len(tuple(TopologicalSorter(graph).static_order())) >= len(MODULES)


@each([module for module in MODULES if module.room == "connectors"])
def test_a_connector_knows_its_platform_and_the_model_only(module: Module) -> None:
    assert set(inside(module).values()) <= {"connectors", "model", "errors", "texts"}
    foreign = {name.split(".")[0] for name in outside(module)} - set(sys.stdlib_module_names)
    assert foreign <= {"msgspec", "pydantic"}


@each([module for module in MODULES if module.room == "connectors" and module.path.stem != "__init__"])
def test_no_platform_knows_another(module: Module) -> None:
    platforms = {kind.__module__.rpartition(".")[2] for kind in CONNECTORS}
    own = {platform for platform in platforms if module.path.stem.startswith(platform)}
    assert len(own) <= 1
    others = {name for name in inside(module) for platform in platforms - own if f".{platform}" in name}
    assert others == set()


@each([module for module in MODULES if module.room in PURE])
def test_pure_rooms_wait_for_nothing(module: Module) -> None:
    impure = {name for name in outside(module) if name in OUTSIDE or name.split(".")[0] in OUTSIDE}
    assert impure == set()
    calls = [
        node.func.id for node in ast.walk(module.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert not {"open", "print", "input", "eval", "exec"} & set(calls)
    assert [node for node in ast.walk(module.tree) if isinstance(node, ast.AsyncFunctionDef | ast.Await)] == []


@each([module for module in MODULES if module.room in {"identity", "attention", "privacy"}])
def test_the_judging_rooms_rest_on_the_model_alone(module: Module) -> None:
    assert set(inside(module).values()) <= {module.room, "model", "errors"}


@each([module for module in MODULES if module.room in {"model", "errors"}])
def test_the_ground_floor_rests_on_the_standard_library_and_structs(module: Module) -> None:
    assert {name.split(".")[0] for name in outside(module)} <= {*sys.stdlib_module_names, "msgspec"}


@each([module for module in MODULES if module.room != "demo"])
def test_one_module_speaks_http(module: Module) -> None:
    assert "httpx" not in module.imports or module.name in HTTPX


@each([module for module in MODULES if module.room not in {"demo", "cli", "terminal", "connectors"}])
def test_the_clock_and_chance_are_handed_in(module: Module) -> None:
    """As a default they may be named; called where a test cannot reach them, they may not."""
    called = {ast.unparse(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    clocks = {"time.time", "time.monotonic", "datetime.now", "datetime.utcnow", "random.random", "secrets.token_hex"}
    assert called & clocks == set()


@each(MODULES)
def test_a_module_can_be_read_at_one_go(module: Module) -> None:
    lines = module.path.read_bytes().count(b"\n")
    assert lines <= MOST_LINES


@each(MODULES)
def test_a_module_is_named_for_what_it_is(module: Module) -> None:
    vague = ("util", "helper", "manager", "common", "misc", "service")
    assert not any(word in part for word in vague for part in module.name.split(".")[1:])
    assert ast.get_docstring(module.tree) or not module.tree.body
