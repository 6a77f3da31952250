"""Finished answers that are given again: to nobody else, for nothing else, and not a moment after their parts."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from server.auth import Agent
from server.demo.world import closed_port, demo, listener
from server.errors import RequestError
from server.lookup import Connection, Lookup, Outcome
from server.metrics import Meter
from server.model import Answer, By, Level, Match, Party, PartyKind, Question, Sender, SourceState, Summary
from server.parts import RequesterPart
from server.quota import PER_AGENT_ASKED, Quota
from server.register import Lookups
from server.repeats import MOST_BYTES, Asked, Repeats
from server.ticket import Ask
from server.upstream.cache import Answers, Key
from tests.browser.stage import serving

Json = dict[str, Any]

AGENT = Agent("acme", "signed_url", "107", 1000.0)
ASKED = Asked(AGENT, b'{"requester":{"email":"jane@example.com"}}', html=False)
ASK = Ask(requester=RequesterPart(email="jane@example.com"))
QUESTION = Question(By.EMAIL, "jane@example.com", ("jane@example.com",), "jane@example.com".__eq__)
KEY = Key("acme", "store", By.EMAIL, "jane@example.com", 10)
FOUND = Answer(parties=(Party("Shop", "42", PartyKind.ACCOUNT, emails=("jane@example.com",)),))


@dataclass
class Stage:
    """A whole answer of one store, given to `AGENT` for `ASKED`; `now` is the clock."""

    now: float = 0.0
    never: frozenset[str] = frozenset()
    size: int = 4 * MOST_BYTES
    quota: Quota = field(default_factory=Quota)

    async def begin(self) -> None:
        self.answers = Answers(lambda: self.now)
        self.lookups = Lookups(lambda: "lookup")
        clock = lambda: self.now  # noqa: E731 - a clock and nothing more
        self.repeats = Repeats(self.answers, self.lookups, self.quota, Meter(), clock, never=self.never, size=self.size)
        await self.ask_store()
        kept, cached = await self.answers.get(KEY, QUESTION, self._found)
        assert cached
        self.lookup = Lookup(
            "lookup", "acme", {"Shop": (QUESTION,)}, (), self.answers,
            limit=10, refresh=False, first_answer_at=0.0, deadline=0.0,
        )  # fmt: skip
        await self.lookup.wait(0.0)
        shop = cast("Connection", None)
        self.lookup._outcomes["Shop", QUESTION] = Outcome(
            shop, QUESTION, SourceState.ANSWERED, kept.answer, kept.as_of, 0, cached=True, kept=kept
        )
        self.lookups.keep("key", self.lookup, keep_s=8)
        self.lookups.is_news("lookup", "looked", {"agent": 107})
        match = Match(Level.LIKELY, Sender.STATED, (), ())
        self.found = Summary(
            complete=True, lookup="lookup", generated_at=datetime.now(UTC), match=match, customer=None, flags=(),
            orders=(), more_orders=False, sources=(), steps=(),
        )  # fmt: skip

    async def _found(self) -> Answer:
        return FOUND

    async def ask_store(self) -> None:
        await self.answers.get(KEY, QUESTION, self._found, refresh=True)

    def keep(self, asked: Asked = ASKED, ask: Ask = ASK, text: bytes = b"whole") -> None:
        self.repeats.keep(asked, ask, self.found, text, keep_s=8)

    def told(self, asked: Asked = ASKED) -> bytes | None:
        told = self.repeats.find(asked)
        return None if told is None else told.text


def on_stage(story: Callable[[Stage], Any], **about: Any) -> None:
    async def main() -> None:
        stage = Stage(**about)
        await stage.begin()
        told = story(stage)
        if told is not None:
            await told
        await stage.lookups.stop()

    asyncio.run(main())


OTHERS = {
    "another account": replace(ASKED, agent=replace(AGENT, tenant="cedar")),
    "another way in": replace(ASKED, agent=replace(AGENT, how="proxied")),
    "another agent": replace(ASKED, agent=replace(AGENT, user="108")),
    "an agent whom nobody proves": replace(ASKED, agent=replace(AGENT, user=None)),
    "another session": replace(ASKED, agent=replace(AGENT, since=1001.0)),
    "another form": replace(ASKED, html=True),
    "another customer": replace(ASKED, body=ASKED.body.replace(b"jane", b"joan")),
    "the same, spelled otherwise": replace(ASKED, body=ASKED.body + b" "),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_nobody_gets_an_answer_to_what_he_did_not_ask_himself(other: Asked) -> None:
    def story(stage: Stage) -> None:
        stage.keep()
        assert stage.told(ASKED) == b"whole"
        assert stage.told(other) is None

    on_stage(story)


AGENTS = st.builds(
    Agent,
    st.sampled_from(["acme", "cedar"]),
    st.sampled_from(["proxied", "signed_url"]),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([None, 1.0]),
)
QUESTIONS = st.builds(Asked, AGENTS, st.sampled_from([b"{}", b"{} ", b"[]"]), st.booleans())


@given(st.lists(QUESTIONS, max_size=12), QUESTIONS)
def test_an_answer_is_only_ever_given_to_the_very_question_that_it_was_given_to(
    before: list[Asked], asked: Asked
) -> None:
    def story(stage: Stage) -> None:
        for each in before:
            stage.keep(each, text=repr(each).encode())
        assert stage.told(asked) == (repr(asked).encode() if asked in before else None)

    on_stage(story)


def test_it_ends_with_the_stores_answer_that_it_was_made_from() -> None:
    def story(stage: Stage) -> None:
        stage.keep()
        stage.now = 59.9
        assert stage.told() == b"whole"
        stage.now = 60.0
        assert stage.told() is None

    on_stage(story)


def test_a_newer_answer_of_a_store_ends_it() -> None:
    async def story(stage: Stage) -> None:
        stage.keep()
        await stage.ask_store()
        assert stage.told() is None

    on_stage(story)


@pytest.mark.parametrize(
    "ask",
    [{"refresh": True}, {"chosen": "a1"}, {"aside": frozenset({"a1"})}, {"lookup": "lookup"}],
    ids=lambda said: next(iter(said)),
)
def test_what_an_agent_chose_or_came_back_for_is_never_kept(ask: Json) -> None:
    def story(stage: Stage) -> None:
        stage.keep(ask=ASK.model_copy(update=ask))
        assert stage.told() is None

    on_stage(story)


def test_half_an_answer_is_never_kept() -> None:
    def story(stage: Stage) -> None:
        stage.found = structs.replace(stage.found, complete=False)
        stage.keep()
        assert stage.told() is None

    on_stage(story)


@pytest.mark.parametrize(
    "outcome",
    [{"cached": False}, {"state": SourceState.TIMED_OUT, "cached": False}, {"state": SourceState.PENDING}],
    ids=["was asked just now", "failed", "is out"],
)
def test_nothing_is_kept_of_stores_that_were_called_or_are_silent(outcome: Json) -> None:
    def story(stage: Stage) -> None:
        (one,) = stage.lookup.outcomes
        stage.lookup._outcomes["Shop", QUESTION] = structs.replace(one, **outcome)
        stage.keep()
        assert stage.told() is None

    on_stage(story)


def test_nothing_is_kept_where_zendesk_is_asked_on_each_request() -> None:
    def story(stage: Stage) -> None:
        stage.keep()
        assert stage.told() is None

    on_stage(story, never=frozenset({"acme"}))


def test_it_holds_no_more_than_it_may() -> None:
    def story(stage: Stage) -> None:
        asked = [replace(ASKED, body=bytes([number])) for number in range(8)]
        for each in asked:
            stage.keep(each, text=b"x" * (MOST_BYTES - 1))
        assert [stage.told(each) is not None for each in asked] == [False] * 4 + [True] * 4
        stage.keep(text=b"x" * MOST_BYTES)
        assert stage.told() is None, "larger than one may be"

    on_stage(story)


def test_a_repeat_counts_against_the_agents_quota() -> None:
    def story(stage: Stage) -> None:
        stage.keep()
        stage.quota.ask("acme", "107", [f"email:{number}" for number in range(PER_AGENT_ASKED)])
        with pytest.raises(RequestError) as refused:
            stage.told()
        assert refused.value.code == "ask_limit"

    on_stage(story)


# -- the whole line ---------------------------------------------------------------------------------------


@dataclass
class Line:
    """The demo's service at its address."""

    url: str
    folder: Path

    def post(self, path: str, body: Json, tenant: str = "acme", accept: str = "application/json") -> httpx.Response:
        """One answer to these very bytes."""
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": tenant, "aud": self.url, "iat": now, "exp": now + 60}
        token = jwt.encode(claims, (self.folder / "secrets" / tenant).read_text(), algorithm="HS256")
        headers = {"authorization": f"Bearer {token}", "accept": accept, "content-type": "application/json"}
        content = json.dumps({"wait_ms": 4000, **body})
        return httpx.post(f"{self.url}/v1/{path}", content=content, headers=headers, trust_env=False, timeout=30)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("repeats")
    bound = listener(0)
    port = bound.getsockname()[1]
    with closed_port() as closed, serving(demo(port, folder, datetime.now(UTC), closed), bound):
        yield Line(f"http://127.0.0.1:{port}", folder)


JANE: Json = {"requester": {"id": 5001, "name": "Jane Doerr", "email": "jane.doerr@gmail.com"}, "agent": {"id": 107}}


def test_the_third_look_is_the_second_ones_answer_and_every_look_is_on_record(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "orderside.audit")
    first, second, third = (line.post("summary", JANE) for _ in range(3))
    assert not any(step["cached"] for step in first.json()["why"]), "it tells of the calls that were made for it"
    assert all(step["cached"] for step in second.json()["why"] if step["state"] != "not_asked")
    assert second.json()["generated_at"] != first.json()["generated_at"]
    assert third.content == second.content
    assert third.headers["cache-control"] == "no-store"
    assert third.headers["x-request-id"] != second.headers["x-request-id"]
    records = [record for record in caplog.records if record.name == "orderside.audit"]
    assert [record.getMessage() for record in records] == ["looked"] * 3
    told = line.post("reveal", {"lookup": third.json()["lookup"], "fields": ["email"]})
    assert told.json()["emails"] == ["jane.doerr@gmail.com"], "its lookup is known as long as any other"


def test_a_repeat_needs_a_token_like_any_answer(line: Line) -> None:
    for _ in range(3):
        assert line.post("summary", JANE).status_code == 200
    body = json.dumps({"wait_ms": 4000, **JANE})
    headers = {"content-type": "application/json"}
    refused = httpx.post(f"{line.url}/v1/summary", content=body, headers=headers, trust_env=False)
    assert refused.status_code == 401


def test_the_same_words_from_another_account_are_answered_by_its_own_stores(line: Line) -> None:
    for _ in range(3):
        ours = line.post("summary", JANE).json()
    others = line.post("summary", JANE, tenant="cedar").json()
    assert {source["store"] for source in ours["sources"]} & {source["store"] for source in others["sources"]} == set()


def test_each_form_is_repeated_in_itself(line: Line) -> None:
    panels = [line.post("summary", JANE, accept="text/html") for _ in range(3)]
    assert {panel.headers["content-type"] for panel in panels} == {"text/html; charset=utf-8"}
    assert panels[1].text == panels[2].text
    assert line.post("summary", JANE).json()["complete"]
