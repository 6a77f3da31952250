"""What is read of a store's answers, and what of it an agent sees: from the code, for docs/privacy.md and its test."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, get_args, get_origin, get_type_hints

from msgspec import Struct, structs
from pydantic import AliasChoices, AliasPath

import server.connectors
from server.connectors import CONNECTORS
from server.connectors.base import Connector
from server.connectors.payload import Payload
from server.connectors.rows import Row
from server.model import Customer, Level, Match, Order, Sender, ShownOrder, Summary
from server.privacy import HIDEABLE, Policy, guard
from server.render import to_json
from server.voice import voice


def models(kind: type[Connector[Any]]) -> list[type[Payload | Row]]:
    """Every payload model of a platform, in the order of its files."""
    names = [each.name for each in iter_modules(server.connectors.__path__) if each.name.startswith(kind.name)]
    rooms = [import_module(f"server.connectors.{name}") for name in names]
    return [
        value
        for room in rooms
        for value in vars(room).values()
        if isinstance(value, type) and issubclass(value, Payload | Row) and value.__module__ == room.__name__
    ]


def hints(model: type[Payload | Row]) -> dict[str, Any]:
    """A model's fields and what they hold."""
    if issubclass(model, Payload):
        return {name: field.annotation for name, field in model.model_fields.items()}
    return {field.name: field.type for field in structs.fields(model)}


def names(model: type[Payload | Row]) -> Iterator[str]:
    """What a model's fields are called by the platform."""
    if not issubclass(model, Payload):
        yield from model.__struct_encode_fields__
        return
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
        for choice in choices:
            yield from (str(step) for step in choice.path) if isinstance(choice, AliasPath) else [choice]


# -- what an agent sees -----------------------------------------------------------------------------------

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TEXTS = {
    "currency": "EUR",
    "email": "jane.doerr@example.com",
    "emails": "jane.doerr@example.com",
    "phone": "+49 30 5550101",
    "phones": "+49 30 5550101",
}


def filled(hint: Any, name: str = "") -> Any:
    """A value of that type in which nothing is empty."""
    if isinstance(hint, type) and issubclass(hint, Struct):
        return hint(**{each: filled(kind, each) for each, kind in get_type_hints(hint).items()})
    origin, args = get_origin(hint), get_args(hint)
    if type(None) in args:
        return filled(next(each for each in args if each is not type(None)), name)
    if origin is tuple:
        return (filled(args[0], name),)
    if origin is frozenset:
        return frozenset({filled(args[0], name)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    return {str: TEXTS.get(name, f"some {name}"), bool: True, int: 1, Decimal: Decimal(1), datetime: NOW}[hint]


def seen(level: Level, policy: Policy) -> dict[str, set[str]]:
    """Everything that the answer tells of a customer and of one order, by its place, at that level and policy."""
    order, customer = filled(Order), filled(Customer)
    match = Match(level, Sender.PROVEN)
    whole = Summary(True, "x", NOW, match, customer, (), (ShownOrder(order, record="x"),), False, (), ())
    found = to_json(guard(whole, policy), voice(None, None, NOW))
    told: dict[str, set[str]] = {}
    for part in ("customer", "orders"):
        for place, text in _leaves(found[part], part):
            told.setdefault(place, set()).add(text)
    return told


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and set(value) != {"amount", "currency"}:
        for name, member in value.items():
            yield from _leaves(member, f"{place}.{name}")
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _leaves(member, f"{place}[]")
    else:
        yield place, str(value)


def shown() -> Iterator[str]:
    """Each field that leaves the service: whether it is masked below the level, and what takes it away."""
    whole = seen(Level.CONFIRMED, Policy())
    unsure = seen(Level.LIKELY, Policy())
    less = {name: seen(Level.CONFIRMED, Policy(hide=frozenset({name}))) for name in HIDEABLE}
    yield "| field | masked below the level | taken away by `hide` |"
    yield "| --- | --- | --- |"
    for place, texts in whole.items():
        if place in {"customer.masked[]", "customer.records[].aside"}:
            continue
        masked = "yes" if unsure.get(place) != texts else ""
        gone = ", ".join(f"`{name}`" for name, told in less.items() if told.get(place) != texts)
        yield f"| `{place}` | {masked} | {gone} |"


def read() -> Iterator[str]:
    """What is read of each platform's answers, by payload model."""
    for kind in CONNECTORS:
        yield f"- **{kind.title}.** " + "; ".join(
            f"{_plain(model.__name__)}: {', '.join(f'`{name}`' for name in dict.fromkeys(names(model)))}"
            for model in models(kind)
            if hints(model)
        )


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub("(Row|Node)$", "", name)).lower()


# -- docs/privacy.md --------------------------------------------------------------------------------------

PAGE = Path(__file__).parent.parent.parent / "docs" / "privacy.md"


def written(page: str) -> str:
    """The page with the lists of today."""
    for name, lines in (("shown", shown()), ("read", read())):
        start, end = f"<!-- {name}: written by python -m tests.trust.fields -->", f"<!-- end of {name} -->"
        before, rest = page.split(start)
        page = f"{before}{start}\n\n" + "\n".join(lines) + f"\n\n{end}{rest.split(end)[1]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
