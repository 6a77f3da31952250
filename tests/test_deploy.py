"""What stands in deploy/ fits the service: names, paths, times, and nothing that gives more away than it must."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from server.app import NAMES_AT_ONCE
from server.cli import _parser
from server.metrics import Meter
from server.model import Level, SourceState
from server.serve import FINISH_S
from server.settings import Limits, Service
from server.ticket import MAX_BODY_BYTES
from server.trail import END_S

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "orderside.service").read_text("utf-8")
IMAGE = (DEPLOY / "Containerfile").read_text("utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus.rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
OPERATE = (ROOT / "docs" / "operate.md").read_text("utf-8")
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])

WORDS: Mapping[str, set[str]] = {
    "state": set(SourceState),
    "level": set(Level),
    "complete": {"true", "false"},
    "act": {"looked", "opened", "chosen", "set_aside", "search", "reveal", "wrong_customer"},
    "code": {"busy", "too_late", "defect", "token_missing", "token_signature"},
    "job": {"orderside"},
}
"""What a label may say, as far as rules ask for it."""


def series() -> Mapping[str, tuple[str, ...]]:
    """Every series of a process, with its labels: as Prometheus sees them."""
    found: dict[str, tuple[str, ...]] = {"up": ("job", "instance")}
    names = Meter().registry._names_to_collectors
    for name, collector in names.items():
        assert isinstance(collector, MetricWrapperBase)
        if f"{name}_total" not in names:
            found[name] = (*collector._labelnames, "instance", "job", "le")
    return found


def asked(expr: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The series that an expression reads, each with the matchers it reads them by."""
    found = re.findall(r"\b(up|orderside_\w+)(?:\{([^}]*)\})?", expr)
    return [(name, re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', matchers)) for name, matchers in found]


# -- alerts -----------------------------------------------------------------------------------------------


@each_rule
def test_an_alert_reads_series_that_exist_by_labels_and_words_that_exist(rule: dict[str, Any]) -> None:
    reads = asked(rule["expr"])
    assert reads
    for name, matchers in reads:
        assert name in series(), name
        for label, value in matchers:
            assert label in series()[name], f"{name} has no {label}"
            words = value.split("|")
            assert all(any(re.fullmatch(word, known) for known in WORDS[label]) for word in words), value
    by = re.findall(r"by \(([^)]*)\)", rule["expr"])
    names = {name for name, _ in reads}
    assert all(label.strip() in series()[name] for group in by for label in group.split(",") for name in names)


@each_rule
def test_an_alert_says_how_soon_and_the_page_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    row = re.search(rf"^\| `{rule['alert']}` \| (\w+) \|.*\|.*\|$", OPERATE, re.MULTILINE)
    assert row, "docs/operate.md has no row for it"
    assert row[1] == rule["labels"]["severity"]


def test_the_page_lists_every_series_and_no_other() -> None:
    told = set(re.findall(r"^\| `(orderside_\w+)` ", OPERATE, re.MULTILINE))
    inner = re.compile(r"orderside_\w+_(created|bucket|sum|count)")
    assert told == {name for name in series() if name.startswith("orderside_") and not inner.fullmatch(name)}


# -- systemd ----------------------------------------------------------------------------------------------


def unit(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def test_the_unit_starts_what_there_is_to_start() -> None:
    (start,) = unit("ExecStart")
    binary, *words = start.split()
    assert binary == "/opt/orderside/bin/orderside"
    args = _parser().parse_args(words)
    assert str(args.config) == "/etc/orderside/orderside.toml"
    assert unit("ExecReload") == ["/bin/kill -HUP $MAINPID"]


def test_the_unit_leaves_time_to_end_well() -> None:
    (stop,) = unit("TimeoutStopSec")
    (tasks,) = unit("TasksMax")
    assert int(tasks) > NAMES_AT_ONCE + 8, "threads count"
    assert int(stop) > Service(base_url="https://orders.example.com").drain_s + FINISH_S + END_S


def test_the_unit_gives_it_nothing_that_it_does_not_need() -> None:
    assert unit("User") == ["orderside"]
    assert unit("CapabilityBoundingSet") == [""]
    assert unit("ProtectSystem") == ["strict"]
    yes = {
        "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "PrivateUsers", "ProtectClock",
        "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
        "ProtectControlGroups", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
        "MemoryDenyWriteExecute",
    }  # fmt: skip
    assert {key for key in yes if unit(key) != ["yes"]} == set()
    assert not re.search(r"Environment=", UNIT), "a secret in a unit can be read by everybody on the machine"
    assert unit("UMask") == ["0027"]


# -- the image --------------------------------------------------------------------------------------------


def test_the_image_is_built_from_hashes_and_runs_as_nobody() -> None:
    build, run = re.split(r"(?=^FROM )", IMAGE, flags=re.MULTILINE)[1:]
    assert build.count("--require-hashes") == 2
    assert "pip install" not in run
    assert len(set(re.findall(r"^FROM (\S+)", IMAGE, re.MULTILINE))) == 1, "what was built for it must run on it"
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", run, re.MULTILINE)
    assert 'ENTRYPOINT ["orderside"]' in run
    assert 'CMD ["serve"]' in run
    assert "/healthz" in run


def test_all_that_the_image_copies_is_there_and_let_in() -> None:
    ignored = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    assert "*" in ignored, "nothing goes in but what is named"
    sources = [name for line in re.findall(r"^COPY (?!--from)(.+)$", IMAGE, re.MULTILINE) for name in line.split()[:-1]]
    assert [name for name in sources if not (ROOT / name).exists() or f"!{name}" not in ignored] == []
    packed = set(re.findall(r'^"([^"]+)" = "server/', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE))
    assert packed <= set(sources), "what the wheel takes in"


# -- nginx ------------------------------------------------------------------------------------------------


def directive(name: str) -> list[str]:
    return re.findall(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)


def seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s)", text).groups()  # type: ignore[union-attr]
    return int(number) / (1000 if unit == "ms" else 1)


def test_the_proxy_waits_as_long_as_an_answer_may_take() -> None:
    (read,) = directive("proxy_read_timeout")
    assert seconds(read) > Limits().deadline_ms / 1000 + 0.1
    (keep,) = directive("keepalive_timeout")
    assert seconds(keep) < 5, "uvicorn's own, after which it closes an idle connection"


def test_the_proxy_keeps_bodies_in_memory_and_callers_out_of_its_log() -> None:
    for name in ("client_max_body_size", "client_body_buffer_size"):
        assert directive(name) == [f"{MAX_BODY_BYTES // 1024}k"]
    assert directive("proxy_max_temp_file_size") == ["0"]
    (form,) = directive("log_format orderside")
    assert not re.search(r"\$(remote|request_uri|uri|args|http_|request )", form)


def test_the_proxy_sends_no_word_about_the_caller_on() -> None:
    sent = dict(line.split(maxsplit=1) for line in directive("proxy_set_header"))
    assert {name for name, value in sent.items() if value != '""'} == {"Host"}
    assert {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"} <= set(sent)


def test_a_question_to_a_replica_that_dies_goes_to_the_next_one() -> None:
    assert directive("proxy_next_upstream") == ["error timeout non_idempotent"]
    assert directive("hash") == ["$orderside_way consistent"]
