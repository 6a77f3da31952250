"""The same summary in a terminal: the whole line in one process, for operators and for trying a new store."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict

import msgspec

from . import desk, house, render, ticket, words
from .auth import Agent
from .check import Checkup, Verdict, examine_all
from .flag_words import flag_words
from .metrics import Meter
from .model import Summary
from .sentences import sentence
from .settings import Settings
from .upstream.addresses import Addresses
from .upstream.client import open_pool
from .voice import voice


async def ask(settings: Settings, tenant: str, body: bytes) -> Summary:
    """The complete summary for a posted body. Raises `RequestError` for one that cannot be answered."""
    return await _answered(settings, tenant, ticket.read(body, ticket.Ask), desk.summary)


async def find(settings: Settings, tenant: str, body: bytes) -> Summary:
    """Whom the stores have for a search, candidates only. Raises `RequestError`."""
    return await _answered(settings, tenant, ticket.read(body, ticket.AskSearch), desk.find)


async def _answered(
    settings: Settings, tenant: str, question: ticket.AskT, answer: Callable[..., Awaitable[Summary]]
) -> Summary:
    patient = question.model_copy(update={"wait_ms": settings.limits.deadline_ms})
    async with open_pool(Addresses(settings.service.private_networks)) as pool:
        here = house.build(settings, pool, meter=Meter(), ids=lambda: "terminal")
        arrived = asyncio.get_running_loop().time()
        deadline = arrived + settings.limits.deadline_ms / 1000
        return await answer(here, Agent(tenant, "terminal"), patient, arrived=arrived, deadline=deadline)


async def check(
    settings: Settings, *, tenant: str | None, store: str | None, order: str | None, say: Callable[[Checkup], object]
) -> list[Checkup]:
    """Every check-up, `say`d as soon as it is there, in the settings' order at the end."""
    async with open_pool(Addresses(settings.service.private_networks)) as pool:
        here = house.build(settings, pool, meter=Meter(), ids=lambda: "terminal")
        chosen = [
            (name, to)
            for name, connections in here.connections.items()
            for to in connections
            if tenant in {None, name} and store in {None, to.store.name}
        ]
        done: list[Checkup] = []
        async for checkup in examine_all(chosen, here.now, order):
            say(checkup)
            done.append(checkup)
    places = {(name, to.store.name): place for place, (name, to) in enumerate(chosen)}
    return sorted(done, key=lambda checkup: places[checkup.tenant, checkup.store])


def checkups_as_json(checkups: Sequence[Checkup]) -> str:
    """For machines: one object per store, its findings in order."""
    return json.dumps([{**asdict(checkup), "verdict": checkup.verdict} for checkup in checkups], indent=2)


def checkups_as_text(checkups: Sequence[Checkup]) -> str:
    """A table for each store; `!` stands before what needs doing."""
    text = "\n".join(line for checkup in checkups for line in _checkup_lines(checkup))
    return "".join(char for char in text if char == "\n" or char.isprintable())


def checkups_as_line(checkups: Sequence[Checkup]) -> str:
    """For a cron job's mail: how many stores are how, and which of them need something done."""
    verdicts = Counter(checkup.verdict for checkup in checkups)
    parts = [f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict]]
    named = [f"{each.tenant} / {each.store}: {each.verdict}" for each in checkups if each.verdict is not Verdict.OK]
    text = f"{len(checkups)} stores: {', '.join(parts)}" + (f" ({'; '.join(named)})" if named else "")
    return "".join(char for char in text if char.isprintable())


def _checkup_lines(checkup: Checkup) -> Iterator[str]:
    width = max(len(finding.about) for finding in checkup.findings)
    yield f"{checkup.tenant} / {checkup.store} ({checkup.platform}): {checkup.verdict}"
    for finding in checkup.findings:
        mark = "!" if finding.verdict in {Verdict.FAULT, Verdict.WARNING} else " "
        yield f"{mark} {finding.verdict:<8} {finding.about:<{width}}  {finding.text}"
        if finding.step and mark == "!":
            yield f"{'':<{width + 13}}{finding.step}"
    yield ""


def silent(summary: Summary) -> list[str]:
    """The stores that should have answered and did not."""
    return [source.store for source in summary.sources if source.state.silent]


def as_json(summary: Summary) -> str:
    """The contract's JSON, indented."""
    found = msgspec.to_builtins(render.to_json(summary, voice(None, None, summary.generated_at)))
    return json.dumps(found, indent=2, ensure_ascii=False)


def as_text(summary: Summary) -> str:
    """A page of plain text; control characters of a store's texts are not passed on to the terminal."""
    text = "\n".join(_lines(summary))
    return "".join(char for char in text if char == "\n" or char.isprintable())


def _lines(summary: Summary) -> Iterator[str]:
    speak = voice(None, None, summary.generated_at)
    name = summary.customer.name if summary.customer else None
    yield f"{words.LEVELS[summary.match.level]}: {name or '-'}"
    for _, text in words.reasons(summary.match.reasons, speak):
        yield f"  {text}"
    for flag in summary.flags:
        said = flag_words(flag, speak)
        yield f"! {flag.order.number}  {said.title}: {said.text} Next: {said.step}"
    for shown in summary.orders:
        order = shown.order
        total = speak.money(order.totals.total) if order.totals.total else ""
        placed = speak.day(order.placed_at) if order.placed_at else ""
        yield f"{order.number:<12} {order.store:<16} {placed:<14} {total:>12}  {sentence(order, speak)}"
    for candidate in summary.match.candidates:
        yield f"? {render.candidate_line(candidate, speak)}"
    for source in summary.sources:
        yield words.source(source, speak)
