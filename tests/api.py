"""docs/openapi.json and the tables of docs/api.md, from the code. `python -m tests.api` writes them there."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.routing import Route

import server
from server import __version__, door, ticket
from server.app import create_app
from server.render import shapes
from server.render.shapes import Refusal, Session
from server.zendesk_ticket import ZendeskTicket
from tests.connectors.test_all import PLATFORMS
from tests.trust.recorded import settings

Json = dict[str, Any]
DOCS = Path(__file__).parent.parent / "docs"
PAGE, DOCUMENT = DOCS / "api.md", DOCS / "openapi.json"
START, END = "<!-- tables: written by python -m tests.api -->", "<!-- end of tables -->"

BODIES: dict[str, tuple[type[ticket.Asking], type]] = {
    "/v1/summary": (ticket.Ask, shapes.Summary),
    "/v1/order": (ticket.AskOrder, shapes.Opened),
    "/v1/search": (ticket.AskSearch, shapes.Summary),
    "/v1/reveal": (ticket.AskReveal, shapes.Revealed),
    "/v1/report": (ticket.AskReport, shapes.Recorded),
}
"""What is posted to a route, and what it answers as JSON; all of them answer text/html, too."""

PLAIN = ("/healthz", "/readyz")
"""Routes that answer a word."""

GIVEN = {
    "type": "object",
    "description": "the same, with `zendesk` in the place of `ticket`, `requester` and `agent`",
    "properties": {"zendesk": {"$ref": "#/components/schemas/ZendeskTicket"}},
    "required": ["zendesk"],
}

Asked = dict[str, Any]
FRAMED: dict[tuple[str, str], Asked] = {
    ("/sidebar", "POST"): {
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": {"token": {"type": "string"}}, "required": ["token"]}
                }
            },
        }
    },
    ("/sidebar", "GET"): {},
    ("/assets/{version}/{name}", "GET"): {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("version", "name")
        ]
    },
}
"""What a browser asks for itself, with `method = "signed_url"`: the page, and what it loads."""


def app() -> Starlette:
    """The service, for its routes."""
    return create_app(settings(next(iter(PLATFORMS.values()))().connector()))


# -- refusals ---------------------------------------------------------------------------------------------


def refusals() -> list[tuple[int, str, str]]:
    """Every status, code and sentence that the service refuses with, as they stand in its code."""
    found = {
        (status.value, code, message) for status, code, message in (door.BAD_REQUEST, door.TOO_SLOW, door.TOO_LARGE)
    }
    found |= {(404, "not_found", "There is nothing here."), (405, "method", "Not by this method.")}
    for path in sorted(Path(server.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            said = [_text(each) for each in node.args]
            if node.func.id == "TokenError" and len(said) == 2:
                found.add((401, said[0], said[1]))
            elif node.func.id == "RequestError" and said[0].isdigit():
                found.add((int(said[0]), said[1], said[2]))
    return sorted(found)


def _text(node: ast.expr) -> str:
    """A text as it stands in the code; what is filled in is a `…`."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    return "…"


# -- OpenAPI ----------------------------------------------------------------------------------------------


def document() -> Json:
    """The OpenAPI 3.1 document."""
    asked = [(path, "validation", TypeAdapter(kind)) for path, (kind, _) in BODIES.items()]
    told: list[Any] = [(path, "serialization", TypeAdapter(kind)) for path, (_, kind) in BODIES.items()]
    told += [(name, "serialization", TypeAdapter(kind)) for name, kind in (("session", Session), ("error", Refusal))]
    inputs: Any = [*asked, ("zendesk", "validation", TypeAdapter(ZendeskTicket)), *told]
    found, definitions = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    paths: Json = {}
    for route in app().routes:
        assert isinstance(route, Route)
        for method in sorted((route.methods or set()) - ({"HEAD"})):
            if route.path in BODIES:
                asks: Json = {"anyOf": [found[route.path, "validation"], GIVEN]}
                each = _operation(route, asks, found[route.path, "serialization"])
            elif route.path == "/v1/session":
                each = _operation(route, None, found["session", "serialization"])
            elif route.path in PLAIN:
                each = _plain(route)
            else:
                each = _framed(route, method)
            paths.setdefault(route.path, {})[method.lower()] = each
    return {
        "openapi": "3.1.0",
        "info": {"title": "Orderside", "version": __version__, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": "https://orders.example.com", "description": "`base_url` of the settings"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": _responses(),
            "schemas": untitled(dict(sorted(definitions["$defs"].items()))),
        },
    }


def _operation(route: Route, asked: Json | None, told: Json) -> Json:
    content: Json = {"application/json": {"schema": told}}
    body: Json = {}
    if asked is not None:
        content["text/html"] = {"schema": {"type": "string", "description": "the same as a fragment of HTML"}}
        body = {"requestBody": {"required": True, "content": {"application/json": {"schema": asked}}}}
    return {
        "operationId": route.name,
        "summary": _does(route),
        **body,
        "responses": {
            "200": {"description": "OK", "content": content},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status, _, _ in refusals()},
        },
    }


def _does(route: Route) -> str:
    said = (route.endpoint.__doc__ or "").strip()
    return said.partition("`: ")[2] or said


def _responses() -> Json:
    """Every refusal by its status, with its codes."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    codes: dict[str, dict[str, None]] = {}
    for status, code, _ in refusals():
        codes.setdefault(str(status), {})[f"`{code}`"] = None
    return {status: {"description": ", ".join(each), "content": content} for status, each in codes.items()}


def untitled(value: Any) -> Any:
    """Without the titles that pydantic makes of names."""
    if isinstance(value, dict):
        return {k: untitled(v) for k, v in value.items() if not (k == "title" and isinstance(v, str))}
    return [untitled(each) for each in value] if isinstance(value, list) else value


def _plain(route: Route) -> Json:
    return {
        "operationId": route.name,
        "summary": _does(route),
        "security": [],
        "responses": {
            "200": {"description": "yes", "content": {"text/plain": {"schema": {"type": "string"}}}},
            "503": {"$ref": "#/components/responses/503"},
        },
    }


def _framed(route: Route, method: str) -> Json:
    """A refusal is a page for who asks for one."""
    kinds = ("text/css", "text/javascript", "application/json") if "name" in route.param_convertors else ("text/html",)
    refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}, "text/html": {}}
    return {
        "operationId": f"{route.name}_{method.lower()}",
        "summary": _does(route),
        "security": [],
        **FRAMED[route.path, method],
        "responses": {
            "200": {"description": "OK", "content": {kind: {} for kind in kinds}},
            "default": {"description": "refused", "content": refusal},
        },
    }


def written_document() -> str:
    """As it stands in the file."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


# -- the page ---------------------------------------------------------------------------------------------


def tables() -> str:
    """All tables of the page, as Markdown."""
    schemas = document()["components"]["schemas"]
    return "\n".join(
        [
            *_head("route", "does"),
            *(f"| `{method.upper()} {path}` | {each['summary']} |" for path, method, each in _operations()),
            "",
            *_bodies(schemas),
            *_answers(schemas),
            "### Refusals",
            "",
            *_head("status", "code", "says"),
            *(f"| {status} | `{code}` | {says} |" for status, code, says in refusals()),
        ]
    )


def _operations() -> Iterator[tuple[str, str, Json]]:
    for path, methods in document()["paths"].items():
        for method, each in methods.items():
            yield path, method, each


def _bodies(schemas: Json) -> Iterator[str]:
    """Each request's fields, those of `Asking` and of a ticket once."""
    shown: set[str] = set()
    for path, (kind, _) in BODIES.items():
        yield f"### Posted to `{path}`"
        yield ""
        yield from _head("field", "is", "default")
        for name, is_, default in _fields(schemas[kind.__name__], schemas, ""):
            if name not in shown or kind is ticket.AskSearch:
                yield f"| `{name}` | {is_} | {default} |"
            shown.add(name)
        if kind in {ticket.AskOrder, ticket.AskReveal, ticket.AskReport}:
            yield "| … | and every field of `/v1/summary`'s | |"
        yield ""
    yield "### `zendesk`, in the place of `ticket`, `requester` and `agent`"
    yield ""
    yield "As Zendesk tells it. Marks, flags and values of another type than stands here say nothing, and are no error."
    yield ""
    yield from _head("field", "is", "default")
    for name, is_, default in _fields(schemas["ZendeskTicket"], schemas, ""):
        yield f"| `{name}` | {is_} | {default} |"
    yield ""


def _answers(schemas: Json) -> Iterator[str]:
    yield "### Answered"
    yield ""
    yield from _head("route", "object")
    yield from (f"| `{path}` | `{kind.__name__}` |" for path, (_, kind) in BODIES.items())
    yield "| `/v1/session` | `Session` |"
    yield ""
    yield from _head("object", "members")
    told = _reached([*(kind.__name__ for _, kind in BODIES.values()), "Session", "Refusal"], schemas)
    for name in told:
        if "properties" in schemas[name]:
            members = (f"`{key}` {_member(each)}" for key, each in schemas[name]["properties"].items())
            yield f"| `{name}` | {'<br>'.join(members)} |"
    yield ""
    yield from _head("words", "are")
    for name in told:
        if "enum" in schemas[name]:
            yield f"| `{name}` | {' · '.join(f'`{word}`' for word in schemas[name]['enum'])} |"
    yield ""


def _reached(names: list[str], schemas: Json) -> list[str]:
    """These schemas and all that they are made of, each once, wholes before parts."""
    for name in names:
        text = json.dumps(schemas[name])
        names.extend(each for each in re.findall(r"#/components/schemas/(\w+)", text) if each not in names)
    return list(dict.fromkeys(names))


def _member(raw: Json) -> str:
    """What a member of an answer is, objects by their name."""
    schema, nullable = _bare(raw)
    many = schema.get("type") == "array"
    one = _bare(schema["items"])[0] if many else schema
    is_ = f"`{one['$ref'].rpartition('/')[2]}`" if "$ref" in one else _type(one)
    return ("list of " if many else "") + is_ + (" or null" if nullable else "")


def _fields(schema: Json, schemas: Json, path: str) -> Iterator[tuple[str, str, str]]:
    """Path, type in words, and default of everything below an object."""
    required = schema.get("required", [])
    for name, raw in schema.get("properties", {}).items():
        member, nullable = _bare(raw)
        at = f"{path}{name}"
        while member.get("type") == "array":
            member, _ = _bare(member["items"])
            at += "[]"
        target = schemas[member["$ref"].rpartition("/")[2]] if "$ref" in member else member
        default = (
            "" if name in required else f"`{json.dumps(raw['default'])}`" if "default" in raw else "may be left out"
        )
        if "properties" in target:
            yield at, "object or null" if nullable else "object", "" if name in required else "may be left out"
            yield from _fields(target, schemas, f"{at}.")
        else:
            yield at, _type(target) + (" or null" if nullable else ""), default


def _bare(schema: Json) -> tuple[Json, bool]:
    """A schema without its `null` and without anything else that may come in its place, and whether `null` may."""
    choices = schema.get("anyOf", [])
    kept = [each for each in choices if each and each.get("type") != "null"]
    nullable = {"type": "null"} in choices
    if not choices or len(kept) == len(choices):
        return schema, False
    return (kept[0] if len(kept) == 1 else {"anyOf": kept}), nullable


def _type(schema: Json) -> str:
    """A scalar's type in words."""
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "enum" in schema:
        return " · ".join(f"`{word}`" for word in schema["enum"])
    if "anyOf" in schema:
        return ", ".join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        return "object of texts"
    limits = [f"{word} {schema[key]}" for key, word in LIMITS.items() if key in schema]
    pattern = [f"`{schema['pattern']}`".replace("|", "\\|")] if "pattern" in schema else []
    named = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "null": "null",
    }
    return ", ".join([named[schema["type"]], *limits, *pattern])


LIMITS = {"minLength": "at least", "maxLength": "at most", "minimum": "from", "maximum": "to"}


def _head(*names: str) -> Iterator[str]:
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"


def written(page: str) -> str:
    """The page with the tables of today."""
    before, rest = page.split(START)
    return f"{before}{START}\n\n{tables()}\n\n{END}{rest.split(END)[1]}"


def links(page: str) -> set[str]:
    """The routes that a page names."""
    return set(re.findall(r"`(?:GET|POST) (/[^` ]*)`", page))


if __name__ == "__main__":
    DOCUMENT.write_text(written_document(), "utf-8")
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
