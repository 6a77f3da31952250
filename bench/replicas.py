"""Three replicas behind nginx, one killed, one stopped and all reloaded while agents work: which answers are lost.

`python -m bench.replicas [--tickets 300] [--at-once 8]`. Runs `orderside serve` three times, nginx with the example in
`deploy/nginx.conf` (ports and certificate are put in), and a shop that takes its time, so that panels come back for the
rest; all on loopback. Agents ask as the app does, its retries included. Then the same behind a balancer that knows no
account, and behind one that asks no other replica. Ends with 1 where an answer was lost. Needs nginx and openssl.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt

ROOT = Path(__file__).parent.parent
KEY = secrets.token_urlsafe(48)
TENANTS = 24
REPLICAS = 3
SHOP_S = 0.4
"""What the shop takes for an answer: longer than an agent's first wait, so that every panel comes back for the rest."""
FIRST_WAIT_MS = 200
FOLLOW_UPS, RETRIES = 4, 2
PASSING = {429: 5, 502: 1, 503: 5, 504: 1}
"""The app's own (`zendesk_app/assets/trouble.js`)."""
CALL_S = 5.0


@dataclass(slots=True)
class Tally:
    """What agents got. Times are in seconds."""

    whole: list[float] = field(default_factory=list)
    retried: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    silent: Counter[str] = field(default_factory=Counter)
    """Answers that say why the store is not in them: a machine at its end shows here."""
    questions: int = 0
    anew: int = 0
    """Questions that came back for a lookup and got another one."""
    calls: int = 0


# -- an agent ---------------------------------------------------------------------------------------------


class Failed(Exception):
    """One call that brought no answer; with the seconds after which the app asks again, if it does."""

    def __init__(self, what: str, wait: float | None) -> None:
        super().__init__(what)
        self.wait = wait


async def post(client: httpx.AsyncClient, url: str, tenant: int, body: Mapping[str, Any]) -> Any:
    """One call of the app's, by way of Zendesk's proxy, which says 502 where it reaches nobody."""
    now = int(time.time())
    claims = {"iss": f"t{tenant}", "aud": "https://orders.example.com", "iat": now, "exp": now + 60}
    token = jwt.encode(claims, KEY, algorithm="HS256")
    headers = {"authorization": f"Bearer {token}", "orderside-tenant": f"t{tenant}", "host": "orders.example.com"}
    try:
        async with asyncio.timeout(CALL_S):
            answer = await client.post(f"{url}/v1/summary", json=body, headers=headers)
    except httpx.TransportError as error:
        raise Failed(type(error).__name__, PASSING[502]) from None
    except TimeoutError:
        raise Failed("late", None) from None
    if answer.status_code != 200:
        after = re.search(r'"retry_after":(\d+)', answer.text)
        wait = PASSING.get(answer.status_code)
        raise Failed(str(answer.status_code), float(after[1]) if after and wait else wait)
    return answer.json()


async def look(client: httpx.AsyncClient, url: str, tenant: int, email: str, tally: Tally) -> str:
    """One look of the app's: asks until every store has spoken; gives the state of the account's one store."""
    body: dict[str, Any] = {"requester": {"email": email}, "wait_ms": FIRST_WAIT_MS}
    for _ in range(FOLLOW_UPS + 1):
        tally.questions += 1
        found = await post(client, url, tenant, body)
        tally.anew += body.get("lookup") not in {None, found["lookup"]}
        if found["complete"]:
            return "answered" if found["customer"] else str(found["sources"][0]["state"])
        body = {**body, "lookup": found["lookup"], "wait_ms": 3000}
        await asyncio.sleep(0.25)
    return "pending"


async def ticket(client: httpx.AsyncClient, url: str, number: int, tally: Tally) -> None:
    """One ticket, with the retries that the app makes without a click."""
    began = time.monotonic()
    for attempt in range(RETRIES + 1):
        try:
            told = await look(client, url, number % TENANTS, f"a{number}@example.com", tally)
        except Failed as failure:
            if failure.wait is None or attempt == RETRIES:
                tally.lost[str(failure)] += 1
                return
            tally.retried[str(failure)] += 1
            await asyncio.sleep(failure.wait)
        else:
            tally.whole.append(time.monotonic() - began)
            tally.silent[told] += told != "answered"
            return


# -- what they ask ----------------------------------------------------------------------------------------


@asynccontextmanager
async def shop(tally: Tally) -> AsyncIterator[str]:
    """A WooCommerce shop that knows everybody who is asked for, and takes its time."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                tally.calls += 1
                await asyncio.sleep(SHOP_S)
                path, _, query = head.split(b" ", 2)[1].decode().partition("?")
                email = re.search(r"email=([^&]+)", query)
                row = {"id": 1, "email": email[1].replace("%40", "@") if email else "", "first_name": "Ann"}
                body = json.dumps([{**row, "billing": {}}] if email and path.endswith("/customers") else []).encode()
                length = f"content-length: {len(body)}\r\nx-wp-total: 1\r\nx-wp-totalpages: 1\r\n"
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + length.encode() + b"\r\n" + body
                )
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody has just now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@dataclass(slots=True)
class Replica:
    """One `orderside serve`."""

    folder: Path
    port: int
    child: asyncio.subprocess.Process | None = None

    async def start(self, origin: str) -> None:
        """Returns when it is ready."""
        config = self.folder / f"{self.port}.toml"
        tenants = "".join(
            f'[[tenant]]\nsubdomain = "t{n}"\n[tenant.auth]\nmethod = "proxied"\nsecrets = ["env:KEY"]\n'
            f'[[tenant.store]]\nname = "S"\nplatform = "woocommerce"\norigin = "{origin}"\n'
            f'key = "env:KEY"\nsecret = "env:KEY"\n'
            for n in range(TENANTS)
        )
        service = f'base_url = "https://orders.example.com"\nlisten = "127.0.0.1:{self.port}"\ndrain_s = 2\n'
        config.write_text(f"[service]\n{service}{tenants}")
        with (self.folder / f"{self.port}.log").open("ab") as log:
            self.child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server.cli", "serve", "--config", str(config),
                cwd=ROOT, env={**os.environ, "KEY": KEY}, stdout=log, stderr=log,
            )  # fmt: skip
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(30):
            while True:
                try:
                    if (await client.get(f"http://127.0.0.1:{self.port}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    def tell(self, signum: signal.Signals) -> None:
        """Sends it a signal, if it runs."""
        if self.child is not None and self.child.returncode is None:
            self.child.send_signal(signum)

    async def end(self) -> None:
        """Leaves no process behind."""
        self.tell(signal.SIGKILL)
        if self.child is not None:
            await self.child.wait()


def nginx_config(folder: Path, port: int, replicas: Sequence[int], *, by_account: bool, retries: bool) -> Path:
    """The example of `deploy/nginx.conf`, with our ports, paths and certificate."""
    site = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for number, replica in enumerate(replicas, start=1):
        site = site.replace(f"127.0.0.1:808{number} ", f"127.0.0.1:{replica} ")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    site = site.replace("/etc/ssl/orderside/", f"{folder}/").replace("/var/log/nginx/", f"{folder}/")
    if not by_account:
        site = re.sub(r"(?m)^    hash .*$", "", site)
    if not retries:
        site = re.sub(r"(?m)^(\s+proxy_next_upstream) .*$", r"\1 off;", site)
    (folder / "site.conf").write_text(site)
    config = folder / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(
        f"pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1; daemon off;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{ {temporary}\ninclude {folder}/site.conf; }}\n"
    )
    return config


@asynccontextmanager
async def nginx(folder: Path, replicas: Sequence[int], *, by_account: bool, retries: bool) -> AsyncIterator[str]:
    """nginx before these replicas, and its address."""
    (port,) = free_ports(1)
    config = nginx_config(folder, port, replicas, by_account=by_account, retries=retries)
    child = await asyncio.create_subprocess_exec(
        "nginx", "-c", str(config), "-p", str(folder), "-e", f"{folder}/error.log"
    )
    try:
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                except OSError:
                    await asyncio.sleep(0.05)
        yield f"https://127.0.0.1:{port}"
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


# -- the run ----------------------------------------------------------------------------------------------


async def disturb(replicas: Sequence[Replica], origin: str, tickets: int, tally: Tally) -> None:
    """After each fifth something happens: all reload, one is killed, it is back, another stops."""

    async def reached(share: float) -> None:
        while len(tally.whole) + sum(tally.lost.values()) < share * tickets:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)

    await reached(0.2)
    for replica in replicas:
        replica.tell(signal.SIGHUP)
    await reached(0.4)
    await replicas[0].end()
    await reached(0.6)
    await replicas[0].start(origin)
    await reached(0.8)
    replicas[1].tell(signal.SIGTERM)


async def run(tickets: int, at_once: int, *, by_account: bool, retries: bool) -> Tally:
    """One storm of tickets over one set of replicas."""
    tally = Tally()
    room = asyncio.Semaphore(at_once)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="orderside-replicas-")))
        await certificate(folder)
        origin = await stack.enter_async_context(shop(tally))
        replicas = [Replica(folder, port) for port in free_ports(REPLICAS)]
        for replica in replicas:
            stack.push_async_callback(replica.end)
        await asyncio.gather(*(replica.start(origin) for replica in replicas))
        ports = [replica.port for replica in replicas]
        url = await stack.enter_async_context(nginx(folder, ports, by_account=by_account, retries=retries))
        trust = ssl.create_default_context(cafile=folder / "fullchain.pem")
        client = await stack.enter_async_context(httpx.AsyncClient(verify=trust, trust_env=False, timeout=2 * CALL_S))
        await asyncio.sleep(1.0)  # the checks at the start are over, and not counted
        tally.calls = 0

        async def one(number: int) -> None:
            async with room:
                await ticket(client, url, number, tally)

        disturbing = asyncio.create_task(disturb(replicas, origin, tickets, tally))
        await asyncio.gather(*map(one, range(tickets)))
        await disturbing
    return tally


async def certificate(folder: Path) -> None:
    """A certificate for loopback that lives for a day."""
    child = await asyncio.create_subprocess_exec(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=orders.example.com",
        "-addext", "subjectAltName=IP:127.0.0.1,DNS:orders.example.com",
        "-keyout", str(folder / "key.pem"), "-out", str(folder / "fullchain.pem"),
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await child.wait():
        raise SystemExit("openssl could not make a certificate")


def tell(name: str, tickets: int, tally: Tally) -> None:
    """Prints one run."""
    whole = sorted(tally.whole)
    print(f"{name}:")
    print(f"  answers lost                        {sum(tally.lost.values())} of {tickets}  {dict(tally.lost) or ''}")
    print(f"  answers without the store           {sum(tally.silent.values())}  {dict(+tally.silent) or ''}")
    print(f"  asked again by the app              {sum(tally.retried.values())}  {dict(tally.retried) or ''}")
    print(f"  came back, and began anew           {tally.anew} of {tally.questions} questions")
    print(f"  calls to the shop per ticket        {tally.calls / tickets:.2f}")
    if whole:
        p95 = whole[int(len(whole) * 0.95)]
        print(f"  whole panel, median and 95 in 100   {statistics.median(whole):.2f} s, {p95:.2f} s")


RUNS = {
    "deploy/nginx.conf": {"by_account": True, "retries": True},
    "any replica in turn": {"by_account": False, "retries": True},
    "any in turn, and no other is asked for one that dies": {"by_account": False, "retries": False},
}


def main() -> int:
    """The three runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=8)
    args = parser.parse_args()
    if not shutil.which("nginx") or not shutil.which("openssl"):
        print("bench.replicas needs nginx and openssl; Debian has both.", file=sys.stderr)
        return 2
    lost = 0
    for name, how in RUNS.items():
        tally = asyncio.run(asyncio.wait_for(run(args.tickets, args.at_once, **how), 300))
        tell(name, args.tickets, tally)
        lost += sum(tally.lost.values())
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main())
