"""The door to the street: how long a connection may be held, how much it may say unasked, and what is no request.

uvicorn bounds none of these by itself: a head that comes a byte a minute, a body that goes on after its refusal, and a
client that never reads each hold a connection for ever; and what it refuses itself carries none of our headers.
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .app import HEADERS

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol as _Protocol
else:
    _Protocol = asyncio.Protocol

HEAD_S = 10.0
"""A request's head must be there this long after its connection, or after the answer before it."""

REQUEST_S = 40.0
"""From a head to the end of its answer, read by the client: more than the longest deadline that settings allow."""

MOST_HEAD_BYTES = 32 * 1024
MOST_LEFT_BYTES = 1024 * 1024
"""Of a body that was refused so much is read on, so that its sender gets to read the refusal."""

BAD_REQUEST = HTTPStatus.BAD_REQUEST, "bad_request", "This is no HTTP request."
TOO_SLOW = HTTPStatus.REQUEST_TIMEOUT, "too_slow", "The request did not come in time."
TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", "The head is too large."


def bounded(
    protocol: type[asyncio.Protocol] = AutoHTTPProtocol,
    *,
    head_s: float = HEAD_S,
    request_s: float = REQUEST_S,
    ids: Callable[[], str] = lambda: secrets.token_urlsafe(12),
) -> type[asyncio.Protocol]:
    """One of uvicorn's HTTP protocols, for its `Config`, that ends connections which only hold on."""
    bounds = {"head_s": head_s, "request_s": request_s, "ids": staticmethod(ids)}
    return type(f"Bounded{protocol.__name__}", (_Bounded, protocol), bounds)


class _Bounded(_Protocol):
    """What is laid over uvicorn's protocol."""

    cycle: Any
    """uvicorn's request under way, or the last one."""
    head_s: float
    request_s: float
    ids: Callable[[], str]
    _timer: asyncio.TimerHandle | None = None
    _unasked = 0
    """Bytes that came while no request was under way."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._hold(self.head_s)

    def data_received(self, data: bytes) -> None:
        last = self.cycle
        if last is None or last.response_complete:
            self._unasked += len(data)
        super().data_received(data)
        if self.cycle is not last:
            self._unasked = 0
            self._hold(self.request_s)
        elif self._unasked > (MOST_HEAD_BYTES if last is None else MOST_LEFT_BYTES):
            self._refuse() if last is None else self.transport.abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._hold(self.head_s if self.cycle.response_complete else self.request_s)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - its words, in place of which stand ours
        """uvicorn's own refusal, of what is no request."""
        self._refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def _hold(self, seconds: float) -> None:
        """Lets the connection live for so long, whatever it does."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._expire)

    def _expire(self) -> None:
        if self.cycle is None and self._unasked and not self.transport.is_closing():
            self._answer(*TOO_SLOW)
            self._hold(self.head_s)
        else:
            self.transport.abort()  # to close would wait for a client that does not read

    def _refuse(self) -> None:
        self._answer(*(TOO_LARGE if self._unasked > MOST_HEAD_BYTES else BAD_REQUEST))

    def _answer(self, status: HTTPStatus, code: str, message: str) -> None:
        if self.transport.is_closing():
            return
        request_id = self.ids()
        error = {"code": code, "message": message, "field": None, "request_id": request_id}
        body = json.dumps({"error": error}, separators=(",", ":")).encode()
        headers = {
            **HEADERS,
            "X-Request-Id": request_id,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {text}" for name, text in headers.items())]
        self.transport.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)
        self.transport.close()
