"""The same summary in a terminal: the whole line in one process, for operators and for trying a new store."""

import asyncio
import json
from collections.abc import Iterator

from . import house, render, ticket, words
from .auth import Agent
from .metrics import Meter
from .model import Summary
from .sentences import flag_words, sentence
from .settings import Settings
from .upstream.client import open_pool
from .words import voice


async def ask(settings: Settings, tenant: str, body: bytes) -> Summary:
    """The complete summary for a posted body. Raises `RequestError` for one that cannot be answered."""
    question = ticket.read(body).model_copy(update={"wait_ms": settings.limits.deadline_ms})
    async with open_pool() as pool:
        here = house.build(settings, pool, meter=Meter(), ids=lambda: "terminal")
        arrived = asyncio.get_running_loop().time()
        deadline = arrived + settings.limits.deadline_ms / 1000
        return await here.answer(Agent(tenant, "terminal"), question, arrived=arrived, deadline=deadline)


def silent(summary: Summary) -> list[str]:
    """The stores that should have answered and did not."""
    return [source.store for source in summary.sources if source.state.silent]


def as_json(summary: Summary) -> str:
    """The contract's JSON, indented."""
    return json.dumps(render.to_json(summary, voice(None, None, summary.generated_at)), indent=2, ensure_ascii=False)


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
        yield f"{source.store} {words.source(source, speak)}"
