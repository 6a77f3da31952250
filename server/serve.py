"""Runs the service: one event loop, graceful end, metrics on their own address, new settings on SIGHUP."""

import asyncio
import contextlib
import gc
import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from . import trail
from .app import Envelope, create_app
from .check import Checkup, Verdict, examine_all
from .door import MOST_HEAD_BYTES, bounded
from .errors import SettingsError
from .metrics import Meter, metrics_app
from .settings import Service, Settings, load
from .ways import SignedUrl

log = logging.getLogger("orderside")

FINISH_S = 10
"""How long a request that is under way may still take when the service is told to stop."""

CHECK_EVERY_S = 6 * 3600.0

TAKEN_UP = {"base_url", "private_networks", "session_secrets"}
"""Of `[service]`, what holds from SIGHUP on; the rest takes a restart."""


class _Server(uvicorn.Server):
    """One of several servers of a process: signals are for all of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """None."""
        yield


def serve(path: Path) -> None:
    """Serves until SIGINT or SIGTERM. Raises `SettingsError` before anything listens."""
    settings = load(path, os.environ)
    _warn(settings)
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=_loops()) as runner:
        runner.run(_serve(settings, path))


def _loops() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        from uvloop import new_event_loop
    except ImportError:  # on Windows
        return asyncio.new_event_loop
    return new_event_loop


def settle() -> None:
    """Tells the garbage collector that what is there now stays, and to look less often at what comes and goes.

    Answers hold no circles: they are freed when the last one lets go of them. At the collector's own thresholds the
    search for circles takes a tenth of a lookup's CPU, and now and then a tenth of a second at once.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _serve(settings: Settings, path: Path) -> None:
    app, service = create_app(settings), settings.service
    meter: Meter = app.state.meter
    with trail.kept(
        service.audit, path.parent, megabytes=service.audit_mb, files=service.audit_files, lost=meter.audit_lost
    ) as kept:
        meter.audit_waits(lambda: kept.waiting if kept else 0)
        await _run(app, settings, path)


async def _run(app: Starlette, settings: Settings, path: Path) -> None:
    servers = [_Server(config(app, settings.service.listen))]
    if settings.service.metrics_listen is not None:
        metrics = metrics_app(app.state.meter, [Middleware(Envelope, ids=lambda: secrets.token_urlsafe(12))])
        servers.append(_Server(config(metrics, settings.service.metrics_listen, lifespan="off")))

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    def drain() -> None:
        if not app.state.house.open:
            stop()  # told twice
            return
        log.info("draining for %d s", settings.service.drain_s)
        app.state.house = replace(app.state.house, open=False)
        asyncio.get_running_loop().call_later(settings.service.drain_s, stop)

    settle()
    _on(signal.SIGINT, stop)
    _on(signal.SIGTERM, drain)
    _on(getattr(signal, "SIGHUP", None), lambda: _reload(app, path, settings))
    doctor = asyncio.create_task(_doctor(app))
    await asyncio.gather(*(server.serve() for server in servers))
    doctor.cancel()


async def _doctor(app: Starlette) -> None:
    """Examines every store at the start and then from time to time: a connection says when it is about to fail."""
    while True:
        house = app.state.house
        stores = [(tenant, to) for tenant, connections in house.connections.items() for to in connections]
        checkups = []
        async for checkup in examine_all(stores, house.now):
            checkups.append(checkup)
            _tell(checkup)
        app.state.meter.checked(checkups)
        short = sum(checkup.verdict is Verdict.FAULT for checkup in checkups)
        log.info("checked %d stores, %d fall short", len(checkups), short)
        await asyncio.sleep(CHECK_EVERY_S)


def _tell(checkup: Checkup) -> None:
    """What needs doing, a line each."""
    extra = {"tenant": checkup.tenant, "store": checkup.store, "platform": checkup.platform}
    for finding in checkup.findings:
        if finding.verdict in {Verdict.FAULT, Verdict.WARNING}:
            level = logging.ERROR if finding.verdict is Verdict.FAULT else logging.WARNING
            log.log(level, "%s: %s. %s", finding.about, finding.text, finding.step or "", extra=extra)


def _on(signum: signal.Signals | None, act: Callable[[], None]) -> None:
    with contextlib.suppress(NotImplementedError):  # Windows: there Ctrl-C ends the process as it is
        if signum is not None:
            asyncio.get_running_loop().add_signal_handler(signum, act)


def config(app: ASGIApp, listen: str, lifespan: Literal["on", "off"] = "on") -> uvicorn.Config:
    """How uvicorn runs an app of ours: no access log (paths and addresses), no server header."""
    host, _, port = listen.rpartition(":")
    return uvicorn.Config(
        app,
        host=host.strip("[]"),
        port=int(port),
        http=bounded(),
        ws="none",
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks who called or how, so nobody can lie about it
        timeout_graceful_shutdown=FINISH_S,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
    )


def _reload(app: Starlette, path: Path, running: Settings) -> None:
    if not app.state.house.open:
        return
    try:
        new = load(path, os.environ)
    except SettingsError as error:
        log.error("settings not reloaded, the old ones hold: %s", error)  # noqa: TRY400 - the message says all
        return
    app.state.move(new)
    _warn(new)
    for key in Service.model_fields:
        if key not in TAKEN_UP and getattr(new.service, key) != getattr(running.service, key):
            log.warning("[service] %s: has changed, which takes a restart", key)
    if new.budget != running.budget:
        log.warning("[budget]: has changed, which takes a restart")
    log.info("settings reloaded: %d tenants", len(new.tenants))


def _warn(settings: Settings) -> None:
    """What is accepted but not yet complete is said, so that nobody wonders."""
    signed = {name: tenant.auth for name, tenant in settings.tenants.items() if isinstance(tenant.auth, SignedUrl)}
    for name, auth in signed.items():
        if auth.key is None:
            log.warning("public_key and installation_id are still missing: nobody is let in", extra=_of(name))
    if signed and settings.service.session_secrets is None:
        log.warning(
            "session_secrets is not set: open panels have to be reloaded after a restart, and no other process of this "
            "service knows them"
        )


def _of(tenant: str) -> dict[str, str]:
    return {"tenant": tenant}
