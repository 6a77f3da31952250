"""Runs the service: one event loop, graceful end, metrics on their own address, new settings on SIGHUP."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from .app import create_app
from .errors import SettingsError
from .metrics import metrics_app
from .settings import Settings, SignedUrl, load

log = logging.getLogger("orderside")

FINISH_S = 10
"""How long a request that is under way may still take when the service is told to stop."""


class _Quiet(uvicorn.Server):
    """A server beside the main one, which alone listens to signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


def serve(path: Path) -> None:
    """Serves until SIGINT or SIGTERM. Raises `SettingsError` before anything listens."""
    settings = load(path, os.environ)
    _warn(settings)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(settings, path))


async def _serve(settings: Settings, path: Path) -> None:
    app = create_app(settings)
    _reload_on_hangup(app, path)
    main = uvicorn.Server(config(app, settings.service.listen))
    if settings.service.metrics_listen is None:
        await main.serve()
        return
    metrics = _Quiet(config(metrics_app(app.state.meter), settings.service.metrics_listen))
    beside = asyncio.create_task(metrics.serve())
    try:
        await main.serve()
    finally:
        metrics.should_exit = True
        await beside


def config(app: ASGIApp, listen: str) -> uvicorn.Config:
    """How uvicorn runs an app of ours: no access log (paths and addresses), no server header."""
    host, _, port = listen.rpartition(":")
    return uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FINISH_S,
        h11_max_incomplete_event_size=32 * 1024,
    )


def _reload_on_hangup(app: Starlette, path: Path) -> None:
    def reload() -> None:
        try:
            new = load(path, os.environ)
        except SettingsError as error:
            log.error("settings not reloaded, the old ones hold: %s", error)  # noqa: TRY400 - the message says all
        else:
            app.state.move(new)
            _warn(new)
            log.info("settings reloaded: %d tenants", len(new.tenants))

    with contextlib.suppress(NotImplementedError, AttributeError):  # no such signal on Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload)


def _warn(settings: Settings) -> None:
    """What is accepted but not served by this version is said, so that nobody waits for it."""
    for tenant in settings.tenants.values():
        if isinstance(tenant.auth, SignedUrl):
            log.warning(
                "signed_url is not served by this version: all requests are refused", extra=_of(tenant.subdomain)
            )
        if tenant.zendesk is not None:
            log.warning(
                "proof is not read from Zendesk by this version: no sender counts as proven",
                extra=_of(tenant.subdomain),
            )


def _of(tenant: str) -> dict[str, str]:
    return {"tenant": tenant}
