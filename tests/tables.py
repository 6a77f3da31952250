"""The tables of docs/connectors.md, from what the connectors declare. `python -m tests.tables` writes them there."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from server.connectors import CONNECTORS
from server.connectors.base import PARTS, Connector
from server.model import By
from tests.connectors.test_all import PLATFORMS

PAGE = Path(__file__).parent.parent / "docs" / "connectors.md"
START, END = "<!-- tables: written by python -m tests.tables -->", "<!-- end of tables -->"

ASKED: dict[By, str] = {
    By.EMAIL: "e-mail",
    By.CUSTOMER_ID: "customer id",
    By.PHONE: "phone",
    By.ORDER_NUMBER: "order number",
    By.NAME: "name",
}


def tables() -> str:
    """All of them, as Markdown."""
    all_of_them = [PLATFORMS[kind]().connector() for kind in CONNECTORS]
    return "\n".join([*_overview(all_of_them), "", *_parts(all_of_them), "", *_permissions(all_of_them)])


def _overview(all_of_them: Iterable[Connector[Any]]) -> Iterator[str]:
    yield from _head("platform", "in the settings", "found by", "told when an order is opened", "API", "calls at once")
    for each in all_of_them:
        found = ", ".join(word for by, word in ASKED.items() if by in each.asked_by)
        later = ", ".join(sorted(each.details)) or "–"
        yield _row(each.title, f"`{each.name}`", found, later, each.api_version or "–", str(each.calls_at_once))


def _parts(all_of_them: Sequence[Connector[Any]]) -> Iterator[str]:
    yield "What is shown (●), and what is not: the reasons stand in the panel as they do here."
    yield ""
    yield from _head("", *(each.title for each in all_of_them))
    for part in PARTS:
        yield _row(part.replace("_", " "), *("●" if part in each.supplies else "–" for each in all_of_them))
    yield ""
    for each in all_of_them:
        reasons: dict[str, list[str]] = {}
        for part, reason in each.lacks.items():
            reasons.setdefault(reason, []).append(part.replace("_", " "))
        yield f"- **{each.title}:** " + " ".join(f"{reason} ({', '.join(reasons[reason])})" for reason in reasons)


def _permissions(all_of_them: Iterable[Connector[Any]]) -> Iterator[str]:
    yield "Permissions, as `orderside check` asks for them. Without those in brackets lookups work, and name the lack."
    yield ""
    yield from _head("platform", "for", "permission", "granted in")
    for each in all_of_them:
        for need in each.needs():
            permission = f"({need.permission})" if need.optional else need.permission
            yield _row(each.title, need.what, permission, need.grant)


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row(*("---" for _ in names))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def written(page: str) -> str:
    """The page with the tables of today."""
    before, rest = page.split(START)
    return f"{before}{START}\n\n{tables()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
