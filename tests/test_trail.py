"""The audit trail on its way to a disk: whole lines, in order, and nothing lost without a word."""

import json
import logging
import resource
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from server import trail
from server.audit import note
from server.errors import SettingsError
from server.trail import Trail, kept


@pytest.fixture
def lost() -> list[int]:
    """How many events were said to be lost, each time."""
    return []


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A disk that failed is tried again soon; and events are noted whatever the tests' own log does."""
    monkeypatch.setattr(trail, "RETRY_S", 0.01)
    caplog.set_level(logging.INFO, "orderside.audit")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the operator read in the log."""
    caplog.set_level(logging.INFO, "orderside")
    return lambda: [record.getMessage() for record in caplog.records]


def opened(path: Path, lost: list[int], *, files: int = 2) -> AbstractContextManager[Trail | None]:
    return kept(f"file:{path.name}", path.parent, megabytes=1, files=files, lost=lost.append)


def look(number: int, words: str = "") -> None:
    note("looked", {"tenant": "acme", "records": [f"Acme EU/{number}"], "about": [words]})


def seen(*paths: Path) -> list[int]:
    """The records that stand in these files, in order. Every line is whole."""
    lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    return [int(line["records"][0].rpartition("/")[2]) for line in lines]


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("never happened")


def test_every_event_is_one_line_that_only_its_owner_and_group_may_read(tmp_path: Path, lost: list[int]) -> None:
    file = tmp_path / "audit.jsonl"
    with opened(file, lost):
        for number in range(500):
            look(number)
    assert seen(file) == list(range(500))
    first = json.loads(file.read_text().splitlines()[0])
    assert (first["event"], first["tenant"], first["from"]) == ("looked", "acme", "orderside.audit")
    assert file.stat().st_mode & 0o027 == 0
    assert lost == []


def test_it_goes_on_where_it_ended(tmp_path: Path, lost: list[int]) -> None:
    for number in range(3):
        with opened(tmp_path / "audit.jsonl", lost):
            look(number)
    assert seen(tmp_path / "audit.jsonl") == [0, 1, 2]


def test_it_does_not_stand_in_the_log_as_well(
    tmp_path: Path, lost: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path / "audit.jsonl", lost):
        look(1)
    assert caplog.records == []


def test_without_a_place_of_its_own_it_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with kept(None, Path(), megabytes=1, files=1, lost=lambda _: None) as none:
        look(1)
    assert none is None
    assert [record.name for record in caplog.records] == ["orderside.audit"]


def test_a_full_file_is_put_aside_and_the_oldest_of_those_goes(tmp_path: Path, lost: list[int]) -> None:
    file = tmp_path / "audit.jsonl"
    with opened(file, lost, files=2):
        for number in range(16):
            look(number, "x" * 250_000)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    assert seen(*(tmp_path / name for name in reversed(names))) == list(range(9, 16)), "three in each megabyte"
    assert all(path.stat().st_size <= 1_000_000 for path in tmp_path.iterdir())


def test_one_that_is_not_put_aside_only_grows(tmp_path: Path, lost: list[int]) -> None:
    with opened(tmp_path / "audit.jsonl", lost, files=0):
        for number in range(8):
            look(number, "x" * 250_000)
    assert [path.name for path in tmp_path.iterdir()] == ["audit.jsonl"]
    assert seen(tmp_path / "audit.jsonl") == list(range(8))


@pytest.mark.parametrize("gone", ["moved", "deleted"])
def test_it_follows_its_name_when_logrotate_takes_the_file_away(tmp_path: Path, lost: list[int], gone: str) -> None:
    file, aside = tmp_path / "audit.jsonl", tmp_path / "audit.jsonl-20261126"
    with opened(file, lost):
        look(1)
        until(lambda: seen(file) == [1])
        file.rename(aside) if gone == "moved" else file.unlink()
        look(2)
    assert seen(file) == [2]
    assert not aside.exists() or seen(aside) == [1]


def test_a_full_disk_costs_no_event_and_is_said(tmp_path: Path, lost: list[int], said: Callable[[], list[str]]) -> None:
    file, room = tmp_path / "audit.jsonl", tmp_path / "room"
    file.symlink_to("/dev/full")
    with opened(file, lost) as kept_here:
        assert kept_here is not None
        for number in range(5):
            look(number)
        until(lambda: bool(said()))
        assert kept_here.waiting >= 4
        file.unlink()
        file.symlink_to(room)
    assert seen(room) == [0, 1, 2, 3, 4]
    assert said() == [
        "audit trail: cannot be written, events wait: No space left on device",
        "audit trail: written again, 0 events are lost",
    ]
    assert lost == []


def test_a_line_for_which_half_the_room_is_left_does_not_stand_there_by_half(
    tmp_path: Path, lost: list[int], said: Callable[[], list[str]]
) -> None:
    file = tmp_path / "audit.jsonl"
    with file.open("wb") as start:
        start.truncate(40_000_000)  # so large that the limit below is nobody else's
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(file, lost, files=0):
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000_050, limits[1]))
        try:
            look(1)
            until(lambda: bool(said()))
            assert file.stat().st_size == 40_000_000
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert json.loads(file.read_bytes()[40_000_000:])["records"] == ["Acme EU/1"]


def test_what_no_longer_fits_is_counted_and_said(
    tmp_path: Path, lost: list[int], said: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_HELD", 3)
    file = tmp_path / "audit.jsonl"
    file.symlink_to("/dev/full")
    with opened(file, lost) as kept_here:
        assert kept_here is not None
        look(0)
        until(lambda: kept_here.waiting == 0)  # in the writer's hand
        for number in range(1, 8):
            look(number)
        file.unlink()
    assert seen(file) == [0, 1, 2, 3]
    assert sum(lost) == 4
    assert said()[1:] == [
        "audit trail: no more events can wait, they are being lost",
        "audit trail: written again, 4 events are lost",
    ]


def test_the_end_does_not_wait_for_a_disk_that_stays_full(
    tmp_path: Path, lost: list[int], said: Callable[[], list[str]]
) -> None:
    file = tmp_path / "audit.jsonl"
    file.symlink_to("/dev/full")
    with opened(file, lost):
        for number in range(4):
            look(number)
    assert sum(lost) == 4
    assert said()[-1] == "audit trail: ended, 4 events are lost"


def test_a_place_that_cannot_be_opened_is_told_before_anything_starts(tmp_path: Path, lost: list[int]) -> None:
    with pytest.raises(SettingsError, match=r"audit: .*/none/audit\.jsonl cannot be written: No such file"):
        opened(tmp_path / "none" / "audit.jsonl", lost).__enter__()
