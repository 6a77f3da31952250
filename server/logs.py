"""One JSON line per event on stderr. What is logged is chosen field by field: no body, header, URL or person."""

import json
import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

FIELDS = ("tenant", "store", "platform", "state", "code", "ms", "request_id", "route", "status")

_REQUEST: ContextVar[Mapping[str, object]] = ContextVar("request", default=MappingProxyType({}))
"""What every line says while a request is answered; the lookup that it starts goes on saying it."""


def begin(request_id: str) -> None:
    """From here on, lines are about this request."""
    _REQUEST.set({"request_id": request_id})


def also(**fields: object) -> None:
    """Further lines about the request at hand carry these, too: its tenant, once a token has proven it."""
    _REQUEST.set({**_REQUEST.get(), **fields})


class JsonLines(logging.Formatter):
    """A record as one line of JSON. Exceptions are named by kind only: their text may hold what a store sent."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        line.update(_REQUEST.get())
        line.update({name: getattr(record, name) for name in FIELDS if hasattr(record, name)})
        line.update(getattr(record, "audit", {}))
        if record.exc_info and record.exc_info[0]:
            line["kind"] = record.exc_info[0].__name__
        return json.dumps(line)


def to_stderr() -> None:
    """Logs everything from `info` up; the HTTP client's own lines hold URLs and are left out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
