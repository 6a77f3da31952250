"""As much of GraphQL as our documents use: reading an operation, and picking from rows what it selects."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

TOKEN = re.compile(r'#[^\n]*|(\.\.\.|"(?:\\.|[^"\\])*"|[!$():=@\[\]{}]|-?[0-9]+\b|\w+)')


class UnknownField(Exception):
    """A selected field that no row has."""


@dataclass(frozen=True, slots=True)
class Field:
    """A selected field; `kind` is the type that the object must have for it, where only one has it."""

    name: str
    arguments: Mapping[str, Any]
    inner: tuple["Field", ...]
    kind: str | None = None


def operation(document: str, name: str, variables: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields of the operation of that name, its fragments and variables put in."""
    tokens = [token for token in TOKEN.findall(document) if token]
    starts = [
        at
        for at, token in enumerate(tokens)
        if token in {"query", "fragment"} and tokens[:at].count("{") == tokens[:at].count("}")
    ]
    definitions = {tokens[start + 1]: start for start in starts}
    return _Reader(tokens, definitions, variables).definition(name)


class _Reader:
    def __init__(self, tokens: Sequence[str], definitions: Mapping[str, int], variables: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._definitions = definitions
        self._variables = variables

    def definition(self, name: str) -> tuple[Field, ...]:
        start = self._tokens.index("{", self._definitions[name])
        return tuple(self._selection(iter(self._tokens[start + 1 :])))

    def _selection(self, rest: Iterator[str]) -> Iterator[Field]:
        held = next(rest)
        while held != "}":
            if held == "...":
                yield from self._spread(rest)
                held = next(rest)
            else:
                field, included, held = self._field(held, rest)
                if included:
                    yield field

    def _spread(self, rest: Iterator[str]) -> Iterator[Field]:
        name = next(rest)
        if name != "on":
            yield from self.definition(name)
            return
        kind, _brace = next(rest), next(rest)
        yield from [replace(field, kind=kind) for field in self._selection(rest)]

    def _field(self, name: str, rest: Iterator[str]) -> tuple[Field, bool, str]:
        """The field, whether it is included, and the sign after it."""
        arguments: dict[str, Any] = {}
        inner: tuple[Field, ...] = ()
        included = True
        sign = next(rest)
        if sign == "(":
            arguments = dict(self._arguments(rest))
            sign = next(rest)
        if sign == "@":
            _include, _bracket = next(rest), next(rest)
            included = dict(self._arguments(rest))["if"]
            sign = next(rest)
        if sign == "{":
            inner = tuple(self._selection(rest))
            sign = next(rest)
        return Field(name, arguments, inner), included, sign

    def _arguments(self, rest: Iterator[str]) -> Iterator[tuple[str, Any]]:
        while (name := next(rest)) != ")":
            _colon, value = next(rest), next(rest)
            if value == "$":
                yield name, self._variables[next(rest)]
            else:
                yield name, {"true": True, "false": False}.get(value, int(value) if value.isdecimal() else value)


def project(wanted: Sequence[Field], value: Any, arguments: Mapping[str, Any]) -> Any:
    """What the fields want of a value. A list is a page of rows, or a connection where its `nodes` are wanted."""
    if value is None or not wanted:
        return value
    if not isinstance(value, list):
        return {field.name: _member(field, value) for field in wanted if field.kind in {None, value.get("__typename")}}
    rows = value[::-1] if arguments.get("reverse") else value
    page = rows[: arguments.get("first", len(rows))]
    if all(field.name != "nodes" for field in wanted):
        return [project(wanted, row, {}) for row in page]
    nodes = next(field for field in wanted if field.name == "nodes")
    about = {
        "nodes": [project(nodes.inner, row, {}) for row in page],
        "pageInfo": {"hasNextPage": len(page) < len(rows)},
    }
    return {field.name: about[field.name] for field in wanted}


def _member(field: Field, row: Mapping[str, Any]) -> Any:
    if field.name not in row:
        raise UnknownField(field.name)
    return project(field.inner, row[field.name], field.arguments)
