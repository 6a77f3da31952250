"""A whole run of the service, searched for everything personal and every secret that it ever held: none is there.

The service runs as operators run it, in a process of its own; the demo's stores stand beside it. Every ticket is opened
in both forms, its orders, its contacts and its candidates too; agents search, clients err, settings change. Then all
that the process wrote or said outside its answers is searched.
"""

import asyncio
import json
import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

import server
from server.demo.scenarios import SCENARIOS
from server.demo.signed import SignedApp, app_key
from server.demo.ticket_page import INSTALLATION_IDS
from server.demo.world import TENANTS, closed_port, demo, listener
from server.logs import JsonLines
from tests.browser.stage import serving
from tests.faults import closed_port as free_port
from tests.test_serve import until

from .tickets import posted

Json = dict[str, Any]
PASTED = "shpat-pasted-into-the-settings"
TYPED = "never-a-customer@example.net"


@dataclass
class Run:
    """What one run left behind: what was answered, and everything else that it said or wrote."""

    answers: list[httpx.Response] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


class Line:
    """The service at its address, and the secrets of its accounts."""

    def __init__(self, url: str, folder: Path, run: Run) -> None:
        self.url = url
        self.folder = folder
        self.run = run
        self.client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=30)
        self.room = asyncio.Semaphore(4)

    def token(self, tenant: str, **claims: object) -> str:
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": tenant, "aud": self.url, "iat": now, "exp": now + 60, **claims}
        token = jwt.encode(claims, (self.folder / "secrets" / tenant).read_text(), algorithm="HS256")
        self.run.tokens.append(token)
        return token

    async def bearer(self, tenant: str) -> str:
        """What an agent's app asks with: signed by Zendesk's proxy, or in the page that a start token opened."""
        if tenant in TENANTS:
            return self.token(tenant)
        app = SignedApp(tenant, INSTALLATION_IDS[tenant, "right"], app_key())
        start = app.token(77, "ticket_sidebar", int(datetime.now(UTC).timestamp()))
        page = await self.client.post("/sidebar", data={"token": start})
        (bearer,) = re.findall('<meta name="bearer" content="([^"]+)">', page.text)
        self.run.tokens += [start, bearer]
        return str(bearer)

    async def post(self, tenant: str, path: str, body: object, accept: str = "application/json", **how: Any) -> Json:
        headers = {"authorization": f"Bearer {await self.bearer(tenant)}", "accept": accept, **how.pop("headers", {})}
        async with self.room:
            content = how.pop("content", None) or json.dumps(body)
            headers = {"content-type": "application/json", **headers}
            answer = await self.client.post(f"/v1/{path}", content=content, headers=headers, **how)
        self.run.answers.append(answer)
        json_ = answer.headers["content-type"] == "application/json"
        found: Json = answer.json() if json_ else {}
        return found


# -- what happens in it -----------------------------------------------------------------------------------


async def ticket(line: Line, tenant: str, body: Json) -> None:
    """One ticket as an agent works on it: both forms, orders, candidates, records, contacts."""
    found = await line.post(tenant, "summary", body)
    await line.post(tenant, "summary", body, "text/html")
    for order in found["orders"][:3]:
        await line.post(tenant, "order", {**body, "order": order["id"]})
    for candidate in found["match"]["candidates"]:
        await line.post(tenant, "summary", {**body, "chosen": candidate["id"]})
    for record in (found["customer"] or {"records": []})["records"][:1]:
        await line.post(tenant, "summary", {**body, "aside": [record["mark"]]})
    for accept in ("application/json", "text/html"):
        await line.post(tenant, "reveal", {**body, "fields": ["email", "phone", "address"]}, accept)


async def search(line: Line, tenant: str, wanted: Json) -> None:
    body = {**wanted, "agent": {"id": 77}, "wait_ms": 4000}
    found = await line.post(tenant, "search", body)
    for candidate in found.get("match", {"candidates": []})["candidates"]:
        opened = await line.post(tenant, "search", {**body, "chosen": candidate["id"]})
        again = {"search": wanted, "chosen": candidate["id"], "agent": {"id": 77}}
        await line.post(tenant, "reveal", {**again, "fields": ["email", "phone", "address"]})
        for order in opened["orders"][:1]:
            await line.post(tenant, "order", {**again, "order": order["id"]})


async def mistakes(line: Line) -> None:
    """Whatever clients do wrong, with somebody's data in it."""
    good = posted(SCENARIOS[0])
    for body in (
        {**good, "requester": {"email": ["jane.doerr@gmail.com"]}},
        {**good, "requester": {**good["requester"], "name": "Jane Doerr\0"}},
        {**good, "ticket": {"texts": [{"by": "Jane Doerr", "text": "x"}]}},
        {"requester": {"name": "Jane Doerr"}},
        {**good, "order": "Acme EU/jane.doerr@gmail.com"},
        ["jane.doerr@gmail.com"],
    ):
        await line.post("acme", "summary", body)
        await line.post("acme", "order", body)
        await line.post("acme", "reveal", body)
    for wanted in ({"email": "jane.doerr"}, {"email": TYPED}, {"phone": "+49 30 5550101", "name": "Jane Doerr"}):
        await line.post("acme", "search", wanted)
    for content in (b'{"requester": {"email": "jane.doerr@gmail.com"', b"Jane Doerr " * 10_000, b"\xff\xfeJane"):
        await line.post("acme", "summary", None, content=content)
    stray = {"x-request-id": "jane.doerr@gmail.com", "user-agent": "Jane Doerr", "referer": "https://x/?jane.doerr"}
    await line.post("acme", "summary?email=jane.doerr@gmail.com", good, headers=stray)
    await line.post("acme", "jane.doerr@gmail.com", good)
    for token in ("jane.doerr@gmail.com", line.token("acme", aud="jane.doerr@gmail.com"), line.token("acme", exp=1)):
        await line.post("acme", "summary", good, headers={"authorization": f"Bearer {token}"})
    line.run.tokens.append(forged := jwt.encode({"iss": "jane.doerr@gmail.com"}, "x" * 40))
    await line.post("acme", "summary", good, headers={"authorization": f"Bearer {forged}"})
    for raw in (b"JANE.DOERR@gmail.com / HTTP/9\r\n\r\n", b"GET / HTTP/1.1\r\nJane Doerr\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(line.url).port)
        writer.write(raw)
        line.run.said[f"answer to {raw[:3]!r}"] = (await reader.read()).decode()
        writer.close()


async def everything(line: Line) -> None:
    tickets = [ticket(line, each.tenant, posted(each)) for each in SCENARIOS]
    wanted: list[Json] = [
        {"email": "jane.doerr@gmail.com"}, {"phone": "030 5550101"}, {"number": "1042"}, {"name": "Jane Doerr"},
    ]  # fmt: skip
    searches = [search(line, tenant, each) for tenant in TENANTS for each in wanted]
    await asyncio.gather(*tickets, *searches, mistakes(line))


# -- the run ----------------------------------------------------------------------------------------------


def settings(folder: Path, port: int, metrics: int, stores: int) -> Path:
    """The demo's settings for a service of its own, and an account whose stores answer something else."""
    text = (folder / "orderside.toml").read_text()
    text = text.replace(f'base_url = "http://127.0.0.1:{stores}"', f'base_url = "http://127.0.0.1:{port}"')
    here = f'listen = "127.0.0.1:{port}"\nmetrics_listen = "127.0.0.1:{metrics}"'
    text = re.sub(r"^listen .*$", here, text, count=1, flags=re.MULTILINE)
    path = folder / "service.toml"
    path.write_text(text)
    return path


@asynccontextmanager
async def process(log: Path, *args: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("wb") as out:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-m", "server.cli", *args, stdout=out, stderr=out,
            cwd=Path(server.__file__).parent.parent, env={**os.environ, "PYTHONASYNCIODEBUG": "1"},
        )  # fmt: skip
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def until_said(log: Path, text: str) -> None:
    await until(lambda: text in log.read_text())


def exchange(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


async def drive(folder: Path, path: Path, port: int, metrics: int) -> Run:
    run, log = Run(), folder / "service.log"
    run.secrets = [file.read_text() for file in (folder / "secrets").iterdir()]
    async with process(log, "serve", "--config", str(path)) as child:
        await until_said(log, f":{metrics}")
        await until_said(log, f":{port}")
        line = Line(f"http://127.0.0.1:{port}", folder, run)
        async with line.client:
            await everything(line)
            exchange(path, "file:secrets/acme-us.token", PASTED)
            child.send_signal(signal.SIGHUP)
            await until_said(log, "settings not reloaded")
            exchange(path, PASTED, "file:secrets/acme-us.token")
            child.send_signal(signal.SIGHUP)
            await until_said(log, "settings reloaded")
            await line.post("acme", "summary", posted(SCENARIOS[0]))
            async with httpx.AsyncClient(trust_env=False) as client:
                run.said["metrics"] = (await client.get(f"http://127.0.0.1:{metrics}/metrics")).text
        child.send_signal(signal.SIGTERM)
        await child.wait()
    checked = folder / "check.log"
    async with process(checked, "check", "--config", str(path), "--tenant", "acme") as child:
        async with asyncio.timeout(30):
            await child.wait()
    run.said |= {"log": log.read_text(), "check": checked.read_text()}
    run.files = {file.name for file in folder.iterdir()}  # noqa: ASYNC240
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("scrub")
    bound = listener(0)
    stores, port, metrics = bound.getsockname()[1], free_port(), free_port()
    with closed_port() as closed, serving(demo(stores, folder, datetime.now(UTC), closed), bound):
        yield asyncio.run(drive(folder, settings(folder, port, metrics, stores), port, metrics))


# -- what is searched for ---------------------------------------------------------------------------------


def told(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in an answer, under the name it has there."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from told(member, name)
    elif isinstance(value, list):
        for member in value:
            yield from told(member, key)
    elif isinstance(value, str):
        yield key, value


PERSONAL = {
    "emails", "phones", "name", "street", "company", "postcode", "phone", "number", "tracking_number",
    "tracking_url", "email", "note", "external_id", "value",
}  # fmt: skip
"""Names under which answers and tickets hold what is somebody's."""


def personal(run: Run) -> set[str]:
    """Everybody's texts: of the tickets, and of whatever the stores answered, in the open."""
    found = {TYPED, "jane.doerr", "doerr"}
    for scenario in SCENARIOS:
        body = posted(scenario)
        found |= {text for key, text in told(body["requester"]) if key in PERSONAL}
        found |= {each.text for each in scenario.comments} | {scenario.subject}
    for answer in run.answers:
        if answer.status_code == 200 and answer.headers["content-type"] == "application/json":
            part = answer.json()
            for place in (part.get("orders"), part.get("order"), part.get("customer"), part.get("addresses"), part):
                found |= {text for key, text in told(place) if key in PERSONAL - {"value"} and "•" not in text}
            notes = [note for order in part.get("orders", []) for note in order["notes"]]
            found |= {note["text"] for note in notes}
    return {text.lower() for text in found if len(text) > 3 and not re.fullmatch(r"\w\. \w\.", text)}


def leaks(said: str, wanted: Iterable[str]) -> list[str]:
    """Which of these stand in a text as words of their own."""
    low = said.lower()
    return [text for text in wanted if text in low and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", low)]


def lines(log: str) -> str:
    """A log's texts. Its figures (milliseconds, ids of tickets and agents) and ids of records are no person's."""
    kept = []
    for line in log.splitlines():
        said = json.loads(line) if line.startswith("{") else {"event": line}
        ids = {"records", "about"} if said["event"] == "opened" else {"records"}
        kept.append(
            " ".join(text for name, value in said.items() if name not in ids | {"at"} for _, text in told(value))
        )
    return "\n".join(kept)


# -- what is found ----------------------------------------------------------------------------------------


def test_the_run_was_a_whole_one(run: Run) -> None:
    """Everybody was seen, in the open, and everything happened that is looked for below."""
    assert {answer.status_code for answer in run.answers} >= {200, 400, 401, 404, 413, 422}
    assert not [answer for answer in run.answers if answer.status_code == 500]
    wanted = personal(run)
    assert len(wanted) > 150
    for text in ("jane.doerr@gmail.com", "jane doerr", "+49305550101", "1042", "7 elm street"):
        assert [each for each in wanted if text in each], text
    events = {json.loads(line)["event"] for line in run.said["log"].splitlines() if line.startswith("{")}
    assert {"looked", "opened", "chosen", "set_aside", "search", "reveal"} <= events
    assert [event for event in events if event.endswith(" unreachable")]
    assert "orderside_answers_total" in run.said["metrics"]
    assert "Acme EU" in run.said["check"]
    assert len(run.secrets) > 20


@pytest.mark.parametrize("where", ["log", "metrics", "check"])
def test_nobodys_data_is_in_it(run: Run, where: str) -> None:
    assert leaks(lines(run.said[where]), personal(run)) == []


def test_no_secret_is_in_anything(run: Run) -> None:
    """Nor a token, nor a part of one: not in what was said, nor in an answer."""
    parts = [part for token in run.tokens for part in token.split(".") if len(part) > 20]
    parts = [part for part in set(parts) if not part.startswith("eyJhbGci")]
    answers = [f"{dict(answer.headers)} {answer.text}" for answer in run.answers]
    for said in (*run.said.values(), *answers):
        assert [secret for secret in (*run.secrets, PASTED, *parts) if secret in said] == []


def test_no_header_of_an_answer_tells_of_anybody(run: Run) -> None:
    wanted = personal(run)
    for answer in run.answers:
        kept = {name: text for name, text in answer.headers.items() if name not in {"content-length", "date"}}
        assert leaks(" ".join(kept.values()), wanted) == []


def test_no_refusal_repeats_what_was_sent(run: Run) -> None:
    wanted = personal(run)
    refusals = [answer for answer in run.answers if answer.status_code >= 400]
    assert len(refusals) > 30
    for answer in refusals:
        error = answer.json()["error"]
        error.pop("retry_after", None)
        if error["code"] != "store_unreachable":
            assert leaks(" ".join(str(value) for value in error.values()), wanted) == [], answer.text
    for name, said in run.said.items():
        if name.startswith("answer"):
            assert leaks(said, wanted) == []


def test_nothing_is_written_anywhere_else(run: Run) -> None:
    assert run.files == {"orderside.toml", "service.toml", "secrets", "fir.pem", "service.log", "check.log"}
    assert "Traceback" not in run.said["log"]
    assert "never retrieved" not in run.said["log"]


def test_a_leak_would_be_found(run: Run) -> None:
    """The net has no hole: whatever is let out deliberately is seen by the same checks."""
    wanted = personal(run)
    record = logging.LogRecord("orderside", logging.INFO, "x.py", 1, "looked up %s", ("jane.doerr@gmail.com",), None)
    assert leaks(lines(JsonLines().format(record)), wanted)
    record = logging.LogRecord("orderside.audit", logging.INFO, "x.py", 1, "search", (), None)
    record.audit = {"tenant": "acme", "about": ["1042"], "records": ["Acme EU/42"]}
    assert leaks(lines(JsonLines().format(record)), wanted) == ["1042"]
    assert leaks('orderside_refusals_total{code="Jane Doerr"} 1.0', wanted)
    assert leaks("Traceback (most recent call last):\n  KeyError: '+49305550101'", wanted)
    assert leaks("GET /v1/summary?email=jane.doerr%40gmail.com", wanted), "by the part before the sign"
