"""The demo's world on one loopback port: the ticket page, the embedded stores, and the real service between them."""

import contextlib
import os
import re
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from .. import packaging
from ..app import create_app
from ..settings import load
from . import shopify, shopify_data, woocommerce, woocommerce_data
from .amazon import amazon_store
from .api2cart import api2cart_store
from .bigcommerce import bigcommerce_store
from .ebay import ebay_store
from .magento import magento_store
from .prestashop import prestashop_store
from .saleor import saleor_store
from .scenarios import SCENARIOS
from .signed import SignedApp, app_key
from .ticket_page import INSTALLATION_IDS, SDK_HERE, TicketPage

HOST = "127.0.0.1"

SLOW_S = 1.0
"""What Cedar Classics takes for each request."""

SETTINGS = files(__package__).joinpath("orderside.toml").read_text("utf-8")
SECRETS = frozenset(re.findall(r"file:secrets/([\w.-]+)", SETTINGS))
TENANTS = tuple(name for name in re.findall(r'^subdomain *= "(\w+)"', SETTINGS, re.MULTILINE) if name in SECRETS)
"""The accounts whose app asks through Zendesk's proxy. Fir's is served by the service."""


def demo(
    port: int,
    folder: Path,
    now: datetime,
    closed: int,
    *,
    sdk: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    new_secret: Callable[[], str] = lambda: secrets.token_urlsafe(48),
) -> Starlette:
    """The one app for `port`; its settings and secrets are written below `folder`, which it does not remove.

    Orders and tickets are dated relative to `now`. `closed` is a loopback port that refuses connections, for the
    store that is always down; `sdk` a script to serve as Zendesk's SDK, `transport` what stands for the network.
    """
    address = f"http://{HOST}:{port}"
    keys = _write_secrets(folder / "secrets", new_secret)
    signed = SignedApp("fir", INSTALLATION_IDS["fir", "right"], app_key())
    (folder / "fir.pem").write_text(signed.public_key, "utf-8")
    places = {
        "@ADDRESS@": address,
        "@LISTEN@": f"{HOST}:{port}",
        "@CLOSED@": f"http://{HOST}:{closed}",
        "@INSTALLATION@": str(signed.installation),
    }
    settings = re.sub("@[A-Z]+@", lambda place: places[place[0]], SETTINGS)
    (folder / "orderside.toml").write_text(settings, "utf-8")
    service = create_app(load(folder / "orderside.toml", {}), transport=transport, sdk=SDK_HERE)
    client = httpx.AsyncClient(trust_env=False)
    page = TicketPage(
        app=packaging.files(address, loopback=True),
        secrets={tenant: keys[tenant] for tenant in TENANTS},
        signed={signed.subdomain: signed},
        wrong_secret=new_secret(),
        now=now,
        client=client,
        sdk=sdk,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with client, service.router.lifespan_context(service):
            yield

    stores = [Mount(f"/stores/{slug}", store) for slug, store in _stores(keys, now).items()]
    app = Starlette(routes=[*page.routes(), *stores], lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = service  # not mounted at "/": a mount does not match a path with a line break in it
    return app


def _stores(keys: Mapping[str, str], now: datetime) -> Mapping[str, ASGIApp]:
    """The embedded stores by the last part of their address. Birch Outlet has none: nothing listens there."""

    def shop(slug: str, data: woocommerce.Shop, delay: float = 0.0) -> ASGIApp:
        key, secret = keys[f"{slug}.key"], keys[f"{slug}.secret"]
        return woocommerce.woocommerce_store(data, key=key, secret=secret, delay=delay)

    return {
        "acme-eu": shop("acme-eu", woocommerce_data.acme_eu(now)),
        "acme-us": shopify.Store(shopify_data.acme_us(now), keys["acme-us.token"]),
        "birch-home": shop("birch-home", woocommerce_data.birch_home(now)),
        "cedar": shopify.Store(shopify_data.cedar(now), keys["cedar.token"]),
        "cedar-classics": shop("cedar-classics", woocommerce_data.cedar_classics(now), SLOW_S),
        "dune-outlet": shop("dune-outlet", woocommerce_data.cedar_classics(now)),
        "fir-home": shop("fir-home", woocommerce_data.birch_home(now)),
        "elm-workshop": shop("elm-workshop", woocommerce_data.birch_home(now)),
        "dune-home": bigcommerce_store(now, store_hash="d3moh0m3", access_token=keys["dune-home.token"]),
        "dune-garden": magento_store(now, access_token=keys["dune-garden.token"]),
        "dune-studio": saleor_store(now, token=keys["dune-studio.token"]),
        "dune-france": prestashop_store(now, key=keys["dune-france.key"]),
        "dune-on-ebay": api2cart_store(now, api_key=keys["dune-on-ebay.api"], store_key=keys["dune-on-ebay.store"]),
        "elm-on-ebay": ebay_store(
            now,
            client_id="Elm-orders",
            client_secret=keys["elm-on-ebay.secret"],
            refresh_token=keys["elm-on-ebay.token"],
        ),
        "elm-on-amazon": amazon_store(
            now,
            client_id=keys["elm-on-amazon.id"],
            client_secret=keys["elm-on-amazon.secret"],
            refresh_token=keys["elm-on-amazon.token"],
        ),
    }


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A loopback port that refuses connections: bound, so that nobody else takes it meanwhile, but not listening."""
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        yield closed.getsockname()[1]


def _write_secrets(folder: Path, new_secret: Callable[[], str]) -> Mapping[str, str]:
    """A new secret for everything that the settings refer to, each in a file that only this user can read."""
    folder.mkdir(mode=0o700)
    keys = {name: new_secret() for name in sorted(SECRETS)}
    for name, secret in keys.items():
        with open(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret)
    return keys


# -- orderside demo ---------------------------------------------------------------------------------------


def run(port: int, say: Callable[[str], object] = sys.stdout.write) -> int:
    """Serves the demo on loopback until Ctrl-C; returns the exit code. Nothing of it stays behind."""
    try:
        bound = listener(port)
    except OSError:
        say(f"Port {port} is taken. Choose another one, for example: orderside demo --port {port + 1}\n")
        return 1
    # A plain kill should clean up as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(KeyboardInterrupt))
        stack.enter_context(bound)
        closed = stack.enter_context(closed_port())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orderside-demo-")))
        app = demo(port, folder, datetime.now(UTC), closed)
        say(_greeting(port, folder))
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, ws="none")).run([bound])
    say("\nThe demo has ended; its folder is removed.\n")
    return 0


def listener(port: int) -> socket.socket:
    """A listening loopback socket; port 0 takes a free one. Raises `OSError` where it is taken.

    Made as a TCP socket by name: else asyncio does not know that it is one, leaves Nagle's algorithm on, and every
    answer waits 40 ms for an acknowledgement.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
        bound.listen(100)
    except OSError:
        bound.close()
        raise
    return bound


def _greeting(port: int, folder: Path) -> str:
    width = max(len(scenario.title) for scenario in SCENARIOS)
    tickets = "\n".join(f"  {scenario.title:{width}}  {scenario.look}" for scenario in SCENARIOS)
    return f"""
Orderside demo: open http://{HOST}:{port}/ and click through the tickets on the left.

{tickets}

The same stores from another terminal:

  orderside lookup --config {folder / "orderside.toml"} --tenant acme --email jane.doerr@gmail.com

Everybody here is invented, and nothing leaves this machine. Ctrl-C ends it.
"""
