"""What is read of a store's answers, and what of it an agent sees: from the code, for docs/privacy.md and its test."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic import AliasChoices, AliasPath

import server.connectors
from server.connectors.base import Connector
from server.connectors.payload import Payload


def models(kind: type[Connector[Any]]) -> list[type[Payload]]:
    """Every payload model of a platform, in the order of its files."""
    names = [each.name for each in iter_modules(server.connectors.__path__) if each.name.startswith(kind.name)]
    rooms = [import_module(f"server.connectors.{name}") for name in names]
    return [
        value
        for room in rooms
        for value in vars(room).values()
        if isinstance(value, type) and issubclass(value, Payload) and value.__module__ == room.__name__
    ]


def names(model: type[Payload]) -> Iterator[str]:
    """What a model's fields are called by the platform."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [alias or name]
        for choice in choices:
            yield from (str(step) for step in choice.path) if isinstance(choice, AliasPath) else [choice]
