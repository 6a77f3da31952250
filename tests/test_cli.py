"""The command line as operators and scripts meet it: what is printed, and the exit status."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server import logs
from server.cli import main
from server.demo.world import closed_port, demo, listener
from tests.browser.stage import serving

SETTINGS = """
[service]
base_url = "https://orders.example.com"
[[tenant]]
subdomain = "acme"
  [tenant.auth]
  method = "proxied"
  secrets = ["file:secret"]
  [[tenant.store]]
  name = "Acme EU"
  platform = "woocommerce"
  origin = "https://shop.acme.example"
  key = "file:secret"
  secret = "file:secret"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("0123456789abcdef" * 3)
    path = tmp_path / "orderside.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The settings of a demo that is running."""
    folder = tmp_path_factory.mktemp("world")
    bound = listener(0)
    with closed_port() as closed, serving(demo(bound.getsockname()[1], folder, datetime.now(UTC), closed), bound):
        yield folder / "orderside.toml"


def test_a_secret_is_long_enough_and_new_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    secrets = set()
    for _ in range(3):
        assert main(["secret"]) == 0
        said = capsys.readouterr()
        secrets.add(said.out.strip())
        assert "Shared secret" in said.err
        assert said.out.strip() not in said.err
    assert len(secrets) == 3
    assert all(len(secret) >= 32 for secret in secrets)


def test_the_zip_is_built_named_and_fit_to_upload(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "acme.zip"
    command = ["package", "--config", str(settings), "--tenant", "acme", "--out", str(out)]
    assert main(command) == 0
    first = out.read_bytes()
    assert main(command) == 0
    assert out.read_bytes() == first, "same input, same bytes"
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(first)).read("manifest.json"))
    assert manifest["domainWhitelist"] == ["orders.example.com"]
    assert "Upload private app" in capsys.readouterr().out
    assert main(["package", "--verify", str(out)]) == 0


def test_the_zip_for_signed_urls_is_built_before_there_is_a_key(settings: Path, tmp_path: Path) -> None:
    """The key exists only once the app is installed."""
    text = re.sub(r'method *= "proxied"\n *secrets.*', 'method = "signed_url"', settings.read_text())
    settings.write_text(text)
    out = tmp_path / "acme.zip"
    assert main(["package", "--config", str(settings), "--tenant", "acme", "--out", str(out)]) == 0
    manifest = json.loads(zipfile.ZipFile(out).read("manifest.json"))
    assert manifest["location"]["support"]["ticket_sidebar"]["url"] == "https://orders.example.com/sidebar"
    assert main(["package", "--verify", str(out)]) == 0


def test_a_broken_app_is_named_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    assert main(["package", "--verify", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert said.count("\n") > 3
    assert "defaultLocale" in said


@pytest.mark.parametrize("command", ["package", "lookup"])
def test_a_tenant_that_is_not_there_is_named(command: str, settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    email = ["--email", "jane@example.com"] if command == "lookup" else []
    assert main([command, "--config", str(settings), "--tenant", "acmee", *email]) == 2
    assert "there is no [[tenant]] acmee" in capsys.readouterr().err


def test_bad_settings_end_with_2_and_name_the_key(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "to_stderr", lambda: None)  # it would be this process's log for good
    settings.write_text(SETTINGS.replace("origin", "orgin"))
    assert main(["serve", "--config", str(settings)]) == 2
    assert 'unknown key "orgin"; did you mean "origin"?' in capsys.readouterr().err


LOOKUPS = {
    "somebody": ("acme", ["--email", "jane.doerr@gmail.com", "--order", "991"], 0, "Likely match: Jane Doerr"),
    "nobody": ("acme", ["--email", "nobody@example.com"], 1, "Nobody found"),
    "a number alone": ("acme", ["--order", "1042"], 1, "Order 1042 exists, under another address"),
    "a phone alone": ("acme", ["--phone", "+49 30 5550101"], 0, "J. D."),
    "a silent store": ("birch", ["--email", "priya.nair@example.co.uk"], 3, "Birch Outlet could not be reached"),
    "a name alone": ("acme", ["--name", "Jane Doerr"], 0, "? J. D."),
    "half a name": ("acme", ["--name", "Jane"], 2, "give the first and the last name"),
    "nothing": ("acme", [], 2, "needs an email"),
}


@pytest.mark.parametrize(("tenant", "asked", "status", "said"), LOOKUPS.values(), ids=LOOKUPS)
def test_a_lookup_tells_by_its_status_what_it_found(
    world: Path, tenant: str, asked: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lookup", "--config", str(world), "--tenant", tenant, *asked]) == status
    output = capsys.readouterr()
    assert said in output.out + output.err


def test_a_lookup_as_json_is_the_contracts_summary(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["lookup", "--config", str(world), "--tenant", "acme", "--email", "jane.doerr@gmail.com", "--json"]
    assert main(command) == 0
    said = json.loads(capsys.readouterr().out)
    assert [order["number"] for order in said["orders"]] == ["1042", "#US-2210", "1038", "991"]


def test_what_a_store_wrote_cannot_steer_the_terminal(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "--config", str(world), "--tenant", "acme", "--email", "eve.ohara@example.com"]) == 0
    said = capsys.readouterr().out
    assert "1 order could not be read" in said
    assert all(character == "\n" or character.isprintable() for character in said)


def test_a_check_prints_a_table_and_fails_for_a_store_that_is_down(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", str(world), "--tenant", "birch"]) == 1
    said = capsys.readouterr()
    assert "birch / Birch Home (woocommerce): ok" in said.out
    assert "! fault    reachable" in said.out
    assert sorted(said.err.splitlines()) == ["birch / Birch Home: ok", "birch / Birch Outlet: fault"]


def test_a_check_is_told_to_machines_as_json(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(world), "--tenant", "acme", "--order", "1042", "--json"]) == 0
    eu, us = json.loads(capsys.readouterr().out)
    assert (eu["store"], eu["verdict"], us["store"], us["verdict"]) == ("Acme EU", "ok", "Acme US", "ok")
    known = [finding for finding in eu["findings"] if finding["about"] == "known order"]
    assert known[0]["verdict"] == "ok"


def test_a_check_for_a_cron_job_is_one_line(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(world), "--tenant", "birch", "--quiet"]) == 1
    out, err = capsys.readouterr()
    assert out == "2 stores: 1 ok, 1 fault (birch / Birch Outlet: fault)\n"
    assert err == ""
    assert main(["check", "--config", str(world), "--tenant", "acme", "--quiet"]) == 0
    assert capsys.readouterr().out == "2 stores: 2 ok\n"


def test_a_check_for_an_order_that_no_store_has_fails(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(world), "--tenant", "acme", "--store", "Acme US", "--order", "1042"]) == 1
    assert "no store that was asked has that order" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--tenant", "nobody"], ["--store", "Nowhere"]])
def test_a_check_of_what_is_not_in_the_settings_says_so(
    world: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]
) -> None:
    assert main(["check", "--config", str(world), *wrong]) == 2
    assert wrong[1] in capsys.readouterr().err
